// Dates and times of expressions: ISO texts without offset in civil time, counted on the proleptic Gregorian calendar.
// A date is "2026-05-06", a datetime "2026-05-06T10:00:00", with microseconds where it has any.

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?$/;
const DAY = 86_400;

const two = (found) => String(found).padStart(2, "0");

export function isMoment(text) {
  return typeof text === "string" && ISO.test(text);
}

export function isTimed(text) {
  return text.length > 10;
}

export function parts(text) {
  const found = ISO.exec(text);
  if (!found) return null;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part) => Number(part ?? 0));
  return { year, month, day, hour, minute, second, micro: Number((found[7] ?? "").padEnd(6, "0")) };
}

export function monthLength(year, month) {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

export function exists(year, month, day) {
  const whole = Number.isInteger(year) && Number.isInteger(month) && Number.isInteger(day);
  return whole && year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= monthLength(year, month);
}

// Days since 1970-01-01.
export function dayNumber({ year, month, day }) {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const ofEra = shifted - era * 400;
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
}

function fromDayNumber(number) {
  const days = number + 719_468;
  const era = Math.floor(days / 146_097);
  const ofEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * ofYear + 2) / 153);
  const day = ofYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

export function dateText({ year, month, day }) {
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
}

export function momentText(found) {
  const fraction = found.micro ? `.${String(found.micro).padStart(6, "0")}` : "";
  return `${dateText(found)}T${two(found.hour)}:${two(found.minute)}:${two(found.second)}${fraction}`;
}

// A datetime in its one spelling; other texts as they are.
export function canonical(text) {
  const found = typeof text === "string" && text.length > 10 ? parts(text) : null;
  return found ? momentText(found) : (text ?? null);
}

export function dateOf(text) {
  return text.slice(0, 10);
}

export function momentOf(text) {
  return isTimed(text) ? canonical(text) : `${text}T00:00:00`;
}

function secondOfDay(found) {
  return found.hour * 3600 + found.minute * 60 + found.second;
}

export function secondsBetween(run, start, end) {
  const [first, last] = [parts(start), parts(end)];
  const days = dayNumber(last) - dayNumber(first);
  const seconds = run.number(days * DAY + secondOfDay(last) - secondOfDay(first));
  return seconds.plus(run.number(last.micro - first.micro).div(1_000_000));
}

export function between(run, end, start) {
  return { months: 0, seconds: secondsBetween(run, start, end), working_days: 0 };
}

// The moment so much later: months first, the day cut to the month's length; null beyond the years 1 to 9999.
export function later(run, text, duration) {
  if (duration.working_days) throw new TypeError("working days need the calendar");
  const found = parts(text);
  const month0 = found.month - 1 + duration.months;
  found.year += Math.floor(month0 / 12);
  found.month = (((month0 % 12) + 12) % 12) + 1;
  if (found.year < 1 || found.year > 9999) return null;
  found.day = Math.min(found.day, monthLength(found.year, found.month));
  return isTimed(text) ? movedMoment(run, found, duration.seconds) : movedDate(found, duration.seconds);
}

function movedDate(found, seconds) {
  const number = dayNumber(found) + seconds.div(DAY).trunc().toNumber();
  const moved = fromDayNumber(number);
  return exists(moved.year, moved.month, moved.day) ? dateText(moved) : null;
}

function movedMoment(run, found, seconds) {
  const micros = seconds.times(1_000_000).toDecimalPlaces(0, 6);
  const total = run.number(secondOfDay(found)).times(1_000_000).plus(found.micro).plus(micros);
  const days = total.div(DAY * 1_000_000).floor();
  const rest = total.minus(days.times(DAY * 1_000_000)).toNumber();
  const number = dayNumber(found) + days.toNumber();
  if (!Number.isSafeInteger(number)) return null;
  const moved = fromDayNumber(number);
  if (!exists(moved.year, moved.month, moved.day)) return null;
  const second = Math.floor(rest / 1_000_000);
  return momentText({
    ...moved,
    hour: Math.floor(second / 3600),
    minute: Math.floor((second % 3600) / 60),
    second: second % 60,
    micro: rest % 1_000_000,
  });
}
