/** Shares and differences as bars: the bar is the interval, the mark is what was seen. The numbers stand beside it. */

import { html, svg } from "../vendor/lit.js";
import { percent } from "../desk/format.js";
import { fill } from "./texts.js";

/** @typedef {{hits: number, of: number, rate: number | null, low: number, high: number}} Share */

/** @param {number} low 0..1 of the bar's width @param {number} high @param {number} spot @param {number | null} axis @param {string} kind */
function bar(low, high, spot, axis, kind) {
  const at = (/** @type {number} */ value) => Math.max(0, Math.min(100, value * 100));
  return html`<svg class="bar ${kind}" viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true" focusable="false">
    ${svg`<line class="axis" x1="0" x2="100" y1="8" y2="8"></line>`}
    ${axis === null ? "" : svg`<line class="axis" x1=${at(axis)} x2=${at(axis)} y1="0" y2="16"></line>`}
    ${svg`<rect class="span" x=${at(low)} y="5" width=${Math.max(0.6, at(high) - at(low))} height="6"></rect><rect class="spot" x=${at(spot) - 0.6} y="1" width="1.2" height="14"></rect>`}
  </svg>`;
}

/** A share in words: 62 % (55–69 %, 140 talks). @param {Share | null} share @param {Record<string, string>} texts @param {string} lang */
export function shareWords(share, texts, lang) {
  if (!share || share.rate === null) return texts.no_talks;
  return fill(texts.share, { rate: percent(share.rate, lang), low: percent(share.low, lang), high: percent(share.high, lang), of: share.of });
}

/** @param {Share | null} share @param {Record<string, string>} texts @param {string} lang */
export function shareView(share, texts, lang) {
  if (!share || share.rate === null) return html`<span class="muted small">${texts.no_talks}</span>`;
  return html`<div class="share-line"><span><strong>${percent(share.rate, lang)}</strong> <span class="small muted">${fill(texts.of_talks, { of: share.of })}</span></span>
    ${bar(share.low, share.high, share.rate, null, "")}<span class="small muted">${fill(texts.between, { low: percent(share.low, lang), high: percent(share.high, lang) })}</span></div>`;
}

/** @param {any} found @param {Record<string, string>} texts @param {string} lang @param {boolean} lessIsBetter */
export function differenceView(found, texts, lang, lessIsBetter) {
  if (found.by === null) return html`<span class="muted small">${texts.nothing_to_compare}</span>`;
  const kind = found.verdict !== "found" ? "" : found.by > 0 === lessIsBetter ? "bad" : "good";
  return html`<div class="share-line"><span class=${kind}>${fill(texts.points, { points: points(found.by, lang) })}</span>
    ${bar(found.low + 0.5, found.high + 0.5, found.by + 0.5, 0.5, kind)}<span class="small muted">${fill(texts.between, { low: points(found.low, lang), high: points(found.high, lang) })}</span></div>`;
}

/** @param {number} value @param {string} lang */
export function points(value, lang) {
  return new Intl.NumberFormat(lang, { maximumFractionDigits: 0, signDisplay: "exceptZero" }).format(value * 100);
}
