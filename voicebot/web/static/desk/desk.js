/**
 * `<voicebot-desk>`: one agent's console. Attributes: embed (a narrow column beside another program), only="assist" (the
 * assist alone), origins (who may show it so, separated by spaces).
 */

import { LitElement, html, nothing } from "../vendor/lit.js";
import { colours } from "../chat/styles.js";
import { Tail } from "../chat/tail.js";
import { followTheme } from "../chat/theme.js";
import { Announcer, toldView } from "./announce.js";
import { Assist } from "./assist.js";
import { Following } from "./assist_embed.js";
import { ASSIST_KEYS, assistAlone, assistKey, assistView, CardTeller } from "./assist_panel.js";
import { assist as assistStyles } from "./assist_styles.js";
import { toggleCanned } from "./composer.js";
import { conversationView } from "./conversation.js";
import { dialogView } from "./dialogs.js";
import { Embedding } from "./embed.js";
import { guestView, invitesView } from "./guest.js";
import { bannerView, topView } from "./header.js";
import { shortcut } from "./keys.js";
import { contactsView, offersView, presenceView } from "./left.js";
import { packetView } from "./packet.js";
import { MicrophoneCheck } from "./phone.js";
import { Softphone } from "../phone/softphone.js";
import { desk as deskStyles, page, talk } from "./styles.js";
import { tasksView } from "./tasks.js";
import { chosenLanguage, loadTexts, rememberLanguage } from "./texts.js";
import { turnOfPacket } from "./turns.js";
import { DeskWork } from "./work.js";

/** @typedef {import("./store.js").Contact} Contact */

const PANES = ["list", "talk", "assist", "packet"];

export class VoicebotDesk extends LitElement {
  static styles = [colours, page, talk, deskStyles, assistStyles];
  static properties = {
    embed: { type: Boolean }, only: {}, editing: { state: true }, origins: {}, lang: {}, theme: {}, texts: { state: true }, pane: { state: true }, dialog: { state: true }, behind: { state: true },
    cannedOpen: { state: true }, cannedAt: { state: true }, micLevel: { state: true }, micProblem: { state: true },
  };

  constructor() {
    super();
    this.embed = false;
    this.only = "";
    this.origins = "";
    /** The utterance whose words are being mended. */
    this.editing = "";
    /** Where the focus was before reasons to dismiss a card were asked for. @type {HTMLElement | null} */
    this.dismissFrom = null;
    this.lang = "ja";
    this.theme = "auto";
    /** @type {import("./texts.js").Texts} */
    this.texts = {};
    this.pane = "list";
    this.dialog = "";
    this.behind = false;
    this.tail = new Tail();
    this.cannedOpen = false;
    this.cannedAt = 0;
    this.announcer = new Announcer(this);
    this.micLevel = 0;
    this.micHeard = false;
    this.micProblem = "";
    /** @type {MediaDeviceInfo[]} */
    this.microphones = [];
    /** @type {MediaDeviceInfo[]} */
    this.speakers = [];
    /** What is chosen in unfinished wrap-ups. @type {Map<string, {code?: string, resolved?: string}>} */
    this.wrapUps = new Map();
    this.work = new DeskWork();
    this.assist = new Assist(this.work);
    this.teller = new CardTeller(this);
    this.shownContact = "";
    this.microphone = new MicrophoneCheck((level) => {
      this.micLevel = level;
      this.micHeard ||= level > 0.02;
    });
    /** @type {HTMLElement | null} */
    this.cameFrom = null;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stopTheme = followTheme(this);
    this.onKey = (/** @type {KeyboardEvent} */ event) => this.pressed(event);
    this.onVisible = () => !document.hidden && this.work.markSeen();
    document.addEventListener("keydown", this.onKey);
    document.addEventListener("visibilitychange", this.onVisible);
    this.ticking = setInterval(() => !document.hidden && this.requestUpdate(), 1000);
    const { work } = this;
    work.takesContacts = !this.only;
    for (const source of [work, this.assist]) source.addEventListener("change", () => this.requestUpdate());
    this.following = new Following(this);
    for (const name of ["shown", "used"]) this.assist.addEventListener(name, (event) => this.embedding?.tellCard(`card.${name}`, /** @type {CustomEvent} */ (event).detail));
    work.addEventListener("told", (event) => this.announcer.tell(/** @type {CustomEvent} */ (event).detail));
    work.addEventListener("offered", (event) => this.announcer.offered(/** @type {CustomEvent} */ (event).detail));
    work.addEventListener("selected", () => this.selectedOther());
    work.store.addEventListener("event", (event) => this.heard(/** @type {CustomEvent} */ (event).detail));
    this.embedding = new Embedding(this.origins.split(/\s+/).filter(Boolean), (id) => (this.only ? this.following?.follow(id) ?? false : this.openFromOutside(id)));
    if (this.embed || this.only) this.embedding.start();
    for (const name of ["offered", "accepted", "closed"]) work.addEventListener(name, (event) => this.embedding?.tell(`contact.${name}`, /** @type {CustomEvent} */ (event).detail));
    this.begin();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.stopTheme?.();
    if (this.onKey) document.removeEventListener("keydown", this.onKey);
    if (this.onVisible) document.removeEventListener("visibilitychange", this.onVisible);
    clearInterval(this.ticking);
    this.embedding?.stop();
    this.following?.stop();
    this.microphone.stop();
    this.work.connection.stop();
    this.work.ring.stop();
  }

