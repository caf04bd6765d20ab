#!/usr/bin/env bash
# Builds Weir with its dashboard and starts the demo; the arguments are those of `weir demo`.
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$ROOT"

# npm mostly waits for the network, and a development build reads the dashboard's files only when they are asked
# for: so the two are made side by side.
cargo build --profile demo --bin weir &
compiling=$!
trap 'kill "$compiling" 2>/dev/null || true' EXIT
scripts/web.sh build
wait "$compiling"
trap - EXIT
exec cargo run --quiet --profile demo --bin weir -- demo "$@"
