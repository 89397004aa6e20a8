// Server-sent events, read with the page's own key, and gone on with where they broke off.

import { open, session } from "./api.js";

/** Seconds until it is tried again: where it broke off, and where it has ended, which is asked now and then since it may be there anew. */
const [rest, longRest] = [2, 30];

/** Calls `hear(name, data, id)` for each event, until `leave()`; `said(trouble)` with why there are none, `null` once they come. */
export class Following {
  #work = new AbortController();
  #last = null;
  #hasEnded = false;

  constructor(path, hear, said = () => null) {
    Object.assign(this, { path, hear, said });
    this.#run();
  }

  leave() { this.#work.abort(); }

  async #run() {
    const { signal } = this.#work;
    while (!signal.aborted) {
      this.#hasEnded = false;
      try {
        const response = await open(this.path(this.#last), signal);
        this.said(null);
        await this.#read(response.body.pipeThrough(new TextDecoderStream()).getReader());
      } catch (trouble) {
        if (signal.aborted) return;
        this.said(trouble);
      }
      await new Promise((resolve) => setTimeout(resolve, (this.#hasEnded ? longRest : rest) * 1000));
    }
  }

  async #read(reader) {
    let text = "";
    try {
      while (!this.#work.signal.aborted) {
        const { value, done } = await reader.read();
        if (done) return;
        text += value;
        const parts = text.split("\n\n");
        text = parts.pop();
        for (const part of parts) this.#tell(part);
      }
    } finally {
      reader.cancel().catch(() => null);
    }
  }

  #tell(part) {
    const lines = part.split("\n").map((line) => /^(\w+): ?(.*)$/s.exec(line)).filter(Boolean);
    const field = (name) => lines.filter((line) => line[1] === name).map((line) => line[2]).join("\n");
    const [data, id] = [field("data"), field("id")];
    if (id) this.#last = id;
    if (field("event") === "ended") this.#hasEnded = true;
    else if (data) this.hear(field("event"), JSON.parse(data), id);
  }
}
