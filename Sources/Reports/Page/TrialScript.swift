/// What the page of a trial runs: it gathers what was decided, and saves it.
enum TrialScript {
  static let text: Markup = """

    (() => {
      const all = JSON.parse(document.getElementById("items").textContent);
      const decided = () => all.items.flatMap((item, number) => {
        const chosen = document.querySelector(`input[name="d${number}"]:checked`);
        return chosen ? [{...item, decision: chosen.value}] : [];
      });
      const save = (name, value) => {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob([JSON.stringify(value, null, 1)], {type: "application/json"}));
        link.download = name;
        link.click();
        URL.revokeObjectURL(link.href);
      };
      const coco = () => {
        const images = new Map(), names = new Map(), annotations = [];
        for (const item of decided()) {
          if (!item.width) continue;
          const key = item.file + "\\n" + item.frame;
          if (!images.has(key)) images.set(key, {id: images.size + 1, file_name: item.file, video: item.file, frame: item.frame,
            time: item.time, width: item.width, height: item.height});
          const side = item[item.decision];
          if (!side || !side.box) continue;
          if (!names.has(side.label)) names.set(side.label, names.size + 1);
          const [x, y, width, height] = side.box.map((part, place) => part * (place % 2 ? item.height : item.width));
          annotations.push({id: annotations.length + 1, image_id: images.get(key).id, category_id: names.get(side.label),
            bbox: [x, y, width, height], area: width * height, iscrowd: 0, score: side.score});
        }
        return {info: {description: "Decided differences of a trial; other objects of these pictures are not in it."},
          images: [...images.values()], annotations,
          categories: [...names].map(([name, id]) => ({id, name}))};
      };
      document.addEventListener("change", () => {
        document.getElementById("decided").textContent = `${decided().length} of ${all.items.length} decided`;
      });
      document.getElementById("save").addEventListener("click", () =>
        save("decisions.json", {older: all.older, newer: all.newer, decisions: decided()}));
      document.getElementById("save-coco").addEventListener("click", () => save("decisions.coco.json", coco()));
    })();

    """
}
