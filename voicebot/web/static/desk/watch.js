/** One conversation as a leader sees it, and the ways in: listen, whisper, join, take over. */

import { html, nothing } from "../vendor/lit.js";
import { turnsView } from "./conversation.js";
import { action, headlineView } from "./parts.js";
import { fill } from "./texts.js";

/** @typedef {import("./floor.js").VoicebotFloor} Floor */

/** @param {Floor} page @param {any} contact */
export function watchView(page, contact) {
  const { texts, work } = page;
  const who = contact.headline?.who || texts.customer_unknown;
  return html`<aside class="watch card" aria-labelledby="watch-title">
    <div class="row between"><h2 id="watch-title" tabindex="-1">${fill(texts.watching, { who })}</h2>${action(texts.watch_close, () => page.stopWatching(), { kind: "small-act", picture: "close" })}</div>
    ${contact.headline ? html`<div class="stack">${headlineView(contact.headline, contact.language, texts)}</div>` : nothing}
    ${contact.medium === "voice" ? callWays(page, contact) : chatWays(page, contact)}
    <div class="row">${page.sure
      ? html`<p>${texts.take_over_sure}</p>${action(texts.yes, () => { page.sure = false; work.takeOver(contact); }, { kind: "primary" })}${action(texts.no, () => (page.sure = false))}`
      : action(texts.take_over, () => (page.sure = true), { kind: "stop", picture: "move" })}</div>
    <div class="log" role="log" aria-live="off" aria-label=${texts.conversation} tabindex="0" @scroll=${(/** @type {Event} */ event) => followed(page, event)}>${turnsView(work.store.turns(contact.conversation), /** @type {any} */ (page), contact)}</div>
  </aside>`;
}

/** @param {Floor} page @param {Event} event */
function followed(page, event) {
  page.work.tail.scrolled(/** @type {HTMLElement} */ (event.target));
}

/** @param {Floor} page @param {any} contact */
function callWays(page, contact) {
  const { texts, work } = page;
  const { headset } = work;
  const inside = headset.busy && headset.subject === contact.conversation;
  const now = { listener: texts.listening_now, whisperer: texts.whispering_now, speaker: texts.joined_now }[headset.role] ?? "";
  return html`<div class="row" role="group" aria-label=${texts.actions}>
      ${/** @type {["listen" | "whisper" | "join", string, string][]} */ ([["listen", texts.listen, "listener"], ["whisper", texts.whisper_act, "whisperer"], ["join", texts.join_act, "speaker"]])
        .map(([verb, words, role]) => action(words, () => work.comeIn(contact, verb), { picture: "headset", pressed: inside && headset.role === role }))}
      ${inside ? action(texts.leave, () => work.leave(), { picture: "hangup" }) : nothing}</div>
    <p role="status" class="small">${inside ? (headset.talking ? now : texts[`call_${headset.state}`]) : ""}</p>`;
}

/** @param {Floor} page @param {any} contact */
function chatWays(page, contact) {
  const { texts } = page;
  if (contact.state !== "active") return nothing;
  return html`<form class="stack" @submit=${(/** @type {SubmitEvent} */ event) => write(page, contact, event)}>
    <label class="field"><span>${texts.text_for_agent}</span><textarea name="text" rows="2" maxlength="4000" required></textarea></label>
    <div class="row"><button class="act primary" name="verb" value="whisper">${texts.whisper_send}</button><button class="act" name="verb" value="join">${texts.join_send}</button></div></form>`;
}

/** @param {Floor} page @param {any} contact @param {SubmitEvent} event */
async function write(page, contact, event) {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const verb = /** @type {HTMLButtonElement | null} */ (event.submitter)?.value === "join" ? "join" : "whisper";
  const text = String(new FormData(form).get("text") ?? "").trim();
  if (text && (await page.work.write(contact, verb, text))) form.reset();
}
