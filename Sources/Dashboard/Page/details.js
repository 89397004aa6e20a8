// What is said of an asset, and what can be done with it: changing that, taking its predictions away as files, deleting it.

import { session } from "./api.js";
import { advice, asset as read, assets, edit, moment, remove } from "./assets.js";
import { labelled, offer } from "./choices.js";
import { element, say } from "./dom.js";
import { bytes, clock, count } from "./figures.js";

const formats = { coco: "COCO", csv: "CSV", jsonl: "JSON Lines", webvtt: "WebVTT", edl: "EDL", otio: "OpenTimelineIO" };
// Of analyses that tell of shots or breaks.
const concluded = {
  shots: { "shots-csv": "shots as CSV", "shots-edl": "shots as EDL", "shots-otio": "shots as OpenTimelineIO" },
  breaks: { vmap: "breaks as VMAP", scte35: "breaks as SCTE-35", "breaks-edl": "breaks as EDL" },
};

/** `changed({value, tag})` is called with the asset as it is then; `gone()` when it is deleted. */
export function details({ value, tag }, changed, gone) {
  let [one, version] = [value, tag];
  const input = (name, text) => element("input", { id: `asset-${name}`, name, value: text ?? "", autocomplete: "off" });
  const fields = { name: input("name", one.name), brand: input("brand", one.brand), campaign: input("campaign", one.campaign), tags: input("tags", one.tags.join(", ")) };
  const titles = { name: "Name", brand: "Brand", campaign: "Campaign, in the brand", tags: "Tags, with commas between them" };
  const status = element("p", { class: "outcome", role: "status" });
  const save = element("button", { class: "main" }, "Save");
  const form = element(
    "form", { class: "edit", onsubmit: submit }, Object.entries(fields).map(([name, field]) => labelled(titles[name], field)), element("p", { class: "row" }, save));
  const files = element("ul", { class: "row files" });
  const dialog = element(
    "dialog", { "aria-labelledby": "delete-title" },
    element("form", { method: "dialog" },
      element("h2", { id: "delete-title" }, "Delete this asset?"),
      element("p", {}, one.name, " and everything that was made of it go, and totals follow. This cannot be undone."),
      element("p", { class: "row" }, element("button", { value: "delete", class: "danger" }, "Delete"), element("button", { value: "cancel" }, "Keep"))));
  dialog.addEventListener("close", () => (dialog.returnValue === "delete" ? erase() : null));
  const open = element("button", { type: "button", class: "danger", onclick: () => {
    dialog.returnValue = "cancel";
    dialog.showModal();
    dialog.querySelector("[value=cancel]").focus();
  } }, "Delete…");
  const mayChange = session.may("write");
  for (const node of [...Object.values(fields), save, open]) node.disabled = !mayChange;
  if (!mayChange) say(status, "The key reads and does not change.");

  const others = element("select", { id: "asset-beside", onchange: () => (others.value ? (location.hash = `#/compare/${encodeURIComponent(one.asset)}/${encodeURIComponent(others.value)}`) : null) });
  const beside = labelled("Compare with another film", others);
  beside.hidden = true;
  if (one.kind === "video") offerOthers();

  /** Films of the same campaign stand first, as they are versions of each other. */
  async function offerOthers() {
    const { assets: all } = await assets({ client: one.client, limit: 100 }).catch(() => ({ assets: [] }));
    const near = (other) => (other.brand === one.brand ? 1 : 0) + (other.brand === one.brand && other.campaign === one.campaign ? 1 : 0);
    const films = all.filter((other) => other.kind === "video" && other.asset !== one.asset).sort((x, y) => near(y) - near(x));
    beside.hidden = films.length === 0;
    offer(others, [["", "choose one"], ...films.map((other) => [other.asset, other.name])]);
  }

  const node = element(
    "section", { class: "panel", "aria-labelledby": "about-title" },
    element("h2", { id: "about-title" }, "About"), facts(one), form, status, beside,
    element("div", { class: "exports" }, element("h3", {}, "Take the predictions away"), files),
    element("p", { class: "row" }, open), dialog);

  async function submit(event) {
    event.preventDefault();
    const text = (name) => fields[name].value.trim();
    const tags = [...new Set(text("tags").split(",").map((word) => word.trim()).filter(Boolean))];
    const change = {};
    if (text("name") !== one.name) change.name = text("name");
    if (JSON.stringify(tags) !== JSON.stringify(one.tags)) change.tags = tags;
    if (text("brand") !== (one.brand ?? "") || text("campaign") !== (one.campaign ?? "")) {
      change.brand = text("brand") || null;
      change.campaign = text("campaign") || null;
    }
    status.classList.remove("trouble");
    if (Object.keys(change).length === 0) return say(status, "Nothing was changed.");
    save.disabled = true;
    try {
      const answer = await edit(one.asset, version, change);
      [one, version] = [{ ...one, brand: undefined, campaign: undefined, ...answer.value }, answer.tag];
      say(status, "Saved.");
      changed({ value: one, tag: version });
    } catch (trouble) {
      fail(trouble);
    }
    save.disabled = false;
  }

  async function fail(trouble) {
    status.classList.add("trouble");
    if (trouble.status !== 412) return say(status, advice(trouble));
    // What stands in the fields stays, so that it can be saved over what came in between.
    say(status, "It was changed meanwhile. Look at what it is now, and save again to have it as it stands here.");
    const now = await read(one.asset).catch(() => null);
    if (!now) return;
    [one, version] = [now.value, now.tag];
    changed(now);
  }

  async function erase() {
    try {
      await remove(one.asset, version);
      gone();
    } catch (trouble) {
      fail(trouble);
    }
  }

  return {
    node,
    /** The files that an analysis can be had as. */
    offer(found) {
      files.parentElement.hidden = !found;
      const told = (found?.analysis.insights?.parts ?? []).map((part) => concluded[part] ?? {});
      files.replaceChildren(...(found ? Object.entries(Object.assign({}, formats, ...told)).map(([format, text]) =>
        element("li", {}, element("a", { href: found.export(format), download: "", rel: "nofollow" }, text))) : []));
    },
  };
}

function facts(one) {
  const [frames, seconds] = one.rate;
  const rows = [
    ["Picture", `${one.width} × ${one.height}, ${one.codec}, ${one.color}`],
    ["Length", one.duration ? `${clock(one.duration, 2)}${seconds > 0 ? `, ${Math.round((frames / seconds) * 1000) / 1000} frames a second` : ""}` : null],
    ["Stored", `${one.node ? `at the node ${one.node}` : bytes(one.bytes)}, ${one.format}`], ["Added", moment(one.added)], ["Taken", one.captured ? moment(one.captured) : null],
    ["Client", one.client], ["Asset", element("code", {}, one.asset)], ["Analyses", count(one.analyses, "analysis").replace("analysiss", "analyses")],
    ["Why it failed", one.reason ?? null],
  ];
  return element("dl", { class: "facts" }, rows.filter(([, value]) => value).flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}
