// One live stream: its picture with what was found in the very frame that is shown, how fresh that is, and how its source does.

import { session } from "./api.js";
import { advice } from "./assets.js";
import { draw } from "./drawing.js";
import { element, say } from "./dom.js";
import { DriftPanel } from "./drift.js";
import { LatestEvents } from "./events.js";
import { age, count, group, short } from "./figures.js";
import { Following } from "./follow.js";
import { SceneEditor } from "./scene.js";
import { LivePicture } from "./picture.js";
import { place } from "./recordings.js";
import { complaint } from "./single.js";
import { address, ages, drops, rates, read, remove, shades, speed, states } from "./streams.js";

/** Milliseconds between two looks; seconds for which what was found is kept, and for which it stands where nothing newer is known. */
const [interval, kept, lasting] = [1000, 90, 0.6];
/** Seconds by which the time of a picture may be told differently: less than any two pictures lie apart. */
const close = 0.004;

export function stream({ name }, query) {
  const client = query.get("client") ?? undefined;
  const status = element("p", { class: "quiet", role: "status" }, "Asking…");
  const content = element("div", { class: "livepages" });
  const node = element(
    "section", { class: "livepages one", "aria-labelledby": "stream-title" },
    element("p", { class: "row crumbs" }, element("a", { href: "#/live" }, "Live"), status), element("h1", { id: "stream-title" }, name), content);
  let [view, work, timer] = [null, null, 0];

  async function look() {
    clearTimeout(timer);
    const { signal } = work;
    try {
      const one = await read(name, client, signal);
      if (signal.aborted) return;
      say(status, "");
      if (!view) {
        view = new View(one, client, () => (location.hash = "#/live"));
        content.replaceChildren(view.node);
      }
      view.update(one);
    } catch (trouble) {
      if (signal.aborted) return;
      say(status, view ? `${advice(trouble)} What is shown may be old.` : "");
      if (!view) {
        content.replaceChildren(complaint(trouble.status === 404 ? `There is no stream ${name} here.` : advice(trouble), element("a", { href: "#/live" }, "Show all streams")));
      }
    }
    timer = setTimeout(look, interval);
  }

  function again() {
    work?.abort();
    work = new AbortController();
    view?.leave();
    view = null;
    look();
  }

  session.addEventListener("change", again);
  again();
  return {
    node,
    leave() {
      session.removeEventListener("change", again);
      clearTimeout(timer);
      work.abort();
      view?.leave();
    },
  };
}

class View {
  #found = new Found();
  #before = null;
  #picture = null;
  #frame = null;

