// Which day is shown, and how much of it: the row above bands.

import { labelled } from "./choices.js";
import { dayOf, daysOn } from "./days.js";
import { element } from "./dom.js";

/** `chosen(name)` is called with another day. */
export class DayField {
  constructor(sight, chosen) {
    const button = (text, label, act) => element("button", { type: "button", "aria-label": label, title: label, onclick: act }, text);
    this.field = element("input", { id: "day", type: "date", onchange: () => (this.field.value ? chosen(this.field.value) : null) });
    const step = (number) => chosen(daysOn(this.field.value || dayOf(Date.now()), number));
    const middle = () => (sight.from + sight.to) / 2;
    this.later = button("▸", "The day after", () => step(1));
    this.today = element("button", { type: "button", onclick: () => chosen(dayOf(Date.now())) }, "Today");
    this.node = element(
      "div", { class: "row dayrow" }, button("◂", "The day before", () => step(-1)), labelled("Day", this.field), this.later, this.today,
      element("span", { class: "row apart", role: "group", "aria-label": "How much is shown" },
        button("+", "Look closer", () => sight.zoom(0.5, middle())), button("−", "See more", () => sight.zoom(2, middle())),
        element("button", { type: "button", onclick: () => sight.look(sight.first, sight.last) }, "Whole day")));
  }

  show(name) {
    const today = dayOf(Date.now());
    this.field.value = name;
    this.field.max = today;
    this.later.disabled = this.today.disabled = name >= today;
  }
}
