// The kiosk's page. It holds no truth: every screen comes whole from the service, and a touch carries the token of the
// screen that was seen, so that a second tap or a call sent again has no second effect.
import { keepTime, reckon } from "./clock.js";
import { chosen, closeAll, confirmed } from "./dialogs.js";
import { Keyboard, guardKeys } from "./keyboard.js";
import { layOut, showPart, turnedAlike } from "./paging.js";
import { load } from "./pinyin.js";
import { announce, louder, play, volume } from "./sound.js";
import { answers, follow } from "./watch.js";
import { say } from "./words.js";

const places = document.body.dataset;
const shown = document.getElementById("shown");
const panel = document.getElementById("keys");
const csrf = document.querySelector('meta[name="csrf-token"]').content;
const AGAIN = 800;
const TYPED = 350;
const PRESENT = 5_000;
const ALONE = 60_000;
let newest = "";
let sending = false;
let gone = false;
let heldForm;
let present = 0;
let typing;

const screen = () => shown.querySelector("main");

// --- screens ---------------------------------------------------------------------------------------------------------

/** Take a screen, unless a newer one is here already. */
function take({ token, at, html }, { typed = false } = {}) {
  if (at < newest) return;
  newest = at;
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const next = fresh.content.querySelector("main");
  const now = screen();
  if (token === now.dataset.token) renew(now, next, typed);
  else replace(next);
}

function replace(next) {
  const before = screen();
  const same = before.dataset.flow === next.dataset.flow && before.dataset.step === next.dataset.step;
  const tabs = same ? openTabs(before) : [];
  closeKeys();
  closeAll();
  before.replaceWith(next);
  if (next.classList.contains("rest") && !before.classList.contains("rest")) speakAsUsual();
  if (!same) next.classList.add("entered");
  for (const tab of tabs) document.getElementById(tab)?.click();
  begin();
  announce(next.dataset.sound);
  if (next.querySelector(".bad, .finding") && !next.dataset.sound) play("error");
  next.querySelector("h1, .awake")?.focus?.();
}

/** The same standing again: what has changed in it is put in place, what people are typing stays. */
function renew(now, next, typed) {
  for (const name of ["seconds", "idle"]) {
    if (next.dataset[name] === undefined) delete now.dataset[name];
    else now.dataset[name] = next.dataset[name];
  }
  const inputs = (one) => one.querySelector("[data-input]") || one.matches("[data-input]");
  for (const fresh of next.querySelectorAll("[data-path]")) {
    const old = now.querySelector(`[data-path="${CSS.escape(fresh.dataset.path)}"]`);
    if (old && !inputs(fresh) && old.outerHTML !== fresh.outerHTML && turnedAlike(old, fresh)) old.replaceWith(fresh);
  }
  for (const fresh of next.querySelectorAll("[data-press]")) {
    const old = now.querySelector(`[data-press="${CSS.escape(fresh.dataset.press)}"]`);
    if (old) fresh.dataset.confirm === undefined ? delete old.dataset.confirm : (old.dataset.confirm = fresh.dataset.confirm);
  }
  if (!typed) {
    now.classList.toggle("busy", next.classList.contains("busy"));
    findings(now, next);
  }
  settle();
}

/** What is wrong, at its fields and above them. */
function findings(now, next) {
  const before = now.querySelectorAll(".wrong, .finding").length;
  for (const old of now.querySelectorAll(".wrong, .finding")) old.remove();
  now.querySelector(".screen-body")?.before(...next.querySelectorAll(".finding"));
  for (const fresh of next.querySelectorAll("[data-input]")) {
    const old = now.querySelector(`[data-input="${CSS.escape(fresh.dataset.input)}"]`);
    old?.classList.toggle("bad", fresh.classList.contains("bad"));
    old?.append(...fresh.querySelectorAll(".wrong"));
  }
  const after = now.querySelectorAll(".wrong, .finding");
  if (after.length && !before) play("error");
  after[0]?.scrollIntoView({ block: "nearest" });
}

const openTabs = (root) => [...root.querySelectorAll('[role="tab"][aria-selected="true"]')].map((tab) => tab.id);

function begin() {
  heldForm = undefined;
  sending = false;
  document.getElementById("who").textContent = screen().dataset.who;
  document.body.classList.toggle("resting", screen().classList.contains("rest"));
  for (const pad of shown.querySelectorAll("[data-keypad]")) mount(pad);
  settle();
}

