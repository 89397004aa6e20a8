// A film or a picture on canvases, each with what an analysis found on the very frame that is shown.

import { address } from "./assets.js";
import { draw } from "./drawing.js";
import { element, say } from "./dom.js";
import { clock } from "./figures.js";

/** Milliseconds after a seek within which its frame should have been told of. */
const late = 250;

/**
 * `over(time)` gives what is drawn over each canvas: `{rows, isHeld, marked, order, words}`; `moved(time)` is called for every frame
 * that comes into sight; both get its number too, where it is known. The time is that of the frame itself, not of the clock that plays it.
 */
export class Player {
  time = 0;
  /** The frame's number, where the server shows it; `null` where the browser plays, which knows times alone. */
  number = null;
  #isThere = false;
  #frame = null;
  #wanted = null;
  #late = 0;
  /** Where it is on its way to. */
  #aim = null;

  constructor(asset, { over, moved, still }) {
    Object.assign(this, { asset, over, moved, still });
    this.isFilm = asset.kind === "video";
    this.duration = asset.duration ?? 0;
    this.period = asset.rate[0] > 0 && asset.rate[1] > 0 ? asset.rate[1] / asset.rate[0] : 0.04;
    this.copy = document.createElement("canvas");
    this.screens = element("div", { class: "screens" });
    this.note = element("p", { class: "outcome", role: "status" });
    this.play = element("button", { type: "button", onclick: () => this.toggle() }, "Play");
    this.place = element("span", { class: "place" });
    const step = (text, frames, title) => element("button", { type: "button", title, "aria-label": title, onclick: () => this.step(frames) }, text);
    const speed = element(
      "select", { "aria-label": "Speed", onchange: () => (this.video.playbackRate = Number(speed.value)) },
      [0.25, 0.5, 1, 2].map((rate) => element("option", { value: rate, selected: rate === 1 }, `${rate} ×`)));
    const sound = element("button", { type: "button", onclick: () => {
      if (this.video) this.video.muted = !this.video.muted;
      say(sound, this.video?.muted ?? true ? "Sound: off" : "Sound: on");
    } }, "Sound: off");
    this.controls = element("p", { class: "row controls", hidden: !this.isFilm }, this.play, step("◂", -1, "One frame back"), step("▸", 1, "One frame on"), speed, sound, this.place);
    this.node = element("div", { class: "player" }, this.screens, this.controls, this.note);
    this.sizes = new ResizeObserver(() => this.paint());
    this.sizes.observe(this.screens);
    this.#open();
  }

  get isPlaying() { return this.isFilm && Boolean(this.video) && !this.video.paused; }

  /** One canvas for each analysis that is shown; one where none is. */
  split(titles) {
    this.screens.replaceChildren(...titles.map((title) => element(
      "figure", {}, title ? element("figcaption", {}, title) : "", element("canvas", { width: 1, height: 1, role: "img", "aria-label": this.asset.name }))));
    this.paint();
  }

  toggle() {
    if (!this.video) return;
    if (this.video.paused) this.video.play().catch(() => null);
    else this.video.pause();
  }

