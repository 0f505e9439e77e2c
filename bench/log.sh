#!/usr/bin/env bash
# The log of a table: what a durable append of one row costs beside what any durable file costs,
# whether commits and refreshes grow with the table. bench/log_bench.cc says how each is measured.
#
#   bench/log.sh [RUNS [COMMITS]]      RUNS: processes per measurement, default 5; COMMITS: 10000
#
#   BENCH_WORK   where the tables are made and kept for the next time; it must lie on the disk to be
#                measured. Making them takes a minute, and up to ten where fsync takes milliseconds.
#
# JSON lines go to bench/results/log.jsonl. Ends with 1 if a limit is broken.
set -euo pipefail
cd "$(dirname "$0")/.."
source bench/limits.sh
runs=${1:-5} commits=${2:-10000} files=300000
bench=$PWD/build/release/bench/log_bench
work=$(realpath -m "${BENCH_WORK:-$(mktemp -d)}")
made=$work/log$commits
mkdir -p "$work" bench/results
rm -rf "$work/now"

cmake --build build/release --target log_bench >/dev/null
if [[ ! -e $made/.made ]]; then
  rm -rf "$made" && mkdir "$made"
  "$bench" make "$made" "$commits" $files
  touch "$made/.made"
fi

# Each run starts from the same tables. Links do: a file of a lake is replaced, never changed. They are
# removed at the end only: for five seconds after a removal ext4 looks for inodes that are not fresh
# from it, one by one, whenever a file is made.
: >"$work/lines"
for ((run = 1; run <= runs; run++)); do
  # Of an append there are 500, for a disk's pauses last longer than a hundred take.
  for what in "append 500" "commits 100" "refresh 50" "writers 5"; do
    now=$work/now/$run/${what% *}
    mkdir -p "${now%/*}" && cp -al "$made" "$now"
    "$bench" ${what% *} "$now" ${what#* } >>"$work/lines"
  done
done
rm -rf "$work/now"
cat "$work/lines" >>bench/results/log.jsonl

of() { spread "$work/lines" "\"bench\":\"$1\"" "$2"; }
middle() { median "$work/lines" "\"bench\":\"$1\"" "$2"; }
echo "--- milliseconds, medians of $runs (spread)"
echo "append of one row             $(of append append_ms): Parquet $(of append stage_ms), commit $(of append commit_ms)"
echo "  mean with checkpoints       $(of append append_mean_ms)"
echo "  fsync, link, folder fsync   $(of append yardstick_ms)"
echo "append at version 100         $(of commits short_ms): its commit $(of commits short_commit_ms), with checkpoint $(of commits short_checkpoint_ms)"
echo "append at version $commits       $(of commits long_ms): its commit $(of commits long_commit_ms), with checkpoint $(of commits long_checkpoint_ms)"
echo "  mean with checkpoints       $(of commits short_mean_ms) and $(of commits long_mean_ms), ratio $(of commits mean_ratio)"
echo "appends per second            $(of writers one) / 5 by one writer, $(of writers four) / 5 by four; the least of the four $(of writers least)"
echo "refresh after one commit      $(of refresh short_ms) at 40 commits, $(of refresh long_ms) at $commits, $(of refresh files_ms) at $files files"
echo "--- limits"
hold "append / (fsync + link + folder fsync)" "$(middle append ratio)" 4
hold "append at version $commits / at version 100" "$(middle commits ratio)" 1.3
hold "commit alone at version $commits / at version 100" "$(middle commits commit_ratio)" 1.3
hold "mean append with checkpoints at version $commits / at version 100" "$(middle commits mean_ratio)" 1.3
hold "appends of one writer / of four" "$(ratio "$(middle writers one)" "$(middle writers four)")" 1
hold "a fair share / the least of four writers" "$(ratio 1 "$(middle writers least_share)")" 2
hold "refresh at $commits commits / at 40" "$(middle refresh long_ratio)" 1.3
hold "refresh at $files files / at 40" "$(middle refresh files_ratio)" 2.5
exit $broken
