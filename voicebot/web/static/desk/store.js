/** What the console knows: the server's frames applied, nothing guessed. Emits "change" and "event". */

import { overhear, writtenDown } from "./overheard.js";
import { turnsOf } from "./turns.js";

/** @typedef {{id: string, tenant: string, conversation: string, channel: string, medium: "voice" | "chat", language: string, queue: string, queue_label: string, state: string, reason: string, intent: string, priority: number, enqueued_at: string, waited_s: number, agent?: string | null, agent_name: string, headline?: any, lease_until?: string | null, accepted_at?: string | null, active_at?: string | null, wrapup_at?: string | null, wrapup_until?: string | null, callback: boolean, promised?: any, outcome: string, version: number}} Contact */
/** @typedef {{contact: Contact, headline: any, lease_until: string | null, painted: boolean}} Offer */
/** @typedef {{seq: number, at: string, event: Record<string, any>}} Logged */

const TYPING_MS = 6000;

export class DeskStore extends EventTarget {
  constructor() {
    super();
    /** @type {any} */
    this.person = null;
    /** @type {any} */
    this.me = null;
    /** @type {Map<string, Contact>} */
    this.contacts = new Map();
    /** The news by which contacts went; what is older came late. @type {Map<string, number>} */
    this.went = new Map();
    /** @type {Map<string, Offer>} */
    this.offers = new Map();
    /** Colleagues who ask for advice. @type {Map<string, {contact: string, conversation: string, medium: "voice" | "chat", by: string, by_name: string, note: string, invite: string, expires_at: string, packet: string}>} */
    this.invites = new Map();
    /** What offers and packets said of a contact; the server tells it once. @type {Map<string, any>} */
    this.headlines = new Map();
    /** @type {any[]} */
    this.queues = [];
    /** @type {Map<string, any>} */
    this.team = new Map();
    /** @type {{code: string, label: string}[]} */
    this.breaks = [];
    /** @type {{code: string, label: string, resolved?: boolean | null}[]} */
    this.dispositions = [];
    /** @type {{id: string, title: string, text: string, language: string, missing: string[]}[]} */
    this.replies = [];
    /** @type {Map<string, any>} */
    this.tasks = new Map();
    /** @type {{kind: string, detail: string, contact?: string, conversation?: string, at: number}[]} */
    this.alerts = [];
    /** @type {Map<string, Logged[]>} */
    this.logs = new Map();
    /** @type {Map<string, number>} until when somebody counts as typing, by contact */
    this.typing = new Map();
    /** @type {Map<string, number>} what the customer has seen, by contact */
    this.readByCustomer = new Map();
    /** @type {Map<string, number>} what this agent has seen, by conversation */
    this.seen = new Map();
    /** @type {Set<string>} conversations whose history is there */
    this.caughtUp = new Set();
    /** Words being recognised now. @type {import("./overheard.js").Partials} */
    this.partials = new Map();
    /** Server time minus ours; timers show the server's. */
    this.skew_ms = 0;
    this.ready = false;
  }

  /** The server's time now, in ms. */
  get now() {
    return Date.now() + this.skew_ms;
  }

  /** Every conversation's last seq, for hello. */
  get lastSeqs() {
    /** @type {Record<string, number>} */
    const seqs = {};
    for (const contact of this.contacts.values()) {
      const last = this.logs.get(contact.conversation)?.at(-1);
      if (last) seqs[contact.conversation] = last.seq;
    }
    return seqs;
  }

  /** @param {any} frame */
  apply(frame) {
    if (frame.server_time) this.skew_ms = Date.parse(frame.server_time) - Date.now();
    switch (frame.type) {
      case "state": this.restore(frame); break;
      case "offer":
        this.headlines.set(frame.contact.id, frame.headline);
        this.offers.set(frame.contact.id, { contact: frame.contact, headline: frame.headline, lease_until: frame.lease_until, painted: this.offers.get(frame.contact.id)?.painted ?? false });
        break;
      case "offer_over": this.offers.delete(frame.contact); break;
      case "invite": this.invites.set(frame.contact, frame); break;
      case "invite_over": this.invites.delete(frame.contact); break;
      case "contact": this.contactNews(frame.contact, frame.mine); break;
      case "agent":
        this.team.set(frame.agent.id, frame.agent);
        if (frame.me || frame.agent.id === this.me?.id) this.me = frame.agent;
        break;
      case "queues": this.queues = frame.queues; break;
      case "event": this.logged(frame.conversation, frame); break;
      case "partial": overhear(this.partials, frame); break;
      case "caught_up": this.caughtUp.add(frame.conversation); break;
      case "typing":
        if (frame.who !== "customer") return;
        if (frame.on) this.typing.set(frame.contact, Date.now() + TYPING_MS);
        else this.typing.delete(frame.contact);
        break;
      case "read":
        if (frame.who !== "customer") return;
        this.readByCustomer.set(frame.contact, Math.max(frame.seq, this.readByCustomer.get(frame.contact) ?? 0));
        break;
      case "task":
        if (frame.task.state === "open") this.tasks.set(frame.task.id, frame.task);
        else this.tasks.delete(frame.task.id);
        break;
      case "alert": this.alerts = [{ ...frame, at: this.now }, ...this.alerts].slice(0, 20); break;
      default: return;
    }
    this.changed();
  }

