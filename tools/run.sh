#!/usr/bin/env bash
# Builds in release and starts the demo on an empty data directory. Arguments go to `osteon demo`.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v cargo >/dev/null 2>&1 || { echo 'cargo is missing: install Rust 1.90 or newer first' >&2; exit 1; }
command -v cc >/dev/null 2>&1 || { echo "a C compiler is missing (Debian: apt-get install gcc libc6-dev)" >&2; exit 1; }
tools/portal.sh
features="$(tools/features.sh)"
# shellcheck disable=SC2086  # flags, one word each
cargo build --release -p osteon-server -p osteon-client --bins $features
# A demo that runs would go on writing into files that are gone.
if (exec 3<>/dev/tcp/127.0.0.1/8443) 2>/dev/null; then
  echo 'something listens on port 8443, perhaps another demo: end it first' >&2
  exit 1
fi
rm -rf run/demo
mkdir -p -m 700 run/demo
exec "${CARGO_TARGET_DIR:-target}/release/osteon" demo --data-dir run/demo "$@"
