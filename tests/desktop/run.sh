#!/usr/bin/env bash
# The desktop end to end, in the real window: Xvfb, WebKitWebDriver through tauri-driver, walk.mjs.
#
#   tests/desktop/run.sh [PATH-TO-cloister-desktop]
#
# Environment:
#   SHOTS            a folder for screenshots (default: a temporary one, removed)
#   CLOISTER_MODELS  the models folder, passed on to the window
#   E2E_VAULT, E2E_USER, E2E_PASSWORD_FILE
#                    a vault prepared by the command line with one transcribed and extracted visit; without it, the
#                    steps that need a visit are left out, and the output says so
# Prints `N passed, N failed`; exits 1 when something failed, 2 when it could not run.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
app=${1:-$root/target/ci/cloister-desktop}

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

port=$((20000 + RANDOM % 20000))
tauri-driver --port "$port" --native-port $((port + 1)) --native-driver "$(command -v WebKitWebDriver)" \
    >"$work/driver.log" 2>&1 &
pids+=($!)
for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.05; done

export APP=$app DRIVER=http://127.0.0.1:$port WORK=$work SHOTS=${SHOTS:-$work/shots}
mkdir -p "$SHOTS"
status=0
node "$here/walk.mjs" || status=$?
[[ $status -eq 0 ]] || sed 's/^/driver: /' "$work/driver.log" >&2
exit "$status"
