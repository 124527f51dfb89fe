/** `<voicebot-authoring>`: cards and scripts edited in the browser, tried on past conversations, published, rolled back. */

import { LitElement, html, nothing } from "../vendor/lit.js";
import { colours } from "../chat/styles.js";
import { followTheme } from "../chat/theme.js";
import { languageButton, navigation } from "../desk/header.js";
import { page } from "../desk/styles.js";
import { loadTexts as loadDeskTexts } from "../desk/texts.js";
import { Refused } from "./api.js";
import { cardForm, freshCard } from "./card_form.js";
import { itemList } from "./list.js";
import { freshScript, scriptForm } from "./script_form.js";
import { historyPart, previewPart, publishPart } from "./side.js";
import { authoring } from "./styles.js";
import { chosenLanguage, fill, loadTexts, rememberLanguage } from "./texts.js";
import { AuthorWork } from "./work.js";

export class VoicebotAuthoring extends LitElement {
  static styles = [colours, page, authoring];
  static properties = { lang: {}, theme: {}, tenant: {}, tenants: {}, texts: { state: true } };

  constructor() {
    super();
    this.lang = "ja";
    this.theme = "auto";
    this.tenant = "";
    this.tenants = "";
    /** @type {Record<string, string>} */
    this.texts = {};
    /** @type {Record<string, string>} */
    this.deskTexts = {};
    /** @type {any} */
    this.person = null;
    this.work = new AuthorWork("");
    this.wanted = "";
    /** Words that the analysis suggests adding. */
    this.phrase = "";
    this.problem = "";
    this.said = "";
    this.yaml = "";
    /** Steps whose form is open. @type {Set<string>} */
    this.opened = new Set();
    /** @type {any} */
    this.versions = null;
    /** @type {any} */
    this.compared = null;
    /** @type {any[] | null} */
    this.differences = null;
    /** Who was first, if that is known, and what changed. @type {{by: {name: string} | null, differences: any[]} | null} */
    this.overtaken = null;
    /** @type {{state: string, of: number, done: number, places: any[], score: any, problem: string}} */
    this.trial = fresh();
  }

