"""The engine alone: OpenVINO on inputs that are there already, for each sensible number of streams.

Prints inferences a second and CPU milliseconds an inference, without start-up.
"""
import json
import resource
import sys
import time

import network
import numpy as np
import openvino as ov


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measure(compiled, seconds):
    queue = ov.AsyncInferQueue(compiled)
    for request in queue:
        request.get_input_tensor(0).data[:] = np.random.default_rng(1).integers(0, 256, request.get_input_tensor(0).shape, np.uint8)
        request.infer()
    start, before, count = time.monotonic(), cpu(), 0
    while time.monotonic() - start < seconds:
        for _ in range(16):
            queue.start_async()
        count += 16
    queue.wait_all()
    return {"fps": count / (time.monotonic() - start), "cpu_ms": (cpu() - before) / count * 1000}


path, kind, cache, seconds = sys.argv[1:]
found = {}
for name, hint in {
    "throughput hint": {"PERFORMANCE_HINT": "THROUGHPUT"},
    "latency hint": {"PERFORMANCE_HINT": "LATENCY"},
    "one thread": {"NUM_STREAMS": 1, "INFERENCE_NUM_THREADS": 1},
}.items():
    compiled = network.compile(path, network.KINDS[kind](), cache, **hint)
    found[name] = measure(compiled, float(seconds))
print(json.dumps(found))
