#!/usr/bin/env python3
"""Streams of a server: from the configuration and over HTTP, for clients with keys, while they are added, changed and removed.

Usage: serve.py RIDLEY MODELS SCRATCH. Prints a line for each thing that holds.
"""
import atexit
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

RIDLEY, MODELS, SCRATCH = sys.argv[1], sys.argv[2], Path(sys.argv[3])


def check(what):
    print(f"ok: {what}", flush=True)


class Server:
    def __init__(self, configuration, *more):
        (SCRATCH / "ridley.yaml").write_text(configuration)
        self.process = subprocess.Popen(
            [RIDLEY, "serve", "--models", str(SCRATCH / "models"), "--config", str(SCRATCH / "ridley.yaml"), "--listen", "127.0.0.1:0", "--poll", "off", *more],
            stderr=subprocess.PIPE, text=True, cwd=SCRATCH)
        atexit.register(self.process.kill)
        self.told, self.address = [], None
        threading.Thread(target=self.read, daemon=True).start()
        wait("the server", lambda: any("ready" in line for line in self.told))
        self.address = next(line.split()[-1] for line in self.told if "serving at" in line)

    def read(self):
        for line in self.process.stderr:
            self.told.append(line)

    def ask(self, method, path, body=None, key=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, method=method)
        if key:
            request.add_header("Authorization", f"Bearer {key}")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def follow(self, path, events, key=None, names=None):
        """So many events of a stream, and whether it ended by itself; their names go into `names`."""
        request = urllib.request.Request(self.address + path)
        if key:
            request.add_header("Authorization", f"Bearer {key}")
        found = []
        with urllib.request.urlopen(request, timeout=60) as answer:
            for line in answer:
                if line.startswith(b"event: ") and names is not None:
                    names.append(line[7:].decode().strip())
                if line.startswith(b"data: "):
                    found.append(json.loads(line[6:]))
                if len(found) == events:
                    return found, False
        return found, True

    def end(self):
        start = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0, self.told
        return time.monotonic() - start


def wait(what, condition, seconds=240):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"did not come within {seconds} s: {what}")


def film(path):
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-t", "4", "-c:v", "libx264", "-preset", "ultrafast",
         "-pix_fmt", "yuv420p", str(path)], check=True)


