// Keys on the screen. A field is typed into by these keys alone: what a reader sends as if it were a keyboard goes
// nowhere. One set of keys stands at the foot of the page for forms; keypads have their own.
import { candidates, seldom } from "./pinyin.js";
import { play } from "./sound.js";
import { make, say } from "./words.js";

const DIGITS = [["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"]];
const LETTERS = [[..."1234567890"], [..."QWERTYUIOP"], [..."ASDFGHJKL"], [..."ZXCVBNM"]];
const LATIN = [[..."1234567890"], [..."qwertyuiop"], [..."asdfghjkl"], [..."zxcvbnm"]];
const SIGNS = [[..."1234567890"], [..."!@#$%^&*()"], [..."-_=+[]{};:"], [..."'\"\\|/?.,~"]];
const LAST = { digits: ["clear", "0", "erase"], number: [".", "0", "erase"], identity: ["X", "0", "erase"], date: ["clear", "0", "erase"] };
const SEEN = 9;

/** Keys for one field at a time. `changed(field)` is told after every key, `finished()` when people are done. */
export class Keyboard {
  constructor(box, { inline = false, changed, finished, candidatesAt }) {
    Object.assign(this, { box, inline, changed, finished, candidatesAt });
    this.letters = "";
    this.page = 0;
    // What closes the keys waits for the finger to be lifted: else the tap falls on whatever lies beneath them.
    const closes = ({ target }) => target.closest('[data-key="done"]') !== null;
    box.addEventListener("pointerdown", (event) => closes(event) || this.pressed(event));
    box.addEventListener("click", (event) => (event.detail === 0 || closes(event)) && this.pressed(event));
  }

  /** Type into a field from now on. */
  open(field) {
    this.field = field;
    this.kind = field.dataset.keys;
    this.mode = this.kind === "text" ? (document.documentElement.lang.startsWith("zh") ? "pinyin" : "latin") : this.kind;
    this.shift = false;
    this.letters = "";
    this.draw();
  }

  draw() {
    this.box.replaceChildren();
    this.box.dataset.mode = this.mode;
    if (!this.inline) this.box.append(this.head());
    if (this.mode === "pinyin") this.box.append(this.choices());
    const rows = make("div", `rows ${this.mode}`, "", { role: "group", "aria-label": say("keys") });
    for (const row of this.rows()) {
      const line = make("div", "key-row");
      for (const key of row) line.append(this.key(key));
      rows.append(line);
    }
    this.box.append(rows);
    this.show();
  }

  rows() {
    if (LAST[this.mode]) return [...DIGITS, LAST[this.mode]];
    if (this.mode === "letters") return [...LETTERS.slice(0, 3), [...LETTERS[3], "-", "erase"]];
    const latin = this.mode === "signs" ? SIGNS : LATIN;
    const top = latin.slice(0, 3);
    const cased = this.shift ? top.map((row) => row.map((key) => key.toUpperCase())) : top;
    const third = this.shift ? latin[3].map((key) => key.toUpperCase()) : latin[3];
    const switched = this.kind === "text" ? [this.mode === "pinyin" ? "latin" : "pinyin"] : [];
    const left = this.mode === "pinyin" ? ["signs"] : this.mode === "signs" ? ["letters"] : ["shift"];
    const more = this.mode === "latin" ? ["signs"] : [];
    return [...cased, [...left, ...third, "erase"], [...switched, ...more, "space", ...(this.inline ? [] : ["done"])]];
  }

  key(name) {
    const words = { erase: "⌫", clear: say("clear"), space: say("space"), shift: "⇧", signs: "#+=", letters: "abc", pinyin: "中", latin: "英", done: say("done") };
    const key = make("button", `key ${name.length > 1 ? name : "sign"}`, words[name] ?? name, { "data-key": name });
    if (name.length > 1) key.setAttribute("aria-label", say(name));
    if (name === "shift") key.setAttribute("aria-pressed", String(this.shift));
    return key;
  }

  head() {
    const head = make("div", "keys-head");
    const label = document.querySelector(`label[for="${this.field.id}"]`)?.firstChild?.textContent.trim() ?? "";
    head.append(make("span", "keys-label", label), make("output", "keys-value", "", { "data-value": "" }));
    if (this.field.dataset.secret !== undefined) head.append(make("button", "key done", say("shown"), { "data-key": "reveal" }));
    if (LAST[this.mode] || this.mode === "letters") head.append(make("button", "key done", say("done"), { "data-key": "done" }));
    return head;
  }

