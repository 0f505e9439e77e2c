#!/usr/bin/env bash
# The official client of Socket.IO against the program on a live lake, and the protocols' own test
# suites against our protocol code, where SUITES names a folder with engine.io-protocol/test-suite
# and socket.io-protocol/test-suite of these projects, with their packages.
#   CLAIMLAKE_BIN     the program (build/dev/src/app/claimlake)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
export CLAIMLAKE_BIN=${CLAIMLAKE_BIN:-$root/build/dev/src/app/claimlake}
[[ -x $CLAIMLAKE_BIN ]] || { echo "the program is not built: $CLAIMLAKE_BIN"; exit 77; }
PATH=$("$root/tools/fetch_node.sh"):$PATH
export PATH
cd "$here"
if ! cmp -s package-lock.json node_modules/.claimlake-lock; then
  npm ci --silent
  cp package-lock.json node_modules/.claimlake-lock
fi
node --test --test-reporter=spec --test-concurrency=1 --test-timeout=300000 ./*.test.mjs
[[ -n ${SUITES:-} ]] || exit 0

server=$(cd "$(dirname "$CLAIMLAKE_BIN")/../.." && pwd)/tests/real_time/real_time_protocol_server
[[ -x $server ]] || { echo "not built: cmake --build build/dev --target real_time_protocol_server" >&2; exit 1; }
# It ends when its input does.
coproc protocols { exec "$server" 3000; }
read -r _ <&"${protocols[0]}"
for suite in engine.io-protocol socket.io-protocol; do
  (cd "$SUITES/$suite/test-suite" && npm test)
done
