/** Writing to a customer: Enter sends unless an input method is choosing a word, "/" at the start finds a canned answer. */

import { html, nothing } from "../vendor/lit.js";
import { action } from "./parts.js";
import { fill } from "./texts.js";

/** @typedef {import("./desk.js").VoicebotDesk} Desk */
/** @typedef {import("./store.js").Contact} Contact */

const LONGEST = 4000;

/** @param {Desk} desk @param {Contact} contact */
export function composerView(desk, contact) {
  const { texts } = desk;
  const shown = desk.cannedOpen ? matching(desk, contact) : [];
  return html`<form class="composer" @submit=${(/** @type {Event} */ event) => submit(desk, event)}>
    ${desk.cannedOpen ? html`<div class="canned" id="canned" role="listbox" aria-label=${texts.canned}>
      ${shown.length ? shown.map((reply, place) => html`<div role="option" id="canned-${place}" class="canned-one" aria-selected=${String(place === desk.cannedAt)} @mousedown=${(/** @type {Event} */ event) => { event.preventDefault(); take(desk, reply); }}>
        <span lang=${reply.language}>${reply.text}</span>${reply.missing?.length ? html`<em>${fill(texts.canned_missing, { names: reply.missing.join(", ") })}</em>` : nothing}</div>`)
        : html`<div role="option" class="canned-one" aria-disabled="true" aria-selected="false">${texts.canned_none}</div>`}
    </div>` : nothing}
    <label class="hidden" for="reply">${texts.reply}</label>
    <textarea id="reply" rows="2" maxlength=${LONGEST} placeholder=${texts.reply_placeholder} lang=${contact.language} aria-describedby="reply-hint"
      aria-autocomplete=${desk.cannedOpen ? "list" : nothing} aria-haspopup=${desk.cannedOpen ? "listbox" : nothing} aria-controls=${desk.cannedOpen ? "canned" : nothing} aria-activedescendant=${desk.cannedOpen && shown.length ? `canned-${desk.cannedAt}` : nothing}
      @keydown=${(/** @type {KeyboardEvent} */ event) => onKey(desk, contact, event)} @input=${() => onInput(desk)}></textarea>
    <div class="row between">
      <p class="small muted" id="reply-hint">${texts.reply_hint}</p>
      <div class="row">
        ${action(texts.canned, () => toggleCanned(desk), { key: "canned", picture: "note" })}
        ${action(texts.send, () => undefined, { kind: "primary", type: "submit", picture: "send" })}
      </div>
    </div>
  </form>`;
}

/** @param {Desk} desk */
function field(desk) {
  return /** @type {HTMLTextAreaElement | null} */ (desk.renderRoot.querySelector("#reply"));
}

/** Canned answers for this customer: their language first, then what the typed words are part of. @param {Desk} desk @param {Contact} contact */
function matching(desk, contact) {
  const all = desk.work.facts.replies.get(contact.id) ?? desk.work.store.replies;
  const wanted = (field(desk)?.value ?? "").replace(/^[/／]/, "").toLowerCase();
  const typed = /^[/／]/.test(field(desk)?.value ?? "");
  const fits = all.filter((reply) => !typed || !wanted || `${reply.id} ${reply.title} ${reply.text}`.toLowerCase().includes(wanted));
  return fits.sort((a, b) => Number(b.language === contact.language) - Number(a.language === contact.language)).slice(0, 8);
}

/** @param {Desk} desk */
export function toggleCanned(desk) {
  desk.cannedOpen = !desk.cannedOpen;
  desk.cannedAt = 0;
  field(desk)?.focus();
}

/** Words from beside the conversation go where the agent is writing, after what is there. @param {Desk} desk @param {string} words */
export async function insertReply(desk, words) {
  desk.pane = "talk";
  await desk.updateComplete;
  take(desk, { text: words });
}

/** @param {Desk} desk @param {{text: string, missing?: string[]}} reply */
function take(desk, reply) {
  const area = field(desk);
  if (!area) return;
  const words = area.value;
  area.value = /^[/／]/.test(words) || !words ? reply.text : `${words}${/\s$/.test(words) ? "" : " "}${reply.text}`;
  desk.cannedOpen = false;
  desk.work.drafts.write(`reply:${desk.work.selected}`, area.value);
  area.focus();
  const gap = area.value.match(/\{\w+\}/);
  if (gap && gap.index !== undefined) area.setSelectionRange(gap.index, gap.index + gap[0].length);
}

/** @param {Desk} desk @param {Contact} contact @param {KeyboardEvent} event */
function onKey(desk, contact, event) {
  if (event.isComposing || event.keyCode === 229) return;
  if (desk.cannedOpen) {
    const shown = matching(desk, contact);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      desk.cannedAt = shown.length ? (desk.cannedAt + step + shown.length) % shown.length : 0;
      return;
    }
    if (event.key === "Escape" || event.key === "Tab") {
      desk.cannedOpen = false;
      if (event.key === "Escape") event.preventDefault();
      return;
    }
    if (event.key === "Enter" && shown[desk.cannedAt]) {
      event.preventDefault();
      return take(desk, shown[desk.cannedAt]);
    }
  }
  if (event.key === "Enter" && !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey) submit(desk, event);
}

/** @param {Desk} desk */
function onInput(desk) {
  const words = field(desk)?.value ?? "";
  desk.work.drafts.write(`reply:${desk.work.selected}`, words);
  desk.cannedOpen = /^[/／]/.test(words);
  desk.cannedAt = 0;
  if (!desk.cannedOpen && words) desk.work.typing();
  desk.requestUpdate();
}

/** A placeholder of a canned answer that nobody filled; braces somebody typed are words. @param {Desk} desk @param {string} words */
function openPlaceholder(desk, words) {
  const replies = [...desk.work.store.replies, ...(desk.work.facts.replies.get(desk.work.selected) ?? [])];
  return replies.flatMap((reply) => reply.text.match(/\{\w+\}/g) ?? []).find((gap) => words.includes(gap));
}

/** @param {Desk} desk @param {Event} event */
function submit(desk, event) {
  event.preventDefault();
  const area = field(desk);
  if (!area) return;
  const words = area.value;
  const gap = openPlaceholder(desk, words);
  if (gap) {
    desk.work.tell("placeholder_left");
    area.focus();
    return area.setSelectionRange(words.indexOf(gap), words.indexOf(gap) + gap.length);
  }
  if (desk.work.say(words)) {
    area.value = "";
    desk.work.drafts.write(`reply:${desk.work.selected}`, "");
    desk.tail.again();
  }
  area.focus();
}
