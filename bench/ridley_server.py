"""ridley's server as the bench starts it: a model repository with one network for floats and one for bytes, and a configuration."""
import hashlib
import os
import shutil

import serving

MODELS = {"f32": "mobilenet-f32", "u8": "mobilenet-u8"}
MANIFEST = """name: mobilenet-u8
summary: Random weights; a picture of bytes in, 1,000 probabilities out.
license: Apache-2.0
task: classification
files:
  - path: model.onnx
    sha256: {digest}
input: {{ color: rgb, mean: {mean}, scale: {scale} }}
output: {{ decoder: classes }}
"""


def version(folder, onnx, mean=None, scale=None):
    """A version's folder: the network alone as Triton has it, or with a manifest for pictures of bytes."""
    os.makedirs(folder, exist_ok=True)
    shutil.copy(onnx, os.path.join(folder, "model.onnx"))
    if scale:
        with open(onnx, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        with open(os.path.join(folder, "model.yaml"), "w") as file:
            file.write(MANIFEST.format(digest=digest, mean=mean, scale=scale))
    return folder


def repository(onnx, name, kinds):
    root = os.path.join(serving.FOLDER, name)
    shutil.rmtree(root, ignore_errors=True)
    if "f32" in kinds:
        version(os.path.join(root, MODELS["f32"], "1"), onnx)
    version(os.path.join(root, MODELS["u8"], "1"), onnx, 0, 255)
    return root


def make(ridley, onnx, precision, name="ridley", more="", setting="", kinds=tuple(MODELS)):
    """The server, not started; `more` is lines of its configuration, `setting` words of each model's."""
    root, port = repository(onnx, name.replace(" ", "-") + "-repository", kinds), serving.free_port()
    settings = "".join(f"  {MODELS[kind]}: {{ precision: {precision}{setting} }}\n" for kind in kinds)
    path = os.path.join(serving.FOLDER, name.replace(" ", "-") + ".yaml")
    with open(path, "w") as file:
        file.write(f"listen: 127.0.0.1:{port}\nmodels: {root}\nsettings:\n{settings}{more}")
    home = {"RIDLEY_HOME": os.path.join(serving.FOLDER, "home"), "RIDLEY_CACHE": serving.CACHE}
    server = serving.Server(name, [ridley, "serve", "--config", path], home, port)
    server.repository = root
    return server
