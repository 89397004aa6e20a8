#!/usr/bin/env python3
"""Servers that hang, send nonsense, never end, or come back as something else: each is named, and costs nobody else anything.

Usage: hostile.py RIDLEY MODELS SCRATCH. Prints a line for each thing that holds.
"""
import itertools
import os
import shutil
import socket
import threading
import time

from serve import Server, wait
from watch import H264, MODELS, SCRATCH, Cameras, Watch, check, film, free_port
from web import Site, made, started
from wires import LossyLine


def endless(start, block):
    """A body without an end; a generator of blocks, or one that is repeated."""

    def answer(request):
        request.send_response(200)
        request.end_headers()
        try:
            for part in itertools.chain([start], itertools.repeat(block)):
                request.wfile.write(part)
        except OSError:
            pass

    return answer


def silent(start=None):
    def answer(request):
        if start is not None:
            request.send_response(200)
            request.end_headers()
            request.wfile.write(start)
        time.sleep(60)

    return answer


class Line:
    """A server of TCP that says the same to everybody."""

    def __init__(self, words, repeats=0):
        self.words, self.repeats = words, repeats
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            one, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(one,), daemon=True).start()

    def serve(self, one):
        try:
            for _ in range(self.repeats + 1):
                one.sendall(self.words)
            while one.recv(1 << 16):
                pass
        except OSError:
            pass


def listed(*lines):
    return "\n".join(["#EXTM3U", "#EXT-X-TARGETDURATION:1", *lines, ""]).encode()


def nonsense(site, path):
    packet = bytes([0x47, 0x01, 0x00, 0x10]) + bytes(184)
    made(site.folder / "mpeg2.ts", "-i", path, "-t", "5", "-c:v", "mpeg2video", "-f", "mpegts")
    made(site.folder / "sound.ts", "-f", "lavfi", "-i", "sine", "-t", "5", "-c:a", "mp2", "-f", "mpegts")
    clip = made(site.folder / "clip.ts", "-i", path, "-t", "5", "-c", "copy").read_bytes()
    mp4 = made(site.folder / "clip.mp4", "-i", path, "-t", "5", "-c", "copy", "-movflags", "frag_keyframe+empty_moov").read_bytes()
    site.answers |= {
        "silent": silent(), "stalled": silent(clip[:100_000]), "garbage": endless(b"", os.urandom(1 << 16)), "empty": endless(packet * 4, packet * 300),
        "text": b"<html>Not a stream at all, but a page about streams" + b"." * 400, "nothing": b"", "list": endless(b"#EXTM3U\n", b"#EXTINF:1,\na\n" * 5000),
        "many": b"#EXTM3U\n" + b"a\n" * 60_000, "self": listed("#EXT-X-STREAM-INF:BANDWIDTH=1", "self"), "inside": listed("#EXTINF:1,", "inside", "#EXT-X-ENDLIST"),
        "sample": listed("#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k\"", "#EXTINF:1,", "clip.ts"), "key": listed("#EXT-X-KEY:METHOD=AES-128,URI=\"text\"", "#EXTINF:1,", "clip.ts"),
        "gone": listed("#EXTINF:1,", "a", "#EXTINF:1,", "b", "#EXTINF:1,", "c"), "waits": listed(), "huge": endless(b"FLV\x01\x01\x00\x00\x00\x09\x00\x00\x00\x00\x09\xff\xff\xff", bytes(1 << 16)),
        "box": mp4[:24] + b"\x7f\xff\xff\xffmoov" + bytes(1 << 20), "circle": lambda answer: answer.give(b"", 302, [("Location", "/circle")]), "old": lambda answer: answer.give(b"", 503)}
    reasons = {
        "silent": "no picture came for 10 s", "stalled": "no picture came", "garbage": "neither MPEG-TS", "empty": "no picture in 16 MiB", "text": "neither MPEG-TS", "nothing": "held no picture",
        "list": "longer than 8192 KiB", "many": "more than 50000 segments", "self": "list of variants again", "inside": "neither MPEG-TS", "sample": "SAMPLE-AES", "key": "16 bytes",
        "gone": "there is nothing at", "waits": "no picture came for 10 s", "huge": "picture", "box": "broken from its beginning", "circle": "more than 5 times", "old": "503", "mpeg2.ts": "mpeg2video", "sound.ts": "held no picture"}
    addresses = {site.address(name): word for name, word in reasons.items()}
    hello = b"\x03" + bytes(3072) + b"\xff" * 100_000
    at = lambda scheme, words, repeats=0: f"{scheme}://127.0.0.1:{Line(words, repeats).port}/live/x"
    lines = {
        at("rtmp", b"HTTP/1.1 400 Bad Request" * 100): "", at("rtmp", b""): "no picture came for 10 s", at("rtmp", hello, 20): "",
        at("rtsps", b""): "does not answer", at("rtsps", os.urandom(1000)): "TLS", at("http", os.urandom(100_000)): ""}
    wall = LossyLine(Cameras({"a-h264": path}).port, share=1)
    addresses |= lines | {f"rtspu://127.0.0.1:{wall.port}/a-h264": "over UDP in 5 s"}
    server, told = Server(f"films: [{SCRATCH}]\n"), {}
    for number, address in enumerate(addresses):
        assert server.ask("PUT", f"/v1/streams/s{number}", {"source": address, "model": "line-inspector"})[0] == 201, address

    def all_said():
        for one in server.ask("GET", "/v1/streams")[1]:
            told.setdefault(one["source"], set()).update([one.get("reason") or ""] + [gap["reason"] for gap in one["gaps"]])
        return all(any(word in text for text in told[address] if text) for address, word in addresses.items())

    try:
        wait("what is wrong with each", all_said, 60)
    finally:
        for address, said in told.items():
            print(f"# {address}: {sorted(said)}", flush=True)
    assert not any(word in text for said in told.values() for text in said for word in ("signal", "crash", "ended too early")), told
    server.end()
    check("servers that hang, send nonsense or never end are told by what is wrong, and tried again with patience")


