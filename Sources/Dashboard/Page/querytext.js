// A query as text: the conditions that stand beside each other, one taken out or put in, and which of them a moment fits. The server alone understands it whole. No document here.

const links = ["then", "near"];
const aliases = { camera: "stream", trait: "is", colour: "is", color: "is", series: "model", during: "on" };

/** Words and groups in parentheses that spaces set apart, `{text, from, to}` each. */
function pieces(text) {
  const found = [];
  let [from, depth, isQuoted] = [-1, 0, false];
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (!isQuoted && depth === 0 && /\s/.test(sign)) {
      if (from >= 0) found.push({ text: text.slice(from, at), from, to: at });
      from = -1;
      continue;
    }
    if (from < 0) from = at;
    if (sign === "\\") at += 1;
    else if (sign === '"') isQuoted = !isQuoted;
    else if (!isQuoted && sign === "(") depth += 1;
    else if (!isQuoted && sign === ")") depth = Math.max(0, depth - 1);
  }
  if (from >= 0) found.push({ text: text.slice(from), from, to: text.length });
  return found;
}

/** What a word is of: `{field, value, isNot}`; a word of its own is a label, and a group of none. */
function parts(piece) {
  const isNot = /^(-|not\s)/i.test(piece);
  const word = piece.replace(/^(-|not\s+)/i, "");
  if (word.startsWith("(")) return { field: null, value: word, isNot };
  const named = /^([A-Za-z]+):(.*)$/s.exec(word);
  const name = named?.[1].toLowerCase();
  return named ? { field: aliases[name] ?? name, value: named[2], isNot } : { field: "label", value: word, isNot };
}

const begun = (link) => ({ link, terms: [], single: [], isEither: false, tail: "" });

/** The steps of a query, `{link, terms, single, isEither, tail}` each. Of alternatives there is one term, which is all of them, and `single` has each. */
export function steps(text) {
  const all = [begun(null)];
  let [isNot, isTail] = [false, 0];
  for (const { text: piece } of pieces(text)) {
    const step = all.at(-1), word = piece.toLowerCase();
    if (isTail > 0) [step.tail, isTail] = [`${step.tail} ${piece}`, isTail - 1];
    else if (links.includes(word)) all.push(begun(word));
    else if (word === "within" || word === "same") [step.tail, isTail] = [`${step.tail} ${piece}`.trim(), 1];
    else if (word === "or") [step.isEither] = [true, step.terms.push(piece)];
    else if (word === "not") isNot = true;
    else if (word !== "and") [isNot] = [false, step.terms.push(isNot ? `NOT ${piece}` : piece)];
  }
  for (const step of all) {
    step.single = step.terms.filter((one) => one.toLowerCase() !== "or");
    if (step.isEither) step.terms = [step.terms.join(" ")];
  }
  return all;
}

const joined = (all) => all.filter(({ terms }) => terms.length > 0)
  .map(({ link, terms, tail }, place) => [place > 0 ? link ?? "then" : "", ...terms, place > 0 ? tail : ""].filter(Boolean).join(" ")).join(" ");

/** What a query asks for, condition by condition: `{text, step, place, field, value, isNot}`. */
export const terms = (text) => steps(text).flatMap(({ terms: some, isEither }, step) => some.map((one, place) => (
  { text: one, step, place, ...(isEither ? { field: null, value: one, isNot: false } : parts(one)) })));

/** The query without a condition; a step without any goes with it. */
export function without(text, { step, place }) {
  const all = steps(text);
  all[step].terms.splice(place, 1);
  return joined(all);
}

/** The query with one condition more on its first step, in place of those that are of the fields. */
export function narrowed(text, term, replacing = []) {
  const all = steps(text);
  const first = all[0];
  if (first.isEither) first.terms = [`(${first.terms[0]})`];
  first.terms = first.terms.filter((one) => !replacing.includes(parts(one).field) && one !== term);
  first.terms.push(...(Array.isArray(term) ? term : [term]));
  return joined(all);
}

/** The conditions of a piece one by one, those of groups and alternatives too, but for those that must not hold. */
function leaves(piece) {
  if (!/^\(.*\)$/s.test(piece)) return [parts(piece)].filter(({ field, isNot }) => field && !isNot);
  return steps(piece.slice(1, -1)).flatMap(({ single }) => single).flatMap(leaves).filter(({ field, isNot }) => field && !isNot);
}

/** What `*` and `?` stand for, where they are no letters. */
const [any, one] = [Symbol("any"), Symbol("one")];

