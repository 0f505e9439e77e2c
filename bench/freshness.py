"""How long after a claim is dropped as a file is it in all of Silver and Gold?

    python3 freshness.py PROGRAM LAKE [--claims 50] [--warm 5] [--scale N]

Runs `PROGRAM watch` on LAKE, a lake with raw files, and drops one claim after the other into raw/claims: a
claim of an existing policy, in a file of its own that is renamed there. Timed from just before the rename to the
last commit of a Silver or Gold table that the claim brings, as the file system says when that commit got its name.
At the end the tables must count the new claims. Prints one JSON line.
"""
import argparse, json, os, subprocess, sys, time

arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("program"), arguments.add_argument("lake")
arguments.add_argument("--claims", type=int, default=50), arguments.add_argument("--warm", type=int, default=5)
arguments.add_argument("--scale", type=int, default=1)
a = arguments.parse_args()


def count(table):
    rows = subprocess.check_output([a.program, "--lake", a.lake, "sql", "--format", "csv", f"SELECT count(*) FROM {table}"], text=True)
    return int(rows.split()[1])


watch = subprocess.Popen([a.program, "--lake", a.lake, "watch", "--json"], stdout=subprocess.PIPE, text=True)


def next_refresh(file):
    """The line of the refresh that took `file` in, or of the first one at which nothing waits."""
    for text in watch.stdout:
        line = json.loads(text)
        if line["problems"]:
            sys.exit(f"the pipeline has a problem: {line['problems']}")
        if line["event"] == "refresh" and line["run"] and line["files_waiting"] == 0 and (file is None or line["ingest"]):
            return line
    sys.exit("the watch has ended")


def committed_at(table, version):
    return os.stat(f"{a.lake}/{table.replace('.', '/')}/_delta_log/{version:020}.json").st_mtime


def wait_until_current():
    line = next_refresh(None)
    while any(table["waiting"] for table in line["tables"]) or any(table["version"] is None for table in line["tables"]):
        line = next_refresh(None)


wait_until_current()
with open(f"{a.lake}/raw/claims.jsonl", errors="replace") as claims:
    like = json.loads(claims.readline())
before = count("gold.claims_analytics")
os.makedirs(f"{a.lake}/raw/claims", exist_ok=True)
today = time.strftime("%Y-%m-%d", time.gmtime())
milliseconds, tables, ways = [], 0, {}
for n in range(a.warm + a.claims):
    claim = {**like, "claim_id": f"00000000-0000-4000-8000-{n:012d}", "claim_number": f"CLMNEW{n:06d}", "created_at": today + "T08:00:00", "updated_at": today + "T08:00:00"}
    outside, name = f"{a.lake}/dropped.tmp", f"claims/claim_{n}.json"
    with open(outside, "w") as file:
        file.write(json.dumps(claim) + "\n")
    start = time.time()
    os.rename(outside, f"{a.lake}/raw/{name}")
    built = [table for table in next_refresh(name)["run"]["tables"] if table["outcome"] == "built"]
    milliseconds.append(1000 * (max(committed_at(table["table"], table["version"]) for table in built) - start))
    if n >= a.warm:
        tables = max(tables, len(built))
        for table in built:
            way = table["way"].split(" (")[0].split(":")[0]
            ways[way] = ways.get(way, 0) + 1
watch.terminate()
watch.wait()
if count("gold.claims_analytics") != before + a.warm + a.claims:
    sys.exit("gold.claims_analytics does not hold the new claims")
timed = sorted(milliseconds[a.warm :])
at = lambda share: round(timed[min(len(timed) - 1, int(share * len(timed)))], 1)
print(json.dumps({"bench": "freshness", "peer": "claimlake", "scale": a.scale, "claims": len(timed), "tables": tables, "ways": ways, "first_ms": round(milliseconds[0], 1), "p50_ms": at(0.5), "p99_ms": at(0.99), "max_ms": round(timed[-1], 1)}))
