/* Deciding stored leaves again; see replay.h. Signatures were verified when the leaves were made; the auditor's verifier checks them again. */
#include "ledger/engine/replay.h"

#include "ledger/act/redecide.h"
#include "ledger/engine/ledger_int.h"

typedef struct replay_state {
    zd_redecide *redecide;
    zd_error *err;
} replay_state;

static zd_status replay_leaf(void *context, uint64_t index, zd_span bytes, const uint8_t hash[ZD_STORE_HASH])
{
    (void)hash;
    replay_state *state = context;
    return zd_redecide_entry(state->redecide, index, bytes, state->err);
}

zd_status zd_replay(zd_acts *acts, zd_ledger *ledger, uint64_t from, uint64_t to, zd_error *err)
{
    zd_error local = {0};
    replay_state state = {.redecide = zd_redecide_new(acts), .err = err != NULL ? err : &local};
    zd_status status = zd_store_leaves(ledger->store, from, to, replay_leaf, &state, state.err);
    if (status == ZD_OK && !zd_redecide_complete(state.redecide)) {
        status = zd_fail(state.err, ZD_E_LEDGER_CORRUPT, "entry %llu is missing", (unsigned long long)to);
    }
    zd_redecide_free(state.redecide);
    return status;
}
