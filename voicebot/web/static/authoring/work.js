/** What is being edited: the draft as the server has it, the item in the form, and saving while somebody writes. */

import { AuthorApi, Refused } from "./api.js";
import { changed } from "./paths.js";

const SAVE_AFTER_MS = 700;

/** @typedef {{kind: string, id: string, step: string, field: string, problem: Record<string, string>, mend: Record<string, string>}} Trouble */

export class AuthorWork extends EventTarget {
  /** @param {string} tenant */
  constructor(tenant) {
    super();
    this.tenant = tenant;
    this.api = new AuthorApi(tenant);
    /** @type {any} */
    this.draft = null;
    this.kind = "";
    this.id = "";
    /** @type {any} */
    this.item = null;
    /** "" at rest, saving, saved, failed or moved (another window saved). */
    this.state = "";
    this.problem = "";
    this.unsaved = false;
    this.saving = Promise.resolve();
  }

  get languages() {
    return this.draft?.names.languages ?? ["ja", "en"];
  }

  /** @returns {Record<string, string[]>} */
  get names() {
    return this.draft?.names ?? {};
  }

  slotNames() {
    return [...(this.names.slots ?? []), ...this.items("slots").map((one) => one.id)];
  }

  scriptNames() {
    return this.items("scripts").filter((one) => one.state !== "gone").map((one) => one.id);
  }

  /** @param {string} kind @returns {any[]} */
  items(kind) {
    return this.draft?.items[kind] ?? [];
  }

  /** @param {string} kind @param {string} id */
  find(kind, id) {
    return this.items(kind).find((one) => one.id === id);
  }

  /** Mistakes of the open item, by place in the form. */
  mistakes() {
    /** @type {Trouble[]} */
    const all = this.draft?.troubles ?? [];
    const kind = this.kind.replace(/s$/, "");
    return all.filter((one) => one.kind === kind && one.id === this.id).map((one) => {
      const index = one.step ? (this.item?.steps ?? []).findIndex((/** @type {any} */ step) => step.id === one.step) : -1;
      return { ...one, path: index >= 0 ? [`steps.${index}`, one.field].filter(Boolean).join(".") : one.field };
    });
  }

  /** The draft as the server has it, and above it what is typed meanwhile. */
  async load() {
    this.draft = await this.api.get("/drafts");
    const held = this.id ? this.find(this.kind, this.id) : undefined;
    if (held && this.unsaved) held.item = this.item;
    else if (held) this.item = held.item;
    this.told();
  }

  /** @param {string} kind @param {string} id */
  async select(kind, id) {
    await this.settle();
    const found = this.find(kind, id);
    if (!found) return false;
    Object.assign(this, { kind, id, item: found.item, state: "", problem: "" });
    this.told();
    return true;
  }

  /** @param {string} kind @param {string} id @param {any} item */
  async add(kind, id, item) {
    await this.settle();
    Object.assign(this, { kind, id, item });
    this.draft.items[kind] = [...this.items(kind), { id, state: "new", item }];
    this.unsaved = true;
    await this.settle();
  }

  /** @param {(string | number)[]} path @param {any} value */
  edit(path, value) {
    this.item = changed(this.item, path, value);
    const held = this.find(this.kind, this.id);
    if (held) held.item = this.item;
    this.unsaved = true;
    this.state = "saving";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.settle(), SAVE_AFTER_MS);
    this.told();
  }

  /** Everything that was typed is on the server when this is over. */
  settle() {
    clearTimeout(this.timer);
    this.saving = this.saving.then(() => (this.unsaved ? this.save(this.kind, this.id, this.item) : undefined));
    return this.saving;
  }

  /** Change the draft on the server as a whole; what is typed meanwhile is saved after it. @template T @param {() => Promise<T>} run @returns {Promise<T>} */
  alone(run) {
    const done = this.settle().then(run);
    this.saving = done.then(() => undefined, () => undefined);
    return done;
  }

  /** @param {string} kind @param {string} id @param {any} item */
  async save(kind, id, item) {
    this.unsaved = false;
    await this.keep(() => this.api.send("PUT", `${this.api.base}/drafts/${kind}/${id}`, { revision: this.draft.revision, item }), kind, id);
  }

  /** @param {string} kind @param {string} id */
  async remove(kind, id) {
    await this.settle();
    await this.keep(() => this.api.send("PUT", `${this.api.base}/drafts/${kind}/${id}`, { revision: this.draft.revision, item: null }), kind, id);
    await this.load();
  }

  /** @param {string} kind @param {string} id */
  async restore(kind, id) {
    await this.settle();
    await this.keep(() => this.api.post(`/drafts/${kind}/${id}/restore`, { revision: this.draft.revision }), kind, id);
    if (this.id === id) this.id = "";
    await this.load();
    if (this.find(kind, id)) await this.select(kind, id);
  }

  /** @param {() => Promise<any>} run @param {string} kind @param {string} id */
  async keep(run, kind, id) {
    this.state = "saving";
    this.told();
    try {
      const saved = await run();
      this.draft.revision = saved.revision;
      this.draft.troubles = saved.troubles;
      const held = this.find(kind, id);
      if (held) held.state = saved.state;
      this.state = "saved";
      this.problem = "";
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.state = error.code === "draft_moved" ? "moved" : "failed";
      this.problem = error.message;
      this.unsaved = error.status === 0;
    }
    this.told();
  }

  told() {
    this.dispatchEvent(new Event("change"));
  }
}
