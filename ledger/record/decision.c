/* Decision lines and leaves; see decision.h. The field order here is part of the format: the verifier compares bytes. */
#include "ledger/record/decision.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"

void zd_decision_free(zd_decision *decision)
{
    zd_buf_free(&decision->saw);
    zd_buf_free(&decision->extra);
    free(decision->postings);
    *decision = (zd_decision){0};
}

void zd_decision_post(zd_decision *decision, const char *debit, const char *credit, int64_t amount_fen)
{
    if (decision->posting_count == decision->posting_capacity) {
        decision->posting_capacity = decision->posting_capacity == 0 ? 4 : decision->posting_capacity * 2;
        decision->postings = zd_realloc(decision->postings, decision->posting_capacity * sizeof *decision->postings);
    }
    zd_posting *posting = &decision->postings[decision->posting_count++];
    posting->amount_fen = amount_fen;
    zd_format(posting->debit, sizeof posting->debit, "%s", debit);
    zd_format(posting->credit, sizeof posting->credit, "%s", credit);
}

/* The writer's own comma logic needs an open object; here the commas are ours, so each field is written into a scratch object and cut out. */
static void add_field(zd_decision *decision, const zd_buf *object)
{
    if (decision->extra.size > 0) {
        zd_buf_add_byte(&decision->extra, ',');
    }
    zd_buf_add(&decision->extra, object->data + 1, object->size - 2);
}

void zd_decision_extra_int(zd_decision *decision, const char *name, int64_t value)
{
    zd_buf object = {0};
    zd_jw w = zd_jw_begin(&object);
    zd_jw_object(&w, NULL);
    zd_jw_int(&w, name, value);
    zd_jw_close(&w);
    add_field(decision, &object);
    zd_buf_free(&object);
}

void zd_decision_extra_text(zd_decision *decision, const char *name, const char *value)
{
    zd_buf object = {0};
    zd_jw w = zd_jw_begin(&object);
    zd_jw_object(&w, NULL);
    zd_jw_cstr(&w, name, value);
    zd_jw_close(&w);
    add_field(decision, &object);
    zd_buf_free(&object);
}

void zd_decision_extra_raw(zd_decision *decision, const char *name, zd_span json)
{
    zd_buf object = {0};
    zd_jw w = zd_jw_begin(&object);
    zd_jw_object(&w, NULL);
    zd_jw_raw(&w, name, json);
    zd_jw_close(&w);
    add_field(decision, &object);
    zd_buf_free(&object);
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
    for (size_t i = 0; i < decision->posting_count; i++) {
        zd_jw_array(w, NULL);
        zd_jw_cstr(w, NULL, decision->postings[i].debit);
        zd_jw_cstr(w, NULL, decision->postings[i].credit);
        zd_jw_int(w, NULL, decision->postings[i].amount_fen);
        zd_jw_close(w);
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
