// Values as text, with a format such as %Y%m%d, 06 or ,.2 or without: the characters that the server writes.
import * as times from "./expression_times.js";

const NUMBER_FORMAT = /^(0?\d{0,2})(,?)(?:\.(\d{1,2}))?[fd]?$/;
const SLOT = /\{\{|\}\}|\{(?::([^{}]*))?\}/g;
const WORDS = {
  zh: { yes: "是", no: "否", months: "个月", working_days: "个工作日", days: "天", hours: "小时", minutes: "分", seconds: "秒",
    between: "" },
  en: { yes: "yes", no: "no", months: " months", working_days: " working days", days: " d", hours: " h", minutes: " min",
    seconds: " s", between: " " },
};
const two = (found) => String(found).padStart(2, "0");

function dayOfYear(found) {
  return times.dayNumber(found) - times.dayNumber({ year: found.year, month: 1, day: 1 }) + 1;
}

const DIRECTIVES = {
  Y: (found) => String(found.year).padStart(4, "0"),
  y: (found) => two(found.year % 100),
  m: (found) => two(found.month),
  "-m": (found) => String(found.month),
  d: (found) => two(found.day),
  "-d": (found) => String(found.day),
  H: (found) => two(found.hour),
  M: (found) => two(found.minute),
  S: (found) => two(found.second),
  f: (found) => String(found.micro).padStart(6, "0"),
  j: (found) => String(dayOfYear(found)).padStart(3, "0"),
  "%": () => "%",
};

export function shown(value, spec = "", kind = "any", language = "zh") {
  if (value === null || value === undefined) return "";
  const moment = ["date", "datetime", "any", "json"].includes(kind) && times.isMoment(value);
  if (spec && moment) {
    const found = times.parts(value);
    return spec.includes("%") ? spec.replace(/%(-?[A-Za-z%])/g, (_, name) => DIRECTIVES[name]?.(found) ?? "") : value;
  }
  if (spec && (typeof value === "string" || isNumber(value))) return measured(value, spec);
  return plain(value, kind, WORDS[language] ?? WORDS.zh);
}

const isNumber = (value) => typeof value === "number" || typeof value?.toFixed === "function";

function plain(value, kind, words) {
  if (typeof value === "boolean") return value ? words.yes : words.no;
  if (isNumber(value)) return plainNumber(value);
  if (Array.isArray(value)) {
    return value.filter((member) => member !== null).map((member) => plain(member, "any", words)).join("、");
  }
  if (typeof value === "object") {
    return "working_days" in value ? duration(value, words) : String(value.number ?? value.id ?? value.name ?? "");
  }
  const timed = (kind === "datetime" || kind === "any") && times.isMoment(value) && times.isTimed(value);
  return timed ? value.replace("T", " ").slice(0, 19) : value;
}

export function plainNumber(value) {
  const text = typeof value === "number" ? String(value) : value.toFixed();
  const short = text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  return short === "-0" || short === "" ? "0" : short;
}

function duration(value, words) {
  const whole = value.seconds.abs().trunc().toNumber();
  const parts = [
    [Math.abs(value.months), words.months],
    [Math.abs(value.working_days), words.working_days],
    [Math.floor(whole / 86_400), words.days],
    [Math.floor((whole % 86_400) / 3600), words.hours],
    [Math.floor((whole % 3600) / 60), words.minutes],
    [whole % 60, words.seconds],
  ];
  const text = parts.filter(([count]) => count).map(([count, unit]) => `${count}${unit}`).join(words.between);
  const below = value.months < 0 || value.working_days < 0 || value.seconds.isNegative();
  return (below && text ? "-" : "") + (text || `0${words.minutes}`);
}

function measured(value, spec) {
  const found = NUMBER_FORMAT.exec(spec);
  if (!found) return plain(value, "text", WORDS.zh);
  const width = Math.min(Number(found[1] || 0), 64);
  const fill = found[1].startsWith("0") ? "0" : " ";
  if (typeof value === "string") return padded(value, width, fill);
  const text = digits(value, found[3], found[2] === ",");
  return fill === "0" && text.startsWith("-") ? `-${padded(text.slice(1), width - 1, fill)}` : padded(text, width, fill);
}

function padded(text, width, fill) {
  return fill.repeat(Math.max(width - Array.from(text).length, 0)) + text;
}

function digits(value, places, grouped) {
  const fits = places !== undefined && (value.isZero() ? 0 : value.e) + Number(places) < 34;
  const text = fits ? value.toFixed(Number(places), 4) : plainNumber(value);
  if (!grouped) return text;
  const [whole, rest] = text.split(".");
  const marked = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return rest === undefined ? marked : `${marked}.${rest}`;
}

// The pattern with its slots filled in order; doubled braces are braces.
export function filled(pattern, values, kinds) {
  let next = 0;
  return pattern.replace(SLOT, (match, spec) => {
    if (match === "{{" || match === "}}") return match[0];
    const at = next;
    next += 1;
    return shown(values[at] ?? null, spec ?? "", kinds[at]);
  });
}
