/*
 * Orders: reserving an amount of a voucher at a provider, extending the order once, and the holder's confirmation of it. An order takes its amount out of the
 * voucher's quota and out of the pools (or the voucher's earmarks) at once, so that what is promised can be paid. Captures are in captures.c.
 */
#include <string.h>

#include "ledger/act/redeem_int.h"
#include "ledger/act/settle_int.h"
#include "ledger/base/clock.h"

/* The unit that an order belongs to: a laboratory's key gives its own. */
static zd_span unit_of(const zd_act *act)
{
    bool lab = act->signer != NULL && act->signer->role == ZD_ROLE(LAB);
    return lab ? zd_span_text(act->signer->unit) : zd_req_text(act->request, ZD_F_UNIT);
}

/* NULL when the signer may speak for the party; a dry run without a signer speaks for nobody and is let through. */
static const char *order_stranger(zd_act *act)
{
    const zd_rec_key *signer = act->signer;
    if (signer == NULL) {
        return NULL;
    }
    if (signer->role == ZD_ROLE(HOLDER)) {
        return zd_span_is(zd_req_text(act->request, ZD_F_HOLDER), signer->party) ? NULL : "party";
    }
    zd_span unit = zd_req_has(act->request, ZD_F_UNIT) ? zd_req_text(act->request, ZD_F_UNIT) : unit_of(act);
    char text[ZD_ID_SIZE];
    zd_act_set_text(text, sizeof text, unit);
    return zd_settle_party(act, zd_act_text(act, ZD_F_PROVIDER), text);
}

static const char *owner_stranger(zd_act *act, const zd_rec_order *order)
{
    const zd_rec_key *signer = act->signer;
    if (signer == NULL) {
        return NULL;
    }
    if (signer->role == ZD_ROLE(HOLDER)) {
        return strcmp(signer->party, order->holder) == 0 ? NULL : "party";
    }
    return zd_settle_party(act, order->provider, order->unit);
}

static zd_code new_order_obstacle(const char **why, zd_act *act, zd_redemption *redemption)
{
    *why = order_stranger(act);
    if (*why != NULL) {
        return ZD_E_A_GRANT;
    }
    if (zd_place_find(&redemption->at[ZD_AT_ORDER]) != NULL) {
        *why = "order";
        return ZD_E_A_EXISTS;
    }
    return ZD_CODE_NONE;
}

static zd_code capture_obstacle(const char **why, zd_act *act, zd_redemption *redemption)
{
    const zd_rec_order *order = zd_place_find(&redemption->at[ZD_AT_ORDER]);
    if (order == NULL) {
        *why = "order";
        return ZD_E_R09;
    }
    *why = owner_stranger(act, order);
    if (*why != NULL) {
        return ZD_E_A_GRANT;
    }
    /* An expired order is judged by its deadline (R12), whether or not the sweep has run. */
    if (order->state != ZD_O_RESERVED && order->state != ZD_O_PARTIAL && order->state != ZD_O_EXPIRED) {
        *why = "order";
        return ZD_E_A_STATE;
    }
    return ZD_CODE_NONE;
}

zd_code zd_redeem_obstacle(const char **why, zd_act *act, zd_redemption *redemption)
{
    bool captures = act->request->type == ZD_REQ_CAPTURE;
    zd_code code = captures ? capture_obstacle(why, act, redemption) : new_order_obstacle(why, act, redemption);
    if (code == ZD_CODE_NONE && zd_place_find(&redemption->at[ZD_AT_ITEM]) != NULL) {
        *why = "item";
        code = ZD_E_A_EXISTS;
    }
    return code;
}

/* The consent that the rules found: remembered in the order, and used up. */
static void take_consent(zd_act *act, zd_rec_order *order, zd_redemption *redemption)
{
    order->consent = zd_rules_consent(&redemption->facts);
    if (order->consent == ZD_CONSENT(KEY)) {
        zd_hash_hex(order->consent_ref, &act->request->text_sha256);
    } else if (order->consent == ZD_CONSENT(MANDATE)) {
        zd_rec_mandate *mandate = zd_place_edit(&redemption->at[ZD_AT_MANDATE]);
        mandate->used_fen += order->amount_fen;
        zd_format(order->consent_ref, sizeof order->consent_ref, "%s", mandate->id);
    } else if (order->consent == ZD_CONSENT(ATTESTED)) {
        zd_rec_fact *word = zd_place_edit(&redemption->at[ZD_AT_CONSENT]);
        word->used = 1;
        zd_format(order->consent_ref, sizeof order->consent_ref, "%s", word->value);
    }
}

