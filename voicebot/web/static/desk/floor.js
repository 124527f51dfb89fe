/** `<voicebot-floor>`: the whole floor for leaders, with a way into every conversation. */

import { LitElement, html, nothing } from "../vendor/lit.js";
import { colours } from "../chat/styles.js";
import { followTheme } from "../chat/theme.js";
import { FloorWork } from "./floor_work.js";
import { agentsTable, alertsList, contactsTable, queuesTable } from "./floor_tables.js";
import { languageButton, navigation } from "./header.js";
import { clock } from "./format.js";
import { floor as floorStyles, page, talk } from "./styles.js";
import { skillsDialog } from "./skills.js";
import { chosenLanguage, fill, loadTexts, rememberLanguage } from "./texts.js";
import { watchView } from "./watch.js";

const TOAST_MS = 6000;

export class VoicebotFloor extends LitElement {
  static styles = [colours, page, talk, floorStyles];
  static properties = { lang: {}, theme: {}, embed: { type: Boolean }, origins: {}, texts: { state: true }, watched: { state: true }, editing: { state: true }, sure: { state: true }, toast: { state: true } };

  constructor() {
    super();
    this.lang = "ja";
    this.theme = "auto";
    this.embed = false;
    this.origins = "";
    /** @type {import("./texts.js").Texts} */
    this.texts = {};
    this.work = new FloorWork();
    /** The contact that is looked at. @type {string} */
    this.watched = "";
    /** The agent whose skills are changed. @type {any} */
    this.editing = null;
    /** Whether taking over has to be confirmed. */
    this.sure = false;
    this.toast = "";
    /** @type {HTMLElement | null} */
    this.cameFrom = null;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stopTheme = followTheme(this);
    this.ticking = setInterval(() => !document.hidden && this.requestUpdate(), 1000);
    this.work.addEventListener("change", () => this.requestUpdate());
    this.work.addEventListener("told", (event) => this.tell(/** @type {CustomEvent} */ (event).detail));
    this.begin();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.stopTheme?.();
    clearInterval(this.ticking);
    this.work.stop();
  }

  async begin() {
    const session = await this.work.ask(() => this.work.rest.session());
    if (this.work.state === "signed-out") return location.assign("/login?next=%2Fdesk%2Ffloor");
    await this.speak(chosenLanguage(session?.person?.language ?? this.lang));
    if (session) this.work.start(session.person);
    else setTimeout(() => this.isConnected && this.begin(), 3000);
  }

  /** @param {string} language */
  async speak(language) {
    this.texts = await loadTexts(language);
    this.lang = language;
    this.work.language = language;
    document.documentElement.lang = language;
    document.title = this.texts.floor_title;
  }

  /** @param {string} language */
  changeLanguage(language) {
    rememberLanguage(language);
    this.speak(language);
  }

  /** @param {{text: string, values: Record<string, string>}} told */
  tell({ text, values }) {
    this.toast = fill(this.texts[text] ?? text, values);
    clearTimeout(this.toasting);
    this.toasting = setTimeout(() => (this.toast = ""), TOAST_MS);
  }

  /** @param {any} contact @param {EventTarget | null} from */
  async watch(contact, from) {
    this.cameFrom = from instanceof HTMLElement ? from : null;
    this.watched = contact.id;
    this.sure = false;
    this.work.watch(contact.conversation);
    if (!contact.headline) this.work.learn(contact.id);
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("#watch-title"))?.focus();
  }

  stopWatching() {
    this.work.unwatch();
    this.watched = "";
    if (this.cameFrom?.isConnected) this.cameFrom.focus();
  }

  /** @param {any} agent @param {EventTarget | null} from */
  async edit(agent, from) {
    this.cameFrom = from instanceof HTMLElement ? from : null;
    this.editing = agent;
    await this.updateComplete;
    const dialog = /** @type {HTMLDialogElement | null} */ (this.renderRoot.querySelector("dialog"));
    if (dialog && !dialog.open) dialog.showModal();
  }

  closeDialog() {
    /** @type {HTMLDialogElement | null} */ (this.renderRoot.querySelector("dialog"))?.close();
  }

  dialogClosed() {
    this.editing = null;
    if (this.cameFrom?.isConnected) this.cameFrom.focus();
  }

  updated() {
    this.work.tail.drawn(this.renderRoot.querySelector(".watch .log"));
  }

  render() {
    const { texts, work, lang } = this;
    if (!texts.title) return nothing;
    const floor = work.floor;
    const watched = this.watched ? work.contact(this.watched) : null;
    return html`<div class="root">
      <header class="top"><h1>${texts.floor_title}</h1>${navigation(texts, "floor", work.store.person?.roles ?? [])}
        ${floor ? html`<span class="small muted">${fill(texts.updated, { time: clock(floor.server_time, lang) })}</span>` : nothing}
        ${languageButton(lang, (language) => this.changeLanguage(language))}</header>
      <div role="status">${work.state === "waiting" || work.state === "offline" ? html`<p class="banner">${texts[`line_${work.state}`]}</p>` : nothing}</div>
      <main class="floor ${watched ? "watching" : ""}">
        ${work.refused ? html`<p class="problem" role="alert">${texts.not_allowed}</p>` : !floor ? html`<p class="muted">${texts.loading}</p>`
          : html`<div class="tables">${alertsList(this, floor)}${queuesTable(this, floor)}${agentsTable(this, floor)}${contactsTable(this, floor)}</div>`}
        ${watched ? watchView(this, watched) : nothing}
      </main>
      <div class="hidden" aria-live="polite">${this.toast}</div>
      ${this.toast ? html`<p class="toast" aria-hidden="true">${this.toast}</p>` : nothing}
      ${skillsDialog(this)}
    </div>`;
  }
}

if (!customElements.get("voicebot-floor")) customElements.define("voicebot-floor", VoicebotFloor);
