/** The guided script: steps that tick themselves from speech, and by hand. */

import { html, nothing } from "../vendor/lit.js";
import { lacksView, scriptLacks } from "./assist_open.js";
import { valuesOf, wordsOf } from "./assist_screen.js";
import { gappedPieces, inLanguage, languageTaken } from "./assist_text.js";
import { icon } from "./icons.js";
import { action } from "./parts.js";
import { fill } from "./texts.js";

/** @typedef {import("./desk.js").VoicebotDesk} Desk */
/** @typedef {import("./store.js").Contact} Contact */
/** @typedef {import("./assist_api.js").Step} Step */
/** @typedef {import("./assist_screen.js").Progress} Progress */

/** @param {Desk} desk @param {Contact} contact */
export function scriptView(desk, contact) {
  const { texts, assist, lang } = desk;
  const running = assist.running(contact);
  const scripts = assist.scriptsFor(contact);
  const suggested = assist.suggested(contact);
  if (!running) {
    if (!scripts.length || contact.state === "wrapup") return nothing;
    return html`<details class="script" ?open=${scripts.some((one) => suggested.has(one.id))}><summary>${texts.script_choose}</summary>
      <ul class="plain">${scripts.map((one) => html`<li>${action(inLanguage(one.names, lang) ?? one.id, () => assist.start(contact, one.id), { kind: suggested.has(one.id) ? "primary" : "", picture: "task" })}</li>`)}</ul></details>`;
  }
  const { script, progress, steps: shown } = running;
  const done = shown.filter((step) => progress.marks.get(step.key)?.change === "done").length;
  return html`<section class="script" aria-labelledby="script-title">
    <h3 id="script-title">${inLanguage(script.names, lang) ?? script.id} <span class="muted">${fill(texts.script_done_of, { done, all: shown.length })}</span></h3>
    <progress max=${shown.length} value=${done} aria-label=${texts.script_progress}></progress>
    ${progress.warned.size ? html`<p class="script-warn">${icon("danger", 16)} ${fill(texts.script_missing, { names: shown.filter((step) => progress.warned.has(step.key)).map((step) => inLanguage(step.text, lang)?.label ?? step.id).join(texts.comma) })}</p>` : nothing}
    ${passedOn(desk, contact, progress)}
    ${contact.state === "wrapup" ? nothing : lacksView(desk, contact, scriptLacks(desk, contact))}
    <ol class="steps">${shown.map((step) => stepView(desk, contact, progress, step))}</ol>
    <details ?open=${suggested.size > 0}><summary>${texts.script_other}</summary><ul class="plain">${scripts.filter((one) => one.id !== script.id).map((one) => html`<li>${action(inLanguage(one.names, lang) ?? one.id, () => assist.start(contact, one.id), { kind: suggested.has(one.id) ? "small-act primary" : "small-act" })}</li>`)}
      ${progress.agent === assist.me ? html`<li>${action(texts.script_again, () => assist.start(contact, script.id), { kind: "small-act", picture: "again" })}</li>` : nothing}</ul></details>
  </section>`;
}

/** Says whose script goes on here, and offers to begin it again. @param {Desk} desk @param {Contact} contact @param {Progress} progress */
function passedOn({ texts, assist }, contact, progress) {
  if (progress.agent === assist.me) return nothing;
  const name = assist.nameOf(contact, progress.agent) || texts.script_colleague;
  return html`<div class="row passed-on"><p class="small">${icon("people", 16)} ${fill(texts.script_goes_on, { name })}</p>
    ${contact.state === "wrapup" ? nothing : action(texts.script_again, () => assist.start(contact, progress.script), { kind: "small-act", picture: "again" })}</div>`;
}