function settle() {
  reckon(screen());
  reach();
  layOut(shown, ask);
  document.dispatchEvent(new Event("htmx:afterSwap")); // what draws charts listens to it
}

/** A button that takes something from the screen is there while that can be seen: on the tab that is open. */
function reach() {
  for (const button of shown.querySelectorAll("[data-field]")) {
    button.hidden = !shown.querySelector(`[data-input="${CSS.escape(button.dataset.field)}"]`)?.offsetParent;
  }
}

/** Rows of a table from further on. */
async function ask(path, start) {
  const answer = await fetch(`${places.screen}?start.${encodeURIComponent(path)}=${start}`).catch(() => null);
  if (!answer?.ok) return;
  const { token, html } = await answer.json();
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const part = fresh.content.querySelector(`[data-path="${CSS.escape(path)}"]`);
  if (token === screen().dataset.token && part) shown.querySelector(`[data-path="${CSS.escape(path)}"]`)?.replaceWith(part);
  settle();
}

// --- touches ---------------------------------------------------------------------------------------------------------

/** What is filled in; secrets only with a button that counts. */
function form(secrets) {
  const found = {};
  for (const input of shown.querySelectorAll("input[name]")) {
    if (secrets || input.dataset.secret === undefined) found[input.name] = input.value;
  }
  return found;
}

async function post(body) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrf };
  for (;;) {
    try {
      const answer = await fetch(places.touch, { method: "POST", headers, body: JSON.stringify(body) });
      if (answer.ok) return await answer.json();
      if (answer.status === 400) location.reload(); // the session was begun anew
    } catch {
      // nobody there at the moment: the same touch is sent again, and counts once
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
  }
}

async function touch(kind, more = {}) {
  if (sending) return;
  sending = true;
  screen().classList.add("sent");
  const snapshot = await post({ kind, token: screen().dataset.token, form: form(true), ...more });
  sending = false;
  screen().classList.remove("sent");
  take(snapshot);
}

/** Tell what has been typed, or only that somebody is there. */
async function tell() {
  clearTimeout(typing);
  present = performance.now();
  const token = screen().dataset.token;
  if (sending || gone) return;
  try {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": csrf };
    const answer = await fetch(places.touch, { method: "POST", headers, body: JSON.stringify({ kind: "type", token, form: form(false) }) });
    if (answer.ok) take(await answer.json(), { typed: true });
  } catch {
    // the watch sees to it
  }
}

async function press(button) {
  if (button.dataset.press !== "back" && shown.querySelector("input[name]") && button.dataset.confirm !== undefined) {
    const { token } = screen().dataset; // what was filled in is judged before the question is asked
    await touch("judge", { outcome: button.dataset.press });
    if (screen().dataset.token !== token || shown.querySelector(".wrong, .finding")) return closeKeys();
  }
  const now = shown.querySelector(`[data-press="${CSS.escape(button.dataset.press)}"]`);
  const question = now?.dataset.confirm;
  play("key");
  if (question && !(await confirmed(question, now.textContent.trim()))) return;
  closeKeys();
  await touch("press", { outcome: button.dataset.press });
}

/** A row tapped; where it only says who, the secret is asked for at once. */
async function pick(row) {
  await touch("pick", { path: row.dataset.pick, row: row.dataset.key });
  const secret = [...shown.querySelectorAll("[data-path]:not([data-keypad]) > input[data-secret]")].find((one) => !one.value && one.offsetParent);
  if (secret && row.dataset.key && shown.querySelector(".chosen")) openKeys(secret);
}

async function choose(button) {
  const options = JSON.parse(button.dataset.choose);
  const found = await chosen(button.dataset.title, options, say("previous"), say("next"));
  if (!found) return;
  button.previousElementSibling.value = found[0];
  button.textContent = found[1];
  tell();
}

function segment(button) {
  for (const one of button.parentElement.querySelectorAll("button")) one.setAttribute("aria-checked", String(one === button));
  button.parentElement.querySelector("input").value = button.dataset.value;
  tell();
}

// --- keys ------------------------------------------------------------------------------------------------------------

