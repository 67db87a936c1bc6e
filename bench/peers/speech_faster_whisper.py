#!/usr/bin/env python3
"""`cinescribe transcribe` beside faster-whisper 1.2.1 (int8, batch 8), the same weights: speed and word error rate.

    bench/peers/speech_faster_whisper.py --cinescribe PATH --model CT2_FOLDER --recordings FOLDER [--rounds 5]

FOLDER has pairs of NAME.wav and NAME.txt (prepare_recordings.py makes some). Both get the same files and as many threads,
and find the language out themselves. Our time is that of the whole process, with loading the model; theirs is of the
transcription alone, after imports and loading. Word error rates are those of `cinescribe evaluate speech`, after numbers
are read out.
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import alternate
from spoken_numbers import spoken

PACKAGES = ["faster-whisper==1.2.1"]
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


def our_text(stdout):
    return {"text": " ".join(segment["text"] for segment in json.loads(stdout)["segments"])}


def word_errors(cinescribe, reference, heard):
    with tempfile.TemporaryDirectory() as folder:
        said, result = Path(folder) / "said.txt", Path(folder) / "heard.txt"
        said.write_text(spoken(reference), encoding="utf-8")
        result.write_text(spoken(heard), encoding="utf-8")
        done = subprocess.run([cinescribe, "evaluate", "speech", said, result, "--json"], check=True, stdout=subprocess.PIPE)
    found = json.loads(done.stdout)
    words = found["words"]
    return found["word_error_rate"], words["substitutions"] + words["insertions"] + words["deletions"], found["reference_words"]


def contestants(args, python, audio):
    def ours(options):
        command = [args.cinescribe, "transcribe", audio, "--model", args.model, "--json", "--quiet", "--threads",
                   args.threads, *options]
        return lambda: alternate.run_command(command, our_text)

    def theirs(beam_size):
        command = [python, Path(__file__).with_name("faster_whisper_once.py"), args.model, audio, beam_size, args.threads]
        return lambda: alternate.run_and_trust(command, {"OMP_NUM_THREADS": str(args.threads), "HF_HUB_OFFLINE": "1"})

    return {**{name: ours(options) for name, options in OURS.items()},
            **{name: theirs(beam_size) for name, beam_size in THEIRS.items()}}


def main():
    parser = alternate.arguments(__doc__)
    parser.add_argument("--cinescribe", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--recordings", type=Path, required=True)
    args = parser.parse_args()
    recordings = sorted(args.recordings.glob("*.wav"))
    if not recordings:
        sys.exit(f"no .wav files in {args.recordings}; make them with prepare_recordings.py")
    python = alternate.environment_of("faster-whisper", PACKAGES, args.cache)
    alternate.print_machine(args.rounds)
    everything = {}
    for audio in recordings:
        runs = everything[audio.stem] = alternate.alternate(contestants(args, python, audio), args.rounds)
        reference = audio.with_suffix(".txt").read_text(encoding="utf-8")

        def errors(name):
            rate, count, words = word_errors(args.cinescribe, reference, runs[name][-1].answer["text"])
            return f"WER {100 * rate:5.2f} % ({count} of {words})"

        print(f"\n{audio.stem}")
        alternate.print_times(runs, errors)
        alternate.print_ratios(runs, RATIOS)
    alternate.write_json(args.json, everything)


if __name__ == "__main__":
    main()
