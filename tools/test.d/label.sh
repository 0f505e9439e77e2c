# Runs the CTest tests that carry label $1 in the build folder $2 (build/dev).
set -euo pipefail
exec ctest --test-dir "${2:-build/dev}" -L "^$1\$" --parallel "$(nproc)" --timeout 600 --no-tests=error -V "${@:3}"
