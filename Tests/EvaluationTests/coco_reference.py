"""The twelve figures of pycocotools for TRUTH.json and FOUND.json, and AP by category, as one line of JSON."""

import contextlib
import json
import sys

import numpy
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

with contextlib.redirect_stdout(sys.stderr):
    truth = COCO(sys.argv[1])
    run = COCOeval(truth, truth.loadRes(sys.argv[2]), "bbox")
    run.evaluate()
    run.accumulate()
    run.summarize()
    precision = run.eval["precision"][:, :, :, 0, 2]
    categories = [
        float(numpy.mean(one[one > -1])) if (one > -1).any() else -1.0
        for one in (precision[:, :, k] for k in range(precision.shape[2]))
    ]
print(json.dumps({"stats": [float(value) for value in run.stats], "categories": categories}))
