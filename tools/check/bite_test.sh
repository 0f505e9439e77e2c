#!/usr/bin/env bash
# Shows that each check of the source bites: a small tree that is in order passes, and with one bad
# file planted the check complains about that file in the words expected. Harmless look-alikes pass.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

good_tree() {
  rm -rf "${work:?}/tree"
  mkdir -p "$work/tree/src/base" "$work/tree/src/delta" "$work/tree/src/engine" "$work/tree/fuzz"
  cd "$work/tree" || exit 2
  cp "$here/../../.clang-format" .
  echo 'set(modules base delta engine)' >CMakeLists.txt
  echo 'claimlake_module(base SOURCES money.cc TESTS money_test.cc)' >src/base/CMakeLists.txt
  echo 'claimlake_module(delta SOURCES log.cc USES base)' >src/delta/CMakeLists.txt
  echo 'claimlake_module(engine SOURCES scan.cc USES base delta)' >src/engine/CMakeLists.txt
  echo 'claimlake_fuzz(log delta)' >fuzz/CMakeLists.txt
  printf '#pragma once\nnamespace claimlake {\nclass Money {};\n}  // namespace claimlake\n' >src/base/money.h
  printf '#include "base/money.h"\n' >src/base/money.cc
  printf '#include "base/money.h"\n' >src/base/money_test.cc
  printf '#pragma once\n' >src/delta/log.h
  printf '#include "delta/log.h"\n\n#include "base/money.h"\n' >src/delta/log.cc
  printf '#include "delta/log.h"\n' >src/engine/scan.cc
  printf '#include "delta/log.h"\n' >fuzz/log_fuzz.cc
  printf 'The order is `base < delta < engine`. `src/`: `src/base/`, `src/delta/`, `src/engine/`. `fuzz/`.\n' >ARCHITECTURE.md
}

verdict() {  # verdict NAME OK OUTPUT
  if [[ $2 == yes ]]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $1"; sed 's/^/  /' <<<"$3"; fi
}

# bites CHECK FILE EXPECTED TEXT: with TEXT as FILE, CHECK names FILE and says EXPECTED.
bites() {
  good_tree
  mkdir -p "$(dirname "$2")"
  printf '%b\n' "$4" >"$2"
  local output ok=no
  if ! output=$("$here/$1.sh" "$work/tree") && grep -q "^$2:[0-9]*: .*$3" <<<"$output"; then ok=yes; fi
  verdict "$1 does not find '$3' in: $4" "$ok" "$output"
}

# passes CHECK FILE TEXT: with TEXT as FILE, CHECK has nothing to say.
passes() {
  good_tree
  [[ -z ${2:-} ]] || { mkdir -p "$(dirname "$2")"; printf '%b\n' "$3" >"$2"; }
  local output ok=no
  if output=$("$here/$1.sh" "$work/tree"); then ok=yes; fi
  verdict "$1 complains without a reason about: ${3:-the good tree}" "$ok" "$output"
}

for check in layers banned files words map shown headers; do passes "$check"; done

bites layers src/delta/log.cc 'delta may not include engine' '#include "engine/scan.h"'
bites layers src/base/money.cc 'base may not include delta' '#include "delta/log.h"'
bites layers src/delta/log.cc 'names no module' '#include "log.h"'
bites layers src/newone/x.cc 'module newone is not in the list' 'int x;'
bites layers src/delta/log.cc 'confined to src/engine' '#include "duckdb/main/connection.hpp"'
bites layers src/delta/log.cc 'confined to src/engine' '#include <duckdb.hpp>'
bites layers src/delta/log.cc 'YAML' '#include <yaml-cpp/yaml.h>'
bites layers src/delta/log.cc 'confined to src/govern' '#include <sodium.h>'
bites layers src/delta/log.cc 'CLI11' '#include <CLI/CLI.hpp>'
bites layers src/delta/log.cc 'tests' '#include <gtest/gtest.h>'
passes layers src/engine/scan.cc '#include <duckdb.hpp>\n#include "base/money.h"'

