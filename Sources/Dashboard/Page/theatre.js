// Plays a moment where it stands among the results: of an asset from its second on, of an event its clip, or else its picture.

import { address, link as assetLink } from "./assets.js";
import { element, say } from "./dom.js";
import { clock } from "./figures.js";
import { clip, snapshot } from "./happened.js";
import { isEvent } from "./pictures.js";
import { readEvent } from "./recorded.js";
import { place } from "./recordings.js";
import { path } from "./api.js";

/** Seconds before the moment, so that one sees it begin. */
const before = 1;

export const momentLink = (one, client) => (isEvent(one) ? path(`#/events/${encodeURIComponent(one.moment)}`, { client })
  : assetLink(one.asset, { t: one.offset > 0 ? one.offset / 1000 : null, series: one.series }));

export class Theatre {
  #work = null;

  /** `closed()` is called when it was closed by its button or by Escape. */
  constructor(pictures, closed) {
    this.pictures = pictures;
    this.title = element("h2", { id: "theatre-title" });
    this.screen = element("figure", { class: "screen" });
    this.note = element("p", { class: "outcome", role: "status" });
    this.links = element("p", { class: "row" });
    this.node = element("li", { class: "theatre", "aria-labelledby": "theatre-title" },
      element("header", { class: "row" }, this.title, element("button", { type: "button", class: "shut", "aria-label": "Close", title: "Close (Escape)", onclick: closed }, "×")), this.screen, this.note, this.links);
  }

  async open(one, title, client) {
    this.close();
    const { signal } = this.#work = new AbortController();
    say(this.title, title);
    say(this.note, "");
    this.links.replaceChildren(element("a", { class: "button main", href: momentLink(one, client) }, isEvent(one) ? "The event’s page" : `The asset at ${clock(one.offset / 1000, 1)}`),
      isEvent(one) ? element("a", { class: "button", href: place(one.stream, client, { at: one.from, play: 1 }) }, "In the day’s recording") : "");
    this.screen.replaceChildren();
    try {
      if (isEvent(one)) this.#event(await readEvent(one.moment, client, signal), one, signal);
      else this.#asset(await this.pictures.asset(one.asset), one, signal);
    } catch (trouble) {
      if (!signal.aborted) say(this.note, trouble.status === 404 ? "It is not here any more." : trouble.message);
    }
  }

  close() {
    this.#work?.abort();
    const video = this.screen.querySelector("video");
    if (!video) return;
    video.pause();
    video.removeAttribute("src");
    video.load();
    video.remove();
  }

  #event(event, one, signal) {
    if (signal.aborted) return;
    if (event.clip) {
      const video = clip(event, (words) => {
        if (!signal.aborted) this.#still(snapshot(event), words);
      });
      this.screen.replaceChildren(video);
      video.play().catch(() => null);
    } else this.#still(snapshot(event), one.open ? "It is going on: its clip is there a moment behind its end." : "No clip of it was kept: this is its picture. “clips: true” of a stream keeps them.");
  }

  #asset(asset, one, signal) {
    if (signal.aborted) return;
    if (!asset) return say(this.note, "Its asset is not here any more.");
    if (asset.kind !== "video") return this.#still(element("img", { alt: asset.name, src: `${address(asset.asset)}/content` }), "");
    const video = element("video", { controls: true, playsinline: true, preload: "auto", "aria-label": asset.name });
    video.muted = true;
    video.addEventListener("loadedmetadata", () => (video.currentTime = Math.max(0, Math.min(one.offset / 1000 - before, video.duration - 0.1))), { once: true });
    // Not before it is there: nobody asked for the film's beginning.
    video.addEventListener("seeked", () => video.play().catch(() => null), { once: true });
    video.addEventListener("error", () => {
      if (signal.aborted) return;
      const frame = this.pictures.frame(asset, one);
      this.#still(element("img", { alt: asset.name, src: frame ?? `${address(asset.asset)}/thumbnail` }), `This browser does not play ${asset.codec}: this is its frame, and the asset’s page shows all of them.`);
    });
    video.src = `${address(asset.asset)}/content`;
    this.screen.replaceChildren(video);
  }

  #still(image, words) {
    this.screen.replaceChildren(image);
    say(this.note, words);
  }
}
