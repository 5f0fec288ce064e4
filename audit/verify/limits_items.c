/*
 * Captured items afterwards: invoices, refunds, rejections, clawbacks, recoveries. Each leg's amount is in exactly one of: open, in a batch, offset, paid,
 * returned, refunded; this file moves it between them as the signed acts say and holds the postings against it. See limits_int.h.
 */
#include "audit/verify/limits_int.h"
#include "ledger/base/money.h"

zd_limit_leg *zd_limit_item_legs(const zd_limits *limits, const zd_limit_item *item)
{
    return limits->legs + item->first_leg;
}

zd_limit_sums zd_limit_item_sums(const zd_limits *limits, const zd_limit_item *item)
{
    zd_limit_sums sums = {0};
    const zd_limit_leg *legs = zd_limit_item_legs(limits, item);
    for (size_t i = 0; i < item->leg_count; i++) {
        sums.open_fen += legs[i].open_fen;
        sums.in_batch_fen += legs[i].in_batch_fen;
        sums.settled_fen += legs[i].offset_fen + legs[i].paid_fen;
        sums.returned_fen += legs[i].returned_fen;
        sums.refunded_open_fen += legs[i].refunded_open_fen;
        sums.refunded_settled_fen += legs[i].refunded_settled_fen;
    }
    return sums;
}

void zd_limit_item_list(zd_limits *limits, size_t number)
{
    const zd_limit_item *item = zd_table_at(&limits->items, number);
    const zd_limit_leg *legs = zd_limit_item_legs(limits, item);
    for (size_t i = 0; i < item->leg_count; i++) {
        zd_limit_pool *pool = zd_table_at(&limits->pools, legs[i].pool);
        bool last = pool->open_count > 0 && pool->open[pool->open_count - 1] == number;
        if (legs[i].open_fen + legs[i].returned_fen > 0 && !last) {
            pool->open = zd_paged_at(&pool->open_pages, pool->open_count, sizeof *pool->open);
            pool->open[pool->open_count++] = number;
        }
    }
}

zd_limit_item *zd_limit_item_named(const zd_limit_act *act, zd_span id, size_t *number)
{
    zd_limit_item *item = zd_table_find(&act->limits->items, id, number);
    if (item == NULL || item->ended) {
        zd_limit_unknown(act, "item", id);
        return NULL;
    }
    return item;
}

static zd_span provider_of(const zd_limit_act *act, const zd_limit_item *item)
{
    return zd_names_text(&act->limits->names, item->provider_name);
}

/* --- invoices --- */

/* The next of comma-joined numbers. */
static bool next_number(zd_span *number, zd_span *rest)
{
    if (rest->size == 0) {
        return false;
    }
    *rest = zd_span_cut(number, *rest, ',');
    return true;
}

/* The invoice that any of these numbers belongs to; numbers of two invoices are a finding. */
static size_t find_invoice(const zd_limit_act *act, zd_span numbers)
{
    size_t invoice = ZD_NAME_NONE;
    zd_span number;
    while (next_number(&number, &numbers)) {
        const size_t *known = zd_table_find(&act->limits->numbers, number, NULL);
        if (known == NULL) {
            continue;
        }
        if (invoice != ZD_NAME_NONE && invoice != *known - 1) {
            zd_limit_unknown(act, "numbers of two invoices:", number);
        }
        invoice = *known - 1;
    }
    return invoice;
}

static void own_numbers(zd_limits *limits, zd_span numbers, size_t invoice)
{
    zd_span number;
    while (next_number(&number, &numbers)) {
        *(size_t *)zd_table_add(&limits->numbers, number, NULL) = invoice + 1;
    }
}

