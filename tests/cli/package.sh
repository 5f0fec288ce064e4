#!/usr/bin/env bash
# zhidui-audit package: a settlement package against a clone. Every way in which a package can lie is made for real: a digit, two accounts, a line, a file, a signature;
# by somebody without keys, and by the three officers together, who sign the changed manifest anew.
. "$(dirname "$0")/session.sh"
for tool in python3 ssh-keygen unzip; do command -v $tool >/dev/null || missing $tool; done
[ -x "$ZHIDUI_AUDIT" ] || { echo "not ok package: no program at $ZHIDUI_AUDIT"; exit 1; }

# A batch of three lines, two of them of equal amounts, the third held by an objection.
new_ledger
payer
python3 - "$L/config.json" <<'P'
import json, sys
config = json.load(open(sys.argv[1]))
config["packages"] = {"pain001": ["09", "03"], "bank": ["icbc-like", "ccb-like", "abc-like", "ccb-xlsx-like"]}
json.dump(config, open(sys.argv[1], "w"), ensure_ascii=False)
P
sure accounts
service I-1 O-1 200000 "$(invoice 1)"
PROVIDER=$P2 service I-2 O-2 200000 "$(invoice 2)"
PROVIDER=$P3 service I-3 O-3 300000 "$(invoice 3)"
at "2026-04-08 10:00"
sure z log publish
git clone -q "$L/audit.git" "$WORK/older"
sure seal B-1 330602-E 2026-04-10
sure act reviewer-1 "settle object" --batch B-1 --provider $P3 --reason dispute
sure approve B-1
sure release B-1 2 400000
sure z settle export --batch B-1 --key "$KEYS/maker" --role maker --openings "$WORK/openings"
for role in checker releaser; do sure z settle export --batch B-1 --key "$KEYS/$role" --role $role; done
sure z log publish
git clone -q "$L/audit.git" "$WORK/clone"
GOOD=$L/settlement/B-1
PK=$WORK/pk

again() { rm -rf "$PK"; cp -a "$GOOD" "$PK"; }
# resign [ROLE KEY]...: hashes and sizes of the manifest anew, then the signatures; by default those of the three officers.
resign() {
  python3 - "$PK" <<'P'
import hashlib, os, sys
os.chdir(sys.argv[1])
lines = open("MANIFEST", encoding="utf-8").read().splitlines()
head = [l for l in lines if not l.startswith("sha256 ")]
rows = []
for line in lines:
    if line.startswith("sha256 "):
        _, _, _, role, path = line.split(" ", 4)
        if os.path.exists(path):
            data = open(path, "rb").read()
            rows.append(f"sha256 {hashlib.sha256(data).hexdigest()} {len(data)} {role} {path}")
open("MANIFEST", "w", encoding="utf-8").write("\n".join(head + rows) + "\n")
P
  [ $# -gt 0 ] || set -- maker "$KEYS/maker" checker "$KEYS/checker" releaser "$KEYS/releaser"
  while [ $# -gt 0 ]; do
    rm -f "$PK/MANIFEST.$1.sig"
    ssh-keygen -q -Y sign -f "$2" -n zhidui-settlement-v1 "$PK/MANIFEST" 2>/dev/null && mv "$PK/MANIFEST.sig" "$PK/MANIFEST.$1.sig" || wrong "ssh-keygen -Y sign $1"
    shift 2
  done
}
audit() { run "$ZHIDUI_AUDIT" package "$PK" --repo "$WORK/clone" --genesis "$GENESIS" "$@"; }
# finds "package-line package-file" [options]: exit 1 and exactly these kinds of finding.
finds() {
  local expected=$1
  shift
  audit "$@"
  same 1 "$status" "exit: $(tail -n 1 "$out") $(cat "$err")"
  same "$expected" "$(sed -n 's/^FINDING \([a-z-]*\).*/\1/p' "$out" | sort -u | tr '\n' ' ' | sed 's/ $//')" "findings: $(grep -A2 FINDING "$out" | head -n 12)"
}
# edit FILE PYTHON: the program sees and may change `t` (text) or, for a workbook, `t` of every member.
edit() {
  python3 - "$PK/$1" "$2" "${3:-utf-8}" <<'P'
import sys, zipfile, shutil
path, program, encoding = sys.argv[1:4]
def change(text):
    scope = {"t": text}
    exec(program, scope)
    return scope["t"]
if path.endswith(".xlsx"):
    shutil.copy(path, path + ".old")
    with zipfile.ZipFile(path + ".old") as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data.decode("utf-8")).encode("utf-8") if name.endswith(".xml") else data)
    import os
    os.unlink(path + ".old")
else:
    text = open(path, encoding=encoding, newline="").read()
    after = change(text)
    assert after != text, "nothing changed in " + path
    open(path, "w", encoding=encoding, newline="").write(after)
P
  [ $? -eq 0 ] || wrong "edit $1"
}
A1=1211012009200012345 A2=6217000000000000004
N1=样例大学 N2=样例研究院
APPLICATION=treasury/支付申请明细

