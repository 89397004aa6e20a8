"""ffmpeg decodes, scales and writes raw pictures to a pipe, OpenVINO's asynchronous queue infers."""
import json
import subprocess

import network
import numpy as np


def frames(asked, kind):
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=width,height", "-of", "json", asked.clip],
        check=True, capture_output=True)
    stream = json.loads(told.stdout)["streams"][0]
    width, height = kind.fit(stream["width"], stream["height"])
    command = ["ffmpeg", "-v", "error", "-nostdin"] + (["-threads", "1"] if asked.single else [])
    command += ["-ss", str(asked.time)] if asked.first else []
    command += ["-i", asked.clip, "-frames:v", str(min(asked.count, 1 << 30)), "-an", "-vf", f"scale={width}:{height}:flags=bilinear", "-fps_mode", "passthrough"]
    command += ["-f", "rawvideo", "-pix_fmt", kind.color, "-"]
    size = width * height * 3
    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=4 * size) as ffmpeg:
        while len(data := ffmpeg.stdout.read(size)) == size:
            yield np.frombuffer(data, np.uint8).reshape(height, width, 3)
        ffmpeg.stdout.close()


network.main(frames)
