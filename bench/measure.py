"""Runs programs and says what they cost: wall time, CPU of the whole tree, memory."""
import importlib.machinery
import importlib.util
import os
import subprocess
import threading
import time


class Cost:
    """What one or several programs that ran side by side took; `outputs` is what each printed."""

    def __init__(self, wall, cpu, memory, outputs):
        self.wall, self.cpu, self.memory, self.outputs = wall, cpu, memory, outputs


def run(*commands, environment=None):
    """Runs the commands at the same time, to their end. Memory is the sum of the peaks of all processes, in MiB."""
    before, start = os.times(), time.monotonic()
    processes = [
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=os.environ | (environment or {}))
        for command in commands]
    peaks, ended = {}, threading.Event()
    watcher = threading.Thread(target=watch, args=(os.getpid(), peaks, ended))
    watcher.start()
    readers = [Reader(process) for process in processes]
    outputs = [reader.output() for reader in readers]
    for process in processes:
        if process.wait() != 0:
            ended.set()
            raise SystemExit(f"bench: {' '.join(process.args)} ended with {process.returncode}")
    wall, after = time.monotonic() - start, os.times()
    ended.set()
    watcher.join()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(wall, cpu, sum(peaks.values()) / 1024, outputs)


class Reader(threading.Thread):
    """Reads a program's output while it runs, so that it never waits for the pipe."""

    def __init__(self, process):
        super().__init__()
        self.process, self.text = process, b""
        self.start()

    def run(self):
        self.text = self.process.stdout.read()

    def output(self):
        self.join()
        return self.text.decode()


def watch(root, peaks, ended):
    """Keeps the highest resident size of every process below `root`, in KiB, as the system has seen it."""
    while not ended.wait(0.1):
        waiting = children(root)
        while waiting:
            process = waiting.pop()
            waiting += children(process)
            try:
                with open(f"/proc/{process}/status") as status:
                    for line in status:
                        if line.startswith("VmHWM"):
                            peaks[process] = int(line.split()[1])
            except OSError:
                pass


def program(name):
    """Another program of this folder, as a module."""
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), os.path.join(os.path.dirname(os.path.abspath(__file__)), name))
    made = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(made)
    return made


def children(process):
    try:
        found = []
        for task in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{task}/children") as names:
                found += names.read().split()
        return found
    except OSError:
        return []


def until(command, mark, environment=None):
    """Seconds from the start of a program until its output holds `mark`; it then runs to its end."""
    start, text = time.monotonic(), b""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=os.environ | (environment or {})) as process:
        while mark not in text:
            part = os.read(process.stdout.fileno(), 1 << 16)
            if not part:
                raise SystemExit(f"bench: {' '.join(command)} gave no answer")
            text += part
        seconds = time.monotonic() - start
        while os.read(process.stdout.fileno(), 1 << 16):
            pass
    if process.returncode != 0:
        raise SystemExit(f"bench: {' '.join(command)} ended with {process.returncode}")
    return seconds


def cpu_name():
    with open("/proc/cpuinfo") as lines:
        return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown processor")


class Machine:
    """How much of the machine others took from now on: figures of a busy hour are worth less."""

    def __init__(self):
        self.start, self.busy, self.own = time.monotonic(), busy_seconds(), own_seconds()

    def others(self):
        """The share of all cores that went to other programs and other machines; call it when all children have ended."""
        taken = (busy_seconds() - self.busy) - (own_seconds() - self.own)
        return max(0, taken) / (time.monotonic() - self.start) / os.cpu_count()


def busy_seconds():
    with open("/proc/stat") as lines:
        user, nice, system, _, _, interrupt, soft, steal = map(int, lines.readline().split()[1:9])
    return (user + nice + system + interrupt + soft + steal) / os.sysconf("SC_CLK_TCK")


def own_seconds():
    return sum(os.times()[:4])
