// The page of the catalogue: the products that the server knows, what each looks like, and in how many of a client's assets it was found.

import { ask, path, session } from "./api.js";
import { advice, clients, totals } from "./assets.js";
import { choose, labelled, offer } from "./choices.js";
import { element, say } from "./dom.js";
import { count } from "./figures.js";

const pageSize = 60;
/** So many pages of totals are asked for at most: a client may have more labels than a page should wait for. */
const mostPages = 5;
const names = ["q", "client"];

export function catalogue(_, query) {
  const status = element("p", { class: "quiet", role: "status" });
  const note = element("div", { class: "empty", hidden: true });
  const words = element("input", { id: "catalogue-q", type: "search", autocomplete: "off", placeholder: "id, name or brand" });
  const client = element("select", { id: "catalogue-client" });
  const whose = labelled("Found in assets of", client);
  whose.hidden = true;
  const form = element("form", { class: "finder groups", role: "search", onsubmit: (event) => event.preventDefault() }, labelled("Products with the words", words), whose);
  const list = element("ul", { class: "shelf" });
  const more = element("button", { type: "button", hidden: true, onclick: () => load(next).catch(fail) }, "Show more");
  const node = element(
    "section", { class: "catalogue", "aria-labelledby": "catalogue-title" },
    element("header", { class: "row" }, element("h1", { id: "catalogue-title" }, "Catalogue"), status), form, note, list, more);

  let [asked, next, work, found, pause] = [null, null, null, null, 0];

  words.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(() => {
      history.replaceState(null, "", path("#/catalogue", wanted()));
      begin();
    }, 150);
  });
  client.addEventListener("input", () => { location.hash = path("#/catalogue", wanted()); });

  const wanted = () => ({ q: words.value.trim(), client: client.value });

  function change(given) {
    const [q, id] = names.map((name) => given.get(name) ?? "");
    if (words.value.trim() !== q) words.value = q;
    choose(client, id);
    begin();
  }

  async function begin() {
    if (asked === path("", wanted())) return;
    asked = path("", wanted());
    work?.abort();
    work = new AbortController();
    const { signal } = work;
    say(status, "Asking…");
    try {
      // They are the client's, whatever is looked for: not asked for again with every word.
      const known = found?.client === client.value ? found : client.value ? sightings(client.value, signal) : null;
      const [sights] = await Promise.all([known, offered()]);
      if (signal.aborted) return;
      found = sights;
      await load(null);
    } catch (trouble) {
      if (!signal.aborted) fail(trouble);
    }
  }

  /** Whose assets can be asked about; a server without a library has none. */
  async function offered() {
    let all = [];
    try { all = await clients(); } catch { /* The catalogue itself is there without a library. */ }
    offer(client, [["", "nobody"], ...all.map(({ id }) => [id, id])]);
    whose.hidden = all.length === 0 && !client.value;
  }

  async function load(after) {
    const { signal } = work;
    more.disabled = true;
    try {
      const page = await ask(path("/v1/catalogue", { q: words.value.trim(), limit: pageSize, after }), { signal }, 60);
      if (signal.aborted) return;
      next = page.next ?? null;
      const cards = page.products.map((product) => card(product, found, client.value));
      if (after) list.append(...cards);
      else list.replaceChildren(...cards);
      tell(page);
    } catch (trouble) {
      if (trouble.status !== 404 || signal.aborted) throw trouble;
      list.replaceChildren();
      next = null;
      tell({ count: 0 }, true);
    } finally {
      more.disabled = false;
    }
  }

  /** `isMissing` where there is no catalogue at all, whatever the words. */
  function tell(page, isMissing = false) {
    more.hidden = !next;
    note.hidden = page.count > 0;
    say(status, page.count === 0 ? "" : `${count(page.count, "product")}${next ? `, ${list.children.length} of them shown` : ""}`);
    if (page.count > 0) return;
    note.classList.remove("trouble");
    if (words.value.trim() && !isMissing) {
      note.replaceChildren(
        element("p", {}, "No product is like that. "), element("p", {}, element("a", { href: path("#/catalogue", { client: client.value }) }, "Show all products")));
    } else note.replaceChildren(...empty());
  }

  function fail(trouble) {
    if (work?.signal.aborted) return;
    say(status, "");
    list.replaceChildren();
    more.hidden = true;
    note.hidden = false;
    note.classList.add("trouble");
    note.replaceChildren(
      element("p", {}, advice(trouble)), element("p", {}, element("button", { type: "button", onclick: again }, "Try again")));
  }

  function again() {
    [asked, found] = [null, null];
    begin();
  }

  session.addEventListener("change", again);
  queueMicrotask(() => change(query));
  return {
    node, change,
    leave() {
      session.removeEventListener("change", again);
      clearTimeout(pause);
      work?.abort();
    },
  };
}

