// A search that a link shows to whoever has it: what it finds now, and what comes while the page is open. It needs no key.

import { ask, path } from "./api.js";
import { moment } from "./assets.js";
import { element, say } from "./dom.js";
import { Following } from "./follow.js";
import { age, count } from "./figures.js";
import { complaint } from "./single.js";

const pageSize = 50;
const ended = "This link leads nowhere: it has expired, or it was revoked.";
/** What is told of a moment besides its label, its score and its time. */
const tags = ["zone", "rule", "kind", "stream", "asset", "series", "track", "text"];

/** `#/shared/TOKEN`. */
export function shared({ token }) {
  const address = `/v1/shared/${encodeURIComponent(token)}`;
  const status = element("p", { class: "quiet", role: "status" }, "Asking…");
  const note = element("div", { hidden: true });
  const rows = element("ol", { class: "told" });
  const more = element("button", { type: "button", hidden: true, onclick: () => look(true) }, "Show older ones");
  const node = element("section", { class: "search", "aria-labelledby": "shared-title" },
    element("header", { class: "row" }, element("h1", { id: "shared-title" }, "Shared search"), status), note, rows, more);
  const work = new AbortController();
  let [next, following, isLive, lacks] = [null, null, false, false];

  async function look(isMore = false) {
    more.disabled = true;
    try {
      const page = await ask(path(address, { limit: pageSize, after: isMore ? next : "" }), { signal: work.signal }, 60);
      rows.append(...page.found.map((chain) => row(chain)));
      next = page.next ?? null;
      lacks = lacks || page.incomplete === true;
      if (!isMore) following = new Following(() => `${address}/events`, (_, { found }) => rows.prepend(row(found, true)) || tell(), heard);
      tell();
    } catch (trouble) {
      if (work.signal.aborted) return;
      if (isMore && trouble.status !== 404) say(status, trouble.message);
      else end(trouble);
    }
    more.disabled = false;
  }

  function tell() {
    more.hidden = !next;
    say(status, `${rows.childElementCount === 0 ? "Nothing is found yet" : count(rows.childElementCount, "find")}${next ? ", older ones follow" : ""}${lacks ? " · some may be missing: ask whoever gave you the link" : ""}${isLive ? " · new ones come by themselves" : ""}`);
  }

  function heard(trouble) {
    isLive = !trouble;
    if (trouble?.status === 404) end(trouble);
    else tell();
  }

  /** A link that is over shows nothing any more, also of what was there. */
  function end(trouble) {
    following?.leave();
    rows.replaceChildren();
    more.hidden = true;
    note.hidden = false;
    say(status, "");
    note.replaceChildren(complaint(trouble.status === 404 ? ended : trouble.message));
  }

  look();
  return {
    node,
    leave() {
      following?.leave();
      work.abort();
    },
  };
}

function row(chain, isNew = false) {
  return element("li", { class: isNew ? "new" : "" }, chain.map((one, step) => {
    const span = one.from && one.to ? (new Date(one.to) - new Date(one.from)) / 1000 : 0;
    const also = [...tags.filter((field) => one[field] !== undefined && one[field] !== one.label).map((field) => [field, String(one[field])]), ...(one.traits ?? []).map((trait) => ["is", trait])];
    return element("div", {}, element("p", {}, chain.length > 1 ? `${step + 1}. ` : "", element("b", {}, one.label ?? one.text ?? one.rule ?? "something"), typeof one.score === "number" ? ` ${one.score.toFixed(2)}` : "",
      one.from ? element("time", {}, `${moment(one.from, true)}${span >= 1 ? `, for ${age(span)}` : ""}`) : ""),
    element("p", { class: "because" }, also.map(([field, value]) => element("span", {}, element("small", {}, field), " ", element("bdi", {}, value)))));
  }));
}
