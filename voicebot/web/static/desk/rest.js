/** The console's requests: JSON both ways, the session's cookie, the CSRF token, and problems that say what to do. */

/** A refusal of the server. `code` names it for programs, `message` is for people. */
export class DeskError extends Error {
  /** @param {number} status @param {string} code @param {string} message */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export class Rest extends EventTarget {
  /** @param {string} base such as "/api/desk" */
  constructor(base = "/api/desk") {
    super();
    this.base = base;
    this.csrf = "";
  }

  /**
   * Who is signed in; remembers the CSRF token. Emits "signed-out" on 401.
   * @returns {Promise<{person: any, csrf: string}>}
   */
  async session() {
    const session = await this.send("GET", "/api/session");
    this.csrf = session.csrf;
    return session;
  }

  /** @param {string} path below the base @returns {Promise<any>} */
  get(path) {
    return this.send("GET", this.base + path);
  }

  /** @param {string} path @param {object} [body] @returns {Promise<any>} */
  post(path, body = {}) {
    return this.send("POST", this.base + path, body);
  }

  /** @param {string} path @param {object} body @returns {Promise<any>} */
  patch(path, body) {
    return this.send("PATCH", this.base + path, body);
  }

  /**
   * @param {string} method
   * @param {string} url
   * @param {object} [body]
   * @returns {Promise<any>}
   */
  async send(method, url, body) {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (method !== "GET") headers["X-CSRF-Token"] = this.csrf;
    let answer;
    try {
      answer = await fetch(url, {
        method,
        headers,
        credentials: "same-origin",
        keepalive: method === "DELETE", // who signs out and closes the page is signed out
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    } catch {
      throw new DeskError(0, "unreachable", "");
    }
    if (answer.status === 204) return null;
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) return told;
    if (answer.status === 401) this.dispatchEvent(new CustomEvent("signed-out"));
    throw new DeskError(answer.status, told.code ?? told.title ?? "refused", told.detail ?? "");
  }
}

/**
 * Ask again while it is too early (404, 409) and still wanted: a callback has no call before the customer has answered.
 * @template T @param {() => Promise<T>} ask @param {() => boolean} wanted @returns {Promise<T>}
 */
export async function patiently(ask, wanted) {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const early = error instanceof DeskError && (error.status === 404 || error.status === 409);
      if (!early || !wanted()) throw error;
      await new Promise((again) => setTimeout(again, 400));
    }
  }
}