const empty = () => [
  element("p", {}, "There is no product in the server's catalogue yet. Give it pictures of some, a folder a product, with"),
  element("pre", {}, element("code", {}, "ridley catalogue add shelf/")),
  element("p", {}, "and look for them in films with"),
  element("pre", {}, element("code", {}, "ridley analyze footage/*.mp4 --pipeline products --library DIR"))];

/** In how many assets of a client each label was found, by which series; `isWhole` where every label was looked at. */
async function sightings(client, signal) {
  const labels = new Map();
  let after;
  for (let page = 0; page < mostPages; page += 1) {
    const { totals: some, next } = await totals({ client, limit: 1000, after }, signal);
    for (const one of some) {
      if (one.measure === "score") labels.set(one.label, [...(labels.get(one.label) ?? []), one]);
    }
    after = next;
    if (!after) break;
  }
  return { client, labels, isWhole: !after };
}

/** The address of a page on the web; `null` for whatever else a catalogue may say, which is no link. */
export function webAddress(text) {
  try {
    const address = new URL(text);
    return ["http:", "https:"].includes(address.protocol) ? address : null;
  } catch {
    return null;
  }
}

/** A text that is not longer than a card: all of it is in its tip. */
export function shortened(text, most = 60) {
  const letters = Array.from(text);
  return letters.length > most ? `${letters.slice(0, most).join("")}…` : text;
}

/** Somebody else's words, whichever way they are written, in their own box. */
const told = (name, attributes, text, most) => element(name, { ...attributes, title: shortened(text, 500) }, element("bdi", {}, shortened(text, most)));

function card(product, found, client) {
  const address = product.url ? webAddress(product.url) : null;
  const place = product.url && (address
    ? element("p", {}, element("a", { href: address.href, target: "_blank", rel: "noopener noreferrer nofollow", title: shortened(address.href, 500) }, shortened(address.host, 60)))
    : told("p", { class: "quiet" }, product.url, 60));
  const proof = product.provable
    ? element("span", { class: "state", "data-state": "ready", title: `${product.features} features` }, "geometry proves it")
    : element("span", { class: "state", "data-state": "stored", title: `${product.features} features are too few for a proof` }, "told by likeness alone");
  return element(
    "li", { class: "ware", "data-product": product.id }, portrait(product),
    element("div", { class: "words" },
      told("h2", {}, product.name), product.brand ? told("p", { class: "maker" }, product.brand) : null,
      product.id === product.name ? null : told("p", { class: "quiet" }, product.id, 60), place,
      element("p", { class: "quiet", title: shortened(product.pictures.join(", "), 500) }, count(product.pictures.length, "picture")),
      element("p", {}, proof), found ? sighted(product, found, client) : null));
}

function portrait(product) {
  const frame = element("div", { class: "thumb", "data-kind": "" });
  const none = () => frame.replaceChildren(element("span", { class: "none", title: "Adding its pictures once more brings one" }, "no picture kept"));
  if (product.picture) {
    frame.append(element("img", { alt: "", loading: "lazy", decoding: "async", src: `/v1/catalogue/${encodeURIComponent(product.id)}/picture`, onerror: none }));
  } else none();
  return frame;
}

/** Products are counted under their ids as labels are, and a network's own label may be the same word: so it is said whose it is. */
function sighted(product, { labels, isWhole }, client) {
  const all = labels.get(product.id) ?? [];
  if (all.length === 0) return element("p", { class: "quiet seen" }, isWhole ? "in none of its assets" : "not among the labels that were looked at");
  return element("p", { class: "seen" }, all.slice(0, 3).flatMap((one, place) => [
    place > 0 ? ", " : "in ",
    element("a", { href: path("#/totals", { client, series: one.series, label: one.label }) }, count(one.count, "asset")), ` by ${shortened(one.series, 40)}`]));
}
