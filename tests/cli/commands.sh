#!/usr/bin/env bash
# The command line itself: the table of commands, help in both languages, options that do not exist, and a door for every type of request.
. "$(dirname "$0")/session.sh"

"$ZHIDUI" --help >"$WORK/help"
# "  noun verb   sentence": the name is what stands before the run of blanks.
sed -n 's/^  \([a-z]*\( [a-z-]*\)\{0,1\}\) *  .*/\1/p' "$WORK/help" | sed 's/ *$//' >"$WORK/names"

begin "the table is sorted and every command answers --help"
[ "$(wc -l <"$WORK/names")" -ge 90 ] || wrong "only $(wc -l <"$WORK/names") commands are listed"
# As the program compares: noun first, then verb, byte by byte; the verb of a command without one is empty.
awk '{ printf "%s\001%s\n", $1, $2 }' "$WORK/names" | LC_ALL=C sort -c 2>"$WORK/err" || wrong "not sorted: $(cat "$WORK/err")"
same "$(wc -l <"$WORK/names")" "$(sort -u "$WORK/names" | wc -l)" "names that are different"
while read -r noun verb; do
  run "$ZHIDUI" $noun ${verb:+"$verb"} --help
  [ "$status" -eq 0 ] || wrong "$noun $verb --help: exit $status"
  has "$(head -n 1 "$out")" "zhidui $noun${verb:+ $verb}" "help of $noun $verb"
  [ ! -s "$err" ] || wrong "$noun $verb --help talks on stderr: $(head -n 1 "$err")"
  sed -n 2p "$out" | LC_ALL=C grep -q '[^ -~]' && wrong "the English sentence of $noun $verb: $(sed -n 2p "$out")"
done <"$WORK/names"
end

begin "help is Chinese under a Chinese locale, by LC_ALL, LC_MESSAGES or LANG, and has the same commands"
for variable in LC_ALL LC_MESSAGES LANG; do
  env -u LC_ALL "$variable=zh_CN.UTF-8" "$ZHIDUI" --help >"$WORK/chinese"
  has "$(head -n 1 "$WORK/chinese")" 用法 "--help by $variable"
  has "$(cat "$WORK/chinese")" 直兑 "--help by $variable"
  same "$(cat "$WORK/names")" "$(sed -n 's/^  \([a-z]*\( [a-z-]*\)\{0,1\}\) *  .*/\1/p' "$WORK/chinese" | sed 's/ *$//')" "the commands by $variable"
done
while read -r noun verb; do
  line=$(env LC_ALL=zh_CN.UTF-8 "$ZHIDUI" $noun ${verb:+"$verb"} --help | sed -n 2p)
  printf '%s' "$line" | LC_ALL=C grep -q '[^ -~]' || wrong "the Chinese sentence of $noun $verb: '$line'"
done <"$WORK/names"
has_not "$(env LC_ALL=C.UTF-8 LANG=zh_CN.UTF-8 "$ZHIDUI" --help | head -n 1)" 用法 "LC_ALL goes before LANG"
end

begin "help of a request tells every option's form and meaning, in both languages, and who signs"
while read -r noun verb; do
  run "$ZHIDUI" $noun ${verb:+"$verb"} --help
  grep -q '^signed by: [a-z]' "$out" || continue # no request
  env LC_ALL=zh_CN.UTF-8 "$ZHIDUI" $noun ${verb:+"$verb"} --help >"$WORK/chinese"
  grep -q '^签署角色：' "$WORK/chinese" || wrong "$noun $verb does not tell in Chinese who signs"
  options=$(sed -n '/--ledger/d; s/^  \[\{0,1\}--\([a-z0-9-]*\) .*/\1/p' "$out")
  [ -n "$options" ] || wrong "$noun $verb has no options"
  for help in "$out" "$WORK/chinese"; do # a meaning behind a long form stands on the next line, far to the right
    sed -i ':a; N; $!ba; s/\n \{20,\}/ /g' "$help"
  done
  for option in $options; do
    grep -Eq -- "--$option [^ ]+ +[a-zA-Z].+ .+" "$out" || wrong "$noun $verb does not say what --$option is"
    sed -n "s/.*--$option [^ ]* *//p" "$WORK/chinese" | LC_ALL=C grep -q '[^ -~]' || wrong "$noun $verb does not say in Chinese what --$option is"
  done
