# Sourced: a display of its own and a home of its own, for as long as the script runs.
#
# Leaves: work (a folder, removed at the end), pids (what is ended then, the youngest first), DISPLAY, HOME

for tool in Xvfb WebKitWebDriver node; do
    command -v "$tool" >/dev/null || { echo "tests/desktop: $tool is not installed" >&2; exit 2; }
done

work=$(mktemp -d)
pids=()
finish_windows() {
    # Only what was started here, the youngest first.
    for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
        kill "${pids[i]}" 2>/dev/null || true
        wait "${pids[i]}" 2>/dev/null || true
    done
}
finish() {
    finish_windows
    rm -rf "$work"
}
trap finish EXIT

Xvfb -displayfd 9 -screen 0 1400x900x24 -fbdir "$work" -nolisten tcp 9>"$work/display" 2>"$work/xvfb.log" &
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
