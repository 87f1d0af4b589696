// An editable child table: puts model, view and editor together and reads keys, pointer and clipboard.
// Arrows move, typing replaces, F2 edits, Enter goes down, Tab right, Escape leaves; cells are copied and pasted as in
// spreadsheets; Ctrl D fills down, Insert and Ctrl Delete put rows in and take them out; every step can be undone.
import { icon, make } from "../elements.js";
import { formOf } from "../fields.js";
import { send } from "../files.js";
import { postJson } from "../http.js";
import { busy } from "../pending.js";
import { say } from "../words.js";
import { formatCells, parseCells } from "./clipboard.js";
import { Editor, tidy } from "./editor.js";
import { Model } from "./model.js";
import { View } from "./view.js";

const MOST_LOOKED_UP = 60;

export class Grid {
  /** @param place the element of the page @param data what engine.web.grids gives @param addresses options and upload, by path */
  constructor(place, data, addresses) {
    this.place = place;
    this.data = data;
    this.addresses = addresses;
    this.model = new Model(data);
    this.view = new View(this.model, data.title);
    this.editor = new Editor(this.view, {
      search: (column, text) => this.search(column, text, this.view.active.row),
      commit: (value, text) => this.commit(value, text),
      later: (where, typed, looking) => this.typedAhead(place, where, typed, looking),
    });
    this.told = make("div", { className: "grid-told", "aria-live": "polite" });
    this.note = make("span", { className: "grid-note" });
    this.bar = this.toolbar();
    this.view.none.textContent = data.editable ? say("no_rows") : say("no_rows_read");
    this.view.element.append(this.bar);
    place.append(this.view.element);
    this.allRevealed = false;
    this.model.listeners.push((what) => this.changed(place, what));
    this.listen();
    this.setFindings(data.findings, true);
    this.view.onFit = () => this.editor.editing || this.settle();
    this.view.fit();
    this.view.draw();
    this.settle();
  }

  // --- what the form asks ----------------------------------------------------------------------------------------

  /** Rows as they are sent, or null where nobody changed them. */
  rows() {
    return this.model.dirty || this.data.typed ? this.model.sent() : null;
  }

  setFindings(findings, all = false) {
    this.allRevealed ||= all && findings.length > 0;
    const seen = this.allRevealed ? findings : findings.filter(({ at }) => Object.keys(this.model.rows[Number(at[0])]?.touched ?? {}).length);
    this.view.setFaults(seen);
    this.showTold();
  }

  /** Go to the next cell with a fault after a place, else to the first; where there is none, stay. */
  focusFault(after = { row: -1, column: -1 }) {
    const faults = [...this.view.faults.keys()].map((key) => key.split(":").map(Number)).sort(([a, c], [b, d]) => a - b || c - d);
    const next = faults.find(([row, column]) => row > after.row || (row === after.row && column > after.column)) ?? faults[0];
    if (next) this.move(next[0], Math.max(next[1], 0));
    this.editor.input.focus();
  }

  /** Go to a cell, `row.column` by the column's name; without one to the first fault. */
  focusAt(at) {
    const [row, name] = at.split(".");
    if (!at) return this.focusFault();
    this.move(Number(row), Math.max(this.model.columns.findIndex((column) => column.name === name), 0));
    this.editor.input.focus();
  }

  // --- parts -----------------------------------------------------------------------------------------------------

  toolbar() {
    const button = (words, symbol, act) => {
      const made = make("button", { type: "button", className: "button quiet small", title: words }, icon(symbol), words);
      made.addEventListener("click", act);
      return made;
    };
    const bar = make("div", { className: "grid-bar" });
    if (this.data.editable) {
      bar.append(
        button(say("row_add"), "plus", () => this.add(this.model.length)),
        button(say("row_insert"), "insert", () => this.insertHere()),
        button(say("row_remove"), "trash", () => this.removeRows()),
        button(say("undo"), "return", () => this.step("undo")),
      );
    }
    this.next = make("button", { type: "button", className: "button quiet small grid-next", hidden: true });
    this.next.addEventListener("click", () => this.focusFault(this.view.active));
    bar.append(this.note, this.next, this.told);
    return bar;
  }

