// Whether what a stream shows, and what is answered about it, is as it was: both distributions, measure by measure.

import { ask, session } from "./api.js";
import { advice } from "./assets.js";
import { element, say } from "./dom.js";
import { group, short } from "./figures.js";
import { address } from "./streams.js";

/** Milliseconds between two looks: a window is over every few minutes. */
const interval = 10000;

export const words = { learning: "learning", few: "not enough seen", within: "as it was", outside: "drifting" };
export const shades = { within: "ready", outside: "unavailable", learning: "busy", few: "" };

export const readDrift = (name, client, signal) => ask(address(name, client, "drift"), { signal });

export const percent = (share) => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;

/** A panel that asks by itself until it is left. */
export class DriftPanel {
  #work = new AbortController();
  #line = "";

  constructor(name, client) {
    Object.assign(this, { name, client });
    this.state = element("span", { class: "state" });
    this.problem = element("p", { class: "reason" });
    this.content = element("div", { class: "drift" });
    this.legend = element("p", { class: "quiet key" }, element("i", { class: "old" }), "what was learnt ", element("i", { class: "now" }), "the last window");
    this.outcome = element("p", { class: "outcome", role: "status" });
    this.learn = element("button", { type: "button", hidden: !session.may("write"), onclick: () => this.#forget() }, "Learn anew");
    this.node = element(
      "section", { class: "panel", "aria-labelledby": "stream-drift" },
      element("p", { class: "row head" }, element("h2", { id: "stream-drift" }, "Drift"), this.state, this.learn), this.problem, this.content, this.legend, this.outcome);
    this.#look();
  }

  leave() {
    clearTimeout(this.timer);
    this.#work.abort();
  }

  async #look() {
    clearTimeout(this.timer);
    const { signal } = this.#work;
    try {
      this.#show(await readDrift(this.name, this.client, signal));
      say(this.outcome, "");
    } catch (trouble) {
      if (signal.aborted) return;
      say(this.outcome, advice(trouble));
    }
    this.timer = setTimeout(() => this.#look(), interval);
  }

  #show(drift) {
    const line = JSON.stringify(drift);
    if (line === this.#line) return;
    this.#line = line;
    this.node.hidden = !drift.watched;
    if (!drift.watched) return;
    const watches = [drift.pictures, ...drift.networks];
    const all = watches.flatMap((watch) => watch.measures.map((one) => one.state));
    const state = ["outside", "learning", "within"].find((one) => all.includes(one)) ?? "few";
    say(this.state, words[state]);
    this.state.dataset.state = shades[state];
    say(this.problem, drift.problem ? `Not as it was: ${drift.problem}` : "");
    this.problem.hidden = !drift.problem;
    this.content.replaceChildren(...watches.map((watch) => watched(watch, drift.settings)));
  }

  async #forget() {
    this.learn.disabled = true;
    try {
      await ask(address(this.name, this.client, "drift"), { method: "DELETE" }, 15);
      await this.#look();
      say(this.outcome, "What was learnt is forgotten: it is learnt anew from now on.");
    } catch (trouble) {
      say(this.outcome, advice(trouble));
    }
    this.learn.disabled = false;
  }
}

/** Pictures, or one network. */
function watched(watch, settings) {
  const title = watch.network ? `What ${watch.network} answers` : "Pictures";
  const facts = [
    watch.model?.split("@")[0] === watch.network ? "" : watch.model?.split("@")[0],
    watch.learnt < 1 ? `learning, ${percent(watch.learnt)} of ${hours(settings.learn_s)}` : "",
    watch.window ? `${group(watch.window.pictures)} pictures in the last window of ${hours(settings.window_s)}${watch.window.pictures < settings.evidence ? `: too few, as ${settings.evidence} are needed` : ""}` : "no window is over yet",
    watch.before ? `another model than before (${watch.before.slice(0, 30)}…)` : "",
  ];
  return element(
    "section", { class: "watch" }, element("h3", {}, title), element("p", { class: "facts" }, facts.filter(Boolean).join(" · ")),
    element("ul", {}, watch.measures.map(measured)));
}

const hours = (seconds) => (seconds >= 3600 ? `${+(seconds / 3600).toFixed(2)} h` : seconds >= 60 ? `${+(seconds / 60).toFixed(2)} min` : `${+seconds.toFixed(2)} s`);

function measured(one) {
  // What the last window shows has to last before it is drift.
  const word = one.state === "within" && one.index >= one.enter && one.distance >= one.least ? "moved just now" : words[one.state];
  const state = element("span", { class: "state", "data-state": word === words.within ? shades.within : shades[one.state === "within" ? "learning" : one.state] }, word);
  const index = typeof one.index === "number" ? `index ${one.index.toFixed(2)}, drift from ${one.enter.toFixed(2)}` : one.state === "few" ? `${group(one.seen)} seen, ${group(one.seen_reference)} in the reference` : "";
  return element(
    "li", {}, element("p", { class: "row" }, element("b", {}, one.measure), state, element("span", { class: "quiet" }, index)),
    one.groups && (one.seen > 0 || one.seen_reference > 0) ? bars(one) : null);
}

/** Two bars for each group: the reference, and the last window. */
function bars(one) {
  const share = (count, all) => (all > 0 ? count / all : 0);
  const rows = one.groups.filter((part) => part.reference > 0 || part.now > 0).map((part) => ({
    name: named(part), old: share(part.reference, one.seen_reference), now: share(part.now, one.seen),
  }));
  const isNamed = one.measure === "labels";
  const most = Math.max(...rows.flatMap(({ old, now }) => [old, now]), 1e-9);
  const said = rows.map(({ name, old, now }) => `${name}: ${percent(old)} before, ${percent(now)} now`).join("; ");
  return element(
    "div", { class: "pairs", role: "img", "aria-label": said, title: said },
    rows.map(({ name, old, now }) => element(
      "span", { class: "group" }, element("span", { class: "pair" }, bar("old", old / most), bar("now", now / most)), isNamed ? element("small", {}, name) : null)));
}

function bar(name, height) {
  const node = element("i", { class: name });
  node.style.height = `${100 * height}%`;
  return node;
}

function named(part) {
  if (part.label !== undefined) return part.label;
  if (part.others) return "all others";
  if (part.missing) return "without a value";
  if (part.from === undefined) return part.to === undefined ? "any" : `below ${short(part.to)}`;
  return part.to === undefined ? `from ${short(part.from)}` : `${short(part.from)} to ${short(part.to)}`;
}
