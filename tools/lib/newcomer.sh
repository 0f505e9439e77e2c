# Runs inside the bare root of tools/fresh.sh, in the place of a newcomer: only bash and what
# ./run.sh installs.   newcomer.sh yes|no (whether to run the tests too)
set -euo pipefail
set -m  # a background program must not ignore Ctrl-C
cd "$HOME/claimlake"
port=18360

seconds() { printf '%d.%d s' $(($1 / 10)) $(($1 % 10)); }
now() { echo $(($(date +%s%N) / 100000000)); }

# get PATH: the answer of the demo, headers too; fails while nobody listens.
get() {
  exec 9<>"/dev/tcp/127.0.0.1/$port" || return 1
  printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n' "$1" "$port" >&9
  cat <&9
  exec 9>&- 9<&-
} 2>/dev/null

# demo WHAT: starts ./run.sh, waits until the page answers, looks at an answer, presses Ctrl-C.
demo() {
  local from up pid answer
  from=$(now)
  ./run.sh --port "$port" >"$HOME/demo.log" 2>&1 &
  pid=$!
  until get /readyz | head -n 1 | grep -q ' 200'; do
    kill -0 "$pid" 2>/dev/null || { cat "$HOME/demo.log"; echo "the demo ended by itself"; return 1; }
    # Nothing tells a shell that a port is open, so it looks again.
    read -rt 0.05 <> <(:) || true
  done
  up=$(now)
  echo "$1: $(seconds $((up - from))) to the first answer"
  answer=$(get /) && grep -q '<div id="root"' <<<"$answer" || { echo "the page is not the UI: $(head -n 1 <<<"$answer")"; return 1; }
  answer=$(get /api/insights/kpis) && head -n 1 <<<"$answer" | grep -q ' 200' || { echo "no KPIs: $(head -n 1 <<<"$answer")"; return 1; }
  from=$(now)
  kill -INT -- "-$pid"
  wait "$pid" && code=0 || code=$?
  echo "$1: stopped by Ctrl-C in $(seconds $(($(now) - from))), exit code $code"
  sed 's/^/  | /' "$HOME/demo.log" | tail -n 40
}

from=$(now)
./run.sh --build-only
echo "./run.sh --build-only, everything to be installed, fetched and built: $(seconds $(($(now) - from)))"
from=$(now)
./run.sh --build-only
echo "./run.sh --build-only again: $(seconds $(($(now) - from)))"
demo "first demo"
demo "second demo, same lake"
if [[ $1 == yes ]]; then
  from=$(now)
  CI=true ./test.sh && code=0 || code=$?
  echo "./test.sh: $(seconds $(($(now) - from))), exit code $code"
  exit "$code"
fi