begin "the package as exported is verified: in both languages, as JSON, with and without openings"
again
audit --openings "$WORK/openings"
same 0 "$status" "exit: $(cat "$out" "$err" | head -c 900)"
has "$(cat "$out")" "of 2, 2 open their sealed commitment" "openings"
has "$(cat "$out")" "signed as releaser by releaser" "signatures"
audit
same 0 "$status" "exit without openings"
has "$(cat "$out")" "without --openings, compared between the files only" "what was not asked is said"
run env LC_ALL=zh_CN.UTF-8 "$ZHIDUI_AUDIT" package "$PK" --repo "$WORK/clone" --genesis "$GENESIS"
has "$(cat "$out")" "核验通过" "Chinese"
audit --json
same "verified 2 400000" "$(python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); print(d["verdict"], d["count"], d["sum_fen"])' "$out")" "JSON"
same 0 "$(grep -c "$A1\|$A2" "$WORK/openings" | awk '{print $1 == 2 ? 0 : 1}')" "the openings name both accounts"
same 600 "$(stat -c %a "$WORK/openings")" "mode of the openings"
end

begin "one digit changed, by somebody without keys"
again
edit pain.001.001.09.xml 't = t.replace("<InstdAmt Ccy=\"CNY\">2000.00", "<InstdAmt Ccy=\"CNY\">2000.01", 1)'
finds "package-file package-form package-line"
has "$(cat "$out")" "2,000.01" "what stands there"
has "$(cat "$out")" "2,000.00" "what should"
has "$(cat "$out")" "gains:      $P1" "who gains"
again
edit $APPLICATION.csv 't = t.replace("2000.00", "2000.10", 1)' gb18030
finds "package-file package-line package-paper"
end

begin "one digit changed, sums mended, and signed anew by all three officers"
again
edit pain.001.001.09.xml 't = t.replace("2000.00", "2000.01", 1).replace("4000.00", "4000.01")'
resign
finds "package-line"
again
edit bank/icbc-like/B-1-1.bxt 't = t.replace("|200000|", "|200001|", 1).replace("|400000|", "|400001|", 1)' gbk
resign
finds "package-line"
again
edit bank/ccb-xlsx-like/B-1.xlsx 't = t.replace(">2000.00<", ">2000.01<", 1)'
resign
finds "package-line"
again
edit $APPLICATION.xlsx 't = t.replace(">2000.00<", ">2000.01<", 1)'
resign
finds "package-line"
end

begin "the totals of bank forms, signed anew"
again
edit bank/icbc-like/B-1-1.bxt 't = t.replace("|1|400000|2|", "|1|400001|2|", 1)' gbk
resign
finds "package-form"
has "$(cat "$out")" "there are 2 payments of 400000" "what should stand there"
again
edit bank/abc-like/B-1-1.txt 't = t.replace("|4000.00|2|", "|4000.00|3|", 1)' gbk
resign
finds "package-form"
again
edit bank/ccb-xlsx-like/B-1.xlsx 't = t.replace("*序号", "*金额", 1)'
resign
finds "package-form"
end

