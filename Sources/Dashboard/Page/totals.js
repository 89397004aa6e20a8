// The page of totals: how much there is of a client, a brand or a campaign, and how every label scores in it.

import { path, session } from "./api.js";
import { advice, clients, groups, link, totals as ask, whose } from "./assets.js";
import { choose, labelled, offer } from "./choices.js";
import { element, say } from "./dom.js";
import { bytes, clock, count, group } from "./figures.js";
import { histogram, Plot } from "./plots.js";
import { score } from "./score.js";

const names = ["client", "brand", "campaign", "series", "label"];
/** So many labels have cards at once. */
const fewCards = 24;

export function totals(_, query) {
  const status = element("p", { class: "quiet", role: "status" });
  const note = element("div", { class: "empty", hidden: true });
  const select = (name, first) => element("select", { id: `total-${name}`, name }, first.map(([value, text]) => element("option", { value }, text)));
  const fields = { client: select("client", []), brand: select("brand", [["", "all"]]), campaign: select("campaign", [["", "all"]]) };
  const boxes = { client: labelled("Client", fields.client), brand: labelled("Brand", fields.brand), campaign: labelled("Campaign", fields.campaign) };
  const form = element("form", { class: "finder groups", "aria-label": "Of what", onsubmit: (event) => event.preventDefault() }, Object.values(boxes));
  const sums = element("div", { class: "sums" });
  const below = element("div");
  const cards = element("div");
  const chosen = element("div");
  const content = element("div", { class: "totals" }, sums, below, cards, chosen);
  const node = element(
    "section", { class: "totals", "aria-labelledby": "totals-title" },
    element("header", { class: "row" }, element("h1", { id: "totals-title" }, "Totals"), status), form, note, content);

  let [asked, work, plots, detail, shown] = [null, null, [], null, null];

  form.addEventListener("input", ({ target }) => {
    const values = { client: boxes.client.hidden ? "" : fields.client.value, brand: fields.brand.value, campaign: fields.campaign.value };
    if (target === fields.client) values.brand = values.campaign = "";
    if (target === fields.brand) values.campaign = "";
    location.hash = path("#/totals", values);
  });

  async function change(given) {
    const values = Object.fromEntries(names.map((name) => [name, given.get(name) ?? ""]));
    const { series, label, ...place } = values;
    boxes.campaign.hidden = !values.brand;
    if (asked === path("", place)) return pick(series, label);
    asked = path("", place);
    work?.abort();
    work = new AbortController();
    const mine = work.signal;
    say(status, "Asking…");
    try {
      await load(values, mine);
    } catch (trouble) {
      if (!mine.aborted) fail(trouble);
    }
  }

  async function load(values, mine) {
    const all = await clients();
    if (mine.aborted) return;
    const client = whose(all, values.client || undefined);
    boxes.client.hidden = all.length < 2;
    offer(fields.client, all.map(({ id }) => [id, id]));
    if (!client) return empty();
    choose(fields.client, client);
    const of = { client, brand: values.brand, campaign: values.campaign };
    const level = values.campaign ? null : values.brand ? "campaign" : "brand";
    const [whole, brands, campaigns, parts] = await Promise.all([
      every({ ...of }, mine), groups({ client, by: "brand" }, mine), values.brand ? groups({ client, by: "campaign" }, mine) : [],
      level ? every({ client, by: level }, mine) : { totals: [] }]);
    if (mine.aborted) return;
    offer(fields.brand, [["", "all"], ...brands.map((one) => [one.brand, one.brand])]);
    offer(fields.campaign, [["", "all"], ...campaigns.filter((one) => one.brand === values.brand).map((one) => [one.campaign, one.campaign])]);
    choose(fields.brand, values.brand);
    choose(fields.campaign, values.campaign);
    say(status, `Every change up to ${new Date(whole.asOf).toLocaleString()} is counted.`);
    note.hidden = true;
    const inside = parts.totals.filter((one) => one[level] && (!values.brand || one.brand === values.brand));
    shown = { of, level, scores: whole.totals.filter((one) => one.measure === "score"), inside };
    const assets = whole.totals.find((one) => one.measure === "assets");
    if (!assets) return empty();
    tell(assets);
    tabulate();
    draw();
    pick(values.series, values.label);
  }

  function tell(one) {
    const numbers = [[group(one.count), one.count === 1 ? "asset" : "assets"], [clock(one.seconds), "of film"], [bytes(one.bytes), "stored"]];
    sums.replaceChildren(...numbers.map(([value, text]) => element("div", {}, element("strong", {}, value), " ", element("span", {}, text))));
  }

  /** The brands of a client, the campaigns of a brand. */
  function tabulate() {
    const { of, level, inside } = shown;
    const rows = inside.filter((one) => one.measure === "assets");
    below.hidden = rows.length === 0;
    if (below.hidden) return;
    const title = level === "brand" ? "Brands" : "Campaigns";
    const head = [level === "brand" ? "Brand" : "Campaign", "Assets", "Film", "Stored"];
    below.replaceChildren(
      element("h2", {}, title),
      element("table", { class: "list" },
        element("thead", {}, element("tr", {}, head.map((text) => element("th", { scope: "col" }, text)))),
        element("tbody", {}, rows.map((one) => element("tr", {},
          element("th", { scope: "row" }, element("a", { href: path("#/totals", { client: of.client, brand: one.brand, campaign: one.campaign }) }, one[level])),
          [group(one.count), clock(one.seconds), bytes(one.bytes)].map((text) => element("td", {}, text)))))));
  }

  function draw(isAll = false) {
    for (const plot of plots) plot.leave();
    const { scores } = shown;
    const some = isAll ? scores : scores.slice(0, fewCards);
    plots = [];
    const made = some.map((one) => {
      const { node, plot } = card(one, shown.of);
      plots.push(plot);
      return node;
    });
    cards.replaceChildren(
      element("h2", {}, "Scores"),
      scores.length === 0
        ? element("p", { class: "empty" }, "Nothing of this was analysed yet: ‘ridley analyze FILE --model NAME --library DIR’ does it.")
        : element("p", { class: "quiet" }, "Of each asset and label its greatest score counts, in the newest analysis of each series."),
      element("div", { class: "cards" }, made),
      ...(some.length === scores.length ? []
        : [element("button", { type: "button", onclick: () => draw(true) }, `Show all ${scores.length} labels`)]));
    for (const plot of plots) plot.draw();
  }

  /** One label's score: its best and worst assets, between groups and over time. */
  function pick(series, label) {
    detail?.leave();
    detail = null;
    chosen.replaceChildren();
    const one = shown?.scores.find((one) => (series ? one.series === series : true) && (label ? one.label === label : true));
    for (const node of cards.querySelectorAll("article")) node.classList.toggle("chosen", node.dataset.label === one?.label && node.dataset.series === one?.series);
    if (!one) return;
    detail = score(one, shown);
    chosen.replaceChildren(detail.node);
    if (!label) return;
    detail.node.scrollIntoView({ block: "start" });
    detail.node.querySelector("h2").focus({ preventScroll: true });
  }

  function clear() {
    for (const plot of plots) plot.leave();
    detail?.leave();
    [plots, detail, shown] = [[], null, null];
    for (const one of [sums, below, cards, chosen]) one.replaceChildren();
  }

  function empty() {
    clear();
    say(status, "");
    note.hidden = false;
    note.classList.remove("trouble");
    note.replaceChildren(
      element("p", {}, "There is nothing to count here yet. Put videos and pictures into the library with"),
      element("pre", {}, element("code", {}, "ridley library add footage/*.mp4 --brand Aurora --campaign spring")));
  }

  function fail(trouble) {
    clear();
    say(status, "");
    note.hidden = false;
    note.classList.add("trouble");
    note.replaceChildren(element("p", {}, advice(trouble)), element("p", {}, element("button", { type: "button", onclick: again }, "Try again")));
  }

  function again() {
    asked = null;
    change(new URLSearchParams(location.hash.split("?")[1] ?? ""));
  }

  session.addEventListener("change", again);
  queueMicrotask(() => change(query));
  return {
    node, change,
    leave() {
      session.removeEventListener("change", again);
      work?.abort();
      clear();
    },
  };
}

