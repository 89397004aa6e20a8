#!/usr/bin/env python3
"""Exports networks with random weights by their family's own package, and holds Ridley's reading against its post-processing.

Usage: bench/network_peers.py RIDLEY [NAME…]: NAME is a part of a case's name. It wants a Python with `ultralytics` (or `transformers`),
which nothing else here does, and is not part of `make bench`. A picture that fills the input without scaling, as wide and three
fifths as high, takes resizing out of the comparison.

Prints for each: answers of both, those that are in both, and of these the largest distance of box sides and points in pixels of the
picture, of scores, and the least overlap of masks.
"""
import argparse
import json
import math
import os
import subprocess
import sys
import tempfile

import numpy as np

SIDE, HIGH = 320, 192
WANTED = 30  # answers that reach the threshold before doubles go


def scene():
    """Pixels [HIGH, SIDE, 3], red first: shapes and noise, the same each time."""
    random = np.random.default_rng(16)
    y, x = np.mgrid[0:HIGH, 0:SIDE]
    picture = np.stack([x * 255 / SIDE, y * 255 / HIGH, (x + y) % 256], -1)
    for _ in range(25):
        left, top, wide, high = random.integers(0, SIDE), random.integers(0, HIGH), random.integers(8, 90), random.integers(8, 90)
        picture[top:top + high, left:left + wide] = random.integers(0, 256, 3)
    return np.clip(picture + random.normal(0, 12, picture.shape), 0, 255).astype(np.uint8)


def analyze(ridley, path, picture, folder, *said):
    command = [ridley, "analyze", picture, "--model", path, "--json", "--quiet", "--force", "--output", f"{folder}/out", *said]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout)["files"][0]["predictions"]


def mask_of(told):
    inside = np.repeat(np.arange(len(told["counts"])) % 2, told["counts"]).reshape(told["size"], order="F")
    return inside.astype(bool)


def ours(predictions):
    found = []
    for one in predictions:
        box = one.get("box")
        found.append({
            "label": one["label"], "score": one.get("score", 1),
            "box": box and [box[0] * SIDE, box[1] * HIGH, (box[0] + box[2]) * SIDE, (box[1] + box[3]) * HIGH],
            "points": [(point["x"] * SIDE, point["y"] * HIGH) for point in one.get("points", [])],
            "mask": mask_of(one["mask"]) if "mask" in one else None})
    return found


def compare(mine, theirs):
    """A line of figures; answers that are in both have one label, and scores and boxes that are near."""
    left, pairs = list(theirs), []
    for one in mine:
        def away(other):
            return max([abs(a - b) for a, b in zip(one["box"] or [], other["box"] or [])], default=0) + 100 * abs(one["score"] - other["score"])
        same = [other for other in left if other["label"] == one["label"]]
        best = min(same, key=away, default=None)
        if best is not None and away(best) < 8:
            left.remove(best)
            pairs.append((one, best))
    figures = {"ours": len(mine), "theirs": len(theirs), "both": len(pairs)}
    if pairs:
        figures["score"] = max(abs(a["score"] - b["score"]) for a, b in pairs)
        figures["box px"] = max([abs(p - q) for a, b in pairs for p, q in zip(a["box"] or [], b["box"] or [])], default=0)
    points = [away for a, b in pairs if a["points"] for away in [apart(a["points"], b["points"])]]
    if points:
        figures["point px"] = max(points)
    overlaps = [(a["mask"] & b["mask"]).sum() / max(1, (a["mask"] | b["mask"]).sum()) for a, b in pairs if a["mask"] is not None and b["mask"] is not None]
    if overlaps:
        figures["mask iou"] = min(overlaps)
    return figures


def apart(one, two):
    """The largest distance of two lists of points; of corners in whichever order the other has them."""
    one, two = np.array(one), np.array(two)
    turns = range(4) if len(one) == 4 else (0,)
    return min(np.abs(np.roll(way, turn, 0) - two).max() for way in ((one, one[::-1]) if len(one) == 4 else (one,)) for turn in turns)


def ultralytics_case(config, format="onnx", **export):
    def run(ridley, folder, picture, pixels):
        import torch
        from ultralytics import RTDETR, YOLO

        torch.manual_seed(16)
        here = os.getcwd()
        os.chdir(folder)
        try:
            model = (RTDETR if "rtdetr" in config else YOLO)(config)
            # A classifier sees a square in the middle, as high as the picture: nothing is scaled.
            side = HIGH if config.endswith("-cls.yaml") else [HIGH, SIDE] if "rtdetr" in config else SIDE
            wake(model.model, pixels)
            path = model.export(imgsz=side, format=format, verbose=False, conf=0.25, iou=0.45, **export)
            path = os.path.join(folder, str(path))
            if os.path.isdir(path):
                path = next(os.path.join(path, name) for name in os.listdir(path) if name.endswith(".tflite"))
            peer = YOLO(path, task=model.task) if "rtdetr" not in config else RTDETR(path)
            result = peer.predict(np.ascontiguousarray(pixels[:, :, ::-1]), imgsz=side, conf=0.25, iou=0.45, rect=False, verbose=False)[0]
        finally:
            os.chdir(here)
        return ours(analyze(ridley, path, picture, folder)), theirs(result)
    return run


