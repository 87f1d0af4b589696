// Every page: menu on small screens, things that drop down, the search key, sending a form once.
import { icon, make } from "./elements.js";
import { token } from "./http.js";
import { say } from "./words.js";

const root = document.documentElement;
const wide = matchMedia("(min-width: 861px)");

/** Keep a choice of the frame for the pages to come; the server draws them so from the start. */
function keep(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`;
}

function toggleMenu(open) {
  const toggle = document.querySelector("[data-menu]");
  if (wide.matches && open === undefined) {
    const narrow = document.body.classList.toggle("menu-narrow");
    keep("menu", narrow ? "narrow" : "");
    toggle?.setAttribute("aria-expanded", String(!narrow));
    return;
  }
  root.classList.toggle("menu-open", open);
  if (!wide.matches) toggle?.setAttribute("aria-expanded", String(root.classList.contains("menu-open")));
}

document.querySelector(".menu")?.addEventListener("toggle", () => {
  // Groups are open until somebody closes them; those within a group are closed until somebody opens them.
  const closed = [...document.querySelectorAll("[data-fold]:not(.inner, [open])")].map((group) => group.dataset.fold);
  const opened = [...document.querySelectorAll("[data-fold].inner[open]")].map((group) => `+${group.dataset.fold}`);
  keep("folded", [...closed, ...opened].join("."));
}, true);

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

// What did not come says so, and can be asked for again.
function tellFailed(text, again) {
  const place = document.getElementById("told");
  if (!place) return;
  const retry = make("button", { type: "button", textContent: say("retry") });
  const notice = make("div", { className: "notice error", role: "alert" }, icon("error"), make("div", { textContent: text }), retry);
  retry.addEventListener("click", () => {
    notice.remove();
    place.hidden = !place.children.length;
    again();
  });
  place.querySelector("[role=alert].failed")?.remove();
  notice.classList.add("failed");
  place.append(notice);
  place.hidden = false;
}

function failed(event, text) {
  const { elt, requestConfig } = event.detail;
  if (elt.closest(".bar-search") || elt.matches("[hx-trigger^=every]")) return; // asked again with the next key, or second
  tellFailed(text, () => window.htmx.ajax("GET", requestConfig.path, { source: elt, target: event.detail.target, swap: "outerHTML" }));
}

document.addEventListener("htmx:sendError", (event) => failed(event, say("load_failed")));
document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  if (status !== 422) failed(event, say("load_refused", { status }));
});

// The bell: asked once a minute while the page is looked at, and when it is looked at again.
const bell = document.querySelector("[data-bell]");

async function ring() {
  if (document.hidden) return;
  const answer = await fetch(bell.dataset.bell, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return;
  const { unread } = await answer.json();
  const badge = bell.querySelector(".badge");
  badge.textContent = unread > 99 ? "99+" : unread;
  badge.hidden = unread === 0;
}

if (bell) {
  setInterval(ring, 60_000);
  document.addEventListener("visibilitychange", ring);
}

document.querySelector("#summary")?.focus();
