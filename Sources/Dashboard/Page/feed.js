// The state of the server, asked once a second, and the last minutes of it.

import { ask, Trouble } from "./api.js";

/** Seconds over which rates, quantiles and histograms are shown. */
export const window_ = 15;
const kept = 120;

/** `change` events: `history` ends with the newest state, `trouble` says why there is no newer one. */
class Feed extends EventTarget {
  history = [];
  trouble = null;
  #timer = 0;
  #isAsking = false;

  start() {
    document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(this.#timer) : this.hurry()));
    this.hurry();
  }

  /** Asks now: a key was given, the page is looked at again. */
  hurry() {
    clearTimeout(this.#timer);
    if (!this.#isAsking) this.#ask();
  }

  get newest() {
    return this.history.at(-1) ?? null;
  }

  /** The state from which the last seconds are counted: as old as the window, else the oldest. */
  get before() {
    const newest = this.newest;
    return newest && this.history.find((state) => newest.uptime - state.uptime <= window_ + 0.5);
  }

  async #ask() {
    this.#isAsking = true;
    const begun = performance.now();
    let rest = 1;
    try {
      this.#take(await ask("/v1/status"));
      this.trouble = null;
    } catch (error) {
      this.trouble = error instanceof Trouble ? error : new Trouble(0, `This page stumbled: ${error.message}`);
      rest = Math.max(2, this.trouble.retryAfter);
    }
    this.#isAsking = false;
    this.dispatchEvent(new Event("change"));
    if (!document.hidden) {
      this.#timer = setTimeout(() => this.#ask(), Math.max(0, rest * 1000 - (performance.now() - begun)));
    }
  }

  #take(state) {
    if (!Array.isArray(state?.models) || typeof state.uptime !== "number") {
      throw new Trouble(0, "The answer is not what this page understands.");
    }
    // A server that began anew counts from zero: what was before is another's.
    if (this.newest && state.uptime < this.newest.uptime) this.history = [];
    this.history.push({ ...state, seen: Date.now() });
    this.history = this.history.filter((old) => state.uptime - old.uptime <= kept);
  }
}

export const feed = new Feed();

/** A model of a state, by name and version. */
export const find = (state, model) =>
  state?.models.find((other) => other.name === model.name && other.version === model.version);
