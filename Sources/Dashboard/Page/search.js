// The page of search: one box, and the moments of films and live streams that it finds, the newest first.

import { ask, path, session } from "./api.js";
import { advice, clients, whose } from "./assets.js";
import { Chips, since } from "./chips.js";
import { choose, labelled, offer } from "./choices.js";
import { hours } from "./days.js";
import { element, say } from "./dom.js";
import { count, group } from "./figures.js";
import { Histogram, written } from "./histogram.js";
import { KeptSearch } from "./keptsearch.js";
import { narrowed, placeOfCharacter, relabelled, terms } from "./querytext.js";
import { Results } from "./results.js";
import { SearchBox, fields } from "./searchbox.js";
import { WordsBox } from "./wordsbox.js";

const pageSize = 48;
/** So many pages without a find are passed over before it is asked whether to go on. */
const mostEmpty = 4;
/** What is shown where nothing is asked for yet. */
const [lately, mostLately] = ["7 days", 12];
const noLibrary = "This server has no library, which a search needs: start it with --library FOLDER.";

/** This browser's clocks by their name; `isFar`: as far from UTC as they are now, for those that a server does not know. */
function zoneName(isFar) {
  const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (name && !isFar) return name;
  const minutes = -new Date().getTimezoneOffset(), two = (number) => String(Math.trunc(Math.abs(number))).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** `#/search?q=&words=&text_model=&client=`. */
export function search(_, query) {
  const status = element("p", { class: "quiet", role: "status" });
  const box = new SearchBox({ look: complete, submit: (text) => go(text), down: () => results.focus(), typed: () => (trouble.hidden = true) });
  const inWords = new WordsBox(() => go(box.value));
  const client = element("select", { id: "search-client", onchange: () => go(box.value) });
  const whom = labelled("Client", client);
  whom.hidden = true;
  const form = element("form", { class: "asking", role: "search", onsubmit: (event) => {
    event.preventDefault();
    go(box.value);
  } }, box.node, element("button", { class: "main" }, "Search"), whom, inWords.node);
  const trouble = element("div", { class: "mistake", role: "alert", hidden: true });
  const lacks = element("div", { class: "mistake", role: "alert", hidden: true });
  const chips = new Chips(go);
  const kept = new KeptSearch(() => ({ query: wanted.q, zone, client: wanted.client }));
  const histogram = new Histogram((from, to) => go(narrowed(wanted.q, [`after:${written(from)}`, `before:${written(to)}`], ["after", "before", "on"])));
  const note = element("div", { class: "empty", hidden: true });
  const results = new Results(() => box.input.focus());
  const more = element("button", { type: "button", hidden: true, onclick: () => look(true) }, "Show older ones");
  const node = element(
    "section", { class: "search", "aria-labelledby": "search-title" },
    element("header", { class: "row" }, element("h1", { id: "search-title" }, "Search"), status), form, trouble, lacks, element("div", { class: "row under" }, chips.node, kept.node), histogram.node, note, results.node, more);
  let [wanted, moments, next, work, all, zone] = [{ q: "", words: "", network: "", client: "" }, [], null, new AbortController(), null, zoneName(false)];

  const asWhom = () => ({ client: wanted.client });

  /** Another question is another address, so that the way back leads to the one before. */
  function go(text) {
    const target = path("#/search", { q: text.trim(), words: inWords.value, text_model: inWords.value && inWords.chosen, client: whom.hidden ? wanted.client : client.value });
    if (target === location.hash || target === "#/search" && location.hash === "") again();
    else location.hash = target;
  }

  async function complete(text, at) {
    return ask(path("/v1/search/completions", { q: text, at, ...asWhom() }), {}, 10);
  }

  const words = (field, typed = "") => complete(`${field}:${typed}`, field.length + 1 + typed.length).then((answer) => answer.words, () => []);

  async function change(given) {
    wanted = { q: (given.get("q") ?? "").trim(), words: (given.get("words") ?? "").trim(), network: given.get("text_model") ?? "", client: given.get("client") ?? "" };
    box.show(wanted.q);
    inWords.show(wanted.words, wanted.network);
    // Alerts and links ask the index, and no network.
    kept.node.hidden = wanted.words !== "";
    chips.show(wanted.q);
    look();
    if (all) choose(client, wanted.client || (whose(all, null) ?? ""));
  }

  async function look(isMore = false) {
    work.abort();
    work = new AbortController();
    const mine = work.signal;
    trouble.hidden = true;
    if (!isMore) [moments, next] = [[], null];
    if (!isMore) lacks.replaceChildren();
    lacks.hidden = lacks.childElementCount === 0;
    if (!wanted.q && !wanted.words) return welcome(mine);
    node.setAttribute("aria-busy", "true");
    more.disabled = true;
    if (!isMore) say(status, "Searching…");
    try {
      let [page, looked, empty] = [null, 0, 0];
      do {
        page = await read(page?.next ?? next, mine);
        if (mine.aborted) return;
        lack(page.incomplete ?? []);
        [looked, empty] = [looked + page.looked, empty + 1];
      } while (page.found.length === 0 && page.next && empty < mostEmpty);
      if (!isMore) results.clear();
      next = page.next ?? null;
      moments.push(...page.found.map(([one]) => Date.parse(one.from)));
      results.add(page.found, wanted.q, wanted.client);
      tell(page, looked);
    } catch (problem) {
      if (!mine.aborted) fail(problem, isMore);
    } finally {
      if (!mine.aborted) node.removeAttribute("aria-busy");
      more.disabled = false;
    }
  }

  /** By words, where some are asked, and by the query. */
  function read(after, signal) {
    if (wanted.words) return inWords.find(wanted.words, { text_model: wanted.network, q: wanted.q, time_zone: wanted.q && zone, ...asWhom() }, signal);
    return ask(path("/v1/search", { q: wanted.q, time_zone: zone, limit: pageSize, after, ...asWhom() }), { signal }, 60);
  }

  /** What may be missing in what is shown. */
  function lack(gaps) {
    const told = new Set([...lacks.children].map((line) => line.textContent));
    for (const line of gaps.map(({ message }) => `This is incomplete: ${message}`)) if (!told.has(line)) lacks.append(element("p", {}, line));
    lacks.hidden = lacks.childElementCount === 0;
  }

  function tell(page, looked) {
    const what = terms(wanted.q).some(({ step }) => step > 0) ? "sequence" : "moment";
    histogram.show(wanted.words ? [] : moments, !next, what);
    more.hidden = !next;
    say(more, moments.length === 0 ? "Look further back" : "Show older ones");
    const [found, order] = wanted.words ? [count(moments.length, "finding"), `the most alike first · ${page.by}`] : [`${count(moments.length, what)}${next ? " shown, older ones follow" : ""}`, "the newest first"];
    say(status, moments.length === 0 ? "" : `${found} · ${order} · up to ${hours(page.asOf)}`);
    note.hidden = moments.length > 0;
    note.classList.remove("trouble");
    if (moments.length > 0) return;
    note.replaceChildren(next
      ? element("p", {}, `None of the ${group(looked)} moments that were looked at so far is like that. Older ones may be.`)
      : element("p", {}, `Nothing is like that in what was analysed and watched up to ${hours(page.asOf)}.`), element("p", { class: "row" }, element("a", { href: path("#/search", asWhom()) }, "Ask something else")));
    for (const line of page.notes ?? []) note.prepend(element("p", {}, capital(line)));
    if (!next) suggest(page.unknown ?? []);
  }

  /** What may have been meant by labels that nothing has, or else which there are. */
  async function suggest(unknown) {
    const mine = work.signal;
    const link = (q, name = q) => element("a", { href: path("#/search", { q, ...asWhom() }) }, name);
    for (const { label, suggestion } of unknown.filter((one) => one.suggestion)) {
      note.prepend(element("p", {}, `Nothing has the label “${label}”. Did you mean `, link(relabelled(wanted.q, label, suggestion), suggestion), "?"));
    }
    if (unknown.length === 0 || unknown.some((one) => one.suggestion)) return;
    const known = (await words("label")).slice(0, 8);
    if (!mine.aborted && known.length > 0) note.append(element("p", { class: "row" }, "There are: ", known.map((one) => link(one))));
  }

  function fail(problem, isMore) {
    say(status, "");
    if (problem.status === 400 && problem.message.startsWith("there is no time zone") && zone !== zoneName(true)) {
      zone = zoneName(true);
      return look(isMore);
    }
    if (problem.status === 400 && (wanted.q || !wanted.words)) {
      if (!isMore) blank();
      return explain(problem.message);
    }
    if (isMore) return say(status, advice(problem));
    blank();
    note.hidden = false;
    note.classList.add("trouble");
    note.replaceChildren(element("p", {}, problem.status === 404 && !wanted.words ? noLibrary : advice(problem)), element("p", {}, element("button", { type: "button", onclick: again }, "Try again")));
  }

  function blank() {
    results.clear();
    histogram.show([], true);
    more.hidden = note.hidden = true;
  }

  /** What is wrong with the query, where in it, and a way out. */
  function explain(message) {
    const [, number, words] = /^the query, character (\d+): (.*)$/s.exec(message) ?? [];
    const text = wanted.q;
    trouble.hidden = false;
    if (!number) {
      const ways = message.startsWith("no index") ? [["the last week", since(text, '"7 days ago"')], ["today", since(text, "today")]] : [];
      return trouble.replaceChildren(element("p", {}, capital(message)),
        ways.length > 0 ? element("p", { class: "row" }, "Look in ", ways.map(([name, way]) => element("button", { type: "button", onclick: () => go(way) }, name))) : "");
    }
    const { from, to } = placeOfCharacter(text, Number(number));
    const [, wrong, , right] = /^'(.+?)' (.*\(did you mean '(.+?)'\?\))?/s.exec(words) ?? [];
    const end = wrong && text.startsWith(wrong, from) ? from + wrong.length : to;
    const mended = right && text.startsWith(wrong, from) ? text.slice(0, from) + right + text.slice(from + wrong.length) : null;
    trouble.replaceChildren(
      element("p", { class: "place", title: "To this place", onclick: () => box.select(from, end) }, element("code", {}, text.slice(0, from), element("mark", {}, text.slice(from, end) || " "), text.slice(end))),
      element("p", {}, capital(words)), mended ? element("p", { class: "row" }, element("button", { type: "button", onclick: () => go(mended) }, "Search ", element("code", {}, mended))) : "");
    box.select(from, end);
  }

  /** Nothing is asked yet: what could be, with the client's own words. */
  async function welcome(mine) {
    blank();
    say(status, "");
    node.removeAttribute("aria-busy");
    try {
      const found = await Promise.all(["label", "zone", "stream"].map(async (field) => (await ask(path("/v1/search/completions", { q: `${field}:`, ...asWhom() }), { signal: mine }, 10)).words));
      if (mine.aborted) return;
      note.hidden = false;
      note.classList.remove("trouble");
      note.replaceChildren(...(found.flat().length === 0 ? nothing() : examples(...found, (q) => path("#/search", { q, ...asWhom() }))));
      const { found: latest } = await ask(path("/v1/search", { q: `after:"${lately} ago"`, limit: mostLately, ...asWhom() }), { signal: mine }, 20);
      if (mine.aborted || latest.length === 0) return;
      say(status, `Below: the latest moments of the last ${lately}`);
      results.add(latest, "", wanted.client);
    } catch (problem) {
      if (!mine.aborted) fail(problem, false);
    }
  }

  async function begin() {
    kept.offer();
    inWords.offer();
    all = await clients().catch(() => []);
    offer(client, all.map(({ id }) => [id, id]));
    whom.hidden = all.length < 2;
    choose(client, wanted.client || (whose(all, null) ?? ""));
    chips.offer((field) => words(field));
  }

  function again() {
    look();
    begin();
  }

  function pressed(event) {
    const isTyping = event.target.closest?.("input, textarea, select, dialog");
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      box.select(0, box.input.value.length);
    } else if (event.key === "Escape" && !event.target.closest?.("dialog, .askbox")) results.close();
  }

  session.addEventListener("change", again);
  document.addEventListener("keydown", pressed);
  queueMicrotask(() => {
    change(query);
    begin();
    if (!wanted.q && !wanted.words && matchMedia("(hover: hover)").matches) box.input.focus({ preventScroll: true });
  });
  return {
    node, change,
    leave() {
      session.removeEventListener("change", again);
      document.removeEventListener("keydown", pressed);
      work.abort();
      for (const one of [box, inWords, results, kept]) one.leave();
    },
  };
}

