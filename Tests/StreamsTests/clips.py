#!/usr/bin/env python3
"""Clips of events: the camera's own packets, from a key frame before the event on, whole however the server ends.

Usage: clips.py RIDLEY MODELS SCRATCH. Prints a line for each thing that holds.
"""
import json
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from events import RIDLEY, SCRATCH, Server, check, draw_belt, labelled, moment, prepare, wait
from view import digests, is_part
from watch import Cameras

BEFORE, AFTER, GROUP = 1.0, 0.8, 1.0
CONFIGURATION = f"films: [{SCRATCH}/films]\nprivate-sources: true\nprivate-targets: true\npublic-address: https://cameras.example\n"
CLIPS = {"before_ms": BEFORE * 1000, "after_ms": AFTER * 1000}
CODED = {
    "plain-h264": ["-c:v", "libx264", "-preset", "veryfast", "-bf", "0"],
    "moved-h264": ["-c:v", "libx264", "-preset", "veryfast", "-bf", "3"],
    "cam-hevc": ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:bframes=2"],
    "cam-mjpeg": ["-c:v", "mjpeg", "-q:v", "4", "-huffman", "default"],
}


def frames(path):
    """Of each packet in the order of the file: when it is shown in the film, and whether it is a key frame."""
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time,flags", "-of", "json", str(path)], check=True, capture_output=True, text=True).stdout
    return [(float(packet["pts_time"]), "K" in packet["flags"]) for packet in json.loads(told)["packets"]]


def pictures(path, codec):
    if codec != "mjpeg":
        return digests(path, codec)
    # RTP leaves out the headers of JPEG, which are made anew: what is seen is the same.
    told = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:v", "-fps_mode", "passthrough", "-f", "framemd5", "-"], check=True, capture_output=True, text=True).stdout
    return [line.split(",")[-1].strip() for line in told.splitlines() if not line.startswith("#")]


def draw(name):
    """The drawn film three times, as a camera of this codec has it."""
    path = SCRATCH / f"{name}.mkv"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-y", "-stream_loop", "2", "-i", str(SCRATCH / "drawn.mp4"), *CODED[name], "-g", "25", "-keyint_min", "25", str(path)], check=True)
    return path


def finished(server, event):
    return wait("the clip", lambda: server.ask("GET", f"/v1/events/{event['event']}")[1].get("clip"), 30)


def over(server, name, count):
    def all_over():
        events = server.ask("GET", f"/v1/events?stream={name}&limit=100")[1]["events"]
        return events if sum(event["state"] == "over" for event in events) >= count else None
    return [event for event in wait(f"{count} events of {name}", all_over, 90) if event["state"] == "over"][::-1]


def cut(server, name, film, codec, isFirst=False):
    """Each event that is over has a clip that holds what it should."""
    sent, times = pictures(film, codec), frames(film)
    for number, event in enumerate(over(server, name, 3)):
        clip = finished(server, event)
        status, content = server.ask("GET", f"/v1/events/{event['event']}/clip", raw=True)
        assert status == 200 and len(content) == clip["bytes"], (status, len(content), clip)
        path = SCRATCH / f"{name}-{number}.mp4"
        path.write_bytes(content)
        seen = pictures(path, codec)
        assert len(seen) > 20 and is_part(seen, sent), (name, number, len(seen))
        begin, end = moment(event["from"]) - BEFORE, moment(event["to"]) + AFTER
        first, last = moment(clip["from"]), moment(clip["to"])
        reach = moment(event["from"]) - first
        isAtStart = sent[:1] == seen[:1]
        assert isAtStart or -0.002 <= begin - first <= GROUP + 0.05, (name, number, begin - first)
        shown = frames(path)
        assert shown[0][1] and abs(shown[0][0]) < 0.001, shown[:3]
        length = float(subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(path)], check=True, capture_output=True, text=True).stdout)
        assert abs(length - (last - first)) < 0.002, (length, last - first)
        isAtEnd = sent[-1:] == seen[-1:]
        assert isAtEnd or -0.002 <= last - end <= 0.045, (name, number, last - end)
        # By the film's own times, the event lies where its clip says.
        place = next(index for index in range(len(sent)) if sent[index:index + len(seen)] == seen)
        assert any(abs(times[place][0] + reach - truth) < 0.6 for truth, _, _ in labelled()), (name, number, reach)
        asset = server.ask("GET", f"/v1/assets/{clip['asset']}")[1]
        assert (asset["stream"], asset["recording"], asset["event"]) == (name, "clip", event["event"]) and asset["from"] == clip["from"] and asset["thumbnail"], asset
    return path


