"""Opens an export in what it is for: FORMAT FILE JSONL NUMERATOR DENOMINATOR SECONDS.

The JSON Lines of the same analysis are the truth; what a format must hold is worked out here once more, the slow way."""

import collections
import io
import json
import sys
import unicodedata


class Film:
    """What was found in a film, and how its frames lie."""

    def __init__(self, jsonl, numerator, denominator, seconds):
        with open(jsonl, encoding="utf-8", newline="\n") as file:
            self.rows = [json.loads(line, parse_constant=self.refuse) for line in file.read().split("\n")[:-1]]
        self.numerator, self.denominator, self.duration = int(numerator), int(denominator), float(seconds)
        self.rate = self.numerator / self.denominator

    @staticmethod
    def refuse(word):
        raise AssertionError(f"{word} is no JSON")

    def spans(self):
        """(start, end, title) of every span, by the rule of docs/exports.md."""
        sightings, told = collections.defaultdict(list), []
        for row in self.rows:
            if row["kind"] in ("embedding", "tensor"):
                continue
            key = (row["kind"], name_of(row), row.get("track"))
            if "span" in row:
                told.append((row["span"][0], row["span"][1], key, row.get("score")))
            else:
                sightings[key].append((row["frame"], row["time"], row.get("score")))
        for key, seen in sightings.items():
            group = []
            for sighting in seen:
                if group and sighting[0] - group[-1][0] > 1 and sighting[1] - group[-1][1] > 1.5 / self.rate:
                    told.append((group[0][1], group[-1][1], key, best(group)))
                    group = []
                group.append(sighting)
            told.append((group[0][1], group[-1][1], key, best(group)))
        return [
            (start, max(last, min(last + 1 / self.rate, self.duration)), title(key, score))
            for start, last, key, score in told
        ]

    def frames(self):
        """(first frame, frames, title) of every span."""
        ranges = []
        for start, end, text in self.spans():
            first = round(start * self.rate)
            ranges.append((first, max(1, round(end * self.rate) - first), text))
        return ranges


def name_of(row):
    return row.get("label") or row["kind"]


def best(group):
    return max((score for _, _, score in group if score is not None), default=None)


def title(key, score):
    words = [key[1]] + ([f"#{key[2]}"] if key[2] is not None else []) + ([f"{score:.2f}"] if score is not None else [])
    text = "".join(" " if c.isspace() or unicodedata.category(c) == "Cc" else c for c in " ".join(words))
    return " ".join(text.split())


def same(found, expected):
    """Two lists hold the same, in any order."""
    found, expected = collections.Counter(found), collections.Counter(expected)
    assert found == expected, f"too many {list((found - expected).items())[:5]}, missing {list((expected - found).items())[:5]}"


def near(found, expected, tolerance):
    assert all(abs(a - b) <= tolerance for a, b in zip(found, expected, strict=True)), f"{found}, expected {expected}"


def coco(path, film):
    import numpy
    from pycocotools.coco import COCO

    width, height = 320, 180
    truth = COCO(path)
    results = truth.loadRes([dict(annotation) for annotation in truth.dataset["annotations"]])
    assert results.getAnnIds() == truth.getAnnIds() and min(truth.getAnnIds()) == 1
    expected = collections.Counter()
    annotations = iter(truth.dataset["annotations"])
    for row in film.rows:
        points = [p for p in row.get("points", []) if p["x"] is not None and p["y"] is not None]
        grid = scaled(numpy, row["mask"], width, height) if "mask" in row else None
        box = placed(row, grid, points, width, height)
        if "span" in row:
            expected["ended_track"] += 1
            continue
        if box is None:
            expected["place_outside_or_empty" if {"box", "mask", "points"} & row.keys() else "without_place"] += 1
            continue
        found = next(annotations)
        image = truth.loadImgs(found["image_id"])[0]
        assert (image["frame"], image["width"], image["height"]) == (row["frame"], width, height), (image, row)
        assert truth.loadCats(found["category_id"])[0]["name"] == name_of(row), (found, row)
        assert found.get("score") == row.get("score") and found.get("track_id") == row.get("track"), (found, row)
        near(found["bbox"], box, 0.01)
        assert found["iscrowd"] == 0
        if grid is not None:
            assert (truth.annToMask(found) == grid).all() and found["area"] == grid.sum(), found
        else:
            assert abs(found["area"] - box[2] * box[3]) < 1 and "segmentation" not in found, (found, box)
        if points:
            assert found["num_keypoints"] == len(points) and len(found["keypoints"]) == 3 * len(row["points"])
    assert next(annotations, None) is None
    for annotation in results.dataset["annotations"]:
        assert results.annToMask(annotation).shape == (height, width)
    same({k: v for k, v in truth.dataset["info"]["skipped"].items() if v}, dict(expected))
    assert [image["frame"] for image in truth.dataset["images"]] == sorted({row["frame"] for row in film.rows})
    assert [truth.cats[1]["name"], truth.cats[2]["name"]] == ["plain", "never seen"]