  /** @param {any} frame */
  restore(frame) {
    this.person = frame.person;
    this.me = frame.me;
    this.contacts = new Map(frame.contacts.filter((/** @type {Contact} */ one) => one.state !== "offered").map((/** @type {Contact} */ one) => [one.id, this.withHeadline(one)]));
    const offered = new Set(frame.contacts.filter((/** @type {Contact} */ one) => one.state === "offered").map((/** @type {Contact} */ one) => one.id));
    for (const id of [...this.offers.keys()]) if (!offered.has(id)) this.offers.delete(id);
    this.queues = frame.queues;
    this.team = new Map(frame.team.map((/** @type {any} */ one) => [one.id, one]));
    this.breaks = frame.breaks;
    this.dispositions = frame.dispositions;
    this.replies = frame.replies;
    this.tasks = new Map(frame.tasks.map((/** @type {any} */ one) => [one.id, one]));
    this.ready = true;
  }

  /** @param {Contact} contact @param {boolean} mine */
  contactNews(contact, mine) {
    const known = this.contacts.get(contact.id);
    if ((known?.version ?? -1) > contact.version || (this.went.get(contact.id) ?? -1) >= contact.version) return;
    if (contact.state !== "offered") this.offers.delete(contact.id);
    if (!mine || ["closed", "cancelled", "failed", "queued"].includes(contact.state)) {
      this.contacts.delete(contact.id);
      this.went.set(contact.id, contact.version);
      if (known) this.dispatchEvent(new CustomEvent("gone", { detail: contact }));
    } else if (contact.state !== "offered") {
      this.contacts.set(contact.id, this.withHeadline(contact));
    }
  }

  /** @param {Contact} contact @returns {Contact} */
  withHeadline(contact) {
    return { ...contact, headline: contact.headline ?? this.headlines.get(contact.id) };
  }

  /** A packet told it. @param {string} id @param {any} headline */
  setHeadline(id, headline) {
    this.headlines.set(id, headline);
    const contact = this.contacts.get(id);
    if (contact) this.contacts.set(id, { ...contact, headline });
  }

  /** Keep an event in its place; twice is once. @param {string} conversation @param {Logged} one */
  logged(conversation, one) {
    const log = this.logs.get(conversation) ?? [];
    const last = log.at(-1);
    if (!last || last.seq < one.seq) log.push(one);
    else if (log.some((known) => known.seq === one.seq)) return;
    else {
      log.push(one);
      log.sort((a, b) => a.seq - b.seq);
    }
    this.logs.set(conversation, log);
    writtenDown(this.partials, conversation, one.event);
    for (const [id, contact] of this.contacts) if (contact.conversation === conversation && one.event.type === "Heard") this.typing.delete(id);
    this.dispatchEvent(new CustomEvent("event", { detail: { conversation, ...one } }));
  }

  /** @param {string} conversation */
  turns(conversation) {
    return turnsOf(this.logs.get(conversation) ?? []);
  }

  /** Words of the customer since somebody took the contact and last answered, that were not looked at. @param {Contact} contact */
  unread(contact) {
    let seen = this.seen.get(contact.conversation) ?? 0;
    const log = this.logs.get(contact.conversation) ?? [];
    for (const { seq, event } of log) {
      const answered = event.type === "AgentSaid" && !event.private;
      if (answered || (event.type === "ContactChanged" && event.change === "accepted")) seen = Math.max(seen, seq);
    }
    return log.filter((one) => one.seq > seen && one.event.type === "Heard").length;
  }

  /** Since when a customer of a chat waits for an answer, or null. @param {Contact} contact */
  waitingSince(contact) {
    const log = this.logs.get(contact.conversation) ?? [];
    let since = null;
    for (const one of log) {
      if (one.event.type === "Heard") since ??= one.at;
      else if (one.event.type === "AgentSaid" && !one.event.private) since = null;
    }
    return since;
  }

  changed() {
    this.dispatchEvent(new CustomEvent("change"));
  }
}
