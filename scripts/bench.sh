#!/usr/bin/env bash
# Runs the benchmarks, with a MariaDB and, where it can be had, a real MySQL that flush each commit to disk as in
# production. Arguments go to `xtask bench`.
set -euo pipefail
# shellcheck source=scripts/services.sh
. "$(dirname "${BASH_SOURCE[0]}")/services.sh"
cd "$ROOT"

scripts/install.sh build mariadb
servers=(mariadb)
if scripts/install.sh mysql; then servers+=(mysql); fi
# Memory as of a small server of its own (4 GiB), and a log that fits: what a server comes with is meant to share a
# laptop. Each of the two knows one of the names for the size of the log, and overlooks the other.
# shellcheck disable=SC2034  # read by services.sh
services_durability=(--innodb-flush-log-at-trx-commit=1 --innodb-buffer-pool-size=3G
  --loose-innodb-log-file-size=1G --loose-innodb-redo-log-capacity=1G)
services_start "${servers[@]}"
export WEIR_BENCH_MARIADB_URL=$WEIR_TEST_MARIADB_URL
if [[ -n ${WEIR_TEST_MYSQL_URL-} ]]; then export WEIR_BENCH_MYSQL_URL=$WEIR_TEST_MYSQL_URL; fi
# One build of everything, because one package alone would resolve other features and build the SDKs again.
cargo build --release --workspace --bins
"${CARGO_TARGET_DIR:-target}/release/xtask" bench "$@"
