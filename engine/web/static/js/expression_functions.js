// The functions of the expression language that the browser has; each does what its namesake on the server does.
// A function gets { run, kinds, same, order } first, then its arguments, null for those left out.
import { matches } from "./expression_patterns.js";
import { filled, shown } from "./expression_texts.js";
import * as times from "./expression_times.js";

export const MAX_TEXT = 100_000;
const MAX_DIGITS = 34;
const DOTS = /[•・‧∙⋅･.．。]/gu;
const WEIGHTED = /^(?:\d{17}[\dXx]|\d{15})$/;
const PLAIN_NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

export class Exhausted extends Error {
  constructor(bound) {
    super(`an expression went beyond the bound on ${bound}`);
    this.bound = bound;
  }
}

function bounded(text) {
  if (text.length > MAX_TEXT) throw new Exhausted("text");
  return text;
}

// Null for null, which most functions give.
function strict(implementation) {
  return (context, ...values) => (values.includes(null) ? null : implementation(context, ...values));
}

const letters = (text) => Array.from(text);
const count = (found) => found.trunc().toNumber();

function quantized(value, digits) {
  const adjusted = value.isZero() ? 0 : value.e;
  if (Math.abs(digits) > MAX_DIGITS) throw new Exhausted("number");
  if (adjusted + digits >= MAX_DIGITS) return value;
  if (digits >= 0) return value.toDecimalPlaces(digits, 4);
  const unit = value.constructor.pow(10, -digits);
  return value.div(unit).toDecimalPlaces(0, 4).times(unit);
}

function whole(value, rounding) {
  if (!value.isZero() && value.e >= MAX_DIGITS) throw new Exhausted("number");
  return value.toDecimalPlaces(0, rounding);
}

function power({ run }, value, exponent) {
  const times_ = count(exponent);
  if (Math.abs(times_) > 1000) throw new Exhausted("number");
  if (value.isZero() && times_ <= 0) return times_ < 0 ? null : run.number(1);
  return run.number(value.pow(times_));
}

function extreme(wanted) {
  return strict(({ run, order }, ...values) =>
    values.reduce((best, next) => (wanted(order(run, next, best)) ? next : best)),
  );
}

function number({ run }, value) {
  if (value === null || typeof value === "boolean") return null;
  if (run.Decimal.isDecimal(value)) return value;
  if (typeof value === "number") return run.number(String(value));
  if (typeof value !== "string" || value.trim().length > MAX_DIGITS + 2) return null;
  return PLAIN_NUMBER.test(value.trim()) ? run.number(value.trim()) : null;
}

function makeDate({ run }, value, month, day) {
  if (value === null) return null;
  if (run.Decimal.isDecimal(value)) {
    if (month === null || day === null) return null;
    const made = { year: count(value), month: count(month), day: count(day) };
    return times.exists(made.year, made.month, made.day) ? times.dateText(made) : null;
  }
  if (typeof value !== "string" || month !== null) return null;
  const found = times.parts(value);
  return found && times.exists(found.year, found.month, found.day) ? value.slice(0, 10) : null;
}

function makeDatetime(context, value) {
  if (typeof value !== "string" || ![10, 16, 19].includes(value.length)) return null;
  if (value.length === 10 && !["date", "datetime"].includes(context.kinds[0])) return null;
  const found = times.parts(value);
  const valid = found && times.exists(found.year, found.month, found.day);
  return valid && found.hour < 24 && found.minute < 60 && found.second < 60 ? times.momentText(found) : null;
}

function months(start, end) {
  const [first, last] = [times.parts(start), times.parts(end)];
  if (times.dayNumber(last) < times.dayNumber(first)) return -months(end, start);
  const found = (last.year - first.year) * 12 + last.month - first.month;
  return last.day >= Math.min(first.day, times.monthLength(last.year, last.month)) ? found : found - 1;
}

const part = (name) => strict(({ run }, value) => run.number(times.parts(value)[name]));
const span = (unit) => strict(({ run }, start, end) => times.secondsBetween(run, start, end).div(unit));

function cut(context, value, length, start) {
  const first = Math.max((start === null ? 1 : count(start)) - 1, 0);
  return letters(value).slice(first, first + Math.max(count(length), 0)).join("");
}

