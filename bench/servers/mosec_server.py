"""mosec: POST /f32 or /u8, the body is the tensor; one worker with both cores, or two with one each, no waiting for a batch."""
import os
import sys

WORKERS = int(os.environ.get("BENCH_WORKERS", "1"))
sys.argv[1:] = ["--address", "127.0.0.1", "--port", os.environ["BENCH_PORT"], "--timeout", "60000"]

import engine  # noqa: E402  mosec reads the words above when it is imported
from mosec import Runtime, Server, Worker  # noqa: E402


class Network(Worker):
    kind = ""

    def __init__(self):
        super().__init__()
        # More than one process: each has a core of its own, and none is pinned to the first.
        threads = max(1, len(os.sched_getaffinity(0)) // WORKERS)
        network = engine.compiled(
            self.kind, PERFORMANCE_HINT="LATENCY", INFERENCE_NUM_THREADS=threads, ENABLE_CPU_PINNING=WORKERS == 1)
        self.request = network.create_infer_request()

    def deserialize(self, data):
        return data

    def serialize(self, data):
        return data

    def forward(self, data):
        return self.request.infer({0: engine.tensor(self.kind, data)})[0].tobytes()


class F32(Network):
    kind = "f32"


class U8(Network):
    kind = "u8"


if __name__ == "__main__":
    server = Server()
    server.register_runtime({"/f32": [Runtime(F32, num=WORKERS, timeout=60)], "/u8": [Runtime(U8, num=WORKERS, timeout=60)]})
    server.run()
