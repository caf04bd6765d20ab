#!/usr/bin/env bash
# Holds the API to its document: Schemathesis asks the binary $1, with the demo's data, what docs/api/openapi.json allows
# and what it forbids. No answer may be a server's error, or one that the document does not describe.
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

binary=$(realpath "${1:?which binary?}")
"$ROOT/scripts/install.sh" contract

place=$(mktemp -d)
demo=
finish() {
  if [[ -n $demo ]] && kill -INT "$demo" 2>/dev/null; then wait "$demo" || true; fi
  rm -rf "$place"
}
trap finish EXIT
cd "$place"
# Whoever runs this may have settings of their own: none is found.
export HOME=$place WEIR_LOG=warn WEIR_DATABASE_URL=sqlite:$place/demo.db
unset WEIR_CONFIG
# Without job control an interrupt would not reach it.
: >demo.log
set -m
"$binary" --as-of 2026-11-26T15:30:00+01:00 demo --listen 127.0.0.1:0 >demo.log 2>&1 &
demo=$!
set +m
url=
for _ in {1..600}; do
  url=$(sed -n 's/.*dashboard is at \(http:[^ ]*\).*/\1/p' demo.log)
  if [[ -n $url ]] || ! kill -0 "$demo" 2>/dev/null; then break; fi
  sleep 0.2
done
[[ -n $url ]] || die "the demo does not come up: $(<demo.log)"
echo "a password of nobody else" | "$binary" operator create viewer --role viewer
token=$("$binary" token create demo --role admin --label contract --for 1d)

# Not asked: what goes on for ever, and what takes the caller's own rights away.
"$ROOT/.venv-contract/bin/schemathesis" --config-file "$ROOT/scripts/schemathesis.toml" run "$url/api/v1/openapi.json" \
  --header "Authorization: Bearer $token" --rate-limit 45/s --request-timeout 20 \
  --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance \
  --phases examples,coverage,fuzzing --max-examples 10 --generation-deterministic --warnings off --no-color \
  --exclude-path-regex '/(events|logout)$' --exclude-operation-id tokens_revoke
