/** Cards: one that is prominent, at most one beside it, and what the agent can do with them. */

import { html, nothing } from "../vendor/lit.js";
import { DISMISS_REASONS } from "./assist.js";
import { cardLacks, lacksView } from "./assist_open.js";
import { wordsOf } from "./assist_screen.js";
import { filledPieces, filledText, inLanguage, languageTaken } from "./assist_text.js";
import { insertReply } from "./composer.js";
import { icon } from "./icons.js";
import { action, copyText } from "./parts.js";
import { fill } from "./texts.js";

/** @typedef {import("./desk.js").VoicebotDesk} Desk */
/** @typedef {import("./store.js").Contact} Contact */
/** @typedef {import("./assist.js").Cue} Cue */

const PICTURES = /** @type {Record<string, string>} */ ({ script: "chat", rebuttal: "back", knowledge: "help", checklist: "task", compliance: "danger", next_action: "move" });

/** @param {Desk} desk @param {Contact} contact */
export function cardsView(desk, contact) {
  const { texts } = desk;
  const { assist } = desk;
  const [first, second] = assist.cues(contact).filter((cue) => cue.content);
  const trail = assist.trail(contact);
  return html`<div class="cues" @focusin=${(/** @type {FocusEvent} */ event) => hold(desk, event)} @focusout=${() => letGo(desk)}>
    ${first ? mainCard(desk, contact, first) : html`<p class="muted small">${trail.length ? texts.cards_none_now : texts.cards_none}</p>`}
    ${second ? sideCard(desk, contact, second) : nothing}
    ${trail.length > 1 || (trail.length && !first) ? html`<div class="row cue-nav">
      ${action(texts.card_previous, () => assist.look(contact, -1), { kind: "small-act", key: "card_previous" })}
      ${action(texts.card_next, () => assist.look(contact, 1), { kind: "small-act", key: "card_next", disabled: !assist.lookingBack.has(contact.id) })}
    </div>` : nothing}
  </div>`;
}

/** @param {Desk} desk @param {Contact} contact @param {Cue} cue */
function mainCard(desk, contact, cue) {
  const { texts, assist, lang } = desk;
  const { content, values } = cue;
  if (!content) return nothing;
  const own = inLanguage(content.text, lang) ?? {};
  const ownLanguage = languageTaken(content.text, lang);
  const said = inLanguage(content.text, contact.language) ?? {};
  const novice = filledText(own.novice, values);
  const id = assist.showing(contact, cue);
  return html`<article class="cue ${content.kind}" data-card=${cue.card} data-showing=${id} aria-labelledby="cue-title">
    <header>${headOf(desk, contact, cue)}<h3 id="cue-title" lang=${ownLanguage}>${assist.title(cue)}</h3></header>
    ${said.talk ? html`<p class="cue-talk" lang=${languageTaken(content.text, contact.language)}>${filledPieces(said.talk, values).map((one) => (one.value ? html`<mark>${one.text}</mark>` : one.text))}</p>` : nothing}
    ${cue.earlier ? nothing : lacksView(desk, contact, cardLacks(desk, contact, cue))}
    <div class="cue-lists">${listView(texts.card_do, "do", own.do, values, ownLanguage)}${listView(texts.card_dont, "dont", own.dont, values, ownLanguage)}</div>
    ${novice ? html`<details .open=${assist.novice.get(cue.card) ?? false} @toggle=${(/** @type {Event} */ event) => assist.novice.set(cue.card, /** @type {HTMLDetailsElement} */ (event.target).open)}><summary>${texts.card_novice}</summary><p lang=${ownLanguage}>${novice}</p></details>` : nothing}
    ${cue.earlier ? earlierActions(desk, contact, cue) : cardActions(desk, contact, cue)}
  </article>`;
}

/** Kind, and why it is here. @param {Desk} desk @param {Contact} contact @param {Cue} cue */
function headOf(desk, contact, cue) {
  const { texts, assist } = desk;
  const because = wordsOf(assist.log(contact), cue.utterance);
  return html`<p class="cue-kind"><span class="mark">${icon(PICTURES[cue.content?.kind ?? ""] ?? "note", 16)}${texts[`card_kind_${cue.content?.kind}`] ?? ""}</span>
    ${cue.content?.mandatory ? html`<span class="mark must">${texts.card_mandatory}</span>` : nothing}
    ${cue.earlier ? html`<span class="mark">${texts[`card_was_${cue.over}`] ?? texts.card_earlier}</span>` : nothing}
    ${because ? html`<button type="button" class="link because" @click=${() => desk.showSeq(because.seq)}><q>${because.text}</q></button>` : html`<span class="small muted">${texts[`card_reason_${cue.reason}`] ?? ""}</span>`}</p>`;
}

