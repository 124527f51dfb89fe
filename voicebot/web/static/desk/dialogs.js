/** Everything that opens over the console: breaks, transfer and consult, tasks, headset, help. */

import { html, nothing } from "../vendor/lit.js";
import { missingView } from "./assist_script.js";
import { MODIFIER_NAMES, SHORTCUTS, keyName, modifier, setModifier } from "./keys.js";
import { action } from "./parts.js";
import { icon } from "./icons.js";
import { taskForm } from "./tasks.js";
import { fill } from "./texts.js";

/** @typedef {import("./desk.js").VoicebotDesk} Desk */

/** @param {Desk} desk */
export function dialogView(desk) {
  const { texts, dialog } = desk;
  return html`<dialog aria-labelledby="dialog-title" @close=${() => desk.dialogClosed()} @cancel=${() => undefined}>
    ${dialog ? html`<div class="dialog-head"><h2 id="dialog-title">${texts[`dialog_${dialog}`]}</h2>
      <button type="button" class="mini" aria-label=${texts.dialog_close} @click=${() => desk.closeDialog()}>${icon("close")}</button></div>
    <div class="dialog-body">${body(desk, dialog)}</div>` : nothing}
  </dialog>`;
}

/** @param {Desk} desk @param {string} dialog */
function body(desk, dialog) {
  switch (dialog) {
    case "break": return breaks(desk);
    case "transfer":
    case "consult": return target(desk, dialog);
    case "task": return taskForm(desk);
    case "missing": return missingView(desk);
    case "headset": return headset(desk);
    default: return help(desk);
  }
}

/** @param {Desk} desk */
function breaks(desk) {
  const { texts, work } = desk;
  const reasons = work.store.breaks.length ? work.store.breaks : [{ code: "", label: texts.break_plain }];
  return html`<p class="muted">${texts.break_hint}</p><div class="stack">${reasons.map((one, place) => html`<button type="button" class="act" ?autofocus=${place === 0} @click=${() => { work.presence("break", one.code); desk.closeDialog(); }}>${one.label}</button>`)}</div>`;
}

/** Who it shall go to: a colleague, a queue, or a number. @param {Desk} desk @param {"transfer" | "consult"} dialog */
function target(desk, dialog) {
  const { texts, work } = desk;
  const contact = work.contact;
  if (!contact) return html`<p>${texts.empty}</p>`;
  const medium = contact.medium;
  const team = [...work.store.team.values()]
    .filter((one) => one.id !== work.store.me?.id && one.presence !== "offline" && (one.capacity?.[medium] ?? 0) > 0)
    .sort((a, b) => Number(b.presence === "available" && !b.busy) - Number(a.presence === "available" && !a.busy) || a.name.localeCompare(b.name));
  return html`<form class="stack" @submit=${(/** @type {SubmitEvent} */ event) => send(desk, dialog, event)}>
    <fieldset class="stack"><legend>${texts.colleague}</legend>
      ${team.length ? team.map((one) => html`<label class="check"><input type="radio" name="to" value="agent:${one.id}"><span>${one.name} <span class="muted small">${one.presence === "available" && one.busy ? texts.presence_busy : texts[`presence_${one.presence}`]}${skillsOf(one)}</span></span></label>`) : html`<p class="muted">${texts.nobody_there}</p>`}
    </fieldset>
    ${dialog === "transfer" ? html`<fieldset class="stack"><legend>${texts.queue}</legend>
      ${work.store.queues.map((one) => html`<label class="check"><input type="radio" name="to" value="queue:${one.id}"><span>${one.label || one.id} <span class="muted small">${fill(texts.queue_waiting, { count: one.waiting })}${one.wait ? `, ${fill(texts.wait_range, { low: one.wait.low_min, high: one.wait.high_min })}` : ""}</span></span></label>`)}
    </fieldset>` : nothing}
    ${medium === "voice" ? html`<fieldset class="stack"><legend>${texts.number}</legend>
      <label class="check"><input type="radio" name="to" value="sip"><span>${texts.number_other}</span></label>
      <label class="field"><span>${texts.number_address}</span><input name="sip" type="text" inputmode="url" autocomplete="off" spellcheck="false" placeholder="sip:8021@pbx.example" pattern="sips?:[^\\s<>&quot;]+"></label></fieldset>` : nothing}
    <label class="field"><span>${texts.note_for_colleague}</span><textarea name="note" rows="2" maxlength="4000"></textarea></label>
    <div class="row">${action(dialog === "transfer" ? texts.transfer_now : texts.consult_now, () => undefined, { kind: "primary", type: "submit" })}${action(texts.cancel, () => desk.closeDialog())}</div>
    <p class="small muted">${dialog === "transfer" ? texts.transfer_hint : medium === "voice" ? texts.consult_hint : texts.consult_chat_hint}</p>
  </form>`;
}

