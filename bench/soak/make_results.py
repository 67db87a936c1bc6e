#!/usr/bin/env python3
"""Makes results of a very long video out of those of a short one, to measure what reads them.

    make_results.py RESULTS_OF_A_SHORT_VIDEO OUTPUT_FOLDER [--megabytes 250] [--every 1]

The scenes of base_data.json and the tracked boxes of the journal are repeated, moved in time, until base_data.json has that
size; of the tracked boxes those of every n-th picture. Both files are valid: the journal's lines carry their checksums.
"""
import argparse
import json
import zlib
from pathlib import Path


def timecode(seconds):
    ms = round(seconds * 1000)
    return f"{ms // 3600000:02d}:{ms // 60000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"


def moved(scene, number, count, by, frames, tracks):
    def shift(entry):
        return {**entry, "start_seconds": round(entry["start_seconds"] + by, 6), "end_seconds": round(entry["end_seconds"] + by, 6)}

    scene = shift(scene)
    scene["scene_index"] += number * count
    for name in ("start", "end"):
        scene[f"{name}_timecode"] = timecode(scene[f"{name}_seconds"])
        if scene[f"{name}_frame"] is not None:
            scene[f"{name}_frame"] += number * frames
    scene["speech"] = [{**shift(s), "words": [shift(w) for w in s["words"]]} for s in scene["speech"]]
    scene["objects"] = [{**shift(o), "track_id": o["track_id"] + number * tracks,
                         "path": [[round(p[0] + by, 6), *p[1:]] for p in o["path"]]} for o in scene["objects"]]
    return scene


def line(record):
    body = json.dumps({k: record[k] for k in ("type", "stage", "data")}, separators=(",", ":"), ensure_ascii=False)[1:]
    return f'{{"crc":"{zlib.crc32(body.encode()):08x}",{body}\n'


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("short", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--megabytes", type=float, default=250.0)
    parser.add_argument("--every", type=int, default=1)
    options = parser.parse_args()
    base = json.loads((options.short / "base_data.json").read_text())
    records = [json.loads(text) for text in (options.short / "journal.jsonl").read_text().splitlines()]
    scenes, length = base["scenes"], base["video"]["duration_seconds"]
    frames = scenes[-1]["end_frame"] or 0
    tracks = max([o["track_id"] for s in scenes for o in s["objects"]], default=0)
    times = max(1, round(options.megabytes * 1e6 / len(json.dumps(scenes))))
    options.output.mkdir(parents=True, exist_ok=True)
    head = {k: v for k, v in base.items() if k not in ("scenes", "timings")}
    head["video"] = {**base["video"], "duration_seconds": length * times}
    with open(options.output / "base_data.json", "w") as out:
        out.write(json.dumps(head)[:-1] + ', "scenes": [\n')
        for number in range(times):
            for scene in scenes:
                text = json.dumps(moved(scene, number, len(scenes), number * length, frames, tracks), ensure_ascii=False)
                out.write(("" if number == 0 and scene is scenes[0] else ",\n") + text)
        out.write('\n], "timings": ' + json.dumps(base["timings"]) + "}\n")
    units = [[f for f in r["data"]["frames"] if f["frame"] % options.every == 0]
             for r in records if r["type"] == "unit" and r["stage"] == "objects"]
    with open(options.output / "journal.jsonl", "w") as out:
        for record in records:
            if record["stage"] in ("", "objects") and record["type"] in ("media", "facts", "begin", "detector"):
                out.write(line(record))
        for number in range(times):
            for unit in units:
                data = {"frames": [{"frame": f["frame"] + number * frames, "time_seconds": round(f["time_seconds"] + number * length, 6),
                                    "boxes": [[b[0] + number * tracks, *b[1:]] for b in f["boxes"]]} for f in unit]}
                out.write(line({"type": "unit", "stage": "objects", "data": data}))
        out.write(line({"type": "end", "stage": "objects", "data": {}}))
    sizes = [(options.output / name).stat().st_size / 1e6 for name in ("base_data.json", "journal.jsonl")]
    print(f"{options.output}: {times * len(scenes)} scenes, {times * length / 3600:.1f} h, base_data.json {sizes[0]:.0f} MB, journal {sizes[1]:.0f} MB")


if __name__ == "__main__":
    main()
