#!/usr/bin/env bash
# Whatever is not admitted, and a machine that fails: each has a stable code, its sentence in English and Chinese, the documented exit status, and leaves the
# ledger as it was (entries, balances, last leaf). Sentences are compared with the registry ledger/base/codes.def.
. "$(dirname "$0")/session.sh"

# sentence_of CODE english|chinese
sentence_of() {
  local line
  line=$(grep -F ", \"$1\", ZD_" "$ROOT/ledger/base/codes.def" | head -n 1)
  case $2 in
    english) printf '%s' "$line" | sed -n 's/^[^"]*"[^"]*", ZD_[A-Z]*, "\([^"]*\)", "\([^"]*\)").*/\1/p' ;;
    chinese) printf '%s' "$line" | sed -n 's/^[^"]*"[^"]*", ZD_[A-Z]*, "\([^"]*\)", "\([^"]*\)").*/\2/p' ;;
  esac
}

# fails CODE STATUS COMMAND...: in English, in Chinese and as JSON. UNCHANGED=no when reading the state is not possible just now.
fails() {
  local code=$1 expected_status=$2 english chinese before after language
  shift 2
  english=$(sentence_of "$code" english) chinese=$(sentence_of "$code" chinese)
  [ -n "$english" ] && [ -n "$chinese" ] || wrong "no sentences for $code in the registry"
  [ "${UNCHANGED:-yes}" = no ] || before=$(state)
  for language in C.UTF-8 zh_CN.UTF-8; do
    status=0
    SPEAK=$language "$@" >"$WORK/out" 2>"$WORK/err" || status=$?
    same "$expected_status" "$status" "exit status of $code under $language"
    has "$(cat "$WORK/err")" "$english" "stderr under $language"
    has "$(cat "$WORK/err")" "$chinese" "stderr under $language"
    has "$(cat "$WORK/err")" "$code" "the stable code under $language"
  done
  status=0
  "$@" --json >"$WORK/out" 2>"$WORK/err" || status=$?
  same "$expected_status" "$status" "exit status of $code with --json"
  grep -qF "\"error\":\"$code\"" "$WORK/err" || wrong "no JSON error $code: $(tail -n 1 "$WORK/err")"
  [ "${UNCHANGED:-yes}" = no ] || { after=$(state); same "$before" "$after" "the ledger after $code"; }
}
submit_fails() { fails "$1" 3 z request submit "$WORK/bad.note"; } # CODE, of the note in bad.note
suspend() { act issuer-1 "voucher suspend" --voucher "${1:-V-1}" --reason dispute; }

new_ledger
GOOD='"pool":"330602-E","amount_fen":1,"document":"样例"'
signed() { body_note maker pool.appropriate "${2:-bad-1}" "$1" >"$WORK/bad.note"; } # signs these members as they stand

begin "bytes that are not UTF-8"
signed "{$GOOD}"
cp "$WORK/bad.note" "$WORK/good.note"
for bytes in '\xff\xfe' '\xc0\xaf' '\xed\xa0\x80'; do
  sed "s/样例/$bytes/" "$WORK/good.note" >"$WORK/bad.note"
  submit_fails note-malformed
  has "$(cat "$WORK/err")" "not valid UTF-8" "the reason"
done
printf '{"pool":"330602-E","amount_fen":1,"document":"\xff\xfe"}' >"$WORK/latin.json"
fails note-malformed 3 z request sign --type pool.appropriate --id latin --body "$WORK/latin.json" --key "$KEYS/maker"
fails text-not-utf8 3 z pool appropriate --key "$KEYS/maker" --pool 330602-E --amount 1 --document "$(printf 'a\xff')"
end

begin "a field that stands twice"
signed "{$GOOD,\"amount_fen\":2}"
submit_fails json-duplicate-field
signed "{$GOOD,\"id\":\"other\"}"
submit_fails json-duplicate-field
end

begin "a field that the request does not have"
signed "{$GOOD,\"remark\":\"x\"}"
submit_fails json-unknown-field
fails usage 2 z pool appropriate --key "$KEYS/maker" --pool 330602-E --amount 1 --document x --remark y
has "$(cat "$WORK/err")" remark "the error names the option"
end

