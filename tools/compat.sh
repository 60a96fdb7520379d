#!/usr/bin/env bash
# Records a phone's folder of the code as it is, for tests/compat: tools/compat.sh NAME
set -euo pipefail
cd "$(dirname "$0")/.."
OSTEON_COMPAT="${1:?the name of the folder, for example store-3}" cargo test -q -p osteon-client --test compat what_is_recorded_now
ls "tests/compat/phone/$1"
