#!/bin/sh
# Renders cloister.svg to the PNG sizes of the icon theme specification. Needs rsvg-convert (librsvg2-bin).
set -eu
cd "$(dirname "$0")"
for size in 32 64 128 256 512; do
    rsvg-convert --width "$size" --height "$size" cloister.svg --output "${size}x${size}.png"
done
