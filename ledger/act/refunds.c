/*
 * Credit notes. A refund is spread over the item's legs by what each can still give; in each leg it takes the open (or held) amount first, then what
 * the bank returned, then the settled amount, which becomes a receivable from the provider until a later seal or cash recovers it. What is in a
 * batch without an answer cannot be refunded: nothing is done and the answer is "retry". Quota comes back at once for money that was never
 * paid, and on recovery for money that was. Never frees an invoice: only a void before the seal does.
 */
#include "ledger/act/settle_int.h"

#include "ledger/base/money.h"

static int64_t leg_refundable_fen(const zd_rec_item *item, size_t leg)
{
    return item->leg_fen[leg] - item->refunded_open_fen[leg] - item->refunded_settled_fen[leg];
}

/* The note's record of one pool. It also marks the id as used, so a refund of open money writes it with amount 0. */
static void write_note(zd_act *act, const zd_rec_item *item, size_t leg, const char *note, int64_t settled_fen)
{
    const char *pool = item->leg_pool[leg];
    zd_rec_note *record = zd_book_ensure(act->book, ZD_R_NOTE, "%s/%s", note, pool);
    if (record->id[0] == '\0') {
        zd_format(record->id, sizeof record->id, "%s", note);
        zd_format(record->pool, sizeof record->pool, "%s", pool);
        zd_format(record->item, sizeof record->item, "%s", item->id);
        zd_format(record->provider, sizeof record->provider, "%s", item->provider);
        record->leg = (int64_t)leg;
        record->seq = (int64_t)act->seq;
        record->day = act->today_day;
    }
    record->amount_fen += settled_fen;
    record->remaining_fen += settled_fen;
    if (record->remaining_fen > 0) {
        zd_rec_notes *entry = zd_book_ensure(act->book, ZD_R_NOTES, "%s/%s/%012lld/%s", pool, item->provider, (long long)record->seq, note);
        zd_format(entry->target, sizeof entry->target, "%s", note);
    }
}

typedef struct taken {
    int64_t open_fen;
    int64_t returned_fen;
    int64_t settled_fen;
} taken;

static bool refund_leg(zd_act *act, size_t d, zd_rec_item *item, size_t leg, const char *note, int64_t amount_fen, taken *sum)
{
    taken part = {.open_fen = zd_fen_min(amount_fen, item->open_fen[leg])};
    part.returned_fen = zd_fen_min(amount_fen - part.open_fen, item->returned_fen[leg]);
    part.settled_fen = amount_fen - part.open_fen - part.returned_fen;
    const char *pool = item->leg_pool[leg];
    if (part.open_fen > 0 && !zd_move_give_back(act, d, item, leg, item->held != 0 ? 3050 : 3000, part.open_fen)) {
        return false;
    }
    if (part.returned_fen > 0 && !zd_move_give_back(act, d, item, leg, 3200, part.returned_fen)) {
        return false;
    }
    if (part.settled_fen > 0 && !zd_act_post_to(act, d, part.settled_fen, zd_account(act, 1100, item->provider, pool, NULL), zd_account(act, 2160, note, pool, NULL))) {
        return false;
    }
    item->open_fen[leg] -= part.open_fen;
    item->returned_fen[leg] -= part.returned_fen;
    item->refunded_open_fen[leg] += part.open_fen + part.returned_fen;
    item->refunded_settled_fen[leg] += part.settled_fen;
    write_note(act, item, leg, note, part.settled_fen);
    sum->open_fen += part.open_fen;
    sum->returned_fen += part.returned_fen;
    sum->settled_fen += part.settled_fen;
    return true;
}

/* What stands against the refund; ZD_CODE_NONE = nothing. */
static zd_code refund_obstacle(const zd_rec_item *item, int64_t amount_fen)
{
    if (item->state != ZD_I_CAPTURED) {
        return ZD_E_A_STATE;
    }
    if (amount_fen <= 0 || amount_fen > item->amount_fen - zd_item_refunded_fen(item)) {
        return ZD_E_R14;
    }
    return zd_item_in_batch_fen(item) > 0 ? ZD_E_A_RETRY : ZD_CODE_NONE;
}

/* What the item's base and own share stand for: all but what already came back unpaid. */
static int64_t live_of(const zd_rec_item *item)
{
    int64_t live_fen = item->amount_fen;
    for (size_t i = 0; i < ZD_LEGS; i++) {
        live_fen -= item->refunded_open_fen[i];
    }
    return live_fen;
}

static bool note_exists(zd_act *act, const char *note)
{
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_NOTE, "%s/", note);
    return zd_book_next(&cursor);
}

bool zd_refund_item(zd_act *act, size_t d, zd_rec_item *item, const char *note, int64_t amount_fen)
{
    zd_code obstacle = note_exists(act, note) ? ZD_E_A_EXISTS : refund_obstacle(item, amount_fen);
    if (obstacle != ZD_CODE_NONE) {
        (void)zd_act_refuse(act, obstacle, "refund");
        return false;
    }
    int64_t live_fen = live_of(item);
    int64_t weights[ZD_LEGS];
    int64_t parts_fen[ZD_LEGS];
    for (size_t i = 0; i < ZD_LEGS; i++) {
        weights[i] = leg_refundable_fen(item, i);
    }
    zd_fen_split(parts_fen, weights, ZD_LEGS, amount_fen);
    taken sum = {0};
    for (size_t i = 0; i < ZD_LEGS; i++) {
        if (parts_fen[i] > 0 && !refund_leg(act, d, item, i, note, parts_fen[i], &sum)) {
            return false;
        }
    }
    if (sum.open_fen + sum.returned_fen > 0) {
        zd_item_unclaim(act, item, sum.open_fen + sum.returned_fen, live_fen);
    }
    zd_item_unhold_empty(act, item);
    zd_item_regate(act, item);
    zd_item_reindex(act, item);
    zd_item_check(item);
    zd_decision *decision = zd_act_effect_at(act, d);
    zd_decision_extra_int(decision, "open_fen", sum.open_fen);
    zd_decision_extra_int(decision, "returned_fen", sum.returned_fen);
    zd_decision_extra_int(decision, "settled_fen", sum.settled_fen);
    return true;
}

zd_status zd_act_refund(zd_act *act, zd_error *err)
{
    (void)err;
    const char *id = zd_act_text(act, ZD_F_ITEM);
    const char *note = zd_act_text(act, ZD_F_NOTE);
    const zd_rec_item *found = zd_book_find(act->book, ZD_R_ITEM, "%s", id);
    if (found == NULL) {
        return zd_act_refuse(act, ZD_E_A_ABSENT, "item");
    }
    const char *stranger = zd_settle_party(act, found->provider, found->unit);
    if (stranger != NULL) {
        return zd_act_refuse(act, ZD_E_A_GRANT, stranger);
    }
    int64_t amount_fen = zd_req_int(act->request, ZD_F_AMOUNT);
    if (!zd_settle_within_limit(act, amount_fen)) {
        return zd_act_refuse(act, ZD_E_R47, "limit");
    }
    if (zd_span_starts(zd_span_text(note), "red-")) {
        return zd_act_refuse(act, ZD_E_A_MISMATCH, "note"); /* a red letter's note: taking its id first would keep the red letter out */
    }
    (void)zd_refund_item(act, act->decision_index, zd_book_edit(act->book, ZD_R_ITEM, "%s", id), note, amount_fen);
    return ZD_OK;
}
