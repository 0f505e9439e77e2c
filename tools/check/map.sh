#!/usr/bin/env bash
# ARCHITECTURE.md names every folder of the first two levels that exists, as `folder/` or
# `folder/part/`, and none that does not; and it gives the modules in the order of CMakeLists.txt.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
check_root "${1:-}"
{
  exist=$(project_files | awk -F/ 'NF > 1 { print $1 "/" } NF > 2 { print $1 "/" $2 "/" }' | LC_ALL=C sort -u)
  named=$(grep -oE '`[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*/`' ARCHITECTURE.md | tr -d '`' | LC_ALL=C sort -u)
  comm -23 <(echo "$exist") <(echo "$named") | sed 's|.*|ARCHITECTURE.md:1: does not name the folder `&`|'
  echo "$named" | while IFS= read -r folder; do
    [[ -z $folder || -d $folder ]] || echo "ARCHITECTURE.md:$(grep -nF "\`$folder\`" ARCHITECTURE.md | head -n 1 | cut -d: -f1): there is no folder \`$folder\`"
  done
  order=$(sed -n 's/^set(modules \(.*\))$/\1/p' CMakeLists.txt | sed 's/ / < /g')
  grep -qF "\`$order\`" ARCHITECTURE.md || echo "ARCHITECTURE.md:1: must give the order of the modules as \`$order\`"
} | finish map
