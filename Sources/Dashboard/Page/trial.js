// The page of one trial: what came of it, and what differs, the largest first, to be decided on item by item.

import { ask } from "./api.js";
import { link } from "./assets.js";
import { labelled, offer } from "./choices.js";
import { Decisions, choices } from "./decisions.js";
import { element, say, shape } from "./dom.js";
import { clock, count, group } from "./figures.js";
import { cells, day, page, place, table } from "./rollouts.js";
import { single } from "./single.js";
import { evaluations, figures, share, verdict } from "./trials.js";

const kinds = ["appeared", "gone", "moved", "relabelled", "rescored"];
/** Differences that are added at a time. */
const pageSize = 40;
/** An asset's id; other files are paths where the trial was made. */
const isAsset = (file) => /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(file);

export function trial({ name, id }, query) {
  return single({
    id: "trial", look: "lifepages", inside: "life", title: `Trial of ${name}`, above: [page(name, "trials"), `Trials of ${name}`, "To the trials"],
    missing: `There is no such trial of ${name}.`,
    read: (signal) => Promise.all([ask(`${place(name)}/trials/${encodeURIComponent(id)}`, { signal }, 60), evaluations(name, signal).catch(() => [])]),
    make: ([found, judged], _, frame) => make(name, found, judged, frame),
  }, query);
}

function make(name, { trial: kept, report }, judged, frame) {
  frame.name(`${report.newer.model} beside ${report.older.model}`);
  const differences = new Differences(`${place(name)}/trials/${kept.ulid}`, kept, report);
  return {
    node: element("div", { class: "life" }, outcome(kept, report), labels(report), calibration(report, judged), differences.node),
    leave: () => differences.leave(),
  };
}

const panel = (id, title, ...content) => element("section", { class: "panel", "aria-labelledby": id }, element("h2", { id }, title), content);

/** The verdict by its rule, and the figures. */
function outcome(kept, report) {
  const { all, rule } = report;
  const facts = [`${day(kept.at)} by ${kept.by}`, count(report.files, "file"), count(report.frames, "frame"), count(all.items, "item"), report.files_kept > 0 ? `older answers of ${count(report.files_kept, "file")} were kept` : ""];
  const numbers = [["told alike", typeof all.agreement === "number" ? `${(100 * all.agreement).toFixed(2)} %` : "–"], ...kinds.map((kind) => [kind, group(all[kind])]),
    ["speed", typeof report.speed === "number" ? `${report.speed.toFixed(2)}×` : "–"], ["score shift", share(all.shift.mean)], ["scores apart", share(all.shift.mean_distance)]];
  const clauses = (rule?.clauses ?? []).map(({ clause, value, holds }) => cells("td", [
    element("code", {}, clause), typeof value === "number" ? `${+value.toFixed(4)}` : "not known",
    element("span", { class: "state", "data-state": holds ? "ready" : "unavailable" }, holds ? "holds" : "does not hold"),
  ]));
  const notes = [...report.notes, ...report.failures.map(({ file, reason }) => `${file} was not compared: ${reason}`)];
  return element(
    "section", { class: "panel", "aria-labelledby": "trial-verdict" },
    element("p", { class: "row head" }, element("h2", { id: "trial-verdict" }, "Verdict"), verdict(report)), element("p", { class: "facts" }, facts.filter(Boolean).join(" · ")),
    clauses.length > 0 ? table("Rule", ["Condition", "Found", ""], element("tbody", {}, clauses)) : null,
    element("dl", { class: "numbers-of-trial" }, numbers.map(([term, text]) => element("div", {}, element("dt", {}, term), element("dd", {}, text)))),
    notes.length > 0 ? element("ul", { class: "notes" }, notes.slice(0, 50).map((text) => element("li", {}, text))) : null);
}

function labels(report) {
  const rows = report.labels.map((one) => cells("td", [one.label, group(one.items), share(one.agreement), ...kinds.map((kind) => group(one[kind])), share(one.shift.mean)]));
  return panel("trial-labels", "Labels", table("Labels", ["Label", "Items", "Agreement", ...kinds, "Score shift"], element("tbody", {}, rows)));
}

/** Whole evaluations of both over one truth, since a trial has none. */
function calibration(report, judged) {
  const of = ({ digest }) => judged.filter(({ summary }) => summary.digest === digest && summary.failed === 0).reverse();
  const newer = of(report.newer)[0];
  const older = of(report.older).find(({ summary }) => summary.truth_digest === newer?.summary.truth_digest);
  const shown = figures.filter((figure) => [newer, older].some((one) => typeof one?.summary[figure] === "number"));
  const rows = shown.map((figure) => cells("td", [figure, share(older?.summary[figure]), share(newer?.summary[figure])]));
  const title = "Right by what people say";
  if (!newer) return panel("trial-truth", title, element("p", { class: "quiet" }, "The newer version has no evaluation, so its calibration is not known: “ridley model evaluate” makes one."));
  return panel(
    "trial-truth", title, element("p", { class: "facts" }, `Over ${newer.summary.truth}. ece is the error of calibration.${older ? "" : " The older version was not evaluated over the same."}`),
    table("Evaluations", ["Figure", "Older", "Newer"], element("tbody", {}, rows)));
}

