// Scans brought in: one after the other with progress; then the server is asked what became of each.
import { icon, make } from "./elements.js";
import { send } from "./files.js";
import { say } from "./words.js";

const drop = document.querySelector("[data-scans]");
const list = document.querySelector("[data-scan-list]");
const input = drop?.querySelector("input[type=file]");

async function take(files) {
  for (const file of files) {
    const bar = make("progress", { max: 1, value: 0, "aria-label": `${say("uploading")} ${file.name}` });
    const row = make("li", { className: "sheet scan-row" }, icon("file"), make("strong", { textContent: file.name }), bar);
    list.prepend(row);
    try {
      const taken = await send(drop.dataset.upload, file, (share) => (bar.value = share));
      await show(row, taken.part);
    } catch (error) {
      bar.replaceWith(make("span", { className: "error", role: "alert", textContent: error.message || say("upload_failed") }));
    }
  }
}

/** Put in what the server says of the scan; the part asks again by itself until it has been read. */
async function show(row, address) {
  const answer = await fetch(address, { headers: { "HX-Request": "true" } });
  if (!answer.ok) throw new Error(say("upload_failed"));
  row.className = "";
  row.innerHTML = await answer.text();
  window.htmx?.process(row);
}

if (drop) {
  input.addEventListener("change", () => {
    take([...input.files]);
    input.value = "";
  });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", kind === "dragover");
      if (kind === "drop") take([...event.dataTransfer.files]);
    });
  }
}
