"""Argo's template by a stand-in, for examples/check: the process of a share is killed, as a pod is."""

import os
import signal

from contest import Engine

SHARES = 4


class Argo(Engine):
    name, victims, asks_all = "argo", ("share", "share"), True

    def up(self):
        pass

    def words(self, job, item):
        return f" task run {job} --share {item % SHARES}/{SHARES}"

    def start(self, job):
        return self.launch("job", self.tools / "bin/python", "stand_in.py", job, SHARES)

    def kill(self, what):
        for child, words in self.below(self.processes["job"].pid).items():
            for program in self.below(child):
                os.kill(program, signal.SIGKILL)
                return True
        return False


engine = Argo