def open_server():
    server = Server(f"films: [{SCRATCH}/films]\nstreams:\n  line: {{source: films/line.mp4?loop=1, model: line-inspector}}\n")
    state = lambda name: server.ask("GET", f"/v1/streams/{name}")[1].get("state")
    wait("the configured stream", lambda: state("line") == "live")
    events, _ = server.follow("/v1/streams/line/predictions", 20)
    times = [event["time"] for event in events]
    assert times == sorted(times) and all(0 <= event["age_ms"] <= 250 and (event["width"], event["height"]) == (320, 240) for event in events), events
    assert all(abs(event["captured"] - time.time()) < 20 for event in events)
    check("a stream of the configuration is watched from the start, and told as server-sent events")
    ask = {"source": f"{SCRATCH}/films/line.mp4?loop=1", "model": "line-inspector"}
    assert server.ask("PUT", "/v1/streams/second", ask)[0] == 201 and server.ask("PUT", "/v1/streams/second", ask)[0] == 200
    wait("the second stream", lambda: state("second") == "live")
    before = server.ask("GET", "/v1/streams/line")[1]
    changed = server.ask("PUT", "/v1/streams/second", ask | {"weight": 2, "budget_ms": 500})
    assert changed[0] == 200 and changed[1]["weight"] == 2, changed
    wait("the changed stream", lambda: state("second") == "live")
    assert [one["name"] for one in server.ask("GET", "/v1/streams")[1]] == ["line", "second"]
    assert server.ask("DELETE", "/v1/streams/second")[0] == 204 and server.ask("GET", "/v1/streams/second")[0] == 404
    after = server.ask("GET", "/v1/streams/line")[1]
    assert after["connections"] == 1 == before["connections"] and after["delivered"] > before["delivered"], after
    told = after["delivered"] + sum(after["drops"].values()) + after["in_flight"]
    assert told == after["received"], after
    check("streams are added, changed and removed while another goes on, and every picture of that is counted once")
    assert server.ask("PUT", "/v1/streams/once", {"source": f"{SCRATCH}/films/line.mp4", "model": "line-inspector"})[0] == 201
    for least in (2, 1):
        names = []
        _, ended = server.follow("/v1/streams/once/predictions", 10_000, names=names)
        assert ended and len(names) >= least and names[-1] == "ended" and set(names[:-1]) <= {"frame"}, names
    assert state("once") == "ended" and server.ask("DELETE", "/v1/streams/once")[0] == 204
    check("whoever follows a film is told that it has ended, and so is who comes later")
    os.symlink("/etc", SCRATCH / "films/out")
    refused = {
        "/etc/passwd": 403, f"{SCRATCH}/films/out/passwd": 403, f"{SCRATCH}/films/../secret.mp4": 403, "rtsp://": 400, "ftp://127.0.0.1/x": 422, "file:///etc/passwd": 403}
    for source, status in refused.items():
        answer = server.ask("PUT", "/v1/streams/bad", {"source": source, "model": "line-inspector"})
        assert answer[0] == status, (source, answer)
    for body in ({"source": "rtsp://x/", "model": "a", "pipeline": "b"}, {"source": "rtsp://x/", "model": "line-inspector", "budget_ms": 0}, {"model": "x"}):
        assert server.ask("PUT", "/v1/streams/bad", body)[0] == 400, body
    assert server.ask("PUT", "/v1/streams/bad", {"source": "rtsp://x/", "model": "none"})[0] == 404
    assert server.ask("GET", "/v1/streams/bad")[0] == 404
    check("films outside the folders, links out of them, and what is no source are refused, and leave nothing behind")
    found = {}
    follower = threading.Thread(target=lambda: found.update(ended=server.follow("/v1/streams/line/predictions", 10_000)[1]))
    follower.start()
    time.sleep(1)
    seconds = server.end()
    follower.join(30)
    assert found.get("ended") and seconds < 30, (found, seconds)
    check("a server that ends lets go of who follows, and of its sources")


def keyed_server():
    keys = SCRATCH / "keys.json"
    made = {}
    for client, scopes in (("acme", "read,write"), ("bolt", "read,write"), ("chief", "read,write,admin")):
        told = subprocess.run([RIDLEY, "key", "create", "--client", client, "--scope", scopes, "--keys", str(keys), "--json"], check=True, capture_output=True, text=True)
        made[client] = json.loads(told.stdout)["key"]
    server = Server(f"films: [{SCRATCH}/films]\nkeys: {keys}\n")
    ask = {"source": f"{SCRATCH}/films/line.mp4?loop=1", "model": "line-inspector"}
    assert server.ask("PUT", "/v1/streams/dock", ask)[0] == 401
    assert server.ask("PUT", "/v1/streams/dock", ask, made["acme"])[0] == 201
    assert server.ask("PUT", "/v1/streams/dock?client=acme", ask, made["bolt"])[0] == 403
    assert server.ask("GET", "/v1/streams/dock?client=acme", key=made["bolt"])[0] == 404
    assert server.ask("GET", "/v1/streams", key=made["bolt"]) == (200, []) and len(server.ask("GET", "/v1/streams", key=made["acme"])[1]) == 1
    check("each client has its own streams, and another's are as if they were not there")
    near = {"source": "rtsp://user:secret@127.0.0.1:1/x", "model": "line-inspector"}
    for client, word in (("acme", "not asked from here"), ("chief", "takes no connections")):
        assert server.ask("PUT", "/v1/streams/near", near, made[client])[0] == 201
        view = wait("its reason", lambda: (lambda one: one if one.get("reason") else None)(server.ask("GET", "/v1/streams/near", key=made[client])[1]))
        assert word in view["reason"] and view["source"] == "rtsp://127.0.0.1:1/x" and "secret" not in json.dumps(view), view
    for source in ("/dev/video97", "v4l2:///dev/null"):
        for body in ({"source": source}, {"source": "rtsp://192.0.2.1/x", "view": source}):
            assert server.ask("PUT", "/v1/streams/camera", body, made["acme"])[0] == 403, body
    for source, word in (("/dev/video97", "there is no camera"), ("v4l2:///dev/null", "'/dev/null' is no camera")):
        assert server.ask("PUT", "/v1/streams/camera", {"source": source}, made["chief"])[0] in (200, 201)
        wait(f"the reason of {source}", lambda: word in server.ask("GET", "/v1/streams/camera", key=made["chief"])[1].get("reason", ""), 10)
    assert "secret" not in "".join(server.told)
    check("addresses and cameras of this machine are for administrators; passwords are shown nowhere")
    server.end()


