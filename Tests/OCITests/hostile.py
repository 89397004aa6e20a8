"""A container registry in memory that behaves as the first part of a repository's name says.

Prints its two ports: that of the registry, and that of another server, which keeps its blobs where it is told to lead there. Everything else is
what the distribution spec says; /log lists what was asked, one JSON object a line.
"""

import base64
import hashlib
import http.server
import json
import re
import sys
import threading
import urllib.parse
import uuid

blobs, manifests, uploads, seen, log = {}, {}, {}, {}, []
lock = threading.Lock()
LOGIN = "Basic " + base64.b64encode(b"ann:s3cr:et").decode()


def hexdigest(data):
    return hashlib.sha256(data).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *rest):
        pass

    def answer(self, status, body=b"", headers=(), length=None):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        try:
            if self.command != "HEAD":
                self.wfile.write(body)
        except OSError:
            pass

    def error(self, status, code, headers=()):
        body = json.dumps({"errors": [{"code": code, "message": "told by the test"}]}).encode()
        self.answer(status, body, headers)

    def here(self, port=None):
        return "http://127.0.0.1:%d" % (port or self.server.server_port)

    def handle_any(self):
        size = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(size)
        path, _, query = self.path.partition("?")
        self.query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        if path == "/log":
            return self.answer(200, "\n".join(log).encode())
        with lock:
            log.append(json.dumps({
                "server": "other" if self.server is other else "registry", "method": self.command, "path": self.path,
                "range": self.headers.get("Range"), "login": self.headers.get("Authorization"),
                "size": size,
            }))
        if path == "/token":
            return self.token()
        found = re.match(r"/v2/(.+)/(blobs/uploads/?|blobs|manifests)(?:/(.*))?$", path)
        if not found:
            return self.error(404, "UNSUPPORTED")
        self.name, self.kind, self.last = found[1], found[2].rstrip("/"), found[3] or ""
        self.mode = self.name.split("/")[0]
        if self.mode == "busy" and self.times("busy") <= 2:
            return self.error(429 if self.times("which") % 2 else 503, "TOOMANYREQUESTS", [("Retry-After", "0")])
        if self.mode == "later":
            return self.error(429, "TOOMANYREQUESTS", [("Retry-After", "4000")])
        if self.server is not other and not self.let_in():
            return None
        return {"blobs": self.blob, "manifests": self.manifest, "blobs/uploads": self.upload}[self.kind]()

    do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = handle_any

    def times(self, mark):
        with lock:
            key = (mark, self.command, self.path.split("?")[0])
            seen[key] = seen.get(key, 0) + 1
            return seen[key]

    def let_in(self):
        login, realm = self.headers.get("Authorization"), self.here() + "/token"
        if self.mode in ("basic", "away") and login != LOGIN:
            self.error(401, "UNAUTHORIZED", [("WWW-Authenticate", 'Basic realm="a, b=\\"c\\""')])
        elif self.mode == "token" and login != "Bearer t0ken":
            both = 'Basic realm="x", Bearer realm="%s",service="a service",scope="repository:%s:pull"' % (realm, self.name)
            self.error(401, "UNAUTHORIZED", [("WWW-Authenticate", both)])
        elif self.mode == "twice" and login != "Bearer t0ken":
            lines = [("WWW-Authenticate", "Negotiate"), ("Www-Authenticate", "bearer realm=%s" % realm)]
            self.error(401, "UNAUTHORIZED", lines)
        elif self.mode == "ages" and (login != "Bearer t0ken" or self.times("old") % 2 == 0):
            self.error(401, "UNAUTHORIZED", [("WWW-Authenticate", 'Bearer realm="%s"' % realm)])
        elif self.mode == "odd":
            self.error(401, "UNAUTHORIZED", [("WWW-Authenticate", "Negotiate")])
        elif self.mode == "thief" and login is None:
            self.error(401, "UNAUTHORIZED", [("WWW-Authenticate", 'Bearer realm="http://thief.example/token"')])
        elif self.mode == "inject" and login is None:
            self.error(401, "UNAUTHORIZED", [("WWW-Authenticate", 'Bearer realm="%s?evil=1"' % realm)])
        else:
            return True
        return False

    def token(self):
        if self.query.get("evil"):
            return self.answer(200, json.dumps({"token": "a\r\nX-Evil: 1"}).encode())
        if self.command == "POST":
            form = dict(urllib.parse.parse_qsl(self.body.decode()))
            isKnown = form.get("refresh_token") == "identity" and form.get("grant_type") == "refresh_token"
        else:
            isKnown = self.headers.get("Authorization") == LOGIN
        if not isKnown:
            return self.error(401, "DENIED")
        return self.answer(200, json.dumps({"access_token": "t0ken", "expires_in": 60}).encode())

    def blob(self):
        digest = self.last.removeprefix("sha256:")
        with lock:
            data = blobs.get((self.name, digest))
        if data is None:
            return self.error(404, "BLOB_UNKNOWN")
        if self.command == "HEAD":
            return self.answer(200, b"", length=len(data))
        if self.server is not other:
            if self.mode == "away":
                return self.answer(307, b"", [("Location", self.here(other.server_port) + self.path)])
            if self.mode == "loop":
                return self.answer(302, b"", [("Location", "?again")])
            if self.mode == "file":
                return self.answer(302, b"", [("Location", "file:///etc/hostname")])
        return self.give(data)

    def give(self, data):
        wanted, status, headers = self.headers.get("Range"), 200, []
        if wanted and self.mode not in ("whole",):
            start = int(wanted[6:].split("-")[0])
            if self.mode == "stale":
                return self.error(400, "EXPIRED")
            headers = [("Content-Range", "bytes %d-%d/%d" % (start, len(data) - 1, len(data)))]
            data, status = data[start:], 206
        if self.mode == "wrong":
            data = bytes(byte ^ 1 for byte in data)
        if self.mode == "long":
            return self.answer(status, data + b"and more", headers)
        if self.mode == "endless":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"1000\r\n" + bytes(0x1000) + b"\r\n")
            except OSError:
                return None
        if self.mode == "short":
            return self.answer(status, data[: len(data) // 2], headers)
        if self.mode in ("cut", "whole", "stale", "away") and self.times("cut") <= 2:
            self.answer(status, data[: (len(data) + 1) // 2], headers, len(data))
            self.close_connection = True
            return None
        return self.answer(status, data, headers)

    def upload(self):
        base = "/v2/%s/blobs/uploads/" % self.name
        if self.command == "POST":
            if self.query.get("mount"):
                digest = self.query["mount"].removeprefix("sha256:")
                with lock:
                    data = blobs.get((self.query.get("from"), digest))
                    if data is not None and self.mode != "stingy":
                        blobs[(self.name, digest)] = data
                        return self.answer(201, b"", [("Location", "/v2/%s/blobs/sha256:%s" % (self.name, digest))])
            number = uuid.uuid4().hex
            uploads[number] = b""
            return self.answer(202, b"", [("Location", self.place(base, number))])
        number = self.last
        if number not in uploads:
            return self.error(404, "BLOB_UPLOAD_UNKNOWN")
        if self.mode in ("relative", "up") and self.query.get("_state") != "a/b=":
            return self.error(400, "BLOB_UPLOAD_INVALID")
        if self.command == "PATCH":
            if len(self.body) > 300_000 and self.mode == "small":
                return self.error(413, "SIZE_INVALID")
            begin = int(self.headers["Content-Range"].split("-")[0])
            if begin != len(uploads[number]):
                return self.error(416, "BLOB_UPLOAD_INVALID")
            uploads[number] += self.body
            ending = [] if self.mode == "small" else [("Range", "0-%d" % (len(uploads[number]) - 1))]
            return self.answer(202, b"", [("Location", self.place(base, number))] + ending)
        if self.mode == "small" and len(self.body) > 300_000:
            return self.error(413, "SIZE_INVALID")
        if self.mode == "breaks" and len(self.body) > 300_000:
            self.close_connection = True
            return self.connection.close()
        data, digest = uploads.pop(number) + self.body, self.query.get("digest", "").removeprefix("sha256:")
        if hexdigest(data) != digest:
            return self.error(400, "DIGEST_INVALID")
        with lock:
            blobs[(self.name, digest)] = data
        said = [("Docker-Content-Digest", "sha256:" + ("0" * 64 if self.mode == "mixes" else digest))]
        return self.answer(201, b"", said)

    def place(self, base, number):
        if self.mode == "relative":
            return base + number + "?_state=a%2Fb%3D"
        if self.mode == "up":
            return "./" + number + "?_state=a%2Fb%3D"
        if self.mode == "away":
            return self.here(other.server_port) + base + number
        return self.here() + base + number

    def manifest(self):
        key = (self.name, self.last)
        if self.command == "PUT":
            if self.mode == "old":
                return self.error(400, "MANIFEST_INVALID")
            digest = "sha256:" + hexdigest(self.body)
            with lock:
                for name in (self.last, digest):
                    manifests[(self.name, name)] = (self.body, self.headers.get("Content-Type"))
            return self.answer(201, b"", [] if self.mode == "relative" else [("Docker-Content-Digest", digest)])
        if key not in manifests:
            return self.error(404, "MANIFEST_UNKNOWN")
        body, kind = manifests[key]
        if self.mode == "swap":
            body = body.replace(b"model.yaml", b"MODEL.yaml")
        headers = [("Content-Type", kind)] if kind else []
        if self.mode == "lie":
            headers.append(("Docker-Content-Digest", "sha256:" + "0" * 64))
        return self.answer(200, body, headers)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *rest):
        pass


registry, other = Server(("127.0.0.1", int(sys.argv[1])), Handler), Server(("127.0.0.1", int(sys.argv[2])), Handler)
threading.Thread(target=other.serve_forever, daemon=True).start()
print("ready", flush=True)
threading.Thread(target=registry.serve_forever, daemon=True).start()
sys.stdin.read()
