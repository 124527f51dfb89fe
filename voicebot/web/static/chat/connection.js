/**
 * The socket of one chat: says hello, comes back after breaks with its token, and sends every message once and in
 * order. Emits "state", "line", "confirmed", "failed", "typing", "read", "welcome", "reset" and "problem".
 */

import { ChatStorage } from "./storage.js";

/** @typedef {"idle" | "connecting" | "open" | "waiting" | "offline" | "ended" | "refused"} State */

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 20_000;
const ACK_WITHIN_MS = 15_000;
const WELCOME_WITHIN_MS = 15_000;
/** Refusals that trying again does not change. */
const FINAL = ["origin", "unknown_company", "too_many_errors"];

export class ChatConnection extends EventTarget {
  /**
   * @param {string} url of the socket, with ?lang=
   * @param {ChatStorage} storage
   * @param {() => number} lastSeq highest line shown
   */
  constructor(url, storage, lastSeq) {
    super();
    this.url = url;
    this.storage = storage;
    this.lastSeq = lastSeq;
    /** @type {State} */
    this.state = "idle";
    /** @type {string | null} why the last attempt failed: an error code of the server, or "restarting" */
    this.reason = null;
    /** @type {WebSocket | null} */
    this.socket = null;
    this.attempts = 0;
    this.ready = false;
    this.over = false;
    /** @type {string | null} id of the message waiting for its ack */
    this.inFlight = null;
    /** @type {Map<string, ReturnType<typeof setTimeout>>} */
    this.timers = new Map();
    this.onOnline = () => this.retryNow();
    this.onOffline = () => this.socket?.close();
    this.onVisible = () => {
      if (!document.hidden) this.retryNow();
    };
  }

  start() {
    window.addEventListener("online", this.onOnline);
    window.addEventListener("offline", this.onOffline);
    document.addEventListener("visibilitychange", this.onVisible);
    this.connect();
  }

  /** Leave; the conversation stays on the server. */
  stop() {
    window.removeEventListener("online", this.onOnline);
    window.removeEventListener("offline", this.onOffline);
    document.removeEventListener("visibilitychange", this.onVisible);
    for (const name of [...this.timers.keys()]) this.cancel(name);
    this.drop();
    this.become("idle");
  }

  retryNow() {
    if (this.state === "waiting" || this.state === "offline") this.connect();
  }

  /** @param {string} id @param {string} text */
  send(id, text) {
    this.storage.kept.outbox.push({ id, text });
    this.storage.save();
    this.pump();
  }

  typing() {
    if (this.ready) this.socket?.send('{"type":"typing"}');
  }

  /** The visitor has seen everything up to this line. @param {number} seq */
  read(seq) {
    if (this.ready) this.socket?.send(JSON.stringify({ type: "read", seq }));
  }

  bye() {
    if (this.ready) this.socket?.send('{"type":"bye"}');
    this.finish();
    this.storage.clear();
  }

  /** The chat is over and nothing reconnects; its token stays, so that a reload still shows it. */
  finish() {
    this.over = true;
    this.storage.kept.outbox = [];
    this.storage.save();
    this.inFlight = null;
    this.cancel("ack");
    this.become("ended");
  }

  connect() {
    this.cancel("retry");
    this.drop();
    if (this.over) return;
    if (navigator.onLine === false) return this.become("offline");
    this.become(this.attempts ? "waiting" : "connecting");
    const socket = new WebSocket(this.url);
    this.socket = socket;
    this.after("welcome", WELCOME_WITHIN_MS, () => socket.close());
    socket.onopen = () => this.hello();
    socket.onmessage = (message) => {
      if (this.socket === socket) this.take(JSON.parse(message.data));
    };
    socket.onclose = (close) => {
      if (this.socket === socket) this.lost(close.code);
    };
  }

  hello() {
    const { token } = this.storage.kept;
    this.socket?.send(JSON.stringify({ type: "hello", token, last_seq: token ? this.lastSeq() : 0 }));
  }

  /** @param {any} frame */
  take(frame) {
    switch (frame.type) {
      case "welcome":
        this.cancel("welcome");
        this.storage.kept.token = frame.token;
        this.storage.save();
        this.attempts = 0;
        this.reason = null;
        this.ready = true;
        this.emit("welcome", frame);
        this.become("open");
        this.pump();
        break;
      case "event":
        this.emit("line", frame);
        if (frame.kind === "ended") this.finish();
        break;
      case "ack":
        this.settle(frame.id);
        this.emit("confirmed", frame);
        this.pump();
        break;
      case "typing":
        this.emit("typing", frame);
        break;
      case "read":
        this.emit("read", frame);
        break;
      case "restarting":
        this.reason = "restarting";
        break;
      case "error":
        this.trouble(frame);
        break;
    }
  }

  /** @param {{code: string, id?: string, retry_after_ms?: number}} frame */
  trouble(frame) {
    if (frame.code === "token") {
      this.storage.kept.token = null;
      this.storage.save();
      this.emit("reset", frame);
      this.hello();
    } else if (frame.id && frame.retry_after_ms) {
      this.inFlight = null;
      this.cancel("ack");
      this.after("pump", frame.retry_after_ms, () => this.pump());
    } else if (frame.id) {
      this.settle(frame.id);
      this.emit("failed", frame);
      this.pump();
    } else {
      this.reason = frame.code;
      this.emit("problem", frame);
    }
  }

  /** Send the oldest unsent message; the next one goes when it is acknowledged, so that order is kept. */
  pump() {
    const next = this.storage.kept.outbox[0];
    if (!next || !this.ready || this.inFlight || this.timers.has("pump")) return;
    this.inFlight = next.id;
    this.socket?.send(JSON.stringify({ type: "message", id: next.id, text: next.text }));
    this.after("ack", ACK_WITHIN_MS, () => this.socket?.close());
  }

  /** @param {string} id of a message that needs no more sending */
  settle(id) {
    this.storage.kept.outbox = this.storage.kept.outbox.filter((one) => one.id !== id);
    this.storage.save();
    if (this.inFlight === id) {
      this.inFlight = null;
      this.cancel("ack");
    }
  }

  /** @param {number} code of the close */
  lost(code) {
    this.drop();
    if (this.over) return;
    if (this.reason && FINAL.includes(this.reason)) return this.become("refused");
    if (navigator.onLine === false) return this.become("offline");
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.attempts);
    const least = code === 1013 ? 3000 : 0;
    this.attempts += 1;
    this.after("retry", least + longest * (0.5 + Math.random() / 2), () => this.connect());
    this.become("waiting");
  }

  drop() {
    const socket = this.socket;
    this.socket = null;
    this.ready = false;
    this.inFlight = null;
    this.cancel("ack");
    this.cancel("welcome");
    if (socket && socket.readyState < WebSocket.CLOSING) socket.close(1000);
  }

  /** @param {State} state */
  become(state) {
    this.state = state;
    this.emit("state", state);
  }

  /** @param {string} name @param {number} ms @param {() => void} run */
  after(name, ms, run) {
    this.cancel(name);
    const timer = setTimeout(() => {
      this.timers.delete(name);
      run();
    }, ms);
    this.timers.set(name, timer);
  }

  /** @param {string} name */
  cancel(name) {
    clearTimeout(this.timers.get(name));
    this.timers.delete(name);
  }

  /** @param {string} name @param {unknown} detail */
  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
