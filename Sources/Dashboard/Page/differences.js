// What two films' conclusions differ by, as rows of a table. No document here.

import { clock } from "./figures.js";

const signed = (value, digits) => `${value > 0 ? "+" : value < 0 ? "−" : "±"}${Math.abs(value).toFixed(digits)}`;
const percent = (share) => `${(share * 100).toFixed(1)} %`;

/** A row of two numbers; `null` stands for what is not known. `least` is the difference from which it stands out. */
function numbers(name, values, write, difference, least) {
  const known = values.map((value) => (Number.isFinite(value) ? value : null));
  if (known.every((value) => value === null)) return [];
  const apart = known.includes(null) ? null : known[1] - known[0];
  return [{ name, values: known.map((value) => (value === null ? "–" : write(value))), difference: apart === null ? "" : difference(apart), isGreat: apart !== null && Math.abs(apart) >= least }];
}

/** Numbers by name, of those that either film has; the greatest first, `most` of them. */
function named(title, maps, write, difference, least, most, missing) {
  const names = [...new Set(maps.flatMap((map) => [...map.keys()]))];
  const height = (name) => Math.max(...maps.map((map) => map.get(name) ?? 0));
  return names.sort((a, b) => height(b) - height(a)).slice(0, most).flatMap((name) => numbers(`${title}${name}`, maps.map((map) => map.get(name) ?? missing), write, difference, least));
}

const times = (value) => `${value.toFixed(1)} s`;

/** `films` are two of `{asset, shots, breaks, …}`, each part as the server tells it, where it does: rows of `{name, values, difference, isGreat}`. */
export function differences(films) {
  const seconds = (value) => `${signed(value, 1)} s`;
  const shares = (value) => `${signed(value * 100, 1)} points`;
  const length = (list) => (list?.length > 0 ? list.reduce((sum, { start, end }) => sum + end - start, 0) / list.length : NaN);
  const map = (list, key, value) => new Map((list ?? []).map((one) => [one[key], one[value]]));
  const absent = (part) => (films.every((film) => film[part]) ? 0 : NaN);
  const risks = films.map(({ safety }) => (safety ? safety.video?.risk ?? "nothing found" : "–"));
  return [
    ...numbers("Length", films.map(({ asset }) => asset.duration ?? NaN), (value) => clock(value, 1), seconds, 0.5),
    ...numbers("Shots", films.map(({ shots }) => shots?.shots.length ?? NaN), String, (value) => signed(value, 0), 1),
    ...numbers("A shot in the mean", films.map(({ shots }) => length(shots?.shots)), times, seconds, 1),
    ...numbers("Breaks", films.map(({ breaks }) => breaks?.breaks.length ?? NaN), String, (value) => signed(value, 0), 1),
    ...(risks.every((risk) => risk === "–") ? [] : [{ name: "Brand safety, the worst", values: risks, difference: "", isGreat: risks[0] !== risks[1] }]),
    ...named("Shown: ", films.map(({ content }) => map(content?.video, "name", "share")), percent, shares, 0.1, 8, absent("content")),
    ...named("Product: ", films.map(({ products }) => map(products?.products, "name", "seconds")), times, seconds, 1, 8, absent("products")),
    ...named("Attention on ", films.map(({ attention }) => new Map(Object.entries(attention?.mean ?? {}))), percent, shares, 0.05, 8, NaN),
    ...numbers("Memorability", films.map(({ memorability }) => memorability?.score ?? NaN), (value) => value.toFixed(3), (value) => signed(value, 3), 0.05),
  ];
}
