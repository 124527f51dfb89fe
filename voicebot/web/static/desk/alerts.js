/** Alerts of a contact: an icon and a word each, never colour alone. */

import { html, nothing } from "../vendor/lit.js";
import { icon } from "./icons.js";

/** Which alerts are shown how, gravest first. */
const LOOK = [
  ["emergency", "grave", "danger"],
  ["vulnerable", "grave", "heart"],
  ["fraud_suspected", "grave", "shield"],
  ["angry", "warn", "bolt"],
  ["repeat_contact", "warn", "again"],
  ["bereavement", "warn", "heart"],
  ["language_mismatch", "warn", "globe"],
  ["hard_of_hearing", "calm", "ear"],
  ["slow_speaker", "calm", "slow"],
  ["no_recording", "calm", "norec"],
  ["vip", "calm", "star"],
];

/** @param {string[] | undefined} alerts @returns {string[][]} */
export function ordered(alerts) {
  const given = alerts ?? [];
  const known = LOOK.filter(([name]) => given.includes(name));
  const others = given.filter((name) => !LOOK.some(([one]) => one === name)).map((name) => [name, "warn", "danger"]);
  return [...known, ...others];
}

/** @param {string} name @param {Record<string, string>} texts */
export function alertWord(name, texts) {
  return texts[`alert_${name}`] ?? name;
}

/** @param {string[] | undefined} alerts @param {Record<string, string>} texts */
export function alertsView(alerts, texts) {
  const shown = ordered(alerts);
  if (!shown.length) return nothing;
  return html`<ul class="alerts" aria-label=${texts.alerts}>
    ${shown.map(([name, grade, picture]) => html`<li class="alert ${grade}">${icon(picture)}${alertWord(name, texts)}</li>`)}
  </ul>`;
}
