#!/usr/bin/env bash
# Every header of src/ compiles alone. A header that some source includes before all others has
# proved that in the build; only the rest is compiled here, and again only after a change in it or
# in what it includes.
#   headers.sh [ROOT [FOLDER]]   FOLDER keeps what was proved; CXX, DUCKDB_HOME come from CMake
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
kept=${2:-}
check_root "${1:-}"
[[ -n $kept ]] || { kept=$(mktemp -d); trap 'rm -rf "$kept"' EXIT; }
mkdir -p "$kept"
export kept CXX=${CXX:-g++} DUCKDB_HOME=${DUCKDB_HOME:-${CLAIMLAKE_CACHE:-$HOME/.cache/claimlake}/duckdb-1.5.6}

prove() {  # prove FILE SUM
  [[ ! -e $kept/$2 ]] || return 0
  if output=$(printf '#include "%s"\n' "${1#src/}" | "$CXX" -std=c++20 -fsyntax-only -x c++ -Isrc -DCLAIMLAKE_SOURCE_FOLDER='"."' \
       -isystem "$DUCKDB_HOME/include" -isystem "$DUCKDB_HOME/utf8proc" - 2>&1); then
    : >"$kept/$2"
  else
    echo "$1:1: does not compile alone; include what it uses: $(grep -m 1 'error' <<<"$output")"
  fi
}
export -f prove

cpp_files | grep '^src/' >"$kept/files"
proved=$(grep '\.cc$' "$kept/files" | xargs -r -d '\n' awk 'FNR == 1 { done = 0 } !done && /^#include/ { done = 1; if (split($0, q, "\"") > 1) print "src/" q[2] }' | sort -u)
grep '\.h$' "$kept/files" | grep -vxF -f <(echo "${proved:-none}") | bash "$here/sums.sh" "$kept/files" |
  xargs -r -P "$(nproc)" -n 2 bash -c 'prove "$0" "$1"' | finish headers
