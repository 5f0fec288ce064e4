#!/usr/bin/env bash
# Loading files: all lines or none, --partial with a file of the rejected lines, the same file twice, other content under a known number, encodings, headers.
. "$(dirname "$0")/session.sh"

load() { z import "$@" --key "$(key_file "${KEY:-issuer-1}")" --json; }
places() { sed -n 's/.*"line":\([0-9]*\),"column":\([0-9]*\).*/\1:\2/p' "$err" | tr '\n' ' ' | sed 's/ $//'; } # line:column of every fault
count_of() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$out" | tail -n 1; }
vouchers() { # file of three vouchers; the amount of the second is given
  printf '创新券编号,持券人编号,年度,额度(元),服务类别,使用截止\r\nV-a,%s,2026,"1,000.00",检验检测、仪器机时,2026年12月1日\r\nV-b,%s,2026,%s,全部,\r\nV-c,%s,2026,¥20,全部,2026/11/30\r\n' $H2 $H2 "$1" $H2
}
new_ledger
sure holder $H2 330603 样例丙公司
rm -rf "$WORK/base" && mkdir "$WORK/base" && cp -a "$L" "$KEYS" "$WORK/base/"

begin "one faulty line: nothing is loaded, the fault is named by line, column, code, value, and in both languages"
vouchers '12345.605' >"$WORK/v.csv"
before=$(state)
want "error amount-malformed" load voucher "$WORK/v.csv"
same 3:4 "$(places)" "places"
has "$(cat "$err")" '"field":"额度(元)","value":"12345.605"' "the cell"
has "$(cat "$err")" '"english":"This is not' "the sentence in English"
has "$(cat "$err")" '"chinese":"金额格式不正确' "the sentence in Chinese"
same 2 "$(count_of not_sent)" "good lines that were not sent"
same "$before" "$(state)" "the ledger"
end

begin "every fault of every line is reported, not only the first"
printf '创新券编号,持券人编号,年度,额度,服务类别\nV-a,%s,二〇二六,１２．３４,全部\nV b,%s,2026,1,、\nV-c,%s\nV-a,%s,2026,5,全部\n' $H2 $H2 $H2 $H2 >"$WORK/v.csv"
run load voucher "$WORK/v.csv"
same 3 "$status" "exit status"
same "2:3 2:4 3:1 3:5 4:0 5:0" "$(places)" "places"
for code in cell-invalid amount-malformed field-invalid table-shape table-number-twice; do has "$(cat "$err")" "\"error\":\"$code\"" "codes"; done
end

begin "--partial loads the good lines and leaves the others in a file of the same header and encoding, which loads when corrected"
vouchers '12345.605' | iconv -f UTF-8 -t GB18030 >"$WORK/v.csv"
run load voucher "$WORK/v.csv" --partial
same 3 "$status" "exit status"
same "2 1" "$(count_of accepted) $(count_of faulty)" "accepted and faulty"
same 2 "$(iconv -f GB18030 -t UTF-8 "$WORK/v.csv.rejected.csv" | wc -l)" "lines of the rejected file"
same "$(head -n 1 "$WORK/v.csv" | sha256sum)" "$(head -n 1 "$WORK/v.csv.rejected.csv" | sha256sum)" "its header, byte for byte"
same "$(sed -n 3p "$WORK/v.csv" | sha256sum)" "$(sed -n 2p "$WORK/v.csv.rejected.csv" | sha256sum)" "its line, byte for byte"
sed 's/12345\.605/300/' "$WORK/v.csv.rejected.csv" >"$WORK/corrected.csv"
want done load voucher "$WORK/corrected.csv"
same 1 "$(count_of accepted)" "accepted"
same 30000 "$(value voucher V-b amount_fen)" "the corrected amount"
same "instrument,testing" "$(value voucher V-a categories)" "the list, sorted"
end

begin "the same file again is harmless; other content under a known number is a fault of that line"
vouchers 300 >"$WORK/v.csv"
before=$(state)
want done load voucher "$WORK/v.csv"
same "0 3" "$(count_of accepted) $(count_of already_loaded)" "accepted and already loaded"
same "$before" "$(state)" "the ledger"
vouchers 301 >"$WORK/v.csv"
want "error request-conflict" load voucher "$WORK/v.csv"
same 3:0 "$(places)" "places"
same "$before" "$(state)" "the ledger"
end

begin "a line that a rule refuses is a decision: reported with its line and code, the others are loaded, exit 1"
printf '创新券编号,持券人编号,年度,额度,服务类别\nV-d,%s,2026,10,全部\nV-e,%s,2026,"300,000.00",全部\n' $H2 $H2 >"$WORK/v.csv"
run load voucher "$WORK/v.csv"
same 1 "$status" "exit status"
same "1 1" "$(count_of accepted) $(count_of refused)" "accepted and refused"
has "$(cat "$err")" '"error":"R15"' "the code"
has "$(cat "$err")" '"line":3' "the line"
run load voucher "$WORK/v.csv"
same "0 2" "$status $(count_of already_loaded)" "again: exit status and already loaded"
end

begin "headers: a missing, an unknown and a repeated column are named; the English header does as well"
before=$(state)
printf '创新券编号,持券人编号,年度,服务类别\nV-f,%s,2026,全部\n' $H2 >"$WORK/v.csv"
want "error table-column-missing" load voucher "$WORK/v.csv"
has "$(cat "$err")" '"value":"额度"' "the missing column"
printf '创新券编号,持券人编号,年度,额度,服务类别,电话,年度\nV-f,%s,2026,1,全部,1,2026\n' $H2 >"$WORK/v.csv"
run load voucher "$WORK/v.csv" --partial
same "3 1:6 1:7" "$status $(places)" "an unknown and a repeated column"
same "$before" "$(state)" "the ledger"
printf 'voucher\tholder\tyear\tamount\tcategories\nV-f\t%s\t2026\t1.5\ttesting;design\n' $H2 >"$WORK/v.csv"
want done load voucher "$WORK/v.csv"
same 150 "$(value voucher V-f amount_fen)" "a TSV with English headers"
end

