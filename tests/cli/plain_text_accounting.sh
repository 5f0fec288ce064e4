#!/usr/bin/env bash
# The journal of a ledger as hledger, ledger and beancount read it (none of them ours): they re-add every posting, agree with every balance that the journal
# asserts, and give the balances that our own command shows. And the analyst's tables: SQL over them gives the same figures again.
. "$(dirname "$0")/session.sh"
for tool in hledger ledger bean-check bean-query git; do command -v $tool >/dev/null || missing $tool; done

# Orders, captures, a partial refund of paid money, a return by the bank, a void, a refusal.
new_ledger
sure z log publish
service I-1 O-1 200000 "$(invoice 1)"
PROVIDER=$P2 service I-2 O-2 300000 "$(invoice 2)"
PROVIDER=$P3 service I-3 O-3 400000 "$(invoice 3)"
sure order O-4 150000
sure act provider/$P1 "redeem void" --order O-4
run order O-5 99000000
same "refused R14" "$answer" "an order beyond the voucher"
at "2026-04-08 10:00"
sure z log publish
sure seal B-1 330602-E 2026-04-10
sure approve B-1
sure release B-1 3 900000
sure z log publish
at "2026-04-13 10:00"
for p in $P1 $P2 $P3; do sure ack B-1 $p debited; done
sure ack B-1 $P2 returned
sure z log publish
at "2026-05-20 10:00"
sure act provider/$P1 "redeem refund" --note N-1 --item I-1 --amount-fen 50000
sure z log publish
git clone -q "$L/audit.git" "$WORK/clone" || { echo "not ok clone"; exit 1; }

yuan() { local f=$1; printf '%s%d.%02d' "${f%%[0-9]*}" $((${f#-} / 100)) $((${f#-} % 100)); }
# Debit-normal accounts as our own command shows them, credit-normal ones negated.
expected_of() { # POOL CODE
  local v
  v=$(fen "$1" "$2")
  case $2 in 1*) ;; *) v=$((-v)) ;; esac
  yuan $v
}

begin "hledger adds the journal up, agrees with every assertion, and with our balances"
run z report journal --format hledger --out "$WORK/j.hledger"
same 0 "$status" "report journal: $(cat "$err")"
hledger -f "$WORK/j.hledger" check --strict >"$WORK/o" 2>&1 || wrong "hledger check: $(tail -n 5 "$WORK/o")"
for code in 1000 1100 2000 2160 2200 3000 3100 3200; do
  got=$(hledger -f "$WORK/j.hledger" balance --depth 2 "^(Assets|Liabilities):$code" -O csv --layout=bare --no-total -N 2>/dev/null | tail -n +2 | tr -d '"' | awk -F, '{s += $3 * 100} END {printf "%.0f", s}')
  want=$(($(fen 330602-E $code) + $(fen 330681-E $code) + $(fen 330602-P $code)))
  case $code in 1*) ;; *) want=$((-want)) ;; esac
  same "$want" "$got" "sum of $code in fen"
done
has "$(grep -c ' = ' "$WORK/j.hledger")" "" "assertions"
[ "$(grep -c ' = ' "$WORK/j.hledger")" -ge 40 ] || wrong "only $(grep -c ' = ' "$WORK/j.hledger") assertions"
end

begin "ledger and beancount agree as well"
run z report journal --format ledger --out "$WORK/j.ledger"
ledger -f "$WORK/j.ledger" --strict balance >"$WORK/o" 2>&1 || wrong "ledger: $(tail -n 5 "$WORK/o")"
has_not "$(cat "$WORK/o")" "Error" "ledger"
same "$(expected_of 330602-E 1000 | sed 's/\.00$//')" "$(ledger -f "$WORK/j.ledger" --format '%(quantity(scrub(display_total)))' balance '^Assets:1000:330602-E$' --flat --no-total | head -n 1)" "ledger: drawable"
run z report journal --format beancount --out "$WORK/j.beancount"
bean-check "$WORK/j.beancount" >"$WORK/o" 2>&1 || wrong "bean-check: $(head -n 5 "$WORK/o")"
[ "$(grep -c ' balance ' "$WORK/j.beancount")" -ge 30 ] || wrong "too few balances in the beancount journal"
has "$(bean-query -f csv "$WORK/j.beancount" "select account, sum(position) where account ~ 'Assets:1000:330602-E' group by account" | tr -d ' ')" "$(expected_of 330602-E 1000)CNY" "bean-query"
end

