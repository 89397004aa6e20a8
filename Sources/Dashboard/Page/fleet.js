// The nodes of a fleet: which there are, which version each runs, what waits to be forwarded, and how it goes.

import { ask, session } from "./api.js";
import { advice, moment } from "./assets.js";
import { element, say } from "./dom.js";
import { age, bytes, count, group, short } from "./figures.js";
import { cells, table } from "./rollouts.js";
import { Looking } from "./steering.js";

const rest = 5;
const usual = "all";

export const address = (name, ...parts) => ["/v1/fleet/nodes", encodeURIComponent(name), ...parts].join("/");
export const nodes = async (signal) => (await ask("/v1/fleet/nodes", { signal }, 10)).nodes;

const standings = {
  well: ["well", "ready"], trouble: ["has trouble", ""], silent: ["silent", "unavailable"], never: ["never heard", ""], revoked: ["revoked", "over"],
};

/** Where a node stands: `well`, `trouble`, `silent`, `never` or `revoked`. */
export function standing(one) {
  if (one.state === "revoked") return "revoked";
  if (!one.seen) return "never";
  if (one.silent) return "silent";
  return troubles(one).length > 0 ? "trouble" : "well";
}

/** What is not well on a node, in a few words each. */
const troubles = ({ summary = {} }) => summary.trouble ?? [];

/** What is to be said of one that has trouble now; what another said before is no news. */
export const news = (one) => (standing(one) === "trouble" ? troubles(one).join(", ") : "");

export const pill = (one) => {
  const [text, shade] = standings[standing(one)];
  return element("span", { class: "state", "data-state": shade, "data-standing": standing(one) }, text);
};

/** It was revoked more than a day ago. */
const isGone = (one) => one.state === "revoked" && Date.now() - Date.parse(one.revoked) > 86_400_000;
/** What it said is how it was then, and not how it is now. */
const isPast = (one) => one.silent || one.state === "revoked";
/** How much of a node's ledger the centre does not have yet, in a few words, and when that was where it is not now. */
export const lag = (one) => {
  const { ledger } = one.summary ?? {};
  if (!ledger) return "";
  const words = ledger.behind > 0 ? `${group(ledger.behind)} behind (${bytes(ledger.waiting)})` : "up to date";
  return isPast(one) ? `${words} ${seen(one)}` : words;
};
export const warmth = ({ temperature } = {}) => (temperature === undefined ? "" : `${group(temperature)} °C`);
export const disk = ({ disk: one } = {}) => (one?.free === undefined ? "" : `${bytes(one.free)} free`);
/** Answers a second of all streams of a node. */
export const rate = ({ rate: value } = {}) => (value === undefined ? "" : `${short(value)} a second`);
export const seen = (one) => (one.seen ? `${age(one.quiet)} ago` : "");
export const page = (name) => `#/fleet/${encodeURIComponent(name)}`;

/** `#/fleet?group=`. */
export function fleet(_, query) {
  const status = element("p", { class: "quiet", role: "status" }, "Asking…");
  const note = element("div", { class: "empty", hidden: true });
  const groups = element("select", { id: "fleet-group", onchange: () => (location.hash = groups.value === usual ? "#/fleet" : `#/fleet?group=${encodeURIComponent(groups.value)}`) });
  const body = element("tbody");
  const panel = element(
    "section", { class: "panel life", "aria-labelledby": "fleet-nodes", hidden: true },
    element("header", { class: "row" }, element("h2", { id: "fleet-nodes" }, "Nodes"), element("label", { class: "row" }, "Group", groups)),
    table("Nodes", ["Node", "Groups", "State", "Version", "Answers", "Ledger", "Temperature", "Disk", "Last heard"], body));
  const node = element(
    "section", { class: "lifepages", "aria-labelledby": "fleet-title" },
    element("header", { class: "row" }, element("h1", { id: "fleet-title" }, "Fleet"), status), note, panel);
  let [wanted, line, work] = [query.get("group") ?? usual, "", new AbortController()];
  const looking = new Looking(look);

  async function look() {
    const { signal } = work;
    try {
      const all = await nodes(signal);
      if (!signal.aborted) show(all.filter((one) => !isGone(one)));
    } catch (trouble) {
      if (signal.aborted) return rest;
      panel.hidden = panel.hidden || trouble.status === 404;
      say(status, trouble.status === 404 ? "This server is the centre of no fleet: it needs a library, and “edge:” in its configuration." : `${advice(trouble)}${panel.hidden ? "" : " What is shown may be old."}`);
    }
    return rest;
  }

  function show(all) {
    const silent = all.filter((one) => standing(one) === "silent").length;
    const ill = all.filter((one) => standing(one) === "trouble").length;
    say(status, all.length === 0 ? "" : [count(all.length, "node"), silent > 0 ? `${group(silent)} silent` : "", ill > 0 ? `${group(ill)} with trouble` : ""].filter(Boolean).join(" · "));
    note.hidden = all.length > 0;
    panel.hidden = all.length === 0;
    if (all.length === 0 && note.childElementCount === 0) {
      note.append(
        element("p", {}, "No node has come in yet. A token for one is made with"), element("pre", {}, element("code", {}, "ridley edge token --for dock")),
        element("p", {}, "and on the node it is given to ", element("code", {}, "ridley serve --join"), "."));
    }
    const shown = all.filter((one) => wanted === usual || one.groups.includes(wanted));
    // Rows are made anew only where something that is shown has changed.
    const next = JSON.stringify([wanted, shown.map((one) => [one, standing(one), seen(one)])]);
    if (next === line) return;
    line = next;
    const names = [usual, ...new Set(all.flatMap((one) => one.groups))];
    if (!names.includes(wanted)) names.push(wanted);
    groups.replaceChildren(...names.map((name) => element("option", { value: name, selected: name === wanted }, name)));
    body.replaceChildren(...shown.map((one) => {
      const row = cells("td", [
        element("a", { href: page(one.node) }, one.node), one.groups.join(", "),
        element("span", {}, pill(one), news(one) ? ` ${news(one)}` : ""), one.summary?.version ?? "",
        isPast(one) ? "" : rate(one.summary), lag(one), isPast(one) ? "" : warmth(one.summary), disk(one.summary),
        one.seen ? element("time", { datetime: one.seen, title: moment(one.seen, true) }, seen(one)) : ""]);
      row.dataset.node = one.node;
      return row;
    }));
  }

  function again() {
    work.abort();
    work = new AbortController();
    line = "";
    looking.hurry();
  }

  session.addEventListener("change", again);
  looking.hurry();
  return {
    node,
    change(given) {
      wanted = given.get("group") ?? usual;
      again();
    },
    leave() {
      session.removeEventListener("change", again);
      work.abort();
      looking.leave();
    },
  };
}