  async begin() {
    const session = await this.work.ask(() => this.work.rest.session());
    if (this.work.state === "signed-out") return location.assign("/login");
    await this.speak(chosenLanguage(session?.person?.language ?? this.lang));
    if (session) this.work.connection.start();
    else setTimeout(() => this.isConnected && this.begin(), 3000);
  }

  /** Show everything in a language from now on. @param {string} language */
  async speak(language) {
    this.texts = await loadTexts(language);
    this.lang = language;
    this.work.language = language;
    document.documentElement.lang = language;
    document.title = this.texts.title;
  }

  /** @param {string} language */
  async changeLanguage(language) {
    rememberLanguage(language);
    await this.speak(language);
    for (const id of this.work.facts.packets.keys()) this.work.facts.loadPacket(id);
  }

  /** @param {{conversation: string, event: any}} one */
  heard(one) {
    if (this.only) return;
    this.announcer.heard(one);
    this.tail.look(this.renderRoot.querySelector("#log"));
    if (!this.tail.following && one.event.type === "Heard" && one.conversation === this.work.contact?.conversation) this.behind = true;
  }

  /** @param {string} id */
  accept(id) {
    this.work.accept(id);
    this.wantsReply = id;
  }

  /** @param {string} id */
  choose(id) {
    this.work.guest = null;
    this.work.select(id);
    this.pane = "talk";
    this.focusReply();
  }

  selectedOther() {
    this.tail.again();
    this.behind = false;
    this.cannedOpen = false;
    if (this.wantsReply !== this.work.selected) return;
    this.wantsReply = "";
    this.pane = "talk";
    this.focusReply();
  }

  async focusReply() {
    await this.updateComplete;
    const { renderRoot } = this;
    const place = renderRoot.querySelector("#reply") ?? renderRoot.querySelector("#disposition") ?? renderRoot.querySelector(".middle .log");
    /** @type {HTMLElement | null} */ (place)?.focus();
  }

