/** What the customer has still to be asked for: slots that the script or a card wants and nobody knows yet. */

import { html, nothing } from "../vendor/lit.js";
import { knownOf } from "./assist_screen.js";
import { inLanguage, placeholders } from "./assist_text.js";
import { fill } from "./texts.js";

/** @typedef {import("./desk.js").VoicebotDesk} Desk */
/** @typedef {import("./store.js").Contact} Contact */
/** @typedef {import("./assist.js").Cue} Cue */

/** Slots the running script wants: what it requires in the end, and what the present step's words need. @param {Desk} desk @param {Contact} contact @returns {string[]} */
export function scriptLacks(desk, contact) {
  const running = desk.assist.running(contact);
  if (!running || running.progress.ended) return [];
  const { progress, parts, steps } = running;
  const present = steps.find((step) => step.key === progress.at);
  const wanted = [...parts.flatMap((part) => part.required ?? []), ...placeholders(inLanguage(present?.text, contact.language)?.say)];
  const asked = new Set(steps.filter((step) => progress.marks.get(step.key)?.change === "done").flatMap((step) => step.settles ?? []));
  return lacking(desk, contact, wanted).filter((slot) => !asked.has(slot));
}

/** Slots for which a card leaves out sentences. @param {Desk} desk @param {Contact} contact @param {Cue} cue @returns {string[]} */
export function cardLacks(desk, contact, cue) {
  const talk = inLanguage(cue.content?.text, contact.language)?.talk;
  return lacking(desk, contact, placeholders(talk).filter((name) => cue.values[name] === undefined));
}

/** Those that can be asked for and have no value. @param {Desk} desk @param {Contact} contact @param {string[]} wanted */
function lacking({ assist }, contact, wanted) {
  const known = knownOf(assist.log(contact));
  const names = assist.slotNames(contact);
  return [...new Set(wanted)].filter((slot) => names[slot] && !known.has(slot));
}

/** One quiet line: it is read where it stands and never told by itself. @param {Desk} desk @param {Contact} contact @param {string[]} slots @param {string} text */
export function lacksView({ texts, assist, lang }, contact, slots, text = "still_to_ask") {
  if (!slots.length) return nothing;
  const names = slots.map((slot) => inLanguage(assist.slotNames(contact)[slot], lang) ?? slot.replaceAll("_", " "));
  return html`<p class="small lacks">${fill(texts[text], { names: names.join(texts.comma) })}</p>`;
}
