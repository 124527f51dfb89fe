/**
 * The event log as what people said and what happened: one turn per utterance, in order. The bot's part comes first,
 * the live part after the first person came in.
 */

/** @typedef {import("./store.js").Logged} Logged */
/** @typedef {{seq: number, at: string, who: "customer" | "bot" | "agent" | "system", text: string, lang: string, name: string, agent: string, input: string, interrupted: boolean, pending: boolean, confidence: number | null, private: boolean, utterance: string, original: string, mendedBy: string, kind: string, values: Record<string, string>, live: boolean}} Turn */

const SHOWN_CHANGES = new Set(["queued", "accepted", "lost", "transferred", "returned", "callback_booked", "closed", "cancelled"]);

/** @param {Logged[]} log @returns {Turn[]} */
export function turnsOf(log) {
  /** @type {Turn[]} */
  const turns = [];
  /** @type {Map<string, Turn>} */
  const spoken = new Map();
  /** What the bot had still to say aloud when a person came in: nobody has heard it. @type {Set<Turn>} */
  const unheard = new Set();
  const aloud = log.some((one) => one.event.type === "Played");
  let live = false;
  /** @param {Logged} one @param {Partial<Turn>} given */
  const add = (one, given) => {
    /** @type {Turn} */
    const turn = { seq: one.seq, at: one.at, who: "system", text: "", lang: "", name: "", agent: "", input: "", interrupted: false, pending: false, confidence: null, private: false, utterance: "", original: "", mendedBy: "", kind: "line", values: {}, live, ...given };
    turns.push(turn);
    return turn;
  };
  for (const one of log) {
    const event = one.event;
    switch (event.type) {
      case "Heard":
        spoken.set(event.utterance, add(one, { who: "customer", utterance: event.utterance, text: event.text, lang: event.language, input: event.source, confidence: event.source === "speech" ? event.confidence : null }));
        break;
      case "Said": {
        const said = add(one, { who: "bot", text: event.text, lang: event.language });
        spoken.set(event.utterance, said);
        if (aloud) unheard.add(said);
        break;
      }
      case "Played": {
        const said = spoken.get(event.utterance);
        if (!said) break;
        unheard.delete(said);
        said.text = event.text;
        said.interrupted = !event.complete;
        break;
      }
      case "AgentSaid":
        spoken.set(event.utterance, add(one, { who: "agent", utterance: event.utterance, text: event.text, lang: event.language, name: event.name, agent: event.agent, input: event.source, private: Boolean(event.private), confidence: event.source === "speech" ? event.confidence : null }));
        break;
      case "TranscriptCorrected": {
        const said = spoken.get(event.utterance);
        if (!said) break;
        said.original ||= said.text;
        said.text = event.text;
        said.mendedBy = event.agent;
        said.confidence = null;
        break;
      }
      case "KeysPressed":
        add(one, { who: "customer", kind: "keys", values: { digits: event.digits || "•••" } });
        break;
      case "ContactChanged":
        if (event.change === "accepted") live = true;
        if (SHOWN_CHANGES.has(event.change)) add(one, { kind: `contact_${event.change}`, values: { detail: event.detail ?? "" } });
        break;
      case "PartyJoined":
        if (event.role === "lead") {
          live = true;
          for (const said of unheard) Object.assign(said, { interrupted: true, text: "" });
          unheard.clear();
        }
        add(one, { kind: `joined_${event.role}`, values: { name: event.name } });
        break;
      case "PartyLeft": add(one, { kind: "left", values: { agent: event.agent, name: event.agent } }); break;
      case "HoldChanged": add(one, { kind: event.on ? "hold_on" : "hold_off" }); break;
      case "NoteWritten": add(one, { kind: "note", text: event.text, agent: event.agent, private: true }); break;
      case "RecordingChanged": add(one, { kind: event.on ? "recording_on" : "recording_off" }); break;
      case "Verified": add(one, { kind: "verified", values: { level: event.level } }); break;
      case "DangerSeen": add(one, { kind: "danger", text: event.phrase }); break;
      case "LanguageChanged": add(one, { kind: "language", values: { language: event.language } }); break;
      case "ChannelChanged": add(one, { kind: "channel", values: { channel: event.channel } }); break;
      case "LinkSent": add(one, { kind: "link_sent" }); break;
      case "CallbackTried": add(one, { kind: "callback_tried", values: { attempt: String(event.attempt), outcome: event.outcome } }); break;
      case "Ended": add(one, { kind: `ended_${event.by}` }); break;
      default: break;
    }
  }
  return turns;
}

/**
 * The turn a packet means by a number: its place in the log, or where no line has that place, the moment its own
 * transcript gives it.
 * @param {Turn[]} turns
 * @param {any} packet
 * @param {number} number
 */
export function turnOfPacket(turns, packet, number) {
  const placed = turns.find((turn) => turn.seq === number);
  if (placed) return placed;
  const told = packet?.transcript?.find((/** @type {any} */ one) => one.turn === number);
  if (!told) return undefined;
  const at = Date.parse(told.at);
  const same = turns.filter((turn) => turn.who === told.who && Math.abs(Date.parse(turn.at) - at) < 1500);
  return same.find((turn) => turn.text === told.text) ?? same[0];
}
