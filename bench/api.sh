#!/usr/bin/env bash
# The API under load: 200 requests a second at scale 1, the server on one core, the clients on
# another.
#
#   bench/api.sh [RUNS] [SECONDS]      default 5 runs of 20 seconds, each with a new server
#
#   PEERS_PYTHON    a Python with numpy and duckdb, for the raw files (bench/README.md)
#   CLAIMLAKE_SHARED  the folder with the peers' scripts, default ../shared
#   BENCH_WORK      where raw files and lake are made and kept for the next time
#
# The load is open: requests leave at planned moments and latency counts from those, so that a
# server that stalls is charged with all that it kept waiting. The first seconds after the start,
# when the server reads the tables for the first time, are a run of their own and do not count.
# JSON lines go to bench/results/api.jsonl. Ends with 1 if the median of the p99 is 20 ms or more, or
# if any request failed.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-5}
seconds=${2:-20}
rate=200
python=${PEERS_PYTHON:?set PEERS_PYTHON to the Python of the peers (bench/README.md)}
shared=$(realpath "${CLAIMLAKE_SHARED:-../shared}")
program=$PWD/build/release/src/app/claimlake
load=$PWD/build/release/bench/api_load
work=$(realpath -m "${BENCH_WORK:-$(mktemp -d)}")
results=$PWD/bench/results/api.jsonl
mkdir -p "$work" bench/results

cmake --build build/release --target claimlake api_load >/dev/null
raw=$work/raw1 lake=$work/lake1
[[ -e $raw/meta.json ]] || "$python" "$shared/bench/peers/gen.py" "$raw" --scale 1 >/dev/null
if [[ ! -e $lake/.filled ]]; then
  rm -rf "$lake"
  "$program" init --lake "$lake" >/dev/null
  "$program" ingest "$raw" --lake "$lake" >/dev/null
  "$program" run --as-of 2025-12-22 --lake "$lake" >/dev/null
  touch "$lake/.filled"
fi
server_core='' client_core=''
if (($(nproc) > 1)); then server_core='taskset -c 0' client_core='taskset -c 1'; fi

server=
trap '[[ -z $server ]] || kill -INT "$server" 2>/dev/null || true' EXIT
ticks() { awk '{print $14 + $15}' "/proc/$server/stat"; } # processor time, in 1/100 s

: >"$work/api"
for ((run = 1; run <= runs; run++)); do
  rm -f "$work/address"
  mkfifo "$work/address"
  $server_core "$program" serve --lake "$lake" --port 0 --json >"$work/address" 2>"$work/serve.log" &
  server=$!
  exec 3<"$work/address"
  # The server writes its address when it listens.
  while read -r line <&3; do [[ $line != *'"port"'* ]] || break; done
  port=$(tr -dc 0-9 <<<"$line")
  $client_core "$load" "$port" $rate 5 $((1000 + run)) |
    sed -n 's/"call":"all"/"call":"all, first 5 s"/p' >>"$work/api"
  before=$(ticks)
  $client_core "$load" "$port" $rate "$seconds" "$run" >>"$work/api" || echo "requests failed in run $run" >&2
  used=$((($(ticks) - before) / seconds))
  peak=$(awk '/VmHWM/ {print int($2 / 1024)}' "/proc/$server/status")
  echo "{\"bench\":\"api\",\"call\":\"server\",\"core_percent\":$used,\"peak_mib\":$peak}" >>"$work/api"
  kill -INT "$server"
  wait "$server" || true
  server=
  exec 3<&-
done
cat "$work/api" >>"$results"

echo "--- $rate requests/s for $seconds s, medians of $runs (spread), milliseconds"
sed 's/[{}"]//g; s/, first/ first/' "$work/api" | awk -F, -v limit=20 '
  { delete value; for (i = 1; i <= NF; i++) { split($i, kv, ":"); value[kv[1]] = kv[2] }
    c = value["call"]; if (!(c in seen)) { seen[c] = 1; order[++calls] = c }
    for (k in value) list[c, k, ++n[c, k]] = value[k] + 0; failed += value["failed"] }
  function median(c, k,   i, j, t, v, m) {
    m = n[c, k]; for (i = 1; i <= m; i++) v[i] = list[c, k, i]
    for (i = 1; i <= m; i++) for (j = i + 1; j <= m; j++) if (v[j] < v[i]) { t = v[i]; v[i] = v[j]; v[j] = t }
    spread = v[1] ".." v[m]; return v[int((m + 1) / 2)] }
  END {
    for (i = 1; i <= calls; i++) { c = order[i]; if (c == "server") continue
      printf "%-16s p50 %7.2f", c, median(c, "p50_ms"); printf "  p99 %7.2f (%s)", median(c, "p99_ms"), spread
      p99 = median(c, "p99_ms"); printf "  max %7.2f (%s)\n", median(c, "max_ms"), spread
      if (c == "all") all = p99 }
    printf "server: %d %% of a core", median("server", "core_percent"); printf " (%s), peak %d MiB\n", spread, median("server", "peak_mib")
    broken = all >= limit || failed > 0
    printf "p99 %.2f ms, limit %d ms, %d requests failed%s\n", all, limit, failed, broken ? "  BROKEN" : ""
    exit broken }'
