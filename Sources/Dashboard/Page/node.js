// One node of a fleet: what it runs, what it says of itself, and the last lines of its log.

import { ask, session } from "./api.js";
import { advice, moment } from "./assets.js";
import { element, say } from "./dom.js";
import { age, bytes, group, short } from "./figures.js";
import { address, disk, lag, news, pill, seen, standing, warmth } from "./fleet.js";
import { cells, table } from "./rollouts.js";
import { single } from "./single.js";
import { Looking } from "./steering.js";

const lines = 200;
/** Seconds for which an answer is waited for: a node says something every ten. */
const longest = 45;

export function node({ name }, query) {
  return single({
    id: "node", look: "lifepages", inside: "life", title: name, above: ["#/fleet", "Fleet", "To all nodes"],
    missing: `There is no node ${name}.`,
    read: (signal) => ask(address(name), { signal }, 10), make: (found) => new NodeView(name, found),
  }, query);
}

const panel = (id, title, ...inside) => element("section", { class: "panel", "aria-labelledby": id }, element("h2", { id }, title), ...inside);

class NodeView {
  #work = new AbortController();
  #line = "";

  constructor(name, found) {
    this.name = name;
    this.head = element("p", { class: "row head" });
    this.facts = element("dl", { class: "numbers-of-trial" });
    this.news = element("p", { class: "news" });
    this.streams = element("tbody");
    this.models = element("tbody");
    this.pipelines = element("tbody");
    this.pipelineTable = table("Pipelines", ["Pipeline", "Digest"], this.pipelines);
    this.errors = element("ul", { class: "gaps" });
    this.noErrors = element("p", { class: "facts" });
    this.outcome = element("p", { class: "outcome", role: "status" });
    this.log = element("pre", { class: "log", tabindex: 0, role: "region", "aria-label": "Log", hidden: true });
    this.button = element("button", { type: "button", onclick: () => this.#ask(), hidden: !session.may("admin") }, `Ask for the last ${lines} lines`);
    this.node = element(
      "div", { class: "life" },
      element("section", { class: "panel", "aria-labelledby": "node-now" }, element("h2", { id: "node-now" }, "Now"), this.head, this.facts, this.news),
      element("div", { class: "halves" },
        panel("node-streams", "Streams", table("Streams", ["Stream", "State", "Answers", "Pictures"], this.streams)),
        panel("node-models", "Models", table("Models", ["Model", "State", "Digest"], this.models), this.pipelineTable)),
      panel("node-errors", "Last errors", this.noErrors, this.errors),
      panel("node-log", "Log", element("p", { class: "row" }, this.button), this.outcome, this.log));
    this.#show(found);
    this.looking = new Looking(() => this.#look());
    this.looking.after(5);
  }

  leave() {
    this.#work.abort();
    this.looking.leave();
  }

  async #look() {
    const { signal } = this.#work;
    try {
      const found = await ask(address(this.name), { signal }, 10);
      if (!signal.aborted) this.#show(found);
    } catch (trouble) {
      if (!signal.aborted) say(this.news, `${advice(trouble)} What is shown may be old.`);
    }
    return 5;
  }

  #show(one) {
    const line = JSON.stringify([one, standing(one), seen(one)]);
    if (line === this.#line) return;
    this.#line = line;
    const { report = {}, summary } = one;
    const machine = report.node ?? {};
    this.head.replaceChildren(pill(one), element("span", { class: "facts" }, [
      one.groups.length > 0 ? `Groups: ${one.groups.join(", ")}` : "", one.tags.length > 0 ? `Tags: ${one.tags.join(", ")}` : "",
      one.seen ? `last heard ${seen(one)}` : ""].filter(Boolean).join(" · ")));
    say(this.news, news(one));
    const facts = [
      ["Version", machine.version], ["Profile", machine.profile], ["Ledger", lag(one)], ["Temperature", warmth(summary)], ["Disk", disk(summary)],
      ["Memory", machine.memory?.own && `${bytes(machine.memory.own)}${machine.memory.bytes ? ` of ${bytes(machine.memory.bytes)}` : ""}`],
      ["Load", machine.load && `${short(machine.load[0])} on ${machine.cores} core${machine.cores === 1 ? "" : "s"}`],
      ["Runs for", machine.began && age(Math.max(0, (machine.now - machine.began) / 1000))], ["Starts", machine.starts && group(machine.starts)],
      ["Clock", machine.clock_offset_ms !== undefined && `${machine.clock_offset_ms > 0 ? "+" : ""}${group(machine.clock_offset_ms)} ms`],
      ["Came in", moment(one.enrolled)]];
    this.facts.replaceChildren(...facts.filter(([, value]) => value).map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
    this.streams.replaceChildren(...(report.streams?.streams ?? []).map((stream) => cells("td", [
      stream.stream, stream.reason ? `${stream.state}: ${stream.reason}` : stream.state, stream.rate === undefined ? "" : `${short(stream.rate)} a second`, group(stream.received)])));
    this.models.replaceChildren(...(report.models?.models ?? []).map((model) => cells("td", [
      `${model.model} ${model.version}`, model.reason ? `${model.state}: ${model.reason}` : model.state, code(model.digest)])));
    const pipelines = report.models?.pipelines ?? [];
    this.pipelineTable.hidden = pipelines.length === 0;
    this.pipelines.replaceChildren(...pipelines.map((pipeline) => cells("td", [pipeline.pipeline, code(pipeline.digest)])));
    const errors = report.errors?.errors ?? [];
    say(this.noErrors, report.errors && errors.length === 0 ? "None in what it keeps of its log." : "");
    this.errors.replaceChildren(...errors.map((error) => element("li", {}, error.text, element("small", {}, Number.isNaN(new Date(error.at).getTime()) ? "" : moment(error.at, true)))));
  }

  async #ask() {
    const { signal } = this.#work;
    this.button.disabled = true;
    say(this.outcome, "The node is asked, and answers with what it says next.");
    try {
      const { asked } = await ask(address(this.name, "logs"), { method: "POST", body: JSON.stringify({ lines }), headers: { "Content-Type": "application/json" }, signal }, 10);
      const end = Date.now() + longest * 1000;
      let found = null;
      while (Date.now() < end && !found?.text) {
        await new Promise((resolve) => setTimeout(resolve, 1000));
        if (signal.aborted) return;
        const told = await ask(address(this.name, "logs"), { signal }, 10);
        if (told.asked >= asked) found = told;
      }
      if (found?.text) {
        say(this.log, found.text.slice(-lines).join("\n"));
        this.log.hidden = false;
      }
      say(this.outcome, found?.text ? (found.text.length > 0 ? "" : "Its log is empty.") : `It did not answer within ${longest} s.`);
    } catch (trouble) {
      if (!signal.aborted) say(this.outcome, advice(trouble));
    }
    this.button.disabled = false;
  }
}

/** The beginning of a digest, whole where it is pointed at. */
const code = (digest) => (digest ? element("code", { title: digest }, digest.replace("sha256:", "").slice(0, 12)) : "");
