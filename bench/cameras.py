#!/usr/bin/python3
"""Cameras for bench/live: a real RTSP server that sends the pictures of a film at a steady pace, and writes down when.

Usage: cameras.py PORT FILM.h264 TIMES COUNT FPS. FILM is H.264 with a delimiter before each picture. Each camera plays it from another place, again and
again, out of step with the others. TIMES is a mapped file of doubles: of each camera the moments (CLOCK_MONOTONIC) of its latest 1024 pictures. Prints
'ready' once it serves /0, /1 and so on at 127.0.0.1.
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

KEPT = 1024


class Camera:
    def __init__(self, number, pictures, fps, times, server):
        self.number, self.pictures, self.fps, self.times, self.source = number, pictures, fps, times, None
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_shared(True)
        factory.set_latency(0)
        factory.set_launch(
            "( appsrc name=source is-live=true do-timestamp=true format=time max-bytes=4000000 caps=video/x-h264,stream-format=byte-stream,alignment=au "
            "! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1 )")
        factory.connect("media-configure", self.begin)
        server.get_mount_points().add_factory(f"/{number}", factory)
        threading.Thread(target=self.send, daemon=True).start()

    def begin(self, _, media):
        self.source = media.get_element().get_by_name_recurse_up("source")
        media.connect("unprepared", lambda _: setattr(self, "source", None))

    def send(self):
        count, start = 0, time.monotonic() + self.number / self.fps / 8
        while True:
            time.sleep(max(0, start + count / self.fps - time.monotonic()))
            picture = self.pictures[(count + self.number * 350) % len(self.pictures)]
            if self.source is not None:
                struct.pack_into("d", self.times, (self.number * KEPT + count % KEPT) * 8, time.monotonic())
                self.source.emit("push-buffer", Gst.Buffer.new_wrapped(picture))
            count += 1


def main():
    port, film, times, count, fps = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5])
    Gst.init(None)
    data = open(film, "rb").read()
    places = [found.start() for found in re.finditer(rb"\x00\x00\x00\x01\x09", data)] + [len(data)]
    pictures = [data[a:b] for a, b in zip(places, places[1:])]
    file = os.open(times, os.O_RDWR | os.O_CREAT, 0o644)
    os.ftruncate(file, count * KEPT * 8)
    server = GstRtspServer.RTSPServer()
    server.get_thread_pool().set_max_threads(16)
    server.set_address("127.0.0.1")
    server.set_service(port)
    cameras = [Camera(number, pictures, fps, mmap.mmap(file, count * KEPT * 8), server) for number in range(count)]
    if not server.attach(None):
        sys.exit(f"cameras: port {port} is taken")
    print("ready", len(cameras), flush=True)
    GLib.MainLoop().run()


main()
