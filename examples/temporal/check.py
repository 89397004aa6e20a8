"""Temporal's development server and two workers, for examples/check: a worker is killed with all that it began, and another is started."""

import os
import signal

from contest import Engine, free_port, wait_for_port


class Temporal(Engine):
    name, victims = "temporal", ("worker", "worker")

    def up(self):
        self.port = free_port()
        self.environment.update(RIDLEY_SILENCE_SECONDS="5")
        self.launch("server", self.tools / "bin/temporal", "server", "start-dev", "--ip", "127.0.0.1", "--port", self.port, "--http-port", free_port(),
                    "--metrics-port", free_port(), "--headless", "--log-level", "error")
        wait_for_port(self.port)
        for number in range(2):
            self.worker(number)

    def python(self, name, *words):
        return self.launch(name, self.tools / "bin/python", "ridley_temporal.py", *words, "--at", f"127.0.0.1:{self.port}")

    def worker(self, number):
        self.python(f"worker#{number}", "worker", "--tasks", "1")

    def start(self, job):
        return self.python("job", "start", job)

    def kill(self, what):
        for number in range(2):
            worker = self.processes[f"worker#{number}"]
            if any("task run" in words for words in self.below(worker.pid).values()):
                os.killpg(worker.pid, signal.SIGKILL)
                worker.wait()
                self.worker(number)
                return True
        return False


engine = Temporal
