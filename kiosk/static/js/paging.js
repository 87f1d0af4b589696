// Tables and maps by touch: as many rows as there is room for, and keys to turn pages.
import { say } from "./words.js";

const KEYS_WIDE = 500;

/** Lay out the tables and maps of a screen. `more(path, start)` asks the service for rows that are not here. */
export function layOut(root, more) {
  for (const box of root.querySelectorAll("[data-paged]")) lay(box, more);
  for (const map of root.querySelectorAll("[data-map]")) if (!map.hidden) roll(map);
}

function lay(box, more) {
  const pager = box.parentElement.querySelector("[data-pager]");
  const rows = [...box.querySelectorAll("[data-row]")];
  if (!pager || !rows.length || !box.offsetParent) return;
  const start = Number(pager.dataset.start);
  const count = Number(pager.dataset.count);
  const shown = { from: Math.min(Number(pager.dataset.from ?? start), Math.max(start, count - 1)), fit: 1 };
  const draw = () => {
    pager.dataset.from = shown.from;
    for (const [at, row] of rows.entries()) row.hidden = start + at < shown.from || start + at >= shown.from + shown.fit;
    const last = Math.min(count, shown.from + shown.fit);
    pager.querySelector(".range").textContent = say("range", { first: (shown.from + 1).toLocaleString(), last: last.toLocaleString(), count: count.toLocaleString() });
    pager.querySelector('[data-turn="-1"]').disabled = shown.from === 0;
    pager.querySelector('[data-turn="1"]').disabled = last >= count;
  };
  lower(pager, box);
  pager.hidden = start === 0; // where all fits without its keys there are none
  for (const row of rows) row.hidden = false;
  shown.fit = fitting(box, rows);
  if (start > 0 || shown.fit < count) {
    pager.hidden = false;
    shown.fit = fitting(box, rows);
  }
  pager.onclick = ({ target }) => {
    const turn = Number(target.closest("[data-turn]")?.dataset.turn ?? 0);
    if (!turn) return;
    const from = Math.max(0, shown.from + turn * shown.fit);
    if (from < start || from + Math.min(shown.fit, count - from) > start + rows.length) {
      more(box.closest("[data-path]").dataset.path, from < start ? from : from);
      return;
    }
    shown.from = from;
    draw();
  };
  draw();
  while (shown.fit > 1 && box.scrollHeight > box.clientHeight + 1) { // rows grow where columns get narrower
    shown.fit -= 1;
    pager.hidden = false;
    draw();
  }
}

/** The keys of the only table of a screen stand in the line of the buttons, where there is room: it has a row more. */
function lower(pager, box) {
  const screen = box.closest("main");
  const acts = screen?.querySelector(":scope > footer");
  const alone = [...(screen?.querySelectorAll("[data-paged]") ?? [])].filter((one) => one.offsetParent).length === 1;
  const [left, right] = alone && acts ? between(acts) : [0, 0];
  const low = right - left >= KEYS_WIDE;
  pager.classList.toggle("low", low);
  const from = screen?.getBoundingClientRect();
  pager.style.left = low ? `${left - from.left}px` : "";
  pager.style.right = low ? `${from.right - right}px` : "";
}

/** What the buttons leave free between the way back and the others. */
function between(acts) {
  const keys = [...acts.children].filter((one) => one.offsetParent);
  const line = getComputedStyle(acts);
  const edges = acts.getBoundingClientRect();
  const back = keys.find((one) => one.classList.contains("back"));
  const others = keys.filter((one) => one !== back).map((one) => one.getBoundingClientRect().left);
  const gap = Number.parseFloat(line.columnGap) * 1.5 || 0;
  return [back ? back.getBoundingClientRect().right + gap : edges.left, others.length ? Math.min(...others) - gap : edges.right];
}

/** Let a table that is read anew stand at the page that people have turned to; false where it does not have that. */
export function turnedAlike(old, fresh) {
  const before = old.querySelector(":scope > [data-pager]");
  const after = fresh.querySelector(":scope > [data-pager]");
  if (!before || !after || before.dataset.from === undefined) return true;
  // Other rows than those turned to: what was narrowed begins anew, what is the same stays.
  if (before.dataset.start !== after.dataset.start) return before.dataset.count !== after.dataset.count;
  after.dataset.from = before.dataset.from;
  return true;
}

/** How many rows there is room for. */
function fitting(box, rows) {
  const room = box.clientHeight;
  const top = rows[0].offsetTop;
  const foot = box.querySelector("tfoot")?.offsetHeight ?? 0;
  let fit = 0;
  for (const row of rows) {
    if (row.offsetTop + row.offsetHeight - top + (rows[0].closest("table")?.tHead?.offsetHeight ?? 0) + foot > room + 1) break;
    fit += 1;
  }
  return Math.max(1, fit === rows.length ? Math.max(fit, Math.floor(room / Math.max(1, rows[0].offsetHeight))) : fit);
}

function roll(map) {
  const view = map.querySelector("[data-map-window]");
  const steps = map.querySelector("[data-map-steps]");
  if (!view || !steps) return;
  const over = view.scrollHeight - view.clientHeight;
  steps.hidden = over <= 2;
  const judge = () => {
    steps.querySelector('[data-roll="-1"]').disabled = view.scrollTop <= 0;
    steps.querySelector('[data-roll="1"]').disabled = view.scrollTop >= view.scrollHeight - view.clientHeight - 1;
  };
  steps.onclick = ({ target }) => {
    const step = Number(target.closest("[data-roll]")?.dataset.roll ?? 0);
    view.scrollTop += step * view.clientHeight * 0.85;
    judge();
  };
  judge();
}

/** Show one grid of several. */
export function showPart(button, more) {
  const section = button.closest("[data-path]");
  for (const one of button.parentElement.children) one.setAttribute("aria-pressed", String(one === button));
  for (const map of section.querySelectorAll("[data-map]")) map.hidden = map.dataset.map !== button.dataset.part;
  layOut(section, more);
}
