// The rows of a child table as data: cells, exact totals, undo. Knows no element.
import Decimal from "../../vendor/decimal.mjs";

const NUMBER = /^[+-]?(\d{1,3}(,\d{3})*|\d+)?(\.\d+)?$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const MOST_UNDO = 200;

/** The exact number of a text, or null where it is none. */
export function number(text) {
  const plain = String(text ?? "").trim();
  return plain && NUMBER.test(plain) && /\d/.test(plain) ? new Decimal(plain.replaceAll(",", "")) : null;
}

/** A number in words: thousands for money and totals, the column's decimals. */
export function numberText(found, column) {
  const text = column.scale === null || column.scale === undefined ? found.toFixed() : found.toFixed(column.scale);
  if (!column.money) return text;
  const [whole, rest] = text.split(".");
  return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (rest === undefined ? "" : `.${rest}`);
}

export class Model {
  /** @param data what engine.web.grids gives */
  constructor(data) {
    this.columns = data.columns;
    this.editable = data.editable;
    this.most = data.max ?? Infinity;
    this.rows = data.rows.map((row) => ({ id: row.id, v: row.v, t: row.t ?? {}, fixed: new Set(row.fixed), touched: {} }));
    this.dirty = false;
    this.turn = 0;
    this.past = [];
    this.future = [];
    this.sums = this.columns.map((column) => (column.total ? new Decimal(0) : null));
    for (const row of this.rows) this.count(row, 1);
    this.listeners = [];
  }

  get length() {
    return this.rows.length;
  }

  value(row, column) {
    return this.rows[row]?.v[column] ?? "";
  }

  /** What a cell shows. */
  text(row, column) {
    const held = this.rows[row];
    const value = held.v[column] ?? "";
    if (value === "" && !held.t[column]) return "";
    const about = this.columns[column];
    if (about.widget === "one" || about.widget === "many" || about.widget === "file") {
      return held.t[column] ?? this.titles(column, value) ?? value;
    }
    if (about.widget === "number") {
      const found = number(value);
      return found ? numberText(found, about) : value;
    }
    return about.widget === "check" ? (value === "true" ? "✓" : "") : (held.t[column] ?? value);
  }

  titles(column, value) {
    const options = this.columns[column].options;
    if (!options) return undefined;
    return value.split(",").map((code) => options.find(([one]) => one === code)?.[1] ?? code).join("、");
  }

  /** Why a cell that somebody filled cannot be what its column wants, as a word of the pages; else empty. */
  misread(row, column) {
    const held = this.rows[row];
    const value = held?.v[column] ?? "";
    if (value === "" || !held.touched[column]) return "";
    const { widget, options, scale } = this.columns[column];
    if (widget === "number") {
      const found = number(value);
      return !found ? "cell_number" : scale === 0 && !found.isInteger() ? "cell_whole" : "";
    }
    if (widget === "date") return DATE.test(value) ? "" : "cell_date";
    if (widget !== "one") return "";
    if (held.pending?.[column] === value) return "cell_pending";
    return held.unknown?.[column] === value || (options && !options.some(([code]) => code === value)) ? "cell_choice" : "";
  }

  /** Note that a typed choice is being looked up, or that there is none of that name. */
  note(row, column, what, value) {
    const held = this.rows[row];
    for (const kind of ["pending", "unknown"]) delete held[kind]?.[column];
    if (what) held[what] = { ...held[what], [column]: value };
  }

  mayEdit(row, column) {
    return this.editable && this.columns[column].editable && !this.rows[row]?.fixed.has(column);
  }

  isEmpty(row) {
    return this.rows[row].v.every((value, column) => value === "" || value === "false" || !this.mayEdit(row, column));
  }

  /** The exact total of a column as text. */
  total(column) {
    return this.sums[column] ? numberText(this.sums[column], { ...this.columns[column], money: true }) : "";
  }

  count(row, sign) {
    this.sums.forEach((sum, column) => {
      const found = sum && number(row.v[column]);
      if (found) this.sums[column] = sign > 0 ? sum.plus(found) : sum.minus(found);
    });
  }

  // --- changes ---------------------------------------------------------------------------------------------------

  /** Set cells `[row, column, value, text?]` as one step that can be undone; `joined` makes it part of the last one. */
  setCells(cells, joined = false) {
    const done = cells
      .filter(([row, column, value, text]) => this.value(row, column) !== value || (text !== undefined && text !== this.rows[row].t[column]))
      .map(([row, column, value, text]) => [row, column, value, text, this.value(row, column), this.rows[row].t[column]]);
    if (!done.length) return;
    if (!joined || !this.past.length) return this.perform({ cells: done });
    this.apply({ cells: done }, true);
    this.past.push({ steps: [this.past.pop(), { cells: done }] });
  }

