/** Lines of the conversation that the agent can mend: in place, the original on demand. */

import { html, nothing } from "../vendor/lit.js";
import { icon } from "./icons.js";
import { action } from "./parts.js";
import { fill } from "./texts.js";

/** @typedef {import("./desk.js").VoicebotDesk} Desk */
/** @typedef {import("./turns.js").Turn} Turn */

/** Whether this page may mend the line: spoken words of a contact of this agent. @param {Desk} desk @param {Turn} turn */
function mendable(desk, turn) {
  return Boolean(desk.assist && desk.work.contact && !desk.work.guest && turn.input === "speech" && turn.utterance && turn.text);
}

/** In the line above the words. @param {Desk} desk @param {Turn} turn */
export function correctButton(desk, turn) {
  const { texts } = desk;
  const mark = turn.mendedBy ? html`<span class="mark">${texts.line_corrected}</span>` : nothing;
  if (!mendable(desk, turn) || desk.editing === turn.utterance) return mark;
  return html`${mark}<button type="button" class="link mend" data-mend=${turn.utterance} aria-label=${fill(texts.line_correct_this, { words: turn.text.slice(0, 40) })} @click=${() => begin(desk, turn)}>${icon("note", 16)}${texts.line_correct}</button>`;
}

/** The words, or the field to mend them in. @param {Desk} desk @param {Turn} turn @param {unknown} words */
export function correctable(desk, turn, words) {
  const { texts } = desk;
  if (desk.editing === turn.utterance && mendable(desk, turn)) {
    return html`<form class="mending" @submit=${(/** @type {SubmitEvent} */ event) => save(desk, turn, event)}>
      <label class="hidden" for="mending">${texts.line_correct}</label>
      <textarea id="mending" name="text" rows="2" maxlength="4000" required lang=${turn.lang || nothing} .defaultValue=${turn.text} @keydown=${(/** @type {KeyboardEvent} */ event) => onKey(desk, turn, event)}></textarea>
      <div class="row">${action(texts.save, () => undefined, { type: "submit", kind: "small-act primary" })}${action(texts.cancel, () => end(desk, turn), { kind: "small-act" })}</div></form>`;
  }
  if (!turn.mendedBy) return words;
  return html`${words}<details class="original"><summary>${texts.line_original}</summary><p lang=${turn.lang || nothing}>${turn.original}</p></details>`;
}

/** @param {Desk} desk @param {Turn} turn */
async function begin(desk, turn) {
  desk.editing = turn.utterance;
  desk.tail.leave();
  await desk.updateComplete;
  const field = /** @type {HTMLTextAreaElement | null} */ (desk.renderRoot.querySelector("#mending"));
  field?.focus();
  field?.setSelectionRange(field.value.length, field.value.length);
}

/** @param {Desk} desk @param {Turn} turn */
async function end(desk, turn) {
  desk.editing = "";
  await desk.updateComplete;
  /** @type {HTMLElement | undefined} */ ([.../** @type {NodeListOf<HTMLElement>} */ (desk.renderRoot.querySelectorAll("[data-mend]"))].find((one) => one.dataset.mend === turn.utterance))?.focus();
}

/** Enter keeps, Escape gives up; choosing a word of an input method does neither. @param {Desk} desk @param {Turn} turn @param {KeyboardEvent} event */
function onKey(desk, turn, event) {
  if (event.isComposing || event.keyCode === 229) return;
  if (event.key === "Escape") {
    event.preventDefault();
    end(desk, turn);
  } else if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    /** @type {HTMLTextAreaElement} */ (event.target).form?.requestSubmit();
  }
}

/** @param {Desk} desk @param {Turn} turn @param {SubmitEvent} event */
async function save(desk, turn, event) {
  event.preventDefault();
  const text = String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("text") ?? "").trim();
  const contact = desk.work.contact;
  if (!text || !contact) return;
  if (text !== turn.text && !(await desk.assist.correct(contact, turn.utterance, text))) return;
  await end(desk, turn);
}
