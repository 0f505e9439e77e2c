#!/usr/bin/env bash
# Runs the tests.
#   ./test.sh            everything that CI runs, from a fresh clone too
#   ./test.sh full       that, and ThreadSanitizer, which builds the modules once more
#   ./test.sh fast       the inner loop: builds, then unit tests and checks of the source
#   ./test.sh NAME...    single stages; ./test.sh --list names them
# A stage is tools/test.d/NAME.sh, or else tests/NAME/run.sh, or else the CTest label NAME.
# Settings: CLAIMLAKE_FUZZ_SECONDS (30, for each target), CLAIMLAKE_FUZZ_SEED (1), CLAIMLAKE_STAGE_TIMEOUT (3000 seconds).
# What a stage prints is kept in build/test/NAME.log. The last line counts all tests.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1

# In the order of how soon and how cheaply they say that something is wrong.
all=(build fast slow golden ui e2e browser sim model interop tidy sanitize fuzz)
for script in tests/*/run.sh; do
  name=$(basename "$(dirname "$script")")
  [[ ! -f $script || " ${all[*]} " == *" $name "* ]] || all+=("$name")
done
if [[ ${1:-} == --list ]]; then printf '%s\n' "${all[@]}"; exit 0; fi
case $#/${1:-} in
  0/) stages=("${all[@]}") ;;
  1/full) stages=("${all[@]}" threads) ;;
  *) stages=(build "$@") ;;
esac

export CLAIMLAKE_ROOT=$PWD
export CLAIMLAKE_BIN=$PWD/build/dev/src/app/claimlake
export CLAIMLAKE_SHARED=${CLAIMLAKE_SHARED:-$PWD/../shared}
export CLAIMLAKE_FUZZ_SECONDS=${CLAIMLAKE_FUZZ_SECONDS:-30}
logs=build/test
mkdir -p "$logs"

# The command of stage $1, one word a line; empty if there is no such stage here.
command_of() {
  if [[ -f tools/test.d/$1.sh ]]; then printf '%s\n' bash "tools/test.d/$1.sh"
  elif [[ -f tests/$1/run.sh ]]; then printf '%s\n' bash "tests/$1/run.sh"
  elif ctest --test-dir build/dev -N -L "^$1\$" 2>/dev/null | grep -q '^Total Tests: [1-9]'; then
    printf '%s\n' bash tools/test.d/label.sh "$1"
  fi
}

total_passed=0 total_failed=0 total_skipped=0 summary=()
for stage in "${stages[@]}"; do
  log=$logs/$stage.log
  mapfile -t command < <(command_of "$stage")
  started=$(date +%s%N)
  if [[ ${#command[@]} -eq 0 ]]; then
    echo "there is no stage '$stage' here" >"$log"
    # One asked for by name must exist; of all stages, one that has no tests yet counts as skipped.
    if [[ $# -gt 0 ]]; then code=1; else code=77; fi
  else
    printf '%-9s ...\n' "$stage"
    timeout --kill-after=30 "${CLAIMLAKE_STAGE_TIMEOUT:-3000}" "${command[@]}" </dev/null >"$log" 2>&1
    code=$?
    [[ $code -ne 124 ]] || echo "the stage took longer than ${CLAIMLAKE_STAGE_TIMEOUT:-3000} s and was stopped" >>"$log"
  fi
  read -r passed failed skipped < <(awk -v code="$code" -v stage="$stage" -f tools/lib/tally.awk "$log")
  tenths=$((($(date +%s%N) - started) / 100000000))
  case $code in 0) state=ok ;; 77) state=skipped ;; *) state=FAILED ;; esac
  line=$(printf '%-9s %-8s %5d.%d s  %5d passed, %d failed, %d skipped' \
    "$stage" "$state" $((tenths / 10)) $((tenths % 10)) "$passed" "$failed" "$skipped")
  echo "$line"
  [[ $code -ne 77 ]] || tail -n 1 "$log"
  if [[ $state == FAILED ]]; then
    awk -f tools/lib/failures.awk "$log"
    echo "  all of it: $log"
  fi
  summary+=("$line")
  total_passed=$((total_passed + passed)) total_failed=$((total_failed + failed)) total_skipped=$((total_skipped + skipped))
  # Without a build the rest would only repeat what it said.
  [[ $stage != build || $code -eq 0 ]] || break
done

echo
printf '%s\n' "${summary[@]}"
echo
line="$total_passed passed, $total_failed failed"
[[ $total_skipped -eq 0 ]] || line+=", $total_skipped skipped"
echo "$line"
[[ $total_failed -eq 0 ]]
