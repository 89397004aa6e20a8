// The page of one model's roll-out: its steps, its rule as it stands, what was seen of both versions, and the buttons that steer it.

import { session } from "./api.js";
import { advice } from "./assets.js";
import { element, say } from "./dom.js";
import { count, group, short } from "./figures.js";
import { cells, day, isActive, order, page, pill, read, standing, steps, table } from "./rollouts.js";
import { single } from "./single.js";
import { Looking, question } from "./steering.js";

const verdicts = { holds: ["holds", "ready"], fails: ["failed", "unavailable"], open: ["open", ""] };

const orders = {
  pause: ["Pause", (one) => one.state === "running", "No further step is taken. Shares stay as they are, and a rule that fails is still a roll-back."],
  resume: ["Resume", (one) => one.state === "paused", "Its steps go on."],
  promote: ["Promote", isActive, "Once it is loaded here and has answered its recorded inputs, “live” points to the version, whatever the rule says."],
  abort: ["Abort", isActive, "All requests go to the version that is live. This roll-out ends."],
};

export function rollout({ name }, query) {
  return single({
    id: "rollout", look: "lifepages", inside: "life", title: `Roll-out of ${name}`, above: [page(name), name, "To the model"],
    missing: `No version of ${name} was rolled out yet. “ridley model rollout ${name}@VERSION” begins it.`,
    read: (signal) => read(name, signal), make: (found, _, frame) => new RolloutView(name, found, frame),
  }, query);
}

class RolloutView {
  #work = new AbortController();
  #line = "";
  #isBusy = false;

  constructor(name, found, frame) {
    Object.assign(this, { name, frame });
    this.title = element("h2", { id: "rollout-now" });
    this.state = element("span");
    this.facts = element("p", { class: "facts" });
    this.steps = element("ol", { class: "steps", "aria-label": "Steps" });
    this.news = element("p", { class: "news" });
    this.outcome = element("p", { class: "outcome", role: "status" });
    this.buttons = Object.entries(orders).map(([action, [text]]) => element(
      "button", { type: "button", "data-order": action, class: action === "abort" ? "danger" : "", onclick: () => this.#order(action) }, `${text}…`));
    this.steering = element("div", { class: "row", role: "group", "aria-label": "Steer this roll-out" }, this.buttons);
    this.rule = element("tbody");
    this.figures = element("tbody");
    this.labels = element("tbody");
    this.labelled = panel("rollout-labels", "Labels", table("Labels", ["Label", "Baseline", "Candidate"], this.labels));
    this.shared = element("p", { class: "facts" });
    this.past = element("div");
    this.node = element(
      "div", { class: "life" },
      element(
        "section", { class: "panel", "aria-labelledby": "rollout-now" },
        element("p", { class: "row head" }, this.title, this.state), this.facts, this.steps, this.news, this.steering, this.outcome),
      element(
        "div", { class: "halves" },
        panel("rollout-rule", "Rule", table("Rule", ["Comparison", "Now", ""], this.rule)),
        panel("rollout-figures", "Both versions in this step", table("Both versions", ["", "Baseline", "Candidate"], this.figures), this.shared)),
      this.labelled, panel("rollout-past", "What became of it", this.past));
    this.#show(found);
    this.looking = new Looking(() => this.#look());
    this.looking.after(2);
  }

  leave() {
    this.looking.leave();
    this.#work.abort();
  }

  async #look() {
    const { signal } = this.#work;
    try {
      this.#show(await read(this.name, signal));
      say(this.frame.status, "");
    } catch (trouble) {
      if (!signal.aborted) say(this.frame.status, advice(trouble));
    }
    return isActive(this.one) ? 2 : 10;
  }

  #show(found) {
    const line = JSON.stringify(found);
    if (line === this.#line) return;
    this.#line = line;
    const one = this.one = found.rollout;
    const { plan } = one;
    say(this.title, `Version ${plan.candidate} in place of ${plan.baseline}`);
    if (this.state.textContent !== pill(one.state).textContent) {
      const now = pill(one.state);
      this.state.replaceWith(now);
      this.state = now;
    }
    say(this.facts, [
      `begun ${day(one.began)} by ${one.by}`, `a step takes ${+(plan.every / 60).toFixed(2)} min at least`,
      one.ended ? `ended ${day(one.ended)} by ${one.actor}` : `this step since ${day(one.stage_began)}`,
    ].join(" · "));
    this.steps.replaceChildren(...steps(one).map((text, index) => {
      const isNow = isActive(one) && index === one.stage;
      const isDone = index < one.stage || one.state === "promoted";
      return element("li", { "aria-current": isNow ? "step" : undefined, "data-step": isNow ? "now" : isDone ? "done" : "next" }, text);
    }));
    say(this.news, found.waits_for ?? (isActive(one) ? "" : one.reason ?? ""));
    this.news.hidden = this.news.textContent === "";
    this.#steer(one);
    this.#rule(found);
    this.#figures(found.evidence);
    this.#history(found.history);
  }

  #steer(one) {
    this.steering.hidden = !session.may("admin") || !isActive(one);
    for (const button of this.buttons) {
      const isThere = orders[button.dataset.order][1](one);
      if (!isThere && document.activeElement === button) this.frame.heading.focus({ preventScroll: true });
      button.hidden = !isThere;
    }
  }

  #rule({ rule }) {
    this.rule.replaceChildren(...rule.map((one) => {
      const [word, shade] = verdicts[one.verdict] ?? [one.verdict, ""];
      return cells("td", [element("code", {}, one.comparison), one.seen ?? "nothing yet", element("span", { class: "state", "data-state": shade }, word)]);
    }));
  }

  #figures(seen) {
    const both = [seen.baseline, seen.candidate];
    const row = (name, text) => cells("td", [name, ...both.map(text)]);
    const time = (key) => (tally) => (tally[key] === undefined ? "–" : `${short(tally[key])} ms`);
    this.figures.replaceChildren(
      row("Answers", ({ answers }) => group(answers)), row("Errors", ({ errors }) => group(errors)), row("p50", time("p50_ms")), row("p95", time("p95_ms")), row("p99", time("p99_ms")),
      ...(both.some((tally) => tally.job_p95_ms !== undefined) ? [row("p95 in jobs", time("job_p95_ms"))] : []),
      ...keptRows(seen.kept));
    const { shadows, requests } = seen;
    say(this.shared, [
      `agreement ${seen.agreement === undefined ? "–" : seen.agreement.toFixed(4)} over ${group(seen.compared)} compared`,
      `drift ${seen.drift === undefined ? "–" : seen.drift.toFixed(3)}`,
      `${count(requests.routed, "request")}, ${group(requests.routed_to_candidate)} of them to the candidate, ${group(requests.rescued)} answered by the baseline in its place`,
      `shadows: ${group(shadows.answered)} answered, ${group(shadows.dropped)} dropped, ${group(shadows.failed)} failed of ${group(shadows.chosen)}`,
      ...(seen.kept?.truth ? [`evaluations over ${seen.kept.truth}`] : []),
    ].join(" · "));
    const names = [...new Set(both.flatMap(({ labels }) => Object.keys(labels)))];
    const said = (tally, label) => (tally.labels[label] === undefined ? "–" : `${group(tally.labels[label])}${tally.described > 0 ? ` (${short(tally.labels[label] / tally.described)} an answer)` : ""}`);
    this.labels.replaceChildren(...names.map((label) => cells("td", [label, ...both.map((tally) => said(tally, label))])));
    this.labelled.hidden = names.length === 0;
  }