  step(frames) { this.seek((this.#aim ?? this.time) + frames * this.period); }

  /** To the frame that is shown at a moment. */
  seek(time, number = null) {
    const wanted = Math.max(0, Math.min(time, Math.max(0, this.duration - this.period / 2)));
    if (!this.isFilm) return;
    if (!this.video) return this.#showStill(wanted, number);
    this.video.pause();
    this.#aim = wanted;
    // The middle of a frame is no other's, however times are rounded.
    const target = Math.min(wanted + this.period / 4, this.video.duration || Infinity);
    this.#wanted = this.video.seeking ? target : null;
    if (this.#wanted === null) this.video.currentTime = target;
  }

  paint() {
    if (!this.#isThere) return;
    const picture = this.video ? this.copy : this.image;
    [...this.screens.querySelectorAll("canvas")].forEach((canvas, index) => {
      const { rows, isHeld, marked, order, words } = this.over(this.time, index, this.number);
      draw(canvas, picture, rows, marked, order, isHeld);
      canvas.setAttribute("aria-label", `${this.asset.name}${this.isFilm ? ` at ${clock(this.time, 2)}` : ""}${words ? `, with ${words}` : ""}`);
    });
    const place = this.number === null ? clock(this.time, 2) : `Frame ${this.number}, about ${clock(this.time, 2)}`;
    say(this.place, `${place} of ${clock(this.duration)}`);
    say(this.play, this.isPlaying ? "Pause" : "Play");
  }

  leave() {
    this.sizes.disconnect();
    this.#close();
    this.image?.removeAttribute("src");
    this.#isThere = false;
  }

  #open() {
    if (this.asset.node) return this.#giveUp(`Its bytes are at the node ${this.asset.node}`);
    const source = `${address(this.asset.asset)}/content`;
    if (!this.isFilm) return this.#openPicture(source);
    const video = document.createElement("video");
    Object.assign(video, { muted: true, playsInline: true, preload: "auto" });
    video.onerror = () => this.#giveUp(`This browser does not play ${this.asset.codec}`);
    // Of files with several films a browser may take another than was analysed. (Pixels that are not square change one side.)
    video.onloadedmetadata = () => {
      if (video.videoWidth === this.asset.width || video.videoHeight === this.asset.height) return;
      this.#giveUp("This browser plays another film of this file than was analysed");
    };
    for (const kind of ["play", "pause", "ended"]) video.addEventListener(kind, () => this.paint());
    video.addEventListener("seeked", () => {
      clearTimeout(this.#late);
      this.#late = setTimeout(() => this.#catchUp(), late);
      // The event may come when the next seek has begun, which ends with one of its own.
      if (this.#wanted === null || video.seeking) return;
      [video.currentTime, this.#wanted] = [this.#wanted, null];
    });
    const shown = (_, { mediaTime }) => {
      this.#frame = video.requestVideoFrameCallback(shown);
      this.#take(mediaTime);
    };
    this.#frame = video.requestVideoFrameCallback(shown);
    video.src = source;
    this.video = video;
  }

  #close() {
    if (!this.video) return;
    clearTimeout(this.#late);
    this.video.onerror = this.video.onloadedmetadata = null;
    this.video.cancelVideoFrameCallback(this.#frame);
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
  }

  /** A frame came into sight. A copy is kept: what is drawn later is that frame, and not one that came since. */
  #take(time) {
    clearTimeout(this.#late);
    const { video } = this;
    if (!video.videoWidth) return;
    if (this.copy.width !== video.videoWidth || this.copy.height !== video.videoHeight) [this.copy.width, this.copy.height] = [video.videoWidth, video.videoHeight];
    // While a film plays, a newer frame than was told of may be there already.
    for (let tries = 0, before, after = {}; tries < 3 && before !== after; tries += 1) {
      before = this.#stamp();
      this.copy.getContext("2d").drawImage(video, 0, 0);
      after = this.#stamp();
      time = after ?? time;
    }
    [this.time, this.#isThere] = [time, true];
    if (!video.seeking && this.#wanted === null) this.#aim = null;
    this.moved(time, null);
    this.paint();
  }

  /** The time of the very frame that is there, in seconds; `null` where it cannot be had: only pages from this machine or over TLS may ask. */
  #stamp() {
    try {
      const frame = new VideoFrame(this.video);
      const time = frame.timestamp / 1e6;
      frame.close();
      return time;
    } catch { return null; }
  }

  /** Browsers now and then do not tell of the frame that a seek ended at. */
  #catchUp() {
    const { video } = this;
    if (!video || video.seeking || video.readyState < 2) return;
    const time = this.#stamp() ?? Math.max(0, video.currentTime - this.period / 4);
    if (Math.abs(time - this.time) > this.period / 8 || !this.#isThere) this.#take(time);
  }

  #openPicture(source) {
    this.image = new Image();
    this.image.onload = () => {
      this.#isThere = true;
      this.moved(0, null);
      this.paint();
    };
    // Formats that browsers do not know have a thumbnail all the same.
    this.image.onerror = () => {
      this.image.onerror = () => say(this.note, "The picture cannot be shown.");
      say(this.note, `This browser does not show ${this.asset.codec}: here is its thumbnail.`);
      this.image.src = `${address(this.asset.asset)}/thumbnail`;
    };
    this.image.src = source;
  }

  /** What a browser does not play is shown frame by frame, as the server decodes it. */
  #giveUp(reason) {
    this.#close();
    this.video = null;
    this.image = new Image();
    this.image.onload = () => {
      this.#isThere = true;
      this.moved(this.time, this.number);
      this.paint();
    };
    this.image.onerror = () => say(this.note, `${reason}, and the server gives no frame of it.`);
    for (const node of this.controls.querySelectorAll("select, button:first-child, select + button")) node.disabled = true;
    say(this.note, `${reason}: the server shows its frames one by one.`);
    this.#showStill(this.#aim ?? this.time);
  }

  #showStill(time, number = null) {
    this.number = number ?? Math.round(time / this.period);
    this.time = number === null ? this.number * this.period : time;
    const source = this.still(this.number);
    if (source) this.image.src = source;
    else this.image.src = `${address(this.asset.asset)}/thumbnail`;
  }
}
