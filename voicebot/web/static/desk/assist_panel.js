/** The assist's region: cards first, then the script, what the company knows, and how the talk is shared. */

import { html, nothing } from "../vendor/lit.js";
import { toldView } from "./announce.js";
import { afterView } from "./assist_after.js";
import { askWhy, cardsView, copyCard, useCard } from "./assist_card.js";
import { knowledgeView } from "./assist_knowledge.js";
import { balanceOf, overlapOf } from "./assist_screen.js";
import { scriptView, tickPresent } from "./assist_script.js";
import { dialogView } from "./dialogs.js";
import { percent } from "./format.js";
import { bannerView, languageButton } from "./header.js";
import { action } from "./parts.js";
import { spokenNow } from "./overheard.js";
import { fill } from "./texts.js";

/** @typedef {import("./desk.js").VoicebotDesk} Desk */
/** @typedef {import("./store.js").Contact} Contact */

export const ASSIST_KEYS = ["assist", "card_use", "card_copy", "card_useful", "card_dismiss", "card_previous", "card_next", "script_tick", "knowledge_find"];
const QUIET_MS = 1500;
const HINT_MS = 10_000;

/** @param {Desk} desk */
export function assistView(desk) {
  const { texts, work, assist } = desk;
  const contact = work.contact;
  if (!contact) return html`<p class="muted">${texts.assist_empty}</p>`;
  const over = contact.state === "wrapup";
  return html`<h2>${texts.tab_assist}</h2>
    ${assist.failed.length ? html`<p class="problem small">${texts.assist_failed} ${action(texts.try_again, () => assist.restored(), { kind: "small-act", picture: "again" })}</p>` : nothing}
    ${over ? afterView(desk, contact) : cardsView(desk, contact)}
    ${scriptView(desk, contact)}
    ${knowledgeView(desk, contact)}
    ${contact.medium === "voice" ? sharedView(desk, contact) : nothing}`;
}

/** The assist without the console around it. @param {Desk} desk */
export function assistAlone(desk) {
  const { texts, work, lang } = desk;
  return html`<div class="root embed only">${bannerView(desk)}
    <header class="embed-head"><h1>${work.contact?.headline?.who || texts.tab_assist}</h1>${languageButton(lang, (language) => desk.changeLanguage(language))}</header>
    <main class="assist" id="pane-assist" tabindex="-1" aria-label=${texts.tab_assist}>${assistView(desk)}</main>${toldView(desk)}${dialogView(desk)}</div>`;
}

/** Who spoke how long; a hint when both speak at once. Only the agent sees it. @param {Desk} desk @param {Contact} contact */
function sharedView(desk, contact) {
  const { texts, work, assist, lang } = desk;
  const log = assist.log(contact);
  const share = balanceOf(log, assist.me);
  const overlap = overlapOf(log, assist.me);
  const hint = contact.state !== "wrapup" && ((overlap && work.store.now - Date.parse(overlap) < HINT_MS) || bothNow(desk, contact));
  if (!share && !hint) return nothing;
  const mine = share ? share.mine / (share.mine + share.theirs) : 0;
  return html`<section class="shared" aria-labelledby="shared-title"><h3 id="shared-title">${texts.talk_share}</h3>
    ${share ? html`<meter min="0" max="1" value=${mine.toFixed(2)} aria-labelledby="shared-title">${percent(mine, lang)}</meter>
      <p class="small">${fill(texts.talk_share_is, { mine: percent(mine, lang), theirs: percent(1 - mine, lang) })}</p>` : nothing}
    ${hint ? html`<p class="small overlap">${texts.talk_overlap}</p>` : nothing}
    <p class="small muted">${texts.talk_share_yours}</p></section>`;
}

/** @param {Desk} desk @param {Contact} contact */
function bothNow(desk, contact) {
  const parties = new Set(spokenNow(desk.work.store.partials, contact.conversation).filter((one) => !one.private && Date.now() - one.at < QUIET_MS).map((one) => one.party));
  return parties.has("customer") && parties.has("agent");
}

/** @param {Desk} desk @param {string} name of one of {@link ASSIST_KEYS} */
export async function assistKey(desk, name) {
  const { assist, work } = desk;
  const contact = work.contact;
  if (!contact) return;
  if (name === "assist") return desk.focusAssist();
  if (name === "knowledge_find") {
    desk.pane = "assist";
    await desk.updateComplete;
    return /** @type {HTMLElement | null} */ (desk.renderRoot.querySelector("#knowledge-q"))?.focus();
  }
  if (name === "script_tick") return tickPresent(desk, contact);
  if (name === "card_previous") return assist.look(contact, -1);
  if (name === "card_next") return assist.look(contact, 1);
  const [cue] = assist.cues(contact).filter((one) => one.content);
  if (!cue) return;
  if (name === "card_copy") return copyCard(desk, contact, cue);
  if (cue.earlier) return;
  if (name === "card_use") return useCard(desk, contact, cue);
  if (name === "card_useful") return assist.feedback(contact, cue, "useful");
  return askWhy(desk, contact, cue);
}

/** Tells screen readers of a new card: its title, once, and never into the agent's typing or the talk. */
export class CardTeller {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    this.title = "";
    this.typedAt = 0;
    this.composing = false;
    desk.addEventListener("input", () => (this.typedAt = Date.now()));
    desk.addEventListener("compositionstart", () => (this.composing = true));
    desk.addEventListener("compositionend", () => {
      this.composing = false;
      this.typedAt = Date.now();
    });
  }

  get quiet() {
    const contact = this.desk.work.contact;
    const heardAt = contact ? Math.max(0, ...spokenNow(this.desk.work.store.partials, contact.conversation).map((one) => one.at)) : 0;
    return !this.composing && Date.now() - Math.max(this.typedAt, heardAt) > QUIET_MS;
  }

  /** Called after every drawing. */
  look() {
    const { work, assist } = this.desk;
    const contact = work.contact;
    const [cue] = contact && contact.state !== "wrapup" ? assist.cues(contact) : [];
    if (!contact || !cue?.content || cue.earlier) return this.say("");
    const showing = assist.showing(contact, cue);
    if (assist.toldOf.has(showing) || !this.quiet) return;
    assist.toldOf.add(showing);
    this.say(assist.title(cue));
  }

  /** @param {string} title */
  say(title) {
    if (title === this.title) return;
    this.title = title;
    this.desk.requestUpdate();
  }
}
