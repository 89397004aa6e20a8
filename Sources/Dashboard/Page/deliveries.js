// Whom it is told what happens, how that goes, and every notice with its attempts.

import { ask, path, session } from "./api.js";
import { advice, moment } from "./assets.js";
import { labelled } from "./choices.js";
import { dayOf, iso, local, momentOf } from "./days.js";
import { element, say } from "./dom.js";
import { age, count, group } from "./figures.js";
import { eventLink } from "./happened.js";
import { question, Looking } from "./steering.js";

const rest = 2;
const pageSize = 50;
const states = { waiting: "waiting", delivered: "told", dead: "given up" };
const shades = { waiting: "busy", delivered: "ready", dead: "unavailable" };
/** As many as the server counts. */
const mostCounted = 1000;

const address = (name, rest = "", client = "") => path(`/v1/targets/${encodeURIComponent(name)}${rest ? `/${rest}` : ""}`, { client });
const post = (name, what, client, body = {}) => ask(
  address(name, what, client), { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }, 30);

/** `#/deliveries?target=&state=&client=`. */
export function deliveries(_, query) {
  const status = element("p", { class: "quiet", role: "status" }, "Asking…");
  const note = element("div", { class: "empty", hidden: true });
  const cards = element("ul", { class: "targets" });
  const choice = element("select", { id: "delivery-state", onchange: () => (location.hash = link(wanted.target, choice.value)) },
    [["", "all"], ...Object.entries(states)].map(([value, text]) => element("option", { value }, text)));
  const title = element("h2", { id: "notices-title" }, "Notices");
  const told = element("p", { class: "quiet", role: "status" });
  const rows = element("ol", { class: "notices" });
  const more = element("button", { type: "button", hidden: true, onclick: () => look(true) }, "Show older ones");
  const panel = element("section", { class: "panel", "aria-labelledby": "notices-title", hidden: true },
    element("header", { class: "row" }, title, labelled("State", choice)), told, rows, more);
  const node = element(
    "section", { class: "livepages deliveries", "aria-labelledby": "deliveries-title" },
    element("header", { class: "row" }, element("h1", { id: "deliveries-title" }, "Deliveries"), status), note, cards, panel);
  const targets = new Map();
  let [wanted, next, isLong, work] = [{ target: "", state: "", client: "" }, null, false, new AbortController()];
  const looking = new Looking(() => look());

  const link = (target, state = "") => path("#/deliveries", { target, state, client: wanted.client });

  async function look(isMore = false) {
    const { signal } = work;
    try {
      const { targets: all } = await ask(path("/v1/targets", { client: wanted.client }), { signal }, 10);
      if (signal.aborted) return rest;
      show(all);
      const chosen = all.find((one) => one.target === wanted.target) ?? all[0];
      for (const [name, card] of targets) card.choose(name === chosen?.target);
      panel.hidden = !chosen;
      // What was unfolded further stays as it is until another list is asked for.
      if (chosen && (isMore || !isLong)) await notices(chosen.target, isMore, signal);
    } catch (trouble) {
      if (signal.aborted) return rest;
      say(status, trouble.status === 404 ? "This server has no library, which deliveries need: start it with --library FOLDER." : `${advice(trouble)}${targets.size > 0 ? " What is shown may be old." : ""}`);
    }
    return rest;
  }

  function show(all) {
    const waiting = all.reduce((sum, one) => sum + one.waiting, 0);
    say(status, all.length === 0 ? "" : `${count(all.length, "target")} · ${waiting === 0 ? "all is told" : `${count(waiting, "notice")} waiting`}`);
    const names = new Set(all.map((one) => one.target));
    for (const [name, card] of targets) {
      if (names.has(name)) continue;
      card.node.remove();
      targets.delete(name);
    }
    for (const one of all) {
      if (!targets.has(one.target)) {
        targets.set(one.target, new Target(one, wanted.client, () => link(one.target, wanted.state), () => looking.hurry()));
        cards.append(targets.get(one.target).node);
      }
      targets.get(one.target).update(one);
    }
    note.hidden = all.length > 0;
    if (all.length === 0 && note.childElementCount === 0) {
      note.append(element("p", {}, "Nobody is told what happens in streams. A webhook or a broker of MQTT is added with"), element("pre", {}, element("code", {}, "ridley target add alarm ADDRESS --streams dock --labels person")),
        element("p", {}, "or in the server’s configuration under ", element("code", {}, "targets:"), "."));
    }
  }

  async function notices(target, isMore, signal) {
    const page = await ask(path("/v1/deliveries", { target, state: wanted.state, client: wanted.client, limit: pageSize, after: isMore ? next : "" }), { signal }, 20);
    if (signal.aborted) return;
    [next, isLong] = [page.next ?? null, isMore];
    say(title, `Notices of ${target}`);
    const known = new Map([...rows.children].map((one) => [one.dataset.delivery, one]));
    const nodes = page.deliveries.map((one) => written(known.get(one.delivery), one));
    if (isMore) rows.append(...nodes);
    else if (nodes.length !== rows.childElementCount || nodes.some((one, index) => rows.children[index] !== one)) rows.replaceChildren(...nodes);
    more.hidden = !next;
    say(told, rows.childElementCount > 0 ? "" : wanted.state ? `None is ${states[wanted.state]}.` : "Nothing was told yet. “Test” tells something that did not happen.");
  }

  function change(given) {
    const before = wanted.target + wanted.client + wanted.state;
    wanted = { target: given.get("target") ?? "", state: given.get("state") ?? "", client: given.get("client") ?? "" };
    choice.value = wanted.state;
    if (before !== wanted.target + wanted.client + wanted.state) rows.replaceChildren();
    again();
  }

  function again() {
    work.abort();
    work = new AbortController();
    isLong = false;
    looking.hurry();
  }

  /** Another caller may do other things. */
  function other() {
    for (const card of targets.values()) card.node.remove();
    targets.clear();
    rows.replaceChildren();
    again();
  }

  session.addEventListener("change", other);
  queueMicrotask(() => change(query));
  return {
    node, change,
    leave() {
      session.removeEventListener("change", other);
      work.abort();
      looking.leave();
    },
  };
}