bites banned src/delta/log.cc 'clock: ' 'auto t = std::chrono::system_clock::now();'
bites banned src/delta/log.cc 'clock: ' 'auto t = std::time(nullptr);'
bites banned src/delta/log.cc 'rand: ' 'int r = rand();'
bites banned src/delta/log.cc 'rand: ' 'std::random_device seed;'
bites banned src/delta/log.cc 'sleep: ' 'std::this_thread::sleep_for(1s);'
bites banned src/delta/log.cc 'sleep: ' 'sleep(1);'
bites banned src/delta/log.cc 'detach: ' 'worker.detach();'
bites banned src/delta/log.cc 'raw-new: ' 'auto* m = new Money();'
bites banned src/base/money.cc 'float-money: ' 'double paid_amount = 0;'
bites banned src/base/money.cc 'float-money: ' 'auto x = cents * static_cast<double>(rate);'
bites banned src/base/money.h 'using-namespace: ' 'using namespace std;'
passes banned src/delta/log.cc '// worker.detach() would leak; nobody may call rand() here.\nconst char* s = "new Money(system_clock::now())";'
passes banned src/delta/log.cc 'auto x = R"(sleep(1)\nrand())"; /* new Money\n sleep(1); */ int operand(int); int y = 1'"'"'000;'
passes banned src/delta/log.cc '// allow(raw-new): the planner of the library takes ownership\nauto* m = new Money();'
passes banned src/delta/log.cc 'std::unique_ptr<Log> log(new Log(path));'
passes banned src/delta/log.cc 'auto log = std::shared_ptr<Log>(\n    new Log(path));'
passes banned src/base/clock.cc 'auto t = std::chrono::system_clock::now();'
passes banned src/delta/log.cc 'double seconds = 0; int renewed = 1;'

bites files src/delta/forgotten.cc 'not listed' 'int x;'
bites files fuzz/forgotten_fuzz.cc 'not listed' 'int x;'
bites files src/delta/lonely.h 'nobody includes' '#pragma once'
bites files src/delta/log.h 'header of 151 lines' "$(printf '//\\n%.0s' {1..150})"
bites files src/delta/log.cc 'file of 601 lines' "$(printf '//\\n%.0s' {1..600})"
passes files ui/types.ts "// Generated from a contract.$(printf '\\n//%.0s' {1..700})"

bites words docs/start.md 'one machine' "Go to /ho""me/somebody/claimlake"
bites words tools/x.sh 'package registry' "npm --registry https://registry.npm""js.org"
bites words src/delta/log.cc 'unfinished' "// TO""DO: checkpoints"
bites words src/delta/log.cc 'unfinished' "// Good enough for"" now."
bites words src/delta/log.cc 'what a merge left' "<<<<<""<< HEAD"
passes words docs/start.md 'For nowhere is it written; see ./home/page.md and work/home.'

bites map ARCHITECTURE.md 'does not name the folder' 'The order is `base < delta < engine`. `src/` `src/base/` `src/delta/` `fuzz/`.'
bites map ARCHITECTURE.md 'there is no folder' 'The order is `base < delta < engine`. `src/` `src/base/` `src/delta/` `src/engine/` `fuzz/` `gone/`.'
bites map ARCHITECTURE.md 'order of the modules' 'The order is `delta < base`. `src/` `src/base/` `src/delta/` `src/engine/` `fuzz/`.'

bites shown docs/reference/delta.md 'there is no test LogTest.gone' 'It works: `LogTest.gone`.'
bites shown docs/reference/delta.md 'there is no test test_gone' 'It works: `test_gone`.'
passes shown docs/reference/delta.md 'It is in `src/delta/log.h`, as `Log.h` says.'

bites headers src/delta/needy.h 'does not compile alone' '#pragma once\ninline std::string name() { return {}; }'
passes headers src/delta/whole.h '#pragma once\n#include <string>\ninline std::string name() { return {}; }'

if command -v clang-format-16 >/dev/null; then
  bites format src/delta/log.cc 'not formatted' 'int   x  ;'
  passes format src/delta/log.cc 'int x;'
fi
bites format tools/bad.sh 'cannot parse' 'if then'

echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
