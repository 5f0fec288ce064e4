#!/usr/bin/env bash
# The tamper matrix: what somebody with every key of the server, or with the machine, could try, each done to a real ledger and its real repository, and who notices
# with which words. docs/tampering.md is what these runs print (TAMPERING_WRITE=1 writes it anew); a difference is a failure. Outsiders' tools are git, ssh-keygen, Go.
. "$(dirname "$0")/session.sh"
for tool in git ssh-keygen python3 flock; do command -v $tool >/dev/null || missing $tool; done
FORGE=${ZD_FORGE:-$ROOT/build/dev/forge}
[ -x "$FORGE" ] || FORGE=$ROOT/build/forge
[ -x "$FORGE" ] || { echo "not ok tampering.sh: no program forge"; exit 1; }
WITNESS=$(dirname "$ZHIDUI")/zhidui-witness
DOC=$WORK/tampering.md    # put together at the end from
INTRO=$WORK/intro ROWS=$WORK/rows BODY=$WORK/body

# --- writing the document ---
plain() { # what differs from run to run is left out: hashes, signatures, places
  sed -E "s#$WORK/##g; s#$ROOT/##g; s/[0-9a-f]{40,64}/…/g; s#[A-Za-z0-9+/]{43,}=*#…#g; s/\+[0-9a-f]{8}\+/+…+/g; s/SHA256:[A-Za-z0-9+\/]+/SHA256:…/g; s/commit [0-9a-f]{12}/commit …/g; s/[0-9]+ compared/… compared/" |
    grep -vE 'decided again|re-hashed|重新|recomputed without|不依赖规则|believed, not|相信而未|added up|重新加总|^signatures|^签名|entries, .* commits|faketime' | head -n 14
}
attack() { # attack ID ENGLISH CHINESE
  begin "$1: $2"
  row="$1 | $2 · $3"
  printf '\n## %s · %s\n\n%s\n' "$1" "$2" "$3" >>"$BODY"
}
told() { # told STATUS: what the last command printed goes into the document
  printf '\n    $ %s\n' "$(printf '%s ' "${told_command[@]}" | plain)" >>"$BODY"
  cat "$out" "$err" | plain | sed 's/^/    /' >>"$BODY"
  printf '\nexit / 退出码 %s%s\n' "$1" "${2:+ · \`$2\`}" >>"$BODY"
  local words=("${told_command[@]}") name
  name=${words[0]##*/}
  case $name in zhidui-audit | zhidui) name="$name ${words[1]}" ;; bash) name=$(grep -oE "sha256sum|readme" <<<"${words[*]}" | tail -n 1) ;; git) name="git $(printf '%s\n' "${words[@]}" | grep -m 1 -xE 'verify-commit|push|fetch')" ;; esac
  [ "$name" != "zhidui log" ] && [ "$name" != "zhidui request" ] && [ "$name" != "zhidui settle" ] && [ "$name" != "zhidui voucher" ] || name="$name ${words[2]}"
  printf '| %s | %s | %s | %s |\n' "$row" "$name" "$1" "${2:+\`$2\`}" >>"$ROWS"
}
# notices STATUS CODE COMMAND...: ends so, and says that code among its findings or as its error
notices() {
  local expected=$1 code=$2
  shift 2
  told_command=("$@")
  [ "$1" != audit ] && [ "$1" != later ] || told_command=(zhidui-audit "${@:2}")
  [ "$1" != act ] || told_command=(zhidui "${@:3}")
  run "$@"
  [ "$status" -eq "$expected" ] || wrong "${*:1:3}: exit $status instead of $expected: $(cat "$out" "$err" | head -c 600)"
  [ -z "$code" ] || cat "$out" "$err" | grep -qF -- "$code" || wrong "${*:1:3}: $code is not said: $(cat "$out" "$err" | head -c 600)"
  told "$expected" "$code"
}
audit() { LC_ALL=${SPEAK:-C.UTF-8} "$ZHIDUI_AUDIT" "$@"; }
verify() { notices "$1" "$2" audit verify "$3" --genesis "$GENESIS" "${@:4}"; }
zhidui() { z "$@"; }
forge() { rm -rf "$2"; "$FORGE" "$1" "$2" "$KEYS/log" "$KEYS/git" "${@:3}" >"$WORK/forge.out" 2>&1 || wrong "forge: $(tail -n 3 "$WORK/forge.out")"; }