static size_t new_invoice(zd_limits *limits, zd_span numbers)
{
    size_t invoice = limits->invoice_count++;
    zd_span rest = numbers;
    zd_span number;
    limits->invoices = zd_paged_at(&limits->invoice_pages, invoice, sizeof *limits->invoices);
    limits->invoices[invoice] = (zd_limit_invoice){0};
    while (next_number(&number, &rest)) {
        const int64_t *red_fen = zd_table_find(&limits->reds, number, NULL);
        limits->invoices[invoice].red_fen = zd_limit_sum(limits->invoices[invoice].red_fen, red_fen != NULL ? *red_fen : 0);
    }
    own_numbers(limits, numbers, invoice);
    return invoice;
}

void zd_limit_use_invoice(const zd_limit_act *act, const zd_limit_order *order, zd_limit_item *item)
{
    zd_limits *limits = act->limits;
    zd_span numbers = zd_limit_text(act, ZD_F_INVOICE);
    size_t number = find_invoice(act, numbers);
    if (number == ZD_NAME_NONE) {
        number = new_invoice(limits, numbers);
        limits->invoices[number].holder_name = order->holder_name;
        limits->invoices[number].provider_name = order->provider_name;
        limits->invoices[number].gross_fen = zd_limit_int(act, ZD_F_INVOICE_FEN);
    }
    own_numbers(limits, numbers, number);
    zd_limit_invoice *invoice = &limits->invoices[number];
    zd_span provider = provider_of(act, item);
    bool same_pair = invoice->holder_name == order->holder_name && invoice->provider_name == order->provider_name;
    if (!same_pair && !zd_line_holds(act->lines, "R32")) {
        zd_found *found = zd_limit_find(act, ZD_V_INVOICE_PAIR, provider);
        zd_buf_add_text(&found->recorded, "accepted on ");
        zd_buf_add_span(&found->recorded, numbers);
        zd_buf_add_text(&found->recomputed, "held, R32");
    }
    invoice->used_fen = zd_limit_sum(invoice->used_fen, item->part_fen);
    int64_t worth_fen = zd_limit_less(invoice->gross_fen, invoice->red_fen);
    if (invoice->used_fen > worth_fen || item->part_fen < 0) {
        zd_limit_find_fen(act, ZD_V_INVOICE_TOTAL, provider, "used of the invoice", invoice->used_fen, worth_fen);
    }
    item->invoice = number;
}

/* Paid on an old platform: nothing of it is left, whatever it was worth. */
void zd_limit_do_opening_invoice(zd_limit_act *act)
{
    zd_limits *limits = act->limits;
    size_t number = new_invoice(limits, zd_limit_text(act, ZD_F_INVOICE));
    limits->invoices[number].holder_name = zd_names_add(&limits->names, zd_limit_text(act, ZD_F_HOLDER));
    limits->invoices[number].provider_name = zd_names_add(&limits->names, zd_limit_text(act, ZD_F_PROVIDER));
}

/* --- giving back --- */

/* The part of whole that goes with give out of live; the other part gets the odd fen when its remainder is larger. */
static int64_t part_of(int64_t whole_fen, int64_t give_fen, int64_t live_fen)
{
    if (live_fen <= 0) {
        return 0;
    }
    __int128 product = (__int128)whole_fen * give_fen;
    int64_t part_fen = (int64_t)(product / live_fen);
    int64_t remainder = (int64_t)(product % live_fen);
    return remainder > 0 && remainder >= live_fen - remainder ? part_fen + 1 : part_fen;
}

void zd_limit_unclaim(zd_limits *limits, zd_limit_item *item, int64_t give_fen, int64_t live_fen)
{
    if (item->order == ZD_NAME_NONE || give_fen <= 0) {
        return;
    }
    int64_t base_fen = part_of(item->base_fen, give_fen, live_fen);
    int64_t *tier_fen = zd_table_at(&limits->tiers, item->tier);
    item->base_fen -= base_fen;
    *tier_fen = *tier_fen > base_fen ? *tier_fen - base_fen : 0;
}

