#!/usr/bin/env bash
# The seventeen failures that payment engines were seen to have, tried on the real commands: what went wrong elsewhere is in each title, and what must hold here in each
# group. Figures are fen.
. "$(dirname "$0")/session.sh"

# Where the money of pool 330602-E is: free, reserved, payable, on hold, in settlement, returned, cash.
where() { printf '%s %s %s %s %s %s %s' "$(fen 330602-E 2000)" "$(fen 330602-E 2200)" "$(fen 330602-E 3000)" "$(fen 330602-E 3050)" "$(fen 330602-E 3100)" "$(fen 330602-E 3200)" "$(fen 330602-E 1000)"; }
# left VOUCHER: what may still be ordered on it is found by asking for one fen more than that
ask() { order "$1" "$2" --own-share-fen "$2" --contract-fen $((2 * $2)); }
# until_free COMMAND: a process that meets another one's lock may come again; nothing else is repeated
until_free() {
  local i
  for i in $(seq 1 400); do
    "$@" >"$WORK/race.$BASHPID" 2>&1
    grep -q ledger-locked "$WORK/race.$BASHPID" || break
  done
  cat "$WORK/race.$BASHPID"
}

begin "F1: reservations that together exceed the balance: the one that would is refused, whether by voucher or by pool"
new_ledger
want accepted ask O-1 12000000
want accepted ask O-2 8000000
want "refused R14" ask O-3 1
sure pool 330603-E 330603 2026 enterprise 1000000
sure holder $H2 330603 样例丙公司
sure allot V-3 $H2 20000000
want accepted order O-4 600000 --voucher V-3 --holder $H2
want "refused R27" order O-5 400001 --voucher V-3 --holder $H2
want accepted order O-6 400000 --voucher V-3 --holder $H2
same "0 1000000" "$(fen 330603-E 2000) $(fen 330603-E 2200)" "free and reserved of the small pool"
verified
end

begin "F2: capture of a refused, voided or foreign reservation moves nothing"
new_ledger
want "refused R14" ask O-1 20000001
want accepted ask O-2 300000
want accepted act "provider/$P1" "redeem void" --order O-2
before=$(where)
want "refused R09" capture I-1 O-1 100000 "$(invoice 1)"
want "refused A04" capture I-2 O-2 100000 "$(invoice 2)"
want accepted ask O-3 300000
KEY=provider/$P2 want "refused A05" capture I-3 O-3 100000 "$(invoice 3)" --seller $P2
same "99700000 300000 0 0 0 0 100000000" "$(where)" "the pool"
same "100000000 0 0 0 0 0 100000000" "$before" "the pool before the third order"
verified
end

begin "F3: two captures, a void and an expiry at the same time: the log's order decides, one of them wins"
new_ledger
want accepted ask O-1 300000
(until_free capture I-1 O-1 300000 "$(invoice 1)" >"$WORK/one") &
(until_free capture I-2 O-1 300000 "$(invoice 2)" >"$WORK/two") &
wait
same 1 "$(cat "$WORK/one" "$WORK/two" | grep -c '"outcome":"accepted"')" "captures accepted"
same 1 "$(cat "$WORK/one" "$WORK/two" | grep -c '"outcome":"refused"')" "captures refused"
same 300000 "$(fen 330602-E 3000)" "payable"
want accepted ask O-2 200000
(until_free capture I-3 O-2 200000 "$(invoice 3)" >"$WORK/one") &
(until_free act "provider/$P1" "redeem void" --order O-2 >"$WORK/two") &
wait
grep -q '"outcome":"accepted"' "$WORK/one" && taken=500000 || taken=300000
same "$taken 0" "$(fen 330602-E 3000) $(fen 330602-E 2200)" "payable and reserved after capture against void"
# Past the deadline a capture is refused whether the sweep has run or not, and the sweep gives back once.
want accepted ask O-3 100000
at "2026-07-01 10:00"
want "refused R12" capture I-4 O-3 100000 "$(invoice 4)"
same 100000 "$(fen 330602-E 2200)" "still reserved: only the sweep gives back"
want accepted sweep
want "refused R12" capture I-5 O-3 100000 "$(invoice 5)"
same "0 $((100000000 - taken))" "$(fen 330602-E 2200) $(fen 330602-E 2000)" "reserved and free after the sweep"
verified
end

