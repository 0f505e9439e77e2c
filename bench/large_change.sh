#!/usr/bin/env bash
# A change ten times larger than memory: claims are dropped into a lake of scale 1, and taken in and on to Gold
# with little memory. What does not fit is written to disk.
#
#   bench/large_change.sh [MEMORY_MB]          default 200
#
# Needs a release build (./run.sh --build-only).
#
#   PROGRAM      another claimlake
#   BENCH_WORK   where the lake is made; it needs 30 times MEMORY_MB
#
# JSON lines go to bench/results/large_change.jsonl. Ends with 1 if a table is not built, or if a process took
# more than twice MEMORY_MB.
set -euo pipefail
cd "$(dirname "$0")/.."
source bench/limits.sh
memory=${1:-200}
program=$(realpath "${PROGRAM:-build/release/src/app/claimlake}")
work=$(realpath -m "${BENCH_WORK:-$(mktemp -d)}")
mkdir -p "$work" bench/results
lake=$work/large_change lines=$work/lines
rm -rf "$lake"
: >"$lines"
"$program" --lake "$lake" demo --no-serve --scale 1 >/dev/null
before=$("$program" --lake "$lake" sql --format csv "SELECT count(*) FROM silver.fact_claims" | tail -n 1)

python3 - "$lake/raw" $((memory * 10 * 1000 * 1000)) <<'PYTHON'
import json, os, sys

raw, size = sys.argv[1], int(sys.argv[2])
os.makedirs(f"{raw}/claims", exist_ok=True)
with open(f"{raw}/claims.jsonl", errors="replace") as lines:
    like = [json.loads(next(lines)) for _ in range(100)]
number = 0
while size > 0:
    name = f"{raw}/claims/large{number:09}"
    with open(f"{name}.tmp", "w") as file:
        for _ in range(250_000):
            claim = {**like[number % 100], "claim_id": f"00000000-0000-4000-8000-{number:012d}"}
            size -= file.write(json.dumps(claim) + "\n")
            number += 1
    os.rename(f"{name}.tmp", f"{name}.jsonl")
PYTHON

for command in ingest run; do
  /usr/bin/time -f '%e %M' -o "$work/time" "$program" "$command" --lake "$lake" --memory "${memory}MB" >"$work/$command.log" 2>&1 || {
    tail -n 20 "$work/$command.log" >&2
    exit 1
  }
  awk -v step="$command" -v memory="$memory" '{
    printf "{\"bench\":\"large_change\",\"step\":\"%s\",\"memory_mb\":%s,\"seconds\":%s,\"peak_mb\":%d}\n",
      step, memory, $1, $2 * 1024 / 1e6 }' "$work/time" | tee -a "$lines"
done
cat "$lines" >>bench/results/large_change.jsonl
after=$("$program" --lake "$lake" sql --format csv "SELECT count(*) FROM silver.fact_claims" | tail -n 1)
echo "silver.fact_claims: $before rows, then $after"

echo "--- limits"
hold "peak of the worst process / --memory" "$(ratio "$(values "$lines" . peak_mb | tail -n 1)" "$memory")" 2
exit $broken
