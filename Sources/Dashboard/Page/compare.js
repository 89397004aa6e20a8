// Two films beside each other, such as two versions of an advertisement: played together, what is told of each on one scale of time, and what
// differs in numbers.

import { asset as read, extent, group, link } from "./assets.js";
import { element, say } from "./dom.js";
import { Found } from "./found.js";
import { Insights, parts } from "./insights.js";
import { Player } from "./player.js";
import { differences } from "./differences.js";
import { single } from "./single.js";

/** `#/compare/A/B`. */
export const compare = ({ a, b }) => single({
  id: "compare", look: "compare", title: "Two films", above: ["#/library", "Library", "Show all assets"], missing: "One of the two is not here. It may have been deleted.",
  read: (signal) => Promise.all([a, b].map((id) => read(id, signal))),
  make(both, _, { name }) {
    const [first, second] = both.map(({ value }) => value);
    const names = `${first.name} and ${second.name}`;
    name(first.name === second.name ? `${first.name}, twice` : names, names);
    return new Pair([first, second]);
  },
});

class Pair {
  #told = [{}, {}];

  constructor(assets) {
    // One scale of time for both.
    const duration = Math.max(...assets.map((one) => one.duration ?? 0));
    this.sides = assets.map((one, index) => new Side(one, duration, (time) => this.#seek(time), (part, answer) => this.#learn(index, part, answer)));
    this.differences = element("div", { class: "differences panel" });
    this.both = element("button", { type: "button", class: "main", onclick: () => this.#toggle() }, "Play both");
    this.both.hidden = assets.some((one) => one.kind !== "video");
    const films = element("div", { class: "versions" }, this.sides.map((side) => side.node));
    const controls = element("p", { class: "row" }, this.both, element("button", { type: "button", hidden: this.both.hidden, onclick: () => this.#seek(0) }, "To the start"));
    // Part by part, so that each stands beside its other.
    const rows = parts.map((part) => element("div", { class: "versions" }, this.sides.map((side) => side.slot(part))));
    this.node = element("div", {}, films, controls, this.differences, element("div", { class: "panel insights" }, rows));
    this.#learn(0, null, null);
  }

  leave() { for (const side of this.sides) side.leave(); }

  #seek(time) { for (const side of this.sides) side.player.seek(time); }

  #toggle() {
    const isPlaying = this.sides.some((side) => side.player.isPlaying);
    if (!isPlaying) this.#seek(this.sides[0].player.time);
    for (const { player } of this.sides) if (player.isPlaying === isPlaying) player.toggle();
    say(this.both, isPlaying ? "Play both" : "Pause both");
  }

  #learn(index, part, answer) {
    if (part) this.#told[index][part] = answer;
    const rows = differences(this.sides.map(({ asset }, at) => ({ asset, ...this.#told[at] })));
    const cell = (text, kind = "") => element("td", { class: kind }, text);
    this.differences.replaceChildren(
      element("h2", {}, "What differs"),
      element("table", {},
        element("thead", {}, element("tr", {}, ["", ...this.sides.map(({ asset }) => asset.name), "Difference"].map((text) => element("th", { scope: "col" }, text)))),
        element("tbody", {}, rows.map(({ name, values, difference, isGreat }) => element(
          "tr", {}, element("th", { scope: "row" }, name), ...values.map((value) => cell(value)), cell(difference, isGreat ? "great" : ""))))));
  }
}

/** One of the two. */
class Side {
  #slots = new Map();

  constructor(one, duration, sought, told) {
    this.asset = one;
    const results = [...one.results].sort((a, b) => (a.made < b.made ? 1 : -1));
    this.found = results.map((result) => new Found(one, result, () => {}));
    const nothing = { rows: [], isHeld: false, marked: -1, order: [], words: "" };
    this.player = new Player(one, {
      over: () => nothing, moved: (time) => (this.insights.now = time), still: (index) => this.found[0]?.frame(index) ?? null,
    });
    this.player.split([""]);
    this.insights = new Insights(one, sought, { duration, told, place: (part) => this.slot(part) });
    this.insights.show(this.found);
    const about = [group(one) || one.client, extent(one)].join(" · ");
    this.node = element("div", {}, element("h2", {}, element("a", { href: link(one.asset) }, one.name)), element("p", { class: "quiet" }, about), this.player.node);
  }

  /** Where a part of what is told stands. */
  slot(part) {
    if (!this.#slots.has(part)) this.#slots.set(part, element("div", {}));
    return this.#slots.get(part);
  }

  leave() {
    for (const found of this.found) found.leave();
    this.player.leave();
    this.insights.leave();
  }
}
