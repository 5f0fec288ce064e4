#!/usr/bin/env bash
# kill -9 and failing calls at every system call of the write path. A command runs under strace, which kills it (or fails the call) at the N-th write, sync,
# rename, open … that touches the ledger; for each N: the ledger opens again and doctor is content, the same request again comes to the same outcome exactly
# once, publishing goes through, git fsck finds nothing, and a rebuild from the store gives the same commits. Where there are more calls than CRASH_MOST, every
# k-th is taken, the write of the answer always, and the output says so; CRASH_MOST=1000 tries all of them.
. "$(dirname "$0")/session.sh"
command -v strace >/dev/null || missing strace
CRASH_MOST=${CRASH_MOST:-16}
CALLS=write,pwrite64,pwritev,fsync,fdatasync,rename,renameat,renameat2,link,linkat,openat,unlink,unlinkat,ftruncate,fallocate,mkdir,mkdirat

traced -- version >/dev/null 2>"$WORK/err" || { echo "SKIPPED: strace may not trace here ($(head -n 1 "$WORK/err"))"; exit 77; }

again() { rm -rf "$L"; cp -a "$WORK/start" "$L"; }

# The calls of an undisturbed run that touch the ledger or answer the caller: "NAME NTH" in order, NTH counted over all calls of that name, as strace counts.
calls_of() {
  again
  traced -- "$@" >"$WORK/out" 2>"$WORK/err" || { wrong "undisturbed: $(tail -n 2 "$WORK/err")"; return; }
  sed 's/^[0-9]* *//' "$WORK/trace" | grep -E '^[a-z0-9]+\(' |
    awk -v ledger="$L/" '{ name = $0; sub(/\(.*/, "", name); n[name]++; answer = $0 ~ /^write\(1</; if (index($0, ledger) || answer) print name, n[name], answer ? "answer" : "" }' >"$WORK/calls"
  total=$(wc -l <"$WORK/calls")
  step=$(((total + CRASH_MOST - 1) / CRASH_MOST))
  [ "$step" -ge 1 ] || step=1
  awk -v step="$step" 'NR % step == 0 || NR == 1 || $3 == "answer"' "$WORK/calls" >"$WORK/chosen"
  echo "   $1 ${2:-}: $total calls touch the ledger, $(wc -l <"$WORK/chosen") of them tried$([ "$step" -eq 1 ] || echo " (every ${step}th)")"
  [ "$total" -ge 8 ] || wrong "only $total calls of $1 touch the ledger: the trace is not what it should be"
}

# What must hold whatever happened: PLACE says where it happened.
recovers() {
  local place=$1 before reply
  run z doctor
  [ "$status" -eq 0 ] || { wrong "$place: doctor: exit $status: $(tail -n 2 "$err")"; return; }
  before=$(size)
  case $before in "$START" | "$((START + 1))") ;; *) wrong "$place: $before entries after $START" ;; esac
  reply=false
  [ "$before" = "$START" ] || reply=true
  run suspend
  [ "$answer" = accepted ] || wrong "$place: the same request again: $answer (exit $status): $(tail -n 2 "$err")"
  has "$(cat "$out")" "\"replay\":$reply" "$place: is it a repetition?"
  same "$((START + 1))" "$(size)" "$place: entries after repeating"
  settles "$place"
}
settles() { # published, sound, and the same from the store alone
  local place=$1
  run z log publish
  [ "$status" -eq 0 ] || { wrong "$place: publish: exit $status: $(tail -n 2 "$err")"; return; }
  same "$((START + 1))" "$(sed -n 2p "$L/public/checkpoint")" "$place: size of the published checkpoint"
  git -C "$L/audit.git" fsck --strict --full >"$WORK/fsck" 2>&1 || wrong "$place: git fsck: $(head -n 2 "$WORK/fsck")"
  same "$(cat "$L/public/checkpoint" | sha256sum)" "$(git -C "$L/audit.git" cat-file blob main:checkpoint | sha256sum)" "$place: checkpoint in git and in public"
  rm -rf "$WORK/rebuilt"
  run z log rebuild --to "$WORK/rebuilt"
  [ "$status" -eq 0 ] || { wrong "$place: rebuild: exit $status: $(tail -n 2 "$err")"; return; }
  same "$(git -C "$L/audit.git" rev-list main)" "$(git -C "$WORK/rebuilt" rev-list main)" "$place: commits of the rebuilt repository"
}