def changing(path):
    """One port, and what comes from it changes."""
    port = free_port()
    other = film("hevc", seconds=60, codec="libx265", size="320x180", more=("-preset", "ultrafast", "-x265-params", "log-level=error:keyint=25:bframes=0"))
    serve = lambda film: started("-re", "-i", film, "-c", "copy", "-f", "mpegts", "-listen", "1", f"http://127.0.0.1:{port}")
    address, sender = f"http://127.0.0.1:{port}/", serve(path)
    time.sleep(1)
    packets, target = free_port(), "udp://127.0.0.1:{}?pkt_size=1316"
    first = started("-re", "-i", path, "-c", "copy", "-f", "mpegts", target.format(packets))
    watch = Watch(address, f"udp://:{packets}", more=("--patience", "3s"))
    watch.goes_on(address)
    watch.goes_on("udp")
    sender.kill()
    first.kill()
    # Too short to pass for silence: the table of streams alone tells of it.
    time.sleep(0.2)
    sender = serve(other)
    # Nonsense between two senders, and from a third.
    stray = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for _ in range(200):
        stray.sendto(os.urandom(1316), ("127.0.0.1", packets))
    second = started("-re", "-i", other, "-c", "copy", "-f", "mpegts", target.format(packets))
    watch.goes_on(address, 30)
    watch.goes_on("udp", 30)
    told = watch.end()
    for one in told.values():
        assert one["codec"] == "hevc" and one["width"] == 320 and one["gaps"] and all("to" in gap for gap in one["gaps"]), one
    assert max(answer["age"] for answer in watch.answers) <= 2000
    for process in (sender, second):
        process.kill()
    check("a source that is killed and returns with another codec is watched again, over HTTP and in packets, with nonsense between")


def main():
    shutil.rmtree(SCRATCH, ignore_errors=True)
    (SCRATCH / "site").mkdir(parents=True)
    (SCRATCH / "models").mkdir()
    shutil.copytree(f"{MODELS}/line-inspector", SCRATCH / "models/line-inspector")
    path = film("h264", seconds=90, more=H264)
    nonsense(Site(SCRATCH / "site"), path)
    changing(path)


if __name__ == "__main__":
    main()
