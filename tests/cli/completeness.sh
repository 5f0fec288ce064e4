#!/usr/bin/env bash
# A seal that keeps something back: the operator, with every key of the server, leaves an item out of the published lists, gives a reason that is not true, or drops a part
# of a long seal. Each is done to a real repository with fitting tiles, roots and signatures; the verifier says which check sees it without the rules.
. "$(dirname "$0")/session.sh"
for tool in git ssh-keygen; do command -v $tool >/dev/null || missing $tool; done
FORGE=${ZD_FORGE:-$ROOT/build/dev/forge}
[ -x "$FORGE" ] || FORGE=$ROOT/build/forge
[ -x "$FORGE" ] || { echo "not ok completeness.sh: no program forge"; exit 1; }

forge() { rm -rf "$2"; "$FORGE" "$1" "$2" "$KEYS/log" "$KEYS/git" "${@:3}" >"$WORK/forge.out" 2>&1 || wrong "forge: $(tail -n 3 "$WORK/forge.out")"; }
# sees REPOSITORY FINDING...: the verifier names each of them
sees() {
  local repository=$1 finding
  shift
  run "$ZHIDUI_AUDIT" verify "$repository" --genesis "$GENESIS" --json
  same 1 "$status" "exit status of the verifier"
  for finding in "$@"; do
    grep -qF "\"$finding\"" "$out" || wrong "$finding is not said: $(head -c 500 "$out")"
  done
}

# Four services: one is paid, one waits at gates, one in its notice, one is eligible but its provider's sum is little.
new_ledger
service I-1 O-1 200000 "$(invoice 1)"
PROVIDER=$P2 service I-2 O-2 9000 "$(invoice 2)"
sure order O-3 300000
sure capture I-3 O-3 300000 "$(invoice 3)"
at "2026-03-25 10:00"
service I-4 O-4 400000 "$(invoice 4)"
at "2026-03-28 10:00"
sure seal B-1 330602-E 2026-03-30 --chunk 1
same 2 "$(z settle show B-1 2>/dev/null | sed -n 's/.*"part":\([0-9]*\).*/\1/p')" "parts of the seal"
verified
honest=$L/audit.git

begin "an item that is left out of the waiting list is missed"
forge "$honest" "$WORK/one.git" edit '"waiting":[["I-3"' ',["I-4","notice",400000]' ''
sees "$WORK/one.git" decision seal-complete
end

begin "a reason that is not true is found: the notice was over, the gates were cleared, nothing was doubted"
forge "$honest" "$WORK/two.git" edit '"waiting":[["I-3"' '["I-4","notice",400000]' '["I-4","R25",400000]'
sees "$WORK/two.git" decision seal-reason
forge "$honest" "$WORK/three.git" edit '"waiting":[["I-2"' '["I-2","minimum",9000]' '["I-2","R32",9000]'
sees "$WORK/three.git" decision seal-reason
end

begin "an eligible item put on the waiting list instead of its line is found, whatever the reason"
forge "$honest" "$WORK/four.git" edit '"waiting":[["I-3"' '"waiting":[["I-3"' '"waiting":[["I-1","notice",200000],["I-3"'
sees "$WORK/four.git" decision seal-reason
end

begin "a part of a seal that is dropped, or moved, is found"
forge "$honest" "$WORK/five.git" drop '"type":"batch.continue"'
sees "$WORK/five.git" leaf-form
last=$(value settle B-1 last_seq)
forge "$honest" "$WORK/six.git" edit "\"batch\":\"B-1\",\"pool\":\"330602-E\",\"part\":2" "\"after\":\"$P1\"" "\"after\":\"$P2\""
sees "$WORK/six.git" decision seal-complete
[ "$last" -gt 0 ] || wrong "no last entry of the seal"
end

finish
