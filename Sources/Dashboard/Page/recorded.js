// What a day of a stream left behind: what was recorded, its clips, what happened, and what is held.

import { ask, path } from "./api.js";
import { iso, momentOf } from "./days.js";
import { address } from "./streams.js";

/** Events of a day that are drawn. */
const mostEvents = 5000;
const pageSize = 500;
/** A film that is asked for in one go, in milliseconds. */
const stretch = 600_000;
/** Between two spans, so that they are one. */
const seam = 60;

const times = (one) => ({ ...one, from: momentOf(one.from), to: momentOf(one.to) });

/** Until when it was so: what the server lacks is so until it is over. */
export const endOf = (one) => (["health", "drift"].includes(one.kind) && one.state !== "over" ? Date.now() : momentOf(one.to));

export const readEvent = (id, client, signal) => ask(path(`/v1/events/${encodeURIComponent(id)}`, { client }), { signal }, 10);
export const eventAddress = (one, rest, client) => path(`/v1/events/${encodeURIComponent(one.event)}/${rest}`, { client });
export const eventsOf = (query, signal) => ask(path("/v1/events", query), { signal }, 20);

export const holdsOf = async (name, client, signal) => (await ask(address(name, client, "holds"), { signal }, 10)).holds.map(times);
export const hold = (name, client, body) => ask(
  address(name, client, "holds"), { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }, 15);
export const release = (name, client, id) => ask(address(name, client, `holds/${encodeURIComponent(id)}`), { method: "DELETE" }, 15);
export const filmAddress = (name, client, from, to) => address(name, client, "recording.mp4", { from: iso(from), to: iso(to) });

export const thumbnail = (one) => `/v1/assets/${encodeURIComponent(one.asset)}/thumbnail`;

/** The last of a sorted list that begins by a moment; `undefined` where there is none. */
export function lastBy(list, moment) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle].from <= moment) low = middle + 1;
    else high = middle;
  }
  return list[low - 1];
}

const covering = (list, moment) => {
  const one = lastBy(list, moment);
  return one && moment < one.to ? one : null;
};

export class RecordedDay {
  spans = [];
  segments = [];
  clips = [];
  events = [];
  holds = [];
  /** More happened than is drawn. */
  isCut = false;
  #events = new Map();

  constructor(name, client, { from, to }) { Object.assign(this, { name, client, from, to }); }

  get isEmpty() { return this.spans.length === 0 && this.clips.length === 0 && this.events.length === 0; }
  /** Until when there are pictures. */
  get end() { return Math.max(this.spans.at(-1)?.to ?? 0, this.clips.at(-1)?.to ?? 0); }

  /** `came()` is called with each part of it. */
  async load(signal, came = () => null) {
    await Promise.all([this.#record(this.from, signal).then(came), this.#happen(this.from, signal, came), this.hold(signal)]);
  }

  /** What came since. */
  async refresh(signal) {
    const open = this.events.find((one) => one.state !== "over");
    const since = Math.min(open?.from ?? Infinity, (this.events.at(-1)?.from ?? this.from) - 120_000);
    await Promise.all([
      this.#record(Math.max(this.from, (this.spans.at(-1)?.to ?? this.from) - 1000), signal),
      this.#happen(Math.max(this.from, since), signal), this.hold(signal),
    ]);
  }

  async hold(signal) {
    this.holds = (await holdsOf(this.name, this.client, signal)).filter((one) => one.from < this.to && one.to > this.from);
  }

  async #record(from, signal) {
    let at = from;
    while (at < this.to) {
      const part = await ask(address(this.name, this.client, "recordings", { from: iso(at), to: iso(this.to) }), { signal }, 20);
      for (const span of part.spans.map(times)) this.#join(span);
      this.#take(this.segments, part.segments);
      this.#take(this.clips, part.clips);
      const end = momentOf(part.to);
      if (end <= at) return;
      at = end;
    }
  }

  #join(span) {
    const last = lastBy(this.spans, span.from);
    if (last && span.from <= last.to + seam) last.to = Math.max(last.to, span.to);
    else this.spans.splice(last ? this.spans.indexOf(last) + 1 : 0, 0, span);
  }

  #take(list, found) {
    const known = new Set(list.map((one) => one.asset));
    const fresh = found.filter((one) => !known.has(one.asset)).map(times);
    if (fresh.length > 0) list.push(...fresh);
    list.sort((a, b) => a.from - b.from);
  }

  async #happen(from, signal, came = () => null) {
    let after = "";
    this.isCut = false;
    do {
      const page = await eventsOf({ stream: this.name, client: this.client, from: iso(from), to: iso(this.to), limit: pageSize, after }, signal);
      for (const one of page.events) this.#events.set(one.event, { ...times(one), to: endOf(one) });
      after = page.next ?? "";
      this.isCut = this.#events.size >= mostEvents && after !== "";
      this.events = [...this.#events.values()].sort((a, b) => a.from - b.from);
      came();
    } while (after && !this.isCut);
  }

  span(moment) { return covering(this.spans, moment); }
  segment(moment) { return covering(this.segments, moment); }
  /** Clips may lie over each other. */
  clip(moment) { return this.clips.findLast((one) => one.from <= moment && moment < one.to) ?? null; }

  /** A film in which a moment is: `{from, to, address}`, second *s* of which is `from` + *s*; `null` where there is none. */
  film(moment, longest = stretch) {
    const span = this.span(moment);
    if (span) {
      const to = Math.min(span.to, moment + longest);
      return { from: moment, to, address: filmAddress(this.name, this.client, moment, to) };
    }
    const clip = this.clip(moment);
    return clip?.event ? { from: clip.from, to: clip.to, address: eventAddress(clip, "clip", this.client) } : null;
  }

  /** Where pictures go on behind a moment, `null` at the end. */
  next(moment) {
    const all = [...this.spans, ...this.clips.filter((one) => one.event)].filter((one) => one.to > moment + seam).map((one) => Math.max(moment, one.from));
    return all.length === 0 ? null : Math.min(...all);
  }

  /** The event before or behind a moment. */
  event(moment, step) {
    return step > 0 ? this.events.find((one) => one.from > moment + 500) : this.events.findLast((one) => one.from < moment - 1500);
  }
}
