/** A colleague asks for advice: what it is about, a seat on the call, or words only the colleague sees. */

import { html, nothing } from "../vendor/lit.js";
import { callState } from "./callbar.js";
import { action, headlineView } from "./parts.js";
import { turnsView } from "./conversation.js";
import { fill } from "./texts.js";

/** @typedef {import("./desk.js").VoicebotDesk} Desk */

/** @param {Desk} desk */
export function invitesView(desk) {
  const { texts, work } = desk;
  const invites = [...work.store.invites.values()];
  if (!invites.length) return nothing;
  return html`<section class="invites" aria-label=${texts.invites}>${invites.map((invite) => html`<article class="offer" data-invite=${invite.contact}>
    <h2>${fill(texts.invite_from, { name: invite.by_name })}</h2>
    <p>${invite.note || html`<span class="muted">${texts.invite_no_note}</span>`}</p>
    <div class="row">${action(invite.medium === "voice" ? texts.invite_join : texts.invite_look, () => work.advise(invite), { kind: "primary", picture: invite.medium === "voice" ? "headset" : "chat" })}
      ${action(texts.invite_no, () => work.leaveInvite(invite), { picture: "close" })}</div></article>`)}</section>`;
}

/** The middle region while advising. @param {Desk} desk */
export function guestView(desk) {
  const { texts, work } = desk;
  const guest = work.guest;
  if (!guest) return nothing;
  const packet = work.facts.packets.get(guest.contact);
  const view = { id: guest.contact, medium: guest.medium, language: packet?.contact?.language ?? "" };
  return html`<div class="talk guest">
    <header class="talk-head"><h2>${fill(texts.advising, { name: guest.by_name })}</h2>${guest.note ? html`<p>${guest.note}</p>` : nothing}
      ${packet ? html`<details open><summary>${texts.headline}</summary>${headlineView(packet.headline, view.language, texts)}</details>` : nothing}</header>
    <div class="bar" role="toolbar" aria-label=${texts.actions}>
      ${guest.medium === "voice" ? action(work.headset.muted ? texts.unmute : texts.mute, () => work.headset.mute(!work.headset.muted), { picture: "mic", pressed: work.headset.muted, key: "mute" }) : nothing}
      ${action(texts.leave, () => work.leaveInvite(guest), { picture: "hangup", kind: "stop" })}</div>
    ${guest.medium === "voice" ? callState(desk) : nothing}
    <div class="log" role="log" aria-live="off" aria-label=${texts.conversation} tabindex="0">${turnsView(work.store.turns(guest.conversation), desk, view)}</div>
    ${guest.medium === "chat" ? html`<form class="composer" @submit=${(/** @type {SubmitEvent} */ event) => whisper(desk, event)}>
      <label class="field"><span>${texts.whisper_hint}</span><textarea name="text" rows="2" maxlength="4000" required></textarea></label>
      <div class="row">${action(texts.whisper, () => undefined, { kind: "primary", type: "submit", picture: "send" })}</div></form>` : nothing}
  </div>`;
}

/** @param {Desk} desk @param {SubmitEvent} event */
async function whisper(desk, event) {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const text = String(new FormData(form).get("text") ?? "").trim();
  const { work } = desk;
  if (text && work.guest && (await work.command("whisper", { text, invite: work.guest.invite }, work.guest.contact))) form.reset();
}
