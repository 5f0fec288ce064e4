#!/usr/bin/env bash
# What an auditor does with clones and nothing else: keeps a head from one visit to the next, compares copies, redraws a sample with sha256sum and sort, prints the
# report. The figures on the page are those of `report pool`.
. "$(dirname "$0")/session.sh"
for tool in git python3 xmllint sha256sum; do command -v $tool >/dev/null || missing $tool; done

new_ledger
service I-1 O-1 200000 "$(invoice 1)"
PROVIDER=$P2 service I-2 O-2 300000 "$(invoice 2)"
service I-3 O-3 110000 "$(invoice 3)"
run order O-4 99000000
at "2026-04-08 10:00"
sure seal B-1 330602-E 2026-04-10
sure z log publish
sure git clone -q "$L/audit.git" "$WORK/visit-1"
cp -a "$L" "$WORK/L-then"

audit() { run env LC_ALL="${SPEAK:-C.UTF-8}" "$ZHIDUI_AUDIT" "$@"; }
says() { grep -qF -- "$1" "$out" || wrong "the answer lacks: $1"; }

begin "keep: the head of a verified visit is kept, and the next visit starts from it"
audit verify "$WORK/visit-1" --keep "$WORK/head"
same 6 "$status" "a first visit without the fingerprint is unanchored"
[ ! -e "$WORK/head" ] || wrong "an unanchored head was kept"
audit verify "$WORK/visit-1" --genesis "$GENESIS" --keep "$WORK/head"
same 0 "$status" "first visit"
same "$(git -C "$WORK/visit-1" show HEAD:checkpoint | sha256sum)" "$(sed '1,6d' "$WORK/head" | sha256sum)" "the kept head ends with the signed checkpoint"
sure approve B-1
sure release B-1 2 610000
sure z log publish
sure git -C "$WORK/visit-1" pull -q
audit verify "$WORK/visit-1" --keep "$WORK/head"
same 0 "$status" "the second visit needs no fingerprint"
same "$(size)" "$(sed -n 8p "$WORK/head")" "the kept head moved on"
end

begin "keep: a history that went back is found, and the kept head stays"
cp "$WORK/head" "$WORK/head.before"
sure git clone -q "$WORK/L-then/audit.git" "$WORK/yesterday"
audit verify "$WORK/yesterday" --keep "$WORK/head" --json
same 1 "$status" "yesterday's copy"
says '"check":"anchor-since"'
cmp -s "$WORK/head" "$WORK/head.before" || wrong "the kept head changed"
end

begin "compare: the same, and one ahead"
audit compare "$WORK/visit-1" "$L/audit.git"
same 0 "$status" "a clone and its origin"
says "the same: $(size) entries"
audit compare "$WORK/visit-1" "$WORK/yesterday" --json
same 0 "$status" "one is ahead"
says '"answer":"consistent"'
SPEAK=zh_CN.UTF-8 audit compare "$WORK/visit-1" "$WORK/yesterday"
says "领先"
end

begin "compare: a split view, with both signed heads as evidence"
ZL=$L
L=$WORK/L-then
forked=$(size)
sure order O-9 1000
sure z log publish
L=$ZL
audit compare "$WORK/visit-1" "$WORK/L-then/audit.git"
same 1 "$status" "a split"
says "differ from entry $forked"
same 2 "$(grep -c '^— ' "$out")" "two signed heads"
audit compare "$WORK/visit-1" "$WORK/L-then/audit.git" --json
says '"answer":"split-view"'
audit compare "$WORK/visit-1" "$WORK/no-such"
same 4 "$status" "no repository"
end

begin "sample: two officers type the number; a stranger draws the same with sha256sum and sort"
audit sample "$WORK/visit-1" B-1
same 2 "$status" "no number on record"
audit sample "$WORK/visit-1" B-1 --number 2026043
cp "$out" "$WORK/preview"
want "refused R46" two reviewer-1 reviewer-1 "settle sample" --batch B-1 --draw 2026043
sure two reviewer-1 reviewer-2 "settle sample" --batch B-1 --draw 2026043
want "refused A04" act reviewer-1 "settle sample" --batch B-1 --draw 2026044
sure z log publish
sure git -C "$WORK/visit-1" pull -q
audit sample "$WORK/visit-1" B-1
cmp -s "$out" "$WORK/preview" || wrong "the number on record draws something else"
audit sample "$WORK/visit-1" B-1 --number 2026044
same 3 "$status" "another number than the officers'"
audit sample "$WORK/visit-1" B-1 --json
# The stranger: the root of the first checkpoint that holds the seal, from git alone.
first=$(value settle B-1 seq)
root=""
for commit in $(git -C "$WORK/visit-1" rev-list --reverse HEAD); do
  if [ "$(git -C "$WORK/visit-1" show "$commit:checkpoint" | sed -n 2p)" -gt "$((first + $(value settle B-1 effects)))" ]; then
    root=$(git -C "$WORK/visit-1" show "$commit:checkpoint" | sed -n 3p | base64 -d | od -An -v -tx1 | tr -d ' \n')
    break
  fi
