#!/usr/bin/env bash
# The reports: figures of a small year that can be added up by hand, the same in every format, and signed documents that stock ssh-keygen verifies.
. "$(dirname "$0")/session.sh"
for tool in python3 ssh-keygen xmllint; do command -v $tool >/dev/null || missing $tool; done

new_ledger
service I-1 O-1 200000 "$(invoice 1)"
PROVIDER=$P2 service I-2 O-2 300000 "$(invoice 2)"
sure order O-3 150000
run order O-4 99000000
at "2026-04-08 10:00"
sure seal B-1 330602-E 2026-04-10
sure approve B-1
sure release B-1 2 500000
at "2026-04-13 10:00"
sure ack B-1 $P1 debited
sure ack B-1 $P2 debited
sure ack B-1 $P2 returned
at "2026-05-20 10:00"
sure act provider/$P1 "redeem refund" --note N-1 --item I-1 --amount-fen 50000
sure z log publish

json() { # json PYTHON-EXPRESSION over the last output as d
  python3 -c "import json,sys; d=json.load(open(sys.argv[1])); print($1)" "$WORK/out" 2>&1
}

begin "pool: each account of the pool, and that debits equal credits"
run z report pool --json
same 0 "$status" "exit"
same 3 "$(json "len(d['pools']['rows'])")" "pools"
same "99800000" "$(json "next(r for r in d['pools']['rows'] if r['pool']=='330602-E')['drawable_fen']")" "drawable: 100,000,000 less 200,000 that stayed paid"
same "50000 150000 300000 yes 是" "$(json "' '.join(str(next(r for r in d['pools']['rows'] if r['pool']=='330602-E')[k]) for k in ('receivable_fen','reserved_fen','returned_fen','balanced'))")" "receivable, reserved, returned"
run z report pool NO-SUCH
same 1 "$status" "a pool that there is none of is refused"
end

begin "aging: by age on the day of the report"
run z report aging --json
same "300000" "$(json "next(r for r in d['ages']['rows'] if r['kind'].startswith('returned'))['to_90_fen']")" "returned 61 days after the capture"
same "50000" "$(json "next(r for r in d['ages']['rows'] if r['kind'].startswith('owed by providers'))['to_30_fen']")" "a credit note of today"
same "2026-05-20" "$(json "d['day']")" "the day"
end

begin "totals: sealed = released = answered, and account 3100 ties"
run z report totals B-1 --json
same "500000 500000 200000 300000 0 0 yes 是" "$(json "' '.join(str(d['batches']['rows'][0][k]) for k in ('sealed_fen','released_fen','debited_fen','returned_fen','waiting_fen','account_fen','ties'))")" "control totals"
end

begin "statement: what a provider is owed, was paid and owes"
run z report statement $P2 --json
same "300000 0" "$(json "' '.join(str(d['pools']['total'][k]) for k in ('returned_fen','paid_fen'))")" "the returned payment"
run z report statement $P1 --json
same "200000 50000" "$(json "' '.join(str(d['pools']['total'][k]) for k in ('paid_fen','owed_fen'))")" "paid and owed"
same "returned 退汇" "$(z report statement $P2 --json >"$WORK/out"; json "d['payments']['rows'][0]['state']")" "state of the payment"
end

begin "quarter: only what was decided in it; refusals by rule"
run z report quarter 2026Q1 --json
same "500000" "$(json "next(r for r in d['movements']['rows'] if r['movement'].startswith('redeemed'))['sum_fen']")" "redeemed"
same "R14 1" "$(json "d['refusals']['rows'][0]['code'] + ' ' + str(d['refusals']['rows'][0]['count'])")" "refusals"
same "False" "$(json "any(r['movement'].startswith('paid') for r in d['movements']['rows'])")" "no payment in the first quarter"
run z report quarter 2026Q2 --json
same "500000" "$(json "next(r for r in d['movements']['rows'] if r['movement'].startswith('paid'))['sum_fen']")" "paid in the second"
run z report quarter 2026Q5
same 2 "$status" "a quarter that there is none of"
end

begin "progress: running totals and whether targets were reached"
printf '[{"by":"2026-03-31","paid_fen":1,"source":"样例目标一"},{"by":"2026-06-30","paid_fen":200000,"source":"样例目标二"}]' >"$WORK/targets.json"
run z report progress --targets "$WORK/targets.json" --json
same "no 否,yes 是" "$(json "','.join(r['verdict'] for r in d['targets']['rows'])")" "targets"
same "200000" "$(json "d['months']['rows'][-1]['paid_so_far_fen']")" "paid, less what came back"
printf '[{"by":"soon","paid_fen":1,"source":"x"}]' >"$WORK/bad.json"
run z report progress --targets "$WORK/bad.json"
same 3 "$status" "a target without a date"
end

begin "every format has the same figures; HTML is one file without script or anything from elsewhere"
z report statement $P1 --format csv --out "$WORK/s.csv"
has "$(cat "$WORK/s.csv")" "I-1,2026-03-20,$(invoice 1),2000.00,0.00,2000.00,500.00" "CSV"
z report statement $P1 --format html --out "$WORK/s.html"
xmllint --html --noout "$WORK/s.html" 2>"$WORK/html.err"
has_not "$(cat "$WORK/s.html")" "<script" "HTML"
has_not "$(cat "$WORK/s.html")" "://" "HTML"
has "$(cat "$WORK/s.html")" "2,000.00" "HTML"
has "$(SPEAK=zh_CN.UTF-8 z report statement $P1)" "服务机构对账单" "Chinese"
run z report statement $P1 --format html --out "$WORK/s.html"
same 2 "$status" "an existing file is not overwritten"
run z report pool --format pdf
same 2 "$status" "an unknown format"
end

begin "the year-close statement of a pool, signed; ssh-keygen verifies it and finds one changed digit"
run z report close 330602-E --format html --out "$WORK/close.html" --key "$KEYS/maker"
same 0 "$status" "exit: $(cat "$err")"
has "$(cat "$WORK/close.html")" "balances remain" "what is left"
printf 'maker %s\n' "$(cut -d' ' -f1,2 "$KEYS/maker.pub")" >"$WORK/signers"
ssh-keygen -q -Y verify -f "$WORK/signers" -I maker -n zhidui-report-v1 -s "$WORK/close.html.sig" <"$WORK/close.html" >"$WORK/o" 2>&1 || wrong "ssh-keygen: $(cat "$WORK/o")"
sed 's/3,000.00/3,000.01/' "$WORK/close.html" | ssh-keygen -q -Y verify -f "$WORK/signers" -I maker -n zhidui-report-v1 -s "$WORK/close.html.sig" >"$WORK/o" 2>&1 && wrong "a changed statement verifies"
end
finish
