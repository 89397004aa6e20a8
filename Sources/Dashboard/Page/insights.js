// What was concluded about a film as a whole, over one line of time: shots as a film strip, breaks, unsafe spans, what is in it, where it draws
// the eye, and how well it is remembered.

import { ask } from "./api.js";
import { address } from "./assets.js";
import { element, say, shape } from "./dom.js";
import { clock } from "./figures.js";

/** Pictures of one strip at most: longer films show those of shots evenly apart. */
const mostPictures = 24;
const titles = { shots: "Shots", breaks: "Breaks", safety: "Brand safety", content: "Content", products: "Products", attention: "Attention", memorability: "Memorability" };

/** What may be told, in the order in which it is shown. */
export const parts = Object.keys(titles);

/**
 * `sought(time)` is called when a moment is chosen. Beside another film `duration` is that of the longer one, `place(part)` gives the element that
 * a part stands in, and `told(part, answer)` is called with what came.
 */
export class Insights {
  #work = null;
  #now = 0;

  constructor(asset, sought, { duration = asset.duration ?? 0, place = () => this.node, told = () => {} } = {}) {
    Object.assign(this, { asset, sought, duration, place, told });
    this.node = element("section", { class: "insights panel", "aria-label": "What is told of the film as a whole" });
    this.node.hidden = true;
  }

  leave() { this.#work?.abort(); }

  /** Shows what these analyses tell, each part of the first that has it: `found` in the order in which they are shown. */
  async show(all) {
    this.#work?.abort();
    this.#work = new AbortController();
    const { signal } = this.#work;
    const there = parts.map((part) => [part, all.find(({ analysis }) => analysis.insights?.parts.includes(part))]).filter(([, found]) => found);
    this.node.hidden = there.length === 0 || this.duration === 0;
    this.node.replaceChildren();
    if (this.node.hidden) return;
    this.cursors = [];
    for (const [part, found] of there) {
      const box = element("div", { class: `insight ${part}` }, element("h3", {}, titles[part], " ", element("small", { class: "quiet" }, found.analysis.series)));
      this.place(part).append(box);
      this.#fill(part, found, box, signal);
    }
  }

  /** The moment that is shown. */
  set now(time) {
    this.#now = time;
    for (const cursor of this.cursors ?? []) cursor.style.left = this.#share(time);
  }

  async #fill(part, found, box, signal) {
    const note = element("p", { class: "quiet", role: "status" }, "Asking…");
    box.append(note);
    try {
      const answer = await ask(`${address(this.asset.asset)}/${part === "content" ? "labels" : part}?pipeline=${encodeURIComponent(found.analysis.pipeline)}`, { signal }, 30);
      if (signal.aborted) return;
      note.remove();
      this.told(part, answer[part]);
      box.append(...this[part](answer[part], found).filter(Boolean));
    } catch (trouble) {
      if (!signal.aborted) say(note, trouble.message);
    }
  }

  #share(time) { return `${Math.min(100, Math.max(0, (time / this.duration) * 100))}%`; }

