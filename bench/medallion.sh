#!/usr/bin/env bash
# Raw to Gold beside bare DuckDB, in turn, on the same raw files: whole processes.
#
#   bench/medallion.sh SCALE [RUNS]        for example: bench/medallion.sh 100 5
#
# Needs a release build (./run.sh --build-only), the folder with the peers' scripts
# (CLAIMLAKE_SHARED, default ../shared) and a Python with their packages (PEERS_PYTHON; see
# bench/README.md).
#
#   PEERS        systems to run as well, once, after the rounds: "deltars dbt spark". They take minutes.
#   DBT          the dbt program (dbt-core 1.11 with dbt-duckdb), for dbt
#   SPARK_PYTHON, SPARK_JARS  as bench/read.sh has them, for spark
#   BENCH_WORK   where raw files and lakes are made
#
# One JSON line per process goes to bench/results/medallion.jsonl. Ends with 1 if a limit is broken: at
# scale 1 1.2 times bare DuckDB and 0.3 s, else 1.3 times bare DuckDB and less than any peer.
set -euo pipefail
cd "$(dirname "$0")/.."
source bench/limits.sh
scale=${1:?usage: bench/medallion.sh SCALE [RUNS]}
runs=${2:-5}
python=${PEERS_PYTHON:?set PEERS_PYTHON to the Python of the peers (bench/README.md)}
shared=$(realpath "${CLAIMLAKE_SHARED:-../shared}")
program=$PWD/build/release/src/app/claimlake
work=$(realpath -m "${BENCH_WORK:-$(mktemp -d)}")
mkdir -p "$work" bench/results

# The peers' scripts need one variable more than they set: the batch id.
rm -rf "$work/peers"
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
  /usr/bin/time -f '%e %U %S %M' -o "$out" "$@" >"$work/$name.log" 2>&1 || return 1
  awk -v peer="$name" -v scale="$scale" '{
    printf "{\"bench\":\"medallion\",\"peer\":\"%s\",\"scale\":%s,\"seconds\":%s,\"cpu_seconds\":%.2f,\"peak_mib\":%d}\n",
      peer, scale, $1, $2 + $3, $4 / 1024 }' "$out" | tee -a "$lines"
}

round() {
  rm -rf "$work/lake"
  "$program" init --lake "$work/lake" >/dev/null
  measure claimlake-ingest "$program" ingest "$raw" --lake "$work/lake"
  measure claimlake-run "$program" run --as-of 2025-12-22 --lake "$work/lake"
  (cd "$work/peers" && measure duckdb-bare "$python" duckdb_bare.py "$raw" "$work/bare")
}
# peer NAME: its own lake, which is removed: at scale 100 each takes gigabytes.
peer() {
  local lake=$work/lake-$1
  rm -rf "$lake"
  cd "$work/peers"
  case $1 in
    deltars) measure deltars "$python" deltars_medallion.py "$raw" "$lake" ;;
    dbt) DBT=${DBT:?set DBT to the dbt program} measure dbt dbt_medallion/run.sh "$raw" "$lake" ;;
    spark)
      [[ -z ${SPARK_JARS:-} ]] || export PYSPARK_SUBMIT_ARGS="--driver-class-path $SPARK_JARS/* pyspark-shell"
      # Spark's JVM is not the process that is measured: only its time is known.
      measure spark "${SPARK_PYTHON:?set SPARK_PYTHON to a Python with pyspark}" spark_medallion.py "$raw" "$lake"
      sed -i '/"spark"/s/,"cpu_seconds".*/}/' "$lines"
      ;;
    *) echo "there is no peer $1" >&2; exit 2 ;;
  esac
  rm -rf "$lake"
}

# The first round warms the page cache and does not count.
lines=/dev/null
round
lines=$work/lines
: >"$lines"
for ((run = 1; run <= runs; run++)); do round; done
for name in ${PEERS:-}; do
  (peer "$name") && continue
  echo "$name failed:"
  tail -n 5 "$work/$name.log"
  exit 1
done
cat "$lines" >>bench/results/medallion.jsonl

echo "--- do both say the same?"
(cd "$work/peers" && "$python" check.py "$work/bare" "$work/lake") | grep -E 'DIFFERS|agree|differences' || true
echo "--- seconds, medians of $runs (spread); memory in MiB"
# ingest and run of one round are one figure.
both=$work/both
paste -d ' ' <(grep claimlake-ingest "$lines" | grep -o '"seconds":[0-9.]*' | cut -d: -f2) \
  <(grep claimlake-run "$lines" | grep -o '"seconds":[0-9.]*' | cut -d: -f2) |
  awk '{ printf "{\"both\":%.2f}\n", $1 + $2 }' >"$both"
echo "claimlake      $(spread "$both" both both), ingest $(spread "$lines" claimlake-ingest seconds), run $(spread "$lines" claimlake-run seconds), processor of run $(spread "$lines" claimlake-run cpu_seconds), memory of run $(spread "$lines" claimlake-run peak_mib)"
for name in duckdb-bare ${PEERS:-}; do
  echo "$name      $(spread "$lines" "\"$name\"" seconds), processor $(spread "$lines" "\"$name\"" cpu_seconds), memory $(spread "$lines" "\"$name\"" peak_mib)"
done
echo "--- limits"
ours=$(median "$both" both both) bare=$(median "$lines" duckdb-bare seconds)
if [[ $scale -eq 1 ]]; then
  hold "claimlake, seconds; limit 1.2 times bare DuckDB and 0.3 s" "$ours" "$(awk -v bare="$bare" 'BEGIN { print 1.2 * bare + 0.3 }')"
else
  hold "claimlake / bare DuckDB" "$(ratio "$ours" "$bare")" 1.3
fi
for name in ${PEERS:-}; do hold "claimlake / $name" "$(ratio "$ours" "$(median "$lines" "\"$name\"" seconds)")" 1.0; done
exit $broken
