/*
 * Orders, captures and direct redemptions: what may be reserved, what may be captured of it, under which policy, on which base. The amounts are those that
 * were signed; the postings must say the same. See limits_int.h.
 */
#include "audit/verify/limits_int.h"
#include "ledger/base/clock.h"
#include "ledger/base/money.h"

static zd_span text_of(const zd_limits *limits, size_t name)
{
    return zd_names_text(&limits->names, name);
}

static zd_limit_leg *add_leg(zd_limits *limits)
{
    limits->legs = zd_paged_at(&limits->leg_pages, limits->leg_count, sizeof *limits->legs);
    return &limits->legs[limits->leg_count++];
}

/* The legs of an order are the credits of its reservation, in their order. */
static void read_legs(zd_limit_act *act, zd_limit_order *order, zd_span id)
{
    zd_line_posting posting;
    order->first_leg = act->limits->leg_count;
    for (size_t i = 0; i < zd_line_postings(act->lines); i++) {
        if (!zd_line_posting_at(&posting, act->lines, i)) {
            continue;
        }
        zd_account_parts debit = zd_account_parse(posting.debit);
        zd_account_parts credit = zd_account_parse(posting.credit);
        bool reserves = credit.code == 2200 && credit.count == 2 && (debit.code == 2000 || debit.code == 2100);
        if (reserves && zd_span_equal(credit.part[0], id) && order->leg_count < ZD_LIMIT_LEGS) {
            size_t pool = zd_limit_pool_number(act->limits, credit.part[1]);
            *add_leg(act->limits) = (zd_limit_leg){.pool = pool, .amount_fen = posting.amount_fen, .rest_fen = posting.amount_fen};
            order->leg_count++;
        }
    }
}

static void use_voucher(const zd_limit_act *act, zd_limit_order *order, zd_limit_voucher *voucher)
{
    zd_span voucher_id = zd_limit_text(act, ZD_F_VOUCHER);
    zd_span holder = zd_names_text(&act->limits->holders.names, voucher->holder);
    zd_span provider = text_of(act->limits, order->provider_name);
    voucher->used_fen = zd_limit_sum(voucher->used_fen, order->amount_fen);
    if (voucher->used_fen > voucher->amount_fen) {
        zd_limit_find_fen(act, ZD_V_VOUCHER_AMOUNT, holder, "used of the voucher", voucher->used_fen, voucher->amount_fen);
    }
    if (!zd_span_equal(holder, zd_limit_text(act, ZD_F_HOLDER))) {
        zd_limit_unknown(act, "voucher of another holder:", voucher_id);
    }
    zd_limit_query quota = {.debit = 6200, .credit = 6300, .debit_about = voucher_id, .credit_about = voucher_id};
    zd_limit_expect(act, quota, order->amount_fen, "quota used", holder);
    zd_limit_expect(act, (zd_limit_query){.credit = 2200, .credit_about = zd_limit_text(act, ZD_F_ORDER)}, order->amount_fen, "reserved", provider);
    zd_limit_expect(act, (zd_limit_query){.credit = 2200}, order->amount_fen, "reserved", provider);
}