begin "F4: refund twice, refund of a refund, an error while money moved: every refused refund leaves all balances as they are"
new_ledger
service I-1 O-1 200000 "$(invoice 1)"
at "2026-03-28 10:00"
pay B-1 330602-E 2026-03-30 1 200000 $P1
act "provider/$P1" "redeem refund" --note N-1 --item I-1 --amount-fen 150000 --reason mistake --dry-run >"$WORK/refund.note"
want accepted z request submit "$WORK/refund.note" --json
before=$(where)
want accepted z request submit "$WORK/refund.note" --json
has "$(cat "$out")" '"replay":true' "the same refund again"
want "refused A02" act "provider/$P1" "redeem refund" --note N-1 --item I-1 --amount-fen 50000
want "refused R14" act "provider/$P1" "redeem refund" --note N-2 --item I-1 --amount-fen 50001
want "refused A03" act "provider/$P1" "redeem refund" --note N-3 --item N-1 --amount-fen 1
want "error amount-malformed" act "provider/$P1" "redeem refund" --note N-4 --item I-1 --amount-fen "" --amount 1e3
same "$before" "$(where)" "the pool"
same 150000 "$(fen 330602-E 1100)" "owed"
verified
end

begin "F5: what is taken back returns to the place where it came from"
new_ledger
# Never sealed: quota and pool. A void of the order gives back only what was not captured.
want accepted ask O-1 500000
want accepted capture I-1 O-1 200000 "$(invoice 1)" --final false
want accepted act "provider/$P1" "redeem void" --order O-1
same "99800000 0 200000 0 0 0 100000000" "$(where)" "after the void of the rest"
want accepted act "provider/$P1" "redeem void" --order O-1 --item I-1
same "100000000 0 0 0 0 0 100000000" "$(where)" "after the void of the capture"
# In a batch that is withdrawn: what the bank had returned is returned again, what was open is open again.
service I-2 O-2 200000 "$(invoice 2)"
at "2026-03-28 10:00"
pay B-1 330602-E 2026-03-30 1 200000 $P1
want accepted ack B-1 $P1 returned
service I-3 O-3 300000 "$(invoice 3)"
at "2026-04-08 10:00"
sure seal B-2 330602-E 2026-04-10
same "0 500000 0" "$(fen 330602-E 3000) $(fen 330602-E 3100) $(fen 330602-E 3200)" "payable, in settlement, returned"
want accepted act maker "settle withdraw" --batch B-2 --reason mistake
same "300000 0 200000" "$(fen 330602-E 3000) $(fen 330602-E 3100) $(fen 330602-E 3200)" "after the withdrawal"
verified
end

begin "F6: the same id twice in one batch, with other content, after a refusal"
new_ledger
fields="\"voucher\":\"V-1\",\"holder\":\"$H1\",\"provider\":\"$P1\",\"category\":\"testing\",\"purpose\":\"material\",\"affiliation\":\"none\",\"statutory\":false,\"other_funding_fen\":0,\"contract_date\":\"2026-03-03\""
item() { printf '{"id":"%s","order":"%s","amount_fen":%s,"own_share_fen":%s,"contract":"HT-%s","contract_fen":%s,%s}' "$1" "$2" "$3" "$3" "$2" $((2 * $3)) "$fields"; }
before=$(state)
want "error request-conflict" batch "provider/$P1" redemption.order b-1 "$(item i-1 O-1 1000)" "$(item i-1 O-2 1000)"
want "error request-conflict" batch "provider/$P1" redemption.order b-1 "$(item b-1 O-1 1000)"
same "$before" "$(state)" "nothing of it was done"
want accepted batch "provider/$P1" redemption.order b-1 "$(item i-1 O-1 1000)"
want "error request-conflict" batch "provider/$P1" redemption.order b-2 "$(item i-1 O-2 1000)"
want "error request-conflict" body "provider/$P1" redemption.order i-1 "{\"order\":\"O-3\",\"amount_fen\":1000,\"own_share_fen\":1000,\"contract\":\"HT-O-3\",\"contract_fen\":2000,$fields}"
# A refusal uses its id up as well: the same text gets the same answer, a changed mind needs an id of its own.
over='"order":"O-4","amount_fen":20000000,"own_share_fen":20000000,"contract":"HT-O-4","contract_fen":40000000'
want "refused R14" body "provider/$P1" redemption.order over-1 "{$over,$fields}"
want "refused R14" z request submit "$WORK/body.note" --json
has "$(cat "$out")" '"replay":true' "the refused text again"
want "error request-conflict" body "provider/$P1" redemption.order over-1 "{${over//20000000/10000000},$fields}"
same 1000 "$(fen 330602-E 2200)" "reserved"
verified
end

