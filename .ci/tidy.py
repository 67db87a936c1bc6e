#!/usr/bin/env python3
"""clang-tidy over every source of the project, as many at once as there are cores.

    .ci/tidy.py BUILD_FOLDER [SOURCE...]

Tests are spared the path-sensitive analyzer, which takes most of the time and finds least in them. A file that was
clean is not looked at again until it, a project header it includes, the configuration, its compile
command or the pinned dependencies change: the key of all these is kept in the dependency cache.
"""
import hashlib
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TIDY = "clang-tidy-14"
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)


def cache_folder():
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(os.environ.get("CINESCRIBE_DEPS_CACHE") or Path(home) / "cinescribe-deps") / "tidy"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def with_headers(source, folders):
    """The source and every project header it reaches, in a fixed order."""
    found, open_files = {}, [source]
    while open_files:
        path = open_files.pop()
        if path in found:
            continue
        found[path] = path.read_bytes()
        for name in INCLUDE.findall(found[path].decode("utf-8", "replace")):
            candidates = (folder / name for folder in [path.parent, *folders])
            open_files += [c.resolve() for c in candidates if c.is_file()][:1]
    return [found[path] for path in sorted(found)]


def options_for(path):
    return ["--checks=-clang-analyzer-*"] if path.is_relative_to(ROOT / "tests/unit") else []


def key_of(entry, common):
    command = entry["command"] + " ".join(options_for(Path(entry["file"]).resolve()))
    folders = [Path(f) for f in re.findall(r"-I(\S+)", command)]
    digest = hashlib.sha256(common)
    digest.update(command.replace(str(ROOT), "").encode())
    for content in with_headers(Path(entry["file"]).resolve(), folders):
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


def main():
    build = Path(sys.argv[1]).resolve()
    only = {Path(a).resolve() for a in sys.argv[2:]}
    version = subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout
    common = version + (ROOT / ".clang-tidy").read_bytes() + (ROOT / "cmake/Dependencies.cmake").read_bytes()
    entries = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = Path(entry["file"]).resolve()
        is_ours = path.is_relative_to(ROOT) and not path.is_relative_to(build)
        if path in only or (is_ours and not only):
            entries[path] = entry
    if not entries:
        sys.exit("tidy: no source to look at; is " + str(build) + " configured?")
    cache = cache_folder()
    keys = {path: key_of(entry, common) for path, entry in entries.items()}
    stale = sorted(path for path in entries if not (cache / keys[path]).exists())
    print(f"tidy: {len(entries)} sources, {len(stale)} changed since they were last clean", flush=True)

    def look(path):
        done = subprocess.run([TIDY, "-p", str(build), "--quiet", *options_for(path), str(path)], capture_output=True, text=True, cwd=ROOT)
        if done.returncode == 0:
            (cache / keys[path]).touch()
        return path, done

    bad = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, done in pool.map(look, stale):
            if done.returncode:
                bad += 1
                print(done.stdout, done.stderr, f"tidy: {path.relative_to(ROOT)} is not clean\n", sep="\n", flush=True)
    print(f"tidy: {len(entries) - bad} clean, {bad} not")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
