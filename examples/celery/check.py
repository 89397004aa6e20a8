"""Celery with Redis, for examples/check: a pool's process and then a whole worker are killed."""

import os
import shutil
import signal
import subprocess

from contest import Broken, Engine, free_port, wait_for_port


class Celery(Engine):
    name, victims = "celery", ("pool", "worker")

    def up(self):
        if not shutil.which("redis-server"):
            raise Broken("redis-server is missing: ./bootstrap installs it")
        port = free_port()
        self.environment.update(CELERY_BROKER_URL=f"redis://127.0.0.1:{port}/0", CELERY_VISIBILITY_SECONDS="20")
        self.launch("redis", "redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", self.home)
        wait_for_port(port)
        self.worker()

    def worker(self):
        self.launch("worker", self.tools / "bin/celery", "-A", "ridley_celery", "worker", "--concurrency", "2", "--loglevel", "INFO")

    def start(self, job):
        subprocess.run([self.tools / "bin/python", "ridley_celery.py", job], env=self.environment, cwd=self.folder, check=True, stdout=subprocess.DEVNULL)

    def kill(self, what):
        worker = self.processes["worker"]
        child = next((child for child in self.below(worker.pid) if any("task run" in words for words in self.below(child).values())), None)
        if child is None:
            return False
        if what == "pool":
            os.kill(child, signal.SIGKILL)
            return True
        # With it goes what it began, as with its machine; another worker is started in its place.
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        self.worker()
        return True


engine = Celery