begin "a required field that is missing"
signed '{"pool":"330602-E","document":"样例"}'
submit_fails json-missing-field
has "$(cat "$WORK/err")" amount_fen "the error names the field"
end

begin "a real number, also a whole one, also with an exponent"
for number in 1.5 1.0 1e3; do
  signed "{\"pool\":\"330602-E\",\"amount_fen\":$number,\"document\":\"样例\"}"
  submit_fails json-real-number
done
end

begin "2^53, 2^64, sixteen digits, a negative amount"
for number in 9007199254740992 18446744073709551616 1000000000000000 -1; do
  signed "{\"pool\":\"330602-E\",\"amount_fen\":$number,\"document\":\"样例\"}"
  submit_fails json-number-range
done
fails json-number-range 3 z pool appropriate --key "$KEYS/maker" --pool 330602-E --amount-fen -1 --document x
fails amount-malformed 3 z pool appropriate --key "$KEYS/maker" --pool 330602-E --amount 12345.605 --document x
fails amount-malformed 3 z pool appropriate --key "$KEYS/maker" --pool 330602-E --amount １２．３４ --document x
end

begin "a text as a number and a number as a text"
signed '{"pool":"330602-E","amount_fen":"1","document":"样例"}'
submit_fails json-wrong-type
signed '{"pool":330602,"amount_fen":1,"document":"样例"}'
submit_fails json-wrong-type
end

begin "over-long: a label of 97 bytes, a text above 60,000 bytes, a control character in a label"
signed "{\"pool\":\"330602-E\",\"amount_fen\":1,\"document\":\"$(printf '%097d' 0)\"}"
submit_fails field-invalid
printf '{"pool":"330602-E","amount_fen":1,"document":"%059900d"}' 0 >"$WORK/long.json"
fails note-too-large 3 z request sign --type pool.appropriate --id long --body "$WORK/long.json" --key "$KEYS/maker"
printf '{"pool":"330602-E","amount_fen":1,"document":"%060000d"}' 0 >"$WORK/long.json"
fails file-too-large 3 z request sign --type pool.appropriate --id long --body "$WORK/long.json" --key "$KEYS/maker"
signed '{"pool":"330602-E","amount_fen":1,"document":"a\u0007b"}'
submit_fails text-control-character
end

begin "not JSON, and an unknown type"
signed '{"pool":"330602-E",,}'
submit_fails json-syntax
body_note maker pool.give bad-1 "{$GOOD}" >"$WORK/bad.note"
submit_fails request-type-unknown
end

begin "a truncated note, a note with two signatures, a changed note"
signed "{$GOOD}"
cp "$WORK/bad.note" "$WORK/good.note"
for bytes in 20 200 "$(($(wc -c <"$WORK/good.note") - 30))" "$(($(wc -c <"$WORK/good.note") - 1))"; do
  head -c "$bytes" "$WORK/good.note" >"$WORK/bad.note"
  submit_fails note-malformed
done
{ cat "$WORK/good.note"; tail -n 1 "$WORK/good.note"; } >"$WORK/bad.note"
submit_fails note-malformed
sed 's/"amount_fen":1/"amount_fen":2/' "$WORK/good.note" >"$WORK/bad.note"
submit_fails signature-bad
: >"$WORK/bad.note"
submit_fails note-malformed
end

