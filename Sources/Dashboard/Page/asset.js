// The page of one asset: its film or picture with what was found on it, when, and where each finding comes from.

import { ask, path } from "./api.js";
import { asset as read, extent, group, link, states } from "./assets.js";
import { choose, labelled, offer } from "./choices.js";
import { details } from "./details.js";
import { element, say } from "./dom.js";
import { feed } from "./feed.js";
import { Found } from "./found.js";
import { Insights } from "./insights.js";
import { Moment } from "./moment.js";
import { Player } from "./player.js";
import { single } from "./single.js";
import { Timeline } from "./timeline.js";
import { trace, words } from "./trace.js";

/** `#/library/ID?t=SECONDS&a=PIPELINE&b=PIPELINE&n=PREDICTION`, or `series` and `label` to begin where that label scores best. */
export const asset = ({ id }, query) => single({
  id: "asset", look: "asset", inside: "asset", title: "Asset", above: ["#/library", "Library", "Show all assets"], missing: `There is no asset ${id} here. It may have been deleted.`,
  read: (signal) => read(id, signal),
  make(found, query, { name, status }) {
    const tell = (one) => {
      name(one.name);
      say(status, [group(one) || one.client, extent(one), states[one.state] ?? one.state, ...one.tags].join(" · "));
    };
    tell(found.value);
    return new View(found, query, tell);
  },
}, query);

class View {
  #found = [];
  #orders = new Map();
  #chosen = null;
  #timer = 0;

