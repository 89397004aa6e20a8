#!/usr/bin/env python3
"""Events of streams of a server with a library: kept, found, followed and shown, over changes of zones and a server that is killed.

Usage: events.py RIDLEY MODELS SCRATCH. Prints a line for each thing that holds.
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
import urllib.parse
import urllib.request
from datetime import datetime, timezone
from pathlib import Path

RIDLEY, MODELS, SCRATCH = sys.argv[1], sys.argv[2], Path(sys.argv[3])
FIXTURE = Path(__file__).resolve().parent.parent / "Fixtures/crossing.py"
PIPELINE = """infer: {model: line-inspector, threshold: 0.3}
zones: {left: {polygon: [[0.05, 0], [0.3, 0], [0.3, 1], [0.05, 1]], anchor: center}}
lines: {middle: {points: [[0.5, 0], [0.5, 1]], anchor: center}}
track: {high: 0.5, new: 0.6}
rules: {there: {zone: left, votes: 2 of 3, hold: 300ms}}
"""


def check(what):
    print(f"ok: {what}", flush=True)


class Server:
    def __init__(self, configuration, *more):
        (SCRATCH / "ridley.yaml").write_text(configuration)
        self.process = subprocess.Popen(
            [RIDLEY, "serve", "--models", str(SCRATCH / "models"), "--pipelines", str(SCRATCH / "pipelines"), "--library", str(SCRATCH / "lib"), "--workers", "0",
             "--config", str(SCRATCH / "ridley.yaml"), "--listen", "127.0.0.1:0", "--poll", "off", *more],
            stderr=subprocess.PIPE, text=True, cwd=SCRATCH, start_new_session=True)
        atexit.register(self.kill)
        self.told, self.address = [], None
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

    def ask(self, method, path, body=None, raw=False):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                content = answer.read()
                return answer.status, content if raw or not content else json.loads(content)
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def follow(self, stream, count, last=None, told=lambda name, event: None):
        """So many server-sent events, or all up to the end: (id, name, event); `told` hears of each."""
        request = urllib.request.Request(f"{self.address}/v1/streams/{stream}/events")
        if last:
            request.add_header("Last-Event-ID", last)
        found, place, name = [], None, None
        with urllib.request.urlopen(request, timeout=60) as answer:
            for line in answer:
                if line.startswith(b"id: "):
                    place = line[4:].decode().strip()
                elif line.startswith(b"event: "):
                    name = line[7:].decode().strip()
                elif line.startswith(b"data: "):
                    found.append((place, name, json.loads(line[6:])))
                    told(name, found[-1][2])
                    if len(found) == count:
                        break
        return found

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0, self.told


def wait(what, condition, seconds=240):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"did not come within {seconds} s: {what}")


def moment(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc).timestamp()


CONFIGURATION = """films: [films]
events: {keep: 7d}
streams:
  belt: {source: "films/belt.mp4?loop=1", pipeline: belt, budget: 5s}
