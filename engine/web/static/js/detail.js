// The detail page: what an event asks is asked in a dialog; without scripts its link leads to a page.
import "./form.js";
import { startGrids } from "./grid/start.js";
import "./preview.js";

startGrids(document);

// What was refused is asked again in the dialog that sent it; without scripts it stands open on the page.
for (const dialog of document.querySelectorAll("dialog[data-again-open]")) {
  dialog.close();
  dialog.showModal();
  (dialog.querySelector("[aria-invalid=true]") ?? dialog.querySelector(".summary"))?.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if (event.key === " " && event.target.matches("[data-dialog]")) {
    event.preventDefault();
    event.target.click();
  }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-dialog]");
  if (link && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    document.getElementById(link.dataset.dialog).showModal();
  }
  const close = event.target.closest("[data-close]");
  if (close) close.closest("dialog").close();
  if (event.target.matches("dialog")) closeOutside(event);
});

/** A click on the veil closes, unless something was typed. */
function closeOutside(event) {
  const box = event.target.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  const typed = [...event.target.querySelectorAll("input:not([type=hidden]), textarea")].some((input) => input.value);
  if (!inside && !typed) event.target.close();
}
