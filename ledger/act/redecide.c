/* Deciding recorded entries again; see redecide.h. */
#include "ledger/act/redecide.h"

#include <stdlib.h>

#include "ledger/base/clock.h"
#include "ledger/seal/note.h"

struct zd_redecide {
    zd_acts *acts;
    zd_group group;
    size_t next; /* decision of the group that the next entry must equal */
    zd_buf line;
};

zd_redecide *zd_redecide_new(zd_acts *acts)
{
    zd_redecide *redecide = zd_alloc_zero(1, sizeof *redecide);
    redecide->acts = acts;
    return redecide;
}

void zd_redecide_free(zd_redecide *redecide)
{
    if (redecide != NULL) {
        zd_group_free(&redecide->group);
        zd_buf_free(&redecide->line);
        free(redecide);
    }
}

bool zd_redecide_complete(const zd_redecide *redecide)
{
    return redecide->next == redecide->group.count;
}

const zd_group *zd_redecide_group(const zd_redecide *redecide)
{
    return &redecide->group;
}

static zd_status differs(uint64_t seq, zd_error *err)
{
    zd_error_clear(err);
    return zd_fail(err, ZD_E_LEDGER_CORRUPT, "entry %llu is not what its request leads to", (unsigned long long)seq);
}

/* "at" of a decision line. */
static bool line_time(int64_t *out, zd_span line)
{
    zd_json *json = NULL;
    zd_error ignored = {0};
    bool good = zd_json_parse(&json, line, true, &ignored) == ZD_OK && zd_time_parse(out, zd_jval_text(zd_jval_get(zd_json_root(json), "at")));
    zd_json_free(json);
    return good;
}

static zd_status start_group(zd_redecide *redecide, uint64_t seq, const zd_leaf *leaf, zd_error *err)
{
    zd_note note;
    zd_error why = {0};
    zd_incoming in = {.seq = seq};
    zd_group_free(&redecide->group);
    redecide->next = 0;
    if (!line_time(&in.at_unix_ms, zd_span_of(leaf->line.data, leaf->line.size - 1)) || zd_note_split(&note, leaf->note, &why) != ZD_OK || note.count != 1) {
        return differs(seq, err);
    }
    if (seq > 0 && zd_acts_signer(&in.signer, redecide->acts, note.signatures[0].name, note.signatures[0].key_id, &why) != ZD_OK) {
        return differs(seq, err);
    }
    in.text = note.text;
    bool good = zd_acts_submit(&redecide->group, redecide->acts, &in, &why) == ZD_OK && !redecide->group.replay;
    return good ? ZD_OK : differs(seq, err);
}

zd_status zd_redecide_entry(zd_redecide *redecide, uint64_t seq, zd_span bytes, zd_error *err)
{
    zd_leaf leaf;
    zd_error why = {0};
    bool starts = zd_redecide_complete(redecide);
    if (zd_leaf_split(&leaf, bytes, &why) != ZD_OK || starts != (leaf.note.size > 0)) {
        return differs(seq, err);
    }
    zd_status status = starts ? start_group(redecide, seq, &leaf, err) : ZD_OK;
    if (status != ZD_OK) {
        return status;
    }
    zd_buf_clear(&redecide->line);
    zd_decision_encode(&redecide->line, &redecide->group.decisions[redecide->next++], zd_acts_check_name);
    return zd_span_equal(zd_buf_span(&redecide->line), leaf.line) ? ZD_OK : differs(seq, err);
}
