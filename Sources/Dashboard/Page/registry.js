// What the registry of models knows of one model: its versions, what points to them, and where that pointed.

import { ask, path } from "./api.js";
import { element, say } from "./dom.js";
import { cells, day, page } from "./rollouts.js";

/** Hidden where there is no registry, where it does not know the model, or where the caller may not look into it. */
export function registry(model) {
  const versions = element("tbody"), moves = element("tbody");
  const note = element("p", { class: "quiet" });
  const history = element(
    "details", { open: true }, element("summary", {}, "Where aliases pointed"),
    element("table", {}, element("thead", {}, cells("th", ["When", "Alias", "From", "To", "Who", "Why"])), moves));
  const node = element(
    "section", { class: "registry", "aria-labelledby": "registry-title", hidden: true },
    element("h2", { id: "registry-title" }, "In the registry"), note,
    element("p", { class: "row" }, element("a", { href: page(model, "rollout") }, "Roll-out"), element("a", { href: page(model, "trials") }, "Trials and evaluations")),
    element("table", {}, element("thead", {}, cells("th", ["Version", "Aliases", "Published", "By", "Digest"])), versions), history);
  const work = new AbortController();

  async function load() {
    const place = `/v1/registry/models/${encodeURIComponent(model)}`;
    try {
      const served = await ask("/v1/models", { signal: work.signal });
      if (!served.some(({ name, registered }) => name === model && registered)) return;
      const [known, past] = await Promise.all(
        [path(place), path(`${place}/history`)].map((one) => ask(one, { signal: work.signal })));
      show(known, past);
    } catch { /* Nothing is known of it here, or not to this caller: the rest of the page does not need it. */ }
  }

  function show(known, past) {
    const pointing = (number) => known.aliases.filter(({ to }) => to === number).map(({ alias }) => alias).join(", ");
    versions.replaceChildren(...[...known.versions].reverse().map((one) => cells("td", [
      `${one.version}`, one.removed ? "removed" : pointing(one.version), day(one.published), one.by, one.digest.slice(0, 19),
    ])));
    moves.replaceChildren(...[...past].reverse().map((one) => cells("td", [
      day(one.at), one.alias, `${one.from ?? "–"}`, `${one.to ?? "–"}`, one.by, one.reason ?? "",
    ])));
    const live = known.aliases.find(({ alias }) => alias === "live");
    say(note, live ? `live is version ${live.to} since ${day(live.at)}, by ${live.by}${live.reason ? `: ${live.reason}` : ""}` : "No alias live points to a version.");
    history.hidden = past.length === 0;
    node.hidden = false;
  }

  load();
  return { node, leave: () => work.abort() };
}
