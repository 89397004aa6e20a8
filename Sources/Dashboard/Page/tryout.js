// A picture or a clip dropped, chosen or pasted, a model, and what it sees.

import { ask } from "./api.js";
import { clip } from "./clip.js";
import { draw } from "./drawing.js";
import { element, say } from "./dom.js";
import { count, span } from "./figures.js";

const shownAtMost = 50;

export function tryout() {
  const select = element("select", { id: "try-model", onchange: run });
  const input = element("input", {
    type: "file", accept: "image/*,video/*", class: "hidden", id: "try-file", onchange: () => take(input.files[0]),
  });
  const canvas = element("canvas", { width: 1, height: 1, role: "img", "aria-label": "No picture yet" });
  const hint = element("span", { class: "hint" }, element("b", {}, "Choose a picture or a short clip"), " or drop or paste one");
  const zone = element("label", { class: "zone", for: "try-file" }, hint, canvas);
  const status = element("p", { class: "outcome", role: "status" });
  const list = element("ol", { class: "found" });
  const again = element("button", { type: "button", onclick: run, hidden: true }, "Ask again");
  const film = clip(() => paint());
  const node = element(
    "section", { class: "try", "aria-labelledby": "try-title" },
    element("h2", { id: "try-title" }, "Try a picture or a clip"),
    element("p", { class: "row" }, element("label", { for: "try-model" }, "Model"), select),
    input, zone, film.node, element("p", { class: "row" }, again), status, list);

  let [file, picture, answer, number] = [null, null, null, 0];
  // In each model's own order, which decides their colours; by the name of the model and its version.
  const labels = new Map();
  canvas.hidden = true;

  async function take(chosen) {
    if (!chosen) return;
    const [kind] = chosen.type.split("/");
    if (kind !== "image" && kind !== "video") return fail(`${chosen.name} is no picture and no clip.`);
    try {
      // Upright, as the server turns it too.
      const shown = kind === "video" ? await film.open(chosen) : await createImageBitmap(chosen, { imageOrientation: "from-image" });
      if (kind === "image") film.close();
      picture?.close?.();
      [file, picture, answer] = [chosen, shown, null];
    } catch {
      return fail(`${chosen.name || "This"} cannot be ${kind === "video" ? "played" : "read as a picture"} here.`);
    }
    canvas.hidden = false;
    say(hint, "Choose, drop or paste another");
    paint();
    run();
  }

  function fail(message) {
    list.replaceChildren();
    status.classList.add("trouble");
    say(status, message);
  }

  /** Only the newest question's answer counts. */
  async function run() {
    if (!file || !select.value) return;
    const mine = (number += 1);
    const [name, version] = select.value.split("/");
    answer = null;
    again.hidden = true;
    list.replaceChildren();
    status.classList.remove("trouble");
    say(status, "Asking…");
    paint();
    const begun = performance.now();
    try {
      const path = `/v1/models/${encodeURIComponent(name)}/versions/${encodeURIComponent(version)}/predict`;
      const query = film.isOpen ? `?every=${film.every()}` : "";
      const [found] = await Promise.all([
        ask(path + query, { method: "POST", body: file, headers: { "Content-Type": file.type } }, 60), learn(name, version)]);
      if (mine !== number) return;
      answer = found;
      tell((performance.now() - begun) / 1000);
    } catch (error) {
      if (mine !== number) return;
      fail(error.message);
    }
    again.hidden = false;
    paint();
  }

  /** A key may be one that asks and does not read: then names decide the colours. */
  async function learn(name, version) {
    const key = `${name}/${version}`;
    if (labels.has(key)) return;
    try {
      const { versions } = await ask(`/v1/models/${encodeURIComponent(name)}`, {}, 10);
      labels.set(key, versions.find((one) => one.version === version)?.labels ?? []);
    } catch { /* Their names do. */ }
  }

  function tell(seconds) {
    const all = answer.predictions;
    const where = film.isOpen ? ` on ${count(answer.frames, "frame")}` : "";
    say(status, `${all.length === 0 ? "Nothing found" : count(all.length, "prediction")}${where} in ${span(seconds)}, there and back.`);
    const rows = all.slice(0, shownAtMost).map((one, index) => {
      const score = typeof one.score === "number" ? one.score : null;
      return element(
        "li", { tabindex: 0, onfocus: () => mark(index), onblur: () => paint(), onmouseenter: () => mark(index), onmouseleave: () => paint() },
        element("span", {}, label(one), one.time === undefined ? null : element("small", {}, ` at ${clock(one.time)}`)),
        score === null ? null : element("meter", { min: 0, max: 1, value: Math.min(1, Math.max(0, score)), "aria-hidden": "true" }),
        score === null ? null : element("span", { class: "score" }, score.toFixed(2)));
    });
    if (all.length > shownAtMost) rows.push(element("li", { class: "more" }, `and ${all.length - shownAtMost} more`));
    list.replaceChildren(...rows);
  }

  /** Of a clip the frame that it was found on is shown. */
  function mark(index) {
    const { time } = answer.predictions[index];
    if (film.isOpen && time !== undefined) film.seek(time);
    paint(index);
  }

  function paint(marked = -1) {
    if (!picture) return;
    const all = answer?.predictions ?? [];
    const now = film.isOpen ? film.at(all) : all;
    draw(canvas, picture, now, marked < 0 ? -1 : now.indexOf(all[marked]), labels.get(select.value) ?? []);
    const seen = now.slice(0, 5).map(label).join(", ");
    canvas.setAttribute("aria-label", `${film.isOpen ? "The clip" : "The picture"}${seen ? `, with ${seen}` : ""}`);
  }

  const drop = {
    dragover: (event) => {
      event.preventDefault();
      zone.classList.add("over");
    },
    dragleave: () => zone.classList.remove("over"),
    drop: (event) => {
      event.preventDefault();
      zone.classList.remove("over");
      take(event.dataTransfer.files[0]);
    },
  };
  for (const [kind, listener] of Object.entries(drop)) document.addEventListener(kind, listener);
  const paste = (event) => {
    const chosen = [...event.clipboardData.files].find((one) => /^(image|video)\//.test(one.type));
    if (chosen) take(chosen);
  };
  document.addEventListener("paste", paste);
  const resize = new ResizeObserver(() => paint());
  resize.observe(zone);

  return {
    node,
    /** Models that can be asked; the choice stays where it is while its model does. */
    update(models) {
      const ready = models.filter((model) => model.state === "ready" && model.task && model.task !== "tensor");
      const line = JSON.stringify(ready.map((model) => [model.name, model.version]));
      if (select.dataset.line === line) return;
      select.dataset.line = line;
      const chosen = select.value;
      select.replaceChildren(...ready.map((model) =>
        element("option", { value: `${model.name}/${model.version}` }, `${model.name} (${model.version}), ${model.task}`)));
      if (ready.length === 0) select.append(element("option", { value: "" }, "no model that looks at pictures is ready"));
      select.disabled = ready.length === 0;
      if (ready.some((model) => `${model.name}/${model.version}` === chosen)) select.value = chosen;
      else if (file) run();
    },
    leave() {
      for (const [kind, listener] of Object.entries(drop)) document.removeEventListener(kind, listener);
      document.removeEventListener("paste", paste);
      resize.disconnect();
      film.close();
      picture?.close?.();
    },
  };
}

/** Minutes, seconds and tenths. */
const clock = (seconds) => `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, "0")}`;

/** What one prediction says, in a few words. */
function label(one) {
  if (one.label !== undefined) return one.label;
  if (one.text !== undefined) return `“${one.text}”`;
  if (one.vector) return `${one.vector.length} numbers`;
  if (one.tensor) return `${one.tensor.name}: ${one.tensor.shape.join(" × ")}, ${one.tensor.type}`;
  return one.kind;
}
