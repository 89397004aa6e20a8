// The stages of a job as a small graph: where its items are, and how many.

import { element, say, shape } from "./dom.js";
import { group } from "./figures.js";
import { ends, settled } from "./jobfacts.js";

/** `address(state)` is where the items in a state are shown. */
export function flow(address) {
  const stage = (name, text, state = name) => {
    const number = element("strong", {}, "–");
    const more = element("small");
    const fill = element("i");
    const inside = [element("span", {}, text), number, more, element("div", { class: "fill" }, fill)];
    return { name, text, number, more, fill, node: state === null ? element("div", { class: "node", "data-stage": name }, inside)
      : element("a", { class: "node", "data-stage": name, href: address(state) }, inside) };
  };
  const stages = {
    listed: stage("listed", "Listed", ""), waiting: stage("waiting", "Waiting"), cut: stage("cut", "In pieces"),
    ...Object.fromEntries(ends.map((name) => [name, stage(name, name[0].toUpperCase() + name.slice(1))])),
  };
  const lane = (name, ...inside) => element("li", { class: `lane ${name}` }, inside.map((one) => one.node));
  // How many are at work as a whole is not known: they wait until they are done.
  const whole = { node: element("div", { class: "node none", "data-stage": "whole" }, element("span", {}, "As a whole"), element("small", {}, "pictures and short films, one task each")) };
  const [halves, quarters] = [[25, 75], ends.map((_, index) => (index + 0.5) * (100 / ends.length))];
  const node = element(
    "ol", { class: "flow", "aria-label": "Stages of the items" },
    lane("first", stages.listed), wires([[50, 50]]), lane("second", stages.waiting), wires(halves.map((to) => [50, to])),
    lane("third", whole, stages.cut), wires(halves.flatMap((from) => quarters.map((to) => [from, to]))), lane("last", ...ends.map((name) => stages[name])));

  function write(name, number, all, more = "", isLeast = false) {
    const { number: field, more: line, fill, node: box, text } = stages[name];
    const value = number === null ? "–" : `${group(number)}${isLeast ? " or more" : ""}`;
    say(field, value);
    say(line, more);
    fill.style.width = `${all > 0 && number ? Math.min(100, (number / all) * 100) : 0}%`;
    box.classList.toggle("none", number === 0);
    if (box.tagName === "A") box.setAttribute("aria-label", `${text}: ${value}${more ? `, ${more}` : ""}. Show them`);
  }

  return {
    node,
    /** `cut` is the page of the items that are in pieces, `null` where it was not asked for. */
    show(one, cut) {
      const open = Math.max(0, one.listed - settled(one));
      write("listed", one.listed, one.listed, one.listing ? "more to come" : "");
      for (const name of ends) write(name, one[name], one.listed);
      if (open === 0) {
        write("waiting", 0, one.listed);
        write("cut", 0, one.listed);
      } else if (cut) {
        const [number, isLeast] = [Math.min(open, cut.items.length), Boolean(cut.next)];
        const sum = (name) => cut.items.reduce((total, item) => total + item[name], 0);
        write("waiting", isLeast ? null : open - number, one.listed, open > number ? "with those at work as a whole" : "");
        write("cut", number, one.listed, number > 0 ? `${group(sum("finished"))} of ${group(sum("pieces"))} pieces done` : "", isLeast);
      }
    },
  };
}

/** Lines from one stage to the next, from and to these heights in hundredths. */
function wires(lines) {
  return element("li", { class: "wires", "aria-hidden": "true" }, shape(
    "svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none" },
    lines.map(([from, to]) => shape("path", { d: `M0 ${from} C50 ${from} 50 ${to} 100 ${to}` }))));
}
