#!/usr/bin/env bash
# The demo as users run it, into a temporary folder: every planned fault caught, the clone verified, the forged fen found, within its memory.
set -u
cd "$(dirname "$0")/../.."
work=$(mktemp -d "${TMPDIR:-/tmp}/zhidui-demo.XXXXXX")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
for tool in git ssh-keygen; do command -v $tool >/dev/null || { echo "SKIPPED: demo.sh needs $tool"; exit 77; }; done

failed=0
check() { # name, command...
  local name=$1
  shift
  if "$@" >"$work/check.out" 2>&1; then echo "ok $name"; else echo "not ok $name"; tail -n 5 "$work/check.out"; failed=1; fi
}
is_below() { [ -n "$1" ] && [ "$1" -le "$2" ]; }

check "demo.sh runs to its end: planned faults caught, clone verified, forgery refused" bash -c "tests/demo.sh '$work/demo' >'$work/out' 2>&1"
[ "$failed" -eq 0 ] || tail -n 20 "$work/out"
check "every planned fault was caught" grep -q '^planned faults caught: \([0-9]*\) of \1$' "$work/out"
check "the year fits on one screen" is_below "$(sed -n '/^Zhidui demo/,/^ledger /p' "$work/out" | wc -l)" 45
check "the year needs no more than 200 MB" is_below "$(sed -n 's/^peak memory \([0-9]*\) MB$/\1/p' "$work/out")" 200
check "the clone is verified" grep -q '^verified: ' "$work/out"
check "the forged fen is found" grep -q '^FINDING checkpoint-root' "$work/out"
check "private keys are readable by their owner only" bash -c "[ -z \"\$(find '$work/demo/keys' -type f ! -name '*.pub' ! -name genesis-keys -perm /077)\" ]"
if command -v faketime >/dev/null && [ -d /usr/share/gocode/src/golang.org/x/mod ]; then
  check "git and Go agree at every commit of the year" bash -c "ZD_DEMO='$work/demo' bash tests/cli/every_commit.sh | grep '^ok the demo year'"
else
  echo "SKIPPED: no Go with golang.org/x/mod: nobody else has read every commit of the year"
fi
exit $failed
