/** Small parts that several views use. */

import { html, nothing } from "../vendor/lit.js";
import { alertsView } from "./alerts.js";
import { duration } from "./format.js";
import { icon } from "./icons.js";
import { ariaKey, keyName } from "./keys.js";

/** @typedef {import("./texts.js").Texts} Texts */

/**
 * A button with a picture, words, and its shortcut.
 * @param {string} label
 * @param {() => void} run
 * @param {{picture?: string, key?: string, kind?: string, disabled?: boolean, pressed?: boolean, type?: string, id?: string}} [look]
 */
export function action(label, run, look = {}) {
  const key = look.key ? keyName(look.key) : "";
  return html`<button type=${look.type ?? "button"} id=${look.id ?? nothing} class="act ${look.kind ?? ""}" ?disabled=${look.disabled}
    aria-pressed=${look.pressed === undefined ? nothing : String(look.pressed)}
    aria-keyshortcuts=${key && look.key ? ariaKey(look.key) : nothing} title=${key ? `${label} (${key})` : nothing} @click=${run}>
    ${look.picture ? icon(look.picture) : nothing}<span>${label}</span></button>`;
}

/** What a person must know in three seconds, in this order. @param {any} headline @param {string} language of the customer @param {Texts} texts */
export function headlineView(headline, language, texts) {
  if (!headline) return html`<p class="muted">${texts.headline_unknown}</p>`;
  return html`${alertsView(headline.alerts, texts)}
    <p class="who-line">${headline.who || texts.unknown}</p>
    <dl class="facts">
      <dt>${texts.why}</dt><dd>${headline.why || texts.unknown}</dd>
      <dt>${texts.tried}</dt><dd>${headline.tried || texts.tried_nothing}</dd>
      <dt>${texts.wants}</dt><dd>${headline.ask || texts.unknown}</dd>
    </dl>
    ${headline.opening_line
      ? html`<div class="opening"><span class="opening-label">${texts.opening_line}</span><p lang=${language}>${headline.opening_line}</p></div>`
      : nothing}`;
}

/** A running time; not read out by itself. @param {string} label @param {number} seconds @param {string} [kind] */
export function timer(label, seconds, kind = "") {
  return html`<span class="timer ${kind}" role="timer" aria-label="${label} ${duration(seconds)}"><span aria-hidden="true">${duration(seconds)}</span></span>`;
}

/** @param {string} medium @param {boolean} callback @param {Texts} texts */
export function mediumView(medium, callback, texts) {
  const name = callback ? "callback" : medium;
  return html`<span class="medium">${icon(medium === "voice" ? "phone" : "chat", 16)}${texts[`medium_${name}`]}</span>`;
}

/** @param {string} text @returns {Promise<boolean>} */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