/* Reserves; NULL after a finding that leaves nothing to go on with. */
static zd_limit_order *reserve(zd_limit_act *act)
{
    zd_limits *limits = act->limits;
    zd_span id = zd_limit_text(act, ZD_F_ORDER);
    size_t voucher_number = 0;
    zd_limit_voucher *voucher = zd_table_find(&limits->vouchers, zd_limit_text(act, ZD_F_VOUCHER), &voucher_number);
    if (voucher == NULL || !voucher->issued) {
        zd_limit_unknown(act, "voucher", zd_limit_text(act, ZD_F_VOUCHER));
        return NULL;
    }
    if (zd_table_find(&limits->orders, id, NULL) != NULL) {
        zd_found *found = zd_limit_find(act, ZD_V_NAME_TWICE, zd_limit_text(act, ZD_F_PROVIDER));
        zd_buf_add_text(&found->recorded, "order ");
        zd_buf_add_span(&found->recorded, id);
        zd_buf_add_text(&found->recomputed, "refused");
        return NULL;
    }
    const zd_limit_policy *policy = zd_limit_policy_at(limits, act->today_day);
    zd_limit_order *order = zd_table_add(&limits->orders, id, NULL);
    order->voucher = voucher_number;
    order->holder_name = zd_names_add(&limits->names, zd_limit_text(act, ZD_F_HOLDER));
    order->provider_name = zd_names_add(&limits->names, zd_limit_text(act, ZD_F_PROVIDER));
    order->purpose_name = zd_names_add(&limits->names, zd_limit_text(act, ZD_F_PURPOSE));
    order->amount_fen = zd_limit_int(act, ZD_F_AMOUNT);
    order->contract_fen = zd_limit_int(act, ZD_F_CONTRACT_FEN);
    order->policy = policy != NULL ? policy->number : 0;
    (void)zd_limit_policy_check(act, order->policy);
    zd_limit_wait_order(act, id);
    read_legs(act, order, id);
    use_voucher(act, order, voucher);
    return order;
}

void zd_limit_do_order(zd_limit_act *act)
{
    (void)reserve(act);
}

/* --- captures --- */

static int64_t smaller(int64_t a_fen, int64_t b_fen)
{
    return a_fen < b_fen ? a_fen : b_fen;
}

static int64_t base_of(const zd_limit_act *act, const zd_limit_order *order, const zd_limit_policy *policy)
{
    int64_t amount_fen = zd_limit_int(act, ZD_F_AMOUNT);
    int64_t paid_fen = zd_limit_sum(zd_limit_int(act, ZD_F_OWN_SHARE), amount_fen);
    int64_t invoice_fen = zd_limit_int(act, ZD_F_INVOICE_PART);
    if (!policy->covers_full) {
        invoice_fen = zd_limit_sum(invoice_fen, amount_fen);
    }
    return smaller(smaller(order->contract_fen, paid_fen), invoice_fen);
}

/* The cumulative base of holder, provider, purpose and year of the service. */
static size_t tier_of(zd_limit_act *act, const zd_limit_order *order)
{
    zd_limits *limits = act->limits;
    zd_buf key = {0};
    size_t number = 0;
    int64_t done_day = 0;
    const size_t names[] = {order->holder_name, order->provider_name, order->purpose_name};
    for (size_t i = 0; i < ZD_COUNT(names); i++) {
        zd_buf_add_span(&key, text_of(limits, names[i]));
        zd_buf_add_byte(&key, '/');
    }
    int year = zd_date_parse(&done_day, zd_limit_text(act, ZD_F_DONE)) ? zd_day_year(done_day) : 0;
    zd_buf_addf(&key, "%d", year);
    (void)zd_table_add(&limits->tiers, zd_buf_span(&key), &number);
    zd_buf_free(&key);
    return number;
}

static void check_ratio(zd_limit_act *act, const zd_limit_order *order, zd_limit_item *item)
{
    zd_limits *limits = act->limits;
    zd_span provider = text_of(limits, order->provider_name);
    const zd_limit_policy *policy = zd_limit_policy_check(act, order->policy);
    item->tier = tier_of(act, order);
    if (policy == NULL) {
        return;
    }
    int64_t *before_fen = zd_table_at(&limits->tiers, item->tier);
    item->base_fen = base_of(act, order, policy);
    if (zd_line_int(act->lines, "base_fen") != item->base_fen) {
        zd_limit_find_fen(act, ZD_V_BASE, provider, "base", zd_line_int(act->lines, "base_fen"), item->base_fen);
    }
    int64_t allowed_fen = zd_limit_allowed(policy, *before_fen, item->base_fen);
    if (item->amount_fen > allowed_fen || item->amount_fen <= 0) {
        zd_limit_find_fen(act, ZD_V_RATIO, provider, "subsidy", item->amount_fen, allowed_fen);
    }
    *before_fen = zd_limit_sum(*before_fen, item->base_fen);
}

