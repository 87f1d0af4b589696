// Draws the rows in view: a pool of line elements, each reused for row % pool and moved by transform. Where there is no
// room for columns side by side, on a phone, each row is a card with its cells beneath each other.
import { icon, make } from "../elements.js";
import { say } from "../words.js";

const WIDTHS = { number: 104, date: 108, time: 84, datetime: 148, check: 72, one: 124, many: 150, long: 220, text: 140, file: 150 };
const END = 34; // the column at the end, with the button that takes a row out
const SPARE = 4;
const CARD_GAP = 10;
const LABEL = 0.38; // of a card's width, as grid.css has it
const NARROW = 480; // a grid narrower than this, with more than two columns, draws cards
const NONE = [];

export class View {
  /** @param model the rows @param label the name of the grid for screen readers */
  constructor(model, label) {
    this.model = model;
    this.range = { top: 0, bottom: 0, left: 0, right: 0 };
    this.active = { row: 0, column: 0 };
    this.faults = new Map(); // "row:column" -> findings
    this.faultyRows = new Set();
    this.warnedRows = new Set();
    this.pool = [];
    this.top = this.head();
    this.body = make("div", { className: "grid-body", role: "rowgroup" });
    this.foot = this.totals();
    this.inner = make("div", { className: "grid-inner", role: "grid", "aria-label": label, "aria-multiselectable": "true" }, this.top, this.body, this.foot);
    this.stack = make("div", { className: "grid-stack" }, this.inner); // the editor lies over the grid, not in it
    this.scroll = make("div", { className: "grid-scroll" }, this.stack);
    this.none = make("p", { className: "grid-none", hidden: true });
    this.element = make("div", { className: "grid" }, this.scroll, this.none);
    this.layOut();
    this.scroll.addEventListener("scroll", () => this.soon(), { passive: true });
    new ResizeObserver(() => this.fit()).observe(this.scroll);
  }

  get cellHeight() {
    this.height ??= parseInt(getComputedStyle(this.element).getPropertyValue("--grid-row"), 10) || 34;
    return this.height;
  }

  /** A card has a line for the row's number, one for each column, and a gap after it. */
  get rowHeight() {
    return this.cards ? (this.model.columns.length + 1) * this.cellHeight + CARD_GAP : this.cellHeight;
  }

  /** Columns side by side, or cards, as there is room. */
  fit() {
    const cards = this.scroll.clientWidth > 0 && this.scroll.clientWidth < NARROW && this.model.columns.length > 2;
    if (cards !== this.cards) {
      this.cards = cards;
      this.height = undefined;
      this.element.classList.toggle("cards", cards);
      for (const line of this.pool) line.row = -1;
      this.layOut();
      this.onFit?.();
    }
    this.soon();
  }

  layOut() {
    const widths = this.model.columns.map((column) => {
      const heading = [...column.title].reduce((sum, sign) => sum + (sign.codePointAt(0) > 0x2e80 ? 13.5 : 7.5), 30);
      return Math.round(Math.max(WIDTHS[column.widget] ?? 140, Math.min(heading, 220)));
    });
    const end = this.model.editable ? ` ${END}px` : "";
    this.lead = 48;
    const columns = widths.map((width) => `minmax(${width}px, ${width}fr)`).join(" ");
    this.element.style.setProperty("--grid-columns", `${this.lead}px ${columns}${end}`);
    const total = widths.reduce((sum, width) => sum + width, this.lead + (this.model.editable ? END : 0));
    this.stack.style.minWidth = this.cards ? "100%" : `max(100%, ${total}px)`;
    this.element.style.setProperty("--grid-card", `${this.rowHeight - CARD_GAP}px`);
  }

  head() {
    const cells = this.model.columns.map((column, place) => {
      const star = column.required && this.model.editable ? make("span", { className: "required", textContent: "*", title: say("field_required") }) : null;
      return make(
        "div",
        { className: `grid-cell ${column.widget === "number" ? "number" : ""}`, role: "columnheader", "aria-colindex": place + 2, title: [column.hint, column.how].filter(Boolean).join("\n") },
        column.title,
        star,
      );
    });
    const corner = make("div", { className: "grid-cell ordinal", role: "columnheader", "aria-colindex": 1, "aria-label": say("row") }, "#");
    const end = this.model.editable ? make("div", { className: "grid-cell end", role: "columnheader" }, make("span", { className: "unseen", textContent: say("remove") })) : null;
    const line = make("div", { className: "grid-line", role: "row", "aria-rowindex": 1 }, corner, ...cells, end);
    return make("div", { className: "grid-top", role: "rowgroup" }, line);
  }

