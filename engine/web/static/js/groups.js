// Long identifiers are set in groups while they are typed; the groups are spaces that the server takes out again.

/** Bring all grouped inputs below an element to life. */
export function startGroups(below) {
  for (const input of below.querySelectorAll("input[data-groups]:not([data-live])")) {
    input.dataset.live = "yes";
    const sizes = input.dataset.groups.split(" ").map(Number);
    input.value = grouped(input.value, sizes);
    input.addEventListener("input", (event) => event.isComposing || regroup(input, sizes));
  }
}

/** The text in groups of the given sizes; what is masked or too long stays as it is. */
export function grouped(text, sizes) {
  const plain = text.replace(/\s/g, "");
  if (plain.includes("*") || plain.length > sizes.reduce((sum, size) => sum + size, 0)) return text;
  const parts = [];
  let from = 0;
  for (const size of sizes) {
    if (from < plain.length) parts.push(plain.slice(from, (from += size)));
  }
  return parts.join(" ");
}

function regroup(input, sizes) {
  const before = input.value.slice(0, input.selectionStart).replace(/\s/g, "").length;
  const text = grouped(input.value, sizes);
  if (text === input.value) return;
  input.value = text;
  let caret = 0;
  for (let signs = 0; signs < before && caret < text.length; caret++) if (text[caret] !== " ") signs++;
  input.setSelectionRange(caret, caret);
}
