// The box for words: what films and pictures show, said as one says it, found by a network of texts that the server has.

import { ask, path, session } from "./api.js";
import { choose, offer } from "./choices.js";
import { element, say } from "./dom.js";
import { count, group } from "./figures.js";

/** Results of one search, and seconds that it may take: names of labels are asked for once, part by part. */
const [most, patience] = [48, 120];
const noNetwork = "To search for what films and pictures show, in words, this server needs a network of texts, and it has none: put one among its models, with “text:” in its manifest, as docs/search.md says under Words.";
const noRight = "A search in words asks a network, which this key may not: it needs “infer”.";
const iso = (milliseconds) => new Date(milliseconds).toISOString();

export class WordsBox {
  #work = null;
  /** What this server, or the key, lacks. */
  #lack = "";

  /** `submit()` is called where words are to be searched for. */
  constructor(submit) {
    this.input = element("input", {
      id: "search-words", name: "words", type: "text", "aria-label": "What it shows, in words", "aria-describedby": "search-words-note", placeholder: "in words: people at a beach", autocomplete: "off", enterkeyhint: "search", maxlength: 2000,
      onkeydown: (event) => {
        if (event.key !== "Enter" || event.isComposing) return;
        event.preventDefault();
        submit();
      },
    });
    this.network = element("select", { id: "search-network", "aria-label": "The network of texts", hidden: true });
    this.note = element("p", { id: "search-words-note", class: "quiet", role: "status", hidden: true });
    this.field = element("div", { class: "inwords", hidden: true }, this.input, this.network);
    this.node = element("div", { class: "words" }, this.field, this.note);
  }

  get value() { return this.field.hidden ? "" : this.input.value.trim(); }

  /** The network that was chosen, where there are several. */
  get chosen() { return this.network.hidden ? "" : this.network.value; }

  show(words, network) {
    if (this.input.value.trim() !== words) this.input.value = words;
    if (network) choose(this.network, network);
    if (words) this.field.hidden = false;
    this.tell(words ? "" : this.#lack);
  }

  tell(text) {
    say(this.note, text);
    this.note.hidden = text === "";
  }

  /** Whether there is a network for words, and the caller may ask it, the server says. */
  async offer() {
    this.#work?.abort();
    const { signal } = this.#work = new AbortController();
    const names = await networks(signal).catch(() => null);
    if (signal.aborted) return;
    offer(this.network, (names ?? []).map((name) => [name, name]));
    this.network.hidden = (names ?? []).length < 2;
    const isAsked = this.input.value.trim() !== "";
    this.field.hidden = !(names?.length > 0 && session.may("infer")) && !isAsked;
    if (names === null) return;
    this.#lack = names.length === 0 ? noNetwork : session.may("infer") ? "" : noRight;
    if (!isAsked) this.tell(this.#lack);
  }

  leave() { this.#work?.abort(); }

  /** What words find, the most alike first, as a page of a search; `query` limits what is compared. */
  async find(words, query, signal) {
    this.tell("");
    const asked = path("/v1/search/words", { words, limit: most, ...query });
    let [page, end] = [null, Date.now() + patience * 1000];
    while (page === null) {
      try {
        page = await ask(asked, { signal }, patience);
      } catch (problem) {
        // So far the names of so many labels are known, and the next asking goes on from there.
        if (problem.status !== 503 || !/labels are done/.test(problem.message) || Date.now() > end) throw problem;
        this.tell(problem.message);
      }
    }
    this.tell(heard(page));
    return { found: page.found.map((one) => [moment(one)]), incomplete: page.incomplete, asOf: page.asOf, by: `${count(page.compared, "frame")} of ${count(page.films, "asset")} compared` };
  }
}

/** Names of the models that take words. */
async function networks(signal) {
  const models = await ask("/v1/models", { signal }, 20);
  return models.filter(({ versions }) => versions.some(({ takesWords }) => takesWords)).map(({ name }) => name);
}

/** What of the words did not count. */
function heard({ unknown = [], cut }) {
  return [
    unknown.length > 0 && `The network does not know ${unknown.map((word) => `“${word}”`).join(", ")}.`, cut && "These are more words than the network takes: those behind did not count.",
  ].filter(Boolean).join(" ");
}

/** A stretch of a film as a moment, whose best time is that of the frame that is most alike. */
function moment(one) {
  const best = Date.parse(one.at);
  return {
    moment: `${one.asset}@${one.time}`, asset: one.asset, series: one.series, label: one.because?.[0]?.label, score: one.similarity, offset: one.from * 1000,
    from: iso(best - (one.time - one.from) * 1000), to: iso(best + (one.to - one.time) * 1000), best: one.at, track: one.track, because: one.because ?? [],
  };
}

/** Why a stretch is found, `[field, value, words]` each. */
export const reasons = ({ because = [] }) => because.map(({ label, share, similarity }) => [
  "because of", `${label} ${group(share * 100)} %`, `Of the labels that count the network gives this one ${group(share * 100)} %; its name is ${similarity.toFixed(2)} alike to the words.`]);
