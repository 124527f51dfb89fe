/**
 * Shortcuts: a modifier and one letter, by the place of the key, so that they work on every keyboard and with input
 * methods. The modifier can be changed or turned off, because screen readers and browsers use some of them.
 */

/** What each key does, in the order of the help page. */
export const SHORTCUTS = [
  ["accept", "KeyY"],
  ["decline", "KeyN"],
  ["next", "KeyJ"],
  ["previous", "KeyK"],
  ["reply", "KeyR"],
  ["canned", "KeyC"],
  ["packet", "KeyI"],
  ["mute", "KeyM"],
  ["hold", "KeyL"],
  ["transfer", "KeyT"],
  ["wrap_up", "KeyW"],
  ["presence", "KeyP"],
  ["assist", "KeyA"],
  ["card_use", "KeyU"],
  ["card_copy", "KeyO"],
  ["card_useful", "KeyG"],
  ["card_dismiss", "KeyX"],
  ["card_previous", "Comma"],
  ["card_next", "Period"],
  ["script_tick", "KeyQ"],
  ["knowledge_find", "KeyS"],
  ["help", "Slash"],
];

/** @type {Record<string, (event: KeyboardEvent) => boolean>} */
const MODIFIERS = {
  alt: (event) => event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey,
  "alt+shift": (event) => event.altKey && event.shiftKey && !event.ctrlKey && !event.metaKey,
  "ctrl+alt": (event) => event.altKey && event.ctrlKey && !event.metaKey && !event.shiftKey,
  off: () => false,
};
export const MODIFIER_NAMES = Object.keys(MODIFIERS);
/** Keys whose place is not named by what is on them. @type {Record<string, string>} */
const SIGNS = { Slash: "/", Comma: ",", Period: "." };
const KEY = "voicebot.desk.modifier";

export function modifier() {
  try {
    const kept = localStorage.getItem(KEY);
    return kept && kept in MODIFIERS ? kept : "alt";
  } catch {
    return "alt";
  }
}

/** @param {string} name */
export function setModifier(name) {
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // Forbidden storage: the usual modifier stays.
  }
}

/** What a key press asks for, or null. @param {KeyboardEvent} event */
export function shortcut(event) {
  if (event.isComposing || event.keyCode === 229 || event.repeat) return null;
  const chosen = modifier();
  if (MODIFIERS[chosen](event)) return SHORTCUTS.find(([, code]) => code === event.code)?.[0] ?? null;
  const plain = !event.altKey && !event.ctrlKey && !event.metaKey;
  return plain && event.key === "?" && chosen !== "off" && !writing(event) ? "help" : null;
}

/** Whether the key goes into a field. @param {KeyboardEvent} event */
function writing(event) {
  const at = event.composedPath()[0];
  return at instanceof HTMLElement && (at.matches("input, textarea, select") || at.isContentEditable);
}

/** How to press it: "Alt+Y", or the empty string when shortcuts are off. @param {string} name */
export function keyName(name) {
  const chosen = modifier();
  const code = SHORTCUTS.find(([action]) => action === name)?.[1];
  if (!code || chosen === "off") return "";
  const words = chosen.split("+").map((word) => word[0].toUpperCase() + word.slice(1));
  return [...words, SIGNS[code] ?? code.replace("Key", "")].join("+");
}

/** The same as ARIA writes it. @param {string} name */
export function ariaKey(name) {
  return keyName(name).replace("Ctrl", "Control");
}
