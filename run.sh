#!/usr/bin/env bash
# From a fresh clone to a running lake: installs what is missing, builds, and starts the demo.
#   ./run.sh [OPTION...]     options go to 'claimlake demo', for example --fresh or --port 9000
#   ./run.sh --build-only    only installs and builds
set -euo pipefail
started_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$PWD
program=$root/build/release/src/app/claimlake

case ${1:-} in
  -h | --help)
    sed -n '2,4s/^# \{0,1\}//p' "$root/run.sh"
    [[ -x $program ]] && { echo; "$program" demo --help; }
    exit 0 ;;
esac

source tools/lib/build.sh
tools/install.sh build
build_ui  # first: the page becomes part of the program
build_preset release claimlake

if [[ ${1:-} == --build-only ]]; then
  echo "built: $program"
  exit 0
fi
cd "$started_from"
exec "$program" demo "$@"
