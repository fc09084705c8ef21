#!/usr/bin/env bash
# How the window looks: its page over the fake of ui/src/ipc, at one moment, drawn by WebKit and laid beside the pictures
# that were looked at and kept in looks/.
#
#   tests/desktop/looks.sh [NAME…]        default: the scenes that are kept; else all whose names begin with one of these
#
# Environment:
#   UPDATE_LOOKS=1  keeps the pictures of this run
#   SHOTS           a folder for the pictures as taken (default: a temporary one, removed)
#   SIZE            of the page, to look at others (default: 1280x800; only that one is compared)
# Prints `N passed, N failed`; exits 1 when something failed, 2 when it could not run.
#
# What else a picture could depend on is fixed here: fonts are the page's own and one family behind them, drawn by the
# processor without hints of the machine's configuration; the clock stands still, nothing moves, no caret blinks.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/display.sh"

export TZ=UTC LANG=C.UTF-8 GTK_THEME=Adwaita GDK_SCALE=1 LIBGL_ALWAYS_SOFTWARE=1 WEBKIT_SKIA_ENABLE_CPU_RENDERING=1
cat >"$work/fonts.conf" <<F
<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts/truetype/dejavu</dir><cachedir>$work/fonts</cachedir>
  <match target="font"><edit name="antialias"><bool>true</bool></edit><edit name="hinting"><bool>false</bool></edit>
    <edit name="rgba"><const>none</const></edit></match>
</fontconfig>
F
export FONTCONFIG_FILE=$work/fonts.conf

# The page with the fake in it, which a build for the window leaves out.
(cd "$root/ui" && NODE_ENV=development node_modules/.bin/vite build --mode development --outDir "$work/page" \
    --emptyOutDir --logLevel warn)
port=$((20000 + RANDOM % 20000))
(cd "$root/ui" && exec node_modules/.bin/vite preview --outDir "$work/page" --host 127.0.0.1 --port "$port" --strictPort) \
    >"$work/page.log" 2>&1 &
pids+=($!)
WebKitWebDriver --port=$((port + 1)) >"$work/driver.log" 2>&1 &
pids+=($!)
for p in "$port" $((port + 1)); do
    for _ in $(seq 400); do (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null && break; sleep 0.05; done
done

BROWSER=$(pkg-config --variable=libdir webkit2gtk-4.1)/webkit2gtk-4.1/MiniBrowser
ENGINE="WebKitGTK $(pkg-config --modversion webkit2gtk-4.1)"
export BROWSER ENGINE PAGE=http://127.0.0.1:$port DRIVER=http://127.0.0.1:$((port + 1)) SIZE=${SIZE:-1280x800}
export WORK=$work SHOTS=${SHOTS:-$work/shots}
mkdir -p "$SHOTS"
status=0
node "$here/looks.mjs" "$@" || status=$?
[[ $status -eq 0 ]] || cat "$work/page.log" "$work/driver.log" >&2
exit "$status"
