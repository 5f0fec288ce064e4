/*
 * The published waiting list of a seal: every unpaid item of the pool below the cut-off that is in no line, with the names of the gates and holds
 * and of what else it waits for. With the lines it makes the seal provably complete. Posts nothing.
 */
#include "ledger/act/seal_int.h"

/* A leaf holds at most 65,535 bytes; an entry takes at most some 400. */
#define CHUNK_BYTES 50000

static void add_reason(zd_buf *out, const char *name)
{
    if (out->size > 0) {
        zd_buf_add_byte(out, ',');
    }
    zd_buf_add_text(out, name);
}

static void add_checks(zd_buf *out, zd_check_set set)
{
    for (unsigned i = 0; i < ZD_CHECKS_MAX; i++) {
        if ((set >> i & 1U) != 0) {
            add_reason(out, zd_acts_check_name(i));
        }
    }
}

static void reasons_of(zd_buf *out, const zd_seal_member *member)
{
    zd_buf_clear(out);
    add_checks(out, member->gates);
    if ((member->waits & ZD_WAIT_HELD) != 0) {
        add_checks(out, (zd_check_set)member->item->holds);
        if (member->item->holds == 0) {
            add_reason(out, "objection");
        }
    }
    if ((member->waits & ZD_WAIT_NOTICE) != 0) {
        add_reason(out, "notice");
    }
    if ((member->waits & ZD_WAIT_ACCOUNT) != 0) {
        add_reason(out, "R40");
    }
    if ((member->waits & ZD_WAIT_MINIMUM) != 0) {
        add_reason(out, "minimum");
    }
}

static void flush(zd_seal *seal, zd_buf *list, zd_jw *w, int64_t *part)
{
    zd_jw_close(w);
    size_t d = zd_act_effect(seal->act, "waiting");
    zd_decision *effect = zd_act_effect_at(seal->act, d);
    zd_decision_extra_int(effect, "part", ++*part);
    zd_decision_extra_raw(effect, "waiting", zd_buf_span(list));
    zd_buf_clear(list);
}

void zd_seal_write_waiting(zd_seal *seal)
{
    zd_buf list = {0};
    zd_buf reasons = {0};
    zd_jw w = {0};
    int64_t part = 0;
    for (size_t i = 0; i < seal->member_count; i++) {
        const zd_seal_member *member = &seal->members[i];
        if (member->waits == 0) {
            continue;
        }
        if (list.size > CHUNK_BYTES) {
            flush(seal, &list, &w, &part);
        }
        if (list.size == 0) {
            w = zd_jw_begin(&list);
            zd_jw_array(&w, NULL);
        }
        reasons_of(&reasons, member);
        zd_jw_array(&w, NULL);
        zd_jw_cstr(&w, NULL, member->item->id);
        zd_jw_text(&w, NULL, zd_buf_span(&reasons));
        zd_jw_int(&w, NULL, member->open_fen + member->returned_fen);
        zd_jw_close(&w);
        seal->waiting++;
    }
    if (list.size > 0) {
        flush(seal, &list, &w, &part);
    }
    zd_buf_free(&list);
    zd_buf_free(&reasons);
}
