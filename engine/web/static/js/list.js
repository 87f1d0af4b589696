// Lists: a click anywhere on a row opens it; empty filters stay out of the address.
import { startCombos } from "./combo.js";
import { startDates } from "./dates.js";

startCombos(document);
startDates(document);

document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-open]");
  if (!row || event.target.closest("a, button, input, label") || getSelection().toString()) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.open, "_blank", "noopener");
  else location.assign(row.dataset.open);
});

document.addEventListener("htmx:configRequest", (event) => {
  if (!event.target.matches("[data-filters]")) return;
  const sent = event.detail.formData;
  for (const name of new Set(sent.keys())) if (!sent.get(name)) sent.delete(name);
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 422) event.detail.shouldSwap = true; // a filter that cannot be read says so in its place
});
