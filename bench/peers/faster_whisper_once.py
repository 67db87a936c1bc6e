"""Transcribes one file with faster-whisper; prints seconds (without loading the model) and the text as JSON."""
import json
import sys
import time

from faster_whisper import BatchedInferencePipeline, WhisperModel

model_folder, audio, beam_size, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
pipeline = BatchedInferencePipeline(WhisperModel(model_folder, device="cpu", compute_type="int8", cpu_threads=threads))
begin, cpu_begin = time.perf_counter(), time.process_time()
segments, info = pipeline.transcribe(audio, batch_size=8, beam_size=beam_size)
text = " ".join(segment.text for segment in segments)
wall, cpu = time.perf_counter() - begin, time.process_time() - cpu_begin
print(json.dumps({"wall": wall, "cpu": cpu, "text": text, "language": info.language}))
