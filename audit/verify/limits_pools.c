/*
 * Pools: what signed documents appropriated, against what is reserved, captured and paid. Appropriations are taken from the requests, commitments from the
 * postings; a posting of more than was signed for is found where the two meet. See limits_int.h.
 */
#include "audit/verify/limits_int.h"

size_t zd_limit_pool_number(zd_limits *limits, zd_span pool)
{
    size_t number = 0;
    (void)zd_table_add(&limits->pools, pool, &number);
    return number;
}

static zd_limit_pool *pool_of(zd_limits *limits, const zd_account_parts *account)
{
    return zd_table_at(&limits->pools, zd_limit_pool_number(limits, account->part[account->count - 1]));
}

static bool is_claim(int code)
{
    static const int codes[] = {2100, 2160, 2170, 2200, 3000, 3050, 3200};
    for (size_t i = 0; i < ZD_COUNT(codes); i++) {
        if (codes[i] == code) {
            return true;
        }
    }
    return false;
}

static void add_to(int64_t *to, int64_t amount_fen)
{
    *to = zd_limit_sum(*to, amount_fen);
}

/* Moving a claim of a pool to next year's: what was committed goes with it. Clearing accounts commit nothing. */
static void carry_claim(zd_limits *limits, const zd_account_parts *debit, const zd_account_parts *credit, int64_t amount_fen)
{
    if (debit->code == credit->code && is_claim(debit->code) && debit->code != 2160 && debit->code != 2170) {
        add_to(&pool_of(limits, debit)->committed_fen, -amount_fen);
        add_to(&pool_of(limits, credit)->committed_fen, amount_fen);
    }
}

static void one_posting(const zd_limit_act *act, const zd_account_parts *debit, const zd_account_parts *credit, int64_t amount_fen)
{
    zd_limits *limits = act->limits;
    if (debit->code == 1000 && credit->code == 2000) {
        add_to(&pool_of(limits, debit)->appropriated_fen, amount_fen);
    } else if (debit->code == 2000 && credit->code == 1000) {
        add_to(&pool_of(limits, debit)->appropriated_fen, -amount_fen);
    } else if (debit->code == 1000 && credit->code == 1000) {
        add_to(&pool_of(limits, debit)->appropriated_fen, amount_fen);
        add_to(&pool_of(limits, credit)->appropriated_fen, -amount_fen);
    } else if (act->kind == ZD_L_ACT_OPENING_BALANCE && debit->code == 1000) {
        add_to(&pool_of(limits, debit)->appropriated_fen, amount_fen);
        add_to(&pool_of(limits, debit)->committed_fen, amount_fen);
    } else if (debit->code == 2000 && (credit->code == 2100 || credit->code == 2200)) {
        add_to(&pool_of(limits, debit)->committed_fen, amount_fen);
    } else if (credit->code == 2000 && is_claim(debit->code)) {
        add_to(&pool_of(limits, credit)->committed_fen, -amount_fen);
    } else {
        carry_claim(limits, debit, credit, amount_fen);
    }
}

static void check_total(const zd_limit_act *act, const zd_account_parts *account)
{
    if (account->code < 1000 || account->code >= 6000 || account->count == 0) {
        return;
    }
    zd_limit_pool *pool = pool_of(act->limits, account);
    if (pool->committed_fen > pool->appropriated_fen) {
        zd_limit_find_fen(act, ZD_V_POOL_TOTAL, zd_account_owner(account), "committed in the pool", pool->committed_fen, pool->appropriated_fen);
        pool->committed_fen = pool->appropriated_fen; /* said once */
    }
}

typedef void posting_visit(const zd_limit_act *act, const zd_account_parts *debit, const zd_account_parts *credit, int64_t amount_fen);

static void check_posting(const zd_limit_act *act, const zd_account_parts *debit, const zd_account_parts *credit, int64_t amount_fen)
{
    (void)amount_fen;
    check_total(act, debit);
    check_total(act, credit);
}

