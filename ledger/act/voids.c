/*
 * Void of an order's rest, and of a capture before its seal. A voided capture gives its amount and quota back to the voucher and frees its
 * invoice part; the order's rest does not revive, so that a recapture needs a new order or `direct`. Never touches what was sealed: that is a refund.
 */
#include "ledger/act/links.h"
#include "ledger/act/settle_int.h"

#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/money.h"

/* The holder's mandate is for money that is spent: what comes back may be used again. */
static void restore_mandate(zd_act *act, const zd_rec_order *order, int64_t amount_fen)
{
    if (order->consent != ZD_CONSENT(MANDATE) || amount_fen == 0) {
        return;
    }
    zd_rec_mandate *mandate = zd_book_edit(act->book, ZD_R_MANDATE, "%s/%s", order->holder, order->consent_ref);
    if (mandate != NULL) {
        mandate->used_fen = zd_fen_max(mandate->used_fen - amount_fen, 0);
    }
}

bool zd_order_end(zd_act *act, size_t d, zd_rec_order *order, zd_order_state untouched)
{
    int64_t rest_fen = order->rest_fen;
    for (size_t i = 0; i < ZD_LEGS; i++) {
        if (order->leg_rest_fen[i] > 0 && !zd_move_unreserve(act, d, order, i, order->leg_rest_fen[i])) {
            return false;
        }
        order->leg_rest_fen[i] = 0;
    }
    order->rest_fen = 0;
    order->state = order->state == ZD_O_PARTIAL ? ZD_O_CAPTURED : untouched;
    zd_book_remove(act->book, ZD_R_DUE, "%06lld/O/%s", (long long)order->deadline_day, order->id);
    restore_mandate(act, order, rest_fen);
    return true;
}

/* The part of `whole` that goes with give out of live; the split is exact, so that the last part takes all that is left. */
static int64_t share_of(int64_t whole_fen, int64_t give_fen, int64_t live_fen)
{
    int64_t parts_fen[2];
    const int64_t weights[2] = {give_fen, live_fen - give_fen};
    zd_fen_split(parts_fen, weights, 2, whole_fen);
    return parts_fen[0];
}

void zd_item_unclaim(zd_act *act, zd_rec_item *item, int64_t give_fen, int64_t live_fen)
{
    ZD_ASSERT(give_fen > 0 && give_fen <= live_fen);
    int64_t base_fen = share_of(item->base_fen, give_fen, live_fen);
    int64_t own_fen = share_of(item->own_share_fen, give_fen, live_fen);
    item->base_fen -= base_fen;
    item->own_share_fen -= own_fen;
    zd_rec_tier *tier = zd_book_edit(act->book, ZD_R_TIER, "%s/%s/%s/%d", item->holder, item->provider, item->purpose, zd_day_year(item->done_day));
    if (tier != NULL) {
        tier->base_fen = zd_fen_max(tier->base_fen - base_fen, 0);
        tier->subsidy_fen = zd_fen_max(tier->subsidy_fen - give_fen, 0);
    }
    zd_rec_order *order = zd_book_edit(act->book, ZD_R_ORDER, "%s", item->order);
    if (order == NULL) {
        return; /* an opening balance has no order here */
    }
    order->own_used_fen = zd_fen_max(order->own_used_fen - own_fen, 0);
    zd_rec_contract *contract = zd_book_edit(act->book, ZD_R_CONTRACT, "%s/%s/%s", item->provider, item->holder, order->contract);
    if (contract != NULL) {
        contract->reserved_base_fen = zd_fen_max(contract->reserved_base_fen - base_fen, 0);
    }
    zd_order_regate(act, order);
}

