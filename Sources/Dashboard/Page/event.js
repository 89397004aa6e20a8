// One event: its clip or its picture, when it was and why, and what is to become of what was recorded of it.

import { path, session } from "./api.js";
import { advice, link as assetLink, moment } from "./assets.js";
import { iso } from "./days.js";
import { element, say } from "./dom.js";
import { bytes, clock, count } from "./figures.js";
import { begin, clientOf, clip, named, seconds, snapshot, state, what, when } from "./happened.js";
import { eventAddress, hold, holdsOf, readEvent, release } from "./recorded.js";
import { place } from "./recordings.js";
import { single } from "./single.js";
import { Looking } from "./steering.js";
import { link as streamLink } from "./streams.js";

/** Seconds between two looks while something is still to come, and for how long behind the event's end its clip may come. */
const [rest, patience] = [2, 90];

/** `#/events/EVENT?client=`. */
export const event = ({ id }, query) => single({
  id: "event", look: "livepages one event", inside: "livepages", title: "Event", above: [path("#/events", { client: query.get("client") }), "Events", "Show all events"],
  missing: "There is no such event here. Events go with their client, and after the time for which they are kept.",
  read: (signal) => readEvent(id, query.get("client") ?? undefined, signal),
  make: (one, _, { name, status }) => {
    name(["health", "drift"].includes(one.kind) ? named(one) : `${named(one)}: ${one.label ?? "something"}`, `${named(one)} · ${one.stream}`);
    return new View(one, status);
  },
});

class View {
  #work = new AbortController();
  #looking = new Looking(() => this.#look());
  #line = "";

  constructor(one, status) {
    Object.assign(this, { one, status, client: clientOf(one) });
    this.screen = element("figure", { class: "screen" });
    this.note = element("p", { class: "outcome", role: "status" });
    this.buttons = element("p", { class: "row" });
    this.head = element("p", { class: "row head" });
    this.facts = element("dl", { class: "facts" });
    this.held = element("div", { class: "keeping" });
    this.outcome = element("p", { class: "outcome", role: "status" });
    const panel = (id, title, ...inside) => element("section", { class: "panel", "aria-labelledby": id }, element("h2", { id }, title), inside);
    this.node = element(
      "div", { class: "workbench" },
      element("div", { class: "stage" }, element("section", { class: "panel", "aria-label": "Clip" }, this.head, this.screen, this.note, this.buttons)),
      element("div", { class: "aside" }, panel("event-about", "About", this.facts), panel("event-keeping", "Keeping", this.held, this.outcome)));
    this.#show();
  }

  begin() {
    this.#hold();
    this.#looking.after(rest);
  }

  leave() {
    this.#work.abort();
    this.#looking.leave();
    this.video?.removeAttribute("src");
  }

  /** An event that goes on, or whose clip is not finished yet, is looked at again. */
  async #look() {
    const { one } = this;
    if (one.state === "over" && (one.clip || Date.now() - new Date(one.to) > patience * 1000)) return 3600;
    try {
      this.one = await readEvent(one.event, this.client, this.#work.signal);
      this.#show();
    } catch { /* The next look may tell. */ }
    return rest;
  }

  #show() {
    const { one } = this;
    this.head.replaceChildren(state(one), element("span", { class: "speed" }, when(one)), element("span", { class: "speed" }, what(one)));
    this.#tell();
    const line = JSON.stringify([one.clip, one.snapshot, one.state]);
    if (this.#line === line) return;
    this.#line = line;
    if (one.clip && !this.video) this.#play();
    else if (!this.video) this.#still(["health", "alert", "drift"].includes(one.kind) ? "" : one.state === "over" ? this.#none() : "It is going on: its clip is there a moment behind its end.");
    this.#offer();
  }

