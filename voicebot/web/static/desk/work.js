/** One agent's work: commands to the server and what follows from its news. Draws nothing. Emits "change", "told", "offered", "accepted", "closed", "selected", "restored". */

import { DeskConnection } from "./connection.js";
import { Drafts } from "./drafts.js";
import { Outbox } from "./outbox.js";
import { Facts } from "./facts.js";
import { Headset } from "./phone.js";
import { DeskError, Rest, patiently } from "./rest.js";
import { Ring } from "./ring.js";
import { DeskStore } from "./store.js";

/** @typedef {import("./store.js").Contact} Contact */

const TYPING_EVERY_MS = 3000;

export class DeskWork extends EventTarget {
  constructor() {
    super();
    this.rest = new Rest();
    this.store = new DeskStore();
    this.drafts = new Drafts();
    this.ring = new Ring();
    this.headset = new Headset();
    /** @type {import("./connection.js").State} */
    this.state = "connecting";
    this.selected = "";
    this.facts = new Facts(this);
    /** Who is being asked for advice, by contact. @type {Map<string, {name: string, agent: string | null}>} */
    this.consults = new Map();
    /** The invitation this agent follows now. @type {any} */
    this.guest = null;
    this.answering = "";
    /** False for a page that only follows: it signs no agent in and replaces no console. */
    this.takesContacts = true;
    this.language = "en";
    this.lastTyping = 0;
    const url = new URL("/ws/desk", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.connection = new DeskConnection(url.href, () => ({ type: "hello", presence: this.presenceBefore, seen: this.store.lastSeqs, takes_contacts: this.takesContacts }));
    this.outbox = new Outbox(this.drafts, (frame) => this.connection.send(frame), () => this.connection.lost());
    this.connection.addEventListener("state", (event) => this.connected(/** @type {CustomEvent} */ (event).detail));
    this.connection.addEventListener("frame", (event) => this.take(/** @type {CustomEvent} */ (event).detail));
    this.rest.addEventListener("signed-out", () => this.connected("signed-out"));
    this.headset.addEventListener("change", () => this.changed());
    this.headset.addEventListener("over", (event) => this.callOver(/** @type {CustomEvent} */ (event).detail));
    this.store.addEventListener("gone", (event) => this.gone(/** @type {CustomEvent} */ (event).detail));
    this.store.addEventListener("event", (event) => this.happened(/** @type {CustomEvent} */ (event).detail));
  }

  /** What a reconnect goes on with; somebody who did not answer stays so. */
  get presenceBefore() {
    const presence = this.store.me?.presence;
    return presence === "available" || presence === "break" ? presence : undefined;
  }

  /** @returns {Contact | undefined} */
  get contact() {
    return this.store.contacts.get(this.selected);
  }

  /** @param {import("./connection.js").State} state */
  connected(state) {
    this.state = state;
    if (state !== "open") {
      this.outbox.interrupted();
      this.ring.stop();
    }
    // A refused handshake has no code a page can read: ask whether the session still lives.
    if (state === "waiting" && this.connection.attempts > 1) this.rest.session().catch(() => undefined);
    if (state === "signed-out") this.connection.stop();
    this.changed();
  }

  /** @param {any} frame */
  take(frame) {
    if (frame.type === "ack") this.outbox.taken(frame);
    else if (frame.type === "error") this.trouble(frame);
    const rang = frame.type === "offer" && this.store.offers.has(frame.contact.id);
    const held = frame.type === "contact" && this.store.contacts.has(frame.contact.id);
    this.store.apply(frame);
    switch (frame.type) {
      case "state": this.restored(); break;
      case "offer": if (rang) this.ringOrNot(); else this.dispatchEvent(new CustomEvent("offered", { detail: frame.contact })); break;
      case "offer_over": if (frame.why !== "accepted") this.notAnswering(frame.contact); this.ringOrNot(); if (frame.why !== "accepted") this.tell(`offer_${frame.why}`); break;
      case "invite": this.tell("invited", { name: frame.by_name }); this.ring.tick(); break;
      case "invite_over": if (this.guest?.contact === frame.contact) this.leaveInvite(this.guest); break;
      case "contact": this.contactChanged(frame.contact, frame.mine, held); break;
      case "alert": this.tell("alert_told", { word: `alert_${frame.kind}` }); break;
      default: break;
    }
    this.changed();
  }

  restored() {
    this.ringOrNot();
    if (!this.store.contacts.has(this.selected)) this.selected = "";
    if (!this.selected && this.store.contacts.size) this.select([...this.store.contacts.keys()][0]);
    for (const id of this.store.contacts.keys()) if (!this.facts.packets.has(id)) this.facts.loadPacket(id);
    this.outbox.pumpAll();
    this.dispatchEvent(new CustomEvent("restored"));
  }

  /** @param {any} frame */
  trouble(frame) {
    if (frame.id && this.outbox.refused(frame)) return this.tell("message_failed");
    if (frame.contact && frame.code === "conflict") this.store.offers.delete(frame.contact);
    if (frame.contact) this.notAnswering(frame.contact);
    this.ringOrNot();
    this.tell("refused", { message: frame.message || frame.code });
  }

  /** @param {Contact} contact @param {boolean} mine @param {boolean} held whether it was this agent's before this news */
  contactChanged(contact, mine, held) {
    this.ringOrNot();
    if (!mine) return;
    if (this.guest?.contact === contact.id) this.guest = null;
    const fresh = contact.state === "accepted" || contact.state === "active";
    if (fresh && !held) {
      this.dispatchEvent(new CustomEvent("accepted", { detail: contact }));
      this.select(contact.id);
    }
    if (contact.state === "wrapup") this.facts.loadSuggestion(contact.id);
  }

  /** @param {Contact} contact */
  gone(contact) {
    this.drafts.forget(contact.id);
    this.facts.forget(contact.id);
    this.consults.delete(contact.id);
    this.store.logs.delete(contact.conversation);
    this.store.seen.delete(contact.conversation);
    this.store.headlines.delete(contact.id);
    if (this.headset.subject === contact.id) this.headset.hangUp();
    this.dispatchEvent(new CustomEvent("closed", { detail: contact }));
    if (contact.state === "queued") this.tell("contact_moved");
    if (this.selected === contact.id) {
      this.selected = "";
      const next = [...this.store.contacts.keys()][0];
      if (next) this.select(next);
    }
  }

  /** @param {{conversation: string, seq: number, event: any}} one */
  happened(one) {
    const contact = [...this.store.contacts.values()].find((other) => other.conversation === one.conversation);
    if (!contact) return;
    if (contact.id === this.selected) this.markSeen();
    else if (one.event.type === "Heard" && this.store.caughtUp.has(one.conversation)) this.ring.tick();
    if (["SlotSet", "Verified"].includes(one.event.type) && this.store.caughtUp.has(one.conversation)) this.facts.loadPacket(contact.id);
    const { type } = one.event;
    if (contact.id !== this.headset.subject) return;
    if (type === "HoldChanged") this.headset.onHold = one.event.on;
    if (type === "PartyJoined") this.headset.parties = [...this.headset.parties.filter((party) => party.agent !== one.event.agent), { agent: one.event.agent, name: one.event.name, role: one.event.role, muted: false }];
    if (type === "PartyLeft") this.headset.parties = this.headset.parties.filter((party) => party.agent !== one.event.agent);
  }

  /** Ring for what has been shown, and be silent otherwise. */
  ringOrNot() {
    const shown = [...this.store.offers.values()].filter((offer) => offer.painted);
    const voice = shown.some((offer) => offer.contact.medium === "voice");
    if (!shown.length) this.ring.stop();
    else this.ring.start(voice ? "voice" : "chat");
    if (voice && this.store.me?.endpoint === "browser") this.headset.prepare();
    else if (!this.answering) this.headset.unprepare();
  }

  /** The offer went to nobody here. @param {string} id */
  notAnswering(id) {
    if (this.answering === id) this.answering = "";
  }

  /** The headline is on the screen: now it may ring. @param {string} id */
  painted(id) {
    const offer = this.store.offers.get(id);
    if (!offer || offer.painted) return;
    offer.painted = true;
    this.ringOrNot();
  }

  /** @param {string} id */
  accept(id) {
    this.ring.allow();
    if (!this.connection.send({ type: "accept", contact: id })) this.tell("not_connected");
    const offer = this.store.offers.get(id);
    if (offer?.contact.medium === "voice") this.answering = id;
  }

  /** @param {string} id */
  decline(id) {
    if (!this.connection.send({ type: "decline", contact: id, reason: "" })) this.tell("not_connected");
  }

  /** @param {string} id */
  select(id) {
    const contact = this.store.contacts.get(id);
    if (!contact) return;
    this.selected = id;
    this.markSeen();
    if (this.answering === id) {
      this.answering = "";
      if (this.store.me?.endpoint === "browser") this.joinCall(id);
      setTimeout(() => this.loadFacts(contact)); // after the description of the call: the customer hears nobody yet
    } else this.loadFacts(contact);
    this.changed();
    this.dispatchEvent(new CustomEvent("selected", { detail: contact }));
  }

  /** @param {Contact} contact */
  loadFacts({ id, state }) {
    if (!this.facts.packets.has(id)) this.facts.loadPacket(id);
    if (!this.facts.replies.has(id)) this.facts.loadReplies(id);
    if (state === "wrapup") this.facts.loadSuggestion(id);
  }

  /** @param {1 | -1} step */
  selectNext(step) {
    const ids = [...this.store.contacts.keys()];
    if (!ids.length) return;
    const at = ids.indexOf(this.selected);
    this.select(ids[(at + step + ids.length) % ids.length]);
  }

  markSeen() {
    const contact = this.contact;
    const last = contact && this.store.logs.get(contact.conversation)?.at(-1);
    if (!contact || !last || !this.takesContacts || document.hidden || (this.store.seen.get(contact.conversation) ?? 0) >= last.seq) return;
    this.store.seen.set(contact.conversation, last.seq);
    this.connection.send({ type: "read", contact: contact.id, seq: last.seq });
  }

  /** @param {string} text */
  say(text) {
    const words = text.trim();
    if (!words || !this.selected) return false;
    this.outbox.say(this.selected, words);
    this.lastTyping = 0;
    this.changed();
    return true;
  }

  typing() {
    const at = Date.now();
    if (!this.selected || at - this.lastTyping < TYPING_EVERY_MS) return;
    this.lastTyping = at;
    this.connection.send({ type: "typing", contact: this.selected, on: true });
  }

  /** @param {"available" | "break" | "offline"} state @param {string} reason */
  presence(state, reason = "") {
    this.ring.allow();
    if (!this.connection.send({ type: "presence", state, reason })) this.tell("not_connected");
  }

  async signOut() {
    this.connection.send({ type: "presence", state: "offline", reason: "" });
    this.drafts.clear();
    await this.ask(() => this.rest.send("DELETE", "/api/session"));
    this.connection.stop();
    location.assign("/login");
  }

  /** Run a request; a refusal is told. @template T @param {() => Promise<T>} run @returns {Promise<T | undefined>} */
  async ask(run) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof DeskError)) throw error;
      if (error.code === "unreachable") this.tell("not_connected");
      else if (error.status !== 401) this.tell("refused", { message: error.message || error.code });
      return undefined;
    }
  }

  /** A command to one contact. @param {string} verb @param {object} [body] @param {string} [id] */
  async command(verb, body = {}, id = this.selected) {
    const done = await this.ask(async () => (await this.rest.post(`/contacts/${encodeURIComponent(id)}/${verb}`, body)) ?? true);
    if (done && typeof done === "object" && "version" in done && "state" in done) this.store.apply({ type: "contact", contact: done, mine: done.agent === this.store.me?.id });
    if (done && typeof done === "object" && "parties" in done && id === this.headset.subject) {
      this.headset.parties = done.parties;
      this.headset.onHold = done.on_hold;
    }
    this.changed();
    return done;
  }

  /** Help a colleague who asked. @param {any} invite */
  async advise(invite) {
    this.store.invites.delete(invite.contact);
    this.guest = invite;
    this.connection.send({ type: "watch", conversation: invite.conversation, after_seq: 0, invite: invite.invite });
    const path = `/contacts/${encodeURIComponent(invite.contact)}`;
    const packet = await this.ask(() => this.rest.get(`${path}/packet?language=${this.language}&invite=${encodeURIComponent(invite.invite)}`));
    if (packet) this.facts.packets.set(invite.contact, packet);
    this.changed();
    if (invite.medium !== "voice") return;
    await this.headset.join(invite.contact, "expert", async (sdp) => (await this.rest.post(`${path}/media`, { sdp, role: "expert", invite: invite.invite })).sdp);
  }

  /** @param {any} invite */
  leaveInvite(invite) {
    this.store.invites.delete(invite.contact);
    if (this.guest?.contact === invite.contact) {
      this.guest = null;
      this.connection.send({ type: "unwatch", conversation: invite.conversation });
      this.facts.packets.delete(invite.contact);
      if (this.headset.subject === invite.contact) this.headset.hangUp();
    }
    this.changed();
  }

  /** @param {string} id @param {string} role */
  async joinCall(id, role = "lead") {
    const send = (/** @type {string} */ sdp) => this.rest.post(`/contacts/${encodeURIComponent(id)}/media`, { sdp, role });
    const waits = () => Boolean(this.store.contacts.get(id)?.callback) && this.headset.subject === id;
    await this.headset.join(id, role, async (sdp) => (await patiently(() => send(sdp), waits)).sdp);
  }

  /** @param {{subject: string, state: string, reason: string, error?: unknown}} over */
  callOver(over) {
    if (over.state === "failed") this.tell(`phone_${over.reason}`, { message: over.error instanceof DeskError ? over.error.message : "" });
  }

  /** @param {boolean} on */
  mute(on) {
    if (!this.headset.busy) return;
    this.headset.mute(on);
    this.tell(on ? "muted_now" : "unmuted_now");
    this.command("mute", { on }, this.headset.subject);
  }

  /** @param {boolean} on */
  async hold(on) {
    if (!(await this.command("hold", { on }))) return;
    this.headset.onHold = on;
    this.tell(on ? "held_now" : "unheld_now");
    this.changed();
  }

  /** Ask somebody; the customer of a call hears music. @param {{agent?: string, sip?: string, note: string}} target @param {string} name */
  async consult(target, name) {
    if (!(await this.command("consult", target))) return;
    this.consults.set(this.selected, { name, agent: target.agent ?? null });
    if (this.contact?.medium === "voice") this.headset.onHold = true;
    this.changed();
  }

  /** Nobody is asked any more, and the customer is back. */
  async endConsult() {
    if (!(await this.command("consult/end", { agent: this.consults.get(this.selected)?.agent ?? null }))) return;
    this.consults.delete(this.selected);
    this.headset.onHold = false;
    this.changed();
  }

  async conference() {
    if (await this.command("conference")) this.headset.onHold = false;
    this.changed();
  }

  async completeTransfer() {
    const id = this.selected;
    if (!(await this.command("complete_transfer", { agent: this.consults.get(id)?.agent ?? null }))) return;
    this.consults.delete(id);
    if (this.headset.subject === id) this.headset.hangUp();
  }

  /** A secret is told, such as a card number: neither recorded nor written down. @param {boolean} on */
  async pause(on) {
    if (!(await this.command("pause", { on }))) return;
    this.headset.paused = on;
    this.tell(on ? "paused_now" : "unpaused_now");
    this.changed();
  }

  async wrapUp() {
    const contact = this.contact;
    if (!contact || contact.state === "wrapup") return;
    if ((await this.command("wrap_up", {}, contact.id)) && this.headset.subject === contact.id) this.headset.hangUp();
  }

  /** A telephone on the desk rings again; a browser joins with its own sound. @param {string} id */
  async connectCall(id) {
    if (this.store.me && this.store.me.endpoint !== "browser") await this.command("active", {}, id);
    else await this.joinCall(id);
  }

  /** Say something to the agent in the page's own words. @param {string} text key of the texts @param {Record<string, string>} [values] */
  tell(text, values = {}) {
    this.dispatchEvent(new CustomEvent("told", { detail: { text, values } }));
  }

  changed() {
    this.dispatchEvent(new CustomEvent("change"));
  }
}
