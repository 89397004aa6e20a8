#!/usr/bin/env python3
"""What a key that may write, and is no administrator's, gets of this machine and its neighbours through live sources: nothing.

Runs in a network of its own, in which this machine has addresses of the open network and a router for a neighbour, behind which another one lies:
'unshare -rn gate.py RIDLEY MODELS SCRATCH'. Prints a line for each thing that holds.
"""
import ctypes
import json
import queue
import socket
import subprocess
import threading
import time

import shutil
from pathlib import Path

from serve import MODELS, RIDLEY, SCRATCH, Server, check, wait

OPEN = "93.184.216.34"
OWN, NEIGHBOUR = ("198.35.26.96", "2a00:1450::96"), ("198.35.26.97", "2a00:1450::97")
# The ends of a line between two, and of a network of two.
LINE = ("198.35.30.96", "198.35.31.1", "198.35.32.0", "198.35.32.1")


def ip(*words):
    for word in words:
        subprocess.run(["ip", *word.split()], check=True)


class World:
    """Another network: what is made in its thread stays there."""

    def __init__(self):
        self.asks = queue.Queue()
        threading.Thread(target=self.run, daemon=True).start()
        self.id = self.do(threading.get_native_id)

    def run(self):
        libc = ctypes.CDLL(None, use_errno=True)
        assert libc.unshare(0x40000000) == 0, ctypes.get_errno()  # CLONE_NEWNET
        while True:
            call, answer = self.asks.get()
            answer.put(call())

    def do(self, call):
        answer = queue.Queue()
        self.asks.put((call, answer))
        return answer.get()


def networks():
    """The neighbour's world, with the address of the open network behind it."""
    world = World()
    ip("link set lo up", "link add name near type veth peer name far", f"link set far netns {world.id}")
    world.do(lambda: ip(
        "link set lo up", "link set far up", f"addr add {NEIGHBOUR[0]}/24 dev far", f"addr add {NEIGHBOUR[1]}/64 dev far nodad", f"addr add {OPEN}/32 dev lo"))
    ip("link set near up", f"addr add {OWN[0]}/24 dev near", f"addr add {OWN[1]}/64 dev near nodad", f"route add default via {NEIGHBOUR[0]}")
    ip("tuntap add mode tun name line", f"addr add {LINE[0]} peer {LINE[1]}/32 dev line", f"addr add {LINE[2]}/31 dev line", "link set line up")
    return world


class Canary:
    """A service of this machine, or of its neighbour: whoever connects was let through."""

    def __init__(self, make=None):
        self.visits = []
        self.listener = make() if make else socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            one, visitor = self.listener.accept()
            self.visits.append((visitor, one.getsockname()))
            one.close()


