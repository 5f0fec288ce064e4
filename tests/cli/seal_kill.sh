#!/usr/bin/env bash
# `settle seal` killed by kill -9 between the parts of a seal and inside of them, as an officer's machine may lose its power: the same command again goes on, and what is sealed
# is the same as in a twin that nobody disturbed, leaf by leaf: lines, their shares, their numbers, the hold list, each item once. CRASH_MOST tries so many calls (0 = all).
. "$(dirname "$0")/session.sh"
command -v strace >/dev/null || missing strace
CRASH_MOST=${CRASH_MOST:-14}
CALLS=write,pwrite64,fsync,fdatasync,openat,unlink,ftruncate,flock,nanosleep,clock_nanosleep
traced -- version >/dev/null 2>"$WORK/err" || { echo "SKIPPED: strace may not trace here ($(head -n 1 "$WORK/err"))"; exit 77; }

# Three providers, in the order of the open list 1, 3, 2; two items of the first, one of which waits for its word.
new_ledger
service I-1 O-1 100000 "$(invoice 1)"
PROVIDER=$P2 service I-2 O-2 200000 "$(invoice 2)"
PROVIDER=$P3 service I-3 O-3 300000 "$(invoice 3)"
want accepted order O-4 400000
want accepted capture I-4 O-4 400000 "$(invoice 4)"
sure z log publish
at "2026-03-28 10:00"
cp -a "$L" "$WORK/start"
START=$(size)
words=(settle seal --key "$KEYS/maker" --json --batch B-1 --pool 330602-E --cutoff "$START" --execution 2026-03-30 --chunk 1 --id seal-1)
again() { rm -rf "$L"; cp -a "$WORK/start" "$L"; }

# All that a seal decided, without what tells two runs apart: places, and the ids and signatures of the notes (those of the parts are drawn by lot).
sealed() { z log show "$START" "$(size)" | grep '^{"seq"' | sed -E 's/"(seq|of)":[0-9]+,?//g; s/"note_sha256":"[0-9a-f]*",//'; }

begin "undisturbed: three lines and a hold list, in three parts"
again
traced -- "${words[@]}" >"$WORK/out" 2>"$WORK/err" || wrong "exit $?: $(tail -n 2 "$WORK/err")"
sealed >"$WORK/twin"
same 7 "$(wc -l <"$WORK/twin")" "decisions"
has "$(cat "$WORK/twin")" '"waiting":[["I-4",' "the hold list"
sed 's/^[0-9]* *//' "$WORK/trace" | grep -E '^[a-z0-9_]+\(' |
  awk -v ledger="$L/" '{ name = $0; sub(/\(.*/, "", name); n[name]++; rests = name ~ /nanosleep/; if (index($0, ledger) || rests) print name, n[name], rests ? "rest" : "" }' >"$WORK/calls"
rests=$(grep -c rest "$WORK/calls")
[ "$rests" -ge 1 ] || wrong "the command never rested between two parts"
total=$(wc -l <"$WORK/calls")
step=1
[ "$CRASH_MOST" -eq 0 ] || step=$(((total + CRASH_MOST - 1) / CRASH_MOST))
awk -v step="$step" 'NR % step == 0 || $3 == "rest"' "$WORK/calls" >"$WORK/chosen"
echo "   $total calls touch the ledger or rest, $(wc -l <"$WORK/chosen") of them tried, $rests of these between two parts"
end

begin "killed at each of these calls, the same command goes on: the same lines, the same hold list, each item once"
parts_seen=
while read -r name nth _ <&3; do
  place="$name $nth"
  again
  status=0
  traced -e "inject=$name:signal=KILL:when=$nth" -- "${words[@]}" >"$WORK/out" 2>"$WORK/err" || status=$?
  forget_killed_clocks
  same 137 "$status" "$place: exit status"
  run z doctor
  same 0 "$status" "$place: doctor"
  parts_seen="$parts_seen $(z settle show B-1 2>/dev/null | sed -n 's/.*"part":\([0-9]*\).*/\1/p')"
  run z "${words[@]}"
  same 0 "$status" "$place: the same command again: $(tail -n 1 "$err")"
  sealed >"$WORK/this"
  cmp -s "$WORK/twin" "$WORK/this" || wrong "$place: not what the undisturbed seal decided: $(diff "$WORK/twin" "$WORK/this" | head -n 4 | cut -c -300)"
  for item in I-1 I-2 I-3 I-4; do
    same 1 "$(grep -o "\\[\"$item\"," "$WORK/this" | wc -l)" "$place: $item"
  done
done 3<"$WORK/chosen"
has "$parts_seen" 1 "killed after the first part"
has "$parts_seen" 2 "killed after the second part"
verified
end

finish
