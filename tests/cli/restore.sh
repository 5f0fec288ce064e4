#!/usr/bin/env bash
# Getting a ledger back. Yesterday's database beside today's repository is refused; the repository alone gives the same ledger again, which goes on with the same
# history; what cannot come back is said; a killed restore leaves nothing or all.
. "$(dirname "$0")/session.sh"
for tool in git strace; do command -v $tool >/dev/null || missing $tool; done

new_ledger
payer
sure z log publish
sure accounts
service I-1 O-1 200000 "$(invoice 1)"
PROVIDER=$P2 service I-2 O-2 300000 "$(invoice 2)"
sure z log publish
at "2026-04-08 10:00"
sure z backup --to "$WORK/yesterday.db"
sure seal B-1 330602-E 2026-04-10
sure approve B-1
sure release B-1 2 500000
sure z log publish
git clone -q --mirror "$L/audit.git" "$WORK/mirror.git" 2>"$WORK/err" || { echo "not ok clone"; exit 1; }
published=$(size)
sure order O-9 150000 # never published
TIP=$(git -C "$L/audit.git" rev-parse main)
cp -a "$L" "$WORK/lost"

begin "yesterday's ledger.db beside today's repository: writing is refused, with the reason and the way out; reading still works"
cp "$WORK/yesterday.db" "$L/ledger.db" && rm -f "$L/ledger.db-wal" "$L/ledger.db-shm"
want "error ledger-fork 5" order O-10 1000
has "$(cat "$err")" "rebuild it from audit.git" "the way out"
run z log publish
same 5 "$status" "publishing is refused as well"
same "$TIP" "$(git -C "$L/audit.git" rev-parse main)" "the branch"
run z pool show 330602-E
same 0 "$status" "reading"
end

begin "the backup is refused as a source, because the world has seen more"
run z restore --from "$WORK/yesterday.db" --trail "$WORK/mirror.git" --to "$WORK/again"
same 5 "$status" "exit"
has "$(cat "$err")" "--from-trail" "the way out"
[ -e "$WORK/again" ] && wrong "something was left behind"
[ -e "$WORK/again.restoring" ] && wrong "a draft was left behind"
end

begin "the repository gives the ledger back: same entries, same balances, same commit ids; what is lost is named"
run z restore --from-trail "$WORK/mirror.git" --to "$WORK/R" --genesis "$GENESIS" --json
same 0 "$status" "exit: $(cat "$err")"
has "$(cat "$out")" "\"entries\":$published" "entries"
has "$(cat "$out")" "\"tip\":\"$TIP\"" "tip"
has "$(cat "$out")" '"accounts":3,"accounts_lost":3' "accounts"
has "$(cat "$err")" "$P2" "providers that cannot be paid"
has "$(cat "$err")" "nobody published" "the unpublished tail"
same "$TIP" "$(git -C "$WORK/R/audit.git" rev-parse main)" "the new repository's branch"
same "" "$(diff -r "$WORK/lost/public" "$WORK/R/public" 2>&1 | head -n 3)" "public files"
lost=$(cd "$WORK/lost" && ZHIDUI_LEDGER=. "$ZHIDUI" report pool --format csv 2>/dev/null | tail -n +3)
L=$WORK/R
run z doctor
same 0 "$status" "doctor: $(cat "$out" "$err")"
run z restore --from-trail "$WORK/mirror.git" --to "$WORK/R"
same 2 "$status" "an existing ledger is never overwritten"
end

begin "the restored ledger goes on: the lost order is submitted again, the history stays one line, and verifies"
mkdir -p "$L/keys" && cp "$KEYS/log" "$KEYS/git" "$L/keys/"
want accepted order O-9 150000
sure z log publish
git -C "$WORK/mirror.git" fetch -q "$L/audit.git" main:main || wrong "the mirror does not take the new history as a continuation"
verified
same "$(printf '%s\n' "$lost" | head -n 3)" "$(z report pool --format csv 2>/dev/null | tail -n +3 | head -n 3)" "balances of the pools"
end

begin "payees without data are not paid: the export says which account is missing; with the old private.db it works"
cp "$WORK/lost/config.json" "$L/"
run z settle export --batch B-1 --key "$KEYS/maker" --role maker
[ "$status" -ne 0 ] || wrong "a batch was exported without accounts"
has "$(cat "$out" "$err")" "export-refused" "the refusal"
run z restore --from-trail "$WORK/mirror.git" --to "$WORK/R2" --genesis "$GENESIS" --private "$WORK/lost/private.db" --json
has "$(cat "$out")" '"accounts":3,"accounts_lost":0' "accounts"
cp "$WORK/lost/config.json" "$WORK/R2/"
L=$WORK/R2
run z settle export --batch B-1 --key "$KEYS/maker" --role maker
same 0 "$status" "export: $(cat "$err")"
end

