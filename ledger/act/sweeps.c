/*
 * The sweep: what is due goes back. Orders past their deadline expire, vouchers past their use-by day lapse; one effect leaf each, in the order
 * of the DUE index (day, then orders before vouchers, then id). Then the lines whose silence or grace is over (batch_await.c). Everything due before up_to is swept, and
 * nothing else, so that the verifier can tell a sweep that left something out. No rule depends on whether a sweep has run; only amounts and what is said of lines do.
 */
#include "ledger/act/settle_int.h"

#include <string.h>

#include "ledger/base/clock.h"

/* The day in a key "DUE/<6 digits>/...". */
static int64_t day_of_key(const char *key)
{
    int64_t day = 0;
    for (const char *digit = key + strlen("DUE/"); *digit >= '0' && *digit <= '9'; digit++) {
        day = day * 10 + (*digit - '0');
    }
    return day;
}

bool zd_settle_is_due(zd_act *act)
{
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_DUE, "%s", "");
    return zd_book_next(&cursor) && day_of_key(cursor.key) < act->today_day;
}

static bool expire_order(zd_act *act, const char *id)
{
    zd_rec_order *order = zd_book_edit(act->book, ZD_R_ORDER, "%s", id);
    ZD_ASSERT(order != NULL && (order->state == ZD_O_RESERVED || order->state == ZD_O_PARTIAL));
    size_t d = zd_act_effect(act, id);
    int64_t rest_fen = order->rest_fen;
    if (!zd_order_end(act, d, order, ZD_O_EXPIRED)) {
        return false;
    }
    zd_decision *decision = zd_act_effect_at(act, d);
    zd_decision_extra_text(decision, "due", "order");
    zd_decision_extra_int(decision, "rest_fen", rest_fen);
    return true;
}

/* What the voucher did not reserve: its earmark to the pools, its quota to the holder or, where the policy says so, to the used side. */
static bool lapse_voucher(zd_act *act, const char *id)
{
    zd_rec_voucher *voucher = zd_book_edit(act->book, ZD_R_VOUCHER, "%s", id);
    ZD_ASSERT(voucher != NULL && (voucher->state == ZD_V_ACTIVE || voucher->state == ZD_V_SUSPENDED));
    size_t d = zd_act_effect(act, id);
    const zd_policy *policy = zd_act_policy(act, voucher->policy);
    bool restores = policy == NULL || zd_policy_int(policy, ZD_P_LAPSE_RESTORES) != 0;
    char year[8];
    zd_format(year, sizeof year, "%lld", (long long)voucher->year);
    int64_t quota_fen = zd_book_balance(act->book, "6200/%s/%s", id, year);
    zd_place *to = restores ? zd_account(act, 6100, voucher->subject, year, NULL) : zd_account(act, 6300, id, year, NULL);
    if (!zd_act_post_to(act, d, quota_fen, zd_account(act, 6200, id, year, NULL), to)) {
        return false;
    }
    for (size_t i = 0; i < ZD_LEGS; i++) {
        const char *pool = voucher->leg_pool[i];
        int64_t earmark_fen = pool[0] == '\0' ? 0 : zd_book_balance(act->book, "2100/%s/%s", id, pool);
        if (!zd_act_post_to(act, d, earmark_fen, zd_account(act, 2100, id, pool, NULL), zd_account(act, 2000, pool, NULL, NULL))) {
            return false;
        }
    }
    voucher->state = ZD_V_LAPSED;
    zd_book_remove(act->book, ZD_R_DUE, "%06lld/V/%s", (long long)voucher->use_by_day, id);
    zd_decision *decision = zd_act_effect_at(act, d);
    zd_decision_extra_text(decision, "due", "voucher");
    zd_decision_extra_int(decision, "quota_fen", quota_fen);
    return true;
}

zd_status zd_act_sweep(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_ledger *ledger = zd_book_edit(act->book, ZD_R_LEDGER, "%s", "");
    int64_t up_to_ms = zd_req_int(act->request, ZD_F_UP_TO);
    if (ledger == NULL) {
        return zd_act_refuse(act, ZD_E_A_ABSENT, "ledger");
    }
    if (up_to_ms > act->at_unix_ms || up_to_ms <= ledger->swept_until_ms) {
        return zd_act_refuse(act, ZD_E_A_MISMATCH, "up_to");
    }
    int64_t before_day = zd_day_of(up_to_ms, ZD_ZONE_SHANGHAI_MS);
    int64_t orders = 0;
    int64_t vouchers = 0;
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_DUE, "%s", "");
    while (zd_book_next(&cursor) && day_of_key(cursor.key) < before_day) {
        const zd_rec_due *due = cursor.record;
        char id[ZD_ID_SIZE];
        bool is_voucher = due->is_voucher != 0;
        zd_format(id, sizeof id, "%s", due->target);
        if (is_voucher ? !lapse_voucher(act, id) : !expire_order(act, id)) {
            return ZD_OK;
        }
        orders += is_voucher ? 0 : 1;
        vouchers += is_voucher ? 1 : 0;
    }
    int64_t paid = 0;
    int64_t unknown = 0;
    if (!zd_batch_sweep_awaits(act, before_day, &paid, &unknown)) {
        return ZD_OK;
    }
    ledger->swept_until_ms = up_to_ms;
    zd_decision_extra_int(zd_act_decision(act), "expired", orders);
    zd_decision_extra_int(zd_act_decision(act), "lapsed", vouchers);
    if (paid + unknown > 0) {
        zd_decision_extra_int(zd_act_decision(act), "paid", paid);
        zd_decision_extra_int(zd_act_decision(act), "unknown", unknown);
    }
    return ZD_OK;
}
