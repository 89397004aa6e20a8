// A grid of as many things as there are, of which only those in sight have elements; more are asked for as its end comes near.

import { element } from "./dom.js";

/** Rows above and below what is in sight. */
const spare = 2;
/** Pictures are asked for so many milliseconds after their cards came into sight, so that scrolling past asks for none. */
const calm = 90;

/**
 * `cell()` makes an element with a link in it, `fill(node, item, index)` writes an item into it, `picture(node, item)` starts what takes
 * time, and `more()` is called when the last items come near. Every cell is `height` pixels tall and at least `width` wide.
 */
export class Grid {
  items = [];
  #cells = new Map();
  #free = [];
  #columns = 1;
  #focused = 0;
  #frame = 0;
  #timer = 0;

  constructor(label, { width, height, gap, cell, fill, picture, more }) {
    Object.assign(this, { width, height, gap, cell, fill, picture, more });
    this.node = element("ul", { class: "grid", "aria-label": label, onkeydown: (event) => this.#press(event), onfocusin: (event) => this.#note(event) });
    this.scrolled = () => this.#plan();
    addEventListener("scroll", this.scrolled, { passive: true });
    this.sizes = new ResizeObserver(() => this.#layOut());
    this.sizes.observe(this.node);
  }

  get focused() { return this.#focused; }

  /** Others in place of all that are there. */
  replace(items, focused = 0) {
    for (const index of [...this.#cells.keys()]) this.#drop(index);
    this.items = items;
    this.#focused = Math.max(0, Math.min(focused, items.length - 1));
    this.#layOut();
  }

  /** Moves the focus to the cell that Tab would reach. */
  focus() {
    if (this.items.length > 0) this.#take(this.#focused).firstChild.focus({ preventScroll: true });
  }

  append(items) {
    this.items.push(...items);
    for (const node of this.#cells.values()) node.setAttribute("aria-setsize", this.items.length);
    this.#layOut();
  }

  leave() {
    removeEventListener("scroll", this.scrolled);
    this.sizes.disconnect();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
  }

  #layOut() {
    const wide = this.node.clientWidth;
    if (wide === 0) return;
    const columns = Math.max(1, Math.floor((wide + this.gap) / (this.width + this.gap)));
    this.across = (wide - (columns - 1) * this.gap) / columns;
    const rows = Math.ceil(this.items.length / columns);
    this.node.style.height = `${Math.max(0, rows * (this.height + this.gap) - this.gap)}px`;
    this.#columns = columns;
    for (const [index, node] of this.#cells) this.#place(node, index);
    this.#plan();
  }

  #plan() {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#show();
    });
  }

  #show() {
    const top = -this.node.getBoundingClientRect().top;
    const step = this.height + this.gap;
    const first = Math.max(0, Math.floor(top / step) - spare) * this.#columns;
    const last = Math.min(this.items.length, (Math.ceil((top + innerHeight) / step) + spare) * this.#columns);
    // What has the focus stays, wherever it is.
    const held = this.node.contains(document.activeElement) ? this.#focused : -1;
    for (const index of this.#cells.keys()) if ((index < first || index >= last) && index !== held) this.#drop(index);
    for (let index = first; index < last; index += 1) this.#take(index);
    if (!this.#timer) {
      this.#timer = setTimeout(() => {
        this.#timer = 0;
        for (const [index, node] of this.#cells) this.picture(node, this.items[index]);
      }, calm);
    }
    if (this.items.length - last < 4 * this.#columns + 40) this.more();
  }

  #take(index) {
    if (this.#cells.has(index)) return this.#cells.get(index);
    const node = this.#free.pop() ?? element("li", {}, this.cell());
    this.fill(node.firstChild, this.items[index], index);
    node.setAttribute("aria-posinset", index + 1);
    node.setAttribute("aria-setsize", this.items.length);
    node.firstChild.tabIndex = index === this.#focused ? 0 : -1;
    this.#place(node, index);
    this.#cells.set(index, node);
    if (!node.isConnected) this.node.append(node);
    node.hidden = false;
    return node;
  }

  /** Elements are kept for the next ones, out of sight. */
  #drop(index) {
    const node = this.#cells.get(index);
    this.#cells.delete(index);
    node.hidden = true;
    this.#free.push(node);
  }

  #place(node, index) {
    const [row, column] = [Math.floor(index / this.#columns), index % this.#columns];
    node.style.width = `${this.across}px`;
    node.style.height = `${this.height}px`;
    node.style.transform = `translate(${column * (this.across + this.gap)}px, ${row * (this.height + this.gap)}px)`;
  }

  #note(event) {
    for (const [index, node] of this.#cells) if (node.contains(event.target)) this.#move(index);
  }

  /** One cell is reached by Tab, the others by the arrows from it. */
  #move(index) {
    const before = this.#cells.get(this.#focused);
    if (before) before.firstChild.tabIndex = -1;
    this.#focused = index;
    this.#take(index).firstChild.tabIndex = 0;
  }

  #press(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(innerHeight / (this.height + this.gap)) - 1) * this.#columns;
    const steps = {
      ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.#columns, ArrowDown: this.#columns, PageUp: -page, PageDown: page,
      Home: -this.items.length, End: this.items.length,
    };
    const step = steps[event.key];
    if (!step || this.items.length === 0) return;
    event.preventDefault();
    this.#move(Math.max(0, Math.min(this.items.length - 1, this.#focused + step)));
    const link = this.#take(this.#focused).firstChild;
    link.focus({ preventScroll: true });
    link.scrollIntoView({ block: "nearest" });
  }
}
