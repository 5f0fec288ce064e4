#!/usr/bin/env bash
# The demo year against the simulated bank. The demo types the bank's answers itself; here the ledger is restored, for each month, from the audit repository at the commit of its
# releases, and the bank settles that month's batches by files: accepted, partly rejected, returned late, debited twice, silent, rejected, through the treasury, in turn. What each
# provider's statement gained must be what the bank paid to its account, to the fen. ZD_DEMO_MONTHS names the months (default: two of them; each takes most of a minute).
. "$(dirname "$0")/session.sh"
command -v python3 >/dev/null || missing python3
MONTHS=${ZD_DEMO_MONTHS:-"02 09"}
MODES=(accept partial late-return duplicate silent reject treasury)
FILES=$WORK/files
mkdir "$FILES"

if [ -n "${ZD_DEMO:-}" ]; then demo=$ZD_DEMO; else
  demo=$WORK/demo
  sure "$ZHIDUI" demo --data fixtures/shaoxing-2026 --policy ledger/policy/shaoxing-2026.json --settle-data ledger/settle/data --out "$demo"
fi
GENESIS=$(cat "$demo/GENESIS")
KEYS=$demo/keys

bank() { python3 "$ROOT/tests/bank/bank.py" "$@" >"$WORK/bank.out" 2>"$WORK/bank.err" || wrong "bank $*: $(tail -n 1 "$WORK/bank.err")"; }
read_answers() { # every file of the bank that was not read yet
  local file
  for file in $(ls -tr "$FILES"/* 2>/dev/null); do
    z settle reconcile "$file" --key "$KEYS/maker-1" --json "$@" >"$WORK/out" 2>"$WORK/err"
    [ $? -le 1 ] || wrong "reading ${file##*/}: $(tail -n 2 "$WORK/err")"
    rm "$file"
  done
}
later() { at "$(date -u -d "$day + $1 days" +%Y-%m-%d) 16:00"; }
cases() { z settle exceptions --json 2>/dev/null | grep "\"exception\":\"$1\"" | sed -n 's/.*"case":"\([^"]*\)".*/\1/p'; }
resolve_all() { # two officers, every case of that kind
  local id
  for id in $(cases "$1"); do
    z settle resolve --case "$id" --decision 样例银行函 --key "$KEYS/checker-1" --dry-run >"$WORK/r.note" 2>/dev/null && z request submit "$WORK/r.note" --json >/dev/null 2>&1 &&
      z second "$WORK/r.note" --key "$KEYS/releaser-1" --json >/dev/null 2>&1 || wrong "resolving $id"
  done
}
statements() { # statements FOLDER: every provider's, as JSON
  mkdir -p "$1"
  while read -r provider; do z report statement "$provider" --json >"$1/$provider.json"; done <"$WORK/providers"
}

for month in $MONTHS; do
  begin "demo month $month: every provider's statement gained what the bank paid, and nothing is left in settlement"
  next=$(printf '%02d' $((10#$month + 1)))
  commit=$(git -C "$demo/audit.git" log --format='%H %ad' --date=format:%m-%d | awk -v d="$next-01" '$2 == d { print $1; exit }')
  rm -rf "$WORK/L" "$WORK/clone" "$WORK/before" "$WORK/after" "$WORK/bank.json"
  git clone -q "$demo/audit.git" "$WORK/clone"
  git -C "$WORK/clone" checkout -q -B main "$commit"
  sure "$ZHIDUI" restore --to "$L" --from-trail "$WORK/clone" --genesis "$GENESIS" --private "$demo/private.db"
  cp "$demo/config.json" "$L/"
  mkdir -p "$L/keys"
  cp "$KEYS/log" "$KEYS/git" "$L/keys/"
  z settle list --json 2>/dev/null | grep '"state":3,' | sed -n 's/.*"BATCH":{"id":"\([^"]*\)","pool":"\([^"]*\)".*"execution_day":\([0-9]*\).*/\1 \2 \3/p' >"$WORK/batches"
  [ "$(wc -l <"$WORK/batches")" -ge 10 ] || wrong "only $(wc -l <"$WORK/batches") released batches"
  day=$(date -u -d "1970-01-01 + $(awk '{ print $3; exit }' "$WORK/batches") days" +%Y-%m-%d)
  at "$day 15:00"
  while read -r batch _; do sure z settle export --batch "$batch" --key "$KEYS/maker-1" --json; done <"$WORK/batches"
  grep -ho '<Id>[0-9A-Z]\{18\}</Id>' "$L"/settlement/*/pain.001.001.09.xml | sed 's/<[^>]*>//g' | sort -u | while read -r code; do [ -n "$(z provider show "$code" --json 2>/dev/null)" ] && echo "$code"; done >"$WORK/providers"
  statements "$WORK/before"
  count=0
  while read -r batch _; do
    mode=${MODES[count % ${#MODES[@]}]} way=pain
    [ "$mode" = treasury ] && mode=accept way=treasury
    bank take "$WORK/bank.json" "$L/settlement/$batch" --mode "$mode" --as "$way" --day "$day" --out "$FILES"
    count=$((count + 1))
  done <"$WORK/batches"
  later 0
  bank close "$WORK/bank.json" --day "$day" --out "$FILES"
  read_answers
  later 3
  bank back "$WORK/bank.json" --day "${NOW%% *}" --out "$FILES"
  read_answers
  later 12
  bank close "$WORK/bank.json" --day "${NOW%% *}" --out "$FILES"
  read_answers
  [ "$(cases NO_ANSWER | wc -l)" -gt 0 ] || wrong "nobody noticed the silence"
  bank wake "$WORK/bank.json" --day "${NOW%% *}" --out "$FILES"
  read_answers --grace 7
  resolve_all DUPLICATE_DEBIT
  resolve_all RETURN_UNKNOWN
  same "" "$(z settle exceptions --json 2>/dev/null)" "open exceptions"
  while read -r _ pool _; do same 0 "$(fen "$pool" 3100)" "in settlement of $pool"; done <"$WORK/batches"
  statements "$WORK/after"
  python3 tests/bank/bank.py paid "$WORK/bank.json" >"$WORK/paid"
  python3 tests/bank/compare.py "$WORK/before" "$WORK/after" "$WORK/paid" "$L"/settlement/*/pain.001.001.09.xml >"$WORK/compared" || wrong "statements and bank: $(head -n 5 "$WORK/compared")"
  echo "   $(tail -n 1 "$WORK/compared")"
  end
done

begin "the verifier agrees with the last month that was settled by files"
verified
end
finish
