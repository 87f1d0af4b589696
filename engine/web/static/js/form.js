// The form page: brings pickers, dates, files and child tables to life, and the form's own life along.
import { startCombos } from "./combo.js";
import { startDates } from "./dates.js";
import { Drafts } from "./drafts.js";
import { startFiles } from "./files.js";
import { startGrids } from "./grid/start.js";
import { startGroups } from "./groups.js";
import { startSelects } from "./selects.js";
import { holdBack } from "./pending.js";
import { Live } from "./live.js";

for (const form of document.querySelectorAll("[data-form]")) start(form);

function start(form) {
  startCombos(form);
  startDates(form);
  startFiles(form);
  startGroups(form);
  startSelects(form);
  holdBack(form);
  const grids = startGrids(form);
  const about = form.querySelector("script[data-live]");
  if (!about) return;
  const live = new Live(form, JSON.parse(about.textContent), grids);
  form.addEventListener("submit", () => writeRows(form, grids), { capture: true });
  jumps(form, grids);
  if (!live.about.draft) return; // a dialog: what it asks is too little to be kept
  guard(form, live, new Drafts(form, live));
  anchors(form);
}

/** The rows travel in a hidden input, only where somebody changed them. */
function writeRows(form, grids) {
  for (const [field, grid] of Object.entries(grids)) {
    if (grid.editor.editing) grid.editor.end();
    const rows = grid.rows();
    const input = form.querySelector(`[data-rows][name="v.${CSS.escape(field)}"]`);
    if (!input) continue;
    input.disabled = rows === null;
    if (rows !== null) input.value = JSON.stringify(rows);
  }
}

/** Ask before work is lost, but not when it is kept as a draft, the form itself goes out, or is given up on purpose. */
function guard(form, live, drafts) {
  const ask = (event) => {
    if (live.dirty && !drafts.kept && !form.dataset.sent && !form.dataset.left) event.preventDefault();
  };
  addEventListener("beforeunload", ask);
  form.querySelector("[data-leave]")?.addEventListener("click", () => (form.dataset.left = "yes"));
}

/** Lines of the summary lead into the field itself. */
function jumps(form, grids) {
  form.addEventListener("click", (event) => {
    const link = event.target.closest("[data-jump]");
    if (!link) return;
    event.preventDefault();
    const target = document.getElementById(link.hash.slice(1));
    const field = target?.closest("[data-field]");
    if (!field) return;
    field.scrollIntoView({ block: "center" });
    const grid = grids[field.dataset.field];
    if (grid) return grid.focusAt(link.dataset.jump);
    (target.matches("input, select, textarea") ? target : (field.querySelector("input:not([type=hidden]), select, textarea") ?? target)).focus();
  });
}

/** The anchors at the side tell where one is. */
function anchors(form) {
  const links = [...form.querySelectorAll(".anchors a")];
  if (!links.length) return;
  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        for (const link of links) {
          if (link.hash === `#${entry.target.id}`) link.setAttribute("aria-current", "true");
          else link.removeAttribute("aria-current");
        }
      }
    },
    { rootMargin: "-80px 0px -70% 0px" },
  );
  for (const section of form.querySelectorAll("[data-section]")) seen.observe(section);
}
