// A day of one camera: its band, the film of any moment of it, and what is to be saved or held.

import { path, session } from "./api.js";
import { advice } from "./assets.js";
import { Band, Sight } from "./band.js";
import { DayField } from "./dayfield.js";
import { day as read, dayOf, hours, iso, momentOf, wordsOfDay } from "./days.js";
import { color } from "./drawing.js";
import { element, say } from "./dom.js";
import { age, count } from "./figures.js";
import { Holds } from "./holds.js";
import { RecordedDay } from "./recorded.js";
import { how, place } from "./recordings.js";
import { Peek, Reel } from "./reel.js";
import { single } from "./single.js";
import { Looking } from "./steering.js";
import { read as readStream } from "./streams.js";

const rest = 5;
const speeds = [1, 2, 8];

/** `#/recordings/STREAM?at=MOMENT&day=2026-11-29&client=`; with `play` it plays from that moment on. */
export const recording = ({ name }, query) => single({
  id: "recording", look: "livepages recorded one", inside: "livepages", title: name, above: [path("#/recordings", { client: query.get("client") }), "Recordings", "Show all cameras"],
  missing: `There is no stream ${name} here, and nothing of it was recorded.`,
  async read(signal, query) {
    const client = query.get("client") ?? session.client ?? undefined;
    const asked = read(query.get("day") ?? (momentOf(query.get("at")) === null ? "" : dayOf(momentOf(query.get("at")))));
    const day = new RecordedDay(name, client, asked);
    // One that was removed is recorded all the same.
    const [stream] = await Promise.all([readStream(name, client, signal).catch(() => null), day.load(signal)]);
    return { stream, day, client };
  },
  make: (found, query, frame) => new View(name, found, query, frame),
}, query);

class View {
  #work = new AbortController();
  #timer = 0;
  #looking = new Looking(() => this.#look());

