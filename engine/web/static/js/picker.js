// A list of choices beneath an input, found while one types (WAI-ARIA combobox with listbox popup).
// Used by the pickers of forms and by the cells of the grid.
import { debounced, make } from "./elements.js";
import { say } from "./words.js";

let count = 0;

export class Picker {
  /**
   * @param input the text input
   * @param search (text) -> Promise of [value, title, note] rows
   * @param pick ([value, title]) -> void
   * @param holder the element that the list is put into
   */
  constructor(input, { search, pick, holder }) {
    Object.assign(this, { input, search, pick, holder, options: [], active: -1, asked: 0 });
    this.list = make("div", { className: "choices", role: "listbox", id: `choices-${++count}`, popover: "manual" });
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", this.list.id);
    const label = input.getAttribute("aria-label") || input.labels?.[0]?.textContent.trim();
    this.list.setAttribute("aria-label", label || say("find"));
    holder.append(this.list);
    this.list.addEventListener("mousedown", (event) => event.preventDefault()); // the input keeps the focus
    this.list.addEventListener("click", (event) => {
      const row = event.target.closest("[role=option]");
      if (row) this.choose(Number(row.dataset.place));
    });
    this.later = debounced((text) => this.load(text), 160);
    this.follow = () => this.keepUp();
  }

  get open() {
    return this.list.matches(":popover-open");
  }

  /** Look for choices and show them. */
  async load(text) {
    const turn = ++this.asked;
    let found = null;
    try {
      found = await this.search(text);
    } catch {
      found = null;
    }
    if (turn !== this.asked || document.activeElement !== this.input) return;
    this.options = found ?? [];
    this.shown = text;
    this.draw(found === null ? say("search_fail") : this.options.length ? "" : say("search_none"));
    this.mark(text && this.options.length ? 0 : -1);
  }

  draw(note) {
    const rows = this.options.map(([, title, detail], place) => {
      const row = make("div", { role: "option", id: `${this.list.id}-${place}`, "aria-selected": "false", "data-place": place });
      row.append(make("span", { textContent: title }));
      if (detail && detail !== title) row.append(make("small", { textContent: detail }));
      return row;
    });
    if (note) rows.push(make("p", { className: "none", textContent: note, role: "presentation" }));
    this.list.replaceChildren(...rows);
    this.show();
  }

  show() {
    if (!this.open) {
      this.list.showPopover();
      this.input.setAttribute("aria-expanded", "true");
      requestAnimationFrame(this.follow);
    }
    this.place();
  }

  /** Go along with the input as long as the list is open: scrolled, or pushed down by what came in above it. */
  keepUp() {
    if (!this.open) return;
    const { left, top, width } = this.input.getBoundingClientRect();
    const at = `${left} ${top} ${width} ${innerWidth} ${innerHeight}`;
    if (at !== this.at) this.place();
    this.at = at;
    requestAnimationFrame(this.follow);
  }

  /** Beneath the input, or above it where there is more room; it floats, so that no box around it cuts it off. */
  place() {
    const box = this.input.getBoundingClientRect();
    const below = innerHeight - box.bottom - 8;
    const above = below < 220 && box.top > below;
    const style = this.list.style;
    style.minWidth = `${box.width}px`;
    style.maxHeight = `${Math.min(300, above ? box.top - 8 : below)}px`;
    style.left = `${Math.max(4, Math.min(box.left, innerWidth - this.list.offsetWidth - 4))}px`;
    style.top = above ? "auto" : `${box.bottom + 3}px`;
    style.bottom = above ? `${innerHeight - box.top + 3}px` : "auto";
  }

  close() {
    this.later.cancel();
    this.asked++;
    if (this.open) this.list.hidePopover();
    this.input.setAttribute("aria-expanded", "false");
    this.mark(-1);
  }

  mark(place) {
    this.list.querySelector('[aria-selected="true"]')?.setAttribute("aria-selected", "false");
    this.active = place;
    const row = this.list.querySelector(`[data-place="${place}"]`);
    if (!row) return this.input.removeAttribute("aria-activedescendant");
    row.setAttribute("aria-selected", "true");
    row.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", row.id);
  }

  /** Whether the list belongs to what stands in the input: fast typing is ahead of it. */
  get fresh() {
    return this.open && this.shown.trim() === this.input.value.trim();
  }

  /** The one choice that a typed text names, or null. */
  async resolve(text) {
    const found = this.fresh ? this.options : await this.search(text).catch(() => []);
    const exact = found.filter(([value, title, , named]) => named || title === text || value === text);
    return exact.length === 1 ? exact[0] : found.length === 1 ? found[0] : null;
  }

  choose(place) {
    const option = this.options[place];
    this.close();
    if (option) this.pick(option);
  }

  /** An arrow that opens the list goes into it, so that Enter takes a choice and does not send the form. */
  enter(down) {
    if (this.open && this.active < 0 && this.options.length) this.mark(down ? 0 : this.options.length - 1);
  }

  /** Handle a key; true when it was one of the list's. */
  key(event) {
    if (event.isComposing) return false;
    const last = this.options.length - 1;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const down = event.key === "ArrowDown";
      if (!this.open) this.load(this.typed ? this.input.value : "").then(() => this.enter(down));
      else if (last >= 0) this.mark(down ? (this.active >= last ? 0 : this.active + 1) : this.active <= 0 ? last : this.active - 1);
      return true;
    }
    if (event.key === "Enter" && this.fresh && this.active >= 0) {
      this.choose(this.active);
      return true;
    }
    if (event.key === "Escape" && this.open) {
      this.close();
      return true;
    }
    return false;
  }
}
