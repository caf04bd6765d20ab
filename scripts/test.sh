#!/usr/bin/env bash
# Runs every test, after installing what is missing and starting the servers that some of them need.
#
#   scripts/test.sh                        all tests, those of the dashboard and of the API's document too
#   scripts/test.sh -- -E 'test(settle)'   only what these arguments of `cargo nextest run` select
set -euo pipefail
# shellcheck source=scripts/services.sh
. "$(dirname "${BASH_SOURCE[0]}")/services.sh"
cd "$ROOT"

if [[ ${1-} == -- ]]; then shift; fi
passed=0 failed=0 status=0

count() { passed=$((passed + $1)) failed=$((failed + $2)); }

run_tests() {
  local report=target/nextest/ci/junit.xml bad
  if [[ -z $nextest ]]; then
    cargo_test --lib --bins --tests "$@"
    return
  fi
  rm -f "$report"
  # One more than there are processors: some tests wait, for a lease that ends or for an answer that does not come.
  cargo nextest run --workspace --profile ci --test-threads $(($(nproc) + 1)) "$@" || status=1
  if [[ -f $report ]]; then
    bad=$(($(attribute failures "$report") + $(attribute errors "$report")))
    count $(($(attribute tests "$report") - bad)) "$bad"
  fi
}

# The number in attribute $1 of the root element of $2.
attribute() { sed -n "/<testsuites /{s/.* $1=\"\([0-9]*\)\".*/\1/p;q}" "$2"; }

cargo_test() {
  local log=$services_dir/cargo-test.log
  cargo test --workspace "$@" 2>&1 | tee "$log" || status=1
  # shellcheck disable=SC2046  # two numbers
  count $(awk '/^test result:/ { p += $4; f += $6 } END { print p + 0, f + 0 }' "$log")
}

# The dashboard: its parts, and its pages in a browser. Each prints how many tests passed and failed.
web_test() {
  local log=$services_dir/web-$1.log good bad
  scripts/web.sh "$@" 2>&1 | tee "$log" || status=1
  good=$(sed 's/\x1b\[[0-9;]*m//g' "$log" | grep -oE '[0-9]+ passed' | tail -n1) || good=0
  bad=$(sed 's/\x1b\[[0-9;]*m//g' "$log" | grep -oE '[0-9]+ failed' | tail -n1) || bad=0
  count "${good%% *}" "${bad%% *}"
}

scripts/install.sh build
# First, for the binary takes it in.
if ((!$#)); then
  scripts/install.sh web
  scripts/web.sh build
fi
nextest=yes
scripts/install.sh nextest || nextest=
services_up

if (($#)); then
  run_tests "$@"
else
  # First, because nothing that a test says about AWS is worth more than the imitation that it ran against.
  .venv/bin/python crates/testkit/moto/selftest.py
  run_tests
  cargo_test --doc
  web_test test
  web_test e2e "${CARGO_TARGET_DIR:-$ROOT/target}/debug/weir"
  if scripts/contract.sh "${CARGO_TARGET_DIR:-$ROOT/target}/debug/weir"; then count 1 0; else count 0 1; status=1; fi
fi

echo
echo "$passed passed, $failed failed"
if [[ -n ${WEIR_TEST_MYSQL_SKIPPED-} ]]; then
  echo
  echo "SKIPPED: real MySQL. It could not be installed here; only MariaDB was tested."
fi
exit "$status"
