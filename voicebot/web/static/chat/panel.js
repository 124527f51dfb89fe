/** The parts of the chat around its lines: title, menu, banner, choices and the place to write. */

import { html, nothing } from "../vendor/lit.js";
import { callBar, callButton, callLines } from "./call_view.js";
import { closeIcon, downIcon, menuIcon, personIcon, sendIcon } from "./icons.js";
import { fill } from "./texts.js";
import { linesView, pendingView, typingView } from "./view.js";

/** @typedef {import("./chat.js").VoicebotChat} VoicebotChat */
/** @typedef {import("./texts.js").Texts} Texts */

/** The whole chat. @param {VoicebotChat} chat @param {Texts} texts */
export function panelView(chat, texts) {
  const { lines, pending } = chat.chat;
  return html`<section class="root chat" lang=${chat.lang} aria-label=${chat.title_} @keydown=${chat.onEscape}>
    ${headerView(chat, texts)}
    <p class="notice">${chat.chat.agent ? fill(texts.agent_notice, { name: chat.chat.agent }) : texts.ai_notice}</p>
    <div role="status">${bannerView(chat, texts)}</div>
    <div class="middle">
      <div class="log" role="log" aria-live=${chat.replaying ? "off" : "polite"} aria-label=${texts.log} tabindex="0" @scroll=${chat.onScroll}>
        ${linesView(lines, chat.unreadFrom, texts, chat.lang, chat.chat.seenSeq)}
        ${pending.map((one) => pendingView(one, chat.state === "open", texts, (it) => chat.resend(it)))}
        ${callLines(chat.call, texts, chat.lang)}
        ${chat.botTyping ? typingView(texts, chat.typist === "agent" ? chat.chat.agent || texts.agent : "") : nothing}
      </div>
      ${chat.behind ? html`<button type="button" class="jump" @click=${chat.jump}>${downIcon}${texts.jump}</button>` : nothing}
    </div>
    ${choicesView(chat, texts)}
    ${chat.state === "ended" ? overView(chat, texts) : composerView(chat, texts)}
    <div class="hidden" role="status">${chat.told}</div>
  </section>`;
}

/** @param {VoicebotChat} chat @param {Texts} texts */
function headerView(chat, texts) {
  const state = chat.state === "idle" ? "connecting" : chat.state;
  const name = chat.brand || texts.log;
  return html`<header>
    <div class="who">
      ${chat.heading === 1 ? html`<h1 class="brand">${name}</h1>` : html`<h2 class="brand">${name}</h2>`}
      <p class="state"><span class="dot ${state}"></span>${chat.told || stateWords(chat, texts)}</p>
    </div>
    <button type="button" class="tool menu-button" aria-label=${texts.menu} title=${texts.menu} aria-expanded=${chat.menuOpen} aria-controls="menu"
      @click=${() => (chat.menuOpen = !chat.menuOpen)}>${menuIcon}</button>
    <ul class="menu" id="menu" ?hidden=${!chat.menuOpen}>
      <li><button type="button" @click=${() => chat.choose(() => chat.copyAll())}>${texts.copy}</button></li>
      <li><button type="button" @click=${() => chat.choose(() => chat.printAll())}>${texts.print}</button></li>
      ${chat.state === "ended" ? nothing : html`
      <li><button type="button" lang=${texts.other_language_tag} @click=${() => chat.choose(() => chat.say(texts.other_language_said))}>${texts.other_language}</button></li>
      <li><button type="button" @click=${() => chat.choose(() => chat.connection?.bye())}>${texts.end}</button></li>`}
    </ul>
    ${chat.closable ? html`<button type="button" class="tool close" aria-label=${texts.close} title=${texts.close} @click=${chat.close}>${closeIcon}</button>` : nothing}
  </header>`;
}

/** Whom the visitor writes with, or how the connection stands. @param {VoicebotChat} chat @param {Texts} texts */
function stateWords(chat, texts) {
  const { agent } = chat.chat;
  if (agent && chat.state === "open") return fill(texts.with_agent, { name: agent });
  return texts[`state_${chat.state === "idle" ? "connecting" : chat.state}`];
}

/** What is wrong with the connection, in words; null when nothing is. @param {VoicebotChat} chat @param {Texts} texts */
function trouble(chat, texts) {
  const reason = chat.connection?.reason ?? "";
  if (chat.state === "offline") return texts.banner_offline;
  if (chat.state === "refused") return texts[`error_${reason}`] ?? texts.error_unavailable;
  if (chat.state !== "waiting") return null;
  return texts[`banner_${reason}`] ?? texts.banner_waiting;
}

/** @param {VoicebotChat} chat @param {Texts} texts */
function bannerView(chat, texts) {
  const banner = trouble(chat, texts);
  if (!banner) return nothing;
  const retry = html`<button type="button" @click=${() => chat.connection?.retryNow()}>${texts.retry}</button>`;
  return html`<div class="banner"><span>${banner}</span>${chat.state === "waiting" ? retry : nothing}</div>`;
}

/** @param {VoicebotChat} chat @param {Texts} texts */
function choicesView(chat, texts) {
  const choices = chat.state === "ended" ? [] : chat.chat.choices;
  if (!choices.length) return html`<div></div>`;
  return html`<div class="choices" role="group" aria-label=${texts.choices}>${choices.map(
    (choice) => html`<button type="button" @click=${() => chat.say(choice.payload) && chat.focus()}>${choice.title}</button>`,
  )}</div>`;
}

/** @param {VoicebotChat} chat @param {Texts} texts */
function composerView(chat, texts) {
  const { problem } = chat;
  return html`<footer>
    ${callBar(chat.call, texts)}
    <div role="alert">${problem ? html`<p class="problem" id="problem">${problem}</p>` : nothing}</div>
    <form @submit=${chat.submit}>
      <label class="hidden" for="field">${texts.input}</label>
      <textarea id="field" rows="1" enterkeyhint="send" autocomplete="off" placeholder=${texts.placeholder}
        aria-describedby=${problem ? "problem hint" : "hint"} aria-invalid=${problem ? "true" : "false"}
        @keydown=${chat.onKey} @input=${chat.onInput}></textarea>
      <button class="send" type="submit" aria-label=${texts.send}><span class="word">${texts.send}</span>${sendIcon}</button>
    </form>
    <div class="below">
      ${chat.chat.agent ? html`<span></span>` : html`<button type="button" class="person" @click=${() => chat.say(texts.person_said) && chat.focus()}>${personIcon}${texts.person}</button>`}
      ${callButton(chat.call, texts)}
      <p class="hint" id="hint">${texts.hint}</p>
    </div>
  </footer>`;
}

/** @param {VoicebotChat} chat @param {Texts} texts */
function overView(chat, texts) {
  return html`<footer class="over">${callBar(chat.call, texts)}<p role="status">${texts.ended}</p>
    ${callButton(chat.call, texts)}<button type="button" class="again" @click=${chat.again}>${texts.again}</button></footer>`;
}
