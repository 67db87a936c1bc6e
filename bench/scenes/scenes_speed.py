#!/usr/bin/env python3
"""Speed of `cinescribe scenes` against bare decoding and against PySceneDetect, in alternation in one run.

    bench/scenes/scenes_speed.py --program build/release/bin/cinescribe CLIP [--rounds 7] [--seconds 60] [--threads 2]

The clip is repeated without re-encoding until it lasts --seconds. Each round runs every command once: `ffmpeg -f null`
with one thread and with --threads, `cinescribe scenes` likewise, and PySceneDetect (its OpenCV backend, default
threads). CPU time is user + system of the process (getrusage). Medians and ratios are printed; the cuts of the two
detectors must be the same, else the exit code is 1.

PySceneDetect is installed by pip into a virtual environment of its own (--venv).
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REFERENCE = ["scenedetect==0.7.2", "opencv-python-headless==5.0.0.93"]
REFERENCE_CODE = """
import json, sys
from scenedetect import ContentDetector, SceneManager, open_video
video = open_video(sys.argv[1], backend="opencv")
manager = SceneManager()
manager.add_detector(ContentDetector())
manager.detect_scenes(video)
print(json.dumps([scene[0].frame_num for scene in manager.get_scene_list()][1:]))
"""


def reference_python(venv):
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    have = subprocess.run([str(python), "-c", "import cv2, scenedetect"], capture_output=True).returncode == 0
    if not have:
        subprocess.run([str(python), "-m", "pip", "install", "-q", *REFERENCE], check=True)
    return str(python)


def lengthened(clip, seconds, folder):
    shown = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(clip)],
                           capture_output=True, text=True, check=True).stdout
    repeats = max(0, round(seconds / float(shown)) - 1)
    out = Path(folder) / ("clip" + clip.suffix)
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-stream_loop", str(repeats), "-i", str(clip), "-map", "0:v:0",
                    "-c", "copy", str(out)], check=True)
    return str(out)


def measured(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, wall, done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--venv", type=Path, default=Path.home() / ".cache" / "cinescribe-bench" / "scenes")
    parser.add_argument("--json", type=Path, help="write all times to this file")
    args = parser.parse_args()

    python = reference_python(args.venv)
    with tempfile.TemporaryDirectory() as folder:
        clip = lengthened(args.clip, args.seconds, folder)

        def decode(threads):
            return ["ffmpeg", "-v", "error", "-nostdin", "-threads", str(threads), "-i", clip, "-map", "0:v:0", "-f",
                    "null", "-"]

        def ours(threads):
            return [str(args.program), "scenes", clip, "--json", "--quiet", "--threads", str(threads)]

        commands = {
            "decode, 1 thread": decode(1),
            "cinescribe, 1 thread": ours(1),
            f"decode, {args.threads} threads": decode(args.threads),
            f"cinescribe, {args.threads} threads": ours(args.threads),
            "PySceneDetect": [python, "-c", REFERENCE_CODE, clip],
        }
        times = {name: [] for name in commands}
        cuts = {}
        for _ in range(args.rounds):
            for name, command in commands.items():
                cpu, wall, text = measured(command)
                times[name].append((cpu, wall))
                if "decode" not in name:
                    found = json.loads(text)
                    cuts[name] = found["cuts"] if isinstance(found, dict) else found

    print(f"{os.cpu_count()} cores, {args.rounds} rounds, {args.seconds:g} s of {args.clip.name}; medians")
    cpu, wall = {}, {}
    for name, runs in times.items():
        cpu[name] = statistics.median(run[0] for run in runs)
        wall[name] = statistics.median(run[1] for run in runs)
        print(f"  {name:22} CPU {cpu[name]:7.3f} s   wall {wall[name]:7.3f} s")
    many = f"cinescribe, {args.threads} threads"
    for label, value, goal in (
            ("CPU / decoding, 1 thread", cpu["cinescribe, 1 thread"] / cpu["decode, 1 thread"], 1.12),
            (f"CPU / decoding, {args.threads} threads", cpu[many] / cpu[f"decode, {args.threads} threads"], 1.12),
            ("CPU / PySceneDetect", cpu[many] / cpu["PySceneDetect"], 0.75),
            ("wall / PySceneDetect", wall[many] / wall["PySceneDetect"], 0.55)):
        print(f"  {label:26} {value:6.3f}   goal <= {goal}")
    same = len({tuple(found) for found in cuts.values()}) == 1
    print(f"  cuts: {'the same' if same else 'DIFFERENT'} ({len(cuts[many])})")
    if args.json:
        args.json.write_text(json.dumps({"times": times, "cuts": cuts}, indent=1))
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
