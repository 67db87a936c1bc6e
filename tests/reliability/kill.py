#!/usr/bin/env python3
"""Kills `cinescribe analyze` at random moments and runs it again: the files must come out as of a run that was left alone.

    kill.py PROGRAM CLIP WORK_FOLDER KILLS [ANALYZE_OPTION...]

Prints its seed; CINESCRIBE_KILL_SEED repeats a run.
"""
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

program, clip, work, kills = sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])
options = sys.argv[5:]
seed = int(os.environ.get("CINESCRIBE_KILL_SEED", random.SystemRandom().randrange(1 << 32)))
chance = random.Random(seed)
shutil.rmtree(work, ignore_errors=True)
work.mkdir(parents=True)
environment = {k: v for k, v in os.environ.items() if not k.startswith(("CINESCRIBE_", "XDG_"))}
environment |= {"HOME": str(work), "XDG_CACHE_HOME": str(work / "cache"), "LC_ALL": "C.UTF-8"}
volatile = {"timings", "cost", "elapsed_seconds"}  # how long something took differs from run to run


def start(output):
    return subprocess.Popen([program, "analyze", clip, "-o", str(output), "--progress", "none", *options], cwd=work,
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
    """Every file of a results folder but the journals and locks, JSON without its timings."""
    found = {}
    for path in sorted(output.rglob("*")):
        name = path.relative_to(output).as_posix()
        if path.is_file() and path.name not in ("journal.jsonl", "summary.json") and not path.name.endswith("lock"):
            data = path.read_bytes()
            found[name] = timeless(json.loads(data)) if path.suffix == ".json" else data
    return found


def whole(output):
    """The results that look finished now: files whose last step is a rename."""
    return {name: value for name, value in contents(output).items() if not Path(name).name.startswith(".")}


def check_no_work_was_done_twice(output):
    """A stage that has ended in the journal does not begin again."""
    for journal in output.rglob("journal.jsonl"):
        ended = set()
        for line in journal.read_text().splitlines():
            record = json.loads(line)
            stage, kind = record.get("stage"), record.get("type")
            if kind == "begin" and stage in ended:
                sys.exit(f"seed {seed}: the finished stage '{stage}' began again in {journal}")
            if kind == "end":
                ended.add(stage)


began = time.monotonic()
complete(work / "whole")
length = time.monotonic() - began
expected = contents(work / "whole")
if not any(name.endswith("base_data.json") for name in expected):
    sys.exit("the run that was left alone wrote no base_data.json")

output = work / "killed"
hits = rounds = 0
while hits < kills:
    process = start(output)
    time.sleep(chance.uniform(0.0, 1.1 * length))
    process.send_signal(signal.SIGKILL)
    was_hit = process.wait() == -signal.SIGKILL
    process.stdout.close()
    hits += was_hit
    if output.exists():
        for name, value in whole(output).items():
            if name in expected and value != expected[name]:
                sys.exit(f"seed {seed}: after kill {hits}, {name} looks whole and is not")
    if not was_hit:  # it was through: look at it, and start from nothing
        if contents(output) != expected:
            sys.exit(f"seed {seed}: after {hits} kills the files differ: "
                     f"{[n for n in expected | contents(output) if contents(output).get(n) != expected.get(n)]}")
        check_no_work_was_done_twice(output)
        shutil.rmtree(output)
        rounds += 1
complete(output)
result = contents(output)
if result != expected:
    sys.exit(f"seed {seed}: after {hits} kills the files differ: "
             f"{[n for n in expected | result if result.get(n) != expected.get(n)]}")
check_no_work_was_done_twice(output)
print(f"seed {seed}: {hits} kills over {rounds + 1} runs of {length:.2f} s; {len(expected)} files equal")
