#!/usr/bin/env bash
# Reading through our catalog: full scans beside read_parquet over the same files, and look-ups on a
# table of 15 million rows in 200 files beside delta-rs, DuckDB's delta extension and Spark.
#
#   bench/read.sh [RUNS]         RUNS: rounds of the scans and repeats of the look-ups, default 5
#
#   PEERS_PYTHON    the peers' Python (bench/README.md)
#   SPARK_PYTHON    a Python with pyspark, psutil and jinja2; without it Spark is left out, and said so
#   SPARK_JARS      a folder with Delta's jars, if they do not lie beside Spark's own
#   CLAIMLAKE_SHARED  the folder with the peers' scripts, default ../shared
#   BENCH_WORK      where raw files, lake and tables are made (4 GB) and kept for the next time
#
# JSON lines go to bench/results/. Ends with 1 if a limit is broken: a scan may take 1.1 times as long
# as read_parquet; a look-up by key, ten rows and a count must take less time than any peer's.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-5}
rows=15000000
python=${PEERS_PYTHON:?set PEERS_PYTHON to the Python of the peers (bench/README.md)}
shared=$(realpath "${CLAIMLAKE_SHARED:-../shared}")
program=$PWD/build/release/src/app/claimlake
work=$(realpath -m "${BENCH_WORK:-$(mktemp -d)}")
scans=$PWD/bench/results/read_scan.jsonl
lookups=$PWD/bench/results/read_lookup.jsonl
mkdir -p "$work" bench/results

cmake --build build/release --target claimlake read_scans read_lookups >/dev/null

# A lake of scale 100, with the table of others beside its own: a link is enough.
raw=$work/raw100 lake=$work/lake100 peers=$work/peers
[[ -e $raw/meta.json ]] || "$python" "$shared/bench/peers/gen.py" "$raw" --scale 100 >/dev/null
if [[ ! -e $lake/.filled ]]; then
  rm -rf "$lake"
  "$program" init --lake "$lake" >/dev/null
  "$program" ingest "$raw" --lake "$lake" >/dev/null
  "$program" run --as-of 2025-12-22 --lake "$lake" >/dev/null
  touch "$lake/.filled"
fi
[[ -e $peers/bare ]] ||
  (cd "$shared/bench/peers" && PYTHONDONTWRITEBYTECODE=1 "$python" read_pruned.py make "$peers" --rows $rows)
mkdir -p "$lake/others"
ln -sfn "$(realpath --relative-to "$lake/others" "$peers/rows")" "$lake/others/rows"

echo "--- full scans, medians of $runs (spread), milliseconds"
build/release/bench/read_scans "$lake" "$runs" "$(nproc)" gold.claims_analytics \
  gold.customer_360_view gold.risk_scoring gold.cross_sell_recommendations gold.provider_performance \
  silver.fact_claims silver.dim_customers silver.dim_pets silver.dim_policies bronze.claims_raw \
  others.rows >"$work/scans"
cat "$work/scans" >>"$scans"
broken=0
sed 's/[{}"]//g' "$work/scans" | awk -F, -v limit=1.1 '
  { for (i = 1; i <= NF; i++) { split($i, kv, ":"); value[kv[1]] = kv[2] }
    name = value["table"] " " value["columns"]; if (!(name in seen)) { seen[name] = 1; order[++names] = name }
    key = name SUBSEP value["side"]; ms[key, ++n[key]] = value["ms"] + 0 }
  function median(key,   i, j, t, v, k) {
    k = n[key]; for (i = 1; i <= k; i++) v[i] = ms[key, i]
    for (i = 1; i <= k; i++) for (j = i + 1; j <= k; j++) if (v[j] < v[i]) { t = v[i]; v[i] = v[j]; v[j] = t }
    spread = sprintf("%.1f..%.1f", v[1], v[k]); return v[int((k + 1) / 2)] }
  END { for (i = 1; i <= names; i++) {
      ours = median(order[i] SUBSEP "catalog"); ours_spread = spread
      theirs = median(order[i] SUBSEP "read_parquet"); theirs_spread = spread
      over = ours / theirs > limit; broken += over
      printf "%-36s catalog %7.1f (%s)  read_parquet %7.1f (%s)  ratio %.2f  limit %.1f%s\n", order[i],
        ours, ours_spread, theirs, theirs_spread, ours / theirs, limit, over ? "  BROKEN" : "" }
    exit broken > 0 }' || broken=1

