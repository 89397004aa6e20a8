"""A job of ten films that every engine does in its own library, while one of its workers is killed, and that is compared with Ridley's own workers."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PIPELINE = ROOT / "pipelines/line.yaml"
# Repetitions of one drawn film: short ones of a single task, such as are cut, and one that is damaged where it would be cut.
LOOPS = [1, 2, 1, 4, 24, 1, 2, 6, 1, 24]
DAMAGED = 9
# The film whose bytes are changed in the library before the job begins, and mended before its items are tried again.
POISONED = 3

# Stands in PATH for the program: writes down what is begun and how it ended, in lines that are appended whole.
WITNESS = """#!/usr/bin/env python3
import os, subprocess, sys
def note(*what):
    with open({log!r}, "a") as file:
        file.write(" ".join(map(str, what)) + "\\n")
words = sys.argv[1:]
note("begun", os.getpid(), *words)
process = subprocess.Popen([{program!r}, *words])
import signal
for name in (signal.SIGTERM, signal.SIGINT):
    signal.signal(name, lambda number, _: process.send_signal(number))
code = process.wait()
note("ended", os.getpid(), code, *words)
sys.exit(code if code >= 0 else 128 - code)
"""


class Broken(Exception):
    """A promise that is not kept."""


class Missing(Exception):
    """What an engine needs is not on this machine: nothing was checked of it."""


class Contest:
    def __init__(self, ridley, folder, seconds):
        self.ridley, self.folder, self.seconds = str(Path(ridley).resolve()), Path(folder), seconds
        self.environment = dict(os.environ, RIDLEY_HOME=str(self.folder / "home"), RIDLEY_CACHE=str(self.folder / "cache"), RIDLEY_MODELS=str(ROOT / "models"))

    def call(self, *words, at, allowed=(0,)):
        """Runs Ridley in the environment that says where the library is."""
        done = subprocess.run([self.ridley, *map(str, words)], env=at, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode not in allowed:
            raise Broken(f"ridley {' '.join(map(str, words[:2]))} ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def ask(self, *words, at):
        return json.loads(self.call(*words, "--json", at=at))

    def folder_at(self, home):
        return dict(self.environment, RIDLEY_HOME=str(home))

    def prepare(self):
        """The films, a library with them, and what Ridley's own workers say of them."""
        line = self.folder / "line.mp4"
        subprocess.run([sys.executable, ROOT / "training/line.py", "--video", line, "--truth", self.folder / "truth.json", "--seed", "7", "--seconds", str(self.seconds)], check=True, stdout=subprocess.DEVNULL)
        films = []
        for number, loops in enumerate(LOOPS):
            film = self.folder / f"film-{number}.mp4"
            subprocess.run(["ffmpeg", "-v", "error", "-stream_loop", str(loops - 1), "-i", line, "-c", "copy", film], check=True, stdin=subprocess.DEVNULL)
            data = bytearray(film.read_bytes())
            if number == DAMAGED:
                data[len(data) * 2 // 3 : len(data) * 2 // 3 + 4000] = bytes(4000)
            # An empty box with a number makes films of alike pictures films of their own.
            film.write_bytes(data + bytes([0, 0, 0, 9]) + b"free" + bytes([number]))
            films.append(film)
        self.base = self.folder / "base"
        self.call("library", "add", *films, "--client", "acme", "--quiet", at=self.folder_at(self.base))
        undisturbed = self.folder / "undisturbed"
        shutil.copytree(self.base, undisturbed)
        local = self.folder_at(undisturbed)
        self.call("job", "start", "--pipeline", PIPELINE, "--client", "acme", "--workers", "2", "--quiet", at=local)
        self.wanted = self.answers(local)
        if len(self.wanted) != len(films) or any(len(found) != 1 for found in self.wanted.values()):
            raise Broken(f"Ridley's own workers did not do every film once: {self.wanted}")
        self.poisoned = next(asset["object"] for asset in self.assets(local) if asset["name"] == f"film-{POISONED}.mp4")

    def assets(self, at):
        return self.ask("library", "list", "--client", "acme", "--limit", "1000", at=at)["assets"]

    def answers(self, at):
        """By the digest of a film's bytes: the digest of its packed predictions, how many there are, frames, those that could not be decoded, and the pipeline's digest.

        Not the index of frames, which holds when the film's file was written.
        """
        found = {}
        for asset in self.assets(at):
            results = self.ask("library", "show", asset["asset"], at=at)["results"]
            found[asset["object"]] = [(one["predictions"], one["count"], one["frames"], one["corrupt"], one["pipeline"]) for one in results]
        return found

    def made(self, at):
        """When each analysis was published, by the film's bytes."""
        return [(asset["object"], one["made"]) for asset in self.assets(at) for one in self.ask("library", "show", asset["asset"], at=at)["results"]]

    def round(self, engine):
        """One engine from an empty job to the last answer; returns what was found."""
        engine.before()
        home = self.folder / engine.name
        shutil.copytree(self.base, home)
        witness = home / "ridley"
        witness.write_text(WITNESS.format(log=str(home / "witness.log"), program=self.ridley))
        witness.chmod(0o755)
        (home / "witness.log").touch()
        environment = dict(self.environment, RIDLEY=str(witness), RIDLEY_HOME=str(home), PYTHONPATH=str(ROOT / "examples/common"))
        try:
            engine.begin(environment, home, self.ridley)
            at = engine.library()
            mend = engine.poison(self.poisoned)
            job = self.ask("job", "start", "--pipeline", PIPELINE, "--client", "acme", engine.way, at=at)["job"]
            kills = self.first(engine, job, at)
            item = self.failed(engine, job, at)
            mend()
            self.redrive(engine, job, at, item)
            more = engine.after(job)
            return self.compared(engine, at) + f", {kills}; the poisoned one once, then it alone after 'job retry'{more}"
        finally:
            engine.end()

    def compared(self, engine, at):
        if (answers := self.answers(at)) != self.wanted:
            other = {film: (found, self.wanted.get(film)) for film, found in answers.items() if found != self.wanted.get(film)}
            raise Broken(f"the analyses of {len(other)} films differ from those of Ridley's own workers: {other}")
        report = self.ask("library", "verify", "--bytes", at=at)
        if report["wrong"] or report["damaged"]:
            raise Broken(f"the library is not whole: {report}")
        return f"{len(answers)} analyses have the bytes of Ridley's own workers'; {engine.told()}"

    def first(self, engine, job, at):
        """All items, while workers of the engine are killed."""
        running = engine.start(job)
        for what in engine.victims:
            seen = engine.seen()
            self.until(lambda: engine.seen() != seen, 120, f"{engine.name} begins no task")
            self.until(lambda: engine.kill(what) or self.is_over(job, at), 120, f"no process of {engine.name} is at a task")
        if self.is_over(job, at):
            raise Broken(f"the job was over before processes of {engine.name} were killed")
        self.until(lambda: self.is_over(job, at), 400, f"{engine.name} did not finish the job")
        engine.finish(running)
        return f"{len(engine.victims)} of the engine's processes killed meanwhile"

    def is_over(self, job, at):
        return self.ask("job", "show", job, at=at)["state"] != "running"

    def failed(self, engine, job, at):
        """The number of the item that failed, once, where all others are done."""
        shown = self.ask("job", "show", job, "--failed", at=at)
        if (shown["done"], shown["failed"]) != (len(LOOPS) - 1, 1) or "were added" not in shown["items"][0]["reason"]:
            raise Broken(f"not all but the poisoned film are done: {shown}")
        wanted = {film: answers for film, answers in self.wanted.items() if film != self.poisoned}
        if {film: answers for film, answers in self.answers(at).items() if answers} != wanted:
            raise Broken("what was published beside the poisoned film differs")
        if (runs := engine.runs(job, shown["items"][0])) != ["65"]:
            raise Broken(f"the poisoned film was not run once, with 65, but ended with {runs}")
        return shown["items"][0]["number"]

    def redrive(self, engine, job, at, item):
        self.call("job", "retry", job, at=at)
        before, made = len(engine.lines()), self.made(at)
        running = engine.start(job)
        self.until(lambda: self.is_over(job, at), 200, f"{engine.name} did not redrive the item")
        engine.finish(running)
        items = {line.split("/")[-1].split()[0] for line in engine.lines()[before:] if " task " in line and job in line}
        if made != [one for one in self.made(at) if one[0] != self.poisoned]:
            raise Broken("the redrive changed analyses of other items")
        if not engine.asks_all and items != {str(item)}:
            raise Broken(f"the redrive ran other items too: {sorted(items)}")

    @staticmethod
    def until(condition, seconds, what=None):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                if what:
                    raise Broken(what)
                return False
            time.sleep(0.2)
        return True


class Engine:
    """What the contest needs of one: subclasses start its processes, hand it a job, and name those that are killed."""

    name, victims, asks_all, way = "", (), False, "--external"

    def __init__(self, tools, folder):
        self.tools, self.folder, self.processes = tools, Path(folder), {}

    def launch(self, name, *words, environment=None, cwd=None):
        log = open(self.home / f"{name.split('#')[0]}.log", "ab")
        self.processes[name] = subprocess.Popen([str(word) for word in words], env=environment or self.environment, cwd=cwd or self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        return self.processes[name]

    def begin(self, environment, home, ridley):
        self.environment, self.home, self.ridley = environment, home, ridley
        self.up()

    def library(self):
        """The environment in which the library is found."""
        return self.environment

    def poison(self, digest):
        """Changes a byte of a film in the library; returns what mends it."""
        place = next(path for path in (self.home / "library/objects").rglob("*") if digest in (path.name, path.parent.name + path.name))
        whole = self.home / "whole"
        shutil.copyfile(place, whole)
        place.chmod(0o644)
        place.write_bytes(poisoned(whole.read_bytes()))
        return lambda: whole.rename(place)

    def before(self):
        """What is held before a job is begun; raises Broken."""

    def after(self, job):
        """What else is held once the job is over, as words for the line; raises Broken."""
        return ""

    def words(self, job, item):
        """What the program is called with for the tasks of an item."""
        return f" task run {job}/{item} "

    def lines(self):
        """What was begun and how it ended, as the witness wrote it down."""
        return (self.home / "witness.log").read_text().splitlines()

    def seen(self):
        """Another number whenever a task was begun or ended."""
        return sum(" task run " in line for line in self.lines())

    def runs(self, job, item):
        """What the runs of an item that failed ended with, but those that were killed."""
        codes = [line.split()[2] for line in self.lines() if line.startswith("ended") and self.words(job, item["number"]) in line]
        return [code for code in codes if int(code) < 128]

    def told(self):
        return f"{sum(line.startswith('ended') and ' task run ' in line for line in self.lines())} tasks run"

    def finish(self, running):
        """Waits for what `start` began, where it waits for the job."""
        if running is not None and (code := running.wait(120)) != 0:
            raise Broken(f"{self.name} ended with {code}: see its logs")

    def end(self):
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                pass
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()

    @staticmethod
    def below(pid):
        """Processes that a process began, by what they are called."""
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]) == pid:
                        found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                except OSError:
                    continue
        return found


def poisoned(data):
    data = bytearray(data)
    data[len(data) // 2] ^= 1
    return bytes(data)


def wait_for_port(port, seconds=60):
    import socket

    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise Broken(f"nothing listens at 127.0.0.1:{port} after {seconds} s") from None
            time.sleep(0.1)


def free_port():
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
