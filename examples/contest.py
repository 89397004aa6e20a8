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


class Contest:
    def __init__(self, ridley, folder, seconds):
        self.ridley, self.folder, self.seconds = str(Path(ridley).resolve()), Path(folder), seconds
        self.environment = dict(os.environ, RIDLEY_HOME=str(self.folder / "home"), RIDLEY_CACHE=str(self.folder / "cache"), RIDLEY_MODELS=str(ROOT / "models"))

    def call(self, *words, home=None, allowed=(0,)):
        environment = dict(self.environment, **({"RIDLEY_HOME": str(home)} if home else {}))
        done = subprocess.run([self.ridley, *map(str, words)], env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode not in allowed:
            raise Broken(f"ridley {' '.join(map(str, words[:2]))} ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def ask(self, *words, home):
        return json.loads(self.call(*words, "--json", home=home))

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
        self.call("library", "add", *films, "--client", "acme", "--quiet", home=self.base)
        local = self.folder / "local"
        shutil.copytree(self.base, local)
        self.call("job", "start", "--pipeline", PIPELINE, "--client", "acme", "--workers", "2", "--quiet", home=local)
        self.wanted = self.answers(local)
        if len(self.wanted) != len(films) or any(len(found) != 1 for found in self.wanted.values()):
            raise Broken(f"Ridley's own workers did not do every film once: {self.wanted}")
        self.poisoned = next(asset["object"] for asset in self.assets(local) if asset["name"] == f"film-{POISONED}.mp4")

    def assets(self, home):
        return self.ask("library", "list", "--client", "acme", "--limit", "1000", home=home)["assets"]

    def answers(self, home):
        """By the digest of a film's bytes: the digest of its packed predictions, how many there are, frames, those that could not be decoded, and the pipeline's digest.

        Not the index of frames, which holds when the film's file was written.
        """
        found = {}
        for asset in self.assets(home):
            results = self.ask("library", "show", asset["asset"], home=home)["results"]
            found[asset["object"]] = [(one["predictions"], one["count"], one["frames"], one["corrupt"], one["pipeline"]) for one in results]
        return found

    def made(self, home):
        """When each analysis was published, by the film's bytes."""
        return [(asset["object"], one["made"]) for asset in self.assets(home) for one in self.ask("library", "show", asset["asset"], home=home)["results"]]

    def round(self, engine):
        """One engine from an empty job to the last answer; returns what was found."""
        engine.before()
        home = self.folder / engine.name
        shutil.copytree(self.base, home)
        whole, changed = self.poison(home)
        job = self.ask("job", "start", "--pipeline", PIPELINE, "--client", "acme", "--external", home=home)["job"]
        log, witness = home / "witness.log", home / "ridley"
        witness.write_text(WITNESS.format(log=str(log), program=self.ridley))
        witness.chmod(0o755)
        log.touch()
        environment = dict(self.environment, RIDLEY=str(witness), RIDLEY_HOME=str(home), PYTHONPATH=str(ROOT / "examples/common"))
        try:
            engine.begin(environment, home)
            kills = self.first(engine, job, home, log)
            item = self.failed(job, home)
            runs = [line.split()[2] for line in log.read_text().splitlines() if line.startswith("ended") and engine.words(job, item) in line]
            if [code for code in runs if int(code) < 128] != ["65"]:
                raise Broken(f"the poisoned film was not run once, with 65, but ended with {runs}")
            whole.rename(changed)
            self.redrive(engine, job, home, log, item)
            more = engine.after(job)
        finally:
            engine.end()
        if (answers := self.answers(home)) != self.wanted:
            other = {film: (found, self.wanted.get(film)) for film, found in answers.items() if found != self.wanted.get(film)}
            raise Broken(f"the analyses of {len(other)} films differ from those of Ridley's own workers: {other}")
        report = self.ask("library", "verify", "--bytes", home=home)
        if report["wrong"] or report["damaged"]:
            raise Broken(f"the library is not whole: {report}")
        tasks = sum(line.startswith("ended") and " task run " in line for line in log.read_text().splitlines())
        return f"{len(answers)} analyses have the bytes of Ridley's own workers'; {tasks} tasks run, {kills}; the poisoned one once, then it alone after 'job retry'{more}"

    def poison(self, home):
        """Changes a byte of one film in the library; returns where its true bytes are, and where they belong."""
        place = next(path for path in (home / "library/objects").rglob("*") if path.name == self.poisoned or path.parent.name + path.name == self.poisoned)
        whole = home / "whole"
        shutil.copyfile(place, whole)
        place.chmod(0o644)
        data = bytearray(whole.read_bytes())
        data[len(data) // 2] ^= 1
        place.write_bytes(data)
        return whole, place

    def first(self, engine, job, home, log):
        """All items, while workers of the engine are killed."""
        running = engine.start(job)
        for what in engine.victims:
            seen = len(log.read_text().splitlines())
            self.until(lambda: "task run" in "\n".join(log.read_text().splitlines()[seen:]), 120, f"{engine.name} begins no task")
            self.until(lambda: engine.kill(what) or self.is_over(job, home), 120, f"no process of {engine.name} is at a task")
        if self.is_over(job, home):
            raise Broken(f"the job was over before processes of {engine.name} were killed")
        self.until(lambda: self.is_over(job, home), 400, f"{engine.name} did not finish the job")
        engine.finish(running)
        return f"{len(engine.victims)} of the engine's processes killed meanwhile"

    def is_over(self, job, home):
        return self.ask("job", "show", job, home=home)["state"] != "running"

    def failed(self, job, home):
        shown = self.ask("job", "show", job, "--failed", home=home)
        if (shown["done"], shown["failed"]) != (len(LOOPS) - 1, 1) or "not those that were added" not in shown["items"][0]["reason"]:
            raise Broken(f"not all but the poisoned film are done: {shown}")
        wanted = {film: answers for film, answers in self.wanted.items() if film != self.poisoned}
        if {film: answers for film, answers in self.answers(home).items() if answers} != wanted:
            raise Broken("what was published beside the poisoned film differs")
        return shown["items"][0]["number"]

    def redrive(self, engine, job, home, log, item):
        self.call("job", "retry", job, home=home)
        before, made = len(log.read_text().splitlines()), self.made(home)
        running = engine.start(job)
        self.until(lambda: self.is_over(job, home), 200, f"{engine.name} did not redrive the item")
        engine.finish(running)
        items = {line.split("/")[-1].split()[0] for line in log.read_text().splitlines()[before:] if " task " in line and job in line}
        if made != [one for one in self.made(home) if one[0] != self.poisoned]:
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

    name, victims, asks_all = "", (), False

    def __init__(self, tools, folder):
        self.tools, self.folder, self.processes = Path(tools), Path(folder), {}

    def launch(self, name, *words, environment=None, cwd=None):
        log = open(self.home / f"{name.split('#')[0]}.log", "ab")
        self.processes[name] = subprocess.Popen([str(word) for word in words], env=environment or self.environment, cwd=cwd or self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        return self.processes[name]

    def begin(self, environment, home):
        self.environment, self.home = environment, home
        self.up()

    def before(self):
        """What is held before a job is begun; raises Broken."""

    def after(self, job):
        """What else is held once the job is over, as words for the line; raises Broken."""
        return ""

    def words(self, job, item):
        """What the program is called with for the tasks of an item."""
        return f" task run {job}/{item} "

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
