/*
 * Annual caps: what was allotted to each subject and year, less what came back, against the cap of its class when its quota was opened; and what vouchers
 * carry. The subject is the holder, or its controller group where the policy shares one cap. See limits_int.h.
 */
#include <string.h>

#include "audit/verify/limits_int.h"
#include "ledger/base/clock.h"

void zd_limit_do_holder_register(zd_limit_act *act)
{
    zd_limits *limits = act->limits;
    zd_span id = zd_limit_text(act, ZD_F_HOLDER);
    if (zd_table_find(&limits->holders, id, NULL) != NULL) {
        zd_found *found = zd_limit_find(act, ZD_V_NAME_TWICE, id);
        zd_buf_add_text(&found->recorded, "holder registered again");
        zd_buf_add_text(&found->recomputed, "refused");
        return;
    }
    zd_limit_holder *holder = zd_table_add(&limits->holders, id, NULL);
    holder->entrepreneur = zd_span_is(zd_limit_text(act, ZD_F_CLASS), "entrepreneur");
    zd_format(holder->registered_by, sizeof holder->registered_by, "%s", act->signer != NULL ? act->signer->person : "");
}

static zd_limit_voucher *new_voucher(zd_limit_act *act, size_t *holder)
{
    zd_limits *limits = act->limits;
    zd_span id = zd_limit_text(act, ZD_F_VOUCHER);
    if (zd_table_find(&limits->holders, zd_limit_text(act, ZD_F_HOLDER), holder) == NULL) {
        zd_limit_unknown(act, "holder", zd_limit_text(act, ZD_F_HOLDER));
        return NULL;
    }
    if (zd_table_find(&limits->vouchers, id, NULL) != NULL) {
        zd_found *found = zd_limit_find(act, ZD_V_NAME_TWICE, zd_limit_text(act, ZD_F_HOLDER));
        zd_buf_add_text(&found->recorded, "voucher ");
        zd_buf_add_span(&found->recorded, id);
        zd_buf_add_text(&found->recomputed, "refused");
        return NULL;
    }
    zd_limit_voucher *voucher = zd_table_add(&limits->vouchers, id, NULL);
    voucher->holder = *holder;
    voucher->year = zd_limit_int(act, ZD_F_YEAR);
    voucher->claimed_fen = zd_limit_int(act, ZD_F_AMOUNT);
    return voucher;
}

void zd_limit_do_voucher_claim(zd_limit_act *act)
{
    size_t holder;
    (void)new_voucher(act, &holder);
}

static void subject_of(zd_buf *out, const zd_limits *limits, size_t holder, const zd_limit_policy *policy)
{
    const zd_limit_holder *row = zd_table_at(&limits->holders, holder);
    if (policy->by_group && row->group[0] != '\0') {
        zd_buf_add_text(out, row->group);
    } else {
        zd_buf_add_span(out, zd_names_text(&limits->holders.names, holder));
    }
}

/* Takes amount from the subject's year and opens it first where that is needed; gives the quota's number. */
static size_t take_quota(zd_limit_act *act, size_t holder, int64_t year, int64_t amount_fen, const zd_limit_policy *policy, int to_account)
{
    zd_limits *limits = act->limits;
    zd_buf subject = {0};
    zd_buf key = {0};
    size_t number = 0;
    subject_of(&subject, limits, holder, policy);
    zd_buf_addf(&key, "%s/%lld", zd_buf_text(&subject), (long long)year);
    zd_limit_quota *quota = zd_table_add(&limits->quotas, zd_buf_span(&key), &number);
    const zd_limit_holder *row = zd_table_at(&limits->holders, holder);
    int64_t opened_fen = 0;
    zd_span who = zd_buf_span(&subject);
    if (!quota->open) {
        quota->open = true;
        quota->cap_fen = policy->cap_fen[row->entrepreneur ? 1 : 0];
        opened_fen = quota->cap_fen;
    }
    quota->allotted_fen = zd_limit_sum(quota->allotted_fen, amount_fen);
    if (quota->allotted_fen > quota->cap_fen) {
        zd_limit_find_fen(act, ZD_V_CAP, who, "allotted in the year", quota->allotted_fen, quota->cap_fen);
    }
    zd_limit_expect(act, (zd_limit_query){.debit = 6000, .credit = 6100}, opened_fen, "quota opened", who);
    zd_limit_query all = {.debit = 6100};
    zd_limit_query own = {.debit = 6100, .credit = to_account, .debit_about = who};
    int64_t from_all_fen = zd_limit_posted(act->lines, act->count, &all);
    int64_t from_own_fen = zd_limit_posted(act->lines, act->count, &own);
    if (from_all_fen != from_own_fen) {
        zd_limit_find_fen(act, ZD_V_QUOTA_SUBJECT, who, "quota taken from others", zd_limit_less(from_all_fen, from_own_fen), 0);
    }
    zd_limit_expect(act, all, amount_fen, "quota taken", who);
    zd_buf_free(&subject);
    zd_buf_free(&key);
    return number;
}

static const zd_limit_policy *policy_now(zd_limit_act *act)
{
    const zd_limit_policy *policy = zd_limit_policy_at(act->limits, act->today_day);
    return zd_limit_policy_check(act, policy != NULL ? policy->number : 0);
}

