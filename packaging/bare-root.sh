#!/usr/bin/env bash
# Installs the package and the bundle of models on a bare Debian 12, without a network, and runs the demo there:
#
#   packaging/bare-root.sh FOLDER-WITH-PACKAGE-AND-BUNDLE
#
# Needs root. The minimal system and the packages that ours depends on are fetched once, with a network, and kept in
# $CLOISTER_CACHE; what follows happens in namespaces of its own, with a network of its own that leads nowhere and a
# medium that cannot be written. Prints sizes and times, and as the last line `N passed, N failed`.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${CLOISTER_CACHE:-$HOME/.cache/cloister}/bare-root

if [[ ${1:-} != --inside ]]; then
    given=$(realpath "$1")
    [[ $EUID -eq 0 ]] || { echo "packaging/bare-root.sh needs root (mounts, chroot)" >&2; exit 2; }
    shopt -s nullglob
    packages=("$given"/cloister_*.deb) bundles=("$given"/cloister-models-*.tar)
    [[ ${#packages[@]} -eq 1 && ${#bundles[@]} -eq 1 ]] || { echo "one package and one bundle are wanted in $given" >&2; exit 2; }
    package=${packages[0]} bundle=${bundles[0]}
    work=$(mktemp --directory /var/tmp/cloister-bare.XXXXXX)
    trap 'rm -rf --one-file-system "$work"' EXIT
    mkdir -p "$cache"

    if [[ ! -e $cache/base.tar ]]; then
        debootstrap --variant=minbase bookworm "$work/base" >"$work/debootstrap.log" || { tail "$work/debootstrap.log" >&2; exit 2; }
        rm -rf "$work/base/var/cache/apt/archives/"*.deb
        tar --create --file "$cache/base.tar.part" --directory "$work/base" .
        mv "$cache/base.tar.part" "$cache/base.tar"
        rm -rf "$work/base"
    fi
    mkdir "$work/root"
    tar --extract --file "$cache/base.tar" --directory "$work/root"

    # What the package depends on, as files of a stick.
    debs=$cache/debs-$(dpkg-deb --field "$package" Depends | sha256sum | cut -c 1-16)
    if [[ ! -d $debs ]]; then
        cp "$package" "$work/root/tmp/cloister.deb"
        cp /etc/resolv.conf "$work/root/etc/"
        chroot "$work/root" sh -ec 'apt-get update -qq; apt-get install -qq -y --no-install-recommends --download-only /tmp/cloister.deb' >"$work/fetch.log" 2>&1 ||
            { tail "$work/fetch.log" >&2; exit 2; }
        mkdir "$debs.part"
        mv "$work/root/var/cache/apt/archives/"*.deb "$debs.part/"
        mv "$debs.part" "$debs"
        rm -rf "$work/root"
        mkdir "$work/root"
        tar --extract --file "$cache/base.tar" --directory "$work/root"
    fi
    mkdir "$work/stick"
    ln "$debs"/*.deb "$work/stick/" 2>/dev/null || cp "$debs"/*.deb "$work/stick/"
    cp "$package" "$bundle" "$work/stick/"
    (cd "$work/stick" && dpkg-scanpackages --multiversion . >Packages 2>/dev/null)
    count=$(find "$debs" -name '*.deb' | wc -l)
    echo "package          $(stat -c %s "$package") bytes, $(dpkg-deb --field "$package" Installed-Size) KiB installed"
    echo "bundle of models $(stat -c %s "$bundle") bytes"
    echo "dependencies     $count packages, $(du --summarize --apparent-size --block-size=1 "$debs" | cut -f1) bytes, on the stick"
    unshare --net --mount --pid --fork --kill-child "$0" --inside "$work"
    exit
fi

# From here on: no network but a loopback that is down, and /proc of our own.
work=$2 root=$2/root
mount --make-rprivate /
# Ours alone are seen, by the numbers that they have here.
mount -t proc proc /proc
mount -t proc proc "$root/proc"
mkdir "$root/srv/stick"
mount --bind "$work/stick" "$root/srv/stick"
mount -o remount,bind,ro "$root/srv/stick"
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
unset CLOISTER_DATA CLOISTER_MODELS CLOISTER_USER CLOISTER_CACHE

passed=0 failed=0
check() { # NAME COMMAND…: passes when the command does; its time beside it
    local name=$1 begun=${EPOCHREALTIME/./} took
    shift
    if "$@" >"$work/check.log" 2>&1; then
        passed=$((passed + 1)) took=$(((${EPOCHREALTIME/./} - begun) / 100000))
        printf 'ok   %-64s %5d.%d s\n' "$name" $((took / 10)) $((took % 10))
    else
        failed=$((failed + 1))
        echo "FAIL $name"
        tail -n 25 "$work/check.log" | sed 's/^/       /'
    fi
}
inside() { chroot "$root" "$@"; }
as_mia() { inside runuser -u mia -- env HOME=/home/mia "$@"; }
size() { du --summarize --one-file-system --block-size=1M --exclude=srv "$root" | cut -f1; }

no_network() { ! inside grep -v -e lo: -e '|' /proc/net/dev && ! inside bash -c 'exec 3<>/dev/tcp/1.1.1.1/80'; }
read_only() { ! inside touch /srv/stick/x; }
check "there is no network" no_network
check "the stick cannot be written" read_only
echo "deb [trusted=yes] file:/srv/stick ./" >"$root/etc/apt/sources.list"
before=$(size)
check "its index is read" inside apt-get update -qq
check "the package and what it needs are installed" inside apt-get install -y -qq --no-install-recommends cloister
echo "     the system grew from $before to $(size) MiB"
links() { ! inside ldd /usr/lib/cloister/cloister /usr/lib/cloister/cloister-desktop /usr/lib/cloister/cloister-engine | grep 'not found'; }
check "every library is there" links
version() { inside cloister --version && inside cloister-desktop --version; }
check "both programs start" version
whole() { [[ -z $(inside dpkg --verify cloister) ]] && [[ -z $(inside dpkg --audit) ]]; }
check "dpkg finds every file as it was packed" whole

bundle=$(basename "$root"/srv/stick/cloister-models-*.tar)
changed() { # one byte in the middle of the last file: told by its name, and nothing of the bundle stays
    local last at said
    last=$(tar --list --file "$root/srv/stick/$bundle" | tail -n 1)
    cp "$root/srv/stick/$bundle" "$root/tmp/changed.tar"
    at=$(($(stat -c %s "$root/tmp/changed.tar") - 20000))
    printf '\x5a\xa5' | dd of="$root/tmp/changed.tar" bs=1 seek="$at" conv=notrunc status=none
    said=$(inside cloister models install /tmp/changed.tar 2>&1) && return 1
    rm "$root/tmp/changed.tar"
    echo "$said"
    [[ $said == *"$last"* ]] && [[ -z $(ls -A "$root/var/lib/cloister/models") ]]
}
check "a bundle with a byte changed is refused, by the name of the file" changed
killed() { # in the middle: nothing counts as there, and the next try clears up
    inside cloister models install "/srv/stick/$bundle" &
    local pid=$! waited=0
    until compgen -G "$root/var/lib/cloister/models/.importing-*" >/dev/null || [[ $waited -ge 100 ]]; do waited=$((waited + 1)); sleep 0.05; done
    kill -KILL $(pgrep -P "$pid") "$pid"
    wait "$pid" || true
    inside cloister models list --json | grep -E '"state": *"present"' && return 1
    compgen -G "$root/var/lib/cloister/models/.importing-*"
}
check "an install of models that is killed leaves none that counts" killed
check "the models are installed" inside cloister models install "/srv/stick/$bundle"
only_models() { [[ $(ls -A "$root/var/lib/cloister/models" | wc -l) -eq 2 ]] && ! inside cloister models list --json | grep damaged; }
check "nothing is left of the one that was killed" only_models
check "the processes are sealed off, and no way out is open" inside cloister doctor --probe

inside useradd --create-home mia
check "the demo, as an ordinary user" as_mia cloister demo
sed -n 's/^/       /p' "$work/check.log" | tail -n 14
printf 'nine grey herons at dawn\n' >"$root/home/mia/password"
mine() { as_mia cloister --user mia --password-file /home/mia/password "$@"; }
directory() { # no server is to be reached: its broker starts, seals itself off, and says which step of a sign-in fails
    local said
    openssl req -x509 -newkey ed25519 -nodes -days 2 -subj /CN=clinic -keyout "$work/ca.key" -out "$root/home/mia/ca.pem" || return 1
    printf '%s\n' 'kind = "openldap"' 'servers = ["ldaps://10.0.0.5?name=dc1.clinic.test"]' 'ca_file = "ca.pem"' \
        'bind = "search"' 'people_base = "ou=people,dc=clinic"' '[[groups]]' 'dn = "cn=doctors,dc=clinic"' \
        'role = "clinician"' >"$root/home/mia/directory.toml"
    said=$(as_mia cloister directory test --json --file /home/mia/directory.toml) && return 1
    echo "$said"
    [[ $(tr -d ' \n' <<<"$said") == '[{"step":"connect","state":"failed","fault":"unreachable"'* ]]
}
check "the directory's broker says what cannot be reached" directory
wrong_preset() {
    echo 'session_timeout_minutes = 600' >"$root/etc/cloister/policy.toml"
    local said
    said=$(mine init --admin mia 2>&1) && return 1
    echo "$said"
    [[ $said == */etc/cloister/policy.toml*"from 1 to 60"* ]]
}
check "a preset policy that cannot be followed makes no vault" wrong_preset
preset() {
    echo 'session_timeout_minutes = 7' >"$root/etc/cloister/policy.toml"
    mine init --admin mia && mine policy show | grep -x 'session_timeout_minutes = 7'
}
check "the institution's preset is the policy of a new vault" preset

interrupted() { # dpkg killed while it unpacks; apt puts it right
    inside dpkg --unpack "/srv/stick/$(basename "$root"/srv/stick/cloister_*.deb)" >/dev/null 2>&1 &
    local pid=$! waited=0
    until compgen -G "$root/usr/lib/cloister/*.dpkg-new" >/dev/null || [[ $waited -ge 400 ]]; do waited=$((waited + 1)); sleep 0.01; done
    kill -KILL $(pgrep -P "$pid") "$pid"
    wait "$pid" || true
    sleep 1 # what dpkg had started notices
    inside dpkg --audit | tee "$work/audit"
    [[ -s $work/audit ]] || return 1
    # apt asks for this first.
    inside dpkg --configure -a || true
    inside apt-get install -y -qq --reinstall --no-install-recommends cloister && whole && mine policy show
}
check "an interrupted install is put right, and the vault opens" interrupted
purged() {
    inside apt-get purge -y -qq cloister && [[ ! -e $root/usr/lib/cloister && ! -e $root/var/lib/cloister ]] &&
        [[ -e $root/home/mia/.local/share/cloister/keyring.json ]]
}
check "purged: programs and models are gone, the vault is left alone" purged

echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
