// The picture of a live stream as its camera sends it: fragmented MP4 through Media Source Extensions, kept close to now.

import { open } from "./api.js";

/** Seconds of the past that are kept; how far behind now a picture is shown at least, and at most before it jumps. */
const [kept, nearest, farthest] = [30, 0.12, 2];
/** Seconds until it is tried again, and between two stills. */
const [rest, pause] = [1.5, 0.25];
/** How many ticks a second the film's times have, and where they stand behind their box's name. */
const timescale = 90000;

const sleep = (seconds, signal) => new Promise((resolve) => {
  const timer = setTimeout(resolve, seconds * 1000);
  signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
});

/**
 * `shown(picture, time, isExact)` is called for every picture that comes into sight, with when it is shown in seconds since 1970;
 * `said(words)` with what there is to know, empty where all is well.
 */
export class LivePicture {
  /** Seconds since 1970 that are the film's second 0. */
  #zero = 0;
  #source = null;
  #buffer = null;
  #waiting = [];
  #work = new AbortController();
  #timer = 0;
  #lags = [];
  #isHeld = false;

  constructor(path, { shown, said }) {
    Object.assign(this, { path, shown, said });
    this.video = document.createElement("video");
    Object.assign(this.video, { muted: true, playsInline: true, autoplay: true });
    const frame = (_, { mediaTime }) => {
      if (this.#work.signal.aborted) return;
      this.video.requestVideoFrameCallback(frame);
      if (this.#buffer) this.#tell(mediaTime);
    };
    this.video.requestVideoFrameCallback(frame);
    this.#timer = setInterval(() => this.#steer(), 100);
    this.#run();
  }

  /** Seconds that are behind now and can be shown. */
  get reach() {
    const { buffered } = this.video;
    return buffered.length > 0 ? buffered.end(buffered.length - 1) - buffered.start(0) : 0;
  }

  /** How far behind the newest picture that came the one in sight is, in seconds. */
  get behind() {
    const { buffered, currentTime } = this.video;
    return buffered.length > 0 ? buffered.end(buffered.length - 1) - currentTime : 0;
  }

  get isHeld() { return this.#isHeld; }

  /** Stands still at so many seconds behind now, or where it is. */
  hold(behind = null) {
    this.#isHeld = true;
    this.video.pause();
    const { buffered } = this.video;
    if (behind === null || buffered.length === 0) return;
    const end = buffered.end(buffered.length - 1);
    this.video.currentTime = Math.max(buffered.start(0) + 0.01, end - behind);
  }

  /** Goes on from now. */
  follow() {
    this.#isHeld = false;
    this.#jump();
    this.video.play().catch(() => null);
  }

  /** What was found in the picture of that time came only now: pictures wait for what is found in them, as long as most of it takes. */
  heard(time) {
    const { buffered } = this.video;
    if (!this.#buffer || buffered.length === 0) return;
    this.#lags.push(Math.max(0, this.#zero + buffered.end(buffered.length - 1) - time));
    if (this.#lags.length > 100) this.#lags.shift();
  }

  leave() {
    this.#work.abort();
    clearInterval(this.#timer);
    this.#close();
  }

  async #run() {
    const { signal } = this.#work;
    while (!signal.aborted) {
      try {
        const response = await open(this.path("view.mp4"), signal);
        const type = response.headers.get("Content-Type") ?? "";
        if (globalThis.MediaSource?.isTypeSupported(type)) {
          await this.#play(response, type);
          this.said("The picture begins anew…");
        } else {
          response.body.cancel().catch(() => null);
          await this.#stills(`This browser does not play ${type.replace(/.*codecs="?([^"]*)"?.*/, "$1")}`);
        }
      } catch (trouble) {
        if (signal.aborted) return;
        if (trouble.status === 503) await this.#stills("There is no film of this stream now");
        else this.said(trouble.message);
      }
      this.#close();
      await sleep(rest, signal);
    }
  }

  async #play(response, type) {
    const source = new MediaSource();
    const address = URL.createObjectURL(source);
    this.video.src = address;
    await new Promise((resolve) => source.addEventListener("sourceopen", resolve, { once: true }));
    URL.revokeObjectURL(address);
    const buffer = source.addSourceBuffer(type);
    this.#source = source;
    const reader = response.body.getReader();
    // Times are set once the first of them is known, and before anything is handed over.
    const { bytes, first } = await begin(reader);
    if (first === null) return reader.cancel().catch(() => null);
    this.#zero = Math.floor(first / timescale) - 1;
    buffer.timestampOffset = -this.#zero;
    buffer.addEventListener("updateend", () => this.#feed());
    [this.#buffer, this.#waiting, this.#lags] = [buffer, bytes, []];
    this.said("");
    this.#feed();
    if (!this.#isHeld) this.video.play().catch(() => null);
    while (true) {
      const { value, done } = await reader.read();
      if (done || source.readyState !== "open" || this.video.error) return reader.cancel().catch(() => null);
      this.#waiting.push(value);
      this.#feed();
    }
  }

  #feed() {
    const buffer = this.#buffer;
    if (!buffer || buffer.updating || this.#source.readyState !== "open") return;
    try {
      const { buffered, currentTime } = this.video;
      const end = buffered.length > 0 ? buffered.end(buffered.length - 1) : 0;
      // What stands still is kept as long as there is room, and then goes on.
      if (this.#isHeld && end - currentTime > 4 * kept) this.follow();
      const old = Math.min(currentTime, end) - kept;
      if (buffered.length > 0 && buffered.start(0) < old - 5) return buffer.remove(0, old);
      if (this.#waiting.length === 0) return;
      const all = new Uint8Array(this.#waiting.reduce((count, part) => count + part.length, 0));
      let place = 0;
      for (const part of this.#waiting) {
        all.set(part, place);
        place += part.length;
      }
      this.#waiting = [];
      buffer.appendBuffer(all);
    } catch (trouble) {
      this.said(`This browser could not go on with the picture: ${trouble.message}`);
      this.#close();
    }
  }

  /** Keeps the picture as close to now as what is found in it allows. */
  #steer() {
    const { video } = this;
    if (!this.#buffer || this.#isHeld || video.buffered.length === 0) return;
    const behind = this.behind;
    const aim = this.aim;
    // What was left out on the way is jumped over, and what waited too long is not made up for.
    const isInGap = video.readyState < 3 && [...Array(video.buffered.length).keys()].some((index) => video.buffered.start(index) > video.currentTime);
    if (behind > Math.max(farthest, 2 * aim) || video.currentTime < video.buffered.start(0) || isInGap) return this.#jump();
    video.playbackRate = behind > aim + 0.4 ? 1.25 : behind > aim + 0.08 ? 1.08 : behind < aim - 0.06 ? 0.94 : 1;
    if (video.paused) video.play().catch(() => null);
  }

  /** Seconds behind the newest picture that are aimed at: most of what is found was told by then. */
  get aim() {
    const lags = this.#lags.toSorted((a, b) => a - b);
    return Math.min(1, Math.max(nearest, (lags[Math.floor(lags.length * 0.95)] ?? 0) + 0.06));
  }

  #jump() {
    const { buffered } = this.video;
    if (buffered.length === 0) return;
    const last = buffered.length - 1;
    this.video.currentTime = Math.max(buffered.start(last), buffered.end(last) - this.aim);
  }

  /**
   * Shows one picture with its own time, since the video may go on to another meanwhile. Only pages from this machine or over TLS may have
   * it; the others take the time that they were told.
   */
  #tell(told) {
    let frame = null;
    try {
      frame = new VideoFrame(this.video);
    } catch { /* Of the video itself, then. */ }
    this.shown(frame ?? this.video, this.#zero + (frame ? frame.timestamp / 1e6 : told), true);
    frame?.close();
  }

  /** What a browser does not play is shown as single pictures, some a second, for a while. */
  async #stills(reason) {
    const { signal } = this.#work;
    for (let tries = 0; tries < 40 && !signal.aborted; tries += 1) {
      try {
        const response = await open(this.path("still.jpg"), signal);
        const picture = await createImageBitmap(await response.blob());
        this.said(`${reason}: single pictures of it are shown instead.`);
        this.shown(picture, Number(response.headers.get("Ridley-Shown")), false);
        picture.close();
      } catch (trouble) {
        if (signal.aborted) return;
        if (trouble.status !== 503) throw trouble;
        if (tries > 8) return this.said("There is no picture of this stream now.");
      }
      await sleep(pause, signal);
    }
  }

  #close() {
    [this.#buffer, this.#source, this.#waiting] = [null, null, []];
    if (!this.video.hasAttribute("src")) return;
    this.video.removeAttribute("src");
    this.video.load();
  }
}

/** Reads until the first fragment's time is there: `{bytes, first}` with all that was read, and the time in ticks. */
async function begin(reader) {
  const bytes = [];
  let all = new Uint8Array(0);
  while (all.length < 8e6) {
    const { value, done } = await reader.read();
    if (done) break;
    bytes.push(value);
    const longer = new Uint8Array(all.length + value.length);
    longer.set(all);
    longer.set(value, all.length);
    all = longer;
    const first = decodeTime(all);
    if (first !== null) return { bytes, first };
  }
  return { bytes, first: null };
}

/** `baseMediaDecodeTime` of the first fragment (ISO/IEC 14496-12, 8.8.12). */
function decodeTime(bytes) {
  const view = new DataView(bytes.buffer);
  const inside = { moof: 8, traf: 8 };
  let place = 0;
  while (place + 20 <= bytes.length) {
    const [length, name] = [view.getUint32(place), String.fromCharCode(...bytes.subarray(place + 4, place + 8))];
    if (name === "tfdt") return bytes[place + 8] === 1 ? Number(view.getBigUint64(place + 12)) : view.getUint32(place + 12);
    if (length < 8) return null;
    place += inside[name] ?? length;
  }
  return null;
}