begin "F7: a filter that finds nothing says so, and one that finds something finds all of it"
new_ledger
service I-1 O-1 200000 "$(invoice 1)"
HOLDER=$H81 VOUCHER=V-81 service I-2 O-2 500000 "$(invoice 2)"
run z settle open 330602-E
same "0 1" "$status $(wc -l <"$out")" "unpaid of 330602-E"
run z settle open 330681-E
same "0 1" "$status $(grep -c '"item":"I-2"' "$out")" "unpaid of 330681-E"
run z settle open
same "0 2" "$status $(wc -l <"$out")" "unpaid of all pools"
run z settle open NO-SUCH
has "$(cat "$err")" "0 unpaid" "a pool without items"
run z report pool NO-SUCH
same 1 "$status" "a report on a pool that there is none of"
run z voucher show NO-SUCH
[ "$status" -ne 0 ] || wrong "a voucher that there is none of is shown"
run z pool list
has "$(cat "$out")$(cat "$err")" "$(size)" "the listing says as of which entry"
end

begin "lists are for people: words for states, dates, yuan, one line of headings; --json keeps the machine's values"
run z voucher list
same "voucher holder year yuan state use-by" "$(head -n 1 "$out" | tr -s ' ' | sed 's/^ //')" "the headings"
same "V-1 $H1 2026 200,000.00 active $(date -u -d "@$(($(value voucher V-1 use_by_day) * 86400))" +%F)" "$(grep '^V-1 ' "$out" | tr -s ' ')" "a voucher"
has_not "$(cat "$out")" "{" "no JSON among it"
run z provider list
same 1 "$(awk '{ print index($0, "2026-01-01") }' <(sed 1d "$out") | sort -u | wc -l)" "columns are aligned"
run z key list issuer-1
has "$(tail -n 1 "$out")" " issuer " "a role as a word"
SPEAK=zh_CN.UTF-8 run z voucher list
has "$(head -n 1 "$out")" "状态" "headings in Chinese"
run z voucher list --json
has "$(cat "$out")" '"amount_fen":20000000,' "fen in JSON"
has "$(cat "$out")" '"state":2,' "the state in JSON"
end

begin "F8: a file's rows in another order come to the same balances"
rows=("$(item i-1 O-1 1000)" "$(item i-2 O-2 2000)" "$(item i-3 O-3 3000)" "$(item i-4 O-4 20000000)")
new_ledger
want accepted batch "provider/$P1" redemption.order b-1 "${rows[0]}" "${rows[1]}" "${rows[2]}" "${rows[3]}"
same "3 1" "$(z log show "$(($(size) - 4))" "$(size)" | grep -ac '"item":"i-[123]","outcome":"accepted"') $(z log show "$(($(size) - 4))" "$(size)" | grep -ac '"item":"i-4","outcome":"refused","code":"R14"')" "three done, one refused"
first="$(where) $(value voucher V-1 state)"
verified
new_ledger
want accepted batch "provider/$P1" redemption.order b-1 "${rows[2]}" "${rows[0]}"
want accepted batch "provider/$P1" redemption.order b-2 "${rows[1]}"
same "$first" "$(where) $(value voucher V-1 state)" "the balances"
verified
end

begin "F9: an expired reservation frees the limit that it held: voucher, quota and pool"
new_ledger
want accepted ask O-1 20000000
want "refused R14" ask O-2 1
at "2026-06-20 10:00"
want "refused R14" ask O-3 1
want accepted sweep
same "100000000 0" "$(fen 330602-E 2000) $(fen 330602-E 2200)" "free and reserved"
want accepted ask O-4 20000000 --contract-date 2026-06-10
verified
end

