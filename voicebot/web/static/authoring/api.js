/** The authors' addresses. Refusals carry what the server told besides words: mistakes, or what changed meanwhile. */

import { DeskError, Rest } from "../desk/rest.js";

export class Refused extends DeskError {
  /** @param {number} status @param {string} code @param {string} message @param {any} told */
  constructor(status, code, message, told) {
    super(status, code, message);
    this.told = told;
  }
}

export class AuthorApi extends Rest {
  /** @param {string} tenant */
  constructor(tenant) {
    super(`/api/assist/${encodeURIComponent(tenant)}`);
  }

  /** @param {string} method @param {string} url @param {object} [body] @param {AbortSignal} [signal] @returns {Promise<Response>} */
  async ask(method, url, body, signal) {
    /** @type {Record<string, string>} */
    const headers = body === undefined ? {} : { "Content-Type": "application/json" };
    if (method !== "GET") headers["X-CSRF-Token"] = this.csrf;
    let answer;
    try {
      answer = await fetch(url, { method, headers, signal, credentials: "same-origin", body: body === undefined ? undefined : JSON.stringify(body) });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Refused(0, "unreachable", "", {});
    }
    if (answer.ok) return answer;
    if (answer.status === 401) this.dispatchEvent(new CustomEvent("signed-out"));
    const told = await answer.json().catch(() => ({}));
    throw new Refused(answer.status, told.code ?? "refused", told.detail ?? "", told);
  }

  /** @override @param {string} method @param {string} url @param {object} [body] @returns {Promise<any>} */
  async send(method, url, body) {
    const answer = await this.ask(method, url, body);
    return answer.status === 204 ? null : answer.json();
  }

  /** @param {string} path @returns {Promise<string>} */
  async text(path) {
    return (await this.ask("GET", this.base + path)).text();
  }

  /** Lines as they come. @param {object} wanted @param {AbortSignal} signal @returns {AsyncGenerator<any>} */
  async *preview(wanted, signal) {
    const answer = await this.ask("POST", `${this.base}/preview`, wanted, signal);
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    while (reader) {
      const { value, done } = await reader.read();
      rest += value ?? "";
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line) yield JSON.parse(line);
      if (done) return;
    }
  }
}
