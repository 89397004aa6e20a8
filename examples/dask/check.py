"""Dask with a scheduler and two workers, for examples/check: the process of one that is at a task is killed, and its nanny starts another."""

import os
import signal

from contest import Engine, free_port, wait_for_port


class Dask(Engine):
    name, victims = "dask", ("worker", "worker")

    def up(self):
        self.port = free_port()
        # A task whose worker was killed once is given up at once, so that the recipe's own rounds are seen too.
        self.environment.update(DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0")
        self.launch("scheduler", self.tools / "bin/dask", "scheduler", "--host", "127.0.0.1", "--port", self.port, "--no-dashboard")
        wait_for_port(self.port)
        for number in range(2):
            self.launch(f"worker#{number}", self.tools / "bin/dask", "worker", f"tcp://127.0.0.1:{self.port}", "--host", "127.0.0.1", "--nthreads", "1",
                        "--no-dashboard", "--local-directory", self.home / f"dask-{number}")

    def start(self, job):
        return self.launch("job", self.tools / "bin/python", "ridley_dask.py", job, f"tcp://127.0.0.1:{self.port}")

    def kill(self, what):
        for name, nanny in self.processes.items():
            for child in self.below(nanny.pid) if name.startswith("worker") else ():
                if any("task run" in words for words in self.below(child).values()):
                    os.kill(child, signal.SIGKILL)
                    return True
        return False


engine = Dask
