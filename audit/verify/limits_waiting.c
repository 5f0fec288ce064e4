/*
 * Reasons on a seal's waiting list: an item that could be paid must not be kept waiting under a reason that is not true. Each reason is held against what this file saw
 * itself: gates as they were recorded and the words that clear them, holds and who ended them, the notice, accounts, the minimum payout. It says "false" only
 * where nothing can make the reason true; whether every reason is complete is judged by deciding again. See limits_int.h.
 */
#include <string.h>

#include "audit/verify/limits_int.h"
#include "ledger/base/clock.h"

/* --- what is known --- */

static bool names_check(zd_view list, const char *check)
{
    for (size_t i = 0; zd_view_kind(list) == ZD_J_ARRAY && i < zd_view_count(list); i++) {
        if (zd_span_is(zd_view_text(zd_view_at(list, i)), check)) {
            return true;
        }
    }
    return false;
}

static zd_limit_word *word_about(zd_limits *limits, zd_span subject)
{
    return zd_table_add(&limits->words, subject, NULL);
}

static const zd_limit_word *word_of(const zd_limits *limits, zd_span subject)
{
    return zd_table_find(&limits->words, subject, NULL);
}

void zd_limit_wait_order(const zd_limit_act *act, zd_span order)
{
    if (names_check(zd_view_get(act->lines[0].root, "gates"), "R06")) {
        word_about(act->limits, order)->ordered_without_consent = true;
    }
}

/* The day on which the notice ends, by days counted again. */
static void check_notice(const zd_limit_act *act, const zd_limit_item *item)
{
    int64_t day = 0;
    char date[ZD_DATE_TEXT] = "";
    zd_span recorded = zd_line_text(act->lines, "notice_until");
    const zd_limit_policy *policy = zd_limit_policy_of(act->limits, item->policy);
    if (policy == NULL || policy->notice.count < 0) {
        return; /* a policy that the acts would not have taken */
    }
    bool known = zd_limit_day_after(&day, act->limits, item->captured_day, policy->notice);
    if (known) {
        zd_date_text(date, day);
    }
    if (!zd_span_is(recorded, date)) {
        zd_found *found = zd_limit_find(act, ZD_V_DAYS, zd_names_text(&act->limits->names, item->provider_name));
        zd_buf_add_text(&found->recorded, "notice until ");
        zd_buf_add_span(&found->recorded, recorded);
        zd_buf_add_text(&found->recomputed, known ? date : "no calendar of the year was published");
    }
}

void zd_limit_wait_capture(const zd_limit_act *act, zd_limit_item *item)
{
    zd_limits *limits = act->limits;
    zd_view gates = zd_view_get(act->lines[0].root, "gates");
    zd_span order = zd_limit_text(act, ZD_F_ORDER);
    zd_span numbers = zd_limit_text(act, ZD_F_INVOICE);
    zd_limit_word *word = word_about(limits, order);
    word->own_claimed_fen = zd_limit_sum(word->own_claimed_fen, zd_limit_int(act, ZD_F_OWN_SHARE));
    item->gate_consent = names_check(gates, "R06") || word->ordered_without_consent;
    item->gate_own = names_check(gates, "R25");
    item->gate_word = names_check(gates, "R33");
    item->held = act->lines[0].outcome == ZD_LINE_HELD;
    item->captured_day = act->today_day;
    item->policy = act->lines[0].policy;
    check_notice(act, item);
    zd_limit_invoice *invoice = item->invoice != ZD_NAME_NONE ? &limits->invoices[item->invoice] : NULL;
    for (zd_span number; invoice != NULL && numbers.size > 0;) {
        numbers = zd_span_cut(&number, numbers, ',');
        const zd_limit_word *said = word_of(limits, number);
        invoice->doubted = invoice->doubted || (said != NULL && said->doubted);
    }
    if (invoice != NULL && zd_line_holds(act->lines, "R32")) {
        invoice->doubted = true; /* the other pair's captures, too, are held */
    }
}

void zd_limit_wait_fact(const zd_limit_act *act)
{
    zd_limits *limits = act->limits;
    zd_span fact = zd_limit_text(act, ZD_F_FACT);
    zd_span subject = zd_limit_text(act, ZD_F_SUBJECT);
    const size_t *known = zd_table_find(&limits->numbers, subject, NULL);
    zd_limit_invoice *invoice = known != NULL ? &limits->invoices[*known - 1] : NULL;
    zd_limit_word *word = word_about(limits, subject);
    bool doubts = zd_span_is(fact, "other-plan") || (zd_span_is(fact, "invoice-check") && !zd_span_is(zd_limit_text(act, ZD_F_VALUE), "ok"));
    if (zd_span_is(fact, "own-share")) {
        word->own_attested_fen = zd_limit_int(act, ZD_F_AMOUNT);
    }
    word->consent = word->consent || zd_span_is(fact, "consent");
    word->doubted = word->doubted || doubts;
    if (invoice != NULL) {
        invoice->doubted = invoice->doubted || doubts;
        invoice->confirmed = zd_span_is(fact, "invoice-check") ? !doubts : invoice->confirmed;
    }
}

