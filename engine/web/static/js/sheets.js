// Importing: a file may be dropped; its name stands where it was dropped.
const form = document.querySelector("[data-bring]");
const drop = form?.querySelector("[data-drop-file]");
const input = drop?.querySelector("input");

function chosen() {
  drop.classList.toggle("chosen", input.files.length > 0);
  if (input.files.length) drop.querySelector("[data-chosen]").textContent = input.files[0].name;
}

if (drop) {
  input.addEventListener("change", chosen);
  for (const kind of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", kind === "dragover");
      if (kind !== "drop" || !event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      chosen();
      form.requestSubmit();
    });
  }
  chosen();
}
