/** The right region: everything known of the customer and what was tried, with what it is worth. */

import { html, nothing } from "../vendor/lit.js";
import { dayAndTime, languageName } from "./format.js";
import { icon } from "./icons.js";
import { action, copyText, headlineView } from "./parts.js";
import { fill } from "./texts.js";

/** @typedef {import("./desk.js").VoicebotDesk} Desk */

const GROUPS = /** @type {[string, string[]][]} */ ([
  ["confirmed", ["confirmed", "corrected"]],
  ["heard", ["heard"]],
  ["refused", ["refused"]],
  ["missing", ["missing"]],
]);

/** @param {Desk} desk */
export function packetView(desk) {
  const { texts, work } = desk;
  const contact = work.contact;
  if (!contact) return html`<p class="muted">${texts.packet_empty}</p>`;
  const packet = work.facts.packets.get(contact.id);
  const problem = work.facts.packetProblems.get(contact.id);
  return html`<h2 class="hidden">${texts.tab_packet}</h2>
    <section class="headline" aria-label=${texts.headline}>${headlineView(packet?.headline ?? contact.headline, contact.language, texts)}</section>
    ${problem !== undefined ? html`<p class="problem" role="status">${texts.packet_failed} ${problem} ${action(texts.try_again, () => work.facts.loadPacket(contact.id), { kind: "small-act", picture: "again" })}</p>` : nothing}
    ${packet ? packetParts(desk, packet) : problem === undefined ? html`<p class="muted">${texts.loading}</p>` : nothing}
    ${notesView(desk)}`;
}

/** @param {Desk} desk @param {any} packet */
function packetParts(desk, packet) {
  return [verification(desk, packet), slots(desk, packet), summary(desk, packet), attempts(desk, packet), assist(desk, packet), feeling(desk, packet), before(desk, packet), about(desk, packet)];
}

/** @param {Desk} desk @param {any} packet */
function verification({ texts, lang }, packet) {
  const { level, method, at } = packet.verification ?? {};
  return html`<section><h3>${texts.verification}</h3>
    <p><strong class="level ${level}">${texts[`verified_${level}`] ?? texts.unknown}</strong>
    ${method?.length ? html`<span class="muted">${method.map((/** @type {string} */ one) => texts[`method_${one}`] ?? one).join(", ")}</span>` : nothing}
    ${at ? html`<time class="muted" datetime=${at}>${dayAndTime(at, lang)}</time>` : nothing}</p></section>`;
}

/** @param {Desk} desk @param {any} packet */
function slots(desk, packet) {
  const { texts } = desk;
  const all = packet.slots ?? [];
  if (!all.length) return html`<section><h3>${texts.slots}</h3><p class="muted">${texts.slots_none}</p></section>`;
  return html`<section class="slots"><h3>${texts.slots}</h3>${GROUPS.map(([group, statuses]) => {
    const shown = all.filter((/** @type {any} */ slot) => statuses.includes(slot.status));
    return shown.length ? html`<div class="slot-group ${group}"><h4>${texts[`slots_${group}`]}</h4><dl>${shown.map((/** @type {any} */ slot) => slotView(desk, slot, group))}</dl></div>` : nothing;
  })}</section>`;
}

/** @param {Desk} desk @param {any} slot @param {string} group */
function slotView(desk, slot, group) {
  const { texts } = desk;
  const value = slot.display ?? (slot.value === null || slot.value === undefined ? "" : String(slot.value));
  const said = slot.sensitive && !value ? texts.slot_hidden : value || (group === "refused" ? texts.slot_refused : texts.unknown);
  return html`<div class="slot"><dt>${slot.label || slot.name}${slot.status === "corrected" ? html` <span class="mark">${texts.slot_corrected}</span>` : nothing}</dt><dd><span class="value">${said}</span>
    ${value && group === "confirmed" ? html`<button type="button" class="mini" aria-label=${fill(texts.copy_value, { label: slot.label || slot.name })} @click=${() => copied(desk, value)}>${icon("copy", 16)}</button>` : nothing}
    ${Number.isInteger(slot.source_turn) ? turnLink(desk, slot.source_turn) : nothing}</dd></div>`;
}