"""


def found_and_followed(server):
    news = server.follow("belt", 8)
    names = [name for _, name, _ in news]
    assert "start" in names and "end" in names and set(names) <= {"start", "update", "end"}, names
    ended = next(event for _, name, event in news if name == "end")
    assert ended["rule"] == "there" and ended["zone"] == "left" and ended["reason"] == "over", ended
    first = next(place for place, _, event in news if event["event"] == ended["event"])
    again = server.follow("belt", 2, last=first)
    after = [(place, name) for place, name, _ in news][[place for place, _, _ in news].index(first) + 1:][:2]
    assert [(place, name) for place, name, _ in again][:len(after)] == after, (again, after)
    check("what happens is followed, and a follower goes on where it ended")
    all_events = server.ask("GET", "/v1/events?limit=100")[1]["events"]
    label = ended["label"]
    for query in (f"stream=belt", f"label={label}", "zone=left", f"stream=belt&label={label}&zone=left", f"from={ended['from']}&to={ended['from']}"):
        answer = server.ask("GET", f"/v1/events?limit=100&{query}")
        assert answer[0] == 200 and any(event["event"] == ended["event"] for event in answer[1]["events"]), (query, answer)
    for query in ("stream=other", "label=nothing", "zone=right", "to=2020-01-01T00:00:00Z"):
        assert server.ask("GET", f"/v1/events?{query}") == (200, {"events": []}), query
    assert [event["from"] for event in all_events] == sorted((event["from"] for event in all_events), reverse=True)
    page = server.ask("GET", "/v1/events?limit=1")[1]
    assert len(page["events"]) == 1 and server.ask("GET", f"/v1/events?limit=1&after={page['next']}")[0] == 200
    check("events are found by stream, time, label and zone, and by nothing else")
    status, picture = server.ask("GET", f"/v1/events/{ended['event']}/snapshot", raw=True)
    (SCRATCH / "snapshot.jpg").write_bytes(picture)
    shape = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0", str(SCRATCH / "snapshot.jpg")],
                           capture_output=True, text=True).stdout.strip()
    assert status == 200 and shape == "mjpeg,640,360", (status, shape)
    assert server.ask("GET", "/v1/events/01ARZ3NDEKTSV4RRFFQ69G5FAV/snapshot")[0] == 404
    check("an event has a picture of its best moment")
    counts = server.ask("GET", "/v1/streams/belt")[1]
    assert counts["zones"][0]["visits"] >= 2 and counts["lines"][0]["in"] + counts["lines"][0]["out"] >= 1, counts
    check("a stream tells what its zones and lines counted")


def labelled():
    """What happens in the zone of a film that shows the drawn one three times: from, to and label, in seconds of it."""
    truth, found = json.loads((SCRATCH / "truth.json").read_text()), []
    count = len(truth["parts"][0])
    for number in range(3):
        for part, label in zip(truth["parts"], ("good", "scratch")):
            frames = [index for index, one in enumerate(part) if 0.05 <= one["box"][0] + one["box"][2] / 2 <= 0.3]
            found.append(tuple((number * count + index) / truth["fps"] for index in (frames[0], frames[-1])) + (label,))
    return sorted(found)


def every_event(server):
    """Each labelled event of a film, once it is over, is asked for in every way in which it may be found."""
    expected = labelled()
    assert server.ask("PUT", "/v1/streams/run", {"source": "films/run.mp4", "pipeline": "belt", "budget_ms": 5000, "force": True})[0] == 201
    delays, searched, over = [], [], []

    def told(name, event):
        if name != "end":
            return
        over.append(event)
        for query in ("stream=run", f"stream=run&label={event['label']}", f"stream=run&zone={event['zone']}", f"from={event['from']}&to={event['from']}",
                      f"stream=run&label={event['label']}&zone={event['zone']}&from={event['from']}&to={event['from']}"):
            found = server.ask("GET", f"/v1/events?limit=100&{query}")[1]["events"]
            assert any(one["event"] == event["event"] and one["state"] == "over" for one in found), (query, event, found)
        delays.append(time.time() - moment(event["to"]))
        query = urllib.parse.quote(f"{event['label']} stream:run zone:{event['zone']} state:over after:{event['from']}")
        wait("a moment", lambda: any(one[0]["moment"] == event["event"] for one in server.ask("GET", f"/v1/search?q={query}")[1]["found"]), 20)
        searched.append(time.time() - moment(event["to"]))
    names = [name for _, name, _ in server.follow("run", 10_000, last="0", told=told)]
    assert names[-1] == "ended" and "ended" not in names[:-1], names
    assert [name for _, name, _ in server.follow("run", 10_000, last="0")] == names, "what is over can be read again, and ends at once"
    assert len(over) == len(expected) == server.ask("GET", "/v1/streams/run")[1]["rules"][0]["events"], (over, expected)
    start = moment(over[0]["from"]) - expected[0][0]
    for event, (begin, end, label) in zip(over, expected):
        begun, ended = moment(event["from"]) - start, moment(event["to"]) - start
        assert abs(begun - begin) < 0.6 and abs(ended - end) < 0.6 and event["label"] == label, (event, begin, end, label)
    assert max(delays) < 2 and max(searched) < 2, (delays, searched)
    assert server.ask("DELETE", "/v1/streams/run")[0] == 204
    check(f"each of {len(over)} labelled events is found by stream, time, label and zone, {max(delays):.2f} s after its end at most, and by a search {max(searched):.2f} s; who follows the film is told that it has ended")


def drawn(server):
    zones = server.ask("GET", "/v1/streams/belt/zones")[1]
    assert not zones["drawn"] and list(zones["zones"]) == ["left"] and zones["rules"] == ["there"], zones
    for body, word in (
            ({"zones": {"other": [[0, 0], [1, 0], [1, 1]]}}, "left"), ({"zones": {"left": [[0, 0], [1, 1], [0.8, 0], [0, 0.7]]}}, "cross"),
            ({"zones": {"left": [[0, 0], [2, 0], [1, 1]]}}, "out of range"), ({"rules": {}}, "unknown key"), ({"zones": {"l\u202eft": [[0, 0], [1, 0], [1, 1]]}}, "printed")):
        answer = server.ask("PUT", "/v1/streams/belt/zones", body)
        assert answer[0] == 400 and word in answer[1]["error"]["message"], (body, answer)
    assert server.ask("PUT", "/v1/streams/none/zones", {})[0] == 404
    body = {"zones": {"left": {"polygon": zones["zones"]["left"]["polygon"], "anchor": "center"}, "corner": [[0, 0], [0.1, 0], [0, 0.1]]}, "masks": []}
    answer = server.ask("PUT", "/v1/streams/belt/zones", body)
    assert answer[0] == 200 and answer[1]["drawn"] and list(answer[1]["zones"]) == ["corner", "left"] and answer[1]["by"] == "owner", answer
    wait("the drawn zones", lambda: [zone["zone"] for zone in server.ask("GET", "/v1/streams/belt")[1].get("zones", [])] == ["corner", "left"], 30)
    shown = subprocess.run([RIDLEY, "stream", "export", "belt", "--server", server.address], capture_output=True, text=True)
    assert shown.returncode == 0 and "corner: {polygon: [[0, 0], [0.1, 0], [0, 0.1]]" in shown.stdout, shown
    (SCRATCH / "exported.yaml").write_text("infer: line-inspector\ntrack:\n" + shown.stdout)
    read = subprocess.run([RIDLEY, "pipeline", "check", str(SCRATCH / "exported.yaml")], capture_output=True, text=True)
    assert read.returncode == 0, read.stderr
    check("zones are drawn over those of the pipeline, at once, refused where they do not fit, and printed as YAML")


def drawn_stay(server):
    zones = server.ask("GET", "/v1/streams/belt/zones")[1]
    assert zones["drawn"] and list(zones["zones"]) == ["corner", "left"], zones
    assert server.ask("DELETE", "/v1/streams/belt/zones")[0] == 204
    assert not server.ask("GET", "/v1/streams/belt/zones")[1]["drawn"]
    history = server.ask("GET", "/v1/streams/belt/zones/history")[1]["history"]
    assert len(history) == 2 and "yaml" not in history[0] and "corner" in history[1]["yaml"], history
    check("what was drawn outlives the server, has a history, and can be taken away")


def killed(server):
    def is_open():
        events = server.ask("GET", "/v1/events?stream=belt&limit=3")[1]["events"]
        return next((event for event in events if event["state"] == "open"), None)
    event = wait("an open event", is_open)
    server.kill()
    server.process.wait(30)
    server = Server(CONFIGURATION)
    status, ended = server.ask("GET", f"/v1/events/{event['event']}")
    assert status == 200 and ended["state"] == "over", ended
    assert ended["reason"] == "restart" and ended["to"] >= event["to"], (event, ended)
    check("an event that a killed server left open is ended with its last known time and the reason")
    return server


def removed(server):
    count = len(server.ask("GET", "/v1/events?stream=belt&limit=1000")[1]["events"])
    assert server.ask("DELETE", "/v1/streams/belt")[0] == 204
    last = wait("the last event to end", lambda: (lambda all: all if all and all[0]["state"] == "over" else None)(server.ask("GET", "/v1/events?stream=belt&limit=1000")[1]["events"]), 10)
    assert len(last) >= count > 0
    assert server.follow("belt", 1, last="0")[0][1] == "start"
    assert server.ask("GET", "/v1/streams/nothing/events")[0] == 404
    check("events of a stream that was removed stay, and none is open")


def forgotten(server):
    """What was drawn goes with the stream that it was drawn for."""
    ask = {"source": f"{SCRATCH}/films/belt.mp4?loop=1", "pipeline": "belt", "budget_ms": 5000, "force": True}
    body = {"zones": {"left": {"polygon": [[0, 0], [0.1, 0], [0, 0.1]]}}}
    assert server.ask("PUT", "/v1/streams/side", ask)[0] == 201 and server.ask("PUT", "/v1/streams/side/zones", body)[0] == 200
    assert server.ask("PUT", "/v1/streams/side", ask | {"weight": 2})[0] == 200 and server.ask("GET", "/v1/streams/side/zones")[1]["drawn"]
    assert server.ask("DELETE", "/v1/streams/side")[0] == 204 and server.ask("PUT", "/v1/streams/side", ask)[0] == 201
    zones, history = (server.ask("GET", f"/v1/streams/side/zones{end}")[1] for end in ("", "/history"))
    assert not zones["drawn"] and list(zones["zones"]) == ["left"] and history["history"] == [], (zones, history)
    assert server.ask("DELETE", "/v1/streams/side")[0] == 204
    check("what was drawn for a stream goes when it is removed, and stays when it is changed")


def purged(server):
    """In front of a server that goes on: the other client's stream is not touched."""
    ask = {"source": f"{SCRATCH}/films/belt.mp4?loop=1", "pipeline": "belt", "budget_ms": 5000, "force": True}
    assert server.ask("PUT", "/v1/streams/dock?client=acme", ask)[0] == 201
    wait("an event of the client", lambda: server.ask("GET", "/v1/events?client=acme&limit=1")[1]["events"])
    assert "acme" in (SCRATCH / "lib/streams.json").read_text()
    run = subprocess.run([RIDLEY, "client", "purge", "acme", "--yes", "--json", "--library", str(SCRATCH / "lib")], capture_output=True, text=True)
    report = json.loads(run.stdout)
    assert run.returncode == 0 and report["left"] == [] and report["streams"] == 1 and report["events"] >= 1, (run, report)
    assert server.ask("GET", "/v1/streams/dock?client=acme")[0] == 404
    assert "acme" not in (SCRATCH / "lib/streams.json").read_text()
    assert server.ask("PUT", "/v1/streams/other", ask)[0] == 201 and server.ask("DELETE", "/v1/streams/other")[0] == 204
    # A round of the film, with an event in it.
    time.sleep(9)
    shown = subprocess.run([RIDLEY, "client", "list", "--json", "--library", str(SCRATCH / "lib")], capture_output=True, text=True)
    assert "acme" not in shown.stdout and "local" in shown.stdout, shown
    assert "acme" not in (SCRATCH / "lib/streams.json").read_text()
    assert server.ask("GET", "/v1/streams/belt")[1]["state"] == "live"
    check("with a client its streams end and are forgotten, and make nothing of it anew")