class Target {
  constructor(one, client, link, changed) {
    Object.assign(this, { name: one.target, client, changed });
    this.title = element("a", { class: "title" }, one.target);
    this.title.addEventListener("click", () => (this.title.href = link()));
    this.title.href = link();
    this.link = link;
    this.state = element("span", { class: "state" });
    this.address = element("p", { class: "facts where" });
    this.about = element("p", { class: "facts" });
    this.waiting = element("p", {});
    this.pause = element("p", { class: "reason" });
    this.outcome = element("p", { class: "outcome", role: "status" });
    const button = (text, act) => element("button", { type: "button", onclick: act }, text);
    this.turn = button("Pause", () => this.#do(this.one.pause ? "resume" : "pause", () => (this.one.pause ? "It goes on." : "It is told nothing until it goes on.")));
    this.node = element(
      "li", { class: "card target", "data-target": one.target },
      element("header", {}, this.title, this.state), this.address, this.about, this.waiting, this.pause,
      element("p", { class: "row", hidden: !session.may("write") }, button("Test", () => this.#do("test", () => "A notice of something that did not happen is on its way.")), this.turn, button("Replay…", () => this.#replay())),
      this.outcome);
  }

  choose(isChosen) {
    this.node.classList.toggle("chosen", isChosen);
    if (isChosen) this.title.setAttribute("aria-current", "true");
    else this.title.removeAttribute("aria-current");
  }

  update(one) {
    this.one = one;
    this.title.href = this.link();
    const word = one.pause ? "paused" : one.waiting > 0 ? "waiting" : "all is told";
    say(this.state, word);
    this.state.dataset.state = one.pause ? "unavailable" : one.waiting > 0 ? "" : "ready";
    say(this.address, `${one.kind === "mqtt" ? "MQTT" : "Webhook"} · ${one.address}`);
    const only = [...one.kinds.map((kind) => ({ health: "what the server lacks", alert: "what alerts find", drift: "what is not as it was" }[kind] ?? "what rules see")), ...one.streams, ...one.rules, ...one.labels];
    say(this.about, `${only.length > 0 ? `Only ${only.join(", ")}` : "All that happens"}: ${one.phases.join(", ")}${one.configured ? " · of the configuration" : ""}`);
    const many = one.waiting >= mostCounted ? `${group(mostCounted)} or more notices` : count(one.waiting, "notice");
    const oldest = one.oldest ? Math.max(0, (Date.now() - new Date(one.oldest)) / 1000) : null;
    say(this.waiting, one.waiting === 0 ? "" : `${many} waiting${oldest === null ? "" : `, the oldest for ${age(oldest)}`}`);
    say(this.pause, one.pause ? `Paused: ${one.pause}` : "");
    say(this.turn, one.pause ? "Resume" : "Pause");
  }

  async #do(what, words, body) {
    say(this.outcome, "");
    this.outcome.classList.remove("trouble");
    try {
      say(this.outcome, words(await post(this.name, what, this.client, body)));
    } catch (trouble) {
      this.outcome.classList.add("trouble");
      say(this.outcome, advice(trouble));
    }
    this.changed();
  }

  async #replay() {
    const today = new Date(`${dayOf(Date.now())}T00:00:00`).getTime();
    const field = (name, value) => element("input", { id: `replay-${name}`, type: "datetime-local", step: 1, required: true, value: local(value) });
    const [from, to] = [field("from", today), field("to", Date.now())];
    const which = element("select", { id: "replay-state" }, [["", "all of it"], ["dead", "what was given up"], ["delivered", "what was told"]].map(([value, text]) => element("option", { value }, text)));
    const answer = await question(this.node, {
      title: `Tell ${this.name} again?`, yes: "Tell it again", no: "Leave it", text: "What began in this time is told again, under the same ids: who has seen one leaves it out.",
      field: element("div", { class: "fields" }, labelled("From", from), labelled("To", to), labelled("Of that", which)),
    });
    if (answer === null) return;
    const range = [momentOf(from.value), momentOf(to.value)];
    if (range.includes(null)) return;
    this.#do("replay", ({ queued }) => (queued === 0 ? "Nothing of that time is to be told." : `${count(queued, "notice")} told again.`),
      { from: iso(range[0]), to: iso(range[1] + 999), ...(which.value ? { state: which.value } : {}) });
  }
}

