"""A network on an engine's own Python package, as fast as it goes: one inference on all cores, and one for each core at the same time.

Usage: engine.py openvino|onnxruntime|litert PRECISION NETWORK SECONDS. Prints the better of both, in inferences a second.
"""
import os
import sys
import threading
import time

import numpy as np

ENGINE, PRECISION, PATH, SECONDS = sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])
CORES = len(os.sched_getaffinity(0))
chance = np.random.default_rng(1)


def noise(shape, kind):
    sides = [side if isinstance(side, int) and side > 0 else 1 for side in shape]
    return chance.integers(0, 255, sides).astype(kind) if np.issubdtype(kind, np.integer) else chance.random(sides).astype(kind)


def openvino(threads):
    import openvino as ov

    core = ov.Core()
    model = core.compile_model(PATH, "CPU", {
        "INFERENCE_PRECISION_HINT": PRECISION, "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "ENABLE_CPU_PINNING": False})
    request = model.create_infer_request()
    feed = [noise(port.shape, port.element_type.to_dtype()) for port in model.inputs]
    return lambda: request.infer(feed, share_inputs=True)


def onnxruntime(threads):
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # no reports of its use to its maker
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(PATH, options, providers=["CPUExecutionProvider"])
    kinds = {"tensor(float)": np.float32, "tensor(uint8)": np.uint8, "tensor(float16)": np.float16, "tensor(int64)": np.int64}
    feed = {port.name: noise(port.shape, kinds[port.type]) for port in session.get_inputs()}
    return lambda: session.run(None, feed)


def litert(threads):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(PATH, num_threads=threads)
    interpreter.allocate_tensors()
    for port in interpreter.get_input_details():
        interpreter.set_tensor(port["index"], noise(port["shape"].tolist(), port["dtype"]))
    return interpreter.invoke


def rate(copies):
    """Inferences a second of so many copies that share the cores."""
    counts = [0] * copies
    runs = [globals()[ENGINE](CORES // copies) for _ in range(copies)]
    for run in runs:
        run()
    end = time.monotonic() + SECONDS

    def work(number):
        while time.monotonic() < end:
            runs[number]()
            counts[number] += 1

    start = time.monotonic()
    threads = [threading.Thread(target=work, args=(number,)) for number in range(copies)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.monotonic() - start)


if __name__ == "__main__":
    print(max(rate(1), rate(CORES)))
