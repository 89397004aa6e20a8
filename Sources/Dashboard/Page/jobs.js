// The page of jobs: a client's, the newest first, and how far each is.

import { path, session } from "./api.js";
import { advice, clients, moment, whose } from "./assets.js";
import { choose, labelled, offer } from "./choices.js";
import { element, say } from "./dom.js";
import { count } from "./figures.js";
import { about, counted, end, isOver, job, jobs as list, link, mayRetry, Pace, shades, spent, states, title, why } from "./jobfacts.js";
import { Bar, Controls, Looking, Tally } from "./steering.js";

const pageSize = 30;
/** Jobs that are asked for by themselves in one look, besides the newest. */
const fewAsked = 8;

export function jobs(_, query) {
  const status = element("p", { class: "quiet", role: "status" });
  const note = element("div", { class: "empty", hidden: true });
  const fields = {
    client: element("select", { id: "jobs-client", name: "client" }),
    state: element("select", { id: "jobs-state", name: "state" }, [["", "any"], ...Object.entries(states)].map(([value, text]) => element("option", { value }, text))),
  };
  const boxes = { client: labelled("Client", fields.client), state: labelled("State", fields.state) };
  const newer = element("button", { type: "button", class: "quiet newer", onclick: () => again() }, "");
  const form = element("form", { class: "finder groups", "aria-label": "Which jobs", onsubmit: (event) => event.preventDefault() }, Object.values(boxes), newer);
  const begin = element("a", { class: "button main apart", href: "#/jobs/new", hidden: true }, "Start a job…");
  const rows = element("ul", { class: "jobs", "aria-label": "Jobs, the newest first" });
  const older = element("button", { type: "button", hidden: true, onclick: () => more() }, "Older jobs");
  const outcome = element("p", { class: "outcome", role: "status" });
  const node = element(
    "section", { class: "jobpages", "aria-labelledby": "jobs-title" },
    element("header", { class: "row" }, element("h1", { id: "jobs-title" }, "Jobs"), status, begin), form, outcome, note, rows, element("p", {}, older));

  let [wanted, asked, work, next, known] = [{}, null, null, null, new Map()];
  const looking = new Looking(look);
  const sight = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) known.get(target.dataset.job)?.see(isIntersecting);
  });

  form.addEventListener("input", () => {
    location.hash = path("#/jobs", { client: boxes.client.hidden ? "" : fields.client.value, state: fields.state.value });
  });

  async function change(given) {
    const values = { client: given.get("client") ?? "", state: given.get("state") ?? "" };
    if (asked === path("", values)) return;
    asked = path("", values);
    work?.abort();
    work = new AbortController();
    const mine = work.signal;
    choose(fields.state, values.state);
    tell("", false);
    say(status, "Asking…");
    try {
      const all = await clients();
      if (mine.aborted) return;
      const client = whose(all, values.client || undefined);
      boxes.client.hidden = all.length < 2;
      offer(fields.client, all.map(({ id }) => [id, id]));
      if (client) choose(fields.client, client);
      wanted = { client, state: values.state };
      begin.hidden = !session.may("write");
      begin.href = path("#/jobs/new", { client });
      clear();
      const page = client ? await list({ ...wanted, limit: pageSize }, mine) : { jobs: [] };
      if (mine.aborted) return;
      add(page);
    } catch (trouble) {
      if (!mine.aborted) fail(trouble);
    }
    if (!mine.aborted) looking.after(1.5);
  }

  function add(page) {
    for (const one of page.jobs) {
      if (known.has(one.job)) continue;
      const row = new Row(one, tell);
      known.set(one.job, row);
      rows.append(row.node);
      sight.observe(row.node);
    }
    next = page.next ?? null;
    older.hidden = !next;
    say(status, known.size > 0 ? `${count(known.size, "job")}${next ? ", and older ones" : ""}` : "");
    note.hidden = known.size > 0;
    if (known.size === 0) empty();
  }

  async function more() {
    const mine = work.signal;
    older.disabled = true;
    const last = rows.lastElementChild;
    try {
      const page = await list({ ...wanted, limit: pageSize, after: next }, mine);
      if (mine.aborted) return;
      add(page);
      // The focus goes on to what has come where the button is gone.
      (older.hidden ? last.nextElementSibling : null)?.querySelector("a").focus({ preventScroll: true });
    } catch (trouble) {
      if (!mine.aborted) tell(advice(trouble), true);
    }
    older.disabled = false;
  }

  /** What changed since the last look: of the newest, and of those in sight that are not over. */
  async function look() {
    const mine = work?.signal;
    if (!wanted.client || !mine) return 5;
    try {
      const page = await list({ ...wanted, limit: pageSize }, mine);
      const first = page.jobs;
      const told = new Set(first.map((one) => one.job));
      const rest = [...known.values()].filter((row) => row.isSeen && !isOver(row.one) && !told.has(row.one.job)).slice(0, fewAsked);
      const others = await Promise.all(rest.map((row) => job(row.one.job, mine).catch(() => null)));
      if (mine.aborted) return 1;
      // In an empty list nothing can move.
      if (known.size === 0 && first.length > 0) add(page);
      for (const one of [...first, ...others]) if (one) known.get(one.job)?.update(one);
      const fresh = first.filter((one) => !known.has(one.job) && one.job > newest()).length;
      say(newer, fresh > 0 ? `Show ${count(fresh, "newer job")}` : "");
      newer.classList.toggle("away", fresh === 0);
      if (outcome.dataset.isLook) tell("", false);
    } catch (trouble) {
      if (mine.aborted) return 1;
      tell(`${advice(trouble)} What is shown may be old.`, true);
      outcome.dataset.isLook = "1";
      return 5;
    }
    return [...known.values()].some((row) => row.isSeen && row.one.state === "running") ? 1.5 : 6;
  }

  const newest = () => rows.firstElementChild?.dataset.job ?? "";

  function tell(text, isTrouble) {
    delete outcome.dataset.isLook;
    say(outcome, text);
    outcome.classList.toggle("trouble", isTrouble);
  }

  function clear() {
    sight.disconnect();
    known = new Map();
    rows.replaceChildren();
    older.hidden = true;
    newer.classList.add("away");
  }

  function empty() {
    note.classList.remove("trouble");
    note.replaceChildren(...(wanted.state
      ? [element("p", {}, "No job is like that."), element("p", {}, element("a", { href: path("#/jobs", { client: wanted.client }) }, "Show all jobs"))]
      : [element("p", {}, "No job was started yet. A job looks at many assets with a pipeline; start one here, or with"),
        element("pre", {}, element("code", {}, "ridley job start --pipeline line.yaml --library DIR"))]));
  }

  function fail(trouble) {
    clear();
    say(status, "");
    note.hidden = false;
    note.classList.add("trouble");
    note.replaceChildren(element("p", {}, advice(trouble)), element("p", {}, element("button", { type: "button", onclick: again }, "Try again")));
  }

  function again() {
    asked = null;
    change(new URLSearchParams(location.hash.split("?")[1] ?? ""));
  }

  newer.classList.add("away");
  session.addEventListener("change", again);
  queueMicrotask(() => change(query));
  return {
    node, change,
    leave() {
      session.removeEventListener("change", again);
      work?.abort();
      looking.leave();
      sight.disconnect();
    },
  };
}

