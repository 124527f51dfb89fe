/** `<voicebot-analysis>`: which words work. For leaders the whole company, for agents their own figures. */

import { LitElement, html, nothing } from "../vendor/lit.js";
import { colours } from "../chat/styles.js";
import { followTheme } from "../chat/theme.js";
import { languageButton, navigation, READERS } from "../desk/header.js";
import { action } from "../desk/parts.js";
import { DeskError, Rest } from "../desk/rest.js";
import { floor, page } from "../desk/styles.js";
import { loadTexts as loadDeskTexts } from "../desk/texts.js";
import { Player } from "./sound.js";
import { analysis } from "./styles.js";
import { findingTables, funnelTables, measureTable, OUTCOMES, outcomeTiles, suggestionList } from "./tables.js";
import { talkDialog, talkLists } from "./talks.js";
import { chosenLanguage, fill, loadTexts, rememberLanguage } from "./texts.js";

const PERIODS = [7, 28, 90];
const TABLES = ["findings", "funnels", "talks"];
const DAY_MS = 86_400_000;

export class VoicebotAnalysis extends LitElement {
  static styles = [colours, page, floor, analysis];
  static properties = { lang: {}, theme: {}, texts: { state: true }, report: { state: true }, own: { state: true }, problem: { state: true }, busy: { state: true }, opened: { state: true }, lists: { state: true }, playing: { state: true }, soundProblem: { state: true } };

  constructor() {
    super();
    this.lang = "ja";
    this.theme = "auto";
    /** @type {Record<string, string>} */
    this.texts = {};
    /** @type {Record<string, string>} */
    this.deskTexts = {};
    this.rest = new Rest("/api/assist/analysis");
    /** @type {any} */
    this.person = null;
    /** @type {any} */
    this.report = null;
    /** @type {any} */
    this.own = null;
    /** @type {Record<string, any>} */
    this.lists = {};
    this.problem = "";
    this.busy = false;
    /** The talk that is looked at. @type {any[] | null} */
    this.opened = null;
    this.playing = "";
    this.soundProblem = "";
    this.player = new Player();
    this.choice = { days: "28", since: "", until: "", outcome: "resolved", channel: "", matter: "", agent: "" };
    /** @type {EventTarget | null} */
    this.cameFrom = null;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stopTheme = followTheme(this);
    this.rest.addEventListener("signed-out", () => location.assign("/login?next=%2Fassist%2Fanalysis"));
    this.begin();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.stopTheme?.();
    this.player.stop();
  }

  async begin() {
    const session = await this.rest.session().catch(() => null);
    this.person = session?.person ?? null;
    await this.speak(chosenLanguage(this.person?.language ?? this.lang));
    if (this.person) await this.look();
    else this.problem = this.texts.not_connected;
  }

  /** @param {string} language */
  async speak(language) {
    [this.deskTexts, this.texts] = await Promise.all([loadDeskTexts(language), loadTexts(language)]);
    this.lang = language === "ja" ? "ja" : "en";
    document.documentElement.lang = this.lang;
    document.title = this.texts.title;
  }

  /** @param {string} language */
  async changeLanguage(language) {
    rememberLanguage(language);
    await this.speak(language);
    if (this.report) await this.look();
  }

  get reads() {
    return (this.person?.roles ?? []).some((/** @type {string} */ role) => READERS.includes(role));
  }

  /** The choice as the server takes it. @param {Record<string, string>} [more] */
  query(more = {}) {
    const { days, since, until, outcome, channel, matter, agent } = this.choice;
    const asked = new URLSearchParams({ outcome, ...more });
    const company = new URLSearchParams(location.search).get("tenant");
    if (company) asked.set("tenant", company);
    if (days === "own" && since && until) {
      asked.set("since", new Date(`${since}T00:00`).toISOString());
      asked.set("until", new Date(new Date(`${until}T00:00`).getTime() + DAY_MS).toISOString());
    } else {
      const end = Math.ceil(this.askedAt / 60_000) * 60_000;
      asked.set("since", new Date(end - Number(days === "own" ? 28 : days) * DAY_MS).toISOString());
      asked.set("until", new Date(end).toISOString());
    }
    for (const [name, value] of Object.entries({ channel, matter, agent })) if (value) asked.set(name, value);
    return `?${asked}`;
  }

