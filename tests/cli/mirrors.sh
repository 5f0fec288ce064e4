#!/usr/bin/env bash
# Mirrors: plain pushes, never forced, before the checkpoint is announced; a foreign or newer mirror stops publishing; one that is away catches up.
. "$(dirname "$0")/session.sh"
for tool in git; do command -v $tool >/dev/null || missing $tool; done
new_ledger
tip() { git -C "$1" rev-parse -q --verify main 2>/dev/null; }

begin "a fresh mirror is one command: a repository with deny settings that holds what is published, and every later publication"
sure z log publish
run z log mirror "$WORK/m1.git" --json
same 0 "$status" "exit: $(cat "$err")"
has "$(cat "$out")" '"state":"same"' "its state"
same "$(tip "$L/audit.git")" "$(tip "$WORK/m1.git")" "its tip"
same true "$(git -C "$WORK/m1.git" config receive.denyNonFastForwards)" "denyNonFastForwards"
same true "$(git -C "$WORK/m1.git" config receive.denyDeletes)" "denyDeletes"
sure order O-1 200000
sure z log publish
same "$(tip "$L/audit.git")" "$(tip "$WORK/m1.git")" "its tip after a publication"
git clone -q "$WORK/m1.git" "$WORK/clone" 2>/dev/null
run "$ZHIDUI_AUDIT" verify "$WORK/clone" --genesis "$GENESIS"
same 0 "$status" "zhidui-audit on a clone of the mirror"
end

begin "a mirror that cannot be reached is told, stops nothing, and catches up"
mv "$WORK/m1.git" "$WORK/away.git"
sure order O-2 100000
run z log publish
same 0 "$status" "publishing: $(cat "$err")"
has "$(cat "$err")" "UNREACHABLE" "what is told"
mv "$WORK/away.git" "$WORK/m1.git"
run z log mirrors --json
has "$(cat "$out")" '"state":"behind"' "its state"
run z log publish
same "$(tip "$L/audit.git")" "$(tip "$WORK/m1.git")" "its tip, with nothing new to publish"
end

begin "a mirror that is ahead stops publishing before anything is signed: the database is an old one"
cp -a "$L" "$WORK/old"
sure order O-3 100000
sure z log publish
rm -rf "$L" && cp -a "$WORK/old" "$L" # the whole machine as of yesterday: database, repository and public files agree with one another
before=$(tip "$L/audit.git")
sure order O-4 100000
run z log publish
same 5 "$status" "publishing"
has "$(cat "$err")" "never made" "the reason"
same "$before" "$(tip "$L/audit.git")" "the branch here"
same "$before" "$(git -C "$WORK/m1.git" rev-parse main~1)" "the branch there was not moved"
run z log mirrors
same 5 "$status" "log mirrors"
run z doctor
same 5 "$status" "doctor"
has "$(cat "$out")" "outside    FAILED" "doctor, which finds the ledger whole in itself"
has "$(cat "$out")" "root       ok" "doctor"
end

begin "a mirror with another history stops publishing; nothing is ever forced"
new_ledger
sure z log publish
git init -q --bare -b main "$WORK/other.git"
git clone -q "$WORK/other.git" "$WORK/work" 2>/dev/null
git -C "$WORK/work" -c user.name=x -c user.email=x@example.org commit -q --allow-empty -m other && git -C "$WORK/work" push -q origin HEAD:main
theirs=$(tip "$WORK/other.git")
run z log mirror "$WORK/other.git"
same 5 "$status" "adding it"
sure order O-1 200000
run z log publish
same 5 "$status" "publishing"
same "$theirs" "$(tip "$WORK/other.git")" "its tip"
end

begin "an address that git would take for an option or a command is refused"
for url in "--upload-pack=touch $WORK/pwned" "-q" "ext::sh -c touch% $WORK/pwned" "a b" ""; do
  run z log mirror "$url"
  [ "$status" -eq 3 ] || [ "$status" -eq 2 ] || wrong "'$url': exit $status"
done
printf 'ext::sh\n' >"$L/mirrors"
run z log publish
same 3 "$status" "in the file"
has "$(cat "$err")" "mirrors:1" "its line"
[ -e "$WORK/pwned" ] && wrong "a command was run"
end
finish
