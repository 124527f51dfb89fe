/** What goes with the outcome, where scripts lose people, and how time was shared. */

import { html, nothing } from "../vendor/lit.js";
import { duration, percent } from "../desk/format.js";
import { differenceView, shareView, shareWords } from "./bars.js";
import { fill } from "./texts.js";

/** @typedef {import("./analysis.js").VoicebotAnalysis} Page */

export const OUTCOMES = ["resolved", "sold", "kept", "escalated", "repeated"];
export const LESS_IS_BETTER = ["escalated", "repeated"];
const ABOUT = ["card", "step", "phrase"];
const MEASURES = ["talk_share", "monologue_ms", "silence_share", "interruptions_by_agent", "interruptions_by_customer", "hold_ms", "answer_ms", "length_ms"];

/** @param {Page} page @param {Record<string, any>} outcomes @param {string} [chosen] */
export function outcomeTiles(page, outcomes, chosen = "") {
  const { texts, lang } = page;
  return html`<ul class="tiles">${OUTCOMES.map((one) => html`<li class="tile ${one === chosen ? "chosen" : ""}" data-outcome=${one}><span class="small muted">${texts[`outcome_${one}`]}</span>${shareView(outcomes[one], texts, lang)}</li>`)}</ul>`;
}

/** @param {Page} page @param {any} report */
export function suggestionList(page, report) {
  const { texts, lang } = page;
  return html`<section class="card" aria-labelledby="hints-title"><h2 id="hints-title">${texts.suggestions}</h2><p class="small muted">${texts.suggestions_hint}</p>
    ${report.suggestions.length ? html`<ul class="hints">${report.suggestions.map((/** @type {any} */ one) => html`<li data-kind=${one.kind}><p class="wrap">${fill(texts[`hint_${one.kind}`], {
      ...one,
      share: shareWords(one.share, texts, lang),
      with_it: shareWords(one.with_it, texts, lang),
      without: shareWords(one.without, texts, lang),
      outcome: texts[`outcome_${report.outcome}`],
    })}</p><a class="act small-act" href=${one.edit}>${texts.open_editor}</a></li>`)}</ul>` : html`<p class="muted">${texts.no_suggestions}</p>`}</section>`;
}

/** @param {Page} page @param {any} report */
export function findingTables(page, report) {
  const { texts } = page;
  const outcome = texts[`outcome_${report.outcome}`];
  return html`<section class="card" aria-labelledby="found-title"><h2 id="found-title">${fill(texts.findings, { outcome })}</h2><p class="small muted">${texts.findings_hint}</p>
    ${ABOUT.map((about) => findingTable(page, report, about))}</section>
    ${Object.keys(report.agents).length ? html`<section class="card" aria-labelledby="agents-title"><h2 id="agents-title">${texts.agents}</h2><p class="small muted">${texts.agents_hint}</p>${findingTable(page, report, "agent")}</section>` : nothing}`;
}

/** @param {Page} page @param {any} report @param {string} about */
function findingTable(page, report, about) {
  const { texts, lang } = page;
  const all = report.findings.filter((/** @type {any} */ one) => one.about === about);
  const few = all.filter((/** @type {any} */ one) => one.verdict === "few" && about !== "agent");
  const rows = all.filter((/** @type {any} */ one) => !few.includes(one));
  const title = texts[`about_${about}`];
  const less = LESS_IS_BETTER.includes(report.outcome);
  if (!all.length) return html`<h3>${title}</h3><p class="muted small">${texts.nothing_met}</p>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${title}><table data-about=${about}><caption>${title}</caption>
    <thead><tr><th scope="col">${texts.col_name}</th><th scope="col">${texts[`with_${about}`]}</th><th scope="col">${texts[`without_${about}`]}</th><th scope="col">${texts.col_difference}</th><th scope="col">${texts.col_verdict}</th></tr></thead>
    <tbody>${rows.map((/** @type {any} */ one) => html`<tr data-name=${one.name} data-verdict=${one.verdict}><th scope="row" class="wrap">${one.label}</th><td>${shareView(one.with_it, texts, lang)}</td><td>${shareView(one.without, texts, lang)}</td><td>${differenceView(one, texts, lang, less)}</td>
      <td>${texts[`verdict_${one.verdict}`]}${one.verdict !== "found" && one.talks_needed && one.talks_needed < 20000 && one.verdict !== "few" ? html`<br><span class="small muted">${fill(texts.needed, { count: one.talks_needed })}</span>` : nothing}</td></tr>`)}</tbody></table></div>
    ${few.length ? html`<p class="small muted wrap">${fill(texts.too_few, { count: few.length, names: few.slice(0, 8).map((/** @type {any} */ one) => one.label).join(texts.comma) })}</p>` : nothing}`;
}