  /** What a card says before the cell of a column. */
  titled(column) {
    return column.required && this.model.editable ? `${column.title} *` : column.title;
  }

  totals() {
    if (!this.model.columns.some((column) => column.total)) return make("div", { hidden: true });
    const cells = this.model.columns.map((column, place) =>
      make("div", { className: "grid-cell number", role: "gridcell", "aria-colindex": place + 2, "data-title": `Σ ${column.title}` }),
    );
    const lead = make("div", { className: "grid-cell ordinal", role: "rowheader", "aria-label": say("total") }, "Σ");
    const line = make("div", { className: "grid-line", role: "row" }, lead, ...cells, this.model.editable ? make("div", { role: "gridcell" }) : null);
    return make("div", { className: "grid-foot", role: "rowgroup" }, line);
  }

  /** Draw at the next frame. */
  soon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  draw() {
    const { model, rowHeight } = this;
    const height = model.length * rowHeight;
    if (this.drawnHeight !== height) {
      this.body.style.height = `${height}px`;
      this.drawnHeight = height;
      this.inner.setAttribute("aria-rowcount", model.length + 1);
      this.none.hidden = model.length > 0;
      this.scroll.tabIndex = model.length ? -1 : 0; // without a cell to stand in, the box itself is scrolled by keys
      this.foot.hidden ||= false;
    }
    const seen = Math.ceil((this.scroll.clientHeight || 520) / rowHeight) + SPARE;
    while (this.pool.length < Math.min(seen, model.length)) this.pool.push(this.line());
    const first = Math.max(0, Math.floor(this.scroll.scrollTop / rowHeight) - 2);
    const shown = new Set();
    for (let row = first; row < Math.min(first + this.pool.length, model.length); row++) {
      shown.add(row % this.pool.length);
      this.drawLine(this.pool[row % this.pool.length], row);
    }
    this.pool.forEach((line, place) => (line.element.hidden = !shown.has(place)));
    this.drawTotals();
  }

  line() {
    const ordinal = make("div", { className: "grid-cell ordinal", role: "rowheader", "aria-colindex": 1 });
    const cells = this.model.columns.map((column, place) => make("div", { role: "gridcell", "aria-colindex": place + 2, "data-title": this.titled(column) }));
    let end = null;
    if (this.model.editable) {
      const button = make("button", { type: "button", className: "grid-drop", tabIndex: -1, "aria-label": say("remove") }, icon("close"));
      end = make("div", { className: "grid-cell end", role: "gridcell" }, button);
    }
    const element = make("div", { className: "grid-line", role: "row" }, ordinal, ...cells, end);
    this.body.append(element);
    return { element, ordinal, cells, row: -1 };
  }

  drawLine(line, row) {
    if (line.row !== row) {
      line.row = row;
      line.element.style.transform = `translateY(${row * this.rowHeight}px)`;
      line.element.setAttribute("aria-rowindex", row + 2);
      line.ordinal.textContent = row + 1;
    }
    const faulty = this.faultyRows.has(row);
    line.element.classList.toggle("faulty", faulty);
    const told = faulty || this.warnedRows.has(row) ? this.rowTold(row) : "";
    if (line.ordinal.title !== told) line.ordinal.title = told;
    line.cells.forEach((cell, column) => this.drawCell(cell, row, column));
  }

  drawCell(cell, row, column) {
    const text = this.model.text(row, column);
    if (cell.textContent !== text) cell.textContent = text;
    const classes = this.classes(row, column);
    if (cell.className !== classes) cell.className = classes;
    const faults = this.faultsAt(row, column);
    const title = faults.map((one) => one.text).join("\n");
    if (cell.title !== title) cell.title = title;
    if (faults.some((one) => one.level === "error")) cell.setAttribute("aria-invalid", "true");
    else cell.removeAttribute("aria-invalid");
    const mine = row === this.active.row && column === this.active.column;
    if (mine) cell.setAttribute("aria-selected", "true");
    else cell.removeAttribute("aria-selected");
  }

