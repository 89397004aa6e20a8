// Pages of one thing: it is asked for, shown, or said why not, and all of that anew for another caller.

import { session } from "./api.js";
import { advice } from "./assets.js";
import { element, say } from "./dom.js";

/** What is in the way, and the ways out: buttons and links. */
export const complaint = (words, ...ways) => element("div", { class: "empty trouble" }, element("p", {}, words), element("p", { class: "row" }, ways));

/**
 * `above` is the page above it, `[address, name, words for all that is there]`, and `missing` what is said where it is not there. `read(signal, query)` asks for
 * it; `make(found, query, frame)` gives a view with its `node` and `leave()`, perhaps `begin()` for when that is shown and `change(query)`. The frame has
 * `status`, `heading` and `above` as elements, and `name(text)`.
 */
export function single({ id, look, inside, title, above: [address, place, all], missing, read, make }, query) {
  const heading = element("h1", { id: `${id}-title`, tabindex: -1 }, title);
  const status = element("p", { class: "quiet", role: "status" }, "Asking…");
  const above = element("a", { href: address }, place);
  const content = element("div", { class: inside });
  const node = element("section", { class: look, "aria-labelledby": `${id}-title` }, element("p", { class: "row crumbs" }, above, status), heading, content);
  const frame = { heading, status, above, name(text, whole = text) {
    say(heading, text);
    document.title = `${whole} · Ridley`;
  } };
  let [view, work] = [null, null];

  function end() {
    work?.abort();
    view?.leave();
    view = null;
  }

  async function begin() {
    end();
    work = new AbortController();
    const mine = work.signal;
    try {
      const found = await read(mine, query);
      if (mine.aborted) return;
      say(status, "");
      view = make(found, query, frame);
      content.replaceChildren(view.node);
      view.begin?.();
    } catch (trouble) {
      if (mine.aborted) return;
      say(status, "");
      const again = element("button", { type: "button", onclick: begin }, "Try again");
      content.replaceChildren(complaint(trouble.status === 404 ? missing : advice(trouble), again, element("a", { href: above.href }, all)));
    }
  }

  session.addEventListener("change", begin);
  begin();
  return {
    node,
    change(next) {
      query = next;
      view?.change?.(next);
    },
    leave() {
      session.removeEventListener("change", begin);
      end();
    },
  };
}
