#!/usr/bin/env bash
# Raw to Gold beside bare DuckDB, in turn, on the same raw files: whole processes.
#
#   bench/medallion.sh SCALE [RUNS]        for example: bench/medallion.sh 100 5
#
# Needs a release build (./run.sh --build-only), the folder with the peers' scripts
# (CLAIMLAKE_SHARED, default ../shared) and a Python with their packages (PEERS_PYTHON; see
# bench/README.md). Writes one JSON line per run to bench/results/medallion.jsonl and prints medians.
set -euo pipefail
cd "$(dirname "$0")/.."
scale=${1:?usage: bench/medallion.sh SCALE [RUNS]}
runs=${2:-5}
python=${PEERS_PYTHON:?set PEERS_PYTHON to the Python of the peers (bench/README.md)}
shared=${CLAIMLAKE_SHARED:-../shared}
program=$PWD/build/release/src/app/claimlake
work=${BENCH_WORK:-$(mktemp -d)}
results=$PWD/bench/results/medallion.jsonl
mkdir -p "$work" bench/results

# The peers' scripts need one variable more than they set: the batch id.
cp -r "$shared/bench/peers" "$work/peers"
chmod -R u+w "$work/peers"
grep -q '"batch_id"' "$work/peers/common.py" ||
  sed -i 's/"as_of": self.meta\["as_of"\]}/"as_of": self.meta["as_of"], "batch_id": self.batch_id}/' "$work/peers/common.py"

raw=$work/raw$scale
[[ -e $raw/meta.json ]] || "$python" "$work/peers/gen.py" "$raw" --scale "$scale" >/dev/null

# measure NAME COMMAND...: seconds, processor seconds and peak memory of the whole process.
measure() {
  local name=$1 out=$work/time
  shift
  /usr/bin/time -f '%e %U %S %M' -o "$out" "$@" >"$work/$name.log" 2>&1
  read -r wall user system peak <"$out"
  printf '{"bench":"medallion","peer":"%s","scale":%s,"seconds":%s,"cpu_seconds":%s,"peak_mib":%s}\n' \
    "$name" "$scale" "$wall" "$(echo "$user + $system" | bc)" "$((peak / 1024))" | tee -a "$results"
}

ours() {
  rm -rf "$work/lake"
  "$program" init --lake "$work/lake" >/dev/null
  measure claimlake-ingest "$program" ingest "$raw" --lake "$work/lake"
  measure claimlake-run "$program" run --as-of 2025-12-22 --lake "$work/lake"
}

for ((run = 0; run <= runs; run++)); do
  # The first round warms the page cache and does not count.
  [[ $run -gt 0 ]] || results=/dev/null
  [[ $run -ne 1 ]] || results=$PWD/bench/results/medallion.jsonl
  ours
  (cd "$work/peers" && measure duckdb-bare "$python" duckdb_bare.py "$raw" "$work/bare")
done

echo "--- do both say the same?"
(cd "$work/peers" && "$python" check.py "$work/bare" "$work/lake") | grep -E 'DIFFERS|agree|differences' || true
echo "--- medians of $runs"
tail -n $((3 * runs)) "$results" | sed 's/[{}"]//g; s/,/ /g' | awk '
  { for (i = 1; i <= NF; i++) { split($i, kv, ":"); value[kv[1]] = kv[2] }
    n[value["peer"]]++; s[value["peer"], n[value["peer"]]] = value["seconds"]; c[value["peer"], n[value["peer"]]] = value["cpu_seconds"] }
  function median(a, p, k,   i, j, t, v) { for (i = 1; i <= k; i++) v[i] = a[p, i] + 0
    for (i = 1; i <= k; i++) for (j = i + 1; j <= k; j++) if (v[j] < v[i]) { t = v[i]; v[i] = v[j]; v[j] = t }
    return v[int((k + 1) / 2)] " (" v[1] ".." v[k] ")" }
  END { for (p in n) print p ": seconds " median(s, p, n[p]) ", processor seconds " median(c, p, n[p]) }' | sort
