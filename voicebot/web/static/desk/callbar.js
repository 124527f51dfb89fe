/** What can be done with a contact: the call's buttons, and moving or finishing it. */

import { html, nothing } from "../vendor/lit.js";
import { action } from "./parts.js";
import { fill } from "./texts.js";

/** @typedef {import("./desk.js").VoicebotDesk} Desk */
/** @typedef {import("./store.js").Contact} Contact */

/** @param {Desk} desk @param {Contact} contact */
export function callBar(desk, contact) {
  const { texts, work } = desk;
  if (contact.state === "wrapup") return nothing;
  const voice = contact.medium === "voice";
  const mine = work.headset.subject === contact.id;
  return html`<div class="bar" role="toolbar" aria-label=${texts.actions} @keydown=${(/** @type {KeyboardEvent} */ event) => roam(event)}>
    ${voice ? voiceActions(desk, contact, mine) : nothing}
    ${work.consults.has(contact.id) ? nothing : action(texts.consult, () => desk.openDialog("consult"), { picture: "people" })}
    ${action(texts.transfer, () => desk.openDialog("transfer"), { picture: "move", key: "transfer" })}
    ${action(texts.give_back, () => work.command("return"), { picture: "back" })}
    ${voice ? action(texts.hang_up, () => desk.finish(), { picture: "hangup", kind: "stop", key: "wrap_up" }) : action(texts.wrap_up, () => desk.finish(), { picture: "done", kind: "stop", key: "wrap_up" })}
  </div>
  ${voice && mine ? callState(desk) : nothing}
  ${work.consults.has(contact.id) ? consultBar(desk, contact) : nothing}`;
}

/** @param {Desk} desk @param {Contact} contact @param {boolean} mine */
function voiceActions(desk, contact, mine) {
  const { texts, work } = desk;
  const { headset } = work;
  const elsewhere = work.store.me && work.store.me.endpoint !== "browser";
  if (elsewhere ? contact.state === "accepted" : !mine || !headset.busy) {
    return action(elsewhere ? texts.ring_again : texts.connect_call, () => work.connectCall(contact.id), { picture: "headset", kind: "primary" });
  }
  return html`
    ${elsewhere ? nothing : action(headset.muted ? texts.unmute : texts.mute, () => work.mute(!headset.muted), { picture: headset.muted ? "micoff" : "mic", key: "mute", pressed: headset.muted })}
    ${action(headset.onHold ? texts.unhold : texts.hold, () => work.hold(!headset.onHold), { picture: "pause", key: "hold", pressed: headset.onHold })}
    ${action(work.headset.paused ? texts.unpause : texts.pause, () => work.pause(!work.headset.paused), { picture: "norec", pressed: work.headset.paused })}`;
}

/** How the call stands and sounds. @param {Desk} desk */
export function callState(desk) {
  const { texts, work } = desk;
  const { headset } = work;
  const others = headset.parties.filter((party) => party.agent !== work.store.me?.id);
  return html`<p class="call-status ${headset.state} ${headset.quality}" role="status">
    <strong>${texts[`call_${headset.state}`] ?? headset.state}</strong>
    ${headset.state === "failed" ? html`<span>${texts[`phone_${headset.reason}`] ?? texts.phone_server}</span>` : nothing}
    ${headset.onHold ? html`<span class="mark">${texts.on_hold}</span>` : nothing}
    ${headset.muted ? html`<span class="mark">${texts.muted}</span>` : nothing}
    ${headset.paused ? html`<span class="mark">${texts.paused}</span>` : nothing}
    ${headset.talking && headset.quality ? html`<span>${texts[`quality_${headset.quality}`]}</span>` : nothing}
    ${others.length ? html`<span>${fill(texts.also_here, { names: others.map((party) => `${party.name} (${texts[`role_${party.role}`]})`).join(", ") })}</span>` : nothing}</p>`;
}

/** @param {Desk} desk @param {Contact} contact */
function consultBar(desk, contact) {
  const { texts, work } = desk;
  const together = work.headset.subject === contact.id && !work.headset.onHold;
  return html`<div class="consult" role="group" aria-label=${texts.consulting}>
    <p><strong>${fill(contact.medium !== "voice" ? texts.consulting_chat : together ? texts.conference_with : texts.consulting_with, { name: work.consults.get(contact.id)?.name ?? "" })}</strong></p>
    <div class="row">
      ${contact.medium === "voice" && !together ? action(texts.three_way, () => work.conference(), { picture: "people" }) : nothing}
      ${action(texts.complete_transfer, () => work.completeTransfer(), { picture: "move", kind: "primary" })}
      ${action(texts.end_consult, () => work.endConsult(), { picture: "close" })}
    </div></div>`;
}

/** Arrow keys walk along a toolbar. @param {KeyboardEvent} event */
function roam(event) {
  if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
  const bar = /** @type {HTMLElement} */ (event.currentTarget);
  const buttons = /** @type {HTMLElement[]} */ ([...bar.querySelectorAll("button:not([disabled])")]);
  const at = buttons.findIndex((button) => button === event.target);
  const step = event.key === "ArrowRight" ? 1 : -1;
  if (at < 0) return;
  event.preventDefault();
  buttons[(at + step + buttons.length) % buttons.length].focus();
}
