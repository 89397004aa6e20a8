// The wall of live streams: a picture of each, how it goes, and adding one.

import { ask, open, session } from "./api.js";
import { advice } from "./assets.js";
import { labelled } from "./choices.js";
import { element, say } from "./dom.js";
import { add, address, ages, link, list, rates, read, shades, speed, states } from "./streams.js";

/** Milliseconds between two looks, and between two pictures of a tile. */
const [interval, refresh] = [1000, 1000];

export function live() {
  const status = element("p", { class: "quiet", role: "status" }, "Asking…");
  const note = element("div", { class: "empty", hidden: true });
  const wall = element("ul", { class: "wall" });
  const form = new Adding(() => look());
  const node = element(
    "section", { class: "livepages", "aria-labelledby": "live-title" },
    element("header", { class: "row" }, element("h1", { id: "live-title" }, "Live"), status, form.button), form.dialog, note, wall);
  const tiles = new Map();
  let [timer, work] = [0, new AbortController()];

  async function look() {
    clearTimeout(timer);
    const { signal } = work;
    try {
      const streams = await list(signal);
      if (signal.aborted) return;
      show(streams);
    } catch (trouble) {
      if (signal.aborted) return;
      say(status, `${advice(trouble)} What is shown may be old.`);
    }
    if (!document.hidden) timer = setTimeout(look, interval);
  }

  function show(streams) {
    say(status, streams.length === 0 ? "" : `${streams.filter((one) => one.state === "live").length} of ${streams.length} live`);
    const names = new Set(streams.map(key));
    for (const [name, tile] of tiles) {
      if (names.has(name)) continue;
      tile.leave();
      tiles.delete(name);
    }
    for (const one of streams) {
      if (!tiles.has(key(one))) {
        tiles.set(key(one), new Tile(one));
        wall.append(tiles.get(key(one)).node);
      }
      tiles.get(key(one)).update(one);
    }
    note.hidden = streams.length > 0;
    if (streams.length === 0 && note.childElementCount === 0) {
      note.append(element("p", {}, "No stream is watched. Add one here, in the server's configuration under ", element("code", {}, "streams:"), ", or with"),
        element("pre", {}, element("code", {}, `curl -X PUT ${location.origin}/v1/streams/dock -d '{"source":"rtsp://camera/main","model":"yolox-nano"}'`)));
    }
  }

  const seen = () => (document.hidden ? clearTimeout(timer) : look());
  const again = () => {
    work.abort();
    work = new AbortController();
    form.offer();
    look();
  };
  document.addEventListener("visibilitychange", seen);
  session.addEventListener("change", again);
  queueMicrotask(again);
  return {
    node,
    leave() {
      document.removeEventListener("visibilitychange", seen);
      session.removeEventListener("change", again);
      clearTimeout(timer);
      work.abort();
      for (const tile of tiles.values()) tile.leave();
    },
  };
}

const key = (one) => `${one.owner}/${one.name}`;

class Tile {
  #timer = 0;
  #work = new AbortController();
  #before = null;
  #isSeen = true;

