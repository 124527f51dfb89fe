/** The floor as tables: what to act on, queues, people, contacts. */

import { html, nothing } from "../vendor/lit.js";
import { alertsView, alertWord } from "./alerts.js";
import { duration, percent } from "./format.js";
import { icon } from "./icons.js";
import { action, mediumView, timer } from "./parts.js";
import { fill } from "./texts.js";

/** @typedef {import("./floor.js").VoicebotFloor} Floor */

/** @param {Floor} page @param {any} floor */
export function alertsList(page, floor) {
  const { texts } = page;
  const name = (/** @type {any} */ one) => [
    floor.queues.find((/** @type {any} */ queue) => queue.id === one.queue)?.label,
    floor.agents.find((/** @type {any} */ agent) => agent.id === one.agent)?.name,
  ].filter(Boolean).join(" · ");
  return html`<section class="card" aria-labelledby="alerts-title"><h2 id="alerts-title">${texts.floor_alerts} <span class="muted">${floor.alerts.length}</span></h2>
    ${floor.alerts.length
      ? html`<ul class="plain alert-list">${floor.alerts.map((/** @type {any} */ one) => html`<li><span class="alert ${one.kind === "emergency" ? "grave" : "warn"}">${icon("danger", 16)}${alertWord(one.kind, texts)}</span> ${name(one)} <span class="muted">${amount(one, page.lang)}</span></li>`)}</ul>`
      : html`<p class="muted">${texts.floor_no_alerts}</p>`}</section>`;
}

/** What a number of an alert means. @param {any} one @param {string} lang */
function amount(one, lang) {
  if (one.kind === "long_wait") return duration(Number(one.detail));
  if (one.kind === "service_level") return percent(Number(one.detail), lang);
  return one.detail;
}

/** @param {Floor} page @param {any} floor */
export function queuesTable(page, floor) {
  const { texts, lang } = page;
  return html`<section class="card"><div class="scroll" tabindex="0" role="region" aria-label=${texts.floor_queues}><table><caption>${texts.floor_queues}</caption>
    <thead><tr><th scope="col">${texts.col_queue}</th><th scope="col" class="number">${texts.col_waiting}</th><th scope="col" class="number">${texts.col_longest}</th><th scope="col">${texts.col_wait}</th><th scope="col" class="number">${texts.col_agents}</th><th scope="col">${texts.col_sl}</th><th scope="col">${texts.col_target}</th></tr></thead>
    <tbody>${floor.queues.map((/** @type {any} */ one) => {
      const low = one.service_level !== null && one.service_level < one.target;
      return html`<tr data-queue=${one.id}><th scope="row">${one.label || one.id}</th><td class="number">${one.waiting}</td><td class="number ${one.longest_wait_s > 3 * one.target_s ? "late" : ""}">${one.waiting ? duration(one.longest_wait_s) : "–"}</td>
        <td>${one.wait ? fill(texts.wait_range, { low: one.wait.low_min, high: one.wait.high_min }) : texts.no_wait}</td><td class="number">${one.agents_free} / ${one.agents_busy}</td>
        <td class=${low ? "late" : ""}>${one.service_level === null ? texts.no_sl : percent(one.service_level, lang)}${low ? ` (${texts.st_meets_no})` : ""}</td><td>${percent(one.target, lang)} / ${fill(texts.seconds, { count: one.target_s })}</td></tr>`;
    })}</tbody></table></div></section>`;
}

/** @param {Floor} page @param {any} floor */
export function agentsTable(page, floor) {
  const { texts, work } = page;
  return html`<section class="card"><div class="scroll" tabindex="0" role="region" aria-label=${texts.floor_agents}><table><caption>${texts.floor_agents}</caption>
    <thead><tr><th scope="col">${texts.col_name}</th><th scope="col">${texts.col_presence}</th><th scope="col">${texts.col_contact}</th><th scope="col">${texts.col_load}</th><th scope="col">${texts.col_skills}</th><th scope="col">${texts.col_actions}</th></tr></thead>
    <tbody>${floor.agents.map((/** @type {any} */ one) => {
      const since = one.since ? (work.store.now - Date.parse(one.since)) / 1000 : null;
      const contacts = floor.contacts.filter((/** @type {any} */ contact) => contact.agent === one.id);
      return html`<tr data-agent=${one.id}><th scope="row">${one.name}<br><span class="muted small">${one.team}</span></th>
        <td class=${one.presence === "no_answer" ? "late" : ""}>${one.presence === "available" && one.busy ? texts.presence_busy : texts[`presence_${one.presence}`]} ${since === null ? nothing : timer(texts.since, since)}</td>
        <td>${contacts.map((/** @type {any} */ contact) => html`<div>${contact.headline?.who || contact.queue_label} <span class="muted small">${texts[`state_${contact.state}`]}</span></div>`)}</td>
        <td>${["voice", "chat"].filter((medium) => one.capacity?.[medium]).map((medium) => html`<div class="nowrap">${texts[`medium_${medium}`]} ${fill(texts.load_of, { load: one.load?.[medium] ?? 0, capacity: one.capacity[medium] })}</div>`)}</td>
        <td class="small">${Object.entries(one.skills).map(([skill, level]) => `${skill} ${level}`).join(", ")}</td>
        <td>${action(texts.edit_skills, () => page.edit(one, page.renderRoot instanceof ShadowRoot ? page.renderRoot.activeElement : null), { kind: "small-act" })}</td></tr>`;
    })}</tbody></table></div></section>`;
}

/** @param {Floor} page @param {any} floor */
export function contactsTable(page, floor) {
  const { texts, work } = page;
  if (!floor.contacts.length) return html`<section class="card"><h2>${texts.floor_contacts}</h2><p class="muted">${texts.floor_no_contacts}</p></section>`;
  return html`<section class="card"><div class="scroll" tabindex="0" role="region" aria-label=${texts.floor_contacts}><table><caption>${texts.floor_contacts}</caption>
    <thead><tr><th scope="col">${texts.col_customer}</th><th scope="col">${texts.col_queue}</th><th scope="col">${texts.col_state}</th><th scope="col" class="number">${texts.col_waited}</th><th scope="col">${texts.col_agent}</th><th scope="col">${texts.col_actions}</th></tr></thead>
    <tbody>${floor.contacts.map((/** @type {any} */ one) => html`<tr data-contact=${one.id}><th scope="row">${one.headline?.who || texts.customer_unknown}<br>${mediumView(one.medium, one.callback, texts)}${alertsView(one.headline?.alerts, texts)}</th>
      <td>${one.queue_label || one.queue}</td><td>${texts[`state_${one.state}`] ?? one.state}</td><td class="number">${duration(one.state === "queued" ? (work.store.now - Date.parse(one.enqueued_at)) / 1000 : one.waited_s)}</td>
      <td>${one.agent_name || floor.agents.find((/** @type {any} */ agent) => agent.id === one.agent)?.name || "–"}</td>
      <td>${action(texts.watch, () => page.watch(one, page.renderRoot instanceof ShadowRoot ? page.renderRoot.activeElement : null), { kind: "small-act" })}</td></tr>`)}</tbody></table></div></section>`;
}
