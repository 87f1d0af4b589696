// The fields of a form as data: read, write, show, hide, mark. Knows the mark-up of fields.html and nothing else.
import { icon, make } from "./elements.js";
import { say } from "./words.js";

const PREFIX = { "v.": "raw", "a.": "asked" };

/** What the form would send: `{raw, asked}` by field name; child tables as lists of rows. */
export function formValues(form) {
  const found = { raw: {}, asked: {} };
  const seen = new FormData(form);
  for (const name of new Set(seen.keys())) {
    const part = PREFIX[name.slice(0, 2)];
    if (!part) continue;
    const field = form.querySelector(`[data-name="${CSS.escape(name)}"]`);
    const texts = seen.getAll(name);
    found[part][name.slice(2)] = reading(field, texts);
  }
  for (const grid of form.querySelectorAll("[data-grid]")) {
    const rows = grid.rows?.();
    if (rows) found.raw[grid.dataset.grid.slice(2)] = rows; // a table that nobody changed stays as it is stored
  }
  return found;
}

/** What a picker tells of the form that it stands in; nothing where no document is at hand. */
export function formOf(element, row) {
  const form = element.closest("form[data-record]");
  return form ? { ...formValues(form), record_id: form.dataset.record, row } : undefined;
}

function reading(field, texts) {
  const widget = field?.dataset.widget;
  if (widget === "checks" || widget === "tags") return texts.filter((text) => text !== "");
  if (widget === "file") return texts[0] ? JSON.parse(texts[0]) : null;
  return texts[texts.length - 1];
}

/** The element around one field. */
export function fieldOf(form, name) {
  return form.querySelector(`[data-name="${CSS.escape(name)}"]`);
}

/** Show or hide a field or section; what comes into view slides in. */
export function setShown(element, shown) {
  if (!element || element.hidden === !shown) return;
  element.hidden = !shown;
  element.classList.toggle("slid", shown);
}

/** A way to the record that a finding speaks of, in a window of its own: the form stays. */
function wayTo(address) {
  return address ? [" ", make("a", { href: address, target: "_blank", rel: "noopener", textContent: say("form_about") })] : [];
}

/** Put or take the mark of a required field. */
export function setRequired(field, required) {
  const mark = field.querySelector(".required");
  if (mark) mark.hidden = !required;
  for (const input of field.querySelectorAll(".input")) {
    input.required = required;
    if (required) input.setAttribute("aria-required", "true");
    else input.removeAttribute("aria-required");
  }
}

/** Write a value into a field that the person is not in. `value` is the input's text or a list, `text` its wording. */
export function setValue(field, value, text) {
  if (field.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")) return;
  const output = field.querySelector("output.given");
  if (output) return writeOutput(output, text || "—");
  const combo = field.querySelector("[data-combo]:not([data-many])");
  if (combo) {
    if (combo.querySelector("input[type=hidden]").value !== value) {
      combo.dispatchEvent(new CustomEvent("combo:set", { detail: { value: value ?? "", text: text ?? "" } }));
    }
    return;
  }
  const boxes = field.querySelectorAll("input[type=checkbox], input[type=radio]");
  if (boxes.length) {
    const chosen = Array.isArray(value) ? value : [value];
    boxes.forEach((box) => (box.checked = chosen.includes(box.value)));
    return;
  }
  const input = field.querySelector(".input");
  if (input && !Array.isArray(value) && !same(input.value, value)) input.value = value ?? "";
}

function writeOutput(output, text) {
  if (output.textContent === text) return;
  output.textContent = text;
  output.classList.remove("renewed");
  void output.offsetWidth; // lets the animation begin anew
  output.classList.add("renewed");
}

/** Whether two texts mean the same value: 1,000.00 is 1000. */
export function same(one, other) {
  const [a, b] = [String(one ?? ""), String(other ?? "")];
  if (a === b) return true;
  const numbers = [a, b].map((text) => (/^[+-]?[\d,]+(\.\d+)?$/.test(text) ? Number(text.replaceAll(",", "")) : NaN));
  return numbers[0] === numbers[1] || a.replace(/\s/g, "") === b.replace(/\s/g, "");
}

/** Show what is wrong with a field, in place of what was shown before. */
export function setFindings(field, findings) {
  const place = field.querySelector(":scope > .told");
  if (!place) return;
  const words = findings.map((one) => `${one.level}:${one.text}`).join("\n");
  if (place.dataset.words !== words) {
    place.dataset.words = words;
    place.replaceChildren(
      ...findings.map((one) => make("p", { className: one.level }, icon(one.level === "warn" ? "warn" : "error"), one.text, ...wayTo(one.about))),
    );
  }
  const wrong = findings.some((one) => one.level === "error");
  for (const input of field.querySelectorAll(":scope > .input, :scope > .combo > .input, :scope > .date > .input, :scope .tick input")) {
    if (wrong) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
}