begin "the accounts of two equal amounts swapped in one file, signed anew: the files contradict one another"
swap="t = t.replace('$A1', 'X').replace('$A2', '$A1').replace('X', '$A2')"
again
edit pain.001.001.09.xml "$swap"
finds "package-account package-file package-paper"
resign
finds "package-account package-paper" # the approval sheet, too
again
edit bank/abc-like/B-1-1.txt "$swap" gbk
resign
finds "package-account"
has "$(cat "$out")" "$A2" "the account that stands there"
end

begin "swapped in every file and signed anew: only the openings tell, and they do"
again
everywhere="t = t.replace('$A1', 'Q1').replace('$A2', '$A1').replace('Q1', '$A2')"
for file in pain.001.001.09.xml pain.001.001.03.xml $APPLICATION.xlsx bank/ccb-xlsx-like/B-1.xlsx; do edit $file "$everywhere"; done
edit $APPLICATION.csv "$everywhere" gb18030
edit bank/icbc-like/B-1-1.bxt "$everywhere" gbk
edit bank/ccb-like/B-1-1.txt "$everywhere" gb18030
edit bank/abc-like/B-1-1.txt "$everywhere" gbk
edit review/汇总审批表.html "$everywhere"
python3 - "$PK" <<'P' # the check code on the approval sheet goes along
import hashlib, os, re, sys
os.chdir(sys.argv[1])
code = hashlib.sha256(open("treasury/支付申请明细.csv", "rb").read()).hexdigest()
page = open("review/汇总审批表.html", encoding="utf-8").read()
page = re.sub(r'(<br><small class="code">)[0-9a-f]{64}(</small></td></tr>\n</table>)', r"\g<1>" + code + r"\g<2>", page, count=1)
page = re.sub(r'(class="check"[^>]*>)[0-9a-f]{4}-[0-9a-f]{4}', r"\g<1>" + code[:4] + "-" + code[4:8], page)
open("review/汇总审批表.html", "w", encoding="utf-8").write(page)
P
resign
audit
same 0 "$status" "without openings nothing contradicts: $(grep -A3 FINDING "$out" | head -n 8)"
finds "package-account" --openings "$WORK/openings"
same 16 "$(grep -c '^FINDING package-account' "$out")" "two lines in eight files"
end

begin "a line left out, a line put in, lines in another order; signed anew"
again
edit pain.001.001.09.xml 'import re; t = re.sub(r"(?s)      <CdtTrfTxInf>.*?</CdtTrfTxInf>\n", "", t, count=1).replace("<NbOfTxs>2<", "<NbOfTxs>1<").replace("4000.00", "2000.00")'
resign
finds "package-line"
has "$(cat "$out")" "B-1-P0001 is not there" "which"
again
edit $APPLICATION.csv 't = "\r\n".join(r for r in t.split("\r\n") if "B-1-P0002" not in r)' gb18030
resign
finds "package-line package-paper"
again
edit bank/ccb-like/B-1-1.txt "t = t + t.splitlines(True)[1].replace('B-1-P0002', 'B-1-P0003').replace('$N2', '样例丁公司')" gb18030
resign
finds "package-line"
has "$(cat "$out")" "gains:      样例丁公司" "who gains"
again
edit bank/abc-like/B-1-1.txt 'r = t.splitlines(True); t = r[1] + r[0] + "".join(r[2:])' gbk
resign
finds "package-line"
has "$(cat "$out")" "stands at another place" "order"
end

begin "the manifest's own figures"
again
sed -i 's/^sum_fen 400000/sum_fen 400001/' "$PK/MANIFEST"
finds "package-paper package-published package-signature package-sum"
resign
finds "package-paper package-published package-sum"
again
sed -i 's/^log \([0-9]*\) ..../log \1 0000/' "$PK/MANIFEST"
resign
finds "package-seal"
end

