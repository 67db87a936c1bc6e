#!/usr/bin/env python3
"""Writes a Hugging Face AST folder with random weights in the true shapes of
MIT/ast-finetuned-audioset-10-10-0.4593 (synthetic: for speed only, its tags mean nothing).

usage: make_ast.py FOLDER
"""
import json
import struct
import sys
from pathlib import Path

import numpy as np

WIDTH, LAYERS, FFN, LABELS, TOKENS = 768, 12, 3072, 527, 1214


def shapes():
    root = "audio_spectrogram_transformer."
    yield root + "embeddings.cls_token", (1, 1, WIDTH)
    yield root + "embeddings.distillation_token", (1, 1, WIDTH)
    yield root + "embeddings.position_embeddings", (1, TOKENS, WIDTH)
    yield root + "embeddings.patch_embeddings.projection.weight", (WIDTH, 1, 16, 16)
    yield root + "embeddings.patch_embeddings.projection.bias", (WIDTH,)
    for layer in range(LAYERS):
        at = f"{root}encoder.layer.{layer}."
        for name, out, inside in [("attention.attention.query", WIDTH, WIDTH), ("attention.attention.key", WIDTH, WIDTH),
                                  ("attention.attention.value", WIDTH, WIDTH), ("attention.output.dense", WIDTH, WIDTH),
                                  ("intermediate.dense", FFN, WIDTH), ("output.dense", WIDTH, FFN)]:
            yield f"{at}{name}.weight", (out, inside)
            yield f"{at}{name}.bias", (out,)
        for name in ("layernorm_before", "layernorm_after"):
            yield f"{at}{name}.weight", (WIDTH,)
            yield f"{at}{name}.bias", (WIDTH,)
    yield root + "layernorm.weight", (WIDTH,)
    yield root + "layernorm.bias", (WIDTH,)
    yield "classifier.layernorm.weight", (WIDTH,)
    yield "classifier.layernorm.bias", (WIDTH,)
    yield "classifier.dense.weight", (LABELS, WIDTH)
    yield "classifier.dense.bias", (LABELS,)


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(7)
    header, offset = {}, 0
    for name, shape in shapes():
        size = 4 * int(np.prod(shape))
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(folder / "model.safetensors", "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for name, shape in shapes():
            values = rng.standard_normal(shape, dtype=np.float32)
            if name.endswith("norm.weight") or "layernorm" in name and name.endswith("weight"):
                values = 1.0 + 0.02 * values
            elif len(shape) == 2 or len(shape) == 4:
                values *= 1.0 / np.sqrt(np.prod(shape[1:]))
            else:
                values *= 0.02
            out.write(values.astype(np.float32).tobytes())
    config = {"model_type": "audio-spectrogram-transformer", "architectures": ["ASTForAudioClassification"],
              "hidden_size": WIDTH, "num_hidden_layers": LAYERS, "num_attention_heads": 12, "intermediate_size": FFN,
              "hidden_act": "gelu", "layer_norm_eps": 1e-12, "patch_size": 16, "qkv_bias": True, "frequency_stride": 10,
              "time_stride": 10, "max_length": 1024, "num_mel_bins": 128,
              "id2label": {str(i): f"synthetic {i}" for i in range(LABELS)},
              "label2id": {f"synthetic {i}": i for i in range(LABELS)}}
    (folder / "config.json").write_text(json.dumps(config))
    extractor = {"do_normalize": True, "feature_extractor_type": "ASTFeatureExtractor", "feature_size": 1,
                 "max_length": 1024, "mean": -4.2677393, "std": 4.5689974, "num_mel_bins": 128, "padding_side": "right",
                 "padding_value": 0.0, "return_attention_mask": False, "sampling_rate": 16000}
    (folder / "preprocessor_config.json").write_text(json.dumps(extractor))


if __name__ == "__main__":
    main()
