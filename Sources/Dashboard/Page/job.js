// The page of one job: its stages, its money, why items failed, and all of its items.

import { path } from "./api.js";
import { advice, moment } from "./assets.js";
import { element, say } from "./dom.js";
import { failures } from "./failures.js";
import { age, count, span } from "./figures.js";
import { flow } from "./flow.js";
import { items as list } from "./items.js";
import { about, counted, isOver, items, job as read, link, money, Pace, settled, shades, spent, states, title, why } from "./jobfacts.js";
import { single } from "./single.js";
import { Bar, Controls, Looking } from "./steering.js";

/** Seconds after which a running job in which nothing changed is asked about its workers. */
const patience = 20;
/** Items in pieces that are counted in one look. */
const mostCut = 200;

/** `#/jobs/ID?state=STATE&after=PLACE`: which of its items are shown. */
export const job = ({ id }, query) => single({
  id: "job", look: "jobpages one", inside: "jobpages", title: "Job", above: ["#/jobs", "Jobs", "Show all jobs"], missing: `There is no job ${id} here.`,
  read: (signal) => read(id, signal),
  make(one, query, { name, above, heading, status }) {
    above.href = path("#/jobs", { client: one.owner });
    name(title(one), `${title(one)} · Job ${id.slice(-4)}`);
    return new View(one, query, heading, status);
  },
}, query);

class View {
  #pace = new Pace();
  #looking = new Looking(() => this.#look());
  #work = new AbortController();
  #moved = { line: "", at: 0 };

  constructor(one, query, heading, status) {
    Object.assign(this, { one, query, status });
    this.bar = new Bar();
    this.state = element("span", { class: "state" });
    this.counts = element("strong");
    this.speed = element("span", { class: "speed" });
    this.hint = element("p", { class: "quiet hint" });
    this.outcome = element("p", { class: "outcome", role: "status" });
    this.controls = new Controls(heading, (now) => this.#changed(now), (text, isTrouble) => this.#tell(text, isTrouble));
    this.flow = flow((state) => link(one.job, { state }));
    this.money = element("div", { class: "money" });
    this.facts = element("dl", { class: "facts" });
    this.failures = failures(one.job, (number) => (one.pipelines.length > 1 ? one.pipelines[number]?.series : null));
    this.items = list(one);
    const panel = (name, title, ...inside) => element("section", { class: "panel", "aria-labelledby": name }, element("h2", { id: name }, title), inside.flat());
    this.node = element(
      "div", { class: "jobpages" },
      element("section", { class: "panel", "aria-label": "Progress" },
        element("div", { class: "row head" }, this.state, this.counts, this.speed, this.controls.node), this.outcome, this.bar.node, this.hint, this.flow.node),
      element("div", { class: "workbench" },
        element("div", { class: "stage" }, this.failures.node, this.items.node),
        element("div", { class: "aside" },
          panel("about-job", "About", this.facts), this.money,
          panel("pinned", one.pipelines.length === 1 ? "Pipeline" : "Pipelines", one.pipelines.map(pinned)))));
  }

  begin() {
    this.#show(this.one);
    this.change(this.query, true);
    this.failures.show(this.one);
    this.#looking.hurry();
  }

  change(query, isFirst = false) {
    this.items.choose(query.get("state") ?? "", query.get("after") ?? "", isFirst);
  }

  leave() {
    this.#work.abort();
    this.#looking.leave();
    this.failures.leave();
    this.items.leave();
  }

  /** After an order: what is left stands somewhere else. */
  #changed(one) {
    this.#show(one);
    this.failures.again(one);
    this.items.again(one);
    this.#looking.hurry();
  }