/** A notice, written anew only where something of it changed: what is unfolded stays unfolded. */
function written(old, one) {
  const line = JSON.stringify(one);
  if (old?.dataset.line === line) return old;
  const last = one.attempts.at(-1);
  // Most reasons name the status.
  const result = ({ status, reason }) => (!reason ? `${status ?? "taken"}` : !status || reason.includes(status) ? reason : `${status} ${reason}`);
  const node = element(
    "li", { "data-delivery": one.delivery },
    element("span", { class: "state", "data-state": shades[one.state] }, states[one.state] ?? one.state),
    element("div", { class: "whatever" },
      element("p", {}, element("b", {}, one.type), " ", one.type === "test" ? "" : element("a", { href: eventLink(one) }, `${one.rule}${one.label ? `: ${one.label}` : ""}`), one.type === "test" ? "" : ` · ${one.stream}`),
      element("p", { class: "facts" }, moment(one.queued, true), ` · ${one.tried === 0 ? "not tried yet" : count(one.tried, "attempt")}`, last ? `, the last: ${result(last)}` : "", one.due && one.state === "waiting" ? ` · again ${new Date(one.due) > new Date() ? `in ${age((new Date(one.due) - Date.now()) / 1000 + 1)}` : "now"}` : ""),
      one.attempts.length === 0 ? "" : element("details", { open: old?.querySelector("details")?.open ?? false }, element("summary", {}, "Attempts"),
        element("ol", {}, one.attempts.map((attempt) => element("li", {}, element("time", {}, moment(attempt.at, true)), element("span", { class: attempt.reason ? "reason" : "" }, result(attempt))))),
        element("p", { class: "facts" }, "Delivery ", element("code", {}, one.delivery)))));
  node.dataset.line = line;
  return node;
}
