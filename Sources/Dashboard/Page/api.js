// Questions to the server, as whom they are asked, and its errors as errors.

const place = "ridley.key", mark = "ridley.session";

/** What went wrong: `status` 0 where no answer came, and the server's own words where it had some. */
export class Trouble extends Error {
  constructor(status, message, retryAfter = 0) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/**
 * As whom this page asks. A key is exchanged for a session, which a cookie names that no script can read, so that pictures and
 * films obey it too; a server without sessions gets the key with every question. `change` events: another caller, or none.
 */
class Session extends EventTarget {
  #facts = null;
  /** Was there a session that the server ended? */
  hasEnded = false;

  get key() { return sessionStorage.getItem(place); }
  get isKnown() { return Boolean(this.#facts || this.key); }
  /** The client whose key it is, where the server says so. */
  get client() { return this.#facts?.client ?? null; }
  get proof() { return this.#facts?.csrf ?? null; }

  /** May this page do what needs the scope? A caller that is not known may have any. */
  may(scope) {
    const scopes = this.#facts?.scopes;
    return !Array.isArray(scopes) || scopes.includes(scope) || scopes.includes("admin");
  }

  async signIn(text) {
    await this.#end();
    if (text) {
      const headers = { Authorization: `Bearer ${text}` };
      try {
        this.#take(await ask("/v1/session", { method: "POST", headers }));
      } catch {
        // No sessions here, or the key is refused, which the next question tells.
        sessionStorage.setItem(place, text);
      }
    }
    this.#tell();
  }

  async signOut() {
    await this.#end();
    this.#tell();
  }

  /** What the cookie still stands for, once the page is opened again. */
  async resume() {
    if (!localStorage.getItem(mark)) return;
    try {
      this.#take(await ask("/v1/session"));
      this.#tell();
    } catch (trouble) {
      if (trouble.status !== 0) localStorage.removeItem(mark);
    }
  }

  /** The server knows the session no more. */
  expire() {
    if (!this.#facts) return;
    [this.#facts, this.hasEnded] = [null, true];
    localStorage.removeItem(mark);
    this.#tell();
  }

  #take(facts) {
    [this.#facts, this.hasEnded] = [facts, false];
    localStorage.setItem(mark, "1");
  }

  async #end() {
    const wasOpen = this.#facts !== null;
    if (wasOpen) await ask("/v1/session", { method: "DELETE" }).catch(() => null);
    [this.#facts, this.hasEnded] = [null, false];
    localStorage.removeItem(mark);
    sessionStorage.removeItem(place);
  }

  #tell() { this.dispatchEvent(new Event("change")); }
}

export const session = new Session();

/** Asks and reads JSON; throws a Trouble for everything else. */
export async function ask(path, options = {}, seconds = 5) {
  return (await answer(path, options, seconds)).value;
}

/** The same, with the answer's entity tag: `{value, tag}`. */
export async function answer(path, options = {}, seconds = 5) {
  const { response, body } = await call(path, options, seconds);
  if (response.status === 204) return { value: null, tag: null };
  return { value: read(response, body), tag: response.headers.get("ETag") };
}

/** An answer that comes bit by bit, or is no text, as the browser's own response; throws a Trouble where it is none. */
export async function open(path, signal) {
  const headers = session.key ? { Authorization: `Bearer ${session.key}` } : {};
  let response;
  try {
    response = await fetch(path, { headers, cache: "no-store", credentials: "same-origin", signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Trouble(0, "The server does not answer.");
  }
  if (!response.ok) read(response, await response.text());
  return response;
}

/** The JSON of an answer; throws a Trouble where it tells one. */
function read(response, body) {
  let value;
  try {
    value = JSON.parse(body);
  } catch {
    throw new Trouble(response.ok ? 0 : response.status, "The answer is not what this page understands.");
  }
  if (response.ok) return value;
  if (response.status === 401) session.expire();
  const words = typeof value?.error === "string" ? value.error : value?.error?.message;
  const rest = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  throw new Trouble(response.status, words || `The server answered ${response.status}.`, rest > 0 ? rest : 0);
}

async function call(path, options, seconds) {
  const headers = new Headers(options.headers);
  if (session.key && !headers.has("Authorization")) headers.set("Authorization", `Bearer ${session.key}`);
  if (session.proof && options.method && options.method !== "GET") headers.set("X-CSRF-Token", session.proof);
  const limit = AbortSignal.timeout(seconds * 1000);
  const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
  try {
    const response = await fetch(path, { ...options, headers, cache: "no-store", credentials: "same-origin", signal });
    return { response, body: await response.text() };
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Trouble(0, error.name === "TimeoutError" ? `No answer within ${seconds} s.` : "The server does not answer.");
  }
}

/** A path with what is asked behind the question mark: empty and missing values are left out. */
export function path(base, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return given.length === 0 ? base : `${base}?${new URLSearchParams(given)}`;
}
