/** The assist beside one agent's conversations: what is on screen, what was asked for, what the agent did. Draws nothing. Emits "change", "shown", "used". */

import { AssistApi } from "./assist_api.js";
import { cardsOf, knowledgeOf, onScreen, progressOf, proposedOf, stepKey } from "./assist_screen.js";
import { filledText, inLanguage, languageTaken } from "./assist_text.js";

/** @typedef {import("./store.js").Contact} Contact */
/** @typedef {import("./assist_screen.js").ShownCard} ShownCard */
/** A card of the screen with its words. @typedef {ShownCard & {content: import("./assist_api.js").Card | undefined, earlier: boolean}} Cue */

export const DISMISS_REASONS = ["moment", "topic", "known", "unclear"];
/** The server takes cards off; when its word is late, the page does after this much more. */
const GRACE_MS = 5000;
const KNOWLEDGE_MS = 180_000;

/** Whether a step is done, or was answered by the customer otherwise than hoped. @param {import("./assist_screen.js").Mark | undefined} mark */
function settled(mark) {
  return mark?.change === "done" || (mark?.change === "skipped" && mark.by !== "clicked");
}

export class Assist extends EventTarget {
  /** @param {import("./work.js").DeskWork} work */
  constructor(work) {
    super();
    this.work = work;
    this.api = new AssistApi(work.rest);
    /** Cards by company and version; undefined while asked for. @type {Map<string, Map<string, import("./assist_api.js").Card> | undefined>} */
    this.contents = new Map();
    /** @type {Map<string, import("./assist_api.js").Scripts>} by contact, as the others */
    this.scripts = new Map();
    /** @type {Map<string, import("./assist_api.js").After>} */
    this.afters = new Map();
    /** What came up by itself, by contact and entry. @type {Map<string, import("./assist_api.js").Entry | undefined>} */
    this.entries = new Map();
    /** @type {Map<string, {words: string, found: import("./assist_api.js").Entry[] | null}>} */
    this.searches = new Map();
    /** Feedback that was given, so that none is given twice. @type {Set<string>} */
    this.given = new Set();
    /** Tasks and proposals that were made from what was suggested. @type {Set<string>} */
    this.made = new Set();
    /** Where the agent looks back to; -1 is the present. @type {Map<string, number>} */
    this.lookingBack = new Map();
    /** The card whose reasons for dismissing are open. */
    this.dismissing = "";
    /** A card somebody's focus is in; it is not taken from under them. */
    this.held = "";
    /** @type {Map<string, boolean>} which long texts are open, by card */
    this.novice = new Map();
    /** What could not be had, to be wanted again. @type {(() => void)[]} */
    this.failed = [];
    /** Cards of which others were told. @type {Set<string>} */
    this.toldOf = new Set();
    work.store.addEventListener("event", (event) => this.happened(/** @type {CustomEvent} */ (event).detail));
    work.addEventListener("closed", (event) => this.forget(/** @type {CustomEvent} */ (event).detail));
    work.addEventListener("restored", () => this.restored());
  }

  get me() {
    return this.work.store.person?.id ?? "";
  }

  /** @param {Contact} contact */
  log(contact) {
    return this.work.store.logs.get(contact.conversation) ?? [];
  }

  /** What is shown of the cards now: one prominent, at most one beside it. @param {Contact} contact @returns {Cue[]} */
  cues(contact) {
    const trail = this.trail(contact);
    const back = this.lookingBack.get(contact.id) ?? -1;
    if (back >= 0 && trail[back]) return [{ ...trail[back], content: this.card(contact, trail[back]), earlier: Boolean(trail[back].over) }];
    return onScreen(trail).map((one) => ({ ...one, content: this.card(contact, one), earlier: false }));
  }

  /** Every card of the conversation, with what this page knows and the log does not say yet. @param {Contact} contact */
  trail(contact) {
    const trail = cardsOf(this.log(contact), this.me);
    for (const one of trail) {
      const left = ["used", "dismissed"].find((how) => this.given.has(this.feedbackKey(contact, one, how)));
      if (!one.over && left) one.over = left;
      const late = Date.parse(one.at) + (this.card(contact, one)?.expires_s ?? 60) * 1000 + GRACE_MS < this.work.store.now;
      if (!one.over && late) one.over = "expired";
      if (this.held === this.showing(contact, one) && ["expired", "replaced"].includes(one.over)) one.over = "";
    }
    return trail;
  }

  /** One showing of a card, told apart from its others. @param {Contact} contact @param {ShownCard} one */
  showing(contact, one) {
    return `${contact.id}/${one.card}/${one.seq}`;
  }

  /** @param {Contact} contact @param {ShownCard} one @param {string} how */
  feedbackKey(contact, one, how) {
    return `${this.showing(contact, one)}/${how}`;
  }