  classes(row, column) {
    const about = this.model.columns[column];
    const { top, bottom, left, right } = this.range;
    const faults = this.faultsAt(row, column);
    const found = ["grid-cell"];
    if (about.widget === "number") found.push("number");
    if (this.model.editable && !this.model.mayEdit(row, column)) found.push("given");
    if (faults.length) found.push(faults.some((one) => one.level === "error") ? "faulty" : "warned");
    if (row >= top && row <= bottom && column >= left && column <= right && (top !== bottom || left !== right)) found.push("picked-range");
    if (row === this.active.row && column === this.active.column) found.push("active");
    return found.join(" ");
  }

  /** What is wrong with a cell: as the server told, else what can be seen here. */
  faultsAt(row, column) {
    const told = this.faults.get(`${row}:${column}`);
    if (told) return told;
    const word = this.model.misread(row, column);
    return word ? [{ level: word === "cell_pending" ? "warn" : "error", text: say(word) }] : NONE;
  }

  /** All that was told of a row, cell by cell, for its number at the side. */
  rowTold(row) {
    const names = ["", ...this.model.columns.map((column) => `${column.title}: `)];
    return names.flatMap((name, place) => (this.faults.get(`${row}:${place - 1}`) ?? []).map((one) => name + one.text)).join("\n");
  }

  drawTotals() {
    const cells = this.foot.querySelectorAll(".number");
    cells.forEach((cell, column) => {
      const text = this.model.total(column);
      if (cell.textContent !== text) cell.textContent = text;
    });
  }

  /** Bring a cell into view, clear of what sticks to the edges. */
  reveal(row, column) {
    const { scroll, cellHeight } = this;
    const headHeight = this.top.offsetHeight;
    const footHeight = this.foot.hidden ? 0 : this.foot.offsetHeight;
    const room = scroll.clientHeight - headHeight - footHeight;
    const box = this.place(row, column);
    const from = box.top;
    if (from < scroll.scrollTop) scroll.scrollTop = from;
    else if (from + cellHeight > scroll.scrollTop + room) scroll.scrollTop = from + cellHeight - room;
    if (this.cards) return;
    if (box.left - this.lead < scroll.scrollLeft) scroll.scrollLeft = box.left - this.lead;
    const width = scroll.clientWidth - (this.model.editable ? END : 0);
    if (box.left + box.width > scroll.scrollLeft + width) scroll.scrollLeft = Math.min(box.left - this.lead, box.left + box.width - width);
  }

  /** Where a cell lies among the rows. */
  place(row, column) {
    if (this.cards) {
      const width = this.inner.offsetWidth;
      const left = Math.round(width * LABEL);
      return { left, width: width - left, top: row * this.rowHeight + (column + 1) * this.cellHeight };
    }
    const head = this.top.firstElementChild.children[column + 1];
    return { left: head.offsetLeft, width: head.offsetWidth, top: row * this.rowHeight };
  }

  /** Row and column of a drawn element; column -1 is the row's number. */
  cellOf(element) {
    const cell = element.closest?.(".grid-body .grid-cell");
    if (!cell) return null;
    const line = this.pool.find((one) => one.element === cell.parentElement);
    return { row: line.row, column: cell === line.ordinal ? -1 : line.cells.indexOf(cell), drop: Boolean(element.closest(".grid-drop")) };
  }

  setFaults(findings) {
    this.faults.clear();
    this.faultyRows.clear();
    this.warnedRows.clear();
    const names = this.model.columns.map((column) => column.name);
    for (const { at, level, text } of findings) {
      const [row, name] = [Number(at[0]), at[1]];
      if (Number.isNaN(row)) continue;
      (level === "error" ? this.faultyRows : this.warnedRows).add(row);
      const key = `${row}:${names.indexOf(name)}`;
      this.faults.set(key, [...(this.faults.get(key) ?? []), { level, text }]);
    }
    this.soon();
  }
}
