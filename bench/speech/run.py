#!/usr/bin/env python3
"""Speed and word error rate of `cinescribe transcribe` beside faster-whisper 1.2.1 (int8, batch 8), the same weights.

    run.py --cinescribe PATH --model CT2_FOLDER --recordings FOLDER [--rounds 5] [--threads 2] [--venv FOLDER] [--json F]

Both get the same files and as many threads, and find the language out themselves. All variants of a recording run once
per round, one after the other, so that a change of the machine's mood meets all of them; medians over the rounds are
compared. Our time is that of the whole process, with loading the model; theirs is of the transcription alone, after
imports and loading. CPU time is given beside wall time: it does not suffer from other programs on the machine.
"""

import argparse
import glob
import json
import os
import resource
import statistics
import subprocess
import sys
import time
import venv

from word_errors import word_errors

HERE = os.path.dirname(os.path.abspath(__file__))
OURS = {
    "cinescribe default (greedy, exact word times)": [],
    "cinescribe greedy, no word times": ["--word-times", "off"],
    "cinescribe beam 5, no word times": ["--word-times", "off", "--beam-size", "5"],
}
THEIRS = {"faster-whisper default (beam 5)": 5, "faster-whisper greedy": 1}
RATIOS = [
    ("our default / its default", "faster-whisper default (beam 5)", "cinescribe default (greedy, exact word times)"),
    ("our default without word times / its default", "faster-whisper default (beam 5)", "cinescribe greedy, no word times"),
    ("greedy / greedy", "faster-whisper greedy", "cinescribe greedy, no word times"),
    ("beam 5 / beam 5", "faster-whisper default (beam 5)", "cinescribe beam 5, no word times"),
]


def python_with_faster_whisper(folder):
    python = os.path.join(folder, "bin", "python")
    if not os.path.exists(python):
        venv.create(folder, with_pip=True)
    has_it = subprocess.run([python, "-c", "import faster_whisper"], stderr=subprocess.DEVNULL).returncode == 0
    if not has_it:
        subprocess.run([python, "-m", "pip", "install", "-q", "faster-whisper==1.2.1"], check=True)
    return python


def run_ours(args, audio, options):
    used, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [args.cinescribe, "transcribe", audio, "--model", args.model, "--json", "--quiet", "--threads",
               str(args.threads), *options]
    answer = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    seconds, now = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_seconds = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    text = " ".join(segment["text"] for segment in answer["segments"])
    return {"seconds": seconds, "cpu_seconds": cpu_seconds, "text": text}


def run_theirs(args, python, audio, beam_size):
    command = [python, os.path.join(HERE, "faster_whisper_once.py"), args.model, audio, str(beam_size), str(args.threads)]
    environment = dict(os.environ, OMP_NUM_THREADS=str(args.threads), HF_HUB_OFFLINE="1")
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment).stdout)


def measure(args, python, audio):
    runs = {name: [] for name in [*OURS, *THEIRS]}
    for number in range(args.rounds + 1):  # the first round only warms caches and makes the converted model
        for name in runs:
            run = run_ours(args, audio, OURS[name]) if name in OURS else run_theirs(args, python, audio, THEIRS[name])
            if number > 0:
                runs[name].append(run)
    return runs


def median(runs, key):
    return statistics.median(run[key] for run in runs)


def report(recording, text, runs):
    print(f"\n{recording}")
    for name, results in runs.items():
        errors, count = word_errors(text, results[-1]["text"])
        walls = " ".join(f"{run['seconds']:.2f}" for run in results)
        print(f"  {name:48} wall {median(results, 'seconds'):6.2f} s  CPU {median(results, 'cpu_seconds'):6.2f} s  "
              f"WER {100 * errors / count:5.2f} % ({errors} of {count})   rounds: {walls}")
    for name, theirs, ours in RATIOS:
        wall = median(runs[theirs], "seconds") / median(runs[ours], "seconds")
        cpu = median(runs[theirs], "cpu_seconds") / median(runs[ours], "cpu_seconds")
        print(f"  {name:48} wall x{wall:.2f}  CPU x{cpu:.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cinescribe", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--recordings", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--venv", default=os.path.join(os.path.expanduser("~"), ".cache", "cinescribe-bench", "faster-whisper"))
    parser.add_argument("--json")
    args = parser.parse_args()
    recordings = sorted(glob.glob(os.path.join(args.recordings, "*.wav")))
    if not recordings:
        sys.exit(f"no .wav files in {args.recordings}; make them with prepare_recordings.py")
    python = python_with_faster_whisper(args.venv)
    everything = {}
    for audio in recordings:
        name = os.path.splitext(os.path.basename(audio))[0]
        everything[name] = measure(args, python, audio)
        with open(os.path.splitext(audio)[0] + ".txt", encoding="utf-8") as reference:
            report(name, reference.read(), everything[name])
    if args.json:
        with open(args.json, "w", encoding="utf-8") as out:
            json.dump(everything, out, indent=1)


if __name__ == "__main__":
    main()