begin "what is no text of a known encoding is refused with its line"
printf '创新券编号,持券人编号\nV-g,\xff\xff\n' >"$WORK/v.csv"
want "error table-encoding" load voucher "$WORK/v.csv"
has "$(cat "$err")" '"line":2,"column":5' "the place"
want "error file-missing 4" load voucher "$WORK/nothing.csv"
end

begin "--dry-run checks everything and sends nothing"
before=$(state)
vouchers 300 | sed 's/V-/W-/' >"$WORK/v.csv"
want done load voucher "$WORK/v.csv" --dry-run
same 3 "$(count_of not_sent)" "lines not sent"
same "$before" "$(state)" "the ledger"
end

begin "a key of another role loads nothing; an unknown kind lists the kinds"
before=$(state)
KEY=tax want "error key-wrong-role" load voucher "$WORK/v.csv"
same "$before" "$(state)" "the ledger"
want "error usage 2" load vouchers "$WORK/v.csv"
has "$(cat "$err")" " voucher " "the kinds"
end

begin "a provider's orders and captures, and the facts about them, come as files and go together"
printf '预约编号,创新券编号,持券人编号,服务机构代码,服务类别,用途,用券金额,自付金额,合同号,合同金额,合同日期,关联关系,是否法定检测,其他财政资金\r\nO-7,V-1,%s,%s,检验检测,材料表征,"1,900.00",1900,HT-7,3800,2026/3/3,无,否,0\r\n' $H1 $P1 |
  iconv -f UTF-8 -t GB18030 >"$WORK/o.csv"
printf '核销编号,预约编号,用券金额,自付金额,是否末次,完成日期,成果哈希,发票代码,发票号码,发票金额,本次使用金额,开票日期,销方代码,购方代码\nI-7,O-7,1900,1900,是,2026-03-20,%s,033062600111,12345678,3800,3800,2026-03-20,%s,%s\n' "$HASH" $P1 $H1 >"$WORK/c.csv"
printf '编号,预约编号,确认方式\nQ-7,O-7,网关\n' >"$WORK/q.csv"
printf '编号,发票代码,发票号码,查验结果\nF-7,033062600111,12345678,正常\n' >"$WORK/f.csv"
KEY=provider/$P1 want done load order "$WORK/o.csv"
KEY=gateway want done z fact import consent "$WORK/q.csv" --key "$KEYS/gateway" --json
KEY=provider/$P1 want done z redeem import capture "$WORK/c.csv" --key "$(key_file "provider/$P1")" --json
same 1 "$(count_of gated)" "waits for the tax office and the own share"
KEY=tax want done load fact-invoice "$WORK/f.csv"
printf '凭证号,预约编号,累计到账金额\nZ-7,O-7,1900\n' >"$WORK/z.csv"
KEY=tax want done load fact-own-share "$WORK/z.csv"
same "190000 0" "$(value redeem I-7 amount_fen) $(value redeem I-7 gates)" "amount and gates of the capture"
end

begin "accounts: proposed, twice harmless before and after the second officer, another account under the same number is a fault"
printf '编号,服务机构代码,户名,账号,开户银行,行号\nA-9,%s,样例大学,1211012009200012345,样例银行越州分行,313337009004\n' $P1 >"$WORK/a.csv"
first=$(size)
want done load account "$WORK/a.csv"
same 1 "$(count_of proposed)" "proposed"
before=$(state)
want done load account "$WORK/a.csv"
same "1 $before" "$(count_of already_loaded) $(state)" "again, while it waits"
run second_entry "$first" issuer-2
same 0 "$status" "the second officer"
before=$(state)
want done load account "$WORK/a.csv"
same "1 $before" "$(count_of already_loaded) $(state)" "again, when it is done"
sed 's/12345,样例银行/12346,样例银行/' "$WORK/a.csv" >"$WORK/b.csv"
want "error request-conflict" load account "$WORK/b.csv"
grep -qa 1211012009200012345 "$L/ledger.db" && wrong "the account number is in the ledger"
end

begin "accounts: going back to the account before shows as such, though nobody reads an account from the log"
change() { # change NUMBER ACCOUNT [户名未变]: proposed by a file, confirmed by a second officer
  printf '编号,服务机构代码,户名,账号,开户银行,行号,户名未变\n%s,%s,样例大学,%s,样例银行越州分行,313337009004,%s\n' "$1" $P1 "$2" "${3:-否}" >"$WORK/c.csv"
  first=$(size)
  want done load account "$WORK/c.csv"
  run second_entry "$first" issuer-2
  same 0 "$status" "the second officer: $(tail -n 1 "$err")"
}
change A-10 1211012009200012999
grep -q account_flip_flop "$out" && wrong "a new account is no flip-flop"
change A-11 1211012009200012345
[ -n "$(z log show "$first" "$(size)" | grep -a account_flip_flop)" ] || wrong "back to the earlier account went unnoticed"
same 4 "$(z provider show $P1 | sed -n 's/.*"account_version":\([0-9]*\).*/\1/p')" "versions"
end

begin "what came in by files is what the verifier finds"
verified
end
finish
