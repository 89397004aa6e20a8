#!/usr/bin/env python3
"""The picture of streams as a server gives it: byte for byte what the camera sends, to viewers and to players.

Usage: view.py RIDLEY MODELS SCRATCH. Prints a line for each thing that holds.
"""
import subprocess
import threading
import time
import urllib.error
import urllib.request

from serve import SCRATCH, Server, check, wait
from watch import Cameras, free_port

CODECS = {"h264": ["-c:v", "libx264", "-preset", "veryfast", "-bf", "0"], "hevc": ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:bframes=0"]}
# Types of units that hold pictures: for parameter sets and the like the container has another place.
SLICES = {"h264": "1-5", "hevc": "0-21"}


def draw(path, codec, *more, size="320x240", seconds=6):
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25", "-t", str(seconds), *CODECS[codec], "-g", "25", "-pix_fmt", "yuv420p", *more, str(path)], check=True)


def digests(path, codec):
    """One for each picture, of its slices alone."""
    told = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:v", "-c", "copy", "-bsf:v", f"{codec}_mp4toannexb,filter_units=pass_types={SLICES[codec]}", "-f", "framemd5", "-"],
        check=True, capture_output=True, text=True).stdout
    return [line.split(",")[-1].strip() for line in told.splitlines() if not line.startswith("#")]


def record(server, name, seconds):
    """What a viewer gets in so many seconds, and as what."""
    path = SCRATCH / f"{name}.mp4"
    with urllib.request.urlopen(f"{server.address}/v1/streams/{name}/view.mp4", timeout=20) as answer, open(path, "wb") as file:
        end = time.monotonic() + seconds
        while time.monotonic() < end and (part := answer.read1()):
            file.write(part)
        return path, answer.headers["Content-Type"]


def raw(address):
    with urllib.request.urlopen(address, timeout=20) as answer:
        return answer.read()


def status(server, path):
    try:
        raw(server.address + path)
        return 200
    except urllib.error.HTTPError as error:
        return error.code


def is_part(few, all):
    return any(all[start:start + len(few)] == few for start in range(len(all)))


def times(path):
    """When each picture is shown, in the order of decoding, in seconds."""
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time", "-of", "csv=p=0", str(path)], check=True, capture_output=True, text=True).stdout
    return [float(line.strip(",")) for line in told.split()]


def films(server):
    for name, codec in (("plain", "h264"), ("moved", "h264"), ("hevc", "hevc"), ("uneven", "h264")):
        wait(name, lambda: server.ask("GET", f"/v1/streams/{name}")[1]["state"] == "live")
        path, kind = record(server, name, 4)
        seen, sent = digests(path, codec), digests(SCRATCH / f"films/{name}.mp4", codec)
        assert len(seen) > 60 * len(sent) / 150 and is_part(seen[:-1], sent * 3), (name, len(seen), len(sent))
        place = next(start for start in range(2 * len(sent)) if (sent * 3)[start:start + len(seen) - 1] == seen[:-1])
        shown, true = times(path), times(SCRATCH / f"films/{name}.mp4")
        # From one picture to the next, but where the film begins again.
        steps = [(shown[number + 1] - shown[number], true[at + 1] - true[at]) for number in range(len(seen) - 2) if (at := (place + number) % len(sent)) + 1 < len(sent)]
        assert steps and all(abs(a - b) < 0.001 for a, b in steps), (name, [step for step in steps if abs(step[0] - step[1]) >= 0.001][:9])
        assert kind.startswith('video/mp4; codecs="' + {"h264": "avc1.", "hevc": "hvc1."}[codec]), kind
    check("a film's pictures come to a viewer byte for byte and at their times, with pictures moved and without, at an even pace and at none")


def again(server, name):
    try:
        return record(server, name, 20)
    except urllib.error.HTTPError as error:
        assert error.code == 503
        return None


def moved_further(server):
    """Films in whose beginning pictures are moved by one place, and then by two; the first says so too late, the second much too late."""
    for name, seconds, count in (("soon", 0.4, 60), ("late", 2, 20)):
        parts = []
        for part, (length, moved) in enumerate(((seconds, 1), (4, 8))):
            path = SCRATCH / f"{name}-{part}.mkv"
            draw(path, "h264", "-bf", str(moved), "-x264-params", "ref=4:b-pyramid=normal:b-adapt=0:scenecut=0", seconds=length)
            parts.append(f"file {path}\n")
        (SCRATCH / "parts.txt").write_text("".join(parts))
        film = SCRATCH / f"films/{name}.mkv"
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "concat", "-safe", "0", "-i", str(SCRATCH / "parts.txt"), "-c", "copy", str(film)], check=True)
        server.ask("PUT", f"/v1/streams/{name}", {"source": str(film)})
        wait(name, lambda: server.ask("GET", f"/v1/streams/{name}")[1]["state"] == "live")
        path, _ = record(server, name, 20)
        if name == "late":
            # The film that was begun in vain has ended; with the next key frame came another.
            path, _ = wait("another film", lambda: again(server, name), 3)
        seen, sent = digests(path, "h264"), digests(film, "h264")
        assert len(seen) >= count and is_part(seen[:-1], sent), (name, len(seen), len(sent))
    check("a film in which pictures are moved further than it says is seen from its beginning, or from the next key frame on")


