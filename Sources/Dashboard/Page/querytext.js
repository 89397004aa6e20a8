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
  const inner = piece.startsWith("(") && piece.endsWith(")") ? piece.slice(1, -1) : piece;
  return steps(inner).flatMap(({ single }) => single).flatMap((one) => (one.startsWith("(") ? leaves(one) : [parts(one)])).filter(({ field, isNot }) => field && !isNot);
}

/** Values behind commas, as `{plain, shape}`: the letters, and what they stand for with `*` and `?`. */
function values(text) {
  const found = [];
  let [plain, shape, isQuoted] = ["", "", false];
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === '"') isQuoted = !isQuoted;
    else if (sign === "," && !isQuoted) [plain, shape] = [found.push({ plain, shape }) && "", ""];
    else {
      const isLiteral = sign === "\\" || isQuoted;
      if (sign === "\\") at += 1;
      const letter = text[at] ?? "";
      plain += letter;
      shape += !isLiteral && letter === "*" ? ".*" : !isLiteral && letter === "?" ? "." : letter.replace(/[\\^$.*+?()[\]{}|/-]/u, "\\$&");
    }
  }
  found.push({ plain, shape });
  return found;
}

const named = { label: (one) => [one.label], zone: (one) => [one.zone], stream: (one) => [one.stream], asset: (one) => [one.asset], is: (one) => one.traits ?? [], rule: (one) => [one.rule],
  kind: (one) => [one.kind], model: (one) => [one.series], track: (one) => [one.track?.toString()] };
const units = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86400 };
const seconds = (one) => (new Date(one.to) - new Date(one.from)) / 1000;
const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("ß", "ss");

function isIn(text, value) {
  const number = (part) => { const [, digits, unit] = /^([\d.]+)([a-z]*)$/.exec(part) ?? []; return Number(digits) * (units[unit] ?? 1); };
  const [, sign, limit] = /^(>=|<=|>|<)(.+)$/.exec(text) ?? [];
  const [low, high] = text.split("..");
  if (sign) return { ">": value > number(limit), ">=": value >= number(limit), "<": value < number(limit), "<=": value <= number(limit) }[sign];
  return high !== undefined && value >= number(low) && value <= number(high);
}

/** What of a step of the query a moment fits, `[field, value]` each: names as the moment has them. Times are left out: it is told when it was. */
export function why(text, step, one) {
  const found = (steps(text)[step]?.single ?? []).flatMap((piece) => leaves(piece)).map(({ field, value }) => {
    if (field === "score") return isIn(value, one.score) ? ["score", one.score.toFixed(2)] : null;
    if (field === "duration") return isIn(value, seconds(one)) ? ["lasts", value] : null;
    if (field === "state") return value === (one.open ? "open" : "over") ? ["state", value] : null;
    if (field === "text") return values(value).some(({ plain }) => one.text && folded(one.text).includes(folded(plain.replace(/\*$/, "")))) ? ["text", values(value)[0].plain] : null;
    if (!named[field]) return null;
    const shapes = values(value).map(({ shape }) => new RegExp(`^${shape}$`, "su"));
    const own = named[field](one).find((name) => name !== undefined && shapes.some((shape) => shape.test(name)));
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
