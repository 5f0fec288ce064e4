#!/usr/bin/env bash
# What a checker sees before the signature: findings about the payees' accounts in preview, show and on the approval sheet; a line that no bank takes stops the approval, not the
# export; and a package that says what was true at the release, whatever a provider is called or paid on later.
. "$(dirname "$0")/session.sh"

# account NUMBER PROVIDER NAME ACCOUNT [BANK]: proposed by a file of the bureau, confirmed by a second officer
account() {
  local first
  printf '编号,服务机构代码,户名,账号,开户银行,行号\n%s,%s,%s,%s,%s,313337009004\n' "$1" "$2" "$3" "$4" "${5:-样例银行越州分行}" >"$WORK/account.csv"
  first=$(size)
  want done z import account "$WORK/account.csv" --key "$KEYS/issuer-1" --json
  want accepted second_entry "$first" issuer-2
}
show() { z settle show "$1" --json 2>"$WORK/talk"; }
sheet() { sed -n '/收款账户核对/,/暂缓与待核/p' "$L/settlement/$1/review/汇总审批表.html" | sed 's/<[^>]*>/|/g'; }
export_as() { z settle export --batch "$1" --key "$KEYS/$2" --role "$2"; }
bank_form() {
  python3 - "$L/config.json" "$1" <<'P'
import json, sys
config = json.load(open(sys.argv[1]))
config["packages"] = {"bank": [sys.argv[2]]}
json.dump(config, open(sys.argv[1], "w"), ensure_ascii=False)
P
}

new_ledger
begin "no payer and no accounts on this computer: the approval goes on, and says that nothing was tried"
at "2026-04-10 10:00"
service I-0 O-0 100000 "$(invoice 9)"
at "2026-04-20 10:00"
sure seal B-0 330602-E 2026-04-22
want accepted approve B-0
z settle approve --batch B-0 --seal-sha256 "$(value settle B-0 seal_sha256)" --key "$KEYS/checker" --dry-run >"$WORK/out" 2>"$WORK/talk"
has_not "$(cat "$WORK/talk")" "were not tried" "an approved batch is none to be tried"
sure release B-0 1 100000
end

begin "preview and show name a shared account, a holder's, a changed-back one, and first payments; and say when there is none"
payer
account A-1 $P1 样例大学 1211012009200012345
account A-2 $P2 样例甲公司 6217000000000000004
account A-21 $P2 样例研究院 6217000000000000012
account A-22 $P2 样例甲公司 6217000000000000004
account A-3 $P3 样例检测中心 1211012009200012345
at "2026-05-10 10:00"
service I-1 O-1 200000 "$(invoice 1)"
PROVIDER=$P2 service I-2 O-2 300000 "$(invoice 2)"
at "2026-05-20 10:00"
want accepted act maker "settle preview" --pool 330602-E --execution 2026-05-22
has "$(tail -n 1 "$WORK/out")" "{\"line\":1,\"provider\":\"$P1\",\"finding\":\"shared\",\"with\":\"$P3\"}" "preview"
sure seal B-1 330602-E 2026-05-22
has "$(show B-1)" "\"finding\":\"shared\",\"with\":\"$P3\"" "P3 has no line in the batch"
has "$(show B-1)" "\"provider\":\"$P2\",\"finding\":\"holder\",\"holder\":\"$H1\"" "a holder's account"
has "$(show B-1)" "\"provider\":\"$P2\",\"finding\":\"changed_back\",\"day\":\"2026-04-20\"" "changed back"
has "$(show B-0)" '"findings":[{"line":1,' "another batch has findings of its own"
has "$(show B-1)" '"finding":"first_payment"' "first payments"
has "$(cat "$WORK/talk")" "B-1 $P1: account shared with provider $P3" "in words"
same 1 "$(show B-1 | wc -l)" "one line"
end

begin "the sheet has the section and the sub-total of the classification"
want accepted approve B-1
sure release B-1 2 500000
sure z log publish
want done export_as B-1 maker
has "$(sheet B-1)" "$P3" "shared with"
has "$(sheet B-1)" "户名为持券人" "a holder's account"
has "$(sheet B-1)" "账户变更后又改回" "changed back"
has "$(sheet B-1)" "首次付款：2 笔" "first payments"
has "$(sed 's/<[^>]*>/|/g' "$L/settlement/B-1/review/汇总审批表.html")" "按指标与科目小计" "sub-totals"
cp -a "$L/settlement/B-1" "$WORK/first"
end

begin "a provider gets another name and other accounts after the release: the same bytes, first export or second, and the verifier agrees"
rm -rf "$L/settlement/B-1"
admit() { act issuer-1 "provider admit" --provider $P1 --label "$1" --categories testing --eligible-from 2026-01-01 --eligible-to 2027-12-31; }
want accepted admit 样例大学新名
account A-4 $P3 样例检测中心 80110120
has "$(z provider show $P1)" 样例大学新名 "renamed"
want done export_as B-1 maker
diff -r "$WORK/first" "$L/settlement/B-1" >"$WORK/diff" || wrong "$(head -n 3 "$WORK/diff")"
has_not "$(cat "$L/settlement/B-1/public/拟兑付公示.csv")" 样例大学新名 "the public list is of the release"
want done export_as B-1 checker
want done export_as B-1 releaser
rm -rf "$WORK/clone"
sure z log publish
git clone -q "$L/audit.git" "$WORK/clone"
run "$ZHIDUI_AUDIT" package "$L/settlement/B-1" --repo "$WORK/clone" --genesis "$GENESIS"
same 0 $status "the package: $(cat "$WORK/out")"
end

