/*
 * Vouchers from claim to revocation, and mandates. A voucher is a part of its holder's annual quota (6100 -> 6200), issued for one year and for the
 * jurisdiction in which the holder then was. Money is earmarked with it only where the policy funds at issue; otherwise allotting locks nothing and
 * the pool decides at the order. Invariant: the voucher remembers the quota subject that it was taken from, and returns to that one.
 */
#include <string.h>

#include "ledger/act/act_int.h"
#include "ledger/base/clock.h"
#include "ledger/base/money.h"
#include "ledger/rules/decide.h"

/* What a claim, an issue or an allotment asks for. */
typedef struct grant {
    const char *voucher;
    const zd_rec_holder *holder;
    const zd_policy *policy;
    const char *subject;
    const char *categories;
    int64_t year;
    int64_t amount_fen;
    int64_t until_day; /* 0 = as late as the policy allows */
    bool funded;       /* money is earmarked now */
    char pools[ZD_LEGS][ZD_ID_SIZE];
    int64_t free_fen[ZD_LEGS];
} grant;

static bool refuse(zd_act *act, zd_code code, const char *detail)
{
    (void)zd_act_refuse(act, code, detail);
    return false;
}

static const char *year_text(char out[24], int64_t year)
{
    zd_format(out, 24, "%lld", (long long)year);
    return out;
}

/* --- the checks that claim, issue and allotment share --- */

static bool holder_may(zd_act *act, const zd_rec_holder *holder)
{
    int64_t today = act->today_day;
    bool eligible = holder->eligible_from_day <= today && today <= holder->eligible_to_day;
    if (!eligible || holder->banned_until_day >= today) {
        return refuse(act, ZD_E_R05, eligible ? "banned" : "not-eligible");
    }
    return true;
}

/* "all" stands for whatever the policy allows on the day of use. */
static bool categories_fit(zd_act *act, const grant *wish)
{
    zd_span rest = zd_span_text(wish->categories);
    while (rest.size > 0) {
        zd_span category;
        rest = zd_span_cut(&category, rest, ',');
        if (!zd_span_is(category, "all") && !zd_tags_has(zd_policy_text(wish->policy, ZD_P_CATEGORIES), category)) {
            (void)refuse(act, ZD_E_R16, "category");
            zd_act_saw_text(act, "category", category);
            return false;
        }
    }
    return true;
}

static bool is_listed(zd_act *act, const grant *wish)
{
    if (zd_policy_int(wish->policy, ZD_P_ELIGIBILITY_LIST) == 0) {
        return true;
    }
    const zd_rec_fact *fact = zd_book_find(act->book, ZD_R_FACT, "eligible/%s/%lld", wish->holder->id, (long long)wish->year);
    bool listed = fact != NULL && fact->valid_from_day <= act->today_day && strcmp(fact->value, "no") != 0;
    return listed || refuse(act, ZD_E_A_LIST, "eligible");
}

/* The pools that would pay, in drawing order, with what each has free. */
static int64_t survey_pools(zd_act *act, grant *wish)
{
    int64_t year = zd_rules_budget_year(wish->policy, wish->year, act->today_day);
    int64_t sum_fen = 0;
    size_t legs = 0;
    zd_book_cursor cursor =
        zd_book_scan(act->book, ZD_R_POOLS, "%s/%lld/%lld/", wish->holder->jurisdiction, (long long)year, (long long)wish->holder->holder_class);
    while (legs < ZD_LEGS && zd_book_next(&cursor)) {
        const char *id = ((const zd_rec_pools *)cursor.record)->target;
        const zd_rec_pool *pool = zd_book_find(act->book, ZD_R_POOL, "%s", id);
        int64_t free_fen = zd_book_balance(act->book, "2000/%s", id);
        if (pool != NULL && pool->closed == 0 && free_fen > 0) {
            zd_format(wish->pools[legs], sizeof wish->pools[legs], "%s", id);
            wish->free_fen[legs++] = free_fen;
            sum_fen += free_fen;
        }
    }
    return sum_fen;
}

