// The page on which a job is started: which assets, which pipelines, and what it may cost.

import { path, session } from "./api.js";
import { advice, assets, clients, extent, whose } from "./assets.js";
import { labelled } from "./choices.js";
import { element, say } from "./dom.js";
import { count } from "./figures.js";
import { Filters, names, question, words } from "./filters.js";
import { link, pipelines as list, start as begin } from "./jobfacts.js";

/** Assets that are counted and, the first of them, shown before the start. */
const [counted, fewShown] = [200, 8];

/** A key that names what is asked for here, so that asking twice starts one job. */
const newKey = () => `page-${[...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;

/** `#/jobs/new?…` with the filters of the library. */
export function start(_, query) {
  const filters = new Filters((values) => choose(values));
  filters.node.querySelector("details").open = true;
  const found = element("p", { class: "quiet", role: "status" });
  const shots = element("ul", { class: "row shots", "aria-label": "The newest of them" });
  const choices = element("div", { class: "choices" });
  const input = (name, attributes) => element("input", { id: `job-${name}`, name, type: "number", min: 0, step: "any", inputmode: "decimal", autocomplete: "off", ...attributes });
  const fields = {
    priority: element("select", { id: "job-priority", name: "priority" }, ["low", "normal", "high"].map((value) => element("option", { value, selected: value === "normal" }, value))),
    price: input("price", { placeholder: "none" }), budget: input("budget", { placeholder: "none" }),
  };
  const go = element("button", { class: "main" }, "Start the job");
  const outcome = element("div", { class: "outcome", role: "status" });
  const form = element(
    "form", { class: "panel work", "aria-label": "What is done", onsubmit: submit },
    element("fieldset", {}, element("legend", {}, "Pipelines"), choices),
    element("div", { class: "fields" },
      labelled("Priority among the client's jobs", fields.priority), labelled("Price of an hour of a processor", fields.price), labelled("Budget, at which it stops", fields.budget)),
    element("p", { class: "row" }, go, element("a", { class: "button", href: "#/jobs" }, "Leave it")), outcome);
  const note = element("div", { class: "empty trouble", hidden: true });
  const content = element("div", { class: "jobpages" },
    element("section", { class: "panel", "aria-labelledby": "which-title" }, element("h2", { id: "which-title" }, "Which assets"), filters.node, found, shots), form);
  const node = element(
    "section", { class: "jobpages starting", "aria-labelledby": "start-title" },
    element("p", { class: "row crumbs" }, element("a", { href: "#/jobs" }, "Jobs")), element("h1", { id: "start-title" }, "Start a job"), note, content);

  let [wanted, client, work, key, isStarting] = [{}, null, null, newKey(), false];

  /** The form stays, and its address says what stands in it. */
  function choose(values) {
    history.replaceState(null, "", path("#/jobs/new", values));
    look(values);
  }

  async function look(values) {
    wanted = values;
    filters.show(values);
    work?.abort();
    work = new AbortController();
    const mine = work.signal;
    say(found, "Counting…");
    try {
      const all = await clients();
      if (mine.aborted) return;
      client = whose(all, values.client || undefined) ?? null;
      filters.offer(all, client, mine);
      note.hidden = true;
      const page = client ? await assets({ ...question(values), client, limit: counted }, mine) : { assets: [] };
      if (mine.aborted) return;
      say(found, page.next ? `More than ${count(page.assets.length, "asset")}.` : page.assets.length === 0 ? "No asset is like that." : `${count(page.assets.length, "asset")}.`);
      shots.replaceChildren(...page.assets.slice(0, fewShown).map(shot));
    } catch (trouble) {
      if (!mine.aborted) say(found, advice(trouble));
    }
  }

  async function offer() {
    content.hidden = !session.may("write");
    note.hidden = !content.hidden;
    if (content.hidden) note.replaceChildren(element("p", {}, "The key reads and does not change: jobs are started with one that has the scope write."));
    try {
      const all = await list();
      const before = new Set(chosen());
      choices.replaceChildren(...(all.length === 0
        ? [element("p", { class: "quiet" }, "This server has no pipelines: start it with --pipelines FOLDER.")]
        : all.map(({ name }) => element("label", { class: "choice" },
          element("input", { type: "checkbox", name: "pipeline", value: name, checked: before.has(name) || all.length === 1 }), name))));
      go.disabled = all.length === 0;
    } catch (trouble) {
      choices.replaceChildren(element("p", { class: "trouble" }, advice(trouble)));
    }
  }

  const chosen = () => [...choices.querySelectorAll("input:checked")].map((box) => box.value);

  function request() {
    const { q, tags, client: _, ...rest } = question(wanted);
    const select = Object.fromEntries(Object.entries({ ...rest, text: q }).filter(([, value]) => value));
    if (tags) select.tags = words(tags);
    const [price, budget] = [fields.price.value, fields.budget.value].map((text) => (text.trim() === "" ? undefined : Number(text)));
    return { client, pipelines: chosen(), select, priority: fields.priority.value, price: price === undefined ? undefined : price / 3600, budget };
  }

  async function submit(event) {
    event.preventDefault();
    if (isStarting) return;
    const asked = request();
    if (asked.pipelines.length === 0) return tell("Choose a pipeline.", true, choices.querySelector("input"));
    if (asked.budget !== undefined && !(asked.price > 0)) return tell("A budget needs a price: what does an hour of a processor cost?", true, fields.price);
    if (asked.budget !== undefined && !(asked.budget > 0)) return tell("A budget is more than 0: leave it empty for none.", true, fields.budget);
    if (!client) return tell("There is no client whose assets these are.", true);
    isStarting = true;
    go.setAttribute("aria-busy", "true");
    tell("Starting…", false);
    try {
      const one = await begin(asked, key);
      location.hash = link(one.job);
    } catch (trouble) {
      if (trouble.status === 0) tell(`${trouble.message} It may have been started all the same: press again, and it is started once.`, true);
      else if (trouble.status === 409) conflict();
      else tell(advice(trouble), true);
    }
    isStarting = false;
    go.removeAttribute("aria-busy");
  }

  /** Something else was asked for from here before, whose answer was lost. */
  function conflict() {
    tell("A job was started from this form already, and the form was changed since. ", true);
    outcome.append(element("a", { href: path("#/jobs", { client }) }, "Look at it"), " or ", element("button", { type: "button", onclick: () => {
      key = newKey();
      form.requestSubmit();
    } }, "Start another one"));
  }

  function tell(text, isTrouble, field) {
    outcome.replaceChildren(text);
    outcome.classList.toggle("trouble", isTrouble);
    field?.focus();
  }

  function change(given) {
    look(Object.fromEntries(names.map((name) => [name, given.get(name) ?? ""])));
  }

  function again() {
    offer();
    look(wanted);
  }

  session.addEventListener("change", again);
  queueMicrotask(() => {
    change(query);
    offer();
  });
  return {
    node, change,
    leave() {
      session.removeEventListener("change", again);
      work?.abort();
      filters.leave();
    },
  };
}

const shot = (one) => element(
  "li", {}, element("span", { class: "thumb", "data-kind": one.thumbnail ? "" : one.kind, title: `${one.name}, ${extent(one)}` },
    one.thumbnail ? element("img", { alt: one.name, decoding: "async", src: `/v1/assets/${encodeURIComponent(one.asset)}/thumbnail` }) : null));
