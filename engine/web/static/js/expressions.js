// The browser twin of engine.expressions: evaluates checked trees (Checked.to_json) with the same null rules and bounds.
//
// evaluate(node, env, decimal) gives a value: text, boolean, Decimal, ISO date or datetime as text, a duration
// {months, seconds, working_days}, a list, a row, or null. `decimal` is the default export of vendor/decimal.mjs.
// env: { row, parent, index, this, event, locals, up, today, now, code(list, code, column) }; numbers in rows may be
// text, numbers or Decimals. What needs the server is never sent here; a node that is unknown throws. No text is run.
import { FUNCTIONS, Exhausted, MAX_TEXT } from "./expression_functions.js";
import * as times from "./expression_times.js";

export { Exhausted } from "./expression_functions.js";

const MAX_STEPS = 600_000;
const LOOSE = new Set(["any", "json"]);
const NUMBERS = new Set(["integer", "number"]);
const arithmetics = new WeakMap();

// A Decimal constructor with 34 digits, rounding half up, as decimal128.
export function arithmetic(decimal) {
  if (!arithmetics.has(decimal)) {
    const made = decimal.clone({
      precision: 34, rounding: 4, modulo: 3, maxE: 6144, minE: -6176, toExpNeg: -9000, toExpPos: 9000, defaults: true,
    });
    arithmetics.set(decimal, made);
  }
  return arithmetics.get(decimal);
}

export function evaluate(node, env, decimal) {
  return new Evaluation(env, arithmetic(decimal)).value(node);
}

// Whether a condition is true; null counts as false.
export function holds(node, env, decimal) {
  return evaluate(node, env, decimal) === true;
}

class Evaluation {
  constructor(env, Decimal) {
    this.env = env;
    this.Decimal = Decimal;
    this.frames = new Map(); // inner frames: { row, parent, index }
    this.steps = MAX_STEPS;
  }

  value(node) {
    const rule = RULES[node.k];
    if (!rule) throw new TypeError(`no such node: ${node.k}`);
    return rule(this, node);
  }

  number(found) {
    const made = this.Decimal.isDecimal(found) && found.constructor === this.Decimal ? found : new this.Decimal(found);
    if (!made.isFinite()) throw new Exhausted("number");
    return made;
  }

  // A value of a row as its kind says; what forms hold as empty text is null, but for texts.
  read(found, kind) {
    if (found === undefined || found === null) return null;
    if (NUMBERS.has(kind)) return found === "" ? null : this.number(found);
    if (LOOSE.has(kind) && typeof found === "number") return this.number(String(found));
    if (found === "" && (kind === "date" || kind === "datetime" || kind === "boolean")) return null;
    return kind === "datetime" ? times.canonical(found) : found;
  }

  at(frame) {
    if (frame > 0) return this.frames.get(frame);
    let env = this.env;
    for (let out = frame; out < 0; out += 1) env = env.up;
    return env;
  }

  within(frame, place, work) {
    const before = this.frames.get(frame);
    this.frames.set(frame, place);
    const result = work();
    this.frames.set(frame, before);
    return result;
  }

  charge(rows) {
    this.steps -= rows;
    if (this.steps < 0) throw new Exhausted("steps");
  }

  // Rows with their places.
  rows(source) {
    if (source.k === "through") {
      const outer = this.rows(source.outer);
      this.charge(outer.length);
      const found = outer.flatMap((place) => this.within(source.frame, place, () => this.rows(source.inner)));
      this.charge(found.length);
      return found;
    }
    if (source.k === "table") {
      const parent = this.value(source.row);
      const rows = (parent && parent[source.name]) || [];
      return rows.map((row, index) => ({ row, parent, index }));
    }
    if (source.k !== "values") throw new TypeError(`no such source: ${source.k}`);
    return members(this.value(source.value)).map((row, index) => ({ row, parent: null, index }));
  }
}

function members(found) {
  if (found === null || found === undefined) return [];
  return Array.isArray(found) ? found : [found];
}

const isDuration = (found) => found !== null && typeof found === "object" && "working_days" in found;

// --- names and paths ----------------------------------------------------------------------------------------------

function constant(run, node) {
  const found = node.value;
  if (found === null || typeof found !== "object") return found;
  if ("number" in found) return run.number(found.number);
  return { ...found, seconds: run.number(found.seconds) };
}

function surrounding(run, node) {
  if (node.word === "now") return times.canonical(run.env.now);
  return run.env[node.word] ?? null;
}

