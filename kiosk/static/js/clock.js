// Time on the page: the clock, the line of time left, the question whether anybody is still there.
import { say } from "./words.js";

const WARN = 30;
const days = say("weekdays").split(",");
let ends;
let idles;
let whole;
let stay;
let heard;

const two = (number) => String(number).padStart(2, "0");

/** Take the deadlines of a screen. */
export function reckon(screen) {
  const now = performance.now() / 1000;
  const { seconds, idle } = screen.dataset;
  whole = seconds === undefined ? 0 : Number(seconds);
  ends = seconds === undefined ? undefined : now + whole;
  idles = idle === undefined ? undefined : now + Number(idle);
}

/** Keep time. `stays` is called when people say that they are still there. */
export function keepTime(stays) {
  stay = stays;
  document.getElementById("idle").addEventListener("cancel", (event) => {
    event.preventDefault();
    carryOn();
  });
  document.querySelector("[data-stay]").addEventListener("click", carryOn);
  setInterval(tick, 250);
  tick();
}

function carryOn() {
  document.getElementById("idle").close();
  stay();
}

/** The time by the clock of the node, in its zone, as everything else on the screen is told; it comes with the head. */
function here() {
  const now = document.querySelector("[data-now]")?.dataset.now;
  if (!now) return new Date();
  if (now !== heard?.now) heard = { now, at: performance.now() };
  return new Date(Date.parse(now) + performance.now() - heard.at);
}

function tick() {
  const today = here();
  for (const one of document.querySelectorAll("[data-clock]")) one.textContent = `${two(today.getHours())}:${two(today.getMinutes())}`;
  for (const one of document.querySelectorAll("[data-day]")) {
    one.textContent = `${today.getFullYear()}-${two(today.getMonth() + 1)}-${two(today.getDate())}  ${days[today.getDay()]}`;
  }
  const now = performance.now() / 1000;
  line(now);
  ask(now);
}

function line(now) {
  const box = document.getElementById("left");
  const left = ends === undefined ? undefined : Math.max(0, ends - now);
  box.hidden = left === undefined;
  if (left === undefined) return;
  box.firstElementChild.style.transform = `scaleX(${whole ? left / whole : 0})`;
  box.classList.toggle("short", left < Math.min(10, whole / 3));
}

function ask(now) {
  const dialog = document.getElementById("idle");
  const left = idles === undefined ? Infinity : idles - now;
  if (left > WARN || left <= -3) {
    if (dialog.open) dialog.close();
    return;
  }
  dialog.querySelector("[data-text]").textContent = say("idle", { seconds: Math.max(0, Math.ceil(left)) });
  if (!dialog.open) dialog.showModal();
}
