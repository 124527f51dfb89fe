/** Times, durations and numbers as people of a language read them. */

/** @param {string | null | undefined} at @param {string} language */
export function clock(at, language) {
  const date = at ? new Date(at) : null;
  return date && !Number.isNaN(date.getTime()) ? new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(date) : "";
}

/** @param {string | null | undefined} at @param {string} language */
export function dayAndTime(at, language) {
  const date = at ? new Date(at) : null;
  return date && !Number.isNaN(date.getTime()) ? new Intl.DateTimeFormat(language, { month: "short", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(date) : "";
}

/** Seconds as 0:07, 12:34 or 1:02:03. @param {number} seconds */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** The same for screen readers, in words. @param {number} seconds @param {string} language */
export function spoken(seconds, language) {
  const whole = Math.max(0, Math.floor(seconds));
  const unit = (/** @type {number} */ value, /** @type {string} */ name) =>
    new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "long" }).format(value);
  return whole < 60 ? unit(whole, "second") : unit(Math.floor(whole / 60), "minute");
}

/** @param {number | null | undefined} share 0..1 @param {string} language */
export function percent(share, language, digits = 0) {
  return share === null || share === undefined ? "" : new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: digits }).format(share);
}

/** A text in the reader's language out of {ja: …, en: …}, or the text itself. @param {any} label @param {string} language */
export function labelled(label, language, otherwise = "") {
  if (typeof label === "string") return label || otherwise;
  if (label && typeof label === "object") return label[language] ?? label.en ?? Object.values(label)[0] ?? otherwise;
  return otherwise;
}

/** Name and region of a language in the reader's. @param {string} tag @param {string} language */
export function languageName(tag, language) {
  try {
    return new Intl.DisplayNames([language], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** An id no other message has. crypto.randomUUID needs a secure page, so it is made by hand. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
