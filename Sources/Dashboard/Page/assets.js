// Assets as the server tells of them: the questions, and the words for what is answered.

import { answer, ask, path } from "./api.js";
import { clock } from "./figures.js";

export const address = (id) => `/v1/assets/${encodeURIComponent(id)}`;

/** Where a page shows an asset; `query` is what it is to begin with. */
export const link = (id, query = {}) => path(`#/library/${encodeURIComponent(id)}`, query);

export const clients = () => ask("/v1/clients", {}, 10);
export const assets = (query, signal) => ask(path("/v1/assets", query), { signal }, 20);
export const totals = (query, signal) => ask(path("/v1/totals", query), { signal }, 30);
export const scored = (query, signal) => ask(path("/v1/totals/assets", query), { signal }, 20);
export const asset = (id, signal) => answer(address(id), { signal }, 20);

export const edit = (id, tag, change) => answer(
  address(id), { method: "PATCH", body: JSON.stringify(change), headers: { "Content-Type": "application/json", "If-Match": tag } }, 20);

export const remove = (id, tag) => ask(address(id), { method: "DELETE", headers: { "If-Match": tag } }, 30);

export const states = { stored: "not analysed", analysed: "analysed", failed: "failed" };

/** Of which client a page tells: the one asked for, else the only one or the first. */
export const whose = (all, wanted) => wanted ?? (all.find((client) => client.id === "local") ?? all[0])?.id;

/** How long a film is, or how large a picture. */
export const extent = (one) => (one.kind === "video" && one.duration ? clock(one.duration) : `${one.width} × ${one.height}`);

// Made once: making one takes as long as filling a hundred tiles.
const days = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const moments = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

export const day = (text) => days.format(new Date(text));
/** With seconds where they count. */
export const moment = (text, isExact = false) => (isExact ? exact : moments).format(new Date(text));

/** Brand and campaign in one line. */
export const group = (one) => [one.brand, one.campaign].filter(Boolean).join(" / ");

/** What is to be done where a question to the library failed. */
export function advice(trouble) {
  if (trouble.status === 401) return "This server wants a key: give one with the button “Key” above.";
  if (trouble.status === 403) return `The key may not see this: ${trouble.message}`;
  return trouble.message;
}

/** Brands or campaigns of a client with how many assets each has; none where that cannot be had. */
export async function groups(query, signal) {
  try {
    const { totals: all } = await totals({ ...query, limit: 1000 }, signal);
    return all.filter((one) => one.measure === "assets" && one[query.by]);
  } catch { return []; }
}
