/** Beside the form: the preview on past conversations, publishing, and the versions. */

import { html, nothing } from "../vendor/lit.js";
import { fill } from "./texts.js";

/** @typedef {import("./authoring.js").VoicebotAuthoring} Page */

/** @param {Page} page */
export function previewPart(page) {
  const { texts, trial } = page;
  const running = trial.state === "running";
  return html`<section class="card" aria-labelledby="preview-title"><h3 id="preview-title">${texts.preview}</h3>
    <p class="small muted">${texts.preview_hint}</p>
    <form class="row" @submit=${(/** @type {SubmitEvent} */ event) => { event.preventDefault(); page.preview(Number(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("talks"))); }}>
      <label class="field short"><span>${texts.talks}</span><input name="talks" type="number" min="1" max="2000" .defaultValue=${"200"}></label>
      ${running ? html`<button type="button" class="act stop" @click=${() => page.stopPreview()}>${texts.stop}</button>` : html`<button type="submit" class="act primary">${texts.try}</button>`}</form>
    ${running && trial.of ? html`<progress max=${trial.of} value=${trial.done} aria-label=${texts.progress}></progress>` : nothing}
    <div role="status">${trial.state ? html`<p><strong>${fill(texts.would_fire, { count: trial.places.length, shown: trial.places.filter((one) => one.shown).length, done: trial.done })}</strong>${trial.state === "running" ? nothing : html` ${texts[`trial_${trial.state}`]}`}</p>` : nothing}</div>
    ${trial.problem ? html`<p class="problem" role="alert">${trial.problem}</p>` : nothing}
    ${trial.score ? scoreView(page, trial.score) : nothing}
    <ol class="places">${trial.places.map((one) => html`<li>
      <p class="small muted"><time datetime=${one.at}>${new Intl.DateTimeFormat(page.lang, { dateStyle: "medium", timeStyle: "short" }).format(new Date(one.at))}</time> · ${texts[`reason_${one.reason}`] ?? one.reason}</p>
      ${one.before.map((/** @type {[string, string]} */ [party, words]) => html`<p class="small context">${texts[`speaker_${party}`] ?? party}: ${words}</p>`)}
      <p class="words">${one.text ? html`${texts[`speaker_${one.party}`] ?? one.party}: <strong>${one.text}</strong>` : texts.no_words}</p>
      <p class="row"><span class="mark">${one.shown ? texts.would_show : texts.held_back}</span>${one.live.length ? one.live.map((/** @type {[string, string]} */ [card, how]) => html`<span class="mark">${fill(texts.was_live, { card, how: texts[`how_${how}`] ?? how })}</span>`) : html`<span class="small muted">${texts.was_nothing}</span>`}</p></li>`)}</ol></section>`;
}

