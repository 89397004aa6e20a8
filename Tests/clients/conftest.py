"""Starts `ridley serve` on small networks of our own, once for all tests; `--ridley` says which program."""
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
import tritonclient.http as client

# Whoever runs these may have been started by a thread that takes no signals, and hands that on: an alarm would never come.
signal.pthread_sigmask(signal.SIG_SETMASK, [])
CHECKOUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(CHECKOUT, "python"))
NETWORKS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Fixtures", "networks")
MANIFEST = """name: pictures
summary: Four classes of small pictures.
license: Apache-2.0
task: classification
files:
  - path: model.onnx
    sha256: {digest}
input: {{ color: rgb, mean: 127.5, scale: 127.5 }}
output: {{ decoder: classes, top: 4 }}
labels: [north, east, south, west]
"""
# Networks without a manifest, as Triton lays them out.
PLAIN = {f"add-{kind}": f"arithmetic-{kind}.onnx" for kind in ("f32", "f16", "u8", "i8", "i32", "i64")} | {"classes": "nchw.onnx"}


def pytest_addoption(parser):
    parser.addoption("--ridley", default=os.path.join(NETWORKS, "..", "..", "..", ".build", "release", "ridley"))


def version(root, model, number, network):
    folder = os.path.join(root, model, str(number))
    os.makedirs(folder)
    shutil.copy(os.path.join(NETWORKS, network), os.path.join(folder, "model.onnx"))
    return folder


def make_repository(root):
    for model, network in PLAIN.items():
        version(root, model, 1, network)
    version(root, "add-f32", 2, "arithmetic-f32.onnx")
    folder = version(root, "pictures", 1, "nchw.onnx")
    with open(os.path.join(folder, "model.onnx"), "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    with open(os.path.join(folder, "model.yaml"), "w") as file:
        file.write(MANIFEST.format(digest=digest))
    os.makedirs(os.path.join(root, "broken", "1"))
    with open(os.path.join(root, "broken", "1", "model.onnx"), "w") as file:
        file.write("no network")


class Served:
    """A running server: where it is, and how it ends."""

    def __init__(self, ridley, folder, *options, output=None, **how):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address, self.folder = f"127.0.0.1:{self.port}", folder
        self.errors = open(os.path.join(folder, "errors"), "w+")
        homes = {"RIDLEY_HOME": os.path.join(folder, "home"), "RIDLEY_CACHE": os.path.join(folder, "cache")}
        self.process = subprocess.Popen(
            [ridley, "serve", "--models", os.path.join(folder, "models"), "--listen", self.address, *options],
            stdin=subprocess.DEVNULL, stdout=output or self.errors, stderr=output or self.errors, env=os.environ | homes, **how)
        end = time.monotonic() + 30
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > end:
                pytest.exit(f"ridley serve is not ready: {self.told()}", returncode=3)
            time.sleep(0.02)

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"http://{self.address}/readyz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def told(self):
        self.errors.seek(0)
        return self.errors.read()[-3000:]

    def stop(self):
        self.process.terminate()
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


@pytest.fixture(scope="session")
def ridley(request):
    return os.path.abspath(request.config.getoption("--ridley"))


@pytest.fixture(scope="session")
def served(ridley, tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("served"))
    make_repository(os.path.join(folder, "models"))
    found = Served(ridley, folder)
    yield found
    assert found.stop() == 0, found.told()


@pytest.fixture
def triton(served):
    with client.InferenceServerClient(served.address, concurrency=8) as found:
        yield found
