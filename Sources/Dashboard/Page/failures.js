// Why items of a job failed: each reason with its number, and behind it the items that it is true of.

import { advice } from "./assets.js";
import { element, say } from "./dom.js";
import { count, group } from "./figures.js";
import { items, reasons as list } from "./jobfacts.js";
import { row } from "./items.js";

const [pageSize, fewItems] = [50, 20];

/** Of the job `id`; `series(number)` is the name of its pipeline of that number. */
export function failures(id, series) {
  const status = element("p", { class: "quiet", role: "status" });
  const rows = element("div", { class: "reasons" });
  const further = element("button", { type: "button", hidden: true, onclick: () => more() }, "More reasons");
  const node = element(
    "section", { class: "panel", "aria-labelledby": "failures-title", hidden: true },
    element("header", { class: "row" }, element("h2", { id: "failures-title" }, "Failures"), status), rows, further);
  const work = new AbortController();
  let [known, next, seen, isAsking] = [new Map(), null, null, false];

  function show(one) {
    if (seen === one.failed && seen !== null) return;
    const isFirst = seen === null || known.size === 0;
    seen = one.failed;
    node.hidden = one.failed === 0 && known.size === 0;
    say(status, one.failed > 0 ? `${count(one.failed, "item")} failed` : "none is left");
    if (one.failed > 0 || known.size > 0) load(isFirst ? null : undefined);
  }

  /** What was retried is there no more. */
  function again(one) {
    [known, seen] = [new Map(), null];
    rows.replaceChildren();
    show(one);
  }

  /** The first page, which says what changed of the reasons on it; or that behind a place. */
  async function load(after) {
    if (isAsking) {
      seen = -1;
      return;
    }
    isAsking = true;
    const mine = known;
    try {
      const page = await list(id, { limit: pageSize, after }, work.signal);
      if (known !== mine) return;
      const isMore = after === null || Boolean(after);
      // The most frequent first; those that come later stand below, so that nothing moves.
      for (const one of page.reasons.sort((a, b) => b.count - a.count)) {
        const reason = known.get(one.digest);
        if (reason) reason.update(one);
        else take(one);
      }
      if (isMore) next = page.next ?? null;
      else if (page.next && [...known.values()].reduce((sum, { one }) => sum + one.count, 0) < seen) next ??= page.next;
      further.hidden = !next;
    } catch (trouble) {
      if (!work.signal.aborted) say(status, advice(trouble));
    } finally {
      isAsking = false;
    }
  }

  function take(one) {
    const reason = new Reason(id, one, series, work.signal);
    known.set(one.digest, reason);
    rows.append(reason.node);
  }

  async function more() {
    const last = rows.lastElementChild;
    await load(next);
    if (further.hidden) last?.nextElementSibling?.querySelector("summary").focus({ preventScroll: true });
  }

  return { node, show, again, leave: () => work.abort() };
}

/** One reason, which unfolds. */
class Reason {
  #next = "";
  #isAsking = false;

  constructor(job, one, series, signal) {
    Object.assign(this, { job, one, series, signal });
    this.number = element("strong", { class: "number" });
    this.rows = element("ul", { class: "items", "aria-label": "Items that failed so" });
    this.status = element("p", { class: "quiet", role: "status" });
    this.further = element("button", { type: "button", hidden: true, onclick: () => this.#load() }, "More of these");
    this.node = element(
      "details", { ontoggle: () => (this.node.open && this.#next === "" ? this.#load() : null) },
      element("summary", {}, this.number, element("span", { class: "why" }, one.reason || "no reason was kept"), element("small", {}, one.code)),
      this.status, this.rows, this.further);
    this.update(one);
  }

  update(one) {
    this.one = one;
    say(this.number, group(one.count));
  }

  async #load() {
    if (this.#isAsking) return;
    this.#isAsking = true;
    say(this.status, "Asking…");
    try {
      // Those that failed for other reasons stand between: a page may hold few, or none.
      const before = this.rows.childElementCount;
      do {
        const page = await items(this.job, { reason: this.one.digest, limit: fewItems, after: this.#next }, this.signal);
        this.rows.append(...page.items.map((item) => row(item, this.series(item.under)).node));
        this.#next = page.next ?? null;
      } while (this.#next && this.rows.childElementCount - before < fewItems / 2);
      this.further.hidden = !this.#next;
      say(this.status, this.rows.childElementCount === 0 ? "None of them failed so any more." : "");
    } catch (trouble) {
      if (!this.signal.aborted) say(this.status, advice(trouble));
    }
    this.#isAsking = false;
  }
}
