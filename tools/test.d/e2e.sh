# The real program in empty folders: commands, pipeline, bad input, damage, generator.
#   tools/test.d/e2e.sh [FILE.test.mjs ...]     only these of tests/e2e/cli
set -euo pipefail
export PATH=$(tools/fetch_node.sh):$PATH
cd tests/e2e/cli
[[ $# -gt 0 ]] || set -- *.test.mjs
exec node --test --test-reporter=spec --test-concurrency="$(nproc)" --test-timeout=900000 "$@"
