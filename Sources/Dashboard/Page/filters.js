// Which assets are meant: a form of filters that stand in the address, and what the server is asked for them.

import { groups, states } from "./assets.js";
import { choose, labelled, offer } from "./choices.js";
import { element } from "./dom.js";

export const names = ["client", "brand", "campaign", "state", "kind", "tags", "q", "from", "before"];

/** As the server is asked: days of this place as moments, tags as they are. */
export function question({ from, before, ...values }) {
  const moment = (text) => (text ? new Date(`${text}T00:00:00`).toISOString().replace(/\.\d+Z/, "Z") : null);
  return { ...values, tags: words(values.tags).join(","), from: moment(from), before: moment(before) };
}

export const words = (text) => (text ?? "").split(",").map((word) => word.trim()).filter(Boolean);

/** A form that narrows assets. `asked(values, isTyped)` is called with what is wanted from now on. */
export class Filters {
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
