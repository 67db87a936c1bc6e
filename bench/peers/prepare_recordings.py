#!/usr/bin/env python3
"""Makes recordings of real speech with known text out of Debian packages.

    prepare_recordings.py FOLDER

Writes FOLDER/<name>.wav (16 kHz mono) and FOLDER/<name>.txt:
  prompts    long telephone prompts of asterisk-core-sounds-en-g722 (one trained voice), half a second between them
  book       five sentences of a LibriVox reading from pocketsphinx-testdata (one voice, 25 s)
Needs apt-get, dpkg-deb and ffmpeg. Add recordings of your own as further pairs of .wav and .txt.
"""

import gzip
import os
import re
import subprocess
import sys
import tempfile
import wave

RATE = 16000
PACKAGES = ["asterisk-core-sounds-en", "asterisk-core-sounds-en-g722", "pocketsphinx-testdata"]
SHORTEST_PROMPT_SECONDS = 18.0


def unpack(folder):
    subprocess.run(["apt-get", "download", "-q", *PACKAGES], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    for name in sorted(os.listdir(folder)):
        if name.endswith(".deb"):
            subprocess.run(["dpkg-deb", "-x", name, "root"], cwd=folder, check=True)
    return os.path.join(folder, "root", "usr", "share")


def decode(path, *input_options):
    command = ["ffmpeg", "-v", "error", *input_options, "-i", path, "-ac", "1", "-ar", str(RATE), "-f", "s16le", "-"]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def write(folder, name, parts):
    pause = b"\0\0" * (RATE // 2)
    with wave.open(os.path.join(folder, name + ".wav"), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(pause.join(sound for sound, _ in parts))
    with open(os.path.join(folder, name + ".txt"), "w", encoding="utf-8") as out:
        out.write("\n".join(text for _, text in parts) + "\n")
    seconds = sum(len(sound) for sound, _ in parts) / 2 / RATE
    print(f"{name}: {seconds:.0f} s of sound, {sum(len(text.split()) for _, text in parts)} words")


def prompts(share):
    sounds = os.path.join(share, "asterisk", "sounds", "en_US_f_Allison")
    parts = []
    with gzip.open(os.path.join(share, "doc", "asterisk-core-sounds-en", "core-sounds-en.txt.gz"), "rt") as listing:
        for line in listing:
            found = re.match(r"\s*([\w/-]+):\s*(.+)", line)
            if not found or "[" in found[2] or "silence" in found[1]:
                continue
            path = os.path.join(sounds, found[1] + ".g722")
            if os.path.exists(path) and os.path.getsize(path) / 8000 >= SHORTEST_PROMPT_SECONDS:
                parts.append((decode(path, "-f", "g722"), found[2].strip()))
    return parts


def book(share):
    folder = os.path.join(share, "pocketsphinx", "test", "data", "librivox")
    parts = []
    for line in open(os.path.join(folder, "transcription"), encoding="utf-8"):
        found = re.match(r"<s> (.*) </s> \((.*)\)", line)
        if found:
            parts.append((decode(os.path.join(folder, found[2] + ".wav")), found[1]))
    return parts


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    os.makedirs(sys.argv[1], exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        share = unpack(work)
        write(sys.argv[1], "prompts", prompts(share))
        write(sys.argv[1], "book", book(share))


if __name__ == "__main__":
    main()