  constructor(one, client, gone) {
    Object.assign(this, { one, client, gone });
    this.canvas = element("canvas", { width: 16, height: 9, role: "img", "aria-label": `${one.name}: no picture yet` });
    this.screen = element("figure", { class: "screen" }, this.canvas);
    this.note = element("p", { class: "outcome", role: "status" });
    this.state = element("span", { class: "state" });
    this.speed = element("span", { class: "speed" });
    this.reason = element("p", { class: "reason" });
    this.hold = element("button", { type: "button", onclick: () => this.#toggle() }, "Pause");
    this.place = element("input", { type: "range", min: -30, max: 0, step: 0.04, value: 0, "aria-label": "Seconds behind now", oninput: () => this.#picture.hold(-Number(this.place.value)) });
    this.behind = element("span", { class: "place" });
    this.line = element("canvas", { class: "line", height: 44, role: "img", "aria-label": "What was found in the last minute and a half" });
    this.legend = element("p", { class: "facts" });
    this.facts = element("dl", { class: "facts" });
    this.drops = element("dl", { class: "facts" });
    this.counts = element("dl", { class: "facts" });
    this.gaps = element("ol", { class: "gaps" });
    this.outcome = element("p", { class: "outcome", role: "status" });
    const panel = (id, title, ...inside) => element("section", { class: "panel", "aria-labelledby": id }, element("h2", { id }, title), inside);
    this.scene = new SceneEditor(one.name, client, this.canvas, session.may("write"), () => this.#paint());
    this.events = one.model || one.pipeline ? new LatestEvents(one.name, client, Boolean(one.clips)) : null;
    this.drift = one.drift ? new DriftPanel(one.name, client) : null;
    this.node = element(
      "div", { class: "workbench" },
      element("div", { class: "stage" },
        element("section", { class: "panel", "aria-label": "Picture" },
          element("p", { class: "row head" }, this.state, this.speed), this.reason, this.screen, this.note,
          element("p", { class: "row controls" }, this.hold, this.place, this.behind), this.line, this.legend, this.counts),
        this.drift?.node ?? ""),
      element("div", { class: "aside" },
        panel("stream-about", "About", this.facts, this.#remover()), this.events?.node ?? "", this.scene.node,
        panel("stream-drops", "Pictures", this.drops), panel("stream-gaps", "Gaps", this.gaps)));
    const path = (rest) => address(one.name, client, rest);
    this.#picture = new LivePicture(path, { shown: (...all) => this.#show(...all), said: (words) => say(this.note, words) });
    this.follower = one.model || one.pipeline
      ? new Following(() => path("predictions"), (kind, data) => this.#hear(kind, data), (trouble) => say(this.outcome, trouble ? advice(trouble) : "")) : null;
    this.timer = setInterval(() => this.#tick(), 200);
    this.sizes = new ResizeObserver(() => this.#paint());
    this.sizes.observe(this.screen);
  }

  update(one) {
    const now = { ...one, seen: performance.now() };
    const rate = rates(this.#before, now);
    if (!this.#before || now.seen - this.#before.seen > 4000 || !rate) this.#before = now;
    this.one = one;
    say(this.state, states[one.state] ?? one.state);
    this.state.dataset.state = shades[one.state] ?? "";
    say(this.speed, [speed(one, rate), ages(one)].filter(Boolean).join(" · "));
    say(this.reason, one.reason ?? "");
    this.#found.close = one.view ? 0.03 : close;
    list(this.facts, [
      ["Source", one.source], ["Shown from", one.view], ["Which is", one.view_source && one.view_source.state !== "live" ? [one.view_source.state, one.view_source.reason].filter(Boolean).join(": ") : null], ["Looked at by", one.pipeline ? `pipeline ${one.pipeline}` : one.model ? `model ${one.model}` : "nothing"],
      ["Picture", one.width ? `${one.width} × ${one.height}, ${one.codec}` : one.codec], ["Budget", one.model || one.pipeline ? `${short(one.budget_ms)} ms` : null],
      ["Weight", one.weight === 1 ? null : short(one.weight)], ["Connected", count(one.connections, "time")],
      ["Recorded", one.recording?.stopped ? `not at the moment: ${one.recording.reason ?? "it was stopped"}` : one.record ? "all that comes" : one.clips ? "clips of events" : null],
      ["Viewers", one.viewers ? group(one.viewers) : null],
      ["Its clock", typeof one.clock_offset_ms === "number" ? `${group(Math.abs(one.clock_offset_ms))} ms ${one.clock_offset_ms < 0 ? "behind" : "ahead"}` : null],
    ]);
    list(this.counts, [
      ...(one.zones ?? []).map((zone) => [`In ${zone.zone}`, `${group(zone.now)} now, ${count(zone.visits, "visit")}`]),
      ...(one.lines ?? []).map((line) => [`Across ${line.line}`, `${group(line.in)} in, ${group(line.out)} out`]),
    ]);
    list(this.drops, [
      ["Came", group(one.received)], ...(one.model || one.pipeline ? [["Told of in time", group(one.delivered)]] : []),
      ...Object.entries(one.drops).filter(([, number]) => number > 0 && (one.model || one.pipeline)).map(([name, number]) => [drops[name] ?? name, group(number)]),
      ["Events not kept", one.events.withheld + one.events.lost ? `${group(one.events.withheld + one.events.lost)}: ${one.events.reason}` : null],
      ["With parts missing", one.incomplete ? group(one.incomplete) : null], ["Packets lost", one.lost_packets ? group(one.lost_packets) : null],
    ]);
    this.gaps.replaceChildren(...(one.gaps.length === 0 ? [element("li", { class: "quiet" }, "None since the stream was added.")] : one.gaps.slice(-12).reverse().map(gap)));
  }

  leave() {
    clearInterval(this.timer);
    this.sizes.disconnect();
    this.follower?.leave();
    this.events?.leave();
    this.drift?.leave();
    this.#picture.leave();
  }

  #toggle() {
    if (this.#picture.isHeld) this.#picture.follow();
    else this.#picture.hold();
    this.#tick();
  }

  #hear(kind, data) {
    if (kind !== "frame") return;
    this.#found.add(data);
    this.#picture.heard(data.shown);
    // What is shown now may be the picture that is told of.
    if (this.#frame && Math.abs(this.#frame.time - data.shown) < this.#found.close) this.#paint();
  }

  /** A picture came into sight; a copy is kept, so that what is drawn later is drawn on it. */
  #show(picture, time, isExact) {
    const [width, height] = [picture.displayWidth ?? picture.videoWidth ?? picture.width, picture.displayHeight ?? picture.videoHeight ?? picture.height];
    if (!width) return;
    const copy = this.#frame?.copy ?? document.createElement("canvas");
    if (copy.width !== width || copy.height !== height) [copy.width, copy.height] = [width, height];
    copy.getContext("2d").drawImage(picture, 0, 0);
    this.#frame = { copy, time, isExact };
    this.#paint();
  }

  #paint() {
    if (!this.#frame) return;
    const { copy, time } = this.#frame;
    const { rows, isHeld } = this.#found.at(time);
    draw(this.canvas, copy, rows, -1, [], isHeld);
    this.scene.paint();
    this.canvas.dataset.time = time;
    this.canvas.dataset.found = isHeld ? "" : JSON.stringify(rows.map((one) => one.box ?? null));
    this.canvas.setAttribute("aria-label", `${this.one.name}${rows.length > 0 ? `, with ${rows.map((one) => one.label ?? one.kind).join(", ")}` : ""}`);
  }

  #tick() {
    const picture = this.#picture;
    say(this.hold, picture.isHeld ? "Back to now" : "Pause");
    this.place.min = -Math.max(1, Math.floor(picture.reach));
    if (!picture.isHeld) this.place.value = 0;
    say(this.behind, picture.isHeld ? `${picture.behind.toFixed(1)} s behind` : "now");
    const labels = this.#found.draw(this.line);
    say(this.legend, labels.length > 0 ? `Found in the last ${kept} s: ${labels.map(([label, number]) => `${label} (${group(number)})`).join(", ")}` : this.follower ? `Nothing was found in the last ${kept} s.` : "");
  }

  #remover() {
    const dialog = element(
      "dialog", { "aria-labelledby": "remove-title" },
      element("form", { method: "dialog" }, element("h2", { id: "remove-title" }, "Remove this stream?"),
        element("p", {}, "It is watched no more. What was found stays where it was kept."),
        element("p", { class: "row" }, element("button", { value: "remove", class: "danger" }, "Remove"), element("button", { value: "cancel" }, "Keep"))));
    dialog.addEventListener("close", async () => {
      if (dialog.returnValue !== "remove") return;
      try {
        await remove(this.one.name, this.client);
        this.gone();
      } catch (trouble) {
        say(this.outcome, advice(trouble));
      }
    });
    const open = element("button", { type: "button", class: "danger", hidden: !session.may("write"), onclick: () => {
      dialog.returnValue = "cancel";
      dialog.showModal();
    } }, "Remove…");
    const recorded = element("a", { class: "button", href: place(this.one.name, this.one.owner) }, "Recordings");
    return element("div", {}, element("p", { class: "row" }, recorded, open), this.outcome, dialog);
  }
}

/** What was found lately, by the time at which its picture is shown. */
class Found {
  #all = [];
  /** Two addresses of a camera tell the time of one picture a little differently. */
  close = close;

  add({ shown, predictions }) {
    if (this.#all.length > 0 && shown < this.#all.at(-1).time) this.#all = this.#all.filter((one) => one.time < shown);
    this.#all.push({ time: shown, rows: predictions });
    const old = this.#all.findIndex((one) => one.time > shown - kept);
    if (old > 100) this.#all.splice(0, old);
  }

  /** Of the picture of that time, else of one shortly before. */
  at(time) {
    let [low, high] = [0, this.#all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#all[middle].time < time + this.close) low = middle + 1;
      else high = middle;
    }
    const one = this.#all[low - 1];
    if (!one || time - one.time > lasting) return { rows: [], isHeld: false };
    return { rows: one.rows, isHeld: Math.abs(one.time - time) > this.close };
  }

  /** A bar for each second; gives what was found most, with how many pictures had it. */
  draw(canvas) {
    const wide = Math.max(100, canvas.clientWidth);
    const ratio = devicePixelRatio || 1;
    if (canvas.width !== Math.round(wide * ratio)) canvas.width = Math.round(wide * ratio);
    if (canvas.height !== Math.round(44 * ratio)) canvas.height = Math.round(44 * ratio);
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, wide, 44);
    const end = this.#all.at(-1)?.time ?? 0;
    const [seconds, labels] = [new Array(kept).fill(0), new Map()];
    for (const { time, rows } of this.#all) {
      const place = kept - 1 - Math.floor(end - time);
      if (place < 0) continue;
      seconds[place] = Math.max(seconds[place], rows.length);
      for (const label of new Set(rows.map((one) => one.label ?? one.kind))) labels.set(label, (labels.get(label) ?? 0) + 1);
    }
    const most = Math.max(1, ...seconds);
    pen.fillStyle = getComputedStyle(canvas).getPropertyValue("--bar") || "#3b6fe0";
    seconds.forEach((number, index) => {
      const height = (number / most) * 40;
      pen.fillRect((index * wide) / kept, 44 - height, Math.max(1, wide / kept - 1), height);
    });
    return [...labels].sort((a, b) => b[1] - a[1]).slice(0, 6);
  }
}

function list(node, rows) {
  const wanted = rows.filter(([, value]) => value !== null && value !== undefined && value !== "");
  const line = JSON.stringify(wanted);
  if (node.dataset.line === line) return;
  node.dataset.line = line;
  node.replaceChildren(...wanted.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}

const moments = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "medium" });

function gap({ from, to, reason }) {
  const length = to === undefined ? "since then" : `for ${age(Math.max(1, to - from))}`;
  return element("li", {}, element("b", {}, moments.format(new Date(from * 1000))), ` ${length}`, element("small", {}, reason));
}
