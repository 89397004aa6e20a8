// Who is right about each difference of a trial, as a person says: kept in this browser, and saved as files.

/** What may be said, its key, and its words. */
export const choices = [["newer", "a", "newer is right"], ["older", "r", "older is right"], ["neither", "n", "neither"]];

/** By the number of the difference; what was said of one trial is there again when its page is opened anew. */
export class Decisions {
  #said;

  constructor(trial) {
    this.place = `ridley.trial.${trial}`;
    try {
      this.#said = new Map(Object.entries(JSON.parse(localStorage.getItem(this.place) ?? "{}")));
    } catch {
      this.#said = new Map();
    }
  }

  get count() { return this.#said.size; }
  of(number) { return this.#said.get(`${number}`); }

  set(number, value) {
    if (value) this.#said.set(`${number}`, value);
    else this.#said.delete(`${number}`);
    try {
      if (this.#said.size > 0) localStorage.setItem(this.place, JSON.stringify(Object.fromEntries(this.#said)));
      else localStorage.removeItem(this.place);
    } catch { /* A browser without room keeps them until the page is left. */ }
  }

  /** Saves what was decided, as it is (`file`) or as annotations (`coco`); `left` is how many could not be in it. */
  save(what, report, items) {
    const decided = items.flatMap(({ number, ...item }) => (this.of(number) ? [{ ...item, decision: this.of(number) }] : []));
    const { value, left } = what === "coco" ? coco(decided) : { value: { older: report.older.model, newer: report.newer.model, decisions: decided }, left: 0 };
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(value, null, 1)], { type: "application/json" }));
    link.download = what === "coco" ? "decisions.coco.json" : "decisions.json";
    link.click();
    URL.revokeObjectURL(link.href);
    return { left };
  }
}

/** COCO's format for objects: of each decided difference the box that is right, in pixels of its picture. */
export function coco(decided) {
  const images = new Map(), names = new Map(), annotations = [];
  const placed = decided.filter((item) => item.width > 0);
  for (const item of placed) {
    const key = JSON.stringify([item.file, item.frame]);
    if (!images.has(key)) images.set(key, { id: images.size + 1, file_name: item.file, video: item.file, frame: item.frame, time: item.time, width: item.width, height: item.height });
    const side = item[item.decision];
    if (!side?.box) continue;
    if (!names.has(side.label)) names.set(side.label, names.size + 1);
    const [x, y, width, height] = side.box.map((part, place) => part * (place % 2 ? item.height : item.width));
    annotations.push({ id: annotations.length + 1, image_id: images.get(key).id, category_id: names.get(side.label), bbox: [x, y, width, height], area: width * height, iscrowd: 0, score: side.score });
  }
  const value = {
    info: { description: "Decided differences of a trial; other objects of these pictures are not in it." },
    images: [...images.values()], annotations, categories: [...names].map(([name, id]) => ({ id, name })),
  };
  return { value, left: decided.length - placed.length };
}