  listen() {
    const { scroll } = this.view;
    scroll.addEventListener("mousedown", (event) => this.press(event));
    scroll.addEventListener("dblclick", () => this.toggleOrEdit());
    const input = this.editor.input;
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("focus", () => this.settle());
    input.addEventListener("blur", () => {
      if (this.editor.editing) this.editor.end();
      this.editor.picker.close();
    });
    for (const kind of ["change", "input"]) input.addEventListener(kind, (event) => event.stopPropagation());
    input.addEventListener("copy", (event) => this.copy(event));
    input.addEventListener("cut", (event) => this.copy(event) && this.clear());
    input.addEventListener("paste", (event) => this.paste(event));
  }

  changed(place, { rows, moved, given }) {
    const last = Math.max(this.model.length - 1, 0);
    if (this.view.active.row > last) this.select(last, this.view.active.column);
    this.note.textContent = say("rows", { count: this.model.length.toLocaleString("en-US") });
    this.view.soon();
    if (moved) this.view.setFaults([]);
    if (!given) place.dispatchEvent(new CustomEvent("grid:change", { bubbles: true, detail: { rows, field: this.data.field } }));
  }

  // --- where one is ----------------------------------------------------------------------------------------------

  /** Put the editor over the active cell and say where that is. */
  settle() {
    const { row, column } = this.view.active;
    this.note.textContent = say("rows", { count: this.model.length.toLocaleString("en-US") });
    this.editor.holder.hidden = !this.model.length;
    if (!this.model.length) return;
    const faults = this.view.faultsAt(row, column).map((one) => one.text).join(" ");
    const about = this.model.columns[column];
    this.editor.rest([`${about.title} ${say("row")} ${row + 1}`, this.model.text(row, column), faults].filter(Boolean).join(", "));
    this.showTold();
  }

  showTold() {
    const { row, column } = this.view.active;
    const rows = this.view.faultyRows.size;
    this.next.hidden = !rows;
    this.next.textContent = say("rows_faulty", { count: rows });
    const own = this.model.length ? this.view.faultsAt(row, column) : [];
    const found = own.length ? own : (this.view.faults.get(`${row}:-1`) ?? []);
    const text = found.map((one) => one.text).join(" ");
    if (this.told.textContent !== text) this.told.textContent = text;
    this.told.classList.toggle("warned", found.length > 0 && found.every((one) => one.level !== "error"));
  }

  select(row, column, stretch = false) {
    const { view } = this;
    if (!stretch) this.anchor = { row, column };
    const from = this.anchor ?? { row, column };
    view.active = { row, column };
    view.range = {
      top: Math.min(from.row, row),
      bottom: Math.max(from.row, row),
      left: Math.min(from.column, column),
      right: Math.max(from.column, column),
    };
  }

  move(row, column, stretch = false) {
    if (this.editor.editing) this.editor.end();
    if (!this.model.length) return;
    const place = { row: clamp(row, this.model.length - 1), column: clamp(column, this.model.columns.length - 1) };
    this.select(place.row, place.column, stretch);
    this.view.reveal(place.row, place.column);
    this.view.draw();
    this.settle();
  }

  press(event) {
    const found = this.view.cellOf(event.target);
    if (!found) return;
    event.preventDefault();
    if (found.drop) {
      this.select(found.row, 0);
      return this.removeRows();
    }
    this.move(found.row, Math.max(found.column, 0), event.shiftKey);
    if (found.column < 0) this.view.range = { ...this.view.range, left: 0, right: this.model.columns.length - 1 };
    this.editor.input.focus({ preventScroll: true });
    this.view.draw();
    this.drag();
  }

