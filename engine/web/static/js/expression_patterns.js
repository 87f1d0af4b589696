// Patterns that cannot hang: a row of character classes, each with a count; the twin of functions/patterns.py.

const MAX_COUNT = 100;
const MAX_STATES = 200;
const MAX_TEXT = 2000;
const CLASSES = {
  d: [["0", "9"]],
  w: [["0", "9"], ["A", "Z"], ["a", "z"], ["_", "_"]],
  s: [[" ", " "], ["\t", "\r"]],
};
const COUNTS = { "?": [0, 1], "*": [0, null], "+": [1, null] };

function single(signs, at) {
  if (signs[at] !== "\\") return [[[signs[at], signs[at]]], at + 1];
  const sign = signs[at + 1];
  if (sign === undefined) throw new RangeError("the pattern ends with \\");
  if (CLASSES[sign]) return [CLASSES[sign], at + 2];
  if (/[\p{L}\p{N}]/u.test(sign)) throw new RangeError(`\\${sign} has no meaning`);
  return [[[sign, sign]], at + 2];
}

function set(signs, start) {
  const negated = signs[start] === "^";
  let at = start + (negated ? 1 : 0);
  const ranges = [];
  while (at < signs.length && signs[at] !== "]") {
    let found;
    [found, at] = single(signs, at);
    if (signs[at] === "-" && at + 1 < signs.length && signs[at + 1] !== "]" && found.length === 1) {
      let high;
      [high, at] = single(signs, at + 1);
      if (high.length !== 1 || high[0][0] < found[0][0]) throw new RangeError("a range runs backwards");
      found = [[found[0][0], high[0][1]]];
    }
    ranges.push(...found);
  }
  if (at >= signs.length || !ranges.length) throw new RangeError("[ has no ]");
  return [ranges, negated, at + 1];
}

function characterClass(signs, at) {
  if (signs[at] === ".") return [[], true, at + 1];
  if (signs[at] === "[") return set(signs, at + 1);
  if ("()|?*+{}^$]".includes(signs[at])) throw new RangeError(`${signs[at]} has no meaning there`);
  const [ranges, next] = single(signs, at);
  return [ranges, false, next];
}

function counted(signs, at) {
  if (COUNTS[signs[at]]) return [...COUNTS[signs[at]], at + 1];
  if (signs[at] !== "{") return [1, 1, at];
  const end = signs.indexOf("}", at);
  const found = /^(\d{1,5})(,?)(\d{1,5})?$/.exec(end < 0 ? "" : signs.slice(at + 1, end).join(""));
  if (!found || (found[3] && !found[2])) throw new RangeError("not a count");
  const least = Number(found[1]);
  const most = found[3] ? Number(found[3]) : found[2] ? null : least;
  if (Math.max(least, most ?? 0) > MAX_COUNT || (most !== null && most < least)) throw new RangeError("not a count");
  return [least, most, end + 1];
}

function compiled(pattern) {
  const signs = Array.from(pattern);
  const pieces = [];
  let [at, states] = [0, 0];
  while (at < signs.length) {
    let ranges, negated, least, most;
    [ranges, negated, at] = characterClass(signs, at);
    [least, most, at] = counted(signs, at);
    states += Math.max(most ?? 0, least, 1);
    if (states > MAX_STATES) throw new RangeError("too many characters are counted");
    pieces.push({ takes: (sign) => ranges.some(([low, high]) => low <= sign && sign <= high) !== negated, least, most });
  }
  return pieces;
}

const key = (index, count) => index * (MAX_COUNT + 2) + count;

function settled(states, pieces) {
  const pending = [...states.values()];
  while (pending.length) {
    const [index, count] = pending.pop();
    if (index < pieces.length && count >= pieces[index].least && !states.has(key(index + 1, 0))) {
      states.set(key(index + 1, 0), [index + 1, 0]);
      pending.push([index + 1, 0]);
    }
  }
  return states;
}

// Whether the whole text fits. Throws RangeError for what is no pattern, and `tooLong()` for a text beyond the bound.
export function matches(pattern, text, tooLong) {
  const pieces = compiled(pattern);
  const signs = Array.from(text);
  if (signs.length > MAX_TEXT) throw tooLong();
  let reached = settled(new Map([[key(0, 0), [0, 0]]]), pieces);
  for (const sign of signs) {
    const after = new Map();
    for (const [index, count] of reached.values()) {
      const piece = pieces[index];
      if (!piece || !piece.takes(sign)) continue;
      const more = piece.most !== null || count < piece.least ? count + 1 : count;
      if (piece.most === null || more <= piece.most) after.set(key(index, more), [index, more]);
    }
    reached = settled(after, pieces);
    if (!reached.size) return false;
  }
  return reached.has(key(pieces.length, 0));
}
