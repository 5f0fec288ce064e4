#!/usr/bin/env bash
# Two outsiders at every commit of a history, not only at its end: stock git verifies the signature with the allowed_signers of that commit's parent, and Go's reader
# re-derives the signed root from the tiles and entries of that commit's tree. On a small ledger whose log and git keys are replaced half-way; ZD_DEMO names the folder of a
# demo year to go through as well (tests/cli/demo.sh does that).
. "$(dirname "$0")/session.sh"
. "$ROOT/tests/cli/outsiders.sh"
for tool in git ssh-keygen; do command -v $tool >/dev/null || missing $tool; done
go_tool tlogcheck || missing "golang-go with golang-golang-x-mod-dev"

rotate() { # rotate NAME: the roots together put a fresh key in the place of the one that signs
  sure new_key "$1-2"
  sure two root-1 root-2 "key rotate-root" --key-name "$1" --public "$(public "$1-2")" --person p-machine --reason retired
  cp "$KEYS/$1-2" "$L/keys/$1"
}

new_ledger
sure z log publish
service I-1 O-1 200000 "$(invoice 1)"
sure z log publish
PROVIDER=$P2 service I-2 O-2 300000 "$(invoice 2)"
at "2026-03-21 10:00"
sure z log publish
rotate git
sure order O-3 1000
at "2026-03-22 10:00"
sure z log publish
rotate log
sure order O-4 1000
at "2026-03-23 10:00"
sure z log publish
at "2026-03-24 10:00"
sure order O-5 1000
sure z log publish

begin "a ledger whose keys were replaced: git and Go agree at every commit"
git clone -q "$L/audit.git" "$WORK/clone" 2>/dev/null
same 6 "$(git -C "$WORK/clone" rev-list --count HEAD)" "commits"
at_every_commit "$WORK/clone" "$WORK/tree"
same 6 "$visited" "commits looked at"
end

begin "and Go notices a newer checkpoint over an older tree"
first=$(git -C "$WORK/clone" rev-list --reverse HEAD | sed -n 2p)
rm -rf "$WORK/tree" && mkdir "$WORK/tree"
git -C "$WORK/clone" archive "$first" | tar -xm -C "$WORK/tree"
git -C "$WORK/clone" show HEAD:checkpoint >"$WORK/tree/checkpoint"
"$WORK/tlogcheck" log "$WORK/tree" "$(vkey_of "$WORK/clone" HEAD)" >/dev/null 2>&1 && wrong "Go takes the newest checkpoint over an older tree"
end

if [ -n "${ZD_DEMO:-}" ]; then
  begin "the demo year: git and Go agree at every commit"
  at_every_commit "$ZD_DEMO/audit.git" "$WORK/tree-demo"
  [ "$visited" -ge 10 ] || wrong "only $visited commits"
  end
fi
finish
