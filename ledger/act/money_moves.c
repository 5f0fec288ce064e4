/*
 * Money movement that several acts share: where an amount goes back to, when quota comes back with it, holds, and the index of open items.
 * Invariants: every fen of an item's leg is in exactly one bucket; OPEN lists exactly the items with an unpaid amount in a pool, held or not. Decides nothing: what
 * may move is checked by the caller.
 */
#include "ledger/act/settle_int.h"

#include <string.h>

/* Postings of one leaf stay far below its 65,535 bytes: one takes at most some 260. */
#define SPILL_POSTINGS 120

static bool is_alive(const zd_rec_voucher *voucher)
{
    return voucher->state == ZD_V_ACTIVE || voucher->state == ZD_V_SUSPENDED;
}

static bool has_leg(const zd_rec_voucher *voucher, const char *pool)
{
    for (size_t i = 0; i < ZD_LEGS; i++) {
        if (strcmp(voucher->leg_pool[i], pool) == 0) {
            return true;
        }
    }
    return false;
}

/* Opening balances of an old platform name no voucher of ours. */
static const zd_rec_voucher *voucher_of(zd_act *act, const char *id)
{
    return id[0] == '\0' ? NULL : zd_book_find(act->book, ZD_R_VOUCHER, "%s", id);
}

/* The earmark of a voucher that still lives and was funded from this pool takes the money back; otherwise the pool does. */
static bool give_money(zd_act *act, size_t d, zd_place *from, const zd_rec_voucher *voucher, const char *pool, int64_t amount_fen)
{
    bool earmarked = voucher != NULL && voucher->funding_issue != 0 && is_alive(voucher) && has_leg(voucher, pool);
    zd_place *to = earmarked ? zd_account(act, 2100, voucher->id, pool, NULL) : zd_account(act, 2000, pool, NULL, NULL);
    return zd_act_post_to(act, d, amount_fen, from, to);
}

const char *zd_quota_subject(zd_act *act, const zd_rec_holder *holder, const zd_policy *policy)
{
    (void)act;
    bool grouped = policy != NULL && zd_policy_is(policy, ZD_P_QUOTA_SCOPE, "group") && holder->group[0] != '\0';
    return grouped ? holder->group : holder->id;
}

static bool give_quota(zd_act *act, size_t d, const zd_rec_voucher *voucher, int64_t amount_fen)
{
    if (voucher == NULL) {
        return true;
    }
    char year[8];
    zd_format(year, sizeof year, "%lld", (long long)voucher->year);
    zd_place *used = zd_account(act, 6300, voucher->id, year, NULL);
    if (is_alive(voucher)) {
        return zd_act_post_to(act, d, amount_fen, used, zd_account(act, 6200, voucher->id, year, NULL));
    }
    const zd_policy *policy = zd_act_policy(act, voucher->policy);
    if (voucher->state == ZD_V_LAPSED && policy != NULL && zd_policy_int(policy, ZD_P_LAPSE_RESTORES) == 0) {
        return true; /* what lapses stays used under this policy */
    }
    return zd_act_post_to(act, d, amount_fen, used, zd_account(act, 6100, voucher->subject, year, NULL));
}

bool zd_move_unreserve(zd_act *act, size_t d, const zd_rec_order *order, size_t leg, int64_t amount_fen)
{
    const char *pool = order->leg_pool[leg];
    const zd_rec_voucher *voucher = voucher_of(act, order->voucher);
    return give_money(act, d, zd_account(act, 2200, order->id, pool, NULL), voucher, pool, amount_fen) && give_quota(act, d, voucher, amount_fen);
}

bool zd_move_give_back(zd_act *act, size_t d, const zd_rec_item *item, size_t leg, int from_account, int64_t amount_fen)
{
    ZD_ASSERT(from_account == 3000 || from_account == 3050 || from_account == 3200);
    const char *pool = item->leg_pool[leg];
    const zd_rec_voucher *voucher = voucher_of(act, item->voucher);
    return give_money(act, d, zd_account(act, from_account, item->provider, pool, NULL), voucher, pool, amount_fen) && give_quota(act, d, voucher, amount_fen);
}

