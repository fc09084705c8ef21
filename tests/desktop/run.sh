#!/usr/bin/env bash
# The desktop end to end, in the real window: Xvfb, WebKitWebDriver through tauri-driver, walk.mjs and what follows it; and
# how its page looks, beside the pictures that are kept (looks.sh).
#
#   tests/desktop/run.sh [PATH-TO-cloister-desktop-driven]
#
# WebDriver needs loopback, which the window that ships has not: without a path a build that leaves it open is made.
#
# Environment:
#   WALK             `directory`: that walk alone, in a minute, without models
#   SHOTS            a folder for screenshots (default: a temporary one, removed)
#   CLOISTER_MODELS  the models folder (default: models/weights of this checkout)
# The visit of the walk is imported by the command line that lies beside the window, into a second vault; without the
# command line or the models the steps that need a visit are left out, and the output says so.
# With dbus-daemon a logind of the walk's own says that the screen is locked and that the machine goes to sleep.
# With pulseaudio a visit is recorded from a microphone of its own.
# With xdotool and xclip the native file chooser, drops and the clipboard are walked too: WebDriver reaches only the page.
# As root a small disk is mounted and filled.
# With OpenLDAP a clinic's directory is set up in the window, and one of its people comes in (directory.mjs).
# Prints `N passed, N failed`; exits 1 when something failed, 2 when it could not run.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
app=${1:-$target/ci/cloister-desktop-driven}
[[ $# -gt 0 ]] || (cd "$root" && cargo build --quiet --profile ci --workspace --features cloister-desktop/driven \
    --bin cloister-desktop-driven --example drag_source --example fake_logind)

. "$here/stage.sh"
. "$here/clinic.sh"

# A vault with one visit, as somebody working in a terminal would have made it.
demo=$root/crates/app/assets/demo
if [[ -n $cli && ${WALK:-} != directory ]]; then
    export E2E_VAULT=$work/from-the-terminal E2E_USER=ada E2E_PASSWORD_FILE=$work/password
    printf 'a quiet walk at noon' >"$E2E_PASSWORD_FILE"
    terminal init --admin "$E2E_USER" --policy second_factor=optional
    terminal schema add "$demo/visit.schema.json" --name visit
    head -n 2 "$demo/reports.jsonl" >"$work/reports.jsonl"
    terminal dataset import "$work/reports.jsonl" --name reports
    terminal batch run --dataset reports --schema visit --purpose "walk through the window"
    terminal transcribe "$demo/visit.ogg" --output "$work/visit.txt" --format txt
    terminal user add otto --role auditor --new-password-file "$E2E_PASSWORD_FILE"

    # The same with a line of its log changed.
    export TAMPERED_VAULT=$work/changed SHORT_VAULT=$work/short SMALL_DISK=
    cp -r "$E2E_VAULT" "$TAMPERED_VAULT"
    changed=$(find "$TAMPERED_VAULT/audit" -name '*.jsonl' | head -n 1)
    sed -i '3s/"outcome":"[a-z]*"/"outcome":"failure"/' "$changed"
    ! cmp -s "$changed" "${changed/changed/from-the-terminal}" || { echo "tests/desktop: the log was not changed" >&2; exit 2; }

    # One that locks after a minute, and, where a disk can be made, one on a disk that will fill.
    mkdir "$work/small"
    if mount -t tmpfs -o size=64m none "$work/small" 2>/dev/null; then
        SMALL_DISK=$work/small
        trap 'finish_windows; umount -l "$SMALL_DISK"; rm -rf "$work"' EXIT
    fi
    for vault in "$SHORT_VAULT" ${SMALL_DISK:+"$SMALL_DISK/vault"}; do
        own() { E2E_VAULT=$vault terminal "$@"; }
        own init --admin "$E2E_USER" --policy second_factor=optional --policy session_timeout_minutes=1
        own transcribe "$root/tests/fixtures/greeting.flac" --output "$work/greeting.txt" --format txt
    done

    # Reports with labels, for the chooser.
    export REPORTS=$work/home/labelled.csv
    node -e '
        const cell = (value) => `"${String(value).replaceAll(/\s+/g, " ").replaceAll("\"", "\"\"")}"`;
        const lines = require("fs").readFileSync(process.argv[1], "utf8").trim().split("\n").map(JSON.parse);
        console.log("id,text,diagnoses");
        for (const { id, text, gold } of lines) console.log([id, text, JSON.stringify(gold.diagnoses)].map(cell).join(","));
    ' "$work/reports.jsonl" >"$REPORTS"
fi

# Where the file chooser begins.
export RECORDING=$HOME/greeting.flac XDOTOOL
cp "$root/tests/fixtures/greeting.flac" "$RECORDING"
XDOTOOL=$(command -v xdotool || true)
DRAG_SOURCE=$(dirname "$app")/examples/drag_source
FAKE_LOGIND=$(dirname "$app")/examples/fake_logind
export DRAG_SOURCE FAKE_LOGIND
export APP=$app PICTURES=${SHOTS:+wanted} SHOTS=${SHOTS:-$work/shots}
mkdir -p "$SHOTS"
status=0
walks=(walk paths directory looks)
[[ -z ${WALK:-} ]] || walks=("$WALK")
for walk in "${walks[@]}"; do
    command=(node "$here/$walk.mjs")
    [[ $walk != looks ]] || command=("$here/looks.sh")
    "${command[@]}" | tee "$work/$walk.log" || status=$?
done
# One closing line for all.
logs=("${walks[@]/#/$work/}")
awk '/ passed, .* failed$/ {p += $1; f += $3} END {print p " passed, " f " failed"}' "${logs[@]/%/.log}"
[[ $status -eq 0 ]] || sed 's/^/driver: /' "$work/driver.log" >&2
exit "$status"
