// What a search found: a card for each moment, or for each sequence with its steps, walked through by keys and played in place.

import { link as assetLink, moment } from "./assets.js";
import { element, say } from "./dom.js";
import { age, clock } from "./figures.js";
import { Pictures, isEvent } from "./pictures.js";
import { why } from "./querytext.js";
import { link as streamLink } from "./streams.js";
import { Theatre, momentLink } from "./theatre.js";
import { reasons as likeness } from "./wordsbox.js";

const kinds = { safety: "unsafe", content: "content", product: "product" };
const lasts = (one) => (new Date(one.to) - new Date(one.from)) / 1000;
const length = (one) => (lasts(one) < 0.05 ? "" : lasts(one) < 10 ? `${lasts(one).toFixed(1)} s` : age(lasts(one)));
/** What a moment is called. */
export const called = (one) => one.label ?? one.text ?? one.rule ?? (one.because ? "like the words" : "something");
const steps = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];

export class Results {
  #moments = new WeakMap();
  #pictures = new Pictures();
  #playing = null;

  /** `up()` is called where there is nothing further up in here. */
  constructor(up) {
    this.up = up;
    this.theatre = new Theatre(this.#pictures, () => this.close());
    this.node = element("ol", { class: "finds", "aria-label": "Moments", onkeydown: (event) => this.#pressed(event) });
    this.sizes = new ResizeObserver(() => this.#lay());
    this.sizes.observe(this.node);
  }

  get buttons() { return [...this.node.querySelectorAll("button.play")]; }

  clear() {
    this.close(false);
    this.#pictures.clear();
    this.node.replaceChildren();
  }

  /** `found` as the server tells it, each a list of moments, one for each step of the query. */
  add(found, query, client) {
    const isFirst = this.node.childElementCount === 0;
    this.node.append(...found.map((chain) => (chain.length > 1 ? this.#chain(chain, query, client) : this.#card("li", chain[0], query, 0, client))));
    this.node.classList.toggle("chains", Boolean(this.node.querySelector(".chain")));
    if (isFirst) this.buttons[0]?.setAttribute("tabindex", "0");
  }

  /** Whether there is one to go to. */
  focus() {
    const one = this.node.querySelector("button.play[tabindex='0']") ?? this.buttons[0];
    one?.focus();
    return Boolean(one);
  }

  close(isFocused = true) {
    const button = this.#playing;
    if (!button) return;
    this.#playing = null;
    this.theatre.close();
    this.theatre.node.remove();
    button.setAttribute("aria-expanded", "false");
    button.closest(".find").classList.remove("playing");
    if (isFocused && button.isConnected) button.focus();
  }

  leave() {
    this.close(false);
    this.sizes.disconnect();
    this.#pictures.leave();
  }

  #chain(chain, query, client) {
    const gap = (a, b) => (new Date(b.from) - new Date(a.to)) / 1000;
    const words = (seconds) => (seconds > 0.05 ? `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s later` : seconds < -0.05 ? "at the same time" : "at once");
    return element("li", { class: chain.length > 2 ? "chain long" : "chain" }, element("ol", { class: "steps" }, chain.flatMap((one, step) => [
      step > 0 ? element("li", { class: "gap" }, element("span", { "aria-hidden": "true" }, "→"), new Date(one.from) < new Date(chain[step - 1].from) ? "before it" : words(gap(chain[step - 1], one))) : null,
      this.#card("li", one, query, step, client, chain.length)])));
  }

  #card(name, one, query, step, client, many = 1) {
    const from = isEvent(one) ? element("a", { href: streamLink({ name: one.stream, owner: client }) }, one.stream) : element("a", { href: assetLink(one.asset) }, "an asset");
    const place = isEvent(one) ? "" : element("span", {}, ` at ${clock(one.offset / 1000, 1)}`);
    const picture = this.#pictures.of(one, client, (asset) => {
      say(from, asset.name);
      place.hidden = asset.kind !== "video";
    });
    const [lasting, score] = [length(one), typeof one.score === "number" ? one.score : null];
    if (lasting || one.open) picture.append(element("span", { class: "length" }, one.open ? "going on" : lasting));
    const button = element("button", { type: "button", class: "play", tabindex: -1, "aria-expanded": "false", title: "Play (Enter)", onclick: () => this.#toggle(button) },
      element("span", { class: "sight" }, picture, element("span", { class: "go", "aria-hidden": "true" }, "▶")),
      element("span", { class: "what" }, element("b", {}, many > 1 ? `${step + 1}. ${called(one)}` : called(one)), score === null ? "" : element("span", { class: "score", title: one.because ? "How much it is like the words, -1 to 1" : "The greatest score" }, score.toFixed(2))),
      score === null ? "" : element("meter", { min: 0, max: 1, value: Math.min(1, Math.max(0, score)), "aria-hidden": "true" }),
      element("small", { class: "when" }, moment(one.from, true)));
    this.#moments.set(button, { one, client });
    const reasons = [...likeness(one), ...why(query, step, one)];
    const known = new Set(reasons.map(([field]) => field));
    const others = [["zone", one.zone], ["rule", one.rule], ["kind", kinds[one.kind]], ["is", one.traits?.join(", ")], ["text", one.label ? one.text : null], ["model", isEvent(one) ? null : one.series]].filter(([field, value]) => value && !known.has(field));
    return element(name, { class: "find", "data-moment": one.moment }, button,
      element("p", { class: "source" }, element("small", {}, from, place), element("a", { class: "open", href: momentLink(one, client), "aria-label": `Open ${isEvent(one) ? "the event’s page" : "the asset’s page there"}` }, "open")),
      element("p", { class: "because", "aria-label": "Why it was found" }, reasons.map(([field, value, words]) => tag(field, value, "fits", words)), others.map(([field, value]) => tag(field, value, "also"))));
  }

  #toggle(button) {
    if (this.#playing === button) return this.close();
    this.close(false);
    this.#playing = button;
    const { one, client } = this.#moments.get(button);
    button.setAttribute("aria-expanded", "true");
    button.closest(".find").classList.add("playing");
    this.#lay();
    this.theatre.open(one, `${called(one)} · ${moment(one.from, true)}`, client);
    this.theatre.node.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }

  /** Under the row of what plays, whose cards may be more or fewer than before. */
  #lay() {
    const own = this.#playing?.closest(".finds > li");
    if (!own) return;
    const { node } = this.theatre;
    const top = own.offsetTop;
    const last = [...this.node.children].filter((one) => one !== node && Math.abs(one.offsetTop - top) < 2).at(-1) ?? own;
    if (last.nextElementSibling !== node) last.after(node);
  }

  #pressed(event) {
    const button = event.target.closest?.("button.play");
    if (!button || !steps.includes(event.key) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = this.#beside(button, event.key);
    if (next) this.#go(next);
    else if (event.key === "ArrowUp") this.up();
  }

  #go(button) {
    for (const one of this.node.querySelectorAll("button.play[tabindex='0']")) one.setAttribute("tabindex", "-1");
    button.setAttribute("tabindex", "0");
    button.focus();
    button.closest(".find").scrollIntoView({ block: "nearest" });
  }

  #beside(button, key) {
    const all = this.buttons, place = all.indexOf(button);
    if (key === "Home") return all[0];
    if (key === "End") return all.at(-1);
    if (key === "ArrowLeft" || key === "ArrowRight") return all[place + (key === "ArrowLeft" ? -1 : 1)];
    // The nearest of the next row that way, by where they stand.
    const own = button.getBoundingClientRect(), sign = key === "ArrowDown" ? 1 : -1;
    const further = all.map((one) => [one, one.getBoundingClientRect()]).filter(([, box]) => (box.top - own.top) * sign > 2);
    const row = Math.min(...further.map(([, box]) => Math.abs(box.top - own.top)));
    return further.filter(([, box]) => Math.abs(Math.abs(box.top - own.top) - row) < 2).sort(([, a], [, b]) => Math.abs(a.left - own.left) - Math.abs(b.left - own.left))[0]?.[0];
  }
}

const tag = (field, value, look, words) => element("span", { class: look, title: words }, element("small", {}, field), " ", element("bdi", {}, value));
