#!/usr/bin/env bash
# The package out of programs that are built already, looked at from outside: packaging/check.sh [PROGRAMS-FOLDER]
# The install on a bare system is `make package-test`. Prints `N passed, N failed`.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${1:-${CARGO_TARGET_DIR:-target}/ci}
for tool in lintian minisign strip dpkg-shlibdeps; do
    command -v "$tool" >/dev/null || { echo "packaging/check.sh: $tool is not installed" >&2; exit 2; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

. tests/check.sh

minisign -G -W -p "$work/models.pub" -s "$work/models.key" >/dev/null
check "the bill of materials" cargo xtask sbom "$work/sbom"
mkdir "$work/one" "$work/two" "$work/root"
build() { COMPRESSION=none packaging/deb.sh "$bin" "$work/sbom" "$work/models.pub" "$work/$1"; }
check "the package" build one
check "once more" build two
package=$(echo "$work"/one/*.deb)
check "both are the same, byte for byte" cmp "$package" "$work/two/$(basename "$package")"
check "lintian finds no error" lintian --allow-root --fail-on error \
    --suppress-tags uses-no-compression-for-control-tarball,uses-no-compression-for-data-tarball "$package"
check "it is unpacked" dpkg-deb --extract "$package" "$work/root"
root=$work/root
there() {
    local missing=0 file
    for file in usr/lib/cloister/cloister-engine usr/share/man/man1/cloister-models-install.1.gz usr/share/man/man1/cloister-desktop.1.gz \
        usr/share/bash-completion/completions/cloister usr/share/applications/org.cloister.desktop.desktop \
        usr/share/icons/hicolor/256x256/apps/cloister.png etc/apparmor.d/cloister etc/cloister/models.pub \
        usr/share/doc/cloister/copyright usr/share/doc/cloister/sbom/cloister-rust.cdx.json; do
        [[ -s $root/$file ]] || { echo "$file is missing"; missing=1; }
    done
    return "$missing"
}
check "what belongs to it is there" there
readable() { [[ -z $(find "$root/usr" "$root/etc" ! -type l ! -perm -go+r -print -quit) ]]; }
check "everybody may read it" readable
# The folder of the checkout stands nowhere in them: another folder gives the same bytes (docs/verify-a-release.md).
no_folder() { ! grep --recursive --binary-files=text --fixed-strings --files-with-matches -e "$PWD/" "$root/usr/lib/cloister"; }
check "no program names the folder it was built in" no_folder
check "AppArmor's parser takes the profile" apparmor_parser --skip-kernel-load --skip-cache "$root/etc/apparmor.d/cloister"
check "the desktop entry is valid" desktop-file-validate "$root/usr/share/applications/org.cloister.desktop.desktop"
completes() { bash -ec "source $root/usr/share/bash-completion/completions/cloister && complete -p cloister"; }
check "the shell takes the completions" completes
# The engine is looked for beside the program, which the shell reaches through a link.
engine() { "$root/usr/bin/cloister" schema check crates/app/assets/demo/report.schema.json; }
check "through the link of the shell's path the engine is found" engine
own_key() { [[ $(dpkg-deb --fsys-tarfile "$package" | tar --extract --to-stdout ./etc/cloister/models.pub) == "$(cat "$work/models.pub")" ]]; }
check "it trusts the key that bundles are signed with" own_key
needs() { dpkg-deb --field "$package" Depends | tee "$work/depends" && grep -q libwebkit2gtk-4.1-0 "$work/depends" && grep -q libasound2 "$work/depends"; }
check "it names the libraries that it needs" needs

echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
