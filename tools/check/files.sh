#!/usr/bin/env bash
# No file lies about unused or grows without end: each source is listed in a CMakeLists.txt, each
# header is included by somebody besides its own source and test, and lengths keep their limits.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
check_root "${1:-}"
{
  cpp_files | grep '\.cc$' | while IFS= read -r file; do
    folder=$(dirname "$file") name=$(basename "$file")
    case $file in fuzz/*) wanted="claimlake_fuzz\\(${name%_fuzz.cc}[ )]" ;; *) wanted="(^|[ (/])${name//./\\.}([ )]|\$)" ;; esac
    while [[ ! -f $folder/CMakeLists.txt && $folder == */* ]]; do folder=$(dirname "$folder"); done
    grep -qE "$wanted" "$folder/CMakeLists.txt" 2>/dev/null || echo "$file:1: is not listed in $folder/CMakeLists.txt; list it or delete it"
  done

  cpp_files | xargs -r -d '\n' awk '
    FILENAME ~ /^src\/.*\.h$/ && FNR == 1 { headers[FILENAME] = 1 }
    /^#include "/ {
      split($0, quoted, "\""); stem = FILENAME; sub(/(_test)?\.(cc|h)$/, "", stem)
      target = "src/" quoted[2]; of = target; sub(/\.h$/, "", of)
      if (stem != of) used[target] = 1
    }
    END { for (h in headers) if (!(h in used)) print h ":1: nobody includes this header but its own source and test; use it or delete it" }'

  project_files | grep -E '\.(cc|h|ts|tsx|css|sql|sh|awk|py|mjs)$' | grep -vE '(^|/)(generated|golden|corpus)/' |
    xargs -r -d '\n' awk '
      function limit(lines, what) {
        if (length_of > lines) print name ":" lines + 1 ": " what " of " length_of " lines, the limit is " lines "; split it by concept"
      }
      function done() { if (generated) return; if (name ~ /\.h$/) limit(150, "header"); else limit(600, "file") }
      FNR == 1 { if (name != "") done(); name = FILENAME; generated = /Generated from/ }
      { length_of = FNR }
      END { if (name != "") done() }'
} | finish files
