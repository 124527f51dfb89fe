/** What is told to somebody who does not look: toasts, live regions, the ring, notes of the system. */

import { html, nothing } from "../vendor/lit.js";
import { alertWord, ordered } from "./alerts.js";
import { fill } from "./texts.js";

/** @typedef {import("./store.js").Contact} Contact */

const TOAST_MS = 6000;

export class Announcer {
  /** @param {import("./desk.js").VoicebotDesk} desk */
  constructor(desk) {
    this.desk = desk;
    this.toast = "";
    /** Said once to screen readers: politely, and at once. */
    this.polite = "";
    this.urgent = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.ending = undefined;
  }

  /** A sentence of the texts, shown for a while and said. @param {{text: string, values: Record<string, string>}} told */
  tell({ text, values }) {
    const { texts } = this.desk;
    const words = { ...values };
    if (words.word) words.word = texts[words.word] ?? words.word.replace(/^alert_/, "");
    this.toast = fill(texts[text] ?? text, words);
    this.say(this.toast);
    clearTimeout(this.ending);
    this.ending = setTimeout(() => {
      this.toast = "";
      this.desk.requestUpdate();
    }, TOAST_MS);
  }

  /** Let screen readers say something. @param {string} words @param {boolean} [urgent] */
  say(words, urgent = false) {
    if (urgent) this.urgent = words;
    else this.polite = words;
    this.desk.requestUpdate();
  }

  /** The headline first: sound only when it can be read. @param {Contact} contact */
  async offered(contact) {
    const { desk } = this;
    await desk.updateComplete;
    await painted();
    const offer = desk.work.store.offers.get(contact.id);
    if (!offer) return;
    const { who, why, alerts } = offer.headline;
    const words = [desk.texts[`offer_${contact.medium}`], ...ordered(alerts).map(([name]) => alertWord(name, desk.texts)), who, why];
    this.say(words.filter(Boolean).join(", "), true);
    desk.work.painted(contact.id);
    this.notify(contact);
  }

  get canNotify() {
    return "Notification" in window && Notification.permission === "default" && window.isSecureContext;
  }

  async allowNotifications() {
    await Notification.requestPermission();
    this.desk.requestUpdate();
  }

  /** A note of the system when nobody looks; no names, it may be seen by others. @param {Contact} contact */
  notify(contact) {
    if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
    const note = new Notification(this.desk.texts[`offer_${contact.medium}`], { body: contact.queue_label, tag: contact.id });
    note.onclick = () => window.focus();
  }

  /** New words of a customer: read out where they are looked at, named where they are not. @param {{conversation: string, event: any}} one */
  heard(one) {
    const { work, texts } = this.desk;
    if (one.event.type !== "Heard" || !work.store.caughtUp.has(one.conversation)) return;
    const contact = [...work.store.contacts.values()].find((other) => other.conversation === one.conversation);
    if (!contact) return;
    if (contact.id !== work.selected) this.say(fill(texts.new_from, { who: contact.headline?.who ?? texts.customer_unknown }));
    else if (contact.medium === "chat") this.say(`${texts.customer}: ${one.event.text}`);
  }
}

/** What is said to those who do not look, and shown for a while to those who do. @param {import("./desk.js").VoicebotDesk} desk */
export function toldView({ announcer, teller }) {
  return html`<div class="hidden" aria-live="polite">${announcer.polite}</div>
    <div class="hidden" aria-live="assertive">${announcer.urgent}</div>
    <div class="hidden" role="status" id="card-told">${teller.title}</div>
    ${announcer.toast ? html`<p class="toast" aria-hidden="true">${announcer.toast}</p>` : nothing}`;
}

/** After the next frame was drawn; a page that is not drawn at all does not hold a ring back. @returns {Promise<void>} */
function painted() {
  if (document.hidden) return Promise.resolve();
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
}
