#!/usr/bin/env python3
"""Extraction beside llama.cpp: same model file, same documents, same threads, taken in turns. Standard library only.

  compare.py --worker target/ci/examples/bench_worker --model MODEL.gguf --evaluation FOLDER --out TABLES.md
             [--scorer score_extraction.py] [--peer-python VENV/bin/python] [--threads N] [--limit N] [--timed N]
             [--device auto|cpu|cuda] [--keep FOLDER] [--parts rates,steps,logits,quality,hours]

FOLDER: NAME.jsonl (id, text, gold) beside NAME.schema.json. SCORER: called with --gold, --pred, --schema, --json.
The peer's interpreter has xllamacpp (pip install xllamacpp); without one there is no comparison. What was answered is
kept in --keep under the digests of what answered it, so that a run that was cut goes on where it was; times are taken
anew. --limit: documents of each set for quality; --timed: of each set for documents per hour."""
import argparse
import hashlib
import json
import os
import re
import statistics
import subprocess
import sys
import unicodedata
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOGETHER = 8  # documents asked at a time: so many are written side by side


class Worker:
    """A program that answers one JSON object a line."""

    def __init__(self, command):
        # Each with its own way of waiting: told to wait passively, llama.cpp writes a fifth fewer tokens.
        self.process = subprocess.Popen(
            [str(c) for c in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True,
        )
        self.hello = self.read()

    def read(self):
        line = self.process.stdout.readline()
        assert line, f"{self.process.args} ended"
        return json.loads(line)

    def ask(self, **what):
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()
        return self.read()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def digest(*paths):
    seen = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as f:
            while block := f.read(1 << 20):
                seen.update(block)
    return seen.hexdigest()[:16]


def lines(path):
    if not path.exists():
        return []
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def table(head, rows):
    out = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return out + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows] + [""]


def documents(name, most):
    return lines(options.evaluation / f"{name}.jsonl")[:most]


def chunks(items, size):
    return [items[i : i + size] for i in range(0, len(items), size)]


# --- Speed -----------------------------------------------------------------------------------------------------------


def rates(ours, peer):
    """Tokens per second, in turns; the first round warms both up and does not count."""
    rounds = [(ours.ask(do="rates"), peer.ask(do="rates") if peer else None) for _ in range(options.rounds + 1)][1:]
    rows = []
    for title, key in (("reading 512 tokens at once", "read"), ("writing 64 tokens one by one", "wrote")):
        own = [o[key] for o, _ in rounds]
        row = [title, f"{statistics.median(own):.1f} ({min(own):.1f} to {max(own):.1f})"]
        if peer:
            other = [p[key] for _, p in rounds]
            ratio = statistics.median(o / p for o, p in zip(own, other))
            row += [f"{statistics.median(other):.1f} ({min(other):.1f} to {max(other):.1f})", f"{ratio:.2f}"]
        rows.append(row)
    head = ["tokens per second: median (least to most)", "ours"] + (["llama.cpp", "ratio, median of the rounds"] if peer else [])
    return [f"## Tokens per second, {options.rounds} rounds in turns", ""] + table(head, rows)


def steps(ours):
    """t(m) / t(1)."""
    found = ours.ask(do="steps")
    first = found["one"][0]
    head = ["m"] + [str(m) for m in range(1, len(found["one"]) + 1)]
    rows = [
        [title] + [f"{t / first:.2f}" for t in found[key]]
        for title, key in (("m tokens of one sequence", "one"), ("a token of m sequences", "many"))
    ]
    return [f"## A step of m tokens, against one of one token (t(1) = {first * 1e3:.1f} ms): t(m) / t(1)", ""] + table(head, rows)


PLACES, LIKELIEST = 32, 20


def logits(ours, peer):
    """Log probabilities of what llama.cpp finds likeliest where it goes on greedily after a document of each set."""
    compared = agree = 0
    largest, sum_of = 0.0, 0.0
    for name in sets:
        tokens = ours.ask(do="tokens", text=documents(name, 1)[0]["text"])["tokens"][:512]
        theirs = peer.ask(do="go on", tokens=tokens, count=PLACES, likeliest=LIKELIEST)
        wrote, places = theirs["wrote"], theirs["places"]
        own = ours.ask(do="next", tokens=tokens + wrote[:-1], of=[[t for t, _ in place] for place in places])["places"]
        for place, mine in zip(places, own, strict=True):
            compared += 1
            agree += place[0][0] == mine["best"]
            apart = [abs(a - b) for (_, a), b in zip(place, mine["scores"], strict=True)]
            largest, sum_of = max(largest, *apart), sum_of + apart[0]
    assert compared == PLACES * len(sets), "llama.cpp gave other places than asked"
    head = ["places", "the likeliest token is the same", f"largest difference of the {LIKELIEST} likeliest",
            "mean difference of the likeliest"]
    return [f"## The same sums as llama.cpp's: natural logarithms of probabilities, {PLACES} places a set", ""] + table(
        head, [[compared, agree, f"{largest:.3f}", f"{sum_of / compared:.4f}"]])


