// A form that works along while one types: what the browser can decide by itself at once (engine.expressions as trees),
// the rest by a preview from the server shortly after. Nothing that the person is typing is ever overwritten.
import Decimal from "../vendor/decimal.mjs";
import { debounced } from "./elements.js";
import { evaluate } from "./expressions.js";
import { fieldOf, formValues, setFindings, setRequired, setShown, setValue } from "./fields.js";
import { number, numberText } from "./grid/model.js";
import { postJson } from "./http.js";
import { say } from "./words.js";

const ROUNDS = 4; // computed fields that feed each other settle in so many
const MANY_ROWS = 200;

export class Live {
  /** @param form the form @param about what the server wrote beside it @param grids by field name */
  constructor(form, about, grids) {
    Object.assign(this, { form, about, grids });
    this.values = { ...about.values };
    this.fields = about.fields;
    this.touched = new Set((form.elements._changed?.value ?? "").split(" ").filter(Boolean));
    this.fresh = new Set();
    this.answered = new Set();
    this.turns = new Map();
    this.turn = 0;
    this.revealed = about.posted;
    this.known = new Set(Object.entries(this.fields).flatMap(([name, one]) => [name, ...Object.keys(one.columns ?? {})]));
    this.usable = new Map();
    this.kept = {};
    this.state = form.querySelector("[data-form-state]");
    this.later = debounced(() => this.preview(), () => (this.rowCount() > MANY_ROWS ? 1400 : 350));
    form.addEventListener("input", (event) => this.noted(event, false));
    form.addEventListener("change", (event) => this.noted(event, true));
    form.addEventListener("grid:change", (event) => this.gridNoted(event.detail));
    form.addEventListener("focusout", () => this.left());
    form.addEventListener("submit", () => this.settle(), { capture: true });
    for (const [name, grid] of Object.entries(grids)) grid.model.listeners.unshift((what) => this.forget(name, what));
  }

  rowCount() {
    return Object.values(this.grids).reduce((sum, grid) => sum + grid.model.length, 0);
  }

  // --- what the person does --------------------------------------------------------------------------------------

  noted(event, settled) {
    const field = event.target.closest("[data-field]");
    if (!field || field.dataset.widget === "table") return;
    const name = field.dataset.field;
    if (field.dataset.name.startsWith("v.")) this.note(name);
    else this.answered.add(name);
    this.read(name, field);
    this.local();
    if (settled || !field.querySelector("textarea")) this.later();
  }

  note(name) {
    this.touched.add(name);
    this.fresh.add(name);
    this.turns.set(name, ++this.turn);
    if (this.form.elements._changed) this.form.elements._changed.value = [...this.touched].join(" ");
    this.dirty = true;
  }

  gridNoted({ field, rows }) {
    this.note(field);
    this.localRows(field, this.grids[field].model.length > MANY_ROWS ? rows : null);
    this.local();
    this.later();
  }

  read(name, field) {
    const part = field.dataset.name.startsWith("v.") ? "raw" : "asked";
    const found = formValues(this.form)[part][name];
    if (part === "raw") this.values[name] = found;
  }

  /** What is sent: a value that the engine gives is left to it again once something it follows from was changed; one
   * that somebody emptied after that stays empty. */
  sent() {
    const found = formValues(this.form);
    for (const [name, sources] of Object.entries(this.about.sources)) {
      if (name in found.raw && this.follows(name, sources)) found.raw[name] = "";
      else if (found.raw[name] === "" && this.touched.has(name)) found.raw[name] = null;
    }
    return found;
  }

  follows(name, sources) {
    const mine = this.turns.get(name) ?? 0;
    return sources.some((source) => (this.turns.get(source) ?? 0) > mine);
  }

  /** Before the form goes: empty what the engine shall give anew. */
  settle() {
    this.leaving = true;
    const emptied = [];
    for (const [name, sources] of Object.entries(this.about.sources)) {
      const field = fieldOf(this.form, `v.${name}`);
      const input = field?.querySelector(`[name="v.${CSS.escape(name)}"]`);
      if (input && this.follows(name, sources) && !this.previewed) input.value = "";
      else if (input?.value === "" && this.touched.has(name)) emptied.push(name);
    }
    if (this.form.elements._emptied) this.form.elements._emptied.value = emptied.join(" ");
  }

  // --- at once, in the browser -----------------------------------------------------------------------------------

  env(row, parent, index) {
    const now = this.about.now;
    return {
      row, parent, index, this: parent ?? row, event: {}, locals: {}, up: parent ? { row: parent } : null,
      today: now.slice(0, 10), now, code: (list, code, column) => this.column(list, code, column),
    };
  }

  column(list, code, column) {
    const rows = this.about.formulas.codes?.[list];
    if (!rows) throw new TypeError(`the list ${list} is with the server`);
    return rows[code]?.[column] ?? null;
  }

