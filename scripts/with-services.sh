#!/usr/bin/env bash
# Runs a command while MariaDB, real MySQL, moto, a mail server and a provider of single sign-on are up, with their
# addresses in its environment (services.sh says which variables), and stops them when it ends. For work on tests that
# need a server:
#
#   scripts/with-services.sh cargo nextest run --profile ci -E 'test(mariadb::)'
#   scripts/with-services.sh bash         # a shell in which everything is up
set -euo pipefail
# shellcheck source=scripts/services.sh
. "$(dirname "${BASH_SOURCE[0]}")/services.sh"

(($#)) || die "which command?"
services_up
"$@"