def hours(ours, peers, folders):
    """Documents per hour on the first documents of each set, each group by everyone before the next group. What was
    answered meanwhile is kept for `quality`, which asks a worker for the rest."""
    everyone = [("ours", ours)] + peers
    rows, totals = [], {name: 0.0 for name, _ in everyone}
    count = 0
    for number, set_name in enumerate(sets):
        group = documents(set_name, min(options.timed, options.limit))
        took = {name: 0.0 for name, _ in everyone}
        for turn, part in enumerate(chunks(group, TOGETHER), start=number):
            for i in range(len(everyone)):
                name, worker = everyone[(i + turn) % len(everyone)]
                schema = str(options.evaluation / f"{set_name}.schema.json")
                found = worker.ask(do="extract", schema=schema, texts=[d["text"] for d in part])
                took[name] += found["seconds"]
                if name in folders:
                    keep(folders[name], set_name, part, found["answers"])
        count += len(group)
        for name in took:
            totals[name] += took[name]
        best = min((took[name] for name, _ in peers), default=None)
        rows.append([set_name, len(group)] + [f"{len(group) / took[n] * 3600:.0f}" for n, _ in everyone]
                    + ([f"{best / took['ours']:.1f}"] if peers else []))
        print(set_name, took, file=sys.stderr, flush=True)
    if peers:
        # The peer's better setting over all documents.
        best = min(totals[name] for name, _ in peers)
        rows.append(["all", count] + [f"{count / totals[n] * 3600:.0f}" for n, _ in everyone] + [f"{best / totals['ours']:.1f}"])
    head = ["set", "documents"] + [n for n, _ in everyone] + (["ours / better of the two"] if peers else [])
    return ["## Documents per hour" + (" (llama.cpp with one slot, and with four)" if peers else ""), ""] + table(head, rows)


