#!/usr/bin/env bash
# The live pipeline under load: a steady rate of claims, then a burst, then single claims.
#
#   bench/load.sh [SCALE [RATE SECONDS BURST]]     default: scale 100, 2000 claims a second for 300 s, then 500000
#
# Needs a release build with its programs (cmake --build build/release --target claimlake_app load), or BIN.
#
#   BIN          another build folder
#   BENCH_WORK   where the lake is made; it stays there
#
# JSON lines go to bench/results/load.jsonl. Ends with 1 if a limit is broken: lag p99 2 s in each sixth of the
# time and in the last at most 1.3 times the first, 50,000 claims a second absorbed (committed in Bronze; how long
# they took to Gold stands beside it), 1 s lag after it; 2 GiB.
set -euo pipefail
cd "$(dirname "$0")/.."
source bench/limits.sh
scale=${1:-100} rate=${2:-2000} seconds=${3:-300} burst=${4:-500000}
bin=$(realpath "${BIN:-build/release}")
work=$(realpath -m "${BENCH_WORK:-$(mktemp -d)}")
lake=$work/load$scale lines=$work/lines
mkdir -p "$work" bench/results
rm -rf "$lake"
"$bin/src/app/claimlake" --lake "$lake" demo --scale "$scale" --no-serve >/dev/null
"$bin/bench/load" "$lake" "$rate" "$seconds" "$burst" | tee "$lines"
sed 's/{/{"scale":'"$scale"',/' "$lines" >>bench/results/load.jsonl

echo "--- limits"
steady='"part":"steady"'
if ((seconds > 0 && rate > 0)); then
  hold "lag p99 of the worst sixth, s" "$(values "$lines" "$steady" p99_s | tail -n 1)" 2
  hold "lag p50, last sixth / first" "$(ratio "$(values "$lines" '"window":6,' p50_s)" "$(values "$lines" '"window":1,' p50_s)")" 1.3
fi
if ((burst > 0)); then
  hold "seconds for 50,000 claims of the burst" "$(ratio 50000 "$(values "$lines" '"part":"burst"' absorbed_per_second)")" 1
fi
hold "lag of the last single claims, p50, s" "$(values "$lines" '"part":"after"' p50_s)" 1
hold "peak memory, MiB" "$(values "$lines" . peak_mib | tail -n 1)" 2048
exit $broken