static void expect_back(const zd_limit_act *act, const zd_line *lines, size_t count, const zd_limit_item *item, const zd_limit_sums *given)
{
    zd_span provider = provider_of(act, item);
    int64_t open_fen = zd_limit_given_back(lines, count, 3000, provider) + zd_limit_given_back(lines, count, 3050, provider);
    int64_t returned_fen = zd_limit_given_back(lines, count, 3200, provider);
    zd_limit_query receivable = {.debit = 1100, .credit = 2160, .debit_about = provider};
    int64_t settled_fen = zd_limit_posted(lines, count, &receivable);
    if (open_fen != given->open_fen || returned_fen != given->returned_fen || settled_fen != given->settled_fen) {
        zd_found *found = zd_limit_find(act, ZD_V_REFUND_TOTAL, provider);
        zd_buf_addf(&found->recorded, "open %lld, returned %lld, settled %lld", (long long)open_fen, (long long)returned_fen, (long long)settled_fen);
        zd_buf_addf(&found->recomputed, "open %lld, returned %lld, settled %lld", (long long)given->open_fen, (long long)given->returned_fen,
                    (long long)given->settled_fen);
    }
}

/* Takes part_fen out of one leg: open first, then returned, then what was settled. */
static void refund_leg(zd_limit_leg *leg, int64_t part_fen, zd_limit_sums *given)
{
    int64_t open_fen = part_fen < leg->open_fen ? part_fen : leg->open_fen;
    int64_t returned_fen = part_fen - open_fen < leg->returned_fen ? part_fen - open_fen : leg->returned_fen;
    int64_t settled_fen = part_fen - open_fen - returned_fen;
    leg->open_fen -= open_fen;
    leg->returned_fen -= returned_fen;
    leg->refunded_open_fen += open_fen + returned_fen;
    leg->refunded_settled_fen += settled_fen;
    given->open_fen += open_fen;
    given->returned_fen += returned_fen;
    given->settled_fen += settled_fen;
}

void zd_limit_refund_item(const zd_limit_act *act, const zd_line *lines, size_t count, zd_span id, int64_t amount_fen)
{
    zd_limits *limits = act->limits;
    zd_limit_item *item = zd_limit_item_named(act, id, NULL);
    if (item == NULL) {
        return;
    }
    zd_limit_leg *legs = zd_limit_item_legs(limits, item);
    zd_limit_sums before = zd_limit_item_sums(limits, item);
    zd_limit_sums given = {0};
    int64_t weight_fen[ZD_LIMIT_LEGS] = {0};
    int64_t part_fen[ZD_LIMIT_LEGS] = {0};
    int64_t most_fen = 0;
    for (size_t i = 0; i < item->leg_count; i++) {
        weight_fen[i] = legs[i].amount_fen - legs[i].refunded_open_fen - legs[i].refunded_settled_fen;
        weight_fen[i] = weight_fen[i] > 0 ? weight_fen[i] : 0;
        most_fen = zd_limit_sum(most_fen, weight_fen[i]);
    }
    if (amount_fen <= 0 || amount_fen > most_fen || before.in_batch_fen > 0) {
        zd_limit_find_fen(act, ZD_V_REFUND_TOTAL, provider_of(act, item), "refunded", amount_fen, before.in_batch_fen > 0 ? 0 : most_fen);
        return;
    }
    zd_fen_split(part_fen, weight_fen, ZD_LIMIT_LEGS, amount_fen);
    for (size_t i = 0; i < item->leg_count; i++) {
        refund_leg(&legs[i], part_fen[i], &given);
    }
    expect_back(act, lines, count, item, &given);
    zd_limit_unclaim(limits, item, given.open_fen + given.returned_fen, item->amount_fen - before.refunded_open_fen);
    if (given.settled_fen > 0) {
        zd_limit_wait_owes(limits, provider_of(act, item));
    }
}

void zd_limit_do_refund(zd_limit_act *act)
{
    zd_limit_refund_item(act, act->lines, act->count, zd_limit_text(act, ZD_F_ITEM), zd_limit_int(act, ZD_F_AMOUNT));
}

void zd_limit_do_erratum(zd_limit_act *act)
{
    if (zd_limit_has(act, ZD_F_AMOUNT)) {
        zd_limit_do_refund(act);
    }
}