done
seed=$(printf '%s\n%s\n' "$root" 2026043 | sha256sum | cut -d' ' -f1)
drawn=$(for item in I-1 I-2 I-3; do printf '%s %s\n' "$(printf '%s\n%s\n' "$seed" "$item" | sha256sum | cut -d' ' -f1)" "$item"; done | sort | head -n 1 | cut -d' ' -f2)
says "\"checkpoint_root\":\"$root\""
says "\"seed\":\"$seed\""
says "\"drawn\":[\"$drawn\"]"
end

begin "html: one page, both languages, no outside address, the figures of the reports"
audit verify "$WORK/visit-1" --genesis "$GENESIS" --html "$WORK/report.html"
same 0 "$status" "verified"
page=$WORK/report.html
xmllint --html --noout "$page" 2>"$WORK/lint" || true
grep -v "Tag \(svg\|g\|rect\|text\|line\|path\|title\|main\|section\|figure\|figcaption\|header\|footer\|nav\|details\|summary\) invalid" "$WORK/lint" | grep -q "error" && wrong "not well formed: $(head -n 3 "$WORK/lint")"
grep -qiE '<script|src=|href="[^#]|url\(|@import' "$page" && wrong "the page asks for something outside of itself"
for words in "Verified" "核验" "330602-E" "B-1" "R14" "$P1" "6,100.00" "2026043" "<svg" "企业 enterprise" "样例大学" "合计 total" "50.81" "随机 random" "每一分钱"; do grep -qF -- "$words" "$page" || wrong "the page lacks $words"; done
run z report pool --json
python3 - "$WORK/out" "$page" <<'PY' || wrong "the pools on the page differ from those of the report"
import html, json, re, sys
rows = json.load(open(sys.argv[1]))["pools"]["rows"]
text = html.unescape(re.sub(r"<[^>]+>", " ", open(sys.argv[2], encoding="utf-8").read()))
for row in rows:
    line = next((l for l in re.findall(r"%s[^\n]*(?:\n[^\n]*){0,12}" % re.escape(row["pool"]), text)), None)
    yuan = f'{row["drawable_fen"] // 100:,}.{row["drawable_fen"] % 100:02d}'
    if line is None or yuan not in line:
        print(row["pool"], yuan, line)
        sys.exit(1)
PY
end

begin "html: a finding is on the page, and the exit status is that of the verification"
cp -a "$L/audit.git" "$WORK/touched.git"
audit verify "$WORK/touched.git" --genesis "$(printf '%064d' 0)" --html "$WORK/bad.html"
same 1 "$status" "another genesis"
grep -q "genesis" "$WORK/bad.html" || wrong "the finding is not on the page"
audit verify "$WORK/visit-1" --genesis "$GENESIS" --html "$WORK/no/such/dir.html"
same 4 "$status" "a page that cannot be written is a fault"
end

begin "a wrong path, an empty repository, a stranger's, a shallow clone: each is told apart, in both languages, with what to do"
talk() { case $(cat "$err") in *"$1"*) ;; *) wrong "the talk lacks '$1': $(cat "$err")" ;; esac; }
for place in "$WORK/nowhere" "$L" "$ROOT/README.md"; do
  audit verify "$place" --genesis "$GENESIS"
  same 4 "$status" "$place"
  talk trail-none
  talk "audit.git within a ledger's directory"
  talk "该路径下没有 git 仓库"
done
git init -q -b main "$WORK/none"
audit verify "$WORK/none" --genesis "$GENESIS"
same 6 "$status" "an empty repository"
says "no commit on the branch main"
same 1 "$(wc -l <"$out")" "lines about a repository without a commit"
printf x >"$WORK/none/x"
git -C "$WORK/none" add x && git -C "$WORK/none" -c user.name=x -c user.email=x@example.org commit -q -m x
audit verify "$WORK/none" --genesis "$GENESIS"
same 1 "$status" "a stranger's repository"
says "If the path is right, this is the evidence"
git clone -q --depth 1 "file://$L/audit.git" "$WORK/shallow" 2>/dev/null
audit verify "$WORK/shallow" --genesis "$GENESIS"
same 6 "$status" "a shallow clone"
talk "git fetch --unshallow"
talk "浅克隆"
audit compare "$WORK/visit-1" "$WORK/nowhere"
talk "$WORK/nowhere"
audit verify "$WORK/visit-1" --genesis 12
same 2 "$status" "a fingerprint that is none"
talk "64 hexadecimal digits / --genesis 须为"
talk "命令行用法不正确"
status=0
LC_ALL=C.UTF-8 "$ZHIDUI_AUDIT" verify "$WORK/visit-1" --genesis "$GENESIS" >/dev/full 2>"$err" || status=$?
same 4 "$status" "a verdict that cannot be written"
talk "The answer could not be written, so that there is none"
talk "不能视为已有结论"
end

finish
