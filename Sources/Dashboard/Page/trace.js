// The way back from one prediction: the frame itself, the model, the pipeline, and the lines that the worker logged.

import { draw } from "./drawing.js";
import { element } from "./dom.js";
import { clock } from "./figures.js";
import { moment } from "./assets.js";

/** What one prediction says, in a few words. */
export function words(one) {
  if (one.label !== undefined) return one.label;
  if (one.text !== undefined) return `“${one.text}”`;
  if (one.vector) return `${one.vector.length} numbers`;
  return one.kind;
}

export function trace(closed) {
  const body = element("div", {});
  const title = element("h2", { id: "trace-title", tabindex: -1 });
  const node = element(
    "section", { class: "panel trace", "aria-labelledby": "trace-title", hidden: true },
    element("header", { class: "row" }, title, element("button", { type: "button", class: "quiet", onclick: () => close() }, "Close")), body);
  let [work, repaint] = [null, () => null];

  function close() {
    work?.abort();
    node.hidden = true;
    closed();
  }

  /** Opens that of prediction `n` of an analysis; `order()` gives the labels in their model's order. */
  async function open(found, n, order, isAsked = true) {
    work?.abort();
    work = new AbortController();
    const mine = work.signal;
    node.hidden = false;
    title.textContent = `Prediction ${n}`;
    body.replaceChildren(element("p", { class: "quiet" }, "Asking for its way back…"));
    if (isAsked) title.focus({ preventScroll: true });
    try {
      const way = await found.trace(n, mine);
      if (!mine.aborted) show(found, way, order);
    } catch (trouble) {
      if (!mine.aborted) body.replaceChildren(element("p", { class: "outcome trouble" }, trouble.message));
    }
    if (isAsked) node.scrollIntoView({ block: "nearest" });
  }

  function show(found, { prediction, analysis, frame, log }, order) {
    const score = typeof prediction.score === "number" ? ` ${prediction.score.toFixed(4)}` : "";
    title.textContent = `${words(prediction)}${score}`;
    const canvas = element("canvas", { width: 1, height: 1, role: "img", "aria-label": `Frame ${frame.index} with ${words(prediction)}` });
    const place = element("div", { class: "still" }, canvas);
    const facts = [
      ["Frame", `${frame.index} at ${clock(frame.time, 3)}${frame.pts === undefined ? "" : `, pts ${frame.pts}`}`], ["Its digest", code(frame.sha256)],
      ["Model", code(prediction.model)],
      ...analysis.models.map((model) => `${model.name}@${model.digest}`).filter((name) => name !== prediction.model).map((name) => ["Also in it", code(name)]),
      ["Pipeline", [analysis.series, " ", code(analysis.pipeline)]], ["Made", moment(analysis.made)],
      ["By", `${analysis.worker} · ${analysis.engine} · Ridley ${analysis.ridley}`], ["Bytes of the asset", code(analysis.object)],
    ];
    body.replaceChildren(
      place,
      element("dl", { class: "facts" }, facts.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value ?? "–")])),
      element("h3", {}, "Log"),
      log.length === 0 ? element("p", { class: "quiet" }, "The worker logged nothing of it.") : element("ol", { class: "log" }, log.map(line)),
      element("details", {}, element("summary", {}, "The prediction as it is kept"), element("pre", {}, element("code", {}, JSON.stringify(prediction, null, 1)))));
    if (!frame.picture) return;
    const picture = new Image();
    picture.onload = () => repaint();
    repaint = () => (picture.complete && picture.naturalWidth > 0 ? draw(canvas, picture, [prediction], -1, order()) : null);
    picture.onerror = () => place.replaceChildren(element("p", { class: "outcome trouble" }, "The frame did not come: is the film still whole?"));
    picture.src = frame.picture;
  }

  return { node, open, close, paint: () => repaint(), leave: () => work?.abort() };
}

const code = (text) => (text ? element("code", {}, text) : null);

function line({ time, event, worker, ...more }) {
  const rest = Object.entries(more).map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`).join(" · ");
  const at = Number.isNaN(Date.parse(time)) ? String(time) : new Date(time).toISOString().slice(11, 23);
  return element("li", {}, element("time", { datetime: time, title: `${time} ${worker ?? ""}` }, at), element("b", {}, event), element("span", {}, rest));
}
