// When each label is seen, and how it scores: a lane for each label, over the part of time that is looked at.

import { color } from "./drawing.js";
import { element, say } from "./dom.js";
import { clock } from "./figures.js";

const [lane, axis, head] = [18, 22, 20];
const shortest = 0.2;

/** `sought(time)` is called while a moment is dragged to; `keys` does what other keys mean. */
export class Timeline {
  from = 0;
  #parts = [];
  #work = null;
  #timer = 0;
  #planned = 0;
  #now = 0;
  #longest = 0;

  constructor(duration, { sought, step, toggle, period }) {
    Object.assign(this, { duration: Math.max(duration, shortest), sought, step, toggle, period });
    this.to = this.duration;
    this.canvas = element("canvas", {
      class: "timeline", tabindex: 0, role: "slider", "aria-label": "Moment of the film", "aria-valuemin": 0, "aria-valuemax": this.duration,
      title: "Drag to a moment; wheel or + and − zoom; arrows go by frames, with Shift by seconds",
    });
    this.box = element("div", { class: "lanes" }, this.canvas);
    this.words = element("p", { class: "quiet", "aria-hidden": "true" });
    const button = (text, label, action) => element("button", { type: "button", "aria-label": label, title: label, onclick: action }, text);
    this.node = element(
      "div", {}, this.box,
      element("p", { class: "row zoom" }, button("+", "Zoom in", () => this.zoom(0.5)), button("−", "Zoom out", () => this.zoom(2)),
        button("All", "The whole film", () => this.look(0, this.duration)), this.words));
    this.#listen();
    this.sizes = new ResizeObserver(() => this.#wide() !== this.wide && this.#refresh(0));
    this.sizes.observe(this.box);
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.draw = this.draw.bind(this);
    this.scheme.addEventListener("change", this.draw);
    this.themes = new MutationObserver(this.draw);
    this.themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  /** One part for each analysis: `{title, found, order}`. */
  show(parts) {
    // What has come of an analysis stays until there is newer.
    const data = new Map(this.#parts.map((part) => [part.found, part]));
    this.#parts = parts.map((part) => ({ data: null, ...data.get(part.found), ...part }));
    this.plan();
    this.#refresh(0);
  }

  set now(time) {
    this.#now = time;
    this.canvas.setAttribute("aria-valuenow", time.toFixed(3));
    this.canvas.setAttribute("aria-valuetext", clock(time, 2));
    // What plays out of sight is followed.
    if (time > this.to && time <= this.duration + 1 && !this.isDragged) this.look(time - (this.to - this.from) * 0.1, time + (this.to - this.from) * 0.9);
    else if (time < this.from && !this.isDragged) this.look(time - (this.to - this.from) * 0.1, time + (this.to - this.from) * 0.9);
    else this.plan();
  }

  /** The part of time that is in sight, as long as there is film. */
  look(from, to) {
    const span = Math.min(this.duration, Math.max(Math.min(shortest, this.duration), to - from));
    this.from = Math.max(0, Math.min(from, this.duration - span));
    this.to = this.from + span;
    this.plan();
    this.#refresh(120);
  }

  zoom(factor, at = Math.min(this.to, Math.max(this.from, this.#now))) {
    this.look(at - (at - this.from) * factor, at + (this.to - at) * factor);
  }

  plan() {
    this.#planned ||= requestAnimationFrame(() => {
      this.#planned = 0;
      this.draw();
    });
  }

  leave() {
    this.#work?.abort();
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#planned);
    this.sizes.disconnect();
    this.themes.disconnect();
    this.scheme.removeEventListener("change", this.draw);
  }

  /** Asks for what is in sight alone, in parts as wide as a bar. */
  #refresh(rest) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      this.#work?.abort();
      this.#work = new AbortController();
      const mine = this.#work.signal;
      this.wide = this.#wide();
      const buckets = Math.max(20, Math.min(1000, Math.floor(this.wide / 4)));
      await Promise.all(this.#parts.map(async (part) => {
        try {
          part.data = await part.found.timeline(this.from, this.to, buckets, mine);
          part.labels ??= part.data.labels.map((one) => one.label);
          for (const one of part.data.labels) if (!part.labels.includes(one.label)) part.labels.push(one.label);
        } catch (trouble) {
          if (!mine.aborted) say(this.words, trouble.message);
        }
      }));
      if (!mine.aborted) this.draw();
    }, rest);
  }

  #wide() { return this.box.clientWidth; }
  /** Labels stand at the left of the lanes, where there is room for them. */
  get #gutter() { return Math.min(120, this.wide * 0.25, this.#longest + 14); }
  #x(time) { return this.#gutter + ((time - this.from) / (this.to - this.from)) * (this.wide - this.#gutter); }
  #time(x) { return this.from + ((x - this.#gutter) / Math.max(1, this.wide - this.#gutter)) * (this.to - this.from); }

  draw() {
    const wide = (this.wide = this.#wide());
    if (wide === 0) return;
    const tall = axis + this.#parts.reduce((sum, part) => sum + (part.title ? head : 0) + Math.max(1, part.labels?.length ?? 1) * lane + 4, 0);
    const ratio = devicePixelRatio || 1;
    const cells = [Math.round(wide * ratio), Math.round(tall * ratio)];
    if (this.canvas.width !== cells[0] || this.canvas.height !== cells[1]) [this.canvas.width, this.canvas.height] = cells;
    this.canvas.style.height = `${tall}px`;
    const pen = this.canvas.getContext("2d");
    const style = getComputedStyle(document.documentElement);
    const shade = (name) => style.getPropertyValue(`--${name}`).trim();
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, wide, tall);
    pen.font = "11px system-ui, sans-serif";
    this.#longest = Math.max(0, ...this.#parts.flatMap((part) => part.labels ?? []).map((label) => pen.measureText(label).width));
    this.#axis(pen, wide, tall, shade);
    let top = axis;
    this.lanes = [];
    for (const part of this.#parts) top = this.#part(pen, part, top, wide, shade);
    const x = this.#x(this.#now);
    pen.fillStyle = shade("accent");
    if (this.#now >= this.from && this.#now <= this.to) pen.fillRect(Math.round(x) - 1, 0, 2, tall);
  }

  #axis(pen, wide, tall, shade) {
    const span = this.to - this.from;
    const steps = [0.04, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200];
    const step = steps.find((one) => (one / span) * wide > 70) ?? 14400;
    pen.textBaseline = "middle";
    for (let at = Math.ceil(this.from / step) * step; at <= this.to; at += step) {
      const x = Math.round(this.#x(at));
      pen.fillStyle = shade("line");
      pen.fillRect(x, 0, 1, tall);
      const text = clock(at, step < 0.1 ? 2 : step < 1 ? 1 : 0);
      if (x + 4 + pen.measureText(text).width > wide) continue;
      pen.fillStyle = shade("soft");
      pen.fillText(text, x + 4, axis / 2);
    }
  }

  #part(pen, part, from, wide, shade) {
    let top = from;
    if (part.title) {
      pen.fillStyle = shade("ink");
      pen.fillText(part.title, 4, top + head / 2);
      top += head;
    }
    if (part.data && part.labels.length === 0) {
      pen.fillStyle = shade("soft");
      pen.fillText("Nothing was found.", 4, top + lane / 2);
    }
    for (const label of part.labels ?? []) {
      const one = part.data.labels.find((other) => other.label === label);
      this.lanes.push({ part, label, one, top });
      if (one) this.#bars(pen, part, one, top);
      pen.fillStyle = shade("line");
      pen.fillRect(0, top + lane - 1, wide, 1);
      this.#name(pen, label, top, shade);
      top += lane;
    }
    return Math.max(top, from + (part.title ? head : 0) + lane) + 4;
  }

  #name(pen, label, top, shade) {
    pen.fillStyle = shade("card");
    pen.fillRect(0, top, this.#gutter, lane - 1);
    pen.fillStyle = shade("ink");
    let text = label;
    while (text.length > 2 && pen.measureText(text).width > this.#gutter - 8) text = `${text.slice(0, -2)}…`;
    pen.fillText(text, 4, top + lane / 2);
  }

  /** As tall as there are many, as strong as the greatest score. */
  #bars(pen, { data, order }, one, top) {
    const most = Math.max(1, ...one.counts);
    const step = (data.to - data.from) / one.counts.length;
    pen.fillStyle = color(one.label, order);
    one.counts.forEach((count, index) => {
      if (count === 0) return;
      const [x, end] = [this.#x(data.from + index * step), this.#x(data.from + (index + 1) * step)];
      if (end < this.#gutter || x > this.wide) return;
      const height = Math.max(3, (count / most) * (lane - 4));
      pen.globalAlpha = 0.25 + 0.75 * Math.min(1, Math.max(0, one.scores[index] ?? 1));
      pen.fillRect(x, top + lane - 2 - height, Math.max(1, end - x - 0.5), height);
    });
    pen.globalAlpha = 1;
  }

  #listen() {
    const { canvas } = this;
    const at = (event) => this.#time(event.clientX - canvas.getBoundingClientRect().left);
    const seek = (event) => this.sought(Math.max(0, Math.min(this.duration, at(event))));
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      this.isDragged = true;
      seek(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (this.isDragged) seek(event);
      this.#tell(event.clientY - canvas.getBoundingClientRect().top, at(event));
    });
    for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, () => (this.isDragged = false));
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        const move = ((event.deltaX || event.deltaY) / this.wide) * (this.to - this.from);
        this.look(this.from + move, this.to + move);
      } else this.zoom(event.deltaY < 0 ? 0.8 : 1.25, at(event));
    }, { passive: false });
    canvas.addEventListener("keydown", (event) => this.#press(event));
  }

  #press(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const span = this.to - this.from;
    const steps = event.shiftKey ? Math.max(1, Math.round(1 / this.period)) : 1;
    const actions = {
      ArrowLeft: () => this.step(-steps), ArrowRight: () => this.step(steps),
      ArrowUp: () => this.zoom(0.5), ArrowDown: () => this.zoom(2), "+": () => this.zoom(0.5), "=": () => this.zoom(0.5), "-": () => this.zoom(2),
      PageUp: () => this.sought(this.#now - span / 2), PageDown: () => this.sought(this.#now + span / 2),
      Home: () => this.sought(0), End: () => this.sought(this.duration), " ": () => this.toggle(),
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  }

  /** What lies under the pointer. */
  #tell(y, time) {
    const found = this.lanes?.find(({ top }) => y >= top && y < top + lane);
    const { data } = found?.part ?? {};
    if (!found?.one || !data) return say(this.words, clock(time, 2));
    const index = Math.floor(((time - data.from) / (data.to - data.from)) * found.one.counts.length);
    const count = found.one.counts[index] ?? 0;
    const score = found.one.scores[index];
    say(this.words, `${clock(time, 2)} · ${found.label}: ${count}${typeof score === "number" ? `, up to ${score.toFixed(2)}` : ""}`);
  }

  /** The moment at which a label scores best, of what is known. */
  best(label) {
    let [best, when] = [-Infinity, null];
    for (const { data } of this.#parts) {
      const one = data?.labels.find((other) => other.label === label);
      one?.scores.forEach((score, index) => {
        if (score !== null && score > best) [best, when] = [score, data.from + ((index + 0.5) * (data.to - data.from)) / one.scores.length];
      });
    }
    return when;
  }
}
