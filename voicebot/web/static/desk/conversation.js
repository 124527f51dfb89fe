/** The middle region: what was said, the bot's part above, the live part growing; then what can be done. */

import { html, nothing } from "../vendor/lit.js";
import { linked } from "../chat/view.js";
import { cardPeek } from "./assist_card.js";
import { correctable, correctButton } from "./assist_lines.js";
import { callBar } from "./callbar.js";
import { composerView } from "./composer.js";
import { clock, languageName, percent } from "./format.js";
import { action, mediumView, timer } from "./parts.js";
import { spokenNow } from "./overheard.js";
import { fill } from "./texts.js";
import { wrapUpView } from "./wrapup.js";

/** @typedef {import("./desk.js").VoicebotDesk} Desk */
/** @typedef {import("./turns.js").Turn} Turn */
/** @typedef {import("./store.js").Contact} Contact */

const UNSURE = 0.6;

/** @param {Desk} desk */
export function conversationView(desk) {
  const { texts, work } = desk;
  const contact = work.contact;
  if (!contact) return html`<div class="empty"><p>${work.store.offers.size ? texts.empty_offer : texts.empty}</p></div>`;
  const turns = work.store.turns(contact.conversation);
  return html`<div class="talk" data-state=${contact.state}>
    <header class="talk-head">
      <h2>${contact.headline?.who || texts.customer_unknown}</h2>
      <p class="small muted">${mediumView(contact.medium, contact.callback, texts)} ${contact.queue_label} · ${languageName(contact.language, desk.lang)} ·
        ${texts[`state_${contact.state}`]} ${contact.active_at && contact.state === "active" ? timer(texts.talk_time, (work.store.now - Date.parse(contact.active_at)) / 1000) : nothing}</p>
    </header>
    ${callBar(desk, contact)}
    ${contact.state === "wrapup" ? nothing : cardPeek(desk, contact)}
    <div class="log" id="log" role="log" aria-live="off" aria-label=${texts.conversation} tabindex="0" @scroll=${() => desk.onScroll()}>
      ${turnsView(turns, desk, contact)}
      ${work.outbox.shown(contact.id, work.store.logs.get(contact.conversation)?.at(-1)?.seq ?? 0).map((one) => pendingView(desk, one))}
      ${interimView(desk, contact)}
    </div>
    ${desk.behind ? html`<button type="button" class="act jump" @click=${() => desk.jumpToEnd()}>${texts.jump}</button>` : nothing}
    ${contact.state === "wrapup" ? wrapUpView(desk, contact) : contact.medium === "chat" ? composerView(desk, contact) : nothing}
  </div>`;
}

/** @param {Turn[]} turns @param {Desk} desk @param {{id: string, medium: string, language: string}} contact */
export function turnsView(turns, desk, contact) {
  const { texts } = desk;
  const before = turns.filter((turn) => !turn.live);
  const live = turns.filter((turn) => turn.live);
  const read = desk.work.store.readByCustomer.get(contact.id) ?? 0;
  const lastOwn = live.findLast((turn) => turn.who === "agent" && !turn.private && turn.seq <= read);
  return html`
    ${before.length ? html`<h3 class="part">${texts.part_bot}</h3>${before.map((turn) => turnView(turn, desk))}` : nothing}
    ${live.length ? html`<h3 class="part">${texts.part_live}</h3>${live.map((turn) => html`${turnView(turn, desk)}${turn === lastOwn ? html`<p class="read">${texts.read}</p>` : nothing}`)}` : nothing}`;
}