void zd_limit_do_confirm(zd_limit_act *act)
{
    word_about(act->limits, zd_limit_text(act, ZD_F_ORDER))->confirmed = true;
}

void zd_limit_do_review_release(zd_limit_act *act)
{
    zd_limit_item *item = zd_table_find(&act->limits->items, zd_limit_text(act, ZD_F_ITEM), NULL);
    if (item != NULL) {
        item->held = false;
    }
}

/* --- accounts --- */

static zd_limit_account *account_of(zd_limits *limits, zd_span provider)
{
    return zd_table_add(&limits->accounts, provider, NULL);
}

static void propose_account(zd_limits *limits, zd_view body)
{
    zd_limit_account *account = account_of(limits, zd_view_text(zd_view_get(body, zd_field_name(ZD_F_PROVIDER))));
    account->proposed = zd_hash_from_hex(&account->proposal, zd_view_text(zd_view_get(body, zd_field_name(ZD_F_COMMITMENT))));
}

void zd_limit_wait_proposed(const zd_limit_act *act)
{
    zd_view items = zd_view_get(act->body, zd_field_name(ZD_F_ITEMS));
    if (act->kind != ZD_L_ACT_PROVIDER_ACCOUNT) {
        return;
    }
    propose_account(act->limits, act->body);
    for (size_t i = 0; zd_view_kind(items) == ZD_J_ARRAY && i < zd_view_count(items); i++) {
        propose_account(act->limits, zd_view_at(items, i));
    }
}

void zd_limit_do_provider_account(zd_limit_act *act)
{
    zd_hash commitment = {0};
    zd_limit_account *account = account_of(act->limits, zd_limit_text(act, ZD_F_PROVIDER));
    bool read = zd_hash_from_hex(&commitment, zd_limit_text(act, ZD_F_COMMITMENT));
    if (account->proposed && read && zd_hash_equal(&account->proposal, &commitment)) {
        account->proposed = false;
    }
    account->changes++;
    account->changed_day = act->today_day;
}

void zd_limit_wait_owes(zd_limits *limits, zd_span provider)
{
    account_of(limits, provider)->owed = true;
}

static bool is_over(const zd_limit_act *act, int64_t from_day, zd_limit_days days)
{
    int64_t day = 0;
    return zd_limit_day_after(&day, act->limits, from_day, days) && act->today_day >= day;
}

/* Nothing stops a payment to this provider. Any policy's cooling might be the one that counts. */
static bool account_settled(const zd_limit_act *act, zd_span provider)
{
    const zd_limit_account *account = zd_table_find(&act->limits->accounts, provider, NULL);
    if (account == NULL || account->changes == 0 || account->proposed) {
        return false;
    }
    bool over = true;
    for (size_t i = 0; i < act->limits->policy_count && account->changes > 1; i++) {
        const zd_limit_policy *policy = &act->limits->policies[i];
        over = over && is_over(act, account->changed_day, policy->cooling) && is_over(act, account->changed_day, policy->cooling_return);
    }
    return over;
}

/* --- one reason of one item --- */

typedef struct waiting_row {
    const zd_limit_item *item;
    zd_span id;
    zd_span provider;
    const zd_limit_order *order; /* NULL: an opening balance */
    const zd_limit_word *word;   /* about the order; NULL = nothing was said */
    const zd_limit_invoice *invoice;
} waiting_row;

static bool consent_came(const zd_limit_act *act, const waiting_row *row)
{
    const zd_limit_policy *policy = row->order != NULL ? zd_limit_policy_of(act->limits, row->order->policy) : NULL;
    bool attested = row->word != NULL && row->word->consent && policy != NULL && row->order->amount_fen <= policy->consent_cap_fen;
    return (row->word != NULL && row->word->confirmed) || attested;
}

static bool own_share_came(const waiting_row *row)
{
    return row->word != NULL && row->word->own_attested_fen >= row->word->own_claimed_fen;
}

static bool may_be_held(const waiting_row *row)
{
    return row->item->held || (row->invoice != NULL && row->invoice->doubted) || (row->word != NULL && row->word->doubted);
}

static bool notice_over(const zd_limit_act *act, const waiting_row *row)
{
    const zd_limit_policy *policy = zd_limit_policy_of(act->limits, row->item->policy);
    return row->item->captured_day == 0 || (policy != NULL && is_over(act, row->item->captured_day, policy->notice));
}

