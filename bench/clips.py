"""What the bench runs on: a clip that it renders, and real material where the folder of test data is there."""
import json
import os
import subprocess

import environment

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "..", "build", "bench")
PYTHON = os.path.join(FOLDER, "venv", "bin", "python")
# BT.601 said plainly: not every peer asks what an HD clip means.
COLOR = [word for key in ("colorspace", "color_primaries", "color_trc") for word in ("-" + key, "smpte170m")]
ENCODER = ["-c:v", "libx264", "-preset", "medium", "-b:v", "4M", "-maxrate", "6M", "-bufsize", "8M", "-g", "50",
           "-keyint_min", "50", "-sc_threshold", "0", "-bf", "2", "-color_range", "tv"] + COLOR
# A camera that wanders over a fine-grained picture in changing light, two things that move by themselves, and sensor noise.
SCENE = (
    "mandelbrot=size=2560x1440:rate=25:start_scale=0.6:end_scale=0.02:end_pts=100,trim=end_frame=1,loop=-1:1,setpts=N/25/TB,"
    "hue=h='40*t':b='0.8*sin(0.7*t)',crop=1920:1080:'320+300*sin(t*0.5)':'180+170*cos(t*0.37)'[far];"
    "testsrc2=size=480x360:rate=25[one];testsrc2=size=320x320:rate=25,hue=h=120[two];"
    "[far][one]overlay='700+600*sin(t*0.9)':'350+300*cos(t*1.1)'[nearer];"
    "[nearer][two]overlay='800+700*cos(t*0.6)':'380+350*sin(t*0.8)',noise=alls=6:allf=t,format=yuv420p[out]")


def make_environment(name="venv", lists=("requirements.txt",)):
    """A Python of the bench's folder with the pinned versions of some lists, which name all that they need; made anew when a list changes."""
    environment.made(os.path.join(FOLDER, name), *[os.path.join(HERE, one) for one in lists], no_deps=True)


def made(name, *command):
    """A file of the bench's folder; `command` makes it under another name first, so that half a file is never used."""
    path = os.path.join(FOLDER, name)
    if not os.path.exists(path):
        os.makedirs(FOLDER, exist_ok=True)
        unfinished = os.path.join(FOLDER, "unfinished." + name.replace("/", "."))
        subprocess.run([*command, unfinished], check=True)
        os.replace(unfinished, path)
    return path


def ffmpeg(name, *words):
    return made(name, "ffmpeg", "-v", "error", "-nostdin", "-y", *words)


def rendered(seconds):
    """1080p25 H.264 with B-frames, GOP 50, 4 Mbit/s."""
    return ffmpeg(f"clip-{seconds}.mp4", "-filter_complex", SCENE, "-map", "[out]", "-t", str(seconds), *ENCODER)


def repeated(clip, seconds, length):
    """The same packets again and again, to `length` seconds."""
    times = -(-length // seconds) - 1
    return ffmpeg(f"repeated-{length}.mp4", "-stream_loop", str(times), "-i", clip, "-c", "copy")


def picture(clip):
    return ffmpeg("picture.jpg", "-ss", "4", "-i", clip, "-frames:v", "1")


def network(kind, clip, python):
    """A network with random weights: `mobilenet-v2` or `resnet-50`."""
    frames = ffmpeg("frames.rgb", "-i", clip, "-vf", "fps=2,scale=320:320:flags=bilinear", "-frames:v", "48",
                    "-f", "rawvideo", "-pix_fmt", "rgb24")
    return made(kind + ".onnx", python, os.path.join(HERE, "make_network.py"), kind, frames)


def data_folder():
    """The folder of real models and clips, found as the tests find it; None without it."""
    beside = os.path.join(HERE, "..", "..", "shared", "data")
    folder = os.path.realpath(os.environ.get("RIDLEY_TEST_DATA", beside))
    return folder if os.path.exists(os.path.join(folder, "SOURCES.tsv")) else None


def frames(clip):
    """How many frames a clip has, and the number and time of the key frame nearest to its middle."""
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "packet=pts_time,flags", "-of", "json", clip],
        check=True, capture_output=True)
    packets = sorted(json.loads(told.stdout)["packets"], key=lambda packet: float(packet["pts_time"]))
    keys = [number for number, packet in enumerate(packets) if packet["flags"].startswith("K")]
    middle = min(keys, key=lambda number: abs(number - len(packets) / 2))
    return len(packets), middle, float(packets[middle]["pts_time"])
