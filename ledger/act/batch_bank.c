/*
 * A released batch between finance and the bank: handed over, acknowledged, refused as a whole, never sent; and the answer to each line. Invariants: only a state that
 * is final for certain makes money payable again; UNKNOWN is never re-issued; a good answer to the batch proves no line, a bad one fails every line; what was debited
 * cannot fail any more. Answers arrive for batches that nobody marked as submitted: they are true all the same.
 */
#include "ledger/act/settle_int.h"

#include <string.h>

/* Execution day over: what was not handed over by then needs a new batch, not a later date. */
static bool too_late(const zd_act *act, const zd_rec_batch *batch)
{
    return batch->execution_day < act->today_day;
}

zd_status zd_act_batch_submit(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_batch *batch = zd_batch_named(act);
    if (batch == NULL) {
        return ZD_OK;
    }
    if (batch->state != ZD_B_RELEASED || too_late(act, batch)) {
        return zd_act_refuse(act, ZD_E_A_STATE, batch->state != ZD_B_RELEASED ? "batch" : "expired");
    }
    if (!zd_duty_typed(act, batch, batch->released_count, batch->released_total_fen)) {
        return ZD_OK;
    }
    batch->state = ZD_B_SUBMITTED;
    zd_batch_await(act, batch->id, ZD_AWAIT_WORD, batch->execution_day);
    return ZD_OK;
}

zd_status zd_act_batch_ack(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_batch *batch = zd_batch_named(act);
    if (batch == NULL) {
        return ZD_OK;
    }
    if (batch->state != ZD_B_RELEASED && batch->state != ZD_B_SUBMITTED) {
        return zd_act_refuse(act, ZD_E_A_STATE, "batch");
    }
    batch->state = ZD_B_ACKED;
    zd_batch_await(act, batch->id, ZD_AWAIT_WORD, batch->execution_day);
    return ZD_OK;
}

/* True when no line was debited: only then can the whole be refused or never have been sent. untouched: no line was answered at all. */
static bool nothing_left(zd_act *act, const zd_rec_batch *batch, bool *untouched)
{
    bool none = true;
    *untouched = true;
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_LINE, "%s/", batch->id);
    while (zd_book_next(&cursor)) {
        const zd_rec_line *line = cursor.record;
        none = none && line->state != ZD_L_DEBITED && line->state != ZD_L_PAID && line->state != ZD_L_RETURNED;
        *untouched = *untouched && (line->state == ZD_L_PENDING || line->state == ZD_L_HELD || line->state == ZD_L_ZERO);
    }
    return none;
}

/* Failed with the whole; an effect leaf of its own. */
static bool fail_line(zd_act *act, const char *batch, const char *provider)
{
    zd_rec_line *line = zd_book_edit(act->book, ZD_R_LINE, "%s/%s", batch, provider);
    size_t d = zd_act_effect(act, provider);
    line->state = ZD_L_FAILED;
    line->answered_day = act->today_day;
    ZD_SET_TEXT(line->evidence, zd_req_text(act->request, ZD_F_EVIDENCE));
    zd_decision_extra_int(zd_act_effect_at(act, d), "net_fen", line->net_fen);
    return zd_line_post(act, d, line, 3000, line->net_fen) && zd_line_move(act, &d, line, ZD_LINE_TO_OPEN);
}

static bool unanswered(zd_line_state state)
{
    return state == ZD_L_PENDING || state == ZD_L_ACCEPTED || state == ZD_L_UNKNOWN;
}

zd_status zd_act_batch_reject(zd_act *act, zd_error *err)
{
    (void)err;
    bool untouched;
    zd_rec_batch *batch = zd_batch_named(act);
    if (batch == NULL) {
        return ZD_OK;
    }
    bool sent = batch->state == ZD_B_RELEASED || batch->state == ZD_B_SUBMITTED || batch->state == ZD_B_ACKED || batch->state == ZD_B_SETTLING;
    if (!sent || !nothing_left(act, batch, &untouched)) {
        return zd_act_refuse(act, ZD_E_A_STATE, sent ? "line" : "batch");
    }
    int64_t lines = 0;
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_LINE, "%s/", batch->id);
    while (zd_book_next(&cursor)) {
        const zd_rec_line *line = cursor.record;
        if (unanswered((zd_line_state)line->state)) {
            lines++;
            if (!fail_line(act, batch->id, line->provider)) {
                return ZD_OK;
            }
        }
    }
    batch->state = ZD_B_REJECTED;
    batch->open_lines = 0;
    zd_decision_extra_int(zd_act_decision(act), "lines", lines);
    return ZD_OK;
}

