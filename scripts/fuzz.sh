#!/usr/bin/env bash
# Fuzzes each target in fuzz/ for SECONDS_EACH seconds (30). Needs a nightly toolchain and cargo-fuzz; without them
# it says so and succeeds, because the property tests in `make test` cover the same parsers with stable Rust.
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$ROOT"

skip() { say "fuzz: skipped: $*"; exit 0; }

[[ -f fuzz/Cargo.toml ]] || skip "there are no fuzz targets in fuzz/"
cargo +nightly --version >/dev/null 2>&1 || skip "no nightly toolchain (rustup toolchain install nightly)"
cargo +nightly fuzz --version >/dev/null 2>&1 || skip "no cargo-fuzz (cargo install --locked cargo-fuzz)"

mapfile -t targets < <(cargo +nightly fuzz list)
for target in "${targets[@]}"; do
  say "fuzz: $target"
  cargo +nightly fuzz run "$target" -- -max_total_time="${SECONDS_EACH:-30}"
done
