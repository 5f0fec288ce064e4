#!/usr/bin/env bash
# The accounts that payments go to: one account of two payees, an account in a holder's name, changed and changed back, first payments; what an erased account shows; and that
# no account number leaves private.db by any of it.
. "$(dirname "$0")/session.sh"

row() { z provider accounts 2>"$WORK/talk" | grep "\"provider\":\"$1\""; }
# account NUMBER PROVIDER NAME ACCOUNT: proposed by a file of the bureau; confirmed by a second officer when CONFIRM is not empty
CONFIRM=yes
account() {
  printf '编号,服务机构代码,户名,账号,开户银行,行号\n%s,%s,%s,%s,样例银行越州分行,313337009004\n' "$1" "$2" "$3" "$4" >"$WORK/account.csv"
  first=$(size)
  want done z import account "$WORK/account.csv" --key "$KEYS/issuer-1" --json
  [ -z "$CONFIRM" ] || want accepted second_entry "$first" issuer-2
}

begin "nothing was entered: every commitment stays closed, and that is said"
new_ledger
has "$(row $P1)" '"opens":false,"first_payment":true,"pending":false,"look":false' "an account that only its commitment is known of"
has "$(cat "$WORK/talk")" "accounts to look at: 0" "the sum"
end

begin "one account of two payees is seen before the second officer confirms it"
account A-1 $P1 样例大学 1211012009200012345
CONFIRM="" account A-2 $P2 样例研究院 "1211012009200012345"
has "$(row $P2)" "\"pending\":true" "only proposed"
has "$(row $P2)" "\"proposed\":{\"account\":\"…2345\",\"shared_with\":[\"$P1\"]}" "the proposed account"
has "$(row $P1)" "\"present\":{\"account\":\"…2345\",\"shared_with\":[\"$P2\"]}" "the other side"
has "$(row $P1)" '"look":true' "to look at"
has "$(cat "$WORK/talk")" "accounts to look at: 2" "the sum"
# Proposing another one replaces the proposal; then nothing is shared any more.
account A-3 $P2 样例研究院 6217000000000000004
has "$(row $P2)" '"shared_with":[]' "an account of its own"
has "$(row $P1)" '"look":false' "nothing left to look at"
end

begin "an account in the name of a holder is seen, whoever proposes it"
account A-4 $P3 样例甲公司 80110120
has "$(row $P3)" "\"shared_with\":[],\"holder\":\"$H1\"}" "the holder"
has "$(row $P3)" '"look":true' "to look at"
end

begin "changed, paid, changed back: it shows until the next change, and every change is a first payment and cools"
at "2026-04-10 10:00"
service I-1 O-1 200000 "$(invoice 1)"
at "2026-04-20 10:00"
pay B-1 330602-E 2026-04-22 1 200000 $P1
has "$(row $P1)" '"first_payment":false' "paid once"
account A-5 $P1 样例大学 1211012009200012999
has "$(row $P1)" '"first_payment":true' "a new account"
has "$(row $P1)" '"cools_until":"2026-05-05"' "15 days"
has_not "$(row $P1)" changed_back "a new account"
account A-6 $P1 样例大学 1211012009200012345
has "$(row $P1)" '"changed_back":"2026-04-20"' "back to the one before"
has "$(row $P1)" '"look":true' "to look at"
account A-7 $P1 样例大学 1211012009200012777
has_not "$(row $P1)" changed_back "after the next change"
verified
end

begin "an erased account opens no more, is compared with nothing, and the history verifies"
commitment=$(z provider show $P1 | sed -n 's/.*"account":"\([0-9a-f]*\)".*/\1/p')
want done z private erase "$commitment"
has "$(row $P1)" '"opens":false' "erased"
has_not "$(row $P1)" present "erased"
for n in 1211012009200012345 1211012009200012999 1211012009200012777 6217000000000000004 80110120; do
  grep -qa "$n" "$L/ledger.db" && wrong "the account number $n is in the ledger"
done
git clone -q "$L/audit.git" "$WORK/clone" && git -C "$WORK/clone" cat-file --batch-all-objects --batch >"$WORK/objects"
grep -qa 12110120092000 "$WORK/objects" && wrong "an account number is in the published history"
verified
end

finish
