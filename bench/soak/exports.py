#!/usr/bin/env python3
"""Writes every export of one video's results and prints the highest resident memory, the time and the size of each.

    exports.py PROGRAM RESULTS [--most MEGABYTES] [--narrator OUTPUT_FOLDER]

With --narrator the scenes are described by the narrator too (what every captioner's run does around the model). Ends with 1
where anything took more memory than --most.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FORMATS = ["srt", "vtt", "txt", "csv", "edl", "otio", "fcpxml", "mot", "coco", "chapters", "md", "html"]


def measured(command):
    began = time.monotonic()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    words = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command} ended with {process.returncode}:\n{words}")
    return usage.ru_maxrss / 1024, time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("results", type=Path)
    parser.add_argument("--most", type=float, default=0.0)
    parser.add_argument("--narrator", type=Path)
    options = parser.parse_args()
    highest = 0.0
    print("what        peak MB   seconds  output MB")
    with tempfile.TemporaryDirectory() as folder:
        for name in FORMATS:
            target = Path(folder) / f"out.{name}"
            peak, seconds = measured([options.program, "export", str(options.results), "-f", name, "-o", str(target)])
            print(f"{name:10s} {peak:8.1f} {seconds:9.1f} {target.stat().st_size / 1e6:10.1f}", flush=True)
            highest = max(highest, peak)
            target.unlink()
        if options.narrator:
            command = [options.program, "caption-scenes", str(options.results), "--captioner", "narrator", "-o", str(options.narrator)]
            peak, seconds = measured([*command, "--progress", "none"])
            print(f"narrator   {peak:8.1f} {seconds:9.1f}", flush=True)
            highest = max(highest, peak)
    if options.most and highest > options.most:
        sys.exit(f"{highest:.1f} MB is more than {options.most:.1f} MB")


if __name__ == "__main__":
    main()
