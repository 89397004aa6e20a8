"""A program in the place of a media process that does not keep to the protocol: see LiarTests.swift."""

import random
import socket
import struct
import sys
import time

kind = sys.argv[1]
channel = socket.socket(fileno=3)
READY, OPENED, FRAME, ENDED, RENDERED, FAILED, DOORS, LIVE, SOUND, HEARD = range(1, 11)


def number(value):
    return struct.pack("<q", value)


def real(value):
    return struct.pack("<d", value)


def text(value):
    return number(len(value)) + value


def size(width=8, height=8):
    return number(width) + number(height)


def info(coded=None, quarters=0, duration=1.0):
    ratio = number(1) + number(25)
    return (text(b"mov") + b"\1" + real(duration) + number(3) + number(1) + b"\0\0" + number(0) + text(b"h264")
            + text(b"High") + (coded or size()) + size() + ratio + number(quarters) + b"\0" + ratio + ratio + b"\0\0"
            + text(b"yuv420p") + number(8) + 4 * text(b"unknown") + text(b"bt601") + b"\0")


progress = number(1) + number(0) + number(0) + b"\0" + real(0)
frames = 0


def frame(width=8):
    global frames
    frames += 1
    return number(frames) + b"\0" + real(0.5) + b"\1\0" + size(width) + progress


def sound(rate=48_000):
    return b"\1" + text(b"mov") + text(b"aac") + number(rate) + number(2) + number(1) + number(0) + b"\1"


def heard(start=0, count=16_000):
    return number(start) + number(count) + 5 * number(0)


def say(what, body=b""):
    channel.send(bytes([what]) + body)


def hear():
    if not channel.recv(1 << 16):
        sys.exit()


hear()
if kind == "silence":
    time.sleep(60)
hello = b"\1" + number(4)
say(READY, hello)
dice = random.Random(kind)
while True:
    hear()
    if kind == "empty":
        channel.send(b"\2")
    elif kind == "long":
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        channel.send(bytes(100_000))
    elif kind == "garbage":
        channel.send(dice.randbytes(200))
    elif kind == "wrong-kind":
        say(RENDERED)
    elif kind == "short":
        say(OPENED, info()[:-5])
    elif kind == "trailing":
        say(OPENED, info() + b"x")
    elif kind == "huge-count":
        say(DOORS, number(1 << 62))
    elif kind == "huge-size":
        say(OPENED, info(coded=size(1 << 40, 1 << 40)))
    elif kind == "zero-size":
        say(OPENED, info(coded=size(0, -1)))
    elif kind == "nan":
        say(OPENED, info(duration=float("nan")))
    elif kind == "turned":
        say(OPENED, info(quarters=45))
    elif kind == "hello-twice":
        say(READY, hello)
    elif kind == "descriptors":
        say(OPENED, info())
        hear()
        socket.send_fds(channel, [bytes([FRAME]) + frame(1 << 30)], [0, 1, 2])
    elif kind.startswith("sound-"):
        say(SOUND, sound(-1 if kind == "sound-rate" else 48_000))
        hear()
        say(HEARD, heard(start=5) if kind == "sound-far" else heard(count=1 << 30) if kind == "sound-many" else heard() + b"x")
    elif kind == "quit":
        sys.exit(3)
    else:
        answers = [(OPENED, info()), (FRAME, frame()), (ENDED, progress), (RENDERED, b""),
                   (FAILED, text(b"bad-input") + text(b"no") + b"\0"), (DOORS, number(0)), (READY, hello),
                   (SOUND, sound()), (HEARD, heard())]
        for _ in range(dice.choice([1, 1, 1, 1, 2])):
            what, body = dice.choice(answers)
            body = bytearray(body)
            if body and dice.random() < 0.3:
                body[dice.randrange(len(body))] = dice.randrange(256)
            say(what, bytes(body))