/** @param {Desk} desk @param {string} value */
async function copied(desk, value) {
  desk.work.tell((await copyText(value)) ? "copied" : "copy_failed");
}

/** @param {Desk} desk @param {number} turn */
function turnLink(desk, turn) {
  return html`<button type="button" class="link" data-turn=${turn} @click=${() => desk.showTurn(turn)}>${fill(desk.texts.turn_link, { turn })}</button>`;
}

/** @param {Desk} desk @param {any} packet */
function summary(desk, packet) {
  const { texts } = desk;
  const given = packet.summary;
  return html`<section><h3>${texts.summary}</h3>
    ${given?.text
      ? html`<p lang=${given.language}>${given.text}</p>
        ${given.method === "generated" ? html`<p class="mark">${texts.generated}</p>` : nothing}
        ${given.source_turns?.length ? html`<p class="small">${texts.evidence} ${given.source_turns.map((/** @type {number} */ turn) => html`${turnLink(desk, turn)} `)}</p>` : nothing}`
      : html`<p class="muted">${texts.unknown}</p>`}</section>`;
}

/** @param {Desk} desk @param {any} packet */
function attempts({ texts, lang }, packet) {
  const all = packet.attempts ?? [];
  return html`<section><h3>${texts.attempts}</h3>${all.length
    ? html`<ul class="plain">${all.map((/** @type {any} */ one) => html`<li class="attempt"><time class="muted" datetime=${one.at}>${dayAndTime(one.at, lang)}</time> ${one.what}
        <strong class="result ${one.result}">${texts[`result_${one.result}`] ?? one.result}</strong>${one.detail ? html` <span class="muted">${one.detail}</span>` : nothing}</li>`)}</ul>`
    : html`<p class="muted">${texts.attempts_none}</p>`}</section>`;
}

/** @param {Desk} desk @param {any} packet */
function assist({ texts }, packet) {
  const steps = packet.assist?.next_steps ?? [];
  if (!steps.length) return nothing;
  return html`<section><h3>${texts.next_steps}</h3><ul>${steps.map((/** @type {string} */ step) => html`<li>${step}</li>`)}</ul></section>`;
}

/** @param {Desk} desk @param {any} packet */
function feeling({ texts }, packet) {
  const { label, evidence } = packet.sentiment ?? {};
  return html`<section><h3>${texts.sentiment}</h3><p>${texts[`sentiment_${label}`] ?? texts.unknown}
    ${evidence?.length ? html`<span class="muted">${texts.because_words} ${evidence.map((/** @type {string} */ words) => html`<q lang=${packet.contact?.language ?? nothing}>${words}</q> `)}</span>` : nothing}</p></section>`;
}

/** @param {Desk} desk @param {any} packet */
function before(desk, packet) {
  const { texts, work } = desk;
  const earlier = packet.conversation?.previous_contacts ?? [];
  const found = work.facts.histories.get(work.selected);
  return html`<section><h3>${texts.history}</h3>
    ${earlier.length ? earlierView(desk, earlier) : html`<p class="muted">${packet.customer?.identified ? texts.history_none : texts.history_unknown}</p>`}
    <details><summary>${texts.history_more}</summary>
      <form class="stack" @submit=${(/** @type {SubmitEvent} */ event) => lookUp(desk, event)}>
        <label class="field"><span>${texts.history_number}</span><input name="number" type="tel" required minlength="3" maxlength="40" pattern="[+0-9() .\\-]+" autocomplete="off"></label>
        <div class="row">${action(texts.history_find, () => undefined, { type: "submit", kind: "small-act" })}</div>
      </form>
      ${found ? (found.known && found.interactions.length ? earlierView(desk, found.interactions) : html`<p class="muted" role="status">${found.known ? texts.history_none : texts.history_new}</p>`) : nothing}
    </details>
    ${packet.customer?.crm_url && /^https?:/.test(packet.customer.crm_url) ? html`<p><a href=${packet.customer.crm_url} target="_blank" rel="noopener noreferrer">${texts.open_crm}</a></p>` : nothing}</section>`;
}