  constructor({ value, tag }, query, tell) {
    this.one = value;
    // The newest first.
    this.results = [...value.results].sort((a, b) => (a.made < b.made ? 1 : -1));
    this.player = new Player(value, {
      over: (...shown) => this.#over(...shown), moved: (time) => this.#moved(time), still: (index) => this.#found[0]?.frame(index) ?? null,
    });
    const select = (name) => element("select", { id: `analysis-${name}`, onchange: () => this.#pick() });
    [this.first, this.second] = [select("a"), select("b")];
    const named = this.results.map((one) => [one.pipeline, `${one.series} · ${short(one.pipeline)} · ${one.made.slice(0, 16).replace("T", " ")}`]);
    offer(this.first, named.length > 0 ? named : [["", "not analysed"]]);
    offer(this.second, [["", "none"], ...named]);
    this.first.disabled = named.length === 0;
    const beside = labelled("Beside it", this.second);
    beside.hidden = named.length < 2;
    this.moment = new Moment(value.kind === "video", (found, one) => this.#open(found, one));
    this.trace = trace(() => this.#choose(null));
    this.details = details({ value, tag }, ({ value }) => tell({ ...this.one, ...value }), () => (location.hash = path("#/library", { client: value.client })));
    this.time = value.kind === "video" && value.duration ? new Timeline(value.duration, {
      sought: (time) => this.player.seek(time), step: (frames) => this.player.step(frames), toggle: () => this.player.toggle(), period: this.player.period,
    }) : null;
    this.insights = new Insights(value, (time) => this.player.seek(time));
    const hint = element("p", { class: "empty" }, "Nothing looked at this yet: ", element("code", {}, `ridley analyze ${value.asset} --model NAME --library DIR`), " does it.");
    hint.hidden = named.length > 0;
    this.node = element(
      "div", { class: "workbench" },
      element("div", { class: "stage" }, element("div", { class: "row choosing" }, labelled("Analysis", this.first), beside), hint, this.player.node, this.time?.node, this.insights.node, this.trace.node),
      element("div", { class: "aside" }, this.moment.node, this.details.node));
    this.learn = () => this.#learn();
    feed.addEventListener("change", this.learn);
    this.change(query);
  }

  /** Begins where the address says. */
  change(query) {
    const starts = (digits) => this.results.find((one) => digits && one.pipeline.replace("sha256:", "").startsWith(digits))?.pipeline;
    const ofSeries = this.results.find((one) => one.series === query.get("series"))?.pipeline;
    choose(this.first, starts(query.get("a")) ?? ofSeries ?? this.results[0]?.pipeline ?? "");
    choose(this.second, starts(query.get("b")) ?? "");
    this.#pick();
    const time = Number(query.get("t"));
    if (time > 0) this.player.seek(time);
    if (query.get("n") && this.#found[0]) this.#back(Number(query.get("n")));
    if (query.get("label") && this.time && !query.get("t")) this.#seekBest(query.get("label"));
  }

  leave() {
    clearTimeout(this.#timer);
    feed.removeEventListener("change", this.learn);
    for (const found of this.#found) found.leave();
    this.player.leave();
    this.time?.leave();
    this.insights.leave();
    this.trace.leave();
  }

  #pick() {
    for (const found of this.#found) found.leave();
    const chosen = [this.first.value, this.second.value].filter(Boolean).map((pipeline) => this.results.find((one) => one.pipeline === pipeline));
    this.#chosen = null;
    this.#found = chosen.map((one) => new Found(this.one, one, () => this.#came()));
    this.player.split(this.#names);
    // What is chosen first, then the others that tell of what it does not.
    const others = this.results.filter((one) => !chosen.includes(one)).map((one) => new Found(this.one, one, () => {}));
    this.insights.show([...this.#found, ...others]);
    this.#lay();
    this.details.offer(this.#found[0] ?? null);
    this.#learn();
    this.#moved(this.player.time);
    this.#keep();
  }

  /** The order of a model's labels decides their colours, where the model is served here too. */
  async #learn() {
    for (const found of this.#found) {
      const name = found.analysis.models[0]?.name;
      if (!name || this.#orders.has(name) || !feed.newest?.models.some((model) => model.name === name)) continue;
      this.#orders.set(name, []);
      const { versions } = await ask(`/v1/models/${encodeURIComponent(name)}`, {}, 10).catch(() => ({ versions: [] }));
      this.#orders.set(name, versions.find((one) => one.labels)?.labels ?? []);
      this.player.paint();
      this.trace.paint();
      this.#lay();
    }
  }

  get #names() { return this.#found.length > 1 ? this.#found.map(({ analysis }) => `${analysis.series} · ${short(analysis.pipeline)}`) : [""]; }

  #lay() { this.time?.show(this.#found.map((found, index) => ({ title: this.#names[index], found, order: this.#order(found) }))); }

  #order(found) { return this.#orders.get(found?.analysis.models[0]?.name) ?? []; }

  #over(time, index, number) {
    const found = this.#found[index];
    if (!found) return { rows: [], isHeld: false, marked: -1, order: [], words: "" };
    const own = found.at(time, number);
    const rows = own.length > 0 ? own : found.before(time).rows;
    const marked = rows.findIndex((one) => this.#chosen?.found === found && one.n === this.#chosen.n);
    return { rows, isHeld: own.length === 0, marked, order: this.#order(found), words: own.slice(0, 5).map(words).join(", ") };
  }

  #moved(time) {
    for (const found of this.#found) found.want(time);
    if (this.time) this.time.now = time;
    this.insights.now = time;
    this.moment.plan(this.#found, this.player, this.#chosen);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#keep(), 500);
  }

  #came() {
    this.player.paint();
    this.moment.plan(this.#found, this.player, this.#chosen);
  }

  #open(found, one) {
    this.#choose({ found, n: one.n });
    if (one.time !== undefined) this.player.seek(one.time, one.frame);
    this.trace.open(found, one.n, () => this.#order(found));
  }

  /** The way back of a prediction that the address names. */
  async #back(n) {
    const found = this.#found[0];
    this.#choose({ found, n });
    this.trace.open(found, n, () => this.#order(found), false);
  }

  #choose(chosen) {
    this.#chosen = chosen;
    this.player.paint();
    this.moment.plan(this.#found, this.player, chosen);
    this.#keep();
  }

  /** The address leads back to what is shown. */
  #keep() {
    if (!location.hash.startsWith(link(this.one.asset))) return;
    const [a, b] = this.#found;
    const isNewest = a?.analysis === this.results[0];
    const time = Math.round(this.player.time * 1000) / 1000;
    history.replaceState(null, "", link(this.one.asset, {
      t: time > 0 ? time : null, a: a && (!isNewest || b) ? short(a.analysis.pipeline) : null, b: b ? short(b.analysis.pipeline) : null, n: this.#chosen?.n,
    }));
  }

  /** Where a label scores best, once its time line has come. */
  #seekBest(label, tries = 40) {
    const when = this.time.best(label);
    if (when !== null) this.player.seek(when);
    else if (tries > 0) this.#timer = setTimeout(() => this.#seekBest(label, tries - 1), 100);
  }
}

const short = (pipeline) => pipeline.replace("sha256:", "").slice(0, 8);
