/*
 * Captures of an order, partial or final, and direct redemptions, which are an order and its capture in one entry. A capture moves reserved money to the
 * provider's payable, allocates a part of an invoice, and adds to the sums that later checks read (contract, tier, own share). A hold found now puts the
 * payable on hold in the same entry, and the earlier captures of another pair on the same invoice with it.
 */
#include <string.h>

#include "ledger/act/links.h"
#include "ledger/act/redeem_int.h"
#include "ledger/act/settle_int.h"
#include "ledger/base/clock.h"
#include "ledger/base/money.h"

/* Moves the amount from the order's legs to the payable and notes it in both records. */
static bool move_to_payable(zd_act *act, zd_rec_order *order, zd_rec_item *item)
{
    int64_t parts_fen[ZD_LEGS];
    zd_fen_split(parts_fen, order->leg_rest_fen, ZD_LEGS, item->amount_fen);
    for (size_t i = 0; i < ZD_LEGS; i++) {
        const char *pool = order->leg_pool[i];
        if (parts_fen[i] == 0) {
            continue;
        }
        if (!zd_act_post(act, parts_fen[i], zd_account(act, 2200, order->id, pool, NULL), zd_account(act, 3000, order->provider, pool, NULL))) {
            return false;
        }
        zd_format(item->leg_pool[i], sizeof item->leg_pool[i], "%s", pool);
        item->leg_fen[i] = parts_fen[i];
        item->open_fen[i] = parts_fen[i];
        order->leg_rest_fen[i] -= parts_fen[i];
    }
    order->rest_fen -= item->amount_fen;
    return true;
}

static zd_rec_item *write_item(zd_act *act, zd_rec_order *order, zd_redemption *redemption, const zd_ruling *ruling, int64_t notice_until_day)
{
    const zd_claim *claim = &redemption->facts.claim;
    const char *id = zd_act_text(act, ZD_F_ITEM);
    zd_rec_item *item = zd_place_add(&redemption->at[ZD_AT_ITEM]);
    zd_format(item->id, sizeof item->id, "%s", id);
    zd_format(item->order, sizeof item->order, "%s", order->id);
    zd_format(item->voucher, sizeof item->voucher, "%s", order->voucher);
    zd_format(item->holder, sizeof item->holder, "%s", order->holder);
    zd_format(item->provider, sizeof item->provider, "%s", order->provider);
    zd_format(item->unit, sizeof item->unit, "%s", order->unit);
    zd_format(item->invoice, sizeof item->invoice, "%s", redemption->invoice_id);
    zd_format(item->purpose, sizeof item->purpose, "%s", order->purpose);
    zd_format(item->category, sizeof item->category, "%s", order->category);
    ZD_SET_TEXT(item->instrument, claim->instrument);
    item->amount_fen = claim->amount_fen;
    item->base_fen = zd_rules_base(&redemption->facts);
    item->own_share_fen = claim->own_share_fen;
    item->invoice_part_fen = claim->invoice_part_fen;
    item->done_day = claim->done_day;
    item->day = act->today_day;
    item->at_ms = act->at_unix_ms;
    item->seq = (int64_t)act->seq;
    item->policy = order->policy;
    item->gates = (int64_t)ruling->gates;
    item->flags = (int64_t)ruling->flags;
    item->state = ZD_I_CAPTURED;
    item->notice_until_day = notice_until_day;
    item->slot_from_ms = zd_req_int(act->request, ZD_F_SLOT_FROM);
    item->slot_to_ms = zd_req_int(act->request, ZD_F_SLOT_TO);
    zd_order_link(act, order, item);
    return item;
}

/* The invoice's record with all its numbers; made by its first capture. */
static zd_rec_invoice *ensure_invoice(zd_redemption *redemption, const zd_rec_item *item)
{
    const zd_facts *facts = &redemption->facts;
    zd_rec_invoice *invoice = zd_place_ensure(&redemption->at[ZD_AT_INVOICE]);
    if (invoice->id[0] == '\0') {
        zd_format(invoice->id, sizeof invoice->id, "%s", redemption->invoice_id);
        ZD_SET_TEXT(invoice->seller, facts->claim.seller);
        ZD_SET_TEXT(invoice->buyer, facts->claim.buyer);
        zd_format(invoice->holder, sizeof invoice->holder, "%s", item->holder);
        zd_format(invoice->provider, sizeof invoice->provider, "%s", item->provider);
        invoice->gross_fen = facts->claim.invoice_fen;
        invoice->day = facts->claim.invoice_day;
    }
    invoice->red_fen += facts->invoice_red_fen;
    if (facts->invoice_word != ZD_INV_UNCHECKED && invoice->checked != facts->invoice_word) {
        invoice->checked = facts->invoice_word;
        invoice->checked_day = redemption->invoice_word_day;
    }
    zd_format(invoice->numbers, sizeof invoice->numbers, "%s", redemption->invoice_numbers);
    return invoice;
}

static void allocate_invoice(zd_act *act, zd_redemption *redemption, const zd_rec_item *item)
{
    zd_rec_invoice *invoice = ensure_invoice(redemption, item);
    zd_invoice_numbers(act, invoice);
    zd_invoice_link(act, invoice, item);
    invoice->used_fen += item->invoice_part_fen;
}

