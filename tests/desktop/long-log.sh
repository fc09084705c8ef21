#!/usr/bin/env bash
# The log's viewer over a very long log, in the real window: what comes when, and pictures of it.
#
#   tests/desktop/long-log.sh [LINES]        default: 1000000 (about a minute to write)
#
# Environment: SHOTS, a folder for screenshots (default: a temporary one, removed).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
app=${CARGO_TARGET_DIR:-$root/target}/ci/cloister-desktop-driven
(cd "$root" && cargo build --quiet --profile ci --workspace --features cloister-desktop/driven --bin cloister-desktop-driven &&
    cargo build --quiet --profile ci --workspace --bin cloister --example lengthen)

. "$here/stage.sh"

export E2E_VAULT=$work/long E2E_USER=ada E2E_PASSWORD_FILE=$work/password LINES=${1:-1000000}
printf 'a quiet walk at noon' >"$E2E_PASSWORD_FILE"
cli=$(dirname "$app")/cloister
terminal init --admin ada --policy second_factor=optional
"$(dirname "$app")/examples/lengthen" "$E2E_VAULT/audit" "$LINES"
export APP=$app SHOTS=${SHOTS:-$work/shots}
mkdir -p "$SHOTS"
node "$here/long-log.mjs"
