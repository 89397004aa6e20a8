#!/usr/bin/env python3
"""Cameras over UDP, over a line that loses a third, by TLS, and such as send to another address.

Usage: wires.py RIDLEY MODELS SCRATCH. Prints a line for each thing that holds.
"""
import random
import re
import shutil
import socket
import subprocess
import threading

from watch import H264, SCRATCH, Cameras, Watch, check, film, refused


class LossyLine:
    """Between a player and a camera: it loses a share of the packets of pictures by chance, and brings others out of their order."""

    def __init__(self, port, share=1 / 3):
        self.server, self.share, self.chance = port, share, random.Random(7)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.lost = self.passed = 0
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            player, _ = self.listener.accept()
            camera = socket.create_connection(("127.0.0.1", self.server))
            state = {"player": None, "camera": None, "sockets": [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]}
            for one in state["sockets"]:
                one.bind(("127.0.0.1", 0))
            ports = [one.getsockname()[1] for one in state["sockets"]]

            def ask(text):
                found = re.search(rb"client_port=(\d+)-(\d+)", text)
                if found:
                    state["player"] = [int(found[1]), int(found[2])]
                return re.sub(rb"client_port=\d+-\d+", b"client_port=%d-%d" % tuple(ports), text).replace(b":%d/" % self.port, b":%d/" % self.server)

            def answer(text):
                found = re.search(rb"server_port=(\d+)-(\d+)", text)
                if found:
                    state["camera"] = [int(found[1]), int(found[2])]
                    text = re.sub(rb"client_port=\d+-\d+", b"client_port=%d-%d" % tuple(state["player"]), text)
                return re.sub(rb"server_port=\d+-\d+", b"server_port=%d-%d" % tuple(ports), text)

            for source, target, change in ((player, camera, ask), (camera, player, answer)):
                threading.Thread(target=self.copy, args=(source, target, change), daemon=True).start()
            for number in range(2):
                threading.Thread(target=self.relay, args=(state, number), daemon=True).start()

    def copy(self, source, target, change):
        while True:
            try:
                text = source.recv(1 << 16)
            except OSError:
                text = b""
            if not text:
                target.close()
                return
            target.sendall(change(text))

    def relay(self, state, number):
        held, count = None, 0
        while True:
            packet, sender = state["sockets"][number].recvfrom(1 << 16)
            if state["camera"] and sender[1] == state["camera"][number]:
                count += 1
                if number == 0 and self.chance.random() < self.share:
                    self.lost += 1
                    continue
                self.passed += 1
                # One in ten comes behind the next one.
                if number == 0 and count % 10 == 1 and held is None:
                    held = packet
                    continue
                for one in (packet, held):
                    if one is not None:
                        state["sockets"][number].sendto(one, ("127.0.0.1", state["player"][number]))
                held = None
            elif state["camera"]:
                state["sockets"][number].sendto(packet, ("127.0.0.1", state["camera"][number]))


def datagrams(path):
    # Small pictures of a packet or two, some of which come whole where a third is lost.
    tiny = film("tiny", seconds=120, size="96x64", more=(*H264, "-b:v", "100k", "-g", "5"))
    cameras = Cameras({"a-h264": path, "tiny-h264": tiny})
    address = cameras.address("a-h264").replace("rtsp:", "rtspu:")
    watch = Watch(address)
    watch.goes_on("a-h264", 150)
    one = watch.end()[address]
    assert one["lost_packets"] == 0 and one["incomplete"] == 0 and one["connections"] == 1 and abs(one["clock_offset_ms"]) < 1000, one
    check("pictures come over UDP, with the reports of the camera's clock")
    line = LossyLine(cameras.port)
    lossy = f"rtspu://127.0.0.1:{line.port}/tiny-h264"
    watch = Watch(lossy)
    watch.goes_on("tiny-h264", 50)
    one = watch.end()[lossy]
    ages, times = [answer["age"] for answer in watch.answers], [answer["time"] for answer in watch.answers]
    assert one["lost_packets"] > line.passed / 4 and one["incomplete"] > 20 and one["drops"]["damaged"] >= one["incomplete"] / 2 and one["connections"] == 1 and one["gaps"] == [], one
    assert max(ages) <= 2000 and times == sorted(times), (max(ages), times)
    print(f"# a third lost: {one['lost_packets']} packets, {one['incomplete']} of {one['received']} pictures incomplete, ages {one['age_ms']}", flush=True)
    check("a line that loses a third of the packets costs parts of pictures, which are counted, and no connection; nothing old is told")
    # A stranger's packets do not count: the relay of a session takes those of its camera alone.
    cameras.kill()
    for only, scheme in (("udp", "rtsp"), ("tcp", "rtspu")):
        cameras = Cameras({"a-h264": path}, more=("--only", only))
        address = cameras.address("a-h264").replace("rtsp:", scheme + ":")
        watch = Watch(address)
        watch.goes_on("a-h264", 20)
        assert watch.end()[address]["connections"] == 1
        cameras.kill()
    check("a camera that does not send by the one transport is asked by the other")


