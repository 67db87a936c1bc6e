#!/usr/bin/env python3
"""An Audio Spectrogram Transformer at full size: cinescribe beside Hugging Face transformers, the same synthetic weights and
as many threads.

    bench/peers/sounds_transformers.py --program build/release/bench/sounds/ast_speed [--rounds 3] [--threads 2]

Times are per window of 10.24 s, four in a batch. Threads that wait for each other spin, so on a busy machine only the
processor time of --threads 1 tells the truth. The first call installs torch (several GB).
"""
import json
import subprocess
import tempfile
from pathlib import Path

import alternate

PACKAGES = ["numpy==2.2.6", "torch==2.9.1", "torchaudio==2.9.1", "transformers==4.57.1"]
PEER = r"""
import json, sys, time
import torch
from transformers import ASTForAudioClassification
torch.set_num_threads(int(sys.argv[2]))
model = ASTForAudioClassification.from_pretrained(sys.argv[1]).eval()
x = torch.randn(4, 1024, 128, generator=torch.Generator().manual_seed(1))
with torch.inference_mode():
    model(x)
    wall, cpu = time.monotonic(), time.process_time()
    model(x)
    print(json.dumps({"wall": (time.monotonic() - wall) / 4, "cpu": (time.process_time() - cpu) / 4}))
"""
TYPES = ["f32", "f16", "bf16", "q8_0"]


def main():
    parser = alternate.arguments(__doc__, rounds=3)
    parser.add_argument("--program", required=True, help="bench/sounds/ast_speed, built with CINESCRIBE_BENCH")
    args = parser.parse_args()
    python = alternate.environment_of("transformers-ast", PACKAGES, args.cache)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, Path(__file__).with_name("make_ast.py"), folder], check=True)

        def ours(type_):
            def run():
                row = alternate.run_command([args.program, folder, args.threads, 1, type_], json.loads).answer
                return alternate.Run(row["wall_s_per_window"], row["cpu_s_per_window"], row)
            return run

        peer = [python, "-c", PEER, folder, args.threads]
        runs = alternate.alternate({
            "transformers f32": lambda: alternate.run_and_trust(peer, {"HF_HUB_OFFLINE": "1"}),
            **{f"cinescribe {type_}": ours(type_) for type_ in TYPES},
        }, args.rounds, warm_up=0)
    alternate.print_machine(args.rounds)
    alternate.print_times(runs)
    alternate.print_ratios(runs, [(f"{type_} than transformers", "transformers f32", f"cinescribe {type_}") for type_ in TYPES])
    alternate.write_json(args.json, {"runs": runs})


if __name__ == "__main__":
    main()