/** @param {Turn} turn @param {Desk} desk */
function turnView(turn, desk) {
  const { texts, lang, work } = desk;
  const mine = turn.agent === work.store.person?.id;
  if (turn.who === "system" && turn.kind !== "note") {
    return html`<p class="turn system ${turn.kind === "danger" ? "grave" : ""}" data-seq=${turn.seq} data-who="system" tabindex="-1"><time datetime=${turn.at}>${clock(turn.at, lang)}</time>
      ${systemWords(turn, desk)}</p>`;
  }
  const who = turn.kind === "note" ? texts.note_by : turn.who === "agent" ? (mine ? texts.me : turn.name || texts.agent) : texts[turn.who];
  return html`<div class="turn ${turn.who} ${mine ? "mine" : ""} ${turn.kind} ${turn.private ? "private" : ""}" data-seq=${turn.seq} data-who=${turn.who} tabindex="-1">
    <p class="byline"><span class="who">${who}</span> <time datetime=${turn.at}>${clock(turn.at, lang)}</time>
      ${turn.private && turn.kind !== "note" ? html`<span class="mark">${texts.private}</span>` : nothing}
      ${turn.interrupted ? html`<span class="mark">${texts.barged_in}</span>` : nothing}
      ${turn.input === "keypad" ? html`<span class="mark">${texts.by_keypad}</span>` : nothing}
      ${turn.confidence !== null && turn.confidence < UNSURE ? html`<span class="mark">${fill(texts.unsure, { share: percent(turn.confidence, lang) })}</span>` : nothing}
      ${correctButton(desk, turn)}</p>
    ${correctable(desk, turn, html`<p class="words" lang=${turn.lang || nothing}>${turn.kind === "keys" ? fill(texts.keys_pressed, turn.values) : turn.text ? linked(turn.text) : html`<span class="muted">${texts.not_heard}</span>`}</p>`)}
  </div>`;
}

/** @param {Turn} turn @param {Desk} desk */
function systemWords(turn, desk) {
  const { texts, lang, work } = desk;
  const values = { ...turn.values };
  if (values.language) values.language = languageName(values.language, lang);
  if (values.level) values.level = texts[`verified_${values.level}`] ?? values.level;
  if (values.outcome) values.outcome = texts[`rung_${values.outcome}`] ?? values.outcome;
  if (values.agent) values.name = work.store.team.get(values.agent)?.name ?? values.name;
  const words = fill(texts[`turn_${turn.kind}`] ?? turn.kind, values);
  return turn.kind === "danger" ? html`${words} <q>${turn.text}</q>` : words;
}

/** @param {Desk} desk @param {{id: string, text: string, failed?: string, seq?: number}} one */
function pendingView(desk, one) {
  const { texts, work } = desk;
  const state = one.failed ? fill(texts.not_sent, { why: one.failed }) : work.state === "open" ? texts.sending : texts.kept;
  return html`<div class="turn agent mine pending ${one.failed ? "bad" : ""}" data-pending=${one.id}>
    <p class="byline"><span class="who">${texts.me}</span> ${state}
      ${one.failed ? action(texts.send_again, () => { work.outbox.again(one.id); desk.requestUpdate(); }, { kind: "small-act", picture: "again" }) : nothing}</p>
    <p class="words">${one.text}</p></div>`;
}

/** What is on its way: typing in chats, words being recognised in calls. @param {Desk} desk @param {Contact} contact */
function interimView(desk, contact) {
  const { texts, work } = desk;
  if (contact.state === "wrapup") return nothing;
  if (contact.medium === "chat") {
    return (work.store.typing.get(contact.id) ?? 0) > Date.now() ? html`<p class="typing">${texts.typing}</p>` : nothing;
  }
  const told = spokenNow(work.store.partials, contact.conversation);
  const captions = work.headset.subject === contact.id ? [...work.headset.interim].map(([party, text]) => ({ party, text, private: false })) : [];
  return (told.length ? told : captions).map(({ party: from, text, private: hidden }) => html`<div class="turn ${from === "customer" ? "customer" : "agent"} interim">
    <p class="byline"><span class="who">${from === "customer" ? texts.customer : texts.agent}</span> <span class="mark">${texts.interim}</span>${hidden ? html` <span class="mark">${texts.private}</span>` : nothing}</p><p class="words" lang=${contact.language}>${text}</p></div>`);
}
