#!/usr/bin/env bash
# settle export: every pain.001 against its schema, the same bytes whenever and wherever it runs, and after a kill or a failing call at any system call either no
# package or a whole one. Where there are more calls than CRASH_MOST, every k-th is taken and the output says so; CRASH_MOST=1000 tries all of them.
. "$(dirname "$0")/session.sh"
for tool in strace xmllint python3; do command -v $tool >/dev/null || missing $tool; done
SCHEMAS=$ROOT/../shared/xsd
CRASH_MOST=${CRASH_MOST:-24}
CALLS=write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,openat,unlink,unlinkat,rmdir,mkdir,mkdirat,chmod,fchmod,close,flock,newfstatat,getdents64

new_ledger
payer
python3 - "$L/config.json" <<'P'
import json, sys
config = json.load(open(sys.argv[1]))
config["packages"] = {"pain001": ["09", "03"], "bank": ["icbc-like", "ccb-xlsx-like"]}
json.dump(config, open(sys.argv[1], "w"), ensure_ascii=False)
P
sure accounts
service I-1 O-1 200000 "$(invoice 1)"
PROVIDER=$P2 service I-2 O-2 300000 "$(invoice 2)"
at "2026-04-08 10:00"
sure seal B-1 330602-E 2026-04-10
want done z settle publish --batch B-1
same 2 "$(grep -c '^[12],I-' "$WORK/out")" "the public list before the release"
sure approve B-1
sure release B-1 2 500000
sure z log publish
cp -a "$L" "$WORK/start"
again() { rm -rf "$L"; cp -a "$WORK/start" "$L"; }
words=(settle export --batch B-1 --key "$KEYS/maker" --role maker)
sure z "${words[@]}"
cp -a "$L/settlement/B-1" "$WORK/first"

begin "a package is private, complete, and each pain.001 has the form of its schema"
same "" "$(find "$WORK/first" -type f ! -perm 600; find "$WORK/first" -type d ! -perm 700)" "modes"
same 22 "$(find "$WORK/first" -type f | wc -l)" "files: $(cd "$WORK/first" && find . -type f | sort | tr '\n' ' ')"
if [ -d "$SCHEMAS" ]; then
  for version in 03 09; do
    xmllint --noout --nonet --schema "$SCHEMAS/pain.001.001.$version.xsd" "$WORK/first/pain.001.001.$version.xml" 2>"$WORK/err" || wrong "$version: $(head -n 2 "$WORK/err")"
  done
else
  echo "SKIPPED: no schemas at $SCHEMAS, pain.001 was not validated here"
fi
end

begin "a year later, in another zone and language, by another process, in another umask: the same bytes"
again
(umask 0 && env LD_PRELOAD="$FAKE_LIBRARY" FAKETIME="2027-02-03 04:05:06" TZ=America/New_York LC_ALL=C LANG=zh_CN.UTF-8 TMPDIR="$WORK" ZHIDUI_LEDGER="$L" "$ZHIDUI" "${words[@]}") >"$WORK/out" 2>"$WORK/err" ||
  wrong "export: $(cat "$WORK/err")"
diff -r "$WORK/first" "$L/settlement/B-1" >"$WORK/diff" || wrong "$(head -n 3 "$WORK/diff")"
same "" "$(find "$L/settlement" -type f ! -perm 600; find "$L/settlement/B-1" -type d ! -perm 700)" "modes"
want done z "${words[@]}"
diff -r "$WORK/first" "$L/settlement/B-1" >"$WORK/diff" || wrong "again: $(head -n 3 "$WORK/diff")"
end

begin "after the bank's answers and a proposed change of account: the same bytes still"
again
sure ack B-1 $P1 debited
sure ack B-1 $P1 paid
sure ack B-1 $P2 debited
sure ack B-1 $P2 returned
sure two provider/$P2 issuer-1 "provider account" --provider $P2 --commitment "$(printf 'another' | sha256sum | cut -c 1-64)"
sure z log publish
want done z "${words[@]}"
diff -r "$WORK/first" "$L/settlement/B-1" >"$WORK/diff" || wrong "$(head -n 3 "$WORK/diff")"
end

begin "VERIFY.txt: its commands, as they stand, say yes to the package and no to a changed one"
again
want done z "${words[@]}"
git clone -q "$L/audit.git" "$WORK/clone"
export CLONE=$WORK/clone
sed -n 's/^\$ //p' "$L/settlement/B-1/VERIFY.txt" >"$WORK/commands"
[ "$(wc -l <"$WORK/commands")" -ge 7 ] || wrong "commands: $(cat "$WORK/commands")"
while IFS= read -r command; do
  (cd "$L/settlement/B-1" && bash -c "$command") >"$WORK/out" 2>&1 || wrong "$command: $(cat "$WORK/out")"
