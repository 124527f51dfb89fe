/** Parts of the forms. Each names its field, shows its mistakes, and reports a new value by path. */

import { html, nothing } from "../vendor/lit.js";
import { fill } from "./texts.js";
import { at } from "./paths.js";

/** @typedef {import("./authoring.js").VoicebotAuthoring} Page */
/** @typedef {(string | number)[]} Path */

/** Mistakes at a place, or inside it. @param {Page} page @param {Path} path */
function wrong(page, path) {
  const name = path.join(".");
  return page.work.mistakes().filter((one) => one.path === name || one.path.startsWith(`${name}.`));
}

/** @param {Page} page @param {Path} path */
const idOf = (path) => `f-${path.join("-")}`;

/** @param {Page} page @param {Path} path */
export function mistakes(page, path) {
  const found = wrong(page, path);
  return found.length ? html`<span class="mistake" id="${idOf(path)}-wrong">${found.map((one) => html`<span>${one.problem[page.lang] ?? one.problem.en} ${one.mend[page.lang] ?? one.mend.en}</span>`)}</span>` : nothing;
}

/** @param {Page} page @param {Path} path */
function described(page, path) {
  return wrong(page, path).length ? `${idOf(path)}-wrong` : nothing;
}

/** @param {Page} page @param {Path} path @param {string} label @param {{rows?: number, lang?: string}} [look] */
export function text(page, path, label, look = {}) {
  const value = at(page.work.item, path) ?? "";
  const report = (/** @type {Event} */ event) => page.work.edit(path, /** @type {HTMLInputElement} */ (event.target).value);
  const invalid = wrong(page, path).length ? "true" : nothing;
  return html`<div class="field"><label for=${idOf(path)}>${label}</label>${look.rows
    ? html`<textarea id=${idOf(path)} rows=${look.rows} lang=${look.lang ?? nothing} .value=${value} aria-invalid=${invalid} aria-describedby=${described(page, path)} @input=${report}></textarea>`
    : html`<input id=${idOf(path)} lang=${look.lang ?? nothing} .value=${value} aria-invalid=${invalid} aria-describedby=${described(page, path)} @input=${report}>`}${mistakes(page, path)}</div>`;
}

/** @param {Page} page @param {Path} path @param {string} label @param {string} [step] */
export function number(page, path, label, step = "1") {
  const value = at(page.work.item, path);
  const report = (/** @type {Event} */ event) => {
    const given = /** @type {HTMLInputElement} */ (event.target).value;
    page.work.edit(path, given === "" ? undefined : Number(given));
  };
  return html`<div class="field"><label for=${idOf(path)}>${label}</label><input id=${idOf(path)} type="number" step=${step} .value=${value ?? ""} aria-invalid=${wrong(page, path).length ? "true" : nothing} aria-describedby=${described(page, path)} @input=${report}>${mistakes(page, path)}</div>`;
}

/** @param {Page} page @param {Path} path @param {string} label @param {[string, string][]} options @param {(value: string) => void} [report] @param {string} [chosen] */
export function choice(page, path, label, options, report, chosen) {
  const value = chosen ?? at(page.work.item, path) ?? "";
  const told = (/** @type {Event} */ event) => (report ?? ((given) => page.work.edit(path, given)))(/** @type {HTMLSelectElement} */ (event.target).value);
  return html`<div class="field"><label for=${idOf(path)}>${label}</label><select id=${idOf(path)} aria-describedby=${described(page, path)} @change=${told}>${options.map(([name, shown]) => html`<option value=${name} ?selected=${name === value}>${shown}</option>`)}</select>${mistakes(page, path)}</div>`;
}

/** @param {Page} page @param {Path} path @param {string} label @param {boolean} [disabled] */
export function check(page, path, label, disabled = false) {
  const report = (/** @type {Event} */ event) => page.work.edit(path, /** @type {HTMLInputElement} */ (event.target).checked);
  return html`<div><label class="check"><input type="checkbox" .checked=${Boolean(at(page.work.item, path))} ?disabled=${disabled} aria-describedby=${described(page, path)} @change=${report}>${label}</label>${mistakes(page, path)}</div>`;
}

/**
 * A list of words, each of which can be taken away; Enter adds, several lines at once may be pasted.
 * @param {Page} page @param {Path} path @param {string} label
 * @param {{lang?: string, known?: string[], value?: string[], report?: (list: string[]) => void}} [look]
 */
export function chips(page, path, label, look = {}) {
  const { texts } = page;
  const given = look.value ?? at(page.work.item, path) ?? [];
  /** @type {string[]} */
  const list = Array.isArray(given) ? given.map(String) : [String(given)];
  const report = look.report ?? ((/** @type {string[]} */ fresh) => page.work.edit(path, fresh));
  const add = (/** @type {HTMLInputElement} */ input, /** @type {string} */ words) => {
    const fresh = words.split("\n").map((one) => one.trim()).filter((one) => one && !list.includes(one));
    input.value = "";
    if (!fresh.length) return;
    report([...list, ...fresh]);
    page.tell(fill(texts.added, { word: fresh.join(", ") }));
  };
  const remove = (/** @type {Event} */ event, /** @type {string} */ word) => {
    const box = /** @type {HTMLElement} */ (event.target).closest(".chips");
    report(list.filter((one) => one !== word));
    page.tell(fill(texts.removed, { word }));
    /** @type {HTMLElement | null | undefined} */ (box?.querySelector("input"))?.focus();
  };
  return html`<div class="field chips" role="group" aria-labelledby="${idOf(path)}-label"><label id="${idOf(path)}-label" for=${idOf(path)}>${label}</label>
    ${list.length ? html`<ul class="plain chip-list">${list.map((word) => html`<li class="chip"><span lang=${look.lang ?? nothing}>${word}</span><button type="button" class="mini-act" aria-label=${fill(texts.remove_word, { word })} @click=${(/** @type {Event} */ event) => remove(event, word)}>×</button></li>`)}</ul>` : nothing}
    <input id=${idOf(path)} lang=${look.lang ?? nothing} list=${look.known ? `${idOf(path)}-known` : nothing} placeholder=${texts.add_hint} aria-describedby=${described(page, path)}
      @keydown=${(/** @type {KeyboardEvent} */ event) => { if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); add(/** @type {HTMLInputElement} */ (event.target), /** @type {HTMLInputElement} */ (event.target).value); } }}
      @paste=${(/** @type {ClipboardEvent} */ event) => { const words = event.clipboardData?.getData("text") ?? ""; if (words.includes("\n")) { event.preventDefault(); add(/** @type {HTMLInputElement} */ (event.target), words); } }}
      @change=${(/** @type {Event} */ event) => add(/** @type {HTMLInputElement} */ (event.target), /** @type {HTMLInputElement} */ (event.target).value)}>
    ${look.known ? html`<datalist id="${idOf(path)}-known">${look.known.map((one) => html`<option value=${one}></option>`)}</datalist>` : nothing}
    ${mistakes(page, path)}</div>`;
}

/** The same field for each language, side by side. @param {Page} page @param {(language: string, name: string) => unknown} field */
export function sideBySide(page, field) {
  return html`<div class="beside">${page.work.languages.map((language) => field(language, page.texts[`in_${language}`] ?? language))}</div>`;
}
