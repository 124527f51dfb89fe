/** The assist's addresses; what they take and answer is described in /openapi.json under "desk: assist". */

/** @typedef {import("./assist_text.js").CardText} CardText */
/** @typedef {{kind: string, mandatory: boolean, expires_s: number, text: Record<string, CardText>}} Card */
/** `branch`: only some talks come to it; `depends`: the step whose answer decides; `settles`: slots that are known once it is done. @typedef {{id: string, kind: string, mandatory: boolean, party: string, settles: string[], text: Record<string, {label: string, say: string, novice: string}>, branch: boolean, depends: string}} Step */
/** `required`: slots that must be known in the end. @typedef {{id: string, names: Record<string, string>, suggested: boolean, required: string[], steps: Step[]}} Script */
/** `slots`: what may be asked for, in words by language. @typedef {{scripts: Script[], slots: Record<string, Record<string, string>>}} Scripts */
/** @typedef {{entry: string, title: string, text: string, source: string, url: string, language: string}} Entry */
/** @typedef {{text: string, turns: number[]}} Sentence */
/** @typedef {{summary: Sentence[], dispositions: {code: string, weight: number, turns: number[]}[], follow_ups: {kind: string, text: string, due_at: string, said: boolean, turns: number[]}[], notes: Record<string, string>, solved: {problem: string, solution: string, turns: number[], language: string} | null, missing_slots: string[]}} After */

export class AssistApi {
  /** @param {import("./rest.js").Rest} rest */
  constructor(rest) {
    this.rest = rest;
  }

  /** @param {string} tenant @param {string} version @returns {Promise<Map<string, Card>>} */
  async content(tenant, version) {
    const told = await this.rest.send("GET", `/api/assist/${encodeURIComponent(tenant)}/content?version=${encodeURIComponent(version)}`);
    return new Map(told.cards.map((/** @type {Card & {id: string}} */ one) => [one.id, one]));
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
    return told.entries.map(entryOf);
  }

  /** @param {string} contact @param {string} entry @returns {Promise<Entry>} */
  async entry(contact, entry) {
    return entryOf(await this.of(contact, "GET", `/knowledge/${encodeURIComponent(entry)}`));
  }

  /** @param {string} contact @param {string} utterance @param {string} text */
  correct(contact, utterance, text) {
    return this.of(contact, "POST", "/corrections", { utterance, text });
  }

  /** @param {string} contact @returns {Promise<Scripts>} */
  scripts(contact) {
    return this.of(contact, "GET", "/scripts");
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
  after(contact, language) {
    return this.of(contact, "GET", `/after?language=${encodeURIComponent(language)}`);
  }

  /** @param {string} contact @param {{problem: string, solution: string, turns: number[]}} found */
  propose(contact, found) {
    return this.of(contact, "POST", "/proposals", found);
  }

  /** @param {string} contact @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} */
  of(contact, method, path, body) {
    return this.rest.send(method, `/api/assist/contacts/${encodeURIComponent(contact)}${path}`, body);
  }
}

/** Only addresses of the web are opened. @param {Entry} one @returns {Entry} */
function entryOf(one) {
  return { ...one, url: /^https?:/.test(one.url) ? one.url : "" };
}
