#!/usr/bin/env bash
# Packages the Lambda functions as target/lambda/NAME/bootstrap.zip for provided.al2023 on x86_64, and checks each: the
# size, the C library it needs, and how long a cold start takes.
#
#   scripts/lambda.sh
#
# Other architectures are built by the same command with another LAMBDA_TARGET, and not checked.
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# The C library of Amazon Linux 2023.
GLIBC=2.34
# Megabytes of a stripped binary.
LARGEST=20
HERE=x86_64-unknown-linux-gnu
TARGET=${LAMBDA_TARGET:-$HERE}
FUNCTIONS=(bedrock-realtime-usage-controller bedrock-daily-reset bedrock-email-service)

cd "$ROOT"
scripts/install.sh build lambda
PATH=$ROOT/.venv-lambda/bin:$PATH
cargo lambda build --profile lambda --target "$TARGET.$GLIBC" --package weir-lambda --no-default-features \
  --bins --locked --output-format zip

[[ $TARGET == "$HERE" ]] || exit 0
status=0
binaries=()
for name in "${FUNCTIONS[@]}"; do
  zip=${CARGO_TARGET_DIR:-target}/lambda/$name/bootstrap.zip
  unpacked=$(dirname "$zip")/unpacked
  rm -rf "$unpacked"
  python3 -m zipfile -e "$zip" "$unpacked"
  binary=$unpacked/bootstrap
  [[ -f $binary ]] || die "$zip holds no bootstrap"
  chmod +x "$binary"
  binaries+=("$name=$binary")
  bytes=$(stat -c %s "$binary")
  needs=$(objdump -T "$binary" | grep -oE 'GLIBC_[0-9.]+' | cut -c7- | sort -uV | tail -n1) ||
    die "$binary names no version of the C library, which cannot be checked then"
  say "$name: $((bytes / 1000000)) MB, $(($(stat -c %s "$zip") / 1000000)) MB zipped, needs glibc $needs"
  if ((bytes >= LARGEST * 1000000)); then
    say "error: $name is not smaller than $LARGEST MB"
    status=1
  fi
  if [[ $(printf '%s\n' "$needs" "$GLIBC" | sort -V | tail -n1) != "$GLIBC" ]]; then
    say "error: $name needs glibc $needs, and Amazon Linux 2023 has $GLIBC"
    status=1
  fi
  if objdump -h "$binary" | grep -q '\.debug_info'; then
    say "error: $name is not stripped"
    status=1
  fi
done
scripts/with-services.sh cargo xtask cold-start "${binaries[@]}" || status=1
exit "$status"
