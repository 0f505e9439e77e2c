# The page and the API of a demo lake in real Chromium. Screenshots are left in build/test/browser.
set -euo pipefail
[[ -f tests/e2e/browser/run.sh ]] || { echo "there are no browser tests here"; exit 77; }
export PATH=$(tools/fetch_node.sh):$PATH
out=$PWD/build/test/browser port=${CLAIMLAKE_TEST_PORT:-18361}
mkdir -p "$out"
program=${CLAIMLAKE_BIN:-$PWD/build/dev/src/app/claimlake}

fresh=()
[[ ! -d $out/lake ]] || fresh=(--fresh)
"$program" --lake "$out/lake" demo "${fresh[@]}" --port "$port" >"$out/demo.log" 2>&1 &
demo=$!
trap 'kill "$demo" 2>/dev/null; wait "$demo" 2>/dev/null || true' EXIT
# curl itself waits and tries again while nobody answers.
curl --silent --fail --output /dev/null --retry 300 --retry-connrefused --retry-all-errors --retry-delay 1 --retry-max-time 300 \
  "http://127.0.0.1:$port/readyz" || { tail -n 40 "$out/demo.log"; echo "error: the demo does not answer on port $port"; exit 1; }
tests/e2e/browser/run.sh "http://127.0.0.1:$port" "$out"
