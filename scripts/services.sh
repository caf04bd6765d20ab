#!/usr/bin/env bash
# Private, throw-away servers for the tests: MariaDB, a real MySQL, moto (a local AWS), a mail server and a provider of
# single sign-on. Each gets a free port on the loopback interface and a temporary directory, and all is gone when the
# shell that started them ends or is ended (after a `kill -9`, the directory stays). Starting them needs no root.
#
# Run:      scripts/services.sh         starts all, prints their addresses, stops them at Ctrl-C
# Sourced:  services_up                 installs what is missing, starts all, exports their addresses
#           services_start NAME...      starts these only: mariadb mysql moto mail smtp oidc
#
# Exports WEIR_TEST_MARIADB_URL and WEIR_TEST_MYSQL_URL (root without a password; tests make their own databases),
# WEIR_TEST_AWS_URL with credentials that are worth nothing, WEIR_TEST_SES_URL (a moto of its own, because moto shows
# no mails any more once somebody made a Lambda function in it), WEIR_TEST_SMTP_URL (see weir_smtp.py),
# WEIR_TEST_OIDC_URL (see weir_oidc.mjs), WEIR_TEST_CHROMIUM (a browser, which is no server), and WEIR_TEST_MYSQL_SKIPPED=1 where real MySQL cannot be had.
# Nothing else is ever skipped.

# shellcheck source=scripts/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

services_dir=
services_pids=()
# Speed before safety: the data is thrown away. A benchmark sets other values, to pay what production pays.
services_durability=(--innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=OFF)

services_up() {
  local names=(mariadb moto mail smtp oidc) status=0
  "$ROOT/scripts/install.sh" mariadb moto oidc chromium
  WEIR_TEST_CHROMIUM=$(type -P chromium)
  export WEIR_TEST_CHROMIUM
  "$ROOT/scripts/install.sh" mysql || status=$?
  case $status in
    0) names+=(mysql) ;;
    "$UNAVAILABLE") export WEIR_TEST_MYSQL_SKIPPED=1 ;;
    *) return "$status" ;;
  esac
  services_start "${names[@]}"
}

services_start() {
  local name
  if [[ -z $services_dir ]]; then
    trap services_stop EXIT
    services_dir=$(mktemp -d "${TMPDIR:-/tmp}/weir-services.XXXXXX")
  fi
  # All set out together, and each is waited for afterwards.
  for name; do "start_$name"; done
  for name; do await "$name"; done
}

start_mariadb() {
  local port
  port=$(free_port 20000)
  export WEIR_TEST_MARIADB_URL=mysql://root@127.0.0.1:$port/
  launch mariadb "$port" run_mariadb
}

run_mariadb() {
  mariadb-install-db --no-defaults --user="$(id -un)" --datadir="$1/data" \
    --auth-root-authentication-method=normal --skip-test-db
  serve_mariadb "$1" "$2"
}

# Starts what run_mariadb made: also after it died.
serve_mariadb() {
  become mariadbd --no-defaults --user="$(id -un)" --datadir="$1/data" --socket="$1/socket" --pid-file="$1/pid" \
    --port="$2" --bind-address=127.0.0.1 --max-connections=200 --skip-log-bin \
    --character-set-server=utf8mb4 --collation-server=utf8mb4_bin "${services_durability[@]}"
}

start_mysql() {
  local port
  port=$(free_port 24000)
  export WEIR_TEST_MYSQL_URL=mysql://root@127.0.0.1:$port/
  launch mysql "$port" run_mysql
}

run_mysql() {
  find_mysqld
  local share=$MYSQL_ROOT/usr/share/mysql
  local mysqld=("${MYSQLD[@]}" --no-defaults --user="$(id -un)" --basedir="$MYSQL_ROOT/usr" --datadir="$1/data"
    --lc-messages-dir="$share" --character-sets-dir="$share/charsets" --plugin-dir="$MYSQL_ROOT/usr/lib/mysql/plugin"
    --secure-file-priv=NULL)
  "${mysqld[@]}" --initialize-insecure "${services_durability[@]}"
  become "${mysqld[@]}" --socket="$1/socket" --pid-file="$1/pid" --port="$2" --bind-address=127.0.0.1 --mysqlx=OFF \
    --max-connections=200 --skip-log-bin --performance-schema=OFF "${services_durability[@]}"
}

