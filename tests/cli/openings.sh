#!/usr/bin/env bash
# Commitments opened to an auditor: accounts are not in the history, what opens them comes in a file of its own and is held against it. A stranger recomputes one
# with printf and sha256sum. What the file says is never printed.
. "$(dirname "$0")/session.sh"
for tool in git python3 sha256sum; do command -v $tool >/dev/null || missing $tool; done

new_ledger
sure accounts
service I-1 O-1 200000 "$(invoice 1)"
at "2026-04-08 10:00"
sure seal B-1 330602-E 2026-04-10
sure z log publish
git clone -q "$L/audit.git" "$WORK/clone" 2>/dev/null
audit() { run env LC_ALL="${SPEAK:-C.UTF-8}" "$ZHIDUI_AUDIT" verify "$WORK/clone" --genesis "$GENESIS" "$@"; }

begin "the file is for its owner alone, never overwrites, and opens every account"
run z private openings --to "$WORK/openings"
same 0 "$status" "writing it: $(cat "$err")"
same 600 "$(stat -c %a "$WORK/openings")" "its mode"
same 3 "$(wc -l <"$WORK/openings")" "its lines"
run z private openings --to "$WORK/openings"
same 2 "$status" "a second time"
audit --openings "$WORK/openings" --json
same 0 "$status" "verify: $(cat "$err")"
has "$(cat "$out")" '"openings":{"lines":3,"fit":3,' "what came of it"
audit --openings "$WORK/openings" --html "$WORK/page.html"
has "$(cat "$out")" "3 lines, 3 fit the history" "for people"
for secret in 1211012009200012345 6217000000000000004; do
  grep -q "$secret" "$WORK/openings" || wrong "$secret is not in the file"
  grep -q "$secret" "$out" "$WORK/page.html" && wrong "$secret was printed"
  git -C "$WORK/clone" grep -q "$secret" && wrong "$secret is in the history"
done
SPEAK=zh_CN.UTF-8 audit --openings "$WORK/openings"
has "$(cat "$out")" "承诺开启：3 行中 3 行与历史相符" "in Chinese"
end

begin "a stranger recomputes a commitment with printf and sha256sum, and finds it in the history"
line=$(grep "$P1" "$WORK/openings")
salt=$(sed 's/.*"salt":"\([0-9a-f]*\)".*/\1/' <<<"$line")
part() { printf '%s:%s' "$(printf %s "$1" | wc -c)" "$1"; }
commitment=$({ printf 'zhidui-account-v1\n'; printf '%b' "$(sed 's/../\\x&/g' <<<"$salt")"; part 样例大学; part 1211012009200012345; part 样例银行越州分行; part 313337009004; } | sha256sum | cut -d' ' -f1)
git -C "$WORK/clone" grep -q "\"commitment\":\"$commitment\"" || wrong "$commitment is not in the history"
end

begin "another account, another provider's, another salt: a finding that names the subject and not the account"
sed "s/1211012009200012345/1211012009200012346/" "$WORK/openings" >"$WORK/other-account"
sed "s#provider/$P1#provider/$P3#" "$WORK/openings" >"$WORK/other-provider"
sed "s/$salt/$HASH/" "$WORK/openings" >"$WORK/other-salt"
for file in other-account other-provider other-salt; do
  audit --openings "$WORK/$file" --json
  same 1 "$status" "$file"
  has "$(cat "$out")" '"check":"opening"' "$file"
  has "$(cat "$out")" '"finding_count":1' "$file"
  has_not "$(cat "$out")" "121101200920001234" "$file"
done
end

begin "a malformed file is told by line and field"
printf '%s\n{"subject":"provider/x","domain":"d","salt":"00","parts":["a"]}\n' "$line" >"$WORK/short-salt"
printf '{"subject":"provider/x","domain":"d","salt":"%s","parts":["a"],"note":"x"}\n' "$HASH" >"$WORK/extra"
printf '{"subject":"provider/x","domain":"d","salt":"%s","parts":[]}\n' "$HASH" >"$WORK/empty"
printf 'nonsense\n' >"$WORK/nonsense"
for file in short-salt extra empty nonsense; do
  audit --openings "$WORK/$file"
  same 3 "$status" "$file"
  has "$(cat "$err")" "$WORK/$file:$([ $file = short-salt ] && echo 2 || echo 1)" "the place in $file"
done
audit --openings "$WORK/no-such"
same 4 "$status" "a file that is not there"
end

begin "what was erased is not opened any more; the rest is, and the history verifies"
rm "$WORK/openings"
sure z private erase "$commitment"
sure z private openings --to "$WORK/openings"
same 2 "$(wc -l <"$WORK/openings")" "its lines"
audit --openings "$WORK/openings" --json
same 0 "$status" "verify"
has "$(cat "$out")" '"fit":2,' "what came of it"
end
finish
