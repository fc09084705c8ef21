#!/usr/bin/env bash
# The desktop end to end, in the real window: Xvfb, WebKitWebDriver through tauri-driver, walk.mjs.
#
#   tests/desktop/run.sh [PATH-TO-cloister-desktop-driven]
#
# WebDriver needs loopback, which the window that ships has not: without a path a build that leaves it open is made.
#
# Environment:
#   SHOTS            a folder for screenshots (default: a temporary one, removed)
#   CLOISTER_MODELS  the models folder (default: models/weights of this checkout)
# The visit of the walk is imported by the command line that lies beside the window, into a second vault; without the
# command line or the models the steps that need a visit are left out, and the output says so.
# With pulseaudio a visit is recorded from a microphone of its own.
# With xdotool and xclip the native file chooser is walked too: WebDriver reaches only the page.
# Prints `N passed, N failed`; exits 1 when something failed, 2 when it could not run.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
app=${1:-$target/ci/cloister-desktop-driven}
[[ $# -gt 0 ]] || (cd "$root" && cargo build --quiet --profile ci --workspace --features cloister-desktop/driven \
    --bin cloister-desktop-driven)

for tool in Xvfb WebKitWebDriver node; do
    command -v "$tool" >/dev/null || { echo "tests/desktop: $tool is not installed" >&2; exit 2; }
done
[[ -x $app ]] || { echo "tests/desktop: $app is not built" >&2; exit 2; }
PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
command -v tauri-driver >/dev/null || cargo install tauri-driver --version 2.1.0 --locked --quiet

work=$(mktemp -d)
pids=()
finish() {
    # Only what was started here, the youngest first.
    for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
        kill "${pids[i]}" 2>/dev/null || true
        wait "${pids[i]}" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap finish EXIT

Xvfb -displayfd 9 -screen 0 1400x900x24 -nolisten tcp 9>"$work/display" 2>"$work/xvfb.log" &
pids+=($!)
for _ in $(seq 100); do [[ -s $work/display ]] && break; sleep 0.05; done
[[ -s $work/display ]] || { cat "$work/xvfb.log" >&2; exit 2; }
DISPLAY=:$(cat "$work/display")
export DISPLAY

# No desktop daemons: they would be started by the toolkit and outlive the test.
export DBUS_SESSION_BUS_ADDRESS=disabled: NO_AT_BRIDGE=1 GTK_A11Y=none GSETTINGS_BACKEND=memory GDK_BACKEND=x11
export HOME=$work/home XDG_RUNTIME_DIR=$work/run
unset XDG_DATA_HOME XDG_CONFIG_HOME XDG_CACHE_HOME
mkdir -m 700 "$HOME" "$XDG_RUNTIME_DIR"

# Before the driver starts: the window is its child, and may be built outside the checkout.
export CLOISTER_MODELS=${CLOISTER_MODELS:-$root/models/weights}

# A microphone without hardware; the window inherits it from the driver.
export MICROPHONE=
if command -v pulseaudio >/dev/null && command -v paplay >/dev/null; then
    export MICROPHONE=$work/microphone
    variables=$("$root/tests/microphone.sh" start "$MICROPHONE")
    eval "$variables"
    pids+=("$(cat "$MICROPHONE/pulse.pid")")
fi

port=$((20000 + RANDOM % 20000))
tauri-driver --port "$port" --native-port $((port + 1)) --native-driver "$(command -v WebKitWebDriver)" \
    >"$work/driver.log" 2>&1 &
pids+=($!)
for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.05; done

# A vault with one visit, as somebody working in a terminal would have made it.
cli=$(dirname "$app")/cloister
demo=$root/crates/app/assets/demo
if [[ -x $cli && -f $CLOISTER_MODELS/ggml-base-q8_0.bin ]] && compgen -G "$CLOISTER_MODELS/qwen*1.5b*.gguf" >/dev/null; then
    export E2E_VAULT=$work/from-the-terminal E2E_USER=ada E2E_PASSWORD_FILE=$work/password
    printf 'a quiet walk at noon' >"$E2E_PASSWORD_FILE"
    terminal() {
        "$cli" --data "$E2E_VAULT" --user "$E2E_USER" --password-file "$E2E_PASSWORD_FILE" "$@" >>"$work/cli.log" 2>&1 ||
            { cat "$work/cli.log" >&2; exit 1; }
    }
    terminal init --admin "$E2E_USER" --policy second_factor=optional
    terminal schema add "$demo/visit.schema.json" --name visit
    head -n 2 "$demo/reports.jsonl" >"$work/reports.jsonl"
    terminal dataset import "$work/reports.jsonl" --name reports
    terminal batch run --dataset reports --schema visit --purpose "walk through the window"
    terminal transcribe "$demo/visit.ogg" --output "$work/visit.txt" --format txt
fi

# Where the file chooser begins.
export RECORDING=$HOME/greeting.flac XDOTOOL
cp "$root/tests/fixtures/greeting.flac" "$RECORDING"
XDOTOOL=$(command -v xdotool || true)
export APP=$app DRIVER=http://127.0.0.1:$port WORK=$work SHOTS=${SHOTS:-$work/shots}
mkdir -p "$SHOTS"
status=0
node "$here/walk.mjs" || status=$?
[[ $status -eq 0 ]] || sed 's/^/driver: /' "$work/driver.log" >&2
exit "$status"