def stranded_server():
    """Streams that were written down, and cannot be taken up as the configuration is now."""
    library = ("--library", str(SCRATCH / "lib"), "--workers", "0")
    book = SCRATCH / "lib/streams.json"
    server = Server(f"films: [{SCRATCH}/films]\n", *library)
    ask = {"source": f"{SCRATCH}/films/line.mp4?loop=1", "model": "line-inspector"}
    gone = {"source": "rtsp://user:secret@127.0.0.1:1/x", "rate": 3}
    for name, body in (("film", ask), ("lost", ask | {"weight": 2}), ("gone", gone), ("blind", gone | {"model": "line-inspector"})):
        assert server.ask("PUT", f"/v1/streams/{name}", body)[0] == 201
    # As they were asked for.
    assert {"client": "local", "name": "gone", "owner": True, "stream": gone | {"budget_ms": 250, "weight": 1}} in json.loads(book.read_text())
    server.end()
    shutil.move(SCRATCH / "models/line-inspector", SCRATCH / "models/other")
    server = Server("films: [other]\n", *library)
    for rate in (2, 4):
        views = {view["name"]: view for view in server.ask("GET", "/v1/streams")[1]}
        assert set(views) == {"film", "lost", "gone", "blind"}, views
        for name in ("film", "lost"):
            view = server.ask("GET", f"/v1/streams/{name}")[1]
            assert view == views[name] and view["state"] == "failed" and "folders" in view["reason"], view
        assert views["gone"]["state"] != "live" and "secret" not in json.dumps(views) and "secret" in book.read_text()
        # Another change leaves them in the book.
        assert server.ask("PUT", "/v1/streams/gone", gone | {"rate": rate})[0] == 200
        assert {one["name"] for one in json.loads(book.read_text())} == {"film", "lost", "gone", "blind"}
    assert server.ask("GET", "/v1/streams/film/still.jpg")[0] == 404
    assert server.ask("DELETE", "/v1/streams/lost")[0] == 204 and server.ask("GET", "/v1/streams/lost")[0] == 404
    assert {one["name"] for one in json.loads(book.read_text())} == {"film", "gone", "blind"}
    server.end()
    shutil.move(SCRATCH / "models/other", SCRATCH / "models/line-inspector")
    server = Server(f"films: [{SCRATCH}/films]\n", *library)
    wait("the film", lambda: server.ask("GET", "/v1/streams/film")[1].get("state") == "live")
    assert server.ask("GET", "/v1/streams/gone")[1]["rate"] == 4 and server.ask("GET", "/v1/streams/lost")[0] == 404
    check("what cannot be taken up again stays written down, is listed with the reason, and goes when it is removed")
    server.end()


def main():
    shutil.rmtree(SCRATCH, ignore_errors=True)
    (SCRATCH / "films").mkdir(parents=True)
    (SCRATCH / "models").mkdir()
    shutil.copytree(Path(MODELS) / "line-inspector", SCRATCH / "models/line-inspector")
    film(SCRATCH / "films/line.mp4")
    shutil.copy(SCRATCH / "films/line.mp4", SCRATCH / "secret.mp4")
    open_server()
    keyed_server()
    stranded_server()


if __name__ == "__main__":
    main()
