"""Films come in with the public tus client, over connections that break and a server that is killed."""
import base64
import contextlib
import hashlib
import http.client
import io
import json
import os
import random
import signal
import socket
import struct
import subprocess
import time

import conftest
import pytest
from tusclient import client as tus
from tusclient.exceptions import TusCommunicationError, TusUploadFailed

VERSION = {"Tus-Resumable": "1.0.0"}
CHUNK = VERSION | {"Content-Type": "application/offset+octet-stream"}


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A film of a second, with a box behind it whose bytes are random: 12 MB."""
    path = str(tmp_path_factory.mktemp("film") / "film.mp4")
    draw = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=1", "-pix_fmt", "yuv420p", path]
    try:
        subprocess.run(draw, check=True, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        pytest.skip("the film is drawn with ffmpeg, which is not here")
    size = 12_000_000
    with open(path, "ab") as file:
        file.write(struct.pack(">I4s", size + 8, b"free") + random.Random(5).randbytes(size))
    with open(path, "rb") as file:
        return file.read()


class Library(conftest.Served):
    """A server of a library with keys of two clients."""

    def __init__(self, ridley, folder):
        self.ridley, self.lib = ridley, os.path.join(folder, "lib")
        os.makedirs(os.path.join(folder, "models"), exist_ok=True)
        self.keys = {name: self.make_key(name) for name in ("acme", "bolt")}
        super().__init__(ridley, folder, "--library", self.lib)

    def make_key(self, name):
        command = ["key", "create", "--client", name, "--scope", "read,write,upload", "--library", self.lib, "--json"]
        made = subprocess.run([self.ridley, *command], check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        return json.loads(made.stdout)["key"]

    def limit(self, name, size):
        subprocess.run(
            [self.ridley, "client", "limit", name, size, "--library", self.lib], check=True, stdin=subprocess.DEVNULL)

    def ask(self, method, path, headers=None, body=None, of="acme"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers={"Authorization": f"Bearer {self.keys[of]}"} | (headers or {}))
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    def uploader(self, content, metadata=None, of="acme", **how):
        client = tus.TusClient(f"http://{self.address}/v1/uploads", headers={"Authorization": f"Bearer {self.keys[of]}"})
        return client.uploader(file_stream=io.BytesIO(content), metadata={"filename": "film.mp4"} | (metadata or {}), **how)

    def content(self, asset, of="acme"):
        status, _, body = self.ask("GET", f"/v1/assets/{asset}/content", of=of)
        assert status == 200
        return body

    def left(self):
        """Files of bytes, but for those of the library itself."""
        found = []
        for name in ("objects", "staging", "uploads"):
            for folder, _, files in os.walk(os.path.join(self.lib, "objects", name)):
                found += [os.path.join(folder, file) for file in files]
        return sorted(found)

    def begin(self, length, metadata="", of="acme"):
        status, headers, body = self.ask(
            "POST", "/v1/uploads", VERSION | {"Upload-Length": str(length), "Upload-Metadata": metadata}, body=b"", of=of)
        assert status == 201, body
        return headers["location"]

    def offset(self, place):
        status, headers, _ = self.ask("HEAD", place, VERSION)
        assert status == 200 and headers["cache-control"] == "no-store"
        return int(headers["upload-offset"])

    def broken_patch(self, place, offset, content, count):
        """Announces all the rest, sends a part of it, and leaves as a crashed client does."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as line:
            head = f"PATCH {place} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.keys['acme']}\r\n"
            for name, value in (CHUNK | {"Upload-Offset": offset, "Content-Length": len(content) - offset}).items():
                head += f"{name}: {value}\r\n"
            line.sendall(head.encode() + b"\r\n" + content[offset:offset + count])
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def free_offset(self, place):
        """Where the upload stands once the request before is over."""
        end = time.monotonic() + 20
        while True:
            status, _, _ = self.ask("PATCH", place, CHUNK | {"Upload-Offset": "999999999"}, body=b"")
            if status != 423:
                assert status == 409
                return self.offset(place)
            assert time.monotonic() < end, "the upload stays locked"
            time.sleep(0.02)


@pytest.fixture
def library(ridley, tmp_path):
    found = Library(ridley, str(tmp_path))
    yield found
    if found.process.poll() is None:
        assert found.stop() == 0, found.told()