begin "F10: no capture is left without a settlement: each is in a line or on the seal's waiting list"
new_ledger
service I-1 O-1 200000 "$(invoice 1)"
PROVIDER=$P2 service I-2 O-2 1000 "$(invoice 2)"
want accepted ask O-3 300000
want accepted capture I-3 O-3 300000 "$(invoice 3)"
at "2026-03-25 10:00"
service I-4 O-4 400000 "$(invoice 4)"
at "2026-03-28 10:00"
sure seal B-1 330602-E 2026-03-30
z log show "$(value settle B-1 seq)" "$(size)" >"$WORK/seal"
for i in I-1 I-2 I-3 I-4; do
  same 1 "$(grep -ao "\[\"$i\"," "$WORK/seal" | wc -l)" "$i in the seal"
done
has "$(cat "$WORK/seal")" '["I-2","minimum",1000]' "what is below the minimum payout"
has "$(cat "$WORK/seal")" '["I-3","R06,R25,R33",300000]' "what waits at gates"
has "$(cat "$WORK/seal")" '["I-4","notice",400000]' "what is still in its notice"
# Carried remainders are not forgotten: with a forced run before the year closes they are paid.
want accepted seal B-2 330602-E 2026-03-30 --forced true
same "1000" "$(line_value B-2 $P2 net_fen)" "the little line"
verified
end

begin "F11: while a batch is being sealed, approved and paid, redemptions go on"
new_ledger
service I-1 O-1 200000 "$(invoice 1)"
PROVIDER=$P2 service I-2 O-2 300000 "$(invoice 2)"
at "2026-03-28 10:00"
want accepted body maker batch.seal seal-1 "{\"batch\":\"B-1\",\"pool\":\"330602-E\",\"cutoff\":$(size),\"execution\":\"2026-03-30\",\"chunk\":1}"
want accepted ask O-3 400000
want accepted capture I-3 O-3 400000 "$(invoice 3)"
want accepted act maker "settle continue" --batch B-1 --part 2
want accepted ask O-4 500000
want accepted approve B-1
want accepted capture I-4 O-4 500000 "$(invoice 4)"
want accepted release B-1 2 500000
want accepted ask O-5 600000
same "900000 600000 500000" "$(fen 330602-E 3000) $(fen 330602-E 2200) $(fen 330602-E 3100)" "payable, reserved, in settlement"
verified
end

begin "F12: an expiry never touches a closed pool: it cannot close before, and what was carried expires in the new pool"
new_ledger
want accepted ask O-1 300000
at "2026-12-01 10:00"
want accepted sweep
want accepted ask O-2 100000 --contract-date 2026-11-30
at "2026-12-31 11:00"
want "refused A04" two maker maker-2 "pool close-year" --pool 330602-E --document 样例财教〔2027〕1号
want accepted pool 330602-E27 330602 2027 enterprise 1000000
want accepted two maker maker-2 "pool carry" --pool 330602-E --to-pool 330602-E27 --document 样例财教〔2027〕2号
want accepted two maker maker-2 "pool close-year" --pool 330602-E --document 样例财教〔2027〕3号
before=$(where)
at "2027-04-05 10:00"
want accepted sweep
same "$before" "$(where)" "the closed pool"
same "0 101000000" "$(fen 330602-E27 2200) $(fen 330602-E27 2000)" "the new pool"
verified
end

begin "F13: a listing over several conditions misses no row: what reports, lists and balances say is one"
new_ledger
n=0
for p in $P1 $P2 $P3; do
  for amount in 100000 200000; do
    n=$((n + 1))
    PROVIDER=$p service "I-$n" "O-$n" "$amount" "$(invoice $n)"
  done
done
want accepted ask O-9 50000
want accepted capture I-9 O-9 50000 "$(invoice 9)"
run z settle open 330602-E
same "$(fen 330602-E 3000)" "$(sed -n 's/.*"open_fen":\([0-9]*\).*/\1/p' "$out" | awk '{s += $1} END {print s}')" "open list against account 3000"
same 1 "$(grep -c '"gates":\["R06","R25","R33"\]' "$out")" "rows with all three gates"
for p in $P1 $P2 $P3; do
  run z settle open "330602-E/$p/"
  [ "$(wc -l <"$out")" -ge 2 ] || wrong "the open list of $p has $(wc -l <"$out") rows"
done
end