begin "a request for another ledger, signed with a key of this one"
# Signed in a twin ledger that has the same keys under another origin.
THIS=$L
L=$WORK/twin
TWIN_GENESIS=$(z init --origin voucher.other.example --keys "$WORK/keys.list" --key "$KEYS/root-1" --threshold 2 2>/dev/null)
[ -n "$TWIN_GENESIS" ] || wrong "the twin ledger"
body_note root-1 key.revoke twin-1 "{\"key_name\":\"issuer-2\",\"public\":\"$(public issuer-2)\",\"reason\":\"left\"}" >"$WORK/bad.note"
L=$THIS
submit_fails key-unknown # its signature line names the other ledger
# The line renamed: then it is the signature that does not fit.
sed 's/^— voucher.other.example/— voucher.sx.example/' "$WORK/bad.note" >"$WORK/renamed.note" && mv "$WORK/renamed.note" "$WORK/bad.note"
run z request submit "$WORK/bad.note" --json
has "$answer" "error " "the renamed line"
same 3 "$status" "the renamed line's exit status"
# The true key and name of this ledger under a text that names the other one: our signer never writes that, an outsider's does.
if go_tool notesign; then
  printf '{"type":"pool.appropriate","v":1,"ledger":"%s","id":"bad-1","expires":"2026-03-25T00:00:00.000Z",%s}\n' voucher.other.example "$GOOD" |
    "$WORK/notesign" "$ORIGIN/maker" "$KEYS/maker" >"$WORK/bad.note"
  submit_fails note-wrong-origin
  # That signer is no stranger: the same text for this ledger is accepted.
  "$WORK/notesign" "$ORIGIN/maker" "$KEYS/maker" >"$WORK/good.note" <<T
{"type":"pool.appropriate","v":1,"ledger":"$ORIGIN","id":"outsider-1","expires":"2026-03-25T00:00:00.000Z",$GOOD}
T
  want accepted z request submit "$WORK/good.note" --json
else
  echo "SKIPPED: no Go: a note for another ledger under this ledger's name is not tried"
fi
end

begin "an id that was used, with other content; the same text again is its first answer"
signed "{$GOOD}" used-1
want accepted z request submit "$WORK/bad.note" --json
want accepted z request submit "$WORK/bad.note" --json
has "$(cat "$out")" '"replay":true' "the same text again"
signed '{"pool":"330602-E","amount_fen":2,"document":"样例"}' used-1
submit_fails request-conflict
has "$(cat "$err")" "amount_fen: " "the field that differs"
has "$(cat "$err")" " -> 2" "its value now"
end

begin "a command that is given again under the same --id, at another time: the first answer, once; other content under it is a conflict that names every difference"
appropriate() { act maker "pool appropriate" --id twice-1 --pool 330602-E --document 样例 "$@"; }
want accepted appropriate --amount-fen 100
first=$(sed -n 's/.*"seq":\([0-9]*\).*/\1/p' "$out")
before=$(state)
at "2026-03-20 11:30"
want accepted appropriate --amount-fen 100
has "$(cat "$out")" "\"seq\":$first,\"outcome\":\"accepted\",\"replay\":true" "the first answer"
has "$(cat "$err")" "the answer is that of entry $first" "what it is"
has "$(cat "$err")" "以下为第 $first 条账目的结果" "in Chinese too"
same "$before" "$(state)" "the ledger: counted once"
submit_fails_now() { want "error request-conflict" "$@"; same "$before" "$(state)" "the ledger after $*"; }
submit_fails_now appropriate --amount-fen 101
has "$(cat "$err")" "amount_fen: 100 -> 101" "field, then, now"
submit_fails_now act maker "pool cut" --id twice-1 --pool 330602-E --document 样例二 --amount-fen 100
has "$(cat "$err")" "type: pool.appropriate -> pool.cut; document: 样例 -> 样例二" "another act"
at "2026-03-20 10:00"
act maker "pool cut" --id twice-2 --pool 330602-E --document 样例 --amount-fen 99999999999 >"$WORK/no" 2>&1
code=$(sed -n 's/.*"code":"\([^"]*\)".*/\1/p' "$WORK/no")
at "2026-03-20 12:00"
want "refused $code" act maker "pool cut" --id twice-2 --pool 330602-E --document 样例 --amount-fen 99999999999
has "$(cat "$out")" '"replay":true' "a refusal stays the answer"
at "2026-03-20 10:00"
end

