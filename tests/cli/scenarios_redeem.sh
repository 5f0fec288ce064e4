#!/usr/bin/env bash
# Acceptance scenarios of redemption through the real commands: 1, 2, 3, 9, 14, 15, 19 and 20. Figures are fen.
. "$(dirname "$0")/session.sh"

begin "scenario 1: of a base of 380,001 a claim of 190,000 is accepted, 190,001 is R23"
new_ledger
want accepted order O-1 190000 --own-share-fen 190001 --contract-fen 380001
want "refused R23" order O-2 190001 --own-share-fen 190000 --contract-fen 380001
has "$(z log show $(($(size) - 1)))" '"base_fen":380001,"allowed_fen":190000' "what R23 saw"
same 190000 "$(fen 330602-E 2200)" "reserved"
same 99810000 "$(fen 330602-E 2000)" "free"
verified
end

begin "scenario 2: a capture voided before the seal is recaptured with the same invoice; after payment and refund it is R32"
new_ledger
KEY=holder/$H1 want accepted order O-1 190000
want accepted capture I-1 O-1 190000 "$(invoice 1)"
same 190000 "$(fen 330602-E 3000)" "payable after the capture"
want accepted act "provider/$P1" "redeem void" --order O-1 --item I-1 --reason mistake
same 0 "$(fen 330602-E 3000)" "payable after the void"
same 100000000 "$(fen 330602-E 2000)" "free after the void"
KEY=holder/$H1 want accepted order O-2 190000
want accepted capture I-2 O-2 190000 "$(invoice 1)"
sure cleared O-2 190000 "$(invoice 1)"
at "2026-04-01 10:00"
pay B-1 330602-E 2026-04-08 1 190000 $P1
same 99810000 "$(fen 330602-E 1000)" "cash after the payment"
want accepted act "provider/$P1" "redeem refund" --note N-1 --item I-2 --amount-fen 190000 --reason mistake
same 190000 "$(fen 330602-E 1100)" "receivable after the refund"
KEY=holder/$H1 want accepted order O-3 190000 --contract-date 2026-03-20
want "refused R32" capture I-3 O-3 190000 "$(invoice 1)" --invoice-date 2026-03-20
verified
end

begin "scenario 3: an entrepreneur without a code orders 10,000,000, then 1 more is R14; no resident id in the history"
new_ledger
want accepted order O-1 10000000 --voucher V-E --holder E-0001
want "refused R14" order O-2 1 --voucher V-E --holder E-0001
want accepted capture I-1 O-1 10000000 "$(invoice 1)" --buyer person
same 10000000 "$(fen 330602-P 3000)" "payable of the entrepreneurs' pool"
before=$(state)
# Whoever types a resident's number is stopped before anything is written, in any field.
want "error field-invalid" act issuer-1 "holder register" --holder 330602188001010016 --class entrepreneur --jurisdiction 330602 --eligible-from 2026-01-01 --eligible-to 2026-12-31
has_not "$(cat "$err")" 330602188001010016 "the error"
want "error field-invalid" act issuer-1 "holder register" --holder E-0009 --code 330602188001010024 --class entrepreneur --jurisdiction 330602 --eligible-from 2026-01-01 --eligible-to 2026-12-31
same "$before" "$(state)" "the ledger"
sure z log publish
git clone -q "$L/audit.git" "$WORK/clone" || wrong "git clone"
git -C "$WORK/clone" cat-file --batch-all-objects --batch >"$WORK/objects"
grep -aqE '(^|[^0-9])[1-9][0-9]{5}(18|19|20)[0-9]{2}(0[1-9]|1[0-2])[0-3][0-9]{4}[0-9X]([^0-9]|$)' "$WORK/objects" && wrong "something like a resident id is in the git history"
grep -aq '"holder":"E-0001"' "$WORK/objects" || wrong "the history does not hold the order at all"
rm -rf "$WORK/clone" "$WORK/objects"
verified
end

