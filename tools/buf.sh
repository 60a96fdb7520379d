#!/usr/bin/env bash
# The contracts against buf's STANDARD rules, and against the last release.
set -euo pipefail
cd "$(dirname "$0")/.."
buf=tests/clients/node_modules/.bin/buf
[ -x "$buf" ] || { echo "buf is missing: run 'make tools'" >&2; exit 1; }
case "${1:-all}" in
  lint) "$buf" lint ;;
  breaking)
    [ -f proto/released.binpb ] || { echo 'proto/released.binpb is missing: the contracts of the last release' >&2; exit 1; }
    "$buf" breaking --against proto/released.binpb ;;
  all) "$0" lint && "$0" breaking ;;
  *) echo "usage: $0 [lint|breaking|all]" >&2; exit 2 ;;
esac
