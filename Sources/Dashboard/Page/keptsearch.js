// What is kept of a search: alerts, which tell when the like happens again, and links that show it to others.

import { ask, path, session } from "./api.js";
import { advice, moment } from "./assets.js";
import { labelled } from "./choices.js";
import { element, say } from "./dom.js";
import { group } from "./figures.js";

const spans = [["1d", "a day"], ["7d", "a week"], ["30d", "30 days"], ["365d", "a year"]];
const json = (body) => ({ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

/** A name for a query: letters, digits and what may stand between them. */
const plain = (query) => query.normalize("NFKD").replace(/[^A-Za-z0-9_-]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40);

/** The two kinds: where they stand, and how one is called. */
const kinds = {
  alerts: { id: "name", button: "Save as alert…", title: "Tell me when this is found again", make: "Save the alert", done: () => "It is saved: from now on there is an event for each moment that fits.", none: "There is no alert yet.", all: "Alerts" },
  shares: { id: "share", button: "Share…", title: "Show this search to others", make: "Make a link", done: () => "Whoever has this link may ask this search, and no other, without a key, until it expires or is revoked. It is shown this once.", none: "There is no link yet.", all: "Links" },
};

export class KeptSearch {
  #work = null;

  /** `wanted()` gives `{query, zone, client}` as they are now. */
  constructor(wanted) {
    this.wanted = wanted;
    this.buttons = Object.fromEntries(Object.entries(kinds).map(([kind, { button }]) => [kind, element("button", { type: "button", "data-keep": kind, hidden: true, onclick: () => this.#open(kind) }, button)]));
    this.node = element("p", { class: "row keep" }, Object.values(this.buttons));
  }

  /** Servers may not have them; another caller may not make them. */
  async offer() {
    this.#work?.abort();
    const { signal } = this.#work = new AbortController();
    await Promise.all(Object.keys(kinds).map(async (kind) => {
      const isThere = session.may("write") && await this.#list(kind, signal).then(() => true, () => false);
      if (!signal.aborted) this.buttons[kind].hidden = !isThere;
    }));
  }

  leave() {
    this.#work?.abort();
    this.node.querySelector("dialog")?.remove();
  }

  async #list(kind, signal) {
    return (await ask(path(`/v1/search/${kind}`, { client: this.wanted().client }), { signal }, 10))[kind] ?? [];
  }

  #open(kind) {
    const { query, zone, client } = this.wanted();
    const { id, title, make, done, none, all } = kinds[kind];
    const name = element("input", { id: "keep-name", required: true, maxlength: 64, pattern: "[A-Za-z0-9_\\-][A-Za-z0-9._\\-]*", title: "Letters, digits, '-', '_' and '.'", autocomplete: "off", value: plain(query) });
    const expires = element("select", { id: "keep-expires" }, spans.map(([value, text]) => element("option", { value, selected: value === "7d" }, text)));
    const outcome = element("p", { class: "outcome", role: "status" });
    const made = element("div", { class: "made", hidden: true });
    const list = element("ul", { class: "kept" });
    const button = element("button", { class: "main" }, make);
    const dialog = element("dialog", { class: "keeping", "aria-labelledby": "keep-title", onclose: () => dialog.remove() },
      element("form", { onsubmit: (event) => {
        event.preventDefault();
        save();
      } },
      element("h2", { id: "keep-title" }, title), element("p", {}, element("code", {}, query || "…")), query ? labelled(kind === "alerts" ? "Name" : "For how long", kind === "alerts" ? name : expires) : element("p", { class: "quiet" }, "Search for something first."),
      outcome, made, element("p", { class: "row" }, query ? button : "", element("button", { type: "button", onclick: () => dialog.close() }, "Close"))),
      element("h3", {}, all), list);
    const fail = (trouble) => {
      outcome.classList.add("trouble");
      say(outcome, advice(trouble));
    };

    async function save() {
      button.disabled = true;
      outcome.classList.remove("trouble");
      try {
        const one = await ask(path(`/v1/search/${kind}`, { client }), json({ query, timeZone: zone, ...(kind === "alerts" ? { name: name.value.trim() } : { expires: expires.value }) }), 20);
        say(outcome, [done(), ...(one?.notes ?? []).map((note) => `But ${note}.`)].join(" "));
        if (one?.token) show(new URL(`/#/shared/${one.token}`, location.href).href);
      } catch (trouble) { fail(trouble); }
      button.disabled = false;
      fill();
    }

    function show(address) {
      const field = element("input", { id: "keep-link", readonly: true, value: address, "aria-label": "The link", onfocus: () => field.select() });
      made.hidden = false;
      made.replaceChildren(field, element("button", { type: "button", onclick: async (event) => {
        field.select();
        const isCopied = await navigator.clipboard?.writeText(address).then(() => true, () => false);
        say(event.target, isCopied ? "Copied" : "Copy it from the field");
      } }, "Copy"));
    }

    const fill = async () => {
      try {
        const known = await this.#list(kind, this.#work.signal);
        list.replaceChildren(...(known.length === 0 ? [element("li", { class: "quiet" }, none)] : known.map((one) => row(one))));
      } catch (trouble) { fail(trouble); }
    };
    /** How often a link was used, and from where, once that is asked for. */
    const uses = (one) => element("button", { type: "button", onclick: async (event) => {
      const target = event.target;
      try {
        const { count: all, uses: last } = await ask(path(`/v1/search/shares/${encodeURIComponent(one.share)}/uses`, { client }), {}, 15);
        const lines = last.slice(0, 10).map((use) => element("p", { class: "facts" }, `${moment(use.at, true)} · ${use.found} shown · ${use.address}`));
        target.closest("li").firstElementChild.append(element("p", { class: "facts" }, all === 0 ? "Not used yet." : `Used ${all === 1 ? "once" : `${group(all)} times`}${all > lines.length ? ", the last:" : ":"}`), ...lines);
        target.remove();
      } catch (trouble) { fail(trouble); }
    } }, "Uses");
    const row = (one) => element("li", { "data-kept": one[id] }, element("div", {}, one.name ? element("b", {}, one.name) : "", element("code", {}, one.query),
      element("p", { class: "facts" }, [one.state && one.state !== "open" ? one.state : null, `since ${moment(one.since)}`, one.expires ? `until ${moment(one.expires)}` : null, one.timeZone].filter(Boolean).join(" · "))),
      kind === "shares" ? uses(one) : "",
      one.state && one.state !== "open" ? "" : element("button", { type: "button", class: "danger", onclick: async () => {
        try {
          await ask(path(`/v1/search/${kind}/${encodeURIComponent(one[id])}`, { client }), { method: "DELETE" }, 15);
        } catch (trouble) { fail(trouble); }
        fill();
      } }, kind === "alerts" ? "Remove" : "Revoke"));

    this.node.append(dialog);
    dialog.showModal();
    (query ? (kind === "alerts" ? name : expires) : dialog.querySelector("button")).focus();
    fill();
  }
}
