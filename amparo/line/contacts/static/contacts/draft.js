/**
 * Saves what is typed into a form: in batches, in order, each repeated until it is acknowledged.
 *
 * Unacknowledged text is stored in memory and in this tab's sessionStorage only. A reload without a connection restores
 * it, and an acknowledgement erases it. A field that was changed elsewhere meanwhile is shown with both texts.
 *
 * @typedef {{ text: string, base: number }} Unsent   base: the version of the contact in which this field was last seen
 * @typedef {{ revision: number, based_on: number, changes: Record<string, string> }} Batch
 * @typedef {{ field: string, mine: string, theirs: string, mine_label: string, theirs_label: string, by: string, at: string }} Conflict
 */
import { forgive, offer, refusal, say } from "./beside.js";
import { alone, post, read, typed, write } from "./page.js";

const BATCH = 300; // ms of typing that are sent together
const RETRY = [500, 1000, 2000, 4000]; // ms; the last one repeats
const LOAD_ANEW = [302, 403, 404, 409]; // signed out, or a new access reason is needed
const SYNC = 200; // ms: one reload for several notifications

/** @type {Map<string, Draft>} of this page, by form: a form that is rendered again continues with the old draft */
const drafts = new Map();

/** @param {HTMLFormElement} form with data-draft (where to post), data-contact and data-version */
export async function keepDraft(form) {
  const living = drafts.get(name_of(form));
  if (living) return living.move(form);
  const draft = new Draft(form);
  drafts.set(draft.store, draft);
  draft.listen();
  for (const field of typed(form)) draft.put(field, read(form, field), draft.version);
  await draft.restore();
  return draft;
}

/** @param {HTMLFormElement} form */
function name_of(form) {
  return `amparo ${form.dataset.draft} ${form.id}`;
}