/* Two officers attest that the file never reached the bank. Once it was handed over, or a line was answered, only the bank can say what became of it. */
zd_status zd_act_batch_void(zd_act *act, zd_error *err)
{
    (void)err;
    bool untouched;
    zd_rec_batch *batch = zd_batch_named(act);
    if (batch == NULL) {
        return ZD_OK;
    }
    if (batch->state != ZD_B_RELEASED || !nothing_left(act, batch, &untouched) || !untouched) {
        return zd_act_refuse(act, ZD_E_A_STATE, batch->state != ZD_B_RELEASED ? "batch" : "line");
    }
    int64_t lines = zd_batch_take_back(act, batch);
    if (lines < 0) {
        return ZD_OK;
    }
    batch->state = too_late(act, batch) ? ZD_B_EXPIRED : ZD_B_VOIDED;
    zd_decision_extra_int(zd_act_decision(act), "lines", lines);
    zd_decision_extra_text(zd_act_decision(act), "state", batch->state == ZD_B_EXPIRED ? "expired" : "voided");
    return ZD_OK;
}

/* --- answers to a line --- */

/* The state that an answer leads to; 0 = this state does not take that answer. */
static zd_line_state next_state(zd_line_state state, int64_t answer)
{
    bool fresh = unanswered(state);
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

/* Money that the new state moves; false = refused by balance. */
static bool apply_answer(zd_act *act, zd_rec_line *line, zd_line_state state)
{
    size_t d = act->decision_index;
    zd_rec_provider *provider = zd_book_edit(act->book, ZD_R_PROVIDER, "%s", line->provider);
    ZD_ASSERT(provider != NULL);
    if (state == ZD_L_DEBITED) {
        provider->paid_version = line->account_version;
        return zd_line_post(act, d, line, 1000, line->net_fen) && zd_line_move(act, &d, line, ZD_LINE_TO_PAID);
    }
    if (state == ZD_L_FAILED) {
        return zd_line_post(act, d, line, 3000, line->net_fen) && zd_line_move(act, &d, line, ZD_LINE_TO_OPEN);
    }
    if (state == ZD_L_RETURNED) {
        provider->paid_version = provider->paid_version == line->account_version ? 0 : provider->paid_version; /* it did not arrive there */
        provider->returned_version = line->account_version;
        return zd_act_post_to(act, d, line->net_fen, zd_account(act, 1000, line->pool, NULL, NULL), zd_account(act, 3200, line->provider, line->pool, NULL)) &&
               zd_line_move(act, &d, line, ZD_LINE_TO_RETURNED);
    }
    return true;
}

/* A line that is final closes the batch when it was the last one. A late return changes the line, never the batch. What one answer proves of the file, all lines wait by. */
static void follow_answer(zd_act *act, zd_rec_batch *batch, zd_line_state before, zd_line_state after)
{
    if (batch->state == ZD_B_RELEASED || batch->state == ZD_B_SUBMITTED || batch->state == ZD_B_ACKED) {
        batch->state = ZD_B_SETTLING;
        zd_batch_await(act, batch->id, ZD_AWAIT_WORD, batch->execution_day);
    }
    if (after == ZD_L_ACCEPTED) {
        zd_batch_await(act, batch->id, ZD_AWAIT_WORD, act->today_day);
    }
    if (after == ZD_L_DEBITED) {
        zd_batch_await(act, batch->id, ZD_AWAIT_RETURN, act->today_day);
    }
    zd_batch_follow(batch, before, after);
}

zd_status zd_act_line_answer(zd_act *act, zd_error *err)
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
    if (line->state == ZD_L_HELD) {
        return zd_act_refuse(act, ZD_E_A_OBJECTION, NULL);
    }
    zd_line_state before = (zd_line_state)line->state;
    zd_line_state after = next_state(before, zd_req_int(act->request, ZD_F_ANSWER));
    bool released = batch->state == ZD_B_RELEASED || batch->state == ZD_B_SUBMITTED || batch->state == ZD_B_ACKED || batch->state == ZD_B_SETTLING ||
                    batch->state == ZD_B_CLOSED;
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
    follow_answer(act, batch, before, after);
    return ZD_OK;
}
