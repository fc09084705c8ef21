#!/usr/bin/env bash
# A run over very many reports, in the real window and out of it: how soon its grid opens, how it scrolls, how long an
# export takes.
#
#   tests/desktop/long-run.sh [REPORTS] [FOLDER]        default: 100000, which takes some ten minutes to make
#
# FOLDER keeps the vault for the next time; without it a temporary one is made. The model is a generated one that says
# anything at all: what is measured is everything around it.
# Environment: SHOTS, a folder for screenshots (default: a temporary one, removed).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
bin=${CARGO_TARGET_DIR:-$root/target}/ci
app=$bin/cloister-desktop-driven
(cd "$root" && cargo build --quiet --profile ci --workspace --features cloister-desktop/driven --bin cloister-desktop-driven &&
    cargo build --quiet --profile ci --workspace --bin cloister-worker --bin cloister-engine)

. "$here/stage.sh"

export REPORTS=${1:-100000}
folder=${2:-$work/run}
if [[ ! -d $folder/data ]]; then
    mkdir -p "$folder"
    printf %s "$bin/cloister-engine" >"$folder/engine-path"
    "$bin/cloister-worker" prepare "$folder" "$REPORTS"
    SECONDS=0
    "$bin/cloister-worker" run "$folder" >"$work/run.log"
    echo "     $REPORTS reports, read and kept in $SECONDS s with a model that does next to nothing"
fi
begun=$(date +%s.%N)
"$bin/cloister-worker" export "$folder" "$work/out.jsonl"
echo "     exported as JSON Lines in $(bc <<<"scale=1; ($(date +%s.%N) - $begun) / 1") s, sign-in included"
[[ $(wc -l <"$work/out.jsonl") -eq $REPORTS ]] || { echo "tests/desktop: the export is not whole" >&2; exit 1; }
export APP=$app VAULT=$folder/data SHOTS=${SHOTS:-$work/shots}
mkdir -p "$SHOTS"
node "$here/long-run.mjs"
