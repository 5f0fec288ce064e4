#!/usr/bin/env bash
# A small programme year against a simulated bank (tests/bank/bank.py), which speaks files only and keeps accounts of its own: accepted, partly rejected, returned late, debited twice,
# silent, rejected as a whole, and paid through the treasury. At the end every provider's statement is what the bank paid, to the fen, and the clearing accounts are at zero.
. "$(dirname "$0")/session.sh"
command -v python3 >/dev/null || missing python3

BANK=$WORK/bank.json
FILES=$WORK/files
mkdir "$FILES"
bank() { python3 "$ROOT/tests/bank/bank.py" "$@" >"$WORK/bank.out" 2>"$WORK/bank.err" || { wrong "bank $*: $(tail -n 1 "$WORK/bank.err")"; return 1; }; }
# answers EXPECTED-STATUS [options]: every file that the bank has written since is read, in the order of its making, and put aside.
answers() {
  local expected=$1 file
  shift
  for file in $(ls -tr "$FILES"/* 2>/dev/null); do
    run z settle reconcile "$file" --key "$KEYS/maker" --json "$@"
    [ "$status" -le "$expected" ] || wrong "reading ${file##*/}: exit $status: $(tail -n 2 "$err")"
    mkdir -p "$WORK/read"
    mv "$file" "$WORK/read/"
  done
}
open_cases() { z settle exceptions --json 2>/dev/null | sed -n 's/.*"exception":"\([A-Z_]*\)".*/\1/p' | sort | tr '\n' ' ' | sed 's/ $//'; }
case_id() { z settle exceptions --json 2>/dev/null | grep "\"exception\":\"$1\"" | sed -n 's/.*"case":"\([^"]*\)".*/\1/p' | head -n 1; }
resolve() { # resolve KIND: two officers, with the letter of the bank
  want accepted two checker releaser "settle resolve" --case "$(case_id "$1")" --decision 样例银行函〔2026〕1号
}
# month NUMBER PAY-DAY: three services, one for each provider; sealed, approved, released, handed over in the form of the package
month() {
  local number=$1 day=$2 count total
  at "2026-$number-02 10:00"
  sure sweep
  service "I-$number-1" "O-$number-1" "${number#0}10001" "$(invoice "${number#0}1")"
  PROVIDER=$P2 service "I-$number-2" "O-$number-2" "${number#0}20002" "$(invoice "${number#0}2")"
  PROVIDER=$P3 service "I-$number-3" "O-$number-3" "${number#0}30003" "$(invoice "${number#0}3")"
  at "2026-$number-12 10:00"
  sure sweep
  sure seal "B-$number" 330602-E "$day"
  sure approve "B-$number"
  count=$(value settle "B-$number" count) total=$(value settle "B-$number" total_fen)
  sure release "B-$number" "$count" "$total"
  sure z settle export --batch "B-$number" --key "$KEYS/maker" --json
  sure act maker "settle submit" --batch "B-$number" --count "$count" --total-fen "$total" --evidence-sha256 "$HASH"
  at "$day 16:00"
}
package() { printf '%s/settlement/B-%s' "$L" "$1"; }
statement_of() { bank close "$BANK" --day "$1" --out "$FILES"; }

new_ledger
payer
sure accounts

begin "April: accepted; the notification and the statement tell of the same debits"
month 04 2026-04-15
bank take "$BANK" "$(package 04)" --mode accept --day 2026-04-15 --out "$FILES"
statement_of 2026-04-15
answers 0
same "0 5" "$(fen 330602-E 3100) $(value settle B-04 state)" "in settlement; the batch is settling"
at "2026-04-29 10:00"
statement_of 2026-04-29
answers 0
sure sweep
same 6 "$(value settle B-04 state)" "the batch is closed once the time for returns is over"
end

begin "May: every second line is rejected, and is paid in the next batch"
month 05 2026-05-15
bank take "$BANK" "$(package 05)" --mode partial --day 2026-05-15 --out "$FILES"
statement_of 2026-05-15
answers 0
same "520002 0" "$(fen 330602-E 3000) $(fen 330602-E 3100)" "payable again, in settlement"
end

begin "June: the first line comes back late, and is paid in the next batch under a new id"
month 06 2026-06-15
same 3 "$(value settle B-06 count)" "lines: the failed amount is part of its provider's line"
bank take "$BANK" "$(package 06)" --mode late-return --day 2026-06-15 --out "$FILES"
answers 0
at "2026-06-18 16:00"
bank back "$BANK" --day 2026-06-18 --out "$FILES"
statement_of 2026-06-18
answers 0
same 610001 "$(fen 330602-E 3200)" "returned by the bank"
end

begin "July: the first line is debited twice; only officers say which of the two the reversal is of"
month 07 2026-07-15
bank take "$BANK" "$(package 07)" --mode duplicate --day 2026-07-15 --out "$FILES"
answers 1
same DUPLICATE_DEBIT "$(open_cases)" "exceptions"
same "0 0" "$(fen 330602-E 3200) $(fen 330602-E 3100)" "returned, in settlement: the returned amount went out again"
at "2026-07-17 16:00"
bank back "$BANK" --day 2026-07-17 --out "$FILES"
statement_of 2026-07-17
answers 1
same "DUPLICATE_DEBIT RETURN_UNKNOWN" "$(open_cases)" "exceptions"
same 0 "$(fen 330602-E 3200)" "the reversal is no return of the payment"
resolve DUPLICATE_DEBIT
resolve RETURN_UNKNOWN
same "" "$(open_cases)" "after two officers"
end

begin "August: silence makes the lines unknown, never paid again; the late rejection frees them"
month 08 2026-08-14
bank take "$BANK" "$(package 08)" --mode silent --day 2026-08-14 --out "$FILES"
at "2026-08-27 16:00"
statement_of 2026-08-27
answers 1
same "MISSING_DEBIT MISSING_DEBIT MISSING_DEBIT NO_ANSWER NO_ANSWER NO_ANSWER" "$(open_cases)" "exceptions"
same 2460006 "$(fen 330602-E 3100)" "in settlement"
bank wake "$BANK" --day 2026-08-28 --out "$FILES"
at "2026-08-28 16:00"
answers 0
same "" "$(open_cases)" "after the answer"
same 2460006 "$(fen 330602-E 3000)" "payable again"
end

begin "September: the whole file is refused"
month 09 2026-09-15
bank take "$BANK" "$(package 09)" --mode reject --day 2026-09-15 --out "$FILES"
answers 0
same "0 $((2460006 + 2760006))" "$(fen 330602-E 3100) $(fen 330602-E 3000)" "in settlement, payable again"
end

begin "October: through the treasury, whose result comes back as a workbook by serial"
month 10 2026-10-15
bank take "$BANK" "$(package 10)" --mode partial --as treasury --day 2026-10-15 --out "$FILES"
statement_of 2026-10-15
answers 1
same "" "$(open_cases)" "exceptions"
same 0 "$(fen 330602-E 3100)" "in settlement"
end

begin "November: the rest; every statement is what the bank paid, and the clearing accounts are at zero"
month 11 2026-11-16
bank take "$BANK" "$(package 11)" --mode accept --day 2026-11-16 --out "$FILES"
statement_of 2026-11-16
answers 0
at "2026-12-01 10:00"
statement_of 2026-12-01
answers 0 --grace 7
same "0 0 0 0" "$(fen 330602-E 3000) $(fen 330602-E 3050) $(fen 330602-E 3100) $(fen 330602-E 3200)" "payable, on hold, in settlement, returned"
paid=$(python3 tests/bank/bank.py paid "$BANK")
together=0
for pair in "$P1 1211012009200012345" "$P2 6217000000000000004" "$P3 80110120"; do
  kept=$(printf '%s\n' "$paid" | awk -F'\t' -v a="${pair#* }" '$1 == a { print $2 }')
  ours=$(z report statement "${pair% *}" --json | python3 -c 'import json,sys; d=json.load(sys.stdin); print(d["pools"]["total"]["paid_fen"])')
  same "$kept" "$ours" "what the bank paid to ${pair% *} and what its statement says"
  together=$((together + kept))
done
same $((10000000 * 100 - together)) "$(python3 tests/bank/bank.py balance "$BANK")" "the bank's own balance"
same $((100000000 - together)) "$(fen 330602-E 1000)" "the ledger's cash"
same $((300000 * (4 + 5 + 6 + 7 + 8 + 9 + 10 + 11) + 60006 * 8)) "$together" "all that was redeemed"
same "" "$(open_cases)" "open exceptions"
end

begin "every file read again changes nothing"
before=$(state)
for file in "$WORK"/read/*; do
  run z settle reconcile "$file" --key "$KEYS/maker" --json
  has "$(cat "$err")" "read before" "${file##*/}"
done
same "$before" "$(state)" "the ledger"
verified
end

finish
