#!/usr/bin/env bash
# A whole lake in each store, by the program as people use it: what it shows equals what a lake in a
# folder of this machine shows. run.sh starts the servers and calls this.
#   lakes.sh PROGRAM FOLDER     FOLDER is for what it needs
set -uo pipefail
program=$1 work=$2
passed=0 failed=0
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED $1"; [[ $# -lt 2 ]] || tail -n 15 "$2"; }
# is WHAT WANTED GOT
is() { if [[ $2 == "$3" ]]; then ok; else bad "$1: wanted '$2', got '$3'"; fi; }
lake() { "$program" --lake "$1" "${@:2}"; }

question="SELECT (SELECT count(*) FROM silver.fact_claims) AS claims, (SELECT sum(total_claims) FROM gold.monthly_kpis) AS told, (SELECT max(version) FROM (SELECT count(*) AS version FROM gold.customer_360_view)) AS customers"
lake "$work/local" demo --no-serve >"$work/out" 2>&1 || bad "demo in a folder" "$work/out"
wanted=$(lake "$work/local" sql --json "$question")
[[ $wanted == *claims* ]] || bad "the lake in a folder answers: $wanted"

# one_lake NAME URL
one_lake() {
  local name=$1 url=$2 pid port
  lake "$url" init >"$work/out" 2>&1 && ok || bad "$name: init" "$work/out"
  lake "$url" init >"$work/out" 2>&1
  is "$name: init of what is a lake already" 5 $?
  lake "$url" demo --no-serve >"$work/out" 2>&1 && ok || bad "$name: demo" "$work/out"
  is "$name: rows" "$wanted" "$(lake "$url" sql --json "$question")"
  lake "$url" run >"$work/out" 2>&1 && ok || bad "$name: run" "$work/out"
  lake "$url" generate "$url-raw" --seed 7 >"$work/out" 2>&1 && ok || bad "$name: generate" "$work/out"
  lake "$url" ingest "$url-raw" >"$work/out" 2>&1 && ok || bad "$name: ingest" "$work/out"
  lake "$url" doctor >"$work/out" 2>&1 && ok || bad "$name: doctor" "$work/out"
  # The read cache has what was read; without it the answer is the same.
  rm -rf "$XDG_CACHE_HOME"
  is "$name: rows without the cache" "$wanted" "$(lake "$url" sql --json "$question")"
  is "$name: rows out of the cache" "$wanted" "$(lake "$url" sql --json "$question")"
  is "$name: what this machine keeps" 1 "$(find "$XDG_CACHE_HOME/claimlake/lakes" -mindepth 1 -maxdepth 1 | wc -l)"

  # An environment reads main's files where they lie, is brought up to date, and leaves nothing.
  versions=$(lake "$url" table list --json 2>"$work/out") && ok || bad "$name: table list" "$work/out"
  lake "$url" env create dev >"$work/out" 2>&1 && ok || bad "$name: env create" "$work/out"
  is "$name: rows of an environment" "$wanted" "$(lake "$url" sql --env dev --json "$question")"
  lake "$url" generate --seed 8 >"$work/out" 2>&1 && ok || bad "$name: generate into raw/" "$work/out"
  lake "$url" ingest --env dev >"$work/out" 2>&1 && ok || bad "$name: ingest in an environment" "$work/out"
  lake "$url" run --env dev >"$work/out" 2>&1 && ok || bad "$name: run in an environment" "$work/out"
  [[ $(lake "$url" sql --env dev --json "$question") != "$wanted" ]] && ok || bad "$name: nothing came into the environment"
  is "$name: rows of main meanwhile" "$wanted" "$(lake "$url" sql --json "$question")"
  is "$name: main as the environment sees it" "$wanted" "$(lake "$url" sql --env dev --json "$(sed -E 's/(silver|gold)\./\1__main./g' <<<"$question")")"
  lake "$url" env drop dev >"$work/out" 2>&1 && ok || bad "$name: env drop" "$work/out"
  is "$name: environments after the drop" "[]" "$(lake "$url" env list --json)"
  is "$name: rows after the drop" "$wanted" "$(lake "$url" sql --json "$question")"
  is "$name: tables after the drop" "$versions" "$(lake "$url" table list --json 2>/dev/null)"

  "$program" --lake "$url" serve --port 0 --json >"$work/serve" 2>"$work/out" &
  pid=$!
  for _ in $(seq 100); do
    port=$(sed -n 's/.*"port": *\([0-9]*\).*/\1/p' "$work/serve")
    [[ -z $port ]] || break
    kill -0 $pid 2>/dev/null || break
    sleep 0.1
  done
  is "$name: the page's API" 200 "$(curl -s -o "$work/answer" -w '%{http_code}' "http://127.0.0.1:$port/api/insights/summary")"
  kill -TERM $pid
  wait $pid
  is "$name: serve ends" 0 $?
}

