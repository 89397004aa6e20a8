#!/usr/bin/env python3
"""What 'ridley watch' promises, with real cameras (cameras.py) that are stopped, killed and changed.

Usage: watch.py RIDLEY MODELS SCRATCH. Prints a line for each thing that holds.
"""
import atexit
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

RIDLEY, MODELS, SCRATCH = sys.argv[1], sys.argv[2], Path(sys.argv[3])
CAMERAS = Path(__file__).parent / "cameras.py"
RATE = 25


def check(what):
    print(f"ok: {what}", flush=True)


def film(name, seconds=40, size="640x360", codec="libx264", more=(), drawn=10):
    """So many seconds, of which the first are drawn and come again and again."""
    path, part = SCRATCH / f"{name}.mkv", SCRATCH / f"{name}-part.mkv"
    if path.exists():
        return path
    words, drawn = ["ffmpeg", "-v", "error", "-nostdin", "-y"], min(seconds, drawn)
    subprocess.run([*words, "-f", "lavfi", "-i", f"testsrc2=size={size}:rate={RATE}", "-t", str(drawn), "-c:v", codec, *more, str(part)], check=True)
    subprocess.run([*words, "-stream_loop", str(seconds // drawn - 1), "-i", str(part), "-c", "copy", str(path)], check=True)
    return path


H264 = ("-preset", "ultrafast", "-tune", "zerolatency", "-g", "25", "-pix_fmt", "yuv420p")


class Cameras:
    """A server of cameras, which may be killed and begun again at its port."""

    def __init__(self, films, account=None, port=None, more=()):
        self.port = port or free_port()
        words = ["/usr/bin/python3", str(CAMERAS), str(self.port), *more] + (["--account", account] if account else [])
        self.process = subprocess.Popen(words + [f"{name}={path}" for name, path in films.items()], stdout=subprocess.PIPE, text=True)
        atexit.register(self.kill)
        assert self.process.stdout.readline().strip() == "ready"

    def address(self, name, account=""):
        return f"rtsp://{account + '@' if account else ''}127.0.0.1:{self.port}/{name}"

    def stop(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        self.process.kill()
        self.process.wait()


def free_port():
    """Below those that the system gives to connections (32768 and up): one that a server leaves and comes back to is free still."""
    while True:
        with socket.socket() as one, contextlib.suppress(OSError):
            one.bind(("127.0.0.1", port := random.SystemRandom().randrange(10_000, 32_768)))
            return port


class Watch:
    """'ridley watch --json' over some sources: its answers as they come, and its figures in the end."""

    def __init__(self, *sources, more=(), environment=None):
        self.process = subprocess.Popen(
            [RIDLEY, "watch", *sources, "--model", "line-inspector", "--models", MODELS, "--json", "--budget", "2s", *more],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | (environment or {}))
        atexit.register(self.process.kill)
        self.answers, self.figures = [], None
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            told = json.loads(line)
            if "streams" in told:
                self.figures = told["streams"]
            else:
                told["heard"] = time.monotonic()
                self.answers.append(told)

    def count(self, name=""):
        return sum(name in answer["stream"] for answer in self.answers)

    def wait(self, what, condition, seconds=240):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition():
                return
            time.sleep(0.05)
        raise AssertionError(f"did not come within {seconds} s: {what}")

    def goes_on(self, name, count=10, seconds=240):
        start = self.count(name)
        self.wait(f"{count} answers of {name}", lambda: self.count(name) >= start + count, seconds)

    def end(self):
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(20) in (0, 69), self.process.stderr.read()
        self.reader.join()
        for one in self.figures:
            told = one["delivered"] + sum(one["drops"].values()) + one["in_flight"]
            assert told == one["received"], one
        return {one["stream"]: one for one in self.figures}

    def children(self):
        """Processes of sources."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
            direct = [int(word) for word in file.read().split()]
        found = []
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            found += [int(word) for word in (task / "children").read_text().split()]
        return set(found + direct)


def refused(source, word, environment=None):
    """The figures of a source that is told by this word; for longer where a busy machine has not come so far."""
    for seconds in (4, 12, 30):
        watch = Watch(source, more=("--for", f"{seconds}s"), environment=environment)
        watch.process.wait(seconds + 60)
        watch.reader.join()
        one = watch.figures[0]
        if word in (one.get("reason") or ""):
            return one
    raise AssertionError((source, word, one))


def codecs():
    films = {
        "a-h264": film("h264", more=H264),
        "b-hevc": film("hevc", codec="libx265", more=("-preset", "ultrafast", "-x265-params", "log-level=error:keyint=25:bframes=0")),
        "c-mjpeg": film("mjpeg", codec="mjpeg", more=("-q:v", "5", "-pix_fmt", "yuvj420p")),
        "d-h264": film("reordered", drawn=40, more=("-preset", "ultrafast", "-bf", "2", "-g", "50", "-pix_fmt", "yuv420p"))}
    cameras = Cameras(films)
    watch = Watch(*[cameras.address(name) for name in films])
    for name in films:
        watch.goes_on(name, 40)
    told = watch.end()
    cameras.kill()
    for name, codec in zip(films, ("h264", "hevc", "mjpeg", "h264")):
        one = told[cameras.address(name)]
        assert one["codec"] == codec and (one["width"], one["height"]) == (640, 360) and one["drops"]["undecoded"] <= 2, one
        times = [answer["time"] for answer in watch.answers if name in answer["stream"]]
        numbers = [round(time * RATE) for time in times]
        assert numbers == sorted(set(numbers)) and all(abs(time * RATE - number) < 0.1 for time, number in zip(times, numbers)), times
    check("H.264, HEVC and MJPEG come over RTSP, pictures that were sent out of their order too, in the order of their times")


def accounts():
    cameras = Cameras({"a-h264": film("h264", more=H264)}, account="user:p@ss")
    watch = Watch(cameras.address("a-h264", "user:p%40ss"))
    watch.goes_on("a-h264", 10)
    told = watch.end()
    assert list(told) == [cameras.address("a-h264")], told
    wrong = Watch(cameras.address("a-h264", "user:wrong"), cameras.address("a-h264"), more=("--for", "5s"))
    wrong.process.wait(30)
    wrong.reader.join()
    reasons = [one["reason"] for one in wrong.figures]
    assert reasons == ["the camera does not take this user and password", "the camera asks for a user and a password"], reasons
    assert all(one["state"] == "failed" and one["connections"] == 1 for one in wrong.figures), wrong.figures
    cameras.kill()
    check("digest authentication is answered, a wrong password is told and not tried again at once; neither is shown")


def faults():
    # Long enough for all that follows, on a machine that does other things as well.
    films = {"a-h264": film("h264-long", seconds=600, size="320x180", more=H264)}
    steady, other = Cameras(films), Cameras(films)
    watch = Watch(steady.address("a-h264"), other.address("a-h264"), more=("--patience", "6s"))
    name = str(other.port)
    watch.goes_on(name)
    watch.goes_on(str(steady.port))
    began = set(watch.children())
    other.kill()
    time.sleep(1)
    port = other.port
    other = Cameras({"a-h264": film("h264-other", seconds=600, size="480x270", more=H264)}, port=port)
    watch.goes_on(name)
    check("a camera that is killed and returns with another size is watched again")
    before = watch.count(name)
    other.stop()
    time.sleep(9)
    stopped = watch.count(name)
    other.go_on()
    watch.goes_on(name)
    assert stopped - before < 10, (before, stopped)
    ages = [answer["age"] for answer in watch.answers]
    assert max(ages) <= 2000, max(ages)
    check("one that stands still without hanging up is connected to anew, and nothing old is told")
    # The one that was there from the start is the steady camera's.
    steadily = began & set(watch.children())
    assert len(began) == 2 and len(steadily) == 1, (began, steadily)
    for blow in (signal.SIGKILL, signal.SIGSTOP):
        for child in set(watch.children()) - steadily:
            os.kill(child, blow)
        watch.goes_on(name)
    check("a source's process that is killed or stopped costs a connection")
    times = [answer["heard"] for answer in watch.answers if str(steady.port) in answer["stream"]]
    longest = max(b - a for a, b in zip(times, times[1:]))
    told = watch.end()
    one, two = told[steady.address("a-h264")], told[other.address("a-h264")]
    assert one["connections"] == 1 and one["gaps"] == [] and one["drops"]["cut"] <= 2 and longest < 20, (one, longest)
    assert two["connections"] >= 5 and len(two["gaps"]) >= 4 and all("to" in gap for gap in two["gaps"]), two
    for cameras in (steady, other):
        cameras.kill()
    check("the other camera loses nothing; each time without pictures is told with its reason")


def films():
    path = film("short", seconds=3, more=H264)
    watch = Watch(str(path))
    watch.process.wait(30)
    watch.reader.join()
    one = watch.figures[0]
    assert one["received"] == 3 * RATE and one["state"] == "ended", one
    assert one["delivered"] + sum(one["drops"].values()) == one["received"], one
    loop = Watch(f"{path}?loop=1")
    loop.wait("the second round", lambda: loop.answers and loop.answers[-1]["time"] > 3.5)
    times = [answer["time"] for answer in loop.answers]
    assert times == sorted(times) and len(set(times)) == len(times)
    loop.end()
    check("a film is played as a camera would send it, once or again and again, and its times go on")


def main():
    shutil.rmtree(SCRATCH, ignore_errors=True)
    SCRATCH.mkdir(parents=True)
    codecs()
    accounts()
    faults()
    films()


if __name__ == "__main__":
    main()
