"""What every comparison with another program needs: its own environment, runs in alternation, medians and ratios.

A contestant is a function that does the work once and returns a Run. All contestants run once per round, one after the
other, so that a change of the machine's mood meets all of them; one round before only warms caches. Medians over the
rounds are compared, minimum and maximum stand beside them. Processor time is user + system of the process and what it
started; other programs on the machine do not change it much.
"""
import argparse
import dataclasses
import json
import os
import resource
import statistics
import subprocess
import sys
import time
import venv
from pathlib import Path


@dataclasses.dataclass
class Run:
    wall: float          # seconds
    cpu: float           # seconds
    answer: object = None


def arguments(description, rounds=5, threads=2):
    """A parser with the flags that all comparisons share."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=rounds, help="rounds that count (default %(default)s)")
    parser.add_argument("--threads", type=int, default=threads, help="for every contestant (default %(default)s)")
    parser.add_argument("--cache", type=Path, help="where the peers' environments lie",
                        default=Path(os.environ.get("CINESCRIBE_BENCH_CACHE", Path.home() / ".cache/cinescribe-bench")))
    parser.add_argument("--json", type=Path, help="write every time that was measured to this file")
    return parser


def environment_of(name, packages, cache):
    """The Python of a virtual environment with exactly these pinned packages; made at the first call."""
    folder = Path(cache) / name
    python, done = folder / "bin" / "python", folder / "packages.txt"
    wanted = "\n".join(packages) + "\n"
    if done.exists() and done.read_text() == wanted:
        return str(python)
    print(f"installing {', '.join(packages)} into {folder}", file=sys.stderr)
    venv.create(folder, with_pip=True, clear=True)
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-input", *packages], check=True)
    done.write_text(wanted)
    return str(python)


def run_command(command, parse=None, environment=None):
    """Runs a program to its end; `parse` makes the answer from its stdout."""
    used, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=None if environment is None else {**os.environ, **environment})
    wall, now = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nended with {done.returncode}:\n{done.stderr[-3000:]}")
    cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    return Run(wall, cpu, parse(done.stdout) if parse else done.stdout)


def run_and_trust(command, environment=None):
    """Runs a program that measures itself and prints {"wall": s, "cpu": s, ...}: loading does not count then."""
    run = run_command(command, lambda text: json.loads(text.strip().splitlines()[-1]), environment)
    return Run(run.answer["wall"], run.answer["cpu"], run.answer)


def alternate(contestants, rounds, warm_up=1):
    """Name -> runs, in the order in which they were given."""
    runs = {name: [] for name in contestants}
    for number in range(rounds + warm_up):
        for name, contestant in contestants.items():
            run = contestant()
            if number >= warm_up:
                runs[name].append(run)
    return runs


def median(runs, key):
    return statistics.median(getattr(run, key) for run in runs)


def print_times(runs, note=lambda name: ""):
    width = max(len(name) for name in runs)
    for name, list_ in runs.items():
        walls = [run.wall for run in list_]
        print(f"  {name:{width}}  wall {median(list_, 'wall'):8.3f} s ({min(walls):.3f} to {max(walls):.3f})"
              f"  CPU {median(list_, 'cpu'):8.3f} s  {note(name)}".rstrip())


def print_ratios(runs, pairs):
    """(label, theirs, ours): how many times as fast we are."""
    for label, theirs, ours in pairs:
        wall = median(runs[theirs], "wall") / median(runs[ours], "wall")
        cpu = median(runs[theirs], "cpu") / max(1e-9, median(runs[ours], "cpu"))
        print(f"  {label}: {wall:.2f} times as fast, {cpu:.2f} by processor time")


def print_machine(rounds):
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {rounds} rounds in alternation; medians")


def write_json(file, everything):
    """Runs inside of `everything` become objects."""
    if file:
        file.write_text(json.dumps(everything, indent=1, default=dataclasses.asdict) + "\n")
