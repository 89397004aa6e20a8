// All cameras of a client under each other, for one day.

import { ask, path, session } from "./api.js";
import { advice } from "./assets.js";
import { Band, Sight } from "./band.js";
import { DayField } from "./dayfield.js";
import { day as read, hours, iso, wordsOfDay } from "./days.js";
import { element, say } from "./dom.js";
import { count } from "./figures.js";
import { eventsOf, RecordedDay, thumbnail } from "./recorded.js";
import { Looking } from "./steering.js";
import { list } from "./streams.js";

/** Seconds between two looks at a day that goes on; where there are many cameras, as many as they are. */
const least = 10;
/** Assets that are looked at for cameras that are not watched any more. */
const mostAssets = 200;

/** Where a camera's day is shown. */
export const place = (name, client, query = {}) => path(`#/recordings/${encodeURIComponent(name)}`, { client: session.client === client ? "" : client, ...query });

/** `#/recordings?day=2026-11-29&client=`. */
export function recordings(_, query) {
  const status = element("p", { class: "quiet", role: "status" }, "Asking…");
  const sight = new Sight(read(""));
  const field = new DayField(sight, (name) => (location.hash = path("#/recordings", { day: name, client })));
  const words = element("p", { class: "quiet pointed", "aria-hidden": "true" });
  const rows = element("ol", { class: "cameras" });
  const note = element("div", { class: "empty", hidden: true });
  const node = element(
    "section", { class: "livepages recorded", "aria-labelledby": "recordings-title" },
    element("header", { class: "row" }, element("h1", { id: "recordings-title" }, "Recordings"), status), field.node, words, note, rows);
  const cameras = new Map();
  let [day, client, work] = [read(""), "", new AbortController()];
  const looking = new Looking(look);

  async function names(signal) {
    const [watched, happened, kept] = await Promise.all([
      list(signal),
      eventsOf({ client, from: iso(day.from), to: iso(day.to), limit: 200 }, signal),
      ask(path("/v1/assets", { client, tags: "continuous", from: iso(day.from).replace(/\.\d+Z/, "Z"), limit: mostAssets }), { signal }, 20).catch(() => ({ assets: [] })),
    ]);
    const found = new Map();
    const add = (name, owner, one) => name && !name.startsWith(".") && !found.has(`${owner}/${name}`) && found.set(`${owner}/${name}`, { name, owner, one });
    for (const one of watched) if (!client || one.owner === client) add(one.name, one.owner, one);
    for (const one of happened.events) add(one.stream, one.owner);
    for (const one of kept.assets) add(one.stream, one.client);
    return found;
  }

  async function look() {
    const { signal } = work;
    const rest = Math.max(least, cameras.size);
    try {
      const found = await names(signal);
      if (signal.aborted) return rest;
      for (const [key, camera] of cameras) if (!found.has(key)) drop(key, camera);
      for (const [key, one] of found) {
        if (cameras.has(key)) continue;
        const camera = new Camera(one, day, sight, point);
        cameras.set(key, camera);
        rows.append(camera.node);
      }
      await Promise.all([...cameras.values()].map((camera) => camera.look(signal)));
      if (signal.aborted) return rest;
      tell([...cameras.values()]);
    } catch (trouble) {
      if (!signal.aborted) say(status, trouble.status === 404 ? "This server has no library, which keeps recordings: start it with --library FOLDER." : advice(trouble));
    }
    return rest;
  }

  function tell(all) {
    const recorded = all.filter((one) => one.day.spans.length > 0);
    say(status, `${wordsOfDay(day.name)} · ${recorded.length} of ${count(all.length, "camera")} recorded`);
    note.hidden = all.length > 0 && !all.every((one) => one.day.isEmpty);
    if (note.hidden) return;
    note.replaceChildren(...(all.length === 0
      ? [element("p", {}, "No stream is watched: ", element("a", { href: "#/live" }, "add one"), ", and have it recorded.")]
      : [element("p", {}, "Nothing was recorded on this day. A stream of the configuration is recorded with"), how()]));
  }

  function point(moment) {
    for (const camera of cameras.values()) camera.point(moment);
    say(words, moment === null ? hint : hours(moment));
  }

  function drop(key, camera) {
    camera.leave();
    cameras.delete(key);
  }

  function change(given) {
    [client, day] = [given.get("client") ?? "", read(given.get("day"))];
    field.show(day.name);
    sight.reset(day);
    again();
  }

  function again() {
    work.abort();
    work = new AbortController();
    for (const [key, camera] of cameras) drop(key, camera);
    say(status, "Asking…");
    say(words, hint);
    looking.hurry();
  }

  session.addEventListener("change", again);
  queueMicrotask(() => change(query));
  return {
    node, change,
    leave() {
      session.removeEventListener("change", again);
      work.abort();
      looking.leave();
      for (const camera of cameras.values()) camera.leave();
    },
  };
}

const hint = "Point at a moment, or go there with ← and →, to see it on all cameras; a click or Enter plays from there. Ctrl and the wheel, + and − look closer.";

/** How recording is switched on. */
export const how = (name = "dock") => element("pre", {}, element("code", {}, `streams:\n  ${name}: {source: "rtsp://camera/main", pipeline: people, record: true, clips: true}`));

class Camera {
  #isLoaded = false;
  #pointed = null;

  constructor({ name, owner, one }, day, sight, pointed) {
    this.day = new RecordedDay(name, owner, day);
    const go = (moment) => (location.hash = place(name, owner, { at: iso(moment), play: 1 }));
    this.band = new Band(sight, name, {
      isOneOfMany: true, pointed, sought: go, chosen: () => null, pressed: ({ key }) => {
        const now = this.#pointed ?? Math.min(Date.now(), (sight.from + sight.to) / 2);
        const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
        if (step) pointed(Math.min(sight.to, Math.max(sight.from, now + (step * sight.span) / 100)));
        else if (key === "Enter") go(now);
        return Boolean(step) || key === "Enter";
      },
    });
    this.picture = element("img", { alt: "", decoding: "async", hidden: true });
    this.facts = element("p", { class: "facts" });
    this.isWatched = Boolean(one);
    this.isRecording = Boolean(one?.record);
    this.node = element(
      "li", { class: "camera", "data-stream": `${owner}/${name}` },
      element("a", { class: "who", href: place(name, owner, { day: day.name }) }, element("span", { class: "shot" }, this.picture), element("b", {}, name)), this.facts, this.band.node);
  }

  async look(signal) {
    if (!this.#isLoaded) await this.day.load(signal, () => this.band.show(this.day));
    else if (this.day.to > Date.now()) await this.day.refresh(signal);
    if (signal.aborted) return;
    this.#isLoaded = true;
    this.band.show(this.day);
    const { spans, events } = this.day;
    const lacks = spans.length > 0 ? "" : !this.isWatched ? "not watched any more" : this.isRecording ? "nothing yet" : "not recorded";
    say(this.facts, [lacks, events.length > 0 ? count(events.length, "event") : "no events"].filter(Boolean).join(" · "));
    if (this.picture.hidden) this.point(null);
  }

  point(moment) {
    this.band.pointer = this.#pointed = moment;
    const segment = moment === null ? this.day.segments.at(-1) : this.day.segment(moment);
    const source = segment ? thumbnail(segment) : "";
    this.picture.hidden = !source;
    if (source && this.picture.getAttribute("src") !== source) this.picture.src = source;
  }

  leave() {
    this.band.leave();
    this.node.remove();
  }
}
