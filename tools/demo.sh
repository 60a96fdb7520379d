#!/usr/bin/env bash
# The sync story in two minutes, in one terminal: two phones and a clinician edit the same limit apart, come together and lose nothing; the server is
# killed in the middle; something is taken back. Each line that begins with $ is a command that was run. On a terminal Enter is the next step.
#   OSTEON_BIN, OSTEON_PHONE_BIN: the programs (default: built here, release); STORY: its folder (default run/story); STORY_PORT (default 8453)
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${OSTEON_BIN:-}" ] || [ -z "${OSTEON_PHONE_BIN:-}" ]; then
  tools/portal.sh
  features="$(tools/features.sh)"
  # shellcheck disable=SC2086  # flags, one word each
  cargo build --release -p osteon-server -p osteon-client --bins $features
  OSTEON_BIN="${CARGO_TARGET_DIR:-target}/release/osteon"
  OSTEON_PHONE_BIN="${CARGO_TARGET_DIR:-target}/release/osteon-phone"
fi
story="${STORY:-run/story}"
clinic="$story/clinic"
port="${STORY_PORT:-8453}"
if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
  echo "something listens on port $port: end it first, or set STORY_PORT" >&2
  exit 1
fi
server=''
trap 'if [ -n "$server" ]; then kill -9 "$server" 2>/dev/null || true; fi' EXIT

caption() {
  printf '\n== %s\n' "$*"
  if [ -t 0 ] && [ -t 1 ]; then read -r -p '   Enter ' _; fi
}
# on PHONE COMMAND…: shown, run, each line of its answer behind the phone's name. What it exits with is looked at by those who ask for it.
on() {
  local phone="$1" code=0
  shift
  printf '%-6s $ osteon-phone' "$phone"
  printf ' %q' "$@"
  printf '\n'
  "$OSTEON_PHONE_BIN" --home "$story/phones/$phone" "$@" > "$story/said" 2>&1 || code=$?
  sed "s/^/$(printf '%-6s' "$phone")   /" "$story/said"
  return "$code"
}
# The same, of its answer the lines with these words.
line() {
  local phone="$1" words="$2" code=0
  shift 2
  printf '%-6s $ osteon-phone %s | grep %q\n' "$phone" "$*" "$words"
  "$OSTEON_PHONE_BIN" --home "$story/phones/$phone" "$@" > "$story/said" 2>&1 || code=$?
  grep -- "$words" "$story/said" | sed "s/^/$(printf '%-6s' "$phone")   /"
  return "$code"
}
# may CODE…: the command before may end with these as well.
may() { local code="$1"; shift; for one in 0 "$@"; do [ "$code" -ne "$one" ] || return 0; done; echo "ended with $code" >&2; return "$code"; }
serve() {
  "$OSTEON_BIN" serve --data-dir "$clinic" --listen "127.0.0.1:$port" --metrics-listen 127.0.0.1:0 --log error "$@" > "$story/server.out" 2>&1 &
  server=$!
  for _ in $(seq 300); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return; fi
    kill -0 "$server" 2>/dev/null || { cat "$story/server.out" >&2; exit 1; }
    sleep 0.1
  done
  echo 'the server does not answer' >&2
  exit 1
}
# A phone of one of the story's people, by the line that the seed printed for it.
enrol() {
  local line code
  line="$(sed -n "s/ *# $1: .*//p" "$story/people")"
  code="$($OSTEON_BIN invite ${line#*invite } --json | sed -n 's/.*"code": *"\([^"]*\)".*/\1/p')"
  "$OSTEON_PHONE_BIN" --home "$story/phones/$1" enrol "$code" --circle d0001 --server "https://localhost:$port" --ca "$clinic/ca.pem" --name "$1" > /dev/null
  "$OSTEON_PHONE_BIN" --home "$story/phones/$1" sync > /dev/null
}

rm -rf "$story"
mkdir -p -m 700 "$story"
"$OSTEON_BIN" demo --data-dir "$clinic" --seed-only > "$story/people"
serve --http-listen 127.0.0.1:0
for phone in p1 pt-q cg pt-p; do enrol "$phone"; done
grep -E 'once, within|http://' "$story/server.out" || true

caption 'Everybody is up to date. p1 is the phone of Demo patient 1, cg her daughter'"'"'s, pt-q a physiotherapist'"'"'s tablet, pt-p another one'"'"'s desk.'
for phone in p1 pt-q; do on "$phone" check; done
line p1 'One session' plan

caption 'p1 has no network. What is written is kept.'
on p1 offline on
on p1 log pain 6 hip || may $? 10
on p1 log walk 15 min
on p1 log weight 69.2

caption 'Apart: the tablet, without a network, sets one session to at most 20 minutes. The desk, with a network, allows 50, which is more than before and wants a reason.'
on pt-q offline on
line pt-q 'One session' plan --set max_minutes_session=20
on pt-p plan --set max_minutes_session=50 || may $? 4
line pt-p 'One session' plan --set max_minutes_session=50 --why 'she walks well'
on pt-p sync

caption 'The tablet comes back. Both wrote; nobody is lost, and the safer limit is in force.'
on pt-q offline off
on pt-q sync
on pt-q disputes || may $? 5

caption 'p1 comes back: three entries go, one change comes.'
on p1 offline off
on p1 sync
line p1 'One session' plan

caption 'The desk sees both, keeps 20 minutes.'
on pt-p sync
on pt-p disputes || may $? 5
minutes="$(sed -n 's/^\([0-9]*\) .*one session at most.*/\1/p' "$story/said")"
choice="$(sed -n '/one session at most/,/^[0-9]/s/^ *\([0-9]*\)  20 min.*/\1/p' "$story/said")"
on pt-p disputes decide "$minutes" "$choice" --why 'the hip first'
on pt-p sync
on p1 sync
line p1 'One session' plan

caption 'The server is killed in the middle of the day. p1 writes on.'
kill -9 "$server"
wait "$server" 2>/dev/null || true
on p1 log pain 5 hip --sent || may $? 3 10
on p1 status
caption 'It is started again: what waited is sent, once.'
serve
on p1 sync
on pt-q sync
for phone in p1 pt-q; do on "$phone" check; done

caption 'She takes exercise back from her daughter, whose phone erases it, and says so.'
on cg plan
on p1 withdraw activity --from caregiver
on cg sync
on cg plan || may $? 2
printf '\nThe end. The clinic stays in %s.\n' "$clinic"
