"""What bench/analysers/content and bench/analysers/safety share: networks with their manifests, pictures, and both sides' answers.

`Ridley` answers as a user's would, by manifests and a pipeline; `Runtime` is onnxruntime or OpenVINO in f32 on pictures that Pillow made ready by each
network's own recipe. Pictures are shown to ridley in two ways: `ready` are those very pixels, so that only the network is compared, and `whole` are the
pictures as they lie there, so that decoding and scaling are compared too.
"""
import collections
import glob
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

import environment  # noqa: E402
from environment import say  # noqa: E402,F401

CHECKOUT = os.path.dirname(os.path.dirname(HERE))
FOLDER = os.path.join(CHECKOUT, "build", "bench", "analysers", "labelled")
PYTHON = os.path.join(FOLDER, "venv", "bin", "python")
SHARED = os.environ.get("RIDLEY_SHARED", os.path.join(os.path.dirname(CHECKOUT), "shared"))
LEAST = 0.0005  # answers below are not told
Network = collections.namedtuple("Network", "name file parts way color mean scale scores labels")


def installed(script):
    """The script in a Python that has what it stands on; or a line that says that the material is missing."""
    if not os.path.isdir(os.path.join(SHARED, "analysers")):
        print("skipped: the networks and labelled pictures are not here (set RIDLEY_SHARED to the folder of analysers/ and data/)")
        sys.exit(0)
    environment.enter(script, os.path.dirname(os.path.dirname(PYTHON)), os.path.join(HERE, "labelled-requirements.txt"))


def vocabulary():
    """The names of ImageNet's classes, in the order of a network's answers."""
    rows = [line.rstrip("\n").split("\t") for line in open(os.path.join(CHECKOUT, "Sources/Insights/Content/vocabulary.tsv")) if line.startswith("n0") or line.startswith("n1")]
    return [row[2] for row in rows[:1000]]


def networks():
    places = [line.split()[0] for line in open(os.path.join(SHARED, "analysers/categories_places365.txt"))]
    return {each.name: each for each in [
        Network("efficientnet-lite0", "efficientnet_lite0.onnx", [], "crop", "rgb", [127] * 3, [128] * 3, "probabilities", vocabulary()),
        Network("squeezenet-places365", "squeezenet_places365.onnx", [], "crop", "bgr", [103.94, 116.78, 123.68], [255] * 3, "probabilities", places),
        Network("open-nsfw", "open_nsfw.xml", ["open_nsfw.bin"], "stretch", "bgr", [104, 117, 123], [1] * 3, "4195", ["safe", "unsafe"]),
        Network("nsfwjs", "nsfwjs_mobilenet_v2.xml", ["nsfwjs_mobilenet_v2.bin"], "plain", "rgb", [0] * 3, [255] * 3, "probabilities",
                ["drawing", "hentai", "neutral", "porn", "sexy"])]}


def write_models(folder, with_crop):
    """A folder of models for `--models`; with_crop where ridley itself cuts off what a recipe cuts off."""
    for each in networks().values():
        home = os.path.join(folder, each.name)
        os.makedirs(home, exist_ok=True)
        for file in [each.file, *each.parts]:
            target = os.path.join(home, file)
            if not os.path.exists(target):
                shutil.copy(os.path.join(SHARED, "analysers", file), target)
        open(os.path.join(home, "labels.txt"), "w").write("".join(f"{label}\n" for label in each.labels))
        resize = {"crop": "crop", "stretch": "stretch", "plain": "stretch"}[each.way]
        crop = ", crop: 0.875" if with_crop and each.way != "plain" else ""
        filters = "bicubic" if each.way == "crop" else "bilinear"
        files = "".join(f"  - path: {file}\n" for file in [each.file, *each.parts, "labels.txt"])
        open(os.path.join(home, "model.yaml"), "w").write(
            f"name: {each.name}\nsummary: For measuring only.\nlicense: see its origin\ntask: classification\nfiles:\n{files}network: {each.file}\n"
            f"input: {{ color: {each.color}, resize: {resize}{crop}, interpolation: {filters}, mean: {each.mean}, scale: {each.scale} }}\n"
            f"output: {{ decoder: classes, scores: \"{each.scores}\", top: 100, threshold: {LEAST} }}\nlabels: labels.txt\n")