def coded(text):
    return base64.b64encode(text.encode()).decode()


def test_the_public_client_uploads_in_pieces_with_checksums(library, film):
    uploader = library.uploader(film, {"brand": "Aurora", "tags": "spring,night"}, chunk_size=1_000_000, upload_checksum=True)
    uploader.upload()
    status, headers, _ = library.ask("HEAD", uploader.url.removeprefix(f"http://{library.address}"), VERSION)
    assert status == 200 and headers["upload-offset"] == headers["upload-length"] == str(len(film))
    asset = json.loads(library.ask("GET", f"/v1/assets/{headers['asset-id']}")[2])
    assert asset["object"] == hashlib.sha256(film).hexdigest() and asset["bytes"] == len(film)
    assert (asset["client"], asset["brand"], asset["tags"], asset["name"]) == ("acme", "Aurora", ["spring", "night"], "film.mp4")
    assert library.content(headers["asset-id"]) == film


def test_the_public_client_goes_on_where_it_stopped_after_a_kill(ridley, tmp_path, film):
    library = Library(ridley, str(tmp_path))
    uploader = library.uploader(film, chunk_size=1_000_000)
    uploader.upload(stop_at=5_000_000)
    place = uploader.url.removeprefix(f"http://{library.address}")
    library.broken_patch(place, 5_000_000, film, 2_500_000)
    library.process.send_signal(signal.SIGKILL)
    library.process.wait()
    again = Library(ridley, str(tmp_path))
    assert 5_000_000 <= again.offset(place) <= 7_500_000
    client = tus.TusClient(f"http://{again.address}/v1/uploads", headers={"Authorization": f"Bearer {again.keys['acme']}"})
    client.uploader(file_stream=io.BytesIO(film), url=f"http://{again.address}{place}").upload()
    _, headers, _ = again.ask("HEAD", place, VERSION)
    assert again.content(headers["asset-id"]) == film
    assert again.stop() == 0


def test_broken_connections_keep_what_came(library, film):
    place, offset, dice = library.begin(len(film)), 0, random.Random(6)
    # On a busy machine a connection may be gone before the server has read from it.
    for attempt in range(40):
        if attempt >= 5 and offset > 0:
            break
        library.broken_patch(place, offset, film, dice.randrange(1, 2_000_000))
        found = library.free_offset(place)
        assert found >= offset
        offset = found
    assert offset > 0
    status, headers, _ = library.ask("PATCH", place, CHUNK | {"Upload-Offset": str(offset)}, body=film[offset:])
    assert status == 204 and library.content(headers["asset-id"]) == film


def test_two_requests_at_one_upload(library, film):
    place = library.begin(len(film))
    head = f"PATCH {place} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {library.keys['acme']}\r\nContent-Length: 100\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in (CHUNK | {"Upload-Offset": 0}).items())
    for seconds in (0.2, 1, 5):
        with socket.create_connection(("127.0.0.1", library.port), timeout=30) as line:
            line.sendall(head.encode() + b"\r\n" + film[:50])
            time.sleep(seconds)
            # Where the machine was too busy, it is this one that comes first.
            if library.ask("PATCH", place, CHUNK | {"Upload-Offset": "0"}, body=b"")[0] != 423:
                continue
            assert library.ask("DELETE", place, VERSION)[0] == 423
            line.sendall(film[50:100])
            assert line.recv(100).startswith(b"HTTP/1.1 204")
            break
    assert library.offset(place) == 100


def test_what_is_refused_leaves_nothing(library, film):
    before = library.left()
    wrong = "0" * 64
    place = library.begin(len(film), f"sha256 {coded(wrong)}")
    status, _, body = library.ask("PATCH", place, CHUNK | {"Upload-Offset": "0"}, body=film)
    assert status == 460 and hashlib.sha256(film).hexdigest() in body.decode()
    assert library.ask("HEAD", place, VERSION)[0] == 404
    text = b"this is no film at all\n" * 1000
    with pytest.raises(TusUploadFailed):
        library.uploader(text, chunk_size=4000).upload()
    for headers in ({}, {"Content-Digest": f"sha-256=:{base64.b64encode(hashlib.sha256(text).digest()).decode()}:"}):
        status, _, body = library.ask("PUT", "/v1/files/film.mp4", headers, body=text)
        assert status in (400, 422) and len(json.loads(body)["error"]["message"]) > 10
    status, _, body = library.ask("PUT", "/v1/files/film.mp4", {"Content-Digest": f"sha-256=:{coded('x' * 32)}:"}, body=film)
    assert status == 400 and b"SHA-256" in body
    assert library.ask("POST", "/v1/uploads", VERSION | {"Upload-Length": "0"}, body=b"")[0] in (400, 422), "an empty film"
    assert library.left() == before


