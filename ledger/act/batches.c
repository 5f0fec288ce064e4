/*
 * What happens to a sealed batch before its release, and the release: objection to a line, approval, release, withdrawal, the number that seeds its sample.
 * Invariants: maker, checker and releaser are different persons (a two-officer county's policy lets the checker release); offsets stand whatever happens to
 * the cash. What the bank does with it is in batch_bank.c, how a line's money moves in batch_lines.c.
 */
#include "ledger/act/settle_int.h"

#include <string.h>

zd_rec_batch *zd_batch_named(zd_act *act)
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

zd_status zd_act_batch_object(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_batch *batch = zd_batch_named(act);
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
    if (!zd_line_post(act, d, line, 3050, line->net_fen) || !zd_line_move(act, &d, line, ZD_LINE_TO_HELD)) {
        return ZD_OK;
    }
    line->state = ZD_L_HELD;
    line->held = 1;
    batch->open_lines--;
    batch->open_fen -= line->net_fen;
    zd_decision_extra_int(zd_act_decision(act), "held_fen", line->net_fen);
    return ZD_OK;
}

zd_status zd_act_batch_approve(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_batch *batch = zd_batch_named(act);
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

zd_status zd_act_batch_release(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_batch *batch = zd_batch_named(act);
    if (batch == NULL) {
        return ZD_OK;
    }
    /* What is going to be paid: the lines that nobody objected to. */
    int64_t count = batch->open_lines;
    int64_t total_fen = batch->open_fen;
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

zd_status zd_act_batch_withdraw(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_batch *batch = zd_batch_named(act);
    if (batch == NULL) {
        return ZD_OK;
    }
    if (!before_release(batch) && batch->state != ZD_B_DRAFT) {
        return zd_act_refuse(act, ZD_E_A_STATE, "batch");
    }
    int64_t lines = zd_batch_take_back(act, batch);
    if (lines < 0) {
        return ZD_OK;
    }
    if (batch->state == ZD_B_DRAFT) {
        zd_rec_pool *pool = zd_book_edit(act->book, ZD_R_POOL, "%s", batch->pool);
        pool->sealing[0] = '\0'; /* the rest will not be sealed under this name */
    }
    batch->state = ZD_B_WITHDRAWN;
    zd_decision_extra_int(zd_act_decision(act), "lines", lines);
    return ZD_OK;
}

/* Two officers type the public number that seeds the batch's sample; once, for a second number could be chosen. */
zd_status zd_act_batch_sample(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_batch *batch = zd_batch_named(act);
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