/* Everything unpaid of an item goes back; one that was never settled ends and frees its invoice. */
static void give_all(const zd_limit_act *act, zd_span id, bool may_be_settled)
{
    zd_limits *limits = act->limits;
    zd_limit_item *item = zd_limit_item_named(act, id, NULL);
    if (item == NULL) {
        return;
    }
    zd_limit_leg *legs = zd_limit_item_legs(limits, item);
    zd_limit_sums before = zd_limit_item_sums(limits, item);
    zd_limit_sums given = {0};
    bool settled = before.settled_fen > 0 || before.returned_fen > 0 || before.refunded_settled_fen > 0;
    if (before.in_batch_fen > 0 || (settled && !may_be_settled)) {
        int64_t sealed_fen = before.in_batch_fen + before.settled_fen + before.returned_fen;
        zd_limit_find_fen(act, ZD_V_REFUND_TOTAL, zd_span_of(NULL, 0), "sealed or settled already", sealed_fen, 0);
        return;
    }
    for (size_t i = 0; i < item->leg_count; i++) {
        /* What was refunded after its payment is the provider's debt already, even when the bank returned the payment since. */
        int64_t part_fen = zd_fen_min(legs[i].open_fen + legs[i].returned_fen, legs[i].amount_fen - legs[i].refunded_open_fen - legs[i].refunded_settled_fen);
        int64_t open_fen = zd_fen_min(part_fen, legs[i].open_fen);
        legs[i].refunded_open_fen += part_fen;
        legs[i].open_fen -= open_fen;
        legs[i].returned_fen -= part_fen - open_fen;
        given.open_fen += open_fen;
        given.returned_fen += part_fen - open_fen;
    }
    expect_back(act, act->lines, act->count, item, &given);
    zd_limit_unclaim(limits, item, given.open_fen + given.returned_fen, item->amount_fen - before.refunded_open_fen);
    if (!settled) {
        item->ended = true;
        if (item->invoice != ZD_NAME_NONE) {
            limits->invoices[item->invoice].used_fen = zd_limit_less(limits->invoices[item->invoice].used_fen, item->part_fen);
        }
    }
}

void zd_limit_unwind(const zd_limit_act *act, zd_span id)
{
    give_all(act, id, false);
}

void zd_limit_do_reject(zd_limit_act *act)
{
    give_all(act, zd_limit_text(act, ZD_F_ITEM), true);
}

/* --- facts that change amounts; all are counted as attested --- */

static void red_letter(zd_limit_act *act)
{
    zd_limits *limits = act->limits;
    zd_span number = zd_limit_text(act, ZD_F_SUBJECT);
    int64_t amount_fen = zd_limit_int(act, ZD_F_AMOUNT);
    int64_t *red_fen = zd_table_add(&limits->reds, number, NULL);
    const size_t *known = zd_table_find(&limits->numbers, number, NULL);
    *red_fen = zd_limit_sum(*red_fen, amount_fen);
    if (known != NULL) {
        zd_limit_invoice *invoice = &limits->invoices[*known - 1];
        invoice->red_fen = zd_limit_sum(invoice->red_fen, amount_fen);
    }
    for (size_t i = 1; i < act->count; i++) {
        const zd_line *line = &act->lines[i];
        int64_t refund_fen = zd_line_int(line, "open_fen") + zd_line_int(line, "returned_fen") + zd_line_int(line, "settled_fen");
        zd_limit_refund_item(act, line, 1, line->item, refund_fen);
    }
}

