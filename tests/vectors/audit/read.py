#!/usr/bin/env python3
"""A second verifier of the audit log, written from docs/formats-audit.md alone.

It judges every folder here and compares verdict, number of lines and first bad line with index.json. Needs Python 3.11 and
`cryptography` 44 or later; the product needs neither.
"""

import hashlib, json, pathlib, re, sys
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HERE = pathlib.Path(__file__).parent
MEMBERS = "action boot details event_type host mono_ms next_vk outcome prev role seq session sig target time user_id".split()
NAME = re.compile(r"(\d{4})-(\d{2})\.(?:s(\d+)\.)?jsonl")


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def canonical(value):  # RFC 8785, for ASCII strings and whole numbers
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def signed(key, domain, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(
            bytes.fromhex(signature), domain + b"\0" + message)
        return True
    except (InvalidSignature, ValueError):
        return False


def parse(line):
    """The members of a line with its newline, or None."""
    try:
        value = json.loads(line)
    except ValueError:
        return None
    if not isinstance(value, dict) or sorted(value) != MEMBERS or canonical(value) + b"\n" != line:
        return None
    return value


def unfinished(tail):
    return not tail.endswith(b"\n") or b"\0" in tail


class Bad(Exception):
    pass


class Chain:
    """One segment: what its next line must be, and what was seen."""

    def __init__(self, number):
        self.number, self.count, self.next, self.seen, self.before = number, 0, None, {}, None

    def wrong(self, line):
        if line is None:
            return "not a line"
        if self.next is None:
            first = "log_created" if self.number == 1 else "integrity_break"
            key = line["details"].get("first_vk", "")
            if line["event_type"] != first or (self.number == 1 and (line["seq"], line["prev"]) != (1, "0" * 64)):
                return "not a first line"
            self.before = line["prev"]
        else:
            seq, prev, key = self.next
            if (line["seq"], line["prev"]) != (seq, prev):
                return "not the next line"
        unsigned = {k: v for k, v in line.items() if k != "sig"}
        return None if signed(key, b"cloister audit line v1", canonical(unsigned), line["sig"]) else "signature"

    def take(self, line, raw):
        self.count += 1
        self.seen[line["seq"]] = (sha256(raw), line["next_vk"])
        self.next = (line["seq"] + 1, sha256(raw), line["next_vk"])

    def read(self, data, last):
        stray = b""
        for raw in re.findall(rb"[^\n]*\n|[^\n]+", data):
            line = parse(raw)
            if not self.wrong(line):
                details = line["details"]
                answers = (details.get("length"), details.get("sha256")) == (len(stray) - 1, sha256(stray[:-1]))
                if not stray or (line["event_type"] == "recovered" and answers):
                    self.take(line, raw)
                    stray = b""
                    continue
            stray += raw
        if stray and not (last and unfinished(stray)):
            raise Bad


def judge(folder):
    """Verdict, lines and first bad line."""
    files = sorted((int(m[3] or 1), p) for p in folder.iterdir() if (m := NAME.fullmatch(p.name)))
    segments = sorted({number for number, _ in files})
    count, verdict, first_bad, chain = 0, "intact", None, None
    for number in segments:
        chain = Chain(number)
        paths = [p for n, p in files if n == number]
        broken = False
        try:
            for path in paths:
                chain.read(path.read_bytes(), number == segments[-1] and path == paths[-1])
        except Bad:
            broken = True
        count += chain.count
        if broken and verdict == "intact":
            verdict, first_bad = "tampered", chain.next[0] if chain.next else 1
        if number > 1 and verdict == "intact":
            line = parse(paths[0].read_bytes().partition(b"\n")[0] + b"\n")
            cut = line["details"]["reason"] in ("truncated", "rolled_back")
            verdict, first_bad = "truncated" if cut else "tampered", line["details"]["expected_seq"]
    if verdict != "intact":
        return verdict, count, first_bad
    try:
        raw = (folder / "head.json").read_bytes()
        head = json.loads(raw)
    except (OSError, ValueError):
        return "tampered", count, None
    if canonical(head) + b"\n" != raw:
        return "tampered", count, None
    if head["seq"] >= chain.next[0]:
        return "truncated", count, chain.next[0]
    digest, key = chain.seen[head["seq"]]
    message = canonical({"hash": head["hash"], "seq": head["seq"]})
    if digest != head["hash"] or not signed(key, b"cloister audit head v1", message, head["sig"]):
        return "tampered", count, head["seq"]
    return "intact", count, None


def fingerprint(folder):
    first = min(folder.glob("*.jsonl")).read_bytes().split(b"\n")[0]
    key = bytes.fromhex(json.loads(first)["details"]["first_vk"])
    digits = hashlib.sha256(b"cloister audit fingerprint v1\0" + key).hexdigest()[:40]
    return " ".join(digits[i:i + 4] for i in range(0, 40, 4))


def main():
    index = json.loads((HERE / "index.json").read_text())
    wrong = [] if fingerprint(HERE / "good") == index["fingerprint"] else ["fingerprint"]
    for name, expected in index["verdicts"].items():
        found = judge(HERE / name)
        print(f"{name:24} {found[0]}")
        if found != (expected["verdict"], expected["entries"], expected["first_bad_seq"]):
            wrong.append(f"{name}: {found}")
    if wrong:
        sys.exit("\n".join(wrong))


main()
