// Jobs as the server tells of them: the questions, and the words for what is answered.

import { ask, path } from "./api.js";
import { day, group as place, moment, states as assetStates } from "./assets.js";
import { age, group, short } from "./figures.js";

const address = (id) => `/v1/jobs/${encodeURIComponent(id)}`;
const post = (target, body, headers = {}) => ask(
  target, { method: "POST", ...(body ? { body: JSON.stringify(body), headers: { "Content-Type": "application/json", ...headers } } : {}) }, 120);

export const jobs = (query, signal) => ask(path("/v1/jobs", query), { signal }, 20);
export const job = (id, signal) => ask(address(id), { signal }, 20);
export const items = (id, query, signal) => ask(path(`${address(id)}/items`, query), { signal }, 20);
export const reasons = (id, query, signal) => ask(path(`${address(id)}/reasons`, query), { signal }, 20);
export const pipelines = (signal) => ask("/v1/pipelines", { signal }, 20);
/** Pauses, resumes, cancels or retries; the job as it is then. */
export const order = (id, what, body) => post(`${address(id)}/${what}`, body);
/** Under the same key the same job. */
export const start = (request, key) => post("/v1/jobs", request, { "Idempotency-Key": key });

/** Where a page shows a job. */
export const link = (id, query = {}) => path(`#/jobs/${encodeURIComponent(id)}`, query);

export const states = { running: "running", paused: "paused", stopped: "budget spent", finished: "finished", cancelled: "cancelled", failed: "failed" };
export const shades = { running: "busy", finished: "ready", cancelled: "stored", failed: "unavailable" };
export const itemStates = { waiting: "waiting", cut: "in pieces", done: "done", kept: "kept", failed: "failed", cancelled: "cancelled" };
export const ends = ["done", "kept", "failed", "cancelled"];

export const isOver = ({ state }) => state === "finished" || state === "cancelled" || state === "failed";
/** Something is left to be tried again: items, or the address that the job is about. */
export const mayRetry = (one) => one.state === "failed" || (one.failed > 0 && one.state !== "cancelled");
export const settled = (one) => ends.reduce((sum, name) => sum + one[name], 0);
export const title = (one) => one.pipelines.map(({ series }) => series).join(", ");
/** As a person says a job's id. */
export const end = (id) => id.slice(-4);
export const money = (units) => units.toFixed(Math.abs(units) < 1 ? 4 : 2);

/** Which assets a job is about. */
export function selection({ brand, campaign, tags, state, kind, text, from, before, assets }) {
  const parts = [
    place({ brand, campaign }), kind ? `${kind}s` : null, state ? assetStates[state] ?? state : null, tags?.length ? `tagged ${tags.join(" and ")}` : null,
    text ? `“${text}”` : null, from ? `added from ${day(from)}` : null, before ? `added before ${day(before)}` : null,
    assets ? `${group(assets.length)} by name` : null];
  return parts.filter(Boolean).join(" · ") || "all assets";
}

/** The same for any job: one whose address was not fetched has no assets yet. */
export const about = (one) => (one.fetching ? "what an address gives" : selection(one.selection));

/** How many are settled of how many. */
export function counted(one) {
  const all = `${group(settled(one))} of ${group(one.listed)}`;
  if (one.fetching && isOver(one)) return one.state === "failed" ? "could not be fetched" : "was not fetched";
  if (one.fetching) return one.waiting ? "waits for its address" : "its address is being fetched";
  if (one.listing) return `${all}; more are being listed`;
  return one.listed === 0 ? "no asset was like that" : all;
}

export function spent(one) {
  if (!(one.price > 0)) return "";
  return one.budget === undefined ? `cost ${money(one.cost)}` : `cost ${money(one.cost)} of ${money(one.budget)}`;
}

/** Why a job stands where it does, where that is told: what its address is waited for, or why it was given up. */
export function why(one) {
  if (one.state === "failed") return `${one.fetching ? "What it is about could not be fetched" : "Its items could not be written down"}: ${one.reason ?? "the reason is not known"}`;
  if (one.obstacle && one.state === "running") return `A worker could not do a task of it: ${one.obstacle}`;
  if (!one.waiting) return "";
  const { reason, attempts, most, next } = one.waiting;
  return `Attempt ${attempts} of ${most} failed: ${reason}. The next is not before ${moment(next, true)}.`;
}

/** Seconds over which a rate is taken, and the least of them. */
const [longest, least] = [45, 2.5];

/** How fast a job goes, from what changes between looks at it. */
export class Pace {
  #looks = [];
  #round = 0;
  #pieces = 0;

  /** `now` in seconds, of a clock that only goes forward; `pieces` are the items that the pieces make which are done of items in pieces. */
  take(one, now, pieces = 0) {
    const ended = one.done + one.failed + pieces;
    const last = this.#looks.at(-1);
    // What stood still on purpose says nothing of how fast it goes.
    if (one.state !== "running" || one.round !== this.#round || (last && (ended < last.ended || now - last.now > longest))) this.#looks = [];
    this.#round = one.round;
    this.#looks.push({ now, ended });
    this.#pieces = pieces;
    while (now - this.#looks[0].now > longest) this.#looks.shift();
  }

  /** Items a second; `null` where that is not known, or nothing came to its end. */
  get rate() {
    const [first, last] = [this.#looks[0], this.#looks.at(-1)];
    if (!first || last.now - first.now < least || last.ended === first.ended) return null;
    return (last.ended - first.ended) / (last.now - first.now);
  }

  /** Rate and time left, in words. */
  words(one) {
    if (isOver(one)) return one.ended && one.listed > 0 ? `took ${age(Math.max(0, (Date.parse(one.ended) - Date.parse(one.created)) / 1000))}` : "";
    if (one.state !== "running") return "";
    const { rate } = this;
    if (rate === null) return "";
    const left = one.listing ? "" : ` · about ${age(Math.max(1, (one.listed - settled(one) - this.#pieces) / rate))} left`;
    return `${often(rate)}${left}`;
  }
}

/** A rate in the unit that fits. */
export function often(rate) {
  if (rate >= 1) return `${short(rate)} a second`;
  return rate * 60 >= 1 ? `${short(rate * 60)} a minute` : `${short(rate * 3600)} an hour`;
}

/** The share of a job that is shown: it never falls, but where its items are tried again. */
export class Share {
  #round = 0;
  value = 0;

  take(one) {
    if (one.round !== this.#round) [this.#round, this.value] = [one.round, 0];
    // The server's own never falls through all rounds: in a second one it would stand at the end all the time.
    const now = one.round === 1 ? one.progress / 1e6 : one.listed > 0 ? settled(one) / one.listed : 0;
    this.value = Math.min(1, Math.max(this.value, now));
    return this.value;
  }
}