  #play() {
    this.video = clip(this.one, (words) => {
      this.video = null;
      this.#still(words);
      this.#offer();
    });
    this.screen.replaceChildren(this.video);
    say(this.note, "");
  }

  #still(words) {
    this.screen.replaceChildren(snapshot(this.one));
    this.screen.hidden = !this.one.snapshot;
    say(this.note, words);
  }

  #none() {
    return Date.now() - new Date(this.one.to) < patience * 1000
      ? "Its clip is being finished." : "There is no clip of it: none was kept, or it was removed. “clips: true” of a stream keeps them.";
  }

  #offer() {
    const { one } = this;
    const seek = (text, time) => element("button", { type: "button", onclick: () => {
      this.video.currentTime = Math.max(0, time);
      this.video.play().catch(() => null);
    } }, text);
    const into = (text) => (new Date(text) - new Date(one.clip.from)) / 1000;
    this.buttons.replaceChildren(...(one.clip ? [
      ...(this.video ? [seek("From its beginning", begin(one)), seek("Best moment", into(one.best) - 0.5), seek("Whole clip", 0)] : []),
      element("a", { class: "button", href: eventAddress(one, "clip", this.client), download: `${one.stream} ${one.rule} ${one.from.replaceAll(":", "-")}.mp4` }, `Save the clip (${bytes(one.clip.bytes)})`),
      element("a", { class: "button", href: assetLink(one.clip.asset, { t: begin(one) || null }) }, "Analyse this clip"),
    ] : []), ...(one.stream.startsWith(".") ? [] : [element("a", { class: "button", href: place(one.stream, one.owner, { at: one.from, play: 1 }) }, "In the day’s recording")]));
  }

  #tell() {
    const { one } = this;
    const isServers = one.stream.startsWith(".");
    const rows = [
      ["Stream", isServers ? "the server itself" : element("a", { href: streamLink({ name: one.stream, owner: one.owner }) }, one.stream)],
      [{ health: "Lacked", alert: "Alert", drift: "Not as it was" }[one.kind] ?? "Rule", named(one)], ["Found", this.#found()], ["Why", one.problem], ["Label", one.label], ["Score", typeof one.score === "number" ? one.score.toFixed(3) : null],
      ["From", moment(one.from, true)], ["To", one.state === "over" ? moment(one.to, true) : "it is going on"], ["Lasts", clock(seconds(one), 1)],
      ["Best moment", ["health", "drift"].includes(one.kind) ? null : moment(one.best, true)], ["Zone", one.zone], ["Line", one.line ? `${one.line}${one.direction ? `, ${one.direction}` : ""}` : null],
      ["Objects", ["health", "drift"].includes(one.kind) ? null : `${one.count} at most at a time, ${count(one.tracks.length, "track")}`], ["Ended by", one.reason],
      ["Clip", one.clip ? `${moment(one.clip.from, true)}, ${clock((new Date(one.clip.to) - new Date(one.clip.from)) / 1000, 1)}` : null],
      ["Pipeline", one.pipeline ? element("code", {}, one.pipeline.replace("sha256:", "").slice(0, 12)) : null], ["Id", element("code", {}, one.event)],
    ].filter(([, value]) => value !== null && value !== undefined && value !== "");
    this.facts.replaceChildren(...rows.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
  }

  /** What an alert is about. */
  #found() {
    const { one } = this;
    if (one.kind !== "alert") return null;
    if (one.asset) return element("a", { href: assetLink(one.asset, { t: (one.offset ?? 0) / 1000 }) }, "a moment of a film");
    return element("a", { href: path(`#/events/${encodeURIComponent(one.about)}`, { client: this.client }) }, "an event of the stream");
  }

  /** Whether its time is held, and by what. */
  async #hold() {
    const { one } = this;
    if (one.kind === "health" || one.stream.startsWith(".")) return this.held.replaceChildren(element("p", { class: "quiet" }, "This is told of the server: nothing was recorded for it."));
    const range = { from: Date.parse(one.clip?.from ?? one.from), to: Math.max(Date.parse(one.clip?.to ?? one.to), Date.parse(one.from) + 1000) };
    try {
      const all = await holdsOf(one.stream, this.client, this.#work.signal);
      const own = all.filter((hold) => hold.from <= range.from && hold.to >= range.to && (!hold.label || hold.label === one.label));
      const button = (text, kind, act) => element("button", { type: "button", class: kind, hidden: !session.may("write"), onclick: () => this.#do(act) }, text);
      this.held.replaceChildren(...(own.length > 0
        ? own.map((hold) => element("p", { class: "row" }, element("span", {}, `Held${hold.reason ? `: ${hold.reason}` : ""}`), button("Release", "danger", () => release(one.stream, this.client, hold.hold))))
        : [element("p", { class: "quiet" }, "Its recordings go when they are as old as the server keeps them, unless they are held."),
          button("Hold this", "main", () => hold(one.stream, this.client, { from: iso(range.from), to: iso(range.to), reason: `event ${named(one)}` }))]));
    } catch (trouble) {
      if (!this.#work.signal.aborted) say(this.outcome, advice(trouble));
    }
  }

  async #do(act) {
    say(this.outcome, "");
    try {
      await act();
    } catch (trouble) {
      say(this.outcome, advice(trouble));
    }
    this.#hold();
  }
}
