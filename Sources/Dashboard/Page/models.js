// The page of models, or of one of them: what each does at the moment, and a picture to try it with.

import { Bars, Line } from "./charts.js";
import { element, say } from "./dom.js";
import { feed, find, window_ } from "./feed.js";
import { between, count, group, quantile, short, span, total } from "./figures.js";
import { registry } from "./registry.js";
import { RolloutList } from "./rollouts.js";
import { tryout } from "./tryout.js";
import { Versions } from "./versions.js";

const outcomes = [["failed", "failed"], ["refused", "refused"], ["expired", "too late"], ["cancelled", "cancelled"]];

// So many that cannot be asked have cards of their own.
const fewAway = 3;

function tellAbsent(node, models) {
  const line = JSON.stringify(models.map((model) => [name(model), model.reason]));
  if (node.dataset.line === line) return;
  node.dataset.line = line;
  node.hidden = models.length === 0;
  say(node.querySelector("summary"), `${count(models.length, "model")} that cannot be asked`);
  node.querySelector("ul").replaceChildren(
    ...models.map((model) => element("li", {}, element("b", {}, model.name), ` ${model.version}: ${model.reason ?? ""}`)));
}

/** Of all models; with a `name` of that one's versions. */
export function models({ name: only } = {}) {
  const cards = new Map();
  const list = element("div", { class: "cards" });
  const empty = element("p", { class: "empty" });
  const problems = element("ul", { class: "errors" });
  const absent = element("details", { class: "absent", hidden: true }, element("summary"), element("ul"));
  const trial = tryout();
  const versions = new Versions(only);
  // Of one model what the registry has, of all their roll-outs.
  const registered = only === undefined ? new RolloutList() : registry(only);
  const node = element(
    "div", { class: "models" },
    element("section", { "aria-labelledby": "models-title" }, element("h1", { id: "models-title" }, only ?? "Models"), problems, empty, list, absent),
    trial.node, versions.node, registered.node);

  function update() {
    const state = feed.newest;
    // What cannot be asked stands last, and below the cards where that is much.
    const known = (state?.models ?? []).filter((model) => only === undefined || model.name === only);
    const away = known.filter((model) => model.state === "unavailable");
    const isMuch = away.length > fewAway;
    tellAbsent(absent, isMuch ? away : []);
    const wanted = isMuch ? known.filter((model) => model.state !== "unavailable") : known;
    const all = [...wanted].sort((a, b) => (a.state === "unavailable") - (b.state === "unavailable"));
    const names = new Set(all.map(name));
    for (const [id, card] of cards) {
      if (names.has(id)) continue;
      card.node.remove();
      cards.delete(id);
    }
    all.forEach((model, index) => {
      const card = cards.get(name(model)) ?? new Card(model);
      cards.set(name(model), card);
      if (list.children[index] !== card.node) list.insertBefore(card.node, list.children[index] ?? null);
      card.update(model);
    });
    say(empty, !state ? (feed.trouble ? "" : "Asking the server…")
      : known.length > 0 ? "" : only !== undefined ? `There is no model ${only} here.`
      : "There are no models here yet. Put one into the folder that the server looks at: NAME/1/ with its files.");
    empty.hidden = empty.textContent === "";
    const wrong = (state?.problems ?? []).filter((problem) => only === undefined || problem.model === only);
    const told = wrong.map((problem) => `${problem.model}: ${problem.reason}`);
    if (told.join("\n") !== [...problems.children].map((line) => line.textContent).join("\n")) {
      problems.replaceChildren(...told.map((text) => element("li", {}, text)));
    }
    problems.hidden = told.length === 0;
    trial.node.hidden = !state;
    if (state) trial.update(all);
  }

  feed.addEventListener("change", update);
  update();
  return {
    node,
    leave: () => {
      feed.removeEventListener("change", update);
      trial.leave();
      versions.leave();
      registered.leave();
    },
  };
}

const facts = ({ task, state, inFlight, queued, checked }) =>
  [
    task ?? (state === "ready" ? "tensors" : ""),
    ...(state === "ready" ? [`${group(inFlight)} running`, `${group(queued)} waiting`] : []),
    checked?.verdict === "right" ? `answers as ${checked.reference} does` : "",
  ].filter(Boolean);

const name = (model) => `${model.name}/${model.version}`;

/** One version of one model. */
class Card {
  constructor(model) {
    this.state = element("span", { class: "state" });
    this.facts = element("p", { class: "facts" });
    this.reason = element("p", { class: "reason" });
    this.spark = new Line();
    this.rate = element("strong");
    this.quantiles = [50, 95, 99].map((percent) => ({ percent, node: element("strong") }));
    this.charts = {
      latency: chart("Latency"), queue: chart("Wait in the queue"), batch: chart("Inputs in a batch"),
    };
    this.errors = element("ul", { class: "errors" });
    this.note = element("p", { class: "note" });
    const id = `model-${model.name}-${model.version}`;
    this.moving = [
      element(
        "div", { class: "numbers" },
        element("div", { class: "rate" }, element("span", {}, "Answers a second"), this.rate, this.spark.node),
        this.quantiles.map(({ percent, node }) => element("div", {}, element("span", {}, `p${percent} latency`), node))),
      element("div", { class: "charts" }, Object.values(this.charts).map((one) => one.node)),
    ];
    this.node = element(
      "article", { class: "card", "aria-labelledby": id },
      element("header", {}, element("h2", { id }, model.name, " ", element("small", {}, `version ${model.version}`)), this.state),
      this.facts, this.reason, this.moving, this.note, this.errors);
  }