  insert(at, count = 1) {
    const room = Math.min(count, this.most - this.length);
    if (room > 0) this.perform({ insert: at, rows: Array.from({ length: room }, () => this.blank()) });
    return Math.max(room, 0);
  }

  remove(at, count = 1) {
    if (count > 0) this.perform({ remove: at, rows: this.rows.slice(at, at + count) });
  }

  /** Several changes as one step. */
  together(act) {
    this.bundle = [];
    act();
    const steps = this.bundle;
    this.bundle = null;
    if (steps.length) this.remember({ steps });
  }

  blank() {
    return { id: "", v: this.columns.map((column) => (column.widget === "check" ? "false" : "")), t: {}, fixed: new Set(), touched: {} };
  }

  perform(change) {
    this.apply(change, true);
    if (this.bundle) this.bundle.push(change);
    else this.remember(change);
  }

  remember(change) {
    this.past.push(change);
    if (this.past.length > MOST_UNDO) this.past.shift();
    this.future = [];
  }

  undo() {
    const change = this.past.pop();
    if (!change) return;
    this.future.push(change);
    this.apply(change, false);
  }

  redo() {
    const change = this.future.pop();
    if (!change) return;
    this.past.push(change);
    this.apply(change, true);
  }

  apply(change, forward) {
    if (change.steps) {
      for (const step of forward ? change.steps : [...change.steps].reverse()) this.apply(step, forward);
      return;
    }
    const touched = new Set();
    if (change.cells) {
      for (const [row, column, value, text, before, beforeText] of change.cells) {
        this.put(row, column, forward ? value : before, forward ? text : beforeText);
        this.rows[row].touched[column] = ++this.turn;
        touched.add(row);
      }
    } else {
      const at = change.insert ?? change.remove;
      if ((change.insert !== undefined) === forward) {
        this.rows.splice(at, 0, ...change.rows);
        for (const row of change.rows) this.count(row, 1);
        change.rows.forEach((_, place) => touched.add(at + place));
      } else {
        for (const row of this.rows.splice(at, change.rows.length)) this.count(row, -1);
      }
    }
    this.dirty = true;
    this.tell({ rows: touched, moved: !change.cells });
  }

  put(row, column, value, text) {
    const held = this.rows[row];
    const before = this.sums[column] && number(held.v[column]);
    const after = this.sums[column] && number(value);
    if (before) this.sums[column] = this.sums[column].minus(before);
    if (after) this.sums[column] = this.sums[column].plus(after);
    held.v[column] = value;
    if (text === undefined) delete held.t[column];
    else held.t[column] = text;
  }

  /** Take in what the engine worked out; it is no step of the person's. Cells are `[row, column, value, text]`. */
  given(cells, ids) {
    const rows = new Set();
    for (const [row, column, value, text] of cells) {
      if (!this.rows[row]) continue;
      const worded = ["one", "many"].includes(this.columns[column].widget) ? text : undefined;
      if (this.value(row, column) === value && this.rows[row].t[column] === worded) continue;
      this.put(row, column, value, worded);
      rows.add(row);
    }
    ids?.forEach((id, row) => {
      if (this.rows[row] && !this.rows[row].id) this.rows[row].given = id;
    });
    if (rows.size) this.tell({ rows, given: true });
  }

  /** Take rows that the engine made; only where nobody has changed any. */
  replace(rows) {
    this.rows = rows.map((row) => ({ id: row.id, v: row.v, t: row.t ?? {}, fixed: new Set(row.fixed), touched: {} }));
    this.sums = this.columns.map((column) => (column.total ? new Decimal(0) : null));
    for (const row of this.rows) this.count(row, 1);
    this.tell({ rows: new Set(), given: true });
  }

  tell(what) {
    for (const listener of this.listeners) listener(what);
  }

  // --- what is sent ----------------------------------------------------------------------------------------------

  /** Rows as the server takes them: what may be edited, by name. A cell that follows others newly changed goes empty,
   * for the engine to fill; one that somebody emptied goes as null, and stays so. */
  sent() {
    let last = this.length;
    while (last > 0 && !this.rows[last - 1].id && this.isEmpty(last - 1)) last--; // rows begun and left empty
    return this.rows.slice(0, last).map((row, place) => {
      const found = row.id ? { id: row.id } : {};
      this.columns.forEach((column, index) => {
        if (!this.mayEdit(place, index)) return;
        const emptied = row.v[index] === "" && row.touched[index] && column.sources;
        found[column.name] = this.follows(row, index) ? "" : emptied ? null : this.plain(row.v[index], column);
      });
      return found;
    });
  }

  follows(row, column) {
    const mine = row.touched[column] ?? 0;
    return (this.columns[column].sources ?? []).some((source) => (row.touched[source] ?? 0) > mine);
  }

  plain(value, column) {
    return column.widget === "many" ? value.split(",").filter(Boolean) : value;
  }
}
