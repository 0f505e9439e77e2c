#!/usr/bin/env bash
# Opening tables of 300,000 files, in a new process each time, beside delta-rs: the golden archive
# (five commits of 15 MB of JSON), and the two logs of the peers' read_pruned.py: 10,000 commits with
# a checkpoint near their end (log), and without one (bare). Then a query on those two that
# statistics answer without a data file, beside the peers of read_pruned.py.
#
#   bench/archive.sh [RUNS]      processes per table, side and cache; default 5
#
#   PEERS_PYTHON      the peers' Python (bench/README.md)
#   CLAIMLAKE_SHARED  the folder with the golden tables and the peers' scripts, default ../shared
#   BENCH_WORK        where tables are made and kept for the next time (1 GB)
#   SLOW_PEERS        peers that take minutes per query here: "deltars-arrow duckdb-attach"
#
# whole: a process from its start to its end: `claimlake table detail` and a Python that opens the
# table and lists its files. inside: without starting: Lake::snapshot and its list of files
# (log_bench), DeltaTable() and file_uris(). cold: the page cache of the machine was dropped before
# each process, which needs root; warm: it was not.
# JSON lines go to bench/results/archive.jsonl. Ends with 1 if a limit is broken: the archive opens
# faster than with delta-rs, cold, whole and inside.
set -euo pipefail
cd "$(dirname "$0")/.."
source bench/limits.sh
runs=${1:-5}
python=${PEERS_PYTHON:?set PEERS_PYTHON to the Python of the peers (bench/README.md)}
shared=$(realpath "${CLAIMLAKE_SHARED:-../shared}")
program=$PWD/build/release/src/app/claimlake
bench=$PWD/build/release/bench/log_bench
work=$(realpath -m "${BENCH_WORK:-$(mktemp -d)}")
lake=$work/archive made=$work/long
export PYTHONDONTWRITEBYTECODE=1
mkdir -p "$work" bench/results

cmake --build build/release --target claimlake log_bench >/dev/null
if [[ ! -e $made/.made ]]; then
  (cd "$shared/bench/peers" && "$python" read_pruned.py make "$made" --rows 1000 --files 1)
  touch "$made/.made"
fi
if [[ ! -e $lake/.filled ]]; then
  rm -rf "$lake"
  "$program" init --lake "$lake" >/dev/null
  mkdir -p "$lake/bench/archive"
  tar --zstd -xf "$shared/golden/delta/features/300k-add-files-100-col-partitioned.tar.zst" -C "$lake/bench/archive" --strip-components 1
  cp -al "$made/log" "$made/bare" "$lake/bench/"
  touch "$lake/.filled"
fi

caches=warm
if [[ -w /proc/sys/vm/drop_caches ]]; then caches="warm cold"; else echo "not root: the page cache stays warm"; fi
prepare() {
  if [[ $1 == cold ]]; then
    sync
    echo 3 >/proc/sys/vm/drop_caches
  fi
}
# whole TABLE CACHE SIDE COMMAND...: one line with the time and the peak memory of the process.
whole() {
  local table=$1 cache=$2 side=$3 start end
  shift 3
  prepare "$cache"
  start=${EPOCHREALTIME/[.,]/}
  /usr/bin/time -f %M -o "$work/peak" "$@" >"$work/out"
  end=${EPOCHREALTIME/[.,]/}
  printf '{"bench":"archive","what":"whole","table":"%s","cache":"%s","side":"%s","ms":%s,"peak_mib":%s}\n' \
    "$table" "$cache" "$side" "$(((end - start) / 1000))" "$(($(tail -1 "$work/peak") / 1024))" >>"$lines"
}
# inside TABLE CACHE SIDE: from what the process said of itself, {"open_ms":..., "list_ms":...}.
inside() {
  printf '{"bench":"archive","what":"inside","table":"%s","cache":"%s","side":"%s","ms":%s}\n' "$1" "$2" "$3" \
    "$(sed -E 's/.*"open_ms": ?([0-9.]+).*"list_ms": ?([0-9.]+).*/\1 \2/' "$work/out" | awk '{ print $1 + $2 }')" >>"$lines"
}
cat >"$work/open.py" <<'PYTHON'
import json, sys, time
import deltalake
t0 = time.perf_counter()
table = deltalake.DeltaTable(sys.argv[1])
t1 = time.perf_counter()
files = len(table.file_uris())
t2 = time.perf_counter()
print(json.dumps({"open_ms": round((t1 - t0) * 1000, 1), "list_ms": round((t2 - t1) * 1000, 1), "files": files}))
PYTHON

