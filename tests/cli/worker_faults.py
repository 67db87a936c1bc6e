#!/usr/bin/env python3
"""Captioners' processes that are killed, stopped or abandoned from outside, with the real program and a tiny model.

    worker_faults.py CASE PROGRAM CHECKPOINT MEDIA_FOLDER WORK_FOLDER

What a disturbed run leaves must be what an undisturbed one leaves, but for the objects called `timings`.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

PATIENCE_SECONDS = 120
VIDEOS = ["cuts_23976.mp4", "fades_2997.mp4"]
# Long answers, so that there is time to disturb their making; engines of one thread do not spin.
SLOW = ["--threads", "1", "--min-new-tokens", "300", "--max-new-tokens", "300", "--batch", "2"]


def fail(words):
    print("FAILED:", words)
    sys.exit(1)


def without_timings(value):
    if isinstance(value, dict):
        return {k: without_timings(v) for k, v in value.items() if k != "timings"}
    return [without_timings(v) for v in value] if isinstance(value, list) else value


def wait_for(what, condition):
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.02)
    fail(f"waited in vain for {what}")


def is_bound(process):
    """Whether a captioner's process has tied its life to its parent's: what it does next is to offer itself to the memory
    killer. Stopped before that, it would outlive its parent until somebody lets it go on."""
    return (process / "oom_score_adj").read_text().strip() == "500"


def children(pid):
    """Captioners' processes of this one that are alive and bound to it."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text().rpartition(")")[2].split()
            is_worker = int(stat[1]) == pid and b"caption-worker" in (entry / "cmdline").read_bytes()
            if is_worker and stat[0] != "Z" and is_bound(entry):
                found.append(int(entry.name))
        except OSError:
            pass
    return found


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Bench:
    def __init__(self, program, checkpoint, media, work):
        self.program, self.work = program, work
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("CINESCRIBE_", "XDG_"))}
        self.environment |= {"HOME": str(work / "home"), "XDG_CACHE_HOME": str(work / "cache"), "LC_ALL": "C.UTF-8"}
        self.run("import", checkpoint, "-o", "tiny", "--type", "f32", "--name", "tiny")
        self.run("analyze", *[str(media / name) for name in VIDEOS], "--stages", "scenes", "--min-scene-len", "5",
                 "--captioner", "none")

    def command(self, output, *flags):
        return [self.program, "caption-scenes", "results", "--captioner", "tiny", "-o", output, *SLOW, *flags]

    def second_model(self, name):
        """The same weights under another name."""
        shutil.copytree(self.work / "tiny", self.work / name)
        card = self.work / name / "model.json"
        card.write_text(json.dumps(json.loads(card.read_text()) | {"name": name}))

    def run(self, *arguments, expected=0):
        done = subprocess.run([self.program, *arguments], cwd=self.work, env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=PATIENCE_SECONDS)
        if done.returncode != expected:
            fail(f"{arguments} ended with {done.returncode}, not {expected}:\n{done.stderr}")
        return done.stderr

    def caption(self, output, *flags, expected=0):
        return self.run(*self.command(output, *flags)[1:], expected=expected)

    def start(self, output, *flags):
        with open(self.work / "stderr.txt", "w") as words:
            return subprocess.Popen(self.command(output, *flags), cwd=self.work, env=self.environment,
                                    stdin=subprocess.DEVNULL, stderr=words)

    def end(self, process, expected=0):
        code = process.wait(PATIENCE_SECONDS)
        words = (self.work / "stderr.txt").read_text()
        if code != expected:
            fail(f"ended with {code}, not {expected}:\n{words}")
        return words

    def first_caption(self, output):
        """Waits until one scene is described."""
        journal = self.work / output / "tiny" / "cuts_23976" / "journal.jsonl"
        wait_for("a caption", lambda: journal.exists() and b'"type":"unit"' in journal.read_bytes())

    def worker(self, process, other_than=()):
        return wait_for("a captioner's process", lambda: [p for p in children(process.pid) if p not in other_than])[0]

    def captions(self, output, captioner="tiny"):
        return [json.loads((self.work / output / captioner / name.partition(".")[0] / "vlm_captions.json").read_text())
                for name in VIDEOS]

    def expect_same(self, output, expected):
        if without_timings(self.captions(output)) != without_timings(self.captions(expected)):
            fail(f"the captions in {output} differ from those in {expected}")


def expect_words(words, *patterns):
    for pattern in patterns:
        if not re.search(pattern, words):
            fail(f"stderr lacks {pattern!r}:\n{words}")


def case_same_as_in_process(bench):
    bench.caption("own")
    bench.caption("shared", "--in-process")
    bench.expect_same("own", "shared")