  constructor(name, { stream, day, client }, query, { status, above }) {
    Object.assign(this, { name, stream, client, day, query, status, above });
    this.sight = new Sight(day);
    this.field = new DayField(this.sight, (other) => this.#go(other));
    this.band = new Band(this.sight, name, {
      pointed: (moment, x) => this.#point(moment, x), sought: (moment) => this.reel.seek(moment, true),
      chosen: (range) => this.holds.choose(range), pressed: (event) => this.#press(event),
    });
    this.peek = new Peek();
    this.reel = new Reel({ day: () => this.day, codec: () => stream?.codec, moved: () => this.#moved(), said: (words) => say(this.note, words) });
    this.note = element("p", { class: "outcome", role: "status" });
    this.clock = element("strong", { class: "place" });
    this.event = element("a", { class: "now", hidden: true });
    this.play = element("button", { type: "button", class: "main", title: "Space", onclick: () => this.#toggle() }, "Play");
    const step = (number, text, key) => element("button", { type: "button", title: `Key ${key}`, onclick: () => this.#event(number) }, text);
    this.rates = speeds.map((rate) => element("button", { type: "button", "aria-pressed": rate === 1, title: `Key ${rate}`, onclick: () => this.reel.speed(rate) }, `${rate} ×`));
    this.holds = new Holds(this, () => this.#show());
    this.legend = element("p", { class: "facts legend" });
    this.empty = element("div", { class: "empty", hidden: true });
    this.player = element(
      "section", { class: "panel", "aria-label": "Film" }, this.reel.node, this.note,
      element("p", { class: "row controls" }, this.play, step(-1, "◂ Event", "p"), step(1, "Event ▸", "n"),
        element("span", { class: "row", role: "group", "aria-label": "Speed" }, this.rates), this.event, this.clock));
    this.aside = element("div", { class: "aside" }, this.holds.node, keys());
    this.node = element(
      "div", { class: "livepages" }, this.field.node,
      element("div", { class: "banding" }, this.band.node, this.peek.node), this.legend, this.empty,
      element("div", { class: "workbench" }, element("div", { class: "stage" }, this.player), this.aside));
  }

  begin() {
    this.#begin();
    this.#looking.after(rest);
  }

  leave() {
    clearTimeout(this.#timer);
    this.#work.abort();
    this.#looking.leave();
    this.band.leave();
    this.reel.leave();
    this.peek.leave();
  }

  /** Another day or moment in the address. */
  async change(query) {
    this.query = query;
    const moment = momentOf(query.get("at"));
    const asked = read(query.get("day") ?? (moment === null ? "" : dayOf(moment)));
    if (asked.from === this.day.from) return moment === null ? null : this.reel.seek(moment, query.get("play") !== null);
    this.#work.abort();
    this.#work = new AbortController();
    const mine = this.#work.signal;
    say(this.status, "Asking…");
    const day = new RecordedDay(this.name, this.client, asked);
    try {
      await day.load(mine);
      if (mine.aborted) return;
      this.reel.leave();
      this.day = day;
      this.sight.reset(day);
      this.#begin();
    } catch (trouble) {
      if (!mine.aborted) say(this.status, advice(trouble));
    }
  }

  #begin() {
    this.above.href = path("#/recordings", { day: dayOf(this.day.from), client: this.query.get("client") });
    this.field.show(dayOf(this.day.from));
    this.#show();
    const asked = momentOf(this.query.get("at"));
    const last = this.day.end;
    if (asked !== null) {
      this.reel.seek(asked, this.query.get("play") !== null);
      // So close that its minutes are told apart.
      this.sight.look(asked - 1_800_000, asked + 1_800_000);
    } else if (last > 0) this.reel.seek(Math.max(this.day.film(last - 10_000) ? last - 10_000 : 0, this.day.next(this.day.from)), false);
  }

  #go(day) { location.hash = place(this.name, this.client, { day }); }

  async #look() {
    if (this.day.to < Date.now() - 60_000) return 60;
    const { signal } = this.#work;
    try {
      await this.day.refresh(signal);
      if (signal.aborted) return rest;
      this.#show();
    } catch (trouble) {
      if (!signal.aborted) say(this.status, `${advice(trouble)} What is shown may be old.`);
    }
    return rest;
  }

  #show() {
    const { day } = this;
    this.band.show(day);
    this.holds.show();
    const length = day.spans.reduce((sum, one) => sum + one.to - one.from, 0) / 1000;
    const gaps = Math.max(0, day.spans.length - 1);
    say(this.status, [wordsOfDay(dayOf(day.from)), length > 0 ? `${age(length)} recorded` : "", gaps > 0 ? count(gaps, "gap") : "", `${count(day.events.length, "event")}${day.isCut ? " and more" : ""}`].filter(Boolean).join(" · "));
    this.player.hidden = day.spans.length === 0 && day.clips.length === 0;
    this.empty.hidden = !this.player.hidden;
    this.aside.hidden = this.player.hidden && day.holds.length === 0;
    if (!this.empty.hidden) this.empty.replaceChildren(...this.#why());
    const labels = [...new Set(day.events.map((one) => (one.kind === "health" ? "what the server lacked" : one.kind === "drift" ? "not as it was" : one.label ?? one.rule)))].slice(0, 8);
    const line = JSON.stringify([labels, ...[day.spans, day.holds, day.clips].map((all) => all.length > 0)]);
    if (this.legend.dataset.line === line) return;
    this.legend.dataset.line = line;
    const dot = (text, style, kind = "") => {
      const mark = element("i", { class: kind });
      if (style) mark.style.background = style;
      return element("span", {}, mark, text);
    };
    this.legend.replaceChildren(
      ...(day.spans.length > 0 ? [dot("recorded", "", "spans")] : []), ...(day.clips.length > 0 ? [dot("clips", "", "clips")] : []), ...(day.holds.length > 0 ? [dot("held", "", "holds")] : []),
      ...labels.map((label) => (label === "what the server lacked" ? dot(label, "", "lacks") : dot(label, color(label)))));
  }

  #why() {
    if (this.day.to > Date.now() && this.stream?.record) return [element("p", {}, "Recording is on: the first pictures come within some seconds of the stream being live.")];
    if (this.stream?.record) return [element("p", {}, "Nothing was recorded on this day, or it was removed since.")];
    return [element("p", {}, this.stream ? "This stream is not recorded. Switch it on in the server's configuration:" : "This stream is not watched any more, and nothing of this day is kept. A stream is recorded with"), how(this.name)];
  }

  #point(moment, x) {
    this.band.pointer = moment;
    this.peek.show(this.day, moment);
    const wide = this.band.node.clientWidth;
    this.peek.node.style.left = `${Math.max(0, Math.min(wide - this.peek.node.offsetWidth, x - this.peek.node.offsetWidth / 2))}px`;
  }

  #toggle() {
    if (this.reel.isOpen) this.reel.toggle();
    else this.reel.seek(this.reel.time || this.day.from, true);
  }

  #event(step) {
    const one = this.day.event(this.reel.time, step);
    if (!one) return say(this.note, step > 0 ? "No event behind this moment." : "No event before this moment.");
    this.reel.seek(one.from);
    this.sight.follow(one.from);
  }

  #moved() {
    const { reel } = this;
    this.band.now = reel.time || null;
    if (reel.isPlaying) this.sight.follow(reel.time);
    say(this.clock, reel.time ? hours(reel.time) : "");
    say(this.play, reel.isPlaying ? "Pause" : "Play");
    this.rates.forEach((button, index) => button.setAttribute("aria-pressed", speeds[index] === reel.rate));
    const event = this.day.events.findLast((one) => one.from <= reel.time + 40 && reel.time <= Math.max(one.to, one.from + 1000));
    this.event.hidden = !event;
    if (event) {
      say(this.event, `${event.rule}${event.label ? `: ${event.label}` : ""}`);
      this.event.href = path(`#/events/${encodeURIComponent(event.event)}`, { client: this.query.get("client") });
    }
    this.#timer ||= setTimeout(() => this.#keep(), 500);
  }

  /** The address leads back to what is shown. */
  #keep() {
    this.#timer = 0;
    if (this.reel.time && location.hash.split("?")[0] === place(this.name, this.client).split("?")[0]) {
      history.replaceState(null, "", place(this.name, this.client, { at: iso(Math.round(this.reel.time)) }));
    }
  }

  #press({ key, shiftKey }) {
    const step = (shiftKey ? 10_000 : 1000);
    const now = this.reel.time || this.day.from;
    const actions = {
      " ": () => this.#toggle(), ArrowLeft: () => this.reel.seek(Math.max(this.day.from, now - step)), ArrowRight: () => this.reel.seek(now + step),
      Home: () => this.reel.seek(this.day.from), End: () => this.reel.seek(Math.max(this.day.from, this.day.end - 2000)),
      n: () => this.#event(1), p: () => this.#event(-1), i: () => this.holds.mark("from", now), o: () => this.holds.mark("to", now),
      ...Object.fromEntries(speeds.map((rate) => [String(rate), () => this.reel.speed(rate)])),
    };
    actions[key]?.();
    return key in actions;
  }
}

const known = [
  ["← →", "a second, with Shift ten"], ["Space", "play, pause"], ["1 2 8", "how fast"], ["n p", "next event, the one before"], ["i o", "a range begins, ends here"],
  ["+ − wheel", "look closer, see more"], ["Home End", "the first and the last picture"],
];

const keys = () => element(
  "section", { class: "panel keys", "aria-labelledby": "keys-title" }, element("h2", { id: "keys-title" }, "Keys on the band"),
  element("dl", { class: "facts" }, known.flatMap(([key, text]) => [element("dt", {}, key), element("dd", {}, text)])));