def scaled(numpy, mask, width, height):
    """The grid as pixels: each is the cell that its centre lies in."""
    inside = numpy.repeat(numpy.arange(len(mask["counts"])) % 2, mask["counts"])
    grid = inside.reshape(mask["size"], order="F")
    down = ((numpy.arange(height) + 0.5) * grid.shape[0] / height).astype(int)
    across = ((numpy.arange(width) + 0.5) * grid.shape[1] / width).astype(int)
    return grid[down][:, across]


def placed(row, grid, points, width, height):
    """The box in pixels inside the picture; none where nothing is inside."""
    if "box" in row:
        x, y, w, h = row["box"]
        sides = [x * width, y * height, (x + w) * width, (y + h) * height]
    elif grid is not None and grid.any():
        down, across = grid.any(axis=1).nonzero()[0], grid.any(axis=0).nonzero()[0]
        sides = [across[0], down[0], across[-1] + 1, down[-1] + 1]
    elif points:
        xs, ys = [p["x"] * width for p in points], [p["y"] * height for p in points]
        sides = [min(xs), min(ys), max(xs), max(ys)]
    else:
        return None
    left, top = max(0, min(width, sides[0])), max(0, min(height, sides[1]))
    right, bottom = max(0, min(width, sides[2])), max(0, min(height, sides[3]))
    return [left, top, right - left, bottom - top] if (right - left) * (bottom - top) >= 0.001 else None


def csv(path, film):
    import pandas

    table = pandas.read_csv(path, dtype=str, keep_default_na=False, lineterminator=None)
    assert len(table) == len(film.rows), (len(table), len(film.rows))
    assert list(table.columns[-5:]) == ["track", "parent", "state", "from", "to"]
    for (_, found), row in zip(table.iterrows(), film.rows):
        label = row.get("label", "")
        # What a spreadsheet would run has an apostrophe in front.
        assert found["label"] == ("'" + label if label[:1] in tuple("=+-@\t\r") else label), (found["label"], label)
        assert int(found["frame"]) == row["frame"] and float(found["time"]) == row["time"]
        assert found["score"] == "" if row.get("score") is None else float(found["score"]) == row["score"]
        assert found["track"] == str(row.get("track", ""))


def jsonl(path, film):
    assert len(film.rows) > 300 and all(row["file"].endswith(".mp4") for row in film.rows)


def edl(path, film):
    import opentimelineio
    import pycmx

    with open(path, encoding="ascii", newline="\n") as file:
        text = file.read()
    drops = film.denominator == 1001
    assert ("FCM: DROP FRAME" in text) == drops and max(map(len, text.split("\n"))) <= 80
    timeline = opentimelineio.adapters.read_from_string(text, "cmx_3600", rate=film.rate)
    (track,) = timeline.tracks
    expected = [(first, count, plain(text)[:69].strip()) for first, count, text in film.frames()]
    found = []
    for clip in track:
        assert isinstance(clip, opentimelineio.schema.Clip), "the record side has a gap"
        comment = clip.metadata["cmx_3600"]["comments"][0]
        assert clip.name.startswith('clip,"') and clip.metadata["cmx_3600"]["reel"].isalnum()
        found.append((
            clip.source_range.start_time.to_frames(), clip.source_range.duration.to_frames(),
            comment.removeprefix("COMMENT:").strip()))
        # This reader passes over markers whose code has a semicolon.
        assert len(clip.markers) == (0 if drops else 1)
        if not drops:
            assert comment.endswith(clip.markers[0].name[:40])
    same(found, expected)
    assert [event[0] for event in found] == sorted(event[0] for event in found) or any("span" in row for row in film.rows)
    events = list(pycmx.parse_cmx3600(io.StringIO(text)).events)
    assert [event.number for event in events] == list(range(1, len(found) + 1))
    for event, (first, count, _) in zip(events, found):
        (edit,) = event.edits
        assert edit.channels.video and edit.source == "CLIP" + path_number(film)
        rate = film.rate
        code = opentimelineio.opentime.from_timecode(edit.source_in, rate)
        assert code.to_frames() == first, (edit.source_in, first)
    assert not [s for event in events for s in event.unrecognized_statements]