function field(run, node) {
  const row = run.value(node.row);
  if (row === null || typeof row !== "object") return null;
  return run.read(Object.hasOwn(row, node.name) ? row[node.name] : null, node.t);
}

function codeColumn(run, node) {
  const code = run.value(node.code);
  return code === null ? null : run.read(run.env.code(node.list_id, code, node.column), node.t);
}

function prefixed(prefix, id) {
  return id === null || id === undefined ? null : prefix ? `${prefix}:${id}` : id;
}

function convert(run, node) {
  const found = run.value(node.operand);
  if (node.to === "refs") return members(found).map((member) => (typeof member === "object" ? member.id : member));
  if (found === null) return null;
  if (node.to === "date") return times.dateOf(found);
  return node.to === "datetime" ? times.momentOf(found) : found;
}

// --- arithmetic ---------------------------------------------------------------------------------------------------

function finite(run, made) {
  return made === null ? null : run.number(made);
}

function numeric(run, operator, left, right) {
  if (operator === "+") return finite(run, left.plus(right));
  if (operator === "-") return finite(run, left.minus(right));
  if (operator === "*") return finite(run, left.times(right));
  if (right.isZero()) return null;
  return finite(run, operator === "/" ? left.div(right) : left.mod(right));
}

function concatenate(left, right) {
  if (left.length + right.length > MAX_TEXT) throw new Exhausted("text");
  return left + right;
}

function scaled(run, duration, by) {
  const months = by.times(duration.months);
  const days = by.times(duration.working_days);
  if (!months.isInteger() || !days.isInteger()) return null;
  return { months: months.toNumber(), seconds: run.number(by.times(duration.seconds)), working_days: days.toNumber() };
}

function divided(run, duration, by) {
  if (by.isZero()) return null;
  const [months, days] = [run.number(duration.months).div(by), run.number(duration.working_days).div(by)];
  if (!months.isInteger() || !days.isInteger()) return null;
  return { months: months.toNumber(), seconds: duration.seconds.div(by), working_days: days.toNumber() };
}

function opposite(duration) {
  return { months: -duration.months, seconds: duration.seconds.neg(), working_days: -duration.working_days };
}

function added(left, right) {
  return {
    months: left.months + right.months,
    seconds: left.seconds.plus(right.seconds),
    working_days: left.working_days + right.working_days,
  };
}

const OPERATIONS = {
  number: (run, node, left, right) => numeric(run, node.operator, left, right),
  text: (run, node, left, right) => concatenate(left, right),
  moments: (run, node, left, right) => times.between(run, left, right),
  duration: (run, node, left, right) => added(left, node.operator === "-" ? opposite(right) : right),
  moment(run, node, left, right) {
    if (isDuration(left)) return times.later(run, right, left);
    return times.later(run, left, node.operator === "-" ? opposite(right) : right);
  },
  scale(run, node, left, right) {
    if (node.operator === "/") return divided(run, left, right);
    return isDuration(left) ? scaled(run, left, right) : scaled(run, right, left);
  },
  any: (run, node, left, right) => anyArithmetic(run, node.operator, left, right),
};

function plain(run, found) {
  return typeof found === "number" ? run.number(String(found)) : found;
}

function anyArithmetic(run, operator, one, other) {
  const [left, right] = [plain(run, one), plain(run, other)];
  const { Decimal } = run;
  if (Decimal.isDecimal(left) && Decimal.isDecimal(right)) return numeric(run, operator, left, right);
  if (operator === "+" && typeof left === "string" && typeof right === "string") return concatenate(left, right);
  if (operator === "*" && Decimal.isDecimal(left) && isDuration(right)) return scaled(run, right, left);
  if ("+-".includes(operator) && times.isMoment(left) && isDuration(right)) {
    return times.later(run, left, operator === "-" ? opposite(right) : right);
  }
  return null;
}

function operation(run, node) {
  const left = run.value(node.left);
  const right = run.value(node.right);
  return left === null || right === null ? null : OPERATIONS[node.rule](run, node, left, right);
}

function negative(run, node) {
  const found = plain(run, run.value(node.operand));
  if (found === null) return null;
  if (isDuration(found)) return opposite(found);
  return run.Decimal.isDecimal(found) ? found.neg() : null;
}

// --- comparison ---------------------------------------------------------------------------------------------------

export function same(run, one, other) {
  const [left, right] = [plain(run, one), plain(run, other)];
  if (left === null || right === null) return left === right;
  if (run.Decimal.isDecimal(left)) return run.Decimal.isDecimal(right) && left.eq(right);
  if (isDuration(left) && isDuration(right)) {
    const days = left.working_days === right.working_days;
    return left.months === right.months && days && left.seconds.eq(right.seconds);
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((member, index) => same(run, member, right[index]));
  }
  return left === right;
}