/* R15, and R27 where money is earmarked now: the rules decide. */
static bool rules_allow(zd_act *act, grant *wish)
{
    zd_ruling ruling;
    zd_rec_voucher draft = {.holder_class = wish->holder->holder_class, .year = wish->year, .amount_fen = wish->amount_fen, .state = ZD_V_CLAIMED};
    zd_facts facts = {.act = ZD_ON_ISSUE, .policy = wish->policy, .today_day = act->today_day, .holder = wish->holder, .voucher = &draft};
    facts.claim.holder = zd_span_text(wish->holder->id);
    facts.claim.amount_fen = wish->amount_fen;
    facts.quota_left_fen = zd_quota_left(act, wish->subject, zd_quota_cap(wish->policy, wish->holder->holder_class), wish->year);
    facts.pool_free_fen = wish->funded ? survey_pools(act, wish) : wish->amount_fen;
    zd_rules_decide(&ruling, zd_act_decision(act), &facts);
    return !zd_act_refused(act);
}

static bool grant_is_allowed(zd_act *act, grant *wish)
{
    if (strcmp(act->signer->person, wish->holder->registered_by) == 0) {
        return refuse(act, ZD_E_R46, "registered-by"); /* who enrols a holder does not give it money: nobody makes a holder up alone */
    }
    int this_year = zd_day_year(act->today_day);
    wish->policy = zd_act_policy_now(act);
    if (wish->policy == NULL) {
        return refuse(act, ZD_E_A_NO_POLICY, NULL);
    }
    zd_act_decision(act)->policy = wish->policy->number;
    wish->subject = zd_quota_subject(act, wish->holder, wish->policy);
    if (wish->year < this_year || wish->year > this_year + 1) {
        return refuse(act, ZD_E_A_YEAR, "year");
    }
    if (wish->until_day != 0 && wish->until_day < act->today_day) {
        return refuse(act, ZD_E_A_MISMATCH, "until");
    }
    if (wish->amount_fen <= 0) {
        return refuse(act, ZD_E_R14, "amount");
    }
    return holder_may(act, wish->holder) && categories_fit(act, wish) && is_listed(act, wish) && rules_allow(act, wish);
}

/* --- issuing: after the checks --- */

static int64_t use_by(const zd_act *act, const grant *wish)
{
    int64_t day = act->today_day + zd_policy_int(wish->policy, ZD_P_USE_BY_DAYS);
    int64_t year_end = zd_day_from((int)wish->year, 12, 31);
    day = day < year_end ? day : year_end;
    return wish->until_day != 0 && wish->until_day < day ? wish->until_day : day;
}

static bool earmark(zd_act *act, const grant *wish, zd_rec_voucher *voucher)
{
    int64_t left_fen = wish->amount_fen;
    for (size_t i = 0; i < ZD_LEGS && left_fen > 0; i++) {
        int64_t part_fen = zd_fen_min(left_fen, wish->free_fen[i]);
        zd_format(voucher->leg_pool[i], sizeof voucher->leg_pool[i], "%s", wish->pools[i]);
        voucher->leg_fen[i] = part_fen;
        left_fen -= part_fen;
        if (!zd_act_post(act, part_fen, zd_account(act, 2000, wish->pools[i], NULL, NULL), zd_account(act, 2100, voucher->id, wish->pools[i], NULL))) {
            return false;
        }
    }
    ZD_ASSERT(left_fen == 0); /* R27 allowed it */
    return true;
}

