#!/usr/bin/env bash
# ./run bench --profile W2 [options]: where the time of one workload goes. Runs it once without its peers and prints the functions that took most, its own time first. With
# perf only the measured part is recorded (zd_bench switches recording on and off) and the programs that it starts are followed; where perf may not be used, callgrind runs
# the quick sizes and counts instructions of everything, the making of the ledger included.
set -euo pipefail
cd "$(dirname "$0")/.."
rows=$1
shift
place=$(mktemp -d build/bench-profile.XXXXXX)
trap 'rm -rf "$place"' EXIT
mkfifo "$place/control" "$place/answer"
run=(build/zd_bench --rows "$rows" --runs 1 --no-peers --dir "$place/run" --json "$place/bench.json" "$@")

if perf record -q -o "$place/try" -- true >/dev/null 2>&1; then
  perf record -q -F 999 --delay=-1 --control="fifo:$place/control,$place/answer" -o "$place/perf.data" -- "${run[@]}" --profile-control "$place/control" --profile-answer "$place/answer"
  echo "$rows: share of processor time by function, all threads and programs (perf, 999 a second)"
  perf report -i "$place/perf.data" --stdio --no-children --sort dso,symbol --percent-limit 0.7 2>/dev/null | sed -e '/^#/d' -e '/^$/d' -e 's/ *-  *- *$//' | head -n 45
  echo "by library"
  perf report -i "$place/perf.data" --stdio --no-children --sort dso 2>/dev/null | sed -e '/^#/d' -e '/^$/d' | head -n 12
else
  echo "bench: perf may not be used here; callgrind, quick sizes" >&2
  valgrind --tool=callgrind --trace-children=yes --callgrind-out-file="$place/callgrind.%p" "${run[@]}" --quick >/dev/null 2>&1
  for file in "$place"/callgrind.*; do
    echo "$rows: instructions by function, $(sed -n 's/^cmd: //p' "$file" | cut -c -100)"
    callgrind_annotate "$file" 2>/dev/null | sed -n '/file:function/,$p' | head -n 30
  done
fi
