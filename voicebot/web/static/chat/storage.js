/**
 * What a chat keeps in the browser: the resume token and messages not yet taken by the server. The conversation itself
 * is never stored here; the server replays it. By default it is gone when the tab closes, so that the next person at a
 * shared computer does not see it.
 */

/** @typedef {{id: string, text: string}} Unsent */
/** @typedef {{token: string | null, outbox: Unsent[]}} Kept */

export class ChatStorage {
  /**
   * @param {string} name distinguishes server and company
   * @param {boolean} remember keep it after the tab is closed
   */
  constructor(name, remember) {
    this.key = `voicebot.chat.${name}`;
    this.remember = remember;
    /** @type {Kept} */
    this.kept = { token: null, outbox: [] };
    try {
      const value = JSON.parse(this.area?.getItem(this.key) ?? "null");
      if (value && Array.isArray(value.outbox)) this.kept = { token: value.token ?? null, outbox: value.outbox };
    } catch {
      this.kept = { token: null, outbox: [] };
    }
  }

  /** The browser's storage; null where a site or person forbids it. */
  get area() {
    try {
      return this.remember ? window.localStorage : window.sessionStorage;
    } catch {
      return null;
    }
  }

  save() {
    try {
      const { token, outbox } = this.kept;
      if (token === null && !outbox.length) this.area?.removeItem(this.key);
      else this.area?.setItem(this.key, JSON.stringify(this.kept));
    } catch {
      // Full or forbidden storage: the chat works until the page is left.
    }
  }

  /** Go on with another conversation: what was kept here belongs to the one before. @param {string} token */
  adopt(token) {
    this.kept = { token, outbox: [] };
    this.save();
  }

  clear() {
    this.kept = { token: null, outbox: [] };
    this.save();
  }
}
