// Roll-outs of the registry's models: the questions, the words for how one stands, and the list of all.

import { ask, session } from "./api.js";
import { element } from "./dom.js";
import { Looking } from "./steering.js";

export const words = { running: "running", paused: "paused", promoted: "promoted", rolled_back: "rolled back", aborted: "aborted", superseded: "superseded" };
const shades = { running: "busy", paused: "", promoted: "ready", rolled_back: "unavailable", aborted: "unavailable", superseded: "over" };

export const isActive = ({ state }) => state === "running" || state === "paused";

export const place = (model) => `/v1/registry/models/${encodeURIComponent(model)}`;
export const page = (model, ...parts) => ["#/models", encodeURIComponent(model), ...parts.map(encodeURIComponent)].join("/");

export const read = (model, signal) => ask(`${place(model)}/rollout`, { signal }, 20);
/** A promotion is tried first, which takes as long as the version's recorded inputs do. */
export const order = (model, action, reason) => ask(
  `${place(model)}/rollout/${action}`, { method: "POST", body: JSON.stringify(reason ? { reason } : {}), headers: { "Content-Type": "application/json" } }, 120);

/** A share as people write it, such as 5 % or 0.25 %. */
const percent = (share) => `${+(100 * share).toFixed(4)} %`;

export const pill = (state) => element("span", { class: "state", "data-state": shades[state] ?? "" }, words[state] ?? state);

/** What each step is called: the shadow alone first, where there is one. */
export function steps({ plan }) {
  const shares = plan.canary.map((share) => `${percent(share)} to version ${plan.candidate}`);
  return plan.shadow > 0 ? [`shadow of ${percent(plan.shadow)}`, ...shares] : shares;
}

/** Where one stands, in a few words. */
export const standing = (one) => (isActive(one) ? `step ${one.stage + 1} of ${steps(one).length}: ${steps(one)[one.stage] ?? ""}` : words[one.state] ?? one.state);

/** To the second, as the command line tells it. */
export const day = (moment) => moment.replace("T", " ").replace(/\.\d+Z$/, " UTC");

export const cells = (cell, contents) => element("tr", {}, contents.map((content) => element(cell, cell === "th" ? { scope: "col" } : {}, content)));

/** A table with its heads, which scrolls in itself where it is too wide. */
export function table(name, heads, body = element("tbody")) {
  return element(
    "div", { class: "scrolled", tabindex: 0, role: "region", "aria-label": name }, element("table", {}, element("thead", {}, cells("th", heads)), body));
}

/** The last roll-out of each model; hidden where there is none, or where the caller may not look. */
export class RolloutList {
  #work = new AbortController();
  #line = "";

  constructor() {
    this.body = element("tbody");
    this.node = element(
      "section", { class: "panel modelversions rollouts", "aria-labelledby": "rollouts-title", hidden: true },
      element("h2", { id: "rollouts-title" }, "Roll-outs"),
      table("Roll-outs", ["Model", "Version", "State", "Where it stands", "Since", "What it waits for, or why it ended"], this.body));
    this.looking = new Looking(() => this.#look());
    this.looking.hurry();
  }

  leave() {
    this.looking.leave();
    this.#work.abort();
  }

  async #look() {
    const { signal } = this.#work;
    try {
      const known = session.may("admin") ? await ask("/v1/models", { signal }) : [];
      this.#show(known.some(({ registered }) => registered) ? await ask("/v1/registry/rollouts", { signal }, 20) : []);
    } catch {
      // Not for this caller, or not now: the rest of the page does not need it.
      if (!signal.aborted) this.#show([]);
    }
    return 5;
  }

  #show(lines) {
    const line = JSON.stringify(lines);
    if (line === this.#line) return;
    this.#line = line;
    this.node.hidden = lines.length === 0;
    const sorted = [...lines].sort((a, b) => isActive(b.rollout) - isActive(a.rollout) || b.rollout.began.localeCompare(a.rollout.began));
    this.body.replaceChildren(...sorted.map(({ rollout: one, waits_for: waits }) => cells("td", [
      element("a", { href: page(one.model, "rollout") }, one.model), `${one.plan.candidate} in place of ${one.plan.baseline}`, pill(one.state),
      isActive(one) ? standing(one) : "", day(one.ended ?? one.stage_began), waits ?? one.reason ?? "",
    ])));
  }
}
