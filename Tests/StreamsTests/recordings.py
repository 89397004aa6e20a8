#!/usr/bin/env python3
"""All that comes of a stream, recorded: segments that are assets, any range as one film, holds, what is removed, and a disk that is short.

Usage: recordings.py RIDLEY MODELS SCRATCH. Prints a line for each thing that holds.
"""
import json
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timezone

from events import RIDLEY, SCRATCH, Server, check, moment, prepare, wait
from view import digests, draw, is_part
from clips import frames
from watch import Cameras

CONFIGURATION = f"films: [{SCRATCH}/films]\nprivate-sources: true\n"


def text(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(seconds * 1000) % 1000:03}Z"


def listed(server, name, query=""):
    return server.ask("GET", f"/v1/streams/{name}/recordings{query}")[1]


def film(server, name, begin, end, path):
    address = f"{server.address}/v1/streams/{name}/recording.mp4?from={text(begin)}&to={text(end)}"
    with urllib.request.urlopen(address, timeout=60) as answer:
        path.write_bytes(answer.read())
        return moment(answer.headers["Ridley-From"]), moment(answer.headers["Ridley-To"])


def duration(path):
    told = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(path)], check=True, capture_output=True, text=True).stdout
    return float(told)


def segments(server):
    """Of a camera with moved pictures: nothing is missing and nothing is twice."""
    parts = wait("three segments", lambda: (lambda all: all if len(all) >= 3 else None)(listed(server, "moved-h264")["segments"]), 60)
    sent, seen = digests(SCRATCH / "moved-h264.mkv", "h264"), []
    for number, part in enumerate(parts):
        status, content = server.ask("GET", f"/v1/assets/{part['asset']}/content", raw=True)
        assert status == 200 and len(content) == part["bytes"], (status, part)
        path = SCRATCH / f"segment-{number}.mp4"
        path.write_bytes(content)
        seen += digests(path, "h264")
        assert 1.9 < moment(part["to"]) - moment(part["from"]) < 3.2 and frames(path)[0][1], part
        assert abs(duration(path) - (moment(part["to"]) - moment(part["from"]))) < 0.1, part
    assert len(seen) > 100 and is_part(seen, sent), (len(seen), len(sent))
    assert all(moment(b["from"]) - moment(a["to"]) < 0.045 for a, b in zip(parts, parts[1:])), parts
    spans = listed(server, "moved-h264")["spans"]
    assert len(spans) == 1 and moment(spans[0]["to"]) > moment(parts[-1]["to"]), spans
    check("segments are the camera's packets, each from a key frame on, none missing and none twice")
    return parts


def ranges(server, parts):
    sent = digests(SCRATCH / "moved-h264.mkv", "h264")
    begin, end = moment(parts[0]["from"]) + 1.5, moment(parts[2]["from"]) + 0.5
    path = SCRATCH / "range.mp4"
    first, last = film(server, "moved-h264", begin, end, path)
    assert abs(first - begin) < 0.002 and -0.001 < end - last < 0.09, (first - begin, last - end)
    assert is_part(digests(path, "h264"), sent)
    assert abs(duration(path) - (last - first)) < 0.05, (duration(path), last - first)
    now = time.time()
    first, last = film(server, "moved-h264", now - 1, now, path)
    assert now - last < 1.0 and is_part(digests(path, "h264"), sent), now - last
    address = f"{server.address}/v1/streams/moved-h264/recording.mp4?from={text(begin)}&to={text(end)}"
    whole = urllib.request.urlopen(address).read()
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Range": "bytes=50-20049"})) as answer:
        assert answer.status == 206 and answer.read() == whole[50:20050]
    for query, status in ((f"from={text(begin - 3600)}&to={text(begin - 3500)}", 404), (f"from={text(end)}&to={text(begin)}", 400), (f"from={text(begin - 86400)}&to={text(end)}", 400)):
        assert server.ask("GET", f"/v1/streams/moved-h264/recording.mp4?{query}")[0] == status, query
    assert server.ask("GET", "/v1/streams/nothing/recording.mp4")[0] == 404 and server.ask("GET", "/v1/streams/nothing/recordings")[0] == 404
    saved = subprocess.run([RIDLEY, "stream", "save", "moved-h264", "--server", server.address, "--from", text(int(begin))[:19] + "Z", "--output", str(SCRATCH / "saved.mp4")], capture_output=True, text=True)
    assert saved.returncode == 0 and is_part(digests(SCRATCH / "saved.mp4", "h264"), sent), saved
    check("a range is one film from the very moment on, over segments and what is being written, by HTTP and by the command")


def gaps(server, cameras):
    """The camera is gone for a while: that is between two spans, and the film stands still there."""
    port = cameras.port
    cameras.kill()
    wait("the camera to be missed", lambda: server.ask("GET", "/v1/streams/moved-h264")[1]["state"] == "waiting")
    time.sleep(2)
    cameras = Cameras({"moved-h264": SCRATCH / "moved-h264.mkv"}, port=port)
    spans = wait("another span", lambda: (lambda all: all if len(all) == 2 else None)(listed(server, "moved-h264")["spans"]), 60)
    gap = moment(spans[1]["from"]) - moment(spans[0]["to"])
    assert gap > 2, spans
    wait("two seconds", lambda: moment(listed(server, "moved-h264")["spans"][1]["to"]) > moment(spans[1]["from"]) + 2)
    path = SCRATCH / "gap.mp4"
    first, last = film(server, "moved-h264", moment(spans[0]["to"]) - 1, moment(spans[1]["from"]) + 1, path)
    times = [time for time, _ in frames(path)]
    jumps = [b - a for a, b in zip(sorted(times), sorted(times)[1:]) if b - a > 1]
    assert len(jumps) == 1 and abs(jumps[0] - gap) < 0.2, (jumps, gap)
    check("where a camera was gone is a gap, of the same length in the film")
    return cameras


