/** The form of a script: what starts it, and its steps in order, each with its words and what follows it. */

import { html, nothing } from "../vendor/lit.js";
import { check, chips, choice, mistakes, sideBySide, text } from "./fields.js";
import { fill } from "./texts.js";

/** @typedef {import("./authoring.js").VoicebotAuthoring} Page */

const KINDS = ["say", "check", "ask", "branch", "link"];

/** @param {any} step */
function kindOf(step) {
  if ("collect" in step) return "ask";
  if ("noop" in step) return "branch";
  if ("link" in step) return "link";
  return step.action === "say" ? "say" : "check";
}

/** @param {any} step @param {string} kind */
function ofKind(step, kind) {
  const { action, collect, noop, link, ...rest } = step;
  const own = { say: { action: "say" }, check: { action: "check" }, ask: { collect: collect ?? "" }, branch: { noop: true }, link: { link: link ?? "" } };
  return { ...rest, ...own[/** @type {"say"} */ (kind)] };
}

/** @param {Page} page */
export function scriptForm(page) {
  const { texts, work } = page;
  const script = work.item;
  const names = work.names;
  const starts = (script.nlu_trigger ?? []).map((/** @type {any} */ one) => one.intent ?? String(one));
  const [first, ...others] = work.languages.includes("en") ? ["en", ...work.languages.filter((one) => one !== "en")] : work.languages;
  return html`
    <fieldset><legend>${texts.script_about}</legend><div class="beside">
      ${text(page, ["name"], `${texts.script_name} (${texts[`in_${first}`]})`, { lang: first })}
      ${others.map((language) => text(page, ["translation", language, "name"], `${texts.script_name} (${texts[`in_${language}`]})`, { lang: language }))}
      ${text(page, ["description"], texts.description)}
      ${chips(page, ["nlu_trigger"], texts.starts, { known: names.intents, value: starts, report: (list) => work.edit(["nlu_trigger"], list.map((intent) => ({ intent }))) })}
      ${chips(page, ["metadata", "flows"], texts.flows, { known: names.flows })}
      ${chips(page, ["metadata", "queues"], texts.queues, { known: names.queues })}
      ${chips(page, ["metadata", "required"], texts.required, { known: work.slotNames() })}
    </div></fieldset>
    <h3>${texts.steps}</h3>
    <ol class="steps">${(script.steps ?? []).map((/** @type {any} */ step, /** @type {number} */ index) => stepForm(page, step, index))}</ol>
    <button type="button" class="act" @click=${() => addStep(page)}>${texts.add_step}</button>`;
}

/** @param {Page} page */
async function addStep(page) {
  const steps = page.work.item.steps ?? [];
  let number = steps.length + 1;
  while (steps.some((/** @type {any} */ one) => one.id === `step_${number}`)) number += 1;
  page.work.edit(["steps"], [...steps, { id: `step_${number}`, action: "say" }]);
  await page.updateComplete;
  page.focusStep(`step_${number}`);
}

/** @param {Page} page @param {number} index @param {number} by */
async function move(page, index, by) {
  const steps = [...page.work.item.steps];
  const [step] = steps.splice(index, 1);
  steps.splice(index + by, 0, step);
  page.work.edit(["steps"], steps);
  page.tell(fill(page.texts.moved, { step: step.id, place: index + by + 1 }));
  await page.updateComplete;
  page.focusStep(step.id);
}

/** @param {Page} page @param {any} step @param {number} index */
function stepForm(page, step, index) {
  const { texts, work } = page;
  const kind = kindOf(step);
  const last = work.item.steps.length - 1;
  const label = step.metadata?.label?.[page.lang] ?? step.metadata?.label?.en ?? "";
  const at = ["steps", index];
  const bad = work.mistakes().some((one) => one.path.startsWith(`steps.${index}`));
  const open = page.opened.has(step.id);
  const toggled = (/** @type {Event} */ event) => page.open(step.id, /** @type {HTMLDetailsElement} */ (event.target).open);
  return html`<li class="step ${bad ? "bad" : ""}"><details .open=${open} data-step=${step.id} @toggle=${toggled}>
    <summary><strong>${label || step.id}</strong> <span class="mark">${texts[`step_${kind}`]}</span>${step.metadata?.mandatory ? html` <span class="mark">${texts.mandatory}</span>` : nothing}${bad ? html` <span class="mark late">${texts.has_mistakes}</span>` : nothing}</summary>
    ${open ? html`<div class="stack">${mistakes(page, at)}
      <div class="row">
        <button type="button" class="act small-act" ?disabled=${index === 0} aria-label=${fill(texts.move_up, { step: step.id })} @click=${() => move(page, index, -1)}>↑</button>
        <button type="button" class="act small-act" ?disabled=${index === last} aria-label=${fill(texts.move_down, { step: step.id })} @click=${() => move(page, index, 1)}>↓</button>
        <button type="button" class="act small-act stop" @click=${() => work.edit(["steps"], work.item.steps.filter((/** @type {any} */ one) => one !== step))}>${texts.delete_step}</button></div>
      <div class="beside">${text(page, [...at, "id"], texts.step_id)}
        ${choice(page, [...at, "kind"], texts.step_kind, KINDS.map((one) => [one, texts[`step_${one}`]]), (fresh) => work.edit(at, ofKind(step, fresh)), kind)}
        ${kind === "ask" ? text(page, [...at, "collect"], texts.slot) : nothing}
        ${kind === "link" ? choice(page, [...at, "link"], texts.link, ["", ...work.scriptNames()].map((one) => [one, one])) : nothing}</div>
      ${["say", "check", "ask"].includes(kind) ? words(page, at, kind, step) : nothing}
      ${kind === "link" ? nothing : nextForm(page, step, index)}</div>` : nothing}
  </details></li>`;
}

