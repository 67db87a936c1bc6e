#!/usr/bin/env python3
"""What `cinescribe analyze` does when something around it fails: one case of the table in docs/reliability.md.

    faults.py CASE PROGRAM MEDIA_FOLDER NETWORKS WORK_FOLDER
"""
import collections
import ctypes
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

case, program, media, networks, work = sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), Path(sys.argv[5])
environment = {k: v for k, v in os.environ.items() if not k.startswith(("CINESCRIBE_", "XDG_"))}
environment |= {"HOME": str(work), "XDG_CACHE_HOME": str(work / "cache"), "LC_ALL": "C.UTF-8"}
findings = ["--stages", "scenes,sounds,objects", "--sound-model", str(networks / "yamnet"), "--object-model", str(networks / "animals.onnx")]
PATIENCE_SECONDS = 120


def start(*arguments, **options):
    command = [program, "analyze", *map(str, arguments), "--progress", "none", "--captioner", "none"]
    return subprocess.Popen(command, cwd=work, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **options)


def end(process, expected):
    words = process.communicate(timeout=PATIENCE_SECONDS)[1]
    assert process.returncode == expected, f"exit code {process.returncode} instead of {expected}\n{words}"
    return words


def run(*arguments, expected=0, **options):
    return end(start(*arguments, **options), expected)


def clip(name="clip.mp4", source="nasa_13013.mp4"):
    return Path(shutil.copy(media / source, work / name))


def folder(output="results", video="clip"):
    return work / output / "base" / video


def records(at):
    return [json.loads(line) for line in (at / "journal.jsonl").read_text().splitlines()]


def was_skipped():
    return json.loads((work / "results" / "summary.json").read_text())["inputs"][0]["state"] == "skipped"


def base_data(at):
    data = json.loads((at / "base_data.json").read_text())
    data.pop("timings")
    return data


def is_unfinished(at):
    assert not (at / "base_data.json").exists(), "base_data.json stands for finished work"


def wait_for(condition, process):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert process.poll() is None, f"it ended too early\n{process.stderr.read()}"
        assert time.monotonic() < deadline, "it did not come so far"
        time.sleep(0.001)


def stopped_at_work(video, *options):
    """A process that holds still in the middle of its work, with what it does not decode from memory any more ahead of it."""
    process = start(video, *options)
    wait_for(lambda: (folder() / "journal.jsonl").exists() and "begin" in (folder() / "journal.jsonl").read_text(), process)
    process.send_signal(signal.SIGSTOP)
    return process


