#!/usr/bin/env bash
# The journal app in Kotlin (tests/clients/kotlin), compiled with the bindings of the phone core and run on a JVM.
#   install                    a Java runtime and JNA where they are missing (apt), the compiler (npm, 90 MB)
#   there                      true if all of that is at hand; else says what is missing
#   compile BINDINGS JAR       compiles the bindings in that folder and the app into a jar
#   run JAR LIBRARIES ARGUMENT…  runs it with the library for phones in that folder
# KOTLIN_HOME: another compiler (a folder with lib/kotlin-compiler.jar); JNA_JAR: another JNA.
set -euo pipefail
app="$(cd "$(dirname "$0")/../tests/clients/kotlin" && pwd)"
lib="${KOTLIN_HOME:-$app/node_modules/kotlin-compiler}/lib"
jna="${JNA_JAR:-/usr/share/java/jna.jar}"

die() { printf 'kotlin: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

missing() {
  have java || echo default-jre-headless
  [ -f "$jna" ] || echo libjna-java
}

install() {
  local packages as_root
  mapfile -t packages < <(missing)
  if [ ${#packages[@]} -gt 0 ]; then
    have apt-get || die "please install by hand: ${packages[*]} (there is no apt-get here)"
    if [ "$(id -u)" -eq 0 ]; then as_root=(env); elif have sudo; then as_root=(sudo); else
      die "please install as root: apt-get install ${packages[*]}"
    fi
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${packages[@]}"
  fi
  [ -n "${KOTLIN_HOME:-}" ] || (cd "$app" && npm ci --silent --ignore-scripts --no-audit --no-fund)
  there
}

there() {
  local packages
  mapfile -t packages < <(missing)
  [ ${#packages[@]} -eq 0 ] || die "missing: ${packages[*]}; run tools/kotlin.sh install"
  [ -f "$lib/kotlin-compiler.jar" ] || die 'no compiler; run tools/kotlin.sh install'
}

runtime="$lib/kotlin-stdlib.jar:$lib/kotlinx-coroutines-core-jvm.jar:$jna"

compile() {
  there
  # One short run: without the second stage of the JVM's own compiler it takes half the time.
  java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx2g \
    -cp "$lib/kotlin-compiler.jar:$lib/kotlin-reflect.jar:$lib/kotlin-script-runtime.jar:$lib/annotations-13.0.jar:$runtime" \
    org.jetbrains.kotlin.cli.jvm.K2JVMCompiler -no-stdlib -no-reflect -cp "$runtime" -d "$2" \
    "$1/uniffi" "$app"/*.kt "$app/android" "$app/stubs"
}

run() {
  local jar="$1" libraries="$2"
  shift 2
  there
  exec java "-Djna.library.path=$libraries" -cp "$jar:$runtime" journal.JournalAppKt "$@"
}

case "${1:-} $#" in
  'install 1' | 'there 1' | 'compile 3') "$@" ;;
  'run '?*) [ $# -ge 3 ] || die 'run JAR LIBRARIES ARGUMENT…'; "$@" ;;
  *) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