static void write_service(zd_rec_order *order, const zd_claim *claim)
{
    ZD_SET_TEXT(order->instrument, claim->instrument);
    ZD_SET_TEXT(order->category, claim->category);
    ZD_SET_TEXT(order->purpose, claim->purpose);
    ZD_SET_TEXT(order->contract, claim->contract);
    order->contract_fen = claim->contract_fen;
    order->contract_day = claim->contract_day;
    order->own_share_fen = claim->own_share_fen;
    order->other_funding_fen = claim->other_funding_fen;
    order->affiliation = claim->affiliation;
    order->amount_fen = claim->amount_fen;
    order->rest_fen = claim->amount_fen;
}

/* What a direct redemption found about its capture stays with the item; the order keeps what belongs to orders. */
static int64_t of_orders(zd_check_set found)
{
    for (unsigned i = 0; found != 0 && i < ZD_CHECK__COUNT; i++) { /* mostly nothing was found */
        found &= zd_check_on((zd_check)i, ZD_ON_ORDER) ? ~(zd_check_set)0 : ~((zd_check_set)1 << i);
    }
    return (int64_t)found;
}

static zd_rec_order *write_order(zd_act *act, zd_redemption *redemption, const zd_ruling *ruling)
{
    const zd_facts *facts = &redemption->facts;
    zd_rec_order *order = zd_place_add(&redemption->at[ZD_AT_ORDER]);
    ZD_SET_TEXT(order->id, zd_req_text(act->request, ZD_F_ORDER));
    ZD_SET_TEXT(order->voucher, zd_req_text(act->request, ZD_F_VOUCHER));
    ZD_SET_TEXT(order->holder, facts->claim.holder);
    ZD_SET_TEXT(order->provider, facts->claim.provider);
    ZD_SET_TEXT(order->unit, unit_of(act));
    write_service(order, &facts->claim);
    order->state = ZD_O_RESERVED;
    order->policy = facts->policy->number;
    order->at_ms = act->at_unix_ms;
    order->order_day = act->today_day;
    order->deadline_day = act->today_day + zd_policy_int(facts->policy, ZD_P_ORDER_DAYS);
    order->text_sha256 = act->request->text_sha256;
    order->gates = of_orders(ruling->gates);
    order->holds = of_orders(ruling->holds);
    order->flags = of_orders(ruling->flags);
    order->own_paid_fen = facts->own_attested_fen;
    order->year = facts->voucher->year;
    order->seq = (int64_t)act->seq;
    for (size_t i = 0; i < ZD_LEGS; i++) {
        zd_format(order->leg_pool[i], sizeof order->leg_pool[i], "%s", redemption->leg_pool[i]);
        order->leg_fen[i] = redemption->leg_fen[i];
        order->leg_rest_fen[i] = redemption->leg_fen[i];
    }
    take_consent(act, order, redemption);
    zd_rec_ledger *ledger = zd_book_edit(act->book, ZD_R_LEDGER, "%s", "");
    ledger->order_count++;
    return order;
}

zd_rec_order *zd_redeem_reserve(zd_act *act, zd_redemption *redemption, const zd_ruling *ruling)
{
    const char *order = zd_act_text(act, ZD_F_ORDER);
    if (!zd_act_post(act, redemption->facts.claim.amount_fen, &redemption->at[ZD_AT_ALLOTTED], &redemption->at[ZD_AT_RESERVED])) {
        return NULL;
    }
    for (size_t i = 0; i < ZD_LEGS; i++) {
        const char *pool = redemption->leg_pool[i];
        if (redemption->leg_fen[i] == 0) {
            continue;
        }
        if (!zd_act_post(act, redemption->leg_fen[i], &redemption->leg_account[i], zd_account(act, 2200, order, pool, NULL))) {
            return NULL;
        }
    }
    return write_order(act, redemption, ruling);
}

static void write_deadline(zd_act *act, const zd_rec_order *order)
{
    zd_rec_due *due = zd_book_add(act->book, ZD_R_DUE, "%06lld/O/%s", (long long)order->deadline_day, order->id);
    zd_format(due->target, sizeof due->target, "%s", order->id);
    char date[ZD_DATE_TEXT];
    zd_date_text(date, order->deadline_day);
    zd_decision_extra_text(zd_act_decision(act), "deadline", date);
}

