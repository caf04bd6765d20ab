#!/usr/bin/env bash
# Builds Weir with its dashboard and starts the demo; the arguments are those of `weir demo`.
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$ROOT"

# npm mostly waits for the network, so cargo compiles meanwhile. It is stopped as soon as the dashboard is there:
# what is compiled by then stays, and the crate that takes the dashboard in comes near the end.
say "compiling while the dashboard is built"
setsid cargo build --quiet --bin weir &
compiling=$!
stop_compiling() {
  if kill -- "-$compiling" 2>/dev/null; then wait "$compiling" || true; fi
}
trap stop_compiling EXIT

scripts/web.sh build
stop_compiling
trap - EXIT
exec cargo run --bin weir -- demo "$@"
