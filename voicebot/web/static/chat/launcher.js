/**
 * `<voicebot-launcher tenant="shop" lang="ja">`: a button in the corner that opens the chat in a dialog. Nothing is
 * connected before it is opened, unless a chat of this tab goes on.
 */

import { LitElement, html, nothing } from "../vendor/lit.js";
import "./chat.js";
import { chatIcon } from "./icons.js";
import { ChatStorage } from "./storage.js";
import { colours, launcherStyles } from "./styles.js";
import { followTheme } from "./theme.js";
import { fill, loadTexts } from "./texts.js";

/** @typedef {import("./chat.js").VoicebotChat} VoicebotChat */

export class VoicebotLauncher extends LitElement {
  static styles = [colours, launcherStyles];
  static properties = {
    tenant: {},
    lang: {},
    server: {},
    remember: { type: Boolean },
    theme: {},
    resume: {},
    texts: { state: true },
    started: { state: true },
    isOpen: { state: true },
    unread: { state: true },
    brand: { state: true },
  };

  constructor() {
    super();
    this.tenant = "";
    this.lang = "ja";
    this.server = location.origin;
    this.remember = false;
    this.theme = "auto";
    /** Token of a conversation to go on with. */
    this.resume = "";
    /** @type {import("./texts.js").Texts | null} */
    this.texts = null;
    this.started = false;
    this.isOpen = false;
    this.unread = 0;
    this.brand = "";
  }

  async connectedCallback() {
    super.connectedCallback();
    this.lang = this.lang.split("-")[0].toLowerCase();
    this.stopTheme = followTheme(this);
    const storage = new ChatStorage(`${this.server}/${this.tenant}`, this.remember);
    if (this.resume) storage.adopt(this.resume);
    this.started = storage.kept.token !== null;
    const company = fetch(`${this.server}/widget/${encodeURIComponent(this.tenant)}.json?lang=${encodeURIComponent(this.lang)}`);
    try {
      const answer = await company;
      if (!answer.ok) {
        console.error(`voicebot: ${(await answer.json()).detail} (data-tenant="${this.tenant}")`);
        return;
      }
      const known = await answer.json();
      this.lang = known.language;
      this.brand = known.brand;
      this.texts = await loadTexts(this.lang);
    } catch (error) {
      console.error("voicebot: the chat server cannot be reached.", error);
    }
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.stopTheme?.();
  }

  /** @returns {HTMLDialogElement | null} */
  get dialog() {
    return this.renderRoot.querySelector("dialog");
  }

  /** @returns {VoicebotChat | null} */
  get chat() {
    return /** @type {VoicebotChat | null} */ (this.renderRoot.querySelector("voicebot-chat"));
  }

  /** Open the chat; on a small screen nothing behind it can be reached meanwhile. */
  async open() {
    this.started = true;
    this.isOpen = true;
    await this.updateComplete;
    if (window.matchMedia("(max-width: 480px), (max-height: 448px)").matches) this.dialog?.showModal();
    else this.dialog?.show();
    const chat = this.chat;
    await chat?.updateComplete;
    chat?.showEnd();
    chat?.markSeen();
    this.focusField(chat, 20);
  }

  /** The field appears once the texts are there. @param {VoicebotChat | null} chat @param {number} tries */
  focusField(chat, tries) {
    chat?.focus();
    if (chat && !chat.shadowRoot?.activeElement && tries > 0) setTimeout(() => this.focusField(chat, tries - 1), 50);
  }

  close() {
    this.isOpen = false;
    this.dialog?.close();
    this.updateComplete.then(() => /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(".launch"))?.focus());
  }

  render() {
    const texts = this.texts;
    if (!texts) return nothing;
    const label = this.unread ? fill(texts.open_unread, { count: this.unread }) : null;
    return html`<div class="root" lang=${this.lang}>
      <button type="button" class="launch" ?hidden=${this.isOpen} aria-haspopup="dialog" aria-expanded=${this.isOpen}
        aria-label=${label ?? texts.open} @click=${this.open}>
        ${chatIcon}<span>${texts.open}</span>${this.unread ? html`<span class="count" aria-hidden="true">${this.unread}</span>` : nothing}
      </button>
      <dialog aria-label=${fill(texts.title, { brand: this.brand })} @cancel=${(/** @type {Event} */ event) => { event.preventDefault(); this.close(); }}>
        ${this.started ? html`<voicebot-chat closable tenant=${this.tenant} lang=${this.lang} brand=${this.brand} server=${this.server}
          theme=${this.theme} ?remember=${this.remember} .visible=${this.isOpen}
          @voicebot-close=${this.close} @voicebot-unread=${(/** @type {CustomEvent} */ event) => (this.unread = event.detail)}></voicebot-chat>` : nothing}
      </dialog>
    </div>`;
  }
}

if (!customElements.get("voicebot-launcher")) customElements.define("voicebot-launcher", VoicebotLauncher);
