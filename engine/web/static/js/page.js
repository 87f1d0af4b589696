// Every page: menu on small screens, things that drop down, the search key, sending a form once.
import { token } from "./http.js";

const root = document.documentElement;

function toggleMenu(open) {
  root.classList.toggle("menu-open", open);
  document.querySelector("[data-menu]")?.setAttribute("aria-expanded", String(root.classList.contains("menu-open")));
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-menu]")) return toggleMenu();
  if (!event.target.closest(".menu")) toggleMenu(false);
  for (const drop of document.querySelectorAll("details[data-drop][open]")) {
    if (!drop.contains(event.target)) drop.open = false;
  }
  if (!event.target.closest(".bar-search")) document.getElementById("hits")?.replaceChildren();
});

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    document.querySelector("[data-global-search]")?.select();
    document.querySelector("[data-global-search]")?.focus();
  }
  if (event.key !== "Escape") return;
  toggleMenu(false);
  document.getElementById("hits")?.replaceChildren();
  const drop = event.target.closest?.("details[data-drop][open]");
  if (drop) {
    drop.open = false;
    drop.querySelector("summary").focus();
  }
});

// Arrow keys walk through the hits of the search.
document.querySelector(".bar-search")?.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const stops = [document.querySelector("[data-global-search]"), ...document.querySelectorAll("#hits a")];
  const next = stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
  event.preventDefault();
  stops[(next + stops.length) % stops.length].focus();
});

// A form goes out once; the buttons wake up again when the page is shown from the history.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("[data-once]")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  document.body.classList.add("busy");
  setTimeout(() => form.querySelectorAll("button:not([type=button])").forEach((button) => (button.disabled = true)));
});

window.addEventListener("pageshow", () => {
  document.body.classList.remove("busy");
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelectorAll("button").forEach((button) => (button.disabled = false));
  }
});

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = token();
});

document.querySelector("#summary")?.focus();
