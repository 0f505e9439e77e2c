# Installs what tests need and builds the program and its tests.
set -euo pipefail
source tools/lib/build.sh
tools/install.sh test
build_ui  # first: the page becomes part of the program
build_preset dev
