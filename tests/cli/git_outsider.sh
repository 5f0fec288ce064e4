#!/usr/bin/env bash
# What an outsider finds with tools that are not ours: git, ssh-keygen, Go's note and log packages, xmllint. The program only makes what they look at.
. "$(dirname "$0")/session.sh"
for tool in git ssh-keygen; do command -v $tool >/dev/null || missing $tool; done

# A ledger that has seen a grant, a payment and several publications.
new_ledger
payer
sure z log publish
sure accounts
service I-1 O-1 200000 "$(invoice 1)"
PROVIDER=$P2 service I-2 O-2 300000 "$(invoice 2)"
sure z log publish
at "2026-04-08 10:00"
sure seal B-1 330602-E 2026-04-10
sure z log publish
sure approve B-1
sure release B-1 2 500000
sure z log publish
sure z settle export --batch B-1 --key "$KEYS/maker" --role maker
sure z settle export --batch B-1 --key "$KEYS/checker" --role checker
git clone -q "$L/audit.git" "$WORK/clone" || { echo "not ok clone"; exit 1; }
cd "$WORK/clone" || exit 1

begin "a plain clone: fsck is silent, one line of history, every commit Good, its message ends with the checkpoint"
same "" "$(git fsck --strict --full 2>&1 | grep -v '^Checking')" "git fsck"
same 4 "$(git rev-list main | wc -l)" "commits"
same 0 "$(git rev-list --min-parents=2 main | wc -l)" "merges"
for commit in $(git rev-list main); do
  git -c gpg.format=ssh -c gpg.ssh.allowedSignersFile=keys/allowed_signers verify-commit "$commit" >"$WORK/out" 2>&1 || wrong "verify-commit $commit: $(cat "$WORK/out")"
  has "$(cat "$WORK/out")" 'Good "git" signature' "verify-commit $commit"
  git cat-file commit "$commit" | sed '1,/^$/d' | tail -n +3 >"$WORK/message"
  git show "$commit:checkpoint" | cmp -s - "$WORK/message" || wrong "the message of $commit is not its checkpoint"
done
same "$(git rev-list --format=%ct main | grep -v ^commit)" "$(git rev-list --format=%ct main | grep -v ^commit | sort -rnu)" "commit times grow strictly"
end

begin "a commit signed by anybody else is not Good, nor is an altered one"
ssh-keygen -q -t ed25519 -N '' -C stranger -f "$WORK/stranger"
git -c user.name=x -c user.email=x@example.org -c gpg.format=ssh -c user.signingKey="$WORK/stranger" commit -q -S --allow-empty -m more 2>"$WORK/err" || wrong "git commit: $(cat "$WORK/err")"
git -c gpg.format=ssh -c gpg.ssh.allowedSignersFile=keys/allowed_signers verify-commit HEAD >"$WORK/out" 2>&1 && wrong "a stranger's commit is Good"
git reset -q --hard HEAD~1
altered=$(git cat-file commit main | sed 's/voucher.sx.example/voucher.sx.exampla/' | git hash-object -t commit -w --stdin)
git -c gpg.format=ssh -c gpg.ssh.allowedSignersFile=keys/allowed_signers verify-commit "$altered" >"$WORK/out" 2>&1 && wrong "an altered commit is Good"
end

