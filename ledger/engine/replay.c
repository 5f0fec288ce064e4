/* Deciding stored leaves again; see replay.h. Signatures were verified when the leaves were made; the auditor's verifier checks them again. */
#include "ledger/engine/replay.h"

#include <string.h>

#include "ledger/engine/ledger_int.h"

typedef struct replay_state {
    zd_acts *acts;
    zd_group group;
    size_t next;   /* decision of the group that the next leaf must equal */
    zd_buf line;
    zd_error *err;
} replay_state;

static zd_status differs(replay_state *state, uint64_t index)
{
    return zd_fail(state->err, ZD_E_LEDGER_CORRUPT, "entry %llu is not what its request leads to", (unsigned long long)index);
}

/* "at" of a decision line, which the first fields of every line hold: {"seq":N,"at":"…" */
static bool line_time(int64_t *out, zd_span line)
{
    zd_json *json = NULL;
    zd_error ignored = {0};
    bool good = zd_json_parse(&json, line, true, &ignored) == ZD_OK && zd_time_parse(out, zd_jval_text(zd_jval_get(zd_json_root(json), "at")));
    zd_json_free(json);
    return good;
}

static zd_status start_group(replay_state *state, uint64_t index, const zd_leaf *leaf)
{
    zd_note note;
    zd_incoming in = {.seq = index};
    zd_error err = {0};
    if (!line_time(&in.at_unix_ms, zd_span_of(leaf->line.data, leaf->line.size - 1)) || zd_note_split(&note, leaf->note, &err) != ZD_OK || note.count != 1) {
        return differs(state, index);
    }
    if (index > 0 && zd_acts_signer(&in.signer, state->acts, note.signatures[0].name, note.signatures[0].key_id, &err) != ZD_OK) {
        return differs(state, index);
    }
    in.text = note.text;
    if (zd_acts_submit(&state->group, state->acts, &in, &err) != ZD_OK || state->group.replay) {
        return differs(state, index);
    }
    return ZD_OK;
}

static zd_status replay_leaf(void *context, uint64_t index, zd_span bytes, const uint8_t hash[ZD_STORE_HASH])
{
    (void)hash;
    replay_state *state = context;
    zd_leaf leaf;
    if (zd_leaf_split(&leaf, bytes, state->err) != ZD_OK) {
        return ZD_INTEGRITY;
    }
    if (state->next == state->group.count) {
        zd_group_free(&state->group);
        state->next = 0;
        zd_status status = leaf.note.size > 0 ? start_group(state, index, &leaf) : differs(state, index);
        if (status != ZD_OK) {
            return status;
        }
    } else if (leaf.note.size > 0) {
        return differs(state, index);
    }
    zd_buf_clear(&state->line);
    zd_decision_encode(&state->line, &state->group.decisions[state->next++], zd_acts_check_name);
    return zd_span_equal(zd_buf_span(&state->line), leaf.line) ? ZD_OK : differs(state, index);
}

zd_status zd_replay(zd_acts *acts, zd_ledger *ledger, uint64_t from, uint64_t to, zd_error *err)
{
    zd_error local = {0};
    replay_state state = {.acts = acts, .err = err != NULL ? err : &local};
    zd_status status = zd_store_leaves(ledger->store, from, to, replay_leaf, &state, state.err);
    if (status == ZD_OK && state.next != state.group.count) {
        status = differs(&state, to);
    }
    zd_group_free(&state.group);
    zd_buf_free(&state.line);
    return status;
}