/** @param {any} agent */
function skillsOf(agent) {
  const skills = Object.entries(agent.skills ?? {}).filter(([name]) => !name.startsWith("lang:")).sort((a, b) => Number(b[1]) - Number(a[1])).slice(0, 3);
  return skills.length ? ` · ${skills.map(([name, level]) => `${name} ${level}`).join(", ")}` : "";
}

/** @param {Desk} desk @param {"transfer" | "consult"} dialog @param {SubmitEvent} event */
async function send(desk, dialog, event) {
  event.preventDefault();
  const given = new FormData(/** @type {HTMLFormElement} */ (event.target));
  const to = String(given.get("to") ?? "");
  const sip = String(given.get("sip") ?? "").trim();
  const note = String(given.get("note") ?? "").trim();
  const { work, texts } = desk;
  if (!to || (to === "sip" && !sip)) return work.tell("choose_target");
  const [kind, id] = to === "sip" ? ["sip", sip] : [to.slice(0, to.indexOf(":")), to.slice(to.indexOf(":") + 1)];
  const target = { [kind]: id, note };
  desk.closeDialog();
  if (dialog === "consult") await work.consult(/** @type {any} */ (target), kind === "agent" ? work.store.team.get(id)?.name ?? id : texts.number_other);
  else if (await work.command("transfer", target)) work.tell("transferred_now");
}

/** @param {Desk} desk */
function headset(desk) {
  const { texts, work, microphones, speakers, micLevel, micProblem } = desk;
  return html`<p class="muted">${texts.headset_hint}</p>
    ${micProblem ? html`<p class="problem" role="alert">${texts[`phone_${micProblem}`]}</p>` : nothing}
    <label class="field"><span>${texts.microphone}</span><select id="microphone" @change=${(/** @type {Event} */ event) => desk.chooseDevice(/** @type {HTMLSelectElement} */ (event.target).value, work.headset.speaker)}>
      <option value="">${texts.device_default}</option>${microphones.map((one) => html`<option value=${one.deviceId} ?selected=${one.deviceId === work.headset.microphone}>${one.label || texts.device_unnamed}</option>`)}</select></label>
    <div class="field"><span id="level-label">${texts.level}</span><meter aria-labelledby="level-label" min="0" max="1" low="0.02" optimum="0.4" value=${micLevel}>${Math.round(micLevel * 100)}</meter>
      <span class="small" role="status">${micProblem ? texts.level_none : micLevel > 0.02 || desk.micHeard ? texts.level_good : texts.level_speak}</span></div>
    ${speakers.length ? html`<label class="field"><span>${texts.speaker}</span><select id="speaker" @change=${(/** @type {Event} */ event) => desk.chooseDevice(work.headset.microphone, /** @type {HTMLSelectElement} */ (event.target).value)}>
      <option value="">${texts.device_default}</option>${speakers.map((one) => html`<option value=${one.deviceId} ?selected=${one.deviceId === work.headset.speaker}>${one.label || texts.device_unnamed}</option>`)}</select></label>` : nothing}
    <div class="row">${action(texts.ring_test, () => { work.ring.allow(); work.ring.sound("voice"); }, { picture: "headset" })}
      ${desk.announcer.canNotify ? action(texts.notify_allow, () => desk.announcer.allowNotifications(), { picture: "help" }) : nothing}
      ${action(texts.ready, () => desk.closeDialog(), { kind: "primary", picture: "check" })}</div>`;
}

/** @param {Desk} desk */
function help(desk) {
  const { texts } = desk;
  return html`<p class="muted">${texts.help_hint}</p>
    <dl class="keys">${SHORTCUTS.map(([name]) => html`<dt>${keyName(name) ? html`<kbd>${keyName(name)}</kbd>` : html`<span class="muted">${texts.key_off}</span>`}</dt><dd>${texts[`key_${name}`]}</dd>`)}
      <dt><kbd>?</kbd></dt><dd>${texts.key_question}</dd><dt><kbd>/</kbd></dt><dd>${texts.key_slash}</dd></dl>
    <label class="field"><span>${texts.modifier}</span><select @change=${(/** @type {Event} */ event) => { setModifier(/** @type {HTMLSelectElement} */ (event.target).value); desk.requestUpdate(); }}>
      ${MODIFIER_NAMES.map((name) => html`<option value=${name} ?selected=${name === modifier()}>${texts[`modifier_${name}`] ?? name}</option>`)}</select></label>`;
}
