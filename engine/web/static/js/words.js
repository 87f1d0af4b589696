// Texts of the pages for scripts, in the language of the page; the server puts them into the document.
const words = JSON.parse(document.getElementById("words")?.textContent ?? "{}");

/** The text of a key with its {places} filled. */
export function say(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