: >"$ROWS"
cat >"$INTRO" <<'M'
# What tampering looks like / 篡改会怎样被发现

Each attack below was carried out on a real ledger by a test (`tests/cli/tampering.sh`), by somebody who holds **every key of the server** where that helps him. Shown are the
command that notices and its words; hashes, keys and places are left out as `…`. This page is printed by the test itself, which fails when it is out of date.

以下每种攻击均由测试在真实账本上实施；凡有帮助之处，攻击者持有**服务器的全部密钥**。所列为发现它的命令及其原文；散列、密钥与路径以 `…` 省略。本页由测试打印，过期即测试失败。

`zhidui-audit`: 0 verified / 核验通过 · 1 a finding / 有发现 · 3 malformed / 格式错误 · 4 fault / 故障 · 6 unanchored, incomplete or stale / 未锚定、不完整或过期.
`zhidui`: 1 refused / 规则拒绝 · 3 malformed or not admitted / 不予受理 · 4 fault / 故障 · 5 integrity, writing stopped / 完整性错误，停止写入.

| row | attack · 攻击 | what notices · 由谁发现 | exit | finding or error · 发现或错误代码 |
|---|---|---|---|---|
M

# The roots together name a new log or git key: $KEYS/NAME-2.
replaced() {
  new_key "$1-2"
  two root-1 root-2 "key rotate-root" --key-name "$1" --public "$(public "$1-2")" --person p-machine --reason stolen
}

# --- a small year that every attack starts from ---
new_ledger
payer
sure accounts
sure z log publish
service I-1 O-1 200000 "$(invoice 1)"
PROVIDER=$P2 service I-2 O-2 300000 "$(invoice 2)"
at "2026-03-21 10:00"
sure z log publish
cp "$L/public/checkpoint" "$WORK/kept"            # what an auditor kept on that day
cp -a "$L" "$WORK/backup"                         # and the operator's backup of that day
want accepted act "provider/$P1" "redeem order" --order O-3 --voucher V-1 --holder $H1 --provider $P1 --category testing --purpose material --amount-fen 150000 \
  --own-share-fen 150000 --contract HT-O-3 --contract-fen 300000 --contract-date 2026-03-03 --affiliation none --statutory false --other-funding-fen 0
want accepted capture I-3 O-3 150000 "$(invoice 3)"
captured=$(($(size) - 1))
sure cleared O-3 150000 "$(invoice 3)"
at "2026-04-08 10:00"
sure seal B-1 330602-E 2026-04-10
sure approve B-1
sure release B-1 2 650000
want "refused R14" order O-4 99000000
sure order O-5 77700
sure capture I-5 O-5 77700 "$(invoice 5)"
redeemed=$(($(size) - 1))
sure z log publish
z log proof "$redeemed" >"$WORK/receipt.tlog-proof" || wrong "no receipt"
honest=$L/audit.git
cp -a "$L" "$WORK/today"
back() { rm -rf "$L"; cp -a "$WORK/today" "$L"; }

attack T1a "an entry is edited in the database" "在数据库中修改一条账目"
guard=$(sqlite3 "$L/ledger.db" "SELECT sql FROM sqlite_master WHERE name = 'leaves_no_update'")
sqlite3 "$L/ledger.db" "DROP TRIGGER leaves_no_update; UPDATE leaves SET bytes = CAST(replace(CAST(bytes AS TEXT), '\"amount_fen\":300000', '\"amount_fen\":390000') AS BLOB) WHERE CAST(bytes AS TEXT) LIKE '%redemption.capture%I-2%'; $guard" 2>"$WORK/err" ||
  wrong "sqlite3: $(cat "$WORK/err")"
notices 5 ledger-corrupt zhidui doctor
back
end