static void each_posting(const zd_limit_act *act, posting_visit *visit)
{
    zd_line_posting posting;
    for (size_t l = 0; l < act->count; l++) {
        for (size_t i = 0; i < zd_line_postings(&act->lines[l]); i++) {
            if (zd_line_posting_at(&posting, &act->lines[l], i)) {
                zd_account_parts debit = zd_account_parse(posting.debit);
                zd_account_parts credit = zd_account_parse(posting.credit);
                if (debit.count > 0 && credit.count > 0) {
                    visit(act, &debit, &credit, posting.amount_fen);
                }
            }
        }
    }
}

void zd_limit_pool_postings(const zd_limit_act *act)
{
    each_posting(act, one_posting);
    each_posting(act, check_posting);
}

/* --- signed amounts --- */

static void expect_money(const zd_limit_act *act, int debit, int credit, const char *what)
{
    zd_limit_expect(act, (zd_limit_query){.debit = debit, .credit = credit, .pool = zd_limit_text(act, ZD_F_POOL)}, zd_limit_int(act, ZD_F_AMOUNT), what,
                    zd_limit_text(act, ZD_F_POOL));
}

void zd_limit_do_pool_open(zd_limit_act *act)
{
    zd_span id = zd_limit_text(act, ZD_F_POOL);
    if (zd_table_find(&act->limits->pools, id, NULL) != NULL) {
        zd_found *found = zd_limit_find(act, ZD_V_NAME_TWICE, zd_span_of(NULL, 0));
        zd_buf_add_text(&found->recorded, "pool ");
        zd_buf_add_span(&found->recorded, id);
        zd_buf_add_text(&found->recomputed, "refused");
    }
    (void)zd_limit_pool_number(act->limits, id);
    expect_money(act, 1000, 2000, "appropriated");
}

void zd_limit_do_pool_appropriate(zd_limit_act *act)
{
    expect_money(act, 1000, 2000, "appropriated");
}

void zd_limit_do_pool_cut(zd_limit_act *act)
{
    expect_money(act, 2000, 1000, "cut");
}

void zd_limit_do_pool_move(zd_limit_act *act)
{
    zd_span to = zd_limit_text(act, ZD_F_TO_POOL);
    expect_money(act, 2000, 2000, "moved");
    zd_limit_expect(act, (zd_limit_query){.debit = 1000, .credit = 1000, .pool = to}, zd_limit_int(act, ZD_F_AMOUNT), "moved", to);
}

/* Everything of a pool that is not in settlement takes the new pool's name. */
static void rename_item(zd_limits *limits, size_t number, size_t from, size_t to)
{
    zd_limit_item *item = zd_table_at(&limits->items, number);
    zd_limit_leg *legs = zd_limit_item_legs(limits, item);
    for (size_t i = 0; i < item->leg_count; i++) {
        if (legs[i].pool == from && legs[i].open_fen + legs[i].returned_fen > 0) {
            legs[i].pool = to;
        }
    }
    zd_limit_item_list(limits, number);
}

void zd_limit_do_pool_carry(zd_limit_act *act)
{
    zd_limits *limits = act->limits;
    size_t from = zd_limit_pool_number(limits, zd_limit_text(act, ZD_F_POOL));
    size_t to = zd_limit_pool_number(limits, zd_limit_text(act, ZD_F_TO_POOL));
    if (from == to) {
        zd_limit_unknown(act, "carry to", zd_limit_text(act, ZD_F_TO_POOL));
        return;
    }
    for (size_t i = 0; i < limits->orders.names.count; i++) {
        const zd_limit_order *order = zd_table_at(&limits->orders, i);
        for (size_t leg = 0; leg < order->leg_count && !order->ended; leg++) {
            zd_limit_leg *row = &limits->legs[order->first_leg + leg];
            row->pool = row->pool == from ? to : row->pool;
        }
    }
    const zd_limit_pool *old = zd_table_at(&limits->pools, from);
    size_t count = old->open_count;
    for (size_t i = 0; i < count; i++) {
        rename_item(limits, ((const zd_limit_pool *)zd_table_at(&limits->pools, from))->open[i], from, to);
    }
}
