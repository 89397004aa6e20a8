// What one analysis found, asked for by pieces of time as they are looked at.

import { ask, path } from "./api.js";
import { address } from "./assets.js";

/** Seconds of one piece; pieces that are kept; predictions of one piece at most. */
const [length, kept, most] = [4, 40, 20_000];

/** One analysis of an asset. `changed()` is called when more has come. */
export class Found {
  #pieces = new Map();
  #work = new AbortController();
  trouble = null;

  constructor(asset, analysis, changed) {
    Object.assign(this, { asset, analysis, changed });
    this.base = `${address(asset.asset)}/analyses/${encodeURIComponent(analysis.pipeline)}`;
    const rate = asset.rate[1] > 0 ? asset.rate[0] / asset.rate[1] : 0;
    /** Half of what one frame lasts: a frame's own predictions are no further away. */
    this.near = rate > 0 ? Math.min(0.5 / rate, 0.25) : 0.02;
    const frames = (asset.duration ?? 0) * rate;
    /** Seconds between frames that were looked at; 0 where all were. */
    this.step = analysis.frames > 0 && frames > 0 && analysis.frames < frames * 0.9 ? asset.duration / analysis.frames : 0;
  }

  leave() { this.#work.abort(); }

  /** Asks for what is around a moment, and what comes after it. */
  want(time) {
    const at = this.#index(time);
    for (const one of this.asset.kind === "picture" ? [0] : [at, at + 1, at - 1]) {
      if (one >= 0 && !this.#pieces.has(one) && one * length <= (this.asset.duration ?? Infinity)) this.#load(one);
    }
  }

  /** Has what belongs to a moment come? */
  has(time) { return Array.isArray(this.#pieces.get(this.#index(time))); }

  /** Those of the frame that is shown at a moment: exactly its own. Where its number is known, by that, and the moment is about right. */
  at(time, number = null) {
    if (this.asset.kind === "picture") return this.#rows(0);
    if (number !== null) return this.between(time - length / 2, time + length / 2).filter((one) => one.frame === number);
    return this.between(time - this.near, time + this.near).filter((one, _, all) => one.time === nearest(all, time));
  }

  /** Those of the last frame that was looked at, where only some were: `{rows, time}`. */
  before(time) {
    if (this.step === 0) return { rows: [], time: null };
    const rows = this.between(time - this.step * 1.05, time);
    const last = rows.at(-1)?.time ?? null;
    return { rows: rows.filter((one) => one.time === last), time: last };
  }

  /** Those that are there of a span of time, in the order of their frames. */
  between(from, to) {
    if (this.asset.kind === "picture") return this.#rows(0);
    const all = [];
    for (let index = this.#index(Math.max(0, from)); index <= this.#index(Math.max(0, to)); index += 1) {
      all.push(...this.#rows(index).filter((one) => one.time >= from && one.time <= to));
    }
    return all;
  }

  timeline(from, to, buckets, signal) { return ask(path(`${this.base}/timeline`, { from, to, buckets }), { signal }, 30); }
  trace(number, signal) { return ask(`${this.base}/predictions/${number}`, { signal }, 60); }
  frame(index) { return `${this.base}/frames/${index}`; }
  export(format) { return path(`${this.base}/export`, { format }); }

  #index(time) { return this.asset.kind === "picture" ? 0 : Math.floor(Math.max(0, time) / length); }

  #rows(index) {
    const piece = this.#pieces.get(index);
    return Array.isArray(piece) ? piece : [];
  }

  async #load(index) {
    this.#pieces.set(index, "asked");
    try {
      const rows = [];
      const span = this.asset.kind === "picture" ? {} : { from: index * length, to: (index + 1) * length };
      let after;
      do {
        const page = await ask(path(`${this.base}/predictions`, { ...span, limit: 1000, after }), { signal: this.#work.signal }, 30);
        rows.push(...page.predictions);
        after = page.next;
      } while (after && rows.length < most);
      // What lies on the border belongs to the next piece.
      this.#pieces.set(index, this.asset.kind === "picture" ? rows : rows.filter((one) => one.time < span.to));
      this.trouble = null;
      for (const old of this.#pieces.keys()) {
        if (this.#pieces.size <= kept) break;
        if (Math.abs(old - index) > 2) this.#pieces.delete(old);
      }
    } catch (trouble) {
      if (this.#work.signal.aborted) return;
      this.trouble = trouble;
      this.#pieces.set(index, "failed");
      setTimeout(() => this.#pieces.delete(index), 3000);
    }
    this.changed();
  }
}

const nearest = (rows, time) =>
  rows.reduce((best, one) => (best === null || Math.abs(one.time - time) < Math.abs(best - time) ? one.time : best), null);