static bool activate(zd_act *act, const grant *wish, zd_rec_voucher *voucher)
{
    char year[24];
    voucher->state = ZD_V_ACTIVE;
    voucher->holder_class = wish->holder->holder_class;
    voucher->amount_fen = wish->amount_fen;
    voucher->use_by_day = use_by(act, wish);
    voucher->policy = wish->policy->number;
    voucher->seq = (int64_t)act->seq;
    voucher->funding_issue = wish->funded ? 1 : 0;
    zd_format(voucher->jurisdiction, sizeof voucher->jurisdiction, "%s", wish->holder->jurisdiction);
    zd_format(voucher->subject, sizeof voucher->subject, "%s", wish->subject);
    (void)year_text(year, wish->year);
    if (!zd_quota_open(act, wish->subject, zd_quota_cap(wish->policy, wish->holder->holder_class), wish->year) ||
        !zd_act_post(act, wish->amount_fen, zd_account(act, 6100, wish->subject, year, NULL), zd_account(act, 6200, voucher->id, year, NULL))) {
        return false;
    }
    zd_rec_due *due = zd_book_add(act->book, ZD_R_DUE, "%06lld/V/%s", (long long)voucher->use_by_day, voucher->id);
    zd_format(due->target, sizeof due->target, "%s", voucher->id);
    due->is_voucher = 1;
    return !wish->funded || earmark(act, wish, voucher);
}

static zd_rec_voucher *add_voucher(zd_act *act, const grant *wish)
{
    zd_rec_voucher *voucher = zd_book_add(act->book, ZD_R_VOUCHER, "%s", wish->voucher);
    zd_format(voucher->id, sizeof voucher->id, "%s", wish->voucher);
    zd_format(voucher->holder, sizeof voucher->holder, "%s", wish->holder->id);
    zd_format(voucher->jurisdiction, sizeof voucher->jurisdiction, "%s", wish->holder->jurisdiction);
    zd_format(voucher->categories, sizeof voucher->categories, "%s", wish->categories);
    voucher->holder_class = wish->holder->holder_class;
    voucher->year = wish->year;
    voucher->amount_fen = wish->amount_fen;
    voucher->state = ZD_V_CLAIMED;
    voucher->seq = (int64_t)act->seq;
    zd_rec_hvouch *index = zd_book_add(act->book, ZD_R_HVOUCH, "%s/%lld/%s", wish->holder->id, (long long)wish->year, wish->voucher);
    zd_format(index->target, sizeof index->target, "%s", wish->voucher);
    return voucher;
}

/* Reads a claim or allotment; false = refused. */
static bool read_grant(zd_act *act, grant *out)
{
    *out = (grant){.voucher = zd_act_text(act, ZD_F_VOUCHER),
                   .categories = zd_act_text(act, ZD_F_CATEGORIES),
                   .year = zd_req_int(act->request, ZD_F_YEAR),
                   .amount_fen = zd_req_int(act->request, ZD_F_AMOUNT),
                   .until_day = zd_req_int(act->request, ZD_F_UNTIL)};
    out->holder = zd_book_find(act->book, ZD_R_HOLDER, "%s", zd_act_text(act, ZD_F_HOLDER));
    if (out->holder == NULL) {
        return refuse(act, ZD_E_A_ABSENT, "holder");
    }
    if (zd_book_find(act->book, ZD_R_VOUCHER, "%s", out->voucher) != NULL) {
        return refuse(act, ZD_E_A_EXISTS, "voucher");
    }
    /* Quota used on an old platform is booked under "opening-<holder>", beside the vouchers. */
    return !zd_span_starts(zd_span_text(out->voucher), "opening-") || refuse(act, ZD_E_A_MISMATCH, "voucher");
}

static bool funds_at_issue(zd_act *act)
{
    const zd_policy *policy = zd_act_policy_now(act);
    return policy != NULL && zd_policy_is(policy, ZD_P_FUNDING_POINT, "issue");
}

/* --- handlers --- */

/* One thing at a time: a second claim waits until the first is used up, revoked or lapsed. */
static bool has_open_voucher(zd_act *act, const grant *wish)
{
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_HVOUCH, "%s/%lld/", wish->holder->id, (long long)wish->year);
    while (zd_book_next(&cursor)) {
        const zd_rec_voucher *voucher = zd_book_find(act->book, ZD_R_VOUCHER, "%s", ((const zd_rec_hvouch *)cursor.record)->target);
        if (voucher != NULL && (voucher->state == ZD_V_CLAIMED || voucher->state == ZD_V_ACTIVE || voucher->state == ZD_V_SUSPENDED)) {
            return true;
        }
    }
    return false;
}

