#!/usr/bin/env bash
# Word error rate of the built command line, file by file through a vault as a person would do it.
#
#   benches/speech/wer.sh AUDIO_FOLDER REFERENCE_FOLDER SCORER [SCORER'S FLAGS…]
#
# SCORER: takes --ref and --hyp folders of NAME.txt (score_wer.py of the evaluation data). Prints what it says, the time
# from start to end, and the most memory that the command line and its engine held (seen every 50 ms).
set -euo pipefail
cd "$(dirname "$0")/../.."
audio=$1 references=$2 scorer=$3
shift 3
cloister=${CARGO_TARGET_DIR:-target}/ci/cloister
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CLOISTER_DATA=$work/vault CLOISTER_USER=ada CLOISTER_PASSWORD_FILE=$work/password
export CLOISTER_MODELS=${CLOISTER_MODELS:-models/weights}
printf 'a quiet walk at noon' >"$work/password"
"$cloister" init --admin ada --policy second_factor=optional >"$work/init.log" 2>&1 || { cat "$work/init.log" >&2; exit 1; }
mkdir "$work/hyp" "$work/ref"

peak() { # the largest VmHWM of a process, in MB
    awk '/^VmHWM/ { print int($2 / 1024) }' "/proc/$1/status" 2>/dev/null || true
}

most=0 most_engine=0
begun=$(date +%s.%N)
for file in "$audio"/*; do
    name=$(basename "${file%.*}")
    "$cloister" transcribe "$file" --format txt --output "$work/hyp/$name.txt" >"$work/log" 2>&1 &
    pid=$!
    while kill -0 "$pid" 2>/dev/null; do
        mb=$(peak "$pid")
        ((${mb:-0} > most)) && most=$mb
        for child in $(cat /proc/"$pid"/task/*/children 2>/dev/null); do
            mb=$(peak "$child")
            ((${mb:-0} > most_engine)) && most_engine=$mb
        done
        sleep 0.05
    done
    wait "$pid" || { cat "$work/log" >&2; exit 1; }
    if [[ -f $references/$name.txt ]]; then cp "$references/$name.txt" "$work/ref"; fi
done
ended=$(date +%s.%N)
if compgen -G "$work/ref/*.txt" >/dev/null; then
    python3 "$scorer" --ref "$work/ref" --hyp "$work/hyp" --spell-numbers "$@" | tail -2
fi
echo "$(find "$work/hyp" -type f | wc -l) files, $(cat "$work"/hyp/* | wc -w) words, $(echo "$ended - $begun" | bc) s;" \
    "most memory: command line $most MB, engine $most_engine MB"
