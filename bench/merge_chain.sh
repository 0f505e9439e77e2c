#!/usr/bin/env bash
# A chain of changes to one large table (TPC-H line items): append, upsert, the same upsert again,
# delete, update, fifty upserts of one row; beside delta-rs, Spark with deletion vectors and, for the
# append, a bare COPY by DuckDB. bench/merge_chain.cc says how our side is measured.
#
#   bench/merge_chain.sh [SF [RUNS]]     SF: scale, 6 million rows each, default 1; RUNS of ours and
#                                        of COPY, default 3; the peers run once
#
#   PEERS_PYTHON, SPARK_PYTHON, SPARK_JARS, CLAIMLAKE_SHARED   as in bench/read.sh; without
#                   SPARK_PYTHON Spark is left out, and said so
#   PEER_SINGLES    how many rows the peers upsert one by one, default 50: each takes them as long as
#                   a scan of the table, so at a large scale a few tell enough
#   BENCH_WORK      where data and tables are made (2 GB a scale) and the data kept for the next time
#
# JSON lines go to bench/results/merge_chain.jsonl. Ends with 1 if a limit is broken, or if the engines
# do not end with the same rows.
set -euo pipefail
cd "$(dirname "$0")/.."
source bench/limits.sh
sf=${1:-1} runs=${2:-3} singles=${PEER_SINGLES:-50}
python=${PEERS_PYTHON:?set PEERS_PYTHON to the Python of the peers (bench/README.md)}
peers=$(realpath "${CLAIMLAKE_SHARED:-../shared}/bench/peers")
work=$(realpath -m "${BENCH_WORK:-$(mktemp -d)}")
data=$work/sf$sf lake=$work/lake out=$work/peer lines=$work/lines
chain=$PWD/build/release/bench/merge_chain
mkdir -p "$work" bench/results
: >"$lines"
export PYTHONDONTWRITEBYTECODE=1

cmake --build build/release --target merge_chain >/dev/null
[[ -e $data/singles.parquet ]] || (cd "$peers" && "$python" chain_data.py "$data" --sf "$sf" >/dev/null)

# The step's line, with who ran it and at which scale.
label() { sed -E 's/"engine": "[a-z-]+", //; s/^(RESULT )?\{/{"engine": "'"$1"'", "sf": '"$sf"', /' | tee -a "$lines"; }

for ((run = 1; run <= runs; run++)); do
  rm -rf "$lake" && mkdir -p "$lake" && cp -al "$data" "$lake/chain"
  "$chain" "$lake" | label claimlake
  rm -rf "$lake"
  "$python" - "$data" "$work/copy.parquet" <<'PY' | label copy
import sys, time, duckdb
db = duckdb.connect(config={"threads": 2})
db.sql(f"select count(*) from '{sys.argv[1]}/append.parquet'").fetchall()
start = time.perf_counter()
db.execute(f"copy (from '{sys.argv[1]}/append.parquet') to '{sys.argv[2]}' (compression zstd)")
print('{"step": "copy", "seconds": %.3f}' % (time.perf_counter() - start))
PY
  rm -f "$work/copy.parquet"
done
# Ours once more with as many rows as the peers, for the end of the chain alone.
if ((singles != 50)); then
  mkdir -p "$lake" && cp -al "$data" "$lake/chain"
  "$chain" "$lake" "$singles" | grep '"check"' | label claimlake
  rm -rf "$lake"
fi
(cd "$peers" && "$python" merge_chain.py "$data" "$out" --engine deltars --singles "$singles") | grep '^RESULT' | label deltars
rm -rf "$out"
if [[ -n ${SPARK_PYTHON:-} ]]; then
  arguments=pyspark-shell
  [[ -z ${SPARK_JARS:-} ]] || arguments="--jars $(ls "$SPARK_JARS"/*.jar | paste -sd,) pyspark-shell"
  (cd "$peers" && PYSPARK_SUBMIT_ARGS=$arguments "$SPARK_PYTHON" merge_chain.py "$data" "$out" --engine spark-dv --singles "$singles") |
    grep '^RESULT' | label spark
  rm -rf "$out"
else
  echo "Spark is left out: SPARK_PYTHON is not set"
fi
cat "$lines" >>bench/results/merge_chain.jsonl

of() { echo "\"engine\": \"$1\".*\"step\": \"$2\""; }
middle() { median "$lines" "$(of "$1" "$2")" "${3:-seconds}"; }
# times WHAT PEER STEP OUR_STEP AT_LEAST: how many times as long as ours the peer's step takes.
times() { hold "$1: ours / $2" "$(ratio "$(middle claimlake "$4")" "$(middle "$2" "$3")")" "$(ratio 1 "$5")"; }
echo "--- seconds: claimlake (spread), bytes read and written in MB, peak in MiB"
for step in create append upsert noop delete update single; do
  printf '%-8s %-26s read %-8s written %-8s peak %s\n' "$step" "$(spread "$lines" "$(of claimlake $step)" seconds)" \
    "$(middle claimlake $step mb_read)" "$(middle claimlake $step mb_written)" "$(middle claimlake $step peak_mib)"
done
echo "--- limits"
times upsert deltars upsert upsert 10
times delete deltars delete delete 5
times update deltars update update 5
hold "nothing changed / upsert of delta-rs" "$(ratio "$(middle claimlake noop)" "$(middle deltars upsert)")" 0.1
hold "append / bare COPY" "$(ratio "$(middle claimlake append)" "$(middle copy copy)")" 1.1
hold "one row, seconds" "$(middle claimlake single)" 0.3
"$python" - "$lines" <<'PY' >"$work/more"
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
ended = [line for line in lines if "final" in line] + [line for line in lines if "figures" in line][-1:]
ends = {(line["engine"], tuple(str(float(x)) for x in (line.get("final") or line["figures"].split())))
        for line in ended}
for engine, rows in sorted(ends):
    print("#", engine, *rows)
singles = [line["seconds"] for line in lines if line["engine"] == "claimlake" and line["step"] == "single"]
each = [singles[at:at + 50] for at in range(0, len(singles), 50)]
median = lambda seconds: sorted(seconds)[len(seconds) // 2]
print("ends", len({rows for _, rows in ends}))
print("growth", median([s for run in each for s in run[40:]]) / median([s for run in each for s in run[:10]]))
PY
figure() { sed -n "s/^$1 //p" "$work/more"; }
grep '^#' "$work/more"
hold "different ends of the chain" "$(figure ends)" 1
hold "one row: the last ten / the first ten" "$(figure growth)" 1.1
hold "peak memory, MiB" "$(values "$lines" '"engine": "claimlake"' peak_mib | tail -1)" 2048
[[ -z ${SPARK_PYTHON:-} ]] || times upsert spark upsert upsert 3
exit $broken
