#!/usr/bin/env bash
# Looking up one key in a table of 10,000 small files, where planning is most of the work: which file
# may have it is told by the statistics of each. Beside delta-rs and DuckDB's delta extension.
#
#   bench/many_files.sh [RUNS]   RUNS: repeats of the look-ups, default 5
#
#   PEERS_PYTHON    the peers' Python (bench/README.md)
#   CLAIMLAKE_SHARED  the folder with the peers' scripts, default ../shared
#   BENCH_WORK      where the table is made (150 MB) and kept for the next time
#
# JSON lines go to bench/results/. Ends with 1 if a limit is broken: what keeps its snapshot must take
# less time than each peer that does, and what opens the table anew than each peer that does so.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-5}
rows=1000000
python=${PEERS_PYTHON:?set PEERS_PYTHON to the Python of the peers (bench/README.md)}
shared=$(realpath "${CLAIMLAKE_SHARED:-../shared}")
work=$(realpath -m "${BENCH_WORK:-$(mktemp -d)}")
program=$PWD/build/release/src/app/claimlake
lake=$work/lake_many peers=$work/peers_many
mkdir -p "$work" bench/results
cmake --build build/release --target claimlake read_lookups >/dev/null

# A hundred rows in each file. They are written as partitions, for that is how a peer makes so many
# files in one version; the key is no partition column, so that only statistics tell where it is.
[[ -e $peers/rows/_delta_log ]] || "$python" - "$peers/rows" $rows <<'PYTHON'
import hashlib, sys
import pyarrow as pa, deltalake
path, rows = sys.argv[1], int(sys.argv[2])
ids = range(rows)
deltalake.write_deltalake(path, pa.table({
    "id": pa.array(ids, pa.int64()),
    "uid": [hashlib.md5(str(i).encode()).hexdigest() for i in ids],
    "amount": pa.array([i % 977 / 8 for i in ids]),
    "part": pa.array([i // 100 for i in ids], pa.int32())}), partition_by=["part"])
PYTHON
[[ -e $lake/.claimlake ]] || "$program" init --lake "$lake" >/dev/null
mkdir -p "$lake/others"
ln -sfn "$(realpath --relative-to "$lake/others" "$peers/rows")" "$lake/others/rows"

: >"$work/many"
for mode in kept anew; do
  build/release/bench/read_lookups "$lake" others.rows $rows "$runs" $mode >>"$work/many"
done
export PYTHONPATH=$shared/bench/peers${PYTHONPATH:+:$PYTHONPATH}
# The look-up by the column without order reads all files: that is another benchmark's.
sed -e '/"log: open and prune"/s/.*/}/' -e 's/in cases.items():/in [c for c in cases.items() if "uid" not in c[0]]:/' "$shared/bench/peers/read_pruned.py" >"$work/read_rows.py"
for engine in deltars-query deltars-arrow duckdb duckdb-attach; do
  (cd "$work" && PYTHONDONTWRITEBYTECODE=1 "$python" read_rows.py measure "$peers" --engine $engine --rows $rows --repeat "$runs") |
    sed -n '/"case": "\(open\|lookup id\|limit 10\|count\)"/s/^RESULT //p' >>"$work/many"
done
sed 's/^{/{"table":"many_files","runs":'"$runs"',/' "$work/many" >>bench/results/read_lookup.jsonl
echo "--- a table of 10,000 files, first and median of $runs, milliseconds"
sed 's/[{}"]//g; s/: /:/g; s/, /,/g' "$work/many" | awk -F, '
  { delete value; for (i = 1; i <= NF; i++) { split($i, kv, ":"); value[kv[1]] = kv[2] }
    if (value["case"] == "lookup uid") next
    e = value["engine"]; c = value["case"]; median[e, c] = value["median_ms"] + 0
    if (!(e in known)) { known[e] = 1; engines[++count] = e }
    printf "%-16s %-10s %9s %9s   %s files\n", e, c, value["first_ms"], value["median_ms"], value["files_read"] }
  END {
    for (i = 1; i <= count; i++) { e = engines[i]; if (e ~ /^claimlake/) continue
      ours = median["claimlake-" (e == "duckdb-attach" ? "kept" : "anew"), "lookup id"]
      over = ours >= median[e, "lookup id"]; broken += over
      printf "look-up: %.1f, %s %.1f: ratio %.2f  limit 1.0%s\n", ours, e, median[e, "lookup id"], ours / median[e, "lookup id"], over ? "  BROKEN" : "" }
    exit broken > 0 }'