begin "files that do not belong: plain, hidden, a link, and one that is gone"
again
echo extra >"$PK/bank/extra.txt"
finds "package-extra"
again
echo extra >"$PK/.hidden"
finds "package-extra"
again
ln -s /etc/hostname "$PK/more"
finds "package-extra"
again
rm "$PK/statements/$P1.csv"
finds "package-file package-paper"
again
rm "$PK/proof/seal.tlog-proof"
resign
finds "package-proof"
end

begin "signed by somebody else: a stranger, an officer of another role, one person twice, a changed signature"
ssh-keygen -q -t ed25519 -N '' -C stranger -f "$WORK/stranger"
again
resign maker "$WORK/stranger"
finds "package-signature"
has "$(cat "$out")" "a key that the roster does not name" "why"
again
resign checker "$KEYS/issuer-1"
finds "package-signature"
has "$(cat "$out")" "a key of another role" "why"
again
resign releaser "$KEYS/checker"
finds "package-signature"
again
sed -i '2s/^./B/' "$PK/MANIFEST.maker.sig"
finds "package-signature"
again
ssh-keygen -q -Y sign -f "$KEYS/maker" -n git "$PK/MANIFEST" 2>/dev/null && mv "$PK/MANIFEST.sig" "$PK/MANIFEST.maker.sig"
finds "package-signature"
end

begin "not yet signed by all: incomplete, never verified"
again
rm "$PK/MANIFEST.releaser.sig"
audit
same 6 "$status" "exit"
has "$(cat "$out")" "not yet signed" "why"
end

begin "rules that the schema does not know"
for change in 't.replace("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<?xml version=\"1.0\" encoding=\"UTF-8\"?><!DOCTYPE x [<!ENTITY a \"b\">]>")' \
  't.replace("Ccy=\"CNY\"", "Ccy=\"USD\"", 1)' \
  't.replace("<NbOfTxs>2<", "<NbOfTxs>3<", 1)' \
  't.replace("4000.00", "4000.01", 1)' \
  't.replace(">2000.00<", ">2000.000<", 1)' \
  't.replace("</Nm>\n            <Id>", "</Nm>\n<PstlAdr><AdrLine>somewhere</AdrLine></PstlAdr>\n            <Id>") if "</Nm>\n            <Id>" in t else t.replace("<Cdtr>", "<Cdtr><PstlAdr><AdrLine>somewhere</AdrLine></PstlAdr>", 1)'; do
  again
  edit pain.001.001.09.xml "t = $change"
  resign
  audit
  same 1 "$status" "$change"
  has "$(cat "$out")" "FINDING package-form" "$change"
done
end

begin "papers that say something else, signed anew"
again
edit statements/$P1.csv 't = t.replace("2000.00", "2000.50")'
resign
finds "package-paper"
again
edit statements/$P2.xlsx 't = t.replace(">2000.00<", ">2000.50<", 1)'
resign
finds "package-paper"
again
edit statements/$P2.html 't = t.replace("2000.00", "2000.50", 1)'
resign
finds "package-paper"
again
edit public/拟兑付公示.csv "t = t.replace('$N1', '$N2', 1)"
resign
finds "package-paper"
again
edit review/汇总审批表.html 't = t.replace("2,000.00", "2,000.50")'
resign
finds "package-paper"
end

