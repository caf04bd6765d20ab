#!/usr/bin/env bash
# Runs the benchmarks, with a MariaDB that flushes each commit to disk as one in production does. Arguments go to
# `xtask bench`.
set -euo pipefail
# shellcheck source=scripts/services.sh
. "$(dirname "${BASH_SOURCE[0]}")/services.sh"
cd "$ROOT"

scripts/install.sh build mariadb
# shellcheck disable=SC2034  # read by services.sh
services_durability=(--innodb-flush-log-at-trx-commit=1)
services_start mariadb
export WEIR_BENCH_MYSQL_URL=$WEIR_TEST_MARIADB_URL
# One build of everything, because one package alone would resolve other features and build the SDKs again.
cargo build --release --workspace --bins
"${CARGO_TARGET_DIR:-target}/release/xtask" bench "$@"
