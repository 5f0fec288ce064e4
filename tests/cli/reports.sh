#!/usr/bin/env bash
# The reports: figures of a small year that can be added up by hand, the same in every format, and signed documents that stock ssh-keygen verifies.
. "$(dirname "$0")/session.sh"
for tool in python3 ssh-keygen xmllint unzip; do command -v $tool >/dev/null || missing $tool; done

new_ledger
payer
sure accounts
service I-1 O-1 200000 "$(invoice 1)"
PROVIDER=$P2 service I-2 O-2 300000 "$(invoice 2)"
sure order O-3 150000
run order O-4 99000000
at "2026-04-08 10:00"
sure seal B-1 330602-E 2026-04-10
sure approve B-1
sure release B-1 2 500000
run z report totals B-1 --json
before_export=$(cat "$out")
sure z settle export --batch B-1 --key "$KEYS/maker"
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

begin "aging of clearing accounts: since the event, and equal to the account"
run z report aging --json
row() { json "next('%s %s %s %s' % (r['oldest'], r['$2'], r['account_fen'], r['ties']) for r in d['clearing']['rows'] if r['account'].startswith('$1'))"; }
same "2026-05-20 50000 50000 yes 是" "$(row 1100 to_30_fen)" "1100"
same "2026-05-20 50000 50000 yes 是" "$(row 2160 to_30_fen)" "2160"
same "2026-04-13 300000 300000 yes 是" "$(row 3200 to_60_fen)" "3200, since the return"
same 3 "$(json "len(d['clearing']['rows'])")" "nothing in settlement any more"
end

begin "totals tie ledger, files and bank"
printf '%s' "$before_export" >"$WORK/out"
same "500000 0 0 500000 500000 yes 是" "$(json "' '.join(str(d['batches']['rows'][0][k]) for k in ('released_fen','in_files_fen','sent_fen','waiting_fen','account_fen','ties'))")" "released, not exported, not sent"
run z report totals B-1 --json
same "500000 500000 500000 yes 是" "$(json "' '.join(str(d['batches']['rows'][0][k]) for k in ('released_fen','in_files_fen','sent_fen','ties'))")" "exported and answered"
sed -i.good 's/^sum_fen 500000/sum_fen 500001/' "$L/settlement/B-1/MANIFEST"
run z report totals B-1 --json
same "500001 NO 否" "$(json "' '.join(str(d['batches']['rows'][0][k]) for k in ('in_files_fen','ties'))")" "a package that says otherwise"
mv "$L/settlement/B-1/MANIFEST.good" "$L/settlement/B-1/MANIFEST"
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

begin "a statement as workbook: text cells, the same figures, the same bytes twice, a formula made harmless"
z report statement $P1 --format xlsx --out "$WORK/s.xlsx"
at "2026-05-21 11:00"
z report statement $P1 --format xlsx --out "$WORK/s2.xlsx"
at "2026-05-20 10:00"
same "$(sha256sum <"$WORK/s.xlsx")" "$(sha256sum <"$WORK/s2.xlsx")" "bytes"
strings() { unzip -p "$1" xl/sharedStrings.xml | grep -o '<t[^>]*>[^<]*' | sed 's/<t[^>]*>//'; }
has "$(strings "$WORK/s.xlsx" | tr '\n' ' ')" "I-1 2026-03-20 $(invoice 1) " "a capture (each text is stored once)"
has "$(strings "$WORK/s.xlsx" | tr '\n' ' ')" " 2000.00 500.00 " "figures"
same 0 "$(unzip -p "$WORK/s.xlsx" xl/worksheets/sheet1.xml | grep -o '<c [^>]*>' | grep -vc 't="s"')" "cells that are not text"
end

begin "the year-close statement of a pool, signed; ssh-keygen verifies it and finds one changed digit"
run z report close 330602-E --format html --out "$WORK/close.html" --key "$KEYS/maker"
same 0 "$status" "exit: $(cat "$err")"
has "$(cat "$WORK/close.html")" "balances remain" "what is left"
printf 'maker %s\n' "$(cut -d' ' -f1,2 "$KEYS/maker.pub")" >"$WORK/signers"
ssh-keygen -q -Y verify -f "$WORK/signers" -I maker -n zhidui-report-v1 -s "$WORK/close.html.sig" <"$WORK/close.html" >"$WORK/o" 2>&1 || wrong "ssh-keygen: $(cat "$WORK/o")"
sed 's/3,000.00/3,000.01/' "$WORK/close.html" | ssh-keygen -q -Y verify -f "$WORK/signers" -I maker -n zhidui-report-v1 -s "$WORK/close.html.sig" >"$WORK/o" 2>&1 && wrong "a changed statement verifies"
end

begin "the year-close statement lists what was carried, line by line, and then says that nothing is left"
at "2026-12-20 10:00"
sure sweep
run z report close 330602-E --json
same "0" "$(json "len(d['carried']['rows'])")" "nothing carried yet"
at "2027-01-05 10:00"
sure sweep
sure pool 330602-E27 330602 2027 enterprise 0
sure two maker maker-2 "pool carry" --pool 330602-E --to-pool 330602-E27 --document 样例财教〔2027〕2号
sure z log publish
run z report close 330602-E --json
same "every account is zero 各科目余额均为零" "$(json "d['verdict']")" "verdict"
same "3200/$P2/330602-E 3200/$P2/330602-E27 300000" "$(json "next(' '.join((r['from'], r['to'], str(r['amount_fen']))) for r in d['carried']['rows'] if r['from'].startswith('3200'))")" "the returned payment"
same "50000" "$(json "next(r['amount_fen'] for r in d['carried']['rows'] if r['from'].startswith('2160'))")" "the refund that waits"
same 3 "$(json "len(d['carried']['rows'])")" "lines: $(json "[r['from'] for r in d['carried']['rows']]")"
end
finish
