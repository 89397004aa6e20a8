// A day of a camera as a band: when it was recorded, what happened, what is held; to look closer, to point at, to choose a part of.

import { color } from "./drawing.js";
import { element } from "./dom.js";
import { hours } from "./days.js";

const [axis, track, marks, holds, edge] = [18, 24, 18, 6, 4];
export const tall = axis + track + marks + holds + edge * 2;
const minute = 60_000;
const shortest = 10_000;
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600].map((one) => one * 1000);

/** The part of a day that is in sight, of one band or of many; `change` events. */
export class Sight extends EventTarget {
  constructor(day) {
    super();
    this.reset(day);
  }

  get span() { return this.to - this.from; }

  reset({ from, to }) {
    Object.assign(this, { first: from, last: to, from, to });
    this.dispatchEvent(new Event("change"));
  }

  look(from, to) {
    const span = Math.min(this.last - this.first, Math.max(shortest, to - from));
    this.from = Math.max(this.first, Math.min(from, this.last - span));
    this.to = this.from + span;
    this.dispatchEvent(new Event("change"));
  }

  zoom(factor, at) {
    const middle = Math.min(this.to, Math.max(this.from, at));
    this.look(middle - (middle - this.from) * factor, middle + (this.to - middle) * factor);
  }

  /** So that a moment is in sight. */
  follow(moment) {
    if (moment > this.to) this.look(moment - this.span * 0.1, moment + this.span * 0.9);
    else if (moment < this.from) this.look(moment - this.span * 0.5, moment + this.span * 0.5);
  }
}

/**
 * `pointed(moment, x)` is called as the pointer moves, with `null` when it is gone, `sought(moment)` for a click, `chosen(range)` for a part that is drawn
 * over, and `pressed(event)` for keys, which says whether it knew the key.
 */
export class Band {
  #day = null;
  #now = null;
  #range = null;
  #pointer = null;
  #start = null;
  #planned = 0;

  constructor(sight, name, { pointed, sought, chosen, pressed, isOneOfMany = false }) {
    Object.assign(this, { sight, name, pointed, sought, chosen, pressed, isOneOfMany });
    this.canvas = element("canvas", {
      class: "band", tabindex: 0, role: "slider", "aria-label": `The day of ${name}`, "aria-valuemin": 0, "aria-valuemax": 86400,
      "aria-valuenow": 0, "aria-valuetext": "nothing is shown",
    });
    this.node = element("div", { class: "bandbox" }, this.canvas);
    this.plan = this.plan.bind(this);
    sight.addEventListener("change", this.plan);
    this.sizes = new ResizeObserver(this.plan);
    this.sizes.observe(this.node);
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.scheme.addEventListener("change", this.plan);
    this.themes = new MutationObserver(this.plan);
    this.themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.#listen();
  }

  show(day) {
    this.#day = day;
    this.plan();
  }

  set now(moment) {
    this.#now = moment;
    if (moment !== null) {
      this.canvas.setAttribute("aria-valuenow", Math.round((moment - this.sight.first) / 1000));
      this.canvas.setAttribute("aria-valuetext", hours(moment));
    }
    this.plan();
  }

  /** Where the pointer is, on this band or on another. */
  set pointer(moment) {
    this.#pointer = moment;
    this.plan();
  }

  set range(range) {
    this.#range = range;
    this.plan();
  }

