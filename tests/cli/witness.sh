#!/usr/bin/env bash
# Witnesses from end to end: a real ledger, our witness as a real process over HTTP and over a file drop, and a witness by another hand (../outside/witness.py) that
# answers whatever it is told. Quorum, odd answers, restarts, forks, a ledger that was set back, kill -9 around the state file, staleness, receipts.
. "$(dirname "$0")/session.sh"
command -v python3 >/dev/null || missing python3
WITNESS=${ZHIDUI_WITNESS:-$(dirname "$ZHIDUI_AUDIT")/zhidui-witness}
[ -x "$WITNESS" ] || WITNESS=$(dirname "$ZHIDUI")/zhidui-witness
[ -x "$WITNESS" ] || { echo "not ok witness.sh: no program at $WITNESS"; exit 1; }
OUTSIDER="$ROOT/tests/outside/witness.py"
export FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1 no_proxy=127.0.0.1 NO_PROXY=127.0.0.1

faked() { env LD_PRELOAD="$FAKE_LIBRARY" FAKETIME="$NOW" TZ=CST-8 "$@"; }
started=()
stop() { # stop PID [SIGNAL]
  kill "-${2:-TERM}" "$1" 2>/dev/null
  wait "$1" 2>/dev/null
  forget_killed_clocks
}
stop_all() { local pid; for pid in "${started[@]+"${started[@]}"}"; do stop "$pid" KILL; done; }
cleanup_hooks+=(stop_all)
wait_for() { # a file that a process makes when it is ready
  local tries=0
  until [ -s "$1" ]; do
    tries=$((tries + 1))
    [ "$tries" -le 400 ] || { echo "not ok waiting for $1"; exit 1; }
    sleep 0.05
  done
}
# office NAME [--new]: our witness NAME at the present time; its process in $pid, its address in $url. A port that was taken once is kept.
office() {
  local name=$1
  shift
  rm -f "$WORK/$name.port"
  # exec, so that $pid is the witness itself and not a shell that waits for it
  (exec env LD_PRELOAD="$FAKE_LIBRARY" FAKETIME="$NOW" TZ=CST-8 "$WITNESS" serve --state "$WORK/$name.state" --key "$KEYS/$name" --name "$name.example" --log "$LOGKEY" --listen "127.0.0.1:$(cat "$WORK/$name.at" 2>/dev/null || echo 0)" \
    --port-file "$WORK/$name.port" "$@" >/dev/null 2>"$WORK/$name.err") &
  pid=$!
  started+=("$pid")
  wait_for "$WORK/$name.port"
  cp "$WORK/$name.port" "$WORK/$name.at"
  url=http://127.0.0.1:$(cat "$WORK/$name.port")
}
publish() { run z log publish --witness-timeout "${TIMEOUT:-20}" "$@"; }
grow() { sure act issuer-1 "holder register" --holder "$1" --class entrepreneur --commitment "$(printf '%s' "$1" | sha256sum | cut -c 1-64)" --jurisdiction 330602 --eligible-from 2026-01-01 --eligible-to 2027-12-31; }
lines_of() { grep -c "^— $1" "$2"; }
audit() { run faked "$ZHIDUI_AUDIT" "$@"; }

new_ledger
sure z log publish
LOGKEY=$(sed -n 's/^log //p' <(git -C "$L/audit.git" cat-file blob main:keys/policy))
for name in w1 w2; do sure z key new "$KEYS/$name"; done
V1=$("$WITNESS" vkey --key "$KEYS/w1" --name w1.example) V2=$("$WITNESS" vkey --key "$KEYS/w2" --name w2.example)
SEED=$(printf 'outsider' | sha256sum | cut -c 1-64)
V3=$(python3 "$OUTSIDER" vkey w3.example "$SEED")
: >"$WORK/script" && : >"$WORK/asked"
python3 "$OUTSIDER" serve w3.example "$SEED" "$LOGKEY" "$WORK/w3.port" "$WORK/script" "$WORK/asked" >/dev/null 2>"$WORK/w3.err" &
started+=($!)
office w1 --new
w1=$pid u1=$url
office w2 --new
w2=$pid u2=$url
wait_for "$WORK/w3.port"
u3=http://127.0.0.1:$(cat "$WORK/w3.port")/w/
policy_of() { # policy_of QUORUM LINES...: the ledger's policy file
  { echo "log $LOGKEY"; printf '%s\n' "${@:2}"; echo "quorum $1"; } >"$L/witness-policy"
}
policy_of two "witness w1 $V1 $u1" "witness w2 $V2 $u2" "witness w3 $V3 $u3" "group two 2 w1 w2 w3"
cp "$L/witness-policy" "$WORK/auditor-policy"