def ranges(server, name):
    event = over(server, name, 1)[0]
    whole = server.ask("GET", f"/v1/events/{event['event']}/clip", raw=True)[1]
    request = urllib.request.Request(f"{server.address}/v1/events/{event['event']}/clip", headers={"Range": "bytes=100-299"})
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 206 and answer.read() == whole[100:300] and answer.headers["Content-Type"] == "video/mp4"
    asset = server.ask("GET", f"/v1/events/{event['event']}")[1]["clip"]["asset"]
    assert server.ask("DELETE", f"/v1/assets/{asset}")[0] == 204
    assert "clip" not in server.ask("GET", f"/v1/events/{event['event']}")[1]
    assert server.ask("GET", f"/v1/events/{event['event']}/clip")[0] == 404
    assert server.ask("GET", "/v1/events/01ARZ3NDEKTSV4RRFFQ69G5FAV/clip")[0] == 404
    check("ranges of a clip are answered; one that is deleted as an asset is no event's any more")


def linked(server, address):
    """Status, Retry-After and bytes of what a link in a notice shows."""
    try:
        with urllib.request.urlopen(address.replace("https://cameras.example", server.address)) as answer:
            return answer.status, None, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Retry-After"], b""


def told(server):
    """A webhook hears of each event; who has its notice has the clip, once it is there."""
    found = []

    class Receiver(BaseHTTPRequestHandler):
        def log_message(self, *words):
            pass

        def do_POST(self):
            notice = json.loads(self.rfile.read(int(self.headers["content-length"])))
            found.append((notice, linked(server, notice["data"]["links"]["clip"])))
            self.send_response(200)
            self.end_headers()

    receiver = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    assert server.ask("PUT", "/v1/targets/hook", {"address": f"http://127.0.0.1:{receiver.server_port}/", "streams": ["told"], "kinds": ["event"]})[0] in (200, 201)
    ask = {"source": f"{SCRATCH}/films/film.mkv", "pipeline": "belt", "budget_ms": 5000, "force": True, "clips": CLIPS}
    assert server.ask("PUT", "/v1/streams/told", ask)[0] == 201
    event = over(server, "told", 1)[0]
    assert event["clips"] is True, event
    notice, early = wait("its first notice", lambda: next((one for one in found if one[0]["data"]["event"] == event["event"]), None), 30)
    assert notice["type"] == "event.start" and early[0] == 404 and int(early[1]) >= 1, (notice, early)
    finished(server, event)
    links = notice["data"]["links"]
    assert linked(server, links["clip"]) == (200, None, server.ask("GET", f"/v1/events/{event['event']}/clip", raw=True)[1])
    for wrong in (links["clip"][:-1], links["snapshot"].replace("/snapshot", "/clip") if "snapshot" in links else links["clip"] + "0", links["clip"].replace("client=local", "client=other")):
        assert linked(server, wrong)[:2] == (404, None), wrong
    assert server.ask("DELETE", "/v1/streams/told")[0] == 204 and server.ask("DELETE", "/v1/targets/hook")[0] == 204
    receiver.shutdown()
    check("the first notice of an event links to its clip, which is there with the last of it, and says so until then")


