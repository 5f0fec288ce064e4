#!/usr/bin/env bash
# The demo: a synthetic programme year through the program, then what an auditor does with nothing but a clone; at last a forged fen. Called by ./run demo; the
# programs are in build/ (or ZHIDUI and ZHIDUI_AUDIT), the result in build/demo (or the folder that is named).
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8 GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
zhidui=${ZHIDUI:-build/zhidui}
audit=${ZHIDUI_AUDIT:-build/zhidui-audit}
out=${1:-build/demo}
git_ssh=(-c gpg.format=ssh)

say() { printf '\n== %s\n' "$*"; }
seconds_since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f s", b - a }'; }

begun=$EPOCHREALTIME
say "a programme year, from fixtures/shaoxing-2026"
"$zhidui" demo --data fixtures/shaoxing-2026 --policy ledger/policy/shaoxing-2026.json --settle-data ledger/settle/data --out "$out"
echo "took        $(seconds_since "$begun")"

say "what anybody can check: a clone, and tools that are not ours"
from=$EPOCHREALTIME
git clone -q "$out/audit.git" "$out/clone"
good=0
for commit in $(git -C "$out/clone" rev-list HEAD); do
  git -C "$out/clone" "${git_ssh[@]}" -c gpg.ssh.allowedSignersFile=keys/allowed_signers verify-commit "$commit" 2>/dev/null
  good=$((good + 1))
done
echo "git verify-commit: all $good commits are signed by the key that the history itself names  ($(seconds_since "$from"))"

# Somebody with the git key forges one fen in one entry and signs the commit again. Both copies are verified at once: there are two cores.
genesis=$(cat "$out/GENESIS")
keys=$(cd "$out/keys" && pwd)
forged=$out/forged
git clone -q "$out/audit.git" "$forged"
of_head() { git -C "$forged" show -s --format="$1" HEAD; }
bundle=$(git -C "$forged" -c core.quotePath=false diff --name-only HEAD~1 HEAD -- tile/entries | tail -n 1)
at=$(grep -abo '"amount_fen":[0-9]*' "$forged/$bundle" | tail -n 1)
offset=${at%%:*} text=${at#*:}
new=$(((${text: -1} + 1) % 10))
printf %s "$new" | dd of="$forged/$bundle" bs=1 seek=$((offset + ${#text} - 1)) conv=notrunc status=none
GIT_COMMITTER_DATE="$(of_head %ct) +0000" git -C "$forged" "${git_ssh[@]}" -c user.name="$(of_head %cn)" -c user.email="$(of_head %ce)" \
  -c user.signingkey="$keys/git" commit -q -a -S --amend -C HEAD
"$audit" verify "$forged" --genesis "$genesis" >"$out/forged.txt" 2>&1 &
forged_verifier=$!

say "the verifier: every signature, every decision made again, every balance"
from=$EPOCHREALTIME
"$audit" verify "$out/clone" --genesis "$genesis"
echo "took        $(seconds_since "$from")"

say "a second copy, in which somebody with the git key forged one fen in one entry and signed the commit again"
echo "$bundle: $text now ends in $new; git says: $(git -C "$forged" "${git_ssh[@]}" \
  -c gpg.ssh.allowedSignersFile=keys/allowed_signers verify-commit HEAD 2>&1 | head -n 1)"
status=0
wait "$forged_verifier" || status=$?
head -n 6 "$out/forged.txt"
if [ "$status" -ne 1 ]; then
  echo "the verifier should have found it (exit 1), it said $status" >&2
  exit 1
fi
echo "refused, exit 1"
rm -rf "$forged"

say "everything took $(seconds_since "$begun"); now try"
cat <<TRY
  $zhidui pool show 330602-2026-E --ledger $out
  $zhidui settle export --batch B06-330602-2026-E --ledger $out --key $out/keys/maker-1
  $audit verify $out/clone --genesis \$(cat $out/GENESIS)
TRY
