#!/usr/bin/env bash
# Measures extraction on this machine and writes one table to benches/results/DATE.md.
#
#   EVALUATION  folder of NAME.jsonl (id, text, gold) beside NAME.schema.json; quality and documents per hour of each
#   SCORER      program called as: SCORER --gold G --pred P --schema S --json OUT (micro and macro F1)
#   PEER        program called as: PEER MODEL NAME.jsonl NAME.schema.json OUT.jsonl, which prints a line of figures
#   LIMIT       documents of each set (all by default)
#
# What is not given or not there is left out, with a word. Nothing else should run meanwhile.
set -euo pipefail
cd "$(dirname "$0")/.."
model=${MODEL:-models/weights/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf}
evaluation=${EVALUATION:-../shared/data/extraction}
threads=${THREADS:-$(nproc)}
out=benches/results/$(date -u +%Y-%m-%d).md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cargo build --profile ci -p cloister-extraction --examples
programs=${CARGO_TARGET_DIR:-target}/ci/examples

{
  echo "# Extraction, measured $(date -u '+%Y-%m-%d %H:%M') UTC"
  echo
  echo "- machine: $(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2 | xargs), $(nproc) cores, load $(cut -d' ' -f1-3 /proc/loadavg) at the start"
  echo "- commit: $(git rev-parse --short HEAD)$(git diff --quiet HEAD || echo ' and changes')"
  echo "- model: $(basename "$model"), $(stat -c %s "$model") bytes; $threads threads; $(rustc --version)"
  echo
  echo '## Reading, writing, and t(m) / t(1)'
  echo
  echo '```'
  "$programs/speed" "$model" "$threads" 2
  echo '```'
  echo
  echo '## Quality and documents per hour'
  echo
  echo '| set | whose | documents | micro F1 (relaxed) | macro F1 (relaxed) | figures |'
  echo '|---|---|---|---|---|---|'
} > "$work/report.md"

row() { # whose, set, predictions, figures
  local scores='- | -'
  if [[ -n ${SCORER:-} ]]; then
    "$SCORER" --gold "$work/$2.jsonl" --pred "$3" --schema "$evaluation/$2.schema.json" --json "$work/scores.json" > /dev/null
    scores=$(jq -r '[.micro.relaxed.f1, .macro_f1.relaxed] | map(. * 1000 | round / 1000 | tostring) | join(" | ")' "$work/scores.json")
  fi
  echo "| $2 | $1 | $(wc -l < "$work/$2.jsonl") | $scores | $4 |" >> "$work/report.md"
}

for schema in "$evaluation"/*.schema.json; do
  [[ -e $schema ]] || { echo "no evaluation data in $evaluation: quality left out"; break; }
  set=$(basename "$schema" .schema.json)
  head -n "${LIMIT:-1000000}" "$evaluation/$set.jsonl" > "$work/$set.jsonl"
  "$programs/extract" "$model" "$schema" "$work/$set.jsonl" --threads "$threads" > "$work/ours" 2> "$work/figures"
  row ours "$set" "$work/ours" "$(tail -1 "$work/figures")"
  if [[ -n ${PEER:-} ]]; then
    figures=$("$PEER" "$model" "$work/$set.jsonl" "$schema" "$work/peer" 2> /dev/null | tail -1)
    row peer "$set" "$work/peer" "$figures"
  fi
done
[[ -n ${SCORER:-} ]] || echo "no SCORER: figures of quality left out"
[[ -n ${PEER:-} ]] || echo "no PEER: comparison left out"
mv "$work/report.md" "$out"
echo "wrote $out"