static void issue(zd_limit_act *act, zd_span id, int64_t amount_fen)
{
    const zd_limit_policy *policy = policy_now(act);
    zd_limit_voucher *voucher = zd_table_find(&act->limits->vouchers, id, NULL);
    if (policy == NULL || voucher == NULL) {
        return;
    }
    const zd_limit_holder *holder = zd_table_at(&act->limits->holders, voucher->holder);
    if (act->signer != NULL && strcmp(act->signer->person, holder->registered_by) == 0) {
        zd_found *found = zd_limit_find(act, ZD_V_DUTIES_SECOND, id);
        zd_buf_addf(&found->recorded, "holder registered and voucher issued by %s", holder->registered_by);
        zd_buf_add_text(&found->recomputed, "two different persons");
    }
    voucher->quota = take_quota(act, voucher->holder, voucher->year, amount_fen, policy, 6200);
    voucher->issued = true;
    voucher->amount_fen = amount_fen;
}

void zd_limit_do_voucher_allot(zd_limit_act *act)
{
    size_t holder;
    if (new_voucher(act, &holder) != NULL) {
        issue(act, zd_limit_text(act, ZD_F_VOUCHER), zd_limit_int(act, ZD_F_AMOUNT));
    }
}

void zd_limit_do_voucher_issue(zd_limit_act *act)
{
    zd_span id = zd_limit_text(act, ZD_F_VOUCHER);
    const zd_limit_voucher *voucher = zd_table_find(&act->limits->vouchers, id, NULL);
    if (voucher == NULL || voucher->issued) {
        zd_limit_unknown(act, "claim", id);
        return;
    }
    int64_t amount_fen = zd_limit_has(act, ZD_F_AMOUNT) ? zd_limit_int(act, ZD_F_AMOUNT) : voucher->claimed_fen;
    if (amount_fen > voucher->claimed_fen) {
        zd_limit_find_fen(act, ZD_V_AMOUNT_SIGNED, zd_names_text(&act->limits->holders.names, voucher->holder), "issued", amount_fen, voucher->claimed_fen);
    }
    issue(act, id, amount_fen);
}

/* Quota that was used on an old platform: the same cap, and no voucher of ours carries it. */
void zd_limit_do_opening_quota(zd_limit_act *act)
{
    size_t holder = 0;
    zd_span id = zd_limit_text(act, ZD_F_HOLDER);
    const zd_limit_policy *policy = policy_now(act);
    if (zd_table_find(&act->limits->holders, id, &holder) == NULL) {
        zd_limit_unknown(act, "holder", id);
    } else if (policy != NULL) {
        (void)take_quota(act, holder, zd_limit_int(act, ZD_F_YEAR), zd_limit_int(act, ZD_F_AMOUNT), policy, 6300);
    }
}

/* Quota that comes back: 6200 or 6300 of a voucher to 6100, or 6300 to 6200 of the same voucher. */
static void one_posting(const zd_limit_act *act, const zd_account_parts *debit, const zd_account_parts *credit, int64_t amount_fen)
{
    zd_limits *limits = act->limits;
    zd_limit_voucher *voucher = debit->count == 2 ? zd_table_find(&limits->vouchers, debit->part[0], NULL) : NULL;
    bool back = credit->code == 6100 && debit->code != 6000;
    if ((debit->code != 6200 && debit->code != 6300) || (!back && credit->code != 6200)) {
        return;
    }
    if (voucher == NULL) {
        zd_limit_unknown(act, "voucher", debit->part[0]);
        return;
    }
    if (debit->code == 6300) {
        voucher->used_fen = zd_limit_less(voucher->used_fen, amount_fen);
    }
    if (!back) {
        return;
    }
    zd_limit_quota *quota = zd_table_at(&limits->quotas, voucher->quota);
    zd_span subject;
    zd_span year = zd_span_cut(&subject, zd_names_text(&limits->quotas.names, voucher->quota), '/');
    if (!zd_span_equal(subject, credit->part[0]) || !zd_span_equal(year, credit->part[1])) {
        zd_found *found = zd_limit_find(act, ZD_V_QUOTA_SUBJECT, credit->part[0]);
        zd_buf_add_text(&found->recorded, "quota given back to ");
        zd_buf_add_span(&found->recorded, credit->part[0]);
        zd_buf_add_span(&found->recomputed, subject);
    }
    voucher->amount_fen = zd_limit_less(voucher->amount_fen, amount_fen);
    quota->allotted_fen = zd_limit_less(quota->allotted_fen, amount_fen);
}

/* A lapse without restoring uses the rest up: 6200 to 6300 outside of an order. */
static void check_lapse(const zd_limit_act *act, const zd_account_parts *debit, const zd_account_parts *credit, int64_t amount_fen)
{
    zd_limit_voucher *voucher = act->kind == ZD_L_ACT_SWEEP && debit->code == 6200 && credit->code == 6300 && debit->count == 2
                                    ? zd_table_find(&act->limits->vouchers, debit->part[0], NULL)
                                    : NULL;
    if (voucher != NULL) {
        voucher->used_fen = zd_limit_sum(voucher->used_fen, amount_fen);
    }
}

void zd_limit_quota_postings(const zd_limit_act *act)
{
    zd_line_posting posting;
    for (size_t l = 0; l < act->count; l++) {
        for (size_t i = 0; i < zd_line_postings(&act->lines[l]); i++) {
            if (zd_line_posting_at(&posting, &act->lines[l], i)) {
                zd_account_parts debit = zd_account_parse(posting.debit);
                zd_account_parts credit = zd_account_parse(posting.credit);
                one_posting(act, &debit, &credit, posting.amount_fen);
                check_lapse(act, &debit, &credit, posting.amount_fen);
            }
        }
    }
}
