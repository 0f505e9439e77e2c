#!/usr/bin/env bash
# Upkeep of tables beside Spark: OPTIMIZE of many small files, a Z-order, VACUUM of many dead files.
#
#   bench/optimize.sh [RUNS] [ROWS] [SMALL_FILES] [DEAD_FILES]
#                     default 3 runs of 6,000,000 rows, 10,000 small files, 100,000 dead ones
#
#   PEERS_PYTHON   the peers' Python, which makes the tables (bench/README.md)
#   SPARK_PYTHON, SPARK_JARS  as bench/read.sh has them; without, Spark is left out, and said so
#   SPARK_MEMORY   of Spark's driver, default 4g
#   BENCH_WORK     where tables are made; removed at the end if it is not given. 60 million rows need
#                  10 GB
#
# Both sides get a copy of the same table for each run. Ours is a whole process with 2 GB for its
# engine; of Spark only the statement counts, not the start. Peak memory is that of the whole process
# (for Spark, of its JVM). JSON lines go to bench/results/optimize.jsonl. Ends with 1 if a limit is
# broken: OPTIMIZE and Z-order take at most a third of Spark's time, the Z-order stays below 2.5 GiB,
# VACUUM takes less than a minute.
set -euo pipefail
cd "$(dirname "$0")/.."
source bench/limits.sh
runs=${1:-3} rows=${2:-6000000} small=${3:-10000} dead=${4:-100000}
python=${PEERS_PYTHON:?set PEERS_PYTHON to the Python of the peers (bench/README.md)}
program=$PWD/build/release/src/app/claimlake
results=$PWD/bench/results/optimize.jsonl
work=${BENCH_WORK:-}
if [[ -z $work ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi
work=$(realpath -m "$work")
tables=$PWD/bench/optimize_tables.py
export PYTHONDONTWRITEBYTECODE=1
mkdir -p "$work" bench/results
[[ -n ${BENCH_BUILT:-} ]] || cmake --build build/release --target claimlake >/dev/null
[[ -n ${SPARK_PYTHON:-} ]] || echo "Spark is left out: SPARK_PYTHON is not set"
[[ -z ${SPARK_JARS:-} ]] || export PYSPARK_SUBMIT_ARGS="--driver-class-path $SPARK_JARS/* pyspark-shell"

lake=$work/lake
rm -rf "$lake"
"$program" init --lake "$lake" >/dev/null
: >"$work/lines"

# made WHAT COUNT: the table that all runs copy.
made() {
  [[ -e $work/$1-$2/_delta_log ]] || "$python" "$tables" "$1" "$work/$1-$2" "$2"
  echo "$work/$1-$2"
}
# fresh FROM TO: a copy that keeps the times of files, which VACUUM looks at.
fresh() {
  rm -rf "$2"
  mkdir -p "$(dirname "$2")"
  cp -a "$1" "$2"
}
line() { echo "{\"bench\":\"optimize\",\"step\":\"$1\",\"count\":$2,\"side\":\"$3\",\"seconds\":$4,\"peak_mib\":$5}" | tee -a "$work/lines" >>"$results"; }

# The most memory that a process among the descendants of PID has had, in MiB, until it ends.
watch_java() {
  local peak=0 now
  while kill -0 "$1" 2>/dev/null; do
    now=$(pgrep -P "$(pgrep -d, -P "$1" || echo "$1"),$1" -x java | while read -r java; do
      awk '/VmHWM/ {print int($2 / 1024)}' "/proc/$java/status" 2>/dev/null
    done | sort -n | tail -n 1) || true  # there is none yet
    ((${now:-0} > peak)) && peak=$now
    read -r -t 1 <> <(:) || true
  done
  echo "$peak" >"$work/java_peak"
}

# step NAME TABLE COUNT STATEMENT [prepare]
step() {
  local name=$1 from=$2 count=$3 statement=$4 prepare=${5:-:} out pid
  fresh "$from" "$lake/gold/t"
  $prepare "$lake/gold/t"
  sync
  /usr/bin/time -f '%e %M' -o "$work/time" "$program" --lake "$lake" --memory 2GB sql "$statement" >/dev/null
  out=($(cat "$work/time"))
  line "$name" "$count" claimlake "${out[0]}" $((out[1] / 1024))
  rm -rf "$lake/gold/t"
  [[ -n ${SPARK_PYTHON:-} ]] || return 0
  fresh "$from" "$work/spark/t"
  $prepare "$work/spark/t"
  sync
  (cd "$work" && exec "$SPARK_PYTHON" "$tables" spark "$work/spark/t" "$statement" >"$work/spark.out" 2>"$work/spark.log") &
  pid=$!
  watch_java "$pid"
  wait "$pid" || { tail -n 20 "$work/spark.log" >&2; return 1; }
  line "$name" "$count" spark "$(sed -nE 's/.*"seconds": ([0-9.]+).*/\1/p' "$work/spark.out")" "$(cat "$work/java_peak")"
  rm -rf "$work/spark/t"
}
with_dead() { "$python" "$tables" dead "$1" "$dead"; }

small_table=$(made small "$small") points_table=$(made points "$rows") few=$(made small 10)
for ((run = 1; run <= runs; run++)); do
  step small "$small_table" "$small" "OPTIMIZE t "
  step zorder "$points_table" "$rows" "OPTIMIZE t ZORDER BY (a, b)"
  step vacuum "$few" "$dead" "VACUUM t RETAIN 168 HOURS" with_dead
done

echo "--- medians of $runs (spread), seconds; peak memory in MiB"
for name in small zorder vacuum; do
  for side in claimlake spark; do
    grep -q "\"$name\".*\"$side\"" "$work/lines" || continue
    printf '%-8s %-10s %-32s %s\n' "$name" "$side" "$(spread "$work/lines" "\"$name\".*\"$side\"" seconds)" \
      "$(spread "$work/lines" "\"$name\".*\"$side\"" peak_mib)"
  done
done
if [[ -n ${SPARK_PYTHON:-} ]]; then
  for name in small zorder; do
    hold "$name: time beside Spark's" "$(ratio "$(median "$work/lines" "\"$name\".*claimlake" seconds)" \
      "$(median "$work/lines" "\"$name\".*spark" seconds)")" 0.33
  done
fi
hold "zorder: peak memory, MiB" "$(median "$work/lines" '"zorder".*claimlake' peak_mib)" 2560
hold "vacuum: seconds" "$(median "$work/lines" '"vacuum".*claimlake' seconds)" 60
exit $broken
