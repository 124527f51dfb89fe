/** The assist's addresses, and its answers in the shape the sidebar uses. */

/** @typedef {import("./assist_text.js").CardText} CardText */
/** @typedef {{kind: string, mandatory: boolean, expires_s: number, text: Record<string, CardText>}} Card */
/** @typedef {{id: string, kind: string, mandatory: boolean, party: string, text: Record<string, {label: string, say?: string, novice?: string}>, branch: Record<string, string>}} Step */
/** @typedef {{id: string, version: string, names: Record<string, string>, suggested: boolean, steps: Step[]}} Script */
/** @typedef {{entry: string, title: string, text: string, source: string, url: string, language: string}} Entry */
/** @typedef {{text: string, turns: number[]}} Sentence */
/** @typedef {{summary: Sentence[], disposition: {code: string, label: string, because: string[]} | null, follow_ups: {kind: string, text: string, due_at: string | null, turns: number[]}[], note: string, problem: string, solution: string, turns: number[]}} After */

const LANGUAGE = /^[a-z]{2}(-[A-Za-z]+)?$/;

export class AssistApi {
  /** @param {import("./rest.js").Rest} rest */
  constructor(rest) {
    this.rest = rest;
  }

  /** @param {string} tenant @param {string} version @returns {Promise<Map<string, Card>>} */
  async content(tenant, version) {
    const told = await this.rest.send("GET", `/api/assist/${encodeURIComponent(tenant)}/content?version=${encodeURIComponent(version)}`);
    const cards = Array.isArray(told.cards) ? told.cards.map((/** @type {any} */ one) => [one.id, one]) : Object.entries(told.cards ?? {});
    return new Map(cards.map((/** @type {[string, any]} */ [id, one]) => [id, { kind: one.kind ?? "script", mandatory: Boolean(one.mandatory), expires_s: one.expires_s ?? 60, text: one.text ?? perLanguage(one) }]));
  }

  /** @param {string} contact @param {string} card @param {string} how @param {string} why */
  feedback(contact, card, how, why) {
    return this.of(contact, "POST", `/cards/${encodeURIComponent(card)}`, { how, why });
  }

  /** Bring a card back. @param {string} contact @param {string} card */
  ask(contact, card) {
    return this.of(contact, "POST", "/ask", { card });
  }

  /** @param {string} contact @param {string} words @returns {Promise<Entry[]>} */
  async search(contact, words) {
    const told = await this.of(contact, "GET", `/search?q=${encodeURIComponent(words)}`);
    return (told.entries ?? told.results ?? []).map(entryOf);
  }

  /** @param {string} contact @param {string} entry @returns {Promise<Entry>} */
  async entry(contact, entry) {
    return entryOf(await this.of(contact, "GET", `/knowledge/${encodeURIComponent(entry)}`));
  }

  /** @param {string} contact @param {string} utterance @param {string} text */
  correct(contact, utterance, text) {
    return this.of(contact, "POST", "/corrections", { utterance, text });
  }

  /** @param {string} contact @returns {Promise<Script[]>} */
  async scripts(contact) {
    const told = await this.of(contact, "GET", "/scripts");
    return (told.scripts ?? []).map((/** @type {any} */ one) => ({ id: one.id, version: one.version ?? "", names: texts(one.names ?? one.name ?? one.id), suggested: Boolean(one.suggested), steps: (one.steps ?? []).map(stepOf) }));
  }

  /** @param {string} contact @param {string} script */
  start(contact, script) {
    return this.of(contact, "POST", `/scripts/${encodeURIComponent(script)}/start`, {});
  }

  /** @param {string} contact @param {string} script @param {string} step @param {string} change */
  step(contact, script, step, change) {
    return this.of(contact, "POST", `/scripts/${encodeURIComponent(script)}/steps/${encodeURIComponent(step)}`, { change });
  }

  /** @param {string} contact @param {string} language of the agent @returns {Promise<After>} */
  async after(contact, language) {
    const told = await this.of(contact, "GET", `/after?language=${encodeURIComponent(language)}`);
    return { summary: told.summary ?? [], disposition: told.disposition?.code ? { because: [], ...told.disposition } : null, follow_ups: told.follow_ups ?? [], note: told.note ?? "", problem: told.problem ?? "", solution: told.solution ?? "", turns: told.turns ?? [] };
  }

  /** @param {string} contact @param {{problem: string, solution: string, turns: number[]}} found */
  propose(contact, found) {
    return this.of(contact, "POST", "/faq", found);
  }

  /** @param {string} contact @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} */
  of(contact, method, path, body) {
    return this.rest.send(method, `/api/assist/contacts/${encodeURIComponent(contact)}${path}`, body);
  }
}

/** Languages that stand beside other fields. @param {Record<string, any>} given */
function perLanguage(given) {
  return Object.fromEntries(Object.entries(given).filter(([name, value]) => LANGUAGE.test(name) && value && typeof value === "object"));
}

/** @param {any} given @returns {Record<string, string>} */
function texts(given) {
  return given && typeof given === "object" ? given : { en: String(given ?? "") };
}

/** @param {any} one @returns {Step} */
function stepOf(one) {
  return { id: one.id, kind: one.kind ?? "say", mandatory: Boolean(one.mandatory), party: one.party ?? "agent", text: one.text ?? perLanguage(one), branch: one.branch ? texts(one.branch) : {} };
}

/** @param {any} one @returns {Entry} */
function entryOf(one) {
  return { entry: String(one.entry ?? one.id ?? ""), title: one.title ?? one.question ?? "", text: one.text ?? one.answer ?? "", source: one.source ?? "", url: /^https?:/.test(one.url ?? "") ? one.url : "", language: one.language ?? "" };
}