begin "every command of the README that the clone carries succeeds"
sed -n 's/^    \$ //p' README >"$WORK/readme.sh"
[ "$(wc -l <"$WORK/readme.sh")" -ge 12 ] || wrong "the README has $(wc -l <"$WORK/readme.sh") commands"
(set -e; cd "$WORK/clone"; . "$WORK/readme.sh") >"$WORK/out" 2>&1 || wrong "exit $?: $(tail -n 3 "$WORK/out")"
first=$(ls -d tile/entries/000 tile/entries/000.p/* 2>/dev/null | head -n 1)
bytes=$(head -c 2 "$first" | od -An -tu2 --endian=big | tr -d ' ')
same "$GENESIS" "$(tail -c +3 "$first" | head -c "$bytes" | sha256sum | cut -c 1-64)" "the genesis fingerprint"
end

begin "ssh-keygen verifies both signatures of the package's manifest, with the clone's allowed_signers; sha256sum its files"
package=$L/settlement/B-1
for role in maker checker; do
  name=$(ssh-keygen -Y find-principals -f keys/allowed_signers -s "$package/MANIFEST.$role.sig" 2>"$WORK/err" | head -n 1)
  [ -n "$name" ] || { wrong "MANIFEST.$role.sig: no principal in the clone's keys/allowed_signers: $(cat "$WORK/err")"; continue; }
  ssh-keygen -Y verify -f keys/allowed_signers -I "$name" -n zhidui-settlement-v1 -s "$package/MANIFEST.$role.sig" <"$package/MANIFEST" >"$WORK/out" 2>&1 ||
    wrong "MANIFEST.$role.sig: $(cat "$WORK/out")"
  ssh-keygen -Y verify -f keys/allowed_signers -I "$name" -n git -s "$package/MANIFEST.$role.sig" <"$package/MANIFEST" >/dev/null 2>&1 && wrong "the namespace does not matter"
done
listed=0
while read -r hash path; do
  listed=$((listed + 1))
  same "$hash" "$(sha256sum "$package/$path" 2>/dev/null | cut -c 1-64)" "$path"
done < <(grep -oE '^.*$' "$package/MANIFEST" | sed -n 's/.*sha256[: ]\([0-9a-f]\{64\}\)[^/]* \([^ ]*\)$/\1 \2/p')
[ "$listed" -ge 8 ] || { wrong "the manifest lists $listed files:"; head -n 20 "$package/MANIFEST"; }
end

begin "the payment file is valid by the ISO schema"
schema=$ROOT/../shared/xsd/pain.001.001.09.xsd
if ! command -v xmllint >/dev/null; then
  echo "SKIPPED: no xmllint: the payment file is not held against its schema"
elif [ ! -e "$schema" ]; then
  echo "SKIPPED: the schema is not beside the checkout: the payment file is only checked to be well formed"
  xmllint --noout "$package/pain.001.001.09.xml" || wrong "not well formed"
else
  xmllint --noout --schema "$schema" "$package/pain.001.001.09.xml" >"$WORK/out" 2>&1 || wrong "$(head -n 3 "$WORK/out")"
fi
end

begin "Go's packages agree with the published log, with receipts, and with request notes"
cd "$ROOT" || exit 1
if go_tool tlogcheck && go_tool notecheck; then
  vkey=$(sed -n 's/^log \(.*\)$/\1/p' "$WORK/clone/keys/policy")
  "$WORK/tlogcheck" log "$L/public" "$vkey" >"$WORK/out" 2>&1 || wrong "public/: $(cat "$WORK/out")"
  # The clone keeps only the current partial tiles; they are the same log.
  "$WORK/tlogcheck" log "$WORK/clone" "$vkey" >"$WORK/out" 2>&1 || wrong "the clone: $(cat "$WORK/out")"
  last=$(($(sed -n 2p "$L/public/checkpoint") - 1))
  for entry in 0 1 7 "$last"; do
    z log proof "$entry" >"$WORK/receipt" 2>"$WORK/err" || wrong "log proof $entry: $(cat "$WORK/err")"
    z log show "$entry" >"$WORK/entry"
    "$WORK/tlogcheck" receipt "$WORK/receipt" "$WORK/entry" "$vkey" >"$WORK/out" 2>&1 || wrong "the receipt of entry $entry: $(cat "$WORK/out")"
    printf x >>"$WORK/entry"
    "$WORK/tlogcheck" receipt "$WORK/receipt" "$WORK/entry" "$vkey" >/dev/null 2>&1 && wrong "the receipt of entry $entry fits another entry"
  done
  # A request as it stands in the log, under the key that the roster names.
  hex=$(grep -o '"name":"issuer-1","public":"[0-9a-f]*"' "$WORK/clone/keys/roster.json" | head -n 1 | sed 's/.*"public":"\([0-9a-f]*\)"/\1/')
  name=$ORIGIN/issuer-1
  id=$({ printf '%s\n\001' "$name"; printf '%s' "$hex" | xxd -r -p 2>/dev/null || printf '%b' "$(printf '%s' "$hex" | sed 's/../\\x&/g')"; } | sha256sum | cut -c 1-8)
  key=$({ printf '\001'; printf '%b' "$(printf '%s' "$hex" | sed 's/../\\x&/g')"; } | base64 -w 0)
  suspend_seq=$(size)
  sure act issuer-1 "voucher suspend" --voucher V-1 --reason dispute
  z log show "$suspend_seq" | tail -n +2 >"$WORK/request.note"
  "$WORK/notecheck" "$name+$id+$key" "$WORK/request.note" >"$WORK/out" 2>&1 || wrong "the request note: $(cat "$WORK/out")"
  has "$(cat "$WORK/out")" '"type":"voucher.suspend"' "its text"
  sed 's/"V-1"/"V-2"/' "$WORK/request.note" >"$WORK/forged.note"
  "$WORK/notecheck" "$name+$id+$key" "$WORK/forged.note" >/dev/null 2>&1 && wrong "a forged note opens"
else
  echo "SKIPPED: no Go with golang.org/x/mod: nothing but our own code has read the log here"
fi
end

finish