begin "F14: an entry with an earlier date changes today's balances, and a rebuild comes to the same"
new_ledger
want accepted ask O-1 300000
at "2026-05-10 10:00"
sure z pool show 330602-E
want accepted capture I-1 O-1 300000 "$(invoice 1)" --done 2026-03-25 --invoice-date 2026-03-26
same "300000 0" "$(fen 330602-E 3000) $(fen 330602-E 2200)" "payable and reserved"
run z doctor
same 0 "$status" "the records rebuilt from the entries"
has "$(cat "$err")$(cat "$out")" "records    ok" "doctor, of few packs"
grep -q repack "$err" && wrong "doctor advises a repack of few packs"
for i in $(seq 501); do : >"$L/audit.git/objects/pack/many-$i.pack"; done
run z doctor
same 0 "$status" "many packs are no fault"
has "$(cat "$err")" "repack --geometric=2" "what to do about many packs"
rm "$L/audit.git/objects/pack/many-"*
verified
end

begin "F15: a bank call that is repeated after a failure pays nothing twice"
new_ledger
payer
sure accounts
at "2026-04-10 10:00"
service I-1 O-1 200000 "$(invoice 1)"
at "2026-04-20 10:00"
sure seal B-1 330602-E 2026-04-22
sure approve B-1
# Nothing can be sent before the release is durable; the file is a function of what is sealed, so that sending it again is sending the same.
run z settle export --batch B-1 --key "$KEYS/maker"
[ "$status" -ne 0 ] || wrong "a batch is exported before its release"
sure release B-1 1 200000
sure z settle export --batch B-1 --key "$KEYS/maker"
first=$(cd "$L/settlement/B-1" && find . -type f ! -name '*.sig' -print0 | sort -z | xargs -0 sha256sum | sha256sum)
rm -rf "$L/settlement/B-1"
at "2026-04-21 10:00"
sure z settle export --batch B-1 --key "$KEYS/maker"
same "$first" "$(cd "$L/settlement/B-1" && find . -type f ! -name '*.sig' -print0 | sort -z | xargs -0 sha256sum | sha256sum)" "the package made again"
want accepted act releaser "settle submit" --batch B-1 --count 1 --total-fen 200000 --evidence-sha256 "$HASH"
want "refused A04" act releaser "settle submit" --batch B-1 --count 1 --total-fen 200000 --evidence-sha256 "$HASH"
# The bank did not answer: that is no failure, and nothing of it is sealed again.
want accepted ack B-1 $P1 unknown
want "refused A13" seal B-2 330602-E 2026-04-22
want "refused A04" two checker releaser "settle void" --batch B-1 --evidence-sha256 "$HASH" --reason mistake
want accepted ack B-1 $P1 debited
want "refused A04" ack B-1 $P1 debited
same "0 99800000" "$(fen 330602-E 3100) $(fen 330602-E 1000)" "in settlement and cash: paid once"
verified
end

begin "F16: the same file loaded twice gives nothing twice"
new_ledger
printf '编号,持券人,年度,金额,类别\nV-x,%s,2026,30000,testing\nV-y,E-0001,2026,1,testing\n' "$H81" >"$WORK/v.csv"
run z voucher import "$WORK/v.csv" --key "$KEYS/issuer-1" --json
first="$(cat "$err" | tail -n 1)"
before=$(state)
run z voucher import "$WORK/v.csv" --key "$KEYS/issuer-1" --json
same "$before" "$(state)" "the ledger after the second load: $first"
end

begin "F17: money is never a binary fraction: no decimals, exponents or strange digits in fen, at most two in yuan"
new_ledger
before=$(state)
for amount in 1000.0 1e3 １０００ 0x10 -5 1_000 99999999999999999999; do
  run order "O-$amount" 1000 --amount-fen "$amount"
  [ "$status" -eq 3 ] || [ "$status" -eq 2 ] || wrong "--amount-fen $amount: exit $status"
done
for amount in 10.005 1e3 10,00.0 .5 1.2.3; do
  run order "O-x" 1000 --amount-fen "" --amount "$amount"
  [ "$status" -eq 3 ] || [ "$status" -eq 2 ] || wrong "--amount $amount: exit $status"
done
want "error json-real-number" body "provider/$P1" redemption.refund f-1 '{"note":"N-1","item":"I-1","amount_fen":100.0}'
same "$before" "$(state)" "the ledger"
# 0.1 + 0.2 yuan is 0.3 yuan, and a half of an odd base is floored: no fen is made.
want accepted order O-1 10 --own-share-fen 11 --contract-fen 21
want "refused R23" order O-2 11 --own-share-fen 10 --contract-fen 21
same 10 "$(fen 330602-E 2200)" "reserved"
end

finish