  /** To the assist, because the agent wants to. */
  async focusAssist() {
    this.pane = "assist";
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("#pane-assist"))?.focus();
  }

  /** End the talk; what must not be missing is named before. */
  async finish() {
    const { work } = this;
    if (!work.contact || work.contact.state === "wrapup") return;
    if (this.assist.missing(work.contact).length) return this.openDialog("missing");
    await work.wrapUp();
  }

  async focusAfterClose() {
    this.requestUpdate();
    await this.updateComplete;
    if (this.work.contact) return this.focusReply();
    this.pane = "list";
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("#contacts-title"))?.focus();
  }

  /** @param {string} id */
  openFromOutside(id) {
    if (!this.work.store.contacts.has(id)) return false;
    this.choose(id);
    return true;
  }

  /** @param {string} name */
  async openDialog(name) {
    const at = this.renderRoot instanceof ShadowRoot ? this.renderRoot.activeElement : null;
    this.cameFrom = at instanceof HTMLElement ? at : null;
    this.dialog = name;
    if (name === "headset") this.checkHeadset();
    await this.updateComplete;
    const dialog = this.dialogElement;
    if (dialog && !dialog.open) dialog.showModal();
    /** @type {HTMLElement | null} */ (dialog?.querySelector(".dialog-body :is(button, input, select, textarea)"))?.focus();
  }

  /** @returns {HTMLDialogElement | null} */
  get dialogElement() {
    return this.renderRoot.querySelector("dialog");
  }

  closeDialog() {
    this.dialogElement?.close();
  }

  dialogClosed() {
    this.dialog = "";
    this.microphone.stop();
    this.micLevel = 0;
    if (this.cameFrom?.isConnected) this.cameFrom.focus();
    else this.focusReply();
  }

  async checkHeadset() {
    this.micHeard = false;
    this.micProblem = await this.microphone.start(this.work.headset.microphone);
    if (this.micProblem === "no_microphone" && this.work.headset.microphone) {
      this.work.headset.choose("", this.work.headset.speaker);
      this.micProblem = await this.microphone.start("");
    }
    if (!this.micProblem) this.work.headset.markChecked();
    if (this.dialog !== "headset") return this.microphone.stop();
    ({ microphones: this.microphones, speakers: this.speakers } = await Softphone.devices());
    this.work.ring.allow();
    this.requestUpdate();
  }

  /** @param {string} microphone @param {string} speaker */
  chooseDevice(microphone, speaker) {
    this.work.headset.choose(microphone, speaker);
    this.checkHeadset();
  }

  /** Show and focus what a summary or slot points at. @param {number} number of the packet */
  async showTurn(number) {
    const contact = this.work.contact;
    if (!contact) return;
    const turn = turnOfPacket(this.work.store.turns(contact.conversation), this.work.facts.packets.get(contact.id), number);
    if (!turn) return this.work.tell("turn_missing");
    await this.showSeq(turn.seq);
  }

  /** Show and focus a line of the log. @param {number} seq */
  async showSeq(seq) {
    this.tail.leave();
    if (!this.only) this.pane = "talk";
    await this.updateComplete;
    const line = /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(`.log [data-seq="${seq}"]`));
    if (!line) return this.work.tell("turn_missing");
    line.scrollIntoView({ block: "center" });
    line.focus({ preventScroll: true });
  }

  onScroll() {
    const log = this.renderRoot.querySelector("#log");
    if (!log) return;
    this.tail.scrolled(log);
    if (this.tail.following) this.behind = false;
  }

  jumpToEnd() {
    this.tail.again();
    this.behind = false;
    this.requestUpdate();
    this.focusReply();
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const name = shortcut(event);
    if (!name || (this.dialogElement?.open && name !== "help")) return;
    event.preventDefault();
    this.act(name);
  }

  /** @param {string} name of a shortcut */
  act(name) {
    if (ASSIST_KEYS.includes(name)) return assistKey(this, name);
    const { work } = this;
    const contact = work.contact;
    const [offer] = [...work.store.offers.values()].sort((a, b) => Date.parse(a.lease_until ?? "9999-01-01") - Date.parse(b.lease_until ?? "9999-01-01"));
    switch (name) {
      case "accept": return offer && this.accept(offer.contact.id);
      case "decline": return offer && work.decline(offer.contact.id);
      case "next": case "previous":
        work.selectNext(name === "next" ? 1 : -1);
        this.pane = "talk";
        return this.focusReply();
      case "reply": this.pane = "talk"; return this.focusReply();
      case "canned": return contact?.medium === "chat" && contact.state !== "wrapup" && toggleCanned(this);
      case "packet": this.pane = "packet"; return this.updateComplete.then(() => /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(".right"))?.focus());
      case "mute": return work.mute(!work.headset.muted);
      case "hold": return contact && work.headset.subject === contact.id && work.hold(!work.headset.onHold);
      case "transfer": return contact && contact.state !== "wrapup" && this.openDialog("transfer");
      case "wrap_up": return contact && (contact.state === "wrapup" ? this.focusReply() : this.finish().then(() => (this.dialog ? undefined : this.focusReply())));
      case "presence": return work.store.me?.presence === "available" ? this.openDialog("break") : work.presence("available");
      default: return this.dialogElement?.open ? this.closeDialog() : this.openDialog("help");
    }
  }

  updated() {
    this.teller.look();
    this.tail.drawn(this.renderRoot.querySelector("#log"));
    const state = `${this.work.selected}/${this.work.contact?.state === "wrapup"}`;
    if (state === this.shownContact) return;
    this.shownContact = state;
    this.renderRoot.querySelector("#pane-assist")?.scrollTo(0, 0);
    for (const [name, id] of [["reply", "#reply"], ["note", "#note"], ["wrapup", "#wrapup-note"]]) {
      const field = /** @type {HTMLTextAreaElement | null} */ (this.renderRoot.querySelector(id));
      if (field) field.value = this.work.drafts.read(`${name}:${this.work.selected}`);
    }
  }

  /** A region of wide screens, a tab's panel on narrow ones. @param {string} name @param {string} place @param {unknown} content */
  region(name, place, content) {
    const label = this.texts[`tab_${name}`];
    const side = `${this.pane === name ? "shown" : ""} ${this.work.contact ? "" : "idle"}`;
    return html`<section class="${place} ${side}" id="pane-${name}" role=${this.narrow ? "tabpanel" : "region"} aria-label=${label} tabindex="-1">${content}</section>`;
  }

  /** Arrow keys move between the tabs of narrow screens. @param {KeyboardEvent} event */
  roamTabs(event) {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!step) return;
    event.preventDefault();
    this.pane = PANES[(PANES.indexOf(this.pane) + step + PANES.length) % PANES.length];
    this.updateComplete.then(() => /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(`#tab-${this.pane}`))?.focus());
  }

  render() {
    const { texts, work } = this;
    if (!texts.title) return nothing;
    if (!work.store.ready) return html`<div class="root">${bannerView(this)}<main class="empty"><h1>${texts.title}</h1><p>${texts.connecting}</p></main></div>`;
    if (this.only) return assistAlone(this);
    const unread = [...work.store.contacts.values()].reduce((sum, contact) => sum + work.store.unread(contact), 0);
    const offers = work.store.offers.size > 0 || work.store.invites.size > 0;
    return html`<div class="root ${this.embed ? "embed" : ""} ${offers ? "calling" : ""}">
      <div>
        <button type="button" class="act skip" @click=${() => this.act("reply")}>${texts.skip_talk}</button>
        ${topView(this)}
      </div>
      ${bannerView(this)}
      <main class="work">
      <div>${offers && this.narrow ? html`<div class="narrow-offers">${offersView(this)}${invitesView(this)}</div>` : nothing}
      <div class="tabs" role="tablist" aria-label=${texts.regions} @keydown=${(/** @type {KeyboardEvent} */ event) => this.roamTabs(event)}>
        ${PANES.map((name) => html`<button type="button" role="tab" id="tab-${name}" aria-selected=${String(this.pane === name)} aria-controls="pane-${name}" tabindex=${this.pane === name ? 0 : -1} @click=${() => (this.pane = name)}>${texts[`tab_${name}`]}${name === "list" && unread ? html` <span class="badge">${unread}</span>` : nothing}</button>`)}
      </div></div>
      <div class="regions">
        ${this.region("list", "left", html`${presenceView(this)}${this.narrow ? nothing : html`${offersView(this)}${invitesView(this)}`}${contactsView(this)}${tasksView(this)}`)}
        ${this.region("talk", "middle", work.guest ? guestView(this) : conversationView(this))}
        ${this.region("assist", "assist", assistView(this))}
        ${this.region("packet", "right", packetView(this))}
      </div></main>
      ${toldView(this)}
      ${dialogView(this)}
    </div>`;
  }

  /** Whether regions are tabs now. */
  get narrow() {
    return window.matchMedia("(max-width: 979px)").matches;
  }
}

if (!customElements.get("voicebot-desk")) customElements.define("voicebot-desk", VoicebotDesk);
