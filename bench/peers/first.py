"""Process start to first prediction in Python: one picture, OpenCV to read it, OpenVINO with its cache."""
import sys

import cv2
import network

picture, path, cache = sys.argv[1:]
kind = network.Classify()
compiled = network.compile(path, kind, cache, PERFORMANCE_HINT="LATENCY")
pixels = cv2.cvtColor(cv2.resize(cv2.imread(picture), (kind.side, kind.side)), cv2.COLOR_BGR2RGB)
print(kind.answer(compiled(pixels[None])[0]), flush=True)
