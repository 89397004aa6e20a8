// Charts with axes, drawn by Chart.js in the colours of the theme.

import { element } from "./dom.js";

let library = null;

/** Chart.js, once it is wanted: most pages do without. */
async function load() {
  library ??= import("./chart.min.js").then(() => globalThis.Chart);
  return library;
}

const shades = (...names) => {
  const style = getComputedStyle(document.documentElement);
  return names.map((name) => style.getPropertyValue(`--${name}`).trim());
};

/** A figure with a caption; `words` is what is said instead of the picture. Drawn when it comes into sight. */
export class Plot {
  #chart = null;
  #wanted = null;

  constructor(title, kind = "") {
    this.canvas = element("canvas", { role: "img" });
    this.caption = element("figcaption", {}, title);
    this.node = element("figure", { class: `plot ${kind}` }, this.caption, element("div", { class: "frame" }, this.canvas));
    this.sight = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) this.#draw();
    });
    this.sight.observe(this.canvas);
    this.themes = new MutationObserver(() => this.#recolor());
    this.themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.system = matchMedia("(prefers-color-scheme: dark)");
    this.recolor = () => this.#recolor();
    this.system.addEventListener("change", this.recolor);
  }

  /** `make(colors)` gives a Chart.js configuration: `ink`, `line`, `bar`, `area`, `soft`. */
  show(make, words) {
    this.canvas.setAttribute("aria-label", words);
    this.#wanted = make;
    if (this.#chart) this.#recolor();
    else this.draw();
  }

  /** Draws where it is in sight; else once it is. */
  draw() {
    if (this.canvas.checkVisibility() && this.canvas.getBoundingClientRect().top < innerHeight) this.#draw();
  }

  leave() {
    this.#wanted = null;
    this.sight.disconnect();
    this.themes.disconnect();
    this.system.removeEventListener("change", this.recolor);
    this.#chart?.destroy();
    this.#chart = null;
  }

  async #draw() {
    if (this.#chart || !this.#wanted) return;
    const Chart = await load().catch(() => null);
    if (!Chart) return this.canvas.parentElement.replaceChildren(element("p", { class: "quiet" }, "The chart did not load: load the page again."));
    if (this.#chart || !this.#wanted || !this.canvas.isConnected) return;
    this.#chart = new Chart(this.canvas, this.#configuration());
  }

  #recolor() {
    if (!this.#chart || !this.#wanted) return;
    const { data, options } = this.#configuration();
    Object.assign(this.#chart, { options });
    this.#chart.data = data;
    this.#chart.update("none");
  }

  #configuration() {
    const [ink, soft, line, bar, area] = shades("ink", "soft", "line", "bar", "area");
    const made = this.#wanted({ ink, soft, line, bar, area });
    const font = { family: getComputedStyle(document.body).fontFamily, size: 11 };
    for (const scale of Object.values(made.options.scales ?? {})) {
      scale.grid = { color: line, borderColor: line, ...scale.grid };
      scale.ticks = { color: soft, font, maxRotation: 0, autoSkipPadding: 12, ...scale.ticks };
      if (scale.title) scale.title = { display: true, color: soft, font, ...scale.title };
    }
    made.options = { animation: false, responsive: true, maintainAspectRatio: false, ...made.options };
    made.options.plugins = { legend: { display: false }, ...made.options.plugins };
    return made;
  }
}

/** How many scores lie where: 20 parts from 0 to 1, and what lies outside where there is any. */
export function histogram(counts) {
  const [low, high] = [counts[0] > 0 ? 0 : 1, counts.at(-1) > 0 ? counts.length : counts.length - 1];
  const names = counts.map((_, index) =>
    index === 0 ? "< 0" : index === counts.length - 1 ? "> 1" : `${((index - 1) / 20).toFixed(2)} to ${(index / 20).toFixed(2)}`);
  return ({ bar }) => ({
    type: "bar",
    data: { labels: names.slice(low, high), datasets: [{ data: counts.slice(low, high).map((count) => count || null), backgroundColor: bar, barPercentage: 1, categoryPercentage: 0.92, minBarLength: 2 }] },
    options: {
      scales: {
        x: { grid: { display: false }, ticks: { callback(value) { return this.getLabelForValue(value).split(" to ")[0]; } } },
        y: { beginAtZero: true, ticks: { precision: 0, maxTicksLimit: 4 } },
      },
    },
  });
}

/** From the least to the greatest of each group, with its mean as a point. */
export function ranges(rows) {
  return ({ area, bar, ink }) => ({
    type: "bar",
    data: {
      labels: rows.map((one) => one.name),
      datasets: [
        { data: rows.map((one) => [one.mean - 0.003, one.mean + 0.003]), backgroundColor: ink, grouped: false, maxBarThickness: 22, label: "mean" },
        { data: rows.map((one) => [one.least, one.greatest]), backgroundColor: area, borderColor: bar, borderWidth: 1, borderSkipped: false, grouped: false, maxBarThickness: 22, minBarLength: 3, label: "least to greatest" },
      ],
    },
    options: {
      indexAxis: "y",
      scales: { x: { suggestedMin: 0, suggestedMax: 1 }, y: { grid: { display: false } } },
      plugins: { tooltip: { callbacks: { label: ({ dataIndex }) => words(rows[dataIndex]) } } },
    },
  });
}

const words = ({ count, mean, least, greatest }) => `${count} scored, mean ${mean.toFixed(3)}, ${least.toFixed(3)} to ${greatest.toFixed(3)}`;

/** The mean score of what was added in each span of time, over how many those were. */
export function course(rows) {
  return ({ area, bar }) => ({
    type: "bar",
    data: {
      labels: rows.map((one) => one.name),
      datasets: [
        { type: "line", data: rows.map((one) => one.mean), borderColor: bar, backgroundColor: bar, borderWidth: 2, pointRadius: 3, spanGaps: true, yAxisID: "y", label: "mean score" },
        { type: "bar", data: rows.map((one) => one.count), backgroundColor: area, maxBarThickness: 40, yAxisID: "count", label: "assets" },
      ],
    },
    options: {
      interaction: { mode: "index", intersect: false },
      scales: {
        x: { grid: { display: false } }, y: { suggestedMin: 0, suggestedMax: 1, title: { text: "mean score" } },
        count: { position: "right", beginAtZero: true, grid: { display: false }, ticks: { precision: 0 }, title: { text: "assets" } },
      },
    },
  });
}
