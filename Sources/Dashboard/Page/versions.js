// Versions of the server's models: which is what, which names lead to it, and how streams that it looks at are doing.

import { ask, session } from "./api.js";
import { advice } from "./assets.js";
import { percent, readDrift, shades, words } from "./drift.js";
import { element, say } from "./dom.js";
import { list as streams, link } from "./streams.js";

/** Milliseconds between two looks, and streams that are asked one by one. */
const [interval, most] = [5000, 24];

/** Of all models, or of the one that is named; asks by itself until it is left. */
export class Versions {
  #work = new AbortController();
  #line = "";

  constructor(only) {
    this.only = only;
    this.body = element("tbody");
    this.outcome = element("p", { class: "outcome", role: "status" });
    this.drift = element("ul", { class: "streams" });
    this.watched = element("div", {}, element("h3", {}, "Streams that it looks at"), this.drift);
    const heads = ["Model", "Version", "Names", "State", "Engine", "Digest"].map((text) => element("th", { scope: "col" }, text));
    this.table = element("div", { class: "scrolled" }, element("table", {}, element("thead", {}, element("tr", {}, heads)), this.body));
    this.node = element(
      "section", { class: "panel modelversions", "aria-labelledby": "versions-title" },
      element("h2", { id: "versions-title" }, "Versions"), this.table, this.watched, this.outcome);
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
      const known = await ask("/v1/models", { signal });
      const models = known.filter((model) => this.only === undefined || model.name === this.only);
      const drifts = await this.#drifts(signal);
      say(this.outcome, "");
      const line = JSON.stringify([models, drifts]);
      if (line !== this.#line) this.#show(models, drifts);
      this.#line = line;
    } catch (trouble) {
      if (signal.aborted) return;
      say(this.outcome, advice(trouble));
    }
    this.timer = setTimeout(() => this.#look(), interval);
  }

  /** Of each stream that is watched, and of each network that looks at it: `{stream, network}`. */
  async #drifts(signal) {
    const watched = (await streams(signal)).filter((one) => one.drift).slice(0, most);
    const all = await Promise.all(watched.map(async (stream) => {
      const client = stream.owner === session.client ? undefined : stream.owner;
      const drift = await readDrift(stream.name, client, signal).catch(() => null);
      return (drift?.networks ?? []).map((network) => ({ stream, network, problem: drift.problem }));
    }));
    return all.flat().filter(({ network }) => this.only === undefined || network.model.split("@")[0] === this.only);
  }

  #show(models, drifts) {
    this.body.replaceChildren(...models.flatMap((model) => model.versions.map((one) => this.#row(model, one))));
    this.table.hidden = this.body.children.length === 0;
    this.watched.hidden = drifts.length === 0;
    this.drift.replaceChildren(...drifts.map(({ stream, network }) => {
      const states = network.measures.map((one) => one.state);
      const state = ["outside", "learning", "within"].find((one) => states.includes(one)) ?? "few";
      const moved = network.measures.filter((one) => one.state === "outside").map((one) => `${one.measure} (${one.index?.toFixed(2) ?? "–"})`);
      const text = moved.length > 0 ? moved.join(", ") : network.learnt < 1 ? `${percent(network.learnt)} of its reference is learnt` : "";
      return element(
        "li", { class: "row" }, element("a", { href: link(stream) }, stream.name), element("span", { class: "quiet" }, network.model.split("@")[0]),
        element("span", { class: "state", "data-state": shades[state] }, words[state]), element("span", {}, text));
    }));
  }

  #row(model, one) {
    const names = Object.entries(model.aliases).filter(([, version]) => version === one.version).map(([alias]) => alias);
    return element(
      "tr", {},
      element("td", {}, this.only === undefined ? element("a", { href: `#/models/${encodeURIComponent(model.name)}` }, model.name) : model.name),
      element("td", {}, one.version), element("td", {}, names.join(", ")),
      element("td", {}, element("span", { class: "state", "data-state": one.state }, one.state)),
      element("td", {}, one.engine ?? "", one.isolated ? " in a process of its own" : ""),
      element("td", { title: one.digest ?? "" }, one.digest ? one.digest.replace("sha256:", "").slice(0, 12) : ""));
  }
}
