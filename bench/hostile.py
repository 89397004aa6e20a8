#!/usr/bin/env python3
"""Clients that mean no good, for bench/serve-checks: each kind in a process of its own, until it is ended.

Usage: bench/hostile.py KIND PORT MODEL KEY. Everything goes to this machine alone, at the lowest priority: what the server does for them
is measured, not what they do themselves. A kind counts what it did and what came back, and prints that as JSON when it is told to end
(SIGTERM).
"""
import collections
import contextlib
import json
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import png_file

HERE = os.path.abspath(__file__)
told = collections.Counter()


def png(width, height, row):
    """A picture of bytes RGB; `row(y)` gives a row's bytes."""
    return png_file.encoded(width, height, row)


def plain(width, height):
    row = bytes(3 * width)
    return png(width, height, lambda _: row)


def noise(width, height):
    return png(width, height, lambda _: random.randbytes(3 * width))


class Aim:
    """The server that is meant."""

    def __init__(self, port, model, key):
        self.port, self.model, self.key = port, model, key

    def head(self, path, length=0, method="POST", more=""):
        return (f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.key}\r\n"
                f"Content-Length: {length}\r\n{more}\r\n").encode()

    def connect(self, buffer=None):
        connection = socket.socket()
        if buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        connection.settimeout(30)
        connection.connect(("127.0.0.1", self.port))
        return connection

    def ask(self, sent):
        """One request on a connection of its own; counts the answer's status."""
        try:
            with self.connect() as connection:
                connection.sendall(sent)
                told[connection.recv(4096)[9:12].decode() or "closed"] += 1
        except OSError as error:
            told[type(error).__name__] += 1


def again(count, body):
    """So many threads that do this over and over."""
    def run():
        while True:
            with contextlib.suppress(OSError):
                body()
            time.sleep(0.001)

    for _ in range(count):
        threading.Thread(target=run, daemon=True).start()
    while True:
        time.sleep(1)


def pictures(aim):
    """64 million pixels at a time, eight at once."""
    large = plain(8000, 8000)
    sent = aim.head(f"/v1/models/{aim.model}/predict", len(large)) + large
    again(8, lambda: aim.ask(sent))


def bodies(aim):
    """Announces the largest body there may be and sends it as slowly as it may be sent."""
    slow = []
    while True:
        while len(slow) < 64:
            with contextlib.suppress(OSError):
                connection = aim.connect()
                connection.sendall(aim.head(f"/v2/models/{aim.model}/infer", 16 << 20))
                slow.append(connection)
        for connection in slow[:]:
            try:
                connection.sendall(bytes(5 << 10))
                told["bytes"] += 5 << 10
            except OSError:
                told["refused"] += 1
                slow.remove(connection)
        time.sleep(0.25)


def readers(aim):
    """Asks for answers of some megabytes and takes a few bytes of them now and then."""
    picture = noise(1200, 1200)
    sent = aim.head(f"/v1/models/{aim.model}/predict?draw=1", len(picture)) + picture
    slow = []
    while True:
        if len(slow) < 48:
            with contextlib.suppress(OSError):
                connection = aim.connect(4096)
                connection.sendall(sent)
                slow.append(connection)
        for connection in slow[:]:
            connection.setblocking(False)
            try:
                told["bytes"] += len(part := connection.recv(100))
                if not part:
                    raise ConnectionResetError
            except BlockingIOError:
                pass
            except OSError:
                told["cut off"] += 1
                slow.remove(connection)
        time.sleep(0.1)


def hogs(aim):
    """As many requests as come through, half of them of clients that hang up at once."""
    data = json.dumps({"inputs": [{"name": "image", "datatype": "UINT8", "shape": [1, 224, 224, 3], "parameters": {
        "binary_data_size": 150528}}]}).encode()
    sent = aim.head(f"/v2/models/{aim.model}/infer", len(data) + 150528,
                    more=f"Inference-Header-Content-Length: {len(data)}\r\n") + data + bytes(150528)

    def hang_up():
        with aim.connect() as connection:
            connection.sendall(sent)
            told["hung up"] += 1

    again(32, lambda: aim.ask(sent) if random.random() < 0.5 else hang_up())


def floods(aim):
    """Connections that say nothing, half a head, rubbish, or begin streams of HTTP/2 only to end them."""
    fields = [(":method", "GET"), (":scheme", "http"), (":path", "/healthz"), (":authority", "127.0.0.1")]
    block = b"".join(b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode() for name, value in fields)

    def frame(kind, flags, stream, payload):
        return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload

    resets = b"".join(frame(1, 5, 2 * n + 1, block) + frame(3, 0, 2 * n + 1, struct.pack(">I", 8)) for n in range(500))
    openings = [b"", b"GET / HTTP/1.1\r\nHost: a\r\nX: ", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"") + resets, None]
    kept = collections.deque()

    def open_one():
        connection = aim.connect()
        sent = random.choice(openings)
        connection.sendall(random.randbytes(300) if sent is None else sent)
        told["opened"] += 1
        kept.append(connection)
        if len(kept) > 800:
            kept.popleft().close()
        time.sleep(0.005)

    again(4, open_one)


def crashers(aim):
    """Pictures that are damaged in ever new ways."""
    whole = bytearray(noise(64, 64))

    def damaged():
        broken = bytearray(whole)
        for _ in range(20):
            broken[random.randrange(8, len(broken))] = random.randrange(256)
        aim.ask(aim.head(f"/v1/models/{aim.model}/predict", len(broken)) + broken)

    again(4, damaged)


KINDS = {kind.__name__: kind for kind in (pictures, bodies, readers, hogs, floods, crashers)}


class Started:
    """Clients of some kinds at work; as a context they do not outlive what they are measured for."""

    def __init__(self, kinds, port, model, key):
        self.processes = {
            kind: subprocess.Popen(
                [sys.executable, HERE, kind, str(port), model, key], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
            for kind in kinds}
        self.told = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for kind, process in self.processes.items():
            process.terminate()
            try:
                self.told[kind] = process.communicate(timeout=10)[0].decode().strip()
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()


def main():
    kind, port, model, key = sys.argv[1:]
    os.nice(19)

    def end(*_):
        print(json.dumps(told), flush=True)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    KINDS[kind](Aim(int(port), model, key))


if __name__ == "__main__":
    main()
