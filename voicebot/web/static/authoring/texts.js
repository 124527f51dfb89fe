/** Texts of the authors' page, one JSON file per language. */

export { fill } from "../chat/texts.js";
export { chosenLanguage, rememberLanguage } from "../desk/texts.js";

/** @typedef {Record<string, string>} Texts */

/** @type {Map<string, Promise<Texts>>} */
const loaded = new Map();

/** @param {string} language @returns {Promise<Texts>} */
export function loadTexts(language) {
  const tag = language === "ja" ? "ja" : "en";
  let texts = loaded.get(tag);
  if (!texts) {
    texts = fetch(new URL(`../texts/authoring.${tag}.json`, import.meta.url)).then((answer) => {
      if (answer.ok) return answer.json();
      throw new Error(`texts/authoring.${tag}.json: ${answer.status}`);
    });
    texts.catch(() => loaded.delete(tag));
    loaded.set(tag, texts);
  }
  return texts;
}