  /** The words of a card; asked for once. @param {Contact} contact @param {ShownCard} one */
  card(contact, one) {
    const key = `${contact.tenant}/${one.version}`;
    if (!this.contents.has(key)) {
      this.contents.set(key, undefined);
      this.load(this.contents, key, () => this.api.content(contact.tenant, one.version));
    }
    return this.contents.get(key)?.get(one.card);
  }

  /** What may be said, in the customer's language. @param {Contact} contact @param {Cue} cue */
  talk(contact, cue) {
    return filledText(inLanguage(cue.content?.text, contact.language)?.talk, cue.values);
  }

  /** @param {Contact} contact @param {Cue} cue */
  talkLanguage(contact, cue) {
    return languageTaken(cue.content?.text, contact.language);
  }

  /** @param {Cue} cue */
  title(cue) {
    const { text } = cue.content ?? {};
    const spoken = this.work.contact?.language ?? this.work.language;
    return filledText(inLanguage(text, this.work.language)?.title, cue.values) || filledText(inLanguage(text, spoken)?.title, cue.values) || cue.card;
  }

  /** Tell the assist what was done with a card; false when it could not be told. @param {Contact} contact @param {ShownCard} one @param {string} how @param {string} why */
  async feedback(contact, one, how, why = "") {
    const key = this.feedbackKey(contact, one, how);
    if (this.given.has(key) || one.marks.has(how)) return true;
    this.given.add(key);
    this.changed();
    const done = await this.work.ask(async () => (await this.api.feedback(contact.id, one.card, how, why)) ?? true);
    if (!done) this.given.delete(key);
    else if (how === "used") this.dispatchEvent(new CustomEvent("used", { detail: { contact, card: one.card } }));
    this.changed();
    return Boolean(done);
  }

  /** Whether something was already said of a card. @param {Contact} contact @param {ShownCard} one @param {string} how */
  said(contact, one, how) {
    return one.marks.has(how) || this.given.has(this.feedbackKey(contact, one, how));
  }

  /** Look at an earlier or a later card. @param {Contact} contact @param {1 | -1} step */
  look(contact, step) {
    const trail = this.trail(contact);
    const present = onScreen(trail);
    const at = this.lookingBack.get(contact.id) ?? -1;
    const from = at >= 0 ? at : present.length ? trail.indexOf(present[0]) : trail.length;
    const to = Math.max(0, Math.min(trail.length - 1, from + step));
    if (trail.length) this.lookingBack.set(contact.id, trail[to] === present[0] ? -1 : to);
    this.dismissing = "";
    this.changed();
  }

  /** Back to what is on screen now. @param {Contact} contact */
  present(contact) {
    this.lookingBack.delete(contact.id);
    this.changed();
  }

  /** @param {Contact} contact @param {string} card */
  async bringBack(contact, card) {
    await this.work.ask(() => this.api.ask(contact.id, card));
    this.present(contact);
  }

  /** The company's scripts, asked for once per contact. @param {Contact} contact */
  scriptsFor(contact) {
    if (!this.scripts.has(contact.id)) {
      this.scripts.set(contact.id, { scripts: [], slots: {} });
      this.load(this.scripts, contact.id, () => this.api.scripts(contact.id));
    }
    return this.scripts.get(contact.id)?.scripts ?? [];
  }

  /** What may be asked for, in words by language. @param {Contact} contact */
  slotNames(contact) {
    return this.scripts.get(contact.id)?.slots ?? {};
  }

  /** Who a colleague is, by what this page was told. @param {Contact} contact @param {string} agent */
  nameOf(contact, agent) {
    const said = this.log(contact).findLast(({ event }) => event.type === "AgentSaid" && event.agent === agent && event.name);
    return this.work.store.team.get(agent)?.name ?? said?.event.name ?? "";
  }

  /** The script that was started last, where it stands, and its steps with those of scripts it led to. @param {Contact} contact */
  running(contact) {
    const progress = progressOf(this.log(contact));
    const all = this.scriptsFor(contact);
    const script = all.find((one) => one.id === progress?.script);
    if (!progress || !script) return null;
    const led = [...new Set(progress.passed.map((key) => key.slice(0, key.indexOf("/"))))].filter((id) => id !== script.id);
    const parts = [script, ...all.filter((one) => led.includes(one.id))];
    const steps = parts.flatMap((part) => part.steps.map((step) => ({ ...step, script: part.id, key: stepKey(part.id, step.id) })));
    return { progress, script, parts, steps: steps.filter((step) => !step.branch || progress.passed.includes(step.key) || progress.marks.has(step.key)) };
  }

