#!/usr/bin/env python3
"""Writes tiny vision-language models with random weights, one folder each with language.gguf and mmproj.gguf.

    pip install gguf numpy
    python3 make_gguf_pairs.py FOLDER

What the files are made of (vocabulary, keys) also serves bench/captions/make_gguf_pair.py, which writes true sizes.

The expected ids in FOLDER/*/case.json come from llama.cpp's own command-line tool, built from the pinned tree with
one change: its line that prints a token's words prints its id instead (reference_ids.py runs it).
"""
import pathlib
import sys

import gguf
import numpy as np

WIDTH = 64          # of the language model
HEADS = 4
LAYERS = 2
HIDDEN = 64
VISION_WIDTH = 32
VISION_HEADS = 2
VISION_LAYERS = 2
VISION_HIDDEN = 64
CONTEXT = 2048
WORDS = 96          # tokens beyond bytes, so that generated text is not bytes alone
SHAPE = dict(width=WIDTH, layers=LAYERS, hidden=HIDDEN, heads=HEADS, kv_heads=2, head=WIDTH // HEADS, context=CONTEXT,
             rope=10000.0, rope_sections=[2, 3, 3, 0], v_width=VISION_WIDTH, v_hidden=VISION_HIDDEN,
             v_layers=VISION_LAYERS, v_heads=VISION_HEADS, deepstack=(0,), scale=4, preprocessed=128)

CHATML = ("{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + "
          "'<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")
SMOLVLM = ("<|im_start|>{% for message in messages %}{{ 'User: ' if message['role'] == 'user' else message['role'] }}"
           "{{ message['content'] }}<end_of_utterance>\n{% endfor %}"
           "{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}")
GEMMA = ("{{ bos_token }}{% for message in messages %}{{ '<start_of_turn>' + message['role'] + '\n' + "
         "message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}"
         "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}")
VICUNA = ("{% for message in messages %}{% if message['role'] == 'user' %}{{ 'USER: ' + message['content'] + '\n' }}"
          "{% else %}{{ 'ASSISTANT: ' + message['content'] + '</s>\n' }}{% endif %}{% endfor %}"
          "{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}")

PAIRS = {
    # name: language architecture, projector, template, control tokens, image size, patch size
    "llava": ("llama", "mlp", VICUNA, [], 56, 14),
    "smolvlm": ("llama", "idefics3", SMOLVLM,
                ["<|im_start|>", "<end_of_utterance>", "<fake_token_around_image>", "<global-img>", "<row_1_col_1>",
                 "<row_1_col_2>", "<row_2_col_1>", "<row_2_col_2>"], 64, 8),
    "gemma3": ("gemma3", "gemma3", GEMMA, ["<start_of_turn>", "<end_of_turn>", "<start_of_image>", "<end_of_image>"],
               96, 8),
    "qwen2vl": ("qwen2vl", "qwen2vl_merger", CHATML,
                ["<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>"], 224, 14),
    "qwen3vl": ("qwen3vl", "qwen3vl_merger", CHATML,
                ["<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>"], 224, 16),
    "internvl": ("qwen2", "internvl", CHATML, ["<|im_start|>", "<|im_end|>", "<img>", "</img>"], 56, 14),
}
ENDS = {"llava": "</s>", "smolvlm": "<end_of_utterance>", "gemma3": "<end_of_turn>", "qwen2vl": "<|im_end|>",
        "qwen3vl": "<|im_end|>", "internvl": "<|im_end|>"}


def byte_letters():
    """GPT-2's letters for bytes."""
    plain = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    letters = {}
    extra = 0
    for byte in range(256):
        if byte in plain:
            letters[byte] = chr(byte)
        else:
            letters[byte] = chr(256 + extra)
            extra += 1
    return letters


def first_tokens(controls):
    """The tokens that every vocabulary begins with, and their types."""
    letters = byte_letters()
    tokens = ["<s>", "</s>"] + list(controls) + [letters[b] for b in range(256)]
    tokens.append(letters[10] * 2)  # two line breaks: a token of its own for SmolVLM
    return tokens, [gguf.TokenType.CONTROL] * (2 + len(controls)) + [gguf.TokenType.NORMAL] * 257


def vocabulary(name, controls):
    letters = byte_letters()
    tokens, types = first_tokens(controls)
    tokens += [letters[32] + f"word{i}" for i in range(WORDS)]
    types += [gguf.TokenType.NORMAL] * WORDS
    space = letters[32]
    merges = [f"{space} t", "t h", f"{space}t h", f"{space}th i", f"{space}thi s", "e r", f"{letters[10]} {letters[10]}"]
    for merge in merges:
        word = merge.replace(" ", "")
        if word not in tokens:
            tokens.append(word)
            types.append(gguf.TokenType.NORMAL)
    return tokens, types, merges, tokens.index(ENDS[name])


