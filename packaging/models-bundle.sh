#!/usr/bin/env bash
# A signed bundle of model files: packaging/models-bundle.sh SECRET-KEY OUTPUT.tar FILE…
# A tar archive of SHA256SUMS, its minisign signature, and the files (docs/verify-a-release.md). SECRET-KEY is a file of
# `minisign -G`. The same files and the same key give the same bytes.
set -euo pipefail
key=$(realpath "$1") output=$(realpath "$2")
shift 2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
names=()
for file in "$@"; do
    name=$(basename "$file")
    names+=("$name")
    ln -s "$(realpath "$file")" "$work/$name"
done
cd "$work"
sha256sum "${names[@]}" >SHA256SUMS
# -l would sign the list itself; without it, as here, its BLAKE2b digest. The comment holds no time.
minisign -S -W -s "$key" -m SHA256SUMS -c "cloister models" -t "cloister models" >/dev/null
tar --create --file "$output" --format=ustar --dereference --mode=644 --owner=0 --group=0 --numeric-owner --mtime=@0 \
    SHA256SUMS SHA256SUMS.minisig "${names[@]}"
