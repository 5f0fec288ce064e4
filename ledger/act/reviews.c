/*
 * What a reviewer decides about doubtful redemptions, and what happens to money that must come back: release, reject, clawback from a holder, recovery
 * in cash, write-off. Each act names its reason or decision in the signed note. A clawback never touches the provider's money; a write-off
 * never gives quota or budget back: the spend simply stands.
 */
#include "ledger/act/settle_int.h"

#include <string.h>

#include "ledger/base/money.h"

/* The item, when the signer may decide about it; NULL = refused. */
static zd_rec_item *item_for_review(zd_act *act)
{
    const char *id = zd_act_text(act, ZD_F_ITEM);
    zd_rec_item *item = zd_book_edit(act->book, ZD_R_ITEM, "%s", id);
    if (item == NULL) {
        (void)zd_act_refuse(act, ZD_E_A_ABSENT, "item");
        return NULL;
    }
    if (!zd_settle_in_item(act, item)) {
        (void)zd_act_refuse(act, ZD_E_R46, "jurisdiction");
        return NULL;
    }
    if (!zd_settle_within_limit(act, zd_item_open_fen(item))) {
        (void)zd_act_refuse(act, ZD_E_R47, "limit");
        return NULL;
    }
    return item;
}

zd_status zd_act_review_release(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_item *item = item_for_review(act);
    if (item == NULL) {
        return ZD_OK;
    }
    if (item->state != ZD_I_CAPTURED || item->held == 0) {
        return zd_act_refuse(act, ZD_E_A_STATE, "not-held");
    }
    int64_t released_fen = zd_item_open_fen(item);
    if (!zd_item_release(act, act->decision_index, item)) {
        return ZD_OK;
    }
    zd_item_check(item);
    zd_decision_extra_int(zd_act_decision(act), "released_fen", released_fen);
    return ZD_OK;
}

/* What of a leg is unpaid and not refunded. After a refund of paid money that the bank then returned, the provider owes the refund by its note: that part of the
 * returned amount stays the provider's. */
static int64_t rejectable(const zd_rec_item *item, size_t leg)
{
    return zd_fen_min(item->open_fen[leg] + item->returned_fen[leg], item->leg_fen[leg] - item->refunded_open_fen[leg] - item->refunded_settled_fen[leg]);
}

/* An item of which a part was settled keeps that part; what is unpaid goes back. */
static bool reject_rest(zd_act *act, zd_rec_item *item)
{
    int64_t live_fen = item->amount_fen;
    int64_t given_fen = 0;
    for (size_t i = 0; i < ZD_LEGS; i++) {
        int64_t part_fen = rejectable(item, i);
        int64_t open_fen = zd_fen_min(part_fen, item->open_fen[i]);
        live_fen -= item->refunded_open_fen[i];
        given_fen += part_fen;
        if (open_fen > 0 && !zd_move_give_back(act, act->decision_index, item, i, item->held != 0 ? 3050 : 3000, open_fen)) {
            return false;
        }
        if (part_fen > open_fen && !zd_move_give_back(act, act->decision_index, item, i, 3200, part_fen - open_fen)) {
            return false;
        }
        item->refunded_open_fen[i] += part_fen;
        item->open_fen[i] -= open_fen;
        item->returned_fen[i] -= part_fen - open_fen;
    }
    if (given_fen > 0) {
        zd_item_unclaim(act, item, given_fen, live_fen);
    }
    zd_item_unhold_empty(act, item);
    zd_item_reindex(act, item);
    zd_item_check(item);
    return true;
}

zd_status zd_act_review_reject(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_item *item = item_for_review(act);
    if (item == NULL) {
        return ZD_OK;
    }
    if (item->state != ZD_I_CAPTURED || (item->held == 0 && item->gates == 0)) {
        return zd_act_refuse(act, ZD_E_A_STATE, "not-held");
    }
    if (zd_item_in_batch_fen(item) > 0) {
        return zd_act_refuse(act, ZD_E_A_RETRY, "in-batch");
    }
    int64_t rejected_fen = 0;
    for (size_t i = 0; i < ZD_LEGS; i++) {
        rejected_fen += rejectable(item, i);
    }
    if (rejected_fen == 0) {
        return zd_act_refuse(act, ZD_E_A_EMPTY, "open");
    }
    bool settled = zd_item_was_settled(item) || zd_item_returned_fen(item) > 0;
    if (settled ? reject_rest(act, item) : zd_item_unwind(act, act->decision_index, item, ZD_I_REJECTED)) {
        zd_decision_extra_int(zd_act_decision(act), "rejected_fen", rejected_fen);
    }
    return ZD_OK;
}

