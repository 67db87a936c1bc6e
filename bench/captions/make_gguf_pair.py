"""Writes a vision-language model of a true small shape with random weights: language.gguf and mmproj.gguf for
gguf_speed. SYNTHETIC: what it says means nothing; only times and memory do.

    pip install gguf numpy
    python3 make_gguf_pair.py qwen3-vl-2b q4_k_m FOLDER

Blocks of quantised weights are drawn as bytes, with scales that keep activations finite.
"""
import pathlib
import sys

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "parity" / "captions"))
from make_gguf_pairs import CHATML, SMOLVLM, byte_letters, finish, first_tokens, language_keys, vision_keys  # noqa: E402

SHAPES = {
    # as in the config.json of the models of these names on Hugging Face
    "smolvlm2-500m": dict(
        arch="llama", width=960, layers=32, heads=15, kv_heads=5, head=64, hidden=2560, words=49280, context=8192, rope=100000.0,
        projector="idefics3", image=512, patch=16, v_width=768, v_layers=12, v_heads=12, v_hidden=3072, scale=4, preprocessed=2048),
    "qwen3-vl-2b": dict(
        arch="qwen3vl", width=2048, layers=28, heads=16, kv_heads=8, head=128, hidden=6144, words=151936, context=262144,
        rope=5000000.0, projector="qwen3vl_merger", image=768, patch=16, v_width=1024, v_layers=24, v_heads=16,
        v_hidden=4096, rope_sections=[24, 20, 20, 0], deepstack=(5, 11, 17)),
}
random = np.random.default_rng(1)


def vocabulary(shape):
    if shape["arch"] == "llama":
        controls = ["<|im_start|>", "<end_of_utterance>", "<fake_token_around_image>", "<global-img>"]
        controls += [f"<row_{r}_col_{c}>" for r in range(1, 7) for c in range(1, 7)]
    else:
        controls = ["<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>"]
    letters = byte_letters()
    tokens, types = first_tokens(controls)
    while len(tokens) < shape["words"]:
        tokens.append(f"{letters[32]}word{len(tokens)}")
        types.append(gguf.TokenType.NORMAL)
    return tokens, types, [f"{letters[10]} {letters[10]}"], tokens.index(controls[1])


def half(value):
    return np.frombuffer(np.float16(value).tobytes(), np.uint8)


def block(kind, columns):
    """Random bytes of one block, whose weights have about the size 1 / sqrt(columns)."""
    size = 1.0 / np.sqrt(columns)
    if kind == Type.Q8_0:
        return np.concatenate([half(size / 64), random.integers(0, 256, 32, np.uint8)])
    if kind == Type.Q4_K:
        scales = np.full(12, 0, np.uint8)
        scales[0:8] = 32  # six-bit scales and mins of the first four sub-blocks
        scales[8:12] = 0
        return np.concatenate([half(size / 128), half(size / 17), scales, random.integers(0, 256, 128, np.uint8)])
    low, high = random.integers(0, 256, 128, np.uint8), random.integers(0, 256, 64, np.uint8)
    return np.concatenate([low, high, np.full(16, 8, np.uint8), half(size / 128)])  # Q6_K


BLOCK = {Type.Q8_0: 32, Type.Q4_K: 256, Type.Q6_K: 256}


