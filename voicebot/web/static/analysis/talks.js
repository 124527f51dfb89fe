/** Talks that went well and talks that did not, and one of them for coaching: moments, words and sound. */

import { html, nothing } from "../vendor/lit.js";
import { dayAndTime, duration } from "../desk/format.js";
import { action } from "../desk/parts.js";
import { fill } from "./texts.js";

/** @typedef {import("./analysis.js").VoicebotAnalysis} Page */

/** @param {Page} page @param {any} report */
export function talkLists(page, report) {
  const { texts } = page;
  const outcome = texts[`outcome_${report.outcome}`];
  return html`<section class="card" aria-labelledby="talks-title"><h2 id="talks-title">${texts.talks}</h2>
    <div class="split">${[["won", texts.talks_won], ["lost", texts.talks_lost]].map(([name, title]) => list(page, name, fill(title, { outcome }), page.lists[name]))}</div></section>`;
}

/** @param {Page} page @param {string} name @param {string} title @param {any} list */
function list(page, name, title, list) {
  const { texts, lang } = page;
  if (!list?.talks.length) return html`<div><h3>${title}</h3><p class="muted small">${texts.no_talks}</p></div>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${title}><table data-list=${name}><caption>${title} <span class="small muted">${fill(texts.of_talks, { of: list.of })}</span></caption>
    <thead><tr><th scope="col">${texts.col_when}</th><th scope="col">${texts.col_matter}</th><th scope="col" class="number">${texts.col_length}</th><th scope="col">${texts.col_open}</th></tr></thead>
    <tbody>${list.talks.map((/** @type {any} */ one) => html`<tr><th scope="row">${dayAndTime(one.at, lang)}${one.agent ? html`<br><span class="small muted">${one.agent}</span>` : nothing}</th><td class="wrap">${one.matter}</td><td class="number">${duration(one.length_ms / 1000)}</td>
      <td>${page.report.may.clips ? html`<button type="button" class="act small-act" aria-label="${texts.open_talk} ${dayAndTime(one.at, lang)}" @click=${(/** @type {Event} */ event) => page.open(one.conversation, event.currentTarget)}>${texts.open_talk}</button>` : html`<a href="/api/conversations/${one.conversation}/events" aria-label="${texts.open_log} ${dayAndTime(one.at, lang)}">${texts.open_log}</a>`}</td></tr>`)}</tbody></table></div>`;
}

/** @param {Page} page */
export function talkDialog(page) {
  const { texts, lang, opened } = page;
  if (!opened) return nothing;
  return html`<dialog aria-labelledby="talk-title" @close=${() => page.closed()}><div class="dialog-head"><h2 id="talk-title" tabindex="-1">${texts.coaching}</h2>${action(texts.close, () => page.closeDialog(), { kind: "small-act" })}</div>
    <div class="dialog-body">${opened.map((/** @type {any} */ one) => html`<p>${one.agent} <span class="muted">${dayAndTime(one.at, lang)}</span></p>
      <p class="small muted">${one.sound ? texts.sound_there : texts.sound_missing}</p>
      ${one.clips.length ? one.clips.map((/** @type {any} */ clip) => clipView(page, one, clip)) : html`<p class="muted">${texts.no_clips}</p>`}
      <details><summary>${texts.whole_talk}</summary>${lines(page, one.lines)}</details>`)}
    <div role="status">${page.soundProblem ? html`<p class="problem">${page.soundProblem}</p>` : nothing}</div></div></dialog>`;
}

/** @param {Page} page @param {any} talk @param {any} clip */
function clipView(page, talk, clip) {
  const { texts } = page;
  const title = `${texts[`clip_${clip.kind}`]} ${duration(clip.from_ms / 1000)}–${duration(clip.to_ms / 1000)}`;
  const playing = page.playing === `${talk.conversation}:${clip.from_ms}`;
  return html`<div class="clip"><h3>${title}</h3>${talk.sound ? html`<button type="button" class="act small-act play" aria-pressed=${String(playing)} aria-label="${texts.play} ${title}" @click=${() => page.play(talk.conversation, clip)}>${playing ? texts.stop : texts.play}</button>` : nothing}${lines(page, clip.lines)}</div>`;
}

/** @param {Page} page @param {any[]} all */
function lines(page, all) {
  const { texts } = page;
  return html`<ul class="said">${all.map((one) => html`<li class=${one.ours ? "ours" : ""}><span class="small muted">${duration(one.from_ms / 1000)} ${one.ours ? texts.agent : texts.customer}</span><br>${one.text}</li>`)}</ul>`;
}
