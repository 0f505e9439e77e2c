#!/usr/bin/env bash
# A module includes only itself and the modules before it in CMakeLists.txt, and foreign headers
# stay where they are confined.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
check_root "${1:-}"
order=$(sed -n 's/^set(modules \(.*\))$/\1/p' CMakeLists.txt)
[[ -n $order ]] || { echo "CMakeLists.txt:1: has no line 'set(modules ...)'"; exit 1; }
cpp_files | xargs -r -d '\n' awk -v order="$order" '
  BEGIN { n = split(order, names, " "); for (i = 1; i <= n; i++) rank[names[i]] = i }
  FNR == 1 {
    part = FILENAME; sub(/^src\//, "", part); module = FILENAME ~ /^src\// ? part : ""
    sub(/\/.*/, "", module); cmake = ""
  }
  FNR == 1 && module != "" && !(module in rank) { print FILENAME ":1: module " module " is not in the list of CMakeLists.txt" }
  function confined(pattern, places, what) {
    if ($0 ~ "^#include [<\"]" pattern && FILENAME !~ places) print FILENAME ":" FNR ": " what
  }
  /^#include "/ {
    split($0, quoted, "\""); target = quoted[2]; slash = index(target, "/")
    used = substr(target, 1, slash - 1)
    if (module == "") ;
    else if (!(used in rank)) print FILENAME ":" FNR ": \"" target "\" names no module; write \"module/file.h\""
    else if (rank[used] > rank[module]) print FILENAME ":" FNR ": " module " may not include " used ", which comes after it; move the code or turn the dependency round with an interface"
  }
  /^#include/ {
    confined("duckdb", "^(src/engine|bench)/", "DuckDB is confined to src/engine; use engine/engine.h")
    confined("yaml-cpp", "^src/(pack|quality|app)/", "YAML is read in pack, quality and app only")
    confined("(sqlite3|libpq-fe)[.]h", "^src/records/", "SQLite and libpq are confined to src/records; use records/records.h")
    confined("curl/", "^src/net/", "libcurl is confined to src/net; use net/web_client.h")
    confined("sodium", "^src/govern/", "libsodium is confined to src/govern; use govern/secret.h")
    confined("pugixml", "^src/store/", "XML is read in src/store only")
    confined("CLI/", "^src/app/", "CLI11 is confined to src/app")
    confined("boost/(beast|asio)", "^(src/(net|serve|app)|bench|tests)/", "Asio and Beast are confined to net and serve")
    confined("(gtest|gmock)/", "(^tests/.*|_test[.]cc|_(for_test|testing|fixture)[.](h|cc))$", "GoogleTest belongs into tests")
  }' | finish layers
