/* Deciding entries again for their records; see rebuild.h. */
#include "ledger/report/rebuild.h"

#include <stdlib.h>

#include "ledger/base/clock.h"
#include "ledger/seal/note.h"

struct zd_rebuild {
    zd_book *book;
    zd_acts *acts;
    zd_group group;
    size_t next; /* decision that the next entry must equal */
    zd_buf line;
};

zd_rebuild *zd_rebuild_new(void)
{
    zd_rebuild *rebuild = zd_alloc_zero(1, sizeof *rebuild);
    rebuild->book = zd_book_new(NULL);
    rebuild->acts = zd_acts_new(rebuild->book);
    return rebuild;
}

void zd_rebuild_free(zd_rebuild *rebuild)
{
    if (rebuild == NULL) {
        return;
    }
    zd_group_free(&rebuild->group);
    zd_acts_free(rebuild->acts);
    zd_book_free(rebuild->book);
    zd_buf_free(&rebuild->line);
    free(rebuild);
}

zd_book *zd_rebuild_book(zd_rebuild *rebuild)
{
    return rebuild->book;
}

static zd_status differs(uint64_t seq, zd_error *err)
{
    zd_error_clear(err);
    return zd_fail(err, ZD_E_LEDGER_CORRUPT, "entry %llu is not what its request leads to", (unsigned long long)seq);
}

static bool time_of(int64_t *out, zd_span line)
{
    zd_json *json = NULL;
    zd_error ignored = {0};
    bool good = zd_json_parse(&json, line, true, &ignored) == ZD_OK && zd_time_parse(out, zd_jval_text(zd_jval_get(zd_json_root(json), "at")));
    zd_json_free(json);
    return good;
}

static zd_status start_group(zd_rebuild *rebuild, uint64_t seq, const zd_leaf *leaf, zd_error *err)
{
    zd_note note;
    zd_incoming in = {.seq = seq};
    zd_group_free(&rebuild->group);
    rebuild->next = 0;
    if (!time_of(&in.at_unix_ms, zd_span_of(leaf->line.data, leaf->line.size - 1)) || zd_note_split(&note, leaf->note, err) != ZD_OK || note.count != 1) {
        return differs(seq, err);
    }
    if (seq > 0 && zd_acts_signer(&in.signer, rebuild->acts, note.signatures[0].name, note.signatures[0].key_id, err) != ZD_OK) {
        return differs(seq, err);
    }
    in.text = note.text;
    bool good = zd_acts_submit(&rebuild->group, rebuild->acts, &in, err) == ZD_OK && !rebuild->group.replay;
    return good ? ZD_OK : differs(seq, err);
}

zd_status zd_rebuild_entry(zd_rebuild *rebuild, uint64_t seq, zd_span bytes, zd_error *err)
{
    zd_leaf leaf;
    if (zd_leaf_split(&leaf, bytes, err) != ZD_OK) {
        return differs(seq, err);
    }
    bool starts = rebuild->next == rebuild->group.count;
    if (starts != (leaf.note.size > 0)) {
        return differs(seq, err);
    }
    zd_status status = starts ? start_group(rebuild, seq, &leaf, err) : ZD_OK;
    if (status != ZD_OK) {
        return status;
    }
    zd_buf_clear(&rebuild->line);
    zd_decision_encode(&rebuild->line, &rebuild->group.decisions[rebuild->next++], zd_acts_check_name);
    zd_book_clean(rebuild->book);
    return zd_span_equal(zd_buf_span(&rebuild->line), leaf.line) ? ZD_OK : differs(seq, err);
}
