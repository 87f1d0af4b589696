// Drafts: what is typed goes to the server shortly after, and is offered when the form is opened again. The time of the
// last one is shown; a session that has ended is told at once, with a way through the login that keeps everything.
import { debounced, icon } from "./elements.js";
import { formValues } from "./fields.js";
import { postJson } from "./http.js";
import { say } from "./words.js";

const REST = 1500;
const REST_LARGE = 6000; // many rows are sent less often
const LARGE = 200; // rows
const KEEPALIVE = 60_000; // bytes that a browser still sends for a page that is left

export class Drafts {
  /** @param form the form @param live its own life, which knows what was touched */
  constructor(form, live) {
    Object.assign(this, { form, live, kept: true, turn: 0 });
    this.state = form.querySelector("[data-draft-state]");
    this.again = form.querySelector("[data-again]");
    this.later = debounced(() => this.keep(), () => (live.rowCount() > LARGE ? REST_LARGE : REST));
    for (const kind of ["input", "change", "grid:change"]) form.addEventListener(kind, (event) => this.noted(event));
    form.addEventListener("submit", () => this.later.cancel());
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.leave());
    this.again?.addEventListener("click", () => (form.dataset.left = "yes"));
  }

  noted(event) {
    if (!event.target.closest("[data-field]")) return;
    this.turn += 1;
    if (this.kept) this.say("unsaved");
    this.kept = false;
    this.later();
  }

  body() {
    const { raw, asked } = formValues(this.form);
    for (const field of this.form.querySelectorAll('[data-widget="password"]')) delete raw[field.dataset.field];
    const { about, touched } = this.live;
    return { raw, asked, record_id: about.record_id, version: about.version, changed: [...touched], key: this.form.elements._key.value };
  }

  async keep() {
    if (this.kept || this.form.dataset.sent) return;
    const turn = this.turn;
    this.say("draft_keeping");
    try {
      const { at } = await postJson(this.live.about.draft, this.body());
      this.kept = turn === this.turn;
      this.say("draft_kept", { at }, "check");
      if (this.again) this.again.hidden = true;
      if (!this.kept) this.later();
    } catch (error) {
      this.failed(error);
    }
  }

  failed({ status, body }) {
    const lost = status === 401 || status === 400; // without a session the token is worth nothing either
    const large = body?.error?.findings?.some((one) => one.code === "draft_too_large") || status === 413;
    this.say(lost ? "signed_out" : large ? "draft_large" : "draft_failed", {}, "warn");
    if (this.again) this.again.hidden = !lost;
    if (!lost && !large) this.later();
  }

  /** The page goes out of sight, perhaps for good: what is not kept yet goes now. */
  leave() {
    if (this.kept || this.form.dataset.sent) return;
    const body = this.body();
    if (JSON.stringify(body).length * 3 > KEEPALIVE) return this.keep();
    this.later.cancel();
    postJson(this.live.about.draft, body, undefined, { keepalive: true }).then(({ at }) => {
      this.kept = true;
      this.say("draft_kept", { at }, "check");
    }, (error) => this.failed(error));
  }

  say(key, values = {}, symbol = "") {
    if (!this.state) return;
    this.state.replaceChildren(...(symbol ? [icon(symbol)] : []), say(key, values));
    this.state.classList.toggle("warned", symbol === "warn");
  }
}