/** @param {Page} page @param {any} score */
function scoreView(page, score) {
  const { texts } = page;
  const share = (/** @type {number | null | undefined} */ value) => (value === null || value === undefined ? "–" : new Intl.NumberFormat(page.lang, { style: "percent", maximumFractionDigits: 0 }).format(value));
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${texts.labelled}><table><caption>${texts.labelled}</caption><thead><tr><td></td><th scope="col">${texts.precision}</th><th scope="col">${texts.recall}</th></tr></thead>
    <tbody>${["before", "after"].map((when) => html`<tr><th scope="row">${texts[`score_${when}`]}</th><td>${share(score[when]?.precision)}</td><td>${share(score[when]?.recall)}</td></tr>`)}</tbody></table></div>`;
}

/** @param {Page} page */
export function publishPart(page) {
  const { texts, work } = page;
  const edited = ["cards", "scripts", "slots", "brand"].flatMap((kind) => work.items(kind)).filter((one) => one.state !== "live").length;
  const wrong = work.draft.troubles.length;
  return html`<section class="card stack" aria-labelledby="publish-title"><h3 id="publish-title">${texts.publish_title}</h3>
    <p>${edited ? fill(texts.changes, { count: edited }) : texts.no_changes}${wrong ? html` <span class="late">${fill(texts.mistakes_left, { count: wrong })}</span>` : nothing}</p>
    ${wrong ? html`<ul class="plain small">${work.draft.troubles.slice(0, 12).map((/** @type {any} */ one) => html`<li>${one.id ? html`<button type="button" class="link" @click=${() => page.go(one.kind === "card" ? "cards" : "scripts", one.id, one.step)}>${one.id}${one.step ? ` / ${one.step}` : ""}</button> ` : nothing}${one.problem[page.lang]} ${one.mend[page.lang]}</li>`)}</ul>` : nothing}
    <form class="stack" @submit=${(/** @type {SubmitEvent} */ event) => { event.preventDefault(); page.publish(String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("note") ?? "")); }}>
      <label class="field"><span>${texts.note}</span><input name="note" maxlength="500"></label>
      <div class="row"><button type="submit" class="act primary" ?disabled=${!edited || Boolean(wrong)}>${texts.publish}</button>
      <button type="button" class="act" ?disabled=${!edited} @click=${() => page.showDifferences()}>${texts.what_changes}</button>
      <button type="button" class="act stop" ?disabled=${!edited} @click=${() => page.discard()}>${texts.discard}</button></div></form>
    ${page.overtaken || work.draft.outdated ? html`<div class="warn" role="alert"><p>${page.overtaken?.by ? fill(texts.overtaken_by, { name: page.overtaken.by.name }) : texts.overtaken}</p>${page.overtaken ? differenceList(page, page.overtaken.differences) : nothing}<button type="button" class="act" @click=${() => page.rebase()}>${texts.rebase}</button></div>` : nothing}
    ${page.differences ? differenceList(page, page.differences) : nothing}
    <div class="row small">${["cards", "scripts"].map((what) => html`<a href="${work.api.base}/drafts/export/${what}.yml" download>${texts[`export_${what}`]}</a><label class="act small-act">${texts[`import_${what}`]}<input type="file" accept=".yml,.yaml" class="hidden" @change=${(/** @type {Event} */ event) => page.takeIn(what, /** @type {HTMLInputElement} */ (event.target))}></label>`)}</div></section>`;
}

/** @param {Page} page @param {any[]} found */
export function differenceList(page, found) {
  const { texts } = page;
  const shown = (/** @type {any} */ value) => (value === null || value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value));
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${texts.differences}><table><caption>${texts.differences}</caption><thead><tr><th scope="col">${texts.item}</th><th scope="col">${texts.field}</th><th scope="col">${texts.was}</th><th scope="col">${texts.is}</th></tr></thead>
    <tbody>${found.map((one) => html`<tr><th scope="row">${one.id}</th><td>${one.field || texts.whole}</td><td class="value">${one.field || one.before === null ? shown(one.before) : texts.there}</td><td class="value">${one.field || one.after === null ? shown(one.after) : texts.there}</td></tr>`)}</tbody></table></div>`;
}

/** @param {Page} page */
export function historyPart(page) {
  const { texts } = page;
  const when = (/** @type {string | null} */ at) => (at ? new Intl.DateTimeFormat(page.lang, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at)) : "");
  return html`<section class="card stack" aria-labelledby="history-title"><h3 id="history-title">${texts.history}</h3>
    <ul class="plain versions">${(page.versions?.versions ?? []).map((/** @type {any} */ one) => html`<li class="card" data-version=${one.version}>
      <p><strong>${one.version.startsWith("files-") ? texts.files : one.note || texts.no_note}</strong> ${one.live ? html`<span class="mark">${texts.live}</span>` : nothing}</p>
      <p class="small muted">${one.version.startsWith("files-") ? one.version : `${one.author} · ${when(one.published_at ?? one.created_at)} · ${one.version}`}</p>
      ${one.live ? nothing : html`<div class="row"><button type="button" class="act small-act" @click=${() => page.compare(one.version)}>${texts.compare}</button><button type="button" class="act small-act" @click=${() => page.rollBack(one)}>${texts.roll_back}</button></div>`}
      ${page.compared?.version === one.version ? differenceList(page, page.compared.differences) : nothing}</li>`)}</ul></section>`;
}
