/** Cards and scripts with their state in the draft, found by what they are called and what is in them. */

import { html, nothing } from "../vendor/lit.js";

/** @typedef {import("./authoring.js").VoicebotAuthoring} Page */

const NAME = "[a-z][a-z0-9_]{2,50}";

/** @param {Page} page @param {string} kind @param {any} one */
function titleOf(page, kind, one) {
  const { item } = one;
  if (kind === "cards") return item[page.lang]?.title ?? item.en?.title ?? item.ja?.title ?? one.id;
  return (page.lang === "en" ? item.name : item.translation?.[page.lang]?.name) ?? item.name ?? one.id;
}

/** @param {Page} page */
export function itemList(page) {
  const { texts, work } = page;
  const wanted = page.wanted.trim().toLowerCase();
  return html`<label class="field"><span>${texts.search}</span><input type="search" .value=${page.wanted} @input=${(/** @type {any} */ event) => { page.wanted = event.target.value; page.requestUpdate(); }}></label>
    ${["cards", "scripts"].map((kind) => {
      const found = work.items(kind).filter((one) => !wanted || `${one.id} ${JSON.stringify(one.item)}`.toLowerCase().includes(wanted));
      return html`<section aria-labelledby="list-${kind}"><h2 id="list-${kind}">${texts[kind]} <span class="muted">${found.length}</span></h2>
        <ul class="plain items" tabindex="0" aria-labelledby="list-${kind}">${found.map((one) => html`<li><button type="button" data-item=${one.id} aria-current=${one.id === work.id && kind === work.kind ? "true" : nothing} @click=${() => page.go(kind, one.id)}>${titleOf(page, kind, one)}${one.state === "live" ? nothing : html` <span class="mark">${texts[`state_${one.state}`]}</span>`}${wrong(page, kind, one.id) ? html` <span class="mark late">${texts.has_mistakes}</span>` : nothing}</button></li>`)}</ul>
        <form class="row" @submit=${(/** @type {SubmitEvent} */ event) => added(page, kind, event)}><label class="field"><span>${texts[`new_${kind}`]}</span><input name="id" required pattern=${NAME} placeholder=${kind === "cards" ? "card_..." : "..."} title=${texts.name_hint}></label><button type="submit" class="act small-act">${texts.add}</button></form></section>`;
    })}`;
}

/** @param {Page} page @param {string} kind @param {string} id */
function wrong(page, kind, id) {
  return page.work.draft.troubles.some((/** @type {any} */ one) => one.id === id && `${one.kind}s` === kind);
}

/** @param {Page} page @param {string} kind @param {SubmitEvent} event */
function added(page, kind, event) {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const id = String(new FormData(form).get("id") ?? "");
  form.reset();
  page.add(kind, kind === "cards" && !id.startsWith("card_") ? `card_${id}` : id);
}
