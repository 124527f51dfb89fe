/** `<voicebot-check lang="ja">`: runs the steps of the check, shows what they found, and words it for support. */

import { LitElement, css, html, nothing } from "../vendor/lit.js";
import { Bench, steps } from "./steps.js";

/** @typedef {import("./steps.js").Finding} Finding */
/** @typedef {Record<string, string>} Texts */

class VoicebotCheck extends LitElement {
  static properties = {
    lang: {},
    texts: { state: true },
    running: { state: true },
    findings: { state: true },
    current: { state: true },
    level: { state: true },
    speaker: { state: true },
    copied: { state: true },
  };

  static styles = css`
    :host { font: inherit; }
    button { font: inherit; min-height: 44px; padding: 0 20px; border: 1px solid #1d4f91; border-radius: 22px; background: #1d4f91; color: #ffffff; font-weight: 600; cursor: pointer; }
    button.plain { background: none; color: inherit; }
    button:disabled { opacity: 0.6; cursor: default; }
    button:focus-visible { outline: 3px solid #1d6fdc; outline-offset: 2px; }
    ol { list-style: none; margin: 24px 0; padding: 0; border-block-start: 1px solid #8884; }
    li { display: grid; grid-template-columns: 5.5em 1fr; gap: 2px 12px; padding: 12px 4px; border-block-end: 1px solid #8884; }
    .mark { font-weight: 600; }
    .bad .mark { color: light-dark(#a61b1b, #ff9c93); }
    .good .mark { color: light-dark(#1c7a44, #7ddca1); }
    .name { font-weight: 600; }
    .detail, .advice { grid-column: 2; margin: 0; overflow-wrap: anywhere; }
    .detail { font-size: 14px; opacity: 0.85; }
    meter { grid-column: 2; width: min(100%, 320px); }
    .row { display: flex; flex-wrap: wrap; gap: 12px; align-items: center; margin-block: 16px; }
    textarea { box-sizing: border-box; width: 100%; min-height: 14em; font: 13px/1.5 ui-monospace, monospace; padding: 12px; }
  `;

  constructor() {
    super();
    this.lang = "ja";
    /** @type {Texts | null} */
    this.texts = null;
    this.running = false;
    /** @type {Record<string, Finding>} */
    this.findings = {};
    this.current = "";
    this.level = 0;
    /** @type {"" | "yes" | "no"} whether the visitor heard the tone */
    this.speaker = "";
    this.copied = "";
  }

  async connectedCallback() {
    super.connectedCallback();
    const tag = this.lang === "en" ? "en" : "ja";
    const answer = await fetch(new URL(`../texts/check.${tag}.json`, import.meta.url));
    this.texts = await answer.json();
  }

  get done() {
    return !this.running && Object.keys(this.findings).length > 0;
  }

  async start() {
    this.running = true;
    this.findings = {};
    this.speaker = this.copied = "";
    const bench = new Bench();
    bench.onLevel = (level) => (this.level = level);
    for (const step of steps) {
      this.current = step.name;
      let finding;
      try {
        finding = await step.run(bench);
      } catch (error) {
        finding = { ok: false, advice: "lost", detail: String(error) };
      }
      this.findings = { ...this.findings, [step.name]: finding };
    }
    bench.close();
    this.current = "";
    this.running = false;
  }

  async tone() {
    const context = new AudioContext();
    const gain = context.createGain();
    gain.gain.value = 0.2;
    const tone = context.createOscillator();
    tone.frequency.value = 660;
    tone.connect(gain).connect(context.destination);
    tone.start();
    tone.stop(context.currentTime + 1.2);
    tone.onended = () => context.close();
  }

  /** The result as text: names of the steps in English, so that every support desk reads it. */
  get report() {
    const rows = steps.map(({ name }) => {
      const found = this.findings[name];
      const said = found ? `${found.ok ? "OK" : "NG"}${found.advice ? ` [${found.advice}]` : ""} ${found.detail ?? ""}` : "-";
      return `${name.padEnd(12)}${said.trimEnd()}`;
    });
    const speaker = this.speaker === "yes" ? "OK" : this.speaker === "no" ? "NG [speaker]" : "-";
    return [`voicebot check ${new Date().toISOString()}`, location.origin, navigator.userAgent, "", ...rows, `${"speaker".padEnd(12)}${speaker}`].join("\n");
  }

  async copy() {
    const { texts } = this;
    if (!texts) return;
    try {
      await navigator.clipboard.writeText(this.report);
      this.copied = texts.copied;
    } catch {
      /** @type {HTMLTextAreaElement | null} */ (this.renderRoot.querySelector("textarea"))?.select();
      this.copied = texts.copy_by_hand;
    }
  }

  render() {
    const { texts } = this;
    if (!texts) return nothing;
    const failed = steps.find(({ name }) => this.findings[name]?.ok === false);
    return html`<div class="row">
        <button type="button" ?disabled=${this.running} @click=${this.start}>${this.done ? texts.again : texts.start}</button>
        <button type="button" class="plain" @click=${this.tone}>${texts.play_tone}</button>
        <span>${texts.heard}
          <label><input type="radio" name="heard" .checked=${this.speaker === "yes"} @change=${() => (this.speaker = "yes")}>${texts.yes}</label>
          <label><input type="radio" name="heard" .checked=${this.speaker === "no"} @change=${() => (this.speaker = "no")}>${texts.no}</label></span>
      </div>
      ${this.speaker === "no" ? html`<p role="status">${texts.advice_speaker}</p>` : nothing}
      <div role="status">${this.running ? html`<p>${texts.running}: ${texts[`step_${this.current}`]}</p>` : nothing}
        ${this.done ? html`<p class="verdict"><strong>${failed ? `${texts.broken}: ${texts[`step_${failed.name}`]}` : texts.fine}</strong></p>` : nothing}</div>
      <ol>${steps.map(({ name }) => this.stepView(name, texts))}</ol>
      ${this.done ? html`<label>${texts.for_support}<textarea readonly .value=${this.report}></textarea></label>
        <div class="row"><button type="button" @click=${this.copy}>${texts.copy}</button><span role="status">${this.copied}</span></div>` : nothing}`;
  }

  /** @param {string} name @param {Texts} texts */
  stepView(name, texts) {
    const found = this.findings[name];
    const mark = found ? (found.ok ? texts.ok : texts.bad) : this.current === name ? texts.now : texts.waiting;
    return html`<li class=${found ? (found.ok ? "good" : "bad") : ""} data-step=${name} data-ok=${found ? String(found.ok) : ""}>
      <span class="mark">${mark}</span><span class="name">${texts[`step_${name}`]}</span>
      ${name === "level" && this.current === "level" ? html`<p class="advice">${texts.speak_now}</p><meter min="0" max="1" .value=${this.level} aria-label=${texts.step_level}></meter>` : nothing}
      ${found?.detail ? html`<p class="detail">${found.detail}</p>` : nothing}
      ${found?.advice ? html`<p class="advice">${texts[`advice_${found.advice}`]}</p>` : nothing}
    </li>`;
  }
}

customElements.define("voicebot-check", VoicebotCheck);