/** What differs, with filters, decisions and keys. */
class Differences {
  #shown = 0;

  constructor(address, kept, report) {
    Object.assign(this, { address, kept, report, all: report.differences.map((item, number) => ({ ...item, number })) });
    this.decisions = new Decisions(kept.ulid);
    this.status = element("p", { class: "quiet", role: "status" });
    this.kind = this.#choice("trial-kind", [["", "all kinds"], ...kinds.map((kind) => [kind, kind])]);
    const names = [...new Set(this.all.flatMap((item) => [item.older?.label, item.newer?.label]).filter(Boolean))].sort();
    this.label = this.#choice("trial-label", [["", "all labels"], ...names.map((label) => [label, label])]);
    this.state = this.#choice("trial-state", [["", "decided or not"], ["open", "not decided yet"], ...choices.map(([value, , text]) => [value, text])]);
    this.list = element("ol", { class: "cuts", "aria-label": "What differs, the largest first", onkeydown: (event) => this.#key(event) });
    this.more = element("button", { type: "button", onclick: () => this.#add() }, "Show more");
    const save = (text, what) => element("button", { type: "button", onclick: () => this.#save(what) }, text);
    this.node = panel(
      "trial-differences", "What is told otherwise",
      element("p", { class: "quiet key" }, element("i", { class: "older" }), "older version ", element("i", { class: "newer" }), "newer version. ",
        "Keys: ↓ ↑ go from one to the next, A the newer one is right, R the older one, N neither, U takes it back."),
      element("div", { class: "row finder" }, labelled("Kind", this.kind), labelled("Label", this.label), labelled("Decision", this.state)),
      element("p", { class: "row" }, save("Save decisions", "file"), save("Save as COCO", "coco"), this.status),
      this.list, this.more);
    this.#begin();
  }

  leave() { this.list.replaceChildren(); }

  #choice(id, list) {
    const select = element("select", { id, onchange: () => this.#begin() });
    offer(select, list);
    return select;
  }

  /** The list anew, for other filters. */
  #begin() {
    const { value: kind } = this.kind, { value: label } = this.label, { value: state } = this.state;
    this.found = this.all.filter((item) => (!kind || item.kind === kind) && (!label || item.older?.label === label || item.newer?.label === label)
      && (!state || (this.decisions.of(item.number) ?? "open") === state));
    this.#shown = 0;
    this.list.replaceChildren();
    this.#add();
  }

  #add() {
    const next = this.found.slice(this.#shown, this.#shown + pageSize);
    const hadFocus = document.activeElement === this.more;
    const rows = next.map((item) => this.#row(item));
    this.list.append(...rows);
    this.#shown += next.length;
    this.more.hidden = this.#shown >= this.found.length;
    if (!this.list.querySelector("[tabindex='0']")) this.list.firstElementChild?.setAttribute("tabindex", 0);
    if (hadFocus) this.#go(rows[0]);
    this.#tell();
  }

  #tell(text) {
    const of = this.report.differences_in_all;
    const kept = of > this.all.length ? ` The ${group(this.all.length)} largest of ${group(of)} are kept.` : "";
    say(this.status, text ?? `${count(this.found.length, "difference")} of ${group(this.all.length)}, ${group(this.decisions.count)} decided.${kept}`);
  }

  #row(item) {
    const sides = [["older", item.older], ["newer", item.newer]];
    const radioName = `decide-${item.number}`;
    const radios = choices.map(([value, key, text]) => element(
      "label", {}, element("input", { type: "radio", name: radioName, value, checked: this.decisions.of(item.number) === value, onchange: () => this.#decide(item, value, row) }), ` ${text} (${key.toUpperCase()})`));
    const where = isAsset(item.file) ? element("a", { href: link(item.file, { t: item.time.toFixed(3) }) }, "asset") : item.file;
    const size = `size ${item.size.toFixed(3)}${typeof item.overlap === "number" ? `, overlap ${item.overlap.toFixed(2)}` : ""}`;
    const row = element(
      "li", { tabindex: -1, "data-number": item.number, "data-decision": this.decisions.of(item.number) ?? "", "aria-label": `${item.kind}: ${sides.map(([name, side]) => `${name} ${told(side)}`).join(", ")}` },
      element("p", { class: "row" }, element("b", {}, item.kind), element("span", { class: "quiet" }, size, " · ", where, `, frame ${group(item.frame)}, ${clock(item.time, 1)}`)),
      element("div", { class: "sides" }, sides.map(([name, side]) => this.#side(item, name, side))),
      element("fieldset", {}, element("legend", {}, "Decide"), radios));
    row.addEventListener("focusin", () => this.#mark(row));
    return row;
  }

  /** The picture with the box of one version, and what that version says. */
  #side(item, name, side) {
    const caption = element("figcaption", {}, element("b", { class: name }, name), ` ${told(side)}`);
    const region = item.region ?? (isAsset(item.file) ? around(item) : null);
    if (!region) return element("figure", {}, element("p", { class: "none" }, "No picture was kept."), caption);
    const image = element("img", { src: `${this.address}/pictures/${item.number}`, alt: "", loading: "lazy", decoding: "async" });
    image.addEventListener("error", () => image.replaceWith(element("p", { class: "none" }, "The picture cannot be had.")));
    const cut = element("div", { class: item.region ? "cut" : "cut whole" }, image, side?.box ? outline(side.box, region, name) : null);
    image.addEventListener("load", () => fit(item, image, cut, region));
    return element("figure", {}, cut, caption);
  }

  #decide(item, value, row) {
    const current = value || null;
    this.decisions.set(item.number, current);
    row.dataset.decision = current ?? "";
    for (const radio of row.querySelectorAll("input")) radio.checked = radio.value === current;
    this.#tell();
  }

  #key(event) {
    const row = event.target.closest("li");
    if (!row || event.ctrlKey || event.altKey || event.metaKey) return;
    const item = this.all[Number(row.dataset.number)];
    const choice = choices.find(([, key]) => key === event.key.toLowerCase());
    if (choice || event.key.toLowerCase() === "u") {
      event.preventDefault();
      this.#decide(item, choice?.[0] ?? "", row);
      if (choice) this.#go(row.nextElementSibling ?? row);
      return;
    }
    // Arrows on a choice change that.
    if (event.target !== row) return;
    const target = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling, Home: this.list.firstElementChild, End: this.list.lastElementChild }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    if (event.key === "ArrowDown" && !target && !this.more.hidden) this.#add();
    this.#go(target ?? (event.key === "ArrowDown" ? row.nextElementSibling ?? row : row));
  }

  #go(row) {
    row?.focus();
    row?.scrollIntoView({ block: "nearest" });
  }

  /** Tab reaches one of them. */
  #mark(row) {
    for (const one of this.list.querySelectorAll("[tabindex='0']")) one.setAttribute("tabindex", -1);
    row.setAttribute("tabindex", 0);
  }

  #save(what) {
    const { left } = this.decisions.save(what, this.report, this.all);
    this.#tell(left > 0 ? `${count(left, "decision")} without a picture ${left === 1 ? "is" : "are"} not in it: COCO wants their pixels.` : undefined);
  }
}

const told = (side) => (side ? [side.label, typeof side.score === "number" ? side.score.toFixed(2) : ""].filter(Boolean).join(" ") : "nothing");

/** What differs with some of what is around it, in fractions of the picture; as the trial cuts it out of files. */
function around({ older, newer }) {
  const boxes = [older?.box, newer?.box].filter(Boolean);
  if (boxes.length === 0) return [0, 0, 1, 1];
  const [from, to] = [[0, 1].map((axis) => Math.min(...boxes.map((box) => box[axis]))), [0, 1].map((axis) => Math.max(...boxes.map((box) => box[axis] + box[axis + 2])))];
  const sides = [0, 1].map((axis) => {
    const length = Math.max(0.15, 2 * (to[axis] - from[axis]));
    const start = Math.max(0, (from[axis] + to[axis] - length) / 2);
    return [start, Math.min(1, (from[axis] + to[axis] + length) / 2) - start];
  });
  return [sides[0][0], sides[1][0], sides[0][1], sides[1][1]];
}

/** Gives a picture its room, now that its size is known; of a whole one it shows the part. */
function fit(item, image, cut, [left, top, wide, high]) {
  const { naturalWidth: width, naturalHeight: height } = image;
  cut.style.setProperty("--ratio", item.region ? width / height : (wide * width) / (high * height));
  if (item.region) return;
  Object.assign(item, { width, height });
  cut.style.aspectRatio = `${wide * width} / ${high * height}`;
  Object.assign(image.style, { width: `${100 / wide}%`, left: `${(-100 * left) / wide}%`, top: `${(-100 * top) / high}%` });
}

/** A box within a part of its picture, both in fractions of the picture. */
function outline([x, y, width, height], [left, top, wide, high], name) {
  const at = { x: (100 * (x - left)) / wide, y: (100 * (y - top)) / high, width: (100 * width) / wide, height: (100 * height) / high };
  const rect = (look) => shape("rect", { ...at, class: look });
  return shape("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" }, rect("halo"), rect(name));
}
