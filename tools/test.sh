#!/usr/bin/env bash
# Every check and test, in order, each with a heading and its time. The output of the long ones goes to a log, of which
# the end is shown when it fails. Ends with "N passed, M failed" on a line of its own; not zero if anything failed.
set -uo pipefail
cd "$(dirname "$0")/.."
export CARGO_TERM_COLOR=never CARGO_TERM_PROGRESS_WHEN=never RUST_BACKTRACE="${RUST_BACKTRACE:-0}"
target="${CARGO_TARGET_DIR:-target}"
logs="$target/test-logs"
mkdir -p "$logs"

# What tests write lies in memory where there is room for it: hundreds of databases are made, and each waits for its disk at every
# commit. `make prove` keeps to the disk (docs/decisions/0098).
gib() { awk -v kib="$1" 'BEGIN { print int(kib / 1048576) }'; }
free="$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo 2>/dev/null)"
room="$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')"
if [ -z "${TMPDIR:-}" ] && [ -w /dev/shm ] && [ "$(gib "${room:-0}")" -ge 3 ] && [ "$(gib "${free:-0}")" -ge 6 ]; then
  export TMPDIR="$(mktemp -d /dev/shm/osteon.XXXXXX)"
  # PostgreSQL runs as somebody else; and programs are started from there.
  chmod 755 "$TMPDIR"
  trap 'rm -rf "$TMPDIR"' EXIT
  printf '#!/bin/sh\n' >"$TMPDIR/runs" && chmod 755 "$TMPDIR/runs"
  "$TMPDIR/runs" 2>/dev/null || { rm -rf "$TMPDIR"; unset TMPDIR; }
fi

passed=0 failed=0 started=$SECONDS broken=()

# step NAME TITLE COMMAND…: runs it, prints heading and time; the end of its log if it fails.
step() {
  local name="$1" title="$2" t0=$SECONDS rc
  shift 2
  printf '\n== %s\n' "$title"
  "$@" >"$logs/$name.log" 2>&1
  rc=$?
  if [ $rc -eq 0 ]; then printf '   ok, %d s\n' $((SECONDS - t0)); else
    printf '   FAILED (exit %d), %d s; %s ends with:\n' $rc $((SECONDS - t0)) "$logs/$name.log"
    ending "$logs/$name.log" | sed 's/^/   | /'
    broken+=("$title")
  fi
  return $rc
}

# What a person needs of a failed step's log: the failed tests with their output, else its end.
ending() {
  if grep -q '^---- .* stdout ----$' "$1"; then
    awk '/^---- .* stdout ----$/{ on = 1 } /^failures:$/{ on = 0 } on' "$1" | grep -v '^ *[0-9]*: \|^ *at ' | head -n "${OSTEON_TAIL:-300}"
  elif grep -q '^  1) ' "$1"; then
    awk '/^  [0-9]+\) /{ on = 1 } /^  [0-9]+ (failed|passed)/{ on = 0 } on' "$1" | head -n "${OSTEON_TAIL:-300}"
  else
    tail -n 60 "$1"
  fi
}