def add(writer, name, rows, columns, kind):
    if kind in BLOCK and columns % BLOCK[kind]:
        kind = Type.Q8_0  # as llama.cpp falls back
    if kind == Type.F16:
        tile = (random.standard_normal((1, columns)) / np.sqrt(columns)).astype(np.float16)
        many = np.stack([np.roll(tile[0], i * 37 % columns) for i in range(64)])
        writer.add_tensor(name, np.tile(many, (-(-rows // 64), 1))[:rows])
        return
    blocks = np.stack([block(kind, columns) for _ in range(509)])
    wanted = rows * (columns // BLOCK[kind])
    data = np.tile(blocks, (-(-wanted // 509), 1))[:wanted]
    writer.add_tensor(name, data.reshape(rows, -1), raw_dtype=kind)


def vector(writer, name, size, value=1.0):
    writer.add_tensor(name, np.full(size, value, np.float32))


def write_language(path, name, shape, mix):
    arch, width, layers, head = shape["arch"], shape["width"], shape["layers"], shape["head"]
    writer = gguf.GGUFWriter(path, arch, use_temp_file=True)
    words = vocabulary(shape)
    tokens = words[0]
    language_keys(writer, f"SYNTHETIC {name} {mix}, random weights", arch, shape, words,
                  SMOLVLM if arch == "llama" else CHATML)
    main, better = (Type.Q8_0, Type.Q8_0) if mix == "q8_0" else (Type.Q4_K, Type.Q6_K)
    add(writer, "token_embd.weight", len(tokens), width, better)  # tied: it is also the output
    vector(writer, "output_norm.weight", width)
    for i in range(layers):
        p = f"blk.{i}."
        is_better = i < layers // 8 or i >= 7 * layers // 8 or (i - layers // 8) % 3 == 2  # as q4_k_m has it
        vector(writer, p + "attn_norm.weight", width)
        add(writer, p + "attn_q.weight", shape["heads"] * head, width, main)
        add(writer, p + "attn_k.weight", shape["kv_heads"] * head, width, main)
        add(writer, p + "attn_v.weight", shape["kv_heads"] * head, width, better if is_better else main)
        add(writer, p + "attn_output.weight", width, shape["heads"] * head, main)
        if arch == "qwen3vl":
            vector(writer, p + "attn_q_norm.weight", head)
            vector(writer, p + "attn_k_norm.weight", head)
        vector(writer, p + "ffn_norm.weight", width)
        add(writer, p + "ffn_gate.weight", shape["hidden"], width, main)
        add(writer, p + "ffn_up.weight", shape["hidden"], width, main)
        add(writer, p + "ffn_down.weight", width, shape["hidden"], better if is_better else main)
    finish(writer)


def write_vision(path, shape):
    v, hidden, patch, image, width = (shape[k] for k in ("v_width", "v_hidden", "patch", "image", "width"))
    is_qwen = shape["projector"] == "qwen3vl_merger"
    writer = gguf.GGUFWriter(path, "clip", use_temp_file=True)
    vision_keys(writer, shape["projector"], shape, image, patch, 1e-6, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5])
    for name in ["v.patch_embd.weight"] + ["v.patch_embd.weight.1"] * is_qwen:
        kernel = random.standard_normal((v, 3, patch, patch)) / (patch * np.sqrt(3))
        writer.add_tensor(name, kernel.astype(np.float16))
    vector(writer, "v.patch_embd.bias", v, 0.0)
    positions = random.standard_normal(((image // patch) ** 2, v)).astype(np.float32) * 0.02
    writer.add_tensor("v.position_embd.weight", positions)
    norm(writer, "v.post_ln", v)
    for i in range(shape["v_layers"]):
        p = f"v.blk.{i}."
        parts = [("attn_qkv", 3 * v)] if is_qwen else [("attn_q", v), ("attn_k", v), ("attn_v", v)]
        for part, rows in parts:
            linear(writer, p + part, rows, v)
        linear(writer, p + "attn_out", v, v)
        norm(writer, p + "ln1", v)
        norm(writer, p + "ln2", v)
        linear(writer, p + "ffn_up", hidden, v)
        linear(writer, p + "ffn_down", v, hidden)
    if is_qwen:
        linear(writer, "mm.0", 4 * v, 4 * v)
        linear(writer, "mm.2", width, 4 * v)
        for i in shape["deepstack"]:
            norm(writer, f"v.deepstack.{i}.norm", 4 * v)
            linear(writer, f"v.deepstack.{i}.fc1", 4 * v, 4 * v)
            linear(writer, f"v.deepstack.{i}.fc2", width, 4 * v)
    else:
        add(writer, "mm.model.fc.weight", width, v * shape["scale"] ** 2, Type.F16)
    finish(writer)


def norm(writer, name, size):
    vector(writer, name + ".weight", size)
    vector(writer, name + ".bias", size, 0.0)


def linear(writer, name, rows, columns):
    add(writer, name + ".weight", rows, columns, Type.F16)
    vector(writer, name + ".bias", rows, 0.0)


def main():
    name, mix, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    if name not in SHAPES or mix not in ("q8_0", "q4_k_m"):
        sys.exit(f"shapes: {', '.join(SHAPES)}; types: q8_0, q4_k_m")
    folder.mkdir(parents=True, exist_ok=True)
    write_language(folder / "language.gguf", name, SHAPES[name], mix)
    write_vision(folder / "mmproj.gguf", SHAPES[name])


if __name__ == "__main__":
    main()
