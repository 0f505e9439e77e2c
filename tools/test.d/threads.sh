# The unit tests of the modules that use threads, under ThreadSanitizer. What runs inside the
# prebuilt libduckdb cannot be seen and is left out.
set -euo pipefail
source tools/lib/build.sh
modules=()
for module in net store delta engine datagen serve; do
  if grep -q TESTS "src/$module/CMakeLists.txt" 2>/dev/null; then modules+=("$module"); fi
done
build_preset tsan "${modules[@]/%/_test}"
export TSAN_OPTIONS=ignore_noninstrumented_modules=1:halt_on_error=1:second_deadlock_stack=1:suppressions=$PWD/tools/lib/tsan_suppressions.txt
exec bash tools/test.d/label.sh fast build/tsan -R "^($(IFS='|'; echo "${modules[*]}"))\$"
