#!/usr/bin/env python3
"""Asks llama.cpp's own command-line tool for the ids that the stored pairs must give.

    python3 reference_ids.py TOOL FOLDER

TOOL is llama-mtmd-cli of the pinned tree, linked against the installed engines, with one change: generate_response
prints " %d" of every sampled token (the end token included) and no words. Writes FOLDER/*/case.json.
"""
import json
import pathlib
import subprocess
import sys

IMAGES = pathlib.Path("tests/data/parity/yolo/yolox_nano_frames/images")
CASES = [
    {"images": ["nasa_108.png"], "times": [], "prompt": "Describe this picture.", "new_tokens": 24},
    {"images": ["wide.png"], "times": [], "prompt": "What is the other thing in this picture?\nAnswer in one word.",
     "new_tokens": 24},
    {"images": ["page.png", "testvideo_300.png"], "times": [1.0, 63.25], "prompt": "What happens in this scene?",
     "new_tokens": 32},
]


def timecode(seconds):
    ms = round(seconds * 1000)
    return f"{ms // 3600000:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


def worded(case):
    """As captions/gguf_prompt.h says."""
    words = ""
    for i in range(len(case["images"])):
        if case["times"]:
            words += f"Frame {i + 1} of {len(case['images'])} at {timecode(case['times'][i])}:\n<__media__>\n"
        else:
            words += "<__media__>"
    return words + case["prompt"]


def main():
    tool, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    for pair in sorted(path for path in folder.iterdir() if (path / "mmproj.gguf").exists()):
        cases = []
        for case in CASES:
            images = ",".join(str(IMAGES / image) for image in case["images"])
            run = subprocess.run(
                [tool, "-m", pair / "language.gguf", "--mmproj", pair / "mmproj.gguf", "--image", images, "-p",
                 worded(case), "--temp", "0", "-n", str(case["new_tokens"]), "-t", "2", "--no-escape"],
                capture_output=True, text=True, check=True)
            ids = [int(word) for word in run.stdout.split()]
            cases.append(dict(case, ids=ids))
            print(pair.name, ids)
        (pair / "case.json").write_text(json.dumps({"image_folder": str(IMAGES), "cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()
