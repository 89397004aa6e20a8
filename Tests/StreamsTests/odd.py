#!/usr/bin/env python3
"""Cameras and servers with habits that were reported of real ones, scripted, each watched beside the others.

Usage: odd.py RIDLEY MODELS SCRATCH. Prints a line for each thing that holds.
"""
import re
import shutil
import socket
import struct
import subprocess
import threading
import time

from serve import Server, wait
from watch import H264, MODELS, RATE, SCRATCH, Watch, check, film
from web import Site, made

DESCRIPTION = "v=0\ns=odd\na=control:*\nm=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 packetization-mode=1\na=control:one\n"


def pictures(path):
    """What a film's pictures are made of, without start codes."""
    words = ["ffmpeg", "-v", "error", "-nostdin", "-i", str(path), "-c", "copy", "-bsf:v", "h264_mp4toannexb,h264_metadata=aud=insert", "-f", "h264", "-"]
    units = [unit for unit in re.split(b"\0*\0\0\1", subprocess.run(words, check=True, capture_output=True).stdout) if unit]
    found = []
    for unit in units:
        if unit[0] & 31 == 9:
            found.append([])
        else:
            found[-1].append(unit)
    return found


def parts(unit, size=1200):
    """Of one packet each (RFC 6184)."""
    if len(unit) <= size:
        return [unit]
    cut = [unit[1:][place:place + size] for place in range(0, len(unit) - 1, size)]
    return [bytes([unit[0] & 0xE0 | 28, unit[0] & 31 | (0x80 if k == 0 else 0) | (0x40 if k == len(cut) - 1 else 0)]) + part for k, part in enumerate(cut)]


