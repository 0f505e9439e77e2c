# The unit tests under AddressSanitizer and UndefinedBehaviorSanitizer.
set -euo pipefail
source tools/lib/build.sh
build_preset asan-ubsan unit_tests
# libduckdb is not instrumented: a container that it filled looks overflown to us.
export ASAN_OPTIONS=detect_stack_use_after_return=1:detect_container_overflow=0:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1
exec bash tools/test.d/label.sh fast build/asan-ubsan -LE '^(source|program)$'
