"""A real server for the tests in a browser: SCRIPT RIDLEY MODELS SCRATCH are the words they are started with."""

import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

RIDLEY, MODELS, SCRATCH = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
ENVIRONMENT = os.environ | {"RIDLEY_HOME": str(SCRATCH / "home"), "RIDLEY_CACHE": str(SCRATCH / "cache")}
MODEL = "line-inspector"


class Server:
    """`ridley serve` on a port of its own choice, or on one that was used before; `models` is a folder, or None for a library's registry."""

    def __init__(self, models, *options, port=0):
        place = ["--models", models] if models else ["--registry"]
        command = [RIDLEY, "serve", *place, "--listen", f"127.0.0.1:{port}", *options]
        self.log = open(SCRATCH / "serve.log", "w+")
        self.process = subprocess.Popen(command, env=ENVIRONMENT, stdout=self.log, stderr=self.log)
        self.address = eventually("the server to listen", self.find_address, self.said)
        self.port = int(self.address.rsplit(":", 1)[1])
        eventually("the models to be loaded", self.is_ready, self.said)

    def said(self):
        return (SCRATCH / "serve.log").read_text()

    def find_address(self):
        assert self.process.poll() is None, self.said()
        line = next((line for line in self.said().splitlines() if "serving at http" in line), None)
        return line and line.split("serving at ")[1].strip()

    def is_ready(self):
        try:
            return urllib.request.urlopen(self.address + "/readyz", timeout=5).status == 200
        except urllib.error.HTTPError:
            return False

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def eventually(what, condition, explain=lambda: "", seconds=240):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(f"did not come within {seconds} s: {what}\n{explain()}")


def ridley(*arguments):
    done = subprocess.run([RIDLEY, *arguments], env=ENVIRONMENT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def check(what):
    print(f"ok: {what}", flush=True)


def draw_line(seconds):
    """A film of a line in which the starter model finds parts, line.mp4, and its last picture, part.png."""
    drawer = pathlib.Path(__file__).resolve().parents[2] / "training" / "line.py"
    line = ["--video", SCRATCH / "line.mp4", "--truth", SCRATCH / "truth.json", "--seed", "7", "--seconds", str(seconds)]
    subprocess.run(["/usr/bin/python3", drawer, *line], check=True)
    last = ["-sseof", "-0.1", "-i", SCRATCH / "line.mp4", "-frames:v", "1", SCRATCH / "part.png"]
    subprocess.run(["ffmpeg", "-v", "error", *last], check=True)