def discarded(server):
    """A clip of a client that may store no more is missed, and that is told."""
    subprocess.run([RIDLEY, "client", "limit", "local", "1KB", "--library", str(SCRATCH / "lib")], check=True, capture_output=True)
    ask = {"source": f"{SCRATCH}/films/film.mkv", "pipeline": "belt", "budget_ms": 5000, "force": True, "clips": CLIPS}
    assert server.ask("PUT", "/v1/streams/full", ask)[0] == 201
    events = {event["event"] for event in over(server, "full", 1)}

    def missed():
        health = server.ask("GET", "/v1/events?stream=full&kind=health&limit=100")[1]["events"]
        return next((one for one in health if one["rule"] == "clip-discarded" and any(event in one["problem"] for event in events)), None)
    incident = wait("the incident", missed, 60)
    assert incident["state"] == "over" and "may still store" in incident["problem"], incident
    check("a clip that is discarded is an incident of its stream, with the reason")


PLAY = """const video = document.createElement("video");
  window.video = video; video.muted = true; video.src = arguments[0]; document.body.append(video);
  video.play().catch((error) => { window.failed = String(error); });"""
STATE = "return [video.currentTime, video.duration, video.videoWidth, video.error && video.error.message, window.failed || null, video.seekable.length && video.seekable.end(0)]"


def plays(server, names):
    """In Chromium, from its beginning, with its own length, and from the middle."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Browser"))
    from browser import Browser
    with Browser() as browser:
        for name in names:
            event = over(server, name, 1)[0]
            clip = finished(server, event)
            browser.open(server.address + "/")
            browser.run(PLAY, f"/v1/events/{event['event']}/clip")
            length = moment(clip["to"]) - moment(clip["from"])
            state = browser.wait("the clip to play", lambda: (lambda now: now if now[0] > 0.3 or now[3] or now[4] else None)(browser.run(STATE)))
            assert not state[3] and not state[4] and abs(state[1] - length) < 0.05 and state[2] == 640 and abs(state[5] - length) < 0.05, (name, state, length)
            browser.run("video.pause(); video.currentTime = arguments[0]", length - 0.5)
            browser.wait("the end of it", lambda: browser.run("return !video.seeking && video.readyState >= 2 && video.currentTime") > length - 0.51)
    check("clips play in Chromium, with their length, and from anywhere")


def main():
    prepare()
    draw_belt()
    server = Server(CONFIGURATION)
    film = draw("plain-h264")
    shutil.copy(film, SCRATCH / "films/film.mkv")
    ask = {"source": f"{SCRATCH}/films/film.mkv", "pipeline": "belt", "budget_ms": 5000, "force": True, "clips": CLIPS}
    assert server.ask("PUT", "/v1/streams/film", ask)[0] == 201
    cut(server, "film", film, "h264")
    check("a clip of a film begins with the key frame before its pre-roll and ends with its post-roll, byte for byte")
    browsers = shutil.which("chromium") and shutil.which("chromedriver")
    ranges(server, "film")
    told(server)
    names = list(CODED)
    films = {name: draw(name) for name in names}
    cameras = Cameras(films)
    for name in names:
        assert server.ask("PUT", f"/v1/streams/{name}", ask | {"source": cameras.address(name)})[0] == 201
        cut(server, name, films[name], name.split("-")[-1])
        assert server.ask("DELETE", f"/v1/streams/{name}")[0] == 204
    if browsers:
        plays(server, ("plain-h264", "moved-h264"))
    else:
        print("# not tried in Chromium: it needs Debian's chromium and chromium-driver", flush=True)
    check("clips of cameras are their packets: H.264 with and without moved pictures, HEVC, MJPEG")
    assert not list((SCRATCH / "lib/recordings").iterdir()), list((SCRATCH / "lib/recordings").iterdir())
    discarded(server)
    server.end()


if __name__ == "__main__":
    main()