class Weights:
    def __init__(self, writer, seed):
        self.writer = writer
        self.random = np.random.default_rng(seed)

    def matrix(self, name, rows, columns, scale=1.0):
        values = self.random.standard_normal((rows, columns)) * scale / np.sqrt(columns)
        is_half = rows * columns > 1024 and "position_embd" not in name and "input_projection" not in name
        self.writer.add_tensor(name, values.astype(np.float16 if is_half else np.float32))

    def vector(self, name, size, around=0.0, spread=0.1):
        self.writer.add_tensor(name, (around + spread * self.random.standard_normal(size)).astype(np.float32))

    def kernel(self, name, out, patch):
        values = self.random.standard_normal((out, 3, patch, patch)) / (patch * np.sqrt(3))
        self.writer.add_tensor(name, values.astype(np.float16))


def language_keys(writer, name, arch, shape, vocabulary, template, adds_bos=False):
    """Everything of a language.gguf but its weights. `vocabulary`: tokens, types, merges, id of the end."""
    tokens, types, merges, end = vocabulary
    writer.add_name(name)
    writer.add_context_length(shape["context"])
    writer.add_embedding_length(shape["width"])
    writer.add_block_count(shape["layers"])
    writer.add_feed_forward_length(shape["hidden"])
    writer.add_head_count(shape["heads"])
    writer.add_head_count_kv(shape["kv_heads"])
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(shape["rope"])
    if arch in ("llama", "gemma3", "qwen3vl"):
        writer.add_key_length(shape["head"])
        writer.add_value_length(shape["head"])
    if arch == "llama":
        writer.add_rope_dimension_count(shape["head"])
        writer.add_vocab_size(len(tokens))
    if arch == "gemma3":
        writer.add_sliding_window(64)
    if arch in ("qwen2vl", "qwen3vl"):
        writer.add_rope_dimension_sections(shape["rope_sections"])
    if arch == "qwen3vl":
        writer.add_num_deepstack_layers(len(shape["deepstack"]))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(end)
    writer.add_add_bos_token(adds_bos)
    writer.add_chat_template(template)


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_language(path, name, arch, template, controls, seed):
    writer = gguf.GGUFWriter(path, arch)
    words = vocabulary(name, controls)
    tokens = words[0]
    head = SHAPE["head"]
    language_keys(writer, f"tiny random {name}", arch, SHAPE, words, template, name in ("llava", "gemma3"))

    w = Weights(writer, seed)
    gemma = arch == "gemma3"
    w.matrix("token_embd.weight", len(tokens), WIDTH, 1.0 if gemma else 8.0)
    w.vector("output_norm.weight", WIDTH, 1.0)
    w.matrix("output.weight", len(tokens), WIDTH, 3.0)
    for i in range(LAYERS):
        p = f"blk.{i}."
        w.vector(p + "attn_norm.weight", WIDTH, 1.0)
        w.matrix(p + "attn_q.weight", WIDTH, WIDTH, 2.0)
        w.matrix(p + "attn_k.weight", 2 * head, WIDTH, 2.0)
        w.matrix(p + "attn_v.weight", 2 * head, WIDTH, 2.0)
        w.matrix(p + "attn_output.weight", WIDTH, WIDTH, 2.0)
        if arch in ("qwen2vl", "qwen2"):
            w.vector(p + "attn_q.bias", WIDTH)
            w.vector(p + "attn_k.bias", 2 * head)
            w.vector(p + "attn_v.bias", 2 * head)
        if arch in ("gemma3", "qwen3vl"):
            w.vector(p + "attn_q_norm.weight", head, 1.0)
            w.vector(p + "attn_k_norm.weight", head, 1.0)
        if gemma:
            w.vector(p + "post_attention_norm.weight", WIDTH, 1.0)
            w.vector(p + "post_ffw_norm.weight", WIDTH, 1.0)
        w.vector(p + "ffn_norm.weight", WIDTH, 1.0)
        w.matrix(p + "ffn_gate.weight", HIDDEN, WIDTH, 2.0)
        w.matrix(p + "ffn_up.weight", HIDDEN, WIDTH, 2.0)
        w.matrix(p + "ffn_down.weight", WIDTH, HIDDEN, 2.0)
    finish(writer)


def write_projector(w, projector):
    v = VISION_WIDTH
    if projector == "mlp":
        w.matrix("mm.0.weight", WIDTH, v, 4.0)
        w.vector("mm.0.bias", WIDTH)
        w.matrix("mm.2.weight", WIDTH, WIDTH, 4.0)
        w.vector("mm.2.bias", WIDTH)
    elif projector == "idefics3":
        w.matrix("mm.model.fc.weight", WIDTH, v * 16, 4.0)
    elif projector == "gemma3":
        w.matrix("mm.input_projection.weight", v, WIDTH, 2.0)
        w.vector("mm.soft_emb_norm.weight", v, 1.0)
    elif projector in ("qwen2vl_merger", "qwen3vl_merger"):
        w.matrix("mm.0.weight", 4 * v, 4 * v, 2.0)
        w.vector("mm.0.bias", 4 * v)
        w.matrix("mm.2.weight", WIDTH, 4 * v, 4.0)
        w.vector("mm.2.bias", WIDTH)
    elif projector == "internvl":
        w.vector("mm.model.mlp.0.weight", 4 * v, 1.0)
        w.vector("mm.model.mlp.0.bias", 4 * v)
        w.matrix("mm.model.mlp.1.weight", WIDTH, 4 * v, 4.0)
        w.vector("mm.model.mlp.1.bias", WIDTH)
        w.matrix("mm.model.mlp.3.weight", WIDTH, WIDTH, 4.0)
        w.vector("mm.model.mlp.3.bias", WIDTH)
    if projector == "qwen3vl_merger":
        p = "v.deepstack.0."
        w.vector(p + "norm.weight", 4 * v, 1.0)
        w.vector(p + "norm.bias", 4 * v)
        w.matrix(p + "fc1.weight", 4 * v, 4 * v, 2.0)
        w.vector(p + "fc1.bias", 4 * v)
        w.matrix(p + "fc2.weight", WIDTH, 4 * v, 4.0)
        w.vector(p + "fc2.bias", WIDTH)


