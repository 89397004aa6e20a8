// Plays what was recorded of a day: by moments, over gaps, at several speeds; and a picture of any moment, quickly.

import { open } from "./api.js";
import { element, say } from "./dom.js";
import { hours } from "./days.js";
import { thumbnail } from "./recorded.js";

/** Milliseconds by which a picture may be off while the pointer moves, and the right one is on its way. */
const near = 3000;

const codecs = { mjpeg: "MJPEG", hevc: "HEVC", h264: "H.264", av1: "AV1" };

/** Why a film is not shown: `{words, isCodec}`, the server's words, or that the browser does not play what it is. */
export async function whyNot(address, codec) {
  const work = new AbortController();
  try {
    await open(address, work.signal);
    return { words: `This browser does not play ${codecs[codec] ?? codec ?? "what this camera sends"}: a picture is shown in its place. The file can be saved, and programs such as VLC play it.`, isCodec: true };
  } catch (trouble) {
    return { words: trouble.message, isCodec: false };
  } finally { work.abort(); }
}

/** `day()` gives the day that is shown; `moved()` is called when the moment changes, `said(words)` with what is in the way. */
export class Reel {
  time = 0;
  rate = 1;
  #film = null;
  #isWanted = false;
  #frame = 0;
  /** What the browser does not play is shown as the pictures of its segments. */
  #onlyStills = "";

