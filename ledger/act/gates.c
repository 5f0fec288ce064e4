/*
 * Gates that data clears: consent (R06), own share (R25), the tax office's word (R33). After a fact, a confirmation or a refund these functions ask the same
 * questions again and take away the gates that have their answer. They never add one: what was cleared once is looked at again by the seal only.
 */
#include <string.h>

#include "ledger/act/links.h"
#include "ledger/act/redeem_int.h"
#include "ledger/base/money.h"

static const zd_rec_fact *fact_of(zd_act *act, int64_t fact, const char *subject)
{
    const zd_rec_fact *found = zd_book_find(act->book, ZD_R_FACT, "%s/%s", zd_word_text(ZD_F_FACT, fact), subject);
    return found != NULL && found->valid_from_day <= act->today_day ? found : NULL;
}

/* The own shares of the order's captures up to and including this one, in log order: what is attested covers the earliest first. */
static int64_t own_share_up_to(zd_act *act, const zd_rec_item *item)
{
    int64_t sum_fen = 0;
    const zd_rec_order *order = zd_book_find(act->book, ZD_R_ORDER, "%s", item->order);
    if (order == NULL) {
        return 0;
    }
    zd_captures captures = zd_captures_of_order(act, order);
    for (const char *id = zd_captures_next(&captures); id != NULL; id = zd_captures_next(&captures)) {
        const zd_rec_item *other = zd_book_find(act->book, ZD_R_ITEM, "%s", id);
        bool counts = other != NULL && other->state == ZD_I_CAPTURED && other->seq <= item->seq;
        if (counts && !zd_fen_add(&sum_fen, sum_fen, other->own_share_fen)) {
            sum_fen = ZD_FEN_MAX;
        }
    }
    return sum_fen;
}

static bool own_share_attested(zd_act *act, const zd_rec_item *item)
{
    const zd_rec_fact *own = fact_of(act, ZD_FACT(OWN_SHARE), item->order);
    return own_share_up_to(act, item) <= (own != NULL ? own->amount_fen : 0);
}

static bool invoice_confirmed(zd_act *act, const zd_rec_item *item)
{
    const zd_rec_invoice *invoice = zd_book_find(act->book, ZD_R_INVOICE, "%s", item->invoice);
    return invoice != NULL && invoice->checked == ZD_INV_OK;
}

void zd_item_regate(zd_act *act, zd_rec_item *item)
{
    zd_check_set gates = (zd_check_set)item->gates;
    if ((gates & ZD_CHECK_BIT(R06)) != 0) {
        const zd_rec_order *order = zd_book_find(act->book, ZD_R_ORDER, "%s", item->order);
        if (order != NULL && order->consent != ZD_CONSENT(MISSING)) {
            gates &= ~ZD_CHECK_BIT(R06);
        }
    }
    if ((gates & ZD_CHECK_BIT(R25)) != 0 && own_share_attested(act, item)) {
        gates &= ~ZD_CHECK_BIT(R25);
    }
    if ((gates & ZD_CHECK_BIT(R33)) != 0 && invoice_confirmed(act, item)) {
        gates &= ~ZD_CHECK_BIT(R33);
    }
    item->gates = (int64_t)gates;
}

/* An attestation that arrived after the order: used once, within the cap of the order's policy. */
static void take_attested_consent(zd_act *act, zd_rec_order *order)
{
    const char *kind = zd_word_text(ZD_F_FACT, ZD_FACT(CONSENT));
    const zd_rec_fact *word = fact_of(act, ZD_FACT(CONSENT), order->id);
    const zd_policy *policy = zd_act_policy(act, order->policy);
    bool fits = word != NULL && word->used == 0 && policy != NULL && order->amount_fen <= zd_policy_int(policy, ZD_P_ATTESTED_CONSENT_CAP);
    if (fits) {
        zd_rec_fact *used = zd_book_edit(act->book, ZD_R_FACT, "%s/%s", kind, order->id);
        used->used = 1;
        order->consent = ZD_CONSENT(ATTESTED);
        zd_format(order->consent_ref, sizeof order->consent_ref, "%s", used->value);
    }
}

void zd_order_regate(zd_act *act, zd_rec_order *order)
{
    zd_check_set gates = (zd_check_set)order->gates;
    const zd_rec_fact *own = fact_of(act, ZD_FACT(OWN_SHARE), order->id);
    order->own_paid_fen = own != NULL ? own->amount_fen : 0;
    if ((gates & ZD_CHECK_BIT(R06)) != 0) {
        if (order->consent == ZD_CONSENT(MISSING)) {
            take_attested_consent(act, order);
        }
        if (order->consent != ZD_CONSENT(MISSING)) {
            gates &= ~ZD_CHECK_BIT(R06);
        }
    }
    order->gates = (int64_t)gates;
    zd_captures captures = zd_captures_of_order(act, order);
    for (const char *id = zd_captures_next(&captures); id != NULL; id = zd_captures_next(&captures)) {
        zd_rec_item *item = zd_book_edit(act->book, ZD_R_ITEM, "%s", id);
        if (item != NULL && item->gates != 0) {
            zd_item_regate(act, item);
        }
    }
}
