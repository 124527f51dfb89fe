/**
 * `<voicebot-chat tenant="shop" lang="ja">`: one chat with a company, usable by keyboard, screen reader, touch and
 * input methods. Attributes: brand (asked from the server when absent), server (origin, own by default), heading
 * (level of the title), remember (keep the chat after the tab closes), theme (light, dark, auto), closable.
 * Emits "voicebot-close" on Escape or the close button and "voicebot-unread" with the number of lines not seen.
 */

import { LitElement, html, nothing } from "../vendor/lit.js";
import { ChatConnection } from "./connection.js";
import { Conversation } from "./conversation.js";
import { closeIcon, downIcon, menuIcon, personIcon, sendIcon } from "./icons.js";
import { ChatStorage } from "./storage.js";
import { chatStyles, colours } from "./styles.js";
import { followTheme } from "./theme.js";
import { fill, loadTexts } from "./texts.js";
import { copy, print, transcript } from "./transcript.js";
import { linesView, pendingView, typingView } from "./view.js";

/** @typedef {import("./connection.js").State} State */
/** @typedef {import("./conversation.js").Line} Line */

const LONGEST_MESSAGE_BYTES = 8192;
const TYPING_AFTER_MS = 350;
const TYPING_AT_MOST_MS = 20_000;
const TYPING_TOLD_EVERY_MS = 5_000;
const NEAR_END_PX = 80;

export class VoicebotChat extends LitElement {
  static styles = [colours, chatStyles];
  static properties = {
    tenant: {},
    lang: {},
    brand: {},
    server: {},
    heading: { type: Number },
    remember: { type: Boolean },
    theme: {},
    closable: { type: Boolean },
    visible: { attribute: false },
    texts: { state: true },
    state: { state: true },
    chat: { state: true },
    menuOpen: { state: true },
    botTyping: { state: true },
    unreadFrom: { state: true },
    behind: { state: true },
    problem: { state: true },
    told: { state: true },
    replaying: { state: true },
  };

  constructor() {
    super();
    this.tenant = "";
    this.lang = "ja";
    this.brand = "";
    this.server = location.origin;
    this.heading = 2;
    this.remember = false;
    this.theme = "auto";
    this.closable = false;
    /** Whether the visitor can see the chat; a launcher turns it off while it is closed. */
    this.visible = true;
    /** @type {import("./texts.js").Texts | null} */
    this.texts = null;
    /** @type {State} */
    this.state = "idle";
    this.chat = new Conversation();
    this.menuOpen = false;
    this.botTyping = false;
    /** @type {number | null} */
    this.unreadFrom = null;
    /** Whether there are new lines below the visible part. */
    this.behind = false;
    this.problem = "";
    /** Said once to screen readers. */
    this.told = "";
    this.replaying = false;
    this.follow = true;
    this.lastTold = 0;
    /** @type {Record<string, ReturnType<typeof setTimeout> | undefined>} */
    this.timers = {};
  }

  connectedCallback() {
    super.connectedCallback();
    this.stopTheme = followTheme(this);
    this.onSeen = () => this.markSeen();
    document.addEventListener("visibilitychange", this.onSeen);
    this.loadTexts(this.lang);
    this.loadBrand();
    this.open();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.stopTheme?.();
    if (this.onSeen) document.removeEventListener("visibilitychange", this.onSeen);
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
    this.connection?.stop();
  }

  /** @param {string} language */
  async loadTexts(language) {
    const tag = language.split("-")[0].toLowerCase();
    try {
      const texts = await loadTexts(tag);
      if (this.lang !== tag) this.lang = tag;
      this.texts = texts;
    } catch {
      setTimeout(() => this.isConnected && this.loadTexts(language), 3000);
    }
  }

  async loadBrand() {
    if (this.brand) return;
    try {
      const answer = await fetch(`${this.server}/widget/${encodeURIComponent(this.tenant)}.json?lang=${encodeURIComponent(this.lang)}`);
      if (answer.ok) this.brand = (await answer.json()).brand;
    } catch {
      // The title stays without a name; the connection banner tells that the server cannot be reached.
    }
  }

