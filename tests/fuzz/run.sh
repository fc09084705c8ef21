#!/usr/bin/env bash
# Every fuzz target for so many seconds each, from a corpus of our own files: tests/fuzz/run.sh [SECONDS] [TARGET…]
# Ends with one line per target, and `N passed, N failed`. Needs cargo-fuzz 0.13.
# What is learnt stays outside the checkout (CLOISTER_CACHE); what breaks a target is kept under tests/fuzz/artifacts.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
seconds=${1:-60}
shift || true
cache=${CLOISTER_CACHE:-$HOME/.cache/cloister}
export CARGO_TARGET_DIR=$cache/fuzz-target
command -v cargo-fuzz >/dev/null || cargo install --quiet --locked --version 0.13.2 --root "$cache/tools" cargo-fuzz || exit 2
targets=("$@")
[[ ${#targets[@]} -gt 0 ]] || mapfile -t targets < <(basename -s .rs -a "$here"/targets/*.rs)

# Folders that targets make lie in memory, and go at the end. What has no file of ours to begin with is made here.
TMPDIR=$(mktemp --directory /dev/shm/cloister-fuzz.XXXXXX)
export TMPDIR
# A command of the program lets a log only grow, where the file system can: `payloads` finds it.
trap 'chattr -R -f -a "$TMPDIR"; rm -rf "$TMPDIR"' EXIT
made=$TMPDIR/made
mkdir -p "$made/payloads" "$made/tables"
while read -r who name payload; do
    printf "\\x$who%s\0%s" "$name" "$payload" >"$made/payloads/$name"
done <"$here/payloads.txt"
printf '\0report,id\n"chest ""x"" ray",1\nknee,2\n' >"$made/tables/csv"
printf '\1report\tid\nchest\t1\n' >"$made/tables/tsv"
printf '\2{"id": "1", "text": "chest", "age": 7}\n{"id": "2", "text": "knee"}\n' >"$made/tables/jsonl"
{ printf '\0'; printf 'Bericht;Fall\nHüfte;1\n' | iconv -t UTF-16; } >"$made/tables/utf-16"
python3 "$here/seeds.py" "$made"

# What each target begins with: files made by the program itself, and the damaged ones of its tests.
seeds() {
    case $1 in
        audit) find "$root/tests/vectors/audit" -name '*.jsonl' ;;
        audio) find "$root/tests/fixtures" "$root/crates/app/assets" -name '*.flac' -o -name '*.ogg' | head -n 4 ;;
        bundle) find "$root/tests/vectors/bundle" -name '*.tar' ;;
        docx | frames | ggml | gguf | xlsx) find "$made" -name "*.$1" ;;
        payloads) find "$made/payloads" -type f ;;
        recording) find "$root/tests/vectors/recording" -name '*.seg' -o -name journal ;;
        tables) find "$made/tables" -type f ;;
        backup) find "$root/tests/vectors/upgrade" -name '*.backup' ;;
        keyring) find "$root/tests/vectors/vault" -name keyring.json ;;
        schema) find "$root/crates" -name '*.schema.json' ;;
        *) ;;
    esac
}

(cd "$here" && cargo fuzz build --fuzz-dir . --sanitizer none) || exit 2
programs=$CARGO_TARGET_DIR/$(rustc -vV | sed -n 's/^host: //p')/release
passed=0 failed=0
for target in "${targets[@]}"; do
    corpus=$cache/fuzz-corpus/$target
    mkdir -p "$corpus"
    while read -r file; do
        # No seed longer than a fuzzer can work with; two bytes in front where the target divides its input.
        { [[ $target == audit ]] && printf '\0\0'; head -c 60000 "$file"; } >"$corpus/$(sha256sum "$file" | cut -c 1-16)"
    done < <(seeds "$target")
    log=$(mktemp)
    mkdir -p "$here/artifacts/$target"
    if "$programs/$target" "$corpus" -artifact_prefix="$here/artifacts/$target/" -max_total_time="$seconds" \
        -rss_limit_mb=2048 -timeout=20 -max_len=65536 >"$log" 2>&1; then
        passed=$((passed + 1))
        done=$(grep -Eo '^Done [0-9]+ runs in [0-9]+ second' "$log" | tail -n 1)
        seen=$(grep -Eo 'cov: [0-9]+' "$log" | tail -n 1)
        printf 'ok   %-8s %s, %s\n' "$target" "${done:-no runs}" "${seen:-no coverage}"
    else
        failed=$((failed + 1))
        printf 'FAIL %-8s\n' "$target"
        tail -n 25 "$log" | sed 's/^/     /'
    fi
    rm -f "$log"
done
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
