/** The line on top, and what is wrong with the connection. */

import { html, nothing } from "../vendor/lit.js";
import { action } from "./parts.js";
import { fill, LANGUAGES } from "./texts.js";

/** @typedef {import("./desk.js").VoicebotDesk} Desk */

/** Who runs the floor. */
export const LEADING = ["leader", "manager", "admin"];
/** Who reads figures of the whole company. */
export const READERS = ["leader", "manager", "trainer", "admin", "auditor"];
/** Who changes cards and scripts. */
export const EDITORS = ["leader", "manager", "trainer", "admin"];
/** @type {[string, string, string[]][]} */
const PAGES = [
  ["desk", "/desk", LEADING],
  ["floor", "/desk/floor", LEADING],
  ["staffing", "/desk/staffing", LEADING],
  ["analysis", "/assist/analysis", READERS],
  ["authoring", "/assist/edit", EDITORS],
];
const NAMES = { ja: "日本語", en: "English" };

/** The pages that are somebody's besides the desk. @param {Record<string, string>} texts of the desk @param {string} here @param {string[]} roles */
export function navigation(texts, here, roles) {
  const pages = PAGES.filter(([, , whose]) => roles.some((role) => whose.includes(role)));
  if (!pages.length) return nothing;
  return html`<nav aria-label=${texts.pages}>${pages.map(([name, address]) => html`<a href=${address} aria-current=${name === here ? "page" : nothing}>${texts[`page_${name}`]}</a>`)}</nav>`;
}

/** The other language, in that language. @param {string} lang @param {(language: string) => void} change */
export function languageButton(lang, change) {
  const other = LANGUAGES.find((one) => one !== lang) ?? "en";
  return html`<button type="button" class="act small-act" lang=${other} @click=${() => change(other)}>${NAMES[/** @type {"ja" | "en"} */ (other)]}</button>`;
}

/** @param {Desk} desk */
export function topView(desk) {
  const { texts, work, lang } = desk;
  return html`<header class="top">
    <h1>${texts.title}</h1>
    ${navigation(texts, "desk", work.store.person?.roles ?? [])}
    <span class="small who">${work.store.person?.name ?? ""}</span>
    <div class="row">
      ${action(texts.headset, () => desk.openDialog("headset"), { picture: "headset", kind: "small-act" })}
      ${action(texts.help, () => desk.openDialog("help"), { picture: "help", kind: "small-act", key: "help" })}
      ${languageButton(lang, (language) => desk.changeLanguage(language))}
      ${action(texts.sign_out, () => work.signOut(), { kind: "small-act" })}
    </div>
  </header>`;
}

/** @param {Desk} desk */
export function bannerView(desk) {
  const { texts, work } = desk;
  const { state } = work;
  if (state === "open" || (state === "connecting" && !work.store.ready)) return html`<div role="status"></div>`;
  const left = Math.max(0, Math.ceil((work.connection.retryAt - Date.now()) / 1000));
  const kept = work.drafts.kept.outbox.length;
  return html`<div class="banner" role="status">
    <span>${texts[`line_${state}`]}</span>
    ${state === "waiting" && left ? html`<span aria-hidden="true">${fill(texts.line_retry, { count: left })}</span>` : nothing}
    ${kept ? html`<span>${fill(texts.line_kept, { count: kept })}</span>` : nothing}
    ${state === "waiting" || state === "offline" ? action(texts.line_now, () => work.connection.retryNow(), { kind: "small-act", picture: "again" }) : nothing}
    ${state === "replaced" ? action(texts.line_reclaim, () => work.connection.reclaim(), { kind: "small-act" }) : nothing}
    ${state === "signed-out" ? html`<a class="act small-act" href="/login">${texts.line_sign_in}</a>` : nothing}
  </div>`;
}