const changed = (field) => {
  if (field.dataset.liveSearch !== undefined) {
    const clear = field.parentElement.querySelector("[data-clear]");
    if (clear) clear.hidden = !field.value;
    clearTimeout(typing);
    typing = setTimeout(tell, TYPED);
  }
};
const keyboard = new Keyboard(panel, { changed, finished: () => closeKeys(), candidatesAt: places.candidates });

function openKeys(field) {
  shown.querySelector(".input.active")?.classList.remove("active");
  field.classList.add("active");
  panel.hidden = false;
  document.body.classList.add("typing");
  keyboard.open(field);
  field.scrollIntoView({ block: "center" });
  settle();
}

function closeKeys() {
  if (panel.hidden) return;
  panel.hidden = true;
  document.body.classList.remove("typing");
  const field = shown.querySelector(".input.active");
  field?.classList.remove("active");
  field?.blur();
  settle();
  tell();
}

function mount(pad) {
  const keys = new Keyboard(pad.querySelector("[data-mount]"), { inline: true, changed, finished: () => {}, candidatesAt: places.candidates });
  keys.open(pad.querySelector("input"));
}

// --- the page --------------------------------------------------------------------------------------------------------

shown.addEventListener("click", ({ target }) => {
  const on = (what) => target.closest(what);
  const row = on("[data-pick]");
  if (on("[data-press]")) press(on("[data-press]"));
  else if (on("[data-home]")) touch("home");
  else if (row) pick(row);
  else if (on("[data-choose]")) choose(on("[data-choose]"));
  else if (on("[data-value]")) segment(on("[data-value]"));
  else if (on("[data-part]")) showPart(on("[data-part]"), ask);
  else if (on("[data-clear]")) clearField(on("[data-clear]"));
  else if (on('[role="tab"]')) requestAnimationFrame(settle); // the tab is turned after this
  else if (on("input[data-keys]") && !on("[data-keypad]")) openKeys(on("input[data-keys]"));
  else if (!panel.hidden && !on(".field, .seek")) closeKeys();
});

function clearField(button) {
  const field = button.parentElement.querySelector("input");
  field.value = "";
  keyboard.field === field && keyboard.show();
  button.hidden = true;
  tell();
}

document.addEventListener("pointerdown", () => {
  if (performance.now() - present > PRESENT && !screen().classList.contains("rest")) tell();
});
document.addEventListener("contextmenu", (event) => event.preventDefault());
document.addEventListener("dragstart", (event) => event.preventDefault());
document.querySelector("[data-volume]").addEventListener("click", ({ currentTarget }) => told(currentTarget, louder()));
document.querySelector("[data-speak]").addEventListener("click", async ({ currentTarget }) => {
  const body = new URLSearchParams({ csrf_token: csrf, language: currentTarget.dataset.speak });
  await fetch(places.language, { method: "POST", body }).catch(() => null);
  location.reload();
});

/** The next person finds the usual language: what the last one chose ends with them. */
async function speakAsUsual() {
  if (document.documentElement.lang === places.usual) return;
  const body = new URLSearchParams({ csrf_token: csrf, language: "" });
  const answer = await fetch(places.language, { method: "POST", body }).catch(() => null);
  if (answer?.ok && screen().classList.contains("rest")) location.reload();
}

/** Who chose a language at rest and went away again is the last one too. */
function restsAlone() {
  if (screen().classList.contains("rest") && performance.now() - present > ALONE) speakAsUsual();
}

function told(button, level) {
  button.dataset.volume = String(level);
  button.setAttribute("aria-label", say("volume", { level: level + 1 }));
}

async function head() {
  const answer = await fetch(places.status).catch(() => null);
  if (answer?.ok) document.getElementById("facts").innerHTML = (await answer.json()).html;
}

guardKeys();
told(document.querySelector("[data-volume]"), volume());
load(places.pinyin).catch(() => {});
begin();
keepTime(tell);
setInterval(head, 5_000);
setInterval(restsAlone, 5_000);
follow(places.live, places.status, take, async (is) => {
  if (gone && !is && (await answers(places.status))) location.reload();
  gone = is || gone;
  document.getElementById("gone").hidden = !gone;
  document.body.classList.toggle("cut", gone);
});
navigator.serviceWorker?.register(places.worker, { scope: "/kiosk" }).catch(() => {});