# Warm rounds first: a cold one would leave the next one half warm.
: >"$work/lines"
for cache in $caches; do
  for ((run = 0; run <= runs; run++)); do
    for table in archive log bare; do
      lines=$work/lines
      [[ $run -gt 0 ]] || lines=/dev/null  # the first round only warms up
      whole "$table" "$cache" claimlake "$program" table detail "bench.$table" --lake "$lake"
      prepare "$cache"
      "$bench" open "$lake" "$table" >"$work/out"
      inside "$table" "$cache" claimlake
      whole "$table" "$cache" delta-rs "$python" "$work/open.py" "$lake/bench/$table"
      inside "$table" "$cache" delta-rs
    done
  done
done
cat "$work/lines" >>bench/results/archive.jsonl

echo "--- 300,000 files, milliseconds, medians of $runs (spread)"
for table in archive log bare; do
  for cache in $caches; do
    for what in whole inside; do
      of="\"what\":\"$what\",\"table\":\"$table\",\"cache\":\"$cache\",\"side\":"
      ours=$(median "$work/lines" "$of\"claimlake\"" ms) theirs=$(median "$work/lines" "$of\"delta-rs\"" ms)
      printf '%-8s %-5s %-7s claimlake %-24s delta-rs %-26s' "$table" "$cache" "$what" \
        "$(spread "$work/lines" "$of\"claimlake\"" ms)" "$(spread "$work/lines" "$of\"delta-rs\"" ms)"
      echo " ratio $(ratio "$ours" "$theirs")"
    done
  done
done

echo "--- select count(*) where id = -1, the table opened by each: first, median of $runs, milliseconds"
: >"$work/queries"
for table in log bare; do "$bench" prune "$lake" $table "$runs" >>"$work/queries"; done
sed '/with Meter(limit_gib=20) as m:/i\    cases = {name: run for name, run in cases.items() if "open and prune" in name}' \
  "$shared/bench/peers/read_pruned.py" >"$work/prune.py"
export PYTHONPATH=$shared/bench/peers${PYTHONPATH:+:$PYTHONPATH}
for engine in deltars-query duckdb ${SLOW_PEERS:-}; do
  (cd "$shared/bench/peers" && "$python" "$work/prune.py" measure "$made" --engine $engine --repeat "$runs") |
    sed -nE '/open and prune/s/^RESULT (.*"engine": "([^"]*)", "case": "([a-z]*): .*)/\1/p' >>"$work/queries" || true
done
cat "$work/queries" >>bench/results/archive.jsonl
for table in log bare; do
  for side in claimlake deltars-query duckdb ${SLOW_PEERS:-}; do
    of="\"(side|engine)\": ?\"$side\", ?\"(table|case)\": ?\"$table"
    printf '%-5s %-14s %s, %s\n' "$table" "$side" "$(median "$work/queries" "$of" first_ms)" "$(median "$work/queries" "$of" median_ms)"
  done
done

echo "--- limits"
for cache in $caches; do
  for what in whole inside; do
    of="\"what\":\"$what\",\"table\":\"archive\",\"cache\":\"$cache\",\"side\":"
    hold "archive, $cache, $what: claimlake / delta-rs" \
      "$(ratio "$(median "$work/lines" "$of\"claimlake\"" ms)" "$(median "$work/lines" "$of\"delta-rs\"" ms)")" 1.0
  done
done
exit $broken
