#!/usr/bin/env python3
"""A second reader of recordings, written from docs/formats.md alone.

Opens every segment here frame by frame, judges the damaged ones, verifies the journal, and compares with expected.json.
Needs Python 3.9 and `cryptography`; the product needs neither.
"""

import hmac, json, pathlib, struct, sys
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HERE = pathlib.Path(__file__).parent
HEADER, TAG = 80, 16


def jcs(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def bind(label, context):
    return label.encode() + b"\0" + jcs(context)


def hkdf(key, info):
    prk = hmac.digest(bytes(32), key, "sha256")
    return hmac.digest(prk, info + b"\1", "sha256")


def b64(data):
    import base64

    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def read(data, key, recording, number):
    """(fault, samples by frame with None for refused ones, whole places, rest bytes, whether it is closed, last tag)"""
    if data[:7] != b"CLOSEGM":
        return ("malformed",)
    if data[7] != 1:
        return ("version",)
    if len(data) < HEADER:
        return ("truncated",)
    found, n, rate, channels, form = data[8:38], *struct.unpack(">IIBB", data[38:48])
    if found != recording.encode() or n != number:
        return ("foreign",)
    if not (8000 <= rate <= 192000 and channels in (1, 2) and form == 1):
        return ("field",)
    context = {"format_version": 1, "item": f"{recording}/{number}"}
    if data[48:80] != hkdf(key, bind("cloister/1/recording-commitment", context)):
        return ("other_key",)
    gcm = AESGCM(hkdf(key, bind("cloister/1/recording-frames", context)))
    size = 2 * rate * channels + TAG
    body, frames, last_tag, closed = data[HEADER:], [], bytes(TAG), False
    for i in range(0, len(body), size):
        sealed, counter = body[i : i + size], i // size
        last = len(sealed) < size
        nonce = bytes(7) + struct.pack(">IB", counter, last)
        try:
            frames.append(gcm.decrypt(nonce, sealed, data[:HEADER]))
            last_tag, closed = sealed[-TAG:], last
        except InvalidTag:
            frames.append(None)
    return None, frames, len(body) // size, len(body) % size, closed, last_tag


def verdict(data, key, recording, known):
    fault, *found = read(data, key, recording, 1)
    if fault:
        return fault
    frames, whole, rest, closed, last_tag = found
    refused = [n for n in range(whole) if frames[n] is None]
    authentic = max((n + 1 for n, f in enumerate(frames) if f is not None), default=0)
    if (authentic, last_tag.hex(), closed) == (*known, True):
        return "damaged" if refused else "whole"
    if whole < known[0] - 1 or (whole == known[0] - 1 and rest < TAG):
        return "cut_short"
    return "changed"


def main():
    expected = json.loads((HERE / "expected.json").read_text())
    key, recording = bytes.fromhex(expected["segment_key"]), expected["recording"]
    known = tuple(expected["closed"])
    for name, length in expected["samples"].items():
        frames = read((HERE / name).read_bytes(), key, recording, 1)[1]
        sound = b"".join(f for f in frames if f is not None)
        assert sound == b"".join(struct.pack("<H", i * 40503 % 65536) for i in range(length)), name
    for name, wanted in expected["verdicts"].items():
        found = verdict((HERE / "damaged" / name).read_bytes(), key, recording, known)
        # A changed rate leaves no authentic frame: everything is refused, whatever the end.
        assert found == wanted or wanted == "refused" and found in ("changed", "cut_short"), (name, found, wanted)
    previous = bytes(32)
    lines = (HERE / "journal").read_bytes().splitlines()
    assert [json.loads(line)["entry"] for line in lines] == expected["journal"]
    for n, line in enumerate(lines):
        line = json.loads(line)
        context = {"recording": recording, "line": n, "previous": b64(previous), "entry": line["entry"]}
        previous = hmac.digest(bytes.fromhex(expected["journal_key"]), bind("cloister/1/recording-journal", context), "sha256")
        assert line["mac"] == b64(previous), f"line {n}"
    print(f"{len(expected['samples'])} segments, {len(expected['verdicts'])} damaged ones, {len(lines)} journal lines: as expected")


if __name__ == "__main__":
    sys.exit(main())
