/*
 * The end of a pool's budget year. Carry moves every line of a pool to next year's pool by one signed document, each line with the cash or receivable
 * that stands against it, so that both pools stay balanced after every leaf; what is in settlement stays with its cash until it is answered. Close
 * hands the free rest back to the treasury once nothing else is open. A carry may be repeated for what arrives later (a return, a late refund).
 */
#include "ledger/act/settle_int.h"

#include <string.h>

typedef struct carry {
    zd_act *act;
    const char *from;
    const char *to;
    int64_t lines;
    int64_t carried_fen;
    int64_t payable_fen; /* moved on 3000, 3050, 3200 by account; items must give the same sum */
    int64_t item_fen;
} carry;

/* One credit line with the cash behind it. */
static bool carry_claim(carry *c, const char *about, int code, const char *owner, int64_t amount_fen)
{
    zd_act *act = c->act;
    if (amount_fen == 0) {
        return true;
    }
    size_t d = zd_act_effect(act, about);
    zd_place *from = owner != NULL ? zd_account(act, code, owner, c->from, NULL) : zd_account(act, code, c->from, NULL, NULL);
    zd_place *to = owner != NULL ? zd_account(act, code, owner, c->to, NULL) : zd_account(act, code, c->to, NULL, NULL);
    zd_decision_extra_int(zd_act_effect_at(act, d), "account", code);
    c->lines++;
    c->carried_fen += amount_fen;
    return zd_act_post_to(act, d, amount_fen, from, to) &&
           zd_act_post_to(act, d, amount_fen, zd_account(act, 1000, c->to, NULL, NULL), zd_account(act, 1000, c->from, NULL, NULL));
}

/* One clearing line with the receivable behind it. */
static bool carry_debt(carry *c, const char *about, int clearing, int receivable, const char *debtor, int64_t amount_fen)
{
    zd_act *act = c->act;
    if (amount_fen == 0) {
        return true;
    }
    size_t d = zd_act_effect(act, about);
    zd_decision_extra_int(zd_act_effect_at(act, d), "account", clearing);
    c->lines++;
    c->carried_fen += amount_fen;
    return zd_act_post_to(act, d, amount_fen, zd_account(act, clearing, about, c->from, NULL), zd_account(act, clearing, about, c->to, NULL)) &&
           zd_act_post_to(act, d, amount_fen, zd_account(act, receivable, debtor, c->to, NULL), zd_account(act, receivable, debtor, c->from, NULL));
}

static int64_t rename_legs(char pools[ZD_LEGS][ZD_ID_SIZE], const int64_t amounts_fen[ZD_LEGS], const char *from, const char *to)
{
    int64_t sum_fen = 0;
    for (size_t i = 0; i < ZD_LEGS; i++) {
        if (strcmp(pools[i], from) == 0) {
            sum_fen += amounts_fen[i];
            zd_format(pools[i], ZD_ID_SIZE, "%s", to);
        }
    }
    return sum_fen;
}

/* Open orders and live vouchers stand in the DUE index. A voucher's leg moves even when its earmark is empty just now: what its orders give back must find it. */
static bool carry_reserved(carry *c)
{
    zd_book_cursor cursor = zd_book_scan(c->act->book, ZD_R_DUE, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_due *due = cursor.record;
        char id[ZD_ID_SIZE];
        int64_t amount_fen;
        int code = due->is_voucher != 0 ? 2100 : 2200;
        zd_format(id, sizeof id, "%s", due->target);
        if (due->is_voucher != 0) {
            zd_rec_voucher *voucher = zd_book_edit(c->act->book, ZD_R_VOUCHER, "%s", id);
            amount_fen = zd_book_balance(c->act->book, "2100/%s/%s", id, c->from);
            (void)rename_legs(voucher->leg_pool, voucher->leg_fen, c->from, c->to);
        } else {
            zd_rec_order *order = zd_book_edit(c->act->book, ZD_R_ORDER, "%s", id);
            amount_fen = rename_legs(order->leg_pool, order->leg_rest_fen, c->from, c->to);
        }
        if (!carry_claim(c, id, code, id, amount_fen)) {
            return false;
        }
    }
    return true;
}

/* A note keeps its old record, emptied, so that its id stays used; the rest lives on under the new pool. */
static void move_note(carry *c, zd_rec_note *note)
{
    zd_book *book = c->act->book;
    int64_t rest_fen = note->remaining_fen;
    zd_rec_note *moved = zd_book_ensure(book, ZD_R_NOTE, "%s/%s", note->id, c->to);
    int64_t amount_fen = moved->amount_fen;
    int64_t remaining_fen = moved->remaining_fen;
    *moved = *note;
    zd_format(moved->pool, sizeof moved->pool, "%s", c->to);
    moved->amount_fen = amount_fen + rest_fen;
    moved->remaining_fen = remaining_fen + rest_fen;
    note->amount_fen -= rest_fen;
    note->remaining_fen = 0;
    zd_book_remove(book, ZD_R_NOTES, "%s/%s/%012lld/%s", c->from, note->provider, (long long)note->seq, note->id);
    zd_rec_notes *entry = zd_book_ensure(book, ZD_R_NOTES, "%s/%s/%012lld/%s", c->to, note->provider, (long long)note->seq, note->id);
    zd_format(entry->target, sizeof entry->target, "%s", note->id);
}