start_moto() {
  local port
  port=$(free_port 28000)
  export WEIR_TEST_AWS_URL=http://127.0.0.1:$port
  # Whoever runs the tests may have real credentials: no test can find them.
  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=eu-west-1 AWS_EC2_METADATA_DISABLED=true
  export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
  unset AWS_PROFILE AWS_SESSION_TOKEN AWS_BEARER_TOKEN_BEDROCK AWS_ENDPOINT_URL
  launch moto "$port" run_moto
}

run_moto() {
  become "$ROOT/.venv/bin/python" "$ROOT/crates/testkit/moto/weir_moto.py" -H 127.0.0.1 -p "$2"
}

start_mail() {
  local port
  port=$(free_port 16000)
  export WEIR_TEST_SES_URL=http://127.0.0.1:$port
  launch mail "$port" run_moto
}

start_smtp() {
  local port
  port=$(free_port 12000)
  export WEIR_TEST_SMTP_URL=http://127.0.0.1:$port
  launch smtp "$port" run_smtp
}

run_smtp() {
  become "$ROOT/.venv/bin/python" "$ROOT/crates/testkit/smtp/weir_smtp.py" "$2"
}

start_oidc() {
  local port
  port=$(free_port 8000)
  export WEIR_TEST_OIDC_URL=http://127.0.0.1:$port
  launch oidc "$port" run_oidc
}

run_oidc() {
  become node "$ROOT/crates/testkit/oidc/weir_oidc.mjs" "$2"
}

# --- how any of them is started and stopped -----------------------------------

# A port from $1 on that nobody listens on. Below 32768, where the kernel finds ports for outgoing connections: one
# of those could take it before the server does. Each server has a range of its own, so they never pick the same.
free_port() {
  local port
  while port=$(($1 + RANDOM % 4000)) && listening "$port"; do :; done
  echo "$port"
}

listening() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# launch NAME PORT FUNCTION: runs `FUNCTION DIRECTORY PORT` in the background, in a process group of its own, which
# can be killed as a whole and does not hear Ctrl-C: the tests that are ended by it may still talk to the server.
launch() {
  local dir=$services_dir/$1
  mkdir "$dir"
  echo "$2" >"$dir/port"
  set -m
  # A database server deletes what it takes for its own old files in TMPDIR when it starts, and so its neighbour's.
  (set -e; TMPDIR=$dir; export TMPDIR; "$3" "$dir" "$2") </dev/null >"$dir/log" 2>&1 &
  set +m
  services_pids+=("$!")
  echo "$!" >"$dir/group"
}

# Turns the current process into "$@", a server that the kernel ends when the shell that launched it dies, even of
# a signal that no trap sees.
become() {
  if have setpriv; then exec setpriv --pdeathsig TERM -- "$@"; fi
  exec "$@"
}

await() {
  local dir=$services_dir/$1 port pid
  port=$(<"$dir/port") pid=$(<"$dir/group")
  for _ in {1..1200}; do
    if listening "$port"; then return; fi
    if ! kill -0 "$pid" 2>/dev/null; then break; fi
    sleep 0.05
  done
  tail -n 20 "$dir/log" >&2
  die "$1 did not start"
}

services_stop() {
  trap '' INT TERM HUP
  local pid children=()
  # If a signal came to this shell alone, its command in the foreground does not know yet.
  read -r -a children <"/proc/$$/task/$$/children" || true
  for pid in "${children[@]}"; do
    [[ " ${services_pids[*]} " == *" $pid "* ]] || kill -TERM "$pid" 2>/dev/null || true
  done
  # Not asked, but killed: a clean shutdown would only tidy up data that is about to be deleted.
  for pid in "${services_pids[@]}"; do
    kill -KILL -- "-$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$services_dir"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  set -euo pipefail
  services_up
  export -p | grep -E '^declare -x (WEIR_TEST|AWS)_' | sed 's/^declare -x/export/'
  say "Ready. Ctrl-C stops them."
  sleep infinity
fi