  open() {
    const storage = new ChatStorage(`${this.server}/${this.tenant}`, this.remember);
    const url = new URL(`/ws/chat/${encodeURIComponent(this.tenant)}?lang=${encodeURIComponent(this.lang)}`, this.server);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.chat = new Conversation();
    for (const unsent of storage.kept.outbox) this.chat.write(unsent.id, unsent.text);
    const connection = new ChatConnection(url.href, storage, () => this.chat.lastSeq);
    this.connection = connection;
    /** @param {string} name @param {(detail: any) => void} run */
    const on = (name, run) => connection.addEventListener(name, (event) => {
      run(/** @type {CustomEvent} */ (event).detail);
      this.requestUpdate();
    });
    on("state", (state) => (this.state = state));
    on("welcome", (frame) => this.welcomed(frame));
    on("line", (line) => this.arrived(line));
    on("confirmed", (frame) => this.confirmed(frame));
    on("failed", (frame) => this.failed(frame));
    on("typing", (frame) => frame.from !== "customer" && this.showTyping(frame.expires_ms));
    on("reset", () => {
      this.chat.lines = [];
      this.problem = this.texts?.error_token ?? "";
    });
    connection.start();
  }

  /** @param {{lang: string, resumed: boolean}} frame */
  welcomed(frame) {
    if (frame.lang !== this.lang) this.loadTexts(frame.lang);
    if (frame.resumed && !this.chat.lines.length) {
      this.replaying = true;
      this.after("replay", 600, () => (this.replaying = false));
    }
  }

  /** @param {Line} line */
  arrived(line) {
    const fresh = this.chat.add(line);
    if (line.from !== "customer") this.hideTyping();
    if (!fresh || line.from === "customer") return;
    if (line.lang && line.lang !== this.lang && line.from === "bot" && line.kind === "message") this.loadTexts(line.lang);
    if (this.replaying) return;
    const unseen = !this.visible || document.hidden || !this.follow;
    if (unseen && this.unreadFrom === null) this.unreadFrom = line.seq;
    if (!this.follow) this.behind = true;
    this.tellUnread();
  }

  /** @param {{id: string, seq: number}} frame */
  confirmed(frame) {
    this.chat.confirm(frame.id, frame.seq);
    const last = this.chat.lines[this.chat.lines.length - 1];
    if (this.chat.handedOff || last?.from !== "customer") return;
    this.after("typing", TYPING_AFTER_MS, () => this.showTyping(TYPING_AT_MOST_MS));
  }

  /** @param {{id: string, code: string}} frame */
  failed(frame) {
    this.chat.fail(frame.id);
    this.problem = (frame.code === "text_too_large" ? this.texts?.error_too_long : this.texts?.failed) ?? "";
  }

  /** @param {number} expires_ms */
  showTyping(expires_ms) {
    this.botTyping = true;
    this.after("typing", expires_ms, () => (this.botTyping = false));
  }

  hideTyping() {
    this.botTyping = false;
    clearTimeout(this.timers.typing);
  }

  /** @param {string} name @param {number} ms @param {() => void} run */
  after(name, ms, run) {
    clearTimeout(this.timers[name]);
    this.timers[name] = setTimeout(run, ms);
  }

  get unread() {
    const from = this.unreadFrom;
    return from === null ? 0 : this.chat.lines.filter((line) => line.seq >= from && line.from !== "customer").length;
  }

  tellUnread() {
    const detail = this.visible && !document.hidden ? 0 : this.unread;
    this.dispatchEvent(new CustomEvent("voicebot-unread", { detail }));
  }

  /** The visitor looks at the end of the chat: the mark stays for orientation until they write. */
  markSeen() {
    if (this.visible && !document.hidden) this.tellUnread();
  }

