// Questions to the server, with the key where one was given, and its errors as errors.

const place = "ridley.key";

export const key = {
  get: () => sessionStorage.getItem(place),
  set: (text) => (text ? sessionStorage.setItem(place, text) : sessionStorage.removeItem(place)),
};

/** What went wrong: `status` 0 where no answer came, and the server's own words where it had some. */
export class Trouble extends Error {
  constructor(status, message, retryAfter = 0) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** Asks and reads JSON; throws a Trouble for everything else. */
export async function ask(path, options = {}, seconds = 5) {
  const headers = new Headers(options.headers);
  const text = key.get();
  if (text) headers.set("Authorization", `Bearer ${text}`);
  let response, body;
  try {
    response = await fetch(path, {
      ...options, headers, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(seconds * 1000),
    });
    body = await response.text();
  } catch (error) {
    throw new Trouble(0, error.name === "TimeoutError" ? `No answer within ${seconds} s.` : "The server does not answer.");
  }
  let value;
  try {
    value = JSON.parse(body);
  } catch {
    throw new Trouble(response.ok ? 0 : response.status, "The answer is not what this page understands.");
  }
  if (response.ok) return value;
  const words = typeof value?.error === "string" ? value.error : value?.error?.message;
  const seconds_ = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  throw new Trouble(response.status, words || `The server answered ${response.status}.`, seconds_ > 0 ? seconds_ : 0);
}