# sweep NAME INJECTION ALLOWED-STATUSES AFTER COMMAND...: one run for each chosen call.
sweep_calls() {
  local injection=$1 allowed=$2 after=$3 name nth
  shift 3
  local hit=0
  while read -r name nth _ <&3; do
    again
    status=0
    traced -e "inject=$name:$injection:when=$nth" -- "$@" >"$WORK/out" 2>"$WORK/err" || status=$?
    case " $allowed " in *" $status "*) ;; *) wrong "$name $nth: exit $status is none of: $allowed: $(tail -n 2 "$WORK/err")" ;; esac
    forget_killed_clocks
    if [ "$injection" != signal=KILL ] || [ "$status" -eq 137 ]; then hit=$((hit + 1)); fi
    $after "$name $nth ($injection)"
  done 3<"$WORK/chosen"
  same "$(wc -l <"$WORK/chosen")" "$hit" "runs that were hit"
}

new_ledger
sure z log publish
sure act maker "pool appropriate" --pool 330602-E --amount-fen 1 --document 样例追加指标 # so that a publication has something to follow
cp -a "$L" "$WORK/start"
START=$(size)
suspend() { act issuer-1 "voucher suspend" --voucher V-1 --reason dispute --id crash-1; } # the same text every time: the clock stands still
suspend_words=(voucher suspend --key "$KEYS/issuer-1" --json --voucher V-1 --reason dispute --id crash-1)

begin "voucher suspend killed at each call: the request counts once, publishing and rebuilding agree"
calls_of "${suspend_words[@]}"
sweep_calls signal=KILL 137 recovers "${suspend_words[@]}"
end

begin "voucher suspend with EIO at each call: an answer or exit 4, never both and never half"
# Where it says it is done (exit 0) the entry must be there; that it is there exactly once is checked after each.
eio_recovers() {
  if [ "$status" -eq 0 ]; then
    has "$(cat "$WORK/out")" '"outcome":"accepted"' "$1: exit 0 without an answer"
    same "$((START + 1))" "$(size)" "$1: entries after exit 0"
  else
    grep -q '"error":"' "$WORK/err" || wrong "$1: exit $status without an error"
  fi
  recovers "$1"
}
sweep_calls error=EIO "0 4" eio_recovers "${suspend_words[@]}"
end

begin "voucher suspend with a full disk at each write: exit 4, nothing lost"
grep -E '^(write|pwrite64|pwritev|ftruncate|fallocate) ' "$WORK/chosen" >"$WORK/writes" && mv "$WORK/writes" "$WORK/chosen"
sweep_calls error=ENOSPC "0 4" eio_recovers "${suspend_words[@]}"
end

again
sure suspend
rm -rf "$WORK/start"
cp -a "$L" "$WORK/start"
publish_words=(log publish)
republishes() {
  run z doctor
  [ "$status" -eq 0 ] || wrong "$1: doctor: exit $status: $(tail -n 2 "$err")"
  same "$((START + 1))" "$(size)" "$1: entries"
  settles "$1"
}

begin "log publish killed at each call: the next run finishes it, same commits as from the store"
calls_of "${publish_words[@]}"
sweep_calls signal=KILL 137 republishes "${publish_words[@]}"
end

begin "log publish with EIO at each call: exit 0 or 4 (5 only by its own checks), and the next run finishes it"
sweep_calls error=EIO "0 4" republishes "${publish_words[@]}"
end

finish
