#!/usr/bin/env python3
"""Writes unicode_tables.inc: what BERT's normaliser does to every code point, asked from the reference itself.

    pip install tokenizers==0.22.1 && python3 make_unicode_tables.py unicode_tables.inc

The reference mixes tables of several Unicode versions, so no single version of the Unicode database gives its answers.
"""
import sys
import unicodedata

import tokenizers
from tokenizers import normalizers, pre_tokenizers

HANGUL = range(0xAC00, 0xD7A4)  # decomposed by arithmetic


def bert(**on):
    off = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**{**off, **on})


clean, accents, lower = bert(clean_text=True), bert(strip_accents=True), bert(lowercase=True)
ideographs, split = bert(handle_chinese_chars=True), pre_tokenizers.BertPreTokenizer()
points = [p for p in range(0x110000) if not 0xD800 <= p < 0xE000]


def ranges(predicate):
    found = []
    for p in points:
        if predicate(p):
            if found and found[-1][1] == p - 1:
                found[-1][1] = p
            else:
                found.append([p, p])
    return found


def wrapped(items):
    lines, line = [], "   "
    for item in items:
        if len(line) + len(item) + 2 > 118:
            lines.append(line)
            line = "   "
        line += " " + item + ","
    return "\n".join(lines + [line])


def write_ranges(file, name, comment, found):
    items = ["{0x%X, 0x%X}" % (first, last) for first, last in found]
    file.write(f"/// {comment}\nconstexpr CodePointRange {name}[] = {{\n{wrapped(items)}\n}};\n\n")


def write_mapping(file, name, comment, function):
    """Runs of neighbours (every code point, or every second) that move by the same distance; longer results one by one."""
    runs, others = [], []
    for p in points:
        target = [ord(c) for c in function(chr(p))]
        if p in HANGUL or target == [p] or not target:
            continue
        if len(target) != 1:
            assert len(target) <= 3, hex(p)
            others.append((p, target + [0] * (3 - len(target))))
            continue
        distance = target[0] - p
        if runs and runs[-1][3] == distance:
            step = p - runs[-1][1]
            if step in (1, 2) and (runs[-1][0] == runs[-1][1] or runs[-1][2] == step):
                runs[-1][1], runs[-1][2] = p, step
                continue
        runs.append([p, p, 1, distance])
    items = ["{0x%X, 0x%X, %d, %d}" % tuple(run) for run in runs]
    file.write(f"/// {comment}\nconstexpr CodePointRun {name}Runs[] = {{\n{wrapped(items)}\n}};\n")
    items = ["{0x%X, {0x%X, 0x%X, 0x%X}}" % (p, *target) for p, target in others]
    file.write(f"constexpr LongMapping {name}Others[] = {{\n{wrapped(items)}\n}};\n\n")


def is_word(p):
    c = chr(p)
    return unicodedata.category(c)[0] in "LM" or unicodedata.category(c) in ("Nd", "Nl", "Pc") or p in (0x200C, 0x200D) \
        or 0x24B6 <= p <= 0x24E9 or 0x1F130 <= p <= 0x1F149 or 0x1F150 <= p <= 0x1F169 or 0x1F170 <= p <= 0x1F189


def is_space(p):
    return len(split.pre_tokenize_str("a" + chr(p) + "b")) == 2


with open(sys.argv[1], "w") as out:
    out.write(f"// Made by make_unicode_tables.py from tokenizers {tokenizers.__version__}; do not edit.\n// clang-format off\n\n")
    write_ranges(out, "kSpaces", "White space.", ranges(is_space))
    write_ranges(out, "kRemoved", "What BERT's clean-up takes out.", ranges(lambda p: clean.normalize_str("a" + chr(p) + "b") == "ab"))
    write_ranges(out, "kPunctuation", "What stands by itself in BERT's words.",
                 ranges(lambda p: len(split.pre_tokenize_str("a" + chr(p) + "b")) == 3))
    write_ranges(out, "kIdeographs", "What BERT puts between spaces.", ranges(lambda p: ideographs.normalize_str(chr(p)) != chr(p)))
    write_ranges(out, "kWordCharacters", "\\w of a regular expression.", ranges(is_word))
    write_ranges(out, "kNonSpacingMarks", "What stripping accents takes out.", ranges(lambda p: not accents.normalize_str(chr(p))))
    write_mapping(out, "kUnaccented", "Canonical decomposition without its non-spacing marks.", accents.normalize_str)
    write_mapping(out, "kLowerCase", "Lower case.", lower.normalize_str)
