// The page of the library: thumbnails of all assets, the newest first, and filters that stand in the address.

import { path, session } from "./api.js";
import { advice, assets, clients, day, extent, group, link, states, whose } from "./assets.js";
import { element, say } from "./dom.js";
import { Filters, names, question } from "./filters.js";
import { count } from "./figures.js";
import { Grid } from "./grid.js";

const pageSize = 100;

// What was shown last, so that the way back from an asset leads to the same place.
let kept = null;

export function library(_, query) {
  const status = element("p", { class: "quiet", role: "status" });
  const note = element("div", { class: "empty", hidden: true });
  const analyse = element("a", { class: "button apart", hidden: true }, "Analyse these…");
  const filters = new Filters((values, isTyped) => ask(values, isTyped));
  const grid = new Grid("Assets, the newest first; arrow keys go from one to the next", {
    width: 170, height: 204, gap: 12, cell, fill, picture, more,
  });
  const node = element(
    "section", { class: "library", "aria-labelledby": "library-title" },
    element("header", { class: "row" }, element("h1", { id: "library-title" }, "Library"), status, analyse), filters.node, note, grid.node);

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
    analyse.hidden = !session.may("write");
    analyse.href = path("#/jobs/new", wanted);
    say(status, `${count(shown, "asset")}${next ? ", more as you scroll" : ""}`);
  }

  function empty(isAll) {
    const isFiltered = names.some((name) => name !== "client" && wanted[name]);
    say(status, "");
    grid.replace([]);
    analyse.hidden = true;
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
