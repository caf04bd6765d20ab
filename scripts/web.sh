#!/usr/bin/env bash
# The dashboard in web/: builds it, checks it, tests it.
#
#   scripts/web.sh build   into web/dist, from where weir-server takes it; nothing to do if nothing changed
#   scripts/web.sh lint    the types that are made of docs/api/openapi.json, tsc, eslint
#   scripts/web.sh test    the components
#   scripts/web.sh e2e     the pages in Chromium, of the binary $1 with the demo's data
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$ROOT/web"

# What the build is made of, as one word.
inputs() {
  find . \( -path ./node_modules -o -path ./dist -o -path ./e2e -o -path ./test-results \) -prune -o -type f -print0 |
    LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16
}

case ${1-} in
  build)
    wanted=$(inputs)
    if [[ -f dist/.made && $(<dist/.made) == "$wanted" ]]; then exit 0; fi
    "$ROOT/scripts/install.sh" web-build
    npm run --silent build
    echo "$wanted" >dist/.made
    ;;
  lint)
    "$ROOT/scripts/install.sh" web
    # The same file from the same document: one that was edited by hand, or forgotten, is found here.
    npm run --silent types -- --check >/dev/null || die "web/src/api/schema.ts is not of docs/api/openapi.json: npm run types"
    npm run --silent lint
    ;;
  test)
    "$ROOT/scripts/install.sh" web
    npm run --silent test
    ;;
  e2e)
    "$ROOT/scripts/install.sh" web chromium
    WEIR_BIN=$(realpath "${2:?which binary?}") npm run --silent e2e
    ;;
  *) die "which step? build, lint, test or e2e" ;;
esac
