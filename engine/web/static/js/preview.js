// Files looked at in the page: pictures as they are, PDF in the browser's own viewer, which keeps it apart from the page.
// What comes from the server may load and run nothing. Without scripts the links open a window of their own.
import { icon, make } from "./elements.js";
import { say } from "./words.js";

const SHOWN = new Map([
  ["pdf", "frame"], ["png", "picture"], ["jpg", "picture"], ["jpeg", "picture"], ["gif", "picture"], ["webp", "picture"],
]);

/** Whether a file can be looked at in the page, by its name. */
export function isShown(name) {
  return SHOWN.has(ending(name));
}

function ending(name) {
  return name.slice(name.lastIndexOf(".") + 1).toLowerCase();
}

/** Show a file over the page. */
export function preview(address, name) {
  const title = make("h2", { textContent: name, id: "preview-title" });
  const leave = make("button", { type: "button", className: "button quiet icon-only", "aria-label": say("close") }, icon("close"));
  const tab = make("a", { className: "button quiet small", href: address, target: "_blank", rel: "noopener", textContent: say("new_tab") });
  const load = make("a", { className: "button quiet small", href: `${address}?download`, textContent: say("download") });
  const dialog = make(
    "dialog",
    { className: "dialog preview", "aria-labelledby": "preview-title" },
    make("header", {}, title, tab, load, leave),
    body(address, name),
  );
  leave.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function body(address, name) {
  if (SHOWN.get(ending(name)) === "picture") return make("div", { className: "preview-box" }, make("img", { src: address, alt: name }));
  return make("iframe", { className: "preview-box", src: address, title: name });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-preview]");
  if (!link || event.ctrlKey || event.metaKey || !isShown(link.dataset.preview)) return;
  event.preventDefault();
  preview(link.getAttribute("href"), link.dataset.preview);
});