def cameras(server, port):
    for name, codec in (("cam-h264", "h264"), ("cam-hevc", "hevc")):
        server.ask("PUT", f"/v1/streams/{name}", {"source": f"rtsp://127.0.0.1:{port}/{name}"})
        wait(name, lambda: server.ask("GET", f"/v1/streams/{name}")[1]["state"] == "live")
        path, _ = record(server, name, 3)
        seen, sent = digests(path, codec), digests(SCRATCH / f"{name}.mkv", codec)
        assert len(seen) > 40 and is_part(seen[:-1], sent), (name, len(seen), len(sent))
    check("what a camera sends over RTSP comes to a viewer byte for byte")


def player(server):
    """What VLC and others do: a playlist, and parts of the film."""
    base = f"{server.address}/v1/streams/moved/view.m3u8"
    wait("whole parts", lambda: status(server, "/v1/streams/moved/view.m3u8") == 200 and raw(base).count(b"#EXTINF") >= 3)
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "v", "-read_intervals", "%+3", "-show_entries", "packet=pts_time,flags", "-of", "csv=p=0", base], capture_output=True, text=True, timeout=60)
    times = sorted(float(line.split(",")[0]) for line in told.stdout.splitlines() if line)
    assert len(times) > 50 and all(abs(b - a - 0.04) < 0.002 for a, b in zip(times, times[1:])), (told.stderr, times)
    for part in ("1-99999.m4s", "99-0.mp4", "0-0.mp4", "1-1.m4s.."):
        assert status(server, f"/v1/streams/moved/view/{part}") == 404, part
    check("a player of HLS gets the same film in parts, without a gap; parts that are gone are said to be")


def mjpeg(server, port):
    server.ask("PUT", "/v1/streams/cam-mjpeg", {"source": f"rtsp://127.0.0.1:{port}/cam-mjpeg"})
    wait("mjpeg", lambda: server.ask("GET", "/v1/streams/cam-mjpeg")[1]["state"] == "live")
    assert status(server, "/v1/streams/cam-mjpeg/view.mp4") == 503
    stills = set()
    end = time.monotonic() + 4
    while time.monotonic() < end:
        try:
            stills.add(raw(server.address + "/v1/streams/cam-mjpeg/still.jpg"))
        except urllib.error.HTTPError as error:
            assert error.code == 503
        time.sleep(0.02)
    assert 5 <= len(stills) <= 22 and all(still[:2] == b"\xff\xd8" for still in stills), len(stills)
    check(f"what no browser plays out of MP4 is there as stills, {len(stills) / 4:.1f} a second, at most five")


def returning(server, port, again):
    """The viewer's answer ends with the camera; the next has what it sends then."""
    ended = []
    thread = threading.Thread(target=lambda: ended.append(record(server, "cam-h264", 60)))
    thread.start()
    time.sleep(1)
    again()
    thread.join(40)
    assert ended, "the viewer still waits"

    def codec():
        try:
            with urllib.request.urlopen(f"{server.address}/v1/streams/cam-h264/view.mp4", timeout=5) as answer:
                return answer.headers["Content-Type"]
        except urllib.error.HTTPError:
            return ""
    wait("the other picture", lambda: codec() not in ("", ended[0][1]))
    check("a camera that returns with another size ends what viewers got, and gives them the new film")


def main():
    (SCRATCH / "films").mkdir(parents=True, exist_ok=True)
    (SCRATCH / "models").mkdir(exist_ok=True)
    draw(SCRATCH / "films/plain.mp4", "h264")
    draw(SCRATCH / "films/moved.mp4", "h264", "-bf", "3")
    draw(SCRATCH / "films/uneven.mp4", "h264", "-bf", "3", "-vf", "select='gt(mod(n\\,7)\\,2)+not(mod(n\\,11))'", "-vsync", "vfr")
    draw(SCRATCH / "films/hevc.mp4", "hevc", "-x265-params", "log-level=error:bframes=3")
    for codec in ("h264", "hevc"):
        draw(SCRATCH / f"cam-{codec}.mkv", codec, *(("-bf", "2") if codec == "h264" else ()), seconds=20)
    draw(SCRATCH / "other.mkv", "h264", size="640x480", seconds=20)
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-t", "20", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", str(SCRATCH / "cam-mjpeg.mkv")], check=True)
    streams = "".join(f"  {name}: {{source: films/{name}.mp4?loop=1}}\n" for name in ("plain", "moved", "hevc", "uneven"))
    server = Server(f"films: [{SCRATCH}/films]\nprivate-sources: true\nstreams:\n{streams}")
    films(server)
    moved_further(server)
    player(server)
    port = free_port()
    names = ("cam-h264", "cam-hevc", "cam-mjpeg")
    served = Cameras({name: SCRATCH / f"{name}.mkv" for name in names}, port=port)
    cameras(server, port)
    mjpeg(server, port)

    def again():
        served.kill()
        Cameras({"cam-h264": SCRATCH / "other.mkv"}, port=port)
    returning(server, port, again)
    server.end()


if __name__ == "__main__":
    main()