def full_disk():
    def few_bytes():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write then fails with EFBIG, as it does with ENOSPC on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    video = clip()
    run(video, *findings, "-o", "whole")
    sizes = sorted(path.stat().st_size for path in folder("whole").rglob("*") if path.is_file())
    for limit in (100, 1000, sizes[len(sizes) // 2], sizes[-1] - 1):
        words = run(video, *findings, expected=5, preexec_fn=few_bytes)
        assert "File too large" in words and "free some space" in words, words
        is_unfinished(folder())
    run(video, *findings)
    assert base_data(folder()) == base_data(folder("whole"))


def without_privileges():
    """Permissions hold for root, too, once this capability has left the set that exec grants."""
    drop_from_bounding_set, override_permissions = 24, 1
    if os.geteuid() == 0:
        assert ctypes.CDLL(None, use_errno=True).prctl(drop_from_bounding_set, override_permissions, 0, 0, 0) == 0


def read_only_output():
    video = clip()
    target = work / "locked"
    target.mkdir(mode=0o555)
    words = run(video, *findings, "-o", target, expected=5, preexec_fn=without_privileges)
    assert "locked" in words and "ermission" in words, words
    assert not list(target.iterdir())


def input_removed():
    video = clip()
    process = stopped_at_work(video, *findings, "--min-scene-len", "600s")  # no scene is certain before the end
    video.unlink()
    process.send_signal(signal.SIGCONT)
    words = end(process, 3)  # the pass goes on from the open file; the pictures, a second pass, need its name
    assert "clip.mp4" in words, words
    is_unfinished(folder())
    clip()
    run(video, *findings)
    assert len(base_data(folder())["scenes"]) > 0


def device_lost():
    """ggml ends the process by abort() when a driver fails."""
    video = clip()
    run(video, *findings, "-o", "whole")
    process = stopped_at_work(video, *findings)
    process.send_signal(signal.SIGABRT)
    process.send_signal(signal.SIGCONT)
    end(process, -signal.SIGABRT)
    is_unfinished(folder())
    run(video, *findings)
    assert base_data(folder()) == base_data(folder("whole"))


def input_truncated():
    video = clip(source="fades_2997.mp4")
    size = video.stat().st_size
    for share in (0.0, 0.01, 0.3, 0.7, 0.999):
        os.truncate(video, int(size * share))
        process = start(video, *findings, "--force")
        words = process.communicate(timeout=PATIENCE_SECONDS)[1]
        assert process.returncode in (0, 3), f"{share}: exit code {process.returncode}\n{words}"
        if process.returncode == 3:
            assert "clip.mp4" in words, words
            is_unfinished(folder())
        else:
            assert base_data(folder())["scenes"], "what can be read is analysed"
        clip(source="fades_2997.mp4")


def clock_jumps():
    """Nothing depends on the time of day: files from the future and from 1970 are what they are, and so are results."""
    video = clip()
    run(video, *findings)
    before = base_data(folder())
    for moment in (0, 2**33):
        for path in [video, *folder().rglob("*")]:
            os.utime(path, (moment, moment))
        run(video, *findings)
        assert was_skipped()
    run(video, *findings, "--force")
    assert base_data(folder()) == before


def broken_model():
    video = clip()
    damaged = work / "models"
    shutil.copytree(networks, damaged)
    for flag, path in (("--object-model", damaged / "animals.onnx"), ("--model", damaged / "babble.bin"),
                       ("--sound-model", damaged / "yamnet")):
        victim = max(path.rglob("*"), key=lambda p: p.stat().st_size) if path.is_dir() else path
        good = victim.read_bytes()
        for bytes_left in (good[:len(good) // 2], good[:10], b""):
            victim.write_bytes(bytes_left)
            stage = {"--object-model": "objects", "--model": "speech", "--sound-model": "sounds"}[flag]
            words = run(video, "--stages", f"scenes,{stage}", "--no-vad", flag, path, expected=4)
            assert path.name in words, words
            is_unfinished(folder())
        victim.write_bytes(good)


def device_missing():
    """A device that is not there (or went away between runs) is named before anything is written."""
    video = clip()
    process = start(video, "--stages", "scenes,speech", "--no-vad", "--model", networks / "babble.bin", "--device", "cuda:7")
    words = process.communicate(timeout=PATIENCE_SECONDS)[1]
    assert process.returncode in (2, 5), f"exit code {process.returncode}\n{words}"
    assert "cuda" in words, words
    is_unfinished(folder())


def two_processes():
    video = clip()
    first = stopped_at_work(video, *findings)
    began = time.monotonic()
    words = run(video, *findings, expected=5)
    assert "in use" in words and str(first.pid) in words, words
    assert time.monotonic() - began < 60, "it neither waits forever nor works beside the other"
    lines = (folder() / "journal.jsonl").read_text()
    first.send_signal(signal.SIGCONT)
    end(first, 0)
    assert (folder() / "journal.jsonl").read_text().startswith(lines), "the second one has touched the journal"
    run(video, *findings)
    assert was_skipped()


def torn_journal():
    video = clip()
    run(video, *findings)
    before, journal = base_data(folder()), folder() / "journal.jsonl"
    good = journal.read_bytes()
    lines = good.splitlines(keepends=True)
    for damage in (good[:-1], good[:-30], good[:len(good) // 2], good[:100], b"", good[:-20] + b"x" * 20, good + b"\0" * 4096,
                   b"".join(lines[:3]) + lines[3].replace(b"1", b"2", 1) + b"".join(lines[4:])):
        journal.write_bytes(damage)
        run(video, *findings)
        assert base_data(folder()) == before, f"{len(damage)} bytes of {len(good)}"
        for line in journal.read_text().splitlines():
            json.loads(line)


def what_changes():
    """Changed settings, models and media invalidate what they touch, and that alone."""
    video = clip()
    shutil.copytree(networks, work / "models")
    given = {"--min-scene-len": "15", "--keep-frames": "both", "--language": "en", "--sound-threshold": "0.3", "--objects-fps": "5"}
    fixed = ["--no-vad", "--word-times", "off", "--model", "models/babble.bin", "--sound-model", "models/yamnet", "--object-model",
             "models/animals.onnx"]

    def begun():
        counts = collections.Counter(r["stage"] for r in records(folder()) if r["type"] == "begin")
        return counts

    def redone(change):
        before = begun() if folder().exists() else collections.Counter()
        change()
        run(video, *fixed, *[word for pair in given.items() for word in pair])
        after = begun()
        return set(after) if any(after[s] < before[s] for s in before) else {s for s in after if after[s] > before[s]}

    everything = {"scenes", "frames", "speech", "sounds", "objects"}
    assert redone(lambda: None) == everything
    assert redone(lambda: None) == set()
    for flag, value, expected in (("--keep-frames", "start", {"frames"}), ("--language", "de", {"speech"}),
                                  ("--sound-threshold", "0.4", {"sounds"}), ("--objects-fps", "2", {"objects"}),
                                  ("--min-scene-len", "40", {"scenes", "frames", "sounds"})):
        found = redone(lambda: given.update({flag: value}))
        assert found == expected, f"{flag} {value}: {found} instead of {expected}"
    shutil.copy(networks / "blind.onnx", work / "models" / "animals.onnx")
    assert redone(lambda: None) == {"objects"}, "another model under the same name"
    (work / "elsewhere").mkdir()
    video = video.rename(work / "elsewhere" / "clip.mp4")
    assert redone(lambda: None) == set(), "the same video in another folder"
    with open(video, "ab") as stream:
        stream.write(bytes(100))
    before = begun()
    run(video, *fixed, *[word for pair in given.items() for word in pair])
    assert set(begun()) == everything and max(begun().values()) == 1, f"another video under the same name: {before} {begun()}"


cases = {f.__name__: f for f in (full_disk, read_only_output, input_removed, input_truncated, clock_jumps, broken_model, device_missing, device_lost,
                                 two_processes, torn_journal, what_changes)}
shutil.rmtree(work, ignore_errors=True)
work.mkdir(parents=True)
cases[case]()
shutil.rmtree(work, ignore_errors=True)
print(f"{case}: as docs/reliability.md says")