def path_number(film):
    """The reel is CLIP, the seed, and the last letter of the name."""
    return "".join(c for c in film.rows[0]["file"].rsplit(".", 1)[0].upper() if c.isascii() and c.isalnum())[4:8]


def plain(text):
    """Printable ASCII, a question mark for one letter or more that are not."""
    line = ""
    for c in text:
        if " " <= c <= "~":
            line += c
        elif not line.endswith("?"):
            line += "?"
    return line


def otio(path, film):
    import opentimelineio

    timeline = opentimelineio.adapters.read_from_file(path)
    (clip,) = timeline.find_clips()
    assert clip.source_range.duration.rate == film.rate and timeline.duration() == clip.source_range.duration
    found = []
    for marker in clip.markers:
        range_ = marker.marked_range
        assert range_.start_time.rate == film.rate
        found.append((range_.start_time.to_frames(), range_.duration.to_frames(), marker.name))
    same(found, film.frames())
    last = max(first + count for first, count, _ in film.frames())
    assert clip.source_range.duration.to_frames() >= last
    # What it writes itself reads the same.
    again = opentimelineio.adapters.read_from_string(timeline.to_json_string(), "otio_json")
    assert again.is_equivalent_to(timeline)


def timeline(folder, numerator, denominator):
    """Shots of seconds 0 to 2, 2 to 4, 4.4 to 6 and 7 to 10, and a break at 4.4."""
    import opentimelineio
    import pandas
    import pycmx

    rate = int(numerator) / int(denominator)
    edges = [(0, 2), (2, 4), (4.4, 6), (7, 10)]
    table = pandas.read_csv(f"{folder}/csv")
    assert list(zip(table["Start Time (seconds)"], table["End Time (seconds)"])) == edges, table
    assert list(table["Start Frame"]) == [1, 51, 111, 176] and list(table["End Frame"]) == [50, 100, 150, 250], table
    film = opentimelineio.adapters.read_from_file(f"{folder}/otio", "otio_json")
    clips = [clip for clip in film.find_clips() if clip.metadata["ridley"]["kind"] == "shot"]
    frames = lambda time: (time.start_time.to_frames(), time.end_time_exclusive().to_frames())
    assert [frames(clip.source_range) for clip in clips] == [tuple(round(at * rate) for at in edge) for edge in edges]
    assert film.duration().to_frames() == round(10 * rate) and film.duration().rate == rate
    with open(f"{folder}/edl", encoding="ascii", newline="\n") as file:
        text = file.read()
    (track,) = opentimelineio.adapters.read_from_string(text, "cmx_3600", rate=rate).tracks
    at, end = round(4.4 * rate), round(10 * rate)
    assert [frames(clip.source_range) for clip in track] == [(0, at), (at, end)]
    assert [len(clip.markers) for clip in track] == [0, 0 if int(denominator) == 1001 else 1]
    events = list(pycmx.parse_cmx3600(io.StringIO(text)).events)
    assert len(events) == 2 and not [one for event in events for one in event.unrecognized_statements]
    with open(f"{folder}/shots", encoding="ascii", newline="\n") as file:
        text = file.read()
    (track,) = opentimelineio.adapters.read_from_string(text, "cmx_3600", rate=rate).tracks
    numbered = [(0, 50), (50, 100), (110, 150), (175, 250)]
    assert [frames(clip.source_range) for clip in track] == numbered, text
    events = list(pycmx.parse_cmx3600(io.StringIO(text)).events)
    sides = [(event.edits[0].source_in, event.edits[0].source_out) for event in events]
    code = lambda text: opentimelineio.opentime.from_timecode(text, rate).to_frames()
    assert [(code(a), code(b)) for a, b in sides] == numbered, sides


if __name__ == "__main__":
    form, path, *rest = sys.argv[1:]
    if form == "timeline":
        timeline(path, *rest)
        sys.exit(print("timeline: as expected"))
    film = Film(*rest)
    {"coco": coco, "csv": csv, "jsonl": jsonl, "edl": edl, "otio": otio}[form](path, film)
    print(f"{form}: {len(film.rows)} predictions as expected")