// Below zero, zero or above as the left one is smaller, equal or greater; null where there is no order.
export function order(run, one, other) {
  const [left, right] = [plain(run, one), plain(run, other)];
  if (left === null || right === null || typeof left === "boolean" || typeof right === "boolean") return null;
  if (run.Decimal.isDecimal(left)) return run.Decimal.isDecimal(right) ? left.cmp(right) : null;
  if (isDuration(left)) return isDuration(right) ? durationOrder(run, left, right) : null;
  return typeof left === "string" && typeof right === "string" ? textOrder(left, right) : null;
}

function textOrder(left, right) {
  const [one, other] = [Array.from(left), Array.from(right)];
  for (let at = 0; at < Math.min(one.length, other.length); at += 1) {
    if (one[at] !== other[at]) return one[at].codePointAt(0) - other[at].codePointAt(0);
  }
  return one.length - other.length;
}

function durationOrder(run, left, right) {
  const [one, other] = [onePart(run, left), onePart(run, right)];
  if (!one || !other || (one[0] !== other[0] && one[0] && other[0])) return null;
  return one[1].cmp(other[1]);
}

function onePart(run, duration) {
  const parts = ["months", "seconds", "working_days"].map((name) => [name, run.number(duration[name])]);
  const present = parts.filter(([, size]) => !size.isZero());
  if (present.length > 1) return null;
  return present[0] || ["", run.number(0)];
}

function pair(run, operator, left, right) {
  if (operator === "==") return same(run, left, right);
  if (operator === "!=") return !same(run, left, right);
  const found = order(run, left, right);
  if (found === null) return null;
  return { "<": found < 0, "<=": found <= 0, ">": found > 0, ">=": found >= 0 }[operator];
}

function compare(run, node) {
  const operands = node.operands.map((operand) => run.value(operand));
  const pairs = node.operators.map((operator, at) => pair(run, operator, operands[at], operands[at + 1]));
  if (pairs.includes(false)) return false;
  return pairs.includes(null) ? null : true;
}

function among(run, node) {
  const item = run.value(node.item);
  const inside = node.container ? members(run.value(node.container)) : node.members.map((member) => run.value(member));
  return inside.some((member) => same(run, item, member)) !== node.negated;
}

// --- conditions ---------------------------------------------------------------------------------------------------

const truth = (found) => (typeof found === "boolean" ? found : null);

function junction(run, node) {
  const deciding = node.operator === "or";
  let result = !deciding;
  for (const part of node.parts) {
    const found = truth(run.value(part));
    if (found === deciding) return deciding;
    if (found === null) result = null;
  }
  return result;
}

function not(run, node) {
  const found = truth(run.value(node.operand));
  return found === null ? null : !found;
}

function otherwise(run, node) {
  for (const part of node.parts) {
    const found = run.value(part);
    if (found !== null) return found;
  }
  return null;
}

function call(run, node) {
  const implementation = FUNCTIONS[node.function];
  if (!implementation) throw new TypeError(`no such function: ${node.function}`);
  const values = node.arguments.map((argument) => (argument === null ? null : run.value(argument)));
  const kinds = node.arguments.map((argument) => (argument === null ? "null" : argument.t));
  if (!kinds.some((kind) => LOOSE.has(kind))) return implementation({ run, kinds, same, order }, ...values);
  try {
    return implementation({ run, kinds, same, order }, ...values.map((found) => plain(run, found)));
  } catch (error) {
    if (error instanceof Exhausted) throw error;
    return null; // a value of unknown kind that the function is not made for
  }
}

// --- functions on sources -----------------------------------------------------------------------------------------

function aggregate(run, node) {
  const rows = run.rows(node.source);
  run.charge(rows.length);
  const inside = (place, inner) => run.within(node.frame, place, () => run.value(inner));
  const lets = (place) => node.where === null || inside(place, node.where) === true;
  if (node.function === "all") return rows.every((place) => !lets(place) || inside(place, node.value) === true);
  const kept = rows.filter(lets);
  const numeric = node.value !== null && LOOSE.has(node.value.t) && node.function !== "list";
  const value = (place) => {
    const found = plain(run, inside(place, node.value));
    return numeric && !run.Decimal.isDecimal(found) ? null : found;
  };
  return AGGREGATES[node.function](run, kept, value, node, inside);
}

