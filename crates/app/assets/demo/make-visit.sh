#!/bin/sh
# Speaks visit.txt with two free synthetic voices and writes visit.ogg (16 kHz mono) beside it.
# Debian packages: flite festival festvox-us-slt-hts sox vorbis-tools
# The voices were built from the CMU ARCTIC recordings; nobody's visit was recorded.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Lengths of silence: before the first words, and between turns.
sox -n -r 16000 -c 1 "$work/lead.wav" trim 0 0.4
sox -n -r 16000 -c 1 "$work/pause.wav" trim 0 0.35

set -- "$work/lead.wav"
n=0
while IFS= read -r line; do
    n=$((n + 1))
    speaker=${line%%: *}
    words=${line#*: }
    raw="$work/raw.wav"
    case $speaker in
        Clinician) printf '(voice_cmu_us_slt_arctic_hts) (utt.save.wave (utt.synth (Utterance Text "%s")) "%s" (quote riff))' \
            "$words" "$raw" | festival --pipe ;;
        Patient) flite -voice rms -t "$words" -o "$raw" ;;
        *) echo "visit.txt:$n: no such speaker: $speaker" >&2; exit 1 ;;
    esac
    # One loudness for both voices, and no clicks where turns are joined.
    sox -R "$raw" -r 16000 -c 1 -b 16 "$work/turn$n.wav" norm -4 highpass 60 fade t 0.01 -0 0.02 silence 1 0.05 0.1%
    set -- "$@" "$work/turn$n.wav" "$work/pause.wav"
done < visit.txt

# -R (no random dither) and a fixed stream number: the same text gives the same bytes.
sox -R "$@" -b 16 -e signed-integer "$work/visit.wav"
oggenc --quiet --quality 5 --serial 1 --output "$work/visit.ogg" "$work/visit.wav"
mv "$work/visit.ogg" visit.ogg
