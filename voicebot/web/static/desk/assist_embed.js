/**
 * The assist alone, beside another program: it follows one contact of the agent, named by the page around or chosen in
 * the agent's console, takes none itself and replaces no console.
 */

/** @typedef {import("./desk.js").VoicebotDesk} Desk */
/** @typedef {import("./store.js").Contact} Contact */

const CHANNEL = "voicebot.desk.contact";

/** Consoles and assists of one browser tell each other which contact is looked at; ids only. */
export class Following {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    this.channel = typeof BroadcastChannel === "function" ? new BroadcastChannel(CHANNEL) : null;
    this.contact = "";
    /** What was asked for before. @type {Promise<unknown>} */
    this.asked = Promise.resolve();
    /** @type {Contact | undefined} */
    this.known = undefined;
    const { work } = desk;
    if (desk.only) {
      if (this.channel) this.channel.onmessage = (message) => typeof message.data?.contact === "string" && this.follow(message.data.contact);
      work.addEventListener("restored", () => this.again());
      work.store.addEventListener("event", (event) => this.happened(/** @type {CustomEvent} */ (event).detail));
      this.channel?.postMessage({ ask: true });
    } else if (this.channel) {
      this.channel.onmessage = (message) => message.data?.ask && this.tell();
      work.addEventListener("selected", () => this.tell());
    }
  }

  stop() {
    this.channel?.close();
  }

  tell() {
    if (this.desk.work.selected) this.channel?.postMessage({ contact: this.desk.work.selected });
  }

  /** Show the assist of a contact; false when it is not this agent's. One after the other, so that the last one stays. @param {string} id @returns {Promise<boolean>} */
  follow(id) {
    const shown = this.asked.then(() => this.show(id));
    this.asked = shown.catch(() => false);
    return shown;
  }

  /** @param {string} id */
  async show(id) {
    const { work } = this.desk;
    if (!work.store.ready) await new Promise((done) => work.addEventListener("restored", done, { once: true }));
    if (id === this.contact && this.known) return true;
    const found = await this.read(id);
    if (!found) return false;
    if (this.known && this.known.id !== id) this.leave(this.known);
    this.contact = id;
    this.known = found;
    if (work.state === "open") this.again();
    return true;
  }

  /** @param {string} id @returns {Promise<Contact | null>} */
  async read(id) {
    const { work } = this.desk;
    const found = await work.rest.get(`/contacts/${encodeURIComponent(id)}`).catch(() => null);
    const mine = found && found.agent === work.store.person?.id && ["accepted", "active", "wrapup"].includes(found.state);
    return mine ? found : null;
  }

  /** After every connection: the same contact from where it was. */
  again() {
    const { work } = this.desk;
    if (!this.known) return;
    work.store.contacts.set(this.known.id, this.known);
    work.selected = this.known.id;
    work.connection.send({ type: "watch", conversation: this.known.conversation, after_seq: work.store.logs.get(this.known.conversation)?.at(-1)?.seq ?? 0 });
    work.changed();
  }

  /** The contact moved on: read how it stands. @param {{conversation: string, event: any}} one */
  async happened({ conversation, event }) {
    const known = this.known;
    if (event.type !== "ContactChanged" || !known || known.conversation !== conversation) return;
    if (!this.desk.work.store.caughtUp.has(conversation)) return;
    const found = await this.read(known.id);
    if (this.known?.id !== known.id) return;
    if (!found) return this.leave(known);
    this.known = found;
    this.desk.work.store.contacts.set(found.id, found);
    this.desk.work.changed();
  }

  /** @param {Contact} contact */
  leave(contact) {
    const { work } = this.desk;
    work.connection.send({ type: "unwatch", conversation: contact.conversation });
    work.store.contacts.delete(contact.id);
    work.store.logs.delete(contact.conversation);
    work.store.caughtUp.delete(contact.conversation);
    this.known = undefined;
    this.contact = "";
    if (work.selected === contact.id) work.selected = "";
    work.changed();
  }
}
