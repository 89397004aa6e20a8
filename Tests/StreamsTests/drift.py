#!/usr/bin/env python3
"""A camera that fogs up, and clears again, on a server with a library: what is learnt, kept over a crash, told, and over.

Usage: drift.py RIDLEY MODELS MODEL FILM SCRATCH. MODEL is one of the folder MODELS that gives boxes, FILM shows something that it knows.
Prints a line for each thing that holds.
"""
import atexit
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

RIDLEY, MODELS, MODEL, FILM, SCRATCH = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4], Path(sys.argv[5])
CLEAR, FOG = 80, 50
CONFIGURATION = f"""films: [films]
incidents: {{source: 1h}}
drift: {{every: 200ms, window: 5s, learn: 50s, rhythm: none, evidence: 10, windows: 2, enter: 1, leave: 0.4}}
streams:
  gate: {{source: "films/gate.mp4", model: {MODEL}, budget: 5s, rate: 5}}
"""


def check(what):
    print(f"ok: {what}", flush=True)


class Server:
    def __init__(self, configuration):
        (SCRATCH / "ridley.yaml").write_text(configuration)
        self.process = subprocess.Popen(
            [RIDLEY, "serve", "--models", MODELS, "--library", str(SCRATCH / "lib"), "--workers", "0", "--config", str(SCRATCH / "ridley.yaml"),
             "--listen", "127.0.0.1:0", "--poll", "off"],
            stderr=subprocess.PIPE, text=True, cwd=SCRATCH, start_new_session=True)
        atexit.register(self.kill)
        self.told = []
        threading.Thread(target=self.read, daemon=True).start()
        wait("the server", lambda: any("ready" in line for line in self.told))
        self.address = next(line.split()[-1] for line in self.told if "serving at" in line)

    def read(self):
        for line in self.process.stderr:
            self.told.append(line)

    def kill(self):
        """All of it at once, as a loss of power does; nothing that was not started here."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def ask(self, path, method="GET", body=None):
        data = None if body is None else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(self.address + path, data, method=method), timeout=60) as answer:
                content = answer.read()
                return answer.status, json.loads(content) if answer.headers.get_content_type() == "application/json" and content else content.decode()
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def drift(self):
        return self.ask("/v1/streams/gate/drift")[1]

    def events(self):
        return self.ask("/v1/events?kind=drift")[1]["events"]

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0, self.told


def wait(what, condition, seconds=240):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"did not come within {seconds} s: {what}")


def film():
    (SCRATCH / "films").mkdir(parents=True, exist_ok=True)
    fog = "gblur=sigma=4,lutyuv=y='val*0.3+130':u='(val-128)*0.3+128':v='(val-128)*0.3+128'"
    end = CLEAR + FOG
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-stream_loop", "-1", "-i", FILM, "-t", str(2 * CLEAR + FOG), "-an", "-r", "10", "-vf",
         f"scale=640:-2,split[a][b];[b]{fog}[c];[a][c]overlay=enable='between(t,{CLEAR},{end})'", "-c:v", "libx264", "-preset", "veryfast", "-g", "20",
         "-pix_fmt", "yuv420p", SCRATCH / "films" / "gate.mp4"], check=True)


def learnt_and_kept():
    server = Server(CONFIGURATION)
    first = server.drift()
    assert first["watched"] and first["pictures"]["learnt"] == 0 and all(one["state"] == "learning" for one in first["pictures"]["measures"]), first
    wait("a reference", lambda: server.drift()["pictures"]["learnt"] == 1 and server.drift()["networks"][0]["learnt"] == 1, 90)
    before = server.drift()
    assert server.events() == [], server.events()
    check("a stream learns what is usual")
    time.sleep(3)
    server.kill()
    again = Server(CONFIGURATION)
    after = wait("what was kept", lambda: (found := again.drift())["pictures"]["learnt"] == 1 and found, 5)
    assert after["pictures"]["reference"] == before["pictures"]["reference"], (before, after)
    assert after["networks"][0]["learnt"] == 1 and after["networks"][0]["model"] == before["networks"][0]["model"], after
    check("what was learnt is there after a crash")
    return again


def told_and_over(server):
    event = wait("an event", lambda: next(iter(server.events()), None), CLEAR + FOG + 20)
    assert event["state"] == "open" and event["rule"] == "drift" and event["stream"] == "gate", event
    outside = {one["measure"] for one in server.drift()["pictures"]["measures"] if one["state"] == "outside"}
    assert {"brightness", "contrast", "sharpness"} & outside and "of the pictures" in event["problem"], (event, outside)
    assert server.ask("/v1/streams/gate")[1]["drift"] == "outside"
    metrics = server.ask("/metrics")[1].splitlines()
    found = [line for line in metrics if line.startswith("ridley_drift_outside{") and line.endswith(" 1")]
    assert found and all('stream="gate"' in line for line in found), metrics
    text = subprocess.run([RIDLEY, "stream", "drift", "gate", "--server", server.address], capture_output=True, text=True, check=True).stdout
    assert "DRIFT" in text and "Pictures" in text, text
    print(text, flush=True)
    check("fog is told as one event, in metrics, on the command line and over HTTP")
    over = wait("its end", lambda: (one := server.events()[0])["state"] == "over" and one, CLEAR)
    assert over["event"] == event["event"] and len(server.events()) == 1, server.events()
    check("that it is over is told too")


def swapped(server):
    before = server.drift()["networks"][0]
    (SCRATCH / "pipelines").mkdir(exist_ok=True)
    assert server.ask("/v1/streams/gate", "PUT", {"source": str(SCRATCH / "films" / "gate.mp4"), "model": "none"})[0] == 404
    assert server.ask("/v1/streams/gate/drift", "DELETE")[0] == 204
    after = server.drift()
    assert after["pictures"]["learnt"] == 0 and before["learnt"] == 1, after
    assert server.ask("/v1/streams/nothing/drift")[0] == 404
    check("what was learnt can be forgotten")


def off():
    server = Server(CONFIGURATION.replace("{every: 200ms, window: 5s, learn: 50s, rhythm: none, evidence: 10, windows: 2, enter: 1, leave: 0.4}", "off"))
    assert server.drift() == {"stream": "gate", "owner": "local", "watched": False}, server.drift()
    assert server.ask("/v1/streams/gate/drift", "DELETE")[0] == 404
    assert "ridley_drift" not in server.ask("/metrics")[1]
    server.end()
    check("nothing is watched where the configuration says so")


def main():
    film()
    server = learnt_and_kept()
    told_and_over(server)
    swapped(server)
    server.end()
    off()


main()
