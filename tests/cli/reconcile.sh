#!/usr/bin/env bash
# Answers of a bank, from files into the ledger by the real commands: automatic matches, all seventeen kinds of exception, what clears and what never does, the same file twice.
# One batch of three lines was sent to the bank: 1,000, 2,000 and 3,000 yuan. Figures of the ledger are fen, those of files yuan.
. "$(dirname "$0")/session.sh"

OURS=1211012009200099999
A1=1211012009200012345 A2=6217000000000000004 A3=80110120

# --- a bank's files ---
# entry YUAN DBIT|CRDT BOOK|PDNG REFERENCE [END-TO-END] [ACCOUNT] [MORE-XML in the entry] [CURRENCY]
entry() {
  printf '<Ntry><Amt Ccy="%s">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Sts>%s</Sts><BookgDt><Dt>%s</Dt></BookgDt><AcctSvcrRef>%s</AcctSvcrRef>%s<NtryDtls><TxDtls><Refs><EndToEndId>%s</EndToEndId></Refs><RltdPties><CdtrAcct><Id><Othr><Id>%s</Id></Othr></Id></CdtrAcct></RltdPties></TxDtls></NtryDtls></Ntry>' \
    "${8:-CNY}" "$1" "$2" "$3" "${DAY:-2026-04-10}" "$4" "${7:-}" "${5:-NOTPROVIDED}" "${6:-}"
}
RETURN='<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>RRTN</SubFmlyCd></Fmly></Domn></BkTxCd>'
FEE='<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>MDOP</Cd><SubFmlyCd>CHRG</SubFmlyCd></Fmly></Domn></BkTxCd>'
notification() { # notification NAME ENTRY...
  local name=$1
  shift
  printf '<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>%s</MsgId><CreDtTm>%sT18:00:00+08:00</CreDtTm></GrpHdr><Ntfctn><Id>%s</Id><CreDtTm>%sT18:00:00+08:00</CreDtTm><Acct><Id><Othr><Id>%s</Id></Othr></Id></Acct>%s</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>\n' \
    "$name" "${DAY:-2026-04-10}" "$name" "${DAY:-2026-04-10}" "$OURS" "$(printf %s "$@")" >"$WORK/$name.xml"
}
statement() { # statement NAME NUMBER OPENING CLOSING ENTRY...
  local name=$1 number=$2 opening=$3 closing=$4 balances
  shift 4
  balances=$(for b in "OPBD $opening" "CLBD $closing"; do printf '<Bal><Tp><CdOrPrtry><Cd>%s</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>%s</Dt></Dt></Bal>' ${b% *} ${b#* } "${DAY:-2026-04-10}"; done)
  printf '<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>%s</MsgId><CreDtTm>%sT23:00:00+08:00</CreDtTm></GrpHdr><Stmt><Id>%s</Id><ElctrncSeqNb>%s</ElctrncSeqNb><CreDtTm>%sT23:00:00+08:00</CreDtTm><Acct><Id><Othr><Id>%s</Id></Othr></Id></Acct>%s%s</Stmt></BkToCstmrStmt></Document>\n' \
    "$name" "${DAY:-2026-04-10}" "$name" "$number" "${DAY:-2026-04-10}" "$OURS" "$balances" "$(printf %s "$@")" >"$WORK/$name.xml"
}
tx() { printf '<TxInfAndSts><OrgnlEndToEndId>%s</OrgnlEndToEndId><TxSts>%s</TxSts>%s</TxInfAndSts>' "$1" "$2" "${3:+<StsRsnInf><Rsn><Cd>$3</Cd></Rsn></StsRsnInf>}"; }
status_report() { # status_report NAME GROUP-STATUS PAYMENT-STATUS TX...
  local name=$1 group=$2 payment=$3
  shift 3
  printf '<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><GrpHdr><MsgId>%s</MsgId><CreDtTm>2026-04-10T12:00:00+08:00</CreDtTm></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>B-1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>%s</OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>B-1-1</OrgnlPmtInfId>%s%s</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>\n' \
    "$name" "${group:+<GrpSts>$group</GrpSts>}" "${payment:+<PmtInfSts>$payment</PmtInfSts>}" "$(printf %s "$@")" >"$WORK/$name.xml"
}

# --- what the ledger made of it ---
read_file() { # read_file NAME [options]
  local name=$1
  shift
  z settle reconcile "$WORK/$name${SUFFIX:-.xml}" --key "$KEYS/maker" --json "$@"
}
open_cases() { z settle exceptions --json 2>/dev/null | sed -n 's/.*"exception":"\([A-Z_]*\)".*/\1/p' | sort | tr '\n' ' ' | sed 's/ $//'; }
case_id() { z settle exceptions --json 2>/dev/null | grep "\"exception\":\"$1\"" | sed -n 's/.*"case":"\([^"]*\)".*/\1/p' | head -n 1; }
case_field() { z settle exceptions --all --json 2>/dev/null | grep "\"case\":\"$1\"" | sed -n "s/.*\"$2\":\(\"[^\"]*\"\|[0-9]*\).*/\1/p" | tr -d '"' | head -n 1; }
answers() { sed -n 's/.*"answers":{\([^}]*\)}.*/\1/p' "$out" | tail -n 1; }
cash() { fen 330602-E 1000; }
in_settlement() { fen 330602-E 3100; }

new_ledger
payer
sure accounts
service I-1 O-1 100000 "$(invoice 1)"
PROVIDER=$P2 service I-2 O-2 200000 "$(invoice 2)"
PROVIDER=$P3 service I-3 O-3 300000 "$(invoice 3)"
at "2026-04-08 10:00"
sure seal B-1 330602-E 2026-04-10
sure approve B-1
sure release B-1 3 600000
sure z settle export --batch B-1 --key "$KEYS/maker" --json
mkdir "$WORK/sent"
cp -a "$L" "$KEYS" "$WORK/sent/"
sent() {
  rm -rf "$L" "$KEYS"
  cp -a "$WORK/sent/L" "$WORK/sent/keys" "$WORK/"
  at "2026-04-11 10:00"
}
D1=$(entry 1000.00 DBIT BOOK R-1 B-1-P0001 $A1) D2=$(entry 2000.00 DBIT BOOK R-2 B-1-P0002 $A2) D3=$(entry 3000.00 DBIT BOOK R-3 B-1-P0003 $A3)

begin "a notification and then the statement of the same entries: three lines are debited once"
sent
notification n1 "$D1" "$D2"
want done read_file n1
has "$(answers)" '"debited":2' "answers of the notification"
same "99700000 300000" "$(cash) $(in_settlement)" "cash and what is still in settlement"
statement s1 7 10000.00 4000.00 "$D1" "$D2" "$D3"
want done read_file s1
has "$(answers)" '"debited":1' "answers of the statement: only what is new"
same "99400000 0" "$(cash) $(in_settlement)" "cash and settlement"
same "" "$(open_cases)" "exceptions"
before=$(size)
want done read_file s1
has "$(cat "$err")" "read before" "the same file again"
same "$before" "$(size)" "entries after the same file again"
has "$(cat "$out")" '"read_before":true' "JSON says so"
sed 's/<MsgId>s1/<MsgId>s1-again/' "$WORK/s1.xml" >"$WORK/s1-again.xml"
want done read_file s1-again
same "" "$(open_cases)" "exceptions when the statement is downloaded again"
same "99400000 0" "$(cash) $(in_settlement)" "cash and settlement after that"
same 600 "$(stat -c %a "$L/evidence/$(sha256sum "$WORK/s1.xml" | cut -c1-64)")" "mode of the kept file"
same 700 "$(stat -c %a "$L/evidence")" "mode of the folder"
verified
! grep -arqE "$OURS|$A1|$A2" "$WORK/verify" || wrong "an account number is in the history"
end

begin "a dry run says the same and records nothing"
sent
before=$(state)
want done read_file s1 --dry-run
has "$(answers)" '"debited":3' "answers"
same "$before" "$(state)" "the ledger"
[ ! -e "$L/evidence" ] || wrong "the dry run kept a file"
end

begin "one entry for the whole batch answers every line; a total that is off by a fen answers none"
sent
whole() { printf '<Ntry><Amt Ccy="CNY">%s</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-04-10</Dt></BookgDt><AcctSvcrRef>%s</AcctSvcrRef><NtryDtls><Btch><PmtInfId>B-1-1</PmtInfId><NbOfTxs>3</NbOfTxs></Btch></NtryDtls></Ntry>' "$1" "$2"; }
notification off "$(whole 6000.01 R-8)"
run read_file off
same 1 "$status" "exit status"
has_not "$(answers)" '"debited":3' "answers"
same UNJUSTIFIED_DEBIT "$(open_cases)" "exceptions"
sent
notification whole "$(whole 6000.00 R-9)"
want done read_file whole
has "$(answers)" '"debited":3' "answers"
same 0 "$(in_settlement)" "in settlement"
# The statement books the same entry and lists its parts: still one fact.
statement parts 1 10000.00 4000.00 "$(whole 6000.00 R-9 | sed 's#</Btch>#</Btch><TxDtls><Refs><EndToEndId>B-1-P0001</EndToEndId></Refs></TxDtls><TxDtls><Refs><EndToEndId>B-1-P0002</EndToEndId></Refs></TxDtls><TxDtls><Refs><EndToEndId>B-1-P0003</EndToEndId></Refs></TxDtls>#')"
want done read_file parts
same "" "$(open_cases)" "exceptions"
same 99400000 "$(cash)" "cash"
verified
end

begin "levels: a good group proves no line, a bad one fails every line without a word of its own, and a rejection wins over acceptance"
sent
status_report good ACSC ""
want done read_file good
same 600000 "$(in_settlement)" "in settlement after a good group alone"
status_report part PART "" "$(tx B-1-P0001 ACSP)" "$(tx B-1-P0002 RJCT AC04)"
want done read_file part
has "$(answers)" '"accepted":1,"debited":0,"failed":1' "answers by line"
same "400000 200000" "$(in_settlement) $(fen 330602-E 3000)" "in settlement, payable again"
sent
status_report bad "" RJCT "$(tx B-1-P0001 ACSP)"
want done read_file bad
same "0 600000" "$(in_settlement) $(fen 330602-E 3000)" "in settlement, payable again after a bad payment block"
sent
status_report refused RJCT ""
want done read_file refused
same "9 600000" "$(value settle B-1 state) $(fen 330602-E 3000)" "the whole batch is refused"
verified
end

begin "STATUS_CONFLICT: a rejection over a settled transaction, a rejection after the debit, an id that was never sent"
sent
status_report both RJCT "" "$(tx B-1-P0001 ACSC)"
run read_file both
same "1 STATUS_CONFLICT" "$status $(open_cases)" "exit status and exceptions"
has "$(answers)" '"failed":2,"returned":0,"paid":0,"unknown":1' "the contradicted line is unknown, the others failed"
same 100000 "$(in_settlement)" "the contradicted line is not paid again"
sent
want done read_file n1
status_report late "" "" "$(tx B-1-P0001 RJCT AC04)" "$(tx B-9-P0001 RJCT)"
run read_file late
same "STATUS_CONFLICT STATUS_CONFLICT" "$(open_cases)" "exceptions"
same 99700000 "$(cash)" "cash is as it was"
verified
end

begin "UNJUSTIFIED_DEBIT never clears itself: not by time, not by reading again, not by one officer"
sent
notification stranger "$(entry 123.45 DBIT BOOK R-77 "" 6200000000000000012)"
run read_file stranger
same "1 UNJUSTIFIED_DEBIT" "$status $(open_cases)" "exit status and exceptions"
case=$(case_id UNJUSTIFIED_DEBIT)
same "12345 maker" "$(case_field "$case" amount_fen) $(case_field "$case" owner)" "amount at risk and owner"
run read_file stranger
same UNJUSTIFIED_DEBIT "$(open_cases)" "after the same file again"
want "refused A04" body maker bank.clear clear-1 "{\"case\":\"$case\"}"
want "refused A04" body maker bank.exception say-1 "{\"case\":\"X-1\",\"exception\":\"UNJUSTIFIED_DEBIT\",\"evidence_sha256\":\"$HASH\"}"
at "2026-04-21 10:00"
same 10 "$(case_field "$case" age_days)" "age"
want proposed act maker "settle resolve" --case "$case" --decision 样例财函〔2026〕9号
same UNJUSTIFIED_DEBIT "$(open_cases)" "with one officer"
want accepted two checker releaser "settle resolve" --case "$case" --decision 样例财函〔2026〕9号
same "" "$(open_cases)" "with two"
same "resolved 样例财函〔2026〕9号" "$(case_field "$case" state) $(case_field "$case" resolution)" "how it was resolved"
verified
end

begin "a suggestion by amount, payee and day needs two officers, and then answers like any other"
sent
notification nameless "$(entry 1000.00 DBIT BOOK R-1 "" $A1)"
run read_file nameless
same UNJUSTIFIED_DEBIT "$(open_cases)" "exceptions"
case=$(case_id UNJUSTIFIED_DEBIT)
has "$(cat "$out")" "\"suggestions\":[{\"case\":\"$case\",\"batch\":\"B-1\",\"provider\":\"$P1\",\"amount_fen\":100000}]" "the suggestion"
same 600000 "$(in_settlement)" "nothing is answered by it"
has "$(z settle reconcile "$WORK/nameless.xml" --key "$KEYS/maker" 2>/dev/null)" "zhidui settle resolve --case $case --batch B-1 --provider $P1" "the exact command"
want "refused A07" two maker checker "settle resolve" --case "$case" --batch B-1 --provider $P2 --decision 核对单7号
want accepted two maker checker "settle resolve" --case "$case" --batch B-1 --provider $P1 --decision 核对单7号
want accepted ack B-1 $P1 debited
# The same payment under its own name is now a second debit.
notification again "$(entry 1000.00 DBIT BOOK R-78 B-1-P0001 $A1)"
run read_file again
same DUPLICATE_DEBIT "$(open_cases)" "exceptions"
verified
end

begin "AMOUNT, WRONG_ACCOUNT, CURRENCY, DUPLICATE_DEBIT, BANK_FEE: each is found, and no line is answered by it"
sent
notification wrong "$(entry 1000.01 DBIT BOOK R-1 B-1-P0001 $A1)" "$(entry 2000.00 DBIT BOOK R-2 B-1-P0002 $A3)" "$(entry 3000.00 DBIT BOOK R-3 B-1-P0003 $A3 "" USD)" "$(entry 5.00 DBIT BOOK R-4 "" "" "$FEE")"
run read_file wrong
same "AMOUNT BANK_FEE CURRENCY WRONG_ACCOUNT" "$(open_cases)" "exceptions"
same 600000 "$(in_settlement)" "in settlement"
sent
notification twice "$D1" "$(entry 1000.00 DBIT BOOK R-99 B-1-P0001 $A1)"
run read_file twice
same DUPLICATE_DEBIT "$(open_cases)" "exceptions"
same 99900000 "$(cash)" "cash: paid once in the ledger"
end

begin "RETURN_UNKNOWN, RETURN_PARTIAL, RETURN_EXCESS, RETURN_TWICE; an equal return is answered"
sent
want done read_file s1
DAY=2026-04-13
notification back "$(entry 1000.00 CRDT BOOK T-1 B-1-P0001 "" "$RETURN")" "$(entry 1999.99 CRDT BOOK T-2 B-1-P0002 "" "$RETURN")" "$(entry 3000.01 CRDT BOOK T-3 B-1-P0003 "" "$RETURN")" \
  "$(entry 10.00 CRDT BOOK T-4 B-8-P0001 "" "$RETURN")" "$(entry 7.00 CRDT BOOK T-5)"
unset DAY
at "2026-04-14 10:00"
run read_file back
same "RETURN_EXCESS RETURN_PARTIAL RETURN_UNKNOWN" "$(open_cases)" "exceptions; the interest of 7 yuan is none"
has "$(answers)" '"returned":1' "answers"
same "100000 99500000" "$(fen 330602-E 3200) $(cash)" "returned by the bank, cash"
notification back2 "$(entry 1000.00 CRDT BOOK T-9 B-1-P0001 "" "$RETURN")"
run read_file back2
same "RETURN_EXCESS RETURN_PARTIAL RETURN_TWICE RETURN_UNKNOWN" "$(open_cases)" "exceptions"
same 100000 "$(fen 330602-E 3200)" "returned once"
verified
end

begin "a return notice on paper and the bank's booking of it are one return; its scan is the evidence"
sent
want done read_file s1
scan=$(printf scan | sha256sum | cut -c 1-64)
printf '{"format":"zhidui-return-notice","v":1,"notice":"TH-7","date":"2026-04-13","end_to_end":"B-1-P0001","amount_fen":100000,"account":"%s","name":"样例大学","reason":"AC04","evidence_sha256":"%s"}' "$A1" "$scan" >"$WORK/notice.json"
SUFFIX=.json want done read_file notice
has "$(answers)" '"returned":1' "answers"
has "$(z log show "$(($(size) - 1))") $(z log show "$(($(size) - 2))")" "$scan" "the scan's hash in the log"
want done read_file back2
same "" "$(open_cases)" "exceptions after the bank's own booking"
same 100000 "$(fen 330602-E 3200)" "returned once"
printf '{"format":"zhidui-return-notice","v":1,"notice":"TH-8","date":"2026-04-13","end_to_end":"B-1-P0001","amount_fen":100000,"account":"%s","name":"样例大学","reason":"AC04","evidence_sha256":"%s"}' "$A1" "$scan" >"$WORK/notice2.json"
SUFFIX=.json run read_file notice2
same RETURN_TWICE "$(open_cases)" "a second notice"
verified
end

begin "NOT_BOOKED: a pending entry, and a return before its debit; both clear with the booking"
sent
notification pending "$(entry 1000.00 DBIT PDNG R-1 B-1-P0001 $A1)" "$(entry 2000.00 CRDT BOOK T-2 B-1-P0002 "" "$RETURN")"
run read_file pending
same "NOT_BOOKED NOT_BOOKED" "$(open_cases)" "exceptions"
same 600000 "$(in_settlement)" "in settlement"
want done read_file n1
same "" "$(open_cases)" "after the bookings"
same "200000 300000" "$(fen 330602-E 3200) $(in_settlement)" "the early return is answered, the third line is still out"
verified
end

begin "MISSING_DEBIT clears when the debit turns up; NO_ANSWER makes a line unknown and clears with any answer"
sent
DAY=2026-04-13 statement s3 9 10000.00 7000.00 "$D1" "$D2"
at "2026-04-14 10:00"
run read_file s3
same MISSING_DEBIT "$(open_cases)" "exceptions"
DAY=2026-04-14 statement s4 10 7000.00 7000.00
run read_file s4
same MISSING_DEBIT "$(open_cases)" "not twice"
DAY=2026-04-15 statement s5 11 7000.00 4000.00 "$D3"
at "2026-04-16 10:00"
want done read_file s5
same "" "$(open_cases)" "after the debit"
sent
at "2026-04-22 10:00"
status_report half "" "" "$(tx B-1-P0001 ACSP)"
run read_file half
same "NO_ANSWER NO_ANSWER" "$(open_cases)" "exceptions"
has "$(answers)" '"unknown":2' "answers"
status_report rest "" "" "$(tx B-1-P0002 RJCT AC01)" "$(tx B-1-P0003 ACSC)"
want done read_file rest
same "" "$(open_cases)" "after the answers"
verified
end

begin "BALANCE_GAP: opening and entries that do not give the closing, an opening that is not the last closing; STATEMENT_GAP clears with the statement"
sent
statement g1 3 10000.00 4000.01 "$D1" "$D2" "$D3"
run read_file g1
same BALANCE_GAP "$(open_cases)" "inside a statement"
same 1 "$(case_field "$(case_id BALANCE_GAP)" amount_fen)" "amount at risk"
sent
statement g3 3 10000.00 4000.00 "$D1" "$D2" "$D3"
want done read_file g3
DAY=2026-04-13 statement g5 5 4000.50 4000.50
run read_file g5
same STATEMENT_GAP "$(open_cases)" "number 4 is missing"
DAY=2026-04-12 statement g4 4 4000.00 4000.00
run read_file g4
same BALANCE_GAP "$(open_cases)" "number 4 has come: the gap in numbers clears, the one in balances is found"
want "refused A04" body maker bank.clear clear-2 "{\"case\":\"$(case_id BALANCE_GAP)\"}"
verified
end

begin "SCHEMA_NOTE: an odd file is read, its oddity recorded, and one officer may close it"
sent
sed 's#<AcctSvcrRef>R-1</AcctSvcrRef>##' "$WORK/s1.xml" >"$WORK/odd.xml"
want done read_file odd
same SCHEMA_NOTE "$(open_cases)" "exceptions"
has "$(cat "$out")" '"word":"entry-without-reference"' "the oddity"
has "$(answers)" '"debited":3' "answers: the money is read all the same"
want accepted body maker bank.clear clear-3 "{\"case\":\"$(case_id SCHEMA_NOTE)\"}"
same "" "$(open_cases)" "exceptions"
end

begin "tables: the treasury's results and a bank's account table answer by serial"
sent
printf '业务流水号,支付状态,金额(元),账号,失败原因\nB-1-P0001,支付成功,"1,000.00",%s,\nB-1-P0002,支付失败,2000.00,%s,账号户名不符\nB-1-P0003,处理中,3000.00,%s,\n合计,,6000.00,,\n' $A1 $A2 $A3 | iconv -f UTF-8 -t GB18030 >"$WORK/result.csv"
SUFFIX=.csv want done read_file result
has "$(answers)" '"accepted":1,"debited":1,"failed":1' "answers"
same "300000 200000" "$(in_settlement) $(fen 330602-E 3000)" "in settlement, payable again"
printf '交易日期,借方发生额,贷方发生额,交易流水号,客户方流水号,对方账号,摘要\n2026-04-10,3000.00,,L-3,B-1-P0003,%s,创新券兑付\n2026-04-10,8.00,,L-4,,,手续费\n' $A3 >"$WORK/table.csv"
SUFFIX=.csv run read_file table
has "$(answers)" '"debited":1' "answers"
same BANK_FEE "$(open_cases)" "exceptions"
printf '业务流水号,支付状态,金额(元)\nB-1-P0001,支付成功,999.99\n' >"$WORK/less.csv"
sent
SUFFIX=.csv run read_file less
same AMOUNT "$(open_cases)" "another amount"
verified
end

begin "a run that was cut off is shown as unfinished, and the next one finishes it"
sent
want accepted body maker bank.file cut-1 "{\"evidence_sha256\":\"$(sha256sum "$WORK/n1.xml" | cut -c 1-64)\",\"form\":\"notification\",\"count\":2,\"debit_fen\":300000,\"credit_fen\":0}"
run z settle exceptions
same 1 "$status" "exit status"
has "$(cat "$err")" "(0 of 2 entries)" "what is missing"
want done read_file n1
has "$(answers)" '"debited":2' "answers"
run z settle exceptions
same 0 "$status" "exit status after it was finished"
verified
end

begin "the bank's files go with a backup and come back with a restore, each by its hash"
sent
want done read_file n1
sure z log publish
file=$(sha256sum "$WORK/n1.xml" | cut -c 1-64)
run z backup --to "$WORK/b.db"
same 0 "$status" "backup: $(cat "$err")"
has "$(cat "$err")" "1 files verified and copied, 0 missing" "what was copied"
cmp -s "$WORK/n1.xml" "$WORK/b.db.evidence/$file" || wrong "the backup's evidence is not the file"
run z restore --from "$WORK/b.db" --trail "$L/audit.git" --to "$WORK/back"
same 0 "$status" "restore: $(cat "$err")"
cmp -s "$WORK/n1.xml" "$WORK/back/evidence/$file" || wrong "the evidence did not come back"
same 600 "$(stat -c %a "$WORK/back/evidence/$file")" "nobody else may read it"
echo . >>"$WORK/b.db.evidence/$file"
run z restore --from "$WORK/b.db" --trail "$L/audit.git" --to "$WORK/back2"
same 5 "$status" "a changed file"
has "$(cat "$err")" evidence-differs "its code"
[ -e "$WORK/back2/evidence/$file" ] && wrong "a changed file was taken along"
run z restore --from-trail "$L/audit.git" --to "$WORK/back3"
same 0 "$status" "from the repository: $(cat "$err")"
has "$(cat "$err")" "evidence is missing: $file" "what the repository cannot give"
run z restore --from-trail "$L/audit.git" --to "$WORK/back4" --evidence "$L/evidence"
cmp -s "$WORK/n1.xml" "$WORK/back4/evidence/$file" || wrong "the evidence of a named folder"
end

begin "doctor looks at the bank's files: each by its hash, a regular file, its owner's alone; a stranger is a note"
sent
want done read_file n1
file=$(sha256sum "$WORK/n1.xml" | cut -c 1-64)
kept=$L/evidence/$file
run z doctor
same 0 "$status" "all in order: $(cat "$out" "$err")"
has "$(cat "$out")" "evidence   ok, 1 files compared" "what was looked at"
echo note >"$L/evidence/notes.txt"
run z doctor
same 0 "$status" "a stranger: $(cat "$out" "$err")"
has "$(cat "$err")" "notes.txt is named by no record" "the stranger's name"
chmod 644 "$kept"
run z doctor
same 4 "$status" "readable by others"
has "$(cat "$err")" "evidence-open" "its code"
chmod 600 "$kept"
chmod 755 "$L/evidence"
run z doctor
same 4 "$status" "a folder that others may enter"
chmod 700 "$L/evidence"
mv "$kept" "$WORK/aside"
run z doctor
same 4 "$status" "missing"
has "$(cat "$err")" "evidence-missing" "its code"
has "$(cat "$err")" "$file is missing" "which one"
has "$(cat "$err")" "由备份" "what to do, in Chinese too"
has "$(cat "$out")" "outside    ok" "the world is asked all the same"
ln -s "$WORK/aside" "$kept"
run z doctor
same 5 "$status" "a link to the right bytes"
rm "$kept"
want done read_file n1
cmp -s "$WORK/n1.xml" "$kept" || wrong "reading the file again did not bring it back"
echo . >>"$kept"
run z doctor
same 5 "$status" "changed"
has "$(cat "$err")" "evidence-differs" "its code"
has "$(cat "$out")" "evidence   FAILED, 0 good, 0 missing, 1 changed" "the line of the report"
want "error evidence-differs 5" read_file n1
end

begin "reconcile without a file says what it wants and who does what time decides; sweep's help names silence and grace"
run z settle reconcile --key "$KEYS/maker"
same 2 "$status" "no file"
has "$(cat "$err")" "zhidui sweep" "who does it"
has "$(cat "$err")" "静默期" "in Chinese"
run z sweep --help
has "$(cat "$out")" "(silence)" "sweep's help"
has "$(cat "$out")" "(grace)" "sweep's help"
SPEAK=zh_CN.UTF-8 run z sweep --help
has "$(cat "$out")" "宽限期" "sweep's help in Chinese"
end

begin "what is no answer changes nothing"
sent
before=$(state)
printf '<!DOCTYPE x><Document/>' >"$WORK/evil.xml"
want "error answer-doctype" read_file evil
head -c 900 "$WORK/s1.xml" >"$WORK/cut.xml"
want "error answer-xml" read_file cut
cp "$L/settlement/B-1/pain.001.001.09.xml" "$WORK/pain.xml"
want "error answer-kind" read_file pain
sed "s/$OURS/1211012009200088888/" "$WORK/s1.xml" >"$WORK/foreign.xml"
want "error answer-account" read_file foreign
has_not "$(cat "$err")" 1211012009200088888 "the error does not print the account"
KEY=x want "error key-wrong-role" z settle reconcile "$WORK/s1.xml" --key "$KEYS/issuer-1" --json
same "$before" "$(state)" "the ledger"
end

finish
