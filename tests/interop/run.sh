#!/usr/bin/env bash
# Reads our tables with delta-rs and Spark, runs the models in Spark, and reads tables that both
# wrote. Needs a Java runtime, and the network the first time.
#   CLAIMLAKE_BIN     the program (build/dev/src/app/claimlake)
#   CLAIMLAKE_CACHE   where the Python environment and Spark's Delta jars are kept
# Arguments go to pytest: tests/interop/run.sh -k delta_rs
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
export CLAIMLAKE_BIN=${CLAIMLAKE_BIN:-$root/build/dev/src/app/claimlake}
cache=${CLAIMLAKE_CACHE:-$HOME/.cache/claimlake}/interop
export CLAIMLAKE_JARS=$cache/jars

skip() { echo "$1"; exit 77; }
[[ -x $CLAIMLAKE_BIN ]] || skip "the program is not built: $CLAIMLAKE_BIN"
command -v java >/dev/null || skip "there is no Java runtime for Spark: tools/install.sh test"

# The environment appears under a name of its own content, when it is complete.
venv=$cache/venv-$(sha256sum "$here/requirements.txt" | cut -c1-12)
if [[ ! -x $venv/bin/pytest ]]; then
  mkdir -p "$cache"
  # A virtual environment keeps its own path inside, so it is made in place and removed on failure.
  if ! { python3 -m venv "$venv" &&
    "$venv/bin/pip" install --disable-pip-version-check --quiet --requirement "$here/requirements.txt"; }; then
    rm -rf "$venv"
    skip "the Python packages of tests/interop/requirements.txt could not be installed"
  fi
fi
cd "$here"
# Python shows times in the zone of the process.
TZ=UTC PYTHONDONTWRITEBYTECODE=1 exec "$venv/bin/pytest" -q -p no:cacheprovider -rs "$@"