  update(model) {
    const before = find(feed.before, model);
    const seconds = feed.newest.uptime - (feed.before?.uptime ?? 0);
    say(this.state, model.state);
    this.state.dataset.state = model.state;
    say(this.facts, facts(model).join(" · "));
    const reason = model.reason ?? (model.checked?.verdict === "unchecked" ? `Answers unchecked: ${model.checked.reason}` : "");
    say(this.reason, reason);
    this.reason.hidden = !reason;
    this.#numbers(model, before, seconds);
    this.#histogram("latency", model, before);
    this.#histogram("queue", model, before);
    this.#batches(model, before);
    this.#errors(model, before);
  }

  #numbers(model, before, seconds) {
    const done = before ? model.requests.success - before.requests.success : 0;
    const isKnown = before && seconds > 0 && done >= 0;
    say(this.rate, isKnown ? short(done / seconds) : "–");
    const points = [];
    for (let index = 1; index < feed.history.length; index += 1) {
      const [older, newer] = [feed.history[index - 1], feed.history[index]];
      const [a, b] = [find(older, model), find(newer, model)];
      if (!a || !b || newer.uptime <= older.uptime) continue;
      const value = (b.requests.success - a.requests.success) / (newer.uptime - older.uptime);
      points.push({ ago: feed.newest.uptime - newer.uptime, value: Math.max(0, value) });
    }
    this.spark.update(points, `Answers a second over the last minutes, now ${this.rate.textContent}`);
    const counts = between(before?.latency.counts, model.latency.counts);
    for (const { percent, node } of this.quantiles) {
      const found = counts && quantile(model.latency.buckets, counts, percent / 100);
      say(node, found ? (found.isOver ? "> " : "") + span(found.value) : "–");
    }
    const all = total(Object.values(model.requests));
    for (const node of this.moving) node.hidden = all === 0;
    this.note.hidden = all === 0 && model.state !== "ready";
    const lately = counts ? total(counts) : 0;
    const sum = `${count(all, "request")} since the server began`;
    say(this.note, all === 0 ? "No requests yet."
      : seconds < 1 ? `${sum}.`
      : `${lately === 0 ? "No requests in the last" : "The last"} ${count(Math.round(seconds), "second")}; ${sum}.`);
  }

  /** Buckets that never held anything at the ends are left out, so the axis stands still while the bars move. */
  #histogram(kind, model, before) {
    const { buckets, counts } = model[kind];
    const lately = between(before?.[kind].counts, counts) ?? counts.map(() => 0);
    const used = counts.flatMap((one, index) => (one > 0 ? [index] : []));
    const [first, last] = used.length > 0 ? [used[0], used.at(-1)] : [0, counts.length - 1];
    const low = Math.max(0, Math.min(first, last - 4)), high = Math.min(counts.length - 1, Math.max(last, low + 4));
    const labels = counts.map((_, index) => (index < buckets.length ? `≤ ${span(buckets[index])}` : `> ${span(buckets.at(-1))}`));
    const median = quantile(buckets, lately, 0.5);
    const title = this.charts[kind].title;
    this.charts[kind].bars.update(
      lately.slice(low, high + 1), labels.slice(low, high + 1),
      median ? `${title}: half within ${span(median.value)}` : `${title}: nothing in the last ${window_} seconds`);
  }

  #batches(model, before) {
    const { sizes, counts } = model.batch;
    const lately = between(before?.batch.counts, counts) ?? counts.map(() => 0);
    const sum = total(lately);
    const mean = total(lately.map((one, index) => one * sizes[index])) / sum;
    const used = Math.max(Math.min(3, sizes.length - 1), counts.findLastIndex((one) => one > 0));
    this.charts.batch.bars.update(
      lately.slice(0, used + 1), sizes.slice(0, used + 1).map(String),
      sum > 0 ? `Inputs in a batch: ${short(mean)} on average` : `Inputs in a batch: nothing in the last ${window_} seconds`);
  }

  #errors(model, before) {
    const rows = outcomes.filter(([word]) => model.requests[word] > 0).map(([word, text]) => {
      const lately = before ? model.requests[word] - before.requests[word] : 0;
      return [lately > 0, `${group(model.requests[word])} ${text}${lately > 0 ? `, ${group(lately)} of them lately` : ""}`];
    });
    const line = JSON.stringify(rows);
    if (this.line === line) return;
    this.line = line;
    this.errors.replaceChildren(...rows.map(([isNew, text]) => element("li", { class: isNew ? "new" : "" }, text)));
    this.errors.hidden = rows.length === 0;
  }
}

function chart(title) {
  const bars = new Bars();
  return { title, bars, node: element("figure", {}, element("figcaption", {}, title), bars.node) };
}
