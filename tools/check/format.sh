#!/usr/bin/env bash
# C++ is formatted by clang-format 16 (other versions differ), shell scripts parse.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
check_root "${1:-}"
command -v clang-format-16 >/dev/null || { echo "skipped: clang-format-16 is not installed (tools/install.sh test)"; exit 77; }
{
  # Each batch prints at once, so that the findings of two do not mix.
  cpp_files | xargs -r -d '\n' -P "$(nproc)" -n 24 sh -c 'found=$(clang-format-16 --dry-run --Werror "$@" 2>&1); printf "%s\n" "$found"' sh |
    awk -F: '/: error: / && !seen[$1]++ { print $1 ":" $2 ": is not formatted; run clang-format-16 -i " $1 }'
  project_files | grep '\.sh$' | while IFS= read -r file; do
    bash -n "$file" 2>/dev/null || echo "$file:1: bash cannot parse it"
  done
} | finish format
