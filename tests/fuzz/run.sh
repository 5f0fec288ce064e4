#!/usr/bin/env bash
# Runs every fuzz target of build/fuzz (./run fuzz builds them). slice: the same few thousand inputs each time, a second or two a parser, for ./run test. Otherwise SECONDS a
# parser; what is learnt stays in build/fuzz/corpus, what breaks a parser in build/fuzz/found.
#   tests/fuzz/run.sh slice | SECONDS
set -u
cd "$(dirname "$0")/../.." || exit 1
built=${ZD_FUZZ_BUILD:-build/fuzz}
how=${1:-slice}
work=$built
if [ "$how" = slice ]; then
  work=$(mktemp -d "${TMPDIR:-/tmp}/zhidui-fuzz.XXXXXX") || exit 1
  trap 'rm -rf "$work"' EXIT
fi
mkdir -p "$work/corpus" "$work/found" "$work/seeds.new"
[ -x "$built/fuzz_seeds" ] || { echo "not ok fuzz: nothing is built in $built; ./run fuzz builds it"; exit 1; }
"$built/fuzz_seeds" "$work/seeds.new" || { echo "not ok fuzz: the seeds cannot be written"; exit 1; }
rm -rf "$work/seeds" && mv "$work/seeds.new" "$work/seeds"
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
failed=0
for program in "$built"/fuzz_*; do
  target=$(basename "$program" | sed 's/^fuzz_//')
  [ "$target" != seeds ] && [ -x "$program" ] || continue
  [ -d "$work/seeds/$target" ] || { echo "not ok fuzz $target: no seeds"; failed=1; continue; }
  mkdir -p "$work/corpus/$target"
  limits=(-max_total_time="$how")
  [ "$how" != slice ] || limits=(-seed=20261128 -runs=20000)
  if "$program" "${limits[@]}" -max_len=8192 -timeout=10 -rss_limit_mb=1024 -artifact_prefix="$work/found/$target-" "$work/corpus/$target" "$work/seeds/$target" >"$work/$target.log" 2>&1; then
    echo "ok fuzz $target: $(sed -n 's/^Done \([0-9]*\) runs in.*/\1 inputs/p' "$work/$target.log"), $(ls "$work/corpus/$target" | wc -l) kept"
  else
    echo "not ok fuzz $target"
    grep -E "broken promise|ERROR|SUMMARY|runtime error|    #[0-9] " "$work/$target.log" | head -n 14
    find "$work/found" -name "$target-*" -newer "$work/seeds" -exec sh -c 'echo "the input, $1:"; base64 "$1"' _ {} \; | head -n 12
    failed=1
  fi
done
exit $failed
