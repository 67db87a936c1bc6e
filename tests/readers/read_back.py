"""Reads an exported file with the program that other people read such files with, and compares what it finds.

usage: read_back.py KIND EXPORTS_FOLDER CACHE_FOLDER

The files are tests/data/exports/film.*, which the unit tests of `results` hold equal to what cinescribe writes.
"""
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

here = Path(__file__).resolve().parent


def packages(cache: Path) -> None:
    """The pinned packages, installed once per pin."""
    pins = here / "requirements.txt"
    folder = cache / ("readers-" + hashlib.sha256(pins.read_bytes()).hexdigest()[:16])
    if not folder.exists():
        work = folder.with_name(f"{folder.name}.{os.getpid()}")
        command = [sys.executable, "-m", "pip", "install", "-q", "--require-hashes", "--no-deps", "--only-binary=:all:",
                   "--target", str(work), "-r", str(pins)]
        subprocess.run(command, check=True, env={**os.environ, "PIP_ROOT_USER_ACTION": "ignore"})
        try:
            work.rename(folder)
        except OSError:  # another test was first
            if not folder.exists():
                raise
    sys.path.insert(0, str(folder))


def equal(what: str, found, expected) -> None:
    if found != expected:
        sys.exit(f"{what}: read back {found!r}, expected {expected!r}")
    print(f"{what}: {found!r}")


def otio(folder: Path) -> None:
    import opentimelineio
    timeline = opentimelineio.adapters.read_from_file(str(folder / "film.otio"), "otio_json")
    clips = list(timeline.find_clips())
    equal("clips", [clip.name for clip in clips], ["scene 0", "scene 1", "scene 2"])
    equal("starts in frames", [clip.source_range.start_time.value for clip in clips], [0, 150, 300])
    equal("lengths in frames", [clip.source_range.duration.value for clip in clips], [150, 150, 0])
    equal("rate", round(clips[0].source_range.duration.rate, 3), 29.97)
    equal("second clip ends at second", round(clips[1].range_in_parent().end_time_exclusive().to_seconds(), 2), 10.01)


def edl(folder: Path) -> None:
    text = (folder / "film.edl").read_text()
    events = [line.split() for line in text.splitlines() if line[:3].isdigit()]
    equal("events", [event[0] for event in events], ["001", "002", "003"])
    equal("second event", events[1][4:], ["00:00:05:00", "00:00:10:00", "00:00:05:00", "00:00:10:00"])


def fcpxml(folder: Path) -> None:
    import xml.etree.ElementTree as tree
    root = tree.parse(folder / "film.fcpxml").getroot()
    clips = root.findall(".//spine/asset-clip")
    equal("offsets", [clip.get("offset") for clip in clips], ["0s", "150150/30000s", "300300/30000s"])
    equal("durations", [clip.get("duration") for clip in clips], ["150150/30000s", "150150/30000s", "0s"])
    equal("source", root.find(".//media-rep").get("src"), "file:///films/street%20%26%20%3Cspeech%3E.mp4")
    formats = {item.get("id") for item in root.findall(".//format")}
    equal("formats that are named are there", {root.find(".//sequence").get("format")} <= formats, True)


def coco(folder: Path) -> None:
    from pycocotools.coco import COCO
    data = COCO(str(folder / "film.coco"))
    equal("categories", [c["name"] for c in data.loadCats(data.getCatIds())], ["person", "bicycle", "car"])
    persons = data.loadAnns(data.getAnnIds(catIds=data.getCatIds(catNms=["person"])))
    equal("boxes of persons", [a["bbox"] for a in persons], [[10, 20, 30.5, 40], [12, 20, 30, 40]])
    equal("pictures", sorted(data.getImgIds()), [1, 9])


def mot(folder: Path) -> None:
    import motmetrics
    rows = motmetrics.io.loadtxt(str(folder / "film.mot"), fmt="mot15-2D")
    equal("frame and id", [list(map(int, index)) for index in rows.index], [[1, 1], [1, 2], [9, 1]])
    equal("widths", [round(float(w), 4) for w in rows["Width"]], [30.5, 100.0, 30.0])


def probe(path: Path, *arguments: str) -> dict:
    run = subprocess.run(["ffprobe", "-v", "error", "-of", "json", *arguments, str(path)], check=True,
                         capture_output=True, text=True)
    return json.loads(run.stdout)


def subtitles(folder: Path, name: str) -> None:
    packets = probe(folder / name, "-show_packets")["packets"]
    equal("cues", len(packets), 2)
    equal("start of the first", round(float(packets[0]["pts_time"]), 3), 0.5)
    equal("the second waits for the first", round(float(packets[1]["pts_time"]), 3), 5.2)


def chapters(folder: Path) -> None:
    run = subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=s=16x16:d=11", "-i",
                          str(folder / "film.chapters"), "-map", "0", "-map_metadata", "1", "-f", "matroska", "-"],
                         check=True, capture_output=True)
    read = subprocess.run(["ffprobe", "-v", "error", "-of", "json", "-show_chapters", "-"], input=run.stdout,
                          check=True, capture_output=True)
    found = json.loads(read.stdout)["chapters"]
    equal("titles", [c["tags"]["title"] for c in found[:2]],
          ["A man speaks; two people stand by = the *door* #1. It rains.", "Scene 2"])
    equal("second starts at", round(float(found[1]["start_time"]), 3), 5.005)


def csv_table(folder: Path) -> None:
    import csv
    with open(folder / "film.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    equal("objects", rows[0]["objects"], "2 person")
    equal("speech", rows[0]["speech"], 'Ask "what" you, <can> do & more')
    equal("empty scene", rows[2]["speech"] + rows[2]["caption"], "")


readers = {"otio": otio, "edl": edl, "fcpxml": fcpxml, "coco": coco, "mot": mot, "chapters": chapters, "csv": csv_table,
           "srt": lambda folder: subtitles(folder, "film.srt"), "vtt": lambda folder: subtitles(folder, "film.vtt")}

if __name__ == "__main__":
    kind, exports, cache = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    if kind in ("otio", "coco", "mot"):
        packages(cache)
    readers[kind](exports)
