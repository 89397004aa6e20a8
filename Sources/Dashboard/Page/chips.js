// What a query asks for, condition by condition, each to be taken out; and what it may be narrowed by.

import { element } from "./dom.js";
import { narrowed, terms, without } from "./querytext.js";

const offered = { label: "Label", zone: "Zone", stream: "Stream", kind: "Kind" };
const times = [['"1 hour ago"', "the last hour"], ["today", "today"], ["yesterday", "yesterday"], ['"this week"', "this week"], ['"7 days ago"', "7 days ago"], ['"1 month ago"', "a month ago"]];

/** Takes an `after:` away that one of these is put in place of. */
export const since = (text, time) => narrowed(text, `after:${time}`, ["after", "before", "on"]);

export class Chips {
  #text = "";

  /** `asked(text)` is called with the query that is wanted from now on. */
  constructor(asked) {
    this.asked = asked;
    this.list = element("ul", { class: "chips", "aria-label": "What is asked for" });
    this.menus = Object.fromEntries([...Object.entries(offered), ["after", "Since"]].map(([field, title]) => [field, this.#menu(field, title)]));
    this.show("");
    this.node = element("div", { class: "narrowing" }, this.list, element("div", { class: "chips", role: "group", "aria-label": "Narrow the search" }, Object.values(this.menus)));
    this.#fill("after", times);
  }

  show(text) {
    this.#text = text;
    const all = terms(text);
    const isChain = all.some(({ step }) => step > 0);
    this.list.hidden = all.length === 0;
    this.list.replaceChildren(...all.map((term) => this.#chip(term, isChain)));
  }

  /** `words(field)` gives what the client's moments have there. */
  async offer(words) {
    await Promise.all(Object.keys(offered).map(async (field) => this.#fill(field, (await words(field)).map((word) => [word, word]))));
  }

  #chip(term, isChain) {
    const words = term.field && !term.isNot && term.value ? [element("small", {}, term.field), ` ${term.value}`] : [term.text];
    const remove = element("button", { type: "button", "aria-label": `Take out ${term.text}`, title: "Take this out", onclick: () => {
      this.asked(without(this.#text, term));
    } }, "×");
    return element("li", { class: "chip", "data-term": term.text }, isChain ? element("i", {}, String(term.step + 1)) : "", element("bdi", {}, words), remove);
  }

  #menu(field, title) {
    const menu = element("select", { class: "chip", "data-field": field, "aria-label": `Narrow by ${title.toLowerCase()}`, hidden: true, onchange: () => {
      const { value } = menu;
      menu.value = "";
      if (value) this.asked(field === "after" ? since(this.#text, value) : narrowed(this.#text, `${field}:${value}`));
    } }, element("option", { value: "" }, `+ ${title}`));
    return menu;
  }

  #fill(field, list) {
    const menu = this.menus[field];
    menu.hidden = list.length === 0;
    menu.replaceChildren(menu.firstElementChild, ...list.map(([value, text]) => element("option", { value }, text.replace(/^"(.*)"$/, "$1"))));
  }
}
