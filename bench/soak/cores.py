#!/usr/bin/env python3
"""How busy stage 1 keeps the processor: runs `cinescribe analyze` from an empty folder and samples its processor time.

    cores.py PROGRAM VIDEO [ANALYZE_OPTION...]

Counts from the first progress of any stage (models are loaded by then) to the end of the last one; prints for ten parts of
that time how many cores were busy, which threads took them (in cores; a stage's threads have its name, FFmpeg's begin with
av:) and which stages were at work, then the share of all cores and wall time over (processor time / cores), which is 1 where
every core was busy all the time. Run it on a quiet machine.
"""
import collections
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(pid):
    try:
        fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
    except (OSError, IndexError):
        return None


class Threads:
    """Processor time by names of threads; a thread that ends keeps what was last seen of it."""

    def __init__(self, pid):
        self.pid, self.seen, self.by_name = pid, {}, collections.Counter()

    def look(self):
        try:
            tids = os.listdir(f"/proc/{self.pid}/task")
        except OSError:
            return collections.Counter(self.by_name)
        for tid in tids:
            used = processor_seconds(f"{self.pid}/task/{tid}")
            try:
                name = open(f"/proc/{self.pid}/task/{tid}/comm").read().strip()
            except OSError:
                continue
            if used is None:
                continue
            name = ":".join(name.split(":")[:2]) if name.startswith("av:") else name
            self.by_name[name] += used - self.seen.get(tid, 0.0)
            self.seen[tid] = used
        return collections.Counter(self.by_name)


def busiest(before, after, wall):
    cores = {name: (after[name] - before[name]) / wall for name in after}
    return " ".join(f"{name} {share:.2f}" for name, share in sorted(cores.items(), key=lambda c: -c[1]) if share >= 0.05)


def main():
    program, video, *options = sys.argv[1:]
    cores = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "analyze", video, "-o", folder, "--captioner", "none", "--progress", "json", *options]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        samples, active, begun, ended = [], set(), [], []
        threads = Threads(process.pid)

        def listen():
            for line in process.stderr:
                if not line.startswith("{"):
                    continue
                event = json.loads(line)
                if event["event"] == "start":
                    active.add(event["task"])
                elif event["event"] == "progress" and not begun:
                    begun.append(time.monotonic())
                elif event["event"] == "finish":
                    active.discard(event["task"])
                    ended.append((time.monotonic(), event["task"]))
        listener = threading.Thread(target=listen)
        listener.start()
        while process.poll() is None:
            if (used := processor_seconds(process.pid)) is not None:
                samples.append((time.monotonic(), used, "+".join(sorted(active)), threads.look()))
            time.sleep(0.1)
        listener.join()
    if process.returncode or not begun or not ended:
        sys.exit(f"analyze ended with {process.returncode}")
    samples = [s for s in samples if begun[0] <= s[0] <= ended[-1][0]]
    print("  from s   to s  cores busy  stages; threads")
    for i in range(10):
        part = samples[i * len(samples) // 10:(i + 1) * len(samples) // 10 + 1]
        if len(part) < 2:
            continue
        wall, used = part[-1][0] - part[0][0], part[-1][1] - part[0][1]
        print(f"{part[0][0] - begun[0]:8.1f} {part[-1][0] - begun[0]:6.1f} {used / wall:11.2f}  {part[len(part) // 2][2]}; "
              f"{busiest(part[0][3], part[-1][3], wall)}")
    wall, used = samples[-1][0] - samples[0][0], samples[-1][1] - samples[0][1]
    print(f"{wall:.1f} s on {cores} cores, {used:.1f} s of processor time: {100 * used / wall / cores:.1f} % busy, "
          f"wall time {wall / (used / cores):.2f} x (processor time / cores)")
    print(f"threads over all of it, in cores: {busiest(samples[0][3], samples[-1][3], wall)}")
    for at, name in ended:
        print(f"  {name} ended at {at - begun[0]:.1f} s")


if __name__ == "__main__":
    main()
