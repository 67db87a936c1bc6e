#!/usr/bin/env python3
"""Everything around an object detector: cinescribe beside the same ONNX network driven from Python (OpenCV, NumPy, ONNX
Runtime, ByteTrack of supervision 0.26.1).

    bench/peers/objects_python.py --program build/release/bench/objects/objects_speed --model YOLOX.onnx --video CLIP [--frames 48]
    bench/peers/objects_python.py --program build/release/bench/objects/objects_speed --detections DETECTIONS.json

Milliseconds of processor time per frame, which a busy machine does not distort: decoding, preparing, network, decoding of
boxes, tracking; with --detections ByteTrack alone.
"""
import json
import statistics
import sys
from pathlib import Path

import alternate

PACKAGES = ["numpy==2.2.6", "onnxruntime==1.23.2", "opencv-python-headless==4.12.0.88", "supervision==0.26.1"]


def main():
    parser = alternate.arguments(__doc__)
    parser.add_argument("--program", required=True, help="bench/objects/objects_speed, built with CINESCRIBE_BENCH")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--video", type=Path)
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--detections", type=Path)
    args = parser.parse_args()
    if args.detections:
        work = ["track", args.detections, 5]
    elif args.model and args.video:
        work = ["detect", args.model, args.video, args.frames]
    else:
        sys.exit("give --model and --video, or --detections")
    python = alternate.environment_of("objects-python", PACKAGES, args.cache)
    peer = [python, Path(__file__).with_name("objects_python_once.py")]
    runs = alternate.alternate({
        "cinescribe": lambda: alternate.run_command([args.program, *work], json.loads),
        "Python": lambda: alternate.run_command([*peer, *work], json.loads),
    }, args.rounds)
    alternate.print_machine(args.rounds)
    steps = [key for key in runs["cinescribe"][0].answer if key.endswith("_ms")]
    for step in steps:
        ours, theirs = (statistics.median(run.answer[step] for run in runs[name]) for name in ("cinescribe", "Python"))
        print(f"  {step:20} cinescribe {ours:9.4f}   Python {theirs:9.4f}   {theirs / max(ours, 1e-9):6.2f} times as fast")
    facts = {name: {key: value for key, value in list_[-1].answer.items() if not key.endswith("_ms")} for name, list_ in runs.items()}
    print(f"  found: {facts}")
    alternate.write_json(args.json, {"runs": runs})


if __name__ == "__main__":
    main()
