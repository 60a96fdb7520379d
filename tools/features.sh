#!/usr/bin/env bash
# Prints the cargo flags of this machine: none, or --no-default-features where OpenSSL's headers cannot be had. Only
# passkeys need them (webauthn-rs). Installs them where that is possible; says on stderr what it did.
set -uo pipefail
there() { pkg-config --exists openssl 2>/dev/null || [ -n "${OPENSSL_DIR:-}" ]; }

if ! there && command -v apt-get >/dev/null 2>&1; then
  if [ "$(id -u)" -eq 0 ]; then as_root=(env); else as_root=(sudo -n); fi
  echo 'features: installing pkg-config and libssl-dev' >&2
  "${as_root[@]}" apt-get update -q >&2 &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends pkg-config libssl-dev >&2
fi
if ! there; then
  echo "features: OpenSSL's headers are not here: building without passkeys (Debian: apt-get install pkg-config libssl-dev)" >&2
  echo '--no-default-features'
fi
