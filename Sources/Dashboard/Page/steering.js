// What is the same wherever a job is shown: its bar with numbers, and the buttons that steer it.

import { session } from "./api.js";
import { advice } from "./assets.js";
import { element, say } from "./dom.js";
import { group } from "./figures.js";
import { ends, isOver, mayRetry, money, order, settled, Share } from "./jobfacts.js";

/** How much of a job is settled, and how. */
export class Bar {
  #share = new Share();

  constructor() {
    this.parts = ends.map((name) => element("span", { "data-end": name }));
    this.node = element("div", { class: "progress", role: "progressbar", "aria-label": "Settled", "aria-valuemin": 0, "aria-valuemax": 100 }, this.parts);
  }

  show(one) {
    const [share, all] = [this.#share.take(one), settled(one)];
    for (const [index, name] of ends.entries()) this.parts[index].style.width = `${all > 0 ? (share * one[name] * 100) / all : 0}%`;
    const whole = Math.floor(share * 100);
    this.node.setAttribute("aria-valuenow", whole);
    const words = ends.filter((name) => one[name] > 0).map((name) => `${group(one[name])} ${name}`).join(", ");
    this.node.setAttribute("aria-valuetext", `${whole} %${words ? `: ${words}` : ""}${one.listing ? "; more are being listed" : ""}`);
  }
}

/** How many ended how, each in a place of its own. */
export class Tally {
  constructor() {
    this.values = ends.map(() => element("strong"));
    this.node = element("div", { class: "tally" }, ends.map((name, index) => element("div", { "data-end": name }, this.values[index], element("span", {}, name))));
  }

  show(one) {
    for (const [index, name] of ends.entries()) {
      say(this.values[index], group(one[name]));
      this.values[index].parentElement.classList.toggle("some", one[name] > 0);
    }
  }
}

/** Asks before something is done: `null` where it is not wanted, else what stands in the field, where there is one. */
export function question(host, { title, text, yes, no, field, isGrave }) {
  const dialog = element(
    "dialog", { "aria-labelledby": "question-title" },
    element("form", { method: "dialog" },
      element("h2", { id: "question-title" }, title), element("p", {}, text), field ?? null,
      element("p", { class: "row" },
        element("button", { value: "yes", class: isGrave ? "danger" : "main" }, yes), element("button", { value: "no", formnovalidate: true }, no))));
  host.append(dialog);
  dialog.returnValue = "no";
  dialog.showModal();
  (field?.querySelector("input") ?? dialog.querySelector("[value=no]")).focus();
  return new Promise((resolve) => dialog.addEventListener("close", () => {
    dialog.remove();
    resolve(dialog.returnValue === "yes" ? field?.querySelector("input").value ?? "" : null);
  }));
}

/**
 * Pause or resume, cancel, retry: each has its place, which stays empty where there is nothing to do, so that no button comes under a pointer
 * that was for another. `changed(job)` is called with the job as it is then, `told(text, isTrouble)` with what is to be said.
 */
export class Controls {
  #one = null;
  #isBusy = false;

  /** `home` is what gets the focus of a button that goes. */
  constructor(home, changed, told) {
    Object.assign(this, { home, changed, told });
    const button = (name, text, act) => element("button", { type: "button", class: name === "cancel" ? "danger" : "", "data-order": name, onclick: act }, text);
    this.turn = button("turn", "Pause", () => (this.#one.state === "running" ? this.#order("pause") : this.#resume()));
    this.cancel = button("cancel", "Cancel…", () => this.#cancel());
    this.retry = button("retry", "Retry failed", () => this.#order("retry"));
    this.node = element("div", { class: "row steering", role: "group", "aria-label": "Steer this job" }, this.retry, this.turn, this.cancel);
  }

  show(one) {
    this.#one = one;
    this.node.hidden = !session.may("write");
    const text = one.state === "stopped" ? "Resume…" : one.state === "paused" ? "Resume" : "Pause";
    if (this.turn.textContent !== text) say(this.turn, text);
    this.#place(this.turn, !isOver(one));
    this.#place(this.cancel, !isOver(one));
    this.#place(this.retry, mayRetry(one));
    const again = one.state === "failed" ? "Retry" : "Retry failed";
    if (this.retry.textContent !== again) say(this.retry, again);
  }

  #place(button, isThere) {
    if (button.classList.contains("away") === !isThere) return;
    const hadFocus = document.activeElement === button;
    button.classList.toggle("away", !isThere);
    if (hadFocus) (isThere ? button : this.home).focus({ preventScroll: true });
  }

  async #cancel() {
    const left = this.#one.listed - settled(this.#one);
    const answer = await question(this.node, {
      title: "Cancel this job?", yes: "Cancel the job", no: "Let it go on", isGrave: true,
      text: `${left === 1 ? "1 item is" : `${group(left)} items are`} not done${this.#one.listing ? " of those listed so far" : ""}, and will not be. What was published stays.`,
    });
    if (answer !== null) this.#order("cancel");
  }

  async #resume() {
    if (this.#one.state !== "stopped") return this.#order("resume");
    const { budget, cost } = this.#one;
    const input = element("input", { id: "more-budget", type: "number", min: 0, step: "any", required: true, value: Number((Math.max(budget ?? 0, cost) * 2).toFixed(6)) });
    const answer = await question(this.node, {
      title: "Resume with a higher budget?", yes: "Resume", no: "Leave it", text: `It has cost ${money(cost)} so far, and its budget was ${money(budget ?? 0)}.`,
      field: element("label", { for: "more-budget" }, "What it may cost in all", input),
    });
    if (answer !== null && Number(answer) > 0) this.#order("resume", { budget: Number(answer) });
  }

  async #order(what, body) {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.node.setAttribute("aria-busy", "true");
    try {
      const one = await order(this.#one.job, what, body);
      this.told("", false);
      this.changed(one);
    } catch (trouble) {
      this.told(advice(trouble), true);
    }
    this.#isBusy = false;
    this.node.removeAttribute("aria-busy");
  }
}

/** Looks again and again, one look after another, and not while the page is out of sight. `look()` gives the seconds until the next. */
export class Looking {
  #timer = 0;
  #isLooking = false;
  #isOver = false;

  constructor(look) {
    this.look = look;
    this.seen = () => (document.hidden ? clearTimeout(this.#timer) : this.hurry());
    document.addEventListener("visibilitychange", this.seen);
  }

  /** Looks now. */
  async hurry() {
    clearTimeout(this.#timer);
    if (this.#isLooking || this.#isOver) return;
    this.#isLooking = true;
    const rest = await this.look();
    this.#isLooking = false;
    this.after(rest);
  }

  after(seconds) {
    clearTimeout(this.#timer);
    if (!this.#isOver && !document.hidden) this.#timer = setTimeout(() => this.hurry(), seconds * 1000);
  }

  leave() {
    this.#isOver = true;
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.seen);
  }
}