def assets(server, parts):
    """Retention and jobs see assets; one that is deleted by hand is gone from every list."""
    victim = parts[1]["asset"]
    assert server.ask("DELETE", f"/v1/assets/{victim}")[0] == 204
    after = listed(server, "moved-h264")
    assert victim not in [part["asset"] for part in after["segments"]]
    assert any(abs(moment(span["to"]) - moment(parts[1]["from"])) < 0.1 for span in after["spans"]), after["spans"]
    (SCRATCH / "sheet.yaml").write_text("infer: {model: line-inspector, threshold: 0.3}\n")
    run = subprocess.run(
        [RIDLEY, "job", "start", "--library", str(SCRATCH / "lib"), "--models", str(SCRATCH / "models"), "--client", "local", "--stream", "moved-h264", "--from", parts[0]["from"][:19] + "Z",
         "--to", parts[2]["from"][:19] + "Z", "--pipeline", str(SCRATCH / "sheet.yaml"), "--workers", "1", "--json"], capture_output=True, text=True, timeout=240)
    job = json.loads(run.stdout)
    assert run.returncode == 0 and job["listed"] == 1 and job["done"] == 1, run
    analysed = server.ask("GET", f"/v1/assets/{parts[0]['asset']}")[1]
    assert analysed["analyses"] == 1 and analysed["stream"] == "moved-h264", analysed
    check("a model over a past time is one command; what is deleted by hand is a gap")


def explained(server, parts, cameras):
    """Of what was analysed the bytes go alone."""
    ask = {"source": cameras.address("moved-h264"), "record": {"segment_s": 2, "keep_s": 1}}
    assert server.ask("PUT", "/v1/streams/moved-h264", ask)[0] == 200
    asset = wait("the recording to go", lambda: (lambda one: one if "removed" in one else None)(server.ask("GET", f"/v1/assets/{parts[0]['asset']}")[1]), 60)
    assert asset["analyses"] == 1 and asset["bytes"] == 0 and asset["recorded"]["from"] == parts[0]["from"] and "recording" not in asset, asset
    pipeline = asset["results"][0]["pipeline"]
    assert server.ask("GET", f"/v1/assets/{parts[0]['asset']}/analyses/{pipeline}/predictions")[0] == 200
    status, refused = server.ask("GET", f"/v1/assets/{parts[0]['asset']}/content")
    assert status == 404 and "rules of keeping" in refused["error"]["message"], refused
    assert server.ask("GET", f"/v1/assets/{parts[2]['asset']}")[0] == 404
    assert not (SCRATCH / f"lib/objects/objects/{asset['object'][:2]}/{asset['object']}").exists()
    check("what was found in a recording outlives it, and says that it is gone")


def kept(server):
    """By space, the oldest first, and never what is held."""
    ask = {"source": str(SCRATCH / "films/plain.mp4") + "?loop=1", "record": {"segment_s": 1, "most_bytes": 1 << 20}, "force": True}
    assert server.ask("PUT", "/v1/streams/small", ask)[0] == 201
    first = wait("the first segment", lambda: listed(server, "small")["segments"], 30)[0]
    hold = server.ask("POST", "/v1/streams/small/holds", {"from": first["from"], "to": text(moment(first["from"]) + 0.5), "reason": "to be seen"})
    assert hold[0] == 201 and hold[1]["by"] == "owner", hold
    assert server.ask("POST", "/v1/streams/small/holds", {"from": first["to"], "to": first["from"]})[0] == 400

    def held():
        found = listed(server, "small")["segments"]
        return found if len(found) > 2 and moment(found[1]["from"]) - moment(found[0]["to"]) > 0.9 else None
    found = wait("old segments to go", held, 90)
    assert found[0]["asset"] == first["asset"], found
    assert sum(part["bytes"] for part in found) < (1 << 20) + 2 * max(part["bytes"] for part in found)
    assert server.ask("GET", "/v1/streams/small/holds")[1]["holds"] == [hold[1]]
    assert server.ask("DELETE", f"/v1/streams/small/holds/{hold[1]['hold']}")[0] == 204
    wait("what was held to go", lambda: listed(server, "small")["segments"][0]["asset"] != first["asset"], 60)
    assert server.ask("DELETE", "/v1/streams/small")[0] == 204
    check("where a stream has too much the oldest goes, what is held stays until it is released")


def main():
    prepare()
    draw(SCRATCH / "films/plain.mp4", "h264")
    draw(SCRATCH / "moved-h264.mkv", "h264", "-bf", "3", seconds=60)
    server = Server(CONFIGURATION)
    cameras = Cameras({"moved-h264": SCRATCH / "moved-h264.mkv"})
    ask = {"source": cameras.address("moved-h264"), "record": {"segment_s": 2}}
    assert server.ask("PUT", "/v1/streams/moved-h264", ask)[0] == 201
    parts = segments(server)
    ranges(server, parts)
    cameras = gaps(server, cameras)
    assets(server, parts)
    explained(server, parts, cameras)
    kept(server)
    assert server.ask("DELETE", "/v1/streams/moved-h264")[0] == 204
    wait("all to be finished", lambda: not list((SCRATCH / "lib/recordings").iterdir()), 30)
    server.end()


if __name__ == "__main__":
    main()