zd_status zd_act_voucher_claim(zd_act *act, zd_error *err)
{
    (void)err;
    grant wish;
    if (!read_grant(act, &wish) || !zd_act_speaks_for(act, zd_span_text(wish.holder->id))) {
        return ZD_OK;
    }
    if (has_open_voucher(act, &wish)) {
        return zd_act_refuse(act, ZD_E_A_DUPLICATE, "voucher");
    }
    if (grant_is_allowed(act, &wish)) {
        (void)add_voucher(act, &wish);
    }
    return ZD_OK;
}

zd_status zd_act_voucher_allot(zd_act *act, zd_error *err)
{
    (void)err;
    grant wish;
    if (!read_grant(act, &wish) || !zd_act_has_authority(act, wish.holder->jurisdiction, wish.amount_fen)) {
        return ZD_OK;
    }
    wish.funded = funds_at_issue(act);
    if (grant_is_allowed(act, &wish)) {
        (void)activate(act, &wish, add_voucher(act, &wish));
    }
    return ZD_OK;
}

/* The voucher that a request names, within the officer's place; NULL = refused. */
static zd_rec_voucher *edit_voucher(zd_act *act)
{
    zd_rec_voucher *voucher = zd_book_edit(act->book, ZD_R_VOUCHER, "%s", zd_act_text(act, ZD_F_VOUCHER));
    if (voucher == NULL) {
        (void)zd_act_refuse(act, ZD_E_R09, "voucher");
        return NULL;
    }
    return zd_act_has_authority(act, voucher->jurisdiction, 0) ? voucher : NULL;
}

zd_status zd_act_voucher_issue(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_voucher *voucher = edit_voucher(act);
    if (voucher == NULL) {
        return ZD_OK;
    }
    if (voucher->state != ZD_V_CLAIMED) {
        return zd_act_refuse(act, ZD_E_A_STATE, "voucher");
    }
    bool lower = zd_req_has(act->request, ZD_F_AMOUNT);
    grant wish = {.voucher = voucher->id,
                  .holder = zd_book_find(act->book, ZD_R_HOLDER, "%s", voucher->holder),
                  .categories = voucher->categories,
                  .year = voucher->year,
                  .amount_fen = lower ? zd_req_int(act->request, ZD_F_AMOUNT) : voucher->amount_fen,
                  .funded = funds_at_issue(act)};
    ZD_ASSERT(wish.holder != NULL); /* holders are never removed */
    if (wish.amount_fen > voucher->amount_fen) {
        return zd_act_refuse(act, ZD_E_R14, "claimed");
    }
    if (zd_act_has_authority(act, wish.holder->jurisdiction, wish.amount_fen) && grant_is_allowed(act, &wish)) {
        (void)activate(act, &wish, voucher);
    }
    return ZD_OK;
}

static zd_status change_state(zd_act *act, zd_voucher_state from, zd_voucher_state to)
{
    zd_rec_voucher *voucher = edit_voucher(act);
    if (voucher == NULL) {
        return ZD_OK;
    }
    if (voucher->state != (int64_t)from) {
        return zd_act_refuse(act, ZD_E_A_STATE, "voucher");
    }
    voucher->state = (int64_t)to;
    return ZD_OK;
}

zd_status zd_act_voucher_suspend(zd_act *act, zd_error *err)
{
    (void)err;
    return change_state(act, ZD_V_ACTIVE, ZD_V_SUSPENDED);
}

zd_status zd_act_voucher_resume(zd_act *act, zd_error *err)
{
    (void)err;
    return change_state(act, ZD_V_SUSPENDED, ZD_V_ACTIVE);
}