done <"$WORK/commands"
has "$(cat "$WORK/out")" 'Good "zhidui-settlement-v1" signature' "the last command"
sed -i 's/2000.00/2000.01/' "$L/settlement/B-1/pain.001.001.03.xml"
refusing=0
while IFS= read -r command; do
  (cd "$L/settlement/B-1" && bash -c "$command") >"$WORK/out" 2>&1 || refusing=$((refusing + 1))
done <"$WORK/commands"
same 2 "$refusing" "commands that refuse a changed amount: its hash and its sum"
end

begin "a profile of one's own needs a data file and a word in config.json"
again
cp -a "$ROOT/ledger/settle/data" "$WORK/data"
cat >"$WORK/data/bank/test-only.json" <<'J'
{"format":"zhidui-bank-profile","v":1,"id":"test-only","name":"t","source":"invented","confirm":"never used","kind":"text","encoding":"UTF-8","line_end":"LF","delimiter":";",
 "quoting":"none","amount":"fen","max_rows":1,"over":"split","file":"{batch.batch}-{file.part}.csv","footer":["{file.total}"],
 "columns":[{"header":"a","value":"line.account"},{"header":"n","value":"line.account_name"},{"header":"m","value":"line.amount"},{"header":"e","value":"line.end_to_end"}]}
J
sed -i 's/"icbc-like"/"test-only"/' "$L/config.json"
want done z "${words[@]}" --data "$WORK/data"
same "1211012009200012345;样例大学;200000;B-1-P0001 200000" "$(tr '\n' ' ' <"$L/settlement/B-1/bank/test-only/B-1-1.csv" | sed 's/ $//')" "the first part"
same "6217000000000000004;样例研究院;300000;B-1-P0002 300000" "$(tr '\n' ' ' <"$L/settlement/B-1/bank/test-only/B-1-2.csv" | sed 's/ $//')" "the second part"
again
sed -i 's/"icbc-like"/"no-such"/' "$L/config.json"
want "error file-missing 4" z "${words[@]}" --json
[ ! -e "$L/settlement/B-1" ] || wrong "a package without the form that was asked for"
sed -i 's/"no-such"/"..\/treasury-template"/' "$L/config.json"
want "error field-invalid" z "${words[@]}" --json
end

begin "what a bank's form refuses keeps the package from being written, with the field, the value and the rule"
again
cat >"$WORK/data/bank/test-only.json" <<'J'
{"format":"zhidui-bank-profile","v":1,"id":"test-only","name":"t","source":"invented","confirm":"never used","kind":"text","encoding":"GBK","line_end":"LF","delimiter":";",
 "quoting":"none","amount":"fen","max_rows":1,"over":"refuse","forbid":"究","file":"x.csv",
 "columns":[{"header":"账号","value":"line.account"},{"header":"户名","value":"line.account_name","max_bytes":7},{"header":"金额","value":"line.amount"},{"header":"流水","value":"line.end_to_end"}]}
J
sed -i 's/"icbc-like"/"test-only"/' "$L/config.json"
want "error export-refused" z "${words[@]}" --data "$WORK/data" --json
has "$(cat "$err")" "export-rows" "too many rows"
has "$(cat "$err")" "text-too-long" "too many bytes"
has "$(cat "$err")" "export-forbidden: bank/test-only:2: 户名" "a forbidden character, with form, line and field"
[ ! -e "$L/settlement/B-1" ] || wrong "a package was written all the same"
end

# --- crashes ---
traced -- version >/dev/null 2>"$WORK/err" || { echo "SKIPPED: strace may not trace here ($(head -n 1 "$WORK/err"))"; finish; }
chosen() { # chosen COMMAND...: the calls that touch settlement/, "NAME NTH"
  traced -- "$@" >"$WORK/out" 2>"$WORK/err" || wrong "undisturbed: $(tail -n 2 "$WORK/err")"
  sed 's/^[0-9]* *//' "$WORK/trace" | grep -E '^[a-z0-9]+\(' |
    awk -v folder="$L/settlement" '{ name = $0; sub(/\(.*/, "", name); n[name]++; if (index($0, folder)) print name, n[name] }' >"$WORK/all"
  total=$(wc -l <"$WORK/all")
  local step=$(((total + CRASH_MOST - 1) / CRASH_MOST))
  [ "$step" -ge 1 ] || step=1
  awk -v step="$step" 'NR % step == 0 || NR == 1' "$WORK/all" >"$WORK/calls"
  echo "   $total calls touch settlement/, $(wc -l <"$WORK/calls") of them tried"
}
whole_or_none() { # PLACE WHOLE-FOLDER: then the same command finishes it
  if [ -e "$L/settlement/B-1" ]; then
    diff -r "$2" "$L/settlement/B-1" >"$WORK/diff" 2>&1 || diff -r "${3:-$2}" "$L/settlement/B-1" >"$WORK/diff" 2>&1 || wrong "$1: half a package: $(head -n 2 "$WORK/diff")"
  fi
}

