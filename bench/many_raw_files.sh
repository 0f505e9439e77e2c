#!/usr/bin/env bash
# A watched folder that holds many small raw files: `claimlake watch` takes them in, one claim each, while single
# files and copies under other names arrive. Then all claims must be there, each once.
#
#   bench/many_raw_files.sh [FILES]            default 100000
#
# Needs a release build (./run.sh --build-only).
#
#   PROGRAM      another claimlake
#   BENCH_WORK   where the lake is made
#
# JSON lines go to bench/results/many_raw_files.jsonl. Ends with 1 if a claim is missing or twice (after ten
# minutes and 50 ms for each file at most), if nothing was said for longer than a minute, or if the process took more
# than 2 GB.
set -euo pipefail
cd "$(dirname "$0")/.."
source bench/limits.sh
files=${1:-100000}
program=$(realpath "${PROGRAM:-build/release/src/app/claimlake}")
work=$(realpath -m "${BENCH_WORK:-$(mktemp -d)}")
mkdir -p "$work" bench/results
lake=$work/many_raw_files line=$work/line
rm -rf "$lake"
"$program" --lake "$lake" demo --no-serve --scale 1 >/dev/null

python3 - "$program" "$lake" "$files" >"$line" <<'PYTHON'
import json, os, subprocess, sys, threading, time

program, lake, files = sys.argv[1], sys.argv[2], int(sys.argv[3])
raw = f"{lake}/raw"
os.makedirs(f"{raw}/claims", exist_ok=True)
with open(f"{raw}/claims.jsonl", errors="replace") as lines:
    like = [json.loads(next(lines)) for _ in range(100)]


def claim(number):
    return json.dumps({**like[number % 100], "claim_id": f"00000000-0000-4000-8000-{number:012d}"}) + "\n"


def drop(name, text):
    with open(f"{raw}/claims/{name}.tmp", "w") as file:
        file.write(text)
    os.rename(f"{raw}/claims/{name}.tmp", f"{raw}/claims/{name}.json")


def value(sql):
    out = subprocess.run([program, "--lake", lake, "sql", "--format", "csv", sql], stdout=subprocess.PIPE, check=True)
    return int(out.stdout.split()[-1])


before = value("SELECT count(*) FROM silver.fact_claims")
for number in range(files):
    drop(f"many{number:06}", claim(number))

# Without this a claim that is missing, or twice, would be waited for without end.
limit_s = 600 + files / 20
settle_s = 120  # what Silver may be behind Bronze
ours = "claim_id LIKE '00000000-0000-4000-8000-%'"
started = time.monotonic()
watch = subprocess.Popen([program, "--lake", lake, "watch", "--json"], stdout=subprocess.PIPE)
# Ends the loop below also while nothing is said.
late = threading.Timer(limit_s, watch.kill)
late.start()
said = [started]
singles = copies = 0
first_taken = None
peak = 0


def look_at_memory():
    global peak
    try:
        with open(f"/proc/{watch.pid}/status") as status:
            peak = max([peak] + [int(row.split()[1]) for row in status if row.startswith("VmHWM")])
    except FileNotFoundError:
        pass


try:
    for text in watch.stdout:
        now = time.monotonic()
        said.append(now)
        look_at_memory()
        line = json.loads(text)
        rows = (line.get("ingest") or {}).get("rows", 0)
        print(f"{now - started:7.1f} s  {line.get('files_waiting')} files wait, {rows} rows taken in", file=sys.stderr)
        if first_taken is None and rows:
            first_taken = now - started
        # Meanwhile single claims arrive, and files that are known under other names.
        if singles < 20:
            for _ in range(5):
                drop(f"single{singles:03}", claim(files + singles))
                drop(f"copy{copies:03}", claim(copies))
                singles, copies = singles + 1, copies + 1
            continue
        if line.get("files_waiting") == 0 and line.get("run"):
            if value(f"SELECT count(*) FROM bronze.claims_raw WHERE {ours}") >= files + singles:
                break
    else:
        said.append(time.monotonic())
    seconds = said[-1] - started
    settled = time.monotonic() + settle_s
    while watch.poll() is None and time.monotonic() < settled:
        if value("SELECT count(*) FROM silver.fact_claims") - before >= files + singles:
            break
        time.sleep(1)
    look_at_memory()
    if watch.poll() is not None:
        print(f"watch has ended, or did not come to its end in {limit_s:.0f} s", file=sys.stderr)
finally:
    late.cancel()
    watch.terminate()
    watch.wait()
print(json.dumps({
    "bench": "many_raw_files", "files": files, "seconds": round(seconds, 1), "first_rows_seconds": round(first_taken or seconds, 1),
    "silence_seconds": round(max(b - a for a, b in zip(said, said[1:])), 1), "peak_mb": round(peak * 1024 / 1e6),
    "wanted": files + singles, "bronze": value(f"SELECT count(*) FROM bronze.claims_raw WHERE {ours}"),
    "bronze_claims": value(f"SELECT count(DISTINCT claim_id) FROM bronze.claims_raw WHERE {ours}"),
    "silver": value("SELECT count(*) FROM silver.fact_claims") - before}))
PYTHON
cat "$line"
cat "$line" >>bench/results/many_raw_files.jsonl
rm -rf "$lake"

field() { values "$line" . "$1" | tail -n 1; }
echo "--- limits"
for found in bronze bronze_claims silver; do
  [[ $(field "$found") == "$(field wanted)" ]] || { echo "BROKEN $found: $(field "$found") claims, not $(field wanted)"; broken=1; }
done
hold "longest silence, s" "$(field silence_seconds)" 60
hold "peak, MB" "$(field peak_mb)" 2048
exit $broken
