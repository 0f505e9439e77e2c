# The unit tests of the UI, and that it builds.
set -euo pipefail
source tools/lib/build.sh
[[ -f ui/package.json ]] || { echo "there is no UI here"; exit 77; }
export PATH=$(tools/fetch_node.sh):$PATH
install_ui
npm --prefix ui test
build_ui