/** @param {Desk} desk @param {Contact} contact @param {Progress} progress @param {Step & {script: string, key: string}} step */
function stepView(desk, contact, progress, step) {
  const { texts, assist, lang } = desk;
  const mark = progress.marks.get(step.key);
  const state = mark?.change === "done" ? "done" : mark?.change === "skipped" ? "skipped" : "open";
  const current = progress.at === step.key && state === "open";
  const text = inLanguage(step.text, lang);
  const label = text?.label ?? step.id;
  const said = inLanguage(step.text, contact.language);
  const by = mark && mark.agent !== assist.me ? assist.nameOf(contact, mark.agent) || texts.script_colleague : "";
  const heard = state === "done" && mark?.by === "heard" ? wordsOf(assist.log(contact), mark.utterance) : null;
  const asked = step.depends ? assist.scriptsFor(contact).find((one) => one.id === step.script)?.steps.find((one) => one.id === step.depends) : undefined;
  const branch = step.branch ? inLanguage(asked?.text, lang)?.label : "";
  return html`<li class="step ${state} ${current ? "current" : ""}" data-step=${step.id} data-state=${state} aria-current=${current ? "step" : nothing}>
    ${branch ? html`<p class="small branch">${icon("move", 16)} ${fill(texts.script_branch, { branch })}</p>` : nothing}
    <div class="step-line"><button type="button" class="tick" role="checkbox" aria-checked=${state === "done" ? "true" : "false"} aria-labelledby="step-${step.key}" @click=${() => assist.move(contact, step.script, step.id, state === "open" ? "done" : "undone")}>${state === "done" ? icon("check", 16) : state === "skipped" ? html`<span aria-hidden="true">–</span>` : nothing}</button>
      <span class="step-label" id="step-${step.key}" lang=${languageTaken(step.text, lang)}>${label}</span>
      ${step.mandatory ? html`<span class="mark must">${texts.script_mandatory}</span>` : nothing}
      ${state === "open" ? html`<button type="button" class="link" @click=${() => assist.move(contact, step.script, step.id, "skipped")} aria-label=${fill(texts.script_skip_step, { step: label })}>${texts.script_skip}</button>` : nothing}</div>
    ${state === "open" ? nothing : html`<p class="small muted step-how">${state === "skipped" ? texts.script_skipped : mark?.by === "heard" ? texts.script_heard : texts.script_clicked}${by ? html` <span class="mark ticked-by">${fill(texts.script_by, { name: by })}</span>` : nothing}
      ${heard ? html`<button type="button" class="link because" @click=${() => desk.showSeq(heard.seq)}><q>${heard.text}</q></button>` : nothing}</p>`}
    ${current && said?.say ? html`<p class="step-say" lang=${languageTaken(step.text, contact.language)}>${gappedPieces(said.say, valuesOf(assist.log(contact))).map((piece) => (piece.value ? html`<mark>${piece.text}</mark>` : piece.text))}</p>` : nothing}
    ${current && text?.novice ? html`<details><summary>${texts.card_novice}</summary><p>${text.novice}</p></details>` : nothing}
  </li>`;
}

/** Tick the present step. @param {Desk} desk @param {Contact} contact */
export function tickPresent(desk, contact) {
  const running = desk.assist.running(contact);
  if (!running) return;
  const { progress, steps } = running;
  const open = steps.find((step) => step.key === progress.at && progress.marks.get(step.key)?.change !== "done");
  if (open) desk.assist.move(contact, open.script, open.id, "done");
}

/** What the dialog before the end says: steps that must not be missing. @param {Desk} desk */
export function missingView(desk) {
  const { texts, work, assist } = desk;
  const contact = work.contact;
  const missing = contact ? assist.missing(contact) : [];
  return html`<p>${texts.missing_hint}</p>
    <ul>${missing.map((step) => html`<li>${step.label}${step.skipped ? html` <span class="mark">${texts.script_skipped}</span>` : nothing}</li>`)}</ul>
    <div class="row">${action(texts.missing_back, () => desk.closeDialog(), { kind: "primary", picture: "back" })}
      ${action(texts.missing_end, () => { desk.closeDialog(); work.wrapUp(); }, { kind: "stop" })}</div>`;
}
