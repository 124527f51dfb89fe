/**
 * Calling from the chat: one call at a time, its words shown below the lines of the chat. A controller of
 * `<voicebot-chat>`; what it looks like is in call_view.js.
 */

import { Softphone } from "../phone/softphone.js";

/** @typedef {import("./conversation.js").Line} Line */
/** @typedef {import("../phone/softphone.js").PhoneState} PhoneState */

const TERMS_KEPT_MS = 60_000;

export class ChatCall {
  /** @param {any} host the `<voicebot-chat>` this belongs to */
  constructor(host) {
    this.host = host;
    host.addController(this);
    /** Whether this server takes calls of pages and this browser can make them. */
    this.possible = false;
    /** @type {PhoneState} */
    this.state = "idle";
    /** Why the last call failed or ended, see Reason of the softphone. */
    this.reason = "";
    this.keypadOpen = false;
    /** Keys pressed in this call, as shown. */
    this.pressed = "";
    /** @type {Line[]} words of this and earlier calls of this page */
    this.lines = [];
    this.startedAt = "";
    /** @type {RTCIceServer[]} */
    this.iceServers = [];
    this.termsAt = 0;
    this.phone = new Softphone({
      exchange: (sdp) => this.exchange(sdp),
      iceServers: async () => this.iceServers,
      onState: (state, detail) => this.changed(state, detail.reason ?? ""),
      onCaption: (caption) => this.say(caption),
      onMessage: (message) => this.told(message),
    });
  }

  hostConnected() {
    this.askTerms();
  }

  hostDisconnected() {
    this.phone.hangUp();
  }

  get muted() {
    return this.phone.muted;
  }

  /** Whether there is a call or one is being set up. */
  get going() {
    return ["asking", "connecting", "talking", "reconnecting"].includes(this.state);
  }

  get url() {
    return `${this.host.server}/api/call/${encodeURIComponent(this.host.tenant)}`;
  }

  async askTerms() {
    if (typeof RTCPeerConnection === "undefined" || !this.host.tenant) return;
    try {
      const answer = await fetch(this.url);
      if (!answer.ok) return;
      const terms = await answer.json();
      this.iceServers = terms.ice_servers;
      this.possible = true;
      this.termsAt = Date.now();
      this.host.requestUpdate();
    } catch {
      // The chat's own banner tells that the server cannot be reached; without terms no call is offered.
    }
  }

  async start() {
    if (this.going) return;
    this.reason = this.pressed = "";
    this.keypadOpen = false;
    this.startedAt = new Date().toISOString();
    const starting = this.phone.start();
    this.host.requestUpdate();
    this.focus(".hang-up");
    await starting;
  }

  hangUp() {
    this.phone.hangUp();
  }

  toggleMute() {
    this.phone.mute(!this.phone.muted);
    this.host.requestUpdate();
  }

  toggleKeypad() {
    this.keypadOpen = !this.keypadOpen;
    this.host.requestUpdate();
    this.focus(this.keypadOpen ? ".keypad button" : ".keypad-button");
  }

  /** @param {string} digit */
  press(digit) {
    this.phone.press(digit);
    this.pressed = (this.pressed + digit).slice(-20);
    this.host.requestUpdate();
  }

  /** Keys of the keyboard work on the keypad. @param {KeyboardEvent} event */
  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[0-9*#]$/.test(event.key)) {
      event.preventDefault();
      this.press(event.key);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      this.toggleKeypad();
    }
  }

  /** @param {string} sdp */
  async exchange(sdp) {
    if (Date.now() - this.termsAt > TERMS_KEPT_MS) this.askTerms();
    let answer;
    try {
      answer = await fetch(this.url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ sdp, language: this.host.lang }),
      });
    } catch {
      throw refused("server");
    }
    const body = await answer.json().catch(() => ({}));
    if (!answer.ok) throw refused(answer.status === 503 || answer.status === 429 ? "busy" : "server");
    return body.sdp;
  }

  /** @param {PhoneState} state @param {string} reason */
  changed(state, reason) {
    this.state = state;
    this.reason = reason;
    if (!this.going) this.keypadOpen = false;
    this.host.requestUpdate();
    if (["ended", "failed"].includes(state)) this.focusBack();
  }

  /** @param {any} caption */
  say(caption) {
    if (!caption.text && caption.kind === "message") return;
    const line = /** @type {Line} */ ({ ...caption, at: caption.at ?? new Date().toISOString() });
    const known = this.lines.findIndex((one) => one.seq === line.seq && one.at >= this.startedAt && one.from === line.from);
    this.lines = known < 0 ? [...this.lines, line] : this.lines.with(known, line);
    this.host.requestUpdate();
  }

  /** @param {Record<string, any>} message */
  told(message) {
    if (message.type === "sound_blocked") this.reason = "sound_blocked";
    this.host.requestUpdate();
  }

  /** Sound may play after a press of a button. */
  unblock() {
    this.phone.speaker.play();
    this.reason = "";
    this.host.requestUpdate();
  }

  /** After a call: to where the next one begins, unless the visitor is busy somewhere else. */
  async focusBack() {
    await this.host.updateComplete;
    const root = this.host.renderRoot;
    const elsewhere = root.activeElement ?? document.activeElement;
    if (!elsewhere || elsewhere === document.body || !elsewhere.isConnected) root.querySelector(".start-call")?.focus();
  }

  /** Move the focus once the controls are drawn. @param {string} selector */
  focus(selector) {
    this.host.updateComplete.then(() => this.host.renderRoot.querySelector(selector)?.focus());
  }
}

/** @param {string} reason */
function refused(reason) {
  return Object.assign(new Error(`The call was not taken (${reason}).`), { reason });
}
