#!/usr/bin/env python3
"""Writes tests/data/text/tokenizer_variants.json: what the reference makes of tokenizer folders that were changed a little.

    pip install transformers==4.57.1 tokenizers==0.22.1 sentencepiece protobuf
    python3 make_tokenizer_variants.py OUT.json     # in the root of the checkout

A variant is a stored folder with some files left out and JSON patches (RFC 6902) on others.
"""
import json
import os
import random
import shutil
import sys
import tempfile

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
from transformers import AutoTokenizer, BertTokenizerFast  # noqa: E402

LLAMA = "tests/data/parity/llava_next/vicuna_two_frames/model"
BERT = "tests/data/parity/tokenizers/iblip_wordpiece"
CONFIG, JSON, MODEL = "tokenizer_config.json", "tokenizer.json", "tokenizer.model"
OLD = ["special_tokens_map.json", "added_tokens.json"]
LLAMA_TEXTS = [
    "", " ", "the quick frame", "USER: <image>\nWhat is <image><image> this? ASSISTANT:", "  a<s> the  </s>b ",
    "\u2581a \u2581", "hello<pad> \n <unk>", "\u00e9\u4e2d\U0001F600\x00\x85", "x<image>x <image> ", "hello thehello"]
BERT_TEXTS = ["", "What is unusual?", "[CLS]a [SEP]b[MASK] [DEC]c", "na\u00efve \u0130stanbul \u4e2d\u6587a\u00c5\ufb01",
              "Don't\tstop\x07\u200b\ufffd x\u00a0y", "video" * 25, "e\u0301 A\u030A\u0323 \uD55C"]


def put(path, value):
    return {"op": "add", "path": path, "value": value}


def gone(path):
    return {"op": "remove", "path": path}


