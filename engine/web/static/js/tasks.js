// The lists of tasks: rows walked by keys (J, K or arrows; Enter opens, X picks), several agreed to at once.
import "./list.js";
import { holdBack } from "./pending.js";

const form = document.querySelector("[data-batch]");
const rows = [...form.querySelectorAll("tbody tr")];
const picks = [...form.querySelectorAll("[data-pick]")];
const all = form.querySelector("[data-all]");
const button = form.querySelector("[data-batch-button]");
let at = -1;

holdBack(form);

function tell() {
  const count = picks.filter((one) => one.checked).length;
  if (all) {
    all.checked = count > 0 && count === picks.length;
    all.indeterminate = count > 0 && count < picks.length;
    all.disabled = !picks.length;
  }
  if (!button) return;
  button.disabled = count === 0;
  button.querySelector("[data-batch-count]").textContent = count ? ` ${count}` : "";
}

form.addEventListener("change", (event) => {
  if (event.target === all) for (const one of picks) one.checked = all.checked;
  tell();
});

const steps = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), textarea, select, dialog")) return;
  if (event.key in steps) {
    if (!rows.length) return;
    event.preventDefault();
    at = Math.min(rows.length - 1, Math.max(0, at + steps[event.key]));
    rows[at].focus();
  } else if (event.key === "Enter" && event.target.matches("tr[data-open]")) {
    location.assign(event.target.dataset.open);
  } else if (event.key.toLowerCase() === "x" && at >= 0) {
    rows[at].querySelector("[data-pick]")?.click();
  }
});

tell();