/* What of each leg was settled, not refunded, and not yet claimed back by another case. Cases are few, so they are simply walked. */
static void clawable(zd_act *act, const zd_rec_item *item, int64_t out_fen[ZD_LEGS])
{
    for (size_t i = 0; i < ZD_LEGS; i++) {
        out_fen[i] = zd_fen_max(item->offset_fen[i] + item->paid_fen[i] - item->refunded_settled_fen[i], 0);
    }
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_CASE, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_holdercase *other = cursor.record;
        int64_t claimed_fen = strcmp(other->item, item->id) == 0 ? other->amount_fen : 0;
        for (size_t i = 0; i < ZD_LEGS && claimed_fen > 0; i++) {
            int64_t here_fen = zd_fen_min(claimed_fen, out_fen[i]);
            out_fen[i] -= here_fen;
            claimed_fen -= here_fen;
        }
    }
}

static bool open_case(zd_act *act, const zd_rec_item *item, const char *id, const char *pool, int64_t amount_fen)
{
    if (!zd_act_post(act, amount_fen, zd_account(act, 1200, item->holder, pool, NULL), zd_account(act, 2170, id, pool, NULL))) {
        return false;
    }
    zd_rec_holdercase *record = zd_book_ensure(act->book, ZD_R_CASE, "%s/%s", id, pool);
    zd_format(record->id, sizeof record->id, "%s", id);
    zd_format(record->pool, sizeof record->pool, "%s", pool);
    zd_format(record->item, sizeof record->item, "%s", item->id);
    zd_format(record->holder, sizeof record->holder, "%s", item->holder);
    record->amount_fen += amount_fen;
    record->remaining_fen += amount_fen;
    record->seq = (int64_t)act->seq;
    record->day = act->today_day;
    return true;
}

static bool case_exists(zd_act *act, const char *id)
{
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_CASE, "%s/", id);
    return zd_book_next(&cursor);
}

zd_status zd_act_clawback(zd_act *act, zd_error *err)
{
    (void)err;
    const char *id = zd_act_text(act, ZD_F_CASE);
    const zd_rec_item *item = zd_book_find(act->book, ZD_R_ITEM, "%s", zd_act_text(act, ZD_F_ITEM));
    if (item == NULL) {
        return zd_act_refuse(act, ZD_E_A_ABSENT, "item");
    }
    if (case_exists(act, id)) {
        return zd_act_refuse(act, ZD_E_A_EXISTS, "case");
    }
    if (!zd_span_is(zd_req_text(act->request, ZD_F_HOLDER), item->holder)) {
        return zd_act_refuse(act, ZD_E_A_MISMATCH, "holder");
    }
    int64_t amount_fen = zd_req_int(act->request, ZD_F_AMOUNT);
    if (!zd_settle_in_item(act, item)) {
        return zd_act_refuse(act, ZD_E_R46, "jurisdiction");
    }
    if (!zd_settle_within_limit(act, amount_fen)) {
        return zd_act_refuse(act, ZD_E_R47, "limit");
    }
    int64_t legs_fen[ZD_LEGS];
    int64_t parts_fen[ZD_LEGS];
    int64_t most_fen = 0;
    clawable(act, item, legs_fen);
    for (size_t i = 0; i < ZD_LEGS; i++) {
        most_fen += legs_fen[i];
    }
    if (amount_fen <= 0 || amount_fen > most_fen) {
        zd_act_saw_int(act, "settled_fen", most_fen);
        return zd_act_refuse(act, ZD_E_R14, "clawback");
    }
    zd_fen_split(parts_fen, legs_fen, ZD_LEGS, amount_fen);
    for (size_t i = 0; i < ZD_LEGS; i++) {
        if (parts_fen[i] > 0 && !open_case(act, item, id, item->leg_pool[i], parts_fen[i])) {
            return ZD_OK;
        }
    }
    return ZD_OK;
}

/* The note or case that a recovery or write-off names; exactly one of the two pointers is set on success. */
typedef struct debt {
    zd_rec_note *note;
    zd_rec_holdercase *holdercase;
    const char *pool;
    int64_t remaining_fen;
} debt;

/* The only pool with something left, when the request names none: NULL when there is none or more than one. */
static const char *only_pool(zd_act *act, const char *note, const char *holdercase)
{
    const char *pool = NULL;
    size_t found = 0;
    zd_book_cursor cursor = note != NULL ? zd_book_scan(act->book, ZD_R_NOTE, "%s/", note) : zd_book_scan(act->book, ZD_R_CASE, "%s/", holdercase);
    while (zd_book_next(&cursor)) {
        const zd_rec_note *as_note = note != NULL ? cursor.record : NULL;
        const zd_rec_holdercase *as_case = note != NULL ? NULL : cursor.record;
        if ((as_note != NULL ? as_note->remaining_fen : as_case->remaining_fen) > 0) {
            pool = as_note != NULL ? as_note->pool : as_case->pool;
            found++;
        }
    }
    return found == 1 ? pool : NULL;
}

