#!/usr/bin/env bash
# Pictures of every screen and state, light and dark, from the real window: screenshots/*.png and screenshots/index.json.
#
#   tests/desktop/screenshots.sh [FOLDER]        default: screenshots/ of this checkout
#
# The vault behind them is made by the command line from the bundled samples: nothing on a picture is anybody's.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
folder=${1:-$root/screenshots}
app=${CARGO_TARGET_DIR:-$root/target}/ci/cloister-desktop-driven
(cd "$root" && cargo build --quiet --profile ci --workspace --features cloister-desktop/driven --bin cloister-desktop-driven)

. "$here/stage.sh"
. "$here/clinic.sh"
[[ -n $cli ]] || { echo "tests/desktop: the command line or the models are missing" >&2; exit 2; }

demo=$root/crates/app/assets/demo
export E2E_VAULT=$work/st-anne E2E_USER=ada E2E_PASSWORD_FILE=$work/password
printf 'a quiet walk at noon' >"$E2E_PASSWORD_FILE"
terminal init --admin ada --policy second_factor=optional
for person in mia:clinician theo:clinician rhea:researcher otto:auditor vera:viewer; do
    terminal user add "${person%:*}" --role "${person#*:}" --new-password-file "$E2E_PASSWORD_FILE"
done
terminal schema add "$demo/report.schema.json" --name report
terminal schema add "$demo/visit.schema.json" --name visit
E2E_USER=mia terminal transcribe "$demo/visit.ogg" --output "$work/visit.txt" --format txt
E2E_USER=mia terminal transcribe "$root/tests/fixtures/greeting.flac" --output "$work/greeting.txt" --format txt
# The labels of the samples as columns of their own: what an evaluation compares with.
node -e '
    const lines = require("fs").readFileSync(process.argv[1], "utf8").trim().split("\n").map(JSON.parse);
    for (const { id, text, gold } of lines) console.log(JSON.stringify({ id, text, ...gold }));
' "$demo/reports.jsonl" >"$work/reports.jsonl"
gold=()
for field in diagnoses findings negated_findings allergies; do gold+=(--gold-column "$field=$field"); done
E2E_USER=rhea terminal dataset import "$work/reports.jsonl" --name reports "${gold[@]}"
E2E_USER=rhea terminal batch run --dataset reports --schema report --purpose "quality register 2026"

E2E_USER=rhea terminal dataset share reports --with vera
# A second version of the schema, with one field more.
node -e '
    const schema = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
    schema.properties.follow_up = { type: ["string", "null"], description: "When the patient is to be seen again." };
    console.log(JSON.stringify(schema));
' "$demo/report.schema.json" >"$work/report.schema.json"
terminal schema add "$work/report.schema.json" --name report
E2E_USER=rhea terminal batch run --dataset reports --schema report --purpose "with the follow-up"

# A second vault, whose log somebody changed.
cp -r "$E2E_VAULT" "$work/changed"
lines=$(ls "$work"/changed/audit/*.jsonl | head -n 1)
sed -i '3s/"outcome":"[a-z]*"/"outcome":"failure"/' "$lines"
! cmp -s "$lines" "${lines/changed/st-anne}" || { echo "tests/desktop: the log was not changed" >&2; exit 2; }

# A third, whose people come by a directory; one of them has a code and was never in.
export ENROLMENT_CODE=
if [[ -n $CLINIC ]]; then
    own() { E2E_VAULT=$work/clinic terminal "$@"; }
    own init --admin ada --policy second_factor=optional
    own directory set "$CLINIC/directory.toml"
    own user add okafor --role clinician --directory
    ENROLMENT_CODE=$(grep -oE '^([0-9A-Z]+-){5,}[0-9A-Z]+$' "$work/cli.log" | tail -n 1)
fi

rm -rf "$folder"
mkdir -p "$folder" "$work/no-models"
# Where the file chooser begins.
export REPORTS=$HOME/reports.jsonl XDOTOOL
cp "$work/reports.jsonl" "$REPORTS"
XDOTOOL=$(command -v xdotool || true)
export APP=$app SHOTS=$folder RECORDING=$root/tests/fixtures/greeting.flac
node "$here/screenshots.mjs" || { sed 's/^/driver: /' "$work/driver.log" >&2; exit 1; }
