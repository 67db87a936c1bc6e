"""The work of bench/objects/objects_speed.cpp driven from Python: OpenCV, NumPy, ONNX Runtime, ByteTrack of `supervision`.

usage: objects_python_once.py detect YOLOX.onnx VIDEO FRAMES | track DETECTIONS.json ROUNDS
objects_python.py runs it in an environment of its own.
"""
import json
import sys
import time

import cv2
import numpy as np
import supervision as sv

cv2.setNumThreads(1)


def letterbox(frame, size):
    blob = np.full((size, size, 3), 114, np.uint8)
    ratio = min(size / frame.shape[0], size / frame.shape[1])
    w, h = int(frame.shape[1] * ratio), int(frame.shape[0] * ratio)
    blob[:h, :w] = cv2.resize(frame, (w, h), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(blob.transpose(2, 0, 1), dtype=np.float32)[None], ratio


def grid(size):
    cells, steps = [], []
    for stride in (8, 16, 32):
        n = size // stride
        x, y = np.meshgrid(np.arange(n), np.arange(n))
        cells.append(np.stack((x, y), 2).reshape(-1, 2))
        steps.append(np.full((n * n, 1), stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(steps).astype(np.float32)


def nms(boxes, scores, limit):
    x1, y1, x2, y2 = boxes.T
    areas = (x2 - x1 + 1) * (y2 - y1 + 1)
    order, keep = scores.argsort()[::-1], []
    while order.size > 0:
        i = order[0]
        keep.append(i)
        w = np.maximum(0, np.minimum(x2[i], x2[order[1:]]) - np.maximum(x1[i], x1[order[1:]]) + 1)
        h = np.maximum(0, np.minimum(y2[i], y2[order[1:]]) - np.maximum(y1[i], y1[order[1:]]) + 1)
        both = w * h
        order = order[1:][both / (areas[i] + areas[order[1:]] - both) <= limit]
    return keep


def finish(raw, cells, steps, ratio, conf=0.1):
    raw = raw.copy()
    raw[:, :2] = (raw[:, :2] + cells) * steps
    raw[:, 2:4] = np.exp(raw[:, 2:4]) * steps
    scores = raw[:, 4:5] * raw[:, 5:]
    best = scores.argmax(1)
    scores = scores[np.arange(len(best)), best]
    keep = scores > conf
    boxes = np.concatenate((raw[keep, :2] - raw[keep, 2:4] / 2, raw[keep, :2] + raw[keep, 2:4] / 2), 1)
    kept = nms(boxes, scores[keep], 0.45)
    return boxes[kept] / ratio, scores[keep][kept], best[keep][kept]


def track(tracker, boxes, scores, classes):
    return tracker.update_with_detections(sv.Detections(xyxy=boxes, confidence=scores, class_id=classes))


def run_detect(model, video, count):
    import onnxruntime as ort

    start, seen, frames = time.process_time(), 0, []
    capture = cv2.VideoCapture(video)
    while seen < count:
        ok, frame = capture.read()
        if not ok:
            break
        if seen % 8 == 0 and len(frames) < 16:
            frames.append(frame)
        seen += 1
    decode = (time.process_time() - start) / seen * 1e3
    options = ort.SessionOptions()
    options.intra_op_num_threads = 2
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name, size = session.get_inputs()[0].name, session.get_inputs()[0].shape[2]
    cells, steps = grid(size)
    tracker, spent, boxes = sv.ByteTrack(), [0.0] * 4, 0
    for i in range(count):
        t0 = time.thread_time()
        blob, ratio = letterbox(frames[i % len(frames)], size)
        t1, p1 = time.thread_time(), time.process_time()
        raw = session.run(None, {name: blob})[0][0]
        t2, p2 = time.thread_time(), time.process_time()
        found = finish(raw, cells, steps, ratio)
        t3 = time.thread_time()
        track(tracker, *found)
        boxes += len(found[0])
        for k, value in enumerate((t1 - t0, p2 - p1, t3 - t2, time.thread_time() - t3)):
            spent[k] += value * 1e3 / count
    print(json.dumps({"frames": count, "boxes": boxes, "decode_ms": round(decode, 3), "prepare_ms": round(spent[0], 3),
                      "network_ms": round(spent[1], 3), "finish_ms": round(spent[2], 3), "track_ms": round(spent[3], 4),
                      "outside_network_ms": round(decode + spent[0] + spent[2] + spent[3], 3)}))


def run_track(file, rounds):
    frames = [np.array(rows, np.float32).reshape(-1, 6) for rows in json.load(open(file))["detections"]]
    spent = tracks = 0
    for _ in range(rounds):
        tracker = sv.ByteTrack()
        for rows in frames:
            start = time.thread_time()
            tracks += len(track(tracker, rows[:, :4], rows[:, 4], rows[:, 5].astype(int)))
            spent += time.thread_time() - start
    total = len(frames) * rounds
    print(json.dumps({"boxes_per_frame": round(sum(map(len, frames)) * rounds / total, 1),
                      "tracks_per_frame": round(tracks / total, 1), "track_ms": round(spent * 1e3 / total, 5)}))


if sys.argv[1] == "detect":
    run_detect(sys.argv[2], sys.argv[3], int(sys.argv[4]))
else:
    run_track(sys.argv[2], int(sys.argv[3]))