begin "scenario 9: a mandate of 1,000,000 carries orders of 600,000 and 400,000; the third is gated on R06; withdrawn, the earlier ones still capture"
new_ledger
want accepted act "holder/$H1" "mandate grant" --mandate M-1 --holder $H1 --providers $P1 --amount-fen 1000000 --until 2026-12-31
want accepted order O-1 600000 --mandate M-1
want accepted order O-2 400000 --mandate M-1
has "$(value order O-1 gates)$(value order O-2 gates)" 00 "no gates"
want accepted order O-3 1 --mandate M-1 --own-share-fen 1 --contract-fen 2
has "$(z log show $(($(size) - 1)) | head -n 1)" '"gates":["R06"]' "the third order"
want accepted act "holder/$H1" "mandate withdraw" --mandate M-1 --holder $H1
want "refused R06" order O-4 100000 --mandate M-1
want accepted capture I-1 O-1 600000 "$(invoice 1)"
want accepted capture I-2 O-2 400000 "$(invoice 2)"
has_not "$(z log show $(($(size) - 1)) | head -n 1)" R06 "the capture under the withdrawn mandate"
same 1000000 "$(fen 330602-E 3000)" "payable"
same 1 "$(fen 330602-E 2200)" "reserved"
verified
end

begin "scenario 14: an invoice with two numbers, fully allocated under one, is R32 under the other"
new_ledger
want accepted order O-1 190000
want accepted order O-2 190000
want accepted capture I-1 O-1 190000 "033002600111:12345678,$(invoice 7)"
same 380000 "$(fen 330602-E 3000 | awk '{print $1 * 2}')" "twice the payable"
want "refused R32" capture I-2 O-2 190000 "$(invoice 7)"
want "refused R32" capture I-3 O-2 190000 033002600111:12345678
has "$(z log show $(($(size) - 1)) | head -n 1)" '"remaining_fen":0' "what R32 saw"
same 190000 "$(fen 330602-E 3000)" "payable"
verified
end

begin "scenario 15: two captures of 190,000, same pair, same day, different invoices: both accepted"
new_ledger
want accepted order O-1 190000
want accepted order O-2 190000
want accepted capture I-1 O-1 190000 "$(invoice 1)"
want accepted capture I-2 O-2 190000 "$(invoice 2)"
same 380000 "$(fen 330602-E 3000)" "payable"
verified
end

begin "scenario 19: ten million allotted to each of a thousand holders from a pool of twenty million; the third order is R27 until a void"
empty_ledger
sure pool 330602-P 330602 2026 entrepreneur 20000000
sure provider $P1 样例大学
for part in 0 1 2 3 4; do
  holders=() vouchers=()
  for i in $(seq $((part * 200 + 1)) $((part * 200 + 200))); do
    n=$(printf '%04d' "$i")
    holders+=("{\"id\":\"h-$n\",\"holder\":\"E-$n\",\"class\":\"entrepreneur\",\"jurisdiction\":\"330602\",\"eligible_from\":\"2026-01-01\",\"eligible_to\":\"2026-12-31\",\"commitment\":\"$(printf '%064d' "$i")\"}")
    vouchers+=("{\"id\":\"v-$n\",\"voucher\":\"V-$n\",\"holder\":\"E-$n\",\"year\":2026,\"amount_fen\":10000000,\"categories\":\"testing\"}")
  done
  want accepted batch issuer-2 holder.register "holders-$part" "${holders[@]}"
  want accepted batch issuer-1 voucher.allot "vouchers-$part" "${vouchers[@]}"
done
z voucher list --json >"$WORK/vouchers" 2>/dev/null
same 1000 "$(grep -c '"amount_fen":10000000,' "$WORK/vouchers")" "vouchers allotted"
same 20000000 "$(fen 330602-P 2000)" "free: allotting locks no budget"
at "2026-03-20 10:00"
want accepted order O-1 10000000 --voucher V-0001 --holder E-0001
want accepted order O-2 10000000 --voucher V-0500 --holder E-0500
want "refused R27" order O-3 10000000 --voucher V-1000 --holder E-1000
want "refused R27" order O-4 1 --voucher V-1000 --holder E-1000
want accepted act "provider/$P1" "redeem void" --order O-1
want accepted order O-5 10000000 --voucher V-1000 --holder E-1000
same 0 "$(fen 330602-P 2000)" "free at the end"
same 20000000 "$(fen 330602-P 2200)" "reserved at the end"
verified
end

begin "scenario 20: a signed capture found in a drawer 31 days later is an admission error and changes nothing"
new_ledger
want accepted order O-1 190000
capture I-1 O-1 190000 "$(invoice 1)" --expires 30 --dry-run >"$WORK/drawer.note"
before=$(state)
at "2026-04-20 10:01"
want "error note-expired" z request submit "$WORK/drawer.note" --json
same "$before" "$(state)" "the ledger"
at "2026-04-19 09:59"
want accepted z request submit "$WORK/drawer.note" --json
verified
end

finish
