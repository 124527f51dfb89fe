/** `<voicebot-staffing>`: how many people it takes, with the words explained. */

import { LitElement, html, nothing } from "../vendor/lit.js";
import { colours } from "../chat/styles.js";
import { followTheme } from "../chat/theme.js";
import { percent } from "./format.js";
import { languageButton, navigation } from "./header.js";
import { action } from "./parts.js";
import { DeskError, Rest } from "./rest.js";
import { floor as floorStyles, page } from "./styles.js";
import { chosenLanguage, fill, loadTexts, rememberLanguage } from "./texts.js";

/** Fields: name, smallest, largest, step, first value, and what the server takes per unit shown. */
const FIELDS = /** @type {[string, number, number, string, string, number][]} */ ([
  ["calls", 1, 100000, "any", "100", 1],
  ["interval", 1, 1440, "any", "30", 1],
  ["aht", 1, 36000, "any", "180", 1],
  ["target", 1, 99, "any", "80", 0.01],
  ["target_s", 0, 3600, "any", "20", 1],
  ["patience", 1, 36000, "any", "", 1],
  ["shrinkage", 0, 99, "any", "30", 0.01],
  ["occupancy", 1, 100, "any", "85", 0.01],
]);
/** @type {Record<string, string>} */
const SENT = { interval: "interval_min", aht: "aht_s", patience: "patience_s", occupancy: "max_occupancy" };
const TERMS = ["erlang", "sl", "asa", "occ", "patience", "shrinkage"];

export class VoicebotStaffing extends LitElement {
  static styles = [colours, page, floorStyles];
  static properties = { lang: {}, theme: {}, embed: { type: Boolean }, origins: {}, texts: { state: true }, table: { state: true }, problem: { state: true }, roles: { state: true } };

  constructor() {
    super();
    this.lang = "ja";
    this.theme = "auto";
    this.embed = false;
    this.origins = "";
    /** @type {import("./texts.js").Texts} */
    this.texts = {};
    this.rest = new Rest();
    /** @type {any} */
    this.table = null;
    this.problem = "";
    /** @type {string[]} */
    this.roles = [];
  }

  connectedCallback() {
    super.connectedCallback();
    this.stopTheme = followTheme(this);
    this.rest.addEventListener("signed-out", () => location.assign("/login?next=%2Fdesk%2Fstaffing"));
    this.begin();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.stopTheme?.();
  }

  async begin() {
    const session = await this.rest.session().catch(() => null);
    this.roles = session?.person?.roles ?? [];
    await this.speak(chosenLanguage(session?.person?.language ?? this.lang));
  }

  /** @param {string} language */
  async speak(language) {
    this.texts = await loadTexts(language);
    this.lang = language;
    document.documentElement.lang = language;
    document.title = this.texts.staffing_title;
  }

  /** @param {SubmitEvent} event */
  async calculate(event) {
    event.preventDefault();
    const given = new FormData(/** @type {HTMLFormElement} */ (event.target));
    /** @type {Record<string, number | null>} */
    const wanted = {};
    for (const [name, , , , , unit] of FIELDS) {
      const value = String(given.get(name) ?? "").trim();
      wanted[SENT[name] ?? name] = value === "" ? null : Math.round(Number(value) * unit * 1e6) / 1e6;
    }
    this.problem = "";
    try {
      this.table = await this.rest.post("/staffing", wanted);
    } catch (error) {
      if (!(error instanceof DeskError)) throw error;
      this.table = null;
      this.problem = error.status === 403 ? this.texts.not_allowed : error.code === "unreachable" ? this.texts.not_connected : fill(this.texts.refused, { message: error.message });
    }
  }

  render() {
    const { texts, lang } = this;
    if (!texts.title) return nothing;
    return html`<div class="root">
      <header class="top"><h1>${texts.staffing_title}</h1>${navigation(texts, "staffing", this.roles)}${languageButton(lang, (language) => { rememberLanguage(language); this.speak(language); })}</header>
      <div></div>
      <main class="floor staffing"><div class="tables">
        <section class="card"><p>${texts.staffing_hint}</p>
          <form class="stack" @submit=${(/** @type {SubmitEvent} */ event) => this.calculate(event)}>
            <div class="skill-grid">${FIELDS.map(([name, min, max, step, value]) => html`<label class="field"><span>${texts[`st_${name}`]}</span><input type="number" name=${name} min=${min} max=${max} step=${step} inputmode="decimal" ?required=${name !== "patience"} .defaultValue=${value}></label>`)}</div>
            <div class="row">${action(texts.st_calculate, () => undefined, { kind: "primary", type: "submit" })}</div>
          </form>
          <div role="status">${this.problem ? html`<p class="problem">${this.problem}</p>` : nothing}${this.table ? html`<p class="result-line"><strong>${fill(texts.st_result, { needed: this.table.needed, rostered: this.table.rostered, erlangs: number(this.table.erlangs, lang, 2), model: texts[`st_model_${this.table.model}`] })}</strong></p>` : nothing}</div>
        </section>
        ${this.table ? this.rows(this.table) : nothing}
        <section class="card"><h2>${texts.st_terms}</h2><dl class="terms">${TERMS.map((term) => html`<dt>${texts[`st_term_${term}`]}</dt><dd>${texts[`st_term_${term}_is`]}</dd>`)}</dl></section>
      </div></main></div>`;
  }

  /** @param {any} table */
  rows(table) {
    const { texts, lang } = this;
    const leaving = table.model === "erlang_a";
    return html`<section class="card"><div class="scroll" tabindex="0" role="region" aria-label=${texts.st_table}><table><caption>${texts.st_table}</caption>
      <thead><tr>${["agents", "sl", "asa", "waits", "occ"].map((name) => html`<th scope="col" class="number">${texts[`st_${name}`]}</th>`)}${leaving ? html`<th scope="col" class="number">${texts.st_abandoned}</th>` : nothing}<th scope="col">${texts.st_meets}</th></tr></thead>
      <tbody>${table.rows.map((/** @type {any} */ row) => html`<tr class=${row.agents === table.needed ? "needed" : ""}><th scope="row" class="number">${row.agents}</th><td class="number">${percent(row.service_level, lang, 1)}</td><td class="number">${row.asa_s === null ? "–" : number(row.asa_s, lang, 1)}</td><td class="number">${percent(row.waits, lang, 1)}</td><td class="number">${percent(row.occupancy, lang, 1)}</td>
        ${leaving ? html`<td class="number">${percent(row.abandoned, lang, 1)}</td>` : nothing}<td>${row.meets ? texts.st_meets_yes : texts.st_meets_no}</td></tr>`)}</tbody></table></div></section>`;
  }
}

/** @param {number} value @param {string} lang @param {number} digits */
function number(value, lang, digits) {
  return new Intl.NumberFormat(lang, { maximumFractionDigits: digits }).format(value);
}

if (!customElements.get("voicebot-staffing")) customElements.define("voicebot-staffing", VoicebotStaffing);