bool zd_move_note_recovered(zd_act *act, size_t d, const zd_rec_note *note, int64_t amount_fen)
{
    const zd_rec_item *item = note->item[0] == '\0' ? NULL : zd_book_find(act->book, ZD_R_ITEM, "%s", note->item);
    const zd_rec_voucher *voucher = item == NULL ? NULL : voucher_of(act, item->voucher);
    return give_money(act, d, zd_account(act, 2160, note->id, note->pool, NULL), voucher, note->pool, amount_fen) && give_quota(act, d, voucher, amount_fen);
}

static int64_t sum_legs(const int64_t values_fen[ZD_LEGS])
{
    int64_t sum_fen = 0;
    for (size_t i = 0; i < ZD_LEGS; i++) {
        sum_fen += values_fen[i];
    }
    return sum_fen;
}

int64_t zd_item_open_fen(const zd_rec_item *item)
{
    return sum_legs(item->open_fen);
}

int64_t zd_item_returned_fen(const zd_rec_item *item)
{
    return sum_legs(item->returned_fen);
}

int64_t zd_item_in_batch_fen(const zd_rec_item *item)
{
    return sum_legs(item->in_batch_fen);
}

int64_t zd_item_settled_fen(const zd_rec_item *item)
{
    return sum_legs(item->offset_fen) + sum_legs(item->paid_fen);
}

bool zd_item_was_settled(const zd_rec_item *item)
{
    return zd_item_settled_fen(item) > 0 || sum_legs(item->refunded_settled_fen) > 0;
}

int64_t zd_item_refunded_fen(const zd_rec_item *item)
{
    return sum_legs(item->refunded_open_fen) + sum_legs(item->refunded_settled_fen);
}

void zd_item_check(const zd_rec_item *item)
{
    ZD_ASSERT(sum_legs(item->leg_fen) == item->amount_fen);
    for (size_t i = 0; i < ZD_LEGS; i++) {
        ZD_ASSERT(item->open_fen[i] >= 0 && item->in_batch_fen[i] >= 0 && item->offset_fen[i] >= 0 && item->paid_fen[i] >= 0);
        ZD_ASSERT(item->returned_fen[i] >= 0 && item->refunded_open_fen[i] >= 0 && item->refunded_settled_fen[i] >= 0);
        ZD_ASSERT(item->leg_fen[i] == item->open_fen[i] + item->in_batch_fen[i] + item->offset_fen[i] + item->paid_fen[i] + item->returned_fen[i] +
                                          item->refunded_open_fen[i]);
        ZD_ASSERT(item->refunded_open_fen[i] + item->refunded_settled_fen[i] <= item->leg_fen[i]);
        ZD_ASSERT((item->in_batch_fen[i] > 0) == (item->leg_batch[i][0] != '\0'));
    }
}

/* Two legs may share a pool after a carry; the index names the item once. */
static bool is_unpaid_in(const zd_rec_item *item, const char *pool)
{
    for (size_t i = 0; i < ZD_LEGS; i++) {
        if (strcmp(item->leg_pool[i], pool) == 0 && (item->open_fen[i] > 0 || item->returned_fen[i] > 0)) {
            return true;
        }
    }
    return false;
}

void zd_item_reindex(zd_act *act, const zd_rec_item *item)
{
    for (size_t i = 0; i < ZD_LEGS; i++) {
        const char *pool = item->leg_pool[i];
        if (pool[0] == '\0') {
            continue;
        }
        zd_place at;
        zd_place_set(&at, act->book, ZD_R_OPEN, "%s/%s/%012lld/%s", pool, item->provider, (long long)item->seq, item->id);
        if (item->seq == (int64_t)act->seq) {
            zd_place_is_new(&at);
        }
        bool listed = zd_place_find(&at) != NULL;
        bool unpaid = is_unpaid_in(item, pool);
        if (unpaid && !listed) {
            zd_rec_open *entry = zd_place_add(&at);
            zd_format(entry->target, sizeof entry->target, "%s", item->id);
        }
        if (!unpaid && listed) {
            zd_place_remove(&at);
        }
    }
}