/** @param {Page} page @param {(string | number)[]} at @param {string} kind @param {any} step */
function words(page, at, kind, step) {
  const { texts, work } = page;
  const meta = [...at, "metadata"];
  const each = (/** @type {string} */ key, /** @type {string} */ language, /** @type {string} */ name) => chips(page, [...meta, key, language], `${texts[key]} (${name})`, { lang: language });
  const answers = Object.keys(step.metadata?.answers ?? {});
  return html`<div class="row">${check(page, [...meta, "mandatory"], texts.mandatory)}</div>
    ${choice(page, [...meta, "party"], texts.party, ["agent", "customer", "any"].map((one) => [one, texts[`speaker_${one}`]]), undefined, step.metadata?.party ?? "agent")}
    ${sideBySide(page, (language, name) => html`<div class="stack">
      ${text(page, [...meta, "label", language], `${texts.label} (${name})`, { lang: language })}
      ${text(page, [...meta, "say", language], `${texts.say} (${name})`, { lang: language, rows: 2 })}
      ${text(page, [...meta, "novice", language], `${texts.novice} (${name})`, { lang: language, rows: 2 })}
      ${each("phrases", language, name)}${each("examples", language, name)}${each("without", language, name)}</div>`)}
    ${kind === "ask" ? html`<div class="stack">${chips(page, [...meta, "answers"], texts.answers, { value: answers, report: (list) => work.edit([...meta, "answers"], Object.fromEntries(list.map((value) => [value, step.metadata?.answers?.[value] ?? Object.fromEntries(work.languages.map((language) => [language, []]))]))) })}
      ${answers.map((value) => sideBySide(page, (language, name) => chips(page, [...meta, "answers", value, language], `${fill(texts.answer_words, { value })} (${name})`, { lang: language })))}</div>` : nothing}
    ${text(page, [...meta, "disposition"], texts.disposition)}`;
}

/** What follows: the next step, END, or by conditions. @param {Page} page @param {any} step @param {number} index */
function nextForm(page, step, index) {
  const { texts, work } = page;
  const at = ["steps", index, "next"];
  const targets = [["END", texts.end], ...work.item.steps.filter((/** @type {any} */ one) => one !== step).map((/** @type {any} */ one) => [one.id, one.id])];
  /** @type {any[]} */
  const rows = Array.isArray(step.next) ? step.next : [];
  if (rows.some((row) => typeof (row.then ?? row.else) !== "string")) return html`<p class="small muted">${texts.next_in_yaml}</p>`;
  const otherwise = Array.isArray(step.next) ? rows.find((row) => "else" in row)?.else ?? "" : step.next ?? "";
  const conditions = rows.filter((row) => "if" in row);
  const report = (/** @type {any[]} */ ifs, /** @type {string} */ other) => work.edit(at, ifs.length ? [...ifs, { else: other || work.item.steps[index + 1]?.id || "END" }] : other || undefined);
  return html`<fieldset class="next"><legend>${texts.next}</legend>
    ${conditions.map((row, number) => html`<div class="beside">
      <label class="field"><span>${texts.if}</span><input .value=${row.if} @input=${(/** @type {any} */ event) => report(conditions.map((one, k) => (k === number ? { ...one, if: event.target.value } : one)), otherwise)}></label>
      <label class="field"><span>${texts.then}</span><select @change=${(/** @type {any} */ event) => report(conditions.map((one, k) => (k === number ? { ...one, then: event.target.value } : one)), otherwise)}>${targets.map(([id, shown]) => html`<option value=${id} ?selected=${id === row.then}>${shown}</option>`)}</select></label>
      <button type="button" class="act small-act" aria-label=${fill(texts.remove_word, { word: row.if })} @click=${() => report(conditions.filter((_, k) => k !== number), otherwise)}>×</button></div>`)}
    <label class="field"><span>${conditions.length ? texts.else : texts.then}</span><select @change=${(/** @type {any} */ event) => report(conditions, event.target.value)}><option value="" ?selected=${!otherwise}>${texts.following}</option>${targets.map(([id, shown]) => html`<option value=${id} ?selected=${id === otherwise}>${shown}</option>`)}</select></label>
    <button type="button" class="act small-act" @click=${() => report([...conditions, { if: "slots.", then: "END" }], otherwise)}>${texts.add_condition}</button>${mistakes(page, at)}</fieldset>`;
}

/** A script that still has to be written. @param {string} id */
export function freshScript(id) {
  return { name: id, metadata: { script: true }, steps: [{ id: "step_1", action: "say", next: "END" }] };
}