begin "three witnesses cosign: the published checkpoint, the commit and Go's note package agree; the clone verifies with the auditor's policy"
grow E-1
publish
same 0 "$status" "publish: $(tail -n 3 "$err")"
has "$(cat "$err")" "carries 3 cosignatures: quorum reached" "what publish says"
for name in w1 w2 w3; do same 1 "$(lines_of $name.example "$L/public/checkpoint")" "lines of $name"; done
same "$(sha256sum <"$L/public/checkpoint")" "$(git -C "$L/audit.git" cat-file blob main:checkpoint | sha256sum)" "checkpoint in git and in public"
for key in "$V1" "$V2" "$V3"; do python3 "$OUTSIDER" check "$key" "$L/public/checkpoint" >"$WORK/out" 2>&1 || wrong "the outsider does not verify ${key%%+*}: $(cat "$WORK/out")"; done
if go_tool notecheck; then "$WORK/notecheck" "$LOGKEY" "$L/public/checkpoint" >"$WORK/out" 2>&1 || wrong "Go: $(cat "$WORK/out")"; else echo "SKIPPED: Go is not installed"; fi
verified
audit verify "$WORK/verify" --genesis "$GENESIS" --policy "$WORK/auditor-policy" --max-age 24
same 0 "$status" "verify: $(tail -n 3 "$out")"
has "$(cat "$out")" "3 of your witnesses cosigned" "verify"
rm -rf "$WORK/rebuilt"
sure z log rebuild --to "$WORK/rebuilt"
same "$(git -C "$L/audit.git" rev-list main)" "$(git -C "$WORK/rebuilt" rev-list main)" "a rebuild gives the same commits"
same "$(cat "$L/public/checkpoint")" "$(faked "$(command -v python3)" -c 'import sys,urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode(),end="")' "$u1/$(printf %s "$ORIGIN" | sha256sum | cut -c 1-64)/checkpoint" | head -n 4; sed -n 5p "$L/public/checkpoint"; sed -n '6,$p' "$L/public/checkpoint")" "the monitoring address shows text and log line"
end

begin "each answer of the specification is honoured, and no line is kept that does not verify"
n=2
odd() { # odd ANSWER WORDS [NEXT-ANSWER]: w3 answers so; the publication goes on with two
  n=$((n + 1))
  grow "E-$n"
  printf '%s\n' "$1" ${3:+"$3"} >"$WORK/script"
  TIMEOUT=${TIMEOUT:-20} publish
  same 0 "$status" "$1: publish: $(tail -n 3 "$err")"
  has "$(grep 'witness w3' "$err")" "$2" "$1"
  has "$(cat "$err")" "carries 2 cosignatures: quorum reached" "$1"
  same 0 "$(lines_of w3 "$L/public/checkpoint")" "$1: lines of w3"
  same 0 "$(lines_of stranger "$L/public/checkpoint")" "$1: lines of strangers"
  : >"$WORK/script"
}
odd 404 "answered 404: it does not know this log"
odd 403 "answered 403: it does not trust this log key"
odd 400 "answered 400"
odd 500 "answered 500"
odd forge "no good line of its key"
odd stranger "no good line of its key"
odd garbage "no good line of its key"
odd redirect "answered 307"
odd huge "the answer is too long"
odd "409 07" "answered 409 without a size"
odd "409 nonsense" "answered 409 without a size"
odd "409 1" "answered 409 twice" "409 2"
TIMEOUT=1 odd slow "w3"
: >"$WORK/asked"
n=$((n + 1)); grow "E-$n"
printf 'both\nboth\n' >"$WORK/script"
publish
: >"$WORK/script"
same 1 "$(lines_of w3.example "$L/public/checkpoint")" "w3's own line is taken from between others"
same 0 "$(lines_of stranger "$L/public/checkpoint")" "a stranger's line beside it"
end

