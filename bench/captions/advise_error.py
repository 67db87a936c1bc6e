#!/usr/bin/env python3
"""How far `cinescribe models advise` is off: its predictions beside runs of synthetic models at full size.

    bench/captions/advise_error.py --cinescribe build/release/bin/cinescribe --folder MODELS [--make] [--models A,B]
                                   [--types q8_0,q4_k_m] [--new-tokens 32] [--threads 2] [--write docs/captioners.md]

MODELS holds folders NAME-TYPE as `cinescribe models synthesize NAME --type TYPE -o MODELS/NAME-TYPE` makes them; --make
makes those that are missing (4 to 27 GB each) and removes each after its run. Each describes one frame of 597 x 336 and
writes exactly --new-tokens tokens. Advice is asked for the same, right before. --write puts the table between the marks
"<!-- advise-error -->" and "<!-- /advise-error -->" of that file; without it the table goes to stdout.
"""
import argparse
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

NAMES = ["phi-3.5-vision", "llava-v1.6-mistral-7b", "llava-v1.6-vicuna-7b", "instructblip-vicuna-7b",
         "llava-v1.6-vicuna-13b", "instructblip-vicuna-13b"]
WIDTH, HEIGHT = 597, 336


def write_frame(path):
    """A PNG with something in every corner; what it shows does not matter to random weights."""
    rows = b"".join(b"\0" + bytes(channel for x in range(WIDTH) for channel in (x & 255, y & 255, (x ^ y) & 255))
                    for y in range(HEIGHT))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)) +
                     chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def answer(command):
    """JSON of a command, and the most memory that it held."""
    child = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True)
    text = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {os.waitstatus_to_exitcode(status)}")
    return json.loads(text), used.ru_maxrss * 1024


def advice(args, name, type_):
    command = [args.cinescribe, "models", "advise", "--json", "--batch", 1, "--frames-per-scene", 1, "--new-tokens",
               args.new_tokens, "--threads", args.threads]
    found, _ = answer(command)
    return next((each for each in found["captioners"] if each["name"] == name and each["type"] == type_), None)


def measured(args, model, frame):
    found, peak = answer([args.cinescribe, "caption", "--model", model, "--image", frame, "--json", "--quiet", "--num-beams", 1,
                          "--min-new-tokens", args.new_tokens, "--max-new-tokens", args.new_tokens, "--threads", args.threads])
    seconds = sum(found["timings"][step] for step in ("preprocess", "encode", "prefill", "decode"))
    return seconds, peak, found["timings"]


def off(predicted, true):
    return f"{100 * (predicted / true - 1):+.0f} %"


def row(args, name, type_, model, frame):
    predicted = advice(args, name, type_)
    if predicted is None:
        sys.exit(f"there is no advice on {name} in {type_}")
    seconds, peak, steps = measured(args, model, frame)
    guess, memory = predicted["seconds_per_scene_estimate"], predicted["memory_bytes"]
    parts = ", ".join(f"{step} {steps[step]:.1f}" for step in ("encode", "prefill", "decode"))
    return (f"| {name} | {type_} | {guess:.1f} | {seconds:.1f} ({parts}) | {off(guess, seconds)} | {memory / 1e9:.1f} | "
            f"{peak / 1e9:.1f} | {off(memory, peak)} |")


def processor():
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.M)
    return found[1].strip() if found else "unknown processor"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cinescribe", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--make", action="store_true")
    parser.add_argument("--models", default=",".join(NAMES))
    parser.add_argument("--types", default="q8_0,q4_k_m")
    parser.add_argument("--new-tokens", type=int, default=32)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--write", type=Path)
    args = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as work:
        frame = Path(work) / "frame.png"
        write_frame(frame)
        for name in args.models.split(","):
            for type_ in args.types.split(","):
                model = args.folder / f"{name}-{type_}"
                was_there = model.is_dir()
                if not was_there and not args.make:
                    print(f"{model} is not there; left out", file=sys.stderr)
                    continue
                if not was_there:
                    subprocess.run([args.cinescribe, "models", "synthesize", name, "--type", type_, "-o", model, "--quiet"], check=True)
                    os.sync()  # gigabytes on their way to the disk would be measured beside the model
                rows.append(row(args, name, type_, model, frame))
                print(rows[-1], file=sys.stderr)
                if not was_there:
                    shutil.rmtree(model)
    if not rows:
        sys.exit("nothing was measured")
    table = "\n".join([f"{processor()}, {args.threads} threads; one frame, {args.new_tokens} new tokens, one scene at a time:", "",
                       "| model (random weights) | type | s predicted | s measured | off by | GB predicted | GB measured | off by |",
                       "|---|---|---|---|---|---|---|---|", *rows])
    if not args.write:
        print(table)
        return
    text = args.write.read_text()
    begin, end = "<!-- advise-error -->", "<!-- /advise-error -->"
    if begin not in text or end not in text:
        sys.exit(f"{args.write} has no marks {begin} and {end}")
    before, after = text.split(begin)[0], text.split(end)[1]
    args.write.write_text(before + begin + "\n" + table + "\n" + end + after)


if __name__ == "__main__":
    main()
