#!/usr/bin/env bash
# settle open: every unpaid item with what it waits for, who must act, until when; each wait is cleared by what it names and by nothing else. Figures are fen.
. "$(dirname "$0")/session.sh"

row() { z settle open "${2:-330602-E}" 2>"$WORK/open.err" | grep "\"item\":\"$1\""; }
waits() { row "$1" "${2:-}" | sed -n 's/.*"waits":\[\(.*\)\]}$/\1/p' | sed 's/[{}"]//g; s/reason://g; s/who://g; s/until://g'; } # "R06,holder,R25,..."

begin "gates: consent, own share, the tax office's word and the notice, each cleared by its own fact"
new_ledger
want accepted order O-1 200000
want accepted capture I-1 O-1 200000 "$(invoice 1)"
same "R06,holder,R25,holder-pays-provider,R33,tax-office,notice,time,2026-03-27" "$(waits I-1)" "after the capture"
sure act gateway "fact attest" --fact consent --subject O-1 --value gateway
same "R25,holder-pays-provider,R33,tax-office,notice,time,2026-03-27" "$(waits I-1)" "with the holder's consent"
sure fact own-share O-1 transfer --amount-fen 199999
same "R25,holder-pays-provider,R33,tax-office,notice,time,2026-03-27" "$(waits I-1)" "with less than the own share"
sure fact own-share O-1 transfer --amount-fen 200000
sure fact invoice-check "$(invoice 1)" ok
same "notice,time,2026-03-27" "$(waits I-1)" "with all words"
at "2026-03-27 10:00"
same "seal,maker" "$(waits I-1)" "after the notice"
want accepted seal B-1 330602-E 2026-03-30
same "" "$(row I-1)" "sealed: nothing waits"
verified
end

begin "a hold names its reason and a reviewer, and its deadline is a working day of the calendar"
new_ledger
at "2026-04-17 10:00"
service I-1 O-1 200000 "$(invoice 1)"
want accepted fact invoice-check "$(invoice 1)" void
# 14 calendar days after 17 April is 1 May; the calendar's next working day is 6 May.
has "$(row I-1)" '"holds":["R33"],"held_since":"2026-04-17","deadline":"2026-05-06","overdue":false' "the hold"
same "hold,reviewer,2026-05-06,notice,time,2026-04-24" "$(waits I-1)" "what it waits for"
at "2026-05-07 10:00"
has "$(row I-1)" '"overdue":true' "after the deadline"
same "hold,reviewer,2026-05-06" "$(waits I-1)" "still the reviewer's"
want accepted sweep
want "refused A13" seal B-1 330602-E 2026-05-08
sure fact invoice-check "$(invoice 1)" ok
same "hold,reviewer,2026-05-06" "$(waits I-1)" "a word does not end a hold"
want accepted act reviewer-1 "review release" --item I-1 --reason cleared
same "seal,maker" "$(waits I-1)" "released"
verified
end

begin "an account that is proposed, cools or is missing stops the provider's payments, and an objection its line's"
new_ledger
service I-1 O-1 200000 "$(invoice 1)"
PROVIDER=$P2 service I-2 O-2 300000 "$(invoice 2)"
at "2026-03-28 10:00"
act "provider/$P1" "provider account" --provider $P1 --commitment "$(printf '%064d' 7)" --dry-run >"$WORK/account.note"
want proposed z request submit "$WORK/account.note" --json
same "R40,second-officer" "$(waits I-1)" "only proposed"
want "refused R46" z second "$WORK/account.note" --key "$KEYS/maker" --json
want accepted z second "$WORK/account.note" --key "$KEYS/issuer-2" --json
same "R40,time,2026-04-12" "$(waits I-1)" "cooling for 15 days"
want accepted seal B-1 330602-E 2026-03-30
same 1 "$(value settle B-1 count)" "lines: the other provider's"
want accepted act reviewer-1 "settle object" --batch B-1 --provider $P2 --reason dispute
same "objection,reviewer,2026-04-13" "$(waits I-2)" "the objection's deadline: 11 April is a Saturday"
at "2026-04-12 10:00"
same "seal,maker" "$(waits I-1)" "cooled"
want accepted seal B-2 330602-E 2026-04-14
same "2 1" "$(line_value B-2 $P1 account_version) $(line_value B-2 $P1 first_payment)" "the sealed snapshot: version 2, its first payment"
verified
end

begin "what is below the minimum payout waits for more, and a forced run pays it"
new_ledger
service I-1 O-1 9999 "$(invoice 1)"
at "2026-03-28 10:00"
same "minimum,next-service-or-forced-seal" "$(waits I-1)" "99.99 yuan"
want "refused A13" seal B-1 330602-E 2026-03-30
service I-2 O-2 1 "$(invoice 2)"
at "2026-04-08 10:00"
same "seal,maker" "$(waits I-1)" "with one fen more it is enough"
want accepted seal B-1 330602-E 2026-04-10
same 10000 "$(value settle B-1 total_fen)" "both"
verified
end


finish