  constructor({ day, codec, moved, said }) {
    Object.assign(this, { day, codec, moved, said });
    this.video = element("video", { muted: true, playsinline: true, preload: "auto", "aria-label": "What was recorded" });
    Object.assign(this.video, { muted: true });
    this.still = element("img", { alt: "", hidden: true });
    this.node = element("figure", { class: "screen reel" }, this.video, this.still);
    this.video.addEventListener("loadeddata", () => (this.still.hidden = true));
    this.video.addEventListener("ended", () => this.#on());
    this.video.addEventListener("error", () => this.#fail());
    for (const kind of ["seeked", "play", "pause", "loadeddata"]) this.video.addEventListener(kind, () => this.#tell());
  }

  get isPlaying() { return this.#isWanted; }
  get isOpen() { return this.#film !== null; }

  /** To a moment; where nothing was recorded, to where pictures go on. */
  seek(moment, plays = this.#isWanted) {
    const day = this.day();
    const at = day.film(moment) ? moment : day.next(moment);
    if (at === null) return this.#stop(day.isEmpty ? "" : "Nothing was recorded then, nor later on this day.");
    this.said(at - moment > 500 ? `Nothing was recorded then: this is where it goes on, at ${hours(at)}.` : "");
    [this.time, this.#isWanted] = [at, plays && !this.#onlyStills];
    if (this.#onlyStills) return this.#showStill(day, at);
    const film = this.#film;
    if (film && at >= film.from && at < film.to && this.video.readyState > 0) this.video.currentTime = (at - film.from) / 1000;
    else this.#open(day, at);
    this.#play();
    this.moved();
  }

  toggle() {
    if (!this.#film) return;
    this.#isWanted = !this.#isWanted;
    if (this.#isWanted && this.video.ended) this.#on();
    this.#play();
    this.moved();
  }

  speed(rate) {
    this.rate = this.video.playbackRate = rate;
    this.moved();
  }

  leave() {
    cancelAnimationFrame(this.#frame);
    this.video.pause();
    this.#film = null;
    this.video.removeAttribute("src");
    this.video.load();
  }

  #showStill(day, at) {
    const picture = day.segment(at) ?? day.clip(at);
    if (picture) this.still.src = thumbnail(picture);
    this.still.hidden = !picture;
    if (this.#onlyStills) this.said(this.#onlyStills);
    this.moved();
  }

  #open(day, at) {
    this.#film = day.film(at);
    this.#showStill(day, at);
    this.video.src = this.#film.address;
    this.video.playbackRate = this.rate;
    if (at > this.#film.from) this.video.currentTime = (at - this.#film.from) / 1000;
  }

  #play() {
    if (this.#isWanted) this.video.play().catch(() => null);
    else this.video.pause();
  }

  /** The film is at its end: what comes next, which is there by now or later on this day. */
  #on() {
    const next = this.#film ? this.day().next(this.#film.to - 1) : null;
    if (next === null) return this.#stop("This is the end of what was recorded by now.");
    this.#film = null;
    this.seek(next, true);
  }

  #stop(words) {
    this.#isWanted = false;
    this.video.pause();
    this.said(words);
    this.moved();
  }

  async #fail() {
    const film = this.#film;
    if (!film) return;
    this.still.hidden = !this.still.getAttribute("src");
    const { words, isCodec } = await whyNot(film.address, this.codec());
    if (film !== this.#film) return;
    this.#film = null;
    if (isCodec) this.#onlyStills = words;
    this.#stop(words);
  }

  #tell() {
    cancelAnimationFrame(this.#frame);
    if (this.#film && !this.video.seeking && this.video.readyState >= 2) {
      this.time = Math.min(this.#film.to, this.#film.from + this.video.currentTime * 1000);
      this.moved();
    }
    if (this.#film && !this.video.paused) this.#frame = requestAnimationFrame(() => this.#tell());
  }
}

/** A small picture of a moment: that of its segment at once, that of the very moment as soon as the server has cut it out. */
export class Peek {
  #wanted = null;
  #asked = null;
  /** The moment of the picture that is there. */
  #seen = null;
  /** Films in a row that could not be shown: after some of them there are pictures of segments alone. */
  #failures = 0;

  constructor() {
    this.video = element("video", { playsinline: true, preload: "auto" });
    this.video.muted = true;
    this.still = element("img", { alt: "" });
    // A copy, which stays while the next one is on its way.
    this.exact = element("canvas", { width: 16, height: 9 });
    this.words = element("span");
    this.node = element("div", { class: "peek", hidden: true, "aria-hidden": "true" }, this.still, this.exact, this.words);
    for (const kind of ["loadeddata", "seeked"]) this.video.addEventListener(kind, () => (this.video.seeking ? null : this.#came(true)));
    this.video.addEventListener("error", () => this.#came(false));
  }

  /** `null` hides it. */
  show(day, moment) {
    this.node.hidden = moment === null;
    if (moment === null) return (this.#wanted = null);
    const event = day.events.findLast((one) => one.from <= moment && moment <= Math.max(one.to, one.from + 1000));
    say(this.words, `${hours(moment)}${event ? ` · ${event.label ?? event.rule}` : day.film(moment) ? "" : " · not recorded"}`);
    const segment = day.segment(moment);
    const film = this.#failures > 2 ? null : day.film(moment, 500);
    const still = segment ? thumbnail(segment) : "";
    this.still.hidden = !still;
    if (still && this.still.getAttribute("src") !== still) this.still.src = still;
    this.exact.hidden = !film || this.#seen === null || Math.abs(this.#seen - moment) > near;
    this.node.classList.toggle("none", !still && !film);
    this.#wanted = film ? { film, moment } : null;
    this.#ask();
  }

  leave() {
    this.#wanted = this.#asked = null;
    this.video.removeAttribute("src");
  }

  #ask() {
    if (this.#asked || !this.#wanted) return;
    [this.#asked, this.#wanted] = [this.#wanted, null];
    const { film, moment } = this.#asked;
    this.video.src = film.address;
    if (moment > film.from) this.video.currentTime = (moment - film.from) / 1000;
  }

  #came(isThere) {
    if (!this.#asked) return;
    this.#failures = isThere ? 0 : this.#failures + 1;
    if (isThere) {
      [this.exact.width, this.exact.height, this.#seen] = [this.video.videoWidth, this.video.videoHeight, this.#asked.moment];
      this.exact.getContext("2d").drawImage(this.video, 0, 0);
      this.exact.dataset.moment = this.#seen;
      this.exact.hidden = false;
    }
    this.#asked = null;
    this.#ask();
  }
}
