#!/usr/bin/python3
"""A real RTSP server (gst-rtsp-server) whose cameras play films, each viewer from the beginning.

Usage: cameras.py PORT [--account USER:PASSWORD] [--tls CERTIFICATE KEY] [--only tcp|udp] NAME=FILM... The name ends in the codec: wide-h264, small-hevc, old-mjpeg. It serves over TCP and UDP on
127.0.0.1, and prints 'ready' once it does.
"""
import argparse
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer

PAYLOADERS = {
    "h264": "h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1",
    "hevc": "h265parse ! rtph265pay name=pay0 pt=96 config-interval=-1",
    "mjpeg": "jpegparse ! rtpjpegpay name=pay0 pt=26",
}


def factory(film, codec):
    made = GstRtspServer.RTSPMediaFactory()
    made.set_launch(f'( filesrc location="{film}" ! matroskademux ! {PAYLOADERS[codec]} )')
    made.set_latency(0)
    return made


def secure(server, certificate, key):
    auth = GstRtspServer.RTSPAuth()
    auth.set_tls_certificate(Gio.TlsCertificate.new_from_files(certificate, key))
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.set_default_token(token)
    server.set_auth(auth)


def protect(server, account):
    """Digest authentication for all of it."""
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtspServer.RTSPAuth.get_supported_methods(auth))
    auth.set_supported_methods(2)  # GST_RTSP_AUTH_DIGEST
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    user, password = account.split(":")
    auth.add_digest(user, password, token)
    server.set_auth(auth)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("port", type=int)
    parser.add_argument("--account")
    parser.add_argument("--tls", nargs=2)
    parser.add_argument("--only", choices=["tcp", "udp"])
    parser.add_argument("cameras", nargs="+")
    asked = parser.parse_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(asked.port))
    server.get_thread_pool().set_max_threads(8)
    if asked.account:
        protect(server, asked.account)
    if asked.tls:
        secure(server, *asked.tls)
    for camera in asked.cameras:
        name, film = camera.split("=", 1)
        made = factory(film, name.split("-")[-1])
        if asked.only:
            made.set_protocols(GstRtsp.RTSPLowerTrans.TCP if asked.only == "tcp" else GstRtsp.RTSPLowerTrans.UDP)
        if asked.account or asked.tls:
            made.add_role_from_structure(Gst.Structure.new_from_string("viewer, media.factory.access=true, media.factory.construct=true"))
        server.get_mount_points().add_factory("/" + name, made)
    if not server.attach(None):
        sys.exit(f"cameras: port {asked.port} is taken")
    print("ready", flush=True)
    GLib.MainLoop().run()


main()