const present = (places, value) => places.map(value).filter((found) => found !== null);
const sum = (run, values) => run.number(values.reduce((total, found) => total.plus(found), run.number(0)));

function best(run, values, wanted) {
  return values.reduce((found, next) => (found === null || wanted(order(run, next, found)) ? next : found), null);
}

function sorted(run, places, keys, inside) {
  const valued = places.map((place) => [keys.map((sort) => inside(place, sort.key)), place]);
  valued.sort(([left], [right]) => {
    for (let at = 0; at < keys.length; at += 1) {
      if (same(run, left[at], right[at])) continue;
      if (left[at] === null || right[at] === null) return left[at] === null ? 1 : -1;
      const found = typeof left[at] === "boolean" ? Number(left[at]) - Number(right[at]) : order(run, left[at], right[at]);
      return keys[at].descending ? -found : found;
    }
    return 0;
  });
  return valued.map(([, place]) => place);
}

const AGGREGATES = {
  count: (run, rows) => run.number(rows.length),
  sum: (run, rows, value) => sum(run, present(rows, value)),
  avg(run, rows, value) {
    const values = present(rows, value);
    return values.length ? sum(run, values).div(values.length) : null;
  },
  min: (run, rows, value) => best(run, present(rows, value), (found) => found < 0),
  max: (run, rows, value) => best(run, present(rows, value), (found) => found > 0),
  any: (run, rows) => rows.length > 0,
  one: (run, rows) => (rows.length === 1 ? rows[0].row : null),
  first: (run, rows, value, node, inside) => (rows.length ? sorted(run, rows, node.order, inside)[0].row : null),
  newest(run, rows, value) {
    const valued = rows.map((place) => [value(place), place.row]).filter(([found]) => found !== null);
    const top = best(run, valued.map(([found]) => found), (found) => found > 0);
    return top === null ? null : valued.find(([found]) => same(run, found, top))[1];
  },
  list: (run, rows, value, node) => (node.value === null ? rows.map((place) => place.row) : rows.map(value)),
  percentile(run, rows, value, node) {
    const values = present(rows, value).sort((left, right) => left.cmp(right));
    const percent = node.extra === null ? null : run.value(node.extra);
    if (!values.length || percent === null || percent.lte(0) || percent.gt(100)) return null;
    return values[percent.times(values.length).div(100).ceil().toNumber() - 1];
  },
};

function share(run, node) {
  const whole = run.value(node.total);
  const own = run.value(node.own);
  const rows = run.rows(node.table);
  if (whole === null || own === null || own.gt(rows.length)) return null;
  run.charge(8 * rows.length);
  const inside = (place, inner) => run.within(node.frame, place, () => run.value(inner));
  const zero = run.number(0);
  const weights = rows.map((place) => {
    const counted = node.where === null || inside(place, node.where) === true;
    return counted ? (inside(place, node.by) ?? zero) : zero;
  });
  return parts(run, whole.toDecimalPlaces(node.digits, 4), weights, node.digits)[own.toNumber() - 1];
}

// A total split by weights; each part is the difference of two rounded running totals, so that nothing is lost.
function parts(run, goal, weights, digits) {
  const total = sum(run, weights);
  let [running, given] = [run.number(0), run.number(0)];
  return weights.map((weight) => {
    if (total.isZero()) return total;
    running = running.plus(weight);
    const reached = goal.times(running).div(total).toDecimalPlaces(digits, 4);
    const part = reached.minus(given);
    given = reached;
    return part;
  });
}

const RULES = {
  constant,
  here: (run, node) => run.at(node.frame)?.[node.what] ?? null,
  number(run, node) {
    const index = run.at(node.frame)?.index ?? null;
    return index === null ? null : run.number(index + 1);
  },
  surrounding,
  local: (run, node) => run.read(run.at(node.frame)?.locals?.[node.name], node.t),
  field,
  codecolumn: codeColumn,
  identity: (run, node) => prefixed(node.prefix, run.value(node.row)?.id),
  qualified: (run, node) => prefixed(node.prefix, run.value(node.reference)),
  convert,
  operation,
  negative,
  not,
  compare,
  among,
  junction,
  otherwise,
  conditional: (run, node) => run.value(run.value(node.test) === true ? node.yes : node.no),
  call,
  table: (run, node) => run.rows(node).map((place) => place.row),
  through: (run, node) => run.rows(node).map((place) => place.row),
  values: (run, node) => members(run.value(node.value)),
  aggregate,
  share,
};