echo "--- look-ups in $rows rows of 200 files, first and median of $runs, milliseconds"
: >"$work/lookups"
for mode in kept anew; do
  build/release/bench/read_lookups "$lake" others.rows $rows "$runs" $mode >>"$work/lookups"
done
# The peers say 'RESULT {json}'; only the cases of the table of rows are ours to compare.
peer() { # NAME PYTHON
  (cd "$work" &&  # where Spark leaves a folder
    PYTHONDONTWRITEBYTECODE=1 "$2" "$work/read_rows.py" measure "$peers" --engine "$1" --rows $rows --repeat "$runs") |
    sed -n '/"error"\|"case": "\(open\|lookup id\|lookup uid\|limit 10\|count\)"/s/^RESULT //p' | tee -a "$work/lookups" | grep '"error"' >&2 || true
}
# The cases of the archive take minutes and belong to another benchmark.
sed '/"log: open and prune"/s/.*/}/' "$shared/bench/peers/read_pruned.py" >"$work/read_rows.py"
export PYTHONPATH=$shared/bench/peers${PYTHONPATH:+:$PYTHONPATH}
for engine in deltars-query deltars-arrow duckdb duckdb-attach; do peer $engine "$python"; done
if [[ -n ${SPARK_PYTHON:-} ]]; then
  [[ -z ${SPARK_JARS:-} ]] || export PYSPARK_SUBMIT_ARGS="--driver-class-path $SPARK_JARS/* pyspark-shell"
  peer spark "$SPARK_PYTHON"
else
  echo "Spark is left out: SPARK_PYTHON is not set"
fi
sed 's/^{/{"runs":'"$runs"',/' "$work/lookups" >>"$lookups"
sed 's/[{}"]//g; s/: /:/g; s/, /,/g' "$work/lookups" | awk -F, '
  { delete value; for (i = 1; i <= NF; i++) { split($i, kv, ":"); value[kv[1]] = kv[2] }
    e = value["engine"]; c = value["case"]
    if (!(e in known)) { known[e] = 1; engines[++count] = e }
    if (!(c in cases)) { cases[c] = 1; order[++case_count] = c }
    first[e, c] = value["first_ms"]; median[e, c] = value["median_ms"] + 0; has[e, c] = "median_ms" in value }
  END {
    printf "%-16s", ""; for (j = 1; j <= case_count; j++) printf "%20s", order[j]; print ""
    for (i = 1; i <= count; i++) { printf "%-16s", engines[i]
      for (j = 1; j <= case_count; j++) printf "%10s %9s", first[engines[i], order[j]], median[engines[i], order[j]]
      print "" }
    # Like with like: what keeps a snapshot beats everybody, what opens anew those who do so, too.
    for (j = 1; j <= case_count; j++) { c = order[j]; if (c == "open") continue
      for (i = 1; i <= count; i++) { e = engines[i]
        if (e ~ /^claimlake/ || !has[e, c]) continue
        keeps = e == "spark" || e == "duckdb-attach"
        if (!(("kept", c) in best) || median[e, c] < best["kept", c]) { best["kept", c] = median[e, c]; who["kept", c] = e }
        if (!keeps && (!(("anew", c) in best) || median[e, c] < best["anew", c])) { best["anew", c] = median[e, c]; who["anew", c] = e } }
      for (m = 1; m <= 2; m++) { mode = m == 1 ? "kept" : "anew"; ours = median["claimlake-" mode, c]
        over = ours >= best[mode, c]; broken += over
        printf "%-11s %s: %.1f, best peer %s %.1f: ratio %.2f  limit 1.0%s\n", c, mode, ours, who[mode, c], best[mode, c], ours / best[mode, c], over ? "  BROKEN" : "" } }
    exit broken > 0 }' || broken=1
exit $broken
