/** The lines of one chat as the visitor sees them. Plain values in, plain values out. */

/** @typedef {{title: string, payload: string}} Choice */
/**
 * @typedef {object} Line
 * @property {number} seq
 * @property {string} at ISO 8601
 * @property {"bot" | "customer" | "agent" | "system"} from
 * @property {"message" | "notice" | "handoff" | "joined" | "left" | "moved" | "ended"} kind
 * @property {string} text
 * @property {string} [lang]
 * @property {string} [id]
 * @property {string} [via] the channel it came by when that was not the chat
 * @property {string} [name] the person it is from or about
 * @property {Choice[]} [buttons]
 */
/** @typedef {{id: string, text: string, failed: boolean}} Pending */

export class Conversation {
  constructor() {
    /** @type {Line[]} in the order of seq */
    this.lines = [];
    /** @type {Pending[]} written here and not yet confirmed */
    this.pending = [];
    /** Highest line an agent has seen. */
    this.readUpTo = 0;
  }

  get lastSeq() {
    return this.lines.length ? this.lines[this.lines.length - 1].seq : 0;
  }

  get ended() {
    return this.lines.some((line) => line.kind === "ended");
  }

  /** Name of the person who writes with the visitor now; empty while nobody does. */
  get agent() {
    const last = this.lines.findLast((line) => line.kind === "joined" || line.kind === "left" || line.kind === "ended");
    return last?.kind === "joined" ? (last.name ?? "") : "";
  }

  /** Whether a person was asked for; from then on the bot may stay silent, and the server says when it writes. */
  get handedOff() {
    return this.lines.some((line) => line.kind === "handoff" || line.kind === "joined");
  }

  /** Number of the visitor's latest message if an agent has seen it, else null. */
  get seenSeq() {
    const last = this.lines.findLast((line) => line.from === "customer");
    return last && last.seq <= this.readUpTo ? last.seq : null;
  }

  /** Highest line of somebody else, for telling the agent what was seen. */
  get lastForeignSeq() {
    return this.lines.findLast((line) => line.from !== "customer")?.seq ?? 0;
  }

  /** Choices of the latest question, while it is the latest thing said. */
  get choices() {
    if (this.ended || this.pending.length) return [];
    const last = [...this.lines].reverse().find((line) => line.from !== "system");
    return last?.from === "bot" ? (last.buttons ?? []) : [];
  }

  /**
   * Put a line in its place. The server's wording replaces ours: it may have hidden card numbers.
   * @param {Line} line
   * @returns {boolean} whether the line is new
   */
  add(line) {
    if (line.id) this.pending = this.pending.filter((one) => one.id !== line.id);
    const known = this.lines.findIndex((one) => one.seq === line.seq);
    if (known >= 0) {
      this.lines = this.lines.with(known, line);
      return false;
    }
    const at = this.lines.findLastIndex((one) => one.seq < line.seq) + 1;
    this.lines = [...this.lines.slice(0, at), line, ...this.lines.slice(at)];
    return true;
  }

  /**
   * The server has stored a message under this number.
   * @param {string} id
   * @param {number} seq
   */
  confirm(id, seq) {
    const written = this.pending.find((one) => one.id === id);
    this.pending = this.pending.filter((one) => one.id !== id);
    if (!written || this.lines.some((line) => line.seq === seq)) return;
    this.add({ seq, id, from: "customer", kind: "message", text: written.text, at: new Date().toISOString() });
  }

  /** @param {string} id @param {string} text */
  write(id, text) {
    this.pending = [...this.pending.filter((one) => one.id !== id), { id, text, failed: false }];
  }

  /** @param {string} id */
  fail(id) {
    this.pending = this.pending.map((one) => (one.id === id ? { ...one, failed: true } : one));
  }
}

/** An id no other message has. crypto.randomUUID needs a secure page, so it is made by hand. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
