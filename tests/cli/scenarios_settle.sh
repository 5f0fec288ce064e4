#!/usr/bin/env bash
# Acceptance scenarios of settlement through the real commands: 4, 5, 6, 10, 11 and the first half of 17. The bank's answers are typed (settle answer). Figures are fen.
. "$(dirname "$0")/session.sh"
calendar_2027

begin "scenario 4: 500,000 paid on 25 December and returned on 6 January: re-issue is refused until carried to the 2027 pool"
new_ledger
at "2026-12-01 10:00"
sure sweep
service I-1 O-1 500000 "$(invoice 1)"
at "2026-12-18 10:00"
sure seal B-1 330602-E 2026-12-25
sure approve B-1
sure release B-1 1 500000
at "2026-12-25 15:00"
want accepted ack B-1 $P1 debited
same 99500000 "$(fen 330602-E 1000)" "cash after the payment"
at "2027-01-04 10:00"
want accepted sweep
want accepted two maker maker-2 "pool close-year" --pool 330602-E --document 样例财教〔2027〕1号
same 0 "$(fen 330602-E 1000)" "cash of the closed year"
at "2027-01-06 10:00"
want accepted ack B-1 $P1 returned
same 500000 "$(fen 330602-E 3200)" "returned by the bank, posted at once"
same 500000 "$(fen 330602-E 1000)" "and its cash"
want "refused A12" seal B-2 330602-E 2027-01-08 --data "$WORK/data"
want accepted pool 330602-E27 330602 2027 enterprise 1000000
want "refused A13" seal B-2 330602-E27 2027-01-08 --data "$WORK/data"
want accepted two maker maker-2 "pool carry" --pool 330602-E --to-pool 330602-E27 --document 样例财教〔2027〕2号
same "0 0" "$(fen 330602-E 3200) $(fen 330602-E 1000)" "the old pool after the carry"
same "500000 1500000" "$(fen 330602-E27 3200) $(fen 330602-E27 1000)" "the new pool after the carry"
want accepted seal B-2 330602-E27 2027-01-08 --data "$WORK/data"
same 500000 "$(value settle B-2 total_fen)" "re-issued"
want accepted approve B-2
want accepted release B-2 1 500000
want accepted ack B-2 $P1 debited
same "0 0 1000000" "$(fen 330602-E27 3200) $(fen 330602-E27 3100) $(fen 330602-E27 1000)" "the new pool after the re-issue"
same B-2-P0001 "$(z log show "$(value settle B-2 seq)" "$(size)" | grep -aoE 'B-2-P[0-9]+' | head -n 1)" "a new EndToEndId"
verified
end

begin "scenario 5: what is owed to pool 330602 is not netted in 330681: it pays 500,000"
new_ledger
service I-1 O-1 200000 "$(invoice 1)"
at "2026-03-28 10:00"
pay B-1 330602-E 2026-03-30 1 200000 $P1
want accepted act "provider/$P1" "redeem refund" --note N-1 --item I-1 --amount-fen 200000 --reason mistake
HOLDER=$H81 VOUCHER=V-81 service I-2 O-2 500000 "$(invoice 2)"
at "2026-04-08 10:00"
want accepted seal B-2 330681-E 2026-04-10
same "500000 0 500000" "$(value settle B-2 gross_fen) $(value settle B-2 offset_fen) $(value settle B-2 total_fen)" "gross, offset, total of 330681"
same 200000 "$(fen 330602-E 1100)" "still owed to 330602"
same 0 "$(fen 330681-E 1100)" "nothing owed to 330681"
# In its own pool the note is offset, oldest first.
service I-3 O-3 300000 "$(invoice 3)"
at "2026-04-20 10:00"
want accepted seal B-3 330602-E 2026-04-22
same "300000 200000 100000" "$(value settle B-3 gross_fen) $(value settle B-3 offset_fen) $(value settle B-3 total_fen)" "gross, offset, total of 330602"
verified
end

