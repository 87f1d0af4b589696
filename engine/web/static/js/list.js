// Lists: rows opened, walked and picked by mouse or keys, columns sized and ordered; empty filters stay out of the address.
import { startCombos } from "./combo.js";
import { startDates } from "./dates.js";
import { debounced } from "./elements.js";
import { postJson } from "./http.js";
import { say } from "./words.js";

startCombos(document);
startDates(document);

const rows = () => [...document.querySelectorAll("#rows tr[data-open]")];
const boxes = () => [...document.querySelectorAll('#rows .picks input[name="id"]')];

// --- opening ---------------------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-open]");
  if (!row || event.target.closest("a, button, input, label, .picks") || getSelection().toString()) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.open, "_blank", "noopener");
  else location.assign(row.dataset.open);
});

// A text that is cut off is told whole.
document.addEventListener("pointerover", (event) => {
  const cell = event.target.closest?.(".list-table td, .list-table th");
  if (cell && cell.scrollWidth > cell.clientWidth) cell.title = cell.textContent.trim();
});

// --- keys ------------------------------------------------------------------------------------------------------------

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), select, textarea, dialog")) return;
  if (event.key === "/") {
    event.preventDefault();
    document.querySelector(".list-search")?.select();
    document.querySelector(".list-search")?.focus();
    return;
  }
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  if (step && !event.target.closest("details")) return walk(event, step);
  if (event.key === "x") pick(event);
});

function walk(event, step) {
  const all = rows();
  const next = all[all.findIndex((row) => row.contains(document.activeElement)) + step];
  const first = all.some((row) => row.contains(document.activeElement)) ? next : all[0];
  if (!first) return;
  event.preventDefault();
  first.querySelector(".first a").focus();
  first.scrollIntoView({ block: "nearest" });
}

function pick(event) {
  const box = document.activeElement?.closest("tr")?.querySelector('.picks input[name="id"]');
  if (!box) return;
  event.preventDefault();
  box.checked = !box.checked;
  told();
}

// --- picking ---------------------------------------------------------------------------------------------------------

let last = null;

document.addEventListener("click", (event) => {
  const box = event.target.closest('#rows .picks input[name="id"]');
  if (!box) return;
  const all = boxes();
  if (event.shiftKey && last && all.includes(last)) {
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((left, right) => left - right);
    for (const one of all.slice(from, to + 1)) one.checked = box.checked;
  }
  last = box;
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-pick-all]")) for (const box of boxes()) box.checked = event.target.checked;
  if (event.target.closest("#rows")) told();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-unpick]")) return;
  for (const box of document.querySelectorAll("#rows .picks input, #rows .bulk-all input")) box.checked = false;
  told();
});

/** Say how many are picked; whatever is left out unpicks "all that match". */
function told() {
  const all = boxes();
  const count = all.filter((box) => box.checked).length;
  const whole = document.querySelector("#rows .bulk-all input");
  const head = document.querySelector("[data-pick-all]");
  if (whole?.checked && count < all.length) {
    if (document.activeElement === whole) for (const box of all) box.checked = true;
    else whole.checked = false;
  }
  const now = all.filter((box) => box.checked).length;
  if (head) {
    head.checked = now > 0 && now === all.length;
    head.indeterminate = now > 0 && now < all.length;
  }
  const place = document.querySelector("[data-count]");
  if (place) place.textContent = whole?.checked ? place.dataset.all : say("picked", { count: now });
}

// A page that comes back from the history may have kept its ticks.
window.addEventListener("pageshow", told);

// --- filters ---------------------------------------------------------------------------------------------------------

const filters = document.querySelector("[data-filters]");
const asked = (data) => JSON.stringify([...data].filter(([, value]) => value));
let shown = filters ? asked(new FormData(filters)) : "";

document.addEventListener("htmx:configRequest", (event) => {
  if (!event.target.matches("[data-filters]")) return;
  const sent = event.detail.formData;
  for (const name of new Set(sent.keys())) if (!sent.get(name)) sent.delete(name);
  // Leaving a box that was typed into says "change" once more: nothing must move beneath the click that left it.
  const now = asked(sent);
  if (now === shown && event.detail.triggeringEvent?.type === "change") event.preventDefault();
  shown = now;
});

document.addEventListener("htmx:sendError", () => {
  shown = "";
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 422) event.detail.shouldSwap = true; // a filter that cannot be read says so in its place
});

// --- columns ---------------------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const mover = event.target.closest("[data-move]");
  if (!mover) return;
  const item = mover.closest("li");
  if (mover.dataset.move === "-1") item.previousElementSibling?.before(item);
  else item.nextElementSibling?.after(item);
  mover.focus();
});

const keepWidth = debounced((column, width) => {
  postJson(`${location.pathname}/widths`, { column, width }).catch(() => {}); // a width that is not kept harms nobody
}, 400);

document.addEventListener("pointerdown", (event) => {
  const sizer = event.target.closest(".sizer");
  if (!sizer) return;
  event.preventDefault();
  const head = sizer.closest("th");
  const index = [...head.parentElement.children].indexOf(head);
  const table = head.closest("table");
  const begun = { at: event.clientX, width: head.getBoundingClientRect().width };
  sizer.classList.add("dragged");
  sizer.setPointerCapture(event.pointerId);
  const size = (moved) => setWidth(table, index, Math.max(48, Math.round(begun.width + moved.clientX - begun.at)));
  sizer.addEventListener("pointermove", size);
  sizer.addEventListener(
    "lostpointercapture",
    () => {
      sizer.removeEventListener("pointermove", size);
      sizer.classList.remove("dragged");
      const width = Number(table.querySelectorAll("col")[index].getAttribute("width"));
      if (width) keepWidth(head.dataset.column, width);
    },
    { once: true },
  );
});

// A double click leaves the width to the page again.
document.addEventListener("dblclick", (event) => {
  const head = event.target.closest(".sizer")?.closest("th");
  if (!head) return;
  const index = [...head.parentElement.children].indexOf(head);
  setWidth(head.closest("table"), index, 0);
  keepWidth(head.dataset.column, 0);
});

function setWidth(table, index, width) {
  const column = table.querySelectorAll("col")[index];
  if (width) column.setAttribute("width", width);
  else column.removeAttribute("width");
  for (const row of table.rows) row.cells[index].classList.toggle("sized", width > 0);
}
