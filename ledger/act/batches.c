/*
 * What happens to a sealed batch: objection to a line, approval, release, withdrawal before release, and the bank's or treasury's answer to each line.
 * Invariants: maker, checker and releaser are different persons (a two-officer county's policy lets the checker release); offsets stand
 * whatever happens to the cash; a line moves only along its states, and each amount of its items is in exactly one bucket.
 */
#include "ledger/act/settle_int.h"

#include <string.h>

/* The named batch, when the signer may act for its pool; NULL = refused. */
static zd_rec_batch *batch_for(zd_act *act)
{
    zd_rec_batch *batch = zd_book_edit(act->book, ZD_R_BATCH, "%s", zd_act_text(act, ZD_F_BATCH));
    if (batch == NULL) {
        (void)zd_act_refuse(act, ZD_E_A_ABSENT, "batch");
        return NULL;
    }
    if (!zd_settle_in_pool(act, batch->pool)) {
        (void)zd_act_refuse(act, ZD_E_R46, "jurisdiction");
        return NULL;
    }
    return batch;
}

static bool before_release(const zd_rec_batch *batch)
{
    return batch->state == ZD_B_SEALED || batch->state == ZD_B_APPROVED;
}

/* Where a line's cash goes, item by item. */
typedef enum line_way {
    TO_OPEN,     /* failed for certain: all of it is payable again */
    TO_ORIGIN,   /* withdrawn: what the bank had returned is again "returned" */
    TO_HELD,     /* objection: a reviewer decides */
    TO_PAID,
    TO_RETURNED
} line_way;

static void move_share(zd_rec_item *item, const zd_rec_litem *share, line_way way)
{
    size_t leg = (size_t)share->leg;
    int64_t cash_fen = share->cash_fen;
    int64_t returned_fen = way == TO_ORIGIN ? share->from_returned : 0;
    if (way == TO_RETURNED) {
        item->paid_fen[leg] -= cash_fen;
        item->returned_fen[leg] += cash_fen;
        return;
    }
    item->in_batch_fen[leg] -= cash_fen;
    if (item->in_batch_fen[leg] == 0) {
        item->leg_batch[leg][0] = '\0';
    }
    if (way == TO_PAID) {
        item->paid_fen[leg] += cash_fen;
    } else {
        item->open_fen[leg] += cash_fen - returned_fen;
        item->returned_fen[leg] += returned_fen;
    }
}

/* Open money of an item that another line's objection holds belongs on 3050. */
static bool keep_held(zd_act *act, size_t d, const zd_rec_item *item, const char *pool, int64_t amount_fen)
{
    return item->held == 0 || zd_act_post_to(act, d, amount_fen, zd_account(act, 3000, item->provider, pool, NULL), zd_account(act, 3050, item->provider, pool, NULL));
}

/* Moves every share of a line; the line's own posting is done by the caller, before. */
static bool move_shares(zd_act *act, size_t *d, const zd_rec_line *line, line_way way)
{
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_LITEM, "%s/%s/", line->batch, line->provider);
    while (zd_book_next(&cursor)) {
        const zd_rec_litem *share = cursor.record;
        if (share->cash_fen == 0) {
            continue; /* offset as a whole: it stands */
        }
        zd_rec_item *item = zd_book_edit(act->book, ZD_R_ITEM, "%s", share->item);
        ZD_ASSERT(item != NULL && strcmp(item->leg_pool[share->leg], line->pool) == 0);
        zd_settle_spill(act, d, line->provider);
        if (way == TO_HELD && !zd_item_hold(act, *d, item, 0)) {
            return false;
        }
        int64_t open_before_fen = item->open_fen[share->leg];
        move_share(item, share, way);
        int64_t reopened_fen = item->open_fen[share->leg] - open_before_fen;
        if (way != TO_HELD && !keep_held(act, *d, item, line->pool, reopened_fen)) {
            return false;
        }
        zd_item_reindex(act, item);
        zd_item_check(item);
    }
    return true;
}

static bool post_from_line(zd_act *act, size_t d, const zd_rec_line *line, int to_account, int64_t amount_fen)
{
    const char *to = to_account == 1000 ? zd_account(act, 1000, line->pool, NULL, NULL) : zd_account(act, to_account, line->provider, line->pool, NULL);
    return zd_act_post_to(act, d, amount_fen, zd_account(act, 3100, line->batch, line->provider, line->pool), to);
}

zd_status zd_act_batch_object(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_batch *batch = batch_for(act);
    if (batch == NULL) {
        return ZD_OK;
    }
    zd_rec_line *line = zd_book_edit(act->book, ZD_R_LINE, "%s/%s", batch->id, zd_act_text(act, ZD_F_PROVIDER));
    if (line == NULL) {
        return zd_act_refuse(act, ZD_E_A_ABSENT, "line");
    }
    if (!before_release(batch) || line->state != ZD_L_PENDING) {
        return zd_act_refuse(act, ZD_E_A_STATE, before_release(batch) ? "line" : "batch");
    }
    size_t d = act->decision_index;
    if (!post_from_line(act, d, line, 3050, line->net_fen) || !move_shares(act, &d, line, TO_HELD)) {
        return ZD_OK;
    }
    line->state = ZD_L_HELD;
    line->held = 1;
    batch->open_lines--;
    zd_decision_extra_int(zd_act_decision(act), "held_fen", line->net_fen);
    return ZD_OK;
}

