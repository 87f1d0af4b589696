// The one input of a grid. It always has the focus while the grid is worked in, lies over the active cell, and is
// unseen until something is typed: so input methods compose right where the text will stand.
import { tidyDate } from "../dates.js";
import { make } from "../elements.js";
import { Picker } from "../picker.js";
import { number, numberText } from "./model.js";

const TRUE = new Set(["true", "1", "是", "√", "✓", "y", "yes"]);

export class Editor {
  /**
   * @param search (column, text) -> Promise of options
   * @param commit (value, text) -> void
   * @param later ({row, column}, typed, Promise of an option or null) -> void: what was typed ahead of the list
   */
  constructor(view, { search, commit, later }) {
    Object.assign(this, { view, commit, later, editing: false });
    this.model = view.model;
    this.input = make("input", { className: "grid-editor idle", type: "text", autocomplete: "off", spellcheck: false, enterKeyHint: "next" });
    this.holder = make("div", { className: "grid-holder" }, this.input);
    view.stack.append(this.holder);
    this.picker = new Picker(this.input, {
      holder: this.holder,
      search: (text) => search(this.column, text),
      pick: ([value, title]) => this.picked(value, title),
    });
    this.plain();
    this.input.addEventListener("input", (event) => this.typed(event));
    this.input.addEventListener("compositionend", () => this.look());
  }

  get column() {
    return this.view.model.columns[this.view.active.column];
  }

  get picks() {
    return this.column.widget === "one" || this.column.widget === "many";
  }

  /** Say what the input is: a box with a list in cells that pick, a plain one else. */
  plain() {
    if (this.picks) this.input.setAttribute("role", "combobox");
    for (const name of ["aria-autocomplete", "aria-expanded", "aria-controls"]) {
      if (!this.picks) this.input.removeAttribute(name);
    }
    if (!this.picks) this.input.removeAttribute("role");
    else {
      this.input.setAttribute("aria-autocomplete", "list");
      this.input.setAttribute("aria-expanded", String(this.picker.open));
      this.input.setAttribute("aria-controls", this.picker.list.id);
    }
  }

  /** Lie over the active cell, unseen. */
  rest(label) {
    const { row, column } = this.view.active;
    const box = this.view.place(row, column);
    this.editing = false;
    this.picker.close();
    this.input.value = "";
    this.input.className = `grid-editor idle ${this.column.widget === "number" ? "number" : ""}`;
    this.input.readOnly = !this.view.model.mayEdit(row, column) || this.column.widget === "file";
    this.input.inputMode = this.column.widget === "number" ? "decimal" : "text";
    this.input.maxLength = this.column.most && this.column.widget === "text" ? this.column.most : 524288;
    this.input.setAttribute("aria-label", label);
    this.plain();
    this.holder.style.transform = `translate(${box.left}px, ${box.top + this.view.top.offsetHeight}px)`;
    this.input.style.width = `${box.width}px`;
  }

  /** Edit what is there. */
  begin() {
    const { row, column } = this.view.active;
    if (!this.view.model.mayEdit(row, column)) return;
    this.open();
    this.input.value = this.picks ? this.view.model.text(row, column) : this.view.model.value(row, column);
    this.input.select();
    if (this.picks) this.picker.load("");
  }

  open() {
    this.editing = true;
    this.input.classList.remove("idle");
  }

  typed(event) {
    if (!this.editing) this.open();
    if (!event.isComposing) this.look();
  }

  look() {
    if (this.picks && this.editing) this.picker.later(this.input.value);
  }

  picked(value, title) {
    const { row, column } = this.view.active;
    if (this.column.widget !== "many") return this.finish(value, title);
    const chosen = new Set(this.view.model.value(row, column).split(",").filter(Boolean));
    const titles = new Set(this.view.model.text(row, column).split("、").filter(Boolean));
    for (const [set, one] of [[chosen, value], [titles, title]]) if (!set.delete(one)) set.add(one);
    this.finish([...chosen].join(","), [...titles].join("、"));
  }

  finish(value, text) {
    this.editing = false;
    this.commit(value, text);
  }

  /** Take over what was typed. In a cell that picks, only what names one choice counts. */
  end() {
    if (!this.editing) return;
    const typed = this.input.value.trim();
    if (!this.picks) return this.finish(tidy(typed, this.column));
    if (!typed) return this.finish("", undefined);
    const { options, active, fresh } = this.picker;
    const seen = fresh ? (options.find(([value, title, , named]) => named || title === typed || value === typed) ?? options[active]) : null;
    if (seen && this.column.widget === "one") return this.finish(seen[0], seen[1]);
    const place = { ...this.view.active };
    const looking = this.picker.resolve(typed);
    this.cancel();
    if (this.model.columns[place.column].widget === "one") this.later(place, typed, looking);
  }

  cancel() {
    this.editing = false;
    this.picker.close();
    this.input.value = "";
    this.input.classList.add("idle");
  }
}

/** A typed or pasted text as the cell keeps it. */
export function tidy(text, column) {
  if (column.widget === "date") return tidyDate(text);
  if (column.widget === "check") return String(TRUE.has(text.trim().toLowerCase()));
  if (column.widget === "number") {
    const found = number(text);
    return found ? numberText(found, { scale: found.decimalPlaces() <= (column.scale ?? 99) ? null : undefined, money: false }) : text;
  }
  return text;
}