function replace(context, value, old, fresh) {
  if (!old) return value;
  const pieces = value.split(old);
  if (value.length + (pieces.length - 1) * (fresh.length - old.length) > MAX_TEXT) throw new Exhausted("text");
  return pieces.join(fresh);
}

function pad(context, value, width, fill) {
  const missing = count(width) - letters(value).length;
  const filler = letters(fill ?? "0");
  if (missing <= 0 || !filler.length) return value;
  if (count(width) > MAX_TEXT) throw new Exhausted("text");
  return Array.from({ length: missing }, (_, at) => filler[at % filler.length]).join("") + value;
}

function cleanName(context, value) {
  return value.replace(DOTS, "·").normalize("NFKC").replace(DOTS, "·").replace(/\s+/gu, "");
}

function digits(value) {
  if (!WEIGHTED.test(value)) return null;
  return value.length === 18 ? value.slice(0, 17) : `${value.slice(0, 6)}19${value.slice(6)}`;
}

function birth(context, value) {
  const found = digits(value);
  if (!found) return null;
  const made = { year: Number(found.slice(6, 10)), month: Number(found.slice(10, 12)), day: Number(found.slice(12, 14)) };
  return times.exists(made.year, made.month, made.day) ? times.dateText(made) : null;
}

function sex(context, value) {
  const found = digits(value);
  return found && (Number(found[16]) % 2 ? "1" : "2");
}

function isEmpty(context, value) {
  if (typeof value === "string") return !value.trim();
  return value === null || (Array.isArray(value) && !value.length);
}

function text(context, value, ...values) {
  if (values.length) return bounded(filled(value, values, context.kinds.slice(1)));
  return value === null ? null : shown(value, "", context.kinds[0]);
}

function join(context, values, between) {
  if (values === null) return null;
  const present = values.filter((value) => value !== null);
  return bounded(present.map((value) => shown(value, "", "any")).join(between ?? "、"));
}

export const FUNCTIONS = {
  round: (context, value, places) => (value === null ? null : quantized(value, places === null ? 0 : count(places))),
  abs: strict((context, value) => value.abs()),
  floor: strict((context, value) => whole(value, 3)),
  ceil: strict((context, value) => whole(value, 2)),
  power: strict(power),
  least: extreme((found) => found < 0),
  greatest: extreme((found) => found > 0),
  number,
  int(context, value) {
    const found = number(context, value);
    return found === null ? null : whole(found, 1);
  },
  date: makeDate,
  datetime: makeDatetime,
  days: strict(({ run }, start, end) =>
    run.number(times.dayNumber(times.parts(end)) - times.dayNumber(times.parts(start))),
  ),
  months: strict(({ run }, start, end) => run.number(months(start, end))),
  years: strict(({ run }, start, end) => run.number(Math.trunc(months(start, end) / 12))),
  hours: span(3600),
  minutes: span(60),
  seconds: span(1),
  date_of: strict((context, value) => times.dateOf(value)),
  year_of: part("year"),
  month_of: strict((context, value) => value.slice(0, 7)),
  month_number: part("month"),
  day_number: part("day"),
  hour_of: part("hour"),
  weekday: strict(({ run }, value) => run.number(((((times.dayNumber(times.parts(value)) + 3) % 7) + 7) % 7) + 1)),
  month_start: strict((context, value) => `${value.slice(0, 8)}01`),
  month_end: strict((context, value) => {
    const found = times.parts(value);
    return times.dateText({ ...found, day: times.monthLength(found.year, found.month) });
  }),
  text,
  upper: strict((context, value) => value.toUpperCase()),
  lower: strict((context, value) => value.toLowerCase()),
  trim: strict((context, value) => value.trim()),
  cut: (context, value, length, start) => (value === null || length === null ? null : cut(context, value, length, start)),
  len: strict(({ run }, value) => run.number(letters(value).length)),
  contains: strict((context, value, inner) => value.includes(inner)),
  starts: strict((context, value, inner) => value.startsWith(inner)),
  ends: strict((context, value, inner) => value.endsWith(inner)),
  replace: strict(replace),
  pad: (context, value, width, fill) => (value === null || width === null ? null : pad(context, value, width, fill)),
  clean_name: strict(cleanName),
  join,
  match: strict((context, value, pattern) => matches(pattern, value, () => new Exhausted("text"))),
  birth_of: strict(birth),
  sex_of: strict(sex),
  is_empty: isEmpty,
};