begin "one payee's data is gone: the approval is refused and names it, its line is held by an objection, and the others are paid"
mkdir -p "$L/keys" && cp "$KEYS/log" "$KEYS/git" "$L/keys/"
at "2026-04-09 10:00"
service I-8 O-8 120000 "$(invoice 8)"
PROVIDER=$P2 service I-7 O-7 130000 "$(invoice 7)"
at "2026-04-20 10:00"
sure z private erase "$(value provider $P2 account)"
sure seal B-9 330602-E 2026-04-22
want "error export-refused" approve B-9
has "$(cat "$err")" "$P2" "who cannot be paid"
has "$(cat "$err")" "nothing was signed" "what to do"
want accepted act reviewer-1 "settle object" --batch B-9 --provider $P2 --reason dispute
sure approve B-9
sure release B-9 1 120000
run z settle export --batch B-9 --key "$KEYS/maker" --role maker
same 0 "$status" "the export: $(cat "$out" "$err")"
grep -q 样例大学 "$L/settlement/B-9/pain.001.001.09.xml" || wrong "the other payee is not in the payment file"
grep -q 样例研究院 "$L/settlement/B-9/pain.001.001.09.xml" && wrong "the payee without data is in the payment file"
same 130000 "$(fen 330602-E 3050)" "what is on hold"
end

begin "another ledger's repository, an altered one, and an empty one are refused"
run z restore --from-trail "$WORK/mirror.git" --to "$WORK/X" --genesis "$HASH"
same 5 "$status" "another genesis"
git init -q --bare -b main "$WORK/empty.git"
run z restore --from-trail "$WORK/empty.git" --to "$WORK/X"
[ "$status" -ge 4 ] || wrong "an empty repository: exit $status"
git clone -q "$WORK/mirror.git" "$WORK/altered" 2>/dev/null
cd "$WORK/altered" || exit 1
sed -i 's/"amount_fen":200000/"amount_fen":200001/' "$(git ls-files tile/entries | head -n 1)"
git -c user.name=x -c user.email=x@example.org commit -qam altered
cd "$ROOT" || exit 1
run z restore --from-trail "$WORK/altered" --to "$WORK/X"
same 5 "$status" "an altered repository: $(cat "$err")"
[ -e "$WORK/X" ] || [ -e "$WORK/X.restoring" ] && wrong "something was left behind"
end

begin "a backup that the repository does not contradict comes back as well"
cp -a "$WORK/lost" "$WORK/whole"
L=$WORK/whole
sure z backup --to "$WORK/today.db"
run z restore --from "$WORK/today.db" --trail "$WORK/mirror.git" --to "$WORK/B" --private "$WORK/lost/private.db" --json
[ "$status" -eq 5 ] || wrong "the mirror has more than the backup: exit $status"
git clone -q --mirror "$WORK/lost/audit.git" "$WORK/old.git" 2>/dev/null
run z restore --from "$WORK/today.db" --trail "$WORK/old.git" --to "$WORK/B" --private "$WORK/lost/private.db" --json
same 0 "$status" "exit: $(cat "$err")"
same "$TIP" "$(git -C "$WORK/B/audit.git" rev-parse main)" "the branch"
L=$WORK/B
same "$((published + 1))" "$(size)" "entries, the unpublished one too"
end

begin "killed at any system call that writes, a restore leaves no ledger or a whole one, and the next one succeeds"
CALLS=write,pwrite64,fsync,fdatasync,rename,renameat2,mkdir,link,linkat,unlink
strace -f -qq -o "$WORK/trace" -e trace=$CALLS "$ZHIDUI" restore --from-trail "$WORK/mirror.git" --to "$WORK/K0" >/dev/null 2>&1
killed=0
for name in ${CALLS//,/ }; do
  count=$(grep -c "^[0-9]* *$name(" "$WORK/trace")
  for nth in $(printf '%s\n' 1 $((count / 3)) $((count * 2 / 3)) $((count - 1)) "$count" | awk -v most="$count" '$1 >= 1 && $1 <= most' | sort -nu); do
    rm -rf "$WORK/K" "$WORK/K.restoring"
    # A call that is not traced is not injected; strace counts each call by itself.
    status=0
    (strace -f -qq -o /dev/null -e trace=$CALLS -e "inject=$name:signal=KILL:when=$nth" "$ZHIDUI" restore --from-trail "$WORK/mirror.git" --to "$WORK/K" >/dev/null 2>&1) 2>/dev/null || status=$?
    [ "$status" -eq 137 ] && killed=$((killed + 1))
    if [ -e "$WORK/K" ]; then
      ZHIDUI_LEDGER=$WORK/K "$ZHIDUI" doctor --clock-checked >"$WORK/o" 2>&1 || wrong "killed at $name $nth: a ledger that is not whole: $(tail -n 2 "$WORK/o")"
    else
      "$ZHIDUI" restore --from-trail "$WORK/mirror.git" --to "$WORK/K" >"$WORK/o" 2>&1 || wrong "killed at $name $nth: the next restore fails: $(tail -n 2 "$WORK/o")"
    fi
  done
done 2>/dev/null # the shell announces every kill
echo "   killed at $killed places"
[ "$killed" -ge 15 ] || wrong "only $killed runs were killed"
end
finish
