/** The words of cards: the right language of each part, values filled in, sentences that lack one left out. */

/** @typedef {{title?: string, talk?: string, do?: string[], dont?: string[], novice?: string}} CardText */
/** A piece of a text; `value` when it stands for a placeholder. @typedef {{text: string, value: boolean}} Piece */

const PLACEHOLDER = /\{([a-z_]+)\}/g;
const SENTENCE = /[^。．!?！？.…]*(?:[。．!?！？…]+|\.(?=\s|$)|\.(?=\S)|$)\s*/g;

/** A text in a language: the same, the same without its region, or whatever there is. @template T @param {Record<string, T> | undefined} texts @param {string} language @returns {T | undefined} */
export function inLanguage(texts, language) {
  if (!texts) return undefined;
  return texts[language] ?? texts[language.split("-")[0]] ?? texts["en"] ?? Object.values(texts)[0];
}

/** The language {@link inLanguage} took. @param {Record<string, unknown> | undefined} texts @param {string} language */
export function languageTaken(texts, language) {
  if (!texts) return "";
  return [language, language.split("-")[0], "en"].find((one) => texts[one] !== undefined) ?? Object.keys(texts)[0] ?? "";
}

/** @param {string | undefined} text @param {Record<string, string>} values @returns {Piece[]} */
export function filledPieces(text, values) {
  const pieces = /** @type {Piece[]} */ ([]);
  for (const [sentence] of (text ?? "").matchAll(SENTENCE)) {
    if ([...sentence.matchAll(PLACEHOLDER)].some(([, name]) => values[name] === undefined)) continue;
    let at = 0;
    for (const found of sentence.matchAll(PLACEHOLDER)) {
      pieces.push({ text: sentence.slice(at, found.index), value: false }, { text: values[found[1]], value: true });
      at = found.index + found[0].length;
    }
    pieces.push({ text: sentence.slice(at), value: false });
  }
  return pieces.filter((one) => one.text);
}

/** The whole text; what is not known is a gap to be filled by whoever speaks. @param {string} text @param {Record<string, string>} values @returns {Piece[]} */
export function gappedPieces(text, values) {
  const parts = text.split(PLACEHOLDER);
  return parts.map((part, at) => (at % 2 ? { text: values[part] ?? "…", value: true } : { text: part, value: false })).filter((one) => one.text);
}

/** Names of the placeholders of a text. @param {string | undefined} text @returns {string[]} */
export function placeholders(text) {
  return [...(text ?? "").matchAll(PLACEHOLDER)].map(([, name]) => name);
}

/** @param {string | undefined} text @param {Record<string, string>} values */
export function filledText(text, values) {
  return filledPieces(text, values).map((one) => one.text).join("").trim();
}
