/** The left region: presence, offers, my contacts, promises. */

import { html, nothing } from "../vendor/lit.js";
import { ordered, alertWord } from "./alerts.js";
import { duration } from "./format.js";
import { icon } from "./icons.js";
import { action, headlineView, mediumView, timer } from "./parts.js";
import { fill } from "./texts.js";

/** @typedef {import("./desk.js").VoicebotDesk} Desk */
/** @typedef {import("./store.js").Contact} Contact */

/** @param {Desk} desk */
export function presenceView(desk) {
  const { texts, work } = desk;
  const me = work.store.me;
  if (!me) return html`<p class="muted">${texts.no_contacts_for_you}</p>`;
  const since = me.since ? (work.store.now - Date.parse(me.since)) / 1000 : 0;
  const reason = work.store.breaks.find((one) => one.code === me.reason)?.label ?? me.reason;
  const name = me.presence === "available" && me.busy ? texts.presence_busy : texts[`presence_${me.presence}`];
  const free = me.presence === "available";
  return html`<section class="presence ${me.presence}" aria-label=${texts.presence}>
    <p class="presence-now"><span class="dot" aria-hidden="true"></span><strong>${name}</strong>${reason ? html` <span>${reason}</span>` : nothing}
      ${timer(texts.since, since)}</p>
    ${me.presence === "no_answer" ? html`<p class="small">${texts.no_answer_why}</p>` : nothing}
    ${(me.capacity.voice ?? 0) > 0 && me.endpoint === "browser" && !work.headset.checked && !work.store.offers.size
      ? html`<div class="check-first"><p class="small">${texts.headset_first}</p>${action(texts.headset_check, () => desk.openDialog("headset"), { picture: "headset", kind: "small-act" })}</div>` : nothing}
    <div class="row">
      ${free
        ? action(texts.take_break, () => desk.openDialog("break"), { key: "presence", picture: "pause" })
        : action(texts.become_available, () => work.presence("available"), { key: "presence", kind: "primary", picture: "check" })}
    </div>
  </section>`;
}

/** Everything that rings, the one that ends first on top. @param {Desk} desk */
export function offersView(desk) {
  const offers = [...desk.work.store.offers.values()].sort((a, b) => Date.parse(a.lease_until ?? "9999-01-01") - Date.parse(b.lease_until ?? "9999-01-01"));
  if (!offers.length) return nothing;
  const { texts } = desk;
  return html`<section class="offers" aria-label=${texts.offers}>${offers.map((offer, place) => offerView(desk, offer, place === 0))}</section>`;
}

/** @param {Desk} desk @param {import("./store.js").Offer} offer @param {boolean} first */
function offerView(desk, offer, first) {
  const { texts, work } = desk;
  const { contact } = offer;
  const left = offer.lease_until ? Math.max(0, (Date.parse(offer.lease_until) - work.store.now) / 1000) : null;
  const whole = contact.medium === "voice" ? 20 : 45;
  const waited = (work.store.now - Date.parse(contact.enqueued_at)) / 1000;
  return html`<article class="offer ${contact.medium}" data-offer=${contact.id} aria-labelledby="offer-${contact.id}">
    <h2 id="offer-${contact.id}" class="offer-title">${icon(contact.medium === "voice" ? "phone" : "chat")}
      ${texts[contact.callback ? "offer_callback" : `offer_${contact.medium}`]}<span class="muted"> ${contact.queue_label || contact.queue}</span></h2>
    ${headlineView(offer.headline, contact.language, texts)}
    <p class="small muted">${texts.waited} ${duration(waited)}${contact.promised ? html`, ${fill(texts.promised_wait, { low: contact.promised.low_min, high: contact.promised.high_min })}` : nothing}</p>
    ${left === null ? nothing : html`<div class="lease"><progress max=${whole} value=${Math.min(whole, left)} aria-label=${texts.lease_left}></progress>
      <span role="timer" aria-label="${texts.lease_left} ${Math.ceil(left)}">${fill(texts.seconds, { count: Math.ceil(left) })}</span></div>`}
    <div class="row">
      ${action(contact.callback ? texts.accept_callback : contact.medium === "voice" ? texts.answer : texts.accept, () => desk.accept(contact.id), { kind: "primary go", key: first ? "accept" : undefined, picture: contact.medium === "voice" ? "phone" : "check" })}
      ${action(texts.decline, () => work.decline(contact.id), { key: first ? "decline" : undefined, picture: "close" })}
    </div>
  </article>`;
}

/** @param {Desk} desk */
export function contactsView(desk) {
  const { texts, work } = desk;
  const contacts = [...work.store.contacts.values()];
  return html`<section class="contacts" aria-labelledby="contacts-title">
    <h2 id="contacts-title" tabindex="-1">${texts.my_contacts} <span class="muted">${contacts.length}</span></h2>
    ${contacts.length
      ? html`<ul class="plain">${contacts.map((contact) => contactView(desk, contact))}</ul>`
      : html`<p class="muted">${work.store.me?.presence === "available" ? texts.no_contacts : texts.no_contacts_break}</p>`}
  </section>`;
}

/** @param {Desk} desk @param {Contact} contact */
function contactView(desk, contact) {
  const { texts, work } = desk;
  const unread = work.store.unread(contact);
  const chosen = work.selected === contact.id;
  const waiting = contact.medium === "chat" && contact.state === "active" ? work.store.waitingSince(contact) : null;
  const waitingS = waiting ? (work.store.now - Date.parse(waiting)) / 1000 : 0;
  const typing = contact.state === "active" && (work.store.typing.get(contact.id) ?? 0) > Date.now();
  const [grave] = ordered(contact.headline?.alerts);
  return html`<li><button type="button" class="contact ${chosen ? "chosen" : ""}" aria-current=${chosen ? "true" : nothing} data-contact=${contact.id} @click=${() => desk.choose(contact.id)}>
    <span class="contact-top"><span class="contact-who">${contact.headline?.who || texts.customer_unknown}</span>
      ${unread ? html`<span class="badge">${fill(texts.unread, { count: unread })}</span>` : nothing}</span>
    <span class="contact-line">${contact.headline?.why || contact.queue_label}</span>
    <span class="contact-line muted">${mediumView(contact.medium, contact.callback, texts)}
      ${contact.state === "wrapup" ? wrapUpLeft(desk, contact)
        : waiting ? html`<span class=${waitingS > 60 ? "late" : ""}>${texts.waits_for_answer} ${timer(texts.waits_for_answer, waitingS)}</span>`
        : html`<span>${texts[`state_${contact.state}`] ?? contact.state}</span>`}
      ${typing ? html`<span>${texts.typing_short}</span>` : nothing}</span>
    ${grave ? html`<span class="alert ${grave[1]}">${icon(grave[2], 16)}${alertWord(grave[0], texts)}</span>` : nothing}
  </button></li>`;
}

/** @param {Desk} desk @param {Contact} contact */
export function wrapUpLeft(desk, contact) {
  const { texts, work } = desk;
  if (contact.wrapup_until) {
    const left = (Date.parse(contact.wrapup_until) - work.store.now) / 1000;
    return html`<span class=${left < 30 ? "late" : ""}>${texts.state_wrapup} ${timer(texts.wrapup_left, left)}</span>`;
  }
  const since = contact.wrapup_at ? (work.store.now - Date.parse(contact.wrapup_at)) / 1000 : 0;
  return html`<span>${texts.state_wrapup} ${timer(texts.wrapup_since, since)}</span>`;
}
