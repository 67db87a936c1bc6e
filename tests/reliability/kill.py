#!/usr/bin/env python3
"""Kills `cinescribe analyze` at random moments and runs it again: the files must come out as of a run that was left alone,
and nothing that was filed as finished may be computed again.

    kill.py PROGRAM WORK_FOLDER KILLS INPUT... -- [ANALYZE_OPTION...]

An INPUT is a file, or `babble:SECONDS:FILE.wav`: so many seconds of sound made of that recording with pauses.
Prints its seed; CINESCRIBE_KILL_SEED repeats a run.
"""
import collections
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import wave
from pathlib import Path

program, work, kills = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
split = sys.argv.index("--")
inputs, options = sys.argv[4:split], sys.argv[split + 1:]
seed = int(os.environ.get("CINESCRIBE_KILL_SEED", random.SystemRandom().randrange(1 << 32)))
chance = random.Random(seed)
shutil.rmtree(work, ignore_errors=True)
work.mkdir(parents=True)
environment = {k: v for k, v in os.environ.items() if not k.startswith(("CINESCRIBE_", "XDG_"))}
environment |= {"HOME": str(work), "XDG_CACHE_HOME": str(work / "cache"), "LC_ALL": "C.UTF-8"}
volatile = {"timings", "cost", "elapsed_seconds"}  # how long something took differs from run to run
resumable = {"frames", "speech", "sounds", "objects"}  # scenes are found again from the start: they cost little


def babble(word):
    """A longer recording than any in the checkout."""
    _, seconds, source = word.split(":")
    path = work / "babble.wav"
    with wave.open(source) as recording, wave.open(str(path), "wb") as longer:
        longer.setparams(recording.getparams())
        sound = recording.readframes(recording.getnframes()) + bytes(recording.getframerate() * recording.getsampwidth())
        needed = int(seconds) * recording.getframerate() * recording.getsampwidth() * recording.getnchannels()
        longer.writeframes((sound * (needed // len(sound) + 1))[:needed])
    return str(path)


inputs = [babble(word) if word.startswith("babble:") else word for word in inputs]


def start(output):
    return subprocess.Popen([program, "analyze", *inputs, "-o", str(output), "--progress", "none", *options], cwd=work,
                            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def complete(output):
    process = start(output)
    words = process.communicate(timeout=300)[0]
    if process.returncode != 0:
        sys.exit(f"seed {seed}: exit code {process.returncode}\n{words}")
    return words


def timeless(value):
    if isinstance(value, dict):
        return {k: timeless(v) for k, v in value.items() if k not in volatile}
    return [timeless(v) for v in value] if isinstance(value, list) else value


def contents(output):
    """Every file of a results folder but the journals, locks and the tale of the last run, JSON without its timings."""
    found = {}
    for path in sorted(output.rglob("*")):
        name = path.relative_to(output).as_posix()
        if path.is_file() and path.name not in ("journal.jsonl", "summary.json") and not path.name.endswith("lock"):
            data = path.read_bytes()
            found[name] = timeless(json.loads(data)) if path.suffix == ".json" else data
    return found


def whole(output):
    """The results that look finished now: files whose last step is a rename. Pictures are made one by one."""
    return {name: value for name, value in contents(output).items() if not Path(name).name.startswith(".")}


def check_no_work_was_done_twice(output):
    """A stage that has ended does not begin again, nor does one that has filed units and can go on after them. Returns how
    often a stage went on."""
    resumed = collections.Counter()
    for journal in output.rglob("journal.jsonl"):
        ended, units = set(), collections.Counter()
        for line in journal.read_text().splitlines():
            record = json.loads(line)
            stage, kind = record.get("stage"), record.get("type")
            if kind == "begin" and (stage in ended or stage in resumable and units[stage]):
                sys.exit(f"seed {seed}: the stage '{stage}' began again after {units[stage]} units in {journal}")
            if kind == "resume":
                resumed[stage] += 1
                if record["data"]["units"] != units[stage]:
                    sys.exit(f"seed {seed}: '{stage}' goes on after {record['data']['units']} units of {units[stage]}")
            units[stage] += kind == "unit"
            if kind == "end":
                ended.add(stage)
    return resumed


def check_units(output, expected):
    """As many units as without a kill: none twice, none missing."""
    for journal in (expected / "base").rglob("journal.jsonl"):
        def count(path):
            counts, begun = collections.Counter(), {}
            for line in path.read_text().splitlines():
                record = json.loads(line)
                stage = record.get("stage")
                if record["type"] == "begin":
                    counts[stage] = 0
                counts[stage] += record["type"] == "unit"
            return counts
        here, there = count(output / journal.relative_to(expected)), count(journal)
        if here != there:
            sys.exit(f"seed {seed}: units {dict(here)} instead of {dict(there)} in {journal}")


def filed_bytes(output):
    return sum(path.stat().st_size for path in (output / "base").glob("*/journal.jsonl"))


def wait_for_bytes(process, output, wanted):
    while process.poll() is None and filed_bytes(output) < wanted:
        time.sleep(0.001)


began = time.monotonic()
complete(work / "whole")
length = time.monotonic() - began
expected = contents(work / "whole")
if not any(name.endswith("base_data.json") for name in expected):
    sys.exit("the run that was left alone wrote no base_data.json")


def check_finished(output):
    result = contents(output)
    if result != expected:
        sys.exit(f"seed {seed}: after {hits} kills the files differ: "
                 f"{[n for n in expected | result if result.get(n) != expected.get(n)]}")
    check_units(output, work / "whole")
    return check_no_work_was_done_twice(output)


output = work / "killed"
hits = rounds = 0
resumed = collections.Counter()
while hits < kills:
    process = start(output)
    if hits % 2:
        time.sleep(chance.uniform(0.0, 1.1 * length))
    else:  # stages that take no time are hit by what they have filed
        have = filed_bytes(output)
        wait_for_bytes(process, output, have + chance.uniform(0.0, max(0, filed_bytes(work / "whole") - have)))
    process.send_signal(signal.SIGKILL)
    was_hit = process.wait() == -signal.SIGKILL
    process.stdout.close()
    hits += was_hit
    if output.exists():
        for name, value in whole(output).items():
            if name in expected and value != expected[name]:
                sys.exit(f"seed {seed}: after kill {hits}, {name} looks whole and is not")
    if not was_hit:  # it was through: look at it, and start from nothing
        resumed += check_finished(output)
        shutil.rmtree(output)
        rounds += 1
complete(output)
resumed += check_finished(output)

# The same without chance: journals that end after one line or another, as if the process had been killed right there.
cuts = 0
for journal in sorted((work / "whole" / "base").glob("*/journal.jsonl")):
    lines = journal.read_bytes().splitlines(keepends=True)
    most = 12 if len(lines) > 40 else 4
    for cut in sorted({max(1, i * len(lines) // most) for i in range(most)}):
        (output / journal.relative_to(work / "whole")).write_bytes(b"".join(lines[:cut]))
        complete(output)
        resumed += check_finished(output)
        cuts += 1
print(f"seed {seed}: {hits} kills over {rounds + 1} runs of {length:.2f} s, {cuts} cut journals; {len(expected)} files equal; "
      f"stages that went on: {dict(resumed)}")