def pictures():
    """Every picture of the material that Pillow opens, by a name of its own."""
    from PIL import Image
    found = {}
    roots = [("osie", "analysers/osie"), ("grocery", "analysers/grocery"), ("data", "data")]
    for group, root in roots:
        for path in sorted(glob.glob(os.path.join(SHARED, root, "**", "*"), recursive=True)):
            if os.path.splitext(path)[1].lower() in (".jpg", ".jpeg", ".png", ".bmp"):
                try:
                    with Image.open(path) as picture:
                        picture.convert("RGB")
                        if min(picture.size) >= 64:
                            found[f"{group}/{os.path.relpath(path, os.path.join(SHARED, root))}"] = path
                except Exception:  # damaged on purpose
                    pass
    return found


def opened(path):
    from PIL import Image, ImageOps
    with Image.open(path) as picture:
        return ImageOps.exif_transpose(picture).convert("RGB")


def ready(picture, way, round_trip=False):
    """224 by 224, as the network's authors make it."""
    import io
    from PIL import Image
    if way == "plain":
        return picture.resize((224, 224), Image.BILINEAR)
    if way == "stretch":
        picture = picture.resize((256, 256), Image.BILINEAR)
        if round_trip:
            kept = io.BytesIO()
            picture.save(kept, "JPEG")
            picture = Image.open(kept).convert("RGB")
        return picture.crop((16, 16, 240, 240))
    width, height = picture.size
    ratio = 256 / min(width, height)
    picture = picture.resize((round(width * ratio), round(height * ratio)), Image.BICUBIC)
    left, top = (picture.width - 224) // 2, (picture.height - 224) // 2
    return picture.crop((left, top, left + 224, top + 224))


def cut(picture, way):
    """What `crop: 0.875` leaves of a picture, for a ridley that does not know the word."""
    width, height = picture.size
    if way == "plain":
        return picture
    w, h = (min(width, height),) * 2 if way == "crop" else (width, height)
    w, h = round(w * 0.875), round(h * 0.875)
    left, top = round((width - w) / 2), round((height - h) / 2)
    return picture.crop((left, top, left + w, top + h))


class Runtime:
    """A network in the runtime it was made for, in f32, on one thread."""

    def __init__(self, network):
        self.network, path = network, os.path.join(SHARED, "analysers", network.file)
        if network.file.endswith(".onnx"):
            import onnxruntime
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
            name, output = session.get_inputs()[0].name, network.scores
            self.run = lambda data: session.run([output], {name: data})[0][0]
        else:
            import openvino
            compiled = openvino.Core().compile_model(path, "CPU", {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32"})
            self.run = lambda data: compiled(data)[0][0]

    def answer(self, picture):
        import numpy as np
        data = np.asarray(picture, np.float32)
        data = data[..., ::-1] if self.network.color == "bgr" else data
        data = ((data - np.float32(self.network.mean)) / np.float32(self.network.scale))[None]
        return self.run(np.ascontiguousarray(data.transpose(0, 3, 1, 2) if self.network.file.endswith(".onnx") else data))


class Ridley:
    """The program with the networks, over pictures and clips."""

    def __init__(self, program):
        self.program = program
        self.plain, self.cropping = os.path.join(FOLDER, "models-plain"), os.path.join(FOLDER, "models-crop")
        write_models(self.plain, with_crop=False)
        write_models(self.cropping, with_crop=True)
        told = subprocess.run([program, "model", "inspect", "efficientnet-lite0", "--models", self.cropping], capture_output=True, text=True)
        self.knows_crop = told.returncode == 0

    def answers(self, names, inputs, out, crops, sample=None):
        """Scores by file, time, network and label; what is left out was below `LEAST` or not among a hundred."""
        pipeline = os.path.join(FOLDER, "pipeline.yaml")
        steps = "".join(f"  - {{name: {name}, model: {name}}}\n" for name in names)
        open(pipeline, "w").write((f"sample: {{every: {sample}}}\n" if sample else "") + "infer:\n" + steps)
        shutil.rmtree(out, ignore_errors=True)
        done = subprocess.run(
            [self.program, "analyze", *inputs, "--pipeline", pipeline, "--models", self.cropping if crops else self.plain, "--output", out, "--quiet"],
            capture_output=True, text=True)
        if not os.path.exists(os.path.join(out, "predictions.jsonl")):
            raise SystemExit(f"ridley analyze failed: {done.stderr.strip()[-2000:]}")
        found = collections.defaultdict(dict)
        for line in open(os.path.join(out, "predictions.jsonl")):
            row = json.loads(line)
            found[(row["file"], row.get("time", 0), row["model"].split("@")[0])][row["label"]] = row["score"]
        return found


def clips():
    """Real clips of the material, each once; damaged ones are left to other tests."""
    return [path for path in sorted(glob.glob(os.path.join(SHARED, "data", "**", "*"), recursive=True))
            if os.path.splitext(path)[1] in (".mp4", ".mkv", ".webm", ".mov")]
