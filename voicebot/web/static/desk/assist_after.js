/** After the talk: what happened with links to the words, what to file and promise, and what others may learn. */

import { html, nothing } from "../vendor/lit.js";
import { lacksView } from "./assist_open.js";
import { inLanguage } from "./assist_text.js";
import { dayAndTime } from "./format.js";
import { icon } from "./icons.js";
import { action } from "./parts.js";
import { fill } from "./texts.js";

/** @typedef {import("./desk.js").VoicebotDesk} Desk */
/** @typedef {import("./store.js").Contact} Contact */
/** @typedef {import("./assist_api.js").After} After */

/** @param {Desk} desk @param {Contact} contact */
export function afterView(desk, contact) {
  const { texts, assist } = desk;
  const after = assist.after(contact);
  if (!after) return html`<section class="after"><h3>${texts.after}</h3><p class="muted small">${assist.failed.length ? texts.assist_failed : texts.loading}</p></section>`;
  return html`<section class="after" aria-labelledby="after-title"><h3 id="after-title">${texts.after}</h3>
    ${after.summary.length ? html`<ul class="after-summary">${after.summary.map((one) => html`<li>${one.text} ${turnLinks(desk, one.turns)}</li>`)}</ul>` : html`<p class="muted small">${texts.after_nothing}</p>`}
    ${lacksView(desk, contact, after.missing_slots ?? [], "after_not_known")}
    ${dispositionView(desk, contact)}
    ${followUps(desk, contact, after)}
    ${noteView(desk, contact, after)}
    ${faqView(desk, contact, after)}
  </section>`;
}

/** The words that say so. @param {Desk} desk @param {number[]} turns */
function turnLinks(desk, turns) {
  return turns.map((turn) => html`<button type="button" class="link" data-seq=${turn} @click=${() => desk.showSeq(turn)}>${fill(desk.texts.turn_link, { turn })}</button> `);
}

/** @param {Desk} desk @param {Contact} contact */
function dispositionView(desk, contact) {
  const { texts, assist } = desk;
  const likely = assist.likely(contact);
  if (!likely) return nothing;
  const { code, label, turns } = likely;
  const taken = (desk.wrapUps.get(contact.id)?.code ?? code) === code;
  const set = () => {
    desk.wrapUps.set(contact.id, { ...desk.wrapUps.get(contact.id), code });
    assist.changed();
  };
  return html`<div class="row">${fill(texts.after_disposition, { label })} ${turnLinks(desk, turns)}
    ${desk.only ? nothing : action(taken ? texts.after_taken : texts.after_take, set, { kind: "small-act", pressed: taken, picture: "check" })}</div>`;
}

/** @param {Desk} desk @param {Contact} contact @param {After} after */
function followUps(desk, contact, after) {
  const { texts, assist, lang } = desk;
  if (!after.follow_ups.length) return nothing;
  return html`<div><h4>${texts.after_follow_ups}</h4><ul class="plain">${after.follow_ups.map((one, place) => {
    const made = assist.made.has(`task/${contact.id}/${place}`);
    return html`<li class="row between"><span>${icon(one.kind === "callback" ? "phone" : "task", 16)} ${one.text} <time class="small muted" datetime=${one.due_at}>${dayAndTime(one.due_at, lang)}</time> ${turnLinks(desk, one.turns)}</span>
      ${action(made ? texts.after_added : texts.after_add, () => addTask(desk, contact, one, place), { kind: "small-act", picture: made ? "check" : "task", disabled: made })}</li>`;
  })}</ul></div>`;
}

/** @param {Desk} desk @param {Contact} contact @param {After["follow_ups"][number]} one @param {number} place */
async function addTask(desk, contact, one, place) {
  const { work, assist } = desk;
  const key = `task/${contact.id}/${place}`;
  if (assist.made.has(key)) return;
  assist.made.add(key);
  const body = { kind: one.kind === "callback" ? "callback" : "follow_up", text: one.text, due_at: one.due_at, owner: null, contact: contact.id, number: null };
  const done = await work.ask(() => work.rest.post("/tasks", body));
  if (done) work.store.apply({ type: "task", task: done });
  else assist.made.delete(key);
  if (done) work.tell("task_saved");
  assist.changed();
}

/** @param {Desk} desk @param {Contact} contact @param {After} after */
function noteView(desk, contact, after) {
  const { texts, work } = desk;
  const note = inLanguage(after.notes, desk.lang);
  if (!note) return nothing;
  const take = () => {
    const field = /** @type {HTMLTextAreaElement | null} */ (desk.renderRoot.querySelector("#after-note"));
    const last = /** @type {HTMLTextAreaElement | null} */ (desk.renderRoot.querySelector("#wrapup-note"));
    if (!field || !last) return;
    last.value = field.value;
    work.drafts.write(`wrapup:${contact.id}`, field.value);
    desk.pane = desk.narrow ? "talk" : desk.pane;
    desk.updateComplete.then(() => last.focus());
  };
  return html`<label class="field"><span>${texts.after_note}</span><textarea id="after-note" rows="4" maxlength="4000" .defaultValue=${work.drafts.read(`after:${contact.id}`) || note}
      @input=${(/** @type {InputEvent} */ event) => work.drafts.write(`after:${contact.id}`, /** @type {HTMLTextAreaElement} */ (event.target).value)}></textarea></label>
    ${desk.only ? nothing : html`<div class="row">${action(texts.after_note_take, take, { kind: "small-act", picture: "note" })}</div>`}`;
}

/** @param {Desk} desk @param {Contact} contact @param {After} after */
function faqView(desk, contact, after) {
  const { texts, assist } = desk;
  const made = assist.made.has(`faq/${contact.id}/`);
  return html`<details><summary>${texts.after_faq}</summary>
    <form class="stack" @submit=${(/** @type {SubmitEvent} */ event) => propose(desk, contact, after, event)}>
      <label class="field"><span>${texts.after_problem}</span><textarea name="problem" rows="2" maxlength="1000" required .defaultValue=${after.solved?.problem ?? ""}></textarea></label>
      <label class="field"><span>${texts.after_solution}</span><textarea name="solution" rows="3" maxlength="4000" required .defaultValue=${after.solved?.solution ?? ""}></textarea></label>
      <div class="row">${action(made ? texts.after_proposed : texts.after_propose, () => undefined, { type: "submit", kind: "small-act", picture: made ? "check" : "send", disabled: made })}</div>
    </form></details>`;
}

/** @param {Desk} desk @param {Contact} contact @param {After} after @param {SubmitEvent} event */
async function propose(desk, contact, after, event) {
  event.preventDefault();
  const { work, assist } = desk;
  const key = `faq/${contact.id}/`;
  if (assist.made.has(key)) return;
  assist.made.add(key);
  assist.changed();
  const given = new FormData(/** @type {HTMLFormElement} */ (event.target));
  const found = { problem: String(given.get("problem")).trim(), solution: String(given.get("solution")).trim(), turns: after.solved?.turns ?? [] };
  if (await work.ask(async () => (await assist.api.propose(contact.id, found)) ?? true)) work.tell("after_proposed_now");
  else assist.made.delete(key);
  assist.changed();
}