  focus() {
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("textarea, .again"))?.focus();
  }

  /** @param {string} text */
  say(text) {
    const words = text.trim();
    if (!words) return false;
    if (new TextEncoder().encode(words).length > LONGEST_MESSAGE_BYTES) {
      this.problem = this.texts?.error_too_long ?? "";
      return false;
    }
    const id = newId();
    this.problem = "";
    this.unreadFrom = null;
    this.follow = true;
    this.chat.write(id, words);
    this.connection?.send(id, words);
    this.requestUpdate();
    return true;
  }

  /** @param {import("./conversation.js").Pending} one */
  resend(one) {
    this.chat.pending = this.chat.pending.filter((other) => other.id !== one.id);
    this.say(one.text);
  }

  submit(/** @type {Event} */ event) {
    event.preventDefault();
    const field = this.field;
    if (field && this.say(field.value)) field.value = "";
    field?.focus();
  }

  /** @returns {HTMLTextAreaElement | null} */
  get field() {
    return this.renderRoot.querySelector("textarea");
  }

  /** Enter sends, unless it chooses a word of an input method. @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    this.submit(event);
  }

  onInput() {
    this.problem = "";
    if (Date.now() - this.lastTold > TYPING_TOLD_EVERY_MS) {
      this.lastTold = Date.now();
      this.connection?.typing();
    }
  }

  /** @param {KeyboardEvent} event */
  onEscape(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    if (this.menuOpen) {
      this.closeMenu();
      event.stopPropagation();
      event.preventDefault();
    } else if (this.closable) {
      event.preventDefault();
      this.close();
    }
  }

  closeMenu() {
    this.menuOpen = false;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(".menu-button"))?.focus();
  }

  close() {
    this.dispatchEvent(new CustomEvent("voicebot-close"));
  }

  /** @param {() => void} run */
  choose(run) {
    this.closeMenu();
    run();
  }

  get title_() {
    return fill(this.texts?.title ?? "", { brand: this.brand });
  }

  get asText() {
    return this.texts ? transcript(this.chat.lines, this.texts, this.lang) : "";
  }

  async copyAll() {
    const done = await copy(this.asText);
    this.tell((done ? this.texts?.copied : this.texts?.copy_failed) ?? "");
  }

  /** @param {string} text */
  tell(text) {
    this.told = text;
    this.after("told", 4000, () => (this.told = ""));
  }

  again() {
    this.connection?.stop();
    this.connection?.storage.clear();
    this.unreadFrom = null;
    this.problem = "";
    this.open();
    this.updateComplete.then(() => this.focus());
  }

  onScroll() {
    const log = this.log;
    if (!log) return;
    this.follow = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END_PX;
    if (this.follow) this.behind = false;
  }

  get log() {
    return this.renderRoot.querySelector(".log");
  }

  jump() {
    this.follow = true;
    this.behind = false;
    this.scrollToEnd();
    this.focus();
  }

  scrollToEnd() {
    const log = this.log;
    if (log) log.scrollTop = log.scrollHeight;
  }

  updated() {
    if (this.follow) this.scrollToEnd();
  }

  /** What is wrong with the connection, in words; null when nothing is. */
  get banner() {
    const texts = /** @type {import("./texts.js").Texts} */ (this.texts);
    const reason = this.connection?.reason ?? "";
    if (this.state === "offline") return texts.banner_offline;
    if (this.state === "refused") return texts[`error_${reason}`] ?? texts.error_unavailable;
    if (this.state !== "waiting") return null;
    return texts[`banner_${reason}`] ?? texts.banner_waiting;
  }

  render() {
    const texts = this.texts;
    if (!texts) return nothing;
    return html`<section class="chat" lang=${this.lang} aria-label=${this.title_} @keydown=${this.onEscape}>
      ${this.headerView(texts)}
      <p class="notice">${texts.ai_notice}</p>
      <div role="status">${this.bannerView(texts)}</div>
      <div class="middle">
        <div class="log" role="log" aria-live=${this.replaying ? "off" : "polite"} aria-label=${texts.log} tabindex="0" @scroll=${this.onScroll}>
          ${linesView(this.chat.lines, this.unreadFrom, texts, this.lang)}
          ${this.chat.pending.map((one) => pendingView(one, this.state === "open", texts, (it) => this.resend(it)))}
          ${this.botTyping ? typingView(texts) : nothing}
        </div>
        ${this.behind ? html`<button type="button" class="jump" @click=${this.jump}>${downIcon}${texts.jump}</button>` : nothing}
      </div>
      ${this.choicesView(texts)}
      ${this.state === "ended" ? this.overView(texts) : this.composerView(texts)}
      <div class="hidden" role="status">${this.told}</div>
    </section>`;
  }

  /** @param {import("./texts.js").Texts} texts */
  headerView(texts) {
    const state = this.state === "idle" ? "connecting" : this.state;
    const name = html`<span>${this.brand || " "}</span>`;
    return html`<header>
      <div class="who">
        ${this.heading === 1 ? html`<h1 class="brand">${name}</h1>` : html`<h2 class="brand">${name}</h2>`}
        <p class="state"><span class="dot ${state}"></span>${this.told || texts[`state_${state}`]}</p>
      </div>
      <button type="button" class="tool menu-button" aria-label=${texts.menu} title=${texts.menu} aria-expanded=${this.menuOpen} aria-controls="menu"
        @click=${() => (this.menuOpen = !this.menuOpen)}>${menuIcon}</button>
      <ul class="menu" id="menu" ?hidden=${!this.menuOpen}>
        <li><button type="button" @click=${() => this.choose(() => this.copyAll())}>${texts.copy}</button></li>
        <li><button type="button" @click=${() => this.choose(() => print(this.title_, this.asText, this.lang))}>${texts.print}</button></li>
        ${this.state === "ended" ? nothing : html`
        <li><button type="button" lang=${texts.other_language_tag} @click=${() => this.choose(() => this.say(texts.other_language_said))}>${texts.other_language}</button></li>
        <li><button type="button" @click=${() => this.choose(() => this.connection?.bye())}>${texts.end}</button></li>`}
      </ul>
      ${this.closable ? html`<button type="button" class="tool close" aria-label=${texts.close} title=${texts.close} @click=${this.close}>${closeIcon}</button>` : nothing}
    </header>`;
  }

  /** @param {import("./texts.js").Texts} texts */
  bannerView(texts) {
    const banner = this.banner;
    if (!banner) return nothing;
    return html`<div class="banner"><span>${banner}</span>${this.state === "waiting"
      ? html`<button type="button" @click=${() => this.connection?.retryNow()}>${texts.retry}</button>`
      : nothing}</div>`;
  }

  /** @param {import("./texts.js").Texts} texts */
  choicesView(texts) {
    const choices = this.chat.choices;
    if (!choices.length || this.state === "ended") return html`<div></div>`;
    return html`<div class="choices" role="group" aria-label=${texts.choices}>${choices.map(
      (choice) => html`<button type="button" @click=${() => this.say(choice.payload) && this.focus()}>${choice.title}</button>`,
    )}</div>`;
  }

  /** @param {import("./texts.js").Texts} texts */
  composerView(texts) {
    return html`<footer>
      <div role="alert">${this.problem ? html`<p class="problem" id="problem">${this.problem}</p>` : nothing}</div>
      <form @submit=${this.submit}>
        <label class="hidden" for="field">${texts.input}</label>
        <textarea id="field" rows="1" enterkeyhint="send" autocomplete="off" placeholder=${texts.placeholder}
          aria-describedby=${this.problem ? "problem hint" : "hint"} aria-invalid=${this.problem ? "true" : "false"}
          @keydown=${this.onKey} @input=${this.onInput}></textarea>
        <button class="send" type="submit"><span class="word">${texts.send}</span><span class="hidden">${texts.send}</span>${sendIcon}</button>
      </form>
      <div class="below">
        <button type="button" class="person" @click=${() => this.say(texts.person_said) && this.focus()}>${personIcon}${texts.person}</button>
        <p class="hint" id="hint">${texts.hint}</p>
      </div>
    </footer>`;
  }

  /** @param {import("./texts.js").Texts} texts */
  overView(texts) {
    return html`<footer class="over"><p role="status">${texts.ended}</p>
      <button type="button" class="again" @click=${this.again}>${texts.again}</button></footer>`;
  }
}

/** An id no other message has. crypto.randomUUID needs a secure page, so it is made by hand. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

if (!customElements.get("voicebot-chat")) customElements.define("voicebot-chat", VoicebotChat);
