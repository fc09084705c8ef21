#!/usr/bin/env bash
# Where the time goes: profile.sh WORKER MODEL THREADS prints Markdown. Needs perf (Debian: linux-perf).
set -euo pipefail
echo '## Profile'
echo
if ! command -v perf > /dev/null; then
  echo 'perf is not here: left out.'
  echo
  exit
fi
data=$(mktemp)
trap 'rm -f "$data"' EXIT
ask=$(printf '{"do":"rates"}\n%.0s' 1 2 3 4 5)
perf record -q -F 499 -o "$data" -- "$1" "$2" "$3" <<< "$ask" > /dev/null 2>&1 || { echo 'perf may not look: left out.'; echo; exit; }
echo 'Five times 512 tokens read at once and 64 written one by one; share of the processor time by function.'
echo
echo '| share | function |'
echo '|---|---|'
perf report -i "$data" --stdio --no-children --percent-limit 0.7 2> /dev/null | sed 's/::h[0-9a-f]\{16\}//g' |
  awk '/^ +[0-9.]+%/ {share = $1; $1 = $2 = $3 = $4 = ""; sub(/^ +/, ""); print "| " share " | `" $0 "` |"}' | head -20
echo
