#!/usr/bin/env bash
# Tests the page and the API of a running claimlake in real Chromium.
#   tests/e2e/browser/run.sh URL OUT_DIR        leaves screenshots in OUT_DIR
set -euo pipefail

if [[ $# -ne 2 ]]; then
  echo "usage: $0 URL OUT_DIR, for example: $0 http://127.0.0.1:8360 /tmp/shots" >&2
  exit 2
fi
export CLAIMLAKE_URL="$1" OUT_DIR
OUT_DIR="$(mkdir -p "$2" && cd "$2" && pwd)"
export CHROMIUM="${CHROMIUM:-/usr/bin/chromium}"
cd "$(dirname "$0")"

if [[ ! -x "$CHROMIUM" ]]; then
  echo "Chromium is missing at $CHROMIUM: apt-get install chromium fonts-dejavu-core, or set CHROMIUM" >&2
  exit 1
fi
if ! cmp -s package-lock.json node_modules/.claimlake-lock; then
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent
  cp package-lock.json node_modules/.claimlake-lock
fi
exec node --test --test-reporter=spec --test-concurrency=1 --test-timeout=600000 contract.test.mjs lineage.test.mjs models.test.mjs page.test.mjs