/* The sums that later checks read. */
static void add_sums(zd_redemption *redemption, zd_rec_order *order, const zd_rec_item *item)
{
    order->own_used_fen += item->own_share_fen;
    zd_rec_contract *contract = zd_place_ensure(&redemption->at[ZD_AT_CONTRACT]);
    if (contract->reserved_base_fen == 0) {
        contract->contract_fen = order->contract_fen; /* nothing was drawn on it yet: a mistyped sum may still be corrected */
    }
    contract->reserved_base_fen += item->base_fen;
    zd_rec_tier *tier = zd_place_ensure(&redemption->at[ZD_AT_TIER]);
    tier->base_fen += item->base_fen;
    tier->subsidy_fen += item->amount_fen;
}

/* Another pair's earlier captures of this invoice are as doubtful as this one: what is still open is held, what is not gets a flag for the sample. */
static bool hold_earlier(zd_act *act, const zd_rec_invoice *invoice, const zd_rec_item *now)
{
    const zd_check_set bit = ZD_CHECK_BIT(R32);
    size_t d = act->decision_index;
    zd_captures captures = zd_captures_of_invoice(act, invoice);
    for (const char *id = zd_captures_next(&captures); id != NULL; id = zd_captures_next(&captures)) {
        const zd_rec_item *found = zd_book_find(act->book, ZD_R_ITEM, "%s", id);
        if (found == NULL || (strcmp(found->holder, now->holder) == 0 && strcmp(found->provider, now->provider) == 0)) {
            continue;
        }
        zd_rec_item *earlier = zd_book_edit(act->book, ZD_R_ITEM, "%s", found->id);
        if (zd_item_open_fen(earlier) == 0) {
            earlier->flags = (int64_t)((zd_check_set)earlier->flags | bit);
            continue;
        }
        zd_settle_spill(act, &d, now->id);
        if (!zd_item_hold(act, d, earlier, bit)) {
            return false;
        }
    }
    return true;
}

/* Ends the order's deadline when nothing is left of it, and gives an unused rest back after the last capture. */
static bool finish_order(zd_act *act, zd_rec_order *order, bool final)
{
    order->state = ZD_O_PARTIAL;
    return (!final && order->rest_fen > 0) || zd_order_end(act, act->decision_index, order, ZD_O_CAPTURED);
}

static void capture(zd_act *act, zd_rec_order *order, zd_redemption *redemption, const zd_ruling *ruling, bool final)
{
    int64_t notice_until_day = 0;
    if (!zd_act_day_after(act, &notice_until_day, act->today_day, redemption->facts.policy, ZD_P_NOTICE_DAYS)) {
        return;
    }
    zd_rec_item *item = write_item(act, order, redemption, ruling, notice_until_day);
    if (!move_to_payable(act, order, item)) {
        return;
    }
    allocate_invoice(act, redemption, item);
    add_sums(redemption, order, item);
    if (!finish_order(act, order, final)) {
        return;
    }
    zd_item_reindex(act, item);
    zd_item_check(item);
    if (ruling->holds != 0 && !zd_item_hold(act, act->decision_index, item, ruling->holds)) {
        return;
    }
    bool contested = ruling->finding[ZD_CHECK_R32].verdict == ZD_HOLD;
    if (contested && !hold_earlier(act, zd_place_find(&redemption->at[ZD_AT_INVOICE]), item)) {
        return;
    }
    char date[ZD_DATE_TEXT];
    zd_date_text(date, item->notice_until_day);
    zd_decision *decision = zd_act_decision(act);
    decision->subsidy_fen = item->amount_fen;
    zd_decision_extra_int(decision, "base_fen", item->base_fen);
    zd_decision_extra_text(decision, "notice_until", date);
}

zd_status zd_act_capture(zd_act *act, zd_error *err)
{
    (void)err;
    const char *why = NULL;
    zd_redemption redemption;
    zd_redeem_start(&redemption, act);
    zd_code obstacle = zd_redeem_obstacle(&why, act, &redemption);
    if (obstacle != ZD_CODE_NONE) {
        return zd_act_refuse(act, obstacle, why);
    }
    const zd_rec_order *found = zd_place_find(&redemption.at[ZD_AT_ORDER]);
    if (!zd_redeem_gather_capture(&redemption, act, found)) {
        return zd_act_refuse(act, ZD_E_A_NO_POLICY, NULL);
    }
    zd_ruling ruling;
    zd_rules_decide(&ruling, zd_act_decision(act), &redemption.facts);
    if (!zd_act_refused(act) && found->state == ZD_O_EXPIRED) {
        return zd_act_refuse(act, ZD_E_A_STATE, "expired");
    }
    if (!zd_act_refused(act)) {
        capture(act, zd_place_edit(&redemption.at[ZD_AT_ORDER]), &redemption, &ruling, zd_req_int(act->request, ZD_F_FINAL) != 0);
    }
    return ZD_OK;
}

zd_status zd_act_direct(zd_act *act, zd_error *err)
{
    (void)err;
    const char *why = NULL;
    zd_redemption redemption;
    zd_redeem_start(&redemption, act);
    zd_code obstacle = zd_redeem_obstacle(&why, act, &redemption);
    if (obstacle != ZD_CODE_NONE) {
        return zd_act_refuse(act, obstacle, why);
    }
    if (!zd_redeem_gather_order(&redemption, act, ZD_ON_DIRECT)) {
        return zd_act_refuse(act, ZD_E_A_NO_POLICY, NULL);
    }
    zd_ruling ruling;
    zd_rules_decide(&ruling, zd_act_decision(act), &redemption.facts);
    if (zd_act_refused(act)) {
        return ZD_OK;
    }
    zd_rec_order *order = zd_redeem_reserve(act, &redemption, &ruling);
    if (order != NULL) {
        capture(act, order, &redemption, &ruling, true);
    }
    return ZD_OK;
}
