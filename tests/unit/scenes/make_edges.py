#!/usr/bin/env python3
"""Writes tests/data/scenes/edges.json: check sums of OpenCV's Canny and of Canny widened by dilation.

    pip install opencv-python-headless==5.0.0.93 && python3 make_edges.py OUT.json

Pictures are blocks and ramps with noise (see `picture`), so that edges of every direction appear; the sum is 64-bit FNV-1a.
"""
import json
import sys

import cv2
import numpy as np


def picture(width, height, seed):
    values = np.empty((height, width), np.uint8)
    x = seed
    for row in range(height):
        for column in range(width):
            x = (x * 1664525 + 1013904223) & 0xFFFFFFFF
            block = ((row // 7 + column // 9) * 53 + (row + 2 * column) // 5 * 17) % 200
            values[row, column] = block + (x >> 24) % (seed * 8)
    return values


def fnv1a(data):
    h = 0xCBF29CE484222325
    for byte in data:
        h = ((h ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{h:016x}"


cases = []
for width, height in ((256, 144), (154, 256), (64, 36), (17, 5), (3, 3), (1, 9), (240, 180)):
    for seed in (1, 2, 4, 6):
        luma = picture(width, height, seed)
        median = np.median(luma)
        low, high = int(max(0, (1 - 1 / 3) * median)), int(min(255, (1 + 1 / 3) * median))
        kernel = 4 + round((width * height) ** 0.5 / 192)
        kernel += kernel % 2 == 0
        edges = cv2.Canny(luma, low, high)
        wide = cv2.dilate(edges, np.ones((kernel, kernel), np.uint8))
        cases.append({"size": [width, height], "seed": seed, "median": float(median), "low": low, "high": high,
                      "kernel": kernel, "edge_pixels": int((edges > 0).sum()), "canny": fnv1a(edges.tobytes()),
                      "widened": fnv1a(wide.tobytes())})
lines = ",\n".join(json.dumps(case) for case in cases)
with open(sys.argv[1], "w") as file:
    file.write('{"reference": "OpenCV %s", "cases": [\n%s\n]}\n' % (cv2.__version__, lines))
