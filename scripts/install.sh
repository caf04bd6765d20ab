#!/usr/bin/env bash
# Installs what building and testing Weir needs, on Debian or Ubuntu.
#
#   scripts/install.sh PART...
#
#   build     a C compiler and pkg-config
#   mariadb   MariaDB's server and client programs (no system service)
#   mysql     a real MySQL >= 8.4, unpacked into the cache directory; the host is left alone
#   moto      a local AWS and a mail server, in the Python environment ./.venv
#   nextest   cargo-nextest
#   oidc      a provider of single sign-on, in crates/testkit/oidc/node_modules; Node itself must be there
#   web       the packages of the dashboard, in web/node_modules; Node itself must be there
#   web-build those of them that it is built of
#   chromium  a browser, to look at mails as people see them
#   contract  what asks the API what its document says, in the Python environment ./.venv-contract
#   lambda    what packages the Lambda functions: cargo-lambda and zig, in the Python environment ./.venv-lambda
#
# Every part may be repeated; what is there already costs nothing. Exits with 69 if nothing went wrong but that a part
# which the tests can do without (mysql, nextest) cannot be had here.
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# --- apt ---------------------------------------------------------------------

apt_install() {
  have apt-get || die "no apt-get here; install what these Debian packages hold by yourself: $*"
  local root=()
  if [[ $(id -u) != 0 ]]; then
    have sudo || die "root must run this, and there is no sudo: apt-get install $*"
    root=(sudo)
  fi
  local install=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=120
    --no-install-recommends install "$@")
  say "apt: installing $*"
  # It fails if the package lists are missing or too old, and only then are they fetched.
  if ! "${install[@]}" >/dev/null 2>&1; then
    "${root[@]}" apt-get -qq update
    "${install[@]}" >/dev/null
  fi
}

# --- parts -------------------------------------------------------------------

build() {
  # A compiler without the C library's headers, as on some slim images, is no use either.
  if ! cc -E -include stdlib.h - </dev/null >/dev/null 2>&1; then apt_install gcc libc6-dev; fi
  if ! have pkg-config; then apt_install pkg-config; fi
}

mariadb() {
  # The -core packages hold the programs alone: no init script, no system user, nothing started.
  if have mariadbd && have mariadb-install-db; then return; fi
  apt_install mariadb-server-core mariadb-client-core
}

mysql() {
  local home=$CACHE/mysql deb version
  if [[ -f $MYSQL_ROOT/.version ]]; then return; fi
  mkdir -p "$home/debs"
  if ! compgen -G "$home/debs/*.deb" >/dev/null && ! mysql_download "$home/debs"; then
    say "mysql: Debian unstable's mysql-server-core cannot be had here"
    return "$UNAVAILABLE"
  fi
  say "mysql: unpacking into $home"
  rm -rf "$MYSQL_ROOT"
  mkdir "$MYSQL_ROOT"
  for deb in "$home"/debs/*.deb; do
    # These are dependencies of maintainer scripts, and those are never run.
    case ${deb##*/} in perl* | libperl* | dpkg* | tar_* | debconf* | coreutils*) continue ;; esac
    dpkg-deb -x "$deb" "$MYSQL_ROOT"
  done
  find_mysqld
  version=$("${MYSQLD[@]}" --version | sed -n 's/.* Ver \([0-9.]*\).*/\1/p') || version=none
  if [[ $(printf '%s\n' 8.4 "$version" | sort -V | head -n1) != 8.4 ]]; then
    say "mysql: wanted 8.4 or newer, got '$version'; remove $home to try again"
    return "$UNAVAILABLE"
  fi
  # Written last, so that an interrupted unpacking is done again.
  echo "$version" >"$MYSQL_ROOT/.version"
  say "mysql: $version"
}

