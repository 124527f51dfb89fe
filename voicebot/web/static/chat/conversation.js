/** The lines of one chat as the visitor sees them. Plain values in, plain values out. */

/** @typedef {{title: string, payload: string}} Choice */
/**
 * @typedef {object} Line
 * @property {number} seq
 * @property {string} at ISO 8601
 * @property {"bot" | "customer" | "agent" | "system"} from
 * @property {"message" | "notice" | "handoff" | "ended"} kind
 * @property {string} text
 * @property {string} [lang]
 * @property {string} [id]
 * @property {Choice[]} [buttons]
 */
/** @typedef {{id: string, text: string, failed: boolean}} Pending */

export class Conversation {
  constructor() {
    /** @type {Line[]} in the order of seq */
    this.lines = [];
    /** @type {Pending[]} written here and not yet confirmed */
    this.pending = [];
  }

  get lastSeq() {
    return this.lines.length ? this.lines[this.lines.length - 1].seq : 0;
  }

  get ended() {
    return this.lines.some((line) => line.kind === "ended");
  }

  /** Whether a person was asked for; from then on the bot is not shown as writing. */
  get handedOff() {
    return this.lines.some((line) => line.kind === "handoff");
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
