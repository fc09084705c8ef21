#!/usr/bin/env bash
# The Debian package out of programs that are built: packaging/deb.sh PROGRAMS-FOLDER SBOM-FOLDER KEY.pub OUTPUT-FOLDER
# KEY.pub is the minisign key that bundles of models are signed with. COMPRESSION=none is for looking at it. Prints its path.
set -euo pipefail
bin=$(realpath "$1") sbom=$(realpath "$2") key=$(realpath "$3") out=$(realpath "$4")
cd "$(dirname "$0")/.."
umask 022

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
put() { # MODE FILE PLACE: a file under its place's name
    install -D --mode="$1" "$2" "$root$3"
}
upstream=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
version=$upstream-1
# The last commit's time stands for the build's.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
date=$(date --rfc-email --utc --date="@$SOURCE_DATE_EPOCH")

# The programs lie beside each other, as they look for each other; the paths of the shell have links.
for program in cloister cloister-desktop cloister-engine cloister-directory; do
    [[ $program != cloister-directory || -x $bin/$program ]] || continue
    put 755 "$bin/$program" "/usr/lib/cloister/$program"
    strip --strip-unneeded --remove-section=.comment --remove-section=.note "$root/usr/lib/cloister/$program"
done
mkdir -p "$root/usr/bin" "$root/var/lib/cloister/models"
ln -s ../lib/cloister/cloister ../lib/cloister/cloister-desktop "$root/usr/bin/"

put 644 packaging/org.cloister.desktop.desktop /usr/share/applications/org.cloister.desktop.desktop
put 644 packaging/icons/cloister.svg /usr/share/icons/hicolor/scalable/apps/cloister.svg
for icon in packaging/icons/*x*.png; do
    put 644 "$icon" "/usr/share/icons/hicolor/$(basename "$icon" .png)/apps/cloister.png"
done
"$bin/cloister" manual "$root/usr/share/man/man1"
put 644 packaging/debian/cloister-desktop.1 /usr/share/man/man1/cloister-desktop.1
complete() { # SHELL PLACE
    mkdir -p "$(dirname "$root$2")"
    "$bin/cloister" completions "$1" >"$root$2"
}
complete bash /usr/share/bash-completion/completions/cloister
complete zsh /usr/share/zsh/vendor-completions/_cloister
complete fish /usr/share/fish/vendor_completions.d/cloister.fish

put 644 packaging/debian/apparmor /etc/apparmor.d/cloister
put 644 "$key" /etc/cloister/models.pub
doc=/usr/share/doc/cloister
put 644 packaging/debian/copyright $doc/copyright
put 644 packaging/debian/policy.toml $doc/examples/policy.toml
put 644 CHANGELOG.md $doc/changelog
put 644 SECURITY.md $doc/SECURITY.md
put 644 packaging/security.txt $doc/security.txt
put 644 "$sbom/THIRD-PARTY-LICENCES" $doc/THIRD-PARTY-LICENCES
for document in cloister-rust.cdx.json cloister-npm.cdx.json; do
    put 644 "$sbom/$document" "$doc/sbom/$document"
done
(cd docs && find . -name '*.md' -o -name '*.png') | while read -r file; do
    put 644 "docs/$file" "$doc/docs/${file#./}"
done
printf 'cloister (%s) unstable; urgency=medium\n\n  * See changelog.gz.\n\n -- %s  %s\n' "$version" \
    "$(sed -n 's/^Maintainer: //p' packaging/debian/control.in)" "$date" >"$root$doc/changelog.Debian"
find "$root/usr/share/man" "$root$doc/changelog" "$root$doc/changelog.Debian" "$root$doc/THIRD-PARTY-LICENCES" -type f \
    -exec gzip --best --no-name {} +

# What the program wrote is its owner's alone.
chmod -R go=rX "$root/usr"

mkdir -p "$root/DEBIAN" "$root/debian"
# What shlibdeps asks for: the name alone.
printf 'Source: cloister\n\nPackage: cloister\nArchitecture: any\n' >"$root/debian/control"
depends=$(cd "$root" && dpkg-shlibdeps -O usr/lib/cloister/* 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
rm -r "$root/debian"
(cd "$root" && find etc -type f -printf '/%p\n' | sort) >"$root/DEBIAN/conffiles"
size=$(du --summarize --apparent-size --block-size=1024 --exclude=DEBIAN "$root" | cut -f1)
architecture=$(dpkg --print-architecture)
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@SIZE@/$size/" -e "s/@DEPENDS@/$depends/" \
    packaging/debian/control.in >"$root/DEBIAN/control"
install --mode=755 packaging/debian/postinst packaging/debian/postrm "$root/DEBIAN/"
(cd "$root" && find usr var -type f -exec md5sum {} + | sort -k 2) >"$root/DEBIAN/md5sums"

package=$out/cloister_${version}_$architecture.deb
dpkg-deb --root-owner-group -Z"${COMPRESSION:-xz}" --build "$root" "$package" >/dev/null
echo "$package"
