/* Decision lines and leaves; see decision.h. The field order here is part of the format: the verifier compares bytes. */
#include "ledger/record/decision.h"

#include <assert.h>
#include <string.h>

#include "ledger/base/clock.h"

void zd_decision_free(zd_decision *decision)
{
    zd_buf_free(&decision->saw);
    zd_buf_free(&decision->extra);
    zd_buf_free(&decision->postings);
    *decision = (zd_decision){0};
}

/* What stands before the two names of a packed posting: a group waits with thousands of them, most names being a quarter as long as they may be. */
typedef struct posting_head {
    int64_t amount_fen;
    uint8_t debit_size;
    uint8_t credit_size;
} posting_head;
static_assert(ZD_ACCOUNT_NAME_MAX <= UINT8_MAX, "a posting keeps the length of a name in a byte");

#define POSTINGS_FIRST 240 /* bytes: what most decisions post */

void zd_decision_post(zd_decision *decision, zd_span debit, zd_span credit, int64_t amount_fen)
{
    ZD_ASSERT(debit.size < ZD_ACCOUNT_NAME_MAX && credit.size < ZD_ACCOUNT_NAME_MAX);
    posting_head head = {.amount_fen = amount_fen, .debit_size = (uint8_t)debit.size, .credit_size = (uint8_t)credit.size};
    size_t size = sizeof head + debit.size + credit.size;
    bool small = decision->posting_count == 0 && size < POSTINGS_FIRST;
    uint8_t *to = zd_buf_reserve(&decision->postings, small ? POSTINGS_FIRST : size);
    memcpy(to, &head, sizeof head);
    memcpy(to + sizeof head, debit.data, debit.size);
    memcpy(to + sizeof head + debit.size, credit.data, credit.size);
    decision->postings.size += size;
    decision->posting_count++;
}

void zd_decision_unpost(zd_decision *decision)
{
    zd_buf_clear(&decision->postings);
    decision->posting_count = 0;
}

/* The writer's own comma logic needs an open object; here the commas are ours: each field is written as an object of its own, which then loses its braces. */
static zd_jw field_begin(zd_decision *decision, size_t *start)
{
    *start = decision->extra.size;
    zd_jw w = zd_jw_begin(&decision->extra);
    zd_jw_object(&w, NULL);
    return w;
}

static void field_end(zd_decision *decision, zd_jw *w, size_t start)
{
    zd_buf *extra = &decision->extra;
    zd_jw_close(w);
    extra->size--;
    if (start > 0) {
        extra->data[start] = ',';
    } else {
        extra->size--;
        memmove(extra->data, extra->data + 1, extra->size);
    }
    extra->data[extra->size] = 0;
}

void zd_decision_extra_int(zd_decision *decision, const char *name, int64_t value)
{
    size_t start = 0;
    zd_jw w = field_begin(decision, &start);
    zd_jw_int(&w, name, value);
    field_end(decision, &w, start);
}

void zd_decision_extra_text(zd_decision *decision, const char *name, const char *value)
{
    size_t start = 0;
    zd_jw w = field_begin(decision, &start);
    zd_jw_cstr(&w, name, value);
    field_end(decision, &w, start);
}

void zd_decision_extra_raw(zd_decision *decision, const char *name, zd_span json)
{
    size_t start = 0;
    zd_jw w = field_begin(decision, &start);
    zd_jw_raw(&w, name, json);
    field_end(decision, &w, start);
}

static const char *outcome_word(zd_outcome outcome)
{
    switch (outcome) {
    case ZD_ACCEPTED:
        return "accepted";
    case ZD_HELD:
        return "held";
    case ZD_REFUSED_BY_RULE:
        return "refused";
    case ZD_PROPOSED:
        return "proposed";
    }
    ZD_ASSERT(false);
    return "";
}

static void add_checks(zd_jw *w, const char *name, zd_check_set set, zd_check_namer *namer)
{
    if (set == 0) {
        return;
    }
    zd_jw_array(w, name);
    for (unsigned i = 0; i < ZD_CHECKS_MAX; i++) {
        if ((set >> i & 1U) != 0) {
            zd_jw_cstr(w, NULL, namer(i));
        }
    }
    zd_jw_close(w);
}

static void add_postings(zd_jw *w, const zd_decision *decision)
{
    if (decision->posting_count == 0) {
        return;
    }
    zd_jw_array(w, "postings");
    const uint8_t *at = decision->postings.data;
    for (size_t i = 0; i < decision->posting_count; i++) {
        posting_head head;
        memcpy(&head, at, sizeof head);
        at += sizeof head;
        zd_jw_array(w, NULL);
        zd_jw_text(w, NULL, zd_span_of(at, head.debit_size));
        zd_jw_text(w, NULL, zd_span_of(at + head.debit_size, head.credit_size));
        zd_jw_int(w, NULL, head.amount_fen);
        zd_jw_close(w);
        at += head.debit_size + head.credit_size;
    }
    zd_jw_close(w);
}

void zd_decision_encode(zd_buf *out, const zd_decision *decision, zd_check_namer *namer)
{
    char at[ZD_TIME_TEXT];
    zd_time_text(at, decision->at_unix_ms);
    zd_jw w = zd_jw_begin(out);
    zd_jw_object(&w, NULL);
    zd_jw_int(&w, "seq", (int64_t)decision->seq);
    zd_jw_cstr(&w, "at", at);
    if (decision->is_effect) {
        char hex[ZD_HASH_HEX];
        zd_hash_hex(hex, &decision->note_sha256);
        zd_jw_int(&w, "of", (int64_t)decision->of_seq);
        zd_jw_cstr(&w, "note_sha256", hex);
        zd_jw_cstr(&w, "item", decision->item);
    }
    zd_jw_cstr(&w, "outcome", outcome_word(decision->outcome));
    if (decision->code != ZD_CODE_NONE) {
        zd_jw_cstr(&w, "code", zd_code_name(decision->code));
    }
    if (decision->policy != 0) {
        zd_jw_int(&w, "policy", decision->policy);
    }
    add_checks(&w, "gates", decision->gates, namer);
    add_checks(&w, "holds", decision->holds, namer);
    add_checks(&w, "flags", decision->flags, namer);
    if (decision->subsidy_fen != 0) {
        zd_jw_int(&w, "subsidy_fen", decision->subsidy_fen);
    }
    if (decision->effects != 0) {
        zd_jw_int(&w, "effects", (int64_t)decision->effects);
    }
    if (decision->saw.size > 0) {
        zd_jw_raw(&w, "saw", zd_buf_span(&decision->saw));
    }
    if (decision->extra.size > 0) {
        zd_buf_add_byte(out, ',');
        zd_buf_add_span(out, zd_buf_span(&decision->extra));
    }
    add_postings(&w, decision);
    zd_jw_close(&w);
    zd_buf_add_byte(out, '\n');
}

zd_status zd_leaf_split(zd_leaf *out, zd_span bytes, zd_error *err)
{
    const uint8_t *newline = bytes.size > 0 ? memchr(bytes.data, '\n', bytes.size) : NULL;
    if (newline == NULL || bytes.data[0] != '{' || bytes.size > ZD_LEAF_MAX) {
        return zd_fail(err, ZD_E_LEDGER_CORRUPT, "not a leaf");
    }
    size_t line = (size_t)(newline - bytes.data) + 1;
    *out = (zd_leaf){.line = zd_span_of(bytes.data, line), .note = zd_span_of(bytes.data + line, bytes.size - line)};
    return ZD_OK;
}
