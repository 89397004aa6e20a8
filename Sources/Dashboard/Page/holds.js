// A range of a day that is to be saved or held, and what is held.

import { open, path, session } from "./api.js";
import { advice } from "./assets.js";
import { labelled } from "./choices.js";
import { dayOf, daysOn, hours, iso, local, momentOf } from "./days.js";
import { element, say } from "./dom.js";
import { age } from "./figures.js";
import { filmAddress, hold, release } from "./recorded.js";
import { question } from "./steering.js";

const mostHours = 6;

/** `view` has the `day`, `name`, `client` and `band` that it is about; `changed()` is called when something is held or not any more. */
export class Holds {
  #range = null;

  constructor(view, changed) {
    Object.assign(this, { view, changed });
    const field = (name, text) => {
      const input = element("input", { id: `range-${name}`, type: "datetime-local", step: 1, onchange: () => this.#typed() });
      this[name] = input;
      return labelled(text, input);
    };
    this.about = element("p", { class: "quiet" }, "Draw over the band, or press i and o where it begins and ends.");
    this.outcome = element("p", { class: "outcome", role: "status" });
    this.save = element("button", { type: "button", class: "main", disabled: true, onclick: () => this.#save() }, "Save as a file");
    this.keep = element("button", { type: "button", disabled: true, hidden: !session.may("write"), onclick: () => this.#hold() }, "Hold…");
    this.clear = element("button", { type: "button", class: "quiet", hidden: true, onclick: () => this.choose(null) }, "No range");
    this.command = element("code", {});
    this.films = element("a", {}, "Its films in the library");
    this.more = element("details", { hidden: true }, element("summary", {}, "Run a model over it"), element("pre", {}, this.command), element("p", {}, this.films));
    this.list = element("ul", { class: "held" });
    this.none = element("p", { class: "quiet" }, "Nothing of this day is held: it goes when it is as old as the server keeps recordings.");
    this.node = element(
      "div", { class: "ranging" },
      element("section", { class: "panel", "aria-labelledby": "range-title" }, element("h2", { id: "range-title" }, "A range"), this.about,
        element("div", { class: "fields" }, field("from", "From"), field("to", "To")), element("p", { class: "row" }, this.save, this.keep, this.clear), this.outcome, this.more),
      element("section", { class: "panel", "aria-labelledby": "held-title" }, element("h2", { id: "held-title" }, "Held"), this.none, this.list));
  }

  /** What is drawn over, `null` for nothing. */
  choose(range) {
    this.#range = range;
    this.view.band.range = range;
    this.from.value = range ? local(range.from) : "";
    this.to.value = range ? local(range.to) : "";
    this.#tell();
  }

  mark(end, moment) {
    const other = this.#range ?? { from: moment, to: Math.min(this.view.day.to, moment + 10_000) };
    const range = { ...other, [end]: moment };
    if (range.from >= range.to) this.choose(end === "from" ? { from: moment, to: moment + 10_000 } : { from: moment - 10_000, to: moment });
    else this.choose(range);
  }

  #typed() {
    const [from, to] = [momentOf(this.from.value), momentOf(this.to.value)];
    this.#range = from !== null && to !== null && from < to ? { from, to } : null;
    this.view.band.range = this.#range;
    this.#tell(from !== null && to !== null && from >= to ? "It ends before it begins." : "");
  }

  #tell(trouble = "") {
    const range = this.#range;
    const seconds = range ? (range.to - range.from) / 1000 : 0;
    const isLong = seconds > mostHours * 3600;
    this.save.disabled = !range || isLong;
    this.keep.disabled = !range;
    this.clear.hidden = this.more.hidden = !range;
    this.outcome.classList.toggle("trouble", trouble !== "");
    say(this.outcome, trouble);
    say(this.about, !range ? "Draw over the band, or press i and o where it begins and ends."
      : `${hours(range.from)} to ${hours(range.to)}, ${age(seconds)}.${isLong ? ` A file has at most ${mostHours} hours: save it in parts.` : ""}`);
    if (!range) return;
    this.films.href = path("#/library", { client: this.view.client, tags: `${this.view.name},continuous`, from: dayOf(range.from), before: daysOn(dayOf(range.to), 1) });
    say(this.command, `ridley job start --stream ${this.view.name} --from ${iso(range.from)} --to ${iso(range.to)} --pipeline NAME`);
  }

  /** Asked for first, so that what is in the way is told here and not by a download that fails. */
  async #save() {
    const { from, to } = this.#range;
    const { name, client } = this.view;
    const [address, work] = [filmAddress(name, client, from, to), new AbortController()];
    say(this.outcome, "Asking…");
    try {
      await open(address, work.signal);
      work.abort();
      say(this.outcome, "");
      element("a", { href: address, download: `${name} ${local(from).replaceAll(":", "-")}.mp4` }).click();
    } catch (trouble) {
      this.#tell(trouble.message);
    }
  }

  async #hold() {
    const { from, to } = this.#range;
    const reason = element("input", { id: "hold-reason", maxlength: 300, autocomplete: "off", placeholder: "accident at the ramp" });
    const answer = await question(this.node, {
      title: "Hold this range?", yes: "Hold it", no: "Leave it", text: `What was recorded from ${hours(from)} to ${hours(to)}, and its clips, is not removed until the hold is taken away.`,
      field: element("label", { for: "hold-reason" }, "Why", reason),
    });
    if (answer === null) return;
    this.#do(() => hold(this.view.name, this.view.client, { from: iso(from), to: iso(to), ...(answer.trim() ? { reason: answer.trim() } : {}) }));
  }

  async #release(one) {
    const answer = await question(this.node, {
      title: "Take this hold away?", yes: "Take it away", no: "Keep it", isGrave: true, text: "What it holds is removed when its time is over, which may be at once.",
    });
    if (answer !== null) this.#do(() => release(this.view.name, this.view.client, one.hold));
  }

  async #do(act) {
    try {
      await act();
      await this.view.day.hold();
      this.#tell();
      this.changed();
    } catch (trouble) {
      this.#tell(advice(trouble));
    }
  }

  show() {
    const { holds } = this.view.day;
    this.none.hidden = holds.length > 0;
    const line = JSON.stringify(holds);
    if (this.list.dataset.line === line) return;
    this.list.dataset.line = line;
    this.list.replaceChildren(...holds.map((one) => element(
      "li", {},
      element("button", { type: "button", class: "quiet what", title: "Show it as the range", onclick: () => this.choose({ from: one.from, to: one.to }) },
        element("b", {}, `${hours(one.from)} to ${hours(one.to)}`), element("span", {}, [one.label ? `events with ${one.label}` : "", one.reason ?? ""].filter(Boolean).join(" · ") || "no reason given")),
      session.may("write") ? element("button", { type: "button", class: "danger", onclick: () => this.#release(one) }, "Release…") : "")));
  }
}
