// Dates are typed as 2026-05-06, 20260506 or 6/5 of this year, or picked from the browser's own calendar.

const FULL = /^(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*[-/.月]?\s*(\d{1,2})\s*日?$/;
const SHORT = /^(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?$/;

/** Bring all date fields below an element to life. */
export function startDates(below) {
  for (const root of below.querySelectorAll("[data-date]:not([data-live])")) start(root);
}

function start(root) {
  root.dataset.live = "yes";
  const [input, calendar, button] = root.children;
  const timed = calendar.type === "datetime-local";
  input.addEventListener("change", () => (input.value = timed ? tidyTime(input.value) : tidyDate(input.value)));
  button.addEventListener("click", () => {
    calendar.value = input.value.replace(" ", "T");
    calendar.showPicker();
  });
  calendar.addEventListener("change", (event) => {
    event.stopPropagation();
    input.value = calendar.value.replace("T", " ");
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

/** The ISO form of a typed date; what is none stays as it is and is refused with a reason. */
export function tidyDate(text) {
  const found = FULL.exec(text.trim()) ?? SHORT.exec(text.trim());
  if (!found) return text.trim();
  const [year, month, day] = found.length === 4 ? found.slice(1) : [new Date().getFullYear(), found[1], found[2]];
  return `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

function tidyTime(text) {
  const [day, ...rest] = text.trim().replace("T", " ").split(/\s+/);
  const time = rest.join("").replace("：", ":");
  if (!day) return "";
  const short = /^(\d{1,2}):(\d{1,2})$/.exec(time);
  return `${tidyDate(day)} ${short ? `${short[1].padStart(2, "0")}:${short[2].padStart(2, "0")}` : time}`.trim();
}