  connectedCallback() {
    super.connectedCallback();
    this.stopTheme = followTheme(this);
    this.work = new AuthorWork(this.tenant);
    this.work.addEventListener("change", () => this.requestUpdate());
    this.work.api.addEventListener("signed-out", () => location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`));
    this.leaving = (/** @type {BeforeUnloadEvent} */ event) => this.work.unsaved && event.preventDefault();
    addEventListener("beforeunload", this.leaving);
    this.begin();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.stopTheme?.();
    this.stopPreview();
    if (this.leaving) removeEventListener("beforeunload", this.leaving);
  }

  async begin() {
    await this.doing(async () => {
      const session = await this.work.api.session();
      this.person = session.person;
    });
    await this.speak(chosenLanguage(this.person?.language ?? this.lang));
    await this.doing(() => this.work.load());
    await this.doing(async () => { this.versions = await this.work.api.get("/versions"); });
    const asked = new URLSearchParams(location.search);
    this.phrase = asked.get("phrase") ?? "";
    const [kind, id] = asked.get("script") ? ["scripts", asked.get("script")] : ["cards", asked.get("card")];
    if (id) await this.go(kind, id, asked.get("step") ?? "");
    else if (this.phrase) await this.offerNew();
  }

  /** @param {string} language */
  async speak(language) {
    [this.texts, this.deskTexts] = await Promise.all([loadTexts(language), loadDeskTexts(language)]);
    this.lang = language;
    document.documentElement.lang = language;
    document.title = this.texts.title;
  }

  /** Run, and say what went wrong. @param {() => Promise<unknown>} run */
  async doing(run) {
    this.problem = "";
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.problem = error.code === "unreachable" ? this.texts.unreachable ?? "…" : error.status === 403 ? this.texts.not_allowed : error.message;
    } finally {
      this.requestUpdate();
    }
  }

  /** Read out, not shown. @param {string} words */
  tell(words) {
    this.said = words;
    this.requestUpdate();
  }

  /** @param {string} step @param {boolean} on */
  open(step, on) {
    if (this.opened.has(step) === on) return;
    if (on) this.opened.add(step);
    else this.opened.delete(step);
    this.requestUpdate();
  }

  /** @param {string} kind @param {string} id @param {string} [step] */
  async go(kind, id, step = "") {
    this.stopPreview();
    Object.assign(this, { trial: fresh(), yaml: "" });
    this.opened.clear();
    if (!(await this.work.select(kind, id))) {
      this.problem = fill(this.texts.no_such, { id });
      return this.requestUpdate();
    }
    if (step) this.opened.add(step);
    this.requestUpdate();
    const address = new URL(location.href);
    for (const name of ["card", "script", "step"]) address.searchParams.delete(name);
    address.searchParams.set(kind === "cards" ? "card" : "script", id);
    history.replaceState(null, "", address);
    await this.updateComplete;
    if (step) this.focusStep(step);
    else /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("#editor-title"))?.focus();
  }

  /** @param {string} step */
  async focusStep(step) {
    this.open(step, true);
    await this.updateComplete;
    const found = [...this.renderRoot.querySelectorAll("[data-step]")].find((one) => /** @type {HTMLElement} */ (one).dataset.step === step);
    /** @type {HTMLElement | null | undefined} */ (found?.querySelector("summary"))?.focus();
  }

  /** Nothing is known to change: a new card may hold the words. */
  async offerNew() {
    this.requestUpdate();
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("input[name=id]"))?.focus();
  }

  /** @param {string} kind @param {string} id */
  async add(kind, id) {
    const taken = this.work.find(kind, id);
    if (taken) return this.go(kind, id);
    await this.doing(() => this.work.add(kind, id, kind === "cards" ? freshCard(id) : freshScript(id)));
    await this.go(kind, id);
  }

  /** @param {number} talks */
  async preview(talks) {
    await this.work.settle();
    this.stopPreview();
    const stop = (this.stopper = new AbortController());
    const trial = (this.trial = { ...fresh(), state: "running" });
    this.requestUpdate();
    try {
      for await (const line of this.work.api.preview({ cards: [this.work.id], talks: Math.min(2000, Math.max(1, talks || 200)) }, stop.signal)) {
        if (line.type === "begin") trial.of = line.talks;
        if (line.type === "score") trial.score = line.cards[this.work.id] ?? null;
        if (line.type === "talk") { trial.done = line.done; trial.places.push(...line.places); }
        if (line.type === "end") trial.state = line.why;
        if (line.type === "problem") { trial.state = "failed"; trial.problem = line.detail; }
        this.requestUpdate();
      }
    } catch (error) {
      trial.state = stop.signal.aborted ? "stopped" : "failed";
      if (error instanceof Refused) trial.problem = error.message;
    }
    this.requestUpdate();
  }

  stopPreview() {
    this.stopper?.abort();
  }

  /** @param {string} note */
  async publish(note) {
    await this.doing(() => this.work.alone(async () => {
      try {
        await this.work.api.post("/drafts/publish", { revision: this.work.draft.revision, note });
        this.overtaken = this.differences = null;
        this.tell(this.texts.published);
      } catch (error) {
        if (!(error instanceof Refused) || error.code !== "overtaken") throw error;
        this.overtaken = { by: error.told.by ?? null, differences: error.told.differences ?? [] };
      }
      await this.work.load();
      this.versions = await this.work.api.get("/versions");
    }));
  }

  async rebase() {
    await this.doing(() => this.work.alone(async () => {
      await this.work.api.post("/drafts/rebase", { revision: this.work.draft.revision });
      this.overtaken = null;
      await this.work.load();
      this.tell(this.texts.rebased);
    }));
  }

  async discard() {
    if (!confirm(this.texts.sure_discard)) return;
    await this.doing(async () => {
      await this.work.settle();
      await this.work.api.send("DELETE", `${this.work.api.base}/drafts`);
      this.overtaken = this.differences = null;
      await this.work.load();
    });
  }

  async showDifferences() {
    await this.doing(async () => { await this.work.settle(); this.differences = (await this.work.api.get("/drafts/differences")).differences; });
  }

  /** @param {string} version */
  async compare(version) {
    const query = new URLSearchParams({ before: version, after: this.versions.live });
    await this.doing(async () => { this.compared = { version, ...(await this.work.api.get(`/versions/compare?${query}`)) }; });
  }

  /** @param {any} one */
  async rollBack(one) {
    if (!confirm(this.texts.sure_roll_back)) return;
    await this.doing(async () => {
      try {
        await this.work.api.post(`/versions/${encodeURIComponent(one.version)}/live`, { live: this.versions.live, note: "" });
        this.tell(this.texts.rolled_back);
      } catch (error) {
        if (!(error instanceof Refused) || error.code !== "overtaken") throw error;
        this.problem = error.told.by ? fill(this.texts.moved_by, { name: error.told.by.name }) : this.texts.moved;
      }
    });
    await this.doingQuietly();
  }

  async doingQuietly() {
    const problem = this.problem;
    await this.doing(async () => { this.versions = await this.work.api.get("/versions"); await this.work.load(); });
    this.problem ||= problem;
    this.requestUpdate();
  }

  /** @param {string} what @param {HTMLInputElement} input */
  async takeIn(what, input) {
    const file = input.files?.[0];
    input.value = "";
    if (!file) return;
    await this.doing(() => this.work.alone(async () => {
      await this.work.api.post("/drafts/import", { revision: this.work.draft.revision, what, yaml: await file.text() });
      await this.work.load();
      this.tell(this.texts.imported);
    }));
  }

  /** @param {Event} event */
  async showYaml(event) {
    if (!(/** @type {HTMLDetailsElement} */ (event.target).open)) return;
    await this.doing(async () => { await this.work.settle(); this.yaml = await this.work.api.text(`/drafts/${this.work.kind}/${this.work.id}/yaml`); });
  }

  render() {
    const { texts, work, lang } = this;
    if (!texts.title) return nothing;
    return html`<div class="root"><header class="top"><h1>${texts.title}</h1>${navigation(this.deskTexts, "authoring", this.person?.roles ?? [])}
      ${this.tenants.includes(" ") ? html`<nav aria-label=${texts.companies}>${this.tenants.split(" ").map((one) => html`<a href="?tenant=${one}" aria-current=${one === this.tenant ? "page" : nothing}>${one}</a>`)}</nav>` : nothing}
      ${languageButton(lang, (language) => { rememberLanguage(language); this.speak(language); })}</header>
      <div role="status" class="hidden">${this.said}</div>
      <div>${this.problem ? html`<p class="banner" role="alert">${this.problem}</p>` : nothing}${this.phrase ? html`<p class="banner" data-phrase>${fill(texts.suggested_phrase, { phrase: this.phrase })}</p>` : nothing}</div>
      ${work.draft ? html`<main><div class="list">${itemList(this)}</div><div class="editor">${this.editor()}</div><div class="side">${work.kind === "cards" && work.item ? previewPart(this) : nothing}${publishPart(this)}${historyPart(this)}</div></main>` : html`<main><p class="muted">${this.problem ? "" : texts.loading}</p></main>`}</div>`;
  }

  editor() {
    const { texts, work } = this;
    if (!work.item) return html`<p class="muted">${texts.choose}</p>`;
    const state = work.find(work.kind, work.id)?.state ?? "live";
    const wrong = work.mistakes().length;
    const here = work.item?.[this.lang]?.title ?? (this.lang === "en" ? work.item.name : work.item.translation?.[this.lang]?.name ?? work.item.name) ?? work.id;
    return html`<div class="editor-head"><h2 id="editor-title" tabindex="-1">${here}</h2><span class="mark">${texts[`state_${state}`]}</span><span class="small muted">${work.id}</span>
        ${state === "live" ? nothing : html`<button type="button" class="act small-act" @click=${() => this.doing(() => work.restore(work.kind, work.id))}>${texts.restore}</button>`}
        ${state === "gone" ? nothing : html`<button type="button" class="act small-act stop" @click=${() => this.doing(() => work.remove(work.kind, work.id))}>${texts.delete}</button>`}</div>
      <p role="status" class="small saved">${work.state ? texts[`save_${work.state}`] : ""}${work.problem ? ` ${work.problem}` : ""}${wrong ? ` ${fill(texts.mistakes_here, { count: wrong })}` : ""}</p>
      ${work.state === "moved" ? html`<button type="button" class="act" @click=${() => this.doing(() => work.load())}>${texts.reload}</button>` : nothing}
      ${wrong ? html`<ul class="plain mistake">${work.mistakes().map((one) => html`<li>${one.problem[this.lang]} ${one.mend[this.lang]}</li>`)}</ul>` : nothing}
      ${state === "gone" ? html`<p>${texts.is_gone}</p>` : work.kind === "cards" ? cardForm(this) : scriptForm(this)}
      <details class="card" @toggle=${(/** @type {Event} */ event) => this.showYaml(event)}><summary>${texts.yaml}</summary><pre tabindex="0" aria-label=${texts.yaml}>${this.yaml}</pre></details>`;
  }
}

function fresh() {
  return { state: "", of: 0, done: 0, places: /** @type {any[]} */ ([]), score: /** @type {any} */ (null), problem: "" };
}

if (!customElements.get("voicebot-authoring")) customElements.define("voicebot-authoring", VoicebotAuthoring);
