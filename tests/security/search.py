#!/usr/bin/env python3
"""Look for a text in files, folders and raw disk images, in the encodings that software leaves behind.

    search.py TEXT PATH...           prints each hit; exit 1 when there is one
    search.py --plant FOLDER TEXT    writes one file for each encoding, for the control
"""
import base64
import json
import os
import sys


def needles(text):
    yield "utf-8", text.encode()
    yield "utf-16le", text.encode("utf-16-le")
    yield "utf-16be", text.encode("utf-16-be")
    yield "json", "".join(f"\\u{ord(c):04x}" for c in text).encode()
    yield "hex", text.encode().hex().encode()
    # The text as 16-bit samples, as sound would be: each byte a sample of its own.
    yield "pcm", b"".join((b * 128).to_bytes(2, "little") for b in text.encode())
    for before in range(3):
        padded = bytes(before) + text.encode()
        coded = base64.b64encode(padded)
        yield f"base64+{before}", coded[-(-before * 8 // 6): len(padded) * 8 // 6]


def files(paths):
    for path in paths:
        if os.path.isfile(path):
            yield path
        for folder, _, names in os.walk(path):
            yield from (os.path.join(folder, n) for n in names if os.path.isfile(os.path.join(folder, n)))


def hits(text, path):
    wanted = list(needles(text))
    overlap = max(len(n) for _, n in wanted)
    tail = b""
    with open(path, "rb") as file:
        while block := file.read(1 << 24):
            window = tail + block
            for name, needle in wanted:
                if needle in window:
                    yield name
            tail = window[-overlap:]


def main(args):
    if args[0] == "--plant":
        for name, needle in needles(args[2]):
            with open(os.path.join(args[1], name), "wb") as file:
                file.write(b"x" * 12 + needle + b"x" * 12)
        planted = {name for name, _ in needles(args[2])}
        found = {name for name in planted if name in set(hits(args[2], os.path.join(args[1], name)))}
        print(json.dumps({"planted": sorted(planted), "found": sorted(found)}))
        return 0 if planted == found else 1
    looked, found = 0, 0
    for path in files(args[1:]):
        looked += 1
        for name in sorted(set(hits(args[0], path))):
            print(f"{path}: {name}")
            found += 1
    print(f"{looked} files, {found} hits")
    return 1 if found or not looked else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
