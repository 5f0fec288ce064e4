/* Deciding stored leaves again, group by group, and comparing every byte. For recovery and doctor. */
#ifndef ZD_ENGINE_REPLAY_H
#define ZD_ENGINE_REPLAY_H

#include "ledger/engine/ledger.h"

/* Replays leaves [from, to) over acts, whose book is current up to from, which is the start of a group. LEDGER_CORRUPT names the entry that differs. */
zd_status zd_replay(zd_acts *acts, zd_ledger *ledger, uint64_t from, uint64_t to, zd_error *err);

#endif
