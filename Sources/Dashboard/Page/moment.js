// The predictions around a moment, by frames; choosing one opens its way back.

import { element, say } from "./dom.js";
import { clock, count } from "./figures.js";
import { words } from "./trace.js";

/** Seconds before and after, and rows that are shown. */
const [around, most] = [1, 60];
/** Lists need not be made anew as often as frames come. */
const rest = 150;

export class Moment {
  #timer = 0;
  #wanted = null;

  /** `opened(found, prediction)` is called for the one that is chosen. */
  constructor(isFilm, opened) {
    Object.assign(this, { isFilm, opened });
    this.status = element("p", { class: "quiet" });
    this.list = element("ol", { class: "moment" });
    this.title = element("h2", { id: "moment-title" }, isFilm ? "At this moment" : "On this picture");
    this.node = element("section", { class: "panel", "aria-labelledby": "moment-title" }, this.title, this.status, this.list);
  }

  plan(...wanted) {
    this.#wanted = wanted;
    this.#timer ||= setTimeout(() => {
      this.#timer = 0;
      this.#show(...this.#wanted);
    }, rest);
  }

  #show(founds, { time, number }, chosen) {
    const { isFilm } = this;
    const now = founds.flatMap((found) => found.at(time, number).map((one) => ({ found, one, isNow: true })));
    const near = !isFilm ? [] : founds.flatMap((found) => found.between(time - around, time + around).map((one) => ({ found, one, isNow: false })));
    const seen = new Set(now.map(({ found, one }) => `${found.base}/${one.n}`));
    const others = near.filter(({ found, one }) => !seen.has(`${found.base}/${one.n}`)).sort((a, b) => Math.abs(a.one.time - time) - Math.abs(b.one.time - time));
    now.sort((a, b) => (b.one.score ?? 0) - (a.one.score ?? 0));
    const rows = [...now, ...others].slice(0, most);
    const trouble = founds.find((found) => found.trouble)?.trouble;
    say(this.status, founds.length === 0 ? "Not analysed." : trouble ? trouble.message
      : founds.some((found) => !found.has(time)) ? "Asking…"
      : now.length > 0 ? `${count(now.length, "prediction")} on this ${isFilm ? "frame" : "picture"}${others.length > 0 ? ", and those near it" : ""}.`
      : founds[0].step > 0 ? "This frame was not looked at, or nothing was found on it." : `Nothing was found on this ${isFilm ? "frame" : "picture"}.`);
    const line = JSON.stringify([rows.map(({ found, one, isNow }) => [found.base, one.n, isNow]), chosen?.n ?? null]);
    if (this.list.dataset.line === line) return;
    this.list.dataset.line = line;
    // What has the focus keeps it.
    const held = document.activeElement?.closest?.(".moment button")?.dataset.row;
    this.list.replaceChildren(...rows.map((row) => this.#row(row, founds.length > 1, chosen)));
    if (now.length > most) this.list.append(element("li", { class: "more" }, `and ${now.length - most} more on this ${isFilm ? "frame" : "picture"}`));
    if (held) [...this.list.querySelectorAll("button")].find((button) => button.dataset.row === held)?.focus({ preventScroll: true });
  }

  #row({ found, one, isNow }, isNamed, chosen) {
    const score = typeof one.score === "number" ? one.score : null;
    const isChosen = chosen?.found === found && chosen.n === one.n;
    return element("li", { class: isNow ? "now" : "" }, element(
      "button", { type: "button", "data-row": `${found.base}/${one.n}`, "aria-pressed": String(isChosen), title: "Where this comes from", onclick: () => this.opened(found, one) },
      element("span", {}, words(one), element("small", {}, [this.isFilm ? ` ${clock(one.time, 2)}` : "", isNamed ? ` · ${found.analysis.pipeline.replace("sha256:", "").slice(0, 4)}` : ""])),
      score === null ? element("span") : element("meter", { min: 0, max: 1, value: Math.min(1, Math.max(0, score)), "aria-hidden": "true" }),
      element("span", { class: "score" }, score === null ? "" : score.toFixed(2))));
  }
}
