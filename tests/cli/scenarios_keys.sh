#!/usr/bin/env bash
# Acceptance scenarios 7, 8 and 13 through the real commands: deputies by tree size, unit keys with a limit, opening balances of an old platform. Figures are fen.
. "$(dirname "$0")/session.sh"

# grow SIZE: appropriations until the ledger has exactly SIZE entries; a batch of n items is n + 1 entries.
grow() {
  local left=$(($1 - $(size))) n items i
  while [ "$left" -gt 0 ]; do
    n=$((left > 50 ? 50 : left))
    if [ "$n" -eq 1 ]; then
      sure act maker "pool appropriate" --pool 330681-E --amount-fen 1 --document 样例追加指标
    else
      items=()
      for i in $(seq 2 "$n"); do items+=("{\"id\":\"grow-$left-$i\",\"pool\":\"330681-E\",\"amount_fen\":1,\"document\":\"样例追加指标\"}"); done
      sure batch maker pool.appropriate "grow-$left" "${items[@]}"
    fi
    left=$(($1 - $(size)))
  done
}

begin "scenario 7: a deputy for entries [100, 200) approves at 99, 100 and 200: admission error, accepted, admission error"
new_ledger
sure grant finance-root deputy finance checker --from-size 100 --to-size 200
service I-1 O-1 200000 "$(invoice 1)"
HOLDER=$H81 VOUCHER=V-81 service I-2 O-2 300000 "$(invoice 2)"
at "2026-03-28 10:00"
sure seal B-1 330602-E 2026-03-30
sure seal B-2 330681-E 2026-03-30
grow 99
same 99 "$(size)" "entries"
before=$(state)
KEY=deputy want "error key-outside-interval" approve B-1
same "$before" "$(state)" "the ledger"
grow 100
KEY=deputy want accepted approve B-1
grow 200
same 200 "$(size)" "entries"
KEY=deputy want "error key-outside-interval" approve B-2
same 200 "$(size)" "entries after the error"
KEY=checker want accepted approve B-2
verified
end

begin "scenario 8: a unit key with limit 1,000,000 captures that, not one fen more, and may not propose an account"
new_ledger
sure grant "provider/$P1" "provider/$P1/lab-3" lab-3 lab --party $P1 --limit-fen 1000000
sure order O-1 1000000 --unit lab-3
sure order O-2 1000001 --unit lab-3
sure order O-3 500000 --unit lab-4
KEY=provider/$P1/lab-3 want accepted capture I-1 O-1 1000000 "$(invoice 1)"
KEY=provider/$P1/lab-3 want "refused R47" capture I-2 O-2 1000001 "$(invoice 2)"
KEY=provider/$P1/lab-3 want "refused A05" capture I-3 O-3 500000 "$(invoice 3)"
before=$(state)
want "error key-wrong-role" act "provider/$P1/lab-3" "provider account" --provider $P1 --commitment "$HASH"
same "$before" "$(state)" "the ledger"
same "1000000 1500001" "$(fen 330602-E 3000) $(fen 330602-E 2200)" "payable and reserved"
verified
end

opening() { # the old platform's balances, as two officers bring them in
  batch_note issuer-1 opening.quota open-quota "{\"id\":\"oq-1\",\"holder\":\"$H1\",\"year\":2026,\"amount_fen\":15000000,\"document\":\"旧平台清单\"}" >"$WORK/quota.note" &&
    batch_note issuer-1 opening.invoice open-invoice "{\"id\":\"oi-1\",\"invoice\":\"$(invoice 9)\",\"provider\":\"$P1\",\"holder\":\"$H1\"}" >"$WORK/invoice.note" &&
    batch_note issuer-1 opening.balance open-money "{\"id\":\"ob-1\",\"account\":\"3000\",\"pool\":\"330602-E\",\"amount_fen\":700000,\"provider\":\"$P1\",\"item\":\"OLD-1\"}" \
      "{\"id\":\"ob-2\",\"account\":\"1100\",\"pool\":\"330602-E\",\"amount_fen\":60000,\"provider\":\"$P1\",\"note\":\"OLD-N\"}" >"$WORK/money.note"
}

begin "scenario 13: with quota used 15,000,000, 5,000,000 more is allotted, 1 more is refused; the paid invoice is R32; loading twice changes nothing"
empty_ledger
sure pool 330602-E 330602 2026 enterprise 100000000
sure holder $H1 330602 样例甲公司
sure provider $P1 样例大学
sure opening
for part in quota invoice money; do
  want proposed z request submit "$WORK/$part.note" --json
  want "refused R46" z second "$WORK/$part.note" --key "$KEYS/issuer-1" --json
  want accepted z second "$WORK/$part.note" --key "$KEYS/issuer-2" --json
done
same "700000 60000 100700000" "$(fen 330602-E 3000) $(fen 330602-E 1100) $(fen 330602-E 1000)" "payable, receivable, cash"
before=$(z pool show --json | sed 's/"as_of_entry":[0-9]*//')
entries=$(size)
for part in quota invoice money; do # the same files again
  want proposed z request submit "$WORK/$part.note" --json
  has "$(cat "$out")" '"replay":true' "the same note again"
  want "refused A04" z second "$WORK/$part.note" --key "$KEYS/issuer-2" --json
done
same "$before" "$(z pool show --json | sed 's/"as_of_entry":[0-9]*//')" "balances after loading twice"
same 3 "$(($(size) - entries))" "entries: the three refused seconds alone"
want accepted allot V-1 $H1 5000000
want "refused R15" allot V-2 $H1 1
at "2026-03-20 10:00"
sure order O-1 190000
want "refused R32" capture I-1 O-1 190000 "$(invoice 9)"
want "refused A15" body issuer-1 opening.quota late "{\"holder\":\"$H1\",\"year\":2026,\"amount_fen\":1}"
verified
end

finish