# check …: a step that counts as one.
check() { if step "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi; }

finish() {
  printf '\n== Sum, %d min %02d s\n' $(((SECONDS - started) / 60)) $(((SECONDS - started) % 60))
  for b in "${broken[@]:-}"; do [ -z "$b" ] || printf '   failed: %s\n' "$b"; done
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
  exit $?
}

# What a `cargo test` log counted: "passed failed ignored".
count() {
  awk '/^test result: /{ for (i = 1; i < NF; i++) { if ($(i+1) ~ /^passed/) p += $i; if ($(i+1) ~ /^failed/) f += $i; if ($(i+1) ~ /^ignored/) g += $i } }
       END { print p + 0, f + 0, g + 0 }' "$1"
}
# Counts and seconds of each test binary that has a test.
table() {
  awk '/^ +Running |^ +Doc-tests /{ name = $2; if ($1 == "Doc-tests") name = "doc " $2; if (name == "unittests") name = $3 " " $4; gsub(/\(.*\/deps\//, "(", name); sub(/-[0-9a-f]+\)$/, ")", name) }
       /^test result: /{ if ($4 + $6 > 0) printf "   %-52s %5d passed %3d failed  %s\n", name, $4, $6, $NF }' "$1"
}

if ! step tools 'Tools: PostgreSQL, Chromium, grpcurl, grpcio, npm clients, Kotlin' tools/install.sh; then
  failed=$((failed + 1)); finish
fi
# Of every platform: what is built where is checked by tests that ask no network.
if ! step fetch 'Dependencies of every platform' cargo fetch --locked; then
  failed=$((failed + 1)); finish
fi
# Without OpenSSL's headers everything but passkeys is built and tested, and it is said here.
read -r -a features < <(tools/features.sh)
[ ${#features[@]} -eq 0 ] || printf '\n== Without passkeys: OpenSSL headers cannot be had on this machine (%s)\n' "${features[*]}"
check fmt 'Format' cargo fmt --all --check -- --color never
check clippy 'Clippy, no warnings' cargo clippy --workspace --all-targets --locked "${features[@]}" -- -D warnings
check lint 'Contracts: buf lint' tools/buf.sh lint
check breaking 'Contracts: buf breaking against the last release' tools/buf.sh breaking
# Before the server, which takes its files in.
check portal 'Portal: contracts, types, lint, unit tests, build within its budgets' tools/portal.sh check
# Binaries and tests in one command: they share one set of features, so nothing is compiled twice.
if ! step build 'Build: binaries and tests' cargo build --workspace --bins --tests --locked "${features[@]}"; then
  failed=$((failed + 1)); finish
fi
passed=$((passed + 1))

export OSTEON_BIN="${OSTEON_BIN:-$(cd "$target" && pwd)/debug/osteon}"
step test 'Tests: unit, property, conformance, black box, clients that are not ours' cargo test --workspace --locked --no-fail-fast "${features[@]}"
rc=$?
table "$logs/test.log"
read -r p f g < <(count "$logs/test.log")
passed=$((passed + p)) failed=$((failed + f + g))
if [ "$g" -gt 0 ]; then printf '   %d tests were ignored: that counts as failed\n' "$g"; fi
# A test binary that died, or did not build, has no result line.
if [ $rc -ne 0 ] && [ "$f" -eq 0 ]; then failed=$((failed + 1)); fi
if [ "$p" -eq 0 ]; then printf '   no test ran\n'; failed=$((failed + 1)); fi

# kit NAME TITLE ARGUMENTS…: a run of the conformance kit; each vector counts as one test.
kit() {
  local name="$1" title="$2" rc line p f
  shift 2
  step "$name" "$title" "$target/debug/vectors" "$@"
  rc=$?
  line="$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$logs/$name.log" | tail -n 1)"
  printf '   %s\n' "${line:-no count}"
  read -r p f < <(sed -E 's/^([0-9]+) passed, ([0-9]+) failed$/\1 \2/' <<<"${line:-0 passed, 1 failed}")
  passed=$((passed + p)) failed=$((failed + f))
  if [ $rc -ne 0 ] && [ "$f" -eq 0 ]; then failed=$((failed + 1)); fi
}
# Playwright says "  12 passed (34.5s)" and "  1 failed", once for each half.
step portal-e2e 'Portal: in Chromium against the real server' tools/portal.sh e2e
rc=$?
said() { sed 's/\x1b\[[0-9;]*m//g' "$logs/portal-e2e.log" | sed -nE "s/^ +([0-9]+) $1.*/\1/p" | awk '{ n += $1 } END { print n + 0 }'; }
p="$(said passed)" f="$(said failed)"
printf '   %d passed, %d failed\n' "${p:-0}" "${f:-0}"
passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0}))
if [ $rc -ne 0 ] && [ "${f:-0}" -eq 0 ]; then failed=$((failed + 1)); fi
kit vectors 'Merge vectors' merge tests/vectors/merge.jsonl
kit care-vectors 'Assessment vectors' care care-core/vectors/assessments.json care-core/vectors/specification.json
finish