done <"$WORK/names"
run "$ZHIDUI" redeem capture --help
has "$(cat "$out")" "--done YYYY-MM-DD" "the form of a date"
has "$(cat "$out")" "signed by: provider lab" "who signs a capture"
has "$("$ZHIDUI" key revoke --help)" "retired|lost|stolen" "the words that --reason takes"
has "$("$ZHIDUI" policy publish --help)" "second officer" "an act of two persons"
end

begin "a refusal by a rule is told in both languages, a wrong word with the words that may stand there, a policy by its number"
new_ledger
run z voucher suspend --voucher V-NONE --reason boredom --key "$KEYS/issuer-1"
same 3 "$status" "exit status of a reason that is none"
has "$(cat "$err")" "retired | lost | stolen" "the error"
run z voucher suspend --voucher V-NONE --reason dispute --key "$KEYS/issuer-1"
same 1 "$status" "exit status of a voucher that does not exist"
has "$(cat "$err")" "There is no such voucher" "the refusal"
has "$(cat "$err")" "不存在" "the refusal"
run z policy show 1
same 0 "$status" "exit status of the first policy"
run z policy show 999
same 1 "$status" "exit status of a policy that does not exist"
end

begin "an unknown command and an unknown option are usage errors that name it, in both languages"
want "error usage 2" "$ZHIDUI" pool open --ledger "$WORK/none" --json --colour red
has "$(cat "$err")" colour "the error"
while read -r noun verb; do
  status=0
  "$ZHIDUI" $noun ${verb:+"$verb"} --no-such-option 1 --ledger "$WORK/none" >"$WORK/out" 2>"$WORK/err" || status=$?
  same 2 "$status" "exit status of $noun $verb with an unknown option"
  grep -q no-such-option "$WORK/err" || wrong "$noun $verb does not name the option: $(head -n 1 "$WORK/err")"
  [ ! -s "$WORK/out" ] || wrong "$noun $verb writes data: $(head -n 1 "$WORK/out")"
done <"$WORK/names"
run "$ZHIDUI" coupon print
same 2 "$status" "exit status of an unknown command"
has "$(cat "$err")" coupon "the error"
has "$(cat "$err")" 用法 "the error"
run "$ZHIDUI" pool show --ledger
same 2 "$status" "an option without its value"
has "$(cat "$err")" ledger "the error"
[ ! -e "$WORK/none" ] || wrong "a refused command made a directory"
end

begin "every type of request has a command of its own or goes through the general door"
# The types as the program's own source lists them, against what a real ledger says to an empty body of that type.
new_ledger
sed -n 's/^ZD_REQUEST(\([A-Z_]*\), "\([a-z.-]*\)".*/\1 \2/p' ledger/record/requests.def >"$WORK/types"
[ "$(wc -l <"$WORK/types")" -ge 50 ] || wrong "only $(wc -l <"$WORK/types") types"
while read -r id type; do
  # shellcheck disable=SC2016
  case $id in
    GENESIS) door=init ;;
    SECOND) door=second ;;
    BATCH_SEAL) door="settle seal" ;;
    BATCH_APPROVE) door="settle approve" ;;
    BANK_FILE | BANK_STATEMENT | BANK_ENTRY | BANK_NOTE) door="settle reconcile" ;;
    BATCH_OF | OPENING_*) door="request sign" ;;
    *) door=$(sed -n "s/^ *REQUEST(\"\([a-z]*\)\", \"\([a-z-]*\)\", $id, .*/\1 \2/p" cli/commands.c | sed 's/ $//') ;;
  esac
  [ -n "$door" ] || { wrong "no command makes $type"; continue; }
  grep -qxF "$door" "$WORK/names" || wrong "the door of $type, '$door', is no command"
  body_note issuer-1 "$type" "empty-${type//./-}" '{}' >"$WORK/empty.note" 2>"$WORK/err" || { wrong "request sign --type $type: $(cat "$WORK/err")"; continue; }
  run z request submit "$WORK/empty.note" --json
  same "json-missing-field 3" "$(sed -n 's/.*"error":"\([^"]*\)".*/\1/p' "$err") $status" "an empty $type"
done <"$WORK/types"
run body issuer-1 coupon.print no-type '{}'
same "error request-type-unknown 3" "$answer $status" "a type that does not exist"
end

begin "the ledger is named by --ledger or by ZHIDUI_LEDGER, and a command says so when it is not"
run env -u ZHIDUI_LEDGER "$ZHIDUI" pool show
same 2 "$status" "no ledger named"
has "$(cat "$err")" ZHIDUI_LEDGER "the error"
run z version --json
has "$(cat "$out")" '"schema":1' "version"
end

finish
