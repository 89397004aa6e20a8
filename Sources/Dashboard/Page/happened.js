// An event in words and pictures: what lists and its own page share.

import { ask, path, session } from "./api.js";
import { moment } from "./assets.js";
import { element, say } from "./dom.js";
import { age, count } from "./figures.js";
import { endOf, eventAddress } from "./recorded.js";
import { whyNot } from "./reel.js";

/** Seconds before the event at which its clip begins to play, so that one sees it begin. */
const before = 1;

export const clientOf = (one) => (session.client === one.owner ? "" : one.owner);
export const eventLink = (one) => path(`#/events/${encodeURIComponent(one.event)}`, { client: clientOf(one) });
export const seconds = (one) => (endOf(one) - new Date(one.from)) / 1000;

export const problems = { "source-gone": "source gone", "disk-short": "disk short", "queue-long": "queue long", "clip-discarded": "clip discarded", "node-silent": "node silent" };
export const named = (one) => problems[one.rule] ?? one.rule;

/** What was there, and where. */
export function what(one) {
  if (one.kind === "health" || one.kind === "drift") return one.problem ?? "";
  const place = one.zone ? ` in ${one.zone}` : one.line ? ` at ${one.line}${one.direction ? `, ${one.direction}` : ""}` : "";
  return `${one.label ?? "something"}${place}${one.count > 1 ? `, ${count(one.count, "object")}` : ""}${typeof one.score === "number" ? `, ${one.score.toFixed(2)}` : ""}`;
}

export function when(one) {
  const length = seconds(one);
  return `${moment(one.from, true)}${length >= 0.5 ? `, for ${age(Math.max(1, length))}` : ""}${one.reason && one.reason !== "over" ? `, ended by ${one.reason}` : ""}`;
}

export const state = (one) => element(
  "span", { class: "state", "data-state": one.state === "over" ? "over" : ["health", "drift"].includes(one.kind) ? "unavailable" : "busy" }, one.state === "over" ? "over" : "going on");

export const snapshot = (one, width) => (one.snapshot
  ? element("img", { alt: `${named(one)}: its best moment`, loading: "lazy", decoding: "async", width, src: eventAddress(one, "snapshot", clientOf(one)) })
  : element("span", { class: "nothing" }));

/** Where in its clip an event begins. */
export const begin = (one) => Math.max(0, (new Date(one.from) - new Date(one.clip.from)) / 1000 - before);

/** Plays an event's clip, from the event's own moment on; `said(words)` with why not. */
export function clip(one, said) {
  const address = eventAddress(one, "clip", clientOf(one));
  const video = element("video", { controls: true, playsinline: true, preload: "auto", "aria-label": `The clip of ${named(one)}` });
  video.muted = true;
  video.addEventListener("loadedmetadata", () => (video.currentTime = Math.min(begin(one), Math.max(0, video.duration - 0.1))), { once: true });
  video.addEventListener("error", async () => {
    const { codec } = await ask(`/v1/assets/${encodeURIComponent(one.clip.asset)}`).catch(() => ({}));
    said((await whyNot(address, codec)).words);
  });
  video.src = address;
  return video;
}

/** A picture that becomes its clip when it is pressed. */
export function playable(one, width) {
  const picture = snapshot(one, width);
  if (!one.clip) return picture;
  const note = element("p", { class: "outcome", role: "status" });
  const box = element("div", { class: "playable" });
  const button = element("button", { type: "button", class: "shot", "aria-label": `Play the clip of ${named(one)}`, onclick: play }, picture, element("span", { class: "go", "aria-hidden": "true" }, "▶"));
  box.append(button);

  function play() {
    const video = clip(one, (words) => {
      box.closest("li")?.classList.remove("playing");
      box.replaceChildren(button, note);
      say(note, words);
    });
    box.closest("li")?.classList.add("playing");
    box.replaceChildren(video);
    video.focus();
    video.play().catch(() => null);
  }
  return box;
}
