// One label's score in a group: the assets that score best and worst, the groups inside beside each other, and over time.

import { asset, extent, group as place, link, scored } from "./assets.js";
import { element, say } from "./dom.js";
import { count } from "./figures.js";
import { course, Plot, ranges } from "./plots.js";

const few = 8;
/** Assets that are looked through for the course over time, by pages of a thousand. */
const most = 5000;

/** `one` is a total of a score, `shown` what is on the page with it; gives `node` and `leave()`. */
export function score(one, { of, level, inside }) {
  const work = new AbortController();
  const lists = { greatest: element("ol", { class: "ranked" }), least: element("ol", { class: "ranked" }) };
  const groups = new Plot(level === "brand" ? "By brand: from the least to the greatest, and the mean" : "By campaign: from the least to the greatest, and the mean");
  const time = new Plot("By when assets were added");
  const limits = element("p", { class: "quiet" });
  const id = "score-title";
  const node = element(
    "section", { class: "scored", "aria-labelledby": id },
    element("h2", { id, tabindex: -1 }, one.label, " ", element("small", {}, one.series)),
    element("div", { class: "pair" },
      element("div", {}, element("h3", {}, "Best assets"), lists.greatest),
      element("div", {}, element("h3", {}, "Worst assets"), lists.least)),
    element("div", { class: "pair" }, groups.node, element("div", {}, time.node, limits)));

  const rows = inside.filter((other) => other.measure === "score" && other.series === one.series && other.label === one.label)
    .map((other) => ({ name: other[level], count: other.count, mean: other.mean, least: other.least?.score ?? other.mean, greatest: other.greatest?.score ?? other.mean }));
  groups.node.hidden = rows.length === 0;
  groups.canvas.parentElement.style.height = `${70 + 34 * rows.length}px`;
  groups.show(ranges(rows), rows.map((row) => `${row.name}: mean ${row.mean.toFixed(3)} of ${count(row.count, "asset")}`).join("; "));

  const query = { ...of, series: one.series, label: one.label };
  for (const order of ["greatest", "least"]) rank(lists[order], order).catch(() => null);
  overTime().catch(() => null);

  async function rank(list, order) {
    const { assets } = await scored({ ...query, order, limit: few }, work.signal);
    list.replaceChildren(...await Promise.all(assets.map(row)));
  }

  async function row({ asset: id, score }) {
    // What was deleted this moment is still in the list.
    const found = (await asset(id, work.signal).catch(() => null))?.value;
    return element(
      "li", {}, element("a", { href: link(id, { series: one.series, label: one.label }) },
        element("span", { class: "thumb" }, found?.thumbnail ? element("img", { alt: "", src: `/v1/assets/${encodeURIComponent(id)}/thumbnail`, decoding: "async", loading: "lazy" }) : null),
        element("span", { class: "name" }, element("b", {}, found?.name ?? id), element("small", {}, found ? [extent(found), place(found)].filter(Boolean).join(" · ") : "")),
        element("strong", {}, score.toFixed(3))));
  }

  /** From the ids, which begin with the moment an asset was added. */
  async function overTime() {
    const all = [];
    let after;
    do {
      const page = await scored({ ...query, limit: 1000, after }, work.signal);
      all.push(...page.assets);
      after = page.next;
    } while (after && all.length < most);
    const spans = byTime(all);
    time.node.hidden = spans.length === 0;
    time.show(course(spans), spans.map((row) => `${row.name}: mean ${row.mean?.toFixed(3) ?? "none"} of ${count(row.count, "asset")}`).join("; "));
    say(limits, `${after ? `Only the ${most} assets with the greatest scores are in it, of ${one.count}. ` : ""}`
      + "Counted from the assets that are there now: the library keeps no totals of earlier days, so what was deleted or analysed anew is not in it as it was.");
  }

  return {
    node,
    leave() {
      work.abort();
      groups.leave();
      time.leave();
    },
  };
}

const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The milliseconds since 1970 that a ULID begins with. */
export const added = (id) => [...id.slice(0, 10)].reduce((sum, letter) => sum * 32 + letters.indexOf(letter), 0);

/** Means and counts by hour, day or month, whichever gives at most forty; spans without assets in between have none. */
export function byTime(all) {
  if (all.length === 0) return [];
  const moments = all.map((one) => added(one.asset));
  const [first, last] = [Math.min(...moments), Math.max(...moments)];
  const hours = (last - first) / 3_600_000;
  const unit = hours <= 40 ? "hour" : hours <= 40 * 24 ? "day" : "month";
  const formats = {
    hour: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }, day: { day: "numeric", month: "short" }, month: { month: "short", year: "numeric" },
  };
  const format = new Intl.DateTimeFormat(undefined, formats[unit]);
  const spans = new Map();
  for (let at = begin(first, unit); at <= last; at = begin(at, unit, 1)) spans.set(at, { name: format.format(at), sum: 0, count: 0 });
  all.forEach((one, index) => {
    const span = spans.get(begin(moments[index], unit));
    span.sum += one.score;
    span.count += 1;
  });
  return [...spans.values()].map(({ name, sum, count }) => ({ name, count, mean: count > 0 ? sum / count : null }));
}

/** Where the span that holds a moment begins, or one `later`. */
function begin(moment, unit, later = 0) {
  const at = new Date(moment);
  const parts = [at.getFullYear(), at.getMonth(), at.getDate(), at.getHours()];
  const kept = { month: 2, day: 3, hour: 4 }[unit];
  parts[kept - 1] += later;
  return new Date(...parts.slice(0, kept), ...(kept === 2 ? [1] : [])).getTime();
}
