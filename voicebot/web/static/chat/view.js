/** What one line of the chat looks like. */

import { html, nothing } from "../vendor/lit.js";
import { fill } from "./texts.js";
import { clock, day } from "./transcript.js";

/** @typedef {import("./conversation.js").Line} Line */
/** @typedef {import("./conversation.js").Pending} Pending */
/** @typedef {import("./texts.js").Texts} Texts */

const LINK = /https?:\/\/[^\s<>"'「」（）、。]+[^\s<>"'「」（）、。.,;:!?)\]]/g;

/** Text with its web addresses as links; nothing else is ever markup. @param {string} text */
export function linked(text) {
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(LINK)) {
    parts.push(text.slice(at, found.index));
    parts.push(html`<a href=${found[0]} target="_blank" rel="noopener noreferrer">${found[0]}</a>`);
    at = found.index + found[0].length;
  }
  parts.push(text.slice(at));
  return parts;
}

/**
 * The lines with a heading per day and a mark before the first unread one.
 * @param {Line[]} lines
 * @param {number | null} unreadFrom seq of the first line not seen
 * @param {Texts} texts
 * @param {string} language
 * @param {number | null} [seenSeq] the visitor's latest message, if an agent has seen it
 */
export function linesView(lines, unreadFrom, texts, language, seenSeq = null) {
  const today = day(new Date().toISOString(), language);
  const shown = [];
  let date = today;
  /** @type {Line | null} */
  let before = null;
  for (const line of lines) {
    const on = day(line.at, language);
    if (on !== date) {
      shown.push(html`<div class="day">${on}</div>`);
      before = null;
    }
    date = on;
    if (line.seq === unreadFrom) {
      shown.push(html`<div class="new">${texts.new}</div>`);
      before = null;
    }
    shown.push(lineView(line, before, texts, language, line.seq === seenSeq));
    before = line;
  }
  return shown;
}

/**
 * @param {Line} line
 * @param {Line | null} before
 * @param {Texts} texts
 * @param {string} language
 * @param {boolean} seen
 */
function lineView(line, before, texts, language, seen) {
  const from = line.kind === "message" ? line.from : line.from === "bot" && line.text ? "bot" : "system";
  const same = before !== null && before.from === line.from && before.kind === line.kind && before.via === line.via && from !== "system";
  const spoken = line.lang ?? language;
  return html`<div class="line ${from} ${same ? "same" : ""}" data-seq=${line.seq} data-from=${line.from} data-kind=${line.kind} data-via=${line.via ?? "chat"}>
    <span class="hidden">${from === "agent" && line.name ? line.name : (texts[line.from] ?? texts.system)}: </span>
    <p class="text" lang=${line.text ? spoken : language}>${linked(wording(line, texts))}</p>
    <span class="meta">${from === "agent" ? html`<span aria-hidden="true">${line.name || texts.agent} </span>` : nothing}<time datetime=${line.at}>${clock(line.at, language)}</time>${line.via ? html` <span class="via">${texts[`via_${line.via}`] ?? line.via}</span>` : nothing}${seen ? html` <span class="seen">${texts.seen}</span>` : nothing}</span>
  </div>`;
}

/** The words of a line; a change that came without words is named in ours. @param {Line} line @param {Texts} texts */
export function wording(line, texts) {
  return line.text || fill(texts[`line_${line.kind}`] ?? "", { name: line.name || texts.agent });
}

/**
 * A message of the visitor that the server has not confirmed.
 * @param {Pending} one
 * @param {boolean} connected
 * @param {Texts} texts
 * @param {(one: Pending) => void} resend
 */
export function pendingView(one, connected, texts, resend) {
  const state = one.failed ? texts.failed : connected ? texts.sending : texts.kept;
  return html`<div class="line customer pending" data-pending=${one.id}>
    <span class="hidden">${texts.customer}: </span>
    <p class="text">${one.text}</p>
    <span class="meta ${one.failed ? "bad" : ""}">${state}${one.failed
      ? html` <button type="button" @click=${() => resend(one)}>${texts.resend}</button>`
      : nothing}</span>
  </div>`;
}

/** Three calm dots; what they mean is said by their label. @param {Texts} texts @param {string} agent name, if a person writes */
export function typingView(texts, agent) {
  const label = agent ? fill(texts.typing_agent, { name: agent }) : texts.typing;
  return html`<div class="typing" role="img" aria-label=${label}><i></i><i></i><i></i></div>`;
}