attack T1b "an entry is edited in the repository and committed again, by somebody without the keys" "无密钥者在仓库中修改账目并重新提交"
git clone -q "$honest" "$WORK/t1" 2>/dev/null
entries=$(cd "$WORK/t1" && ls -d tile/entries/000.p/* | tail -n 1)
sed -i 's/"amount_fen":300000/"amount_fen":390000/' "$WORK/t1/$entries"
git -C "$WORK/t1" -c user.name=x -c user.email=x@example.org commit -q -a --amend --no-edit --date "$(git -C "$WORK/t1" log -1 --format=%aI)"
verify 1 git-history "$WORK/t1"
end

attack T1c "an entry is edited and everything is signed again with the real keys" "修改账目后用真实密钥全部重新签署"
forge "$honest" "$WORK/t1c" edit '"item":"I-2"' '"amount_fen":300000' '"amount_fen":390000'
verify 1 request-signature "$WORK/t1c"
end

attack T2 "history is rewritten by the operator: a refused order disappears; all that is left is sound" "运营方改写历史：一条被拒绝的预约消失，其余均成立"
forge "$honest" "$WORK/t2" drop '"order":"O-4"'
notices 0 verified audit verify "$WORK/t2" --genesis "$GENESIS"
printf '\nIn itself that history is sound; whoever kept a head, or asked a witness, sees it. 单独看该历史成立；保存过检查点或询问见证人者能够发现。\n' >>"$BODY"
git clone -q "$honest" "$WORK/mine" 2>/dev/null
git -C "$WORK/mine" show HEAD:checkpoint >"$WORK/kept-today"
notices 1 anchor-since audit verify "$WORK/t2" --since "$WORK/kept-today"
end

attack T3 "two auditors are shown two histories" "向两名审计方展示两份历史"
notices 1 "SPLIT VIEW" audit compare "$WORK/mine" "$WORK/t2"
end

attack T4 "yesterday's database is restored beside today's repository" "用昨日的数据库配今日的仓库"
cp "$WORK/backup/ledger.db" "$L/ledger.db"
rm -f "$L"/ledger.db-*
notices 5 ledger-fork zhidui log publish
back
end

attack T5 "the newest entries are withheld: the log stands still" "隐瞒最新账目：日志停滞"
sure z key new "$KEYS/w1"
V1=$("$WITNESS" vkey --key "$KEYS/w1" --name w1.example)
LOGKEY=$(sed -n 's/^log //p' <(git -C "$honest" cat-file blob main:keys/policy))
printf 'log %s\nwitness w1 %s\nquorum w1\n' "$LOGKEY" "$V1" >"$WORK/auditor-policy"
mkdir -p "$WORK/drop"
printf 'old 0\n\n' | cat - "$WORK/kept-today" >"$WORK/drop/head.add-checkpoint"
cosign() { run env LD_PRELOAD="$FAKE_LIBRARY" FAKETIME="$NOW" TZ=CST-8 "$WITNESS" cosign "$1" --state "$WORK/w1.state" ${2:-} --key "$KEYS/w1" --name w1.example --log "$LOGKEY"; }
cosign "$WORK/drop" --new
[ "$status" -eq 0 ] || wrong "cosign: $(cat "$err" "$out")"
{ cat "$WORK/kept-today"; grep -ah '^— w1.example' "$WORK"/drop/*.answer; } >"$WORK/cosigned"
same 2 "$(grep -c '^— ' "$WORK/cosigned")" "signature lines of the cosigned head"
later() { LC_ALL=C.UTF-8 env LD_PRELOAD="$FAKE_LIBRARY" FAKETIME="2026-05-08 10:00:00" TZ=CST-8 "$ZHIDUI_AUDIT" "$@"; }
notices 6 stale later verify "$WORK/mine" --genesis "$GENESIS" --policy "$WORK/auditor-policy" --max-age 48 --head "$WORK/cosigned"
end

attack T6 "a commit is signed by a git key that was retired; git itself says Good" "已停用的 git 密钥签署提交；git 自身判为 Good"
at "2026-04-09 10:00"
sure act root-1 "key revoke" --key-name git --public "$(public git)" --reason retired
sure replaced git
cp "$KEYS/git-2" "$L/keys/git"
sure order O-6 1000
sure z log publish
rm -rf "$WORK/t6"
"$FORGE" "$honest" "$WORK/t6" "$KEYS/log" "$KEYS/git" >"$WORK/forge.out" 2>&1
git -C "$honest" show main~1:keys/allowed_signers >"$WORK/allowed_signers"
notices 0 "Good" git -C "$WORK/t6" -c gpg.format=ssh -c gpg.ssh.allowedSignersFile="$WORK/allowed_signers" verify-commit main
verify 1 commit-key "$WORK/t6"
end

attack T7 "the log key is stolen, revoked, and used again" "日志密钥被盗、已吊销后仍被使用"
back
at "2026-04-09 10:00"
sure act root-1 "key revoke" --key-name log --public "$(public log)" --reason stolen
sure replaced log
cp "$KEYS/log-2" "$L/keys/log"
sure order O-6 1000
sure z log publish
"$FORGE" "$honest" "$WORK/t7" "$KEYS/log" "$KEYS/git" >"$WORK/forge.out" 2>&1
verify 1 checkpoint-key "$WORK/t7"
back
at "2026-04-08 10:00"
end

attack T8 "a redemption is dated back" "倒签核销日期"
forge "$honest" "$WORK/t8" edit '"item":"I-3"' '"at":"2026-03-21' '"at":"2026-03-01'
verify 1 entry-time "$WORK/t8"
end

attack T9 "another object lies under the same id in git (what a broken SHA-1 would allow)" "git 中同一标识下放入另一对象（SHA-1 被攻破的后果）"
git clone -q --bare "$honest" "$WORK/t9.git" 2>/dev/null
(cd "$WORK/t9.git" && mkdir -p "$WORK/loose" && mv objects/pack/*.pack "$WORK/loose/" 2>/dev/null; for p in "$WORK"/loose/*.pack; do git unpack-objects -q <"$p"; done; rm -f objects/pack/*)
blob=$(git -C "$WORK/t9.git" rev-parse "main:$entries")
python3 - "$WORK/t9.git/objects/${blob:0:2}/${blob:2}" <<'P'
import os, sys, zlib
path = sys.argv[1]
data = zlib.decompress(open(path, "rb").read()).replace(b'"amount_fen":300000', b'"amount_fen":390000')
os.chmod(path, 0o644)
open(path, "wb").write(zlib.compress(data))
P
verify 1 git-object "$WORK/t9.git"
end

attack T10 "the branch is forced back on the server" "在服务器上强制回退分支"
git clone -q "$WORK/t2" "$WORK/t10" 2>/dev/null
notices 1 "denying non-fast-forward" git -C "$WORK/t10" push --force "$honest" HEAD:main
git clone -q "$honest" "$WORK/visitor" 2>/dev/null
git -C "$WORK/visitor" config remote.origin.fetch refs/heads/main:refs/remotes/origin/main
git -C "$WORK/visitor" config remote.origin.url "$WORK/t2"
notices 1 "non-fast-forward" git -C "$WORK/visitor" fetch
end

attack T11 "replaced objects, grafts, a shallow clone" "替换对象、嫁接、浅克隆"
git clone -q "$honest" "$WORK/t11" 2>/dev/null
git -C "$WORK/t11" replace HEAD~1 HEAD
verify 6 trail-grammar "$WORK/t11"
git clone -q --depth 1 "file://$honest" "$WORK/shallow" 2>/dev/null
notices 6 trail-shallow audit verify "$WORK/shallow" --genesis "$GENESIS"
end

attack T12 "a commit is written in another form with the same content" "同一内容以另一种形式写成提交"
git clone -q "$honest" "$WORK/t12" 2>/dev/null
altered=$(git -C "$WORK/t12" cat-file commit main | sed 's/^committer /encoding UTF-8\ncommitter /' | git -C "$WORK/t12" hash-object -t commit -w --stdin --literally)
git -C "$WORK/t12" update-ref refs/heads/main "$altered"
verify 1 git-history "$WORK/t12"
end

attack T13 "a signature made for something else is presented as the commit's" "把为其他用途所作的签名冒充为提交签名"
git clone -q "$honest" "$WORK/t13" 2>/dev/null
git -C "$WORK/t13" cat-file commit main | sed '/^gpgsig/,/-----END/d' >"$WORK/payload"
ssh-keygen -q -Y sign -n file -f "$KEYS/git" "$WORK/payload" 2>/dev/null
{ sed '/^committer/q' "$WORK/payload"; sed '1s/^/gpgsig /; 2,$s/^/ /' "$WORK/payload.sig"; sed '1,/^committer/d' "$WORK/payload"; } >"$WORK/forged-commit"
git -C "$WORK/t13" update-ref refs/heads/main "$(git -C "$WORK/t13" hash-object -t commit -w --literally "$WORK/forged-commit")"
verify 1 commit-signature "$WORK/t13"
end

attack T14 "a witness line is forged" "伪造见证签名"
sed 's/^— w1.example .*/— w1.example AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==/' "$WORK/cosigned" >"$WORK/false-head"
notices 1 "anchor-witness" audit verify "$WORK/mine" --genesis "$GENESIS" --policy "$WORK/auditor-policy" --head "$WORK/false-head"
end

attack T15 "the verifier runs with another time zone, language and git configuration" "核验程序在不同时区、语言与 git 配置下运行"
audit verify "$WORK/mine" --genesis "$GENESIS" --json >"$WORK/here.json"
printf '[core]\n\tabbrev = 4\n[gpg "ssh"]\n\tallowedSignersFile = /dev/null\n' >"$WORK/odd.gitconfig"
TZ=America/St_Johns LC_ALL=tr_TR.UTF-8 GIT_CONFIG_GLOBAL="$WORK/odd.gitconfig" HOME="$WORK" "$ZHIDUI_AUDIT" verify "$WORK/mine" --genesis "$GENESIS" --json >"$WORK/there.json"
told_command=(cmp here.json there.json)
run cmp "$WORK/here.json" "$WORK/there.json"
same 0 "$status" "the same bytes"
told 0
end

attack T16 "the power fails while publishing" "公布过程中断电"
at "2026-04-08 11:00"
sure order O-16 1000
env LD_PRELOAD="$FAKE_LIBRARY" FAKETIME="$NOW" TZ=CST-8 ZHIDUI_LEDGER="$L" "$ZHIDUI" log publish >/dev/null 2>&1 &
{ kill -9 $!; wait $!; } 2>/dev/null
forget_killed_clocks
sure z log publish
verify 0 verified "$honest"
printf '\nKilled at every system call of the write path: `tests/cli/crash.sh`. 在写路径的每个系统调用处终止：见该测试。\n' >>"$BODY"
back
end

attack T17 "a bit of an entry turns before it is signed" "账目在签署前发生位翻转"
at "2026-04-08 11:00"
sure order O-17 123400
guard=$(sqlite3 "$L/ledger.db" "SELECT sql FROM sqlite_master WHERE name = 'leaves_no_update'")
sqlite3 "$L/ledger.db" "DROP TRIGGER leaves_no_update; UPDATE leaves SET bytes = CAST(replace(CAST(bytes AS TEXT), '\"amount_fen\":123400', '\"amount_fen\":123500') AS BLOB) WHERE CAST(bytes AS TEXT) LIKE '%O-17%'; $guard"
notices 5 ledger-corrupt zhidui log publish
back
at "2026-04-08 10:00"
end

attack T18 "two writers at once" "两个写入者同时运行"
lock=$(find "$L" -maxdepth 1 -name '*lock*' | head -n 1)
exec 8>>"${lock:-$L/ledger.lock}"
flock 8
notices 4 ledger-locked zhidui log publish
exec 8>&-
end

attack T19 "a redemption is entered twice, decided and signed by the operator" "同一核销被运营方重复入账并签署"
forge "$honest" "$WORK/t19" copy '"item":"I-1"'
verify 1 request-twice "$WORK/t19"
end

attack T20 "one figure of a settlement file is changed" "结算文件被改动一个数字"
git -C "$WORK/mine" ls-tree -r --name-only HEAD settlement | head -n 1 >"$WORK/name"
git -C "$WORK/mine" show "HEAD:$(cat "$WORK/name")" | sed 's/650000/560000/' >"$WORK/settlement.json"
forge "$honest" "$WORK/t20" file "$(cat "$WORK/name")" "$WORK/settlement.json"
verify 1 projection "$WORK/t20"
sure z settle export --batch B-1 --key "$KEYS/maker" --role maker
sed -i 's/350000/530000/; s/3500.00/5300.00/' "$L/settlement/B-1/pain.001.001.09.xml"
notices 1 "FAILED" bash -c "cd $L/settlement/B-1 && sed -n 's/^sha256 \([0-9a-f]*\) [0-9]* [a-z-]* \(.*\)/\1  \2/p' MANIFEST | sha256sum -c --quiet"
back
end

attack T21 "a provider denies its redemption" "服务机构否认其核销"
forge "$honest" "$WORK/t21" edit '"item":"I-3"' '"amount_fen":150000' '"amount_fen":150001'
verify 1 request-signature "$WORK/t21"
end

attack T22 "the vendor is gone: only git, ssh-keygen and sha256sum are left" "供应商消失：只剩 git、ssh-keygen 与 sha256sum"
sed -n 's/^    \$ //p' "$WORK/mine/README" >"$WORK/readme.sh"
notices 0 "every command" bash -c "cd $WORK/mine && set -e && . $WORK/readme.sh >/dev/null 2>&1 && echo every command of the README succeeded"
end

attack X1 "a signed note is submitted long after it was signed" "签名文书久置后才提交"
KEY=provider/$P1 sure order O-X1 1000 --dry-run
cp "$WORK/sure.out" "$WORK/drawer.note"
at "2026-05-20 10:00"
notices 3 "note-expired" zhidui request submit "$WORK/drawer.note"
at "2026-04-08 10:00"
end

attack X2 "the operator decides a note after it had expired" "运营方在文书过期后才作出决定"
forge "$honest" "$WORK/x2" edit '"type":"batch.release"' '"at":"2026-04-08' '"at":"2026-07-08'
verify 1 admission "$WORK/x2"
end

attack X3 "one officer enrols a ghost holder and allots a voucher to it" "一名人员登记虚假持券人并为其发券"
sure act issuer-2 "holder register" --holder E-GHOST --class entrepreneur --commitment "$HASH" --jurisdiction 330602 --eligible-from 2026-01-01 --eligible-to 2027-12-31
notices 1 "R46" act issuer-2 "voucher allot" --voucher V-GHOST --holder E-GHOST --year 2026 --amount-fen 10000000 --categories testing
back
end

attack X4 "the sample is ground: another public number is tried" "抽样研磨：换一个公开数字再试"
sure two reviewer-1 reviewer-2 "settle sample" --batch B-1 --draw 2026043
notices 1 "A04" act reviewer-1 "settle sample" --batch B-1 --draw 2026044
back
end

attack X5 "an accepted redemption is suppressed; its provider holds the receipt" "已接受的核销被删去；其服务机构持有回执"
sed -n '/^voucher/,$p' "$WORK/receipt.tlog-proof" >"$WORK/receipt-head"
forge "$honest" "$WORK/x5" drop '"item":"I-5"'
z log show "$redeemed" >"$WORK/leaf"
notices 0 "" audit proof "$WORK/receipt.tlog-proof" --leaf "$WORK/leaf" --vkey "$LOGKEY"
notices 1 anchor-since audit verify "$WORK/x5" --since "$WORK/receipt-head"
end

attack X6 "the whole machine is set back, repository and all; a mirror and a witness remember" "整机连同仓库一起回退；镜像与见证人记得"
sure z log mirror "$WORK/mirror.git"
cp -a "$L" "$WORK/machine"
at "2026-04-09 10:00"
sure order O-X6 1000
sure z log publish
rm -rf "$L" && cp -a "$WORK/machine" "$L"
at "2026-04-09 12:00"
sure order O-X7 2000
notices 5 ledger-fork zhidui log publish
notices 5 ledger-fork zhidui doctor
printf 'old 0\n\n' | cat - "$WORK/kept" >"$WORK/drop/old.add-checkpoint"
rm -f "$WORK"/drop/head*
told_command=(zhidui-witness cosign drop)
cosign "$WORK/drop"
told "$status" 409
[ "$status" -ne 0 ] || grep -q 409 "$out" "$err" || wrong "the witness cosigned an older head: $(cat "$out" "$err")"
end

cat "$INTRO" "$ROWS" "$BODY" >"$DOC"
if [ -n "${TAMPERING_WRITE:-}" ]; then cp "$DOC" "$ROOT/docs/tampering.md"; fi
begin "docs/tampering.md is what these runs print"
diff -u "$ROOT/docs/tampering.md" "$DOC" >"$WORK/diff" || wrong "it is out of date; TAMPERING_WRITE=1 writes it: $(head -n 30 "$WORK/diff")"
end
finish
