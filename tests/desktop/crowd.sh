#!/usr/bin/env bash
# How the window bears very much: ten thousand visits, one of 100,000 words with 5,000 findings; how soon it stands, how
# soon any screen does, how soon a key shows while both cores compute, how much memory its page takes.
#
#   tests/desktop/crowd.sh [VISITS] [MINUTES]        default: 10000 visits, and 1 minute of use
#
# Prints what it measured and `N passed, N failed`; a figure above its target fails.
# Environment: SHOTS, a folder for screenshots (default: a temporary one, removed); VAULT, a folder that keeps the vault
# for the next time; COLD=1 drops the system's file cache before the first start (takes root).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
bin=${CARGO_TARGET_DIR:-$root/target}/ci
app=$bin/cloister-desktop-driven
(cd "$root" && cargo build --quiet --profile ci --workspace --features cloister-desktop/driven \
    --bin cloister-desktop-driven --bin cloister --bin cloister-engine --example crowd)

# As the window that ships paints without a graphics card (src-tauri/src/painting.rs).
export WEBKIT_DISABLE_DMABUF_RENDERER=1
. "$here/stage.sh"

export VISITS=${1:-10000} MINUTES=${2:-1} VAULT=${VAULT:-$work/crowd} APP=$app SHOTS=${SHOTS:-$work/shots}
mkdir -p "$SHOTS"
if [[ ! -d $VAULT ]]; then
    SECONDS=0
    "$bin/examples/crowd" "$VAULT" "$VISITS"
    echo "     $VISITS visits made in $SECONDS s"
fi

# What the page begins with, without fonts: the document's own script and style, and what they import before anything else.
node -e '
    const { readFileSync } = require("fs"), { gzipSync } = require("zlib"), dist = process.argv[1];
    const html = readFileSync(dist + "/index.html", "utf8");
    const first = [...html.matchAll(/(?:src|href)="\.?\/?(assets\/[^"]+\.(?:js|css))"/g)].map((m) => m[1]);
    const all = new Set(first), queue = [...first];
    for (let file; (file = queue.pop()); )
        for (const [, name] of readFileSync(dist + "/" + file, "utf8").matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g))
            if (!all.has("assets/" + name)) { all.add("assets/" + name); queue.push("assets/" + name); }
    let bytes = gzipSync(html).length;
    for (const file of all) bytes += gzipSync(readFileSync(dist + "/" + file)).length;
    console.log(`     the page begins with ${(bytes / 1000).toFixed(0)} KB gzipped in ${all.size} files, fonts apart`);
    if (bytes > 300_000) process.exit(1);
' "$root/ui/dist" || { echo "tests/desktop: the first load is too large" >&2; exit 1; }

# Both cores busy with what makes them busy in earnest.
export BUSY=
if [[ -n $cli ]]; then
    E2E_VAULT=$work/busy E2E_USER=ada E2E_PASSWORD_FILE=$work/password
    printf 'a quiet walk at noon' >"$E2E_PASSWORD_FILE"
    terminal init --admin ada --policy second_factor=optional
    cat >"$work/busy.sh" <<B
while :; do "$cli" --data "$E2E_VAULT" --user ada --password-file "$E2E_PASSWORD_FILE" \\
    transcribe "$root/crates/app/assets/demo/visit.ogg" --format txt --output "$work/busy.txt" >/dev/null 2>&1; done
B
    BUSY=$work/busy.sh
fi
[[ ${COLD:-} != 1 ]] || { sync && echo 3 >/proc/sys/vm/drop_caches; }
status=0
node "$here/crowd.mjs" || status=$?
[[ $status -eq 0 ]] || sed 's/^/driver: /' "$work/driver.log" >&2
exit "$status"