zd_status zd_act_batch_approve(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_batch *batch = batch_for(act);
    if (batch == NULL) {
        return ZD_OK;
    }
    if (!zd_duty_apart(act, batch, batch->total_fen, false)) {
        return ZD_OK;
    }
    if (batch->state != ZD_B_SEALED) {
        return zd_act_refuse(act, ZD_E_A_STATE, "batch");
    }
    if (!zd_hash_equal(zd_req_hash(act->request, ZD_F_SEAL), &batch->seal_sha256)) {
        return zd_act_refuse(act, ZD_E_A_MISMATCH, "seal");
    }
    zd_format(batch->checker, sizeof batch->checker, "%s", act->signer->person);
    batch->state = ZD_B_APPROVED;
    return ZD_OK;
}

/* What is going to be paid: the lines that nobody objected to. */
static void count_payable(zd_act *act, const char *batch, int64_t *count, int64_t *total_fen)
{
    *count = 0;
    *total_fen = 0;
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_LINE, "%s/", batch);
    while (zd_book_next(&cursor)) {
        const zd_rec_line *line = cursor.record;
        if (line->state == ZD_L_PENDING) {
            *count += 1;
            *total_fen += line->net_fen;
        }
    }
}

zd_status zd_act_batch_release(zd_act *act, zd_error *err)
{
    (void)err;
    int64_t count;
    int64_t total_fen;
    zd_rec_batch *batch = batch_for(act);
    if (batch == NULL) {
        return ZD_OK;
    }
    count_payable(act, batch->id, &count, &total_fen);
    if (!zd_duty_apart(act, batch, total_fen, true)) {
        return ZD_OK;
    }
    if (batch->state != ZD_B_APPROVED) {
        return zd_act_refuse(act, ZD_E_A_STATE, "batch");
    }
    if (batch->execution_day < act->today_day) {
        return zd_act_refuse(act, ZD_E_A_STATE, "expired");
    }
    if (!zd_duty_typed(act, batch, count, total_fen)) {
        return ZD_OK;
    }
    zd_format(batch->releaser, sizeof batch->releaser, "%s", act->signer->person);
    batch->released_seq = (int64_t)act->seq;
    batch->released_count = count;
    batch->released_total_fen = total_fen;
    batch->state = batch->open_lines > 0 ? ZD_B_RELEASED : ZD_B_CLOSED;
    zd_decision_extra_int(zd_act_decision(act), "count", count);
    zd_decision_extra_int(zd_act_decision(act), "total_fen", total_fen);
    return ZD_OK;
}

/* One line goes back where its money came from; an effect leaf of its own. */
static bool withdraw_line(zd_act *act, const char *batch, const char *provider)
{
    zd_rec_line *line = zd_book_edit(act->book, ZD_R_LINE, "%s/%s", batch, provider);
    size_t d = zd_act_effect(act, provider);
    line->state = ZD_L_WITHDRAWN;
    zd_decision_extra_int(zd_act_effect_at(act, d), "net_fen", line->net_fen);
    return post_from_line(act, d, line, 3000, line->net_fen - line->returned_fen) && post_from_line(act, d, line, 3200, line->returned_fen) &&
           move_shares(act, &d, line, TO_ORIGIN);
}

zd_status zd_act_batch_withdraw(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_batch *batch = batch_for(act);
    if (batch == NULL) {
        return ZD_OK;
    }
    if (!before_release(batch)) {
        return zd_act_refuse(act, ZD_E_A_STATE, "batch");
    }
    int64_t lines = 0;
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_LINE, "%s/", batch->id);
    while (zd_book_next(&cursor)) {
        const zd_rec_line *line = cursor.record;
        if (line->state == ZD_L_PENDING) {
            lines++;
            if (!withdraw_line(act, batch->id, line->provider)) {
                return ZD_OK;
            }
        }
    }
    batch->state = ZD_B_WITHDRAWN;
    batch->open_lines = 0;
    zd_decision_extra_int(zd_act_decision(act), "lines", lines);
    return ZD_OK;
}

/* Two officers type the public number that seeds the batch's sample; once, for a second number could be chosen. */
zd_status zd_act_batch_sample(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_batch *batch = batch_for(act);
    if (batch == NULL) {
        return ZD_OK;
    }
    if (batch->draw[0] != '\0') {
        zd_act_saw_text(act, "draw", zd_span_text(batch->draw));
        return zd_act_refuse(act, ZD_E_A_STATE, "draw");
    }
    ZD_SET_TEXT(batch->draw, zd_req_text(act->request, ZD_F_DRAW));
    return ZD_OK;
}