  async #look() {
    const mine = this.#work.signal;
    try {
      const { job: id } = this.one;
      const one = await read(id, mine);
      const isOpen = settled(one) < one.listed;
      const cut = isOpen ? await items(id, { state: "cut", limit: mostCut }, mine) : { items: [] };
      if (mine.aborted) return 1;
      this.#show(one, cut);
      this.failures.show(one);
      this.items.show(one);
      if (this.outcome.dataset.isLook) this.#tell("", false);
      return one.state === "running" ? 1.5 : isOver(one) ? 10 : 4;
    } catch (trouble) {
      if (mine.aborted) return 1;
      this.#tell(`${advice(trouble)} What is shown may be old.`, true);
      this.outcome.dataset.isLook = "1";
      return 5;
    }
  }

  #show(one, cut = null) {
    this.one = one;
    const now = performance.now() / 1000;
    // Where a page of them does not hold all that are in pieces, their part is left out.
    if (cut) this.#pace.take(one, now, cut.next ? 0 : cut.items.reduce((sum, { finished, pieces }) => sum + finished / Math.max(1, pieces), 0));
    say(this.state, states[one.state] ?? one.state);
    this.state.dataset.state = shades[one.state] ?? "";
    say(this.counts, counted(one));
    say(this.speed, this.#pace.words(one));
    say(this.status, [`Job ${one.job.slice(-4)}`, one.owner, about(one)].join(" · "));
    this.bar.show(one);
    this.flow.show(one, cut);
    this.controls.show(one);
    this.#hint(one, cut, now);
    this.#tellOf(one);
  }

  /** A job that stands still has no workers, or they do something else. */
  #hint(one, cut, now) {
    const line = JSON.stringify([one.state, one.listed, settled(one), one.processor, cut?.items.map(({ finished }) => finished)]);
    if (cut && line !== this.#moved.line) this.#moved = { line, at: now };
    const isStill = one.state === "running" && this.#moved.at > 0 && now - this.#moved.at > patience;
    this.hint.classList.toggle("trouble", one.state === "failed");
    say(this.hint, one.state === "stopped" ? "Its budget is spent: nothing more is begun until it is resumed with a higher one."
      : why(one) ? why(one)
      : one.state === "paused" ? "Nothing more is begun until it is resumed; what runs is finished."
      : isStill ? `Nothing has ended for ${age(now - this.#moved.at)}: items take long, or no worker is there (‘ridley worker --library DIR’).` : "");
  }

  #tellOf(one) {
    const rows = [
      ["Job", element("code", {}, one.job)], ["Client", one.owner], ["Assets", about(one)], ["Priority", one.priority], ["Limits", one.profile],
      ["Started", moment(one.created)], ["Ended", one.ended ? moment(one.ended) : null], ["Processors", one.processor < 6e7 ? span(one.processor / 1e6) : age(one.processor / 1e6)],
      ["Broken frames", one.corrupt > 0 ? `in ${count(one.corrupt, "film")}` : null], ["Tried again", one.round > 1 ? count(one.round - 1, "time") : null]];
    const line = JSON.stringify(rows.map(([, value]) => (typeof value === "string" ? value : "")));
    if (this.facts.dataset.line !== line) {
      this.facts.dataset.line = line;
      this.facts.replaceChildren(...rows.filter(([, value]) => value).flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
    }
    const cost = JSON.stringify([one.price, one.cost, one.budget]);
    if (this.money.dataset.line === cost) return;
    this.money.dataset.line = cost;
    this.money.hidden = !(one.price > 0);
    if (this.money.hidden) return;
    this.money.replaceChildren(element(
      "section", { class: "panel", "aria-labelledby": "money" }, element("h2", { id: "money" }, "Money"),
      element("p", {}, element("strong", {}, spent(one)), ` at ${(one.price * 3600).toFixed(4).replace(/\.?0+$/, "")} an hour of a processor`),
      one.budget === undefined ? element("p", { class: "quiet" }, "No budget: it goes on until all is done.")
        : element("meter", { min: 0, max: one.budget, value: Math.min(one.cost, one.budget), "aria-label": `${money(one.cost)} of ${money(one.budget)} spent` })));
  }

  #tell(text, isTrouble) {
    delete this.outcome.dataset.isLook;
    say(this.outcome, text);
    this.outcome.classList.toggle("trouble", isTrouble);
  }
}

function pinned({ series, digest, models }) {
  return element(
    "dl", { class: "facts" },
    [["Name", series], ["Digest", element("code", {}, digest)], ...models.map((model) => ["Model", element("code", {}, model)])]
      .flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}