/** Values behind commas, each as its letters and what stands for others. */
function values(text) {
  const found = [[]];
  const letters = Array.from(text);
  let isQuoted = false;
  for (let at = 0; at < letters.length; at += 1) {
    const sign = letters[at];
    if (sign === "\\") found.at(-1).push(letters[at += 1] ?? "");
    else if (sign === '"') isQuoted = !isQuoted;
    else if (isQuoted) found.at(-1).push(sign);
    else if (sign === ",") found.push([]);
    else found.at(-1).push(sign === "*" ? any : sign === "?" ? one : sign);
  }
  return found;
}

const plain = (value) => value.map((sign) => (sign === any ? "*" : sign === one ? "?" : sign)).join("");

/** Whether a name is like that; never more steps than both have letters, multiplied. */
function fits(value, name) {
  const letters = Array.from(name);
  let [at, sign, back, star] = [0, 0, 0, -1];
  while (at < letters.length) {
    if (value[sign] === any) [star, back] = [sign, at], sign += 1;
    else if (sign < value.length && (value[sign] === one || value[sign] === letters[at])) [at, sign] = [at + 1, sign + 1];
    else if (star >= 0) [back, at, sign] = [back + 1, back + 1, star + 1];
    else return false;
  }
  return value.slice(sign).every((rest) => rest === any);
}

const named = { label: ({ label }) => [label], zone: ({ zone }) => [zone], stream: ({ stream }) => [stream], asset: ({ asset }) => [asset], is: ({ traits }) => traits ?? [], rule: ({ rule }) => [rule],
  kind: ({ kind }) => [kind], model: ({ series }) => [series], track: ({ track }) => [track?.toString()] };
const units = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86400 };
const seconds = ({ from, to }) => (new Date(to) - new Date(from)) / 1000;
const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("ß", "ss");

function isIn(text, value) {
  const number = (part) => { const [, digits, unit] = /^([\d.]+)([a-z]*)$/.exec(part) ?? []; return Number(digits) * (units[unit] ?? 1); };
  const [, sign, limit] = /^(>=|<=|>|<)(.+)$/.exec(text) ?? [];
  const [low, high] = text.split("..");
  if (sign) return { ">": value > number(limit), ">=": value >= number(limit), "<": value < number(limit), "<=": value <= number(limit) }[sign];
  return high !== undefined && value >= number(low) && value <= number(high);
}

/** What of a step of the query a moment fits, `[field, value]` each: names as the moment has them. Times are left out: it is told when it was. */
export function why(text, step, moment) {
  const found = (steps(text)[step]?.single ?? []).flatMap((piece) => leaves(piece)).map(({ field, value }) => {
    if (field === "score") return isIn(value, moment.score) ? ["score", moment.score.toFixed(2)] : null;
    if (field === "duration") return isIn(value, seconds(moment)) ? ["lasts", value] : null;
    if (field === "state") return value === (moment.open ? "open" : "over") ? ["state", value] : null;
    if (field === "text") return moment.text && values(value).some((some) => folded(moment.text).includes(folded(plain(some).replace(/\*$/, "")))) ? ["text", plain(values(value)[0])] : null;
    if (!named[field]) return null;
    const own = named[field](moment).find((name) => name !== undefined && values(value).some((some) => fits(some, name)));
    return own === undefined ? null : [field, own];
  }).filter(Boolean);
  return [...new Map(found.map((pair) => [pair.join(" "), pair])).values()];
}

/** The query with another label in place of one. */
export function relabelled(text, label, other) {
  const names = [quoted(label), `"${label}"`];
  const words = [...pieces(text)].reverse();
  for (const { text: piece, from } of words) {
    const start = /^(-?\(*)(label:)?/i.exec(piece)[0].length;
    for (const name of names) {
      const rest = piece.slice(start + name.length);
      if (piece.startsWith(name, start) && /^[),]*$/.test(rest)) return text.slice(0, from + start) + quoted(other) + text.slice(from + start + name.length);
    }
  }
  return quoted(other);
}

/** A name as a value of a query, quoted where it must be. */
export const quoted = (name) => (/^[\p{L}\p{N}_.-]+$/u.test(name) ? name : `"${name.replace(/["\\]/g, "\\$&")}"`);

// The server counts bytes of UTF-8 and characters as people do; a page's texts have places of their own.
const [coder, reader] = [new TextEncoder(), new TextDecoder()];
export const bytesAt = (text, place) => coder.encode(text.slice(0, place)).length;
export const placeOfByte = (text, byte) => reader.decode(coder.encode(text).slice(0, byte)).length;

/** Where a character stands that is counted from 1; the end, where there is none. */
export function placeOfCharacter(text, number) {
  const all = [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)];
  return { from: all[number - 1]?.index ?? text.length, to: all[number]?.index ?? text.length };
}
