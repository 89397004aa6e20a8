#!/usr/bin/env python3
"""A disk of 64 MB that four cameras fill in seconds: what is kept is what the rules say, what is held stays, and nothing fails silently.

Usage, in a mount namespace of its own (unshare -Urm): disk.py RIDLEY MODELS SCRATCH [MEGABYTES]. Prints a line for each thing that holds.
"""
import os
import shutil
import subprocess
import sys
import threading
import time

from events import SCRATCH, Server, check, moment, wait
from recordings import listed, text

MEGABYTES = int(sys.argv[4]) if len(sys.argv) > 4 else 100
FREE = 8 << 20
NAMES = [f"cam{number}" for number in range(4)]
CONFIGURATION = f"""films: [{SCRATCH}/films]
recordings: {{free: 8MiB}}
"""


class Watch:
    """What was ever listed, and how little of the disk was free."""

    def __init__(self, server):
        self.server, self.seen, self.least, self.isOver = server, {}, 1 << 40, False
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        last = 0
        while not self.isOver:
            disk = os.statvfs(SCRATCH / "lib")
            self.least = min(self.least, disk.f_bavail * disk.f_frsize)
            if time.monotonic() > last + 0.5:
                self.look()
                last = time.monotonic()
            time.sleep(0.01)

    def look(self):
        now = {}
        for name in NAMES:
            for part in listed(self.server, name)["segments"]:
                now[part["asset"]] = moment(part["from"])
        self.seen |= now
        return now

    def end(self):
        self.isOver = True
        self.thread.join()


def figures(server, name):
    return server.ask("GET", f"/v1/streams/{name}")[1]["recording"]


def main():
    shutil.rmtree(SCRATCH, ignore_errors=True)
    for folder in ("films", "models", "pipelines", "lib"):
        (SCRATCH / folder).mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(SCRATCH / "lib")], check=True)
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc2=size=176x144:rate=25,noise=alls=60:allf=t", "-t", "8", "-c:v", "libx264", "-preset", "ultrafast", "-qp", "6", "-g", "25", "-pix_fmt", "yuv420p", str(SCRATCH / "films/noise.mp4")], check=True)
    server = Server(CONFIGURATION)
    for name in NAMES:
        ask = {"source": f"{SCRATCH}/films/noise.mp4?loop=1", "record": {"segment_s": 1}, "force": True}
        assert server.ask("PUT", f"/v1/streams/{name}", ask)[0] == 201
    held = wait("segments of a camera", lambda: (lambda all: all[:2] if len(all) > 2 else None)(listed(server, "cam1")["segments"]), 30)
    asked = {"from": text(moment(held[0]["from"]) + 0.01), "to": text(moment(held[1]["to"]) - 0.01)}
    hold = server.ask("POST", "/v1/streams/cam1/holds", asked)[1]
    watch = Watch(server)
    wait(f"{MEGABYTES} MB", lambda: sum(figures(server, name)["bytes"] for name in NAMES) >> 20 >= MEGABYTES, 60 + MEGABYTES)
    watch.end()
    now = watch.look()
    kept = {part["asset"] for part in held}
    assert kept <= set(now), "what was held is gone"
    gone = [start for asset, start in watch.seen.items() if asset not in now]
    assert len(gone) > 20, len(gone)
    assert max(gone) <= min(start for asset, start in now.items() if asset not in kept), "a newer one went before an older one"
    written = sum(figures(server, name)["bytes"] for name in NAMES)
    lost = [figures(server, name)["lost"] for name in NAMES]
    assert written > (64 << 20) and lost == [0] * 4, (written, lost)
    assert watch.least > FREE - (3 << 20), watch.least
    check(f"{written >> 20} MB on a disk of 64: {len(gone)} segments went, the oldest first, held ones stay, none was lost; {watch.least >> 20} MB were free at least")
    assert not any("the disk is short" in line for line in server.told), "recording stopped, though there was enough that could go"
    holds = [(name, server.ask("POST", f"/v1/streams/{name}/holds", {"from": text(time.time() - 3600), "to": text(time.time() + 3600)})[1]["hold"]) for name in NAMES]
    stopped = wait("recording to stop", lambda: (lambda one: one if one["stopped"] else None)(figures(server, "cam0")), 60)
    assert "the disk is short" in stopped["reason"], stopped
    disk = os.statvfs(SCRATCH / "lib")
    assert disk.f_bavail * disk.f_frsize > FREE - (3 << 20)
    metrics = server.ask("GET", "/metrics", raw=True)[1].decode()
    assert 'ridley_stream_recording{client="local",stream="cam0"} 0' in metrics
    time.sleep(2)
    told = [line for line in server.told if "the disk is short" in line]
    assert 1 <= len(told) <= len(NAMES), told
    state = server.ask("GET", "/v1/streams/cam0")[1]
    assert state["state"] == "live", state
    check("where nothing may be removed recording stops before the disk is full, and says why: in the stream, in the metrics, once in the log")
    count = len(listed(server, "cam0")["segments"])
    for name, id in holds:
        assert server.ask("DELETE", f"/v1/streams/{name}/holds/{id}")[0] == 204
    wait("recording to begin again", lambda: not figures(server, "cam0")["stopped"], 60)
    wait("new segments", lambda: len({part["asset"] for part in listed(server, "cam0")["segments"]} - set(watch.seen)) > 2, 60)
    assert {part["asset"] for part in listed(server, "cam1")["segments"]} >= kept and count
    assert server.ask("DELETE", f"/v1/streams/cam1/holds/{hold['hold']}")[0] == 204
    check("it begins again by itself once there is room")
    server.end()


if __name__ == "__main__":
    main()
