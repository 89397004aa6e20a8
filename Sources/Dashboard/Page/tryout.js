// A picture dropped, chosen or pasted, a model, and what it sees.

import { ask } from "./api.js";
import { draw } from "./drawing.js";
import { element, say } from "./dom.js";
import { count, span } from "./figures.js";

const shownAtMost = 50;

export function tryout() {
  const select = element("select", { id: "try-model", onchange: run });
  const input = element("input", {
    type: "file", accept: "image/*", class: "hidden", id: "try-file", onchange: () => take(input.files[0]),
  });
  const canvas = element("canvas", { width: 1, height: 1, role: "img", "aria-label": "No picture yet" });
  const hint = element("span", { class: "hint" }, element("b", {}, "Choose a picture"), " or drop or paste one");
  const zone = element("label", { class: "zone", for: "try-file" }, hint, canvas);
  const status = element("p", { class: "outcome", role: "status" });
  const list = element("ol", { class: "found" });
  const again = element("button", { type: "button", onclick: run, hidden: true }, "Ask again");
  const node = element(
    "section", { class: "try", "aria-labelledby": "try-title" },
    element("h2", { id: "try-title" }, "Try a picture"),
    element("p", { class: "row" }, element("label", { for: "try-model" }, "Model"), select),
    input, zone, element("p", { class: "row" }, again), status, list);

  let [file, picture, answer, number] = [null, null, null, 0];
  canvas.hidden = true;

  async function take(chosen) {
    if (!chosen) return;
    if (!chosen.type.startsWith("image/")) return fail(`${chosen.name} is no picture.`);
    try {
      // Upright, as the server turns it too.
      const bitmap = await createImageBitmap(chosen, { imageOrientation: "from-image" });
      picture?.close();
      [file, picture, answer] = [chosen, bitmap, null];
    } catch {
      return fail(`${chosen.name || "This"} cannot be read as a picture here.`);
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
      const found = await ask(path, { method: "POST", body: file, headers: { "Content-Type": file.type } }, 60);
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

  function tell(seconds) {
    const all = answer.predictions;
    say(status, `${all.length === 0 ? "Nothing found" : count(all.length, "prediction")} in ${span(seconds)}, there and back.`);
    const rows = all.slice(0, shownAtMost).map((one, index) => {
      const score = typeof one.score === "number" ? one.score : null;
      return element(
        "li", { tabindex: 0, onfocus: () => paint(index), onblur: () => paint(), onmouseenter: () => paint(index), onmouseleave: () => paint() },
        element("span", {}, label(one)),
        score === null ? null : element("meter", { min: 0, max: 1, value: Math.min(1, Math.max(0, score)), "aria-hidden": "true" }),
        score === null ? null : element("span", { class: "score" }, score.toFixed(2)));
    });
    if (all.length > shownAtMost) rows.push(element("li", { class: "more" }, `and ${all.length - shownAtMost} more`));
    list.replaceChildren(...rows);
  }

  function paint(marked = -1) {
    if (!picture) return;
    draw(canvas, picture, answer?.predictions ?? [], marked);
    const seen = (answer?.predictions ?? []).slice(0, 5).map(label).join(", ");
    canvas.setAttribute("aria-label", `The picture${seen ? `, with ${seen}` : ""}`);
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
    const chosen = [...event.clipboardData.files].find((one) => one.type.startsWith("image/"));
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
      picture?.close();
    },
  };
}

/** What one prediction says, in a few words. */
function label(one) {
  if (one.label !== undefined) return one.label;
  if (one.text !== undefined) return `“${one.text}”`;
  if (one.vector) return `${one.vector.length} numbers`;
  if (one.tensor) return `${one.tensor.name}: ${one.tensor.shape.join(" × ")}, ${one.tensor.type}`;
  return one.kind;
}