begin "a refusal says which id it is about, in both languages: one that is absent, one that is there, one in another state"
run z voucher suspend --key "$KEYS/issuer-1" --voucher V-2026-0001 --reason dispute
same 1 "$status" "an absent voucher"
has "$(cat "$err")" 'voucher "V-2026-0001" is not in this ledger' "which voucher"
has "$(cat "$err")" '本账本中没有 voucher “V-2026-0001”' "in Chinese"
run z pool cut --key "$KEYS/maker" --pool NO-POOL --amount 1 --document 样例
has "$(cat "$err")" 'pool "NO-POOL" is not in this ledger' "which pool"
run z voucher allot --key "$KEYS/issuer-2" --voucher V-1 --holder $H1 --year 2026 --amount 100 --categories testing
has "$(cat "$err")" 'voucher "V-1" is already in this ledger' "which one is there"
run z voucher resume --key "$KEYS/issuer-1" --voucher V-1 --reason cleared
same 1 "$status" "a voucher that was not suspended"
has "$(cat "$err")" 'voucher "V-1"' "whose state"
end

begin "a key of the wrong role, a key that was never granted, a key outside its interval"
body_note checker pool.appropriate role-1 "{$GOOD}" >"$WORK/bad.note"
submit_fails key-wrong-role
fails key-wrong-role 3 z voucher suspend --key "$KEYS/maker" --voucher V-1 --reason dispute
new_key stranger
fails key-unknown 3 z voucher suspend --key "$KEYS/stranger" --voucher V-1 --reason dispute
sure grant root-1 issuer-3 bureau issuer
body_note issuer-3 voucher.suspend late-1 '{"voucher":"V-1","reason":"dispute"}' >"$WORK/bad.note"
sure act root-1 "key revoke" --key-name issuer-3 --public "$(public issuer-3)" --reason left
submit_fails key-outside-interval
sure grant root-1 issuer-4 bureau issuer --from-size 5000
body_note issuer-4 voucher.suspend early-1 '{"voucher":"V-1","reason":"dispute"}' >"$WORK/bad.note"
submit_fails key-outside-interval
end

begin "expired, and expiring more than 30 days ahead"
signed "{$GOOD}" expired-1
at "2026-03-27 10:00"
submit_fails note-expired
at "2026-03-20 10:00"
at "2026-04-20 10:00"
signed "{$GOOD}" ahead-1
at "2026-03-20 10:00"
submit_fails note-expired
fails usage 2 z voucher suspend --key "$KEYS/issuer-1" --voucher V-1 --reason dispute --expires 31
end

begin "a clock behind the last entry, and one implausibly far ahead"
signed "{$GOOD}" clock-1
at "2026-03-20 09:59"
fails clock-back 4 z voucher suspend --key "$KEYS/issuer-1" --voucher V-1 --reason dispute
at "2026-03-19 10:00"
fails clock-back 4 z request submit "$WORK/bad.note"
at "2027-06-01 10:00"
fails clock-ahead 4 z voucher suspend --key "$KEYS/issuer-1" --voucher V-1 --reason dispute
at "2026-03-20 10:00"
end

begin "a private key that others can read, a key file that is none, no ledger, no such file"
cp "$KEYS/issuer-1" "$WORK/open-key"
chmod 644 "$WORK/open-key"
fails key-file-mode 2 z voucher suspend --key "$WORK/open-key" --voucher V-1 --reason dispute
printf 'not a key\n' >"$WORK/no-key"
chmod 600 "$WORK/no-key"
fails key-file-malformed 3 z voucher suspend --key "$WORK/no-key" --voucher V-1 --reason dispute
fails ledger-missing 2 z pool show --ledger "$WORK/nowhere"
fails file-missing 4 z request submit "$WORK/nothing.note"
fails ledger-exists 2 z init --origin "$ORIGIN" --keys "$WORK/keys.list" --key "$KEYS/root-1"
end

begin "a file in the wrong encoding, without a column, with faulty cells"
printf 'voucher,holder,year,amount,categories\nV-9,\x80\xff,2026,1,testing\n' >"$WORK/bad.csv"
fails table-encoding 3 z import voucher "$WORK/bad.csv" --key "$KEYS/issuer-1"
printf 'voucher,holder,year,categories\nV-9,%s,2026,testing\n' $H1 >"$WORK/bad.csv"
fails table-column-missing 3 z import voucher "$WORK/bad.csv" --key "$KEYS/issuer-1"
printf 'voucher,holder,year,amount,categories\nV-9,%s,2026,12345.605,testing\n' $H1 >"$WORK/bad.csv"
fails amount-malformed 3 z import voucher "$WORK/bad.csv" --key "$KEYS/issuer-1"
end