static bool carry_notes(carry *c)
{
    zd_book_cursor cursor = zd_book_scan(c->act->book, ZD_R_NOTES, "%s/", c->from);
    while (zd_book_next(&cursor)) {
        const zd_rec_notes *entry = cursor.record;
        zd_rec_note *note = zd_book_edit(c->act->book, ZD_R_NOTE, "%s/%s", entry->target, c->from);
        if (!carry_debt(c, note->id, 2160, 1100, note->provider, note->remaining_fen)) {
            return false;
        }
        move_note(c, note);
    }
    return true;
}

static bool carry_cases(carry *c)
{
    zd_book_cursor cursor = zd_book_scan(c->act->book, ZD_R_CASE, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_holdercase *found = cursor.record;
        if (strcmp(found->pool, c->from) != 0 || found->remaining_fen == 0) {
            continue;
        }
        zd_rec_holdercase *record = zd_book_edit(c->act->book, ZD_R_CASE, "%s/%s", found->id, c->from);
        int64_t rest_fen = record->remaining_fen;
        if (!carry_debt(c, record->id, 2170, 1200, record->holder, rest_fen)) {
            return false;
        }
        zd_rec_holdercase *moved = zd_book_ensure(c->act->book, ZD_R_CASE, "%s/%s", record->id, c->to);
        int64_t amount_fen = moved->amount_fen;
        int64_t remaining_fen = moved->remaining_fen;
        *moved = *record;
        zd_format(moved->pool, sizeof moved->pool, "%s", c->to);
        moved->amount_fen = amount_fen + rest_fen;
        moved->remaining_fen = remaining_fen + rest_fen;
        record->amount_fen -= rest_fen;
        record->remaining_fen = 0;
    }
    return true;
}

/* The last part of an account's name. */
static const char *last_part(const char *key)
{
    return strrchr(key, '/') + 1;
}

/* All providers' balances of one account code in the pool. */
static bool carry_payable(carry *c, int code)
{
    zd_book_cursor cursor = zd_book_scan(c->act->book, ZD_R_ACCT, "%04d/", code);
    while (zd_book_next(&cursor)) {
        int64_t amount_fen = ((const zd_rec_acct *)cursor.record)->balance_fen;
        char provider[ZD_ID_SIZE];
        zd_span owner;
        (void)zd_span_cut(&owner, zd_span_text(cursor.key + strlen("ACCT/0000/")), '/');
        if (amount_fen == 0 || strcmp(last_part(cursor.key), c->from) != 0) {
            continue;
        }
        zd_act_set_text(provider, sizeof provider, owner);
        c->payable_fen += amount_fen;
        if (!carry_claim(c, provider, code, provider, amount_fen)) {
            return false;
        }
    }
    return true;
}

/* The legs of an item that are unpaid in this pool get the new pool's name. A leg is unpaid, in a batch, or paid as a whole; what is settled of it follows. */
static void rename_item(carry *c, const char *id)
{
    zd_rec_item *item = zd_book_edit(c->act->book, ZD_R_ITEM, "%s", id);
    bool renamed = false;
    for (size_t i = 0; i < ZD_LEGS; i++) {
        int64_t unpaid_fen = item->open_fen[i] + item->returned_fen[i];
        if (strcmp(item->leg_pool[i], c->from) == 0 && unpaid_fen > 0) {
            c->item_fen += unpaid_fen;
            zd_format(item->leg_pool[i], sizeof item->leg_pool[i], "%s", c->to);
            renamed = true;
        }
    }
    if (renamed) {
        zd_book_remove(c->act->book, ZD_R_OPEN, "%s/%s/%012lld/%s", c->from, item->provider, (long long)item->seq, item->id);
        zd_item_reindex(c->act, item);
        zd_item_check(item);
    }
}

static zd_status carry_items(carry *c, zd_error *err)
{
    zd_book_cursor open = zd_book_scan(c->act->book, ZD_R_OPEN, "%s/", c->from);
    while (zd_book_next(&open)) {
        char id[ZD_ID_SIZE];
        zd_format(id, sizeof id, "%s", ((const zd_rec_open *)open.record)->target);
        rename_item(c, id);
    }
    return c->item_fen == c->payable_fen ? ZD_OK : zd_fail(err, ZD_E_LEDGER_CORRUPT, "the pool's payables are not the sum of its items");
}

static bool carry_everything(carry *c)
{
    zd_act *act = c->act;
    return carry_claim(c, c->from, 2000, NULL, zd_book_balance(act->book, "2000/%s", c->from)) && carry_reserved(c) && carry_payable(c, 3000) &&
           carry_payable(c, 3050) && carry_payable(c, 3200) && carry_notes(c) && carry_cases(c);
}

