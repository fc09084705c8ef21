# Sourced by the scripts beside it: a display, a microphone and a WebDriver of their own, for as long as the script runs.
#
# Takes:  app (the window's program), root (the checkout)
# Leaves: work (a folder, removed at the end), MICROPHONE, DRIVER, and cli: the command line beside the window, or
#         nothing when it or the models are missing.

[[ -x $app ]] || { echo "tests/desktop: $app is not built" >&2; exit 2; }
PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
command -v tauri-driver >/dev/null || cargo install tauri-driver --version 2.1.0 --locked --quiet

. "$(dirname "${BASH_SOURCE[0]}")/display.sh"

# Before the driver starts: the window is its child, and may be built outside the checkout.
export CLOISTER_MODELS=${CLOISTER_MODELS:-$root/models/weights}

# A system bus of its own, where the walk puts a logind; the window inherits its address from the driver.
export SYSTEM_BUS=
if command -v dbus-daemon >/dev/null; then
    dbus-daemon --session --nofork --nopidfile --print-address=9 --address="unix:path=$work/bus" 9>"$work/bus.address" \
        2>"$work/bus.log" &
    pids+=($!)
    for _ in $(seq 100); do [[ -s $work/bus.address ]] && break; sleep 0.05; done
    SYSTEM_BUS=$(cat "$work/bus.address")
    export DBUS_SYSTEM_BUS_ADDRESS=$SYSTEM_BUS
fi

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
export DRIVER=http://127.0.0.1:$port WORK=$work

cli=$(dirname "$app")/cloister
if [[ ! -x $cli || ! -f $CLOISTER_MODELS/ggml-base-q8_0.bin ]] || ! compgen -G "$CLOISTER_MODELS/qwen*1.5b*.gguf" >/dev/null; then
    cli=
fi

# The command line as the person of $E2E_USER, over $E2E_VAULT.
terminal() {
    "$cli" --data "$E2E_VAULT" --user "$E2E_USER" --password-file "$E2E_PASSWORD_FILE" "$@" >>"$work/cli.log" 2>&1 ||
        { cat "$work/cli.log" >&2; exit 1; }
}