void zd_limit_do_fact(zd_limit_act *act)
{
    zd_limits *limits = act->limits;
    zd_span fact = zd_limit_text(act, ZD_F_FACT);
    uint64_t *count = zd_table_add(&limits->attesters, zd_span_text(act->signer != NULL ? act->signer->unit : "?"), NULL);
    ++*count;
    limits->report->counts.attested++;
    zd_limit_wait_fact(act);
    if (zd_span_is(fact, "red-letter")) {
        red_letter(act);
    } else if (zd_span_is(fact, "controller")) {
        zd_limit_holder *holder = zd_table_find(&limits->holders, zd_limit_text(act, ZD_F_SUBJECT), NULL);
        zd_span group = zd_limit_text(act, ZD_F_VALUE);
        if (holder != NULL && !zd_span_copy(holder->group, sizeof holder->group, zd_span_is(group, "none") ? zd_span_text("") : group)) {
            zd_limit_unknown(act, "group", group);
        }
    }
}

/* --- clearing --- */

void zd_limit_do_clawback(zd_limit_act *act)
{
    zd_limit_expect(act, (zd_limit_query){.debit = 1200, .credit = 2170}, zd_limit_int(act, ZD_F_AMOUNT), "claimed back", zd_span_of(NULL, 0));
}

void zd_limit_do_recover(zd_limit_act *act)
{
    zd_limit_expect(act, (zd_limit_query){.debit = 1000}, zd_limit_int(act, ZD_F_AMOUNT), "recovered", zd_span_of(NULL, 0));
}

void zd_limit_do_write_off(zd_limit_act *act)
{
    zd_limit_query note = {.debit = 2160, .credit = 1100};
    zd_limit_query holder_case = {.debit = 2170, .credit = 1200};
    int64_t posted_fen = zd_limit_posted(act->lines, act->count, &note) + zd_limit_posted(act->lines, act->count, &holder_case);
    if (posted_fen != zd_limit_int(act, ZD_F_AMOUNT)) {
        zd_limit_find_fen(act, ZD_V_AMOUNT_SIGNED, zd_span_of(NULL, 0), "written off", posted_fen, zd_limit_int(act, ZD_F_AMOUNT));
    }
}

/* An open payable or a returned payment of an old platform is an item like any other, without order and invoice. */
void zd_limit_do_opening_balance(zd_limit_act *act)
{
    zd_limits *limits = act->limits;
    zd_span account = zd_limit_text(act, ZD_F_ACCOUNT);
    int64_t amount_fen = zd_limit_int(act, ZD_F_AMOUNT);
    bool returned = zd_span_is(account, "3200");
    zd_limit_expect(act, (zd_limit_query){0}, amount_fen, "opened", zd_limit_text(act, ZD_F_PROVIDER));
    if (zd_span_is(account, "1100")) {
        zd_limit_wait_owes(limits, zd_limit_text(act, ZD_F_PROVIDER));
    }
    if (!returned && !zd_span_is(account, "3000")) {
        return;
    }
    size_t number = 0;
    if (zd_table_find(&limits->items, zd_limit_text(act, ZD_F_ITEM), NULL) != NULL) {
        zd_found *found = zd_limit_find(act, ZD_V_NAME_TWICE, zd_limit_text(act, ZD_F_PROVIDER));
        zd_buf_add_text(&found->recorded, "opening item again");
        zd_buf_add_text(&found->recomputed, "refused");
        return;
    }
    limits->legs = zd_paged_at(&limits->leg_pages, limits->leg_count, sizeof *limits->legs);
    limits->legs[limits->leg_count++] = (zd_limit_leg){.pool = zd_limit_pool_number(limits, zd_limit_text(act, ZD_F_POOL)), .amount_fen = amount_fen,
                                                       .open_fen = returned ? 0 : amount_fen, .returned_fen = returned ? amount_fen : 0};
    zd_limit_item *item = zd_table_add(&limits->items, zd_limit_text(act, ZD_F_ITEM), &number);
    *item = (zd_limit_item){.order = ZD_NAME_NONE, .provider_name = zd_names_add(&limits->names, zd_limit_text(act, ZD_F_PROVIDER)), .invoice = ZD_NAME_NONE,
                            .amount_fen = amount_fen, .seq = act->seq, .first_leg = limits->leg_count - 1, .leg_count = 1};
    zd_limit_item_list(limits, number);
}
