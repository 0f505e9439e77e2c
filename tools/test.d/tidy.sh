# clang-tidy with the short list of .clang-tidy, on the sources that changed since they last passed,
# or that include something that did. Tests are left out: they are long and repeat themselves.
set -euo pipefail
command -v clang-tidy-16 >/dev/null || { echo "clang-tidy-16 is not installed (tools/install.sh test)"; exit 77; }
# The compile commands of the clang build: those of g++ have options that clang does not know.
source tools/lib/build.sh
configure_preset asan-ubsan
kept=build/test/tidy
# What passed is known by its text, in any checkout.
passed=$(dirname "$(tools/fetch_duckdb.sh)")/tidy
mkdir -p "$kept" "$passed"
find src -name '*.cc' -o -name '*.h' | LC_ALL=C sort >"$kept/files"
config=$({ cat .clang-tidy; clang-tidy-16 --version; basename "$(tools/fetch_duckdb.sh)"; } | sha256sum | cut -c1-16)
export kept passed

tidy() {
  [[ ! -e $passed/$2 ]] || { echo "ok $1 (unchanged)"; return; }
  if clang-tidy-16 -p build/asan-ubsan --quiet --warnings-as-errors='*' "$1" >"$kept/out.$2" 2>&1; then
    rm -f "$kept/out.$2"
    : >"$passed/$2"
    echo "ok $1"
  else
    grep -vE '^[0-9]+ warnings? (generated|treated)' "$kept/out.$2"
    rm -f "$kept/out.$2"
    echo "FAILED $1"
  fi
}
export -f tidy
# The list itself must bite: a source with a known mistake is refused.
cp .clang-tidy "$kept/"
printf '#include <string>\n#include <utility>\nint f(std::string a) {\n  std::string b = std::move(a);\n  return static_cast<int>(a.size() + b.size());\n}\n' >"$kept/bad.cc"
found=$(clang-tidy-16 --quiet "$kept/bad.cc" -- -std=c++20 2>&1 || true)
if grep -q bugprone-use-after-move <<<"$found"; then
  bite="ok the list of checks bites"
else
  bite="FAILED the list of checks does not find a use after move"
fi

{ echo "$bite"; grep '\.cc$' "$kept/files" | grep -v '_test\.cc$' | tools/check/sums.sh "$kept/files" | sed "s/\$/-$config/" |
  xargs -r -P "$(nproc)" -n 2 bash -c 'tidy "$0" "$1"'; } | tee "$kept/all.log"
failed=$(grep -c '^FAILED ' "$kept/all.log" || true)
echo "$(grep -c '^ok ' "$kept/all.log" || true) passed, $failed failed"
[[ $failed -eq 0 ]]
