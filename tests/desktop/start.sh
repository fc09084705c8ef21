#!/usr/bin/env bash
# How soon the window that ships shows the sign-in: from its process's beginning to the first pixel of it.
#
#   tests/desktop/start.sh [TIMES] [PATH-TO-cloister-desktop]        default: 5 times, the build with profile ci
#
# Prints each start and the median, in milliseconds. Environment: COLD=1 drops the system's file cache before each start
# (takes root). Nothing else should run meanwhile.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/display.sh"

app=${2:-${CARGO_TARGET_DIR:-$root/target}/ci/cloister-desktop}
export CLOISTER_MODELS=${CLOISTER_MODELS:-$root/models/weights}
printf 'a quiet walk at noon' >"$work/password"
"$(dirname "$app")/cloister" --data "$work/vault" --user ada --password-file "$work/password" init --admin ada \
    --policy second_factor=optional >/dev/null 2>&1
export APP=$app VAULT=$work/vault FRAMES=$work/Xvfb_screen0 TIMES=${1:-5}
node "$here/start.mjs"