begin "findings about accounts that log and package show cannot be left out, changed or invented, though all three officers sign: found"
forged() { # forged PYTHON WHAT: t is the sheet's text; signed anew by all three, and judged
  local role
  rm -rf "$WORK/forged"
  cp -a "$L/settlement/B-1" "$WORK/forged"
  python3 - "$WORK/forged" "$1" <<'P' || wrong "$2: nothing was changed"
import hashlib, os, re, sys
os.chdir(sys.argv[1])
path = "review/汇总审批表.html"
scope = {"t": open(path, encoding="utf-8").read(), "re": re}
before = scope["t"]
exec(sys.argv[2], scope)
assert scope["t"] != before
open(path, "w", encoding="utf-8").write(scope["t"])
data = open(path, "rb").read()
manifest = open("MANIFEST", encoding="utf-8").read()
manifest = re.sub(r"sha256 [0-9a-f]{64} [0-9]+ review ", f"sha256 {hashlib.sha256(data).hexdigest()} {len(data)} review ", manifest)
open("MANIFEST", "w", encoding="utf-8").write(manifest)
P
  for role in maker checker releaser; do
    rm "$WORK/forged/MANIFEST.$role.sig"
    ssh-keygen -q -Y sign -f "$KEYS/$role" -n zhidui-settlement-v1 "$WORK/forged/MANIFEST" 2>/dev/null && mv "$WORK/forged/MANIFEST.sig" "$WORK/forged/MANIFEST.$role.sig"
  done
  run "$ZHIDUI_AUDIT" package "$WORK/forged" --repo "$WORK/clone" --genesis "$GENESIS"
}
lie() { # lie PYTHON WHAT SHOULD
  forged "$1" "$2"
  same 1 $status "$2"
  same package-paper "$(sed -n 's/^FINDING \([a-z-]*\).*/\1/p' "$WORK/out" | sort -u | paste -sd ' ')" "$2: kind"
  has "$(cat "$WORK/out")" "$3" "$2"
}
row() { echo "t = re.sub(r'<tr class=\"marked\"><td>$1</td><td class=\"code\">$2</td><td>$3.*?</tr>\\n', '', t)"; }
shared="<td>与其他机构共用账户 <small>account shared with provider</small></td><td class=\"code\">"
lie "$(row 2 $P2 户名为持券人)" "a holder's account left out" "line 2 户名为持券人 account in the name of a holder: $P2 $H1"
lie "$(row 2 $P2 账户变更后又改回)" "a changed-back account left out" "line 2 账户变更后又改回 account changed and changed back on: $P2 2026-04-20"
lie "t = t.replace('<td class=\"code\">2026-04-20</td>', '<td class=\"code\">2026-04-21</td>')" "another day" "$P2 2026-04-20"
lie "t = t.replace('$shared$P3', '$shared$H1')" "shared with a holder" "nothing that log and package show"
lie "t = t.replace('$shared$P3', '$shared$P2')" "shared with a payee whose account is another one" "nothing that log and package show"
forged "$(row 1 $P1 与其他机构共用账户).replace('</thead>\\n<tbody>\\n<tr class=\"marked\"><td>0', '')" "what only private.db tells"
same 0 $status "an account of a provider outside of the batch is private: that its row is missing cannot be seen from outside: $(grep -A3 FINDING "$WORK/out")"
end

begin "a line that a bank's form refuses stops the approval: form, line, field, value and rule are named, nothing is signed, exit 3; held, the rest is approved"
bank_form icbc-like
account A-5 $P1 "样例大学𠮷" 1211012009200077777
at "2026-06-12 10:00"
service I-3 O-3 110000 "$(invoice 3)"
PROVIDER=$P2 service I-4 O-4 120000 "$(invoice 4)"
at "2026-06-22 10:00"
sure seal B-2 330602-E 2026-06-24
before=$(size)
want "error export-refused" approve B-2
has "$(cat "$WORK/err")" "export-charset: bank/icbc-like:1: 收款户名=\"样例大学𠮷\"" "the line"
has "$(cat "$WORK/err")" "GBK has no place for it" "the rule"
has "$(cat "$WORK/err")" "nothing was signed. Correct the account" "what to do"
has "$(cat "$WORK/err")" '"subject":"B-2"' "which batch"
seal=$(value settle B-2 seal_sha256)
want "error export-refused" act checker "settle approve" --batch B-2 --seal-sha256 "$seal" --dry-run
same 0 "$(wc -c <"$WORK/out")" "nothing is signed by a dry run"
same "$before" "$(size)" "entries"
want accepted act reviewer-1 "settle object" --batch B-2 --provider $P1 --reason dispute
want accepted approve B-2
end

begin "the payer's own data are tried, too"
at "2026-06-25 10:00"
service I-5 O-5 130000 "$(invoice 5)"
PROVIDER=$P2 service I-6 O-6 140000 "$(invoice 6)"
sed -i 's/"bank_code":"[0-9]*"/"bank_code":"123"/; s/"bank_code": "[0-9]*"/"bank_code": "123"/' "$L/config.json"
at "2026-07-06 10:00"
sure seal B-3 330602-E 2026-07-08
want "error export-refused" approve B-3
has "$(cat "$WORK/err")" "export-bank-code: B-3: payer_bank_code=\"123\"" "the payer's bank"
verified
end

finish
