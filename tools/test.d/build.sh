# Installs what tests need and builds the program and its tests.
set -euo pipefail
source tools/lib/build.sh
tools/install.sh test
build_preset dev
