#!/usr/bin/env python3
"""Writes tests/data/image/resize_pillow.json: check sums of Pillow's 8-bit BILINEAR and BICUBIC.

    pip install pillow==13.0.0 && python3 make_resize_pillow.py OUT.json

Pillow 13 resizes vertically first where the height shrinks by more than twice what the width shrinks; the earlier order
is made by two calls, one per axis. Pictures and sums as in make_resize_opencv.py.
"""
import json
import random
import sys

import numpy as np
import PIL
from PIL import Image


def picture(width, height, channels, seed):
    values = np.empty(width * height * channels, np.uint8)
    x = seed
    for i in range(values.size):
        x = (x * 1664525 + 1013904223) & 0xFFFFFFFF
        values[i] = x >> 24
    return values.reshape((height, width, channels) if channels == 3 else (height, width))


def fnv1a(data):
    h = 0xCBF29CE484222325
    for byte in data:
        h = ((h ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{h:016x}"


random.seed(11)
sizes = [(320, 180, 336, 336), (180, 320, 336, 336), (240, 427, 84, 84), (1, 1, 7, 5), (5, 1, 3, 9), (2000, 3, 20, 30),
         (3, 2000, 30, 20), (64, 64, 64, 17), (64, 64, 17, 64)]
sizes += [tuple(random.randint(1, 150) for _ in range(4)) for _ in range(30)]
cases = []
for i, (sw, sh, dw, dh) in enumerate(sizes):
    for channels in (1, 3):
        source = Image.fromarray(picture(sw, sh, channels, i + 1))
        for filter_name, filter_id in (("bilinear", Image.BILINEAR), ("bicubic", Image.BICUBIC)):
            at_once = source.resize((dw, dh), filter_id)
            in_order = source.resize((dw, sh), filter_id).resize((dw, dh), filter_id)
            cases.append({"source": [sw, sh], "target": [dw, dh], "channels": channels, "seed": i + 1,
                          "filter": filter_name, "pillow13": fnv1a(at_once.tobytes()),
                          "horizontal_first": fnv1a(in_order.tobytes())})
lines = ",\n".join(json.dumps(case) for case in cases)
with open(sys.argv[1], "w") as file:
    file.write('{"reference": "Pillow %s", "cases": [\n%s\n]}\n' % (PIL.__version__, lines))
