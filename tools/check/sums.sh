#!/usr/bin/env bash
# Reads names of C++ files and prints each with a sum over its own text and the text of every file
# of ours that it includes, however far away: equal sums mean that a finding cannot have changed.
#   sums.sh FILES   FILES lists all sources, one a line
set -euo pipefail
xargs -r -d '\n' awk -v wanted="$(cat)" '
  FNR == 1 { ours[FILENAME] = 1 }
  /^#include "/ { split($0, q, "\""); includes[FILENAME] = includes[FILENAME] " src/" q[2] }
  function visit(file, parts, n, i) {
    if (file in seen) return
    seen[file] = 1
    if (file in ours) print top, file
    n = split(includes[file], parts, " ")
    for (i = 1; i <= n; i++) visit(parts[i])
  }
  END { n = split(wanted, names, "\n"); for (k = 1; k <= n; k++) { split("", seen); top = names[k]; visit(top) } }' <"$1" |
  LC_ALL=C sort -u |
  awk 'NR == FNR { sum[$2] = $1; next }
       $1 != top { if (top != "") print top, key; top = $1; key = "" }
       { key = key sum[$2] }
       END { if (top != "") print top, key }' <(xargs -r -d '\n' sha256sum <"$1") - |
  while read -r file key; do printf '%s %s\n' "$file" "$(printf '%s' "$key" | sha256sum | cut -d' ' -f1)"; done
