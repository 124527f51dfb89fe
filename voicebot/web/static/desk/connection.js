/**
 * The socket of one agent: says hello, beats every five seconds, and comes back by itself with growing pauses.
 * Emits "state" (see State) and "frame" for every frame.
 */

/** @typedef {"connecting" | "open" | "waiting" | "offline" | "signed-out" | "replaced" | "refused"} State */

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
const BEAT_MS = 5_000;
/** Without any word for this long the line is taken for dead, though the browser has not noticed. */
const SILENCE_MS = 14_000;
/** Closes after which coming back by itself would be wrong; the others are retried. */
/** @type {Record<number, State>} */
const FINAL = { 4401: "signed-out", 4002: "replaced", 4403: "refused" };

export class DeskConnection extends EventTarget {
  /**
   * @param {string} url
   * @param {() => object} hello the first frame, made anew for every connection
   */
  constructor(url, hello) {
    super();
    this.url = url;
    this.hello = hello;
    /** @type {State} */
    this.state = "connecting";
    /** @type {WebSocket | null} */
    this.socket = null;
    this.attempts = 0;
    this.heardAt = 0;
    this.stopped = false;
    /** When the next attempt is made; shown to the agent. */
    this.retryAt = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.retry = undefined;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.beat = undefined;
    this.onOnline = () => this.retryNow();
    this.onOffline = () => this.lost();
  }

  start() {
    window.addEventListener("online", this.onOnline);
    window.addEventListener("offline", this.onOffline);
    this.connect();
  }

  stop() {
    this.stopped = true;
    window.removeEventListener("online", this.onOnline);
    window.removeEventListener("offline", this.onOffline);
    clearTimeout(this.retry);
    this.drop();
  }

  retryNow() {
    if (this.state === "waiting" || this.state === "offline") this.connect();
  }

  /** Take the work back from another window. */
  reclaim() {
    this.attempts = 0;
    this.connect();
  }

  /** @param {object} frame @returns {boolean} whether it was handed to the socket */
  send(frame) {
    if (this.state !== "open" || this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  connect() {
    clearTimeout(this.retry);
    this.drop();
    if (navigator.onLine === false) return this.become("offline");
    this.become(this.attempts ? "waiting" : "connecting");
    const socket = new WebSocket(this.url);
    this.socket = socket;
    this.heardAt = Date.now();
    this.beat = setInterval(() => this.keepAlive(), BEAT_MS);
    socket.onopen = () => socket.send(JSON.stringify(this.hello()));
    socket.onmessage = (message) => {
      if (this.socket !== socket) return;
      this.heardAt = Date.now();
      this.take(JSON.parse(message.data));
    };
    socket.onclose = (close) => {
      if (this.socket === socket) this.lost(close.code);
    };
  }

  keepAlive() {
    if (Date.now() - this.heardAt > SILENCE_MS) return this.lost();
    if (this.state === "open") this.send({ type: "heartbeat" });
  }

  /** @param {any} frame */
  take(frame) {
    if (frame.type === "state") {
      this.attempts = 0;
      this.become("open");
    }
    this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }

  /** @param {number} [code] of the close */
  lost(code) {
    this.drop();
    if (this.stopped) return;
    const end = code && FINAL[code];
    if (end) return this.become(end);
    if (navigator.onLine === false) return this.become("offline");
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.attempts);
    const pause = longest * (0.5 + Math.random() / 2);
    this.attempts += 1;
    this.retryAt = Date.now() + pause;
    this.retry = setTimeout(() => this.connect(), pause);
    this.become("waiting");
  }

  drop() {
    const socket = this.socket;
    this.socket = null;
    clearInterval(this.beat);
    if (socket && socket.readyState < WebSocket.CLOSING) socket.close(1000);
  }

  /** @param {State} state */
  become(state) {
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }
}