  constructor(one) {
    this.one = one;
    this.canvas = element("canvas", { width: 320, height: 180, role: "img", "aria-label": `${one.name}: no picture yet` });
    this.state = element("span", { class: "state" });
    this.speed = element("p", { class: "facts" });
    this.reason = element("p", { class: "reason" });
    this.node = element(
      "li", { class: "seat", "data-stream": key(one) },
      element("a", { href: link(one) }, this.canvas, element("b", {}, one.name)), this.state, this.speed, this.reason);
    this.sight = new IntersectionObserver((entries) => (this.#isSeen = entries.at(-1).isIntersecting));
    this.sight.observe(this.node);
    this.#paint();
  }

  update(one) {
    const now = { ...one, seen: performance.now() };
    const rate = rates(this.#before, now);
    if (!this.#before || now.seen - this.#before.seen > 3000 || !rate) this.#before = now;
    this.one = one;
    say(this.state, states[one.state] ?? one.state);
    this.state.dataset.state = shades[one.state] ?? "";
    say(this.speed, [speed(one, rate), ages(one)].filter(Boolean).join(" · "));
    say(this.reason, one.reason ?? "");
    this.canvas.classList.toggle("stale", one.state !== "live");
  }

  leave() {
    this.#work.abort();
    clearTimeout(this.#timer);
    this.sight.disconnect();
  }

  async #paint() {
    const { signal } = this.#work;
    if (this.#isSeen && !document.hidden && this.one.state === "live") {
      try {
        const response = await open(address(this.one.name, this.one.owner, "still.jpg"), signal);
        const picture = await createImageBitmap(await response.blob());
        [this.canvas.width, this.canvas.height] = [picture.width, picture.height];
        this.canvas.getContext("2d").drawImage(picture, 0, 0);
        this.canvas.setAttribute("aria-label", `${this.one.name}, as it was a moment ago`);
        picture.close();
      } catch { /* The next one may come. */ }
    }
    if (!signal.aborted) this.#timer = setTimeout(() => this.#paint(), refresh);
  }
}

/** The dialog in which a stream is added. */
class Adding {
  constructor(added) {
    this.added = added;
    const input = (name, attributes) => element("input", { id: `stream-${name}`, name, autocomplete: "off", spellcheck: "false", ...attributes });
    this.name = input("name", { required: true, pattern: "[A-Za-z0-9_\\-][A-Za-z0-9._\\-]*", maxlength: 64, placeholder: "dock" });
    this.source = input("source", { required: true, placeholder: "rtsp://user:password@camera/stream" });
    this.look = element("select", { id: "stream-look", name: "look" });
    this.outcome = element("p", { class: "outcome", role: "status" });
    this.button = element("button", { type: "button", class: "apart", onclick: () => this.dialog.showModal() }, "Add a stream");
    this.dialog = element(
      "dialog", { "aria-labelledby": "add-title" },
      element("form", { method: "dialog", onsubmit: (event) => this.submit(event) },
        element("h2", { id: "add-title" }, "Add a stream"), labelled("Name", this.name), labelled("Source", this.source), labelled("What looks at it", this.look), this.outcome,
        element("p", { class: "row" }, element("button", { class: "main" }, "Add"), element("button", { type: "button", onclick: () => this.dialog.close() }, "Cancel"))));
  }

  async offer() {
    this.button.hidden = !session.may("write");
    const chosen = this.look.value;
    const [models, pipelines] = await Promise.all([ask("/v1/models").catch(() => []), ask("/v1/pipelines").catch(() => [])]);
    const names = (found) => (Array.isArray(found) ? found : found.models ?? found.pipelines ?? []).map((one) => one.name);
    const choices = [["", "nothing: it is only shown"], ...names(pipelines).map((name) => [`pipeline ${name}`, `pipeline ${name}`]), ...[...new Set(names(models))].map((name) => [`model ${name}`, `model ${name}`])];
    this.look.replaceChildren(...choices.map(([value, text]) => element("option", { value, selected: value === chosen }, text)));
  }

  async submit(event) {
    event.preventDefault();
    const [kind, ...rest] = this.look.value.split(" ");
    const body = { source: this.source.value.trim(), ...(kind ? { [kind]: rest.join(" ") } : {}) };
    say(this.outcome, "");
    this.outcome.classList.remove("trouble");
    try {
      const name = this.name.value.trim();
      if (await read(name).then(() => true, () => false)) throw new Error(`There is a stream ${name} already.`);
      await add(name, body);
      [this.name.value, this.source.value] = ["", ""];
      this.dialog.close();
      this.added();
    } catch (trouble) {
      say(this.outcome, trouble.status === undefined ? trouble.message : advice(trouble));
      this.outcome.classList.add("trouble");
    }
  }
}
