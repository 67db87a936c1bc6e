#!/usr/bin/env python3
"""`cinescribe scenes` beside PySceneDetect 0.7.2 and bare decoding.

    bench/peers/scenes_pyscenedetect.py CLIP --cinescribe build/release/bin/cinescribe [--rounds 7] [--seconds 60]

The clip is repeated without re-encoding until it lasts --seconds. Contestants: `ffmpeg -f null` with one thread and with
--threads, `cinescribe scenes` likewise, PySceneDetect (its OpenCV backend, default threads). The cuts of the two
detectors must be the same, else the exit code is 1.
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import alternate

PACKAGES = ["scenedetect==0.7.2", "opencv-python-headless==5.0.0.93"]
PEER = """
import json, sys
from scenedetect import ContentDetector, SceneManager, open_video
video = open_video(sys.argv[1], backend="opencv")
manager = SceneManager()
manager.add_detector(ContentDetector())
manager.detect_scenes(video)
print(json.dumps([scene[0].frame_num for scene in manager.get_scene_list()][1:]))
"""


def lengthened(clip, seconds, folder):
    shown = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(clip)],
                           capture_output=True, text=True, check=True).stdout
    repeats = max(0, round(seconds / float(shown)) - 1)
    out = Path(folder) / ("clip" + clip.suffix)
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-stream_loop", str(repeats), "-i", str(clip), "-map", "0:v:0",
                    "-c", "copy", str(out)], check=True)
    return str(out)


def main():
    parser = alternate.arguments(__doc__, rounds=7)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--cinescribe", required=True)
    parser.add_argument("--seconds", type=float, default=60.0)
    args = parser.parse_args()
    python = alternate.environment_of("pyscenedetect", PACKAGES, args.cache)
    many = f"{args.threads} threads"
    with tempfile.TemporaryDirectory() as folder:
        clip = lengthened(args.clip, args.seconds, folder)

        def decode(threads):
            return lambda: alternate.run_command(["ffmpeg", "-v", "error", "-nostdin", "-threads", threads, "-i", clip,
                                                  "-map", "0:v:0", "-f", "null", "-"])

        def ours(threads):
            return lambda: alternate.run_command([args.cinescribe, "scenes", clip, "--json", "--quiet", "--threads", threads],
                                                 lambda text: json.loads(text)["cuts"])

        runs = alternate.alternate({
            "decoding, 1 thread": decode(1),
            "cinescribe, 1 thread": ours(1),
            f"decoding, {many}": decode(args.threads),
            f"cinescribe, {many}": ours(args.threads),
            "PySceneDetect": lambda: alternate.run_command([python, "-c", PEER, clip], json.loads),
        }, args.rounds)
    alternate.print_machine(args.rounds)
    alternate.print_times(runs)
    alternate.print_ratios(runs, [("than PySceneDetect", "PySceneDetect", f"cinescribe, {many}"),
                                  ("than decoding alone", f"decoding, {many}", f"cinescribe, {many}"),
                                  ("than decoding alone, 1 thread", "decoding, 1 thread", "cinescribe, 1 thread")])
    cuts = {name: runs[name][-1].answer for name in ("cinescribe, 1 thread", f"cinescribe, {many}", "PySceneDetect")}
    same = len({tuple(found) for found in cuts.values()}) == 1
    print(f"  cuts: {'the same' if same else 'DIFFERENT'} ({len(cuts['PySceneDetect'])})")
    alternate.write_json(args.json, {"runs": runs})
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
