/** What a leader's page knows and can do: the floor now, one conversation looked at, a seat on its call. */

import { Tail } from "../chat/tail.js";
import { DeskConnection } from "./connection.js";
import { Headset } from "./phone.js";
import { DeskError, Rest } from "./rest.js";
import { DeskStore } from "./store.js";

const AT_MOST_EVERY_MS = 1000;
const AT_LEAST_EVERY_MS = 10_000;

export class FloorWork extends EventTarget {
  constructor() {
    super();
    this.rest = new Rest();
    this.store = new DeskStore();
    this.headset = new Headset();
    this.language = "en";
    this.state = "connecting";
    this.refused = false;
    this.tail = new Tail();
    /** @type {any} */
    this.floor = null;
    /** Looks at the floor, counted; an answer older than what is shown came late. */
    this.looks = 0;
    this.shown = 0;
    this.conversation = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.soon = undefined;
    const url = new URL("/ws/desk", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.connection = new DeskConnection(url.href, () => ({ type: "hello", seen: {}, takes_contacts: false }));
    this.connection.addEventListener("state", (event) => this.connected(/** @type {CustomEvent} */ (event).detail));
    this.connection.addEventListener("frame", (event) => this.take(/** @type {CustomEvent} */ (event).detail));
    this.rest.addEventListener("signed-out", () => this.connected("signed-out"));
    this.headset.addEventListener("change", () => this.changed());
    this.headset.addEventListener("over", (event) => {
      const { state, reason } = /** @type {CustomEvent} */ (event).detail;
      if (state === "failed") this.tell(`phone_${reason}`);
    });
  }

  /** @param {any} person */
  start(person) {
    this.store.person = person;
    this.connection.start();
    this.load();
    this.regular = setInterval(() => !document.hidden && this.load(), AT_LEAST_EVERY_MS);
  }

  stop() {
    clearInterval(this.regular);
    clearTimeout(this.soon);
    this.connection.stop();
    if (this.headset.busy) this.headset.hangUp();
  }

  /** @param {import("./connection.js").State} state */
  connected(state) {
    this.state = state;
    if (state === "signed-out") location.assign("/login?next=%2Fdesk%2Ffloor");
    this.changed();
  }

  /** @param {any} frame */
  take(frame) {
    this.store.apply(frame);
    if (frame.type === "state") {
      if (this.conversation) this.watch(this.conversation);
      this.loadSoon();
    } else if (frame.type === "contact" || frame.type === "alert" || frame.type === "task") this.loadSoon();
    else if (frame.type === "agent" && this.floor) this.floor.agents = this.floor.agents.map((/** @type {any} */ one) => (one.id === frame.agent.id ? frame.agent : one));
    else if (frame.type === "queues" && this.floor) this.floor.queues = frame.queues;
    else if (frame.type === "error") this.tell("refused", { message: frame.message });
    this.changed();
  }

  loadSoon() {
    this.soon ??= setTimeout(() => {
      this.soon = undefined;
      this.load();
    }, AT_MOST_EVERY_MS);
  }

  async load() {
    const look = (this.looks += 1);
    try {
      const floor = await this.rest.get("/floor");
      if (look < this.shown) return;
      this.shown = look;
      this.floor = { ...floor, contacts: floor.contacts.map((/** @type {any} */ one) => this.store.withHeadline(one)) };
      this.refused = false;
      for (const agent of this.floor.agents) this.store.team.set(agent.id, agent);
    } catch (error) {
      this.refused = error instanceof DeskError && error.status === 403;
    }
    this.changed();
  }

  /** @param {string} id */
  contact(id) {
    return this.floor?.contacts.find((/** @type {any} */ one) => one.id === id) ?? null;
  }

  /** @param {string} conversation */
  watch(conversation) {
    if (this.conversation && this.conversation !== conversation) this.unwatch();
    this.conversation = conversation;
    this.tail.again();
    this.connection.send({ type: "watch", conversation, after_seq: this.store.logs.get(conversation)?.at(-1)?.seq ?? 0 });
  }

  /** The headline of the contact that is looked at. @param {string} id */
  async learn(id) {
    const packet = await this.ask(() => this.rest.get(`/contacts/${encodeURIComponent(id)}/packet?language=${this.language}`));
    if (!packet) return;
    this.store.setHeadline(id, packet.headline);
    if (this.floor) this.floor.contacts = this.floor.contacts.map((/** @type {any} */ one) => this.store.withHeadline(one));
    this.changed();
  }

  unwatch() {
    if (this.headset.busy) this.leave();
    this.connection.send({ type: "unwatch", conversation: this.conversation });
    this.store.logs.delete(this.conversation);
    this.conversation = "";
  }

  /**
   * Come into a call, or change what one may say there.
   * @param {any} contact
   * @param {"listen" | "whisper" | "join"} verb
   */
  async comeIn(contact, verb) {
    const path = `/conversations/${encodeURIComponent(contact.conversation)}/${verb}`;
    const role = { listen: "listener", whisper: "whisperer", join: "speaker" }[verb];
    if (this.headset.talking && this.headset.subject === contact.conversation) {
      if (!(await this.ask(() => this.rest.post(path, {})))) return;
      this.headset.role = role;
      this.headset.mute(role === "listener");
      return;
    }
    await this.headset.join(contact.conversation, role, async (sdp) => (await this.rest.post(path, { sdp })).sdp);
  }

  /** Write into a chat. @param {any} contact @param {"whisper" | "join"} verb @param {string} text */
  async write(contact, verb, text) {
    return this.ask(() => this.rest.post(`/conversations/${encodeURIComponent(contact.conversation)}/${verb}`, { text }));
  }

  async leave() {
    const subject = this.headset.subject;
    this.headset.hangUp();
    await this.ask(() => this.rest.post(`/conversations/${encodeURIComponent(subject)}/leave`, {}));
  }

  /** @param {any} contact */
  async takeOver(contact) {
    const done = await this.ask(() => this.rest.post(`/conversations/${encodeURIComponent(contact.conversation)}/take_over`, {}));
    if (!done) return;
    if (this.headset.busy) this.headset.hangUp();
    this.tell("take_over_done");
    this.load();
  }

  /** @param {string} agent @param {object} change */
  async changeAgent(agent, change) {
    const done = await this.ask(() => this.rest.patch(`/agents/${encodeURIComponent(agent)}`, change));
    if (!done) return false;
    this.shown = this.looks += 1;
    this.floor.agents = this.floor.agents.map((/** @type {any} */ one) => (one.id === done.id ? done : one));
    this.tell("skills_saved");
    this.changed();
    return true;
  }

  /** @template T @param {() => Promise<T>} run @returns {Promise<T | undefined>} */
  async ask(run) {
    try {
      return (await run()) ?? /** @type {any} */ (true);
    } catch (error) {
      if (!(error instanceof DeskError)) throw error;
      if (error.status !== 401) this.tell(error.code === "unreachable" ? "not_connected" : "refused", { message: error.message || error.code });
      return undefined;
    }
  }

  /** @param {string} text @param {Record<string, string>} [values] */
  tell(text, values = {}) {
    this.dispatchEvent(new CustomEvent("told", { detail: { text, values } }));
  }

  changed() {
    this.dispatchEvent(new CustomEvent("change"));
  }
}