begin "scenario 6: a checker for 330681 approves a batch of 330602: R46"
new_ledger
sure grant finance-root checker-81 finance-81 checker --jurisdictions 330681
service I-1 O-1 200000 "$(invoice 1)"
HOLDER=$H81 VOUCHER=V-81 service I-2 O-2 300000 "$(invoice 2)"
at "2026-03-28 10:00"
sure seal B-1 330602-E 2026-03-30
sure seal B-2 330681-E 2026-03-30
KEY=checker-81 want "refused R46" approve B-1
same 1 "$(value settle B-1 state)" "the batch is still only sealed"
KEY=checker-81 want accepted approve B-2
KEY=checker want accepted approve B-1
verified
end

begin "three persons: neither the maker approves nor the checker releases"
# The maker's person also holds a checker's key, the checker's person a releaser's: it is persons that count, not keys.
sure grant finance-root maker-checks finance checker --person p-maker
sure grant finance-root checker-releases finance releaser --person p-checker
service I-3 O-3 400000 "$(invoice 3)"
at "2026-04-08 10:00"
sure seal B-3 330602-E 2026-04-10
KEY=maker-checks want "refused R46" approve B-3
KEY=checker want accepted approve B-3
KEY=checker-releases want "refused R46" release B-3 1 400000
KEY=releaser want accepted release B-3 1 400000
verified
end

begin "scenario 10: invoice 400,000, subsidy 200,000 paid; a red letter of 100,000 makes a receivable of 50,000"
new_ledger
service I-1 O-1 200000 "$(invoice 1)"
at "2026-03-28 10:00"
pay B-1 330602-E 2026-03-30 1 200000 $P1
want accepted fact red-letter "$(invoice 1)" RL-1 --amount-fen 100000
same 50000 "$(fen 330602-E 1100)" "receivable"
same 50000 "$(fen 330602-E 2160)" "refund clearing"
want "refused A02" fact red-letter "$(invoice 1)" RL-1 --amount-fen 100000
same 50000 "$(fen 330602-E 1100)" "receivable after the same red letter again"
verified
end

begin "scenario 11: lines of 100,000, 200,000, 300,000; an objection to the second; typed 3 / 600,000 is R48, 2 / 400,000 releases"
new_ledger
service I-1 O-1 100000 "$(invoice 1)"
PROVIDER=$P2 service I-2 O-2 200000 "$(invoice 2)"
PROVIDER=$P3 service I-3 O-3 300000 "$(invoice 3)"
at "2026-03-28 10:00"
want accepted seal B-1 330602-E 2026-03-30
same "3 600000" "$(value settle B-1 count) $(value settle B-1 total_fen)" "count and total of the seal"
want accepted act reviewer-1 "settle object" --batch B-1 --provider $P2 --reason dispute
want accepted approve B-1
want "refused R48" release B-1 3 600000
want "refused R48" release B-1 2 400001
want "refused R48" release B-1 3 400000
want accepted release B-1 2 400000
same 400000 "$(fen 330602-E 3100)" "in settlement"
same 200000 "$(fen 330602-E 3050)" "on hold"
want "refused A16" ack B-1 $P2 debited
verified
end

begin "scenario 17: a batch dated 1 October 2026 is executed on 8 October; a year without calendar data is an error"
new_ledger
at "2026-09-10 10:00"
sure sweep
service I-1 O-1 200000 "$(invoice 1)"
at "2026-09-28 10:00"
want "error calendar-missing" seal B-1 330602-E 2027-01-04
has "$(cat "$err")" 2027 "which year is missing"
want accepted seal B-1 330602-E 2026-10-01
has "$(cat "$err")" 2026-10-08 "the officer is told"
want accepted approve B-1
want accepted release B-1 1 200000
has "$(z log show "$(value settle B-1 seq)")" '"execution":"2026-10-08"' "the seal's date"
# A year's data are a file: the tests bring their own 2027, where 4 January is a holiday.
service I-2 O-2 200000 "$(invoice 2)"
at "2026-10-09 10:00"
want accepted seal B-2 330602-E 2027-01-04 --data "$WORK/data"
has "$(z log show "$(value settle B-2 seq)")" '"execution":"2027-01-05"' "the seal's date in 2027"
verified
end

finish