/** @param {string} label @param {string} kind @param {string[] | undefined} items @param {Record<string, string>} values @param {string} language */
function listView(label, kind, items, values, language) {
  const shown = (items ?? []).map((item) => filledText(item, values)).filter(Boolean);
  if (!shown.length) return nothing;
  return html`<div class="cue-list ${kind}"><h4>${icon(kind === "do" ? "check" : "close", 16)}${label}</h4><ul lang=${language}>${shown.map((item) => html`<li>${item}</li>`)}</ul></div>`;
}

/** @param {Desk} desk @param {Contact} contact @param {Cue} cue */
function cardActions(desk, contact, cue) {
  const { texts, assist } = desk;
  const chat = writes(desk, contact);
  if (assist.dismissing === assist.showing(contact, cue)) return reasonsView(desk, contact, cue);
  return html`<div class="row cue-actions">
    ${action(chat ? texts.card_use : texts.card_used, () => useCard(desk, contact, cue), { kind: "primary", key: "card_use", picture: chat ? "send" : "check" })}
    ${action(assist.said(contact, cue, "copied") ? texts.card_copied : texts.card_copy, () => copyCard(desk, contact, cue), { kind: "small-act", key: "card_copy", picture: "copy" })}
    ${action(texts.card_useful, () => assist.feedback(contact, cue, "useful"), { kind: "small-act", key: "card_useful", pressed: assist.said(contact, cue, "useful") })}
    ${action(texts.card_dismiss, () => askWhy(desk, contact, cue), { kind: "small-act", key: "card_dismiss", id: "cue-dismiss", picture: "close" })}
  </div>`;
}

/** @param {Desk} desk @param {Contact} contact @param {Cue} cue */
function earlierActions(desk, contact, cue) {
  const { texts, assist } = desk;
  return html`<div class="row cue-actions">
    ${action(texts.card_bring_back, () => assist.bringBack(contact, cue.card), { kind: "primary", picture: "again" })}
    ${action(texts.card_copy, () => copyCard(desk, contact, cue), { kind: "small-act", key: "card_copy", picture: "copy" })}
    ${action(texts.card_present, () => assist.present(contact), { kind: "small-act" })}
  </div>`;
}

/** @param {Desk} desk @param {Contact} contact @param {Cue} cue */
function reasonsView(desk, contact, cue) {
  const { texts } = desk;
  return html`<div class="cue-why" role="group" aria-labelledby="cue-why" @keydown=${(/** @type {KeyboardEvent} */ event) => event.key === "Escape" && (event.stopPropagation(), closeReasons(desk))}>
    <h4 id="cue-why">${texts.card_why}</h4>
    <div class="row">${DISMISS_REASONS.map((why) => action(texts[`card_why_${why}`], () => dismissCard(desk, contact, cue, why), { kind: "small-act", id: `cue-why-${why}` }))}
      ${action(texts.card_keep, () => closeReasons(desk), { kind: "small-act" })}</div></div>`;
}

/** @param {Desk} desk @param {Contact} contact @param {Cue} cue */
function sideCard(desk, contact, cue) {
  const { texts, assist } = desk;
  const talk = assist.talk(contact, cue);
  return html`<article class="cue beside ${cue.content?.kind}" data-card=${cue.card} data-showing=${assist.showing(contact, cue)} aria-labelledby="cue-beside">
    <details><summary><span class="mark">${texts[`card_kind_${cue.content?.kind}`] ?? ""}</span> <span id="cue-beside">${assist.title(cue)}</span></summary>
      ${talk ? html`<p class="cue-talk" lang=${assist.talkLanguage(contact, cue)}>${talk}</p>` : nothing}
      ${lacksView(desk, contact, cardLacks(desk, contact, cue))}
      <div class="row">${action(writes(desk, contact) ? texts.card_use : texts.card_used, () => useCard(desk, contact, cue), { kind: "small-act", picture: "check" })}
        ${action(texts.card_copy, () => copyCard(desk, contact, cue), { kind: "small-act", picture: "copy" })}</div></details></article>`;
}