  /** The document as expressions see it. */
  row() {
    const row = {};
    for (const [name, about] of Object.entries(this.fields)) {
      row[name] = about.columns ? this.rowsOf(name) : typed(this.values[name], about.kind);
    }
    return row;
  }

  /** Rows of a child table as expressions see them; kept, because there may be thousands. */
  rowsOf(name) {
    const { model } = this.grids[name] ?? {};
    if (!model) return [];
    return (this.kept[name] ??= model.rows.map((_, row) => this.gridRow(model, name, row)));
  }

  forget(name, { rows, moved, given }) {
    const kept = this.kept[name];
    if (moved || (given && !rows.size) || !kept) delete this.kept[name];
    else for (const row of rows) kept[row] = this.gridRow(this.grids[name].model, name, row);
  }

  gridRow(model, name, row) {
    const columns = this.fields[name].columns;
    const found = {};
    model.columns.forEach((column, place) => (found[column.name] = typed(model.value(row, place), columns[column.name].kind)));
    return found;
  }

  /** Whether all that a tree reads is on this page. */
  here(tree) {
    if (!this.usable.has(tree)) this.usable.set(tree, reads(tree).every((name) => this.known.has(name)));
    return this.usable.get(tree);
  }

  solve(tree, env) {
    if (!this.here(tree)) return undefined;
    try {
      return evaluate(tree, env, Decimal);
    } catch {
      return undefined; // the server's preview will say
    }
  }

  local() {
    const { value = {}, show = {}, required = {} } = this.about.formulas;
    for (let round = 0; round < ROUNDS && this.compute(value); round++);
    const env = this.env(this.row(), null, null);
    for (const [name, tree] of Object.entries(show)) {
      const found = this.solve(tree, env);
      if (found !== undefined) setShown(fieldOf(this.form, `v.${name}`), found === true);
    }
    for (const [name, tree] of Object.entries(required)) {
      const field = fieldOf(this.form, `v.${name}`);
      const found = this.solve(tree, env);
      if (field && found !== undefined) setRequired(field, found === true);
    }
  }

  /** One round of computed fields; true when something changed. */
  compute(trees) {
    const env = this.env(this.row(), null, null);
    let changed = false;
    for (const [name, tree] of Object.entries(trees)) {
      const about = this.fields[name];
      const field = fieldOf(this.form, `v.${name}`);
      if (!about || !field || !field.querySelector("output") || !PLAIN.has(about.kind)) continue;
      const found = this.solve(tree, env);
      if (found === undefined) continue;
      const text = wording(found, about);
      const plain = found === null ? "" : Decimal.isDecimal(found) || typeof found === "object" ? plainNumber(found, about) : String(found);
      if (this.values[name] !== plain) {
        this.values[name] = plain;
        changed = true;
      }
      setValue(field, plain, text);
    }
    return changed;
  }

  /** Computed cells of some rows, or of all. */
  localRows(name, only) {
    const trees = this.about.formulas.tables?.[name]?.value;
    const { model } = this.grids[name];
    if (!trees) return;
    const columns = this.fields[name].columns;
    const whole = this.row();
    const cells = [];
    for (const row of only ?? model.rows.keys()) {
      const here = whole[name][row];
      if (!here) continue;
      model.columns.forEach((column, place) => {
        const tree = trees[column.name];
        if (!tree || column.editable || !PLAIN.has(columns[column.name].kind)) return;
        const found = this.solve(tree, this.env(here, whole, row));
        if (found === undefined) return;
        const value = found === null ? "" : plainNumber(found, columns[column.name]);
        here[column.name] = typed(value, columns[column.name].kind);
        cells.push([row, place, value]);
      });
    }
    model.given(cells);
  }

  // --- shortly after, by the server ------------------------------------------------------------------------------

  async preview() {
    this.flying?.abort();
    const flying = (this.flying = new AbortController());
    const turn = this.turn;
    const waiting = setTimeout(() => this.say("checking"), 500);
    try {
      const changed = [...this.fresh];
      const body = { ...this.sent(), record_id: this.about.record_id, version: this.about.version, changed };
      const found = await postJson(this.about.preview, body, flying.signal);
      if (turn !== this.turn || this.leaving) return; // something was typed meanwhile; another preview is on its way
      for (const name of changed) this.fresh.delete(name);
      this.previewed = true;
      this.take(found);
      this.say("");
    } catch (error) {
      if (error.name !== "AbortError") this.say("check_failed");
    } finally {
      clearTimeout(waiting);
    }
  }

  say(key) {
    if (this.state) this.state.textContent = key ? say(key) : "";
  }

  take(found) {
    for (const [prefix, fields] of [["v.", found.fields], ["a.", found.asked]]) {
      for (const [name, one] of Object.entries(fields)) this.takeField(prefix, name, one);
    }
    for (const [name, table] of Object.entries(found.tables)) this.takeTable(name, table);
    this.form.querySelectorAll("[data-section]").forEach((section, place) => setShown(section, found.sections[place] ?? true));
    this.tidySummary();
    this.local();
  }

