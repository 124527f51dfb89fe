/** What the log says of the assist: cards, the guided script, knowledge, and how the talk was shared. Pure. */

/** @typedef {import("./store.js").Logged} Logged */
/**
 * A card that was shown. `over`: how it left the screen, empty while it is there; `marks`: copied, useful.
 * @typedef {{card: string, version: string, reason: string, utterance: string, place: "prominent" | "second", values: Record<string, string>, seq: number, at: string, marks: Set<string>, over: string}} ShownCard
 */
/** `agent`: who led the contact then. @typedef {{change: "done" | "skipped" | "undone", by: "heard" | "clicked" | "script", utterance: string, agent: string, seq: number}} Mark */
/**
 * A script on its way; steps by {@link stepKey}. `passed`: those the agent was led to, in order; `at`: the present one;
 * `agent`: who began it.
 * @typedef {{script: string, version: string, agent: string, ended: boolean, at: string, passed: string[], marks: Map<string, Mark>, warned: Set<string>}} Progress
 */

const STAY = new Set(["copied", "useful"]);
/** Shorter than this people only meet each other's words. */
const OVERLAP_MS = 1200;
/** Before this much talk a share says nothing. */
const LEAST_TALK_MS = 20_000;

/**
 * Every card of one agent, each once, in the order of its latest showing.
 * @param {Logged[]} log
 * @param {string} agent
 * @returns {ShownCard[]}
 */
export function cardsOf(log, agent) {
  /** @type {ShownCard[]} */
  let trail = [];
  for (const { seq, at, event } of log) {
    if (event.agent !== agent) continue;
    if (event.type === "CardShown") {
      trail = trail.filter((one) => one.card !== event.card);
      if (event.place !== "second") for (const one of trail) if (!one.over) one.place = "second";
      trail.push({ card: event.card, version: event.version, reason: event.reason, utterance: event.utterance ?? "", place: event.place ?? "prominent", values: event.values ?? {}, seq, at, marks: new Set(), over: "" });
    } else if (event.type === "CardEnded") {
      const shown = trail.find((one) => one.card === event.card && !one.over);
      if (!shown) continue;
      if (STAY.has(event.how)) shown.marks.add(event.how);
      else shown.over = event.how;
    }
  }
  return trail;
}

/** What is on the screen of these: the prominent one first, two at most. @param {ShownCard[]} trail */
export function onScreen(trail) {
  const there = trail.filter((one) => !one.over);
  const first = there.findLast((one) => one.place === "prominent") ?? there.at(-1);
  const second = there.findLast((one) => one !== first);
  return /** @type {ShownCard[]} */ ([first, second].filter(Boolean));
}

/** Name of a step in a run: a script that was led to from another brings its own. @param {string} script @param {string} step */
export function stepKey(script, step) {
  return `${script}/${step}`;
}

/** Whether a contact was finished: a later one in the same conversation begins without its script. @param {Record<string, any>} event */
function over(event) {
  return event.type === "ContactChanged" && event.change === "closed";
}

/**
 * Where the script stands that was started last, whoever led the contact then, or null.
 * @param {Logged[]} log
 * @returns {Progress | null}
 */
export function progressOf(log) {
  /** @type {Progress | null} */
  let run = null;
  for (const { seq, event } of log) {
    if (over(event)) run = null;
    if (event.type !== "ScriptMoved") continue;
    if (event.change === "started") run = { script: event.script, version: event.version, agent: event.agent, ended: false, at: "", passed: [], marks: new Map(), warned: new Set() };
    if (!run) continue;
    const key = stepKey(event.script, event.step);
    switch (event.change) {
      case "entered":
        run.at = key;
        if (!run.passed.includes(key)) run.passed.push(key);
        break;
      case "done": case "skipped": case "undone":
        run.marks.set(key, { change: event.change, by: event.by, utterance: event.utterance ?? "", agent: event.agent, seq });
        if (event.change === "done") run.warned.delete(key);
        break;
      case "warned": run.warned.add(key); break;
      case "ended": run.ended = true; break;
      default: break;
    }
  }
  return run;
}

/** Scripts that may fit what was said since the last one began. @param {Logged[]} log @returns {Set<string>} */
export function proposedOf(log) {
  const found = new Set();
  for (const { event } of log) {
    if (over(event)) found.clear();
    if (event.type !== "ScriptMoved") continue;
    if (event.change === "proposed") found.add(event.script);
    if (event.change === "started") found.delete(event.script);
  }
  return found;
}

/** Slots that have a value, also one that nobody is shown. @param {Logged[]} log @returns {Set<string>} */
export function knownOf(log) {
  const found = new Set();
  for (const { event } of log) {
    if (event.type !== "SlotSet") continue;
    if (event.sensitive || (event.value !== null && event.value !== undefined && event.value !== "")) found.add(event.slot);
    else found.delete(event.slot);
  }
  return found;
}

/** Values the conversation knows, as a text may say them. @param {Logged[]} log @returns {Record<string, string>} */
export function valuesOf(log) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const { event } of log) {
    if (event.type !== "SlotSet") continue;
    if (!event.sensitive && ["string", "number"].includes(typeof event.value)) found[event.slot] = String(event.value);
    else delete found[event.slot];
  }
  return found;
}

/** What came up by itself last. @param {Logged[]} log @param {string} agent */
export function knowledgeOf(log, agent) {
  const last = log.findLast(({ event }) => event.type === "KnowledgeShown" && event.agent === agent && !event.asked);
  return last ? { entry: String(last.event.entry), source: String(last.event.source), utterance: String(last.event.utterance ?? ""), seq: last.seq, at: last.at } : null;
}

/** The words of an utterance as they stand now, and their place in the log. @param {Logged[]} log @param {string} utterance */
export function wordsOf(log, utterance) {
  const said = utterance ? log.find(({ event }) => event.utterance === utterance && (event.type === "Heard" || event.type === "AgentSaid")) : undefined;
  if (!said) return null;
  const mended = log.findLast(({ event }) => event.type === "TranscriptCorrected" && event.utterance === utterance);
  return { seq: said.seq, text: String(mended?.event.text ?? said.event.text) };
}

/** How long the agent and the customer spoke, in ms; null before it says anything. @param {Logged[]} log @param {string} agent */
export function balanceOf(log, agent) {
  let mine = 0;
  let theirs = 0;
  let live = false;
  for (const { event } of log) {
    live ||= event.type === "AgentSaid" || (event.type === "ContactChanged" && event.change === "accepted");
    if (!live || event.source !== "speech") continue;
    const long = Math.max(0, (event.ended_ms ?? 0) - (event.started_ms ?? 0));
    if (event.type === "Heard") theirs += long;
    if (event.type === "AgentSaid" && event.agent === agent && !event.private) mine += long;
  }
  return mine + theirs >= LEAST_TALK_MS ? { mine, theirs } : null;
}

/** When this agent and the customer last spoke at once for long, or null. @param {Logged[]} log @param {string} agent */
export function overlapOf(log, agent) {
  const spoken = log.filter(({ event }) => event.source === "speech" && (event.type === "Heard" || (event.type === "AgentSaid" && event.agent === agent && !event.private))).slice(-6);
  for (const later of spoken.toReversed()) {
    for (const other of spoken) {
      if (other.event.type === later.event.type || other.seq > later.seq) continue;
      const shared = Math.min(other.event.ended_ms, later.event.ended_ms) - Math.max(other.event.started_ms, later.event.started_ms);
      if (shared >= OVERLAP_MS) return later.at;
    }
  }
  return null;
}
