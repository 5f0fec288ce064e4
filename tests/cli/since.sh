#!/usr/bin/env bash
# A visit after a visit: what rests on a kept head and what never does, and a verification that was killed and goes on. Which finding each forgery leads to, whatever was kept,
# is asked of every forgery in tests/test_verify_forgeries.c; here it is the program, its files and its words.
. "$(dirname "$0")/session.sh"
for tool in git python3 strace; do command -v $tool >/dev/null || missing $tool; done
FORGE=${ZD_FORGE:-$ROOT/build/dev/forge}
[ -x "$FORGE" ] || FORGE=$ROOT/build/forge
[ -x "$FORGE" ] || { echo "not ok since.sh: no program forge"; exit 1; }

new_ledger
at "2026-03-20 10:00"
# attested FROM TO: so many facts, each signed by the tax office's key, submitted as one file.
attested() {
  local i
  : >"$WORK/many.note"
  for i in $(seq "$1" "$2"); do
    printf '{"fact":"invoice-check","subject":"%s","value":"ok"}' "$(invoice "$i")" >"$WORK/one.json"
    z request sign --type fact.attest --id "f-$i" --body "$WORK/one.json" --key "$KEYS/tax" >>"$WORK/many.note" || return
  done
  z request submit "$WORK/many.note"
}
for part in 1 2 3; do
  sure attested $((part * 520 - 519)) $((part * 520))
  sure z log publish
done
sure git clone -q "$L/audit.git" "$WORK/visit"
cp -a "$L" "$WORK/L-then"

audit() { run env LC_ALL="${SPEAK:-C.UTF-8}" "$ZHIDUI_AUDIT" verify "$@"; }
says() { grep -qF -- "$1" "$out" || wrong "the answer lacks: $1"; }
says_not() { ! grep -qF -- "$1" "$out" || wrong "the answer has: $1"; }
member() { python3 -c 'import functools, json, sys; print(functools.reduce(lambda v, k: v[k], sys.argv[2:], json.load(open(sys.argv[1]))))' "$out" "$@"; }
findings() { python3 -c 'import json, sys; print(json.dumps([f for f in json.load(open(sys.argv[1]))["findings"] if f["check"] != "anchor-since"], sort_keys=True))' "$out"; }

begin "keep, then since: old request signatures rest, new ones are verified, and both are counted"
audit "$WORK/visit" --genesis "$GENESIS" --keep "$WORK/head" --json
same 0 "$status" "first visit"
full=$(member checked request_signatures)
same 0 "$(member resting request_signatures)" "nothing to rest on"
[ "$full" -gt 1560 ] || wrong "only $full request signatures"
same "zhidui-audit/head/1" "$(head -n 1 "$WORK/head")" "the format of the file"
same "genesis $GENESIS" "$(sed -n 3p "$WORK/head")" "the genesis in the file"
same "state verified" "$(sed -n 4p "$WORK/head")" "the state in the file"
sure order O-1 1000
sure order O-2 1000
sure z log publish
sure git -C "$WORK/visit" pull -q
audit "$WORK/visit" --since "$WORK/head" --json
same 0 "$status" "second visit"
same "$full" "$(($(member resting request_signatures) + 1))" "all but the genesis's rest"
same 3 "$(member checked request_signatures)" "the genesis's and the two new ones are verified"
same "$(($(sed -n 8p "$WORK/head")))" "$(member resting size)" "the size on which they rest"
audit "$WORK/visit" --since "$WORK/head"
says "of $((full + 2)) request signatures, 3 were verified now and $((full - 1)) rest on the head kept on 20"
SPEAK=zh_CN.UTF-8 audit "$WORK/visit" --since "$WORK/head"
says "请求签名共 $((full + 2)) 个：本次核验 3 个"
audit "$WORK/visit" --since "$WORK/head" --html "$WORK/page.html"
grep -q "依据此前核验的请求签名" "$WORK/page.html" || wrong "the page does not say what rests"
end

begin "a bare checkpoint, as anybody may send, saves nothing"
sed '1,6d' "$WORK/head" >"$WORK/bare"
audit "$WORK/visit" --since "$WORK/bare" --json
same 0 "$status" "it anchors"
same 0 "$(member resting request_signatures)" "resting"
same "$((full + 2))" "$(member checked request_signatures)" "verified"
sed 's/^edition 1$/edition 2/' "$WORK/head" >"$WORK/later"
audit "$WORK/visit" --since "$WORK/later"
same 0 "$status" "another edition's head anchors"
says "everything was checked again"
says_not "rest on the head"
end

begin "a head of another ledger, or under another genesis, is refused or found"
other=$(printf '%064d' 0)
sed "s/^genesis .*/genesis $other/" "$WORK/head" >"$WORK/other"
audit "$WORK/visit" --genesis "$GENESIS" --since "$WORK/other"
same 3 "$status" "another genesis than --genesis"
grep -q "another genesis" "$err" || wrong "the reason is not said"
audit "$WORK/visit" --since "$WORK/other"
same 3 "$status" "a root of this history under another genesis"
audit "$WORK/visit" --genesis "$GENESIS" --keep "$WORK/other"
same 3 "$status" "the same by --keep"
same "genesis $other" "$(sed -n 3p "$WORK/other")" "the file was left alone"
python3 - "$WORK/head" "$WORK/elsewhere" <<'PY'
import base64, sys
lines = open(sys.argv[1]).read().split("\n")
lines[8] = base64.b64encode(bytes(32)).decode()
open(sys.argv[2], "w").write("\n".join(lines))
PY
audit "$WORK/visit" --genesis "$GENESIS" --since "$WORK/elsewhere" --json
same 1 "$status" "a head with another root"
says '"check":"anchor-since"'
same 0 "$(member resting request_signatures)" "nothing rests on a root that is not there"
same "$((full + 2))" "$(member checked request_signatures)" "all was verified"
head -n 4 "$WORK/head" >"$WORK/cut"
audit "$WORK/visit" --since "$WORK/cut"
same 3 "$status" "a file that is cut"
end

