/**
 * `<voicebot-chat tenant="shop" lang="ja">`: one chat with a company, usable by keyboard, screen reader, touch and
 * input methods. Attributes: brand (asked from the server when absent), server (origin, own by default), heading
 * (level of the title), room (keeps chats with one company apart, such as one per language), remember (keep the chat
 * after the tab closes), theme (light, dark, auto), closable, resume (token of a chat to go on with). The page that is
 * nothing but a chat (heading 1) also takes that token from behind its address.
 * Emits "voicebot-close" on Escape or the close button and "voicebot-unread" with the number of lines not seen.
 */

import { LitElement, nothing } from "../vendor/lit.js";
import { ChatCall } from "./call.js";
import { callStyles } from "./call_view.js";
import { ChatConnection } from "./connection.js";
import { Conversation, newId } from "./conversation.js";
import { panelView } from "./panel.js";
import { takeResumeToken } from "./resume.js";
import { ChatStorage } from "./storage.js";
import { chatStyles, colours } from "./styles.js";
import { Tail } from "./tail.js";
import { followTheme } from "./theme.js";
import { fill, loadTexts } from "./texts.js";
import { copy, print, transcript } from "./transcript.js";

/** @typedef {import("./connection.js").State} State */
/** @typedef {import("./conversation.js").Line} Line */

const LONGEST_MESSAGE_BYTES = 8192;
const REPLAY_OVER_MS = 600;
const TYPING_AFTER_MS = 350;
const TYPING_AT_MOST_MS = 20_000;
const TYPING_TOLD_EVERY_MS = 5_000;

export class VoicebotChat extends LitElement {
  static styles = [colours, chatStyles, callStyles];
  static properties = {
    tenant: {},
    lang: {},
    brand: {},
    server: {},
    heading: { type: Number },
    room: {},
    remember: { type: Boolean },
    theme: {},
    closable: { type: Boolean },
    resume: {},
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
    this.room = "";
    this.remember = false;
    this.theme = "auto";
    this.closable = false;
    /** Token of a conversation to go on with, used once. */
    this.resume = "";
    /** Whether the visitor can see the chat; a launcher turns it off while it is closed. */
    this.visible = true;
    /** @type {import("./texts.js").Texts | null} */
    this.texts = null;
    /** @type {State} */
    this.state = "idle";
    this.chat = new Conversation();
    this.menuOpen = false;
    this.botTyping = false;
    /** @type {"bot" | "agent"} who is writing */
    this.typist = "bot";
    /** Highest line the agent was told the visitor has seen. */
    this.toldSeen = 0;
    /** @type {number | null} */
    this.unreadFrom = null;
    /** Whether there are new lines below the visible part. */
    this.behind = false;
    this.problem = "";
    /** Said once to screen readers. */
    this.told = "";
    this.replaying = false;
    /** How many lines of what was said before are drawn. */
    this.replayed = 0;
    this.tail = new Tail();
    this.call = new ChatCall(this);
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
    const storage = new ChatStorage(`${this.server}/${this.tenant}${this.room && `/${this.room}`}`, this.remember);
    const url = new URL(`/ws/chat/${encodeURIComponent(this.tenant)}?lang=${encodeURIComponent(this.lang)}`, this.server);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const token = this.resume || (this.heading === 1 ? takeResumeToken() : null);
    this.resume = "";
    if (token) storage.adopt(token);
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
    on("typing", (frame) => frame.from !== "customer" && this.showTyping(frame.expires_ms, frame.from));
    on("read", (frame) => (this.chat.readUpTo = Math.max(this.chat.readUpTo, frame.seq)));
    on("reset", async () => {
      this.chat.lines = [];
      this.problem = (await loadTexts(this.lang)).error_token;
    });
    connection.start();
  }

  /** @param {{lang: string, resumed: boolean}} frame */
  welcomed(frame) {
    if (frame.lang !== this.lang) this.loadTexts(frame.lang);
    this.replaying = frame.resumed && (this.replaying || !this.chat.lines.length);
    this.replayed = 0;
  }

