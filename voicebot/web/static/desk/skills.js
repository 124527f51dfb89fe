/** What an agent can do, changed at once. */

import { html, nothing } from "../vendor/lit.js";
import { icon } from "./icons.js";
import { action } from "./parts.js";

/** @typedef {import("./floor.js").VoicebotFloor} Floor */

/** @param {Floor} page */
export function skillsDialog(page) {
  const { texts, editing } = page;
  return html`<dialog aria-labelledby="dialog-title" @close=${() => page.dialogClosed()}>${editing ? html`
    <div class="dialog-head"><h2 id="dialog-title">${texts.dialog_skills}: ${editing.name}</h2><button type="button" class="mini" aria-label=${texts.dialog_close} @click=${() => page.closeDialog()}>${icon("close")}</button></div>
    <div class="dialog-body"><p class="muted">${texts.skills_hint}</p>
      <form class="stack" @submit=${(/** @type {SubmitEvent} */ event) => save(page, event)}>
        <div class="skill-grid">${Object.entries(editing.skills).map(([skill, level]) => html`<label class="field"><span>${skill}</span><input type="number" name="skill:${skill}" min="0" max="5" required .value=${String(level)}></label>`)}
          <label class="field"><span>${texts.skill_new}</span><input name="new" list="known-skills" maxlength="60" autocomplete="off"></label></div>
        <datalist id="known-skills">${known(page).map((skill) => html`<option value=${skill}></option>`)}</datalist>
        <div class="skill-grid"><label class="field"><span>${texts.capacity_voice}</span><input type="number" name="voice" min="0" max="20" required .value=${String(editing.capacity.voice ?? 0)}></label>
          <label class="field"><span>${texts.capacity_chat}</span><input type="number" name="chat" min="0" max="20" required .value=${String(editing.capacity.chat ?? 0)}></label></div>
        <div class="row">${action(texts.save, () => undefined, { kind: "primary", type: "submit" })}${action(texts.cancel, () => page.closeDialog())}</div>
      </form></div>` : nothing}</dialog>`;
}

/** Skills of colleagues that this one lacks. @param {Floor} page */
function known(page) {
  const all = new Set(page.work.floor?.agents.flatMap((/** @type {any} */ one) => Object.keys(one.skills)) ?? []);
  return [...all].filter((skill) => !(skill in page.editing.skills)).sort();
}

/** @param {Floor} page @param {SubmitEvent} event */
async function save(page, event) {
  event.preventDefault();
  const given = new FormData(/** @type {HTMLFormElement} */ (event.target));
  /** @type {Record<string, number>} */
  const skills = {};
  for (const [name, value] of given) if (name.startsWith("skill:") && Number(value) > 0) skills[name.slice(6)] = Number(value);
  const added = String(given.get("new") ?? "").trim();
  if (added) skills[added] ??= 1;
  const capacity = { voice: Number(given.get("voice")), chat: Number(given.get("chat")) };
  if (await page.work.changeAgent(page.editing.id, { skills, capacity })) page.closeDialog();
}
