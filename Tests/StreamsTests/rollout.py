#!/usr/bin/env python3
"""A model that is rolled out while live streams alone ask it, or their pipelines: a good version takes over, one with two labels exchanged is out by itself.

Usage: rollout.py RIDLEY MODELS SCRATCH. Prints a line for each thing that holds.
"""
import atexit
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

RIDLEY, MODELS, SCRATCH = os.path.abspath(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
GOOD = ["good", "scratch", "chip", "hole-missing"]
ENVIRONMENT = os.environ | {"RIDLEY_HOME": str(SCRATCH / "home"), "RIDLEY_CACHE": str(SCRATCH / "cache"), "RIDLEY_FIRST_KEY": ""}


def check(what):
    print(f"ok: {what}", flush=True)


def wait(what, condition, seconds=240):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"did not come within {seconds} s: {what}")


def ridley(*words):
    done = subprocess.run([RIDLEY, *words, "--library", "lib"], env=ENVIRONMENT, cwd=SCRATCH, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout


def publish(labels, threshold):
    """The next version, which has these labels."""
    place = SCRATCH / "made/line-inspector"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(Path(MODELS) / "line-inspector", place)
    text = (place / "model.yaml").read_text()
    changed = text.replace(f"labels: [{', '.join(GOOD)}]", f"labels: [{', '.join(labels)}]").replace("threshold: 0.6", f"threshold: {threshold}")
    assert changed != text
    (place / "model.yaml").write_text(changed)
    return json.loads(ridley("model", "publish", str(place), "--json"))["version"]


class Server:
    def __init__(self, looker):
        (SCRATCH / "ridley.yaml").write_text(
            "films: [films]\npipelines: pipelines\nstreams:\n" + "".join(f"  belt-{number}: {{source: 'films/line.mp4?loop=1', {looker}, rate: 10}}\n" for number in range(4)))
        self.told = []
        self.process = subprocess.Popen(
            [RIDLEY, "serve", "--library", "lib", "--registry", "--workers", "0", "--config", "ridley.yaml", "--listen", "127.0.0.1:0"],
            env=ENVIRONMENT, cwd=SCRATCH, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        atexit.register(self.process.kill)
        threading.Thread(target=lambda: self.told.extend(self.process.stderr), daemon=True).start()
        self.address = wait("the server", lambda: next((line.split()[-1] for line in self.told if "serving at" in line), None))
        wait("the streams", lambda: all(one["state"] == "live" for one in self.streams()) and len(self.streams()) == 4)

    def end(self):
        self.process.terminate()
        assert self.process.wait(60) == 0, self.told

    def streams(self):
        with urllib.request.urlopen(self.address + "/v1/streams", timeout=60) as answer:
            return json.loads(answer.read())


def status():
    return json.loads(ridley("model", "rollout", "status", "line-inspector", "--json"))


def roll(server, version, rule, seconds=90):
    """The roll-out as it ended, and between which shares it was seen."""
    ridley("model", "rollout", f"line-inspector@{version}", "--shadow", "50%", "--canary", "50%,100%", "--every", "1s", "--rule", rule)
    shares = set()

    def over():
        told = status()
        shares.add(told["rollout"]["share"])
        return told if told["rollout"]["state"] not in ("running", "paused") else None
    told = wait("the end of the roll-out", over, seconds)
    for one in server.streams():
        assert one["state"] == "live" and one["connections"] == 1, one
    return told, shares


def check_bad(server, threshold):
    """Two labels exchanged are out by agreement, before any stream is answered by them."""
    told, shares = roll(server, publish(["scratch", "good", "chip", "hole-missing"], threshold), "agreement > .9 and count >= 20")
    rollout = told["rollout"]
    assert rollout["state"] == "rolled_back" and "agreement" in rollout["reason"] and shares <= {0.0}, told
    assert told["evidence"]["requests"]["routed_to_candidate"] == 0, told
    assert told["evidence"]["compared"] > 0, told


def main():
    (SCRATCH / "films").mkdir(parents=True)
    subprocess.run(
        ["/usr/bin/python3", str(Path(__file__).parents[2] / "training/line.py"), "--video", str(SCRATCH / "films/line.mp4"), "--truth", str(SCRATCH / "truth.json"),
         "--seed", "7", "--seconds", "6"], check=True, stdout=subprocess.DEVNULL)
    # Tells of a part once it is gone, and passes over pictures in which nothing moves: what its network says to a picture is not what is told.
    (SCRATCH / "pipelines").mkdir()
    (SCRATCH / "pipelines/parts.yaml").write_text(
        "gate: {motion: 1%}\ninfer: {model: line-inspector, threshold: 0.3}\ntrack: {high: 0.5, new: 0.6}\nsmooth: {by: track, votes: 3 of 5}\nemit: {when: end, labels: [chip]}\n")
    publish(GOOD, 0.601)
    ridley("model", "alias", "line-inspector", "live", "1", "--untried")
    server = Server("model: line-inspector")
    check_bad(server, 0.602)
    check("a version with two labels exchanged is out by what streams alone ask as well, and answered none of their pictures")

    told, shares = roll(server, publish(GOOD, 0.603), "errors == 0 and agreement > .9 and count >= 20")
    assert told["rollout"]["state"] == "promoted", told
    steps = [entry["evidence"] for entry in told["history"] if entry["rollout"]["state"] == "promoted" or entry["rollout"]["stage"] > 0]
    assert steps and all(one["candidate"]["answers"] >= 20 for one in steps), told
    check("a good version takes over by what streams alone ask, and each of them stays connected")
    server.end()

    server = Server("pipeline: parts")
    check_bad(server, 0.604)
    check("the same of a pipeline of live streams, which tells nothing of what its network said to a picture")
    told, _ = roll(server, publish(GOOD, 0.605), "errors == 0 and agreement > .97 and count >= 20")
    assert told["rollout"]["state"] == "promoted", told
    check("a good version takes over by pipelines of live streams alone")
    server.end()


main()
