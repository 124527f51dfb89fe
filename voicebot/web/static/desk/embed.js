/**
 * The console beside another program: events go out to the page around, a few commands come in. Only ids cross the
 * border, and only to and from origins the server names.
 */

const EVENTS = ["contact.offered", "contact.accepted", "contact.closed"];
const CARD_EVENTS = ["card.shown", "card.used"];
const OPENING = ["contact.open", "open"];

export class Embedding {
  /**
   * @param {string[]} origins that may show the console
   * @param {(contact: string) => boolean | Promise<boolean>} open a contact; false when it is not one's own
   */
  constructor(origins, open) {
    this.origins = origins.filter((origin) => /^https?:\/\//.test(origin));
    this.open = open;
    this.onMessage = (/** @type {MessageEvent} */ event) => this.take(event);
  }

  start() {
    if (window.parent === window) return;
    window.addEventListener("message", this.onMessage);
    this.post({ type: "desk.ready" });
  }

  stop() {
    window.removeEventListener("message", this.onMessage);
  }

  /** @param {string} name @param {{id: string, conversation: string}} contact */
  tell(name, contact) {
    if (EVENTS.includes(name)) this.post({ type: name, contact: contact.id, conversation: contact.conversation });
  }

  /** @param {string} name @param {{contact: {id: string, conversation: string}, card: string}} about */
  tellCard(name, { contact, card }) {
    if (CARD_EVENTS.includes(name)) this.post({ type: name, contact: contact.id, conversation: contact.conversation, card });
  }

  /** The browser delivers it only where the page around has that origin. @param {object} message */
  post(message) {
    if (window.parent === window) return;
    for (const origin of this.origins) window.parent.postMessage(message, origin);
  }

  /** @param {MessageEvent} event */
  async take(event) {
    if (event.source !== window.parent || !this.origins.includes(event.origin)) return;
    const message = event.data;
    if (!message || !OPENING.includes(message.type) || typeof message.contact !== "string") return;
    const opened = await this.open(message.contact);
    window.parent.postMessage({ type: "contact.opened", contact: message.contact, opened }, event.origin);
  }
}