static zd_code find_debt(debt *out, zd_act *act)
{
    bool by_note = zd_req_has(act->request, ZD_F_NOTE);
    if (by_note == zd_req_has(act->request, ZD_F_CASE)) {
        return ZD_E_A_MISMATCH; /* exactly one of the two */
    }
    const char *note = by_note ? zd_act_text(act, ZD_F_NOTE) : NULL;
    const char *holdercase = by_note ? NULL : zd_act_text(act, ZD_F_CASE);
    const char *pool = zd_req_has(act->request, ZD_F_POOL) ? zd_act_text(act, ZD_F_POOL) : only_pool(act, note, holdercase);
    if (pool == NULL) {
        return ZD_E_A_ABSENT;
    }
    *out = (debt){.pool = pool};
    if (by_note) {
        out->note = zd_book_edit(act->book, ZD_R_NOTE, "%s/%s", note, pool);
        out->remaining_fen = out->note != NULL ? out->note->remaining_fen : 0;
    } else {
        out->holdercase = zd_book_edit(act->book, ZD_R_CASE, "%s/%s", holdercase, pool);
        out->remaining_fen = out->holdercase != NULL ? out->holdercase->remaining_fen : 0;
    }
    return out->note != NULL || out->holdercase != NULL ? ZD_CODE_NONE : ZD_E_A_ABSENT;
}

/* Shared checks; false = refused. */
static bool take_debt(debt *out, zd_act *act, int64_t amount_fen)
{
    zd_code code = find_debt(out, act);
    if (code != ZD_CODE_NONE) {
        (void)zd_act_refuse(act, code, "note-or-case");
        return false;
    }
    if (!zd_settle_in_pool(act, out->pool)) {
        (void)zd_act_refuse(act, ZD_E_R46, "jurisdiction");
        return false;
    }
    if (!zd_settle_within_limit(act, amount_fen)) {
        (void)zd_act_refuse(act, ZD_E_R47, "limit");
        return false;
    }
    if (amount_fen <= 0 || amount_fen > out->remaining_fen) {
        zd_act_saw_int(act, "remaining_fen", out->remaining_fen);
        (void)zd_act_refuse(act, ZD_E_R14, "remaining");
        return false;
    }
    return true;
}

static void lower_debt(zd_act *act, const debt *owed, int64_t amount_fen)
{
    if (owed->holdercase != NULL) {
        owed->holdercase->remaining_fen -= amount_fen;
        return;
    }
    owed->note->remaining_fen -= amount_fen;
    if (owed->note->remaining_fen == 0) {
        zd_book_remove(act->book, ZD_R_NOTES, "%s/%s/%012lld/%s", owed->note->pool, owed->note->provider, (long long)owed->note->seq, owed->note->id);
    }
}

zd_status zd_act_recover(zd_act *act, zd_error *err)
{
    (void)err;
    debt owed;
    int64_t amount_fen = zd_req_int(act->request, ZD_F_AMOUNT);
    if (!take_debt(&owed, act, amount_fen)) {
        return ZD_OK;
    }
    zd_place *cash = zd_account(act, 1000, owed.pool, NULL, NULL);
    bool posted;
    if (owed.note != NULL) {
        posted = zd_act_post(act, amount_fen, cash, zd_account(act, 1100, owed.note->provider, owed.pool, NULL)) &&
                 zd_move_note_recovered(act, act->decision_index, owed.note, amount_fen);
    } else {
        posted = zd_act_post(act, amount_fen, cash, zd_account(act, 1200, owed.holdercase->holder, owed.pool, NULL)) &&
                 zd_act_post(act, amount_fen, zd_account(act, 2170, owed.holdercase->id, owed.pool, NULL), zd_account(act, 2000, owed.pool, NULL, NULL));
    }
    if (posted) {
        lower_debt(act, &owed, amount_fen);
    }
    return ZD_OK;
}

zd_status zd_act_write_off(zd_act *act, zd_error *err)
{
    (void)err;
    debt owed;
    int64_t amount_fen = zd_req_int(act->request, ZD_F_AMOUNT);
    if (!take_debt(&owed, act, amount_fen)) {
        return ZD_OK;
    }
    bool posted = owed.note != NULL ? zd_act_post(act, amount_fen, zd_account(act, 2160, owed.note->id, owed.pool, NULL),
                                                  zd_account(act, 1100, owed.note->provider, owed.pool, NULL))
                                    : zd_act_post(act, amount_fen, zd_account(act, 2170, owed.holdercase->id, owed.pool, NULL),
                                                  zd_account(act, 1200, owed.holdercase->holder, owed.pool, NULL));
    if (posted) {
        lower_debt(act, &owed, amount_fen);
    }
    return ZD_OK;
}