begin "422 from a witness that has cosigned before says that it knows another history: publishing stops, until it takes the proof"
n=$((n + 1)); grow "E-$n"
before=$(git -C "$L/audit.git" rev-parse main)
printf '422\n' >"$WORK/script"
publish
: >"$WORK/script"
same 5 "$status" "publishing"
has "$(cat "$err")" "it knows another history of this log" "the reason"
same "$before" "$(git -C "$L/audit.git" rev-parse main)" "the branch"
publish
same 0 "$status" "once it agrees: $(tail -n 2 "$err")"
end

begin "409 is corrected by one further question, with the proof from the size that the witness says"
: >"$WORK/asked"
n=$((n + 1)); grow "E-$n"
sqlite3 "$L/ledger.db" "DELETE FROM blobs WHERE CAST(name AS TEXT) LIKE 'witness/%'"
publish
same 0 "$status" "publish: $(tail -n 3 "$err")"
same 2 "$(wc -l <"$WORK/asked")" "questions"
has "$(head -n 1 "$WORK/asked")" "409" "the first, from nothing"
has "$(tail -n 1 "$WORK/asked")" " 200" "the second"
has "$(cat "$err")" "carries 3 cosignatures" "all three, ours as well"
end

begin "framing: only a Content-Length frames a body, too much is refused, and a client that dawdles keeps nobody waiting"
cat >"$WORK/raw.py" <<'P'
import socket, sys
def ask(port, data):
    s = socket.create_connection(("127.0.0.1", port), 20)
    s.sendall(data)
    got = s.recv(4096).split(b" ")
    return got[1].decode() if len(got) > 1 else "closed"
