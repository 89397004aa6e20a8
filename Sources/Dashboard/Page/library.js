// The page of the library: thumbnails of all assets, the newest first, and filters that stand in the address.

import { path, session } from "./api.js";
import { advice, assets, clients, day, extent, group, groups, link, states, whose } from "./assets.js";
import { choose, labelled, offer } from "./choices.js";
import { element, say } from "./dom.js";
import { count } from "./figures.js";
import { Grid } from "./grid.js";

const names = ["client", "brand", "campaign", "state", "kind", "tags", "q", "from", "before"];
const pageSize = 100;

// What was shown last, so that the way back from an asset leads to the same place.
let kept = null;

export function library(_, query) {
  const status = element("p", { class: "quiet", role: "status" });
  const note = element("div", { class: "empty", hidden: true });
  const filters = new Filters((values, isTyped) => ask(values, isTyped));
  const grid = new Grid("Assets, the newest first; arrow keys go from one to the next", {
    width: 170, height: 204, gap: 12, cell, fill, picture, more,
  });
  const node = element(
    "section", { class: "library", "aria-labelledby": "library-title" },
    element("header", { class: "row" }, element("h1", { id: "library-title" }, "Library"), status), filters.node, note, grid.node);

  let [wanted, next, asked, work] = [{}, null, null, null];

  /** Another view: its address is the page's. */
  function ask(values, isTyped) {
    const target = path("#/library", values);
    if (isTyped) {
      history.replaceState(null, "", target);
      begin(values);
    } else location.hash = target;
  }

  function change(given) {
    const values = Object.fromEntries(names.map((name) => [name, given.get(name) ?? ""]));
    begin(values);
  }

  async function begin(values) {
    if (path("", values) === asked) return;
    asked = path("", values);
    wanted = values;
    filters.show(values);
    work?.abort();
    work = new AbortController();
    const mine = work.signal;
    next = "";
    try {
      const all = await clients();
      if (mine.aborted) return;
      const client = whose(all, values.client || undefined);
      filters.offer(all, client, mine);
      if (!client) return empty(true);
      wanted = { ...values, client };
      if (kept?.asked === asked) return restore();
      scrollTo(0, 0);
      grid.replace([]);
      await load(mine);
    } catch (trouble) {
      if (!mine.aborted) fail(trouble);
    }
  }

  function restore() {
    next = kept.next;
    grid.replace(kept.items, kept.focused);
    tell();
    scrollTo(0, kept.top);
    if (kept.hadFocus) grid.focus();
  }

  async function load(mine) {
    const token = next;
    [next, work.isBusy] = [null, true];
    node.setAttribute("aria-busy", "true");
    if (grid.items.length === 0) say(status, "Asking…");
    try {
      const page = await assets({ ...question(wanted), limit: pageSize, after: token }, mine);
      if (mine.aborted) return;
      next = page.next ?? null;
      grid.append(page.assets);
      tell();
    } finally {
      work.isBusy = false;
      node.removeAttribute("aria-busy");
    }
  }

  function more() {
    if (!next || work.isBusy) return;
    const mine = work.signal;
    load(mine).catch((trouble) => (mine.aborted ? null : fail(trouble)));
  }

  function tell() {
    const shown = grid.items.length;
    note.hidden = shown > 0;
    if (shown === 0) return empty(false);
    say(status, `${count(shown, "asset")}${next ? ", more as you scroll" : ""}`);
  }

  function empty(isAll) {
    const isFiltered = names.some((name) => name !== "client" && wanted[name]);
    say(status, "");
    grid.replace([]);
    note.hidden = false;
    note.classList.remove("trouble");
    note.replaceChildren(...(isFiltered && !isAll
      ? [element("p", {}, "No asset is like that. "), element("p", {}, element("a", { href: path("#/library", { client: wanted.client }) }, "Show all assets"))]
      : [element("p", {}, "There is nothing in this library yet. Put videos and pictures into it with"),
        element("pre", {}, element("code", {}, "ridley library add footage/*.mp4 --brand Aurora --campaign spring")),
        element("p", {}, "and look for what is on them with"),
        element("pre", {}, element("code", {}, "ridley analyze footage/*.mp4 --model line-inspector --library DIR"))]));
  }

  function fail(trouble) {
    const isFirst = grid.items.length === 0;
    say(status, isFirst ? "" : "The next assets did not come.");
    note.hidden = false;
    note.classList.add("trouble");
    note.replaceChildren(
      element("p", {}, advice(trouble)),
      element("p", {}, element("button", { type: "button", onclick: again }, "Try again")));
  }

  function again() {
    const values = { ...wanted };
    kept = asked = null;
    note.classList.remove("trouble");
    note.hidden = true;
    begin(values);
  }

  const changed = () => again();
  session.addEventListener("change", changed);
  // After the page is in the document, since the grid fits what it finds there.
  queueMicrotask(() => change(query));
  return {
    node, change,
    leave() {
      session.removeEventListener("change", changed);
      const hadFocus = grid.node.contains(document.activeElement);
      kept = grid.items.length > 0 ? { asked, items: grid.items, next, focused: grid.focused, top: scrollY, hadFocus } : null;
      work?.abort();
      filters.leave();
      grid.leave();
    },
  };
}

