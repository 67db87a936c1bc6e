#!/usr/bin/env python3
"""Writes tests/data/image/resize_opencv.json: check sums of OpenCV's 8-bit INTER_LINEAR and INTER_AREA.

    pip install opencv-python-headless==5.0.0.93 && python3 make_resize_opencv.py OUT.json

Pictures are x = x * 1664525 + 1013904223 (mod 2^32) from the seed, byte = x >> 24; the sum is 64-bit FNV-1a.
"""
import json
import random
import sys

import cv2
import numpy as np


def picture(width, height, channels, seed):
    values = np.empty(width * height * channels, np.uint8)
    x = seed
    for i in range(values.size):
        x = (x * 1664525 + 1013904223) & 0xFFFFFFFF
        values[i] = x >> 24
    return values.reshape(height, width, channels)


def fnv1a(data):
    h = 0xCBF29CE484222325
    for byte in data:
        h = ((h ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{h:016x}"


random.seed(7)
sizes = [(320, 180, 256, 144), (427, 240, 256, 144), (128, 72, 64, 36), (256, 144, 16, 16), (256, 144, 32, 32),
         (154, 256, 16, 16), (7, 5, 3, 2), (16, 16, 32, 32), (10, 100, 20, 10), (100, 10, 10, 20), (1, 1, 5, 5)]
sizes += [tuple(random.randint(1, 120) for _ in range(4)) for _ in range(30)]
cases = []
for i, (sw, sh, dw, dh) in enumerate(sizes):
    for channels in (1, 3):
        for method, flag in (("linear", cv2.INTER_LINEAR), ("area", cv2.INTER_AREA)):
            out = cv2.resize(picture(sw, sh, channels, i + 1), (dw, dh), interpolation=flag)
            cases.append({"source": [sw, sh], "target": [dw, dh], "channels": channels, "seed": i + 1, "method": method,
                          "fnv1a": fnv1a(out.tobytes())})
lines = ",\n".join(json.dumps(case) for case in cases)
with open(sys.argv[1], "w") as file:
    file.write('{"reference": "OpenCV %s", "cases": [\n%s\n]}\n' % (cv2.__version__, lines))