/* True unless it cannot be. minimum is judged over all rows of the provider. */
static bool may_be_true(const zd_limit_act *act, const waiting_row *row, zd_span reason)
{
    if (zd_span_is(reason, "R06")) {
        return row->item->gate_consent && !consent_came(act, row);
    }
    if (zd_span_is(reason, "R25")) {
        return row->item->gate_own && !own_share_came(row);
    }
    if (zd_span_is(reason, "R33")) {
        return may_be_held(row) || (row->item->gate_word && (row->invoice == NULL || !row->invoice->confirmed));
    }
    if (zd_span_is(reason, "R40")) {
        return !account_settled(act, row->provider);
    }
    if (zd_span_is(reason, "notice")) {
        return !notice_over(act, row);
    }
    if (zd_span_is(reason, "minimum")) {
        return true;
    }
    static const char *const holds[] = {"objection", "R18", "R20", "R21", "R32", "R36"};
    for (size_t i = 0; i < ZD_COUNT(holds); i++) {
        if (zd_span_is(reason, holds[i])) {
            return may_be_held(row);
        }
    }
    return false;
}

static void find_reason(const zd_limit_act *act, const waiting_row *row, zd_span reason, const char *truth)
{
    zd_found *found = zd_limit_find(act, ZD_V_SEAL_REASON, row->provider);
    zd_buf_add_span(&found->recorded, row->id);
    zd_buf_add_text(&found->recorded, " waits for ");
    zd_buf_add_span(&found->recorded, reason);
    zd_buf_add_text(&found->recomputed, truth);
}

static void check_row(const zd_limit_act *act, const waiting_row *row, zd_span reasons)
{
    if (reasons.size == 0) {
        find_reason(act, row, zd_span_text("nothing"), "a reason, or a line");
    }
    for (zd_span reason; reasons.size > 0;) {
        reasons = zd_span_cut(&reason, reasons, ',');
        if (!may_be_true(act, row, reason)) {
            find_reason(act, row, reason, "not so: what it waits for is there");
        }
    }
}

/* --- the list --- */

/* What waits below the minimum payout, provider by provider in the order of the list. */
typedef struct small_sum {
    zd_span provider;
    zd_span first;
    int64_t sum_fen;
} small_sum;

static void close_small(const zd_limit_act *act, const small_sum *sum, bool forced, int64_t minimum_fen)
{
    const zd_limit_account *account = zd_table_find(&act->limits->accounts, sum->provider, NULL);
    bool owes = account != NULL && account->owed;
    if (sum->sum_fen > 0 && (forced || (sum->sum_fen >= minimum_fen && !owes))) {
        zd_found *found = zd_limit_find(act, ZD_V_SEAL_REASON, sum->provider);
        zd_buf_add_span(&found->recorded, sum->first);
        zd_buf_addf(&found->recorded, " waits for the minimum payout, with %lld in all", (long long)sum->sum_fen);
        zd_buf_addf(&found->recomputed, "minimum %lld%s", (long long)minimum_fen, forced ? ", and the run was forced" : "");
    }
}

static bool read_row(waiting_row *out, const zd_limit_act *act, zd_span id)
{
    zd_limits *limits = act->limits;
    const zd_limit_item *item = zd_table_find(&limits->items, id, NULL);
    if (item == NULL) {
        return false; /* said elsewhere */
    }
    *out = (waiting_row){.item = item, .id = id, .provider = zd_names_text(&limits->names, item->provider_name)};
    if (item->order != ZD_NAME_NONE) {
        out->order = zd_table_at(&limits->orders, item->order);
        out->word = word_of(limits, zd_names_text(&limits->orders.names, item->order));
    }
    out->invoice = item->invoice != ZD_NAME_NONE ? &limits->invoices[item->invoice] : NULL;
    return true;
}

void zd_limit_check_reasons(const zd_limit_act *act, int64_t policy_number, bool forced)
{
    const zd_limit_policy *policy = zd_limit_policy_of(act->limits, policy_number);
    int64_t minimum_fen = policy != NULL ? policy->minimum_fen : 0;
    small_sum sum = {0};
    for (size_t l = 1; l < act->count; l++) {
        zd_view rows = zd_view_get(act->lines[l].root, "waiting");
        for (size_t i = 0; zd_view_kind(rows) == ZD_J_ARRAY && i < zd_view_count(rows); i++) {
            zd_view listed = zd_view_at(rows, i);
            zd_span reasons = zd_view_text(zd_view_at(listed, 1));
            waiting_row row;
            if (!read_row(&row, act, zd_view_text(zd_view_at(listed, 0)))) {
                continue;
            }
            check_row(act, &row, reasons);
            if (!zd_span_equal(sum.provider, row.provider)) {
                close_small(act, &sum, forced, minimum_fen);
                sum = (small_sum){.provider = row.provider};
            }
            if (zd_span_is(reasons, "minimum")) {
                sum.first = sum.sum_fen == 0 ? row.id : sum.first;
                sum.sum_fen = zd_limit_sum(sum.sum_fen, zd_view_int(zd_view_at(listed, 2)));
            }
        }
    }
    close_small(act, &sum, forced, minimum_fen);
}
