#!/usr/bin/env python3
"""Measures an example of everything on this machine and makes its report: two real clips with stage 1 and tiny captioners
over every scene, and one scene with captioners of true size.

    bench/example_report.py --cinescribe build/release/bin/cinescribe --work FOLDER [--sample sample/street-speech.mp4]
                            [--full-size NAME,...] [--type q4_k_m] [--keep] [--write docs/benchmarks.md]

The clips are the NASA film of the tests and the sample clip of ./setup, whose words are known. The tiny captioners are
checkpoints of the tests (random weights in a tiny shape), imported; those of true size are made by `models synthesize`
(random weights, 3 to 5 GB each, removed after their run without --keep; one that lies in FOLDER/models is taken as it
is). None of them says anything that means something: times and memory are real. A run that was stopped goes on with what
is missing. The report is FOLDER/bench/report.html; --write puts some of its tables between the marks
"<!-- example-report -->" and "<!-- /example-report -->" of that file.
"""
import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TINY = {"tiny-llava": "llava_next/vicuna_two_frames", "tiny-phi": "phi3_v/two_frames",
        "tiny-instructblip": "instructblip/p4_early_eos_min_new_tokens"}
FULL_SIZE = "llava-v1.6-vicuna-7b,phi-3.5-vision,instructblip-vicuna-7b"
SAID = "And so my fellow Americans, ask not what your country can do for you, ask what you can do for your country.\n"
SECTIONS = ["Summary", "Real-time factors", "Captions: where the time goes", "Quality", "Which captioner", "What it needs"]
BEGIN, END = "<!-- example-report -->", "<!-- /example-report -->"


class Example:
    def __init__(self, args):
        self.program, self.work, self.type = args.cinescribe.resolve(), args.work.resolve(), args.type
        (self.work / "models").mkdir(parents=True, exist_ok=True)

    def run(self, *arguments):
        """In the folder of the example, so that its commands read the same everywhere."""
        command = [str(part) for part in arguments]
        print("cinescribe", *command, file=sys.stderr, flush=True)
        subprocess.run([self.program, *command], cwd=self.work, check=True)

    def prepare(self, sample):
        for clip in (ROOT / "tests/data/media/nasa_13013.mp4", sample):
            if not clip.exists():
                sys.exit(f"{clip} is not there; ./setup makes the sample clip, --sample names another")
            target = self.work / clip.name
            if not target.exists():
                shutil.copyfile(clip, target)
        (self.work / "truth").mkdir(exist_ok=True)
        (self.work / "truth" / f"{sample.stem}.speech.txt").write_text(SAID)
        for name, case in TINY.items():
            if not (self.work / "models" / name).is_dir():
                self.run("import", ROOT / "tests/data/parity" / case / "model", "-o", f"models/{name}", "--name", name, "--quiet")

    def whole_clips(self, clips):
        captioners = [flag for name in TINY for flag in ("--captioner", f"./models/{name}")]
        self.run("bench", *clips, "--captioner", "narrator", *captioners, "--references", "truth", "-o", "bench")

    def one_scene(self, clip, name, is_kept):
        folder = self.work / "models" / name
        was_there = folder.is_dir()
        if self.is_measured(name):
            return
        if not was_there:
            self.run("models", "synthesize", name, "--type", self.type, "-o", f"models/{name}", "--quiet")
            os.sync()  # gigabytes on their way to the disk would be measured beside the model
        self.run("bench", clip, "--captioner", f"./models/{name}", "--allow-synthetic", "--first-scenes", 1, "--detail", "low",
                 "--repeat", 1, "--warm-up", 0, "-o", "bench")
        (self.work / "models" / f"{name}.measured").touch()
        if not was_there and not is_kept:
            shutil.rmtree(folder)

    def is_measured(self, name):
        return (self.work / "models" / f"{name}.measured").exists()

    def quality(self, clips):
        for name in TINY:
            self.run("evaluate", "text", f"./models/{name}", "--count", 8, "--record", "bench")
        for clip in clips:
            folders = [f"bench/runs/repeat-1/{name}/{Path(clip).stem}" for name in TINY]
            self.run("evaluate", "captions", *folders, "--sentence-model", "none", "--record", "bench")


def chosen_sections(report):
    """The first lines of report.md, and the sections that stand in the documentation, one level deeper."""
    head, *sections = ("\n" + report).split("\n## ")
    subtitle = [line for line in head.splitlines() if line and not line.startswith("#")]
    kept = [section for section in sections if section.split("\n")[0] in SECTIONS]
    return "\n\n".join([*subtitle, *("### " + section.strip() for section in kept)])


def write(path, words):
    text = path.read_text()
    if BEGIN not in text or END not in text:
        sys.exit(f"{path} has no marks {BEGIN} and {END}")
    path.write_text(text.split(BEGIN)[0] + BEGIN + "\n" + words + "\n" + END + text.split(END)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cinescribe", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--sample", type=Path, default=ROOT / "sample/street-speech.mp4")
    parser.add_argument("--full-size", default=FULL_SIZE, help="names of `models synthesize`; empty = none")
    parser.add_argument("--type", default="q4_k_m")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--write", type=Path)
    args = parser.parse_args()
    example = Example(args)
    example.prepare(args.sample)
    clips = ["nasa_13013.mp4", args.sample.name]
    example.whole_clips(clips)
    for name in filter(None, args.full_size.split(",")):
        example.one_scene(clips[1], name, args.keep)
    example.quality(clips)
    example.run("report", "bench")
    if args.write:
        write(args.write, chosen_sections((example.work / "bench/report.md").read_text()))


if __name__ == "__main__":
    main()
