#!/usr/bin/env bash
# docs/keys.md, run as it stands: every block of commands, in order, on a ledger with an open order. Both languages carry the same commands. What the document says
# about retired keys is looked at besides.
. "$(dirname "$0")/session.sh"
for tool in git; do command -v $tool >/dev/null || missing $tool; done

blocks() { awk '/^```sh$/ {n++; inside = 1; next} /^```$/ {inside = 0} inside {printf "%d\t%s\n", n, $0}' "$1"; }

begin "both languages carry the same commands"
same "$(blocks docs/keys.md | sha256sum)" "$(blocks docs/keys.zh-CN.md | sha256sum)" "the blocks"
same 9 "$(blocks docs/keys.md | cut -f1 | sort -u | wc -l)" "blocks"
end

new_ledger
sure z log publish
P=$P1
sure order O-1 200000
mkdir "$WORK/desk"
cp -a "$KEYS" "$WORK/desk/keys"
for half in "" .pub; do mv "$WORK/desk/keys/provider+$P1$half" "$WORK/desk/keys/p$half"; done
CAPTURE="--item I-1 --order O-1 --amount-fen 200000 --own-share-fen 200000 --final true --done 2026-03-20 --result-sha256 $HASH --invoice $(invoice 1) --invoice-fen 400000
  --invoice-part-fen 400000 --invoice-date 2026-03-20 --seller $P1 --buyer $H1"
export ZHIDUI_LEDGER=$L
zhidui() { z "$@"; }
zhidui-audit() { "$ZHIDUI_AUDIT" "$@"; }
run_block() { # run_block N: each command of the block must succeed
  blocks "$ROOT/docs/keys.md" | sed -n "s/^$1	//p" >"$WORK/block.sh"
  # Not behind || or &&, which would switch set -e off inside.
  (cd "$WORK/desk"; set -e; . "$WORK/block.sh") >"$WORK/out" 2>"$WORK/err"
  local status=$?
  [ "$status" -eq 0 ] || wrong "block $1: exit $status: $(tail -n 3 "$WORK/err")"
}

for n in 1 2 3 4 5 6 7 8 9; do
  begin "block $n: $(blocks docs/keys.md | sed -n "s/^$n	//p" | head -n 1 | cut -c 1-70)"
  run_block $n
  case $n in
    3) same 200000 "$(fen 330602-E 3000)" "the open order was captured under the new key"
       want "error key-outside-interval" order O-2 1000 ;;
    4) KEY=provider/$P1/second; cp "$WORK/desk/keys/p-second" "$KEYS/provider+$P1+second"
       want "error key-outside-interval" order O-3 1000
       want "refused A04" act issuer-1 "key revoke" --key-name provider/$P1/second --public "$(z key show "$WORK/desk/keys/p-second.pub" | cut -d' ' -f1)" --reason stolen ;;
    6 | 7) has "$(git -C "$L/audit.git" show main:keys/allowed_signers | wc -l)" "" "signers" ;;
    8) cp "$WORK/desk/keys/root-4" "$KEYS/root-4"
       want "error key-outside-interval" grant root-3 late bureau issuer
       want accepted grant root-4 later bureau issuer ;;
    9) has "$(cat "$WORK/out")" "verified" "the verifier" ;;
  esac
  end
done

begin "after three log keys and three git keys stock git still calls every commit Good"
for commit in $(git -C "$L/audit.git" rev-list main); do
  git -C "$WORK/desk/clone" -c gpg.format=ssh -c gpg.ssh.allowedSignersFile=keys/allowed_signers verify-commit "$commit" >"$WORK/out" 2>&1 || wrong "$commit: $(tail -n 1 "$WORK/out")"
done
end
finish