  /** @param {Line} line */
  arrived(line) {
    const fresh = this.chat.add(line);
    this.tail.look(this.log);
    if (line.from !== "customer") this.hideTyping();
    if (!fresh || line.from === "customer") return;
    if (line.lang && line.lang !== this.lang && line.from === "bot" && line.kind === "message") this.loadTexts(line.lang);
    if (this.replaying) return;
    const unseen = !this.visible || document.hidden || !this.tail.following;
    if (unseen && this.unreadFrom === null) this.unreadFrom = line.seq;
    if (!this.tail.following) this.behind = true;
    this.tellUnread();
    this.markSeen();
  }

  /** @param {{id: string, seq: number}} frame */
  confirmed(frame) {
    this.chat.confirm(frame.id, frame.seq);
    const last = this.chat.lines[this.chat.lines.length - 1];
    if (this.chat.handedOff || last?.from !== "customer") return;
    this.later("typing", TYPING_AFTER_MS, () => this.showTyping(TYPING_AT_MOST_MS));
  }

  /** @param {{id: string, code: string}} frame */
  failed(frame) {
    this.chat.fail(frame.id);
    this.problem = (frame.code === "text_too_large" ? this.texts?.error_too_long : this.texts?.failed) ?? "";
  }

  /** @param {number} expires_ms @param {"bot" | "agent"} [who] */
  showTyping(expires_ms, who = "bot") {
    if (!expires_ms) return this.hideTyping();
    this.botTyping = true;
    this.typist = who;
    this.later("typing", expires_ms, () => (this.botTyping = false));
  }

  hideTyping() {
    this.botTyping = false;
    clearTimeout(this.timers.typing);
  }

  /** @param {string} name @param {number} ms @param {() => void} run */
  later(name, ms, run) {
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
    if (!this.visible || document.hidden) return;
    this.tellUnread();
    const seen = this.chat.lastForeignSeq;
    if (this.tail.following && seen > this.toldSeen && this.chat.agent) {
      this.toldSeen = seen;
      this.connection?.read(seen);
    }
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
    this.tail.again();
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
    this.lastTold = 0;
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
    return this.texts ? transcript([...this.chat.lines, ...this.call.lines], this.texts, this.lang) : "";
  }

  async copyAll() {
    const done = await copy(this.asText);
    this.tell((done ? this.texts?.copied : this.texts?.copy_failed) ?? "");
  }

  printAll() {
    print(this.title_, this.asText, this.lang);
  }

  /** @param {string} text */
  tell(text) {
    this.told = text;
    this.later("told", 4000, () => (this.told = ""));
  }

  again() {
    this.connection?.stop();
    this.connection?.storage.clear();
    this.unreadFrom = null;
    this.toldSeen = 0;
    this.problem = "";
    this.open();
    this.updateComplete.then(() => this.focus());
  }

  onScroll() {
    const log = this.log;
    if (!log) return;
    this.tail.scrolled(log);
    if (this.tail.following) this.behind = false;
  }

  get log() {
    return this.renderRoot.querySelector(".log");
  }

  showEnd() {
    this.tail.again();
    this.tail.drawn(this.log);
  }

  jump() {
    this.behind = false;
    this.showEnd();
    this.focus();
  }

  /** What was said before is not read out again: it must be drawn, and nothing more of it come for a moment. */
  updated() {
    this.tail.drawn(this.log);
    if (!this.replaying || !this.log || this.replayed === this.chat.lines.length) return;
    this.replayed = this.chat.lines.length;
    this.later("replay", REPLAY_OVER_MS, () => (this.replaying = false));
  }

  render() {
    return this.texts ? panelView(this, this.texts) : nothing;
  }
}

if (!customElements.get("voicebot-chat")) customElements.define("voicebot-chat", VoicebotChat);
