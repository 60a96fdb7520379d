#!/usr/bin/env bash
# The clinician portal, brought up to date: npm ci when the lock changed, a build when sources changed; nothing otherwise.
#   tools/portal.sh          portal/dist, for the next build of the server
#   tools/portal.sh check    types, lint and unit tests as well
#   tools/portal.sh e2e      its tests in Chromium against the server of $OSTEON_BIN (default: target/debug/osteon)
#   tools/portal.sh prove    what takes longer: every state of every screen, who is shown what, the stories by keys alone, a hundred
#                            live changes; pictures in portal/test-results
#   tools/portal.sh bench    the figures of Chromium as a slow hospital PC, each beside its budget; none of them fails
#   tools/portal.sh tour     the pictures of docs/portal-tour.md, made anew
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'portal: %s\n' "$*"; }
die() { printf 'portal: %s\n' "$*" >&2; exit 1; }
command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || die 'node and npm are missing: install Node 20 or newer first'
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || die 'Node 20 or newer is needed'

# stamped NAME KEY: true if NAME was made from KEY already.
stamps=portal/node_modules/.stamps
stamped() { [ -f "$stamps/$1" ] && [ "$(cat "$stamps/$1")" = "$2" ]; }
stamp() { mkdir -p "$stamps" && printf '%s' "$2" >"$stamps/$1"; }
# Runs quietly; the output of what failed is shown.
quiet() {
  local log rc=0
  log="$(mktemp)"
  "$@" >"$log" 2>&1 || rc=$?
  [ $rc -eq 0 ] || { sed 's/^/  | /' "$log" >&2; }
  rm -f "$log"
  return $rc
}
# Three tries: a registry that hiccups once is no reason to fail.
retry() { local n; for n in 1 2 3; do "$@" && return 0; say "try $n of 3 failed: $1"; sleep 2; done; return 1; }

key="$(node --version) $(sha256sum <portal/package-lock.json)"
if ! stamped npm "$key"; then
  say 'npm packages'
  # No install scripts: the packages bring their binaries as packages of the platform.
  (cd portal && retry quiet npm ci --silent --ignore-scripts --no-audit --no-fund) || die 'npm ci failed: is a registry reachable?'
  stamp npm "$key"
fi

sources() {
  find portal/src portal/tools proto third_party -type f
  printf '%s\n' portal/index.html portal/vite.config.ts portal/buf.gen.yaml portal/buf.gen.first.yaml portal/package.json portal/package-lock.json buf.yaml
}
key="$(sources | LC_ALL=C sort | xargs sha256sum | sha256sum)"
if ! stamped build "$key" || [ ! -f portal/dist/index.html ]; then
  say 'build'
  (cd portal && quiet npm run build) || die 'the build failed'
  stamp build "$key"
  # Cargo does not look for a folder that was not there.
  if [ -f server/build.rs ]; then touch server/build.rs; fi
fi

case "${1:-build}" in
  build) ;;
  check) cd portal && npm run check ;;
  e2e | prove | bench | tour)
    CHROMIUM="${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}"
    [ -n "$CHROMIUM" ] || die "Chromium is missing: run 'make tools' first"
    export CHROMIUM
    cd portal
    case "$1" in
      e2e)
        # Two halves beside each other, each with a demo clinic of its own: they wait more than they work.
        halves="$(mktemp -d)"
        trap 'rm -rf "$halves"' EXIT
        half() { npx playwright test --shard="$1/2" --output "test-results/run-$1" >"$halves/$1" 2>&1; }
        half 1 & first=$!
        rc=0
        half 2 || rc=$?
        wait "$first" || rc=$?
        cat "$halves/1" "$halves/2"
        [ "$rc" -eq 0 ] || exit "$rc" ;;
      prove)
        PORTAL_TESTS=prove npx playwright test
        OSTEON_CHANGES=100 npx playwright test 70-movement ;;
      bench) PORTAL_TESTS=perf npx playwright test ;;
      tour) PORTAL_TESTS=tour npx playwright test ;;
    esac ;;
  *) echo "usage: $0 [build|check|e2e|prove|bench|tour]" >&2; exit 2 ;;
esac
say 'up to date'
