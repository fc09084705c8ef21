#!/usr/bin/env bash
# The package and the bundle of models: packaging/package.sh PROGRAMS-FOLDER OUTPUT-FOLDER
# SIGNING_KEY names the minisign secret key for the bundle; its public half lies beside it, ending in .pub. Without one, a
# key is made for this build, and the package trusts bundles of this build alone.
set -euo pipefail
bin=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
cd "$(dirname "$0")/.."

if [[ -n ${SIGNING_KEY:-} ]]; then
    key=$SIGNING_KEY
    public=${key%.*}.pub
else
    key=$out/models.key
    public=$out/models.pub
    rm -f "$key" "$public"
    minisign -G -W -p "$public" -s "$key" >/dev/null
    echo "no SIGNING_KEY: bundles are signed with a key made for this build" >&2
fi
rm -rf "$out"/*.deb "$out"/*.tar "$out/sbom"
cargo xtask sbom "$out/sbom"
package=$(packaging/deb.sh "$bin" "$out/sbom" "$public" "$out")

# The models that are used when none is named.
mapfile -t models < <(awk -F'"' '/^file = /{ file = $2 } /^default = true/{ print "models/weights/" file }' models/manifest.toml)
cat packaging/models-licences LICENSE >"$out/LICENCES"
version=$(dpkg-deb --field "$package" Version)
bundle=$out/cloister-models-${version%-*}.tar
packaging/models-bundle.sh "$key" "$bundle" "$out/LICENCES" "${models[@]}"
rm "$out/LICENCES"
(cd "$out" && sha256sum -- *.deb *.tar >SHA256SUMS && cat SHA256SUMS)
lintian --fail-on error --suppress-tags bad-distribution-in-changes-file "$package"
