// What happened in live streams: the newest first, with the picture of the best moment.

import { ask, path, session } from "./api.js";
import { advice, moment } from "./assets.js";
import { labelled } from "./choices.js";
import { element, say } from "./dom.js";
import { age, count } from "./figures.js";
import { Following } from "./follow.js";
import { address } from "./streams.js";

const names = ["stream", "label", "zone", "from", "to"];
const pageSize = 50;

/** One event as a row. */
export function row(one, isNamed = true) {
  const length = (new Date(one.to) - new Date(one.from)) / 1000;
  const place = one.zone ? ` in ${one.zone}` : one.line ? ` at ${one.line}${one.direction ? `, ${one.direction}` : ""}` : "";
  const picture = one.snapshot
    ? element("img", { alt: `${one.rule}: its best moment`, loading: "lazy", decoding: "async", width: 160, src: path(`/v1/events/${encodeURIComponent(one.event)}/snapshot`, { client: session.client === one.owner ? "" : one.owner }) })
    : element("span", { class: "nothing" });
  return element(
    "li", { "data-event": one.event, "data-state": one.state }, picture,
    element("div", {}, element("b", {}, one.rule), element("span", { class: "state", "data-state": one.state === "over" ? "over" : "busy" }, one.state === "over" ? "over" : "going on"),
      element("p", {}, `${one.label ?? "something"}${place}${one.count > 1 ? `, ${count(one.count, "object")}` : ""}${typeof one.score === "number" ? `, ${one.score.toFixed(2)}` : ""}`),
      element("p", { class: "facts" }, moment(one.from, true), length >= 0.5 ? `, for ${age(Math.max(1, length))}` : "", one.reason && one.reason !== "over" ? `, ended by ${one.reason}` : "", isNamed ? " · " : "", isNamed ? element("a", { href: path(`#/live/${encodeURIComponent(one.stream)}`, { client: session.client === one.owner ? "" : one.owner }) }, one.stream) : "")));
}

/** `#/events?stream=&label=&zone=&from=&to=`. */
export function events(_, query) {
  const fields = Object.fromEntries(names.map((name) => [name, element("input", { id: `event-${name}`, name, autocomplete: "off", type: ["from", "to"].includes(name) ? "datetime-local" : "text" })]));
  const titles = { stream: "Stream", label: "Label", zone: "Zone", from: "From", to: "To" };
  const form = element("form", { class: "row finder", onsubmit: submit }, names.map((name) => labelled(titles[name], fields[name])), element("button", { class: "main" }, "Find"));
  const status = element("p", { class: "quiet", role: "status" }, "Asking…");
  const rows = element("ol", { class: "events" });
  const more = element("button", { type: "button", hidden: true, onclick: () => look(true) }, "Show older ones");
  const node = element("section", { class: "livepages", "aria-labelledby": "events-title" }, element("h1", { id: "events-title" }, "Events"), form, status, rows, more);
  let [wanted, next, work] = [{}, null, null];

  async function look(isMore = false) {
    work?.abort();
    work = new AbortController();
    const mine = work.signal;
    try {
      const times = Object.fromEntries(["from", "to"].map((name) => [name, wanted[name] ? new Date(wanted[name]).toISOString() : ""]));
      const page = await ask(path("/v1/events", { ...wanted, ...times, limit: pageSize, after: isMore ? next : "" }), { signal: mine }, 20);
      if (mine.aborted) return;
      if (!isMore) rows.replaceChildren();
      rows.append(...page.events.map((one) => row(one)));
      next = page.next ?? null;
      more.hidden = !next;
      say(status, rows.childElementCount === 0 ? "Nothing happened that is like that. Events are told by the rules of a stream's pipeline." : "");
    } catch (trouble) {
      if (!mine.aborted) say(status, trouble.status === 404 ? "This server has no library, which keeps events: start it with --library FOLDER." : advice(trouble));
    }
  }

  function submit(event) {
    event.preventDefault();
    const values = Object.fromEntries(names.map((name) => [name, fields[name].value.trim()]));
    history.replaceState(null, "", path("#/events", values));
    wanted = values;
    look();
  }

  function change(given) {
    wanted = Object.fromEntries([...names, "client"].map((name) => [name, given.get(name) ?? ""]));
    for (const name of names) fields[name].value = wanted[name];
    look();
  }

  const again = () => look();
  session.addEventListener("change", again);
  queueMicrotask(() => change(query));
  return {
    node, change,
    leave() {
      session.removeEventListener("change", again);
      work?.abort();
    },
  };
}

/** The latest events of one stream, and those that come. */
export class LatestEvents {
  #rows = new Map();

  constructor(name, client) {
    this.status = element("p", { class: "quiet" });
    this.list = element("ol", { class: "events" });
    this.node = element(
      "section", { class: "panel", "aria-labelledby": "stream-events", hidden: true }, element("h2", { id: "stream-events" }, "Events"), this.status, this.list,
      element("p", {}, element("a", { href: path("#/events", { stream: name, client }) }, "All of them")));
    this.work = new AbortController();
    this.#begin(name, client);
  }

  leave() {
    this.work.abort();
    this.following?.leave();
  }

  async #begin(name, client) {
    try {
      const page = await ask(path("/v1/events", { stream: name, client, limit: 8 }), { signal: this.work.signal });
      for (const one of page.events.reverse()) this.#add(one);
      this.node.hidden = false;
      say(this.status, this.#rows.size === 0 ? "None yet." : "");
    } catch { return; /* Without a library there are none. */ }
    if (this.work.signal.aborted) return;
    this.following = new Following((last) => address(name, client, "events", { after: last ?? "" }), (_, one) => this.#add(one));
  }

  #add(one) {
    const [old, node] = [this.#rows.get(one.event), row(one, false)];
    if (old) old.replaceWith(node);
    else this.list.prepend(node);
    this.#rows.set(one.event, node);
    say(this.status, "");
    while (this.list.childElementCount > 12) {
      this.#rows.delete(this.list.lastElementChild.dataset.event);
      this.list.lastElementChild.remove();
    }
  }
}