  leave() {
    cancelAnimationFrame(this.#planned);
    this.sight.removeEventListener("change", this.plan);
    this.sizes.disconnect();
    this.scheme.removeEventListener("change", this.plan);
    this.themes.disconnect();
  }

  plan() {
    this.#planned ||= requestAnimationFrame(() => {
      this.#planned = 0;
      this.#draw();
    });
  }

  #x(moment) { return ((moment - this.sight.from) / this.sight.span) * this.wide; }
  #moment(x) { return this.sight.from + (x / Math.max(1, this.wide)) * this.sight.span; }

  #draw() {
    const [wide, ratio, { canvas }] = [this.node.clientWidth, devicePixelRatio || 1, this];
    if (wide === 0) return;
    this.wide = wide;
    canvas.dataset.sight = `${this.sight.from} ${this.sight.to}`;
    if (canvas.width !== Math.round(wide * ratio)) canvas.width = Math.round(wide * ratio);
    if (canvas.height !== Math.round(tall * ratio)) canvas.height = Math.round(tall * ratio);
    const [pen, style] = [canvas.getContext("2d"), getComputedStyle(canvas)];
    const shade = (name) => style.getPropertyValue(`--${name}`).trim();
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, wide, tall);
    this.#hours(pen, shade);
    pen.fillStyle = shade("paper");
    pen.fillRect(0, axis, wide, track);
    if (this.#day) this.#drawDay(pen, shade, this.#day);
    const now = Date.now();
    if (now < this.sight.to) {
      pen.fillStyle = shade("line");
      pen.fillRect(Math.max(0, this.#x(now)), axis + track / 2, wide, 1);
    }
    if (this.#range) this.#drawRange(pen, shade, this.#range);
    this.#rule(pen, this.#pointer, shade("soft"), 1);
    this.#rule(pen, this.#now, shade("accent"), 2);
  }

  #rule(pen, moment, style, width) {
    if (moment === null || moment < this.sight.from || moment > this.sight.to) return;
    pen.fillStyle = style;
    pen.fillRect(Math.round(this.#x(moment)) - width / 2, 0, width, tall);
  }

  #hours(pen, shade) {
    const { from, to, first, span } = this.sight;
    const step = steps.find((one) => (one / span) * this.wide > (one < minute ? 76 : 56)) ?? steps.at(-1);
    pen.font = "11px system-ui, sans-serif";
    pen.textBaseline = "middle";
    for (let at = first + Math.ceil((from - first) / step) * step; at <= to; at += step) {
      const x = Math.round(this.#x(at));
      pen.fillStyle = shade("line");
      pen.fillRect(x, 0, 1, tall);
      const date = new Date(at);
      const text = `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}${step < minute ? `:${String(date.getSeconds()).padStart(2, "0")}` : ""}`;
      if (x + 4 + pen.measureText(text).width > this.wide) continue;
      pen.fillStyle = shade("soft");
      pen.fillText(text, x + 4, axis / 2);
    }
  }

  /** Something from one moment to another, at least so wide that it is seen. */
  #bar(pen, { from, to }, top, height, least = 1) {
    if (to < this.sight.from || from > this.sight.to) return;
    const x = this.#x(from);
    pen.fillRect(x, top, Math.max(least, this.#x(to) - x), height);
  }

  #drawDay(pen, shade, day) {
    pen.fillStyle = shade("bar");
    pen.globalAlpha = 0.45;
    for (const clip of day.clips) this.#bar(pen, clip, axis + track - 8, 8);
    pen.globalAlpha = 0.75;
    for (const span of day.spans) this.#bar(pen, span, axis, track);
    pen.globalAlpha = 1;
    const top = axis + track + edge;
    for (const one of day.events) {
      pen.fillStyle = ["health", "drift"].includes(one.kind) ? shade("bad") : color(one.label ?? one.rule);
      pen.globalAlpha = ["health", "drift"].includes(one.kind) ? 0.6 : 1;
      this.#bar(pen, one, top, marks, 3);
    }
    pen.globalAlpha = 1;
    pen.fillStyle = shade("wait");
    for (const one of day.holds) this.#bar(pen, one, top + marks + edge, holds - 2, 3);
  }

  #drawRange(pen, shade, { from, to }) {
    pen.fillStyle = shade("accent");
    pen.globalAlpha = 0.22;
    this.#bar(pen, { from, to }, axis, tall - axis, 2);
    pen.globalAlpha = 1;
    for (const at of [from, to]) this.#rule(pen, at, shade("accent"), 1);
  }

  #listen() {
    const { canvas } = this;
    const at = (event) => Math.min(this.sight.last, Math.max(this.sight.first, this.#moment(event.clientX - canvas.getBoundingClientRect().left)));
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      this.#start = { x: event.clientX, moment: at(event), isDragged: false };
    });
    canvas.addEventListener("pointermove", (event) => {
      const moment = at(event);
      this.pointed(moment, event.clientX - canvas.getBoundingClientRect().left);
      if (!this.#start) return;
      this.#start.isDragged ||= Math.abs(event.clientX - this.#start.x) > 4;
      if (this.#start.isDragged) this.chosen({ from: Math.min(moment, this.#start.moment), to: Math.max(moment, this.#start.moment) });
    });
    canvas.addEventListener("pointerup", (event) => {
      const start = this.#start;
      this.#start = null;
      if (start && !start.isDragged) this.sought(at(event));
    });
    canvas.addEventListener("pointercancel", () => (this.#start = null));
    canvas.addEventListener("pointerleave", () => this.pointed(null, 0));
    canvas.addEventListener("wheel", (event) => {
      // Where many stand under each other, the wheel goes from one to the next.
      if (this.isOneOfMany && !event.ctrlKey && !event.shiftKey && Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;
      event.preventDefault();
      const isAside = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
      const move = ((event.deltaX || event.deltaY) / this.wide) * this.sight.span;
      if (isAside) this.sight.look(this.sight.from + move, this.sight.to + move);
      else this.sight.zoom(event.deltaY < 0 ? 0.8 : 1.25, at(event));
    }, { passive: false });
    canvas.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      if (this.pressed(event) || this.#look(event.key)) event.preventDefault();
    });
  }

  /** Keys that are the same for one band and for many. */
  #look(key) {
    const middle = this.#now ?? (this.sight.from + this.sight.to) / 2;
    const move = (share) => this.sight.look(this.sight.from + this.sight.span * share, this.sight.to + this.sight.span * share);
    const actions = {
      ArrowUp: () => this.sight.zoom(0.5, middle), ArrowDown: () => this.sight.zoom(2, middle), "+": () => this.sight.zoom(0.5, middle),
      "=": () => this.sight.zoom(0.5, middle), "-": () => this.sight.zoom(2, middle), PageUp: () => move(-0.5), PageDown: () => move(0.5),
    };
    actions[key]?.();
    return key in actions;
  }
}
