/** The end of a log that grows: followed while the reader is there, left alone while they read further up. */

const NEAR_END_PX = 80;

export class Tail {
  constructor() {
    this.following = true;
    /** Where the log was last scrolled to, in pixels: less than that is the reader's doing. */
    this.at = 0;
  }

  /** Follow from now on, wherever the reader is. */
  again() {
    this.following = true;
    this.at = 0;
  }

  leave() {
    this.following = false;
  }

  /** The reader scrolled. @param {Element} log */
  scrolled(log) {
    this.following = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END_PX;
    this.at = log.scrollTop;
  }

  /** A reader's scroll is known before its event: words that arrive in between must not pull them back. @param {Element | null} log */
  look(log) {
    if (log && this.following && log.scrollTop < this.at - 1) this.scrolled(log);
  }

  /** The log was drawn. @param {Element | null} log */
  drawn(log) {
    this.look(log);
    if (!log || !this.following) return;
    log.scrollTop = log.scrollHeight;
    this.at = log.scrollTop;
  }
}
