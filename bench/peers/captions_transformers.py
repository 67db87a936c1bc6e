#!/usr/bin/env python3
"""Captions: cinescribe beside the Hugging Face class of the same checkpoint (LLaVA-NeXT or InstructBLIP), the same picture,
raw prompt and number of new tokens, greedy, f32.

    bench/peers/captions_transformers.py --cinescribe PATH --checkpoint HF_FOLDER --image F --prompt RAW [--new-tokens 32]
                                         [--type f32]

The checkpoint is imported first (`cinescribe import`). Times are of the caption alone on both sides: without loading,
picture preparation included. Tells whether the texts are the same; with --type f32 they should be. The first call
installs torch (several GB).
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import alternate

PACKAGES = ["numpy==2.2.6", "pillow==11.3.0", "torch==2.9.1", "transformers==4.57.1", "protobuf==6.33.1", "sentencepiece==0.2.1"]
PEER = r"""
import json, sys, time
import torch
from PIL import Image
from transformers import AutoConfig, AutoProcessor, InstructBlipForConditionalGeneration, LlavaNextForConditionalGeneration
folder, image, prompt, new_tokens, threads = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
torch.set_num_threads(threads)
kinds = {"llava_next": LlavaNextForConditionalGeneration, "instructblip": InstructBlipForConditionalGeneration}
model = kinds[AutoConfig.from_pretrained(folder).model_type].from_pretrained(folder, dtype=torch.float32).eval()
processor = AutoProcessor.from_pretrained(folder)
picture = Image.open(image).convert("RGB")
def caption():
    wall, cpu = time.monotonic(), time.process_time()
    inputs = processor(images=picture, text=prompt, return_tensors="pt")
    with torch.inference_mode():
        ids = model.generate(**inputs, do_sample=False, num_beams=1, max_new_tokens=new_tokens)[0]
    start = inputs["input_ids"].shape[1]
    new = ids[start:] if len(ids) > start and torch.equal(ids[:start], inputs["input_ids"][0]) else ids
    text = processor.tokenizer.decode(new, skip_special_tokens=True).strip()
    return {"wall": time.monotonic() - wall, "cpu": time.process_time() - cpu, "text": text}
caption()
print(json.dumps(caption()))
"""


def main():
    parser = alternate.arguments(__doc__, rounds=3)
    parser.add_argument("--cinescribe", required=True)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--image", type=Path, required=True)
    parser.add_argument("--prompt", required=True, help="raw, with the family's image placeholder")
    parser.add_argument("--new-tokens", type=int, default=32)
    parser.add_argument("--type", default="f32")
    args = parser.parse_args()
    python = alternate.environment_of("transformers-vlm", PACKAGES, args.cache)
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model"
        subprocess.run([args.cinescribe, "import", args.checkpoint, "-o", model, "--type", args.type, "--quiet"], check=True)

        def ours():
            command = [args.cinescribe, "caption", "--model", model, "--image", args.image, "--raw-prompt", args.prompt, "--json",
                       "--max-new-tokens", args.new_tokens, "--num-beams", 1, "--threads", args.threads, "--quiet"]
            run = alternate.run_command(command, json.loads)
            steps = run.answer["timings"]
            wall = sum(steps[key] for key in ("preprocess", "encode", "prefill", "decode"))
            return alternate.Run(wall, max(1e-9, run.cpu), run.answer)

        peer = [python, "-c", PEER, args.checkpoint, args.image, args.prompt, args.new_tokens, args.threads]
        name = f"cinescribe {args.type}"
        runs = alternate.alternate({
            "transformers f32": lambda: alternate.run_and_trust(peer, {"HF_HUB_OFFLINE": "1"}),
            name: ours,
        }, args.rounds, warm_up=0)
    alternate.print_machine(args.rounds)
    alternate.print_times(runs)
    print(f"  than transformers: {alternate.median(runs['transformers f32'], 'wall') / alternate.median(runs[name], 'wall'):.2f} "
          "times as fast (our processor time includes loading)")
    texts = {key: list_[-1].answer["text"] for key, list_ in runs.items()}
    print("  texts: " + ("the same" if len(set(texts.values())) == 1 else f"DIFFERENT: {texts}"))
    alternate.write_json(args.json, {"runs": runs})


if __name__ == "__main__":
    sys.exit(main())
