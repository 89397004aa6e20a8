// Small charts as SVG: bars over buckets, a line over the last minutes. Drawn to fit, so words stand beside them in HTML.

import { element, say, shape } from "./dom.js";

const width = 240, tall = 100;

/** A histogram that is kept and changed, with the labels of its first and its last bar under it. */
export class Bars {
  constructor() {
    this.svg = shape("svg", { viewBox: `0 0 ${width} ${tall}`, preserveAspectRatio: "none", role: "img" });
    this.ends = [element("span"), element("span")];
    this.node = element("div", { class: "bars" }, this.svg, element("div", { class: "axis", "aria-hidden": "true" }, this.ends));
    this.rects = [];
  }

  /** As many labels as counts; `words` is what is said instead of the picture. */
  update(counts, labels, words) {
    if (this.rects.length !== counts.length) this.#build(counts.length);
    const top = Math.max(1, ...counts);
    const sum = counts.reduce((a, b) => a + b, 0);
    counts.forEach((count, index) => {
      const height = count === 0 ? 0 : Math.max(3, (count / top) * tall);
      const rect = this.rects[index];
      rect.setAttribute("y", tall - height);
      rect.setAttribute("height", height);
      say(rect.firstChild, `${labels[index]}: ${sum === 0 ? 0 : Math.round((count / sum) * 100)} %`);
    });
    say(this.ends[0], labels[0]);
    say(this.ends[1], labels.length > 1 ? labels.at(-1) : "");
    this.svg.setAttribute("aria-label", words);
  }

  #build(count) {
    const step = width / count;
    const gap = Math.min(1.5, step * 0.1);
    this.rects = Array.from({ length: count }, (_, index) =>
      shape("rect", { x: index * step + gap, width: step - 2 * gap, height: 0, y: tall }, shape("title")));
    this.svg.replaceChildren(...this.rects);
  }
}

/** A line of values by time; the newest at the right edge, the oldest at the left. */
export class Line {
  constructor() {
    this.area = shape("path", { class: "area" });
    this.path = shape("path", { class: "line" });
    this.node = shape(
      "svg", { viewBox: `0 0 ${width} ${tall}`, preserveAspectRatio: "none", role: "img", class: "spark" }, this.area, this.path);
  }

  /** `points`: seconds before now and value, the oldest first. */
  update(points, words) {
    const top = Math.max(1e-9, ...points.map((point) => point.value));
    const oldest = Math.max(10, points[0]?.ago ?? 0);
    const places = points.map(({ ago, value }) =>
      `${(width * (1 - ago / oldest)).toFixed(1)} ${(tall - 3 - (value / top) * (tall - 8)).toFixed(1)}`);
    const line = places.length > 1 ? `M${places.join("L")}` : "";
    this.path.setAttribute("d", line);
    const from = places[0]?.split(" ")[0], to = places.at(-1)?.split(" ")[0];
    this.area.setAttribute("d", line && `${line}L${to} ${tall}L${from} ${tall}Z`);
    this.node.setAttribute("aria-label", words);
  }
}
