#!/usr/bin/env bash
# Records the code as it is, for tests/compat: a phone's folder (tools/compat.sh store-3), or what the server says to one
# (tools/compat.sh --wire server-2).
set -euo pipefail
cd "$(dirname "$0")/.."
usage="the name of the folder, for example store-3, or --wire server-2"
if [ "${1:?$usage}" = --wire ]; then
  OSTEON_COMPAT_WIRE="${2:?$usage}" cargo test -q -p osteon-tests --test wire what_is_said_now
  ls "tests/compat/wire/$2"
else
  OSTEON_COMPAT="$1" cargo test -q -p osteon-client --test phone what_is_recorded_now
  ls "tests/compat/phone/$1"
fi
