#!/usr/bin/env python3
"""Writes a LLaVA-NeXT checkpoint of medium size in Hugging Face's format, with random weights: CLIP ViT-B/14 at 336 px, a
Llama of 12 layers of 1024 (synthetic: for speed only, its captions mean nothing). Tokenizer and configuration are those of
the test checkpoint tests/data/parity/llava_next/vicuna_two_frames, the widths are not.

    make_llava.py FOLDER      with a Python that has torch and transformers, such as the one captions_transformers.py installs
"""
import argparse
import json
import shutil
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "tests/data/parity/llava_next/vicuna_two_frames/model"
TEXT = {"hidden_size": 1024, "intermediate_size": 2816, "num_hidden_layers": 12, "num_attention_heads": 16,
        "num_key_value_heads": 16, "head_dim": 64}
VISION = {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12, "image_size": 336,
          "patch_size": 14}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the checkpoint goes (1 GB)")
    folder = parser.parse_args().folder
    import torch  # after the arguments: --help needs neither
    from transformers import LlavaNextConfig, LlavaNextForConditionalGeneration

    folder.mkdir(parents=True, exist_ok=True)
    config = json.loads((SOURCE / "config.json").read_text())
    config["text_config"].update(TEXT)
    config["vision_config"].update(VISION)
    config["image_grid_pinpoints"] = [[336, 672], [672, 336], [672, 672], [1008, 336], [336, 1008]]
    torch.manual_seed(1)
    LlavaNextForConditionalGeneration(LlavaNextConfig(**config)).save_pretrained(folder)
    for file in SOURCE.iterdir():
        if not file.name.startswith(("model", "config")):
            shutil.copy(file, folder / file.name)
    for name in ("preprocessor_config.json", "processor_config.json"):
        settings = json.loads((folder / name).read_text())
        if "size" in settings:
            settings["size"] = {"shortest_edge": 336}
        if "crop_size" in settings:
            settings["crop_size"] = {"height": 336, "width": 336}
        if "image_grid_pinpoints" in settings:
            settings["image_grid_pinpoints"] = config["image_grid_pinpoints"]
        if "patch_size" in settings:
            settings["patch_size"] = 14
        (folder / name).write_text(json.dumps(settings, indent=2))


if __name__ == "__main__":
    main()