  /** A lane over the whole film; `spans` are `{start, end, words, kind, text, tip}`. */
  #lane(spans, label) {
    const cursor = element("i", { class: "cursor" });
    cursor.style.left = this.#share(this.#now);
    this.cursors.push(cursor);
    const marks = spans.map(({ start, end, kind = "", text = "", words, children = [] }) => {
      const mark = element("button", { type: "button", class: `span ${kind}`, title: words, "aria-label": words, onclick: () => this.sought(start) }, text, ...children);
      mark.style.left = this.#share(start);
      mark.style.width = `max(3px, ${((end - start) / this.duration) * 100}%)`;
      return mark;
    });
    return element("div", { class: "lane", role: "group", "aria-label": label }, ...marks, cursor);
  }

  shots({ shots, black }, found) {
    const each = Math.max(1, Math.ceil(shots.length / mostPictures));
    const strip = shots.map((shot, number) => {
      const middle = Math.round((shot.startFrame + shot.endFrame) / 2);
      const led = shot.transitionIn ? `, after a ${{ cut: "cut", gradual: "dissolve or fade", black: "black stretch" }[shot.transitionIn.kind]} (${shot.transitionIn.score.toFixed(2)})` : "";
      const picture = number % each === 0 ? element("img", { loading: "lazy", alt: "", src: found.frame(middle) }) : null;
      return { start: shot.start, end: shot.end, kind: `shot ${shot.transitionIn?.kind ?? "first"}`, words: `Shot ${number + 1}: ${clock(shot.start, 2)} to ${clock(shot.end, 2)}${led}`, children: picture ? [picture] : [] };
    });
    const dark = black.map(({ start, end }) => ({ start, end, kind: "dark", words: `Black: ${clock(start, 2)} to ${clock(end, 2)}` }));
    const count = `${shots.length} shot${shots.length === 1 ? "" : "s"}, ${((shots.at(-1)?.end ?? 0) / Math.max(1, shots.length)).toFixed(1)} s each in the mean${black.length ? `, ${black.length} black` : ""}`;
    return [this.#lane([...strip, ...dark], "Shots"), element("p", { class: "quiet" }, count)];
  }

  breaks({ breaks, candidates, insideSpeech, notAssessed, notes }) {
    const marks = breaks.map((one) => ({ start: one.time, end: one.time, kind: "mark", text: String(one.rank), words: `Break ${one.rank} at ${clock(one.time, 2)}: ${one.score.toFixed(2)}, ${one.because}` }));
    const ranked = [...breaks].sort((a, b) => a.rank - b.rank).slice(0, 8).map((one) => element(
      "li", {}, element("button", { type: "button", onclick: () => this.sought(one.time) }, element("b", {}, `${one.rank}. ${clock(one.time, 1)}`), element("span", {}, one.because), element("span", { class: "score" }, one.score.toFixed(2)))));
    const words = [`${breaks.length} of ${candidates} changes of shots`, insideSpeech ? `${insideSpeech} inside speech` : "", notAssessed.length ? `not assessed: ${notAssessed.join(", ")}` : "", ...notes].filter(Boolean).join(" · ");
    return [this.#lane(marks, "Breaks"), element("ol", { class: "told" }, ...ranked), element("p", { class: "quiet" }, words)];
  }

  safety({ video, findings = [], notAssessed, assessed = [] }) {
    const spans = findings.flatMap((one) => one.segments.map((part) => ({ start: part.start, end: part.end, kind: `risk ${one.risk}`, words: `${one.category}, ${one.risk} (${part.score.toFixed(2)}): ${clock(part.start, 1)} to ${clock(part.end, 1)}` })));
    const told = findings.map((one) => element(
      "li", {}, element("button", { type: "button", onclick: () => this.sought(one.evidence?.[0]?.time ?? one.segments[0]?.start ?? 0) },
        element("b", { class: `risk ${one.risk}` }, one.risk), element("span", {}, `${one.category}: ${(one.evidence ?? []).map((each) => `${each.label} by ${each.network}`).slice(0, 2).join(", ")}`), element("span", { class: "score" }, one.score.toFixed(2)))));
    const words = findings.length ? `Worst: ${video?.risk ?? ""}` : "Nothing found in what was assessed.";
    return [this.#lane(spans, "Unsafe spans"), element("ol", { class: "told" }, ...told), element("p", { class: "quiet" }, `${words} ${assessed.length} topics assessed, ${notAssessed.length} not.`)];
  }

  content({ video }) {
    const bars = video.slice(0, 10).map((label) => {
      const bar = element("i", { class: "bar" });
      bar.style.width = `${Math.round(label.share * 100)}%`;
      return element("li", {}, element("button", { type: "button", title: `First seen at ${clock(label.firstSeen, 1)}`, onclick: () => this.sought(label.firstSeen) },
        element("b", {}, label.name), element("span", { class: "track" }, bar), element("span", { class: "score" }, label.score.toFixed(2))));
    });
    return [bars.length ? element("ol", { class: "told" }, ...bars) : element("p", { class: "quiet" }, "Nothing that counts.")];
  }

  products({ products, frames }) {
    const told = products.flatMap((product) => {
      const [best] = product.best;
      const proof = product.method === "geometry" ? `${product.inliers} features agree` : `alike (${product.similarity.toFixed(2)})`;
      const words = `${[product.brand, product.name].filter(Boolean).join(" ")}: ${product.seconds.toFixed(1)} s, ${proof}`;
      const spans = product.segments.map(({ start, end }) => ({ start, end, kind: `sight ${product.method}`, words: `${words}, ${clock(start, 1)} to ${clock(end, 1)}` }));
      const name = element("button", { type: "button", onclick: () => this.sought(best.t) }, element("b", {}, product.name), element("span", {}, `${product.brand ?? ""} ${proof}`.trim()), element("span", { class: "score" }, `${product.seconds.toFixed(1)} s`));
      return [element("div", { class: "product" }, name, this.#lane(spans, product.name))];
    });
    return told.length ? told : [element("p", { class: "quiet" }, `None of the catalogue's products in ${frames} frames.`)];
  }

  attention({ frames, mean = {}, lift = {} }) {
    const boxes = Object.keys(mean);
    const across = frames.map(({ t, center }) => [t, Array.isArray(center) ? center[0] : center.x]);
    const lines = boxes.length ? boxes.map((box) => frames.filter(({ share }) => share?.[box] !== undefined).map(({ t, share }) => [t, share[box]])) : [across];
    const words = boxes.length ? boxes.map((box) => `${box}: ${(mean[box] * 100).toFixed(1)} % of attention, lift ${lift[box] === null || lift[box] === undefined ? "–" : lift[box].toFixed(2)}`).join(" · ") : "Where the centre of attention lies, from left (below) to right (above)";
    return [this.#curve(lines, 1), element("p", { class: "quiet" }, words)];
  }

  memorability({ score, delay, curve, model }) {
    return [this.#curve([curve.map(({ t, score }) => [t, score])], 1), element("p", { class: "quiet" }, `${score.toFixed(3)} after ${delay} s, by ${model}`)];
  }

  #curve(lines, most) {
    const height = 60;
    const paths = lines.map((line, number) => shape("polyline", {
      class: `line line${number % 4}`, points: line.map(([t, value]) => `${((t / this.duration) * 1000).toFixed(1)},${((1 - Math.min(most, Math.max(0, value)) / most) * height).toFixed(1)}`).join(" "),
    }));
    const picture = shape("svg", { viewBox: `0 0 1000 ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" }, ...paths);
    const cursor = element("i", { class: "cursor" });
    cursor.style.left = this.#share(this.#now);
    this.cursors.push(cursor);
    const box = element("div", { class: "lane curve" }, picture, cursor);
    box.addEventListener("click", (event) => {
      const { left, width } = box.getBoundingClientRect();
      this.sought(((event.clientX - left) / width) * this.duration);
    });
    return box;
  }
}
