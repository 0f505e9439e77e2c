#!/usr/bin/env bash
# Runs the stores against real servers on free ports of 127.0.0.1: versitygw (or
# moto) for S3, Azurite for Azure, with and without TLS. Needs Go 1.26 or Python, npm, and the
# network the first time.
#   CLAIMLAKE_BIN     the program (build/dev/src/app/claimlake); stores_test is taken from beside it
#   CLAIMLAKE_CACHE   where the servers are kept
# Arguments go to stores_test: tests/stores/run.sh --gtest_filter='*s3*'
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
bin=${CLAIMLAKE_BIN:-$root/build/dev/src/app/claimlake}
tests=$(cd "$(dirname "$bin")/../.." && pwd)/tests/stores/stores_test
cache=${CLAIMLAKE_CACHE:-$HOME/.cache/claimlake}/stores
versitygw_version=v1.8.0
azurite_version=3.37.0
moto_version=5.2.5
skip() { echo "$1"; exit 77; }
[[ -x $bin && -x $tests ]] || skip "the program or its tests are not built: $bin, $tests"

# Each server appears under a name of its version, when it is complete.
versitygw=$cache/versitygw-$versitygw_version/versitygw
moto=$cache/moto-$moto_version
if [[ ! -x $versitygw ]]; then
  mkdir -p "$cache"
  GOBIN=$cache/versitygw-$versitygw_version go install "github.com/versity/versitygw/cmd/versitygw@$versitygw_version" || versitygw=
fi
# Debian's own Go is too old for it. moto then plays S3; it is slow, checks no signatures, and of many writers
# of one name it lets two win now and then: what needs these is left out.
if [[ -z $versitygw && ! -x $moto/complete/moto_server ]]; then
  rm -rf "$moto"
  { python3 -m venv "$moto" && "$moto/bin/pip" install --disable-pip-version-check --quiet "moto[server,s3]==$moto_version" &&
    ln -s bin "$moto/complete"; } || skip "neither versitygw (Go 1.26) nor moto (Python) could be installed to play S3"
fi

export PATH=$("$root/tools/fetch_node.sh"):$PATH
azurite=$cache/azurite-$azurite_version
if [[ ! -f $azurite/node_modules/azurite/package.json ]]; then
  command -v npm >/dev/null || skip "there is no npm to install the Azure server with"
  rm -rf "$azurite" "$azurite.part"
  mkdir -p "$azurite.part"
  (cd "$azurite.part" && npm install --no-audit --no-fund --ignore-scripts --silent "azurite@$azurite_version") ||
    skip "Azurite could not be installed"
  mv "$azurite.part" "$azurite"
fi

work=$(mktemp -d)
pids=()
stop() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap stop EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
# answers PORT PID NAME: waits until the server listens.
answers() {
  for _ in $(seq 300); do
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return 0
    kill -0 "$2" 2>/dev/null || break
    sleep 0.1
  done
  tail -n 20 "$work/$3.log"
  echo "error: $3 did not start"
  exit 1
}

# Nothing of the machine's own credentials or proxies.
unset "${!AWS_@}" "${!AZURE_@}" http_proxy https_proxy HTTP_PROXY HTTPS_PROXY
export HOME=$work XDG_CACHE_HOME=$work/cache

s3_port=$(free_port)
left_out=
if [[ -n $versitygw ]]; then
  mkdir -p "$work/s3/tests"
  ROOT_ACCESS_KEY=testkey ROOT_SECRET_KEY=testsecret "$versitygw" --port "127.0.0.1:$s3_port" posix "$work/s3" >"$work/versitygw.log" 2>&1 &
  pids+=($!)
  answers "$s3_port" $! versitygw
else
  "$moto/bin/moto_server" -H 127.0.0.1 -p "$s3_port" >"$work/moto.log" 2>&1 &
  pids+=($!)
  answers "$s3_port" $! moto
  curl -s -o "$work/out" -X PUT "http://127.0.0.1:$s3_port/tests"
  left_out=--gtest_filter=-S3Refusals.*:*one_winner*/s3:*exactly_one_wins/s3:SlowLink.a_scan*
  echo "S3 is played by moto: signatures, races and speed are not tested"
fi
export CLAIMLAKE_TEST_S3=http://127.0.0.1:$s3_port

# azurite NAME ARGUMENT...: one account's data serves both, so that TLS needs no other tests.
azurite() {
  local name=$1 port
  port=$(free_port)
  node "$azurite/node_modules/azurite/dist/src/blob/main.js" --silent --disableTelemetry --skipApiVersionCheck \
    --blobHost 127.0.0.1 --blobPort "$port" -l "$work/$name" "${@:2}" >"$work/$name.log" 2>&1 &
  pids+=($!)
  answers "$port" $! "$name"
  started_port=$port
}
azurite azurite
export CLAIMLAKE_TEST_AZURE=http://127.0.0.1:$started_port/devstoreaccount1
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
  -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
azurite azurite_https --cert "$work/cert.pem" --key "$work/key.pem" --oauth basic
export CLAIMLAKE_TEST_AZURE_HTTPS=https://127.0.0.1:$started_port/devstoreaccount1 CLAIMLAKE_TEST_CA=$work/cert.pem

if [[ $# -gt 0 ]]; then "$tests" --gtest_brief=1 "$@"; exit; fi
failed=0
"$tests" --gtest_brief=1 ${left_out:+"$left_out"} || failed=1
AWS_ENDPOINT_URL_S3=$CLAIMLAKE_TEST_S3 AWS_ACCESS_KEY_ID=testkey AWS_SECRET_ACCESS_KEY=testsecret \
  bash "$here/lakes.sh" "$bin" "$work" || failed=1
exit $failed