/* The state that an answer leads to; 0 = this state does not take that answer. */
static zd_line_state next_state(zd_line_state state, int64_t answer)
{
    bool fresh = state == ZD_L_PENDING || state == ZD_L_ACCEPTED || state == ZD_L_UNKNOWN;
    if (answer == ZD_ANSWER(ACCEPTED)) {
        return state == ZD_L_PENDING || state == ZD_L_UNKNOWN ? ZD_L_ACCEPTED : 0;
    }
    if (answer == ZD_ANSWER(UNKNOWN)) {
        return state == ZD_L_PENDING || state == ZD_L_ACCEPTED ? ZD_L_UNKNOWN : 0;
    }
    if (answer == ZD_ANSWER(DEBITED)) {
        return fresh ? ZD_L_DEBITED : 0;
    }
    if (answer == ZD_ANSWER(FAILED)) {
        return fresh ? ZD_L_FAILED : 0;
    }
    if (answer == ZD_ANSWER(PAID)) {
        return state == ZD_L_DEBITED ? ZD_L_PAID : 0;
    }
    return answer == ZD_ANSWER(RETURNED) && (state == ZD_L_DEBITED || state == ZD_L_PAID) ? ZD_L_RETURNED : 0;
}

static bool is_final(zd_line_state state)
{
    return state == ZD_L_PAID || state == ZD_L_RETURNED || state == ZD_L_FAILED;
}

/* Money that the new state moves; false = refused by balance. */
static bool apply_answer(zd_act *act, zd_rec_line *line, zd_line_state state)
{
    size_t d = act->decision_index;
    zd_rec_provider *provider = zd_book_edit(act->book, ZD_R_PROVIDER, "%s", line->provider);
    ZD_ASSERT(provider != NULL);
    if (state == ZD_L_DEBITED) {
        provider->paid_version = line->account_version;
        return post_from_line(act, d, line, 1000, line->net_fen) && move_shares(act, &d, line, TO_PAID);
    }
    if (state == ZD_L_FAILED) {
        return post_from_line(act, d, line, 3000, line->net_fen) && move_shares(act, &d, line, TO_OPEN);
    }
    if (state == ZD_L_RETURNED) {
        provider->paid_version = provider->paid_version == line->account_version ? 0 : provider->paid_version; /* it did not arrive there */
        return zd_act_post_to(act, d, line->net_fen, zd_account(act, 1000, line->pool, NULL, NULL), zd_account(act, 3200, line->provider, line->pool, NULL)) &&
               move_shares(act, &d, line, TO_RETURNED);
    }
    return true;
}

/* A line that is final closes the batch when it was the last one. A late return changes the line, never the batch. */
static void follow_batch(zd_rec_batch *batch, zd_line_state before, zd_line_state after)
{
    if (batch->state == ZD_B_RELEASED) {
        batch->state = ZD_B_SETTLING;
    }
    if (!is_final(before) && is_final(after)) {
        ZD_ASSERT(batch->open_lines > 0);
        batch->open_lines--;
    }
    if (batch->open_lines == 0) {
        batch->state = ZD_B_CLOSED;
    }
}

zd_status zd_act_line_answer(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_batch *batch = batch_for(act);
    if (batch == NULL) {
        return ZD_OK;
    }
    zd_rec_line *line = zd_book_edit(act->book, ZD_R_LINE, "%s/%s", batch->id, zd_act_text(act, ZD_F_PROVIDER));
    if (line == NULL) {
        return zd_act_refuse(act, ZD_E_A_ABSENT, "line");
    }
    if (line->state == ZD_L_HELD) {
        return zd_act_refuse(act, ZD_E_A_OBJECTION, NULL);
    }
    zd_line_state before = (zd_line_state)line->state;
    zd_line_state after = next_state(before, zd_req_int(act->request, ZD_F_ANSWER));
    bool released = batch->state == ZD_B_RELEASED || batch->state == ZD_B_SETTLING || batch->state == ZD_B_CLOSED;
    if (!released || after == 0) {
        return zd_act_refuse(act, ZD_E_A_STATE, released ? "line" : "batch");
    }
    if (zd_req_has(act->request, ZD_F_AMOUNT) && zd_req_int(act->request, ZD_F_AMOUNT) != line->net_fen) {
        zd_act_saw_int(act, "net_fen", line->net_fen);
        return zd_act_refuse(act, ZD_E_A_MISMATCH, "amount");
    }
    if (!apply_answer(act, line, after)) {
        return ZD_OK;
    }
    line->state = after;
    line->answered_day = act->today_day;
    ZD_SET_TEXT(line->evidence, zd_req_text(act->request, ZD_F_EVIDENCE));
    follow_batch(batch, before, after);
    return ZD_OK;
}