class Camera:
    """Speaks RTSP by a script, which subclasses change."""

    transport, session, format, early, noise, hates, challenge = "RTP/AVP/TCP;unicast;interleaved=0-1", "7", 96, False, b"", "", None
    pictures = []

    def __init__(self, **habits):
        self.__dict__.update(habits)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.asked, self.connections = [], 0
        threading.Thread(target=self.accept, daemon=True).start()

    def address(self, account=""):
        return f"rtsp://{account}127.0.0.1:{self.listener.getsockname()[1]}/odd"

    def accept(self):
        while True:
            one = self.listener.accept()[0]
            self.connections += 1
            threading.Thread(target=self.serve, args=(one,), daemon=True).start()

    def serve(self, one):
        try:
            self.speak(one, one.makefile("rb"))
        except OSError:
            pass
        one.close()

    def speak(self, one, lines):
        while True:
            head = []
            while (line := lines.readline()) not in (b"\r\n", b""):
                head.append(line.decode().strip())
            if not head:
                return
            method, number = head[0].split()[0], next(line for line in head if line.startswith("CSeq"))
            self.asked.append(method)
            if method == self.hates:
                return one.shutdown(socket.SHUT_RDWR)
            if method == "PLAY" and self.early:
                threading.Thread(target=self.play, args=(one,), daemon=True).start()
                time.sleep(0.3)
            body = DESCRIPTION if method == "DESCRIBE" else ""
            more = {"OPTIONS": "Public: DESCRIBE, GET_PARAMETER", "SETUP": f"Transport: {self.transport}\r\nSession: {self.session}"}.get(method, "")
            status = "401 No\r\nWWW-Authenticate: " + self.challenge if self.challenge else "200 OK"
            text = f"RTSP/1.0 {status}\r\n{number}\r\n{more}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
            one.sendall(re.sub("\r\n(\r\n)+(?=Content)", "\r\n", text).encode())
            if method == "PLAY" and not self.early:
                threading.Thread(target=self.play, args=(one,), daemon=True).start()

    def play(self, one):
        sequence, begin = 100, time.monotonic()
        try:
            for number, units in enumerate(self.pictures):
                time.sleep(max(0, begin + number / RATE - time.monotonic()))
                packets, out = [part for unit in units for part in parts(unit)], b""
                for place, packet in enumerate(packets):
                    marked = 0x80 if place == len(packets) - 1 else 0
                    whole = struct.pack(">BBHII", 0x80, marked | self.format, sequence & 0xFFFF, number * 90_000 // RATE, 7) + packet
                    out, sequence = out + b"$\0" + struct.pack(">H", len(whole)) + whole, sequence + 1
                one.sendall(out + (self.noise if number % 10 == 5 else b""))
        except OSError:
            pass


def jpegs(path):
    folder = SCRATCH / "jpegs"
    made(folder / "%03d.jpg", "-i", path, "-t", "2", "-q:v", "8")
    return [one.read_bytes() for one in sorted(folder.iterdir())]


def parted(files, head, end):
    """Pictures one after the other, at their pace."""

    def answer(request):
        request.send_response(200)
        request.end_headers()
        try:
            for number in range(1000):
                request.wfile.write((head if number else head[head.find(b"\n") + 1:]) + files[number % len(files)] + end)
                time.sleep(1 / RATE)
        except OSError:
            pass

    return answer


def main():
    shutil.rmtree(SCRATCH, ignore_errors=True)
    (SCRATCH / "site").mkdir(parents=True)
    (SCRATCH / "models").mkdir()
    shutil.copytree(f"{MODELS}/line-inspector", SCRATCH / "models/line-inspector")
    path = film("h264", seconds=60, more=H264)
    site, files = Site(SCRATCH / "site"), jpegs(path)
    Camera.pictures = pictures(path)
    made(site.folder / "all.m3u8", "-i", path, "-t", "4", "-c", "copy", "-f", "hls", "-hls_time", "1", "-hls_list_size", "0")
    site.answers["frozen.m3u8"] = (site.folder / "all.m3u8").read_bytes().replace(b"#EXT-X-ENDLIST", b"")
    site.answers["bare"] = parted(files, b"--other\nContent-Type: image/jpeg\n\n", b"\n")
    odd = {
        "silent": Camera(transport="RTP/AVP/TCP;unicast", early=True), "noisy": Camera(noise=b"\xa0\xb1$\xc2\xd3", session="7 ; timeout=2"),
        "rude": Camera(hates="GET_PARAMETER", session="7;timeout=3")}
    wrong = {
        "packets of payload type 97 come, and the camera promised 96": Camera(format=97), "pictures came and none could be decoded": Camera(pictures=[units[-1:] for units in Camera.pictures if units[-1][0] & 31 == 1]),
        "calls every login too old": (stale := Camera(challenge='Digest realm="r", nonce="n", stale=true'))}
    frozen, bare = site.address("frozen.m3u8"), site.address("bare")
    watch = Watch(*[camera.address() for camera in odd.values()], frozen, bare, more=("--patience", "2s"))
    for camera in odd.values():
        watch.goes_on(camera.address(), 60)
    watch.goes_on(bare, 30)
    watch.wait("a second look at what is frozen", lambda: [path for path, _, _ in site.asked].count("/frozen.m3u8") > 20)
    told = watch.end()

    for name, camera in odd.items():
        one = told[camera.address()]
        assert one["incomplete"] == one["lost_packets"] == 0 and one["connections"] == (2 if name == "rude" else 1), (name, one)
    rude = odd["rude"].asked
    assert rude.count("GET_PARAMETER") == 1 and rude.index("GET_PARAMETER") < len(rude) - 1 - rude[::-1].index("OPTIONS"), rude
    assert odd["noisy"].asked.count("GET_PARAMETER") >= 3, odd["noisy"].asked
    check("cameras that name no channels, begin before they say so, send noise, have short sessions or hang up at a question are watched")
    time.sleep(0.3)
    assert all(camera.asked[-1] == "TEARDOWN" for camera in odd.values()), [camera.asked for camera in odd.values()]
    check("a camera that is not watched any more is told so")
    server, said = Server(f"films: [{SCRATCH}]\n"), {reason: set() for reason in wrong}
    for number, camera in enumerate(wrong.values()):
        assert server.ask("PUT", f"/v1/streams/s{number}", {"source": camera.address("u:p@"), "model": "line-inspector"})[0] == 201

    def all_said():
        for one in server.ask("GET", "/v1/streams")[1]:
            [found.add(one.get("reason") or "") for (reason, found), camera in zip(said.items(), wrong.values()) if one["source"] == camera.address()]
        return all(any(reason in text for text in texts) for reason, texts in said.items())

    try:
        wait("what is wrong with each", all_said, 30)
    finally:
        print(f"# {said}", flush=True)
    server.end()
    # The last connection may have been ended before its last question.
    assert 4 * (stale.connections - 1) < len(stale.asked) <= 4 * stale.connections < 40, (stale.connections, stale.asked)
    check("pictures of another format, pictures that cannot be decoded and logins that are refused for ever are told by what is wrong")
    one = told[frozen]
    assert one["connections"] > 1 and 0 < one["received"] <= 75 and one["jumps"] == 0, one
    assert len([path for path, _, _ in site.asked if path.endswith(".ts")]) == 3, site.asked
    check("a playlist that stands still is played once, over connections too")
    assert told[bare]["codec"] == "mjpeg" and told[bare]["connections"] == 1, told[bare]
    check("JPEG pictures come without a first boundary, with line ends and heads that are not as told")


if __name__ == "__main__":
    main()