/* Spreads the amount over what is left of the order's legs, as the rule book says: by largest remainder. */
static void split_legs(zd_limit_act *act, zd_limit_order *order, zd_limit_item *item)
{
    zd_limits *limits = act->limits;
    int64_t rest_fen[ZD_LIMIT_LEGS] = {0};
    int64_t part_fen[ZD_LIMIT_LEGS] = {0};
    int64_t sum_fen = 0;
    for (size_t i = 0; i < order->leg_count; i++) {
        rest_fen[i] = limits->legs[order->first_leg + i].rest_fen;
        sum_fen = zd_limit_sum(sum_fen, rest_fen[i]);
    }
    zd_span provider = text_of(limits, order->provider_name);
    item->first_leg = limits->leg_count;
    if (item->amount_fen > sum_fen || item->amount_fen <= 0) {
        zd_limit_find_fen(act, ZD_V_ORDER_AMOUNT, provider, "captured", item->amount_fen, sum_fen);
        return;
    }
    zd_fen_split(part_fen, rest_fen, ZD_LIMIT_LEGS, item->amount_fen);
    for (size_t i = 0; i < order->leg_count; i++) {
        limits->legs[order->first_leg + i].rest_fen -= part_fen[i];
        size_t pool = limits->legs[order->first_leg + i].pool;
        *add_leg(limits) = (zd_limit_leg){.pool = pool, .amount_fen = part_fen[i], .open_fen = part_fen[i]};
        item->leg_count++;
    }
}

static void expect_capture(const zd_limit_act *act, const zd_limit_order *order, const zd_limit_item *item)
{
    zd_span order_id = zd_limit_text(act, ZD_F_ORDER);
    zd_span provider = text_of(act->limits, order->provider_name);
    zd_limit_expect(act, (zd_limit_query){.debit = 2200, .credit = 3000, .debit_about = order_id, .credit_about = provider}, item->amount_fen, "captured", provider);
    zd_limit_expect(act, (zd_limit_query){.credit = 3000}, item->amount_fen, "payable", provider);
    if (act->lines[0].subsidy_fen != item->amount_fen) {
        zd_limit_find_fen(act, ZD_V_AMOUNT_SIGNED, provider, "subsidy", act->lines[0].subsidy_fen, item->amount_fen);
    }
    if (act->lines[0].outcome == ZD_LINE_HELD) {
        zd_limit_query held = {.debit = 3000, .credit = 3050, .debit_about = provider, .credit_about = provider};
        int64_t held_fen = zd_limit_posted(act->lines, act->count, &held);
        if (held_fen < item->amount_fen) {
            zd_limit_find_fen(act, ZD_V_AMOUNT_SIGNED, provider, "held", held_fen, item->amount_fen);
        }
    }
}

/* What an order has left goes back when it ends. */
static void end_order(const zd_limit_act *act, const zd_line *lines, size_t count, zd_limit_order *order, zd_span id)
{
    int64_t rest_fen = 0;
    for (size_t i = 0; i < order->leg_count; i++) {
        zd_limit_leg *leg = &act->limits->legs[order->first_leg + i];
        rest_fen = zd_limit_sum(rest_fen, leg->rest_fen);
        leg->rest_fen = 0;
    }
    order->ended = true;
    int64_t back_fen = zd_limit_given_back(lines, count, 2200, id);
    if (back_fen != rest_fen) {
        zd_limit_find_fen(act, ZD_V_AMOUNT_SIGNED, text_of(act->limits, order->provider_name), "given back from the order", back_fen, rest_fen);
    }
}

