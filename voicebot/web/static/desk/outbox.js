/** Messages to customers: each once, in order per contact, and again after a break with the same id. */

import { newId } from "./format.js";

const ACK_WITHIN_MS = 15_000;

export class Outbox {
  /**
   * @param {import("./drafts.js").Drafts} drafts
   * @param {(frame: object) => boolean} send
   * @param {() => void} onSilence nothing came back: the line is dead
   */
  constructor(drafts, send, onSilence) {
    this.drafts = drafts;
    this.send = send;
    this.onSilence = onSilence;
    /** @type {Map<string, {id: string, timer: ReturnType<typeof setTimeout>}>} by contact */
    this.inFlight = new Map();
    /** Taken by the server and not yet seen in the log. @type {{id: string, contact: string, text: string, at: string, seq: number}[]} */
    this.sent = [];
  }

  /** @param {string} contact @param {string} text */
  say(contact, text) {
    this.drafts.push({ id: newId(), contact, text, at: new Date().toISOString() });
    this.pump(contact);
  }

  /** Send the oldest of every contact. */
  pumpAll() {
    for (const contact of new Set(this.drafts.kept.outbox.map((one) => one.contact))) this.pump(contact);
  }

  /** @param {string} contact */
  pump(contact) {
    if (this.inFlight.has(contact)) return;
    const next = this.drafts.waiting(contact).find((one) => !one.failed);
    if (!next || !this.send({ type: "say", contact, id: next.id, text: next.text })) return;
    this.inFlight.set(contact, { id: next.id, timer: setTimeout(() => this.onSilence(), ACK_WITHIN_MS) });
  }

  /** The line is gone: what was on its way goes again later. */
  interrupted() {
    for (const { timer } of this.inFlight.values()) clearTimeout(timer);
    this.inFlight.clear();
  }

  /** @param {{id: string, seq: number}} ack */
  taken(ack) {
    const one = this.drafts.kept.outbox.find((other) => other.id === ack.id);
    this.drafts.settle(ack.id);
    if (!one) return;
    this.sent.push({ ...one, seq: ack.seq });
    this.next(one.contact);
  }

  /** @param {{id: string, code: string, message: string, retry_after_ms?: number | null}} trouble @returns {boolean} whether it was about a message */
  refused(trouble) {
    const one = this.drafts.kept.outbox.find((other) => other.id === trouble.id);
    if (!one) return false;
    if (trouble.retry_after_ms) setTimeout(() => this.next(one.contact), trouble.retry_after_ms);
    else {
      this.drafts.fail(one.id, trouble.message || trouble.code);
      this.next(one.contact);
    }
    return true;
  }

  /** Try a refused message again. @param {string} id */
  again(id) {
    const one = this.drafts.kept.outbox.find((other) => other.id === id);
    if (!one) return;
    delete one.failed;
    this.drafts.save();
    this.pump(one.contact);
  }

  /** @param {string} contact */
  next(contact) {
    clearTimeout(this.inFlight.get(contact)?.timer);
    this.inFlight.delete(contact);
    this.pump(contact);
  }

  /** What is shown below the log: not yet in it. @param {string} contact @param {number} lastSeq */
  shown(contact, lastSeq) {
    this.sent = this.sent.filter((one) => one.contact !== contact || one.seq > lastSeq);
    return [...this.sent.filter((one) => one.contact === contact), ...this.drafts.waiting(contact)];
  }
}