/* A voided capture belongs to its order and its invoice no longer. */
static void unlink_item(zd_act *act, zd_rec_item *item)
{
    zd_rec_order *order = zd_book_edit(act->book, ZD_R_ORDER, "%s", item->order);
    zd_rec_invoice *invoice = item->invoice[0] == '\0' ? NULL : zd_book_edit(act->book, ZD_R_INVOICE, "%s", item->invoice);
    if (order != NULL) {
        zd_order_unlink(act, order, item);
    }
    if (invoice != NULL) {
        ZD_ASSERT(invoice->used_fen >= item->invoice_part_fen);
        invoice->used_fen -= item->invoice_part_fen;
        item->invoice_part_fen = 0;
        zd_invoice_unlink(act, invoice, item);
    }
}

bool zd_item_unwind(zd_act *act, size_t d, zd_rec_item *item, zd_item_state state)
{
    int from_account = item->held != 0 ? 3050 : 3000;
    int64_t live_fen = zd_item_open_fen(item);
    for (size_t i = 0; i < ZD_LEGS; i++) {
        if (item->open_fen[i] > 0 && !zd_move_give_back(act, d, item, i, from_account, item->open_fen[i])) {
            return false;
        }
        item->refunded_open_fen[i] += item->open_fen[i];
        item->open_fen[i] = 0;
    }
    unlink_item(act, item);
    if (live_fen > 0) {
        zd_item_unclaim(act, item, live_fen, live_fen);
        const zd_rec_order *order = zd_book_find(act->book, ZD_R_ORDER, "%s", item->order);
        if (order != NULL) {
            restore_mandate(act, order, live_fen);
        }
    }
    zd_item_unhold_empty(act, item);
    item->state = state;
    zd_item_reindex(act, item);
    zd_item_check(item);
    return true;
}

static zd_status void_capture(zd_act *act, const zd_rec_order *order)
{
    const char *id = zd_act_text(act, ZD_F_ITEM);
    const zd_rec_item *found = zd_book_find(act->book, ZD_R_ITEM, "%s", id);
    if (found == NULL) {
        return zd_act_refuse(act, ZD_E_A_ABSENT, "item");
    }
    if (strcmp(found->order, order->id) != 0) {
        return zd_act_refuse(act, ZD_E_A_MISMATCH, "order");
    }
    if (found->state != ZD_I_CAPTURED) {
        return zd_act_refuse(act, ZD_E_A_STATE, "ended");
    }
    if (zd_item_was_settled(found) || zd_item_in_batch_fen(found) + zd_item_returned_fen(found) > 0) {
        return zd_act_refuse(act, ZD_E_A_STATE, "sealed");
    }
    int64_t amount_fen = zd_item_open_fen(found);
    if (zd_item_unwind(act, act->decision_index, zd_book_edit(act->book, ZD_R_ITEM, "%s", id), ZD_I_VOIDED)) {
        zd_decision_extra_int(zd_act_decision(act), "voided_fen", amount_fen);
    }
    return ZD_OK;
}

zd_status zd_act_void(zd_act *act, zd_error *err)
{
    (void)err;
    const char *id = zd_act_text(act, ZD_F_ORDER);
    const zd_rec_order *found = zd_book_find(act->book, ZD_R_ORDER, "%s", id);
    if (found == NULL) {
        return zd_act_refuse(act, ZD_E_R09, "order");
    }
    const char *stranger = zd_settle_party(act, found->provider, found->unit);
    if (stranger != NULL) {
        return zd_act_refuse(act, ZD_E_A_GRANT, stranger);
    }
    if (zd_req_has(act->request, ZD_F_ITEM)) {
        return void_capture(act, found);
    }
    if (found->state != ZD_O_RESERVED && found->state != ZD_O_PARTIAL) {
        return zd_act_refuse(act, ZD_E_A_STATE, "ended");
    }
    int64_t rest_fen = found->rest_fen;
    if (zd_order_end(act, act->decision_index, zd_book_edit(act->book, ZD_R_ORDER, "%s", id), ZD_O_VOIDED)) {
        zd_decision_extra_int(zd_act_decision(act), "voided_fen", rest_fen);
    }
    return ZD_OK;
}
