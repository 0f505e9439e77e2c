#!/usr/bin/env bash
# docs/reference/delta.md names only tests that exist: `Suite.name` of C++, `test_name` of Python.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
check_root "${1:-}"
page=docs/reference/delta.md
{
  tests=$(project_files | grep -E '_test\.cc$|/test_[a-z_]*\.py$' | tr '\n' '\0' | xargs -0 -r cat |
    tr '\n' ' ' | grep -oE 'TEST(_[FP])?\( *[A-Za-z0-9_]+, *[A-Za-z0-9_]+|def test_[a-z0-9_]+' |
    sed -E 's/^TEST(_[FP])?\( *//; s/, */./; s/^def //' | LC_ALL=C sort -u)
  [[ ! -f $page ]] || grep -noE '`([A-Z][A-Za-z0-9]*\.[a-z0-9_]+|test_[a-z0-9_]+)`' "$page" | while IFS=: read -r line name; do
    name=${name//\`/}
    [[ $name == *.h || $name == *.cc ]] || grep -qxF "$name" <<<"$tests" ||
      echo "$page:$line: there is no test $name; name the one that shows it"
  done
} | finish shown
