"""What the servers written in Python share: the two networks, compiled as the bench says, and how many requests they like."""
import os

import numpy as np
import openvino as ov

FOLDER, PRECISION, HINT = os.environ["BENCH_NETWORKS"], os.environ["BENCH_PRECISION"], os.environ.get("BENCH_HINT", "THROUGHPUT")
PORT = int(os.environ["BENCH_PORT"])
INPUTS = {"f32": ((1, 3, 224, 224), np.float32), "u8": ((1, 224, 224, 3), np.uint8)}


def compiled(kind, **properties):
    core = ov.Core()
    core.set_property("CPU", {"CACHE_DIR": os.environ["BENCH_CACHE"]})
    wanted = {"PERFORMANCE_HINT": HINT, "INFERENCE_PRECISION_HINT": PRECISION} | properties
    return core.compile_model(f"{FOLDER}/{kind}.xml", "CPU", wanted)


def tensor(kind, body):
    """The body's bytes as the input, without a copy."""
    shape, type = INPUTS[kind]
    return ov.Tensor(np.frombuffer(body, type).reshape(shape), shared_memory=True)
