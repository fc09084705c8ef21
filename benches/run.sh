#!/usr/bin/env bash
# Measures extraction on this machine, in one run, and writes its tables to benches/results/extraction-DATE.md.
#
#   EVALUATION   folder of NAME.jsonl (id, text, gold) beside NAME.schema.json; without it only speed is measured
#   SCORER       program called as: SCORER --gold G --pred P --schema S --json OUT (micro and macro F1)
#   PEER_PYTHON  an interpreter that has llama.cpp (pip install xllamacpp); without it there is no comparison
#   LIMIT        documents of each set for quality (all by default);  TIMED: of each set for documents per hour (8)
#   KEEP         where answers are kept, so that a run that was cut goes on (target/bench)
#
# What is not given or not there is left out, with a word. Nothing else should run meanwhile. With everything it takes
# about an hour and a half on two cores, most of it llama.cpp's.
set -euo pipefail
cd "$(dirname "$0")/.."
models=${CLOISTER_MODELS:-models/weights}
model=${MODEL:-$models/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf}
evaluation=${EVALUATION:-../shared/data/extraction}
scorer=${SCORER:-../shared/tools/score_extraction.py}
threads=${THREADS:-$(nproc)}
out=benches/results/extraction-$(date -u +%Y-%m-%d).md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cargo build --profile ci --workspace --all-targets
programs=$(realpath "${CARGO_TARGET_DIR:-target}/ci")

load() { cut -d' ' -f1-3 /proc/loadavg; }
peer=()
[[ -z ${PEER_PYTHON:-} ]] || peer=(--peer-python "$PEER_PYTHON")
score=()
[[ ! -e $scorer ]] || score=(--scorer "$scorer")
[[ -d $evaluation ]] || { echo "no evaluation data in $evaluation: speed alone"; mkdir "$work/none"; evaluation=$work/none; }
{
  echo "# Extraction, measured $(date -u '+%Y-%m-%d %H:%M') UTC by \`make bench\`"
  echo
  echo "- machine: $(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2 | xargs), family $(grep -m1 'cpu family' /proc/cpuinfo | cut -d: -f2 | xargs), $(nproc) cores, $(free -g | awk '/Mem:/ {print $2}') GiB, Linux $(uname -r); load $(load) at the start"
  echo "- commit: $(git rev-parse --short HEAD)$(git diff --quiet HEAD || echo ' and changes'); $(rustc --version)"
  echo "- model, for both: $(basename "$model"), $(stat -c %s "$model") bytes"
} > "$work/report.md"
benches/extraction/compare.py --worker "$programs/examples/bench_worker" --model "$model" --evaluation "$evaluation" \
  --threads "$threads" --limit "${LIMIT:-1000000}" --timed "${TIMED:-8}" --keep "${KEEP:-target/bench}" \
  --out "$work/tables.md" "${score[@]}" "${peer[@]}"
cat "$work/tables.md" >> "$work/report.md"
if [[ -e $evaluation/iu_cxr.jsonl ]]; then
  benches/extraction/memory.py "$programs" "$models" "$evaluation/iu_cxr.jsonl" "$evaluation/iu_cxr.schema.json" \
    >> "$work/report.md"
fi
benches/extraction/profile.sh "$programs/examples/bench_worker" "$model" "$threads" >> "$work/report.md"
echo "Load $(load) at the end." >> "$work/report.md"
mv "$work/report.md" "$out"
echo "wrote $out"