/** Whether what is used goes into a reply of this page. @param {Desk} desk @param {Contact} contact */
export function writes(desk, contact) {
  return contact.medium === "chat" && contact.state !== "wrapup" && !desk.only;
}

/** In a chat the words go into the reply, on a call the card counts as said. @param {Desk} desk @param {Contact} contact @param {Cue} cue */
export async function useCard(desk, contact, cue) {
  const talk = desk.assist.talk(contact, cue);
  const { held } = desk.assist;
  if (writes(desk, contact) && talk) await insertReply(desk, talk);
  else if (desk.only && contact.medium === "chat") await copyText(talk);
  desk.assist.held = "";
  if (!(await desk.assist.feedback(contact, cue, "used"))) return;
  desk.work.tell(writes(desk, contact) ? "card_in_reply" : "card_marked");
  if (held && !writes(desk, contact)) desk.focusAssist();
}

/** @param {Desk} desk @param {Contact} contact @param {Cue} cue */
export async function copyCard(desk, contact, cue) {
  const done = await copyText(desk.assist.talk(contact, cue));
  desk.work.tell(done ? "copied" : "copy_failed");
  if (done && !cue.earlier) await desk.assist.feedback(contact, cue, "copied");
}

/** Open the reasons; the first has the focus, because the agent asked for them. @param {Desk} desk @param {Contact} contact @param {Cue} cue */
export async function askWhy(desk, contact, cue) {
  const at = desk.renderRoot instanceof ShadowRoot ? desk.renderRoot.activeElement : null;
  desk.dismissFrom = at instanceof HTMLElement && at.id !== "cue-dismiss" ? at : null;
  desk.assist.dismissing = desk.assist.showing(contact, cue);
  desk.pane = desk.narrow ? "assist" : desk.pane;
  desk.requestUpdate();
  await desk.updateComplete;
  /** @type {HTMLElement | null} */ (desk.renderRoot.querySelector(`#cue-why-${DISMISS_REASONS[0]}`))?.focus();
}

/** @param {Desk} desk */
async function closeReasons(desk) {
  desk.assist.dismissing = "";
  desk.requestUpdate();
  await desk.updateComplete;
  focusBack(desk, "#cue-dismiss");
}

/** @param {Desk} desk @param {Contact} contact @param {Cue} cue @param {string} why */
async function dismissCard(desk, contact, cue, why) {
  if (desk.assist.dismissing !== desk.assist.showing(contact, cue)) return;
  desk.assist.dismissing = "";
  desk.assist.held = "";
  const telling = desk.assist.feedback(contact, cue, "dismissed", why);
  await desk.updateComplete;
  focusBack(desk, "#cue-dismiss");
  await telling;
}

/** Where the agent was before, the assist otherwise. @param {Desk} desk @param {string} otherwise */
function focusBack(desk, otherwise) {
  const back = desk.dismissFrom?.isConnected && desk.dismissFrom.checkVisibility() ? desk.dismissFrom : /** @type {HTMLElement | null} */ (desk.renderRoot.querySelector(otherwise));
  desk.dismissFrom = null;
  if (back) back.focus();
  else desk.focusAssist();
}

/** @param {Desk} desk @param {FocusEvent} event */
function hold(desk, event) {
  const card = /** @type {HTMLElement} */ (event.target).closest(".cue");
  desk.assist.held = card instanceof HTMLElement ? (card.dataset.showing ?? "") : "";
}

/** @param {Desk} desk */
function letGo(desk) {
  if (!desk.assist.held) return;
  desk.assist.held = "";
  // After the focus has arrived where it goes: a card that is over may leave then.
  setTimeout(() => desk.requestUpdate());
}

/** What is told of a card on narrow screens while another region is looked at. @param {Desk} desk @param {Contact} contact */
export function cardPeek(desk, contact) {
  const [first] = desk.assist.cues(contact).filter((cue) => cue.content && !cue.earlier);
  if (!first || !desk.narrow) return nothing;
  const { texts, assist } = desk;
  return html`<button type="button" class="act peek" @click=${() => desk.act("assist")}>${icon("note", 16)}<span>${fill(texts.card_peek, { title: assist.title(first) })}</span></button>`;
}