def wake(model, pixels):
    """Makes random weights answer: statistics of the picture, and biases with which some boxes reach the threshold."""
    import torch

    padded = np.full((SIDE, SIDE, 3), 114, np.uint8)
    top = (SIDE - HIGH) // 2
    padded[top:top + HIGH] = pixels
    x = torch.from_numpy(padded).permute(2, 0, 1)[None].float() / 255
    norms = [module for module in model.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    head = model.model[-1]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum, norm.training = None, True
    with torch.no_grad():
        model.eval()
        for norm in norms:
            norm.train()
        model(torch.cat([x, x.flip(3), x * 0.7 + 0.1]))
        model.eval()
        scale(head)
        for _ in range(3):
            scores = best_scores(model(x), head)
            if scores is None:
                return
            at = min(max(float(scores.sort(descending=True).values[min(WANTED, len(scores) - 1)]), 1e-6), 1 - 1e-6)
            shift(head, math.log(0.25 / 0.75) - math.log(at / (1 - at)))


def score_convs(head):
    import torch

    for name in ("cv3", "one2one_cv3"):
        for branch in getattr(head, name, None) or []:
            yield [module for module in branch.modules() if isinstance(module, torch.nn.Conv2d)][-1]
    for layer in getattr(head, "dec_score_head", None) or []:
        yield layer
    if hasattr(head, "enc_score_head"):
        yield head.enc_score_head


def scale(head):
    for conv in score_convs(head):
        conv.weight.mul_(4)


def shift(head, by):
    for conv in score_convs(head):
        conv.bias.add_(by)


def best_scores(out, head):
    out = out[0] if isinstance(out, (tuple, list)) else out
    out = out[0] if isinstance(out, (tuple, list)) else out
    if out.ndim != 3:
        return None
    if out.shape[1] <= 300 and out.shape[2] < out.shape[1]:
        return out[0, :, 4]
    return out[0, 4:4 + head.nc].amax(0)


def theirs(result):
    names, found = result.names, []
    if result.probs is not None:
        best = [int(index) for index in result.probs.data.argsort(descending=True)[:5]]
        return [{"label": names[index], "score": float(result.probs.data[index]), "box": None, "points": [], "mask": None} for index in best]
    if getattr(result, "semantic_mask", None) is not None:
        classes = np.asarray(result.semantic_mask.data).squeeze()
        return [{"label": names[int(one)], "score": 1, "box": None, "points": [], "mask": classes == one} for one in np.unique(classes)]
    boxes = result.obb if result.obb is not None else result.boxes
    for index in range(len(boxes)):
        corners = boxes.xyxyxyxy[index].tolist() if result.obb is not None else []
        sides = boxes.xyxy[index].tolist()
        sides = [min(max(side, 0), limit) for side, limit in zip(sides, (SIDE, HIGH, SIDE, HIGH))]
        points = corners
        if result.keypoints is not None:
            points = result.keypoints.data[index][:, :2].tolist()
        mask = None
        if result.masks is not None:
            whole = result.masks.data[index].numpy().astype(bool)
            top = (whole.shape[0] - HIGH) // 2
            mask = whole[top:top + HIGH]
        found.append({"label": names[int(boxes.cls[index])], "score": float(boxes.conf[index]), "box": sides, "points": points, "mask": mask})
    return found


def transformers_case(config_name, model_name, activation, numbers, **settings):
    """`logits` and `pred_boxes` as they come, held against the family's image processor."""
    def run(ridley, folder, picture, pixels):
        import torch
        import transformers
        from PIL import Image

        torch.manual_seed(16)
        config = getattr(transformers, config_name)(**settings)
        model = getattr(transformers, model_name)(config).eval().requires_grad_(False)

        class Two(torch.nn.Module):
            def forward(self, pixel_values):
                out = model(pixel_values=pixel_values)
                return out.logits * 3, out.pred_boxes

        resized = Image.fromarray(pixels).resize((SIDE, HIGH))
        x = torch.from_numpy(np.asarray(resized)).permute(2, 0, 1)[None].float() / 255
        if numbers == "imagenet":
            x = (x - torch.tensor([0.485, 0.456, 0.406])[None, :, None, None]) / torch.tensor([0.229, 0.224, 0.225])[None, :, None, None]
        path = os.path.join(folder, "model.onnx")
        two = Two()
        with torch.no_grad():
            logits, boxes = two(x)
            torch.onnx.export(two, (x,), path, input_names=["pixel_values"], output_names=["logits", "pred_boxes"], opset_version=17, dynamo=False)
        # Random queries are chosen by a hair: another engine chooses others, so the same one gives the numbers to both.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # no reports of its use to its maker
        import onnxruntime

        given = onnxruntime.InferenceSession(path).run(None, {"pixel_values": x.numpy()})
        logits, boxes = (torch.from_numpy(each) for each in given)
        # The threshold with which some thirty answers are left.
        scores = logits.softmax(-1)[..., :-1].amax(-1) if activation == "softmax" else logits.sigmoid()
        least = float(scores.flatten().sort(descending=True).values[WANTED]) - 1e-6
        processor = getattr(transformers, model_name.replace("ForObjectDetection", "ImageProcessor"), None) or transformers.RTDetrImageProcessor
        out = type("Out", (), {"logits": logits, "pred_boxes": boxes, "__getitem__": lambda self, key: (logits, boxes)[key]})()
        result = processor().post_process_object_detection(out, threshold=least, target_sizes=[(HIGH, SIDE)])[0]
        theirs = [{"label": f"class {int(label)}", "score": float(score), "points": [], "mask": None,
                   "box": [min(max(float(side), 0), limit) for side, limit in zip(box, (SIDE, HIGH, SIDE, HIGH))]}
                  for score, label, box in zip(result["scores"], result["labels"], result["boxes"])]
        said = ["--decoder", "detr", "--activation", activation, "--normalize", numbers, "--threshold", f"{least:.9f}", "--engine", "onnxruntime"]
        return ours(analyze(ridley, path, picture, folder, *said)), theirs
    return run


CASES = {}
for family in ("yolov8n", "yolo11n", "yolo26n"):
    for task in ("", "-seg", "-pose", "-obb", "-cls"):
        CASES[f"{family}{task}"] = ultralytics_case(f"{family}{task}.yaml")
for task in ("", "-seg", "-pose", "-obb"):
    CASES[f"yolo11n{task} nms"] = ultralytics_case(f"yolo11n{task}.yaml", nms=True)
CASES["yolo11n dynamic"] = ultralytics_case("yolo11n.yaml", dynamic=True)
CASES["yolo11n-seg dynamic"] = ultralytics_case("yolo11n-seg.yaml", dynamic=True)
for task in ("", "-seg", "-pose", "-obb"):
    CASES[f"yolo11n{task} litert"] = ultralytics_case(f"yolo11n{task}.yaml", format="litert")
    CASES[f"yolo26n{task} litert"] = ultralytics_case(f"yolo26n{task}.yaml", format="litert")
CASES["yolov10n"] = ultralytics_case("yolov10n.yaml")
CASES["yolov5nu"] = ultralytics_case("yolov5n.yaml")
CASES["yolo12n-seg"] = ultralytics_case("yolo12n-seg.yaml")
CASES["yolo26n-sem"] = ultralytics_case("yolo26n-sem.yaml")
CASES["rtdetr-l"] = ultralytics_case("rtdetr-l.yaml")
SMALL = {"num_queries": 60}
CASES["transformers DETR"] = transformers_case("DetrConfig", "DetrForObjectDetection", "softmax", "imagenet", use_timm_backbone=False, use_pretrained_backbone=False,
                                               backbone_config={"model_type": "resnet"}, **SMALL)
CASES["transformers RT-DETR"] = transformers_case("RTDetrConfig", "RTDetrForObjectDetection", "sigmoid", "unit", **SMALL)
CASES["transformers D-FINE"] = transformers_case("DFineConfig", "DFineForObjectDetection", "sigmoid", "unit", **SMALL)
CASES["transformers YOLOS"] = transformers_case("YolosConfig", "YolosForObjectDetection", "softmax", "imagenet", image_size=[HIGH, SIDE], num_hidden_layers=4,
                                                num_detection_tokens=60)
CASES["transformers Conditional DETR"] = transformers_case("ConditionalDetrConfig", "ConditionalDetrForObjectDetection", "sigmoid", "imagenet", use_timm_backbone=False,
                                                           use_pretrained_backbone=False, backbone_config={"model_type": "resnet"}, **SMALL)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ridley")
    parser.add_argument("names", nargs="*")
    asked = parser.parse_args()
    from PIL import Image

    pixels, ridley = scene(), os.path.abspath(asked.ridley)
    for name, case in CASES.items():
        if asked.names and not any(part in name for part in asked.names):
            continue
        with tempfile.TemporaryDirectory() as folder:
            picture = f"{folder}/picture.png"
            Image.fromarray(pixels).save(picture)
            try:
                figures = compare(*case(ridley, folder, picture, pixels))
                line = ", ".join(f"{key} {value:.4g}" for key, value in figures.items())
            except Exception as error:  # one family that cannot be exported here is no reason to leave out the others
                line = f"not compared: {type(error).__name__}: {str(error)[:300]}"
        print(f"{name:32} {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
