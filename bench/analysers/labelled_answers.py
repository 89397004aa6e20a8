"""Answers about every picture and clip of the material, from ridley and from each network's own runtime; kept in build/bench/analysers/labelled."""
import json
import os
import shutil

import labelled

EXPLICIT, CONTENT = ["open-nsfw", "nsfwjs"], ["efficientnet-lite0", "squeezenet-places365"]
WAYS = {"crop": CONTENT, "stretch": ["open-nsfw"], "plain": ["nsfwjs"]}


def folder(name):
    path = os.path.join(labelled.FOLDER, name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


def of_runtimes(pictures):
    """Scores of each network, a row a picture; of open-nsfw also with the JPEG round trip of its authors."""
    import numpy as np
    networks = labelled.networks()
    runtimes = {name: labelled.Runtime(network) for name, network in networks.items()}
    rows = {name: [] for name in [*networks, "open-nsfw-jpeg"]}
    for path in pictures.values():
        picture = labelled.opened(path)
        for name, runtime in runtimes.items():
            rows[name].append(runtime.answer(labelled.ready(picture, networks[name].way)))
        rows["open-nsfw-jpeg"].append(runtimes["open-nsfw"].answer(labelled.ready(picture, "stretch", round_trip=True)))
    return {name: np.array(values) for name, values in rows.items()}


def table(found, names, pictures):
    """Ridley's answers as rows; what was not told is no number."""
    import numpy as np
    networks, tables = labelled.networks(), {}
    for name in names:
        at = {label: index for index, label in enumerate(networks[name].labels)}
        tables[name] = np.full((len(pictures), len(at)), np.nan, np.float32)
        for index in range(len(pictures)):
            for label, score in found[(f"{index:05d}.png", 0, name)].items():
                tables[name][index, at[label]] = score
    return tables


def of_ridley(ridley, pictures, whole):
    """`ready`: pictures as Pillow made them. `whole`: as they are, or cut where this ridley cannot cut by itself."""
    tables = {}
    for way, names in WAYS.items():
        home = folder(f"pictures-{way}")
        for index, path in enumerate(pictures.values()):
            target = os.path.join(home, f"{index:05d}.png")
            if whole and ridley.knows_crop:
                labelled.opened(path).save(target, compress_level=1)
            else:
                (labelled.cut if whole else labelled.ready)(labelled.opened(path), way).save(target, compress_level=1)
        found = ridley.answers(names, [home], os.path.join(labelled.FOLDER, f"report-{way}"), crops=whole and ridley.knows_crop)
        tables |= table(found, names, pictures)
        shutil.rmtree(home)
    return tables


def about_pictures(program, again=False):
    """Names, and `runtime`, `ready` and `whole` by network; collected once."""
    import numpy as np
    kept = os.path.join(labelled.FOLDER, "pictures.npz")
    pictures = labelled.pictures()
    if not again and os.path.exists(kept):
        store = np.load(kept)
        if list(store["names"]) == list(pictures) and str(store["program"]) == program:
            return list(pictures), {part: {key.split(":")[1]: store[key] for key in store.files if key.startswith(part + ":")}
                                    for part in ("runtime", "ready", "whole")}, bool(store["crop"])
    ridley = labelled.Ridley(program)
    labelled.say(f"asking the runtimes about {len(pictures)} pictures")
    parts = {"runtime": of_runtimes(pictures)}
    for part in ("ready", "whole"):
        labelled.say(f"asking ridley about {len(pictures)} pictures, {part}")
        parts[part] = of_ridley(ridley, pictures, whole=part == "whole")
    np.savez(kept, names=list(pictures), program=program, crop=ridley.knows_crop,
             **{f"{part}:{name}": rows for part, values in parts.items() for name, rows in values.items()})
    return list(pictures), parts, ridley.knows_crop


def frames(path, seconds, most):
    """Time and picture of one frame in so many seconds."""
    import av
    due, count = 0.0, 0
    with av.open(path) as file:
        for frame in file.decode(video=0):
            time = float(frame.time or 0)
            if time < due:
                continue
            due, count = time + seconds - 1e-6, count + 1
            yield frame.index if hasattr(frame, "index") else count, time, frame.to_image().convert("RGB")
            if count == most:
                return


def about_clips(program, seconds=0.5, most=120, again=False):
    """Lines of predictions about every clip, as `ridley analyze` writes them."""
    kept = os.path.join(labelled.FOLDER, "clips.jsonl")
    if os.path.exists(kept) and not again:
        return kept
    ridley, lines = labelled.Ridley(program), []
    names = ["efficientnet-lite0", "squeezenet-places365", *EXPLICIT]
    homes = {way: folder(f"clips-{way}") for way in WAYS}
    frames_of = []
    for clip in labelled.clips():
        name = os.path.relpath(clip, os.path.join(labelled.SHARED, "data"))
        try:
            for number, (_, time, picture) in enumerate(frames(clip, seconds, most)):
                for way, home in homes.items():
                    (picture if ridley.knows_crop else labelled.cut(picture, way)).save(os.path.join(home, f"{len(frames_of):05d}.png"), compress_level=1)
                frames_of.append((name, number, time))
        except Exception as fault:  # damaged on purpose, or with nothing to see
            labelled.say(f"{name}: {type(fault).__name__}, the frames before it count")
    labelled.say(f"asking ridley about {len(frames_of)} frames")
    found = {}
    for way, home in homes.items():
        found |= ridley.answers(WAYS[way], [home], os.path.join(labelled.FOLDER, f"report-{way}"), crops=ridley.knows_crop)
        shutil.rmtree(home)
    with open(kept + ".new", "w") as file:
        for index, (clip, number, time) in enumerate(frames_of):
            for name in names:
                for label, score in sorted(found[(f"{index:05d}.png", 0, name)].items(), key=lambda each: -each[1]):
                    file.write(json.dumps({"file": clip, "time": round(time, 6), "frame": number, "kind": "classification", "label": label, "score": score,
                                           "model": name}) + "\n")
    os.replace(kept + ".new", kept)
    return kept
