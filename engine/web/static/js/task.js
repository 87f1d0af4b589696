// The approval page: A agrees, R refuses, while nobody types; a refusal without an opinion asks for one at once.
import "./detail.js";
import { make, icon } from "./elements.js";
import { say } from "./words.js";

const form = document.querySelector("[data-task]");
const comment = form.elements.comment;
const thumbs = [...form.querySelectorAll(".thumbs button")];

// The next document stands where the one before was signed: a second tap of the same finger must not sign it unseen.
if ("follows" in form.dataset) {
  for (const button of thumbs) button.disabled = true;
  setTimeout(() => thumbs.forEach((button) => (button.disabled = false)), 1000);
}

// Rows of a table that the signer fills travel in a hidden input.
form.addEventListener(
  "submit",
  () => {
    for (const input of form.querySelectorAll("[data-rows]")) {
      const rows = form.querySelector(`[data-grid="${CSS.escape(input.name.slice(2))}"]`)?.rows?.() ?? null;
      input.disabled = rows === null;
      if (rows !== null) input.value = JSON.stringify(rows);
    }
  },
  { capture: true },
);

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
  const outcome = { a: "agree", r: "refuse" }[event.key.toLowerCase()];
  const button = thumbs.find((one) => one.value === outcome);
  if (!button || button.disabled) return;
  event.preventDefault();
  form.requestSubmit(button);
});

form.addEventListener(
  "submit",
  (event) => {
    const needed = event.submitter?.value !== "agree" || comment.getAttribute("aria-required") === "true";
    if (!needed || comment.value.trim()) return;
    event.preventDefault();
    event.stopPropagation();
    comment.setAttribute("aria-invalid", "true");
    if (!form.querySelector(".told")) {
      comment.after(make("div", { className: "told", role: "alert" }, make("p", { className: "error" }, icon("error"), say("comment_needed"))));
    }
    comment.focus();
  },
  { capture: true },
);

// On a phone the rest of the document is folded until asked for.
const fold = document.querySelector("[data-facts]");
fold.classList.add("folded");
document.querySelector("[data-unfold]").addEventListener("click", () => fold.classList.remove("folded"));
