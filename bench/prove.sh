#!/usr/bin/env bash
# The proof of all tables beside the recompute of all tables, in turn, on one lake: whole processes.
#
#   bench/prove.sh [SCALE] [RUNS]          default 20 and 5
#
# Needs a release build (./run.sh --build-only).
#
#   PROGRAM      another claimlake
#   BENCH_WORK   where raw files and the lake are made
#
# Compared are `prove` and `run --force`, which computes the same SELECTs and writes them. A sample of
# a hundredth of the keys is measured too. One JSON line per process goes to
# bench/results/prove.jsonl. Ends with 1 if a proof costs more than twice the recompute, or if
# not all is equal.
set -euo pipefail
cd "$(dirname "$0")/.."
source bench/limits.sh
scale=${1:-20}
runs=${2:-5}
program=$(realpath "${PROGRAM:-build/release/src/app/claimlake}")
work=$(realpath -m "${BENCH_WORK:-$(mktemp -d)}")
mkdir -p "$work" bench/results
lake=$work/prove$scale
rm -rf "$lake"
"$program" init --lake "$lake" >/dev/null
"$program" generate --scale "$scale" --dirty 0.01 --as-of 2025-12-22 --lake "$lake" >/dev/null
"$program" ingest --lake "$lake" >/dev/null
"$program" run --as-of 2025-12-22 --lake "$lake" >/dev/null

# measure NAME COMMAND...: seconds, processor seconds and peak memory of the whole process.
measure() {
  local name=$1 out=$work/time
  shift
  /usr/bin/time -f '%e %U %S %M' -o "$out" "$program" "$@" --lake "$lake" >"$work/$name.log" 2>&1 || {
    tail -n 20 "$work/$name.log" >&2
    exit 1
  }
  awk -v peer="$name" -v scale="$scale" '{
    printf "{\"bench\":\"prove\",\"peer\":\"%s\",\"scale\":%s,\"seconds\":%s,\"cpu_seconds\":%.2f,\"peak_mib\":%d}\n",
      peer, scale, $1, $2 + $3, $4 / 1024 }' "$out" | tee -a "$lines"
}
round() {
  measure recompute run --force --as-of 2025-12-22
  measure prove-all prove
  measure prove-sample prove --sample 0.01
}

# The first round warms the page cache and does not count.
lines=/dev/null
round
lines=$work/lines
: >"$lines"
for ((run = 1; run <= runs; run++)); do round; done
cat "$lines" >>bench/results/prove.jsonl

echo "--- seconds, medians of $runs (spread); memory in MiB"
for name in recompute prove-all prove-sample; do
  echo "$name      $(spread "$lines" "\"$name\"" seconds), processor $(spread "$lines" "\"$name\"" cpu_seconds), memory $(spread "$lines" "\"$name\"" peak_mib)"
done
echo "--- limits"
hold "prove / run --force, seconds" "$(ratio "$(median "$lines" '"prove-all"' seconds)" "$(median "$lines" '"recompute"' seconds)")" 2
hold "prove / run --force, processor seconds" "$(ratio "$(median "$lines" '"prove-all"' cpu_seconds)" "$(median "$lines" '"recompute"' cpu_seconds)")" 2
exit $broken
