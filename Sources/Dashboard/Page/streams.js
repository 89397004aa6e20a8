// What the pages of live streams share: questions to the server, and figures in words.

import { ask, path, session } from "./api.js";
import { count, short, span } from "./figures.js";

export const link = (one) => path(`#/live/${encodeURIComponent(one.name)}`, { client: session.client === one.owner ? "" : one.owner });
export const address = (name, client, rest = "", query = {}) => path(`/v1/streams/${encodeURIComponent(name)}${rest ? `/${rest}` : ""}`, { client, ...query });

export const list = (signal) => ask("/v1/streams", { signal });
export const read = (name, client, signal) => ask(address(name, client), { signal });
export const remove = (name, client) => ask(address(name, client), { method: "DELETE" }, 15);
export const add = (name, body) => ask(address(name), { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }, 15);

export const states = { connecting: "connecting", live: "live", stalled: "stalled", waiting: "waiting", failed: "failed", ended: "ended" };
export const shades = { live: "ready", ended: "", connecting: "busy", stalled: "unavailable", failed: "unavailable" };

export const drops = {
  undecoded: "not decoded", damaged: "damaged on the way", replaced: "replaced by a newer one", sampled: "passed over, as the pipeline says", still: "nothing moved", late: "too old",
  failed: "the network failed", lost: "lost by a unit", cut: "the source was gone",
};

/** Rates between two looks at one stream: `{came, told}` a second, or `null` where they cannot be compared. */
export function rates(before, after) {
  const seconds = after && before ? (after.seen - before.seen) / 1000 : 0;
  if (!(seconds > 0.2) || after.received < before.received || after.delivered < before.delivered) return null;
  return { came: (after.received - before.received) / seconds, told: (after.delivered - before.delivered) / seconds };
}

export function speed(one, rate) {
  if (!rate) return count(one.received, "picture");
  const told = one.model || one.pipeline ? ` · ${short(rate.told)} answers a second` : "";
  return `${short(rate.came)} pictures${told}`;
}

export const ages = (one) => (typeof one.age_ms?.p50 === "number" ? `${span(one.age_ms.p50 / 1000)} old, 99 % at most ${span(one.age_ms.p99 / 1000)}` : "");
