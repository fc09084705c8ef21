#!/usr/bin/env bash
# Sealed off, as an attacker would test it: what a trace of the network, the kernel and a search of the disk say.
#
#   tests/security/run.sh [--short] [FOLDER-OF-PROGRAMS]
#
# --short leaves the demo out (minutes) and works without models. Prints `N passed, N failed`.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
short=false
[[ ${1:-} == --short ]] && { short=true; shift; }
bin=${1:-${CARGO_TARGET_DIR:-$root/target}/ci}
cloister=$bin/cloister
sealed=$bin/examples/sealed
[[ -x $sealed ]] || sealed=$bin/sealed
models=${CLOISTER_MODELS:-$root/models/weights}
for tool in strace unshare python3; do
    command -v "$tool" >/dev/null || { echo "tests/security: $tool is not installed" >&2; exit 2; }
done

work=$(mktemp -d)
mount=
server=
finish() {
    [[ -z $server ]] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
    [[ -z $mount ]] || umount "$mount" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

. "$root/tests/check.sh"
left_out() { echo "     left out: $*"; }

printf 'nine grey herons at dawn\n' >"$work/password"
as_ada() { # FOLDER ARGS…
    local folder=$1
    shift
    "${prefix[@]}" "$cloister" --data "$folder/vault" --user ada --password-file "$work/password" --models "$models" "$@"
}
prefix=()

# A day's work that needs no model: a vault, a schema (read by an engine), reports, the log.
schema=$root/crates/app/assets/demo/report.schema.json
reports=$work/reports.jsonl
canary='Quillfeather bellwether palsy'
python3 -c "
import json
for n in range(60): print(json.dumps({'id': f'MRN-7730-4412-{n}', 'text': f'Mr. $canary, grade {n}. ' + 'He is well otherwise. ' * 40}))" >"$reports"
day() { # FOLDER
    mkdir -p "$1" &&
        as_ada "$1" init --admin ada --policy second_factor=optional &&
        as_ada "$1" schema add "$schema" --name report &&
        as_ada "$1" dataset import "$reports" --name study &&
        as_ada "$1" dataset list &&
        as_ada "$1" audit verify
}

echo "== the network"
no_network() { # TRACE: something was traced, and no IP socket was asked for
    [[ -s $1 ]] && grep -q 'exited with 0' "$1" && ! grep -E 'AF_INET|AF_INET6' "$1"
}
seen_by_trace() { strace -f -o "$work/seen" -e trace=network bash -c 'exec 3<>/dev/udp/127.0.0.1/9' && grep -q AF_INET "$work/seen"; }
check "the trace would show a socket (control)" seen_by_trace
traced_day() { prefix=(strace -f -o "$work/day.trace" -A -e trace=network); day "$work/traced"; }
check "a day's work under strace" traced_day
check "it asked for no IP socket" no_network "$work/day.trace"
alone_day() { prefix=(unshare -rn); day "$work/alone"; }
check "the same in an empty network namespace" alone_day
if $short || [[ ! -f $models/ggml-base-q8_0.bin ]]; then
    left_out "the demo under strace and in an empty network namespace"
else
    check "the demo, speech and batch, under strace" strace -f -o "$work/demo.trace" -e trace=network "$cloister" demo --models "$models"
    check "it asked for no IP socket" no_network "$work/demo.trace"
    check "the demo in an empty network namespace" unshare -rn "$cloister" demo --models "$models"
fi

echo "== the kernel's rules"
doctor_probe() { "$cloister" --models "$models" doctor --probe | tee "$work/doctor" | grep -E '^ok +isolation' && grep -E '^ok +probe' "$work/doctor"; }
check "every known way out is refused, to the command line and to the engine" doctor_probe
check "the same with the Landlock of Debian 12" env CLOISTER_LANDLOCK=2 bash -c "$(declare -f doctor_probe); cloister='$cloister' models='$models' work='$work'; doctor_probe"
refuses() { # CODE WORDS COMMAND…: ends with this status and says this
    local code=$1 words=$2 status=0
    shift 2
    "$@" >"$work/refusal" 2>&1 || status=$?
    cat "$work/refusal"
    [[ $status -eq $code ]] && grep -q "$words" "$work/refusal"
}
unsealed() { "$sealed" without "$@"; }
check "a kernel without seccomp is refused" refuses 1 "not sealed off" unsealed seccomp "$cloister" --data "$work/none" demo
nothing_made() { [[ ! -e $work/none ]]; }
check "and nothing was made" nothing_made
check "a kernel without Landlock gets no engine" refuses 1 "sealed off" unsealed landlock "$cloister" schema check "$schema"
override() {
    prefix=() && day "$work/override" && as_ada "$work/override" policy set sealing=optional &&
        prefix=("$sealed" without seccomp) && as_ada "$work/override" dataset list &&
        as_ada "$work/override" audit list --json | grep -q not_sealed
}
check "an administrator's override is recorded, and then it works" override

echo "== other engines"
mkdir "$work/bin"
cp "$cloister" "$work/bin/"
with_engine() { # FILE|none: the command line beside another engine
    rm -f "$work/bin/cloister-engine"
    [[ $1 == none ]] || install -m 755 "$1" "$work/bin/cloister-engine"
    "$work/bin/cloister" schema check "$schema"
}
check "no engine" refuses 1 "engine cannot be started" with_engine none
check "an engine that ends at once" refuses 1 "another program" with_engine "$(type -P true)"
check "an engine that gives back what it gets" refuses 1 "another program" with_engine "$(type -P cat)"
printf '#!/bin/sh\nprintf "\\377\\377\\377\\377\\0"; sleep 30\n' >"$work/junk"
check "an engine that writes nonsense" refuses 1 "another program" with_engine "$work/junk"

echo "== nothing left behind"
search() { python3 "$here/search.py" "$@"; }
planted() { mkdir -p "$work/control" && python3 "$here/search.py" --plant "$work/control" "$canary" && ! search "$canary" "$work/control"; }
check "the search finds what is there, in every encoding (control)" planted
check "0 hits in the folders of the day's work" search "$canary" "$work/traced" "$work/alone"
as_root_on_image() {
    truncate -s 256M "$work/disk.img" && mkfs.ext4 -q "$work/disk.img" && mkdir -p "$work/mnt" &&
        mount -o loop "$work/disk.img" "$work/mnt" && mount=$work/mnt
}
if [[ $EUID -eq 0 ]] && as_root_on_image 2>"$work/loop.log"; then
    prefix=(env "HOME=$mount/home" "TMPDIR=$mount/tmp")
    mkdir "$mount/home" "$mount/tmp"
    check "a day's work on a file system of its own" day "$mount/work"
    killed() { # in the middle of an import
        "${prefix[@]}" "$cloister" --data "$mount/work/vault" --user ada --password-file "$work/password" \
            dataset import "$reports" --name again &
        local pid=$!
        sleep 0.9
        kill -9 "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
        as_ada "$mount/work" audit verify
    }
    check "ended by kill -9 in the middle, the log is intact" killed
    deleted() { as_ada "$mount/work" dataset delete study --yes && as_ada "$mount/work" audit verify; }
    check "the reports deleted" deleted
    spoken='brings you in today'
    if $short || [[ ! -f $models/ggml-base-q8_0.bin ]]; then
        left_out "a recording, heard there"
    else
        heard() { as_ada "$mount/work" transcribe "$root/tests/fixtures/greeting.flac" | grep -q "$spoken"; }
        check "a recording, heard there" heard
    fi
    sync
    umount "$mount" && mount=
    check "0 hits in the raw image of the disk" search "$canary" "$work/disk.img"
    $short || check "nor of what was said" search "$spoken" "$work/disk.img"
    plain_and_deleted() {
        mount -o loop "$work/disk.img" "$work/mnt" && mount=$work/mnt && cp "$reports" "$mount/slip" &&
            sync "$mount/slip" && rm "$mount/slip" && umount "$mount" && mount= && ! search "$canary" "$work/disk.img"
    }
    check "a plain file, written and deleted, is found there (control)" plain_and_deleted
    prefix=()
else
    left_out "the raw image of a disk: it needs root and loop mounts ($(tail -1 "$work/loop.log" 2>/dev/null || echo not root))"
fi
modes() { [[ -z $(find "$work/traced/vault" -perm /077 -print) ]]; }
check "the vault is for its owner alone" modes
no_scratch() {
    mkdir -p "$work/noscratch" && prefix=(env TMPDIR=/nowhere/at/all) && day "$work/noscratch"
}
check "without any folder for temporary files everything goes on: none is used" no_scratch

echo "== the window that ships"
window() { # TRACE-FILE PREFIX…: starts it, waits for its page, asks the kernel about every process
    local trace=$1
    shift
    mkdir -p -m 700 "$work/run" "$work/home"
    env HOME="$work/home" XDG_RUNTIME_DIR="$work/run" DBUS_SESSION_BUS_ADDRESS=disabled: NO_AT_BRIDGE=1 GTK_A11Y=none \
        GSETTINGS_BACKEND=memory GDK_BACKEND=x11 DISPLAY="$display" \
        "$@" strace -f -o "$trace" -e trace=network "$bin/cloister-desktop" --data "$work/window" >"$work/window.log" 2>&1 &
    local pid=$! page= main=
    for _ in $(seq 300); do
        for status in /proc/[0-9]*/status; do
            [[ $(sed -n 's/^Name:\t//p' "$status" 2>/dev/null) == WebKitWebProces ]] || continue
            main=$(sed -n 's/^PPid:\t//p' "$status")
            # One of ours: the tracer is its ancestor's parent.
            [[ $(sed -n 's/^PPid:\t//p' "/proc/$main/status") == "$pid" ]] && page=${status#/proc/} && page=${page%/status}
        done
        [[ -n $page ]] && break
        sleep 0.1
    done
    [[ -n $page ]] || { cat "$work/window.log"; kill "$pid" 2>/dev/null; return 1; }
    main=$(sed -n 's/^PPid:\t//p' "/proc/$page/status")
    sleep 4
    local status=0 seen=0
    for process in "$main" $(cat "/proc/$main/task/"*/children); do
        seen=$((seen + 1))
        sed -n 's/^\(Name\|Seccomp\|Seccomp_filters\|NoNewPrivs\):\t/\1 /p' "/proc/$process/status" | xargs
        grep -q '^Seccomp:.2' "/proc/$process/status" && grep -q '^NoNewPrivs:.1' "/proc/$process/status" || status=1
    done
    kill "$main" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    [[ $seen -ge 3 ]] || { echo "only $seen processes"; return 1; }
    return "$status"
}
walk_by_hand() { # through the window that ships, as a person does: WebDriver would need loopback
    prefix=() && day "$work/walked" || return 1
    env HOME="$work/home" XDG_RUNTIME_DIR="$work/run" DBUS_SESSION_BUS_ADDRESS=disabled: NO_AT_BRIDGE=1 GTK_A11Y=none \
        GSETTINGS_BACKEND=memory GDK_BACKEND=x11 DISPLAY="$display" \
        strace -f -o "$work/walk.trace" -e trace=network "$bin/cloister-desktop" --data "$work/walked/vault" >"$work/walk.log" 2>&1 &
    local pid=$! status=1 at window
    logged() { cat "$work/walked/vault/audit/"*.jsonl | grep -q "$1"; }
    # The page is there when there is something to see.
    colours() { DISPLAY=$display import -window root png:- | identify -format %k -; }
    within() { for _ in $(seq 150); do "$@" && return 0; sleep 0.2; done; echo "waited in vain: $*"; return 1; }
    page_is_there() { [[ $(colours) -gt 200 ]]; }
    if within page_is_there; then
        sleep 1
        export DISPLAY=$display
        window=$(xdotool search --onlyvisible --name '^Cloister$' | head -1)
        eval "$(xdotool getwindowgeometry --shell "$window")"
        xdotool mousemove $((X + 640)) $((Y + 700)) click 1 key Tab type ada
        xdotool key Tab type "$(cat "$work/password")"
        xdotool key Return
        if within logged '"list_encounters"'; then
            for at in 297 385 475; do sleep 1.5; xdotool mousemove $((X + at)) $((Y + 30)) click 1; done
            within logged '"review_log"' && status=0
        fi
        unset DISPLAY
    fi
    kill "$(pgrep -P "$pid" cloister)" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    return "$status"
}
no_ip() { [[ -s $1 ]] && ! grep -E 'AF_INET|AF_INET6' "$1"; }
if command -v Xvfb >/dev/null && [[ -x $bin/cloister-desktop ]]; then
    Xvfb -displayfd 9 -screen 0 1400x900x24 -nolisten tcp 9>"$work/display" 2>/dev/null &
    server=$!
    for _ in $(seq 100); do [[ -s $work/display ]] && break; sleep 0.05; done
    display=:$(cat "$work/display")
    check "window and page processes are sealed off, says the kernel" window "$work/window.trace"
    check "they asked for no IP socket" no_ip "$work/window.trace"
    if ! $short; then
        # An X server listens by name in the file system, which a network namespace does not take away.
        check "the same in an empty network namespace" window "$work/window2.trace" unshare -rn
    fi
    if command -v xdotool >/dev/null && command -v import >/dev/null; then
        check "a walk by keyboard and mouse: in, visits, runs, the log, administration" walk_by_hand
        check "it asked for no IP socket" no_ip "$work/walk.trace"
        walked_all() { cat "$work/walked/vault/audit/"*.jsonl | grep -v not_sealed | grep -q '"review_log"'; }
        check "and the log tells of it" walked_all
    else
        left_out "a walk through the window: xdotool or imagemagick is not installed"
    fi
    # WebKit makes salts and an empty list of HSTS hosts whatever it is told; they are made before any page is shown.
    only_salts() {
        find "$work/home" -type f
        [[ -z $(find "$work/home" -type f -not -name salt -not -name 'hsts-storage.sqlite*' -not -path '*/fontconfig/*' \
            -not -path '*/mesa_shader_cache*/*') ]]
    }
    check "the page's engine keeps nothing in the home folder but its salts" only_salts
else
    left_out "the window: Xvfb is not installed or the window is not built"
fi

echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
