#!/usr/bin/env bash
# ./run bench: builds the benchmark as users run the program (release preset), measures in a fresh directory under build/ (the same disk as the checkout), prints
# the table and leaves build/bench.json (--quick: build/bench-quick.json). Options are those of zd_bench, e.g. --quick, --runs 3, --thousands 10000; see bench/README.md.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8

log=$(mktemp)
place=$(mktemp -d build/bench-run.XXXXXX 2>/dev/null || { mkdir -p build && mktemp -d build/bench-run.XXXXXX; })
trap 'rm -rf "$place" "$log"' EXIT
if ! { cmake --preset release && cmake --build --preset release --target zd_bench; } >"$log" 2>&1; then
  tail -n 40 "$log" >&2
  exit 1
fi
# The verifier is what its row measures; without it the row says so.
cmake --build --preset release --target zhidui-audit >"$log" 2>&1 || echo "bench: zhidui-audit does not build; its row is left out" >&2

build/zd_bench "$@" --dir "$place/run" --json "$place/bench.json"
report=build/bench.json
case " $* " in *" --quick "*) report=build/bench-quick.json ;; esac
mv "$place/bench.json" "$report"
echo "written: $report"
