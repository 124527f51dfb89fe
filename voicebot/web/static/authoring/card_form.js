/** The form of a card. */

import { html, nothing } from "../vendor/lit.js";
import { check, chips, choice, number, sideBySide, text } from "./fields.js";
import { asLines, asPairs } from "./paths.js";

/** @typedef {import("./authoring.js").VoicebotAuthoring} Page */

const KINDS = ["script", "rebuttal", "knowledge", "checklist", "compliance", "next_action"];
const SPEAKERS = ["customer", "agent", "any"];

/** @param {Page} page */
export function cardForm(page) {
  const { texts, work } = page;
  const card = work.item;
  const names = work.names;
  const when = card.when ?? {};
  return html`
    <fieldset><legend>${texts.wording}</legend>${sideBySide(page, (language, name) => html`<div class="stack">
      ${text(page, [language, "title"], `${texts.card_title} (${name})`, { lang: language })}
      ${text(page, [language, "talk"], `${texts.talk} (${name})`, { lang: language, rows: 3 })}
      ${text(page, [language, "novice"], `${texts.novice} (${name})`, { lang: language, rows: 2 })}
      ${chips(page, [language, "do"], `${texts.do} (${name})`, { lang: language })}
      ${chips(page, [language, "dont"], `${texts.dont} (${name})`, { lang: language })}</div>`)}</fieldset>
    <fieldset><legend>${texts.triggers}</legend>
      ${sideBySide(page, (language, name) => html`<div class="stack">
        ${chips(page, ["when", "phrases", language], `${texts.phrases} (${name})`, { lang: language })}
        ${chips(page, ["when", "without", language], `${texts.without} (${name})`, { lang: language })}
        ${chips(page, ["when", "examples", language], `${texts.examples} (${name})`, { lang: language })}
        ${chips(page, ["when", "digits_after", language], `${texts.digits_after} (${name})`, { lang: language })}</div>`)}
      <div class="beside">
        ${chips(page, ["when", "intents"], texts.intents, { known: names.intents })}
        ${chips(page, ["when", "flow_steps"], texts.flow_steps, { known: [...names.flows, ...names.flow_steps] })}
        ${chips(page, ["when", "slots"], texts.slots, { known: names.slots, value: asLines(when.slots), report: (list) => work.edit(["when", "slots"], asPairs(list)) })}
        ${chips(page, ["when", "attributes"], texts.attributes, { value: asLines(when.attributes), report: (list) => work.edit(["when", "attributes"], asPairs(list)) })}
        ${number(page, ["when", "silence_s"], texts.silence_s)}
        ${number(page, ["when", "sentiment_below"], texts.sentiment_below, "0.05")}
        ${number(page, ["when", "talk_over_ms"], texts.talk_over_ms, "100")}
      </div>
      <details ?open=${Boolean(when.own_speech)}><summary>${texts.own_speech}</summary>
        ${sideBySide(page, (language, name) => html`<div class="stack">
          ${chips(page, ["when", "own_speech", "forbidden", language], `${texts.forbidden} (${name})`, { lang: language })}
          ${chips(page, ["when", "own_speech", "missing", language], `${texts.missing} (${name})`, { lang: language })}</div>`)}
        <div class="beside">${number(page, ["when", "own_speech", "within_s"], texts.within_s)}${chips(page, ["when", "own_speech", "before"], texts.before, { known: [...names.flows, ...names.flow_steps] })}</div>
      </details></fieldset>
    <fieldset><legend>${texts.rules}</legend><div class="beside">
      ${choice(page, ["kind"], texts.kind, KINDS.map((kind) => [kind, texts[`kind_${kind}`]]))}
      ${choice(page, ["speaker"], texts.speaker, SPEAKERS.map((one) => [one, texts[`speaker_${one}`]]))}
      ${number(page, ["priority"], texts.priority)}
      ${number(page, ["cooldown_s"], texts.cooldown_s)}
      ${number(page, ["expires_s"], texts.expires_s)}
      ${check(page, ["mandatory"], texts.mandatory_card, card.kind !== "compliance" && !card.mandatory)}
    </div></fieldset>${nothing}`;
}

/** A card that still has to be written. @param {string} id */
export function freshCard(id) {
  return { id, kind: "script", speaker: "customer", priority: 5, cooldown_s: 180, expires_s: 60, mandatory: false, when: {} };
}
