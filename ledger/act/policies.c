/*
 * Publishing policy, listing exceptions, correcting errors: acts of two officers that change what later entries are judged by, never how
 * earlier ones were. A policy is stored as a canonical re-encoding of what was signed (the note itself stays in the leaf, byte for byte), and its hash names it.
 */
#include <string.h>

#include "ledger/act/act_int.h"
#include "ledger/base/clock.h"
#include "ledger/record/identifiers.h"

#define POLICY_TEXT_MAX (sizeof ((zd_rec_policy *)NULL)->text - 1)

/* --- canonical text of a policy: three levels of objects, scalars in them; anything else is not a policy --- */

typedef struct copy {
    zd_jw *w;
    zd_status (*deeper)(void *context, zd_span name, zd_jval value); /* NULL on the innermost level */
} copy;

static zd_status copy_value(const copy *to, zd_span name, zd_jval value)
{
    char name_text[64];
    if (!zd_span_copy(name_text, sizeof name_text, name)) {
        return ZD_MALFORMED;
    }
    switch (zd_jval_kind(value)) {
    case ZD_J_STRING:
        zd_jw_text(to->w, name_text, zd_jval_text(value));
        return ZD_OK;
    case ZD_J_INT:
        zd_jw_int(to->w, name_text, zd_jval_int(value));
        return ZD_OK;
    case ZD_J_BOOL:
        zd_jw_bool(to->w, name_text, zd_jval_bool(value));
        return ZD_OK;
    case ZD_J_OBJECT:
        break;
    case ZD_J_ABSENT:
    case ZD_J_ARRAY:
    case ZD_J_NULL:
        return ZD_MALFORMED;
    }
    if (to->deeper == NULL) {
        return ZD_MALFORMED;
    }
    zd_jw_object(to->w, name_text);
    zd_status status = zd_jval_each(value, to->deeper, to->w);
    zd_jw_close(to->w);
    return status;
}

static zd_status copy_parameter_field(void *context, zd_span name, zd_jval value)
{
    copy to = {.w = context};
    return copy_value(&to, name, value);
}

static zd_status copy_parameter(void *context, zd_span name, zd_jval value)
{
    copy to = {.w = context, .deeper = copy_parameter_field};
    return copy_value(&to, name, value);
}

static zd_status copy_top(void *context, zd_span name, zd_jval value)
{
    copy to = {.w = context, .deeper = copy_parameter};
    return copy_value(&to, name, value);
}

static bool canonical(zd_buf *out, zd_jval policy)
{
    zd_jw w = zd_jw_begin(out);
    zd_jw_object(&w, NULL);
    zd_status status = zd_jval_each(policy, copy_top, &w);
    zd_jw_close(&w);
    return status == ZD_OK && out->size <= POLICY_TEXT_MAX;
}

/* --- publishing --- */

/* The notice that everybody is given is what the policy now in force promises; before any is in force, what the last published one promises. */
static int64_t earliest_day(zd_act *act, int64_t last)
{
    const zd_policy *now = zd_act_policy_now(act);
    const zd_policy *promise = now != NULL ? now : zd_act_policy(act, last);
    return promise != NULL ? act->today_day + zd_policy_int(promise, ZD_P_POLICY_NOTICE) : INT64_MIN;
}

static const char *policy_obstacle(zd_act *act, int64_t last)
{
    int64_t effective_day = zd_req_int(act->request, ZD_F_EFFECTIVE);
    if (zd_req_int(act->request, ZD_F_NUMBER) != last + 1) {
        return "number";
    }
    const zd_rec_policy *before = last > 0 ? zd_book_find(act->book, ZD_R_POLICY, "%06lld", (long long)last) : NULL;
    if (before != NULL && effective_day <= before->effective_day) {
        return "effective-order";
    }
    return effective_day < earliest_day(act, last) ? "effective-notice" : NULL;
}

/* Who counts working days needs the calendar of the year in which that begins: brought by this policy, or by one before. */
static bool calendar_is_there(zd_act *act, const zd_policy *parsed)
{
    int year = zd_day_year(zd_req_int(act->request, ZD_F_EFFECTIVE));
    bool counts = false;
    for (size_t i = 0; i < ZD_P__COUNT; i++) {
        counts = counts || parsed->unit[i] == ZD_DAYS_WORKING;
    }
    return !counts || zd_policy_year_of(parsed, year) != NULL || zd_act_knows_year(act, year);
}

