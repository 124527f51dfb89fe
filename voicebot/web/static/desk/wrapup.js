/** Finishing a contact: a disposition, proposed by the facts and named by the agent, and a last note. */

import { html, nothing } from "../vendor/lit.js";
import { wrapUpLeft } from "./left.js";
import { action } from "./parts.js";
import { fill } from "./texts.js";

/** @typedef {import("./desk.js").VoicebotDesk} Desk */
/** @typedef {import("./store.js").Contact} Contact */

/** @param {Desk} desk @param {Contact} contact */
export function wrapUpView(desk, contact) {
  const { texts, work } = desk;
  const found = work.facts.suggestions.get(contact.id);
  const suggestion = desk.assist.likely(contact) ?? found;
  const choice = desk.wrapUps.get(contact.id) ?? {};
  const code = choice.code ?? suggestion?.code ?? "";
  const chosen = work.store.dispositions.find((one) => one.code === code);
  const label = chosen?.label ?? "";
  const meant = chosen?.resolved ?? (found?.code === code ? found.resolved : null) ?? null;
  const resolved = choice.resolved ?? (meant === null ? "unknown" : meant ? "yes" : "no");
  /** @param {object} change */
  const set = (change) => {
    desk.wrapUps.set(contact.id, { ...choice, ...change });
    desk.requestUpdate();
  };
  return html`<form class="wrapup" aria-labelledby="wrapup-title" @submit=${(/** @type {SubmitEvent} */ event) => close(desk, contact, event, code, resolved)}>
    <h3 id="wrapup-title">${wrapUpLeft(desk, contact)}</h3>
    <label class="field"><span>${texts.disposition} <em>${texts.required}</em></span>
      <select id="disposition" name="code" required @change=${(/** @type {Event} */ event) => set({ code: /** @type {HTMLSelectElement} */ (event.target).value })}>
        <option value="" ?selected=${!code}>${texts.disposition_choose}</option>
        ${work.store.dispositions.map((one) => html`<option value=${one.code} ?selected=${one.code === code}>${one.label}</option>`)}
      </select></label>
    ${suggestion?.code ? html`<p class="small muted">${fill(texts.disposition_suggested, { label: suggestion.label || suggestion.code })}</p>` : nothing}
    <fieldset class="inline"><legend>${texts.resolved}</legend>
      ${["yes", "no", "unknown"].map((one) => html`<label class="check"><input type="radio" name="resolved" value=${one} .checked=${one === resolved} @change=${() => set({ resolved: one })}><span>${texts[`resolved_${one}`]}</span></label>`)}
    </fieldset>
    <label class="field"><span>${texts.wrapup_note}</span><textarea id="wrapup-note" name="note" rows="2" maxlength="4000" @input=${(/** @type {InputEvent} */ event) => work.drafts.write(`wrapup:${contact.id}`, /** @type {HTMLTextAreaElement} */ (event.target).value)}></textarea></label>
    <div class="row">
      ${action(label ? fill(texts.close_as, { label }) : texts.close, () => undefined, { kind: "primary", type: "submit", picture: "check" })}
      ${action(texts.add_task, () => desk.openDialog("task"), { picture: "task" })}
    </div>
  </form>`;
}

/** @param {Desk} desk @param {Contact} contact @param {SubmitEvent} event @param {string} code @param {string} resolved */
async function close(desk, contact, event, code, resolved) {
  event.preventDefault();
  if (!code) return desk.work.tell("disposition_required");
  const note = String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("note") ?? "").trim();
  const answer = resolved === "yes" ? true : resolved === "no" ? false : null;
  const done = await desk.work.command("close", { code, resolved: answer, note }, contact.id);
  if (!done) return;
  desk.wrapUps.delete(contact.id);
  desk.work.store.contactNews({ ...contact, state: "closed", version: contact.version + 1 }, false);
  desk.work.tell("closed_now");
  desk.focusAfterClose();
}
