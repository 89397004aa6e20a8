// Pictures of moments: of an event the one that was kept, of an asset the very frame, once it is in sight, a few at a time.

import { address, asset as readAsset } from "./assets.js";
import { element, shape } from "./dom.js";
import { eventAddress } from "./recorded.js";

/** Frames that the server cuts out of films for this page at the same time. */
const atOnce = 2;

export const isEvent = (one) => Boolean(one.stream);
/** Seconds into its asset at which a moment is seen best. */
export const bestOffset = (one) => (one.offset + Math.max(0, new Date(one.best) - new Date(one.from))) / 1000;

export class Pictures {
  #assets = new Map();
  #waiting = [];
  #running = 0;
  #work = new AbortController();
  #sight = new IntersectionObserver((all) => this.#seen(all), { rootMargin: "300px" });
  #places = new WeakMap();

  /** The asset of a moment, asked for once; `null` where it cannot be had. */
  asset(id) {
    if (!this.#assets.has(id)) this.#assets.set(id, readAsset(id, this.#work.signal).then(({ value }) => value, () => null));
    return this.#assets.get(id);
  }

  /** A picture with where in it the moment is. `client` as events are asked for; `came(asset)` is called once that is known. */
  of(one, client, came = () => null) {
    const image = element("img", { alt: "", decoding: "async", loading: "lazy" });
    const frame = element("span", { class: "thumb", "data-kind": "" }, image);
    image.onerror = () => frame.replaceChildren(element("span", { class: "none" }, "no picture"));
    if (isEvent(one)) {
      if (one.snapshot) image.src = eventAddress({ event: one.moment }, "snapshot", client);
      else image.onerror();
      return frame;
    }
    // What the asset looks like is there at once; its frame comes a moment later.
    image.src = `${address(one.asset)}/thumbnail`;
    frame.classList.add("passing");
    this.#places.set(frame, { image, frame, one, came });
    this.#sight.observe(frame);
    return frame;
  }

  leave() {
    this.#work.abort();
    this.#sight.disconnect();
    this.#waiting = [];
  }

  /** Forgets what is waiting: other moments are shown. */
  clear() { this.#waiting = []; }

  #seen(all) {
    for (const { isIntersecting, target } of all) {
      const place = this.#places.get(target);
      if (!isIntersecting || !place) continue;
      this.#sight.unobserve(target);
      this.#waiting.push(place);
      this.#next();
    }
  }

  async #next() {
    if (this.#running >= atOnce || this.#waiting.length === 0) return;
    const { image, frame, one, came } = this.#waiting.shift();
    this.#running += 1;
    const asset = await this.asset(one.asset);
    if (asset) came(asset);
    const source = asset && this.frame(asset, one);
    try {
      if (source) {
        await this.#load(source);
        image.src = source;
      }
      if (source || asset?.kind === "picture") {
        await image.decode();
        this.#mark(image, frame, one);
      }
    } catch { /* What the asset looks like stays. */ }
    frame.classList.remove("passing");
    this.#running -= 1;
    this.#next();
  }

  /** Where the frame of a moment's best sighting is; `null` for what has none of its own. */
  frame(asset, one) {
    const own = asset.results.filter(({ series }) => series === one.series).sort((a, b) => (a.made < b.made ? 1 : -1))[0];
    if (asset.kind !== "video" || !own || !(asset.rate?.[0] > 0)) return null;
    return `${address(asset.asset)}/analyses/${own.pipeline}/frames/${Math.round((bestOffset(one) * asset.rate[0]) / asset.rate[1])}`;
  }

  #load(source) {
    return new Promise((resolve, reject) => {
      const image = new Image();
      [image.onload, image.onerror, image.src] = [resolve, reject, source];
      this.#work.signal.addEventListener("abort", reject, { once: true });
    });
  }

  /** Where in its picture a moment is. Not for events: their picture may be of half a second before their best moment. */
  #mark(image, frame, { box }) {
    if (!box || box[2] * box[3] > 0.95) return;
    const [all, tall] = [image.naturalWidth, image.naturalHeight];
    const [x, y, width, height] = box.map((side, index) => side * (index % 2 === 0 ? all : tall));
    // As the picture lies in its frame, so does what is drawn over it.
    frame.append(shape("svg", { viewBox: `0 0 ${all} ${tall}`, "aria-hidden": "true" }, shape("rect", { x, y, width, height, rx: 2 })));
  }
}