zd_status zd_act_policy_publish(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_ledger *ledger = zd_book_edit(act->book, ZD_R_LEDGER, "%s", "");
    ZD_ASSERT(ledger != NULL);
    const char *obstacle = policy_obstacle(act, ledger->policy_last);
    if (obstacle != NULL) {
        return zd_act_refuse(act, ZD_E_A_POLICY, obstacle);
    }
    zd_policy parsed = {0};
    zd_error why = {0};
    if (zd_policy_parse(&parsed, act->request->policy, &why) != ZD_OK) {
        (void)zd_act_refuse(act, ZD_E_A_POLICY, "content");
        zd_act_saw_text(act, "parameter", zd_span_text(why.field));
        return ZD_OK;
    }
    if (!calendar_is_there(act, &parsed)) {
        return zd_act_refuse(act, ZD_E_A_POLICY, "calendar");
    }
    zd_buf text = {0};
    if (canonical(&text, act->request->policy)) {
        zd_rec_policy *record = zd_book_add(act->book, ZD_R_POLICY, "%06lld", (long long)ledger->policy_last + 1);
        record->number = ledger->policy_last + 1;
        record->effective_day = zd_req_int(act->request, ZD_F_EFFECTIVE);
        record->published_seq = (int64_t)act->seq;
        record->sha256 = zd_sha256(zd_buf_span(&text));
        ZD_SET_TEXT(record->text, zd_buf_span(&text));
        ledger->policy_last = record->number;
        char hex[ZD_HASH_HEX];
        zd_hash_hex(hex, &record->sha256);
        zd_decision_extra_text(zd_act_decision(act), "policy_sha256", hex);
    } else {
        (void)zd_act_refuse(act, ZD_E_A_POLICY, "shape-or-size");
    }
    zd_buf_free(&text);
    return ZD_OK;
}

/* --- exceptions --- */

zd_status zd_act_exception(zd_act *act, zd_error *err)
{
    (void)err;
    zd_span code = zd_req_text(act->request, ZD_F_CODE);
    const char *id = zd_act_text(act, ZD_F_CODE);
    if (!zd_uscc_is_shaped(code)) {
        return zd_act_refuse(act, ZD_E_A_MISMATCH, "code");
    }
    if (zd_uscc_is_valid(code)) {
        return zd_act_refuse(act, ZD_E_A_EMPTY, "code"); /* it needs no exception */
    }
    if (zd_book_find(act->book, ZD_R_EXC, "%s", id) != NULL) {
        return zd_act_refuse(act, ZD_E_A_EXISTS, "code");
    }
    zd_rec_exc *record = zd_book_add(act->book, ZD_R_EXC, "%s", id);
    ZD_SET_TEXT(record->decision, zd_req_text(act->request, ZD_F_DECISION));
    record->seq = (int64_t)act->seq;
    return ZD_OK;
}

/* --- errata --- */

/*
 * A found error stays on the record; what was paid too much comes back as a credit note of the erratum's own, named after its leaf. Without an amount it only puts
 * the correction on record. Too little paid is made good by a further redemption, never by raising an item.
 */
zd_status zd_act_erratum(zd_act *act, zd_error *err)
{
    (void)err;
    const char *id = zd_act_text(act, ZD_F_ITEM);
    zd_rec_item *item = zd_book_edit(act->book, ZD_R_ITEM, "%s", id);
    if (item == NULL) {
        return zd_act_refuse(act, ZD_E_A_ABSENT, "item");
    }
    int64_t amount_fen = zd_req_int(act->request, ZD_F_AMOUNT);
    for (size_t i = 0; i < ZD_LEGS && item->leg_pool[i][0] != '\0'; i++) {
        const zd_rec_pool *pool = zd_book_find(act->book, ZD_R_POOL, "%s", item->leg_pool[i]);
        if (!zd_act_has_authority(act, pool != NULL ? pool->jurisdiction : "", amount_fen)) {
            return ZD_OK;
        }
    }
    if (amount_fen == 0) {
        return zd_req_has(act->request, ZD_F_AMOUNT) ? zd_act_refuse(act, ZD_E_R14, "amount") : ZD_OK;
    }
    char note[ZD_ID_SIZE];
    zd_format(note, sizeof note, "erratum-%lld", (long long)act->seq);
    zd_book_cursor notes = zd_book_scan(act->book, ZD_R_NOTE, "%s/", note);
    if (zd_book_next(&notes)) {
        return zd_act_refuse(act, ZD_E_A_EXISTS, "note");
    }
    if (zd_refund_item(act, act->decision_index, item, note, amount_fen)) {
        zd_decision_extra_text(zd_act_decision(act), "note", note);
    }
    return ZD_OK;
}
