#!/usr/bin/env python3
"""Runs the program and validates what it writes against docs/schema.

    validate.py CASE PROGRAM CHECKOUT WORK_FOLDER NETWORKS
"""
import copy
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema

case, program, checkout, work, networks = sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), Path(sys.argv[5])
media = checkout / "tests" / "data" / "media"
shutil.rmtree(work, ignore_errors=True)
work.mkdir(parents=True)
environment = {k: v for k, v in os.environ.items() if not k.startswith(("CINESCRIBE_", "XDG_"))}
environment |= {"HOME": str(work), "XDG_CACHE_HOME": str(work / "cache"), "LC_ALL": "C.UTF-8"}


def validator(name):
    schema = json.loads((checkout / "docs" / "schema" / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def run(*arguments):
    done = subprocess.run([program, *map(str, arguments)], cwd=work, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"exit code {done.returncode}\n{done.stderr}"
    return done


def check(name, document):
    problems = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in validator(name).iter_errors(document)]
    assert not problems, f"{name}: " + "\n".join(problems)


def analyze(clip, stages="scenes"):
    """Scenes of a clip, and what small networks hear and see in them; every file that comes out is checked."""
    run("analyze", media / clip, "--stages", stages, "--sound-model", networks / "yamnet", "--object-model", networks / "animals.onnx")
    folder = next((work / "results" / "base").iterdir())
    base = json.loads((folder / "base_data.json").read_text())
    check("base_data", base)
    for scene in base["scenes"]:
        assert all((folder / name).stat().st_size for name in scene["frames"])
        assert len(scene["frames"]) == (2 if base["video"]["picture"] else 0)
    edges = [0.0] + [scene["end_seconds"] for scene in base["scenes"]]
    assert edges[:-1] == [scene["start_seconds"] for scene in base["scenes"]], "scenes must follow each other"
    assert edges[-1] == base["video"]["duration_seconds"]
    lines = (folder / "journal.jsonl").read_text().splitlines()
    for line in lines:
        check("journal", json.loads(line))
    assert len(lines) > 3
    captions(base)
    return base


def captions(base):
    """What the narrator, which analyze ends with, says about the same scenes."""
    folder = next((work / "results" / "narrator").iterdir())
    document = json.loads((folder / "vlm_captions.json").read_text())
    check("vlm_captions", document)
    assert [s["scene_index"] for s in document["scenes"]] == [s["scene_index"] for s in base["scenes"]]
    assert all(s["caption"] for s in document["scenes"]) and not document["captioner"]["is_vlm"]
    for line in (folder / "journal.jsonl").read_text().splitlines():
        check("journal", json.loads(line))
    return document


def planted(base):
    """Every defect planted into a good document must be found."""
    def broken(change):
        document = copy.deepcopy(base)
        change(document)
        return document
    defects = [
        lambda d: d.update(schema_version=2),
        lambda d: d.pop("timings"),
        lambda d: d.update(surprise=1),
        lambda d: d["scenes"][0].pop("start_timecode"),
        lambda d: d["scenes"][0].update(start_frame="0"),
        lambda d: d["scenes"][0].update(end_timecode="1:2:3"),
        lambda d: d["scenes"][0].update(speech=[{"text": "no times"}]),
        lambda d: d["video"]["picture"].update(frame_rate=29.97),
        lambda d: d["scenes"][0].pop("sounds"),
        lambda d: d["scenes"][0]["sounds"][0].update(max_score=1.5),
        lambda d: d["scenes"][0]["objects"][0].pop("label"),
        lambda d: d["scenes"][0]["objects"][0]["path"].append([1, 2, 3]),
        lambda d: d["scenes"][0].update(object_counts={"cat": "one"}),
    ]
    for number, defect in enumerate(defects):
        assert not validator("base_data").is_valid(broken(defect)), f"planted defect {number} was not found"
    document = captions(base)
    for number, defect in enumerate([
        lambda d: d["scenes"][0].pop("caption"),
        lambda d: d["scenes"][0]["flags"].update(suspect=True),
        lambda d: d["scenes"][0]["made_from"]["frames"].append({"time_seconds": 1.0}),
        lambda d: d["captioner"].pop("is_synthetic"),
        lambda d: d["totals"].update(captions=-1),
    ]):
        damaged = copy.deepcopy(document)
        defect(damaged)
        assert not validator("vlm_captions").is_valid(damaged), f"planted defect {number} of the captions was not found"


def described_by_a_model():
    """Captions of a small imported model; every key of a vision-language model's entry is there."""
    checkpoint = checkout / "tests" / "data" / "parity" / "instructblip" / "p4_early_eos_min_new_tokens" / "model"
    run("import", checkpoint, "-o", "tiny", "--name", "tiny", "--type", "f32")
    run("analyze", media / "cuts_23976.mp4", "--stages", "scenes", "--captioner", "tiny")
    document = json.loads((work / "results" / "tiny" / "cuts_23976" / "vlm_captions.json").read_text())
    check("vlm_captions", document)
    assert document["captioner"]["is_vlm"] and document["settings"]["generation"]["num_beams"] == 5
    for scene in document["scenes"]:
        assert scene["tokens"]["image"] == 32 and scene["tokens"]["generated"] >= 10
        assert len(scene["made_from"]["frames"]) == scene["made_from"]["frames_used"] == 2


def batch_summary():
    """A batch with a video, one that is done already, one that is none, and a missing one; then one that was stopped early."""
    (work / "in").mkdir()
    for name in ("a.mp4", "b.mp4"):
        shutil.copy(media / "cuts_23976.mp4", work / "in" / name)
    (work / "in" / "c.mp4").write_text("no film")
    run("analyze", "in/a.mp4", "--stages", "scenes")
    command = [program, "analyze", "in", "gone.mp4", "--stages", "scenes", "--jobs", "2"]
    done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1, done.stderr
    document = json.loads((work / "results" / "summary.json").read_text())
    check("summary", document)
    assert [i["state"] for i in document["inputs"]] == ["skipped", "done", "failed", "failed"], document
    assert [i["input"] for i in document["inputs"]] == ["in/a.mp4", "in/b.mp4", "in/c.mp4", None], document
    assert document["inputs"][2]["code"] == "input" and document["inputs"][2]["exit_code"] == 3
    assert "gone.mp4" in document["inputs"][3]["reason"]
    totals = {"inputs": 4, "done": 1, "skipped": 1, "failed": 2, "pending": 0, "not_described": 0}
    assert {k: document["totals"][k] for k in totals} == totals and document["exit_code"] == 1, document
    assert (work / document["inputs"][1]["base_data"]).is_file()
    command = [program, "analyze", "in/b.mp4", "in/a.mp4", "--stages", "scenes", "-o", "small", "--max-disk", "20K"]
    done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 5, done.stderr
    document = json.loads((work / "small" / "summary.json").read_text())
    check("summary", document)
    assert [i["state"] for i in document["inputs"]] == ["failed", "pending"] and document["exit_code"] == 5, document
    for number, defect in enumerate([
        lambda d: d["inputs"][0].pop("reason"),
        lambda d: d["inputs"][0].update(state="fine"),
        lambda d: d["inputs"][1].update(state="done"),
        lambda d: d["totals"].pop("failed"),
        lambda d: d.update(surprise=1),
    ]):
        damaged = copy.deepcopy(document)
        defect(damaged)
        assert not validator("summary").is_valid(damaged), f"planted defect {number} of the summary was not found"


def measured():
    """Every line that a bench writes, and damaged ones, which must be found."""
    run("bench", media / "cuts_23976.mp4", "--stages", "scenes", "--repeat", "1", "--warm-up", "0", "-o", "b")
    records = [json.loads(line) for line in (work / "b" / "measurements.jsonl").read_text().splitlines()]
    for record in records:
        check("measurement", record)
    kinds = {record["kind"] for record in records}
    assert kinds >= {"session", "video", "model", "settings", "pass", "unit", "sample"}, kinds
    passes = [record for record in records if record["kind"] == "pass"]
    assert [p["part"] for p in passes] == ["stage1", "captions"] and all(p["fresh_scenes"] == p["scenes"] > 0 for p in passes)
    told = {record["stage"] for record in records if record["kind"] == "unit" and record["scene"] is None}
    assert told == {"decode", "scenes", "frames", "other"}, told
    for defect in (dict(wall_seconds=-1), dict(part="stage2"), dict(surprise=1), dict(peak_memory_bytes={"a": "b"})):
        assert not validator("measurement").is_valid(passes[0] | defect), f"planted defect {defect} was not found"


if case == "captions":
    described_by_a_model()
elif case == "bench":
    measured()
elif case == "analyze":
    analyze("nasa_13013.mp4")
elif case == "sound_alone":
    base = analyze("speech_10s.wav")
    assert len(base["scenes"]) == 1 and base["scenes"][0]["start_frame"] is None
elif case == "planted":
    planted(analyze("nasa_13013.mp4", "scenes,sounds,objects"))
elif case == "findings":
    base = analyze("nasa_13013.mp4", "scenes,sounds,objects")
    assert base["stages"] == ["scenes", "frames", "sounds", "objects"]
    for scene in base["scenes"]:
        assert [s["label"] for s in scene["sounds"]] == ["Music", "Dog"], scene["sounds"]
        assert scene["object_counts"] == {"cat": 1, "dog": 1}, scene["object_counts"]
        for track in scene["objects"]:
            assert scene["start_seconds"] <= track["start_seconds"] <= track["end_seconds"] < scene["end_seconds"]
            assert track["path"][0][0] == track["start_seconds"] and track["path"][-1][0] == track["end_seconds"]
elif case == "scenes":
    check("scenes", json.loads(run("scenes", media / "cuts_23976.mp4", "--json").stdout))
elif case == "probe":
    for clip in sorted(media.glob("*.*[4v]")):
        check("probe", json.loads(run("probe", clip, "--json").stdout))
        check("probe", json.loads(run("probe", clip, "--scan", "--json").stdout))
elif case == "frames":
    check("frames", json.loads(run("frames", media / "cuts_23976.mp4", "--at", "1s,2s", "-o", "pictures", "--json").stdout))
elif case == "summary":
    batch_summary()
elif case == "progress":
    events = run("analyze", media / "cuts_23976.mp4", "--stages", "scenes", "--progress", "json").stderr.splitlines()
    for line in events:
        check("progress", json.loads(line))
    kinds = [json.loads(line)["event"] for line in events]
    assert kinds.count("start") == 3 and kinds.count("finish") == 3, kinds
else:
    sys.exit(f"no case {case}")
shutil.rmtree(work)