/** All pages of totals: as many as there are labels. */
async function every(query, signal) {
  const all = [];
  let [after, asOf] = [undefined, null];
  do {
    const page = await ask({ ...query, limit: 1000, after }, signal);
    all.push(...page.totals);
    [after, asOf] = [page.next, page.asOf];
  } while (after && all.length < 20_000);
  return { totals: all, asOf };
}

export const digits = (value) => value.toFixed(3);

function card(one, of) {
  const plot = new Plot("How many assets score what", "small");
  plot.show(histogram(one.histogram), `${one.label}: ${count(one.count, "asset")} scored, ${digits(one.mean)} on average`);
  const end = (scored) => (scored ? element("a", { href: link(scored.asset, { series: one.series, label: one.label }) }, digits(scored.score)) : "–");
  const numbers = [["Assets", group(one.count)], ["Mean", digits(one.mean)], ["Least", end(one.least)], ["Greatest", end(one.greatest)]];
  return {
    plot,
    node: element(
      "article", { class: "card", "data-label": one.label, "data-series": one.series },
      element("header", {},
        element("h3", {}, element("a", { href: path("#/totals", { ...of, series: one.series, label: one.label }) }, one.label)),
        element("small", {}, one.series)),
      element("div", { class: "numbers even" }, numbers.map(([name, value]) => element("div", {}, element("span", {}, name), element("strong", {}, value)))),
      plot.node),
  };
}