begin "export killed at each call that touches settlement/: no package or a whole one, and the next export finishes"
again
chosen "${words[@]}"
[ "$total" -ge 60 ] || wrong "only $total calls: the trace is not what it should be"
killed=0
while read -r name nth <&3; do
  rm -rf "$L/settlement"
  status=0
  traced -e "inject=$name:signal=KILL:when=$nth" -- "${words[@]}" >"$WORK/out" 2>"$WORK/err" || status=$?
  [ "$status" -eq 137 ] && killed=$((killed + 1))
  forget_killed_clocks
  whole_or_none "$name $nth" "$WORK/first"
  run z "${words[@]}"
  [ "$status" -eq 0 ] || wrong "$name $nth: the next export: $(tail -n 1 "$err")"
  diff -r "$WORK/first" "$L/settlement/B-1" >"$WORK/diff" 2>&1 || wrong "$name $nth: the next export differs: $(head -n 2 "$WORK/diff")"
  same "B-1" "$(ls "$L/settlement")" "$name $nth: what is left beside"
done 3<"$WORK/calls"
same "$(wc -l <"$WORK/calls")" "$killed" "runs that were killed"
end

begin "export with EIO at each of these calls: exit 4 or done, never a half package"
while read -r name nth <&3; do
  case $name in close | newfstatat) continue ;; esac # their failures are not failures of writing: close comes after fsync
  rm -rf "$L/settlement"
  status=0
  traced -e "inject=$name:error=EIO:when=$nth" -- "${words[@]}" >"$WORK/out" 2>"$WORK/err" || status=$?
  case $status in 0 | 4) ;; *) wrong "$name $nth: exit $status: $(tail -n 1 "$WORK/err")" ;; esac
  [ "$status" -ne 0 ] || [ -e "$L/settlement/B-1/MANIFEST" ] || wrong "$name $nth: done without a package"
  whole_or_none "$name $nth" "$WORK/first"
  run z "${words[@]}"
  [ "$status" -eq 0 ] || wrong "$name $nth: the next export: $(tail -n 1 "$err")"
  diff -r "$WORK/first" "$L/settlement/B-1" >"$WORK/diff" 2>&1 || wrong "$name $nth: the next export differs: $(head -n 2 "$WORK/diff")"
done 3<"$WORK/calls"
end

begin "a second signature that is killed at each call: the package stays whole, with or without it"
rm -rf "$L/settlement"
sure z "${words[@]}"
cp -a "$L" "$WORK/signed-once"
second=(settle export --batch B-1 --key "$KEYS/checker" --role checker)
chosen "${second[@]}"
cp -a "$L/settlement/B-1" "$WORK/second"
grep -E '^(rename|write|fsync|unlink|fchmod|openat) ' "$WORK/all" | tail -n 12 >"$WORK/few" # reading and comparing come first
while read -r name nth <&3; do
  rm -rf "$L/settlement"
  cp -a "$WORK/signed-once/settlement" "$L/settlement"
  status=0
  traced -e "inject=$name:signal=KILL:when=$nth" -- "${second[@]}" >"$WORK/out" 2>"$WORK/err" || status=$?
  forget_killed_clocks
  find "$L/settlement/B-1" -name 'MANIFEST.checker.sig.tmp-*' -delete
  whole_or_none "$name $nth" "$WORK/first" "$WORK/second"
  run z "${second[@]}"
  [ "$status" -eq 0 ] || wrong "$name $nth: the next export: $(tail -n 1 "$err")"
  diff -r "$WORK/second" "$L/settlement/B-1" >"$WORK/diff" 2>&1 || wrong "$name $nth: the next export differs: $(head -n 2 "$WORK/diff")"
done 3<"$WORK/few"
end

begin "what a killed signature left behind is taken away by the next export"
rm -rf "$L/settlement"
cp -a "$WORK/signed-once/settlement" "$L/settlement"
echo half >"$L/settlement/B-1/MANIFEST.checker.sig.tmp-123"
want done z "${second[@]}"
diff -r "$WORK/second" "$L/settlement/B-1" >"$WORK/diff" 2>&1 || wrong "$(head -n 2 "$WORK/diff")"
end
finish