def case_killed(bench):
    bench.caption("calm")
    process = bench.start("out")
    bench.first_caption("out")
    os.kill(bench.worker(process), signal.SIGKILL)
    words = bench.end(process)
    expect_words(words, r"tiny: its process was killed \(signal 9\)", r"tried again in a new process")
    bench.expect_same("out", "calm")
    tried_again = [s for c in bench.captions("out") for s in c["scenes"] if s["timings"].get("attempts") == 2]
    if not tried_again or sum(c["timings"]["scenes_tried_again"] for c in bench.captions("out")) != len(tried_again):
        fail("the file does not tell which scenes were tried again")


def case_stopped(bench):
    bench.caption("calm")
    process = bench.start("out", "--captioner-timeout", "4")
    bench.first_caption("out")
    worker = bench.worker(process)
    os.kill(worker, signal.SIGSTOP)
    expect_words(bench.end(process), r"hung: it gave no sign of life")
    if is_alive(worker):
        fail("the process that hung is still there")
    bench.expect_same("out", "calm")


def case_interrupted(bench):
    bench.caption("calm")
    process = bench.start("out")
    bench.first_caption("out")
    worker = bench.worker(process)
    process.send_signal(signal.SIGINT)
    bench.end(process, expected=6)
    if is_alive(worker):
        fail("the captioner's process outlived Ctrl-C")
    expect_words(bench.caption("out"), r"taken over from an earlier run")
    bench.expect_same("out", "calm")


def case_orphaned(bench):
    """The main process is killed: its worker goes, whether it works or was stopped, and the next run goes on."""
    bench.caption("calm")
    for is_stopped in (False, True):
        process = bench.start("out")
        worker = bench.worker(process)
        if is_stopped:
            os.kill(worker, signal.SIGSTOP)
        else:
            bench.first_caption("out")
        process.kill()
        process.wait()
        wait_for("the end of the orphan", lambda: not is_alive(worker))
    bench.caption("out")
    bench.expect_same("out", "calm")


def case_broken_model(bench):
    """A model that cannot be loaded costs its own captions; with others, those are made."""
    bench.second_model("broken")
    with open(bench.work / "broken" / "language.gguf", "r+b") as file:
        file.truncate(5000)
    alone = ["caption-scenes", "results", "--captioner", "broken", "-o", "alone"]
    expect_words(bench.run(*alone, expected=4), r"language\.gguf")
    expect_words(bench.caption("out", "--captioner", "broken", expected=1), r"error: broken: .*language\.gguf")
    bench.caption("calm")
    bench.expect_same("out", "calm")


def case_several_models(bench):
    """Two models, one after the other and together: each is loaded once, and the captions are the same."""
    bench.second_model("other")
    bench.caption("alone")
    for together in ("off", "on", "auto"):
        words = bench.caption(together, "--captioner", "other", "--captioners-together", together)
        expect_words(words, r"tiny: 2 videos, \d+ scenes described", r"other: 2 videos, \d+ scenes described")
        if ("at the same time" in words) != (together != "off"):
            fail(f"--captioners-together {together} did not do what it says:\n{words}")
        bench.expect_same(together, "alone")
        texts = [[[s["caption"] for s in c["scenes"]] for c in bench.captions(together, name)] for name in ("tiny", "other")]
        if texts[0] != texts[1]:
            fail("the same weights say something else under another name")


def case_other_model_goes_on(bench):
    """One of two models that run together loses its process: the other's captions, and in the end both, are complete."""
    bench.second_model("other")
    bench.caption("calm", "--captioner", "other")
    process = bench.start("out", "--captioner", "other", "--captioners-together", "on")
    bench.first_caption("out")
    os.kill(bench.worker(process), signal.SIGKILL)
    expect_words(bench.end(process), r"(tiny|other): its process was killed")
    bench.expect_same("out", "calm")
    if without_timings(bench.captions("out", "other")) != without_timings(bench.captions("calm", "other")):
        fail("the other model's captions differ")


def case_several_devices(bench):
    """Processes on several devices make what one makes, also when one of them is killed."""
    bench.caption("one")
    bench.caption("three", "--devices", "cpu,cpu,cpu")
    bench.expect_same("three", "one")
    process = bench.start("killed", "--devices", "cpu,cpu")
    bench.first_caption("killed")
    os.kill(bench.worker(process), signal.SIGKILL)
    expect_words(bench.end(process), r"its process was killed")
    bench.expect_same("killed", "one")
    expect_words(bench.caption("no", "--devices", "cpu,,cpu", expected=2), r"--devices")


if __name__ == "__main__":
    name = sys.argv[1]
    globals()[f"case_{name}"](Bench(sys.argv[2], sys.argv[3], Path(sys.argv[4]), Path(sys.argv[5])))
    shutil.rmtree(sys.argv[5])