  async look() {
    this.askedAt = Date.now();
    this.busy = true;
    this.problem = "";
    try {
      if (!this.reads) this.own = await this.rest.get(`/mine${this.query()}`);
      else {
        this.report = await this.rest.get(this.query({ lang: this.lang }));
        if (this.report.may.conversations) await this.list();
      }
    } catch (error) {
      if (!(error instanceof DeskError)) throw error;
      this.problem = error.status === 403 ? this.texts.not_allowed : error.code === "unreachable" ? this.texts.not_connected : fill(this.texts.refused, { message: error.message });
    } finally {
      this.busy = false;
    }
  }

  async list() {
    const [won, lost] = await Promise.all(["true", "false"].map((value) => this.rest.get(`/talks${this.query({ won: value })}`)));
    this.lists = { won, lost };
  }

  /** @param {SubmitEvent} event */
  async chosen(event) {
    event.preventDefault();
    const given = new FormData(/** @type {HTMLFormElement} */ (event.target));
    for (const name of /** @type {(keyof typeof this.choice)[]} */ (Object.keys(this.choice))) this.choice[name] = String(given.get(name) ?? this.choice[name]);
    await this.look();
  }

  /** @param {string} conversation @param {EventTarget | null} from */
  async open(conversation, from) {
    this.cameFrom = from;
    this.soundProblem = "";
    const company = this.report ? `?tenant=${encodeURIComponent(this.report.tenant)}` : "";
    try {
      this.opened = await this.rest.get(`/talks/${encodeURIComponent(conversation)}${company}`);
    } catch (error) {
      if (!(error instanceof DeskError)) throw error;
      this.problem = error.code === "unreachable" ? this.texts.not_connected : fill(this.texts.refused, { message: error.message });
      return;
    }
    await this.updateComplete;
    const dialog = /** @type {HTMLDialogElement | null} */ (this.renderRoot.querySelector("dialog"));
    if (dialog && !dialog.open) dialog.showModal();
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("#talk-title"))?.focus();
  }

  closeDialog() {
    /** @type {HTMLDialogElement | null} */ (this.renderRoot.querySelector("dialog"))?.close();
  }

  closed() {
    this.player.stop();
    this.playing = "";
    this.opened = null;
    if (this.cameFrom instanceof HTMLElement && this.cameFrom.isConnected) this.cameFrom.focus();
  }

  /** @param {string} conversation @param {any} clip */
  async play(conversation, clip) {
    const id = `${conversation}:${clip.from_ms}`;
    this.soundProblem = "";
    if (this.playing === id) {
      this.player.stop();
      this.playing = "";
      return;
    }
    const asked = new URLSearchParams({ tenant: this.report.tenant, from_ms: String(clip.from_ms), to_ms: String(clip.to_ms) });
    const plays = await this.player.play(`/api/assist/analysis/talks/${encodeURIComponent(conversation)}/sound?${asked}`, () => (this.playing = "")).catch(() => false);
    if (plays === null) return;
    this.playing = plays ? id : "";
    if (!plays) this.soundProblem = this.texts.sound_missing;
  }

  render() {
    const { texts, lang, report, own } = this;
    if (!texts.title) return nothing;
    return html`<div class="root">
      <header class="top"><h1>${texts.title}</h1>${navigation(this.deskTexts, "analysis", this.person?.roles ?? [])}${languageButton(lang, (language) => this.changeLanguage(language))}</header>
      <div role="status" aria-live="polite">${this.busy ? html`<p class="banner">${texts.loading}</p>` : nothing}</div>
      <main class="floor analysis"><div class="tables">
        ${this.filters()}
        ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
        ${own ? this.ownFigures(own) : nothing}
        ${report ? this.company(report) : nothing}
        <section class="card" aria-labelledby="rules-title"><h2 id="rules-title">${texts.rules}</h2><p>${texts.rules_measured}</p><p>${texts.rules_not}</p></section>
      </div></main>${talkDialog(this)}</div>`;
  }

  filters() {
    const { texts, choice, report } = this;
    const select = (/** @type {keyof typeof this.choice} */ name, /** @type {[string, string][]} */ options) =>
      html`<label class="field"><span>${texts[`filter_${name}`]}</span><select name=${name} .value=${choice[name]} @change=${(/** @type {Event} */ event) => { choice[name] = /** @type {HTMLSelectElement} */ (event.target).value; this.requestUpdate(); }}>${options.map(([value, label]) => html`<option value=${value} ?selected=${value === choice[name]}>${label}</option>`)}</select></label>`;
    const all = /** @type {[string, string]} */ (["", texts.all]);
    return html`<section class="card"><form class="stack" @submit=${(/** @type {SubmitEvent} */ event) => this.chosen(event)}>
      <div class="filters">${select("days", [...PERIODS.map((days) => /** @type {[string, string]} */ ([String(days), fill(texts.last_days, { count: days })])), ["own", texts.own_period]])}
        ${choice.days === "own" ? ["since", "until"].map((name) => html`<label class="field"><span>${texts[`filter_${name}`]}</span><input type="date" name=${name} required .value=${choice[/** @type {"since" | "until"} */ (name)]}></label>`) : nothing}
        ${this.reads ? select("outcome", OUTCOMES.map((one) => [one, texts[`outcome_${one}`]])) : nothing}
        ${select("channel", [all, ["voice", texts.channel_voice], ["web_chat", texts.channel_web_chat]])}
        ${report ? select("matter", [all, ...Object.entries(report.matters).map(([name, count]) => /** @type {[string, string]} */ ([name, `${name} (${count})`]))]) : nothing}
        ${report && Object.keys(report.agents).length ? select("agent", [all, .../** @type {[string, string][]} */ (Object.entries(report.agents))]) : nothing}
      </div><div class="row">${action(texts.show, () => undefined, { kind: "primary", type: "submit", disabled: this.busy })}</div></form></section>`;
  }

  /** @param {any} report */
  company(report) {
    const { texts } = this;
    return html`<section class="card" aria-labelledby="sum-title"><h2 id="sum-title">${fill(texts.outcomes, { count: report.talks })}</h2>
        ${report.complete ? nothing : html`<p class="problem">${texts.incomplete}</p>`}<p class="small muted">${texts.interval}</p>${outcomeTiles(this, report.outcomes, report.outcome)}</section>
      ${suggestionList(this, report)}${findingTables(this, report)}${funnelTables(this, report)}${measureTable(this, report.measures)}
      ${report.may.conversations ? talkLists(this, report) : nothing}
      ${report.may.export ? html`<section class="card" aria-labelledby="export-title"><h2 id="export-title">${texts.export}</h2><p class="small muted">${texts.export_hint}</p><div class="row">${TABLES.map((table) => html`<a class="act" data-export=${table} href="/api/assist/analysis/export.csv${this.query({ table })}" download>${texts[`export_${table}`]}</a>`)}</div></section>` : nothing}`;
  }

  /** @param {any} own */
  ownFigures(own) {
    const { texts } = this;
    return html`<section class="card" aria-labelledby="own-title"><h2 id="own-title">${fill(texts.own, { count: own.talks })}</h2><p class="small muted">${texts.interval}</p>${outcomeTiles(this, own.outcomes)}
      <h3>${texts.everybody}</h3>${outcomeTiles(this, own.everybody)}</section>${measureTable(this, own.measures, own.everybody_measures)}`;
  }
}

if (!customElements.get("voicebot-analysis")) customElements.define("voicebot-analysis", VoicebotAnalysis);
