// The items of a job by their state, by pages.

import { advice, link as assetLink } from "./assets.js";
import { element, say } from "./dom.js";
import { count, group, span } from "./figures.js";
import { items as ask, itemStates, link } from "./jobfacts.js";

const pageSize = 50;
const shades = { waiting: "stored", cut: "busy", done: "ready", kept: "ready", failed: "unavailable", cancelled: "stored" };

/** One item: `{node, update(item)}`. */
export function row(first, series) {
  const image = first.asset?.thumbnail ? element("img", { alt: "", loading: "lazy", decoding: "async", src: `/v1/assets/${encodeURIComponent(first.of)}/thumbnail` }) : null;
  const state = element("span", { class: "state" });
  const small = element("small");
  const reason = element("small", { class: "why" });
  const inside = [
    element("span", { class: "thumb", "data-kind": image ? "" : first.asset?.kind ?? "deleted" }, image),
    element("span", { class: "words" }, element("b", {}, first.asset?.name ?? "The asset was deleted"), small, reason), state];
  const node = element("li", { "data-number": first.number }, first.asset ? element("a", { href: assetLink(first.of) }, inside) : element("div", {}, inside));

  function update(item) {
    const parts = [
      series, item.state === "failed" ? item.slice ?? "all of it" : null, item.attempts ? count(item.attempts, "attempt") : null,
      item.pieces > 0 ? `${group(item.finished)} of ${count(item.pieces, "piece")}` : null,
      item.corrupt > 0 ? `${count(item.corrupt, "frame")} could not be decoded` : null, item.processor > 0 ? `${span(item.processor / 1e6)} of processors` : null];
    say(small, parts.filter(Boolean).join(" · "));
    say(reason, item.reason ?? "");
    reason.hidden = !item.reason;
    say(state, itemStates[item.state] ?? item.state);
    state.dataset.state = shades[item.state] ?? "stored";
  }

  update(first);
  return { node, update };
}

/** The items of a job, fifty at a time; the state and the place stand in the address. */
export function items(job) {
  const id = job.job;
  const title = element("h2", { id: "items-title", tabindex: -1 }, "Items");
  const status = element("p", { class: "quiet", role: "status" });
  const tabs = ["", ...Object.keys(itemStates)].map((state) => element("a", { href: link(id, { state }), "data-state": state }, state === "" ? "all" : itemStates[state]));
  const stale = element("button", { type: "button", class: "quiet stale-items away", title: "Others are like that by now", onclick: () => again() }, "Look again");
  const rows = element("ul", { class: "items", "aria-labelledby": "items-title" });
  const [first, before, after] = ["First page", "Previous page", "Next page"].map((text) => element("a", { class: "button", hidden: true }, text));
  const node = element(
    "section", { class: "panel", "aria-labelledby": "items-title" },
    element("header", { class: "row" }, title, stale, status), element("nav", { class: "tabs", "aria-label": "Items by state" }, tabs), rows, element("nav", { class: "row", "aria-label": "Pages of items" }, first, before, after));

  let [state, place, known, work, seen, trail] = ["", "", new Map(), new AbortController(), "", []];
  const series = (item) => (job.pipelines.length > 1 ? job.pipelines[item.under]?.series : null);

  /** `place` is where the page before ended, empty for the first. */
  function choose(newState, newPlace, isFirst) {
    const isOther = newState !== state;
    if (!isFirst && !isOther && newPlace === place) return;
    if (isOther || newPlace === "") trail = [];
    else if (trail.at(-2) === newPlace) trail.pop();
    else trail.push(newPlace);
    [state, place] = [newState, newPlace];
    for (const tab of tabs) {
      if (tab.dataset.state === state) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    }
    load().then(() => (isFirst ? null : reveal()));
  }

  function reveal() {
    const { top } = title.getBoundingClientRect();
    if (top < 0 || top > innerHeight * 0.7) title.scrollIntoView({ block: "start" });
    if (document.activeElement === document.body) title.focus({ preventScroll: true });
  }

  async function load() {
    work.abort();
    work = new AbortController();
    const mine = work.signal;
    say(status, "Asking…");
    try {
      const page = await ask(id, { state, limit: pageSize, after: place }, mine);
      if (mine.aborted) return;
      known = new Map(page.items.map((item) => [item.number, row(item, series(item))]));
      rows.replaceChildren(...[...known.values()].map((one) => one.node));
      stale.classList.add("away");
      tell(page);
    } catch (trouble) {
      if (!mine.aborted) say(status, advice(trouble));
    }
  }

  function tell(page) {
    const numbers = page.items.map(({ number }) => number + 1);
    say(status, numbers.length === 0 ? (state === "" ? "none so far" : "none is like that")
      : state === "" ? `${group(numbers[0])} to ${group(numbers.at(-1))}` : `${count(numbers.length, "item")}${page.next ? ", and more" : place ? ", the last" : ""}`);
    first.hidden = !place;
    first.href = link(id, { state });
    before.hidden = trail.length < 2;
    before.href = link(id, { state, after: trail.at(-2) });
    after.hidden = !page.next;
    after.href = link(id, { state, after: page.next });
  }

  /** The job moved: what is shown of it does too, where it stands. */
  async function show(one) {
    const line = JSON.stringify([one.listed, one.done, one.kept, one.failed, one.cancelled, one.processor]);
    if (line === seen) return;
    const isFirst = seen === "";
    seen = line;
    if (isFirst) return;
    const mine = work.signal;
    try {
      const page = await ask(id, { state, limit: pageSize, after: place }, mine);
      if (mine.aborted) return;
      for (const item of page.items) known.get(item.number)?.update(item);
      const isSame = page.items.length === known.size && page.items.every(({ number }) => known.has(number));
      // An empty list has nothing that could move.
      if (!isSame && known.size === 0) return again();
      // More behind the last one are no others.
      const isLonger = known.size < pageSize && page.items.slice(0, known.size).every(({ number }) => known.has(number));
      if (isLonger) for (const item of page.items.slice(known.size)) append(item);
      if (isSame || isLonger) tell(page);
      stale.classList.toggle("away", isSame || isLonger);
    } catch { /* The next look asks again. */ }
  }

  function append(item) {
    const one = row(item, series(item));
    known.set(item.number, one);
    rows.append(one.node);
  }

  function again() { load(); }

  return { node, choose, show, again, leave: () => work.abort() };
}