def keep(folder, name, asked, found):
    """Puts answers by, unless there is one already."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.jsonl"
    done = {line["id"] for line in lines(path)}
    with open(path, "a", encoding="utf-8") as f:
        for document, answer in zip(asked, found, strict=True):
            if document["id"] not in done:
                f.write(json.dumps({"id": document["id"], **answer}) + "\n")


# --- Quality ---------------------------------------------------------------------------------------------------------


def answers(worker, folder, ours):
    """Answers to every document of every set, kept as they come."""
    for name in sets:
        done = {line["id"] for line in lines(folder / f"{name}.jsonl")}
        waiting = [d for d in documents(name, options.limit) if d["id"] not in done]
        for part in chunks(waiting, TOGETHER if ours else 1):
            found = worker.ask(do="extract", schema=str(options.evaluation / f"{name}.schema.json"),
                               texts=[d["text"] for d in part])
            keep(folder, name, part, found["answers"])
        if waiting:
            print(f"{folder.name}: {name} answered", file=sys.stderr, flush=True)


def answered(name, folder):
    """What is kept of the documents that are asked about now; a run before may have answered more."""
    asked = {d["id"] for d in documents(name, options.limit)}
    return [line for line in lines(folder / f"{name}.jsonl") if line["id"] in asked]


def scored(name, folder):
    """What the scorer says, of the documents that are answered."""
    out = folder / f"{name}.scores.json"
    gold, path = folder / f"{name}.gold.jsonl", folder / f"{name}.pred.jsonl"
    gold.write_text("".join(json.dumps(d) + "\n" for d in documents(name, options.limit)))
    path.write_text("".join(json.dumps(a) + "\n" for a in answered(name, folder)))
    subprocess.run(
        [sys.executable, options.scorer, "--gold", gold, "--pred", path, "--json", out, "--schema",
         options.evaluation / f"{name}.schema.json"],
        check=True, stdout=subprocess.DEVNULL,
    )
    found = json.loads(out.read_text())
    return found["micro"]["relaxed"]["f1"], found["macro_f1"]["relaxed"]


def quality(folders):
    rows = []
    means = {who: ([], []) for who in folders}
    for name in sets:
        row = [name, len(documents(name, options.limit))]
        for who, folder in folders.items():
            micro, macro = scored(name, folder)
            means[who][0].append(micro)
            means[who][1].append(macro)
            row += [f"{micro:.3f}", f"{macro:.3f}"]
        if len(folders) > 1:
            own, other = (means[who][0][-1] for who in folders)
            row.append(f"{own - other:+.3f}")
        rows.append(row)
    row = ["mean", sum(r[1] for r in rows)]
    for who in folders:
        row += [f"{statistics.mean(means[who][0]):.3f}", f"{statistics.mean(means[who][1]):.3f}"]
    if len(folders) > 1:
        own, other = (statistics.mean(means[who][0]) for who in folders)
        row.append(f"{own - other:+.3f}")
    head = ["set", "documents"]
    for who in folders:
        head += [f"micro, {who}", f"macro, {who}"]
    head += ["micro, difference"] if len(folders) > 1 else []
    return ["## Quality: relaxed F1", ""] + table(head, rows + [row])


def words(value):
    text = unicodedata.normalize("NFKD", str(value)).lower()
    return {w for w in re.findall(r"\w+", text) if w not in ("a", "an", "the")}


def alike(a, b):
    """As the scorer's relaxed match: the words of one contain the other's, or half of both are shared."""
    for x in map(words, str(a).split(" | ")):
        for y in map(words, str(b).split(" | ")):
            if x and y and (x <= y or y <= x or 2 * len(x & y) >= 0.5 * (len(x) + len(y))):
                return True
    return False


def denied(folder):
    """Negated findings of the gold that an answer lists among what is present, and how many there are: of sets whose
    gold tells them apart."""
    shown = all_of_them = 0
    for name in sets:
        preds = {line["id"]: line["pred"] for line in answered(name, folder)}
        for document in documents(name, options.limit):
            gold = document["gold"]
            if "negated_findings" not in gold or document["id"] not in preds:
                continue
            fields = ("diseases", "signs_symptoms")
            present = [v for f in fields for v in gold.get(f) or []]
            listed = [v for f in fields for v in preds[document["id"]].get(f) or []]
            for finding in gold["negated_findings"] or []:
                all_of_them += 1
                hits = [v for v in listed if alike(finding, v)]
                shown += any(not any(alike(v, p) for p in present) for v in hits)
    return shown, all_of_them


def ungrounded(folder):
    """Values shown as verbatim or normalised that are not: by their offsets and quotes, looked at from outside."""
    bad = shown = 0
    for name in sets:
        texts = {d["id"]: d["text"] for d in documents(name, options.limit)}
        for line in answered(name, folder):
            for finding in line["findings"]:
                if finding["support"] not in ("verbatim", "normalised"):
                    continue
                shown += 1
                quotes = [(e["quote"], texts[line["id"]][e["start"] : e["end"]]) for e in finding["evidence"]]
                true = bool(quotes) and all(quote == there and quote.strip() for quote, there in quotes)
                if finding["support"] == "verbatim":
                    true = true and any(quote == finding["value"] or str(finding["value"]) == quote for quote, _ in quotes)
                bad += not true
    return bad, shown


def valid(folder):
    found = [line for name in sets for line in answered(name, folder)]
    return sum(line.get("valid", line.get("status") in ("ok", "partial")) for line in found), len(found)


def truth(folders):
    rows = []
    for who, folder in folders.items():
        shown, negated = denied(folder)
        good, count = valid(folder)
        row = [who, f"{good} of {count}", f"{shown} of {negated}"]
        row.append("{} of {}".format(*ungrounded(folder)) if who == "ours" else "not said")
        rows.append(row)
    head = ["whose", "answers that are valid JSON", "negated findings listed as present",
            "values shown as verbatim or normalised that are not in the text"]
    return ["## Truth", ""] + table(head, rows)


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
for name in ("worker", "model", "evaluation", "out"):
    parser.add_argument(f"--{name}", required=True, type=Path)
parser.add_argument("--scorer", type=Path)
parser.add_argument("--peer-python", type=Path)
parser.add_argument("--threads", type=int, default=os.cpu_count())
parser.add_argument("--device", default="auto")
parser.add_argument("--limit", type=int, default=10**9)
parser.add_argument("--timed", type=int, default=8)
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--keep", type=Path, default=Path("target/bench"))
parser.add_argument("--parts", default="rates,steps,logits,quality,hours")
options = parser.parse_args()
parts = options.parts.split(",")
sets = [p.name.removesuffix(".schema.json") for p in sorted(options.evaluation.glob("*.schema.json"))]

report = []
ours = Worker([options.worker, options.model, options.threads, options.device])
peer_worker = HERE / "llamacpp_worker.py"
peer = Worker([options.peer_python, peer_worker, options.model, options.threads, 1]) if options.peer_python else None
report += [f"- ours: {ours.hello['path']}, {options.threads} threads, {ours.hello['device']}",
           f"- peer: llama.cpp's server through xllamacpp {peer.hello['version']}, the same threads, prompt cache on, one "
           "prompt and a JSON schema" if peer else "- peer: none given", ""]
if "rates" in parts:
    report += rates(ours, peer)
if "steps" in parts:
    report += steps(ours)
model = digest(options.model)
if sets and peer and "logits" in parts:
    report += logits(ours, peer)
folders = {"ours": options.keep / f"ours-{digest(options.worker)}-{options.device}-{model}"}
if peer:
    folders["llama.cpp"] = options.keep / f"llamacpp-{peer.hello['version']}-{digest(peer_worker)}-{model}"
if sets and "hours" in parts:
    peers = []
    if peer:
        peers = [("llama.cpp", peer),
                 ("llama.cpp, 4 slots", Worker([options.peer_python, peer_worker, options.model, options.threads, 4]))]
    report += hours(ours, peers, folders)
    if peers:
        peers[1][1].close()
if sets and "quality" in parts:
    for who, worker in (("ours", ours), ("llama.cpp", peer)):
        if worker:
            answers(worker, folders[who], who == "ours")
    if options.scorer:
        report += quality(folders)
    else:
        report += ["No scorer was given: figures of quality left out.", ""]
    report += truth(folders)
for worker in (ours, peer):
    if worker:
        worker.close()
options.out.write_text("\n".join(report) + "\n")