static void leave_hold_queue(zd_act *act, zd_rec_item *item)
{
    zd_book_remove(act->book, ZD_R_HOLDQ, "%06lld/%s", (long long)item->hold_deadline_day, item->id);
    item->held = 0;
    item->hold_day = 0;
    item->hold_deadline_day = 0;
}

bool zd_item_hold(zd_act *act, size_t d, zd_rec_item *item, zd_check_set holds)
{
    item->holds = (int64_t)((zd_check_set)item->holds | holds);
    if (item->held != 0) {
        return true; /* the first hold's deadline stands */
    }
    const zd_policy *policy = zd_act_policy(act, item->policy);
    int64_t deadline_day = act->today_day;
    if (policy != NULL && !zd_act_day_after(act, &deadline_day, act->today_day, policy, ZD_P_HOLD_DAYS)) {
        return false;
    }
    item->held = 1;
    item->hold_day = act->today_day;
    item->hold_deadline_day = deadline_day;
    for (size_t i = 0; i < ZD_LEGS; i++) {
        const char *pool = item->leg_pool[i];
        if (item->open_fen[i] > 0 && !zd_act_post_to(act, d, item->open_fen[i], zd_account(act, 3000, item->provider, pool, NULL),
                                                     zd_account(act, 3050, item->provider, pool, NULL))) {
            return false;
        }
    }
    zd_rec_holdq *entry = zd_book_ensure(act->book, ZD_R_HOLDQ, "%06lld/%s", (long long)item->hold_deadline_day, item->id);
    zd_format(entry->target, sizeof entry->target, "%s", item->id);
    zd_item_reindex(act, item);
    return true;
}

bool zd_item_release(zd_act *act, size_t d, zd_rec_item *item)
{
    ZD_ASSERT(item->held != 0);
    for (size_t i = 0; i < ZD_LEGS; i++) {
        const char *pool = item->leg_pool[i];
        if (item->open_fen[i] > 0 && !zd_act_post_to(act, d, item->open_fen[i], zd_account(act, 3050, item->provider, pool, NULL),
                                                     zd_account(act, 3000, item->provider, pool, NULL))) {
            return false;
        }
    }
    leave_hold_queue(act, item);
    item->holds = 0;
    zd_item_reindex(act, item);
    return true;
}

void zd_item_unhold_empty(zd_act *act, zd_rec_item *item)
{
    if (item->held != 0 && zd_item_open_fen(item) == 0) {
        leave_hold_queue(act, item);
    }
}

const char *zd_settle_party(const zd_act *act, const char *provider, const char *unit)
{
    if (strcmp(act->signer->party, provider) != 0) {
        return "party";
    }
    if (act->signer->role == ZD_ROLE(LAB) && strcmp(act->signer->unit, unit) != 0) {
        return "unit";
    }
    return NULL;
}

bool zd_settle_in_pool(zd_act *act, const char *pool)
{
    const zd_rec_pool *record = zd_book_find(act->book, ZD_R_POOL, "%s", pool);
    return record != NULL && zd_act_in_jurisdiction(act->signer, record->jurisdiction) &&
           (act->second == NULL || zd_act_in_jurisdiction(act->second, record->jurisdiction));
}

bool zd_settle_in_item(zd_act *act, const zd_rec_item *item)
{
    for (size_t i = 0; i < ZD_LEGS; i++) {
        if (item->leg_pool[i][0] != '\0' && !zd_settle_in_pool(act, item->leg_pool[i])) {
            return false;
        }
    }
    return true;
}

bool zd_settle_within_limit(const zd_act *act, int64_t amount_fen)
{
    return zd_act_within_limit(act->signer, amount_fen) && (act->second == NULL || zd_act_within_limit(act->second, amount_fen));
}

void zd_settle_spill(zd_act *act, size_t *d, const char *item)
{
    if (zd_act_effect_at(act, *d)->posting_count >= SPILL_POSTINGS) {
        *d = zd_act_effect(act, item);
    }
}
