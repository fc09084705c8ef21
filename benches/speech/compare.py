#!/usr/bin/env python3
"""Speed and word error rate of Cloister's recogniser beside faster-whisper: same weights, same clips, same threads.

All workers are loaded first; then each clip is given to one after the other (interleaved, in turning order), so that
whatever else the machine does meets all alike. Standard library only; the peers run in their own interpreter.

  compare.py --audio FOLDER --ref FOLDER --score SCORER --worker cloister=target/ci/examples/worker --model GGML \\
             --peer-python VENV/bin/python --peer-model CT2_FOLDER [--threads 2] [--rounds 1] [--only A,B] --out OUT.json

SCORER: a word error rate program that takes --ref and --hyp folders (score_wer.py of the evaluation data)."""
import argparse
import datetime
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path


def start(command):
    env = dict(os.environ, OMP_WAIT_POLICY="passive", OMP_NUM_THREADS=str(options.threads))
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
    assert json.loads(process.stdout.readline())["ready"], command
    return process


def ask(process, file):
    process.stdin.write(f"{file}\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def score(texts):
    with tempfile.TemporaryDirectory() as hyp, tempfile.TemporaryDirectory() as ref:
        for name, text in texts.items():
            Path(hyp, f"{name}.txt").write_text(text)
            Path(ref, f"{name}.txt").write_text(Path(options.ref, f"{name}.txt").read_text())
        command = [sys.executable, options.score, "--ref", ref, "--hyp", hyp, "--spell-numbers"]
        said = subprocess.run(command + options.score_flags.split(), capture_output=True, text=True, check=True).stdout
    return float(re.findall(r"([\d.]+) ?%", said.strip().splitlines()[-1])[0]), said.strip().splitlines()[-1]


def cpu():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next(l.split(":", 1)[1].strip() for l in lines if l.startswith("model name"))


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--worker", required=True, action="append", help="NAME=PATH; may be given several times")
for name in ["audio", "ref", "score", "model", "peer-python", "peer-model", "out"]:
    parser.add_argument(f"--{name}", required=True)
parser.add_argument("--score-flags", default="")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--rounds", type=int, default=1)
parser.add_argument("--only", default="", help="peers whose names end so, separated by commas")
parser.add_argument("--clips", default="0:", help="a slice of the clips in order of name, such as 0:5")
options = parser.parse_args()

here = Path(__file__).parent
peer = [options.peer_python, here / "faster_whisper_worker.py", options.peer_model, str(options.threads)]
commands = {
    **{n: [path, options.model, str(options.threads)] for n, path in (w.split("=", 1) for w in options.worker)},
    "faster-whisper int8 beam 1": [*peer, "plain", "1", "1"],
    "faster-whisper int8 beam 1 batched 4": [*peer, "batched", "1", "4"],
    "faster-whisper int8 beam 1 batched 8": [*peer, "batched", "1", "8"],
    "faster-whisper int8 beam 5": [*peer, "plain", "5", "1"],
}
wanted = [w for w in options.only.split(",") if w]
commands = {k: v for k, v in commands.items() if not wanted or any(k.endswith(w) for w in wanted) or k.startswith("cloister")}
workers = {name: start(command) for name, command in commands.items()}
first, last = (int(n) if n else None for n in options.clips.split(":"))
files = sorted(Path(options.audio).iterdir())[first:last]
results = {name: {"seconds": 0.0, "clips": {}, "peak_bytes": 0, "texts": {}} for name in workers}
for round_number in range(options.rounds):
    for i, file in enumerate(files):
        order = list(workers)
        turn = (i + round_number) % len(order)
        for name in order[turn:] + order[:turn]:
            answer = ask(workers[name], file)
            r = results[name]
            r["clips"].setdefault(file.stem, []).append(round(answer["seconds"], 3))
            r["peak_bytes"] = max(r["peak_bytes"], answer["peak_bytes"])
            r["texts"][file.stem] = answer["text"]
for process in workers.values():
    process.stdin.close()
    process.wait()
for r in results.values():
    r["seconds"] = round(sum(min(c) for c in r["clips"].values()), 2)
    r["wer_percent"], r["score"] = score(r.pop("texts"))
versions = subprocess.run(
    [options.peer_python, "-m", "pip", "list", "--format=freeze"], capture_output=True, text=True, check=True
).stdout
report = {
    "date": datetime.date.today().isoformat(),
    "set": Path(options.audio).name,
    "clips": options.clips,
    "machine": {"cpu": cpu(), "threads": options.threads, "kernel": platform.release()},
    "versions": [v for v in versions.split() if v.split("==")[0] in {"faster-whisper", "ctranslate2", "onnxruntime"}],
    "seconds_are": "sum over clips of the best of the rounds, decoding the file included, loading the model not",
    "results": results,
}
Path(options.out).write_text(json.dumps(report, indent=1) + "\n")
for name, r in results.items():
    print(f"{name:40} {r['seconds']:7.2f} s   WER {r['wer_percent']:.2f} %   peak {r['peak_bytes'] / 1e6:.0f} MB")
