"""Ridley's own workers, for examples/check: in one folder, and on three hosts of a shared library, each a network namespace."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from contest import ROOT, Broken, Engine, Missing, poisoned

sys.path.append(str(ROOT / "bench"))

import parts  # noqa: E402


class Workers(Engine):
    """What both have in common: workers that are killed with all they began, or the one process of theirs that is at a task."""

    name, victims, asks_all, way, count = "local", ("task", "worker", "task"), True, "--detach", 2

    def up(self):
        # So long nobody else has the task of a worker that is gone.
        self.environment.update(RIDLEY_LEASE="3")
        for number in range(self.count):
            self.worker(number)

    def worker(self, number):
        self.launch(f"worker#{number}", *self.words_of(number), environment=self.environment_of(number))

    def words_of(self, number):
        return [self.ridley, "worker"]

    def environment_of(self, number):
        return self.environment

    def start(self, job):
        """They have seen it already, and what is tried again too."""

    def kill(self, what):
        for number in range(self.count):
            worker = self.processes[f"worker#{number}"]
            for child in self.tasks(worker.pid):
                if self.is_busy(child):
                    if what == "task":
                        os.kill(child, signal.SIGKILL)
                    else:
                        os.killpg(worker.pid, signal.SIGKILL)
                        worker.wait()
                        self.worker(number)
                    return True
        return False

    def tasks(self, pid):
        """The processes without children of their own, in which tasks are done."""
        children = list(self.below(pid))
        return [last for child in children for last in self.tasks(child) or [child]]

    @classmethod
    def is_busy(cls, pid):
        """Whether a process computes: most of a fifth of a second."""
        before = cls.ticks(pid)
        time.sleep(0.2)
        return cls.ticks(pid) - before > 0.05 * os.sysconf("SC_CLK_TCK")

    @staticmethod
    def ticks(pid):
        try:
            words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            return 0
        return int(words[11]) + int(words[12])

    def seen(self):
        """Another number whenever workers computed."""
        return sum(self.ticks(child) for number in range(self.count) for child in self.tasks(self.processes[f"worker#{number}"].pid))

    def runs(self, job, item):
        return ["65"] * item["attempts"]

    def told(self):
        return f"{self.count} workers"


class Hosts(Workers):
    """Redis, PostgreSQL and an S3 service in a network namespace, and a worker in each of three others."""

    name, count = "redis", 3

    def before(self):
        if lacks := parts.missing():
            raise Missing(lacks)
        if os.geteuid() != 0 or not shutil.which("ip"):
            raise Missing("only root may make network namespaces, with 'ip' of iproute2")

    def up(self):
        try:
            self.network = parts.Network(f"rc{os.getpid() % 10000}", self.count)
        except (OSError, subprocess.CalledProcessError) as refusal:
            raise Missing(f"this machine lets no network namespace be made: {refusal}") from None
        # This process and all it begins are in that of the servers, until the end.
        self.outside = os.open("/proc/self/ns/net", os.O_RDONLY)
        inside = os.open(f"/run/netns/{self.network.hub}", os.O_RDONLY)
        self.enter(inside)
        os.close(inside)
        os.chmod(self.home.parent, 0o711)
        os.chmod(self.home, 0o711)
        host = self.network.address
        self.servers = [kind(host, str(self.home / kind.__name__.lower())) for kind in (parts.PostgreSQL, parts.Redis, parts.S3)]
        for server in self.servers:
            server.start()
        postgres, redis, s3 = self.servers
        s3.make_bucket("ridley")
        self.environment.update(s3.environment(), RIDLEY_STORE=postgres.make("films"), RIDLEY_OBJECTS="s3://ridley/films", RIDLEY_BUS=redis.make("films"))
        self.copied("--from", self.home / "library", "--to", self.environment["RIDLEY_STORE"], "--objects", self.environment["RIDLEY_OBJECTS"])
        super().up()

    @staticmethod
    def enter(namespace):
        if ctypes.CDLL(None, use_errno=True).setns(namespace, 0x40000000) != 0:  # CLONE_NEWNET
            raise OSError(ctypes.get_errno(), "a network namespace cannot be entered")

    def copied(self, *words):
        done = subprocess.run([self.ridley, "library", "copy", *map(str, words), "--quiet"], env=self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise Broken(f"the library was not copied: {done.stderr.strip()}")

    def words_of(self, number):
        return ["ip", "netns", "exec", self.network.hosts[number], *super().words_of(number)]

    def environment_of(self, number):
        return dict(self.environment, RIDLEY_HOME=str(self.home / f"host-{number}"))

    def poison(self, digest):
        """By the service's own file tree."""
        place = f"http://{self.network.address}:{self.servers[2].ports[4]}/buckets/ridley/films/objects/{digest[:2]}/{digest}"
        with urllib.request.urlopen(place, timeout=60) as answer:
            whole = answer.read()

        def put(data):
            request = urllib.request.Request(place, data=data, method="PUT", headers={"Content-Type": "application/octet-stream"})
            urllib.request.urlopen(request, timeout=60).close()

        put(poisoned(whole))
        return lambda: put(whole)

    def told(self):
        return f"{self.count} workers in network namespaces of their own, and servers in a fourth"

    def end(self):
        super().end()
        for server in getattr(self, "servers", []):
            server.end()
        if hasattr(self, "outside"):
            self.enter(self.outside)
            os.close(self.outside)
        if hasattr(self, "network"):
            self.network.end()


engine, hosts = Workers, Hosts
