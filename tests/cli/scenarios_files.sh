#!/usr/bin/env bash
# Acceptance scenarios that go through files: 12 and 17 (settlement packages), 16 (import), 18 (erasure of private data). Figures are fen.
. "$(dirname "$0")/session.sh"

package() { printf '%s/settlement/%s' "$L" "$1"; }
export_batch() { z settle export --batch "$1" --key "$KEYS/maker" --json; }

begin "scenario 12: 400,000 for enterprises and 100,000 for an entrepreneur: one row in each pool's application, statements of 500,000 together"
new_ledger
payer
sure accounts
service I-1 O-1 300000 "$(invoice 1)"
service I-2 O-2 100000 "$(invoice 2)"
HOLDER=E-0001 VOUCHER=V-E BUYER=person service I-3 O-3 100000 "$(invoice 3)"
at "2026-04-08 10:00"
for batch in "B-E 330602-E 400000" "B-P 330602-P 100000"; do
  # shellcheck disable=SC2086
  set -- $batch
  sure seal "$1" "$2" 2026-04-10
  sure approve "$1"
  want accepted release "$1" 1 "$3"
  want done export_batch "$1"
done
for batch in "B-E 4,000.00 4000.00" "B-P 1,000.00 1000.00"; do
  # shellcheck disable=SC2086
  set -- $batch
  application=$WORK/application.csv
  iconv -f GB18030 -t UTF-8 "$(package "$1")/treasury/支付申请明细.csv" >"$application" || wrong "the application is not GB18030"
  same 1 "$(grep -c 1211012009200012345 "$application")" "rows of the provider in the application of $1"
  grep 1211012009200012345 "$application" | grep -qE "(^|[^0-9])($2|$3)([^0-9]|$)" || wrong "the amount of $1: $(grep 1211012009200012345 "$application")"
  same 1 "$(xmllint --xpath 'count(//*[local-name()="CdtTrfTxInf"])' "$(package "$1")/pain.001.001.09.xml" 2>/dev/null)" "transactions of $1"
done
same 5000.00 "$(for b in B-E B-P; do xmllint --xpath 'string(//*[local-name()="CtrlSum"])' "$(package $b)/pain.001.001.09.xml"; echo; done | awk 'NF { s += $1 } END { printf "%.2f", s }')" "both payment files together"
has "$(z report statement $P1 --json)" '"together_fen":500000,"owed_fen":0}}' "the provider's one statement"
has "$(z report statement $P1 | grep total | head -n 1)" 5,000.00 "the total in yuan"
end

begin "a package is the same at every export, and its manifest is signed by stock tools' reckoning"
find "$(package B-E)" -type f -exec sha256sum {} + | sort >"$WORK/first"
want done export_batch B-E
find "$(package B-E)" -type f -exec sha256sum {} + | sort >"$WORK/second"
same "$(sha256sum <"$WORK/first")" "$(sha256sum <"$WORK/second")" "every file"
(cd "$(package B-E)" && ssh-keygen -Y verify -f allowed_signers -I "$(ssh-keygen -Y find-principals -f allowed_signers -s MANIFEST.maker.sig | head -n 1)" \
  -n zhidui-settlement-v1 -s MANIFEST.maker.sig <MANIFEST) >"$WORK/out" 2>&1 || wrong "ssh-keygen: $(cat "$WORK/out")"
has "$(cat "$WORK/out")" "Good" "ssh-keygen"
end

begin "scenario 16: an account written as a float, full-width and three-decimal amounts: each named by line and column, nothing loaded"
new_ledger
cat >"$WORK/accounts.csv" <<C
编号,服务机构代码,户名,账号,开户银行,行号
A-1,$P1,样例大学,6.217E+18,样例银行,313337009004
A-2,$P2,样例研究院,6217000000000000004,样例信用社,402331000007
C
before=$(state)
want "error cell-invalid" z import account "$WORK/accounts.csv" --key "$KEYS/issuer-1" --json
same 2:4 "$(sed -n 's/.*"line":\([0-9]*\),"column":\([0-9]*\).*/\1:\2/p' "$err" | head -n 1)" "line and column of the account"
same "$before" "$(state)" "the ledger after the accounts"
sure holder $H2 330603 样例丙公司
cat >"$WORK/vouchers.csv" <<C
创新券编号,持券人编号,年度,额度,服务类别
V-101,$H2,2026,100.00,检验检测
V-102,$H2,2026,１２．３４,检验检测
V-103,$H2,2026,12345.605,检验检测
C
before=$(state)
want "error amount-malformed" z import voucher "$WORK/vouchers.csv" --key "$KEYS/issuer-1" --json
same "3:4 4:4" "$(sed -n 's/.*"line":\([0-9]*\),"column":\([0-9]*\).*/\1:\2/p' "$err" | tr '\n' ' ' | sed 's/ $//')" "lines and columns of the amounts"
same "$before" "$(state)" "the ledger after the vouchers"
end