/* What no order has reserved goes back; what is reserved, payable or paid goes on, and what of it returns later goes past the voucher. */
static bool give_back_rest(zd_act *act, const zd_rec_voucher *voucher)
{
    char year[24];
    (void)year_text(year, voucher->year);
    int64_t rest_fen = zd_book_balance(act->book, "6200/%s/%s", voucher->id, year);
    if (!zd_act_post(act, rest_fen, zd_account(act, 6200, voucher->id, year, NULL), zd_account(act, 6100, voucher->subject, year, NULL))) {
        return false;
    }
    for (size_t i = 0; i < ZD_LEGS && voucher->leg_pool[i][0] != '\0'; i++) {
        const char *pool = voucher->leg_pool[i];
        int64_t earmarked_fen = zd_book_balance(act->book, "2100/%s/%s", voucher->id, pool);
        if (!zd_act_post(act, earmarked_fen, zd_account(act, 2100, voucher->id, pool, NULL), zd_account(act, 2000, pool, NULL, NULL))) {
            return false;
        }
    }
    return true;
}

zd_status zd_act_voucher_revoke(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_voucher *voucher = edit_voucher(act);
    if (voucher == NULL) {
        return ZD_OK;
    }
    bool active = voucher->state == ZD_V_ACTIVE || voucher->state == ZD_V_SUSPENDED;
    if (!active && voucher->state != ZD_V_CLAIMED) {
        return zd_act_refuse(act, ZD_E_A_STATE, "voucher");
    }
    voucher->state = ZD_V_REVOKED;
    if (active && give_back_rest(act, voucher)) {
        zd_book_remove(act->book, ZD_R_DUE, "%06lld/V/%s", (long long)voucher->use_by_day, voucher->id);
    }
    return ZD_OK;
}

/* --- mandates --- */

zd_status zd_act_mandate_grant(zd_act *act, zd_error *err)
{
    (void)err;
    const zd_request *request = act->request;
    const char *holder = zd_act_text(act, ZD_F_HOLDER);
    const char *id = zd_act_text(act, ZD_F_MANDATE);
    if (zd_book_find(act->book, ZD_R_HOLDER, "%s", holder) == NULL) {
        return zd_act_refuse(act, ZD_E_A_ABSENT, "holder");
    }
    if (!zd_act_speaks_for(act, zd_span_text(holder))) {
        return ZD_OK;
    }
    if (zd_book_find(act->book, ZD_R_MANDATE, "%s/%s", holder, id) != NULL) {
        return zd_act_refuse(act, ZD_E_A_EXISTS, "mandate");
    }
    if (zd_req_int(request, ZD_F_UNTIL) < act->today_day) {
        return zd_act_refuse(act, ZD_E_A_MISMATCH, "until");
    }
    if (zd_req_int(request, ZD_F_AMOUNT) == 0) {
        return zd_act_refuse(act, ZD_E_A_EMPTY, "amount");
    }
    zd_rec_mandate *mandate = zd_book_add(act->book, ZD_R_MANDATE, "%s/%s", holder, id);
    zd_format(mandate->id, sizeof mandate->id, "%s", id);
    zd_format(mandate->holder, sizeof mandate->holder, "%s", holder);
    ZD_SET_TEXT(mandate->providers, zd_req_text(request, ZD_F_PROVIDERS));
    mandate->amount_fen = zd_req_int(request, ZD_F_AMOUNT);
    mandate->until_day = zd_req_int(request, ZD_F_UNTIL);
    mandate->seq = (int64_t)act->seq;
    return ZD_OK;
}

/* Orders that relied on it keep their consent: they were made while it stood. */
zd_status zd_act_mandate_withdraw(zd_act *act, zd_error *err)
{
    (void)err;
    const char *holder = zd_act_text(act, ZD_F_HOLDER);
    if (!zd_act_speaks_for(act, zd_span_text(holder))) {
        return ZD_OK;
    }
    zd_rec_mandate *mandate = zd_book_edit(act->book, ZD_R_MANDATE, "%s/%s", holder, zd_act_text(act, ZD_F_MANDATE));
    if (mandate == NULL) {
        return zd_act_refuse(act, ZD_E_A_ABSENT, "mandate");
    }
    if (mandate->withdrawn != 0) {
        return zd_act_refuse(act, ZD_E_A_STATE, "withdrawn");
    }
    mandate->withdrawn = 1;
    return ZD_OK;
}