class Guide:
    """A server, which leads on to others."""

    def __init__(self, listener):
        self.answers, self.asked = {}, []
        self.listener = listener
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            one, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(one,), daemon=True).start()

    def serve(self, one):
        text = b""
        while part := one.recv(1 << 16):
            text += part
            while b"\r\n\r\n" in text:
                head, text = text.split(b"\r\n\r\n", 1)
                method, path = head.decode().split()[:2]
                number = "".join(f"{line}\r\n" for line in head.decode().split("\r\n") if line.lower().startswith("cseq"))
                name = path.split("/")[-1]
                self.asked.append(head.decode())
                status, headers, body = self.answers.get(name, (404, "", b""))
                if method == "OPTIONS":
                    status, headers, body = 200, "", b""
                word = "RTSP/1.0" if "RTSP" in head.decode().split("\r\n")[0] else "HTTP/1.1"
                one.sendall(f"{word} {status} x\r\n{number}{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body)


def reason(server, key, source, name="near"):
    told = server.ask("PUT", f"/v1/streams/{name}", {"source": source, "model": "line-inspector"}, key)
    assert told[0] in (200, 201), (source, told)
    view = wait(f"the reason of {source}", lambda: (lambda one: one if one.get("state") in ("failed", "waiting") else None)(server.ask("GET", f"/v1/streams/{name}", key=key)[1]), 30)
    server.ask("DELETE", f"/v1/streams/{name}", key=key)
    return view["reason"]


def main():
    world = networks()
    shutil.rmtree(SCRATCH, ignore_errors=True)
    (SCRATCH / "models").mkdir(parents=True)
    shutil.copytree(Path(MODELS) / "line-inspector", SCRATCH / "models/line-inspector")
    made = {}
    for client, scopes in (("acme", "read,write"), ("chief", "read,write,admin")):
        told = subprocess.run([RIDLEY, "key", "create", "--client", client, "--scope", scopes, "--keys", str(SCRATCH / "keys.json"), "--json"], check=True, capture_output=True, text=True)
        made[client] = json.loads(told.stdout)["key"]
    server = Server(f"keys: {SCRATCH}/keys.json\n")
    canary, away = Canary(), Guide(world.do(lambda: socket.create_server((OPEN, 0))))
    port, key = canary.port, made["acme"]
    beside = Canary(lambda: world.do(lambda: socket.create_server((NEIGHBOUR[0], port))))
    abroad = Canary(lambda: world.do(lambda: socket.create_server((OPEN, port))))
    here = ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "10.0.0.1", "169.254.169.254"]
    for scheme in ("rtsp", "rtspu", "rtsps", "rtmp", "rtmps", "http", "https"):
        for host in here if scheme in ("rtsp", "http", "rtsps") else here[:2]:
            word = reason(server, key, f"{scheme}://user:secret@{host}:{port}/x")
            assert "not asked from here" in word and "'private-sources: true'" in word and "secret" not in word, (scheme, host, word)
    for source in ("udp://:5004", "udp://@239.0.0.1:5004", "udp://127.0.0.1:5004"):
        assert "not received from here" in reason(server, key, source), source
    assert canary.visits == [], canary.visits
    check("names and numbers of this machine and of local networks are refused by every scheme, whatever they look like")
    around = [OWN[0], f"[{OWN[1]}]", NEIGHBOUR[0], f"[{NEIGHBOUR[1]}]", "[::ffff:198.35.26.97]", "[2002:c623:1a61::1]", *LINE]
    for scheme in ("rtsp", "rtmp", "http", "https"):
        for host in around:
            word = reason(server, key, f"{scheme}://{host}:{port}/x")
            assert "not asked from here" in word, (scheme, host, word)
    ip("addr add 198.35.40.1/24 dev near")
    time.sleep(1.2)
    assert "not asked from here" in reason(server, key, f"http://198.35.40.2:{port}/x")
    assert canary.visits == [] and beside.visits == [], (canary.visits, beside.visits)
    check("neither are its own addresses of the open network asked, nor those of its neighbours there")
    near, lists = f"http://localhost:{port}/inner", {}
    lists["home"] = (302, f"Location: http://{OWN[0]}:{port}/x\r\n", b"")
    lists["beside"] = (302, f"Location: http://{NEIGHBOUR[0]}:{port}/x\r\n", b"")
    lists["moved"] = (302, f"Location: {near}\r\n", b"")
    lists["far"] = (302, f"Location: http://{OPEN}:{away.port}/moved\r\n", b"")
    lists["file"] = (302, "Location: file:///etc/passwd\r\n", b"")
    head = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n"
    bodies = {
        "segment": f"{head}#EXTINF:1,\n{near}\n#EXT-X-ENDLIST\n", "variant": f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{near}\n",
        "key": f"{head}#EXT-X-KEY:METHOD=AES-128,URI=\"{near}\"\n#EXTINF:1,\na\n", "map": f"{head}#EXT-X-MAP:URI=\"{near}\"\n#EXTINF:1,\na\n",
        "hop": f"{head}#EXTINF:1,\nmoved\n#EXT-X-ENDLIST\n", "passwd": f"{head}#EXTINF:1,\nfile:///etc/passwd\n", "concat": f"{head}#EXTINF:1,\nconcat:{near}|{near}\n",
        "crypto": f"{head}#EXTINF:1,\ncrypto+{near}\n", "data": f"{head}#EXT-X-MAP:URI=\"data:text/plain,x\"\n#EXTINF:1,\na\n", "keyfile": f"{head}#EXT-X-KEY:METHOD=AES-128,URI=\"file:///etc/passwd\"\n#EXTINF:1,\na\n"}
    lists |= {name: (200, "", body.encode()) for name, body in bodies.items()}
    away.answers = lists
    for name in lists:
        word = reason(server, key, f"http://user:secret@{OPEN}:{away.port}/{name}")
        isFile = name in ("file", "passwd", "concat", "crypto", "data", "keyfile")
        assert ("is not opened" if isFile else "not asked from here") in word and "secret" not in word, (name, word)
    assert canary.visits == [], canary.visits
    check("redirects, variants, segments, keys and beginnings of a playlist lead to no address of this machine, and to no file")
    away.answers = {"x": (302, f"Location: rtsp://127.0.0.1:{port}/x\r\n", b""), "y": (302, f"Location: rtsp://{OPEN}:{port}/x\r\n", b"")}
    word = reason(server, key, f"rtsp://user:secret@{OPEN}:{away.port}/x")
    assert "not asked from here" in word and canary.visits == [], (word, canary.visits)
    reason(server, key, f"rtsp://user:secret@{OPEN}:{away.port}/y")
    assert abroad.visits and canary.visits == [], (abroad.visits, canary.visits)
    check("a camera that has moved to an address of this machine is not followed there")
    canary.visits.clear()
    inner = Guide(socket.create_server(("127.0.0.1", 0)))
    inside, outside = f"http://127.0.0.1:{inner.port}", f"http://{OPEN}:{away.port}"
    inner.answers = lists | {"start": (302, f"Location: {outside}/moved\r\n", b""), "around": (302, f"Location: {outside}/back\r\n", b"")}
    near_by = (f"rtsp://127.0.0.1:{port}/x", f"http://localhost:{port}/x", f"http://{NEIGHBOUR[0]}:{port}/x", f"{inside}/segment", f"{inside}/moved", f"{inside}/key")
    for count, source in enumerate(near_by):
        word = reason(server, made["chief"], source)
        assert "not asked from here" not in word and len(canary.visits) + len(beside.visits) > count, (source, word)
    check("an administrator's sources get there, and lead on from there")
    for visits in (canary.visits, beside.visits):
        visits.clear()
    away.answers = lists | {"back": (302, f"Location: {inside}/none\r\n", b""), "x": (302, f"Location: rtsp://127.0.0.1:{port}/x\r\n", b"")}
    inner.asked.clear()
    sources = [f"{outside}/{name}" for name in ("segment", "variant", "key", "map", "hop", "moved", "far", "home", "beside")]
    for source in (*sources, f"{inside}/start", f"rtsp://user:secret@{OPEN}:{away.port}/x"):
        word = reason(server, made["chief"], source)
        assert "not asked from here" in word and "whoever added it" in word and "secret" not in word, (source, word)
    assert canary.visits == [] and beside.visits == [], (canary.visits, beside.visits)
    # Where it began is asked again.
    word = reason(server, made["chief"], f"{inside}/around")
    assert "not asked from here" not in word and any("/none" in head for head in inner.asked), (word, inner.asked)
    check("what comes from the open network leads to nothing inside but where it began, whoever added it; passwords are told to nobody")
    assert "secret" not in "".join(line for line in server.told)
    server.end()


main()
