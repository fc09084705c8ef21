#!/usr/bin/env python3
"""What sealing off costs: the start of each kind of process, and the throughput of an extraction, sealed and not.

    benches/seal.py [FOLDER-OF-PROGRAMS] [--pairs N]

The other side of each pair runs as on a kernel without seccomp (crates/seal/examples/sealed.rs), over a vault whose
administrator allowed that. Both run in turn, and the ratio is taken pair by pair. Needs the models; nothing else should
run meanwhile.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

root = pathlib.Path(__file__).resolve().parent.parent
args = [a for a in sys.argv[1:] if not a.startswith("--")]
pairs = int(sys.argv[sys.argv.index("--pairs") + 1]) if "--pairs" in sys.argv else 7
if "--pairs" in sys.argv:
    args.remove(str(pairs))
programs = pathlib.Path(args[0] if args else os.environ.get("CARGO_TARGET_DIR", root / "target")) / ("" if args else "ci")
sealed, cloister = str(programs / "examples/sealed"), str(programs / "cloister")
demo = root / "crates/app/assets/demo"


def median_us(role):
    return statistics.median(int(subprocess.check_output([sealed, "cost", role])) for _ in range(30))


with tempfile.TemporaryDirectory() as work:
    pathlib.Path(work, "password").write_text("a quiet walk at noon")
    report = json.loads((demo / "reports.jsonl").read_text().splitlines()[0])["text"]
    pathlib.Path(work, "report.txt").write_text(report)
    person = [cloister, "--data", f"{work}/vault", "--user", "ada", "--password-file", f"{work}/password"]
    person += ["--models", os.environ.get("CLOISTER_MODELS", str(root / "models/weights"))]

    def run(*command):
        begun = time.monotonic()
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
        return time.monotonic() - begun, done.stdout

    run(*person, "init", "--admin", "ada", "--policy", "second_factor=optional", "--policy", "sealing=optional")
    run(*person, "schema", "add", str(demo / "report.schema.json"), "--name", "report")
    extract = [*person, "extract", "--schema", "report", "--text-file", f"{work}/report.txt", "--json"]
    without = [sealed, "without", "seccomp"]
    run(*extract)
    ratios, seconds = [], []
    for _ in range(pairs):
        a, said = run(*extract)
        b, said_without = run(*without, *extract)
        assert json.loads(said)["fields"] == json.loads(said_without)["fields"]
        ratios.append(a / b)
        seconds.append(a)
    # The override is at work: without it the other side would have been refused.
    log = json.loads(run(*person, "audit", "list", "--json")[1] or b"[]")
    assert any("not_sealed" in json.dumps(line) for line in log), "the other side ran sealed"

for role in ("engine", "face"):
    print(f"sealing one {role}: {median_us(role) / 1000:.2f} ms (median of 30)")
print(f"an extraction, engine's start and sign-in included: {statistics.median(seconds):.2f} s sealed; "
      f"sealed / not sealed: median {statistics.median(ratios):.4f}, {min(ratios):.4f} to {max(ratios):.4f}, {pairs} pairs")