begin "the three programs notice a changed fen"
awk '!done && /Liabilities:3100:.* 2000\.00 CNY$/ {sub(/2000\.00 CNY$/, "2000.01 CNY"); done = 1} {print}' "$WORK/j.hledger" >"$WORK/bad.hledger"
cmp -s "$WORK/j.hledger" "$WORK/bad.hledger" && wrong "nothing was changed"
hledger -f "$WORK/bad.hledger" check >"$WORK/o" 2>&1 && wrong "hledger took an unbalanced journal"
# both sides of a posting changed: it balances, but no longer with the asserted balances
awk '/^2026.*redemption.capture/ {in_it = 1} /^$/ {in_it = 0} in_it {gsub(/2000\.00/, "2000.01")} {print}' "$WORK/j.hledger" >"$WORK/bad.hledger"
hledger -f "$WORK/bad.hledger" check >"$WORK/o" 2>&1 && wrong "hledger took balances that do not hold"
awk '/^2026.*redemption.capture/ {in_it = 1} /^$/ {in_it = 0} in_it {gsub(/2000\.00/, "2000.01")} {print}' "$WORK/j.beancount" >"$WORK/bad.beancount"
bean-check "$WORK/bad.beancount" >"$WORK/o" 2>&1 && wrong "beancount took balances that do not hold"
end

begin "the journal of a clone is byte for byte that of the ledger; the file is never overwritten"
for f in hledger ledger beancount; do
  env -u ZHIDUI_LEDGER "$ZHIDUI" report journal --format $f --repo "$WORK/clone" >"$WORK/again" 2>/dev/null
  cmp -s "$WORK/again" "$WORK/j.$f" || wrong "$f: differs from the clone's"
done
run z report journal --out "$WORK/j.hledger"
same 2 "$status" "an existing file"
run z report journal --format excel
same 2 "$status" "an unknown format"
end

sql() { sqlite3 -readonly "$WORK/x/zhidui.sqlite" "$1"; }
begin "the analyst's tables: the figures of the ledger again, by SQL alone, and a dictionary for every column"
run env -u ZHIDUI_LEDGER "$ZHIDUI" report export --repo "$WORK/clone" --out "$WORK/x" --json
same 0 "$status" "report export: $(cat "$err")"
same "$(size)" "$(sql 'select count(*) from entries')" "entries"
same "$(fen 330602-E 1000)" "$(sql "select drawable_fen from v_pool_money where pool = '330602-E'")" "drawable"
same "$(fen 330602-E 3200)" "$(sql "select returned_fen from v_pool_money where pool = '330602-E'")" "returned"
same 0 "$(sql "select sum(case debit_normal when 1 then balance_fen else -balance_fen end) from balances")" "all accounts together"
same "captured|50000" "$(sql "select state, refunded_settled_fen from redemptions where redemption = 'I-1'")" "the refunded capture"
same "R14|1" "$(sql "select code, sum(refusals) from v_refusals group by code")" "refusals"
same "voided" "$(sql "select state from orders where order_id = 'O-4'")" "the voided order"
same "3|900000" "$(sql "select count(*), sum(net_fen) from lines where batch = 'B-1'")" "lines"
same "B-1|returned" "$(sql "select batch, state from v_payments where provider = '$P2'")" "the returned payment"
same 0 "$(sql "select count(*) from dictionary where english = '' or chinese = ''")" "columns without a sentence"
described="select \"table\" || '.' || \"column\" from dictionary order by 1"
there="select m.name || '.' || c.name from sqlite_master m, pragma_table_info(m.name) c where m.type in ('table', 'view') and m.name <> 'dictionary' order by 1"
same "$(sql "$there")" "$(sql "$described")" "every column of every table and view, and no other"
same ok "$(sql 'pragma integrity_check')" "integrity"
for table in $(sql "select name from sqlite_master where type = 'table' and name <> 'dictionary'"); do
  same "$(sql "select count(*) from $table")" "$(python3 -c "import csv,sys; print(sum(1 for _ in csv.reader(open(sys.argv[1], newline=''))) - 1)" "$WORK/x/$table.csv")" "rows of $table.csv"
  has "$(cat "$WORK/x/DICTIONARY.md")" "## $table" "dictionary"
done
for view in $(sql "select name from sqlite_master where type = 'view'"); do has "$(cat "$WORK/x/DICTIONARY.md")" "## $view" "dictionary"; done
run env -u ZHIDUI_LEDGER "$ZHIDUI" report export --repo "$WORK/clone" --out "$WORK/x"
same 2 "$status" "an existing directory"
end

begin "a history that does not hang together gives neither journal nor tables"
git clone -q "$WORK/clone" "$WORK/cut" && cd "$WORK/cut" || exit 1
bundle=$(git ls-files tile/entries | head -n 1)
sed -i 's/"amount_fen":200000/"amount_fen":200001/' "$bundle"
git -c user.name=x -c user.email=x@example.org commit -qam bad
cd "$ROOT" || exit 1
run env -u ZHIDUI_LEDGER "$ZHIDUI" report export --repo "$WORK/cut" --out "$WORK/y"
same 5 "$status" "an altered repository: $(cat "$err")"
[ -e "$WORK/y" ] && wrong "something was left behind"
end
finish