port = int(sys.argv[1])
head = b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\n"
slow = socket.create_connection(("127.0.0.1", port), 20)
slow.sendall(head + b"Content-Length: 100\r\n\r\nold 1")
print("chunked", ask(port, head + b"Transfer-Encoding: chunked\r\n\r\n5\r\nold 0\r\n0\r\n\r\n"))
print("both", ask(port, head + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
print("none", ask(port, head + b"\r\n"))
print("large", ask(port, head + b"Content-Length: 24577\r\n\r\nold 0"))
print("get", ask(port, b"GET /add-checkpoint HTTP/1.1\r\nHost: w\r\n\r\n"))
print("elsewhere", ask(port, b"GET /state HTTP/1.1\r\nHost: w\r\n\r\n"))
print("garbage", ask(port, head + b"Content-Length: 5\r\n\r\nold 0"))
P
same "chunked 411 both 411 none 411 large 413 get 405 elsewhere 404 garbage 400" "$(python3 "$WORK/raw.py" "$(cat "$WORK/w1.port")" 2>&1 | tr '\n' ' ' | sed 's/ $//')" "answers while a slow client holds a place"
end

begin "a witness that was restarted goes on from its state; without its state it does not start; two do not share it"
stop "$w1"
office w1
w1=$pid
run "$WITNESS" show --state "$WORK/w1.state"
same 4 "$status" "a second process on the same state: $(cat "$err")"
n=$((n + 1)); grow "E-$n"
publish
has "$(cat "$err")" "carries 3 cosignatures" "after the restart"
run "$WITNESS" serve --state "$WORK/none.state" --key "$KEYS/w1" --name w1.example --log "$LOGKEY"
same 5 "$status" "no state file"
has "$(cat "$err")" "witness-state" "no state file"
sed 's/head \(.\)/head 0/' "$WORK/w2.state" >"$WORK/damaged.state"
run "$WITNESS" show --state "$WORK/damaged.state"
same 5 "$status" "a damaged state: $(cat "$err")"
run "$WITNESS" serve --new --state "$WORK/w2.state" --key "$KEYS/w2" --name w2.example --log "$LOGKEY"
[ "$status" -ne 0 ] || wrong "--new over a memory"
end

begin "without quorum redemptions go on, the checkpoint says so, a release is refused as a fault and nothing of it is recorded"
payer
sure accounts
service I-1 O-1 200000 "$(invoice 1)"
sure z log publish
at "2026-04-08 10:00"
sure seal B-1 330602-E 2026-04-10
sure approve B-1
before=$(state)
want "error no-quorum 4" release B-1 1 200000
has "$(cat "$err")" "not published yet" "a seal that no witness has seen"
same "$before" "$(state)" "nothing recorded"
stop "$w2"
printf '500\n500\n' >"$WORK/script"
publish
same 0 "$status" "publishing without quorum: $(tail -n 2 "$err")"
has "$(cat "$err")" "carries 1 cosignatures: quorum not reached" "what publish says"
before=$(state)
want "error no-quorum 4" release B-1 1 200000
same "$before" "$(state)" "nothing recorded"
want accepted act issuer-1 "holder register" --holder E-900 --class entrepreneur --commitment "$(printf '%064d' 9)" --jurisdiction 330602 --eligible-from 2026-01-01 --eligible-to 2027-12-31
rm -rf "$WORK/verify"
git clone -q "$L/audit.git" "$WORK/verify"
audit verify "$WORK/verify" --genesis "$GENESIS" --policy "$WORK/auditor-policy"
same 1 "$status" "the auditor sees that the quorum lacks"
has "$(cat "$out")" "anchor-witness" "the finding"
: >"$WORK/script"
office w2
w2=$pid
publish
want accepted release B-1 1 200000
publish
has "$(cat "$err")" "carries 3 cosignatures: quorum reached" "with all of them back"
end

begin "receipts: a cosigned tlog-proof verifies offline under the policy; a changed byte, another entry or a stranger's policy does not"
z log show 3 >"$WORK/leaf"
sure z log proof 3
cp "$WORK/sure.out" "$WORK/receipt"
run "$ZHIDUI_AUDIT" proof "$WORK/receipt" --leaf "$WORK/leaf" --policy "$WORK/auditor-policy"
same 0 "$status" "proof: $(cat "$err")"
has "$(cat "$out")" "3 of your witnesses cosigned" "proof"
run "$ZHIDUI_AUDIT" proof "$WORK/receipt" --leaf "$WORK/leaf" --vkey "$LOGKEY"
same 0 "$status" "proof by the log's key alone: $(cat "$err")"
z log show 4 >"$WORK/leaf4"
run "$ZHIDUI_AUDIT" proof "$WORK/receipt" --leaf "$WORK/leaf4" --policy "$WORK/auditor-policy"
same 1 "$status" "another entry"
sed 's/^index 3$/index 4/' "$WORK/receipt" >"$WORK/forged"
run "$ZHIDUI_AUDIT" proof "$WORK/forged" --leaf "$WORK/leaf" --policy "$WORK/auditor-policy"
same 1 "$status" "another index"
grep -v '^— w[12]' "$WORK/receipt" >"$WORK/forged"
run "$ZHIDUI_AUDIT" proof "$WORK/forged" --leaf "$WORK/leaf" --policy "$WORK/auditor-policy"
same 1 "$status" "without the cosignatures"
has "$(cat "$err")" "quorum" "without the cosignatures"
python3 - "$WORK/receipt" "$WORK/forged" <<'P'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
at = data.rindex(b"w2.example ") + 40
data[at] = ord("A") if data[at] != ord("A") else ord("B")
open(sys.argv[2], "wb").write(data)
P
run "$ZHIDUI_AUDIT" proof "$WORK/forged" --leaf "$WORK/leaf" --policy "$WORK/auditor-policy"
same 1 "$status" "a changed cosignature"
end

begin "an idle ledger: the witnesses are asked again when their word is old; the verifier says stale, and is content with the younger checkpoint file"
at "2026-04-12 10:00"
rm -rf "$WORK/verify"
git clone -q "$L/audit.git" "$WORK/verify"
audit verify "$WORK/verify" --genesis "$GENESIS" --policy "$WORK/auditor-policy" --max-age 24
same 6 "$status" "the clone is old: $(tail -n 2 "$out")"
has "$(cat "$out")" "stale" "the clone is old"
for w in w1 w2; do stop "${!w}"; office $w; printf -v $w %s "$pid"; done
tip=$(git -C "$L/audit.git" rev-parse main)
publish
same 0 "$status" "heartbeat: $(tail -n 2 "$err")"
same "$tip" "$(git -C "$L/audit.git" rev-parse main)" "no commit at the same size"
audit verify "$WORK/verify" --genesis "$GENESIS" --policy "$WORK/auditor-policy" --max-age 24 --head "$L/public/checkpoint"
same 0 "$status" "with the younger file: $(tail -n 2 "$out")"
: >"$WORK/asked"
publish
same 0 "$(wc -l <"$WORK/asked")" "asked again although young"
audit verify "$WORK/verify" --genesis "$GENESIS" --max-age 24
same 2 "$status" "an age without witnesses"
git -C "$WORK/verify" show main~1:checkpoint >"$WORK/old-head"
audit verify "$WORK/verify" --genesis "$GENESIS" --policy "$WORK/auditor-policy" --head "$WORK/old-head"
same 6 "$status" "a file of another size"
end

begin "a ledger that was set back whole, static files and repository with it, is stopped by the witness that knows more"
cp -a "$L" "$WORK/behind"
n=$((n + 1)); grow "E-$n"
publish
cp -a "$L" "$WORK/ahead"
rm -rf "$L"; cp -a "$WORK/behind" "$L"
publish --refresh-hours 1
same 0 "$status" "nothing to ask while the words are young"
later=$NOW
at "$(date -d "$NOW 1 minute" "+%Y-%m-%d %H:%M")"
run z doctor
same 5 "$status" "doctor asks the witnesses at once"
has "$(cat "$err")" "ledger-fork" "doctor"
has "$(cat "$out")" "outside    FAILED" "doctor"
NOW=$later
sure act issuer-1 "holder register" --holder E-other --class entrepreneur --commitment "$(printf '%064d' 3)" --jurisdiction 330602 --eligible-from 2026-01-01 --eligible-to 2027-12-31
tip=$(git -C "$L/audit.git" rev-parse main)
want "error ledger-fork 5" z log publish --json
has "$(cat "$err")" "another history" "the same size, other entries"
same "$tip" "$(git -C "$L/audit.git" rev-parse main)" "nothing was published"
want "error ledger-fork 5" z log publish --json
rm -rf "$L"; cp -a "$WORK/behind" "$L"
for w in w1 w2; do stop "${!w}"; done
at "2026-04-14 10:00"
for w in w1 w2; do office $w; printf -v $w %s "$pid"; done
want "error ledger-fork 5" z log publish --json
has "$(cat "$err")" "an older ledger.db was restored" "idle, but asked again"
rm -rf "$L"; cp -a "$WORK/ahead" "$L"
publish
same 0 "$status" "the right one goes on: $(tail -n 2 "$err")"
end

begin "file drop: an office without network answers a carried request, once; the publication is completed by the next publish"
mkdir "$WORK/drop"
policy_of w1 "witness w1 $V1 file:$WORK/drop"
stop "$w1"
n=$((n + 1)); grow "E-$n"
publish
same 0 "$status" "publish: $(tail -n 2 "$err")"
has "$(cat "$err")" "waits for its answer" "publish"
for round in 1 2; do # the first answer may be 409: the ledger does not know where the witness stands
  run faked "$WITNESS" cosign "$WORK/drop" --state "$WORK/w1.state" --key "$KEYS/w1" --name w1.example --log "$LOGKEY"
  publish
done
same 1 "$(lines_of w1.example "$L/public/checkpoint")" "the line that came by file: $(cat "$err")"
run faked "$WITNESS" cosign "$WORK/drop" --state "$WORK/w1.state" --key "$KEYS/w1" --name w1.example --log "$LOGKEY"
has "$(cat "$out")" "cosigned 0" "answered already"
run faked "$ZHIDUI_AUDIT" witness show --state "$WORK/w1.state"
same 0 "$status" "zhidui-audit witness hands over: $(cat "$err")"
same "$(head -n 3 "$L/public/checkpoint")" "$(head -n 3 "$out")" "what the witness remembers"
end

begin "kill -9 at each call around the witness's state file: never are two branches cosigned"
branch() { # branch HOLDER NAME: the request of a ledger that goes on with this holder
  rm -rf "$L" "$WORK/drop"
  cp -a "$WORK/fork-base" "$L"
  mkdir "$WORK/drop"
  grow "$1"
  publish
  cp "$WORK"/drop/*.add-checkpoint "$WORK/branches/$2.add-checkpoint"
}
signed() { grep -qx 'status 200' "$WORK/branches/$1.answer" 2>/dev/null; }
CALLS=write,fsync,openat,rename,renameat,renameat2,flock,unlink
if ! command -v strace >/dev/null || ! strace -qq -o /dev/null -e trace=$CALLS true 2>/dev/null; then
  echo "SKIPPED: strace may not trace here"
else
  mkdir -p "$WORK/branches"
  cp -a "$L" "$WORK/fork-base"
  cp "$WORK/w1.state" "$WORK/w1.before"
  branch E-left A
  branch E-right B
  carried() { "$@" "$WITNESS" cosign "$WORK/branches/${WHICH:-A}.add-checkpoint" --state "$WORK/w1.state" --key "$KEYS/w1" --name w1.example --log "$LOGKEY" >"$WORK/out" 2>"$WORK/err"; }
  carried strace -f -y -qq -o "$WORK/trace" -e trace=$CALLS
  signed A || wrong "undisturbed: $(cat "$WORK/err" "$WORK/branches/A.answer")"
  sed 's/^[0-9]* *//' "$WORK/trace" | awk -v work="$WORK/" '/^[a-z0-9]+\(/ { name = $0; sub(/\(.*/, "", name); n[name]++; if (index($0, work)) print name, n[name] }' >"$WORK/chosen"
  [ "$(wc -l <"$WORK/chosen")" -ge 10 ] || wrong "only $(wc -l <"$WORK/chosen") calls touch the files of the witness"
  root_a=$(sed '1,/^$/d' "$WORK/branches/A.add-checkpoint" | sed -n 3p) root_b=$(sed '1,/^$/d' "$WORK/branches/B.add-checkpoint" | sed -n 3p)
  [ "$root_a" != "$root_b" ] || wrong "the branches do not part"
  hit=0 first=0 second=0
  while read -r name nth <&3; do
    cp "$WORK/w1.before" "$WORK/w1.state"
    rm -f "$WORK"/branches/*.answer
    (carried strace -f -qq -o /dev/null -e trace=$CALLS -e "inject=$name:signal=KILL:when=$nth") 2>/dev/null
    [ $? -ne 137 ] || hit=$((hit + 1))
    WHICH=B carried env || :
    carried env || :
    if signed A && signed B; then wrong "$name $nth: both branches are cosigned"; fi
    # Where A was remembered but its answer was lost, the log asks again from the size that 409 says; B stays refused for ever.
    remembered=$("$WITNESS" show --state "$WORK/w1.state" | sed -n 3p)
    if signed B; then second=$((second + 1)); else first=$((first + 1)); fi
    same "$(signed B && echo "$root_b" || echo "$root_a")" "$remembered" "$name $nth: what the witness remembers"
  done 3<"$WORK/chosen"
  same "$(wc -l <"$WORK/chosen")" "$hit" "runs that were hit"
  [ "$first" -gt 0 ] && [ "$second" -gt 0 ] || wrong "the kills lie on one side of the rename only: $first, $second"
  echo "   killed at $hit calls: $first times before the other branch came, $second times too early to remember"
  end
fi

finish