def secured(path):
    (SCRATCH / "tls").mkdir()
    for name, host in (("right", "127.0.0.1"), ("wrong", "127.0.0.9")):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(SCRATCH / f"tls/{name}.key"), "-out", str(SCRATCH / f"tls/{name}.pem"),
             "-days", "2", "-subj", "/CN=camera", "-addext", f"subjectAltName=IP:{host}"], check=True, capture_output=True)
    certificate, key = (str(SCRATCH / f"tls/right.{end}") for end in ("pem", "key"))
    digest = subprocess.run(
        ["sh", "-c", f"openssl x509 -in {certificate} -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | openssl enc -base64"],
        check=True, capture_output=True, text=True).stdout.strip()
    cameras = Cameras({"a-h264": path}, more=("--tls", certificate, key))
    address = cameras.address("a-h264").replace("rtsp:", "rtsps:")
    for shown, environment in ((address, {"SSL_CERT_FILE": certificate}), (f"{address}#key=sha256//{digest}", {})):
        watch = Watch(shown, environment=environment)
        watch.goes_on("a-h264", 40)
        one = watch.end()[address]
        assert one["connections"] == 1 and one["lost_packets"] == 0, one
    check("a camera is watched by TLS, whose certificate an authority of ours made, or whose key stands behind its address")
    wrong = str(SCRATCH / "tls/wrong.pem")
    trials = [(address, {}, "SSL_CERT_FILE"), (f"{address}#key=sha256//{'A' * 43}=", {}, "another key"), (address.replace("rtsps", "rtsp"), {}, ""),
              (address, {"SSL_CERT_FILE": wrong}, "#key=sha256//")]
    for source, environment, word in trials:
        one = refused(source, word, environment)
        assert one["received"] == 0, (source, one)
    cameras.kill()
    plain = Cameras({"a-h264": path})
    refused(plain.address("a-h264").replace("rtsp:", "rtsps:"), "does it speak TLS")
    plain.kill()
    check("one that nobody vouches for, that shows another key, or speaks no TLS, is not watched, and what to do is said")


class Redirector:
    """A camera that answers DESCRIBE by another address."""

    def __init__(self, target):
        self.target, self.asked = target, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def address(self, account=""):
        return f"rtsp://{account}127.0.0.1:{self.port}/moved"

    def run(self):
        while True:
            player, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(player,), daemon=True).start()

    def serve(self, player):
        text = b""
        while part := player.recv(1 << 16):
            text += part
            while b"\r\n\r\n" in text:
                head, text = text.split(b"\r\n\r\n", 1)
                self.asked.append(head.decode())
                number = re.search(rb"CSeq: (\d+)", head)[1].decode()
                answer = f"RTSP/1.0 302 Moved\r\nLocation: {self.target(self)}\r\n" if head.startswith(b"DESCRIBE") else "RTSP/1.0 200 OK\r\n"
                player.sendall((answer + f"CSeq: {number}\r\n\r\n").encode())


def moved(path):
    cameras = Cameras({"a-h264": path}, account="user:secret")
    one = Redirector(lambda _: cameras.address("a-h264"))
    two = Redirector(lambda _: one.address())
    watch = Watch(two.address("user:secret@"))
    watch.goes_on("moved", 20)
    told = watch.end()[two.address()]
    assert told["state"] == "ended" or told["state"] == "live", told
    check("a camera that sends to another address is followed there, with its password where the host is the same")
    away = Redirector(lambda _: cameras.address("a-h264").replace("127.0.0.1", "localhost"))
    circle = Redirector(lambda me: me.address())
    strange = Redirector(lambda _: "http://127.0.0.1:1/x")
    for source, word in ((away.address("user:secret@"), "asks for a user"), (circle.address(), "more than 5 times"), (strange.address(), "no address of its kind")):
        one = refused(source, word)
        assert one["state"] in ("failed", "ended"), (source, one)
    cameras.kill()
    check("a password is told to no other host, a circle is left after five turns, and what is no camera is not followed")


def main():
    shutil.rmtree(SCRATCH, ignore_errors=True)
    SCRATCH.mkdir(parents=True)
    path = film("h264", seconds=120, more=H264)
    datagrams(path)
    secured(path)
    moved(path)


if __name__ == "__main__":
    main()