# Downloads Debian unstable's mysql-server-core, and all that it depends on, into $1. apt gets a state of its
# own to work on, so that this needs no root and the host stays as it is.
mysql_download() (
  debs=$1
  have apt-get || exit 1
  mirror=$(grep -rhv '^ *#' /etc/apt/sources.list* |
    grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n1) || exit 1
  say "mysql: downloading from Debian unstable"
  apt=$(mktemp -d)
  trap 'rm -rf "$apt"' EXIT
  mkdir -p "$apt"/{lists/partial,archives/partial,etc/apt.conf.d,etc/preferences.d}
  : >"$apt/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >"$apt/etc/sources.list"
  apt_sid() {
    apt-get -qq -o Dir::State="$apt" -o Dir::State::status="$apt/status" -o Dir::Cache="$apt" \
      -o Dir::Etc="$apt/etc" -o Dir::Etc::sourcelist="$apt/etc/sources.list" -o Dir::Etc::sourceparts=/dev/null \
      -o Debug::NoLocking=1 -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none \
      -o APT::Install-Recommends=false -o APT::Keep-Downloaded-Packages=true "$@"
  }
  apt_sid update >&2 && apt_sid -y -d install mysql-server-core >/dev/null && mv "$apt"/archives/*.deb "$debs"
)

moto() {
  python_environment moto "$ROOT/scripts/requirements.txt" "$ROOT/.venv"
}

lambda() {
  python_environment lambda "$ROOT/scripts/requirements-lambda.txt" "$ROOT/.venv-lambda"
  # To look into the binaries.
  if ! have objdump; then apt_install binutils; fi
}

contract() {
  python_environment contract "$ROOT/scripts/requirements-contract.txt" "$ROOT/.venv-contract"
}

# Makes the Python environment that file $2 pins, and links $3 to it.
python_environment() {
  local name=$1 wanted=$2 link=$3 venv
  # Kept in the cache under the name of its contents: a fresh clone links to it in no time.
  venv=$CACHE/venv-$(sha256sum "$wanted" | cut -c1-12)
  if [[ ! -f $venv/.complete ]]; then
    # Debian's python3 alone has the venv module, but not the pip that goes into a new environment.
    if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then apt_install python3 python3-venv; fi
    say "$name: installing into $venv"
    python3 -m venv --clear "$venv"
    # Byte code is made when a module is first imported: most of these never are.
    "$venv/bin/pip" --quiet --disable-pip-version-check install --no-compile -r "$wanted"
    touch "$venv/.complete"
  fi
  ln -sfT "$venv" "$link"
}

nextest() {
  if cargo nextest --version >/dev/null 2>&1; then return; fi
  say "nextest: cargo install cargo-nextest (takes some minutes)"
  if cargo install --quiet --locked cargo-nextest; then return; fi
  say "nextest: cannot be installed here, the tests will run under cargo test"
  return "$UNAVAILABLE"
}

# The packages of the dashboard: what it is built of and, with `all`, what it is checked and tested with.
web() {
  have npm || die "no npm here: install Node 20.19 or newer (https://nodejs.org), or build without the dashboard: cargo build"
  node_packages web "$ROOT/web" "$1"
}

oidc() {
  have npm || die "no npm here: install Node 20.19 or newer (https://nodejs.org)"
  node_packages oidc "$ROOT/crates/testkit/oidc" all
}

# Installs what the lock file in $2 pins: all of it, or with `build` as $3 what is not for development only.
node_packages() {
  local name=$1 place=$2 extent=$3 wanted done=$2/node_modules/.installed options=()
  wanted=$(cat "$place/package-lock.json" "$place/package.json" | sha256sum | cut -c1-12)
  if [[ -f $done-all-$wanted || -f $done-$extent-$wanted ]]; then return; fi
  if [[ $extent == build ]]; then options=(--omit=dev); fi
  say "$name: npm ci ${options[*]}"
  # Browsers are Debian's, not those that a package would download.
  (cd "$place" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci "${options[@]}" --loglevel=error --no-progress --prefer-offline)
  touch "$done-$extent-$wanted"
}

chromium() {
  if have chromium; then return; fi
  apt_install chromium
}

# --- main --------------------------------------------------------------------

(($#)) || die "which part? one or more of: build mariadb mysql moto oidc nextest web web-build chromium contract lambda"
mkdir -p "$CACHE"
# One at a time: two test runs that start together must not unpack into the same directory.
exec 9>"$CACHE/install.lock"
flock 9
status=0
for part; do
  case $part in
    build) build ;;
    mariadb) mariadb ;;
    moto) moto ;;
    chromium) chromium ;;
    oidc) oidc ;;
    web) web all ;;
    web-build) web build ;;
    contract) contract ;;
    lambda) lambda ;;
    # In a subshell, with its status taken apart: `mysql || status=$?` would switch `set -e` off inside.
    mysql) set +e; (set -e; mysql); ((status |= $?)); set -e ;;
    nextest) set +e; (set -e; nextest); ((status |= $?)); set -e ;;
    *) die "no part '$part'" ;;
  esac
done
exit "$status"
