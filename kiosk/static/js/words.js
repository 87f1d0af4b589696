// Texts of the kiosk for scripts, in the language of the page; the server puts them into the document.
const words = JSON.parse(document.getElementById("words")?.textContent ?? "{}");

/** The text of a key with its {places} filled. */
export function say(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** An element with its class, text and attributes. */
export function make(tag, name = "", text = "", attributes = {}) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (tag === "button") made.type = "button";
  return made;
}
