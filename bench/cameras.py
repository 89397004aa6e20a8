#!/usr/bin/python3
"""Cameras for bench/live: a real RTSP server that sends the pictures of a film at a steady pace, and writes down when.

Usage: cameras.py PORT FILM TIMES FIRST COUNT FPS. FILM is H.264 (.h264) or HEVC (.h265) with a delimiter before each picture. Each camera plays it from
another place, again and again, out of step with the others. TIMES is a mapped file of doubles: of each camera the moment (CLOCK_MONOTONIC) at which each
picture of the film, by its number, was sent last. Prints 'ready' once it serves /FIRST and so on at 127.0.0.1.
"""
import mmap
import os
import re
import struct
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer

KEPT, MOST = 4096, 16
CODECS = {
    ".h264": ("video/x-h264", "h264parse ! rtph264pay", rb"\x00\x00\x00\x01\x09"), ".h265": ("video/x-h265", "h265parse ! rtph265pay", rb"\x00\x00\x00\x01\x46")}


class Camera:
    def __init__(self, number, pictures, codec, fps, times, server):
        self.number, self.pictures, self.fps, self.times, self.source = number, pictures, fps, times, None
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_shared(True)
        factory.set_latency(0)
        factory.set_launch(
            f"( appsrc name=source is-live=true do-timestamp=true format=time max-bytes=4000000 caps={codec[0]},stream-format=byte-stream,alignment=au "
            f"! {codec[1]} name=pay0 pt=96 config-interval=-1 )")
        factory.connect("media-configure", self.begin)
        server.get_mount_points().add_factory(f"/{number}", factory)
        threading.Thread(target=self.send, daemon=True).start()

    def begin(self, _, media):
        self.source = media.get_element().get_by_name_recurse_up("source")
        media.connect("unprepared", lambda _: setattr(self, "source", None))

    def send(self):
        # Counted from the machine's start, so that a camera that was killed goes on where the others are.
        phase = self.number / self.fps / 8
        count = int((time.monotonic() - phase) * self.fps) + 1
        while True:
            time.sleep(max(0, phase + count / self.fps - time.monotonic()))
            number = (count + self.number * 350) % len(self.pictures)
            if self.source is not None:
                struct.pack_into("d", self.times, (self.number * KEPT + number) * 8, time.monotonic())
                self.source.emit("push-buffer", Gst.Buffer.new_wrapped(self.pictures[number]))
            count = max(count + 1, int((time.monotonic() - phase - 1) * self.fps))


def main():
    port, film, times, first, count, fps = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]), float(sys.argv[6])
    Gst.init(None)
    data, codec = open(film, "rb").read(), CODECS[os.path.splitext(film)[1]]
    places = [found.start() for found in re.finditer(codec[2], data)] + [len(data)]
    pictures = [data[a:b] for a, b in zip(places, places[1:])]
    file = os.open(times, os.O_RDWR | os.O_CREAT, 0o644)
    os.ftruncate(file, MOST * KEPT * 8)
    server = GstRtspServer.RTSPServer()
    server.get_thread_pool().set_max_threads(16)
    server.set_address("127.0.0.1")
    server.set_service(port)
    mapped = mmap.mmap(file, MOST * KEPT * 8)
    cameras = [Camera(number, pictures, codec, fps, mapped, server) for number in range(first, first + count)]
    if not server.attach(None):
        sys.exit(f"cameras: port {port} is taken")
    print("ready", len(cameras), flush=True)
    GLib.MainLoop().run()


main()
