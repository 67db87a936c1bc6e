#!/usr/bin/env python3
"""Audio Spectrogram Transformer at full size: cinescribe against Hugging Face transformers, same synthetic weights, same
windows, the same number of threads, in alternation.

usage: compare_transformers.py AST_SPEED_PROGRAM [--rounds 3] [--threads 2] [--venv FOLDER]

Threads that wait for each other spin, so on a busy machine only the processor time of --threads 1 tells the truth.

Makes a virtual environment with numpy, torch and transformers at the first run (several GB). Prints one line per round and
the medians with their ratio to transformers' in f32.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

PACKAGES = ["numpy", "torch==2.9.1", "torchaudio==2.9.1", "transformers==4.57.1"]

REFERENCE = r"""
import resource, sys, time
import numpy as np, torch
from transformers import ASTForAudioClassification
torch.set_num_threads(int(sys.argv[3]))
model = ASTForAudioClassification.from_pretrained(sys.argv[1]).eval()
x = torch.randn(4, 1024, 128, generator=torch.Generator().manual_seed(1))
walls, cpus = [], []
with torch.inference_mode():
    for round in range(int(sys.argv[2]) + 1):
        wall, cpu = time.monotonic(), time.process_time()
        model(x)
        if round:
            walls.append((time.monotonic() - wall) / 4); cpus.append((time.process_time() - cpu) / 4)
walls.sort(); cpus.sort()
print(walls[len(walls) // 2], cpus[len(cpus) // 2])
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--venv", default=str(Path.home() / ".cache/cinescribe-bench/transformers"))
    options = parser.parse_args()
    python = Path(options.venv) / "bin/python"
    if not python.exists():
        venv.create(options.venv, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, Path(__file__).with_name("make_ast.py"), folder], check=True)
        wall, cpu = {}, {}
        environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
        for round_number in range(options.rounds):
            out = subprocess.run([python, "-c", REFERENCE, folder, "1", str(options.threads)], check=True, capture_output=True, text=True,
                                 env=environment).stdout.split()
            wall.setdefault("transformers f32", []).append(float(out[0]))
            cpu.setdefault("transformers f32", []).append(float(out[1]))
            for line in subprocess.run([options.program, folder, str(options.threads), "1"], check=True, capture_output=True,
                                       text=True).stdout.splitlines():
                row = json.loads(line)
                wall.setdefault("cinescribe " + row["type"], []).append(row["wall_s_per_window"])
                cpu.setdefault("cinescribe " + row["type"], []).append(row["cpu_s_per_window"])
            print(f"round {round_number + 1}: " + ", ".join(f"{k} {v[-1]:.2f} s ({cpu[k][-1]:.2f} CPU)" for k, v in wall.items()),
                  file=sys.stderr)
    base_wall = statistics.median(wall["transformers f32"])
    base_cpu = statistics.median(cpu["transformers f32"])
    print("| per window of 10.24 s | wall s (median) | CPU s (median) | times as fast, wall | by CPU time |\n|---|---|---|---|---|")
    for name in wall:
        w, c = statistics.median(wall[name]), statistics.median(cpu[name])
        print(f"| {name} | {w:.2f} | {c:.2f} | {base_wall / w:.2f} | {base_cpu / c:.2f} |")


if __name__ == "__main__":
    main()