def test_a_wrong_checksum_keeps_what_was_there(library, film):
    place = library.begin(len(film))
    assert library.ask("PATCH", place, CHUNK | {"Upload-Offset": "0"}, body=film[:1000])[0] == 204
    bad = {"Upload-Offset": "1000", "Upload-Checksum": f"sha1 {base64.b64encode(bytes(20)).decode()}"}
    assert library.ask("PATCH", place, CHUNK | bad, body=film[1000:])[0] == 460
    assert library.offset(place) == 1000


def test_limits_count_uploads_together_and_are_asked_first(library, film):
    library.limit("acme", f"{2 * len(film)}B")
    places = [library.begin(len(film)) for _ in range(2)]
    status, _, body = library.ask("POST", "/v1/uploads", VERSION | {"Upload-Length": "1"}, body=b"")
    assert status == 507 and b"client" in body
    with socket.create_connection(("127.0.0.1", library.port), timeout=30) as line:
        head = f"PUT /v1/files/a.mp4 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {library.keys['acme']}\r\n"
        line.sendall(f"{head}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n".encode())
        assert line.recv(100).startswith(b"HTTP/1.1 507"), "before the first byte"
    assert library.ask("POST", "/v1/uploads", VERSION | {"Upload-Length": "1"}, body=b"", of="bolt")[0] == 201
    assert library.ask("DELETE", places[0], VERSION)[0] == 204
    with pytest.raises((TusUploadFailed, TusCommunicationError)):
        library.uploader(film + b"0").upload()
    assert library.ask("PATCH", places[1], CHUNK | {"Upload-Offset": "0"}, body=film)[0] == 204
    # Chunked, its length is not known: exactly what is left fits.
    assert library.ask("PUT", "/v1/files/b.mp4", body=(film[i:i + 70_000] for i in range(0, len(film), 70_000)))[0] == 201
    status, _, _ = library.ask("PUT", "/v1/files/c.mp4", body=iter([film]))
    assert status == 507


@pytest.mark.parametrize("name,asked,status", [
    ("ein Film.mp4", "ein%20Film.mp4", 201), ("🎬.mp4", "%F0%9F%8E%AC.mp4", 201), ("100%.mp4", "100%25.mp4", 201),
    ("a%2Fb", "a%252Fb", 201), ("ä" * 127, "%C3%A4" * 127, 201), (None, "a" * 300, 400), (None, "..", 400), (None, "%2e%2E", 400),
    (None, ".", 400), (None, "a%2Fb.mp4", 404), (None, "..%2F..%2Fetc", 404), (None, "a%00b", 404), (None, "a%0Ab", 404),
    (None, "%FF", 404)])
def test_names_of_files(library, film, name, asked, status):
    found, _, body = library.ask("PUT", f"/v1/files/{asked}", body=film)
    assert found == status, body
    if name:
        assert json.loads(body)["name"] == name
    assert len(json.loads(library.ask("GET", "/v1/assets")[2])["assets"]) == (1 if name else 0)


def test_foreign_uploads_are_as_missing_ones(library, film):
    place, missing = library.begin(10), "/v1/uploads/01ARZ3NDEKTSV4RRFFQ69G5FAV"
    for method, headers in (("HEAD", VERSION), ("PATCH", CHUNK | {"Upload-Offset": "0"}), ("DELETE", VERSION)):
        answers = [library.ask(method, path, headers, body=b"", of="bolt") for path in (place, missing)]
        assert [answer[0] for answer in answers] == [404, 404]
        assert answers[0][1].keys() == answers[1][1].keys()
    assert library.offset(place) == 0