# lies about SHEET: every one signed anew by the three officers.
SHEET=review/汇总审批表.html
begin "the approval sheet is made again cell by cell: a forged sub-total, class, item count, mark, person, waiting row or finding is named, signed or not"
for change in 't.replace("<td>50799</td>", "<td>50799 </td>")' \
  't.replace("<td class=\"money\">2</td><td class=\"money\">4,000.00</td>", "<td class=\"money\">2</td><td class=\"money\">4,000.01</td>")' \
  't.replace("<td class=\"money\">2</td><td class=\"money\">4,000.00</td>", "<td class=\"money\">3</td><td class=\"money\">4,000.00</td>")' \
  't.replace("人民币肆仟元整", "人民币肆万元整")' \
  't.replace("<td class=\"money\">1</td><td class=\"money\">2,000.00</td>", "<td class=\"money\">2</td><td class=\"money\">2,000.00</td>", 1)' \
  't.replace("账户变更后首次付款", "首次付款", 1)' \
  't.replace("p-checker", "p-nobody")' \
  't.replace("3,000.00", "300.00")' \
  't.replace("异议暂缓", "公示期未满")' \
  't.replace("共用账户、持券人账户、改回账户：无", "共用账户：无")' \
  't.replace("首次付款：2 笔", "首次付款：1 笔")' \
  't.replace("已比对账户 3 个，共 3 个", "已比对账户 2 个，共 2 个")' \
  't.replace("样例信用社", "样例银行")' \
  't.replace("</table>", "</table>\n<p>另付 1,000.00</p>", 1)' \
  't.replace("</table>", "</table>\n<div>另付 1,000.00</div>", 1)' \
  't.replace("</tbody>", "<tr><td>3</td></tr></tbody>", 1)' \
  't.replace("<th>应付<br>", "<th>实付<br>", 1)'; do
  again
  edit $SHEET "t = $change"
  resign
  finds "package-paper"
done
again
edit $SHEET 't = t.replace("<td class=\"money\">2</td><td class=\"money\">4,000.00</td>", "<td class=\"money\">2</td><td class=\"money\">4,000.01</td>")'
resign
finds "package-paper"
has "$(cat "$out")" "$SHEET: row 13" "file and row"
has "$(cat "$out")" "net of the sub-total: 4,000.01" "field, and what stands there"
has "$(cat "$out")" "4,000.00" "what should"
end

begin "what is no package, no history, no opening: malformed, incomplete, usage"
again
rm "$PK/MANIFEST"
audit
same 3 "$status" "no MANIFEST"
again
sed -i 's/^count 2/count two/' "$PK/MANIFEST"
audit
same 3 "$status" "a malformed MANIFEST"
has "$(cat "$err")" "package-malformed" "code"
again
sed -i 's#^\(sha256 .* help \)VERIFY.txt#\1../VERIFY.txt#' "$PK/MANIFEST"
audit
same 3 "$status" "a path that leads out"
again
run "$ZHIDUI_AUDIT" package "$PK" --repo "$WORK/clone"
same 6 "$status" "no anchor"
run "$ZHIDUI_AUDIT" package "$PK" --repo "$WORK/clone" --genesis "$(printf '%064d' 7)"
same 1 "$status" "another genesis"
run "$ZHIDUI_AUDIT" package "$PK" --repo "$WORK/older" --genesis "$GENESIS"
same 6 "$status" "a clone from before the release"
has "$(cat "$out")" "older than the release" "why"
run "$ZHIDUI_AUDIT" package "$PK"
same 2 "$status" "no clone"
sed "s/$A1/$A2/" "$WORK/openings" >"$WORK/openings.bad"
audit --openings "$WORK/openings.bad"
same 6 "$status" "an opening that opens nothing"
has "$(cat "$out")" "of 2, 1 open their sealed commitment" "how many do"
has "$(cat "$out")" "the openings do not open every sealed account" "why"
printf '{"subject":"provider/%s"}\n' "$P1" >"$WORK/openings.bad"
audit --openings "$WORK/openings.bad"
same 3 "$status" "a line that is no opening"
end

begin "who may sign an export: the roster's key of that role, once"
run z settle export --batch B-1 --key "$KEYS/issuer-1" --role maker
same 3 "$status" "an issuer as maker"
has "$(cat "$err")" "key-wrong-role" "code"
run z settle export --batch B-1 --key "$KEYS/maker" --role boss
same 2 "$status" "no such role"
run z settle export --batch B-1 --key "$KEYS/maker-2" --role maker
same 5 "$status" "another maker's signature in the place of the first"
again
audit
same 0 "$status" "nothing of that changed the package"
end