/** @param {Desk} desk @param {any[]} earlier */
function earlierView({ texts, lang }, earlier) {
  return html`<ol class="plain">${earlier.map((one) => html`<li class="earlier"><time class="muted" datetime=${one.at}>${dayAndTime(one.at, lang)}</time>
    <span class="muted">${texts[`channel_${one.channel}`] ?? one.channel ?? ""}</span> ${one.summary}
    <span class="mark">${one.resolved === true ? texts.resolved_yes : one.resolved === false ? texts.resolved_no : texts.resolved_unknown}</span>${one.agent ? html` <span class="muted">${one.agent}</span>` : nothing}</li>`)}</ol>`;
}

/** @param {Desk} desk @param {SubmitEvent} event */
function lookUp(desk, event) {
  event.preventDefault();
  const number = String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("number") ?? "").trim();
  if (number) desk.work.facts.loadHistory(desk.work.selected, number);
}

/** @param {Desk} desk @param {any} packet */
function about({ texts, lang }, packet) {
  const { customer = {}, contact = {}, privacy = {}, routing = {}, intent = {} } = packet;
  /** @type {[string, unknown][]} */
  const rows = [
    [texts.customer_name, customer.display_name],
    [texts.customer_id, customer.customer_id],
    [texts.phone_number, customer.phone_masked],
    [texts.topic, intent.label],
    [texts.language, contact.language ? languageName(contact.language, lang) : ""],
    [texts.entry, contact.entry_point],
    [texts.recording, texts[`recording_${privacy.recording}`]],
    [texts.ai_told, privacy.ai_disclosed === true ? texts.yes : privacy.ai_disclosed === false ? texts.no : ""],
    [texts.promised, promised(routing.promised, texts, lang)],
  ];
  return html`<section><h3>${texts.about}</h3><dl class="facts">${rows.map(([label, value]) => html`<dt>${label}</dt><dd>${value || html`<span class="muted">${texts.unknown}</span>`}</dd>`)}</dl></section>`;
}

/** @param {any} given @param {Record<string, string>} texts @param {string} lang */
function promised(given, texts, lang) {
  if (!given) return texts.promised_nothing;
  const [low, high] = given.wait_min ?? [];
  const at = given.from_at ?? given.at;
  const parts = [
    given.callback ? texts.promised_callback : "",
    Number.isFinite(low) && Number.isFinite(high) ? fill(texts.promised_wait, { low, high }) : "",
    at ? dayAndTime(at, lang) : "",
  ];
  return parts.filter(Boolean).join(", ");
}

/** Notes for colleagues; the customer never sees them. @param {Desk} desk */
function notesView(desk) {
  const { texts, work, lang } = desk;
  const contact = work.contact;
  if (!contact) return nothing;
  const notes = work.store.turns(contact.conversation).filter((turn) => turn.kind === "note");
  return html`<section class="notes"><h3>${texts.notes}</h3>
    ${notes.length ? html`<ul class="plain">${notes.map((note) => html`<li><time class="muted" datetime=${note.at}>${dayAndTime(note.at, lang)}</time> ${work.store.team.get(note.agent)?.name ?? note.agent}: ${note.text}</li>`)}</ul>` : nothing}
    <form @submit=${(/** @type {SubmitEvent} */ event) => writeNote(desk, event)}>
      <label class="field"><span>${texts.note_new}</span><textarea id="note" name="text" rows="2" maxlength="4000" @input=${(/** @type {InputEvent} */ event) => work.drafts.write(`note:${work.selected}`, /** @type {HTMLTextAreaElement} */ (event.target).value)}></textarea></label>
      <div class="row">${action(texts.note_save, () => undefined, { type: "submit", picture: "note" })}</div>
    </form></section>`;
}

/** @param {Desk} desk @param {SubmitEvent} event */
async function writeNote(desk, event) {
  event.preventDefault();
  const area = /** @type {HTMLTextAreaElement} */ (/** @type {HTMLFormElement} */ (event.target).elements.namedItem("text"));
  const text = area.value.trim();
  const id = desk.work.selected;
  if (!text || !(await desk.work.command("note", { text }))) return;
  desk.work.drafts.write(`note:${id}`, "");
  if (desk.work.selected === id) area.value = "";
  desk.work.tell("note_saved");
}
