#!/usr/bin/env python3
"""Runs `cinescribe analyze` on a long video and watches its resident memory.

    soak.py PROGRAM VIDEO OUTPUT_FOLDER [--limit SECONDS] [--warm-up SHARE] [--tolerance SHARE] [--csv F] -- [ANALYZE_OPTION...]

Every half second it reads /proc/PID/status; at the end it prints a table over ten parts of the run: mean and highest
resident memory, of these the anonymous part (heap, stacks), and threads. Ends with 1 where the highest resident memory after the
warm-up (the first fifth of the run) is more than 5 % above its median. A run that reaches the limit is stopped (SIGINT)
and judged for what it did.
"""
import argparse
import json
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path


def memory(pid):
    """Resident and anonymous MB and threads of a process, or nothing when it is gone."""
    try:
        fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        return tuple(int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "RssAnon")) + (int(fields["Threads"]),)
    except (OSError, KeyError):
        return None


def watch(command, limit):
    began, samples = time.monotonic(), []
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        now = time.monotonic() - began
        if (values := memory(process.pid)) is not None:
            samples.append((now, *values))
        if limit and now > limit:
            process.send_signal(signal.SIGINT)
            process.wait(120)
            break
        time.sleep(0.5)
    return process.returncode, samples


def row(part):
    resident, anonymous = [s[1] for s in part], [s[2] for s in part]
    return (f"{part[0][0]:8.0f} s {statistics.mean(resident):9.1f} {max(resident):9.1f} {statistics.mean(anonymous):9.1f} "
            f"{max(anonymous):9.1f} {max(s[3] for s in part):6d}")


def main():
    own, given = sys.argv[1:], []
    if "--" in own:
        given = own[own.index("--") + 1:]
        own = own[:own.index("--")]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("video", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--limit", type=float, default=0.0)
    parser.add_argument("--warm-up", type=float, default=0.2)
    parser.add_argument("--tolerance", type=float, default=0.05)
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args(own)
    command = [options.program, "analyze", str(options.video), "-o", str(options.output), "--force", "--progress", "none", *given]
    code, samples = watch(command, options.limit)
    if options.csv:
        options.csv.write_text("seconds,resident_mb,anonymous_mb,threads\n" +
                               "".join(f"{t:.1f},{r:.1f},{a:.1f},{n}\n" for t, r, a, n in samples))
    if len(samples) < 20:
        sys.exit(f"exit code {code} after {len(samples)} samples: too short to tell anything")
    print("    from    mean MB    max MB anon mean  anon max threads")
    for i in range(10):
        part = samples[i * len(samples) // 10:(i + 1) * len(samples) // 10]
        print(row(part))
    rest = [s[1] for s in samples[int(len(samples) * options.warm_up):]]
    median, highest = statistics.median(rest), max(rest)
    found = list(options.output.glob("base/*/base_data.json"))
    scenes = len(json.loads(found[0].read_text())["scenes"]) if found else 0
    print(f"exit code {code}, {samples[-1][0]:.0f} s, {scenes} scenes; after the warm-up median {median:.1f} MB, "
          f"highest {highest:.1f} MB: {100 * (highest / median - 1):+.1f} %")
    if code not in ((0,) if not options.limit else (0, 6)):
        sys.exit(f"exit code {code}")
    sys.exit(0 if highest <= median * (1 + options.tolerance) else 1)


if __name__ == "__main__":
    main()
