// Pickers of forms and filters: one choice kept in a hidden input, or several as tags.
import { icon, make } from "./elements.js";
import { formOf, setFindings } from "./fields.js";
import { busy } from "./pending.js";
import { postJson } from "./http.js";
import { Picker } from "./picker.js";
import { say } from "./words.js";

/** Bring all pickers below an element to life. */
export function startCombos(below) {
  for (const root of below.querySelectorAll("[data-combo]:not([data-live])")) {
    root.dataset.live = "yes";
    if ("many" in root.dataset) new Several(root);
    else new One(root);
  }
}

/** How the choices of a picker are asked for. */
function searching(root) {
  return (text) => postJson(root.dataset.options, { text, event: root.dataset.event, form: formOf(root) });
}

function changed(element) {
  element.dispatchEvent(new Event("change", { bubbles: true }));
}

class One {
  constructor(root) {
    this.root = root;
    this.hidden = root.querySelector("input[type=hidden]");
    this.input = root.querySelector("input.input");
    this.title = this.input.value;
    this.picker = new Picker(this.input, { search: searching(root), pick: (option) => this.take(option), holder: root });
    this.input.addEventListener("click", () => this.picker.open || this.picker.load(""));
    this.input.addEventListener("input", (event) => {
      event.stopPropagation();
      this.picker.typed = true;
      if (!event.isComposing) this.picker.later(this.input.value);
    });
    this.input.addEventListener("change", (event) => event.stopPropagation()); // only the hidden input speaks
    this.input.addEventListener("compositionend", () => this.picker.later(this.input.value));
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Tab" && this.picker.typed && this.picker.fresh && this.picker.active >= 0) this.picker.choose(this.picker.active);
      if (this.picker.key(event)) event.preventDefault();
      else if (event.key === "Enter" && this.picker.typed && !event.isComposing) {
        event.preventDefault();
        this.leave();
      }
    });
    this.input.addEventListener("blur", () => this.leave());
    root.addEventListener("combo:set", (event) => this.show(event.detail));
  }

  take([value, title]) {
    this.show({ value, text: title });
    changed(this.hidden);
  }

  show({ value, text }) {
    this.hidden.value = value;
    this.input.value = this.title = text;
    this.picker.typed = false;
  }

  /** What was typed and not chosen: nothing clears, what names one choice counts, anything else is told and goes back. */
  async leave() {
    const typed = this.input.value.trim();
    if (typed === this.title) return this.picker.close();
    const looking = typed ? this.picker.resolve(typed) : Promise.resolve(["", ""]);
    this.picker.close();
    this.picker.typed = false;
    const found = await busy(this.root, looking);
    if (this.input.value.trim() !== typed) return; // typed on meanwhile
    if (found) return this.take(found);
    this.input.value = this.title;
    const field = this.root.closest("[data-field]");
    if (field) setFindings(field, [{ level: "error", text: `${say("search_none")}: ${typed}` }]);
  }
}

class Several {
  constructor(root) {
    this.root = root;
    this.list = root.querySelector(".picked");
    this.input = root.querySelector("input.input");
    this.picker = new Picker(this.input, { search: searching(root), pick: (option) => this.add(option), holder: root });
    this.list.addEventListener("click", (event) => {
      const button = event.target.closest(".drop-tag");
      if (button) this.drop(button.closest("li"));
    });
    this.input.addEventListener("click", () => this.picker.open || this.picker.load(""));
    this.input.addEventListener("input", (event) => {
      event.stopPropagation();
      this.picker.typed = true;
      if (!event.isComposing) this.picker.later(this.input.value);
    });
    this.input.addEventListener("change", (event) => event.stopPropagation());
    this.input.addEventListener("keydown", (event) => {
      if (this.picker.key(event)) event.preventDefault();
      else if (event.key === "Backspace" && !this.input.value && this.list.lastElementChild) this.drop(this.list.lastElementChild);
    });
    this.input.addEventListener("blur", () => {
      this.picker.close();
      this.input.value = "";
    });
  }

  add([value, title]) {
    this.input.value = "";
    this.picker.typed = false;
    if (this.list.querySelector(`[data-value="${CSS.escape(value)}"]`)) return;
    const button = make("button", { type: "button", className: "drop-tag", "aria-label": `${say("remove")} ${title}` }, icon("close"));
    const hidden = make("input", { type: "hidden", name: this.root.dataset.name, value });
    this.list.append(make("li", { "data-value": value }, hidden, make("span", { textContent: title }), button));
    changed(hidden);
  }

  drop(item) {
    item.remove();
    changed(this.root.querySelector("input[type=hidden]"));
    this.input.focus();
  }
}