def metaspace(scheme, split):
    return [put("/normalizer", None),
            put("/pre_tokenizer", {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": scheme, "split": split})]


def flags(**values):
    return [put(f"/added_tokens/{i}/{key}", value) for i in range(5) for key, value in values.items()]


def config_flags(**values):
    return [put(f"/added_tokens_decoder/{i}/{key}", value) for i in ("0", "1", "2", "IMAGE") for key, value in values.items()]


generic = [put("/tokenizer_class", "PreTrainedTokenizerFast")]
llama = {
    "as stored": {}, "add_prefix_space true": {CONFIG: [put("/add_prefix_space", True)]},
    "add_prefix_space false": {CONFIG: [put("/add_prefix_space", False)]},
    "add_prefix_space true, not legacy": {CONFIG: [put("/add_prefix_space", True), put("/legacy", False)]},
    "tokenizer.model only": {"without": [JSON]},
    "tokenizer.model only, not legacy": {"without": [JSON], CONFIG: [put("/legacy", False)]},
    "tokenizer.model only, add_prefix_space null": {"without": [JSON], CONFIG: [put("/add_prefix_space", None)]},
    "tokenizer.model alone": {"without": [JSON, CONFIG] + OLD}, "tokenizer.json alone": {"without": [MODEL, CONFIG] + OLD},
    "files from before added_tokens_decoder": {CONFIG: [gone("/added_tokens_decoder")]},
    "no start token": {CONFIG: [put("/add_bos_token", False)]}, "start token null": {CONFIG: [put("/add_bos_token", None)]},
    "end token": {CONFIG: [put("/add_eos_token", True)]}, "start token </s>": {CONFIG: [put("/bos_token", "</s>")]},
    "generic class": {CONFIG: generic}, "clean up": {CONFIG: [put("/clean_up_tokenization_spaces", True)]},
    "special tokens of the configuration": {CONFIG: [put("/additional_special_tokens", ["<|x|>", "hello"])]},
    "added tokens of the configuration": {CONFIG: [
        put("/added_tokens_decoder/900", {"content": "hello", "rstrip": True, "normalized": True, "special": False}),
        put("/added_tokens_decoder/800", {"content": "the", "special": True})]},
    "spaces to the left": {JSON: flags(lstrip=True), CONFIG: config_flags(lstrip=True)},
    "spaces to the right by the configuration": {CONFIG: config_flags(rstrip=True)},
    "spaces to the right, overruled": {JSON: flags(rstrip=True)},
    "spaces on both sides, generic class": {JSON: flags(lstrip=True, rstrip=True), CONFIG: generic},
    "single words": {JSON: flags(single_word=True), CONFIG: config_flags(single_word=True)},
    "normalised": {JSON: flags(normalized=True), CONFIG: config_flags(normalized=True)},
    "not special": {JSON: flags(special=False), CONFIG: generic},
    "no byte fallback": {JSON: [put("/model/byte_fallback", False)]},
    "unknown not fused": {JSON: [put("/model/byte_fallback", False), put("/model/fuse_unk", False)]},
    "no unknown token": {JSON: [put("/model/byte_fallback", False), put("/model/unk_token", None)]},
    "whole words first": {JSON: [put("/model/ignore_merges", True)]}, "no decoder": {JSON: [put("/decoder", None)]},
    "decoder of marks": {JSON: [put("/decoder", {"type": "Metaspace", "replacement": "\u2581",
                                                  "prepend_scheme": "always", "split": True})]},
}
for scheme in ("first", "always", "never"):
    for split in (True, False):
        llama[f"marks {scheme}, split {split}"] = {JSON: metaspace(scheme, split)}
bert = {
    "as stored": {}, "cased": {CONFIG: [put("/do_lower_case", False)]}, "accents kept": {CONFIG: [put("/strip_accents", False)]},
    "no spaces around ideographs": {CONFIG: [put("/tokenize_chinese_chars", False)]}, "vocab.txt": {"without": [JSON]},
    "vocab.txt alone": {"without": [JSON, CONFIG] + OLD}, "no configuration": {"without": [CONFIG] + OLD},
    "short words": {JSON: [put("/model/max_input_chars_per_word", 4)]},
    "other prefix": {JSON: [put("/model/continuing_subword_prefix", "@@")]},
    "BERT's post-processor": {JSON: [put("/post_processor", {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]})]},
    "not cleaned": {JSON: [put("/normalizer/clean_text", False)]},
}


def parts(path):
    return path.strip("/").split("/")


def apply(document, operations):
    for operation in operations:
        target = document
        *way, last = parts(operation["path"])
        for key in way:
            target = target[int(key)] if isinstance(target, list) else target[key]
        if operation["op"] == "remove":
            del target[last]
        else:
            target[last] = operation["value"]


def folder_of(base, variant):
    folder = tempfile.mkdtemp()
    for name in [JSON, MODEL, CONFIG, "vocab.txt", "config.json"] + OLD:
        if os.path.exists(f"{base}/{name}") and name not in variant.get("without", []):
            shutil.copyfile(f"{base}/{name}", f"{folder}/{name}")
    for name in (JSON, CONFIG):
        if name in variant:
            document = json.load(open(f"{folder}/{name}"))
            apply(document, variant[name])
            json.dump(document, open(f"{folder}/{name}", "w"))
    return folder


image_id = next(i for i, t in json.load(open(f"{LLAMA}/{CONFIG}"))["added_tokens_decoder"].items() if t["content"] == "<image>")
random.seed(4)
result = {"reference": "transformers 4.57.1, tokenizers 0.22.1", "llama": [], "bert": []}
for name, variant in llama.items():
    for operation in variant.get(CONFIG, []):
        operation["path"] = operation["path"].replace("IMAGE", image_id)
    folder = folder_of(LLAMA, variant)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = [[random.choice([random.randrange(len(tokenizer) + 3), random.randrange(3, 262)]) for _ in range(12)] for _ in range(4)]
    result["llama"].append({
        "name": name, "changes": variant,
        "texts": [[text, tokenizer(text)["input_ids"], tokenizer(text, add_special_tokens=False)["input_ids"]] for text in LLAMA_TEXTS],
        "ids": [[i, tokenizer.decode(i, skip_special_tokens=True), tokenizer.decode(i)] for i in ids]})
    shutil.rmtree(folder)
for name, variant in bert.items():
    folder = folder_of(BERT, variant)
    tokenizer = BertTokenizerFast.from_pretrained(folder)
    result["bert"].append({"name": name, "changes": variant, "texts": [[t, tokenizer(t)["input_ids"]] for t in BERT_TEXTS]})
    shutil.rmtree(folder)
with open(sys.argv[1], "w") as out:
    out.write(json.dumps(result).replace('{"name"', '\n{"name"') + "\n")