def prepare():
    """An empty folder with the starter model."""
    shutil.rmtree(SCRATCH, ignore_errors=True)
    for folder in ("films", "models", "pipelines"):
        (SCRATCH / folder).mkdir(parents=True)
    shutil.copytree(Path(MODELS) / "line-inspector", SCRATCH / "models/line-inspector")


def draw_belt():
    """A film of a line with its truth, and the pipeline that looks at it."""
    (SCRATCH / "pipelines/belt.yaml").write_text(PIPELINE)
    subprocess.run([sys.executable, str(FIXTURE), str(SCRATCH / "drawn.mp4"), str(SCRATCH / "truth.json")], check=True)


def code_belt():
    """The film as it is played: no picture of it is moved."""
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", str(SCRATCH / "drawn.mp4"), "-c:v", "libx264", "-g", "25", "-bf", "0", str(SCRATCH / "films/belt.mp4")], check=True)


def main():
    prepare()
    draw_belt()
    code_belt()
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-stream_loop", "2", "-i", str(SCRATCH / "films/belt.mp4"), "-c", "copy", str(SCRATCH / "films/run.mp4")], check=True)
    server = Server(CONFIGURATION)
    wait("the stream", lambda: server.ask("GET", "/v1/streams/belt")[1].get("state") == "live")
    found_and_followed(server)
    every_event(server)
    drawn(server)
    forgotten(server)
    purged(server)
    server = killed(server)
    drawn_stay(server)
    removed(server)
    server.end()


if __name__ == "__main__":
    main()