begin "the same file in GB18030 and in UTF-8 with a mark, with English headers; loading twice is harmless; --partial leaves the rest to correct"
sed -i -e 's/１２．３４/12.34/' -e 's/12345.605/12345.60/' "$WORK/vouchers.csv"
iconv -f UTF-8 -t GB18030 "$WORK/vouchers.csv" >"$WORK/gb.csv" || wrong "iconv"
sed -i 's/100.00/bad/' "$WORK/vouchers.csv"
want "error amount-malformed" z import voucher "$WORK/vouchers.csv" --key "$KEYS/issuer-1" --partial --json
same 2 "$(z voucher list --json 2>/dev/null | grep -c '"id":"V-10')" "loaded of three"
same 2 "$(wc -l <"$WORK/vouchers.csv.rejected.csv")" "header and one line to correct"
run z import voucher "$WORK/gb.csv" --key "$KEYS/issuer-1" --json
has "$(cat "$out")" '"accepted":1,' "the GB18030 file loads the third"
has "$(cat "$out")" '"already_loaded":2,' "and knows the two"
before=$(state)
run z import voucher "$WORK/gb.csv" --key "$KEYS/issuer-1" --json
same 0 "$status" "loading twice"
has "$(cat "$out")" '"already_loaded":3,' "loading twice"
same "$before" "$(state)" "the ledger after loading twice"
end

begin "a file in no known encoding, without a required column, with an unknown column, with a ragged line"
printf 'voucher,holder,year,amount,categories\nV-9,\x80\xff,2026,1,testing\n' >"$WORK/bad.csv"
want "error table-encoding" z import voucher "$WORK/bad.csv" --key "$KEYS/issuer-1" --json
printf 'voucher,holder,year,categories\nV-9,%s,2026,testing\n' $H1 >"$WORK/bad.csv"
want "error table-column-missing" z import voucher "$WORK/bad.csv" --key "$KEYS/issuer-1" --json
printf 'voucher,holder,year,amount,categories,colour\nV-9,%s,2026,1,testing,red\n' $H1 >"$WORK/bad.csv"
want "error table-column-unknown" z import voucher "$WORK/bad.csv" --key "$KEYS/issuer-1" --json
printf 'voucher,holder,year,amount,categories\nV-9,%s,2026,1\n' $H1 >"$WORK/bad.csv"
want "error table-shape" z import voucher "$WORK/bad.csv" --key "$KEYS/issuer-1" --json
same "$before" "$(state)" "the ledger"
end

begin "scenario 17: a batch that says 1 October all the same is neither approved nor exported: the error names 8 October"
new_ledger
payer
sure accounts
at "2026-09-10 10:00"
sure sweep
service I-1 O-1 200000 "$(invoice 1)"
at "2026-09-28 10:00"
# Past the command that moves the date: the general door signs what it is given.
want accepted body maker batch.seal seal-1 "{\"batch\":\"B-1\",\"pool\":\"330602-E\",\"cutoff\":$(size),\"execution\":\"2026-10-01\"}"
want "error export-refused" approve B-1
has "$(cat "$err")" 2026-10-08 "the next banking day, before anything is signed"
# Past that command, too: the export looks again.
want accepted body checker batch.approve approve-1 "{\"batch\":\"B-1\",\"seal_sha256\":\"$(value settle B-1 seal_sha256)\"}"
sure release B-1 1 200000
want "error export-refused" export_batch B-1
has "$(cat "$err")" 2026-10-08 "the next banking day"
has "$(cat "$err")" export-date "the problem's code"
[ ! -e "$(package B-1)" ] || wrong "a package was written"
end

begin "scenario 18: an entrepreneur was paid 100,000; the private data is erased; the ledger stands, totals unchanged"
new_ledger
payer
sure accounts
HOLDER=E-0001 VOUCHER=V-E BUYER=person service I-1 O-1 100000 "$(invoice 1)"
at "2026-04-08 10:00"
pay B-1 330602-P 2026-04-10 1 100000 $P1
want done export_batch B-1
want done z log publish
before=$(state)
tip=$(git -C "$L/audit.git" rev-parse main)
sqlite3 "$L/private.db" "SELECT count(*) FROM records" >/dev/null || wrong "private.db"
grep -aq 1211012009200012345 "$L/private.db" "$L/private.db-wal" 2>/dev/null || wrong "the account is not in private.db before"
commitment=$(z provider show $P1 --json 2>/dev/null | grep -o '"account":"[0-9a-f]*"' | cut -d'"' -f4)
want done z private erase "$commitment"
z private erase "$commitment" >/dev/null 2>&1 && wrong "erased twice"
cat "$L"/private.db* | grep -aq 1211012009200012345 && wrong "the account number is still in the files of private.db"
want done z doctor
want done z log publish
same "$before" "$(state)" "the ledger"
same "$tip" "$(git -C "$L/audit.git" rev-parse main)" "the published history"
git -C "$L/audit.git" cat-file --batch-all-objects --batch | grep -aq 1211012009200012345 && wrong "the account number is in the git history"
verified
# What was erased cannot be exported again.
rm -rf "$(package B-1)"
want "error export-refused" export_batch B-1
end

finish
