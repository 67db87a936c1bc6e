#!/usr/bin/env python3
"""Runs one command-line case of a data file, in a folder of its own.

    run_case.py --list CASES.toml                         names of the cases, one a line
    run_case.py CASES.toml NAME PROGRAM MEDIA WORK_FOLDER NETWORKS

A case is a table [[case]]:
  name           a sentence, unique in the file
  run            arguments of cinescribe; {media}, {networks} and {work} stand for the folders of test media, of small
                 networks (support/write_networks.cpp) and the case's own
  exit           expected exit code (default 0)
  stdout, stderr regular expressions that must each be found
  never          regular expressions that must be found in neither
  stdout_is      the whole of stdout, exactly
  json           what the JSON on stdout must hold: given keys and list items are compared, others may be there
  files          files to make first: text, or {from = "MEDIA FILE", bytes = N} (its first N bytes), or {size = N} (zeros)
  before         commands (lists of arguments) that must end with 0 first
  env            environment variables
  interrupt_at   regular expression: SIGINT is sent (as by Ctrl-C) after the first line of stderr in which it is found
  then           commands that must end with 0 afterwards
  creates        paths that must be there and not be empty afterwards
  contains       files whose text must hold every one of a list of regular expressions
  leaves_no      globs that must match nothing afterwards
  disk_bytes     size of a disk of its own, mounted at {work}/disk (Linux name spaces)
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

TIME_LIMIT_SECONDS = 300


def fail(words, done=None):
    print("FAILED:", words)
    if done is not None:
        print(f"exit code {done.returncode}\n--- stdout\n{done.stdout}\n--- stderr\n{done.stderr}")
    sys.exit(1)


def differences(expected, actual, where="$"):
    """Where `actual` lacks what `expected` asks for; numbers may differ by a millionth of their size."""
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return [f"{where}: expected an object, found {actual!r}"]
        return [d for key, value in expected.items()
                for d in (differences(value, actual[key], f"{where}.{key}") if key in actual else [f"{where}.{key}: missing"])]
    if isinstance(expected, list):
        if not isinstance(actual, list) or len(actual) != len(expected):
            return [f"{where}: expected {len(expected)} items, found {actual!r}"]
        return [d for i, value in enumerate(expected) for d in differences(value, actual[i], f"{where}[{i}]")]
    is_number = isinstance(expected, (int, float)) and not isinstance(expected, bool)
    if is_number and isinstance(actual, (int, float)):
        return [] if abs(expected - actual) <= 1e-6 * max(1.0, abs(expected)) else [f"{where}: expected {expected}, found {actual}"]
    return [] if expected == actual else [f"{where}: expected {expected!r}, found {actual!r}"]


def make_files(case, work, media):
    for name, content in case.get("files", {}).items():
        path = work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.write_text(content)
        elif "from" in content:
            data = (media / content["from"]).read_bytes()
            path.write_bytes(data[: content.get("bytes", len(data))])
        else:
            path.write_bytes(bytes(content["size"]))


def run_program(case, program, arguments, work, environment):
    command = [program, *arguments]
    if "disk_bytes" in case:
        (work / "disk").mkdir(exist_ok=True)
        mount = f'mount -t tmpfs -o size={case["disk_bytes"]} none disk && exec "$@"'
        command = ["unshare", "--mount", "--map-root-user", "sh", "-c", mount, "sh", *command]
    return subprocess.run(command, cwd=work, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, errors="replace", timeout=TIME_LIMIT_SECONDS)


def run_interrupted(pattern, program, arguments, work, environment):
    """What is printed to stdout must fit into a pipe."""
    with subprocess.Popen([program, *arguments], cwd=work, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, errors="replace") as process:
        lines, is_sent = [], False
        for line in process.stderr:
            lines.append(line)
            if not is_sent and re.search(pattern, line):
                process.send_signal(signal.SIGINT)
                is_sent = True
        stdout = process.stdout.read()
        code = process.wait(TIME_LIMIT_SECONDS)
    return subprocess.CompletedProcess(arguments, code, stdout, "".join(lines))


def check(case, done, work):
    if done.returncode != case.get("exit", 0):
        fail(f"expected exit code {case.get('exit', 0)}", done)
    for stream in ("stdout", "stderr"):
        for pattern in case.get(stream, []):
            if not re.search(pattern, getattr(done, stream), re.M):
                fail(f"{stream} lacks {pattern!r}", done)
    for pattern in case.get("never", []):
        if re.search(pattern, done.stdout + done.stderr, re.M):
            fail(f"the output says {pattern!r}", done)
    if "stdout_is" in case and done.stdout != case["stdout_is"]:
        fail(f"stdout is not {case['stdout_is']!r}", done)
    if "json" in case:
        try:
            found = differences(case["json"], json.loads(done.stdout))
        except ValueError as error:
            fail(f"stdout is no JSON: {error}", done)
        if found:
            fail("\n".join(found), done)
    for name in case.get("creates", []):
        if not any(path.is_dir() or path.stat().st_size for path in work.glob(name)):
            fail(f"{name} is missing or empty", done)
    for name, patterns in case.get("contains", {}).items():
        text = (work / name).read_text() if (work / name).is_file() else fail(f"{name} is missing", done)
        for pattern in patterns:
            if not re.search(pattern, text, re.M):
                fail(f"{name} lacks {pattern!r}:\n{text[:4000]}", done)
    for pattern in case.get("leaves_no", []):
        if found := sorted(str(path) for path in work.glob(pattern)):
            fail(f"left behind: {found}", done)


def main():
    cases = tomllib.loads(Path(sys.argv[-1] if sys.argv[1] == "--list" else sys.argv[1]).read_text())["case"]
    if sys.argv[1] == "--list":
        names = [case["name"] for case in cases]
        assert len(set(names)) == len(names), "two cases have the same name"
        print("\n".join(names))
        return
    name, program, media, work, networks = sys.argv[2], sys.argv[3], Path(sys.argv[4]), Path(sys.argv[5]), sys.argv[6]
    case = next(c for c in cases if c["name"] == name)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    make_files(case, work, media)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("CINESCRIBE_", "XDG_"))}
    environment |= {"HOME": str(work / "home"), "XDG_CACHE_HOME": str(work / "cache"), "XDG_CONFIG_HOME": str(work / "config"),
                    "LC_ALL": "C.UTF-8"}

    def filled(text):
        return str(text).replace("{media}", str(media)).replace("{work}", str(work)).replace("{networks}", networks)

    environment |= {k: filled(v) for k, v in case.get("env", {}).items()}
    for arguments in case.get("before", []):
        done = run_program(case, program, [filled(a) for a in arguments], work, environment)
        if done.returncode:
            fail(f"{arguments} must end with 0 first", done)
    arguments = [filled(a) for a in case["run"]]
    if "interrupt_at" in case:
        done = run_interrupted(case["interrupt_at"], program, arguments, work, environment)
    else:
        done = run_program(case, program, arguments, work, environment)
    check(case, done, work)
    for following in case.get("then", []):
        done = run_program(case, program, [filled(a) for a in following], work, environment)
        if done.returncode:
            fail(f"{following} must end with 0 afterwards", done)
    shutil.rmtree(work)


if __name__ == "__main__":
    main()