begin "an office that wants CSV statements only: a whole package, and the auditor still holds each against the seal"
rm -rf "$L/settlement"
cp "$L/config.json" "$WORK/config.json"
sed -i 's/"packages": {/"packages": {"statements": ["csv"], /' "$L/config.json"
for role in maker checker releaser; do want done z settle export --batch B-1 --key "$KEYS/$role" --role $role; done
same "2 0" "$(ls "$L/settlement/B-1/statements" | grep -c '\.csv$') $(ls "$L/settlement/B-1/statements" | grep -vc '\.csv$')" "statements"
again
audit
same 0 "$status" "exit: $(tail -n 1 "$out") $(cat "$err")"
sed -i 's/2000\.00/2000.01/' "$PK/statements/$P1.csv"
resign
finds "package-paper"
cp "$WORK/config.json" "$L/config.json"
sed -i 's/"packages": {/"packages": {"statements": ["html"], /' "$L/config.json"
want "error field-invalid" z settle export --batch B-1 --key "$KEYS/maker" --role maker --json
has "$(cat "$err")" "statements" "the field"
cp "$WORK/config.json" "$L/config.json"
end

begin "each alone: a byte that says nothing, a control sum, a published figure"
again
edit pain.001.001.03.xml 't = t + "\n"'
finds "package-file"
again
edit pain.001.001.09.xml 't = t.replace("<CtrlSum>4000.00", "<CtrlSum>4000.01", 1)'
resign
finds "package-form"
again
# a later head of the same log than the one after the release
sure order O-9 1000
sure z log publish
git clone -q "$L/audit.git" "$WORK/newer" && rm -rf "$WORK/clone" && mv "$WORK/newer" "$WORK/clone"
size=$(git -C "$WORK/clone" show HEAD:checkpoint | sed -n 2p)
root=$(git -C "$WORK/clone" show HEAD:checkpoint | sed -n 3p | base64 -d | od -An -v -tx1 | tr -d ' \n')
sed -i "s/^log .*/log $size $root/" "$PK/MANIFEST"
resign
finds "package-paper package-published package-seal"
end

begin "a batch that was sealed in parts, with other entries between them: every line of every part is known, and a lie in the last part is found"
new_ledger
payer
sure accounts
service I-1 O-1 200000 "$(invoice 1)"
PROVIDER=$P2 service I-2 O-2 200000 "$(invoice 2)"
PROVIDER=$P3 service I-3 O-3 300000 "$(invoice 3)"
at "2026-04-08 10:00"
sure body maker batch.seal seal-1 "{\"batch\":\"B-1\",\"pool\":\"330602-E\",\"cutoff\":$(size),\"execution\":\"2026-04-10\",\"chunk\":1}"
sure order O-4 400000
sure seal B-1 330602-E 2026-04-10 --chunk 1
sure order O-5 400000
sure approve B-1
sure release B-1 3 700000
for role in maker checker releaser; do sure z settle export --batch B-1 --key "$KEYS/$role" --role $role; done
sure z log publish
rm -rf "$WORK/clone" && git clone -q "$L/audit.git" "$WORK/clone"
again
audit
same 0 "$status" "exit: $(head -n 5 "$out") $(cat "$err")"
has "$(cat "$out")" "3 lines, 7,000.00 yuan" "lines of all parts"
edit pain.001.001.09.xml 't = t.replace("B-1-P0002", "B-1-P0009")'
resign
finds "package-line"
has "$(cat "$out")" "B-1-P0002 is not there" "which"
end