/* What stands against a carry; ZD_CODE_NONE = nothing. */
static zd_code carry_obstacle(zd_act *act, const zd_rec_pool *from, const zd_rec_pool *to, const char **why)
{
    *why = "pool";
    if (from == NULL || to == NULL) {
        return ZD_E_A_ABSENT;
    }
    *why = "jurisdiction";
    if (!zd_settle_in_pool(act, from->id) || !zd_settle_in_pool(act, to->id)) {
        return ZD_E_R46;
    }
    *why = "pools";
    if (strcmp(from->jurisdiction, to->jurisdiction) != 0 || from->holder_class != to->holder_class) {
        return ZD_E_A_MISMATCH;
    }
    *why = "year";
    if (to->year != from->year + 1 || to->closed != 0) {
        return ZD_E_A_YEAR;
    }
    *why = "sealing"; /* what a draft has still to look at must not move away from it */
    if (from->sealing[0] != '\0' || to->sealing[0] != '\0') {
        return ZD_E_A_STATE;
    }
    *why = "due";
    return zd_settle_is_due(act) ? ZD_E_A_SWEEP : ZD_CODE_NONE;
}

zd_status zd_act_pool_carry(zd_act *act, zd_error *err)
{
    const char *why = NULL;
    const zd_rec_pool *from = zd_book_find(act->book, ZD_R_POOL, "%s", zd_act_text(act, ZD_F_POOL));
    const zd_rec_pool *to = zd_book_find(act->book, ZD_R_POOL, "%s", zd_act_text(act, ZD_F_TO_POOL));
    zd_code code = carry_obstacle(act, from, to, &why);
    if (code != ZD_CODE_NONE) {
        return zd_act_refuse(act, code, why);
    }
    carry c = {.act = act, .from = from->id, .to = to->id};
    if (!carry_everything(&c)) {
        return ZD_OK;
    }
    zd_status status = carry_items(&c, err);
    if (status != ZD_OK) {
        return status;
    }
    if (c.lines == 0) {
        return zd_act_refuse(act, ZD_E_A_EMPTY, "pool");
    }
    if (!zd_settle_within_limit(act, c.carried_fen)) {
        return zd_act_refuse(act, ZD_E_R47, "limit");
    }
    zd_decision_extra_int(zd_act_decision(act), "lines", c.lines);
    zd_decision_extra_int(zd_act_decision(act), "carried_fen", c.carried_fen);
    return ZD_OK;
}

static int64_t sum_for_pool(zd_act *act, int code, const char *pool)
{
    int64_t sum_fen = 0;
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_ACCT, "%04d/", code);
    while (zd_book_next(&cursor)) {
        if (strcmp(last_part(cursor.key), pool) == 0) {
            sum_fen += ((const zd_rec_acct *)cursor.record)->balance_fen;
        }
    }
    return sum_fen;
}

/* Everything that must be gone before the year can close; 3100 may stay, its cash stays with it. */
static bool has_open_lines(zd_act *act, const char *pool)
{
    static const struct {
        int code;
        const char *name;
    } codes[] = {{1100, "1100"}, {1200, "1200"}, {2100, "2100"}, {2160, "2160"}, {2170, "2170"}, {2200, "2200"}, {3000, "3000"}, {3050, "3050"}, {3200, "3200"}};
    bool open = false;
    for (size_t i = 0; i < ZD_COUNT(codes); i++) {
        int64_t sum_fen = sum_for_pool(act, codes[i].code, pool);
        if (sum_fen != 0) {
            zd_act_saw_int(act, codes[i].name, sum_fen);
            open = true;
        }
    }
    return open;
}

zd_status zd_act_pool_close(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_pool *pool = zd_book_edit(act->book, ZD_R_POOL, "%s", zd_act_text(act, ZD_F_POOL));
    if (pool == NULL) {
        return zd_act_refuse(act, ZD_E_A_ABSENT, "pool");
    }
    if (!zd_settle_in_pool(act, pool->id)) {
        return zd_act_refuse(act, ZD_E_R46, "jurisdiction");
    }
    if (pool->closed != 0) {
        return zd_act_refuse(act, ZD_E_A_STATE, "closed");
    }
    if (pool->sealing[0] != '\0') {
        return zd_act_refuse(act, ZD_E_A_STATE, "sealing");
    }
    if (zd_settle_is_due(act)) {
        return zd_act_refuse(act, ZD_E_A_SWEEP, "due");
    }
    if (has_open_lines(act, pool->id)) {
        return zd_act_refuse(act, ZD_E_A_STATE, "open-lines");
    }
    int64_t free_fen = zd_book_balance(act->book, "2000/%s", pool->id);
    if (!zd_settle_within_limit(act, free_fen)) {
        return zd_act_refuse(act, ZD_E_R47, "limit");
    }
    if (!zd_act_post(act, free_fen, zd_account(act, 2000, pool->id, NULL, NULL), zd_account(act, 1000, pool->id, NULL, NULL))) {
        return ZD_OK;
    }
    pool->closed = 1;
    zd_decision_extra_int(zd_act_decision(act), "handed_back_fen", free_fen);
    return ZD_OK;
}
