# Counts tests in what a stage printed: GoogleTest, Vitest, Playwright, pytest, CTest without
# GoogleTest, and lines 'N passed, N failed, N skipped' of our own scripts.
# Variables: code (exit code of the stage), stage. Prints: passed failed skipped.
function number_before(word, text,    at) {
  at = match(text, "[0-9]+ " word)
  return at ? substr(text, RSTART, RLENGTH - length(word) - 1) + 0 : 0
}
function take(text) {
  passed += number_before("passed", text)
  failed += number_before("failed", text)
  skipped += number_before("skipped", text)
}
{ gsub(/\033\[[0-9;]*[A-Za-z]/, ""); sub(/^[0-9]+: /, "") }
/^\[  PASSED  \] [0-9]+ test/   { passed += $4; next }
/^\[  SKIPPED \] [0-9]+ test/   { skipped += $4; next }
/^\[  FAILED  \] [0-9]+ test/   { failed += $4; next }
/^ *Tests  .*(passed|failed)/   { take($0); next }                      # Vitest
/^  [0-9]+ (passed|failed|skipped)( \(.*\))?$/ { take($0); next }       # Playwright
/^(=+ )?[0-9]+ (passed|failed|skipped).* in [0-9.]+s/ { take($0); next }  # pytest
/^[^ ]+ pass [0-9]+$/ { passed += $3; next }                            # node --test
/^[^ ]+ fail [0-9]+$/ { failed += $3; next }
/^[^ ]+ skipped [0-9]+$/ { skipped += $3; next }
/^[0-9]+ passed, [0-9]+ failed/ { take($0); next }
/^error: [a-z]+: [0-9]+ findings$/ { failed++; next }                   # tools/check
/ Test +#[0-9]+: .*\*\*\*(Failed|Exception|Timeout|Not Run)/ { programs++ }  # CTest
END {
  if (stage == "build" && code == 0) { passed = 0 }
  else if (code == 0 && passed + failed + skipped == 0) passed = 1
  if (code == 77 && skipped == 0) skipped = 1
  # A program that crashed or ran out of time says nothing itself.
  if (programs > failed) failed = programs
  if (code != 0 && code != 77 && failed == 0) failed = 1
  print passed + 0, failed + 0, skipped + 0
}
