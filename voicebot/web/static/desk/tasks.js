/** Promises: follow-ups and callbacks with an owner and a time. */

import { html, nothing } from "../vendor/lit.js";
import { dayAndTime } from "./format.js";
import { icon } from "./icons.js";
import { action } from "./parts.js";

/** @typedef {import("./desk.js").VoicebotDesk} Desk */

/** @param {Desk} desk */
export function tasksView(desk) {
  const { texts, work } = desk;
  const tasks = [...work.store.tasks.values()].sort((a, b) => String(a.due_at ?? "9").localeCompare(String(b.due_at ?? "9")));
  return html`<section class="tasks" aria-labelledby="tasks-title">
    <h2 id="tasks-title">${texts.tasks} <span class="muted">${tasks.length}</span></h2>
    ${tasks.length
      ? html`<ul class="plain">${tasks.map((task) => taskView(desk, task))}</ul>`
      : html`<p class="muted">${texts.no_tasks}</p>`}
    <div class="row">${action(texts.add_task, () => desk.openDialog("task"), { picture: "task" })}</div>
  </section>`;
}

/** @param {Desk} desk @param {any} task */
function taskView(desk, task) {
  const { texts, work, lang } = desk;
  const late = task.overdue || (task.due_at && Date.parse(task.due_at) < work.store.now);
  return html`<li class="task" data-task=${task.id}>
    <p class="task-text">${task.text}</p>
    <p class="small ${late ? "late" : "muted"}">${icon(task.kind === "callback" ? "phone" : "task", 16)}${texts[`task_${task.kind}`]}
      ${task.due_at ? html`<time datetime=${task.due_at}>${dayAndTime(task.due_at, lang)}</time>` : texts.no_due}${late ? html` <strong>${texts.overdue}</strong>` : nothing}
      <span>${task.owner === work.store.me?.id ? texts.owner_me : task.owner_name || task.owner || texts.owner_nobody}</span></p>
    <div class="row">${task.owner ? nothing : action(texts.task_take, () => change(desk, task, { owner: work.store.me?.id }), { kind: "small-act" })}
      ${action(texts.task_done, () => change(desk, task, { state: "done", outcome: "" }), { kind: "small-act", picture: "check" })}</div>
  </li>`;
}

/** @param {Desk} desk @param {any} task @param {object} wanted */
async function change(desk, task, wanted) {
  const { work } = desk;
  const changed = await work.ask(() => work.rest.patch(`/tasks/${encodeURIComponent(task.id)}`, wanted));
  if (changed) work.store.apply({ type: "task", task: changed });
  desk.requestUpdate();
}

/** Tomorrow at ten, in the form fields take. */
function tomorrow() {
  const at = new Date();
  at.setDate(at.getDate() + 1);
  at.setHours(10, 0, 0, 0);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** @param {Desk} desk */
export function taskForm(desk) {
  const { texts, work } = desk;
  const contact = work.contact;
  const team = [...work.store.team.values()].filter((one) => one.id !== work.store.me?.id);
  return html`<form class="stack" @submit=${(/** @type {SubmitEvent} */ event) => add(desk, event)}>
    <label class="field"><span>${texts.task_kind}</span><select name="kind"><option value="follow_up">${texts.task_follow_up}</option><option value="callback">${texts.task_callback}</option></select></label>
    <label class="field"><span>${texts.task_what}</span><textarea name="text" required maxlength="1000" rows="3"></textarea></label>
    <label class="field"><span>${texts.task_due}</span><input type="datetime-local" name="due" required .value=${tomorrow()}></label>
    <label class="field"><span>${texts.task_owner}</span><select name="owner"><option value="">${texts.owner_me}</option>${team.map((one) => html`<option value=${one.id}>${one.name}</option>`)}</select></label>
    ${contact ? html`<label class="field"><span>${texts.task_number}</span><input type="tel" name="number" maxlength="40" autocomplete="off"></label>
      <label class="check"><input type="checkbox" name="about" checked><span>${texts.task_about}</span></label>` : nothing}
    <div class="row">${action(texts.save, () => undefined, { kind: "primary", type: "submit" })}${action(texts.cancel, () => desk.closeDialog())}</div>
  </form>`;
}

/** @param {Desk} desk @param {SubmitEvent} event */
async function add(desk, event) {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const given = new FormData(form);
  const { work } = desk;
  const about = given.get("about") ? work.selected || null : null;
  const rings = given.get("kind") === "callback" && about !== null;
  const body = {
    kind: given.get("kind"),
    text: String(given.get("text")).trim(),
    due_at: new Date(String(given.get("due"))).toISOString(),
    owner: given.get("owner") || null,
    contact: about,
    number: (rings && String(given.get("number") ?? "").trim()) || null,
  };
  const done = await work.ask(() => work.rest.post("/tasks", body));
  if (!done) return;
  work.store.apply({ type: "task", task: done });
  form.reset();
  desk.closeDialog();
  work.tell("task_saved");
}
