// The page of what trials and evaluations of a model's versions came to.

import { ask } from "./api.js";
import { element } from "./dom.js";
import { group } from "./figures.js";
import { cells, day, page, place, table } from "./rollouts.js";
import { single } from "./single.js";

const kinds = ["appeared", "gone", "moved", "relabelled", "rescored"];
export const figures = ["ap", "ap50", "ap75", "precision", "recall", "f1", "top1", "top5", "macro_f1", "ece"];

export const evaluations = (model, signal) => ask(`${place(model)}/evaluations`, { signal }, 20);
/** Figures of shares, to four digits; a dash for what is not known. */
export const share = (value) => (typeof value === "number" ? value.toFixed(4) : "–");

/** Whether a trial passed, from its summary or its report. */
export function verdict({ passed, rule }) {
  const [word, shade] = !rule ? ["no rule was given", ""] : passed ? ["passed", "ready"] : ["not passed", "unavailable"];
  return element("span", { class: "state", "data-state": shade }, word);
}

export function trials({ name }, query) {
  return single({
    id: "trials", look: "lifepages", inside: "life", title: `Trials of ${name}`, above: [page(name), name, "To the model"],
    missing: `The registry has no model ${name}.`,
    read: (signal) => Promise.all([ask(`${place(name)}/trials`, { signal }, 20), evaluations(name, signal)]),
    make: ([tried, judged]) => ({ node: element("div", { class: "life" }, trialsOf(name, tried), evaluationsOf(judged)), leave() {} }),
  }, query);
}

function trialsOf(name, all) {
  const rows = [...all].sort((a, b) => b.at.localeCompare(a.at)).map(({ version, ulid, at, by, summary: one }) => cells("td", [
    element("a", { href: page(name, "trials", ulid) }, `version ${version} beside ${one.against}`), day(at), by, verdict(one), share(one.agreement), group(one.items),
    ...kinds.map((kind) => group(one[kind])), typeof one.speed === "number" ? `${one.speed.toFixed(2)}×` : "–", one.failed > 0 ? group(one.failed) : "",
  ]));
  const heads = ["Trial", "When", "By", "Verdict", "Agreement", "Items", ...kinds, "Speed", "Not compared"];
  return section("trials-list", "Trials", rows, heads, `None was kept yet. “ridley model trial ${name}@VERSION --on FOOTAGE --library DIR” makes one.`);
}

function evaluationsOf(all) {
  const shown = figures.filter((figure) => all.some(({ summary }) => typeof summary[figure] === "number"));
  const rows = [...all].sort((a, b) => b.at.localeCompare(a.at)).map(({ version, at, by, summary: one }) => cells("td", [
    `${version}`, day(at), by, one.truth, group(one.pictures), ...shown.map((figure) => share(one[figure])), one.failed > 0 ? group(one.failed) : "",
  ]));
  const heads = ["Version", "When", "By", "Truth", "Pictures", ...shown, "Not looked at"];
  return section("evaluations-list", "Evaluations", rows, heads, "None was kept yet. “ridley model evaluate” makes one.");
}

const section = (id, title, rows, heads, none) => element(
  "section", { class: "panel", "aria-labelledby": id }, element("h2", { id }, title),
  rows.length > 0 ? table(title, heads, element("tbody", {}, rows)) : element("p", { class: "quiet" }, none));