def vision_keys(writer, projector, shape, image, patch, epsilon, mean, std):
    """Everything of an mmproj.gguf but its weights."""
    writer.add_bool("clip.has_vision_encoder", True)
    writer.add_string("clip.projector_type", projector)
    for key, value in (("embedding_length", shape["v_width"]), ("feed_forward_length", shape["v_hidden"]),
                       ("block_count", shape["v_layers"]), ("attention.head_count", shape["v_heads"]),
                       ("projection_dim", shape["width"]), ("image_size", image), ("patch_size", patch)):
        writer.add_uint32("clip.vision." + key, value)
    writer.add_float32("clip.vision.attention.layer_norm_epsilon", epsilon)
    writer.add_array("clip.vision.image_mean", mean)
    writer.add_array("clip.vision.image_std", std)
    writer.add_bool("clip.use_gelu", True)
    if projector == "idefics3":
        writer.add_uint32("clip.vision.projector.scale_factor", shape["scale"])
        writer.add_uint32("clip.vision.preproc_image_size", shape["preprocessed"])
    if projector == "gemma3":
        writer.add_uint32("clip.vision.projector.scale_factor", 2)
    if projector == "internvl":
        writer.add_uint32("clip.vision.projector.scale_factor", 2)
        writer.add_uint32("clip.vision.preproc_min_tiles", 1)
        writer.add_uint32("clip.vision.preproc_max_tiles", 4)
    if projector == "qwen3vl_merger":
        layers = [i in shape["deepstack"] for i in range(shape["v_layers"])]
        writer.add_array("clip.vision.is_deepstack_layers", layers)


def write_vision(path, projector, image, patch, seed):
    writer = gguf.GGUFWriter(path, "clip")
    v = VISION_WIDTH
    vision_keys(writer, projector, SHAPE, image, patch, 1e-5, [0.5, 0.45, 0.4], [0.25, 0.26, 0.27])

    w = Weights(writer, seed)
    qwen = projector.startswith("qwen")
    w.kernel("v.patch_embd.weight", v, patch)
    if qwen:
        w.kernel("v.patch_embd.weight.1", v, patch)
    if projector != "qwen2vl_merger":
        w.vector("v.patch_embd.bias", v)
        classes = 1 if projector in ("mlp", "internvl") else 0
        w.matrix("v.position_embd.weight", (image // patch) ** 2 + classes, v, 4.0)
        if classes:
            w.vector("v.class_embd", v, 0.0, 1.0)
    if projector == "mlp":
        w.vector("v.pre_ln.weight", v, 1.0)
        w.vector("v.pre_ln.bias", v)
    if projector not in ("mlp", "internvl"):
        w.vector("v.post_ln.weight", v, 1.0)
        w.vector("v.post_ln.bias", v)
    for i in range(VISION_LAYERS):
        p = f"v.blk.{i}."
        if projector == "qwen3vl_merger":
            w.matrix(p + "attn_qkv.weight", 3 * v, v, 2.0)
            w.vector(p + "attn_qkv.bias", 3 * v)
        else:
            for part in "qkv":
                w.matrix(p + f"attn_{part}.weight", v, v, 2.0)
                w.vector(p + f"attn_{part}.bias", v)
        w.matrix(p + "attn_out.weight", v, v, 2.0)
        w.vector(p + "attn_out.bias", v)
        if projector == "internvl":
            w.vector(p + "ls1.weight", v, 1.0)
            w.vector(p + "ls2.weight", v, 1.0)
        for norm in ("ln1", "ln2"):
            w.vector(p + norm + ".weight", v, 1.0)
            w.vector(p + norm + ".bias", v)
        w.matrix(p + "ffn_up.weight", VISION_HIDDEN, v, 2.0)
        w.vector(p + "ffn_up.bias", VISION_HIDDEN)
        w.matrix(p + "ffn_down.weight", v, VISION_HIDDEN, 2.0)
        w.vector(p + "ffn_down.bias", v)
    write_projector(w, projector)
    finish(writer)


def main():
    out = pathlib.Path(sys.argv[1])
    for number, (name, (arch, projector, template, controls, image, patch)) in enumerate(PAIRS.items()):
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        write_language(folder / "language.gguf", name, arch, template, controls, 100 + number)
        write_vision(folder / "mmproj.gguf", projector, image, patch, 200 + number)


if __name__ == "__main__":
    main()