/** One job of the list. */
class Row {
  isSeen = false;
  #pace = new Pace();
  #waiting = null;

  constructor(one, told) {
    this.one = one;
    this.bar = new Bar();
    this.tally = new Tally();
    this.state = element("span", { class: "state" });
    this.counts = element("span", { class: "counts" });
    this.speed = element("span", { class: "speed" });
    this.cost = element("span", { class: "cost" });
    this.about = element("small");
    const name = element("a", { href: link(one.job) }, title(one));
    this.controls = new Controls(name, (now) => this.update(now), told);
    this.node = element(
      "li", { class: "job", "data-job": one.job },
      element("div", { class: "what" },
        element("b", {}, name), this.state,
        element("small", {}, [end(one.job), moment(one.created), one.priority === "normal" ? null : `${one.priority} priority`].filter(Boolean).join(" · ")),
        this.about),
      element("div", { class: "far" }, element("p", { class: "line" }, this.counts, this.speed), this.bar.node, element("div", { class: "line" }, this.tally.node, this.cost)),
      this.controls.node);
    // What is over, with nothing to be tried again, needs no place for more.
    this.node.classList.toggle("still", isOver(one) && !mayRetry(one));
    this.update(one);
  }

  /** Only what is in sight is written anew. */
  see(isSeen) {
    this.isSeen = isSeen;
    if (isSeen && this.#waiting) this.update(this.#waiting);
  }

  update(one) {
    this.one = one;
    this.#pace.take(one, performance.now() / 1000);
    this.#waiting = this.node.isConnected && !this.isSeen ? one : null;
    if (this.#waiting) return;
    say(this.state, states[one.state] ?? one.state);
    this.state.dataset.state = shades[one.state] ?? "";
    say(this.counts, counted(one));
    say(this.speed, this.#pace.words(one));
    say(this.cost, spent(one));
    say(this.about, why(one) || about(one));
    this.about.title = why(one);
    this.bar.show(one);
    this.tally.show(one);
    this.controls.show(one);
  }
}
