# shellcheck shell=bash disable=SC2034
# What every script here shares. Sourced, never run.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Debian keeps servers where only root's PATH looks.
PATH=$PATH:/usr/sbin
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/weir
# Status of "this cannot be had here": the caller may go on without it (EX_UNAVAILABLE of sysexits.h).
UNAVAILABLE=69

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }
# A program, whatever functions there are: those of install.sh are named after what they install.
have() { type -P "$1" >/dev/null; }

# Real MySQL is unpacked into the cache, not installed: see install.sh.
MYSQL_ROOT=$CACHE/mysql/root

# Sets MYSQLD to the command that runs it, which goes through the loader that came with it: Debian unstable's C
# library is newer than the host's.
find_mysqld() {
  local lib
  lib=$MYSQL_ROOT/usr/lib/$(uname -m)-linux-gnu
  MYSQLD=("$lib"/ld-linux-*.so.? --library-path "$lib" "$MYSQL_ROOT/usr/sbin/mysqld")
}
