/** What the company knows: the entry that came up by itself, and the agent's own search. */

import { html, nothing } from "../vendor/lit.js";
import { writes } from "./assist_card.js";
import { insertReply } from "./composer.js";
import { icon } from "./icons.js";
import { action, copyText } from "./parts.js";
import { fill } from "./texts.js";

/** @typedef {import("./desk.js").VoicebotDesk} Desk */
/** @typedef {import("./store.js").Contact} Contact */
/** @typedef {import("./assist_api.js").Entry} Entry */

/** @param {Desk} desk @param {Contact} contact */
export function knowledgeView(desk, contact) {
  const { texts, assist } = desk;
  const shown = assist.knowledge(contact);
  const search = assist.searches.get(contact.id);
  return html`<section class="knowledge" aria-labelledby="knowledge-title">
    <h3 id="knowledge-title">${texts.knowledge}</h3>
    ${shown ? entryView(desk, contact, shown, true) : nothing}
    <form class="row find" role="search" @submit=${(/** @type {SubmitEvent} */ event) => find(desk, contact, event)}>
      <label class="hidden" for="knowledge-q">${texts.knowledge_search}</label>
      <input id="knowledge-q" name="q" type="search" maxlength="200" required autocomplete="off" placeholder=${texts.knowledge_search} @keydown=${(/** @type {KeyboardEvent} */ event) => event.key === "Enter" && event.isComposing && event.preventDefault()}>
      ${action(texts.knowledge_find, () => undefined, { type: "submit", kind: "small-act" })}
    </form>
    <p class="small muted" role="status">${search ? (search.found ? (search.found.length ? fill(texts.knowledge_found, { count: search.found.length }) : texts.knowledge_nothing) : texts.loading) : nothing}</p>
    ${search?.found?.length ? html`<ul class="plain found">${search.found.map((one) => html`<li>${entryView(desk, contact, one, false)}</li>`)}</ul>` : nothing}
  </section>`;
}

/** @param {Desk} desk @param {Contact} contact @param {Entry & {seq?: number}} entry @param {boolean} automatic */
function entryView(desk, contact, entry, automatic) {
  const { texts, assist } = desk;
  const body = html`<p class="entry-text" lang=${entry.language || nothing}>${entry.text}</p>
    <p class="small muted">${texts.knowledge_source} ${entry.url ? html`<a href=${entry.url} target="_blank" rel="noopener noreferrer">${entry.source || entry.url}</a>` : entry.source}</p>
    <div class="row">
      ${writes(desk, contact) ? action(texts.knowledge_insert, () => insertReply(desk, entry.text), { kind: "small-act", picture: "send" }) : nothing}
      ${action(texts.card_copy, async () => desk.work.tell((await copyText(entry.text)) ? "copied" : "copy_failed"), { kind: "small-act", picture: "copy" })}
      ${automatic ? action(texts.knowledge_hide, () => { assist.made.add(`hidden/${contact.id}/${entry.seq}`); desk.focusAssist(); }, { kind: "small-act", picture: "close" }) : nothing}
    </div>`;
  if (automatic) return html`<article class="entry" data-entry=${entry.entry}><h4>${icon("help", 16)} ${entry.title}</h4>${body}</article>`;
  return html`<details class="entry" data-entry=${entry.entry}><summary>${entry.title}</summary>${body}</details>`;
}

/** @param {Desk} desk @param {Contact} contact @param {SubmitEvent} event */
function find(desk, contact, event) {
  event.preventDefault();
  const words = String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("q") ?? "").trim();
  if (words) desk.assist.search(contact, words);
}