  /** One part for each roll-out, the newest first; what was unfolded stays so. */
  #history(history) {
    const known = new Map([...this.past.querySelectorAll("details")].map((node) => [node.dataset.id, node.open]));
    const ids = [...new Set(history.map(({ rollout: one }) => one.id))];
    this.past.replaceChildren(...ids.map((id, index) => {
      const entries = history.filter(({ rollout: one }) => one.id === id);
      const [last] = entries;
      const rows = entries.map(({ rollout: one, evidence: seen }) => cells("td", [
        day(one.ended ?? one.paused ?? one.stage_began), standing(one), one.actor, one.reason ?? "",
        `${group(seen.candidate.answers)} / ${group(seen.baseline.answers)}`, group(seen.candidate.errors),
        [seen.candidate, seen.baseline].map(({ p95_ms: time }) => (time === undefined ? "–" : short(time))).join(" / "),
        seen.agreement === undefined ? "–" : seen.agreement.toFixed(3), seen.drift === undefined ? "–" : seen.drift.toFixed(3),
      ]));
      const heads = ["When", "Step", "By", "Why", "Answers, candidate / baseline", "Errors", "p95 ms", "Agreement", "Drift"];
      const said = `Version ${last.rollout.plan.candidate} in place of ${last.rollout.plan.baseline}, begun ${day(last.rollout.began)}`;
      return element(
        "details", { "data-id": id, open: known.get(id) ?? index === 0 },
        element("summary", {}, `${said} `, pill(last.rollout.state)), element("p", { class: "facts" }, "Rule: ", element("code", {}, last.rollout.plan.rule)),
        table(said, heads, element("tbody", {}, rows)));
    }));
  }

  async #order(action) {
    if (this.#isBusy) return;
    const [text, , words] = orders[action];
    const input = element("input", { id: "rollout-reason", name: "reason", maxlength: 500, autocomplete: "off", required: action === "abort" || action === "promote" });
    const reason = await question(this.steering, {
      title: `${text} version ${this.one.plan.candidate} of ${this.name}?`, text: words, yes: text, no: "Leave it", isGrave: action === "abort" || action === "promote",
      field: element("label", { for: "rollout-reason" }, "Why, for the history", input),
    });
    if (reason === null) return;
    this.#isBusy = true;
    this.steering.setAttribute("aria-busy", "true");
    this.outcome.classList.remove("trouble");
    say(this.outcome, action === "promote" ? "The version is tried before anything moves…" : "");
    try {
      this.#show(await order(this.name, action, reason.trim()));
      say(this.outcome, "");
    } catch (trouble) {
      this.outcome.classList.add("trouble");
      say(this.outcome, advice(trouble));
    }
    this.#isBusy = false;
    this.steering.removeAttribute("aria-busy");
    this.looking.hurry();
  }
}

const panel = (id, title, ...content) => element("section", { class: "panel", "aria-labelledby": id }, element("h2", { id }, title), content);

/** What evaluations and a trial say, where the rule asks for them. */
function keptRows(kept) {
  if (!kept) return [];
  const names = [...new Set([...Object.keys(kept.baseline), ...Object.keys(kept.candidate)])];
  const figure = (value) => (value === undefined ? "–" : short4(value));
  return [
    ...names.map((name) => cells("td", [`evaluation.${name}`, figure(kept.baseline[name]), figure(kept.candidate[name])])),
    ...Object.entries(kept.trial).map(([name, value]) => cells("td", [`trial.${name}`, "", short4(value)])),
  ];
}

const short4 = (value) => (Number.isInteger(value) ? group(value) : value.toFixed(4));
