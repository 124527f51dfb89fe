/** What is asked about a contact and kept while it is open: packet, canned answers, suggestion, history. An answer that comes after the contact went is dropped. */

import { DeskError } from "./rest.js";

export class Facts {
  /** @param {import("./work.js").DeskWork} work */
  constructor(work) {
    this.work = work;
    /** @type {Map<string, any>} by contact, as the others */
    this.packets = new Map();
    /** Why a packet could not be had. @type {Map<string, string>} */
    this.packetProblems = new Map();
    /** @type {Map<string, any>} */
    this.suggestions = new Map();
    /** Canned answers with this contact's facts. @type {Map<string, any[]>} */
    this.replies = new Map();
    /** @type {Map<string, any>} */
    this.histories = new Map();
  }

  /** @param {string} id */
  forget(id) {
    for (const kept of [this.packets, this.packetProblems, this.suggestions, this.replies, this.histories]) kept.delete(id);
  }

  /** Whether the contact is still on this agent's screen. @param {string} id */
  open(id) {
    return this.work.store.contacts.has(id);
  }

  /** @param {string} id */
  async loadPacket(id) {
    try {
      const packet = await this.work.rest.get(`/contacts/${encodeURIComponent(id)}/packet?language=${this.work.language}`);
      if (!this.open(id)) return;
      this.packets.set(id, packet);
      this.work.store.setHeadline(id, packet.headline);
      this.packetProblems.delete(id);
    } catch (error) {
      if (!this.open(id)) return;
      this.packetProblems.set(id, error instanceof DeskError ? error.message : "");
    }
    this.work.changed();
  }

  /** @param {string} id */
  async loadReplies(id) {
    const told = await this.work.rest.get(`/contacts/${encodeURIComponent(id)}/replies`).catch(() => null);
    if (told && this.open(id)) this.replies.set(id, told.replies);
    this.work.changed();
  }

  /** @param {string} id */
  async loadSuggestion(id) {
    if (this.suggestions.has(id)) return;
    this.suggestions.set(id, { code: null, because: [] });
    const told = await this.work.rest.get(`/contacts/${encodeURIComponent(id)}/suggestion`).catch(() => null);
    if (told && this.open(id)) this.suggestions.set(id, told);
    this.work.changed();
  }

  /** What is known of a telephone number. @param {string} id of the contact it is shown with @param {string} number */
  async loadHistory(id, number) {
    const told = await this.work.ask(() => this.work.rest.get(`/customers/${encodeURIComponent(number)}/history`));
    if (told && this.open(id)) this.histories.set(id, told);
    this.work.changed();
  }
}
