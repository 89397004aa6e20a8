// When moments began: how many in each of equally long parts of time.

import { hours, iso, local } from "./days.js";
import { element, say, shape } from "./dom.js";
import { age, count } from "./figures.js";

const widths = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000, 31_536_000].map((seconds) => seconds * 1000);
const [most, tall] = [72, 100];
const days = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const dayAndTime = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** Parts of time that hold all moments: `{from, width, counts}`. */
export function spread(moments) {
  const [first, last] = [Math.min(...moments), Math.max(...moments)];
  const width = widths.find((one) => last - first < one * (most - 1)) ?? widths.at(-1);
  // Parts begin with the hours and days of this clock.
  const shift = new Date(first).getTimezoneOffset() * 60_000;
  const from = Math.floor((first - shift) / width) * width + shift;
  const counts = Array(Math.floor((last - from) / width) + 1).fill(0);
  for (const moment of moments) counts[Math.floor((moment - from) / width)] += 1;
  return { from, width, counts };
}

/** A time as a query has it, by this clock; one that there is twice by that of UTC. */
export const written = (moment) => (Date.parse(local(moment)) === moment ? local(moment) : iso(moment));

export class Histogram {
  /** `picked(from, to)` is called for the part that is pressed, in milliseconds since 1970. */
  constructor(picked) {
    this.picked = picked;
    this.title = element("figcaption");
    this.svg = shape("svg", { preserveAspectRatio: "none", role: "img" });
    this.ends = [element("span"), element("span"), element("span")];
    this.node = element("figure", { class: "panel spread", hidden: true }, this.title, element("div", { class: "bars" }, this.svg, element("div", { class: "axis", "aria-hidden": "true" }, this.ends)));
  }

  /** Of those moments alone that are shown. */
  show(moments, isAll, what = "moment") {
    this.node.hidden = moments.length < 2;
    if (this.node.hidden) return;
    const { from, width, counts } = spread(moments);
    const top = Math.max(...counts), to = from + counts.length * width;
    const words = to - from > 3 * 86_400_000 ? (moment) => days.format(moment) : to - from > 43_200_000 ? (moment) => dayAndTime.format(moment) : hours;
    say(this.title, `When the ${count(moments.length, what)} shown here began, ${age(width / 1000)} a bar${isAll ? "" : ". Older ones that are not shown yet are not counted"}.`);
    this.svg.setAttribute("viewBox", `0 0 ${counts.length} ${tall}`);
    this.svg.setAttribute("aria-label", `${count(moments.length, what)} from ${words(from)} to ${words(to)}, at most ${top} in ${age(width / 1000)}`);
    this.svg.replaceChildren(...counts.map((number, index) => {
      const [begin, height] = [from + index * width, number === 0 ? 0 : Math.max(4, (number / top) * tall)];
      return shape("g", number === 0 ? {} : { class: "part", "data-from": begin, onclick: () => this.picked(begin, begin + width) },
        shape("title", {}, `${words(begin)}: ${number === 0 ? "none" : `${count(number, what)}; press to see these alone`}`),
        shape("rect", { class: "back", x: index, y: 0, width: 1, height: tall }), shape("rect", { x: index + 0.08, y: tall - height, width: 0.84, height }));
    }));
    [from, (from + to) / 2, to].forEach((moment, index) => say(this.ends[index], words(moment)));
  }
}