begin "a provider whose payable is wholly eaten by a refund: a statement of 0 yuan, a sub-total of its own on the sheet, no line in any payment file"
new_ledger
payer
python3 - "$L/config.json" <<'P'
import json, sys
config = json.load(open(sys.argv[1]))
config["packages"] = {"pain001": ["09", "03"], "bank": ["icbc-like", "ccb-xlsx-like"]}
json.dump(config, open(sys.argv[1], "w"), ensure_ascii=False)
P
sure accounts
PROVIDER=$P2 service I-0 O-0 500000 "$(invoice 7)"
at "2026-04-08 10:00"
pay B-0 330602-E 2026-04-10 1 500000 $P2
sure act "provider/$P2" "redeem refund" --note N-1 --item I-0 --amount-fen 400000 --reason mistake
service I-1 O-1 200000 "$(invoice 1)"
PROVIDER=$P2 service I-2 O-2 300000 "$(invoice 2)"
at "2026-04-20 10:00"
sure seal B-1 330602-E 2026-04-22
same "500000 300000 200000" "$(value settle B-1 gross_fen) $(value settle B-1 offset_fen) $(value settle B-1 total_fen)" "gross, offset, total"
sure approve B-1
sure release B-1 1 200000
for role in maker checker releaser; do want done z settle export --batch B-1 --key "$KEYS/$role" --role $role; done
sure z log publish
rm -rf "$WORK/clone" && git clone -q "$L/audit.git" "$WORK/clone"
again
same "zhidui-settlement-manifest 2|count 1|sum_fen 200000|offset_count 1|offset_fen 300000" "$(grep -E '^(zhidui|count|sum_fen|offset)' "$PK/MANIFEST" | paste -sd '|')" "the manifest"
same "应付金额(元),3000.00|抵扣金额(元),3000.00|实付金额(元),0.00" "$(grep '金额(元),[0-9]*\.[0-9]*.$' "$PK/statements/$P2.csv" | tr -d '\r' | grep -v '^I' | paste -sd '|')" "the statement"
has "$(cat "$PK/statements/$P2.csv")" "I-2" "its item"
has "$(cat "$PK/statements/$P2.csv")" "无需付款" "in words"
for form in xlsx html; do [ -s "$PK/statements/$P2.$form" ] || wrong "no $form"; done
has "$(sed 's/<[^>]*>//g' "$PK/$SHEET")" "小计 1 笔 Sub-total3,000.003,000.000.00" "the sheet's sub-total"
has "$(cat "$PK/VERIFY.txt")" "Wholly offset, nothing to pay: 1 · 3,000.00" "VERIFY.txt"
same "" "$(cd "$PK" && grep -rl "B-1-P0002\|6217000000000000004" pain* treasury bank)" "payment files that name it"
(cd "$PK" && unzip -p treasury/支付申请明细.xlsx xl/sharedStrings.xml | grep -c "B-1-P0002") | grep -qx 0 || wrong "the workbook pays it"
export CLONE=$WORK/clone
while IFS= read -r command; do
  (cd "$PK" && bash -c "$command") >"$WORK/verify.out" 2>&1 || wrong "$command: $(cat "$WORK/verify.out")"
done < <(sed -n 's/^\$ //p' "$PK/VERIFY.txt")
audit
same 0 "$status" "exit: $(grep -A3 FINDING "$out" | head -n 12) $(cat "$err")"
has "$(cat "$out")" "wholly offset, nothing to pay: 1 lines, 3,000.00 yuan, each with a statement" "said"
run env LC_ALL=zh_CN.UTF-8 "$ZHIDUI_AUDIT" package "$PK" --repo "$WORK/clone" --genesis "$GENESIS"
has "$(cat "$out")" "全额抵扣、无需付款：1 笔" "Chinese"
audit --json
has "$(cat "$out")" '"offset_count":1,"offset_fen":300000' "JSON"
end

