#!/usr/bin/env bash
# ./run bench --profile W2 [options]: where the time of one workload goes. Runs it once without its peers and prints the functions that took most, their own time only. With
# perf only the measured part is recorded (zd_bench switches recording on and off) and the programs that it starts are followed; where perf may not be used, callgrind runs
# the quick sizes and counts instructions of everything, the making of the ledger included. --profile all prints one line of a table for each workload (perf only).
set -euo pipefail
cd "$(dirname "$0")/.."
rows=$1
shift
place=$(mktemp -d build/bench-profile.XXXXXX)
trap 'rm -rf "$place"' EXIT

record() { # row: leaves perf.data
  rm -rf "$place/run" "$place/control" "$place/answer"
  mkfifo "$place/control" "$place/answer"
  perf record -q -F 999 --delay=-1 --control="fifo:$place/control,$place/answer" -o "$place/perf.data" -- build/zd_bench --rows "$1" --runs 1 --no-peers --dir "$place/run" \
    --json "$place/bench.json" "${@:2}" --profile-control "$place/control" --profile-answer "$place/answer"
}
report() { perf report -i "$place/perf.data" --stdio --no-children "$@" 2>/dev/null | sed -e '/^#/d' -e '/^$/d' -e 's/ *-  *- *$//'; }
joined() { awk -v most="$1" 'NR <= most { n = $NF; sub(/\.so.*/, "", n); gsub(/\[kernel\.kallsyms\]|^kernel$/, "kernel", n); printf "%s%s %d %%", (NR > 1 ? ", " : ""), n, $1 + 0.5 } END { print "" }'; }

if ! perf record -q -o "$place/try" -- true >/dev/null 2>&1; then
  [ "$rows" != all ] || { echo "bench: perf may not be used here; --profile takes one row, by callgrind" >&2; exit 1; }
  echo "bench: perf may not be used here; callgrind, quick sizes" >&2
  valgrind --tool=callgrind --trace-children=yes --callgrind-out-file="$place/callgrind.%p" build/zd_bench --rows "$rows" --runs 1 --no-peers --dir "$place/run" \
    --json "$place/bench.json" "$@" --quick >/dev/null 2>&1
  for file in "$place"/callgrind.*; do
    echo "$rows: instructions by function, $(sed -n 's/^cmd: //p' "$file" | cut -c -100)"
    callgrind_annotate "$file" 2>/dev/null | sed -n '/file:function/,$p' | head -n 30
  done
elif [ "$rows" = all ]; then
  echo "| | by library | functions that took most themselves |"
  echo "|---|---|---|"
  for row in W1 W2 W3 W4 W5 W6 W7 W8 W9 W10; do
    record "$row" "$@" 2>/dev/null
    echo "| $row | $(report --sort dso | joined 6) | $(report --sort symbol | grep -v ' 0x0' | joined 8) |"
  done
else
  record "$rows" "$@"
  echo "$rows: share of processor time by function, all threads and programs (perf, 999 a second)"
  report --sort dso,symbol --percent-limit 0.7 | head -n 45
  echo "by library"
  report --sort dso | head -n 12
fi