# Every key is the forger's, so that hashes, roots, checkpoints and commits are all good again.
forge() { rm -rf "$2"; "$FORGE" "$1" "$2" "$KEYS/log" "$KEYS/git" "${@:3}" >"$WORK/forge.out" 2>&1 || wrong "forge: $(tail -n 3 "$WORK/forge.out")"; }
as_without() { # as_without REPO WHAT: with the head the findings are those without it
  audit "$1" --genesis "$GENESIS" --json
  same 1 "$status" "$2, without a head"
  findings >"$WORK/without"
  audit "$1" --genesis "$GENESIS" --since "$WORK/head" --json
  same 1 "$status" "$2, since the head"
  findings >"$WORK/with"
  cmp -s "$WORK/without" "$WORK/with" || wrong "$2: the findings differ: $(head -c 600 "$WORK/with")"
}

begin "an old entry changed under its old signature is found since the head, and nothing rests"
forge "$WORK/visit" "$WORK/old" edit '"id":"f-700"' '"value":"ok"' '"value":"no"'
as_without "$WORK/old" "an old entry"
says '"check":"request-signature"'
says '"check":"anchor-since"'
same 0 "$(member resting request_signatures)" "resting"
end

begin "a new entry changed under its signature is found since the head, while the old ones rest"
forge "$WORK/visit" "$WORK/new" edit '"order":"O-2"' '"own_share_fen":1000' '"own_share_fen":1001'
as_without "$WORK/new" "a new entry"
says '"check":"request-signature"'
says_not '"check":"anchor-since"'
same "$((full - 1))" "$(member resting request_signatures)" "resting"
end

begin "keep: after a finding the kept head stays what it was"
cp "$WORK/head" "$WORK/head.before"
audit "$WORK/new" --keep "$WORK/head"
same 1 "$status" "a finding"
cmp -s "$WORK/head" "$WORK/head.before" || wrong "the kept head changed"
end

begin "state: a run that ends leaves none; other files are neither overwritten nor removed by that name"
audit "$WORK/visit" --genesis "$GENESIS" --state "$WORK/state"
same 0 "$status" "verified"
[ ! -e "$WORK/state" ] || wrong "a finished run left its state"
for file in head bare; do
  audit "$WORK/visit" --genesis "$GENESIS" --state "$WORK/$file"
  same 3 "$status" "$file as a state"
  [ -s "$WORK/$file" ] || wrong "$file was removed"
done
end

begin "killed at any time, a run leaves a state that can be used, or none, and the next one comes to the same verdict with less work"
renames=rename,renameat,renameat2
killed() { # CALLS N STATE: a run that is killed at the N-th of these system calls; a call that is not traced is not injected
  (strace -f -qq -o /dev/null -e trace="$1" -e inject="$1:signal=KILL:when=$2" "$ZHIDUI_AUDIT" verify "$WORK/visit" --genesis "$GENESIS" --state "$3" >/dev/null 2>&1) 2>/dev/null
  [ $? -eq 137 ] || wrong "not killed at $1, $2"
} 2>/dev/null
if ! strace -qq -o /dev/null -e trace=$renames true 2>/dev/null; then
  echo "SKIPPED: strace may not trace here"
  finish
fi
audit "$WORK/visit" --genesis "$GENESIS" --json
findings >"$WORK/whole.findings"
whole=$(member root)
used=0
for kill in $renames:1 $renames:2 $renames:3 fsync:1 fsync:2 fsync:3 fsync:4 unlink:1; do
  rm -f "$WORK"/state*
  killed "${kill%:*}" "${kill##*:}" "$WORK/state"
  left=0
  if [ -e "$WORK/state" ]; then
    left=$(sed -n 8p "$WORK/state")
    same "state unfinished" "$(sed -n 4p "$WORK/state")" "$kill: the state"
    cp "$WORK/state" "$WORK/left"
  fi
  audit "$WORK/visit" --genesis "$GENESIS" --state "$WORK/state" --json
  same 0 "$status" "$kill: resumed"
  same "$whole" "$(member root)" "$kill: the root"
  same "$left" "$(member resting size)" "$kill: what it rests on"
  same "$((full + 2))" "$(($(member checked request_signatures) + $(member resting request_signatures)))" "$kill: every signature is accounted for"
  [ "$left" -eq 0 ] || [ "$(member resting request_signatures)" -gt 500 ] || wrong "$kill: nothing was saved"
  [ "$left" -eq 0 ] || used=$((used + 1))
  [ ! -e "$WORK/state" ] || wrong "$kill: a state is left"
done
[ "$used" -ge 4 ] || wrong "only $used killed runs left a state"
end

begin "an unfinished state anchors nothing, is no head to keep from, and convicts a history that is no longer the one it saw"
audit "$WORK/visit" --state "$WORK/left" --json
same 6 "$status" "without a fingerprint"
[ ! -e "$WORK/left" ] || wrong "the state of a run that ended is left"
killed unlink 1 "$WORK/left"
audit "$WORK/visit" --since "$WORK/left"
same 3 "$status" "as a head"
audit "$WORK/old" --genesis "$GENESIS" --state "$WORK/left" --json
same 1 "$status" "another history"
says '"check":"anchor-since"'
says '"check":"request-signature"'
same 0 "$(member resting request_signatures)" "resting"
[ ! -e "$WORK/left" ] || wrong "after a finding the state is left"
end
finish
