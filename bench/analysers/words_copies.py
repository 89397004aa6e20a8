"""Near-duplicates as neardup.py of the analysers' material tries them: 40 pictures in nine edits, among 300."""
import io
import os
import random
import tempfile

import labelled
import words_library


def crop(picture, part, where=0.5):
    width, height = picture.size
    left, top = int(width * (1 - part) * where), int(height * (1 - part) * where)
    return picture.crop((left, top, left + int(width * part), top + int(height * part)))


def coded(picture, quality):
    from PIL import Image
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=quality)
    return Image.open(kept).convert("RGB")


def banner(picture):
    from PIL import ImageDraw
    picture = picture.copy()
    width, height = picture.size
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, height * 0.8, width, height), fill=(0, 0, 0))
    draw.text((width * 0.1, height * 0.85), "BREAKING NEWS", fill=(255, 255, 255))
    return picture


def border(picture):
    from PIL import Image
    around = Image.new("RGB", (int(picture.width * 1.6), int(picture.height * 1.6)), (40, 60, 90))
    around.paste(picture, (int(picture.width * 0.3), int(picture.height * 0.3)))
    return around


def edits():
    from PIL import Image, ImageEnhance
    return {
        "jpeg20": lambda p: coded(p, 20), "third": lambda p: p.resize((max(1, p.width // 3), max(1, p.height // 3))),
        "crop70": lambda p: crop(p, 0.7, 0.3), "crop50": lambda p: crop(p, 0.5), "mirrored": lambda p: p.transpose(Image.FLIP_LEFT_RIGHT),
        "bright": lambda p: ImageEnhance.Color(ImageEnhance.Brightness(p).enhance(1.5)).enhance(0.4), "banner": banner, "border": border,
        "squeezed": lambda p: p.resize((p.width, int(p.height * 0.7)))}  # fmt: skip


def chosen(paths, step):
    """As neardup.py chooses among a thousand, so that the same pictures of the same folder are asked about."""
    dice = random.Random(2)
    some = dice.sample(range(len(paths)), min(40 // (4 if step > 1 else 1), len(paths)))
    others = dice.sample([index for index in range(len(paths)) if index not in set(some)], min(260 // step, len(paths) - len(some)))
    return [paths[index] for index in some], [paths[index] for index in some + others]


def stretched(picture):
    from PIL import Image
    return picture.resize((224, 224), Image.BICUBIC)


def given(bench, paths):
    """On the pixels that neardup.py shows its network: every ranking is its own."""
    import numpy as np
    asked, all_of_them = chosen(sorted(paths), bench.step)
    made = bench.ready(all_of_them, stretched)
    files = list(made)
    library, assets = opened(bench, files, "copies")
    theirs = np.array([bench.methods.embedding(labelled.opened(path)) for path in files])
    same, apart, wrong, trial = 0, 0.0, 0, Trial(files[: len(asked)])
    for name, edit in edits().items():
        for index, path in enumerate(asked):
            picture = stretched(edit(labelled.opened(path)))
            found = [(assets[asset], score) for asset, score in library.like(encoded(picture), "copies")]
            scores = theirs @ bench.methods.embedding(picture)
            place = {file: float(score) for file, score in zip(files, scores)}
            order = [files[at] for at in np.argsort(-scores)]
            same += order == [file for file, _ in found]
            apart = max([apart, *(abs(score - place[file]) for file, score in found)])
            wrong += any(abs(place[one] - place[other]) > 5e-6 for one, (other, _) in zip(order, found))
            trial.add(name, files[index], found)
    library.end()
    count = len(asked) * len(edits())
    print(f"near-duplicates: {count} edits among {len(files)} pictures: {same} rankings are neardup.py's, place by place; {count - same - wrong} differ in places "
          f"whose similarities are equal to 5e-6; {wrong} are others; similarities at most {apart:.1e} apart")
    trial.told("EfficientNet-Lite0, groceries")
    return wrong == 0


def own(bench, paths):
    """On pictures as they lie there, by the network that is asked for."""
    asked, files = chosen(paths, bench.step)
    name = bench.asked.copies or "copies"
    library, assets = opened(bench, files, name, bench.asked.models if bench.asked.copies else None)
    trial = Trial(asked)
    for edit_name, edit in edits().items():
        for path in asked:
            picture = encoded(edit(labelled.opened(path)))
            trial.add(edit_name, path, [(assets[asset], score) for asset, score in library.like(picture, name)])
    library.end()
    trial.told(f"{name}, {len(asked)} pictures in {len(edits())} edits among {len(files)}")


def opened(bench, files, network, models=None):
    library = words_library.Library(bench.asked.ridley, tempfile.mkdtemp(dir=bench.folder), models or bench.models)
    assets = library.add(files, network)
    library.serve()
    return library, assets


def encoded(picture):
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    return kept.getvalue()


class Trial:
    """What neardup.py counts: how often the right one comes first, and how many are more alike than every false first one."""

    def __init__(self, asked):
        self.asked, self.right, self.false, self.first = asked, [], [], {}

    def add(self, edit, wanted, found):
        self.first.setdefault(edit, []).append(found[0][0] == wanted)
        self.right.append(dict(found)[wanted])
        self.false.append(max(score for file, score in found if file != wanted))

    def told(self, what):
        greatest = max(self.false)
        by_edit = ", ".join(f"{edit} {sum(hits) / len(hits):.2f}" for edit, hits in self.first.items())
        first = sum(sum(hits) for hits in self.first.values()) / len(self.right)
        recall = sum(score > greatest for score in self.right) / len(self.right)
        print(f"near-duplicates: {what}: R@1 {first:.3f} ({by_edit}), recall without a false one {recall:.2f} (threshold {greatest:.3f})")