  drag() {
    const over = (event) => {
      const found = this.view.cellOf(event.target);
      if (found && found.column >= 0 && (found.row !== this.view.active.row || found.column !== this.view.active.column)) {
        this.move(found.row, found.column, true);
      }
    };
    const scroll = this.view.scroll;
    scroll.addEventListener("mousemove", over);
    addEventListener("mouseup", () => scroll.removeEventListener("mousemove", over), { once: true });
  }

  // --- keys ------------------------------------------------------------------------------------------------------

  key(event) {
    if (event.isComposing) return;
    const acted = this.editor.editing ? this.editingKey(event) : this.movingKey(event);
    if (acted) event.preventDefault();
  }

  editingKey(event) {
    const { row, column } = this.view.active;
    if (this.editor.picks && this.editor.picker.key(event)) {
      if (event.key === "Enter") this.down();
      return true;
    }
    if (event.key === "Escape") {
      this.editor.cancel();
      this.settle();
      return true;
    }
    if (event.key === "Enter") {
      this.editor.end();
      this.down();
      return true;
    }
    if (event.key === "Tab") {
      this.editor.end();
      return this.tab(event.shiftKey);
    }
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !this.editor.picks) {
      this.move(row + (event.key === "ArrowDown" ? 1 : -1), column);
      return true;
    }
    return false;
  }

  movingKey(event) {
    const { row, column } = this.view.active;
    const page = Math.max(1, Math.floor(this.view.scroll.clientHeight / this.view.rowHeight) - 3);
    const control = event.ctrlKey || event.metaKey;
    const steps = {
      ArrowUp: [control ? 0 : row - 1, column],
      ArrowDown: [control ? this.model.length - 1 : row + 1, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      PageUp: [row - page, column],
      PageDown: [row + page, column],
      Home: [control ? 0 : row, 0],
      End: [control ? this.model.length - 1 : row, this.model.columns.length - 1],
    };
    if (event.altKey && event.key === "ArrowDown") return this.toggleOrEdit() ?? true;
    if (steps[event.key]) return this.move(...steps[event.key], event.shiftKey) ?? true;
    if (control) return this.controlKey(event);
    const acts = {
      Enter: () => this.down(),
      F2: () => this.toggleOrEdit(),
      Delete: () => this.clear(),
      Insert: () => this.data.editable && this.insertHere(),
      Backspace: () => this.clear(),
      Escape: () => this.bar.querySelector("button")?.focus(),
    };
    if (event.key === "Tab") return this.tab(event.shiftKey);
    if (event.key === " " && this.model.columns[column].widget === "check") return this.toggleOrEdit() ?? true;
    if (acts[event.key]) return acts[event.key]() ?? true;
    return false;
  }

  controlKey(event) {
    if (event.key === "Delete") return this.removeRows() ?? true;
    const acts = { z: () => this.step(event.shiftKey ? "redo" : "undo"), y: () => this.step("redo"), d: () => this.fillDown(), a: () => this.all() };
    const act = acts[event.key.toLowerCase()];
    if (!act) return false;
    act();
    return true;
  }

  /** Down one row; past the last one a new row begins, unless the last is still empty. */
  down() {
    const { row, column } = this.view.active;
    if (row === this.model.length - 1 && this.data.editable && !this.model.isEmpty(row)) return this.add(this.model.length, column);
    this.move(row + 1, column);
  }

  /** Right one cell, over the end of the row; out of the grid where it ends. */
  tab(back) {
    const { row, column } = this.view.active;
    const last = this.model.columns.length - 1;
    if (back) {
      if (column > 0) return this.move(row, column - 1) ?? true;
      return row > 0 ? (this.move(row - 1, last) ?? true) : false;
    }
    if (column < last) return this.move(row, column + 1) ?? true;
    if (row < this.model.length - 1) return this.move(row + 1, 0) ?? true;
    return this.data.editable && this.model.length && !this.model.isEmpty(row) ? (this.add(this.model.length) ?? true) : false;
  }

  // --- changes ---------------------------------------------------------------------------------------------------

  commit(value, text) {
    const { row, column } = this.view.active;
    this.model.setCells([[row, column, value, text]]);
    this.view.draw();
    this.settle();
  }

  /** A choice that was typed faster than the list came. */
  async typedAhead(place, { row, column }, typed, looking) {
    const held = this.model.rows[row];
    this.model.note(row, column, "pending", typed);
    this.model.setCells([[row, column, typed, typed]]); // what was typed stands until it is known what it means
    this.view.draw();
    const found = await busy(place, looking);
    const now = this.model.rows.indexOf(held);
    if (now < 0 || held.v[column] !== typed) return; // the row is gone, or something else was typed meanwhile
    this.model.note(now, column, found ? "" : "unknown", typed);
    if (found) this.model.setCells([[now, column, found[0], found[1]]], true);
    this.view.draw();
    if (!this.editor.editing) this.settle();
  }

  toggleOrEdit() {
    const { row, column } = this.view.active;
    if (!this.model.length || !this.model.mayEdit(row, column)) return;
    const { widget } = this.model.columns[column];
    if (widget === "file") return this.takeFile(row, column);
    if (widget !== "check") return this.editor.begin();
    this.commit(String(this.model.value(row, column) !== "true"));
  }

  /** A file is chosen, goes up at once, and stays in the cell by what names it. */
  takeFile(row, column) {
    const chooser = make("input", { type: "file" });
    chooser.addEventListener("change", async () => {
      try {
        const stored = await send(this.addresses.upload(this.model.columns[column].path), chooser.files[0]);
        this.model.setCells([[row, column, JSON.stringify(stored), stored.name]]);
        this.settle();
      } catch (error) {
        this.told.textContent = error.message || say("upload_failed");
      }
    });
    chooser.click();
  }

  add(at, column = this.firstEditable()) {
    if (!this.model.insert(at)) {
      this.told.textContent = say("rows_most", { count: this.model.most });
      return;
    }
    this.move(at, column);
    this.editor.input.focus({ preventScroll: true });
  }

  /** A row before the active one; without rows, the first. */
  insertHere() {
    this.add(this.model.length ? this.view.range.top : 0, this.model.length ? this.view.active.column : undefined);
  }

  firstEditable() {
    return Math.max(this.model.columns.findIndex((column) => column.editable), 0);
  }

  removeRows() {
    const { top, bottom } = this.view.range;
    if (!this.data.editable || !this.model.length) return;
    this.model.remove(top, bottom - top + 1);
    this.move(Math.min(top, this.model.length - 1), this.view.active.column);
    this.view.draw();
    this.settle();
  }

  step(way) {
    this.model[way]();
    this.move(this.view.active.row, this.view.active.column);
  }

  all() {
    this.view.range = { top: 0, bottom: this.model.length - 1, left: 0, right: this.model.columns.length - 1 };
    this.view.draw();
  }

  cellsOfRange() {
    const { top, bottom, left, right } = this.view.range;
    const found = [];
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) if (this.model.mayEdit(row, column)) found.push([row, column]);
    }
    return found;
  }

  clear() {
    this.model.setCells(this.cellsOfRange().map(([row, column]) => [row, column, this.model.columns[column].widget === "check" ? "false" : ""]));
    this.view.draw();
  }

  fillDown() {
    const { top } = this.view.range;
    const from = this.view.range.bottom > top ? top : top - 1;
    if (from < 0) return;
    const cells = this.cellsOfRange().filter(([row]) => row > from);
    this.model.setCells(cells.map(([row, column]) => [row, column, this.model.value(from, column), this.model.rows[from].t[column]]));
    this.view.draw();
    this.settle();
  }

  // --- clipboard -------------------------------------------------------------------------------------------------

  copy(event) {
    if (this.editor.editing || !this.model.length) return false;
    const { top, bottom, left, right } = this.view.range;
    const rows = this.model.rows.slice(top, bottom + 1).map((_, place) => {
      const row = top + place;
      return this.model.columns.slice(left, right + 1).map((column, index) => this.copied(row, left + index));
    });
    event.clipboardData.setData("text/plain", formatCells(rows));
    event.preventDefault();
    return true;
  }

  copied(row, column) {
    const { widget } = this.model.columns[column];
    if (widget === "check") return say(this.model.value(row, column) === "true" ? "yes" : "no");
    return widget === "number" ? this.model.value(row, column) : this.model.text(row, column);
  }

  paste(event) {
    if (this.editor.editing || !this.data.editable) return;
    event.preventDefault();
    const pasted = parseCells(event.clipboardData.getData("text/plain"));
    const { row: from, column: left } = this.model.length ? this.view.active : { row: 0, column: 0 };
    const unknown = new Map();
    let used = 0;
    this.model.together(() => {
      const lacking = from + pasted.length - this.model.length;
      if (lacking > 0) this.model.insert(this.model.length, lacking);
      used = Math.min(pasted.length, this.model.length - from);
      const cells = [];
      for (let place = 0; place < used; place++) {
        pasted[place].forEach((text, index) => this.pasteCell(cells, unknown, from + place, left + index, text));
      }
      this.model.setCells(cells);
    });
    this.select(from, left);
    this.view.range = { top: from, bottom: from + used - 1, left, right: Math.min(left + (pasted[0]?.length ?? 1) - 1, this.model.columns.length - 1) };
    this.view.draw();
    this.settle();
    this.told.textContent = used < pasted.length ? say("rows_most", { count: this.model.most }) : say("pasted", { count: used });
    busy(this.place, this.lookUp(unknown)); // what is sent meanwhile waits for the codes
  }

  pasteCell(cells, unknown, row, column, text) {
    if (column >= this.model.columns.length || !this.model.mayEdit(row, column)) return;
    const about = this.model.columns[column];
    const typed = text.trim();
    if (about.widget !== "one" || !typed) return cells.push([row, column, tidy(typed, about)]);
    const named = about.options?.filter(([, , keys]) => (keys ?? "").split(" ").includes(typed)) ?? [];
    const option = about.options?.find(([value, title]) => value === typed || title === typed) ?? (named.length === 1 ? named[0] : undefined);
    cells.push([row, column, option?.[0] ?? typed, option?.[1] ?? typed]);
    if (!option && !about.options) {
      const key = `${column}\t${typed}`;
      unknown.set(key, [...(unknown.get(key) ?? []), row]);
    }
  }

  /** Titles that were pasted into columns with long lists become their codes. */
  async lookUp(unknown) {
    for (const [key, rows] of [...unknown].slice(0, MOST_LOOKED_UP)) {
      const [column, text] = [Number(key.split("\t")[0]), key.slice(key.indexOf("\t") + 1)];
      const found = await this.search(this.model.columns[column], text, rows[0]).catch(() => []);
      const exact = found.filter(([value, title, , named]) => named || title === text || value === text);
      const still = rows.filter((row) => this.model.value(row, column) === text);
      if (exact.length !== 1) still.forEach((row) => this.model.note(row, column, "unknown", text));
      else this.model.setCells(still.map((row) => [row, column, exact[0][0], exact[0][1]]), true);
    }
    this.view.draw();
  }

  async search(column, text, row) {
    const typed = text.trim().toLowerCase();
    if (column.options) {
      return column.options.filter(([value, title, keys]) =>
        [value.toLowerCase(), title.toLowerCase()].some((one) => one.includes(typed)) || (keys ?? "").split(" ").some((one) => one.startsWith(typed)));
    }
    const form = column.narrowed ? formOf(this.place, row) : undefined; // the rest of the form only where it matters
    return postJson(this.addresses.options(column.path), { text, form });
  }
}

function clamp(value, most) {
  return Math.min(Math.max(value, 0), Math.max(most, 0));
}
