# Runs every fuzz target for CLAIMLAKE_FUZZ_SECONDS (30), as many at once as there are cores, from
# CLAIMLAKE_FUZZ_SEED (1): the same commit tries the same inputs, as far as the time reaches. A long
# run by hand takes another seed; what it finds is kept in the corpus, which CI then runs first. The
# kept inputs of fuzz/corpus/TARGET are run first; an input that breaks something is left as
# build/test/fuzz/TARGET-crash-*, to be mended and then kept in the corpus.
set -euo pipefail
source tools/lib/build.sh
mapfile -t targets < <(sed -n 's/^claimlake_fuzz(\([a-z_0-9]*\)[ )].*/\1/p' fuzz/CMakeLists.txt)
[[ ${#targets[@]} -gt 0 ]] || { echo "fuzz/CMakeLists.txt lists no target"; exit 77; }
build_preset fuzz fuzz_targets
out=$PWD/build/test/fuzz
mkdir -p "$out"
export ASAN_OPTIONS=detect_container_overflow=0 UBSAN_OPTIONS=print_stacktrace=1 out

# What was found today goes into a scratch folder; the corpus in the checkout is only read.
fuzz() {
  local target=$1 log=$out/$1.log
  rm -rf "$out/found/$target"
  mkdir -p "$out/found/$target" "fuzz/corpus/$target"
  if build/asan-ubsan/fuzz/"${target}_fuzz" -seed="${CLAIMLAKE_FUZZ_SEED:-1}" -max_total_time="${CLAIMLAKE_FUZZ_SECONDS:-30}" -timeout=20 -rss_limit_mb=2048 \
      -print_final_stats=1 -artifact_prefix="$out/$target-" "$out/found/$target" "fuzz/corpus/$target" >"$log" 2>&1; then
    echo "ok $target: $(awk '/number_of_executed_units/ { print $2 }' "$log") inputs, coverage $(grep -oE 'cov: [0-9]+' "$log" | tail -n 1)"
  else
    tail -n 40 "$log"
    echo "FAILED $target (above; all of it in $log)"
  fi
}
export -f fuzz
printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I{} bash -c 'fuzz {}' | tee "$out/all.log"
failed=$(grep -c '^FAILED ' "$out/all.log" || true)
echo "$(grep -c '^ok ' "$out/all.log" || true) passed, $failed failed"
[[ $failed -eq 0 ]]
