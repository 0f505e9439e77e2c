#!/usr/bin/env bash
# Shows that test.sh counts what each kind of test program prints.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
passed=0 failed=0

# counts EXPECTED CODE STAGE TEXT
counts() {
  local got
  got=$(printf '%b\n' "$4" | awk -v code="$2" -v stage="$3" -f "$here/tally.awk")
  if [[ $got == "$1" ]]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: expected $1, got $got for: $4"; fi
}

counts '12 0 0' 0 fast '[  PASSED  ] 12 tests.'
counts '12 1 2' 8 fast '7: [  PASSED  ] 12 tests.\n7: [  SKIPPED ] 2 tests, listed below:\n7: [  SKIPPED ] A.b\n7: [  FAILED  ] 1 test, listed below:\n7: [  FAILED  ] A.c'
counts '5 1 0' 8 fast '3: 5 passed, 0 failed\n100% tests passed, 0 tests failed out of 3'
counts '30 1 4' 1 ui ' Test Files  3 passed (3)\n      Tests  1 failed | 30 passed | 4 skipped (35)'
counts '30 0 0' 0 ui '\033[2m      Tests \033[22m \033[1m\033[32m30 passed\033[39m\033[22m (30)'
counts '5 1 2' 1 browser '  1 failed\n    a.spec.ts:3:1 > says 9 passed\n  2 skipped\n  5 passed (10.2s)'
counts '3 1 0' 1 interop '==== 1 failed, 3 passed in 12.31s ===='
counts '3 1 0' 1 interop '1 failed, 3 passed in 12.31s'
counts '7 1 2' 1 ui '# tests 10\n# pass 7\n# fail 1\n# cancelled 0\n# skipped 2'
counts '1 0 0' 0 e2e 'all is well'
counts '0 1 0' 139 fast 'Segmentation fault'
counts '2 2 0' 8 fast '1: 2 passed, 0 failed\n7: error: files: 8 findings\n 6/12 Test  #7: check_files ....***Failed    0.34 sec\n 7/12 Test #8: delta ....***Exception: SegFault 1.2 sec'
counts '0 0 1' 77 interop 'the shared folder is absent'
counts '0 0 0' 0 build '[12/12] Linking'
counts '0 1 0' 1 build 'error: the build failed'

echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