# A pack that publishes together: while a rule refuses one Gold table, readers keep the old rows of all; the run after
# it publishes all of them.
packs=$work/packs
cp -r "$(dirname "${BASH_SOURCE[0]}")/../../packs" "$packs"
sed -i 's/^time_zone:/publish: together\ntime_zone:/' "$packs/pet/pack.yml"
echo "packs_folder: $packs" >"$work/together.yml"
rules=$packs/pet/3_gold/monthly_kpis.yml
cp "$rules" "$work/rules.yml"

# together NAME URL
together() {
  local name=$1 url=$2 versions
  local -x CLAIMLAKE_CONFIG=$work/together.yml
  lake "$url" demo --no-serve >"$work/out" 2>&1 && ok || bad "$name: demo published together" "$work/out"
  is "$name: rows published together" "$wanted" "$(lake "$url" sql --json "$question")"
  versions=$(lake "$url" table list 2>/dev/null | awk '/^(silver|gold)[.]/ {print $1, $2, $3}')
  sed -i 's/^    set:$/    set:\n      some: {row_count: {min: 1000000}, else: fail}/' "$rules"
  lake "$url" generate --seed 8 >"$work/out" 2>&1 && lake "$url" ingest >"$work/out" 2>&1 && ok || bad "$name: more rows" "$work/out"
  lake "$url" run >"$work/out" 2>&1
  is "$name: a run that a rule refuses" 1 $?
  grep -q 'Kept back because of gold.monthly_kpis' "$work/out" && ok || bad "$name: why all are kept back" "$work/out"
  is "$name: rows while all are kept back" "$wanted" "$(lake "$url" sql --json "$question" 2>/dev/null)"
  is "$name: versions while all are kept back" "$versions" "$(lake "$url" table list 2>/dev/null | awk '/^(silver|gold)[.]/ {print $1, $2, $3}')"
  cp "$work/rules.yml" "$rules"
  lake "$url" run >"$work/out" 2>&1 && ok || bad "$name: the run after it" "$work/out"
  [[ $(lake "$url" sql --json "$question") != "$wanted" ]] && ok || bad "$name: nothing was published together"
  lake "$url" prove >"$work/out" 2>&1 && ok || bad "$name: tables published together equal their models" "$work/out"
}

one_lake s3 s3://tests/lakes/one
together s3 s3://tests/lakes/together
export AZURE_STORAGE_ACCOUNT=devstoreaccount1
export AZURE_STORAGE_KEY=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==
AZURE_STORAGE_SERVICE_ENDPOINT=$CLAIMLAKE_TEST_AZURE one_lake azure az://lakes/one
AZURE_STORAGE_SERVICE_ENDPOINT=$CLAIMLAKE_TEST_AZURE together azure az://lakes/together
cat >"$work/machine.yml" <<YAML
azure_endpoint: $CLAIMLAKE_TEST_AZURE_HTTPS
store_ca_file: $CLAIMLAKE_TEST_CA
azure_account_key: env:AZURE_STORAGE_KEY
YAML
CLAIMLAKE_CONFIG=$work/machine.yml one_lake azure_https abfss://lakes@devstoreaccount1.dfs.core.windows.net/one

# A secret that is typed into the address is in no message.
lake 'az://lakes/one?sig=hunter2' sql "SELECT 1" >"$work/out" 2>&1
is "an address with a signature" 3 $?
if grep -q hunter2 "$work/out"; then bad "a message repeats a signature" "$work/out"; else ok; fi

echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
