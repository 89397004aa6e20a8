// The box of a search: what is typed, and how it may go on by what the client's own moments are called.

import { element, shape } from "./dom.js";
import { bytesAt, placeOfByte } from "./querytext.js";

/** What fields are for, in the order of the help. */
export const fields = {
  "label:": "what was seen; a word alone is one", "zone:": "where in the picture", "stream:": "which camera", "asset:": "which film or picture", "is:": "a colour or other trait",
  "text:": "words that were read", "rule:": "which rule saw it", "kind:": "sight, event, safety, content or product", "model:": "which pipeline found it", "track:": "which object that is followed",
  "score:": "how sure: >.8 or .5..0.9", "duration:": "how long: >5s or 1m..5m", "after:": "since then: yesterday, 18:00, 2026-11-29", "before:": "until then", "on:": "a day, a week, a month",
  "state:": "open or over", "tz:": "by whose clocks: Europe/Berlin",
};
const keywords = { then: "and behind it", near: "and about the same time", "within 10s": "at most so long between the two", "same track": "both are one object", OR: "one of two is enough", NOT: "it must not be so" };
/** Milliseconds after a letter. */
const pause = 110;

/** `look(text, byte)` gives `{from, to, words}` in bytes; `submit(text)` is called with a query, `down()` where there is nothing further down in here. */
export class SearchBox {
  #timer = 0;
  #number = 0;
  #offer = null;
  #active = -1;

  constructor({ look, submit, down, typed }) {
    Object.assign(this, { look, submit, down, typed });
    this.input = element("input", {
      id: "search-q", name: "q", type: "text", role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "search-offers", "aria-label": "Search moments", placeholder: "person zone:dock after:yesterday",
      autocomplete: "off", autocapitalize: "off", autocorrect: "off", spellcheck: "false", enterkeyhint: "search", maxlength: 2000,
      oninput: () => this.#typed(), onkeydown: (event) => this.#pressed(event), onblur: () => this.close(), onclick: () => this.#soon(),
    });
    this.list = element("ul", { id: "search-offers", role: "listbox", "aria-label": "How it may go on", hidden: true });
    this.node = element("div", { class: "askbox" }, element("span", { class: "glass", "aria-hidden": "true" }, shape("svg", { viewBox: "0 0 18 18" }, shape("circle", { cx: 7.5, cy: 7.5, r: 5.5 }), shape("path", { d: "M12 12L16.5 16.5" }))), this.input, element("kbd", { title: "This key leads here", "aria-hidden": "true" }, "/"), this.list);
  }

  get value() { return this.input.value.trim(); }

  show(text) {
    if (this.value !== text) this.input.value = text;
    this.close();
  }

  /** The cursor to a stretch of the text. */
  select(from, to) {
    this.input.focus();
    this.input.setSelectionRange(from, to);
  }

  close() {
    clearTimeout(this.#timer);
    this.#number += 1;
    [this.#offer, this.#active] = [null, -1];
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  leave() { this.close(); }

  #typed() {
    this.typed();
    this.#soon();
  }

  #soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), pause);
  }

  async #ask() {
    const [mine, text, cursor] = [this.#number += 1, this.input.value, this.input.selectionStart];
    try {
      const { from, to, words } = await this.look(text, bytesAt(text, cursor));
      if (mine !== this.#number || document.activeElement !== this.input) return;
      const range = [placeOfByte(text, from), placeOfByte(text, to)];
      this.#open(text, range, [...words, ...more(text, range[0], cursor)].filter((word) => word !== text.slice(...range)));
    } catch { this.close(); }
  }

  #open(text, range, words) {
    if (words.length === 0) return this.close();
    [this.#offer, this.#active] = [{ text, range, words }, -1];
    const typed = text.slice(range[0], this.input.selectionStart).length;
    this.list.replaceChildren(...words.map((word, index) => element(
      "li", { id: `offer-${index}`, role: "option", "aria-selected": "false", onmousedown: (event) => event.preventDefault(), onclick: () => this.#take(index) },
      element("code", {}, element("b", {}, word.slice(0, typed)), word.slice(typed)), element("small", {}, fields[word] ?? keywords[word] ?? ""))));
    this.list.hidden = false;
    this.list.scrollTop = 0;
    this.input.setAttribute("aria-expanded", "true");
  }

  #move(step) {
    const { words } = this.#offer;
    this.#active = (this.#active + step + words.length + 1) % (words.length + 1);
    // One place is no offer: what was typed.
    if (this.#active === words.length) this.#active = -1;
    [...this.list.children].forEach((one, index) => one.setAttribute("aria-selected", String(index === this.#active)));
    if (this.#active < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `offer-${this.#active}`);
    this.list.children[this.#active]?.scrollIntoView({ block: "nearest" });
  }

  #take(index) {
    const { text, range, words } = this.#offer;
    const rest = text.slice(range[1]);
    const word = words[index] + (words[index].endsWith(":") || /^[\s),]/.test(rest) ? "" : " ");
    this.input.value = text.slice(0, range[0]) + word + rest;
    const place = range[0] + word.length;
    this.select(place, place);
    this.close();
    this.typed();
    if (word.endsWith(":")) this.#ask();
  }

  #pressed(event) {
    if (event.isComposing) return;
    const isOpen = this.#offer !== null;
    if (event.key === "ArrowDown") {
      if (isOpen) this.#move(1);
      else if (!this.down()) this.#ask();
    } else if (event.key === "ArrowUp" && isOpen) this.#move(-1);
    else if (event.key === "Escape" && isOpen) this.close();
    else if ((event.key === "Enter" || event.key === "Tab" && !event.shiftKey) && this.#active >= 0) this.#take(this.#active);
    else if (event.key === "Enter") {
      this.close();
      this.submit(this.value);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** Words of the language itself, where one may stand. */
function more(text, from, cursor) {
  const typed = text.slice(from, cursor).toLowerCase();
  if (typed === "" || from === 0 || /[:,(]$/.test(text.slice(0, from))) return [];
  return Object.keys(keywords).filter((word) => word.toLowerCase().startsWith(typed));
}
