#!/usr/bin/env python3
"""Live sources over HTTP and HLS, in packets of MPEG-TS and by RTMP, from ffmpeg, nginx and a server of hostile answers.

Usage: web.py RIDLEY MODELS SCRATCH. Prints a line for each thing that holds.
"""
import atexit
import contextlib
import hashlib
import http.server
import re
import shutil
import socket
import subprocess
import threading
import time

from watch import H264, RATE, SCRATCH, Watch, check, film, free_port

PACKED = {
    "vod": ("-f", "hls", "-hls_time", "2", "-hls_list_size", "0"), "one": ("-f", "hls", "-hls_time", "2", "-hls_list_size", "0", "-hls_flags", "single_file"),
    "fmp4": ("-f", "hls", "-hls_time", "2", "-hls_list_size", "0", "-hls_segment_type", "fmp4")}


class Site(http.server.ThreadingHTTPServer):
    """Files of a folder, and answers of its own to some paths; what was asked is kept."""

    def __init__(self, folder):
        super().__init__(("127.0.0.1", 0), Answer)
        self.folder, self.answers, self.asked, self.locks, self.nonces = folder, {}, [], {}, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def address(self, path, account=""):
        return f"http://{account}127.0.0.1:{self.server_port}/{path}"


class Answer(http.server.SimpleHTTPRequestHandler):
    def __init__(self, request, client, server):
        super().__init__(request, client, server, directory=str(server.folder))

    def log_message(self, *words):
        pass

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("Authorization"), self.headers.get("Range")))
        schemes = self.server.locks.get(self.path.split("/")[1])
        if schemes and not self.is_let_in(schemes):
            return self.give(b"who asks?", 401, [("WWW-Authenticate", self.challenge(scheme)) for scheme in schemes])
        made = self.server.answers.get(self.path.lstrip("/").split("?")[0])
        if callable(made):
            return made(self)
        if made is not None:
            return self.give(made)
        part = self.headers.get("Range")
        path = self.server.folder / self.path.lstrip("/").split("?")[0]
        if part and path.is_file():
            start, end = (int(word) for word in part.removeprefix("bytes=").split("-"))
            return self.give(path.read_bytes()[start:end + 1], 206)
        super().do_GET()

    def challenge(self, scheme):
        if scheme == "Basic":
            return 'Basic realm="cameras"'
        self.server.nonces.append(f"nonce-{len(self.server.nonces)}")
        return f'Digest realm="cameras, all", qop="auth,auth-int", algorithm={scheme}, nonce="{self.server.nonces[-1]}", opaque="x"'

    def is_let_in(self, schemes):
        """Whether 'user' with the password 'p@ss' asks, by the strongest of the ways that are offered."""
        told = self.headers.get("Authorization", "")
        if schemes == ["Basic"]:
            return told == "Basic dXNlcjpwQHNz"
        words = dict(re.findall(r'(\w+)="?([^",]*)"?', told))
        if not told.startswith("Digest") or words["algorithm"] != schemes[0] or words["nonce"] not in self.server.nonces or words["uri"] != self.path:
            return False
        made = lambda text: hashlib.new({"MD5": "md5", "SHA-256": "sha256"}[schemes[0]], text.encode()).hexdigest()
        secret, request = made("user:cameras, all:p@ss"), made(f"GET:{self.path}")
        return words["response"] == made(f"{secret}:{words['nonce']}:{words['nc']}:{words['cnonce']}:auth:{request}")

    def give(self, body, status=200, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def ffmpeg(*words):
    return subprocess.Popen(["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, words)], stderr=subprocess.DEVNULL)


def started(*words):
    process = ffmpeg(*words)
    atexit.register(process.kill)
    return process


def made(path, *words):
    path.parent.mkdir(parents=True, exist_ok=True)
    assert ffmpeg(*words, path).wait() == 0, words
    return path


def steady(address, count=40, codec="h264", shown=None, site=None):
    """Watches a source that is whole, and gives its figures: every time comes once, at the pace of its times."""
    watch = Watch(address)
    watch.goes_on("", count)
    one = watch.end()[shown or address]
    assert one["codec"] == codec and one["connections"] == 1 and (one["width"], one["height"]) == (640, 360) and one["drops"]["undecoded"] <= 30, one
    times = [answer["time"] for answer in watch.answers]
    assert times == sorted(set(times)), times
    pace = (watch.answers[-1]["heard"] - watch.answers[0]["heard"]) / (times[-1] - times[0])
    assert 0.7 < pace < 1.4, (pace, times)
    return one


def whole(site, path):
    made(site.folder / "clip.ts", "-i", path, "-t", "20", "-c", "copy")
    steady(site.address("clip.ts"))
    for name, words in PACKED.items():
        made(site.folder / name / "index.m3u8", "-i", path, "-t", "20", "-c", "copy", *words)
        steady(site.address(f"{name}/index.m3u8"))
    assert any(part for _, _, part in site.asked), site.asked
    (SCRATCH / "key").write_bytes(bytes(range(16)))
    (SCRATCH / "keyinfo").write_text(f"../key.bin\n{SCRATCH}/key\n00112233445566778899aabbccddeeff\n")
    shutil.copy(SCRATCH / "key", site.folder / "key.bin")
    made(site.folder / "secret/index.m3u8", "-i", path, "-t", "20", "-c", "copy", *PACKED["vod"], "-hls_key_info_file", SCRATCH / "keyinfo")
    steady(site.address("secret/index.m3u8"))
    site.answers["all.m3u8"] = (
        b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=64000,CODECS=\"mp4a.40.2\"\nsound.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=3840x2160\nlarge.m3u8\n"
        b"#EXT-X-STREAM-INF:BANDWIDTH=500000,RESOLUTION=640x360,CODECS=\"avc1.42c01e,mp4a.40.2\"\nvod/index.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=100000,RESOLUTION=320x180\nsmall.m3u8\n")
    site.answers["moved"] = lambda answer: answer.give(b"", 302, [("Location", "/all.m3u8?token=hidden")])
    steady(site.address("moved"))
    assert not any(name in path for path, _, _ in site.asked for name in ("sound", "large", "small")), site.asked
    check("a stream that lies on a server, and playlists of HLS with segments of TS and MP4, parts of files, keys, variants and redirects are watched at their pace")


def codecs(site):
    fast = {"hevc": ("libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:keyint=25:bframes=0"), "av1": ("libaom-av1", "-cpu-used", "8", "-usage", "realtime", "-g", "25")}
    for codec, words in fast.items():
        path = film(codec, seconds=6, codec=words[0], more=(*words[1:], "-pix_fmt", "yuv420p"))
        made(site.folder / codec / "index.m3u8", "-i", path, "-c", "copy", *PACKED["fmp4"])
        steady(site.address(f"{codec}/index.m3u8"), codec=codec)
    process = started("-re", "-f", "lavfi", "-i", f"testsrc2=size=640x360:rate={RATE}", "-c:v", "mjpeg", "-q:v", "5", "-f", "mpjpeg", "-listen", "1", "http://127.0.0.1:" + (port := str(free_port())))
    time.sleep(1)
    steady(f"http://127.0.0.1:{port}/", codec="mjpeg")
    process.kill()
    check("H.264, HEVC, AV1 and JPEG pictures one after the other come by HTTP")


def live(site, path):
    folder = site.folder / "live"
    folder.mkdir()
    process = started("-re", "-stream_loop", "-1", "-i", path, "-c", "copy", "-f", "hls", "-hls_time", "1", "-hls_list_size", "5", "-hls_flags", "delete_segments", folder / "index.m3u8")
    while not (folder / "index.m3u8").exists() or (folder / "index.m3u8").read_text().count("#EXTINF") < 4:
        time.sleep(0.2)
    one = steady(site.address("live/index.m3u8", "user:p%40ss@"), count=200, shown=site.address("live/index.m3u8"))
    assert one["jumps"] == 0 and one["gaps"] == [], one
    assert {account for path, account, _ in site.asked if "live" in path} == {None}, site.asked[-3:]
    print(f"# HLS of 1 s segments: ages {one['age_ms']}", flush=True)
    process.kill()
    for port, target, source in (
            (free_port(), "udp://127.0.0.1:{}?pkt_size=1316", "udp://127.0.0.1:{}"), (free_port(), "udp://239.1.2.3:{}?localaddr=127.0.0.1", "udp://@239.1.2.3:{}?localaddr=127.0.0.1")):
        process = started("-re", "-i", path, "-c", "copy", "-f", "mpegts", target.format(port))
        one = steady(source.format(port))
        print(f"# MPEG-TS over UDP: ages {one['age_ms']}", flush=True)
        process.kill()
    process = started("-re", "-i", path, "-c", "copy", "-f", "mpegts", "-listen", "1", f"http://127.0.0.1:{(port := free_port())}")
    time.sleep(1)
    steady(f"http://127.0.0.1:{port}/")
    process.kill()
    check("a live playlist, MPEG-TS over HTTP and in packets to one and to many are watched as they come")


def locked(site):
    """Servers of http.server that ask who asks, as cameras do (RFC 7616 and 7617), written above."""
    kinds = {"md5": ["MD5"], "sha": ["SHA-256", "MD5", "Basic"], "plain": ["Basic"]}
    site.locks = kinds
    for name, schemes in kinds.items():
        shutil.copytree(site.folder / "vod", site.folder / name)
        shutil.copy(site.folder / "clip.ts", site.folder / name / "clip.ts")
        for path in (f"{name}/clip.ts", f"{name}/index.m3u8"):
            steady(site.address(path, "user:p%40ss@"), shown=site.address(path))
        told = [account for path, account, _ in site.asked if path.startswith(f"/{name}/")]
        assert None in told and all((account or schemes[0]).split()[0] == ("Basic" if schemes == ["Basic"] else "Digest") for account in told if account), told
        # Where nothing but the password in the open will do, it is told without being asked for once that is known.
        assert schemes != ["Basic"] or told[-3:] == ["Basic dXNlcjpwQHNz"] * 3, told
        before = len(site.asked)
        for account in ("user:wrong@", ""):
            watch = Watch(site.address(f"{name}/clip.ts", account), more=("--for", "2s"))
            watch.process.wait(30)
            watch.reader.join()
            assert watch.figures[0]["received"] == 0 and "not given out to this user (401)" in watch.figures[0]["reason"], watch.figures
        assert len(site.asked) - before <= 4, site.asked[before:]
    # To another server none of it is told, nor asked.
    other = Site(site.folder)
    other.locks = kinds
    site.answers["away"] = lambda answer: answer.give(b"", 302, [("Location", other.address("md5/clip.ts"))])
    watch = Watch(site.address("away", "user:p%40ss@"), more=("--for", "2s"))
    watch.process.wait(30)
    assert [account for _, account, _ in other.asked] == [None], other.asked
    check("servers by HTTP are told by digest (MD5, SHA-256) who asks, and in the open where they offer nothing else; a redirect's are not told")


@contextlib.contextmanager
def refusing():
    """A server that hears what greets it, and hangs up: as servers of RTMP do where nothing has the name that is asked for."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        def answer():
            with contextlib.suppress(OSError):
                while True:
                    with door.accept()[0] as one:
                        one.recv(1537)
        threading.Thread(target=answer, daemon=True).start()
        yield door.getsockname()[1]
        door.shutdown(socket.SHUT_RDWR)


def rtmp(path):
    port, folder = free_port(), SCRATCH / "nginx"
    folder.mkdir()
    (folder / "nginx.conf").write_text(
        f"load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;\nuser root;\ndaemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {folder}/log;\nevents {{}}\n"
        f"rtmp {{ server {{ listen 127.0.0.1:{port}; application live {{ live on; }} }} }}\n")
    server = subprocess.Popen(["/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL)
    atexit.register(server.kill)
    time.sleep(1)
    address = f"rtmp://127.0.0.1:{port}/live/camera"
    send = lambda *words: started("-re", "-i", path, *words, "-f", "flv", address)
    sender = send("-c", "copy")
    time.sleep(1)
    watch = Watch(address, more=("--patience", "3s"))
    watch.goes_on("", 60)
    sender.kill()
    time.sleep(1)
    sender = send("-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "25", "-vf", "scale=320:180")
    watch.wait("the other size", lambda: watch.answers[-1]["width"] == 320 if "width" in watch.answers[-1] else watch.count() > 200)
    one = watch.end()[address]
    assert one["codec"] == "h264" and (one["width"], one["height"]) == (320, 180) and one["drops"]["undecoded"] <= 60, one
    print(f"# RTMP: ages {one['age_ms']}, {one['connections']} connections", flush=True)
    sender.kill()
    server.kill()
    with refusing() as port:
        watch = Watch(f"rtmp://127.0.0.1:{port}/none/x", more=("--for", "12s", "--patience", "3s"))
        watch.process.wait(30)
        watch.reader.join()
    assert watch.figures[0]["received"] == 0 and "refused the stream" in watch.figures[0].get("reason", ""), watch.figures
    check("a stream of RTMP is watched from nginx, and again when its sender returns with another size")


def main():
    shutil.rmtree(SCRATCH, ignore_errors=True)
    (SCRATCH / "site").mkdir(parents=True)
    path = film("h264", seconds=90, more=H264)
    site = Site(SCRATCH / "site")
    whole(site, path)
    locked(site)
    codecs(site)
    live(site, path)
    rtmp(path)


if __name__ == "__main__":
    main()
