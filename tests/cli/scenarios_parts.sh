#!/usr/bin/env bash
# A seal in parts through the real commands: other requests between the parts, a command that was killed, and what the verifier says of it. Figures are fen.
. "$(dirname "$0")/session.sh"

# Three providers with a service of 100,000, 200,000 and 300,000; in the order of the open list: 1, 3, 2.
three_services() {
  new_ledger
  service I-1 O-1 100000 "$(invoice 1)"
  PROVIDER=$P2 service I-2 O-2 200000 "$(invoice 2)"
  PROVIDER=$P3 service I-3 O-3 300000 "$(invoice 3)"
  at "2026-03-28 10:00"
}
parts() { z settle show B-1 2>/dev/null | sed -n 's/.*"part":\([0-9]*\).*/\1/p'; }

begin "settle seal writes all parts itself: three leaves groups, one batch, the same lines as in one part"
three_services
want accepted seal B-1 330602-E 2026-03-30 --chunk 1
same "3 1 3 600000" "$(parts) $(value settle B-1 state) $(value settle B-1 count) $(value settle B-1 total_fen)" "parts, state, count, total"
same 3 "$(grep -c '"outcome":"accepted"' "$out")" "answers"
has "$(z log show $(($(value settle B-1 last_seq) - 1)))" '"sealed_lines":3,"sealed_count":3,"sealed_fen":600000' "the last part"
want accepted approve B-1
want accepted release B-1 3 600000
for p in $P1 $P2 $P3; do want accepted ack B-1 "$p" debited; done
same "0 99400000" "$(fen 330602-E 3100) $(fen 330602-E 1000)" "in settlement, cash"
verified
end

begin "a seal that stopped after its first part: requests come between, nobody else goes on, the same command does"
three_services
# What a killed command leaves: the first part is durable, the others were never asked for.
want accepted body maker batch.seal seal-1 "{\"batch\":\"B-1\",\"pool\":\"330602-E\",\"cutoff\":$(size),\"execution\":\"2026-03-30\",\"chunk\":1}"
same "12 1" "$(value settle B-1 state) $(parts)" "a draft of one part"
want "refused A04" approve B-1
want "refused A04" seal B-2 330602-E 2026-03-30
want accepted order O-4 400000
want accepted capture I-4 O-4 400000 "$(invoice 4)"
sure cleared O-4 400000 "$(invoice 4)"
want accepted act "provider/$P2" "redeem refund" --note N-1 --item I-2 --amount-fen 50000 --reason mistake
want "refused R46" act maker-2 "settle continue" --batch B-1 --part 2
want "refused A07" act maker "settle continue" --batch B-1 --part 3
want accepted seal B-1 330602-E 2026-03-30 --chunk 1
has "$(cat "$err")" "part 1" "the officer is told"
same "3 1 3 550000" "$(parts) $(value settle B-1 state) $(value settle B-1 count) $(value settle B-1 total_fen)" "parts, state, count, total"
same 400000 "$(fen 330602-E 3000)" "behind the cut-off: still open"
want accepted approve B-1
want accepted release B-1 3 550000
verified
end

begin "settle preview shows all parts of what a seal would hold, and changes nothing"
three_services
before=$(state)
run act maker "settle preview" --pool 330602-E --execution 2026-03-30
same 0 "$status" "exit status"
has "$(cat "$out")" '"net_fen":300000' "the preview"
same "$before" "$(state)" "the ledger"
end

finish