zd_status zd_act_order(zd_act *act, zd_error *err)
{
    (void)err;
    const char *why = NULL;
    zd_redemption redemption;
    zd_redeem_start(&redemption, act);
    zd_code obstacle = zd_redeem_obstacle(&why, act, &redemption);
    if (obstacle != ZD_CODE_NONE) {
        return zd_act_refuse(act, obstacle, why);
    }
    if (!zd_redeem_gather_order(&redemption, act, ZD_ON_ORDER)) {
        return zd_act_refuse(act, ZD_E_A_NO_POLICY, NULL);
    }
    zd_ruling ruling;
    zd_rules_decide(&ruling, zd_act_decision(act), &redemption.facts);
    if (zd_act_refused(act)) {
        return ZD_OK;
    }
    const zd_rec_order *order = zd_redeem_reserve(act, &redemption, &ruling);
    if (order != NULL) {
        write_deadline(act, order);
    }
    return ZD_OK;
}

zd_status zd_act_extend(zd_act *act, zd_error *err)
{
    (void)err;
    const char *id = zd_act_text(act, ZD_F_ORDER);
    const zd_rec_order *found = zd_book_find(act->book, ZD_R_ORDER, "%s", id);
    if (found == NULL) {
        return zd_act_refuse(act, ZD_E_R09, "order");
    }
    const char *stranger = owner_stranger(act, found);
    if (stranger != NULL) {
        return zd_act_refuse(act, ZD_E_A_GRANT, stranger);
    }
    const zd_policy *policy = zd_act_policy(act, found->policy);
    if (policy == NULL) {
        return zd_act_refuse(act, ZD_E_A_NO_POLICY, NULL);
    }
    zd_act_decision(act)->policy = policy->number;
    bool ended = found->state != ZD_O_RESERVED && found->state != ZD_O_PARTIAL && found->state != ZD_O_EXPIRED;
    if (ended) {
        return zd_act_refuse(act, ZD_E_A_STATE, "ended");
    }
    if (found->state == ZD_O_EXPIRED || act->today_day > found->deadline_day) {
        return zd_act_refuse(act, ZD_E_R12, "order-deadline");
    }
    if (found->extended >= zd_policy_int(policy, ZD_P_EXTENSIONS)) {
        return zd_act_refuse(act, ZD_E_A_STATE, "extended");
    }
    zd_rec_order *order = zd_book_edit(act->book, ZD_R_ORDER, "%s", id);
    zd_book_remove(act->book, ZD_R_DUE, "%06lld/O/%s", (long long)order->deadline_day, order->id);
    order->deadline_day += zd_policy_int(policy, ZD_P_EXTENSION_DAYS);
    order->extended++;
    write_deadline(act, order);
    return ZD_OK;
}

zd_status zd_act_confirm(zd_act *act, zd_error *err)
{
    (void)err;
    const char *id = zd_act_text(act, ZD_F_ORDER);
    const zd_rec_order *found = zd_book_find(act->book, ZD_R_ORDER, "%s", id);
    if (found == NULL) {
        return zd_act_refuse(act, ZD_E_R09, "order");
    }
    if (strcmp(act->signer->party, found->holder) != 0) {
        return zd_act_refuse(act, ZD_E_A_GRANT, "party");
    }
    zd_act_decision(act)->policy = found->policy;
    if (!zd_hash_equal(zd_req_hash(act->request, ZD_F_SHA256), &found->text_sha256)) {
        return zd_act_refuse(act, ZD_E_R06, "other-text");
    }
    if (found->consent != ZD_CONSENT(MISSING)) {
        return zd_act_refuse(act, ZD_E_R06, "confirmed-before");
    }
    bool unused = found->state == ZD_O_VOIDED || found->state == ZD_O_EXPIRED;
    if (unused) {
        return zd_act_refuse(act, ZD_E_A_STATE, "ended");
    }
    zd_rec_order *order = zd_book_edit(act->book, ZD_R_ORDER, "%s", id);
    order->consent = ZD_CONSENT(KEY);
    zd_hash_hex(order->consent_ref, &act->request->text_sha256);
    zd_order_regate(act, order);
    return ZD_OK;
}
