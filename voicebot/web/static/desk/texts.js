/** Texts of the console, one JSON file per language. */

export { fill } from "../chat/texts.js";

/** @typedef {Record<string, string>} Texts */

export const LANGUAGES = ["ja", "en"];
/** @type {Map<string, Promise<Texts>>} */
const loaded = new Map();

/** @param {string} language @returns {Promise<Texts>} */
export function loadTexts(language) {
  const tag = LANGUAGES.includes(language) ? language : "en";
  let texts = loaded.get(tag);
  if (!texts) {
    texts = fetch(new URL(`../texts/desk.${tag}.json`, import.meta.url)).then((answer) => {
      if (answer.ok) return answer.json();
      throw new Error(`texts/desk.${tag}.json: ${answer.status}`);
    });
    texts.catch(() => loaded.delete(tag));
    loaded.set(tag, texts);
  }
  return texts;
}

/** The language somebody chose here before, theirs otherwise. @param {string | undefined} own */
export function chosenLanguage(own) {
  try {
    return localStorage.getItem("voicebot.desk.language") ?? own ?? "en";
  } catch {
    return own ?? "en";
  }
}

/** @param {string} language */
export function rememberLanguage(language) {
  try {
    localStorage.setItem("voicebot.desk.language", language);
  } catch {
    // Forbidden storage: the choice lasts until the page is left.
  }
}
