// What happened in live streams: the newest first, with the picture of the best moment.

import { path, session } from "./api.js";
import { advice } from "./assets.js";
import { labelled } from "./choices.js";
import { element, say } from "./dom.js";
import { Following } from "./follow.js";
import { clientOf, eventLink, named, playable, state, what, when } from "./happened.js";
import { eventsOf, readEvent } from "./recorded.js";
import { place } from "./recordings.js";
import { address, list as listStreams } from "./streams.js";

const names = ["stream", "label", "zone", "kind", "from", "to"];
const pageSize = 50;
/** Milliseconds behind the end of an event after which its clip is looked for. */
const clipDelay = 12_000;

/** One event as a row. */
export function row(one, isNamed = true) {
  const isServers = one.stream.startsWith(".");
  return element(
    "li", { "data-event": one.event, "data-state": one.state }, playable(one, 160),
    element("div", {}, element("a", { class: "title", href: eventLink(one) }, named(one)), state(one), element("p", {}, what(one)),
      element("p", { class: "facts" }, when(one), isNamed ? " · " : "", !isNamed ? "" : isServers ? "the server itself"
        : element("a", { href: path(`#/live/${encodeURIComponent(one.stream)}`, { client: clientOf(one) }) }, one.stream),
      isServers || !isNamed ? "" : " · ", isServers || !isNamed ? "" : element("a", { href: place(one.stream, one.owner, { at: one.from, play: 1 }) }, "recording"))));
}

/** `#/events?stream=&label=&zone=&kind=&from=&to=`. */
export function events(_, query) {
  const fields = Object.fromEntries(names.map((name) => [name, name === "kind"
    ? element("select", { id: "event-kind", name, onchange: () => form.requestSubmit() }, [["", "all"], ["event", "what rules saw"], ["health", "what the server lacked"], ["alert", "what alerts found"], ["drift", "what is not as it was"]].map(([value, text]) => element("option", { value }, text)))
    : element("input", { id: `event-${name}`, name, autocomplete: "off", list: name === "stream" ? "event-streams" : null, type: ["from", "to"].includes(name) ? "datetime-local" : "text" })]));
  const titles = { stream: "Stream", label: "Label", zone: "Zone", kind: "Kind", from: "From", to: "To" };
  const known = element("datalist", { id: "event-streams" });
  const form = element("form", { class: "row finder", onsubmit: submit }, names.map((name) => labelled(titles[name], fields[name])), known, element("button", { class: "main" }, "Find"));
  const status = element("p", { class: "quiet", role: "status" }, "Asking…");
  const note = element("div", { class: "empty", hidden: true });
  const rows = element("ol", { class: "events" });
  const more = element("button", { type: "button", hidden: true, onclick: () => look(true) }, "Show older ones");
  const node = element("section", { class: "livepages", "aria-labelledby": "events-title" }, element("h1", { id: "events-title" }, "Events"), form, status, note, rows, more);
  let [wanted, next, work] = [{}, null, null];

  async function look(isMore = false) {
    work?.abort();
    work = new AbortController();
    const mine = work.signal;
    try {
      const times = Object.fromEntries(["from", "to"].map((name) => [name, wanted[name] ? new Date(wanted[name]).toISOString() : ""]));
      let [found, after] = [[], isMore ? next : ""];
      // A page may be empty where others follow.
      do {
        const page = await eventsOf({ ...wanted, ...times, limit: pageSize, after }, mine);
        if (mine.aborted) return;
        [found, after] = [page.events, page.next ?? null];
      } while (found.length === 0 && after);
      if (!isMore) rows.replaceChildren();
      rows.append(...found.map((one) => row(one)));
      next = after;
      more.hidden = !next;
      say(status, "");
      empty(rows.childElementCount === 0);
    } catch (trouble) {
      if (!mine.aborted) say(status, trouble.status === 404 ? "This server has no library, which keeps events: start it with --library FOLDER." : advice(trouble));
    }
  }

  function empty(isEmpty) {
    note.hidden = !isEmpty;
    if (!isEmpty) return;
    const isNarrow = names.some((name) => wanted[name]);
    note.replaceChildren(element("p", {}, isNarrow ? "Nothing happened that is like that." : "Nothing happened yet. Events are told by the rules of a stream’s pipeline; draw a zone on the page of a ",
      isNarrow ? "" : element("a", { href: "#/live" }, "stream"), isNarrow ? "" : " for one of its rules."),
    isNarrow ? element("p", {}, element("a", { href: "#/events" }, "Show all events")) : "");
  }

  function submit(event) {
    event.preventDefault();
    const values = Object.fromEntries(names.map((name) => [name, fields[name].value.trim()]));
    history.replaceState(null, "", path("#/events", { ...values, client: wanted.client }));
    wanted = { ...values, client: wanted.client };
    look();
  }

  async function offer() {
    const all = await listStreams().catch(() => []);
    known.replaceChildren(...[...new Set(all.map((one) => one.name))].map((value) => element("option", { value })));
  }

  function change(given) {
    wanted = Object.fromEntries([...names, "client"].map((name) => [name, given.get(name) ?? ""]));
    for (const name of names) fields[name].value = wanted[name];
    look();
  }

  const again = () => look();
  session.addEventListener("change", again);
  queueMicrotask(() => {
    change(query);
    offer();
  });
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

  /** Where clips are kept, one comes some seconds behind the end of its event. */
  constructor(name, client, hasClips) {
    Object.assign(this, { client, hasClips });
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
      const page = await eventsOf({ stream: name, client, limit: 8 }, this.work.signal);
      for (const one of page.events.reverse()) this.#add(one);
      this.node.hidden = false;
      say(this.status, this.#rows.size === 0 ? "None yet." : "");
    } catch { return; /* Without a library there are none. */ }
    if (this.work.signal.aborted) return;
    this.following = new Following((last) => address(name, client, "events", { after: last ?? "" }), (_, one) => this.#add(one));
  }

  async #look(one) {
    if (this.work.signal.aborted || !this.#rows.has(one.event)) return;
    const now = await readEvent(one.event, this.client, this.work.signal).catch(() => null);
    if (now?.clip) this.#add(now);
  }

  #add(one) {
    const [old, node] = [this.#rows.get(one.event), row(one, false)];
    if (old?.classList.contains("playing")) return;
    if (this.hasClips && one.state === "over" && !one.clip) setTimeout(() => this.#look(one), clipDelay);
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
