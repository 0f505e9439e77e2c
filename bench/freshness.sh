#!/usr/bin/env bash
# One claim dropped as a file: from the rename until all its Silver and Gold tables are committed.
#
#   bench/freshness.sh [SCALE [CLAIMS]]     default: scale 1, 50 claims (1 is 15,000 claims of history)
#
# Needs a release build (./run.sh --build-only), or CLAIMLAKE_BIN.
#
#   PEERS           of bench/peers/freshness.py: "bare dbt dbt-inprocess deltars deltars-append spark". Each brings
#                   three tables up to date, ours all; needs PEERS_PYTHON (bench/README.md), for dbt DBT
#   SPARK_PYTHON    the Python of Spark, for spark
#   CLAIMLAKE_SHARED, BENCH_WORK   as in bench/medallion.sh
#
# JSON lines go to bench/results/freshness.jsonl. Ends with 1 if a limit is broken: p50 150 ms and p99 500 ms up
# to scale 100, p99 1 s beyond, and a tenth of what any peer takes (Spark a fiftieth).
set -euo pipefail
cd "$(dirname "$0")/.."
source bench/limits.sh
scale=${1:-1} claims=${2:-50}
program=$(realpath "${CLAIMLAKE_BIN:-build/release/src/app/claimlake}")
peers=${CLAIMLAKE_SHARED:-../shared}/bench/peers
work=$(realpath -m "${BENCH_WORK:-$(mktemp -d)}")
lake=$work/lake$scale lines=$work/lines
mkdir -p "$work" bench/results
: >"$lines"

rm -rf "$lake"
"$program" --lake "$lake" demo --scale "$scale" --no-serve >/dev/null
python3 bench/freshness.py "$program" "$lake" --claims "$claims" --scale "$scale" | tee -a "$lines"

if [[ -n ${PEERS:-} ]]; then
  python=${PEERS_PYTHON:?set PEERS_PYTHON to the Python of the peers (bench/README.md)}
  rm -rf "$work/peers"
  cp -r "$peers" "$work/peers"
  chmod -R u+w "$work/peers"
  # One variable more than they set: the batch id.
  grep -q '"batch_id"' "$work/peers/common.py" ||
    sed -i 's/"as_of": self.meta\["as_of"\]}/"as_of": self.meta["as_of"], "batch_id": self.batch_id}/' "$work/peers/common.py"
  raw=$work/raw$scale
  [[ -e $raw/meta.json ]] || "$python" "$work/peers/gen.py" "$raw" --scale "$scale" >/dev/null
  mkdir -p "$raw/claims"
  for peer in $PEERS; do
    run=$python built=$work/built-${peer%%-*}
    [[ $peer != spark* ]] || run=${SPARK_PYTHON:?set SPARK_PYTHON to the Python of Spark}
    if [[ ! -d $built ]]; then
      case $peer in
        bare) "$run" "$work/peers/duckdb_bare.py" "$raw" "$built" ;;
        dbt*) "$work/peers/dbt_medallion/run.sh" "$raw" "$built" ;;
        deltars*) "$run" "$work/peers/deltars_medallion.py" "$raw" "$built" ;;
        spark*) "$run" "$work/peers/spark_medallion.py" "$raw" "$built" ;;
      esac >"$work/$peer.log" 2>&1
    fi
    "$run" "$work/peers/freshness.py" "$peer" "$raw" "$built" "$work/run-$peer" --dbt "${DBT:-dbt}" |
      sed -nE 's/^RESULT \{/{"bench": "freshness", "scale": '"$scale"', /p' | tee -a "$lines"
  done
fi
cat "$lines" >>bench/results/freshness.jsonl

echo "--- limits"
ours() { values "$lines" '"peer": "claimlake"' "$1"; }
if ((scale <= 100)); then
  hold "p50, ms" "$(ours p50_ms)" 150
  hold "p99, ms" "$(ours p99_ms)" 500
else
  hold "p99, ms" "$(ours p99_ms)" 1000
fi
for peer in ${PEERS:-}; do
  at_most=0.1
  [[ $peer != spark* ]] || at_most=0.02
  theirs=$(values "$lines" "\"peer\": \"$peer\"" median)
  hold "p50 / $peer, which took $theirs s for three tables" "$(ratio "$(ours p50_ms)" "${theirs}e3")" "$at_most"
done
exit $broken