begin "its statement left out, one too many, one with a wrong sum, a wrong figure of the manifest, a payment of 0 yuan: each is found, signed or not"
rm "$PK"/statements/$P2.*
resign
finds "package-paper"
has "$(cat "$out")" "statements/$P2.csv: is not in the package" "which"
again
edit statements/$P2.csv 't = t.replace("抵扣金额(元),3000.00", "抵扣金额(元),2000.00")'
resign
finds "package-paper"
has "$(cat "$out")" "statements/$P2.csv: offset 2000.00" "what stands there"
again
cp "$PK/statements/$P2.csv" "$PK/statements/$P3.csv"
sed -i "s#^sha256 \(.*\) statements/$P2.xlsx#&\nsha256 \1 statements/$P3.csv#" "$PK/MANIFEST"
python3 - "$PK/MANIFEST" <<'P'
import sys
lines = open(sys.argv[1], encoding="utf-8").read().splitlines()
head = [l for l in lines if not l.startswith("sha256 ")]
rows = sorted((l for l in lines if l.startswith("sha256 ")), key=lambda l: l.split(" ", 4)[4].encode())
open(sys.argv[1], "w", encoding="utf-8").write("\n".join(head + rows) + "\n")
P
resign
finds "package-paper"
has "$(cat "$out")" "statements/$P3.csv: is a statement for nobody" "which"
again
sed -i 's/^offset_fen 300000/offset_fen 300001/' "$PK/MANIFEST"
resign
finds "package-sum"
again
edit $SHEET 't = t.replace("<td class=\"money\">3,000.00</td><td class=\"money\">3,000.00</td><td class=\"money\">0.00</td></tr>\n</tbody>", "<td class=\"money\">3,000.00</td><td class=\"money\">3,000.00</td><td class=\"money\">3,000.00</td></tr>\n</tbody>")'
resign
finds "package-paper"
has "$(cat "$out")" "net of the sub-total of what is wholly offset" "which"
again
edit $SHEET 'import re; t = re.sub(r"(?s)<h2>全额抵扣.*?</table>\n", "", t)'
resign
finds "package-paper"
again
edit pain.001.001.09.xml 'import re; one = re.search(r"(?s)      <CdtTrfTxInf>.*?</CdtTrfTxInf>\n", t).group(0); t = t.replace(one, one + one.replace("P0001", "P0002").replace("2000.00", "0.00")).replace("<NbOfTxs>1<", "<NbOfTxs>2<")'
resign
audit
same 1 "$status" "a payment of 0 yuan"
has "$(cat "$out")" "no sealed line" "why"
end

begin "a package of an older edition, manifest 1 without these statements: read as before, and said"
again
rm "$PK"/statements/$P2.*
sed -i 's/^zhidui-settlement-manifest 2/zhidui-settlement-manifest 1/; /^offset_/d' "$PK/MANIFEST"
edit $SHEET 'import re; t = re.sub(r"(?s)<h2>全额抵扣.*?</table>\n", "", t)'
resign
audit
same 0 "$status" "exit: $(grep -A3 FINDING "$out" | head -n 8) $(cat "$err")"
has "$(cat "$out")" "an older edition wrote this package (manifest 1): they have no statement in it" "said"
sed -i 's/^zhidui-settlement-manifest 1/zhidui-settlement-manifest 3/' "$PK/MANIFEST"
audit
same 3 "$status" "an unknown version"
end

begin "an account of another provider erased between two exports: named, nothing written, what was signed stays valid; a new folder names who was not compared"
cp -a "$GOOD" "$WORK/signed"
rm "$GOOD/MANIFEST.releaser.sig"
cp -a "$GOOD" "$WORK/before"
sure z private erase "$(value provider $P3 account)"
want "error export-accounts-changed" z settle export --batch B-1 --key "$KEYS/releaser" --role releaser --json
has "$(cat "$err")" "now 2 of 3" "what is compared now"
diff -r "$WORK/before" "$GOOD" >"$WORK/diff" || wrong "something was written: $(head -n 3 "$WORK/diff")"
again
ssh-keygen -q -Y sign -f "$KEYS/releaser" -n zhidui-settlement-v1 "$PK/MANIFEST" 2>/dev/null && mv "$PK/MANIFEST.sig" "$PK/MANIFEST.releaser.sig"
audit
same 0 "$status" "signed as it stands"
rm -rf "$GOOD"
for role in maker checker releaser; do want done z settle export --batch B-1 --key "$KEYS/$role" --role $role; done
has "$(sed 's/<[^>]*>//g' "$GOOD/$SHEET")" "未比对 Not compared: $P3" "who was not compared"
again
audit
same 0 "$status" "a new package: $(grep -A3 FINDING "$out" | head -n 8)"
edit $SHEET "t = t.replace('未比对 Not compared: $P3', '未比对 Not compared: $P2')"
resign
audit
same 0 "$status" "which of the providers it was is the office's word"
edit $SHEET "t = t.replace('未比对 Not compared: $P2', '未比对 Not compared: nobody')"
resign
finds "package-paper"
end

finish