begin "a second writer"
exec 9<>"$L/lock"
flock -n 9 || wrong "the lock was not free"
fails ledger-locked 4 z voucher suspend --key "$KEYS/issuer-1" --voucher V-1 --reason dispute
exec 9>&-
want accepted suspend
end

begin "a ledger of a newer version"
before=$(state)
sqlite3 "$L/ledger.db" 'PRAGMA user_version = 3' || wrong "sqlite3"
UNCHANGED=no fails ledger-newer-version 2 z voucher resume --key "$KEYS/issuer-1" --voucher V-1 --reason cleared
UNCHANGED=no fails ledger-newer-version 2 z pool show
sqlite3 "$L/ledger.db" 'PRAGMA user_version = 2'
same "$before" "$(state)" "the ledger"
end

# --- machines that fail ---
begin "a read-only ledger"
if [ "$(id -u)" -eq 0 ]; then
  cp -a "$L" "$WORK/read-only"
  cp -a "$KEYS" "$WORK/their-keys"
  chown -R 65534:65534 "$WORK/their-keys"
  chmod -R a+rX,a-w "$WORK/read-only"
  install -m 755 "$ZHIDUI" "$WORK/zhidui" # the checkout may lie where nobody else can go
  as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups env LD_PRELOAD="$FAKE_LIBRARY" FAKETIME="$NOW" TZ=CST-8 LC_ALL="${SPEAK:-C.UTF-8}" "$WORK/zhidui" "$@"; }
else
  cp -a "$L" "$WORK/read-only"
  cp -a "$KEYS" "$WORK/their-keys"
  chmod -R a-w "$WORK/read-only"
  as_nobody() { env LD_PRELOAD="$FAKE_LIBRARY" FAKETIME="$NOW" TZ=CST-8 LC_ALL="${SPEAK:-C.UTF-8}" "$ZHIDUI" "$@"; }
  cleanup_hooks+=("chmod -R u+w $WORK/read-only")
fi
before=$(find "$WORK/read-only" -type f -exec sha256sum {} + | sort | sha256sum)
UNCHANGED=no fails ledger-read-only 4 as_nobody voucher resume --ledger "$WORK/read-only" --key "$WORK/their-keys/issuer-1" --voucher V-1 --reason cleared
same "$before" "$(find "$WORK/read-only" -type f -exec sha256sum {} + | sort | sha256sum)" "every file of the ledger"
end

begin "a full disk"
if [ "$(id -u)" -eq 0 ] && mkdir "$WORK/small" && mount -t tmpfs -o size=4m tmpfs "$WORK/small" 2>/dev/null; then
  unmount() { umount "$WORK/small" 2>/dev/null || umount -l "$WORK/small"; }
  cleanup_hooks+=(unmount)
  cp -a "$L" "$WORK/small/L"
  THIS=$L
  L=$WORK/small/L
  before=$(state)
  dd if=/dev/zero of="$WORK/small/ballast" bs=4k 2>/dev/null
  UNCHANGED=no fails disk-full 4 z voucher resume --key "$KEYS/issuer-1" --voucher V-1 --reason cleared
  rm "$WORK/small/ballast"
  same "$before" "$(state)" "the ledger when there is room again"
  want accepted act issuer-1 "voucher resume" --voucher V-1 --reason cleared
  L=$THIS
else
  echo "SKIPPED: no tmpfs can be mounted here; the full disk is tested by injected errors only (crash.sh) and by a file size limit"
  before=$(state)
  ( trap '' XFSZ; ulimit -f 8; z voucher resume --key "$KEYS/issuer-1" --voucher V-1 --reason cleared ) >"$WORK/out" 2>"$WORK/err" && wrong "a limit of 4 KiB did not stop it"
  same "$before" "$(state)" "the ledger after the limit"
fi
end

finish
