/** Words while they are being recognised: one line per voice, gone when they are written down. Pure. */

/** @typedef {{party: string, utterance: string, text: string, language: string, private: boolean, at: number}} Partial_ */
/** By conversation, then by who speaks. @typedef {Map<string, Map<string, Partial_>>} Partials */

/** A line nobody finished is not shown for longer. */
const STALE_MS = 12_000;

/** @param {Partials} partials @param {{conversation: string, party: string, agent?: string, utterance: string, text: string, language?: string, moment?: string, private?: boolean}} frame */
export function overhear(partials, frame) {
  const voices = partials.get(frame.conversation) ?? new Map();
  const voice = `${frame.party}/${frame.agent ?? ""}`;
  if (frame.text) voices.set(voice, { party: frame.party, utterance: frame.utterance, text: frame.text, language: frame.language ?? "", private: Boolean(frame.private), at: Date.now() });
  else if (frame.moment === "ended" && voices.get(voice)?.utterance === frame.utterance) voices.delete(voice);
  partials.set(frame.conversation, voices);
}

/** The log has the words now. @param {Partials} partials @param {string} conversation @param {Record<string, any>} event */
export function writtenDown(partials, conversation, event) {
  const voices = partials.get(conversation);
  if (!voices || (event.type !== "Heard" && event.type !== "AgentSaid")) return;
  for (const [voice, one] of voices) if (one.utterance === event.utterance) voices.delete(voice);
}

/** What is being said now. @param {Partials} partials @param {string} conversation */
export function spokenNow(partials, conversation) {
  return [...(partials.get(conversation)?.values() ?? [])].filter((one) => Date.now() - one.at < STALE_MS);
}
