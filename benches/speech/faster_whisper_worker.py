"""faster-whisper as a worker: a file's name a line on stdin, one JSON line back (text, seconds, peak resident bytes).

usage: faster_whisper_worker.py MODEL_FOLDER THREADS plain|batched BEAM BATCH
Settings are the fastest that the library offers for plain text: no word times, voice activity filter on."""
import json
import resource
import sys
import time

from faster_whisper import BatchedInferencePipeline, WhisperModel

folder, threads, mode, beam, batch = sys.argv[1:6]
model = WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=int(threads))
if mode == "batched":
    pipeline = BatchedInferencePipeline(model)
    options = {"batch_size": int(batch), "without_timestamps": True}
else:
    pipeline = model
    options = {"condition_on_previous_text": False, "vad_filter": True}
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    started = time.perf_counter()
    segments, _ = pipeline.transcribe(line.rstrip("\n"), language="en", beam_size=int(beam), **options)
    text = " ".join(s.text.strip() for s in segments)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"text": text, "seconds": seconds, "peak_bytes": peak}), flush=True)
