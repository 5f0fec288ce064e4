#!/usr/bin/env bash
# ./run bench: builds what users run and the benchmark with it (release preset), starts the peers, measures in a fresh directory under build/ (so on the disk of the
# checkout), prints the table and leaves build/bench.json (--quick: build/bench-quick.json). What the rows and options mean: bench/README.md.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8

report=build/bench.json quick=0 postgres=1 why_not='' scale=100 where=build profile='' passed=()
while [ $# -gt 0 ]; do
  case "$1" in
    --markdown) exec python3 bench/table.py --markdown "${2:-en}" "$report" ;;
    --quick) quick=1 postgres=0 why_not='left out by --quick' report=build/bench-quick.json passed+=("$1") ;;
    --without-postgres) postgres=0 why_not='left out on request (--without-postgres)' passed+=("$1") ;;
    --postgres-scale) scale=$2; shift ;;
    --place) where=$2; shift ;;
    --profile) profile=$2; shift ;;
    *) passed+=("$1") ;;
  esac
  shift
done

mkdir -p build
log=$(mktemp)
if ! { cmake --preset release && cmake --build --preset release --target zd_bench zhidui zhidui-audit; } >"$log" 2>&1; then
  tail -n 40 "$log" >&2
  rm -f "$log"
  exit 1
fi
rm -f "$log"
[ -z "$profile" ] || exec bench/profile.sh "$profile" "${passed[@]}"

place=$(mktemp -d "$where/bench-run.XXXXXX")
child=
stop() { # at the end, after a failure, or when somebody ends it: nothing stays behind
  [ -z "$child" ] || kill "$child" 2>/dev/null || true
  [ ! -e "$place/postgres" ] || bench/postgres.sh stop "$place/postgres" || true
  rm -rf "$place"
}
trap stop EXIT
trap 'exit 130' INT TERM

# The unprivileged user of PostgreSQL must get to its own directory; a checkout that is closed to others sends all of the run to another place of the same disk.
if [ $postgres = 1 ] && [ "$(id -u)" -eq 0 ] && id postgres >/dev/null 2>&1; then
  chmod 711 "$place"
  if ! runuser -u postgres -- test -x "$place" && [ "$(stat -c %d "$place")" = "$(stat -c %d /var/tmp)" ]; then
    rmdir "$place"
    place=$(mktemp -d /var/tmp/bench-run.XXXXXX)
    chmod 711 "$place"
  fi
fi
if [ $postgres = 1 ]; then
  echo "bench: PostgreSQL fills its tables (scale $scale)" >&2
  if bench/postgres.sh start "$place/postgres" "$scale" >"$place/settings" 2>"$place/why"; then
    passed+=(--postgres-socket "$(sed -n 's/^socket=//p' "$place/settings")" --pgbench "$(sed -n 's/^pgbench=//p' "$place/settings")"
      --postgres-settings "$(sed -n 's/^settings=//p' "$place/settings")")
  else
    cat "$place/why" >&2
    why_not="PostgreSQL could not be had: $(tail -n 1 "$place/why")"
  fi
fi
[ -z "$why_not" ] || passed+=(--postgres-missing "$why_not")

status=0
build/zd_bench "${passed[@]}" --dir "$place/run" --json "$place/bench.json" &
child=$! # waited for, so that a signal is answered at once
wait "$child" || status=$?
child=
[ -s "$place/bench.json" ] || exit $((status > 0 ? status : 1))
mv "$place/bench.json" "$report"
python3 bench/table.py "$report"
echo "written: $report"
exit $status