class Draft {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.url = form.dataset.draft ?? "";
    this.store = name_of(form);
    this.key = crypto.randomUUID();
    this.revision = 0;
    this.version = Number(form.dataset.version); // of the contact, when this page last read it
    this.acknowledged_at = 0; // the version of our last acknowledged save
    /** @type {Map<string, number>} fields seen in another version */
    this.seen = new Map();
    /** @type {Map<string, Unsent>} */
    this.unsent = new Map();
    /** @type {Map<string, Conflict & { version: number }>} conflicts that wait for the operator's choice; never sent */
    this.apart = new Map();
    /** @type {Set<string>} refused fields, kept until a field they depend on is saved */
    this.refused = new Set();
    /** @type {Batch | null} the one batch on its way */
    this.flight = null;
    this.failures = 0;
    this.is_ready = false; // until the text of an earlier page load is restored
    this.timers = { flush: 0, retry: 0, sync: 0 };
  }

  listen() {
    this.attend();
    document.addEventListener("visibilitychange", () => { this.retry(); this.flush(); this.sync(); });
    addEventListener("pagehide", () => this.part());
    addEventListener("online", () => this.retry());
    document.addEventListener("amparo:note", (event) => {
      const note = /** @type {CustomEvent} */ (event).detail;
      if (note === `contact ${this.form.dataset.contact}` || note === "everything") this.sync();
    });
  }

  attend() {
    this.form.addEventListener("input", (event) => this.touched(event));
    this.form.addEventListener("change", (event) => this.touched(event));
    this.form.addEventListener("focusout", () => { this.flush(); this.sync(); });
  }

  /** Continue in a form that was rendered again: write unacknowledged text into it. @param {HTMLFormElement} form */
  move(form) {
    if (Number(form.dataset.version) < this.acknowledged_at) this.bring(form); // it was rendered before our last save
    this.form = form;
    this.version = Number(form.dataset.version);
    this.seen.clear();
    const sent = Object.entries(this.flight?.changes ?? {});
    const waiting = [...this.unsent].map(([name, change]) => [name, change.text]);
    for (const [name, text] of [...sent, ...waiting]) write(form, name, text);
    for (const conflict of this.apart.values()) offer(this.form, conflict, (which) => this.choose(conflict.field, which));
    this.attend();
    if (sent.length + waiting.length) this.rest();
    form.dispatchEvent(new CustomEvent("draft:shown"));
    this.sync();
    return this;
  }

  /** Write what the old form shows into the new one. @param {HTMLFormElement} form */
  bring(form) {
    for (const name of new Set([...this.form.elements].map((field) => field.name))) {
      if (name && name in form.elements) write(form, name, read(this.form, name));
    }
  }

  /** Restore text that an earlier page load of this tab could not send. A duplicate of an open tab restores nothing. */
  async restore() {
    const kept = JSON.parse(sessionStorage.getItem(this.store) ?? "null");
    if (kept && (await alone(kept.key))) {
      this.key = kept.key;
      this.revision = kept.revision;
      for (const [name, change] of Object.entries(kept.changes)) {
        if (!(name in this.form.elements) || this.unsent.has(name)) continue;
        write(this.form, name, change.text);
        this.unsent.set(name, change);
      }
      this.form.dispatchEvent(new CustomEvent("draft:shown"));
    } else {
      sessionStorage.removeItem(this.store);
      alone(this.key);
    }
    this.is_ready = true;
    this.keep();
    this.flush();
  }

  /** @param {Event} event */
  touched(event) {
    const field = /** @type {HTMLInputElement} */ (event.target);
    if (event.type !== (field.dataset.on ?? "input")) return;
    const base = this.unsent.get(field.name)?.base ?? this.base(field.name);
    this.put(field.name, read(this.form, field.name), base);
    clearTimeout(this.timers.flush);
    this.timers.flush = setTimeout(() => this.flush(), BATCH);
  }

  /** @param {string} name @param {string} text @param {number} base */
  put(name, text, base) {
    this.unsent.set(name, { text, base });
    this.refused.delete(name);
    this.keep();
    say(this.form, this.apart.has(name) ? "apart" : this.failures ? "offline" : "saving");
  }

  /** @param {string} name */
  base(name) {
    return this.seen.get(name) ?? this.version;
  }

  /** Send the next batch, unless one is being sent. */
  flush() {
    clearTimeout(this.timers.flush);
    if (!this.is_ready || this.flight) return;
    this.flight = this.next();
    if (!this.flight) return;
    for (const name in this.flight.changes) this.unsent.delete(name);
    this.keep();
    this.send();
  }

  /** Fields seen in the same version are sent together. @returns {Batch | null} */
  next() {
    const ready = [...this.unsent].filter(([name]) => !this.apart.has(name) && !this.refused.has(name));
    if (!ready.length) return null;
    const based_on = Math.min(...ready.map(([, change]) => change.base));
    const together = ready.filter(([, change]) => change.base === based_on);
    const changes = Object.fromEntries(together.map(([name, change]) => [name, change.text]));
    return { revision: ++this.revision, based_on, changes };
  }

  async send() {
    const batch = /** @type {Batch} */ (this.flight);
    const [status, answer] = await post(this.url, { key: this.key, ...batch });
    if (status === 200 || (status === 409 && answer)) this.acknowledged(batch, answer);
    else if (status === 422 && answer.field in batch.changes) this.refuse(batch, answer);
    else return this.failed(status);
    this.failures = 0;
    this.flush();
    this.rest(answer.saved_at);
  }

  /** @param {Batch} batch @param {{ version: number, saved_at: string, conflicts: Conflict[] }} answer */
  acknowledged(batch, answer) {
    this.flight = null;
    this.acknowledged_at = answer.version;
    for (const conflict of answer.conflicts) {
      const text = this.unsent.get(conflict.field)?.text ?? batch.changes[conflict.field];
      this.unsent.set(conflict.field, { text, base: batch.based_on });
      this.apart.set(conflict.field, { ...conflict, version: answer.version });
      offer(this.form, conflict, (which) => this.choose(conflict.field, which));
    }
    const fields = Object.keys(batch.changes).filter((name) => !this.apart.has(name));
    for (const name of fields) forgive(this.form, name);
    if (fields.length) this.refused.clear(); // refused fields may be accepted now
    this.keep();
    this.form.dispatchEvent(new CustomEvent("draft:saved", { detail: { fields, at: answer.saved_at } }));
  }

  /** One field cannot be stored yet: show why beside it, and continue with the others. */
  refuse(batch, { field, sentence }) {
    this.flight = null;
    if (!this.unsent.has(field)) this.refused.add(field); // unless its text has changed since
    for (const [name, text] of Object.entries(batch.changes)) {
      if (!this.unsent.has(name)) this.unsent.set(name, { text, base: batch.based_on });
    }
    this.keep();
    refusal(this.form, field, sentence);
  }

  /** @param {number} status 0: no network; otherwise the session has ended or the server is away */
  failed(status) {
    say(this.form, LOAD_ANEW.includes(status) ? "away" : "offline");
    clearTimeout(this.timers.retry);
    this.timers.retry = setTimeout(() => this.send(), RETRY[Math.min(this.failures, RETRY.length - 1)]);
    this.failures += 1;
  }

  /** Retry at once. */
  retry() {
    if (!this.flight || !this.failures) return;
    clearTimeout(this.timers.retry);
    this.timers.retry = setTimeout(() => this.send());
  }

  /** The page closes: send what waits, even if a batch is being sent. The server sorts by revision. */
  part() {
    if (!this.flight) return this.flush();
    const last = this.next();
    this.keep();
    for (const batch of [this.flight, last]) if (batch) post(this.url, { key: this.key, ...batch });
  }

  /** Store unacknowledged text in this tab, and erase it when all is acknowledged. */
  keep() {
    if (!this.is_ready) return;
    const { changes: going, based_on: base } = this.flight ?? { changes: {}, based_on: 0 };
    const sent = Object.entries(going).map(([name, text]) => [name, { text, base }]);
    const changes = { ...Object.fromEntries(sent), ...Object.fromEntries(this.unsent) };
    if (!Object.keys(changes).length) return sessionStorage.removeItem(this.store);
    sessionStorage.setItem(this.store, JSON.stringify({ key: this.key, revision: this.revision, changes }));
  }

  /** Load changes from elsewhere, soon. */
  sync() {
    clearTimeout(this.timers.sync);
    this.timers.sync = setTimeout(() => this.look(), SYNC);
  }

  /** Show changes from elsewhere, except in a field that the user is editing. */
  async look() {
    if (!this.form.isConnected) return;
    const after = Math.min(this.version, ...this.seen.values());
    const response = await fetch(`${this.url}?after=${after}`, { redirect: "manual" }).catch(() => null);
    if (!response?.ok) return;
    const { version, fields } = await response.json();
    if (version < Math.max(this.version, this.acknowledged_at)) return; // an older answer, overtaken
    const behind = new Map();
    for (const [name, { text, at }] of Object.entries(fields)) {
      if (text === read(this.form, name) || !(name in this.form.elements)) continue;
      if (this.is_mine(name)) behind.set(name, this.base(name));
      else { write(this.form, name, text); this.form.dispatchEvent(new CustomEvent("draft:shown", { detail: { name, at } })); }
    }
    this.version = version;
    this.seen = behind;
  }

  /** Whether the user is editing this field, which must not be changed then. @param {string} name */
  is_mine(name) {
    const focused = /** @type {HTMLInputElement} */ (document.activeElement);
    const is_written = focused?.name === name && focused.form === this.form && document.hasFocus();
    return is_written || this.unsent.has(name) || name in (this.flight?.changes ?? {});
  }

  /** @param {string} name @param {string} which mine, theirs or both */
  choose(name, which) {
    const { theirs, version } = this.apart.get(name);
    const mine = read(this.form, name);
    const text = { mine, theirs, both: `${theirs}\n\n${mine}` }[which];
    this.apart.delete(name);
    this.seen.set(name, version);
    write(this.form, name, text);
    this.form.dispatchEvent(new CustomEvent("draft:shown", { detail: { name } }));
    if (which === "theirs") this.unsent.delete(name);
    else this.put(name, text, version);
    this.keep();
    this.flush();
    forgive(this.form, name); // last: the pressed button is removed, and losing focus sends the batch
    this.rest();
  }

  /** Show the state when nothing is being sent. @param {string} [at] hh:mm:ss */
  rest(at) {
    if (this.flight) say(this.form, this.failures ? "offline" : "saving");
    else if (this.apart.size) say(this.form, "apart");
    else if ([...this.unsent.keys()].some((name) => !this.refused.has(name))) say(this.form, "saving");
    else say(this.form, "saved", at);
  }
}
