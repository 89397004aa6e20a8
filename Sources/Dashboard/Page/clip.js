// A clip that plays: which frame it shows, and what was found on it.

import { element } from "./dom.js";

// The server looks at 300 frames of a clip at most.
const framesAtMost = 200;

/** `change` is called whenever another frame is to be seen. */
export function clip(change) {
  const video = document.createElement("video");
  Object.assign(video, { muted: true, playsInline: true, preload: "auto" });
  const play = element("button", { type: "button", onclick: () => (video.paused ? video.play() : video.pause()) }, "Play");
  const place = element("input", { type: "range", min: 0, max: 1, step: "any", value: 0, "aria-label": "Place in the clip" });
  const node = element("p", { class: "row film", hidden: true }, play, place);
  let [address, times] = [null, []];

  function show() {
    if (document.activeElement !== place || !video.paused) place.value = video.currentTime;
    play.textContent = video.paused ? "Play" : "Pause";
    change();
    if (!video.paused) requestAnimationFrame(show);
  }
  place.addEventListener("input", () => {
    video.pause();
    video.currentTime = Number(place.value);
  });
  for (const kind of ["play", "pause", "ended", "seeked"]) video.addEventListener(kind, show);

  return {
    node,
    get isOpen() { return address !== null; },
    /** Gives the video once its first frame can be drawn; a file that cannot be played is refused. */
    open(file) {
      this.close();
      return new Promise((resolve, reject) => {
        const here = URL.createObjectURL(file);
        video.onloadeddata = () => {
          [address, node.hidden, place.max] = [here, false, video.duration];
          resolve(video);
        };
        video.onerror = () => {
          URL.revokeObjectURL(here);
          reject(video.error);
        };
        video.src = here;
      });
    },
    close() {
      if (address === null) return;
      video.pause();
      video.removeAttribute("src");
      URL.revokeObjectURL(address);
      [address, node.hidden] = [null, true];
    },
    /** Seconds between two frames that the server is to look at: as many as it takes, at most five a second. */
    every() { return Math.max(0.2, Math.ceil((video.duration / framesAtMost) * 1000) / 1000 || 1); },
    seek(time) {
      video.pause();
      video.currentTime = time;
    },
    /** Those of the last frame that was looked at before what is shown. */
    at(predictions) {
      if (times.of !== predictions) {
        times = [...new Set(predictions.map((one) => one.time))].sort((a, b) => a - b);
        times.of = predictions;
      }
      const now = times.findLast((time) => time <= video.currentTime + 0.02);
      // What was found once is not drawn for ever.
      if (now === undefined || video.currentTime - now > this.every() * 1.5) return [];
      return predictions.filter((one) => one.time === now);
    },
  };
}