  /** Scripts that may fit: what was proposed in the talk, and before one is begun also what the contact came for. @param {Contact} contact @returns {Set<string>} */
  suggested(contact) {
    const found = proposedOf(this.log(contact));
    if (!progressOf(this.log(contact))) for (const one of this.scriptsFor(contact)) if (one.suggested) found.add(one.id);
    return found;
  }

  /** Mandatory steps that were not done, in words; those the agent skipped are among them, those the customer declined are not. @param {Contact} contact */
  missing(contact) {
    const found = this.running(contact);
    if (!found || (found.progress.ended && !found.progress.warned.size)) return [];
    const { progress, steps } = found;
    return steps
      .filter((step) => step.mandatory && !settled(progress.marks.get(step.key)))
      .map((step) => ({ key: step.key, label: inLanguage(step.text, this.work.language)?.label ?? step.id, skipped: progress.marks.get(step.key)?.change === "skipped" }));
  }

  /** @param {Contact} contact @param {string} script */
  start(contact, script) {
    return this.work.ask(() => this.api.start(contact.id, script));
  }

  /** @param {Contact} contact @param {string} script @param {string} step @param {"done" | "undone" | "skipped"} change */
  move(contact, script, step, change) {
    return this.work.ask(() => this.api.step(contact.id, script, step, change));
  }

  /** What the company knows about what the customer asked, while it is fresh. @param {Contact} contact */
  knowledge(contact) {
    const shown = knowledgeOf(this.log(contact), this.me);
    if (!shown || Date.parse(shown.at) + KNOWLEDGE_MS < this.work.store.now || this.made.has(`hidden/${contact.id}/${shown.seq}`)) return null;
    const key = `${contact.id}/${shown.entry}`;
    if (!this.entries.has(key)) {
      this.entries.set(key, undefined);
      this.load(this.entries, key, () => this.api.entry(contact.id, shown.entry));
    }
    const entry = this.entries.get(key);
    return entry ? { ...shown, ...entry, source: entry.source || shown.source } : null;
  }

  /** @param {Contact} contact @param {string} words */
  async search(contact, words) {
    this.searches.set(contact.id, { words, found: null });
    this.changed();
    const found = await this.work.ask(() => this.api.search(contact.id, words));
    if (this.searches.get(contact.id)?.words !== words) return;
    if (found) this.searches.set(contact.id, { words, found });
    else this.searches.delete(contact.id);
    this.changed();
  }

  /** @param {Contact} contact @param {string} utterance @param {string} text */
  correct(contact, utterance, text) {
    return this.work.ask(async () => (await this.api.correct(contact.id, utterance, text)) ?? true);
  }

  /** What is to be written down, once the talk is over. @param {Contact} contact */
  after(contact) {
    const key = `${contact.id}/${this.work.language}`;
    if (!this.afters.has(key)) {
      this.afters.set(key, /** @type {any} */ (undefined));
      this.load(this.afters, key, () => this.api.after(contact.id, this.work.language));
    }
    return this.afters.get(key);
  }

  /** The disposition that the whole talk points to, if the company has it. @param {Contact} contact */
  likely(contact) {
    for (const { code, turns } of this.after(contact)?.dispositions ?? []) {
      const known = this.work.store.dispositions.find((one) => one.code === code);
      if (known) return { ...known, turns };
    }
    return null;
  }

  /** Ask for something and keep it; what could not be had is asked for again after the next connection. @template T @param {Map<string, T>} into @param {string} key @param {() => Promise<T>} run */
  async load(into, key, run) {
    try {
      into.set(key, await run());
    } catch {
      this.failed.push(() => into.delete(key));
    }
    this.changed();
  }

  /** The line is back: what could not be had is wanted again. */
  restored() {
    for (const again of this.failed.splice(0)) again();
    this.changed();
  }

  /** @param {{conversation: string, event: any}} one */
  happened({ conversation, event }) {
    if (event.type !== "CardShown" || event.agent !== this.me) return;
    const contact = [...this.work.store.contacts.values()].find((other) => other.conversation === conversation);
    if (!contact || !this.work.store.caughtUp.has(conversation)) return;
    this.lookingBack.delete(contact.id);
    this.dispatchEvent(new CustomEvent("shown", { detail: { contact, card: event.card } }));
  }

  /** @param {Contact} contact */
  forget(contact) {
    for (const kept of [this.scripts, this.searches, this.lookingBack]) kept.delete(contact.id);
    for (const kept of [this.afters, this.entries]) for (const key of [...kept.keys()]) if (key.startsWith(`${contact.id}/`)) kept.delete(key);
    for (const kept of [this.given, this.made, this.toldOf]) for (const key of [...kept]) if (key.includes(`${contact.id}/`)) kept.delete(key);
  }

  changed() {
    this.dispatchEvent(new CustomEvent("change"));
  }
}
