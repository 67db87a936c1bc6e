#!/usr/bin/env python3
"""Makes a video of any length for soak runs: hard cuts every six seconds and repeated real speech.

    make_input.py OUTPUT.mkv [--hours 5] [--speech SPEECH.wav] [--size 160x90] [--rate 6]

A minute with ten different scenes is drawn and encoded once, then joined to itself as often as needed without encoding
(stream copy), so five hours take seconds. Needs the ffmpeg command.
"""
import argparse
import subprocess
import tempfile
from pathlib import Path

SCENE_SECONDS, SCENES = 6, 10
CHECKOUT = Path(__file__).resolve().parent.parent.parent


def run(*command):
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, command)], check=True)


def minute(path, speech, size, rate):
    """Scenes differ in hue and pattern by far more than the detector's threshold; something moves in each."""
    pictures = [
        f"testsrc2=size={size}:rate={rate},hue=h={36 * i}:s={0.6 + 0.4 * (i % 2)},negate=enable={i % 2}" if i % 3 else
        f"color=c=0x{(0x401020 * (i + 1)) & 0xFFFFFF:06x}:size={size}:rate={rate},noise=alls=12:allf=t"
        for i in range(SCENES)]
    inputs = [word for picture in pictures for word in ("-f", "lavfi", "-t", SCENE_SECONDS, "-i", picture)]
    joined = "".join(f"[{i}:v]" for i in range(SCENES)) + f"concat=n={SCENES}:v=1[v]"
    run(*inputs, "-stream_loop", -1, "-i", speech, "-filter_complex", joined, "-map", "[v]", "-map", f"{SCENES}:a", "-t",
        SCENE_SECONDS * SCENES, "-c:v", "libx264", "-preset", "veryfast", "-crf", 28, "-g", rate * SCENE_SECONDS, "-pix_fmt", "yuv420p",
        "-c:a", "aac", "-b:a", "64k", "-ac", 1, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--hours", type=float, default=5.0)
    parser.add_argument("--speech", type=Path, default=CHECKOUT / "tests" / "data" / "media" / "speech_10s.wav")
    parser.add_argument("--size", default="160x90")
    parser.add_argument("--rate", type=int, default=6)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        piece, listing = Path(folder) / "minute.mkv", Path(folder) / "list.txt"
        minute(piece, options.speech.resolve(), options.size, options.rate)
        listing.write_text(f"file '{piece}'\n" * max(1, round(options.hours * 60)))
        run("-f", "concat", "-safe", 0, "-i", listing, "-c", "copy", options.output)
    print(f"{options.output}: {options.hours} h, about {round(options.hours * 60) * SCENES} scenes, "
          f"{options.output.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
