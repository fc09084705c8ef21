#!/usr/bin/env python3
"""The most memory that a run over a dataset holds, through the command line: of `cloister` and of its engine.

  memory.py PROGRAMS MODELS DATA.jsonl SCHEMA.json    prints Markdown; PROGRAMS holds cloister and cloister-engine"""
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

programs, models, data, schema = (Path(a).resolve() for a in sys.argv[1:5])
ALLOWED = 600 * 10**6


def held(pid):
    """Peak of a process and of those it started, by program."""
    found = {}
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        if "VmHWM" in fields:
            found[fields["Name"].strip()] = int(fields["VmHWM"].split()[0]) * 1024
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                for name, peak in held(child).items():
                    found[name] = max(found.get(name, 0), peak)
    except OSError:
        pass  # It ended meanwhile.
    return found


with tempfile.TemporaryDirectory() as work:
    Path(work, "password").write_text("a quiet walk at noon")
    person = [programs / "cloister", "--data", f"{work}/vault", "--user", "ada", "--password-file", f"{work}/password",
              "--models", models]
    person = [str(p) for p in person]

    def run(*command):
        subprocess.run([*person, *command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    run("init", "--admin", "ada", "--policy", "second_factor=optional")
    run("schema", "add", str(schema), "--name", "asked")
    run("dataset", "import", str(data), "--name", "reports")
    begun = time.monotonic()
    process = subprocess.Popen(
        [*person, "batch", "run", "--dataset", "reports", "--schema", "asked", "--purpose", "measuring", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )
    most = {}
    while process.poll() is None:
        for name, peak in held(process.pid).items():
            # Until it has begun, the process still bears this script's name.
            if name.startswith("cloister"):
                most[name] = max(most.get(name, 0), peak)
        time.sleep(0.02)
    took = time.monotonic() - begun
    counts = json.loads(process.stdout.read())["counts"]
assert process.returncode == 0 and counts["failed"] == 0, counts
model = max(models.glob("*.gguf"), key=lambda f: f.stat().st_size)
allowed = model.stat().st_size + ALLOWED
print(f"## Memory: `cloister batch run` over {sum(counts.values())} documents of {data.stem}, {took:.0f} s\n")
print("| program | most held, MB |\n|---|---|")
for name, peak in sorted(most.items()):
    print(f"| {name} | {peak / 1e6:.0f} |")
print(f"| aimed at: {model.name} + 600 MB | {allowed / 1e6:.0f} |\n")
