# What a person does with a checkout. `make run` is the place to begin.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:
.DEFAULT_GOAL := build
.PHONY: setup models build run test security soak bench screenshots crowd fuzz docs package package-test sbom clean

# Tools of the tests are kept here, outside the checkout.
cache := $(or $(CLOISTER_CACHE),$(HOME)/.cache/cloister)
export PATH := $(cache)/tools/bin:$(PATH)

# Where cargo builds; the finished programs always go to target/release of the checkout.
target := $(or $(CARGO_TARGET_DIR),target)
programs := cloister cloister-engine cloister-directory cloister-desktop
selection := -p cloister-cli -p cloister-engine -p cloister-directory -p cloister-desktop

# Install the system packages that building needs (Debian).
setup:
	packaging/setup-debian.sh build

# Put the model files into models/weights; nothing is downloaded twice.
models:
	cargo xtask models

# Leave cloister, cloister-engine, cloister-directory and cloister-desktop in target/release.
build: ui/dist/index.html
	cargo build --profile ci $(selection)
	install -D --mode=755 --target-directory=target/release $(programs:%=$(target)/ci/%)

# The window brings the documents along.
ui/dist/index.html: $(shell find ui/src ui/public ui/index.html ui/tsconfig.json ui/vite.config.ts docs SECURITY.md -type f 2>/dev/null) \
		ui/node_modules/.package-lock.json
	cd ui && npm run build

ui/node_modules/.package-lock.json: ui/package-lock.json
	cd ui && npm ci --ignore-scripts --no-audit --no-fund

# From an empty machine to the main job done on bundled samples, then the window, where there is a display.
run: setup models build
	target/release/cloister demo
	if [[ -n "$${DISPLAY:-}$${WAYLAND_DISPLAY:-}" ]]; then target/release/cloister-desktop; fi

# Every suite and check. Test programs share the features of the whole workspace, so that it is compiled once.
test: selection := --workspace --all-targets
test: setup models build
	packaging/setup-debian.sh test
	packaging/test-tools.sh
	cargo fetch --quiet # the check of licences looks at all platforms' crates
	cargo xtask test

# What keeps clinical data in: traces of the network, ways out of the sandbox, searches of the disk. Like `make test` it
# compiles the whole workspace and picks from that, so that after one of them the other compiles nothing.
nextest := cargo nextest run --cargo-profile ci --workspace
security: selection := --workspace --all-targets
security: setup models build
	packaging/setup-debian.sh test
	packaging/test-tools.sh
	$(nextest) -E 'package(cloister-seal) + test(secrecy) + test(doctor) + (package(cloister-tests) & test(memory))'
	CLOISTER_NAMES=200 $(nextest) --no-capture -E 'package(cloister-access) & binary(names)'
	tests/security/run.sh $(target)/ci
	$(target)/ci/examples/injection models/weights/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf

# The long form of tests that are short in `make test`: an hour each of silence, noise, hum and babble, out of which no word
# may come; a recording killed at 200 random moments, and twelve hours of one in flat memory; a thousand
# backups that meet with accidents; 500 kills of two log writers,
# more bytes for the log's readers, and the log's rates.
soak: selection := --workspace --all-targets
soak: nextest += --profile soak
soak: setup models build
	packaging/test-tools.sh
	$(target)/ci/examples/wordless models/weights/ggml-base-q8_0.bin 60
	CLOISTER_SOAK=1 $(nextest) --no-capture -E 'package(cloister-tests) & test(a_run_killed)'
	CLOISTER_KILLS=200 CLOISTER_HOURS=12 $(nextest) --no-capture \
		-E 'package(cloister-app) & binary(recording) & (test(killed) + test(long_recording))'
	BACKUP_CYCLES=1000 $(nextest) --no-capture -E 'package(cloister-app) & test(fifty_cycles)'
	AUDIT_KILLS=500 $(nextest) --no-capture -E 'package(cloister-audit) & test(killed_at_any_moment)'
	AUDIT_CASES=3000 $(nextest) -E 'package(cloister-audit) & (binary(bytes) + binary(index))'
	$(target)/ci/examples/rates $(or $(SOAK_DIR),/var/tmp) 1000000

# Measure extraction, beside llama.cpp where that is given (benches/run.sh says how), what sealing off and encryption cost,
# and what a thousand accounts cost beside ten.
# Nothing else should run meanwhile.
bench: selection := --workspace --all-targets
bench: setup models build
	benches/run.sh
	benches/seal.py
	$(target)/ci/examples/cipher
	$(target)/ci/examples/people

# Every command that the documents show, and every link in them.
docs:
	$(nextest) -E '(package(cloister-cli) & (test(documents) + test(reference))) + (package(cloister-app) & test(compliance))'

# Fuzz every reader of bytes from outside, SECONDS each (default 60).
fuzz:
	tests/fuzz/run.sh $(or $(SECONDS),60)

# The Debian package and the signed bundle of models, in target/package. SIGNING_KEY=FILE signs with that minisign key instead
# of one made for this build. It takes the programs that the tests take, with the features of the whole workspace.
package: selection := --workspace --all-targets
package: setup models build
	packaging/setup-debian.sh package
	packaging/package.sh $(target)/ci target/package

# Both installed on a bare Debian 12 without a network, and the demo run there. Needs root and, the first time, a network.
package-test: package
	packaging/bare-root.sh target/package

# What the programs and the page are made of: CycloneDX documents in target/sbom.
sbom: ui/node_modules/.package-lock.json
	cargo xtask sbom target/sbom

# Every screen in its states, light and dark, from the real window: screenshots/*.png, listed in screenshots/index.json.
screenshots: selection := --workspace --all-targets
screenshots: setup models build
	packaging/setup-debian.sh test
	packaging/test-tools.sh
	tests/desktop/screenshots.sh

# The window over ten thousand visits, one of them of 100,000 words with 5,000 findings: times of each screen, of keys while
# both cores compute, and the page's memory; and how soon the window stands. Nothing else should run meanwhile.
crowd: selection := --workspace --all-targets
crowd: setup models build
	packaging/setup-debian.sh test
	packaging/test-tools.sh
	tests/desktop/start.sh
	tests/desktop/crowd.sh

# Remove what was built. Model files and the tools of the tests stay.
clean:
	cargo clean
	rm -rf target/release ui/dist ui/node_modules