static int64_t rest_of(const zd_limits *limits, const zd_limit_order *order)
{
    int64_t rest_fen = 0;
    for (size_t i = 0; i < order->leg_count; i++) {
        rest_fen = zd_limit_sum(rest_fen, limits->legs[order->first_leg + i].rest_fen);
    }
    return rest_fen;
}

static void capture(zd_limit_act *act, zd_limit_order *order, size_t order_number, bool final)
{
    zd_limits *limits = act->limits;
    zd_span id = zd_limit_text(act, ZD_F_ITEM);
    size_t number = 0;
    if (zd_table_find(&limits->items, id, NULL) != NULL) {
        zd_found *found = zd_limit_find(act, ZD_V_NAME_TWICE, text_of(limits, order->provider_name));
        zd_buf_add_text(&found->recorded, "item ");
        zd_buf_add_span(&found->recorded, id);
        zd_buf_add_text(&found->recomputed, "refused");
        return;
    }
    zd_limit_item *item = zd_table_add(&limits->items, id, &number);
    *item = (zd_limit_item){.order = order_number, .provider_name = order->provider_name, .invoice = ZD_NAME_NONE, .amount_fen = zd_limit_int(act, ZD_F_AMOUNT),
                            .part_fen = zd_limit_int(act, ZD_F_INVOICE_PART), .seq = act->seq};
    check_ratio(act, order, item);
    zd_limit_use_invoice(act, order, item);
    zd_limit_wait_capture(act, item);
    split_legs(act, order, item);
    expect_capture(act, order, item);
    zd_limit_item_list(limits, number);
    if (final || rest_of(limits, order) == 0) {
        end_order(act, act->lines, act->count, order, zd_limit_text(act, ZD_F_ORDER));
    }
    limits->report->counts.redemptions++;
}

void zd_limit_do_capture(zd_limit_act *act)
{
    size_t number = 0;
    zd_limit_order *order = zd_table_find(&act->limits->orders, zd_limit_text(act, ZD_F_ORDER), &number);
    if (order == NULL || order->ended) {
        zd_limit_unknown(act, "order", zd_limit_text(act, ZD_F_ORDER));
        return;
    }
    capture(act, order, number, zd_limit_bool(act, ZD_F_FINAL));
}

void zd_limit_do_direct(zd_limit_act *act)
{
    size_t number = 0;
    zd_limit_order *order = reserve(act);
    if (order != NULL && zd_table_find(&act->limits->orders, zd_limit_text(act, ZD_F_ORDER), &number) != NULL) {
        capture(act, order, number, true);
    }
}

/* --- ends --- */

void zd_limit_do_void(zd_limit_act *act)
{
    zd_span id = zd_limit_text(act, ZD_F_ORDER);
    zd_limit_order *order = zd_table_find(&act->limits->orders, id, NULL);
    if (zd_limit_has(act, ZD_F_ITEM)) {
        zd_limit_unwind(act, zd_limit_text(act, ZD_F_ITEM));
    } else if (order == NULL || order->ended) {
        zd_limit_unknown(act, "order", id);
    } else {
        end_order(act, act->lines, act->count, order, id);
    }
}

/* Each effect is one order, voucher or line that was due; vouchers move only quota and earmarks, which the balances watch. */
void zd_limit_do_sweep(zd_limit_act *act)
{
    for (size_t i = 1; i < act->count; i++) {
        const zd_line *line = &act->lines[i];
        if (zd_span_is(zd_line_text(line, "due"), "paid") || zd_span_is(zd_line_text(line, "due"), "unknown")) {
            zd_limit_sweep_line(act, line);
            continue;
        }
        if (!zd_span_is(zd_line_text(line, "due"), "order")) {
            continue;
        }
        zd_limit_order *order = zd_table_find(&act->limits->orders, line->item, NULL);
        if (order == NULL || order->ended) {
            zd_limit_unknown(act, "order", line->item);
        } else {
            end_order(act, line, 1, order, line->item);
        }
    }
}
