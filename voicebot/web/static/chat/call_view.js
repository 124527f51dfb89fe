/** What a call looks like in the chat: a button, a bar with its controls, a keypad, and the words that are said. */

import { css, html, nothing } from "../vendor/lit.js";
import { callIcon, hangUpIcon, keypadIcon, muteIcon } from "./icons.js";
import { clock } from "./transcript.js";
import { linesView } from "./view.js";

/** @typedef {import("./call.js").ChatCall} ChatCall */
/** @typedef {import("./texts.js").Texts} Texts */

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

/** The button that starts a call; nothing where calls are not possible. @param {ChatCall} call @param {Texts} texts */
export function callButton(call, texts) {
  if (!call.possible || call.going) return nothing;
  return html`<button type="button" class="person start-call" @click=${() => call.start()}>${callIcon}${texts.call}</button>`;
}

/** How the call stands, and what can be done. @param {ChatCall} call @param {Texts} texts */
export function callBar(call, texts) {
  const trouble = call.reason && texts[`call_error_${call.reason}`];
  if (!call.going && !trouble) return html`<div role="status" class="hidden">${call.state === "ended" ? texts.call_state_ended : ""}</div>`;
  return html`<section class="call" aria-label=${texts.call}>
    <div role="alert">${trouble ? html`<p class="problem">${trouble}</p>` : nothing}</div>
    ${call.reason === "sound_blocked" ? html`<button type="button" class="unblock" @click=${() => call.unblock()}>${texts.call_unblock}</button>` : nothing}
    ${call.going ? goingView(call, texts) : nothing}
  </section>`;
}

/** @param {ChatCall} call @param {Texts} texts */
function goingView(call, texts) {
  const state = call.state === "talking" && call.muted ? "muted" : call.state;
  return html`<div class="call-row">
      <p role="status" class="call-state ${["asking", "reconnecting"].includes(state) ? "long" : ""}"><span class="dot ${call.state === "talking" ? "open" : "connecting"}"></span>${texts[`call_state_${state}`]}</p>
      <button type="button" class="tool mute-button" aria-pressed=${call.muted} aria-label=${texts.call_mute} title=${texts.call_mute}
        @click=${() => call.toggleMute()}>${muteIcon}</button>
      <button type="button" class="tool keypad-button" aria-expanded=${call.keypadOpen} aria-controls="keypad" aria-label=${texts.call_keypad}
        title=${texts.call_keypad} ?disabled=${call.state !== "talking"} @click=${() => call.toggleKeypad()}>${keypadIcon}</button>
      <button type="button" class="hang-up" @click=${() => call.hangUp()}>${hangUpIcon}${texts.call_hang_up}</button>
    </div>
    ${call.keypadOpen ? html`<div class="keypad" id="keypad" role="group" aria-label=${texts.call_keypad} @keydown=${(/** @type {KeyboardEvent} */ event) => call.onKey(event)}>
      <output aria-label=${texts.call_pressed}>${call.pressed}</output>
      ${KEYS.map((key) => html`<button type="button" aria-label=${texts[`call_key_${key}`] ?? key} @click=${() => call.press(key)}>${key}</button>`)}
    </div>` : nothing}`;
}

/** The words of the call, as lines of the chat. @param {ChatCall} call @param {Texts} texts @param {string} language */
export function callLines(call, texts, language) {
  if (!call.lines.length) return nothing;
  return html`<div class="day">${texts.call} ${clock(call.lines[0].at, language)}</div>${linesView(call.lines, null, texts, language)}`;
}

export const callStyles = css`
  .call { margin-block-end: 8px; padding: 8px 12px; border: 1px solid var(--vb-line); border-radius: 14px; background: var(--vb-surface); }
  .call .problem:last-child { margin: 0; }
  .call-row { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; }
  .call-state .dot { display: inline-block; margin-inline-end: 6px; }
  .call-state { flex: 1; min-width: 5em; margin: 0; font-size: 14px; }
  .call-state.long { flex-basis: 100%; }
  .mute-button[aria-pressed="true"] { background: var(--vb-warn-surface); color: var(--vb-warn-text); box-shadow: inset 0 0 0 1px currentColor; }
  .hang-up, .unblock {
    display: inline-flex; align-items: center; gap: 6px; min-height: 40px; padding: 0 14px; border: 1px solid transparent; border-radius: 20px;
    background: var(--vb-hang-up, #a61b1b); color: #ffffff; font-weight: 600;
  }
  .unblock { background: var(--vb-accent); color: var(--vb-on-accent); }
  .keypad { display: grid; grid-template-columns: repeat(3, 1fr); gap: 6px; max-width: 264px; margin: 8px auto 0; }
  .keypad output { grid-column: 1 / -1; min-height: 1.5em; text-align: center; font-variant-numeric: tabular-nums; letter-spacing: 0.1em; overflow-wrap: anywhere; }
  .keypad button { min-height: 44px; border: 1px solid var(--vb-control); border-radius: 10px; background: var(--vb-surface); font-size: 18px; }
  .keypad button:hover { background: var(--vb-bubble); }
  @media (forced-colors: active) { .hang-up, .unblock { border-color: currentColor; } }
`;