  takeField(prefix, name, one) {
    const field = fieldOf(this.form, prefix + name);
    if (!field) return;
    setShown(field, one.shown);
    setRequired(field, one.required);
    if ("value" in one) {
      if (prefix === "v." && !field.contains(document.activeElement)) this.values[name] = one.value;
      setValue(field, one.value, one.text);
    }
    if (field.dataset.widget !== "table" && (this.revealed || this.touched.has(name) || prefix === "a.")) {
      const seen = (this.revealed || (prefix === "a." ? this.answered : this.touched).has(name)) && !isBegun(field);
      setFindings(field, seen ? one.findings : []);
    }
  }

  takeTable(name, table) {
    const grid = this.grids[name];
    if (!grid) return;
    if (table.rows && !grid.model.dirty) grid.model.replace(table.rows);
    else grid.model.given([...table.cells, ...columnCells(table.given ?? {})], table.ids);
    grid.setFindings(table.cell_findings, this.revealed);
    const field = fieldOf(this.form, `v.${name}`);
    if (this.revealed || this.touched.has(name)) this.takeTold(field, grid, table.findings);
    if (!grid.editor.editing) grid.settle();
  }

  /** What is wrong with a table as a whole, its number of rows for instance, is told when one leaves it. */
  takeTold(field, grid, findings) {
    const busy = () => field.contains(document.activeElement) && grid.model.length > 0;
    setFindings(field, busy() ? [] : findings);
    this.withheld = busy() && findings.length ? busy : null;
  }

  left() {
    if (this.withheld) requestAnimationFrame(() => this.withheld?.() || this.later());
  }

  isFaulty(field) {
    const faults = [...(this.grids[field.dataset.field]?.view.faults.values() ?? [])].flat();
    return field.querySelector(":scope > .told .error") !== null || faults.some((one) => one.level === "error");
  }

  /** Lines of the summary whose fault is mended go; with the last one the summary goes. */
  tidySummary() {
    for (const summary of this.form.querySelectorAll(".summary.error")) {
      const lines = [...summary.querySelectorAll("li")];
      for (const line of lines) {
        const target = line.querySelector("[data-jump]")?.hash.slice(1);
        const field = target && document.getElementById(target)?.closest("[data-field]");
        if (field) line.hidden = !this.isFaulty(field);
      }
      summary.hidden = lines.every((line) => line.hidden);
    }
  }
}

/** Whether somebody is still typing a text in a field: it is judged when it is left, or as soon as it is as long as it
 * shall be. */
function isBegun(field) {
  const input = document.activeElement;
  if (!field.contains(input) || !input.matches("input[type=text], textarea")) return false;
  const length = (input.dataset.groups ?? "").split(" ").reduce((sum, size) => sum + Number(size), 0);
  return !length || input.value.replace(/\s/g, "").length < length;
}

const PLAIN = new Set(["text", "integer", "decimal", "money", "boolean", "date", "counter"]);
const NUMBERS = new Set(["integer", "decimal", "money", "counter"]);
const PLAIN_NUMBER = /^-?\d+(\.\d+)?$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** A text of the form as expressions take it; what is not yet a value is null. */
function typed(value, kind) {
  if (value === undefined || value === null || value === "") return null;
  if (NUMBERS.has(kind)) return PLAIN_NUMBER.test(value) ? value : (number(value)?.toFixed() ?? null);
  if (kind === "boolean") return value === true || value === "true";
  if (kind === "date") return DATE.test(value) ? value : null;
  if (kind === "datetime") return /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}/.test(value) ? value : null;
  if (kind === "citizen_id" || kind === "mobile" || kind === "credit_code") return String(value).replace(/\s/g, "");
  return value;
}

function plainNumber(found, about) {
  if (!NUMBERS.has(about.kind)) return String(found);
  const made = new Decimal(found.toString());
  return about.scale === null || about.scale === undefined ? made.toFixed() : made.toFixed(about.scale);
}

function wording(found, about) {
  if (found === null) return "";
  if (about.kind === "boolean") return say(found ? "yes" : "no");
  if (!NUMBERS.has(about.kind)) return String(found);
  return numberText(new Decimal(found.toString()), { scale: about.scale, money: about.kind === "money" });
}

/** Whole columns `{place: {values, texts?}}` as cells. */
function columnCells(columns) {
  return Object.entries(columns).flatMap(([place, { values, texts }]) =>
    values.map((value, row) => [row, Number(place), value, texts?.[row]]),
  );
}

/** Names of fields that a tree reads. */
function reads(tree) {
  const found = [];
  const walk = (node) => {
    if (node === null || typeof node !== "object") return;
    if (Array.isArray(node)) return node.forEach(walk);
    if ((node.k === "field" || node.k === "table") && typeof node.name === "string") found.push(node.name);
    Object.values(node).forEach(walk);
  };
  walk(tree);
  return found;
}