/** As the server is asked: days of this place as moments, tags as they are. */
function question({ from, before, ...values }) {
  const moment = (text) => (text ? new Date(`${text}T00:00:00`).toISOString().replace(/\.\d+Z/, "Z") : null);
  return { ...values, tags: words(values.tags).join(","), from: moment(from), before: moment(before) };
}

const words = (text) => (text ?? "").split(",").map((word) => word.trim()).filter(Boolean);

function cell() {
  return element(
    "a", { class: "tile", draggable: "false" },
    element("span", { class: "thumb" }, element("img", { alt: "", decoding: "async", draggable: "false" }), element("span", { class: "length" })),
    element("b"), element("span", { class: "under" }, element("span", { class: "state" }), element("span", { class: "group" })), element("span", { class: "tags" }));
}

function fill(tile, one) {
  const [thumb, name, under, tags] = tile.children;
  const [image, length] = thumb.children;
  tile.href = link(one.asset);
  tile.title = one.reason ? `${one.name}: ${one.reason}` : `${one.name}, added ${day(one.added)}`;
  image.removeAttribute("src");
  image.hidden = true;
  thumb.dataset.kind = one.thumbnail ? "" : one.kind;
  say(length, extent(one));
  say(name, one.name);
  under.firstChild.dataset.state = { analysed: "ready", failed: "unavailable" }[one.state] ?? "stored";
  say(under.firstChild, states[one.state] ?? one.state);
  say(under.lastChild, group(one));
  say(tags, one.tags.join(" · "));
}

function picture(tile, one) {
  const image = tile.querySelector("img");
  if (!image.hidden || !one.thumbnail) return;
  image.hidden = false;
  image.src = `/v1/assets/${encodeURIComponent(one.asset)}/thumbnail`;
}

/** The form above the grid. `asked(values, isTyped)` is called with what is wanted from now on. */
class Filters {
  #timer = 0;

  constructor(asked) {
    const select = (name, options) => element(
      "select", { id: `filter-${name}`, name }, options.map(([value, text]) => element("option", { value }, text)));
    const input = (name, attributes) => element("input", { id: `filter-${name}`, name, ...attributes });
    this.fields = {
      q: input("q", { type: "search", placeholder: "Words in names and tags", autocomplete: "off", spellcheck: "false" }),
      client: select("client", []), brand: select("brand", [["", "all"]]), campaign: select("campaign", [["", "all"]]),
      state: select("state", [["", "any"], ...Object.entries(states)]),
      kind: select("kind", [["", "all"], ["video", "videos"], ["picture", "pictures"]]),
      tags: input("tags", { type: "text", placeholder: "beach, 2026", autocomplete: "off" }),
      from: input("from", { type: "date" }), before: input("before", { type: "date" }),
    };
    const { fields } = this;
    const titles = { q: "Search", client: "Client", brand: "Brand", campaign: "Campaign", state: "State", kind: "Kind", tags: "Tags", from: "Added from", before: "Added before" };
    this.boxes = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, labelled(titles[name], field)]));
    this.boxes.client.hidden = true;
    const narrow = element("details", { class: "filters", open: matchMedia("(min-width: 700px)").matches },
      element("summary", {}, "Filters"), element("div", { class: "fields" }, Object.entries(this.boxes).filter(([name]) => name !== "q").map(([, one]) => one)));
    this.node = element("form", { class: "finder", role: "search", "aria-label": "Assets" }, this.boxes.q, narrow);
    this.node.addEventListener("submit", (event) => event.preventDefault());
    this.node.addEventListener("input", (event) => {
      const isTyped = event.target === fields.q || event.target === fields.tags;
      if (event.target === fields.client) fields.brand.value = fields.campaign.value = "";
      if (event.target === fields.brand) fields.campaign.value = "";
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => asked(this.values, isTyped), isTyped ? 250 : 0);
    });
  }

  get values() {
    return Object.fromEntries(names.map((name) => [name, this.boxes[name].hidden ? "" : this.fields[name].value.trim()]));
  }

  show(values) {
    clearTimeout(this.#timer);
    for (const name of names) {
      const field = this.fields[name];
      if (field.tagName === "SELECT") choose(field, values[name]);
      else if (document.activeElement !== field) field.value = values[name];
    }
    this.boxes.campaign.hidden = !values.brand;
  }

  /** What there is to choose from. */
  async offer(all, client, signal) {
    if (all.length > 1) offer(this.fields.client, all.map(({ id }) => [id, id]));
    if (client) this.fields.client.value = client;
    this.boxes.client.hidden = all.length < 2;
    if (!client) return;
    const { brand } = this.values;
    const [brands, campaigns] = await Promise.all([groups({ client, by: "brand" }, signal), brand ? groups({ client, by: "campaign" }, signal) : []]);
    if (signal.aborted) return;
    offer(this.fields.brand, [["", "all"], ...brands.map((one) => [one.brand, `${one.brand} (${one.count})`])]);
    offer(this.fields.campaign, [["", "all"], ...campaigns.filter((one) => one.brand === brand).map((one) => [one.campaign, `${one.campaign} (${one.count})`])]);
  }

  leave() { clearTimeout(this.#timer); }
}
