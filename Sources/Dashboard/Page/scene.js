// Masks, zones and lines of a stream over its picture, and drawing them.

import { ask } from "./api.js";
import { advice, moment } from "./assets.js";
import { labelled } from "./choices.js";
import { color } from "./drawing.js";
import { element, say } from "./dom.js";
import { address } from "./streams.js";

const kinds = { zone: "zone, in which something is", line: "line, which something crosses", mask: "mask, in which nothing counts" };

export class SceneEditor {
  /** What holds: `{masks, zones, lines}`; and what is being drawn: `{kind, points}`. */
  #scene = { masks: [], zones: {}, lines: {} };
  #drawing = null;

  /** `changed()` is called where the picture has to be painted anew. */
  constructor(name, client, canvas, mayChange, changed) {
    Object.assign(this, { name, client, canvas, mayChange, changed });
    this.kind = element("select", { id: "scene-kind" }, Object.entries(kinds).map(([value, text]) => element("option", { value }, text)));
    this.field = element("input", { id: "scene-name", autocomplete: "off", spellcheck: "false", maxlength: 64, placeholder: "yard" });
    this.list = element("ul", { class: "scene" });
    this.status = element("p", { class: "facts" });
    this.outcome = element("p", { class: "outcome", role: "status" });
    this.draw = element("button", { type: "button", onclick: () => this.#begin() }, "Draw…");
    this.done = element("button", { type: "button", class: "main", onclick: () => this.#finish() }, "Keep it");
    this.stop = element("button", { type: "button", onclick: () => this.#end() }, "Cancel");
    this.reset = element("button", { type: "button", onclick: () => this.#takeAway() }, "Those of the pipeline again");
    this.form = element(
      "div", { class: "drawing", hidden: true }, labelled("A", this.kind), labelled("Name", this.field),
      element("p", { class: "facts" }, "Click its corners into the picture; a line has two."), element("p", { class: "row" }, this.done, this.stop));
    this.node = element(
      "section", { class: "panel", "aria-labelledby": "scene-title", hidden: true }, element("h2", { id: "scene-title" }, "Zones and lines"), this.list, this.status,
      element("p", { class: "row" }, this.draw, this.reset), this.form, this.outcome);
    this.kind.addEventListener("change", () => (this.field.disabled = this.kind.value === "mask"));
    canvas.addEventListener("click", (event) => this.#point(event));
    this.load();
  }

  async load() {
    try {
      this.#take(await ask(address(this.name, this.client, "zones")));
      this.node.hidden = false;
    } catch { /* A stream that is only shown has none. */ }
  }

  /** Paints what holds over the picture, and what is being drawn. */
  paint() {
    const pen = this.canvas.getContext("2d");
    const [wide, high] = [this.canvas.clientWidth, this.canvas.clientHeight];
    const trace = (points, isClosed) => {
      pen.beginPath();
      for (const [x, y] of points) pen.lineTo(x * wide, y * high);
      if (isClosed) pen.closePath();
    };
    pen.save();
    pen.lineWidth = 2;
    pen.font = "600 12px system-ui, sans-serif";
    for (const points of this.#scene.masks) {
      trace(points, true);
      pen.fillStyle = "rgb(0 0 0 / 0.45)";
      pen.fill();
    }
    for (const [name, { polygon }] of Object.entries(this.#scene.zones)) this.#outline(pen, name, polygon, () => trace(polygon, true), wide, high);
    for (const [name, { points }] of Object.entries(this.#scene.lines)) this.#outline(pen, name, points, () => trace(points, false), wide, high);
    if (this.#drawing) {
      trace(this.#drawing.points, this.#drawing.kind !== "line");
      pen.strokeStyle = "#ffffff";
      pen.setLineDash([6, 4]);
      pen.stroke();
      for (const [x, y] of this.#drawing.points) pen.strokeRect(x * wide - 3, y * high - 3, 6, 6);
    }
    pen.restore();
  }

  #outline(pen, name, points, trace, wide, high) {
    trace();
    pen.strokeStyle = color(name);
    pen.setLineDash([]);
    pen.stroke();
    pen.fillStyle = color(name);
    pen.fillText(name, points[0][0] * wide + 6, Math.max(14, points[0][1] * high - 6));
  }

  #take(told) {
    this.#scene = { masks: told.masks, zones: told.zones, lines: told.lines };
    const rows = [
      ...told.masks.map((_, index) => ["mask", `mask ${index + 1}`, () => this.#scene.masks.splice(index, 1)]),
      ...Object.keys(told.zones).map((name) => ["zone", name, () => delete this.#scene.zones[name]]),
      ...Object.keys(told.lines).map((name) => ["line", name, () => delete this.#scene.lines[name]]),
    ];
    this.list.replaceChildren(...rows.map(([kind, name, remove]) => element(
      "li", {}, element("span", {}, kind === "mask" ? name : `${kind} ${name}`),
      this.mayChange ? element("button", { type: "button", class: "quiet", "aria-label": `Remove ${name}`, onclick: () => { remove(); this.#save(); } }, "Remove") : "")));
    say(this.status, told.drawn ? `Drawn${told.changed ? ` ${moment(told.changed)}` : ""}${told.by ? ` by ${told.by}` : ""}, over those of the pipeline.` : rows.length > 0 ? "As the pipeline has them." : "The pipeline has none.");
    this.draw.hidden = !this.mayChange;
    this.reset.hidden = !this.mayChange || !told.drawn;
    this.changed();
  }

  #begin() {
    this.#drawing = { kind: this.kind.value, points: [] };
    [this.form.hidden, this.draw.hidden] = [false, true];
    this.canvas.classList.add("drawable");
    say(this.outcome, "");
    this.changed();
  }

  #end() {
    this.#drawing = null;
    [this.form.hidden, this.draw.hidden] = [true, !this.mayChange];
    this.canvas.classList.remove("drawable");
    this.changed();
  }

  #point(event) {
    if (!this.#drawing) return;
    this.#drawing.kind = this.kind.value;
    const box = this.canvas.getBoundingClientRect();
    const place = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height].map((one) => Math.round(Math.min(1, Math.max(0, one)) * 1e4) / 1e4);
    if (this.#drawing.kind === "line" && this.#drawing.points.length >= 2) this.#drawing.points = [];
    this.#drawing.points.push(place);
    this.changed();
  }

  async #finish() {
    const { points } = this.#drawing;
    const [kind, name] = [this.kind.value, this.field.value.trim()];
    if (kind === "line" ? points.length !== 2 : points.length < 3) return this.#tell(kind === "line" ? "A line has two points." : "It needs three corners at least.");
    if (kind !== "mask" && !name) return this.#tell("It needs a name, by which rules and events are told.");
    if (kind === "mask") this.#scene.masks.push(points);
    else if (kind === "zone") this.#scene.zones[name] = { polygon: points };
    else this.#scene.lines[name] = { points };
    if (await this.#save()) this.#end();
  }

  async #save() {
    try {
      const told = await ask(address(this.name, this.client, "zones"), { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify(this.#scene) }, 15);
      this.#take(told);
      say(this.outcome, "");
      this.outcome.classList.remove("trouble");
      return true;
    } catch (trouble) {
      this.#tell(advice(trouble));
      await this.load();
      return false;
    }
  }

  async #takeAway() {
    try {
      await ask(address(this.name, this.client, "zones"), { method: "DELETE" }, 15);
      await this.load();
    } catch (trouble) {
      this.#tell(advice(trouble));
    }
  }

  #tell(text) {
    say(this.outcome, text);
    this.outcome.classList.add("trouble");
  }
}