  choices() {
    return make("div", "choices-row", "", { "data-candidates": "", "aria-label": say("candidates"), role: "group" });
  }

  /** What has been typed, in the field and at the head of the keys. */
  show() {
    const value = this.box.querySelector("[data-value]");
    const hidden = this.field.dataset.secret !== undefined && !this.revealed;
    if (value) value.textContent = hidden ? "●".repeat(this.field.value.length) : this.field.value;
    const row = this.box.querySelector("[data-candidates]");
    if (row) this.list(row);
  }

  list(row) {
    row.replaceChildren(make("span", "typed", this.letters));
    if (!this.letters) return;
    const found = candidates(this.letters, !this.field.value);
    this.syllable = found.syllable;
    const last = Math.max(0, Math.ceil(found.signs.length / SEEN) - 1);
    this.page = Math.min(this.page, last);
    for (const sign of found.signs.slice(this.page * SEEN, (this.page + 1) * SEEN)) {
      row.append(make("button", "key candidate", sign, { "data-sign": sign }));
    }
    const back = make("button", "key turn", "‹", { "data-key": "previous", "aria-label": say("previous") });
    const on = make("button", "key turn", "›", { "data-key": "next", "aria-label": say("next") });
    back.disabled = this.page === 0;
    on.disabled = this.page >= last;
    row.append(back, on);
    if (this.page >= last) seldom(found.syllable, this.candidatesAt).then((more) => more && this.show());
  }

  pressed(event) {
    const key = event.target.closest("button");
    if (!key || key.disabled) return;
    event.preventDefault();
    play("key");
    if (key.dataset.sign) this.chosen(key.dataset.sign);
    else this.act(key.dataset.key);
  }

  act(name) {
    if (name === "done") return this.finish();
    if (name === "previous" || name === "next") {
      this.page += name === "next" ? 1 : -1;
      return this.show();
    }
    if (name === "reveal") {
      this.revealed = !this.revealed;
      return this.show();
    }
    if (["shift", "signs", "letters", "pinyin", "latin"].includes(name)) return this.turn(name);
    if (name === "erase") return this.erase();
    if (name === "clear") return this.put("");
    if (this.mode === "pinyin" && /^[a-z]$/.test(name)) {
      this.letters += name;
      this.page = 0;
      return this.show();
    }
    if (name === "space" && this.letters) return this.chosen(candidates(this.letters, !this.field.value).signs[0] ?? "");
    return this.add(name === "space" ? " " : name);
  }

  turn(name) {
    if (name === "shift") this.shift = !this.shift;
    else this.mode = name === "letters" ? (this.kind === "text" && this.was === "pinyin" ? "pinyin" : "latin") : name;
    if (name === "signs") this.was = this.box.dataset.mode;
    this.letters = "";
    this.draw();
  }

  chosen(sign) {
    if (!sign) return;
    this.letters = this.letters.slice(this.syllable?.length ?? this.letters.length);
    this.page = 0;
    this.add(sign);
  }

  erase() {
    if (this.letters) {
      this.letters = this.letters.slice(0, -1);
      this.page = 0;
      return this.show();
    }
    return this.put([...this.field.value].slice(0, -1).join("").replace(/-$/, ""));
  }

  add(sign) {
    const value = this.field.value + sign;
    const digits = value.replace(/\D/g, "").slice(0, 8);
    this.put(this.kind === "date" ? [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6)].filter(Boolean).join("-") : value);
    if (this.shift && this.mode === "latin") this.turn("shift");
  }

  put(value) {
    this.field.value = value;
    this.show();
    this.changed(this.field);
  }

  finish() {
    this.letters = "";
    this.finished();
  }
}

/** Keep readers that act as keyboards from pressing or typing anything: keys count alone, never in a burst. */
export function guardKeys() {
  let last = 0;
  document.addEventListener(
    "keydown",
    (event) => {
      const typed = event.key.length === 1 && event.key !== " ";
      const burst = event.timeStamp - last < 300;
      if (typed) last = event.timeStamp;
      if (typed || ((event.key === "Enter" || event.key === " ") && burst)) {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
    },
    true,
  );
}
