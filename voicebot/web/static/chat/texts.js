/** Texts of the widget, one JSON file per language beside this folder. */

/** @typedef {Record<string, string>} Texts */

/** @type {Map<string, Promise<Texts>>} */
const loaded = new Map();
const LANGUAGES = ["ja", "en"];

/**
 * The texts of a language; English when there are none in that language.
 * @param {string} language
 * @returns {Promise<Texts>}
 */
export function loadTexts(language) {
  const tag = LANGUAGES.includes(language) ? language : "en";
  let texts = loaded.get(tag);
  if (!texts) {
    texts = fetch(new URL(`../texts/${tag}.json`, import.meta.url)).then((answer) => {
      if (!answer.ok) {
        loaded.delete(tag);
        throw new Error(`texts/${tag}.json: ${answer.status}`);
      }
      return answer.json();
    });
    loaded.set(tag, texts);
  }
  return texts;
}

/**
 * Put values into a text with `{placeholders}`.
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