/** @param {Page} page @param {any} report */
export function funnelTables(page, report) {
  const { texts, lang } = page;
  return html`<section class="card" aria-labelledby="funnel-title"><h2 id="funnel-title">${texts.funnels}</h2><p class="small muted">${texts.funnels_hint}</p>
    ${report.funnels.length ? nothing : html`<p class="muted">${texts.no_funnels}</p>`}
    ${report.funnels.map((/** @type {any} */ one) => html`<div class="scroll" tabindex="0" role="region" aria-label=${one.label}><table data-script=${one.script}><caption>${one.label} <span class="muted small">${fill(texts.begun, { count: one.begun })}</span></caption>
      <thead><tr><th scope="col">${texts.col_step}</th><th scope="col" class="number">${texts.col_reached}</th><th scope="col">${texts.col_lost}</th></tr></thead>
      <tbody>${one.steps.map((/** @type {any} */ step) => html`<tr data-step=${step.step}><th scope="row" class="wrap">${step.label}</th><td class="number">${step.reached}</td><td>${shareView(step.lost, texts, lang)}</td></tr>`)}</tbody></table></div>`)}</section>`;
}

/** @param {string} name @param {number} value @param {string} lang */
function amount(name, value, lang) {
  if (name.endsWith("_share")) return percent(value, lang);
  if (name.endsWith("_ms")) return duration(value / 1000);
  return new Intl.NumberFormat(lang, { maximumFractionDigits: 1 }).format(value);
}

/** @param {Page} page @param {Record<string, any>} measures @param {Record<string, any> | null} [others] */
export function measureTable(page, measures, others = null) {
  const { texts, lang } = page;
  const cells = (/** @type {string} */ name, /** @type {any} */ one) =>
    one ? html`<td class="number"><strong>${amount(name, one.mean, lang)}</strong></td><td class="number">${amount(name, one.low, lang)} – ${amount(name, one.high, lang)}</td><td class="number">${one.of}</td>` : html`<td class="number">–</td><td class="number">–</td><td class="number">0</td>`;
  return html`<section class="card" aria-labelledby="measures-title"><h2 id="measures-title">${texts.measures}</h2><p class="small muted">${texts.measures_hint}</p>
    <div class="scroll" tabindex="0" role="region" aria-label=${texts.measures_table}><table class="measures"><thead><tr><th scope="col">${texts.col_measure}</th><th scope="col" class="number">${others ? texts.col_mine : texts.col_mean}</th><th scope="col" class="number">${texts.col_middle}</th><th scope="col" class="number">${texts.col_talks}</th>${others ? html`<th scope="col" class="number">${texts.col_everybody}</th>` : nothing}</tr></thead>
    <tbody>${MEASURES.map((name) => html`<tr data-measure=${name}><th scope="row" class="wrap">${texts[`measure_${name}`]}</th>${cells(name, measures[name])}${others ? html`<td class="number">${others[name] ? amount(name, others[name].mean, lang) : "–"}</td>` : nothing}</tr>`)}</tbody></table></div></section>`;
}
