/**
 * What an agent has written and the server has not taken: half-written replies, notes and messages on their way. Kept
 * in the tab's own storage, so that a reload or a lost connection costs nothing, and gone with the tab.
 */

/** @typedef {{id: string, contact: string, text: string, at: string, failed?: string}} Unsent */

const KEY = "voicebot.desk.drafts";

export class Drafts {
  constructor() {
    /** @type {{texts: Record<string, string>, outbox: Unsent[]}} */
    this.kept = { texts: {}, outbox: [] };
    try {
      const value = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
      if (value && value.texts && Array.isArray(value.outbox)) this.kept = value;
    } catch {
      // Storage is forbidden or holds something else: begin empty.
    }
  }

  save() {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(this.kept));
    } catch {
      // Full or forbidden storage: drafts live until the page is left.
    }
  }

  /** @param {string} name such as "reply:ho-1" */
  read(name) {
    return this.kept.texts[name] ?? "";
  }

  /** @param {string} name @param {string} text */
  write(name, text) {
    if (text) this.kept.texts[name] = text;
    else delete this.kept.texts[name];
    this.save();
  }

  /** @param {Unsent} message */
  push(message) {
    this.kept.outbox.push(message);
    this.save();
  }

  /** @param {string} id */
  settle(id) {
    this.kept.outbox = this.kept.outbox.filter((one) => one.id !== id);
    this.save();
  }

  /** @param {string} id @param {string} why */
  fail(id, why) {
    for (const one of this.kept.outbox) if (one.id === id) one.failed = why;
    this.save();
  }

  /** @param {string} contact */
  waiting(contact) {
    return this.kept.outbox.filter((one) => one.contact === contact);
  }

  /** Forget everything of a finished contact. @param {string} contact */
  forget(contact) {
    for (const name of Object.keys(this.kept.texts)) if (name.endsWith(`:${contact}`)) delete this.kept.texts[name];
    this.kept.outbox = this.kept.outbox.filter((one) => one.contact !== contact);
    this.save();
  }

  clear() {
    this.kept = { texts: {}, outbox: [] };
    try {
      sessionStorage.removeItem(KEY);
    } catch {
      // Nothing was stored.
    }
  }
}
