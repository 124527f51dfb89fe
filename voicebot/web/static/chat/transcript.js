/** The conversation as plain text, for copying and printing. */

import { fill } from "./texts.js";

/** @typedef {import("./conversation.js").Line} Line */
/** @typedef {import("./texts.js").Texts} Texts */

/** The visitor's own variety of a language, such as en-GB for en. @param {string} language */
function locale(language) {
  return navigator.languages.find((tag) => tag.split("-")[0] === language) ?? language;
}

/** @param {string} at @param {string} language */
export function clock(at, language) {
  return new Intl.DateTimeFormat(locale(language), { timeStyle: "short" }).format(new Date(at));
}

/** @param {string} at @param {string} language */
export function day(at, language) {
  return new Intl.DateTimeFormat(locale(language), { dateStyle: "long" }).format(new Date(at));
}

/** The words of a line; a change that came without words is named in ours. @param {Line} line @param {Texts} texts */
function wordsOf(line, texts) {
  return line.text || fill(texts[`line_${line.kind}`] ?? "", { name: line.name || texts.agent });
}

/**
 * @param {Line[]} lines
 * @param {Texts} texts
 * @param {string} language
 */
export function transcript(lines, texts, language) {
  const written = [];
  let today = "";
  for (const line of lines) {
    const date = day(line.at, language);
    if (date !== today) written.push(written.length ? `\n${date}` : date);
    today = date;
    written.push(`${clock(line.at, language)} ${line.from === "agent" && line.name ? line.name : texts[line.from]}${line.via ? ` (${texts[`via_${line.via}`] ?? line.via})` : ""}: ${wordsOf(line, texts)}`);
  }
  return written.join("\n");
}

/**
 * Copy to the clipboard.
 * @param {string} text
 * @returns {Promise<boolean>} whether it worked
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Print in a window of its own, so that the page around the chat is left out.
 * @param {string} title
 * @param {string} text
 * @param {string} language
 */
export function print(title, text, language) {
  const sheet = window.open("", "_blank", "width=720,height=800");
  if (!sheet) return false;
  const page = sheet.document;
  page.title = title;
  page.documentElement.lang = language;
  const heading = page.createElement("h1");
  heading.textContent = title;
  page.body.append(heading);
  for (const line of text.split("\n")) {
    const paragraph = page.createElement("p");
    paragraph.textContent = line;
    page.body.append(paragraph);
  }
  sheet.print();
  return true;
}