const capital = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);

const nothing = () => [
  element("p", {}, "There is no moment to be found yet. They are made of what analyses find in films and pictures, and of what rules see in live streams:"),
  element("pre", {}, element("code", {}, "ridley analyze footage/*.mp4 --model NAME --library DIR"))];

/** Questions that have answers here, and what fields there are. */
function examples(labels, zones, streams, link) {
  const [one, other = one] = labels;
  const row = (query, words) => element("li", {}, element("a", { href: link(query) }, element("code", {}, query)), element("span", {}, words));
  return [
    element("h2", {}, "For example"),
    element("ul", { class: "examples" }, [
      one && row(one, "every moment of it, in films and in streams"), one && row(`${one} score:>.9`, "only what is quite sure"), one && row(`label:${one},${other} after:yesterday`, "one or the other, since yesterday"),
      zones[0] && row(`zone:${zones[0]} duration:>2s`, "what stayed there for longer"), streams[0] && row(`stream:${streams[0]} after:"1 hour ago"`, "one camera, the last hour"),
      one && row(`${one} then ${other} within 10s`, "one behind the other, step by step"), one && zones[0] && row(`${one} -zone:${zones[0]}`, "anywhere but there"),
    ].filter(Boolean)),
    element("details", {}, element("summary", {}, "What can be asked"), element("dl", { class: "facts" }, Object.entries(fields).flatMap(([name, words]) => [element("dt", {}, element("code", {}, name)), element("dd", {}, words)])),
      element("p", {}, "Words beside each other must all hold. ", element("code", {}, "OR"), ", ", element("code", {}, "NOT"), " or ", element("code", {}, "-"), ", parentheses, ", element("code", {}, "*"), " and ", element("code", {}, "?"), " are understood; names with spaces stand in quotes."))];
}
