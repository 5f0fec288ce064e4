/*
 * Policies as published, and the arithmetic that hangs on them, written again: which one is in force, what a ratio with its cumulative tier allows. Keys and
 * genesis too, since they only feed the roster. See limits_int.h.
 */
#include <string.h>

#include "audit/verify/limits_int.h"
#include "ledger/base/clock.h"

static zd_view parameter(zd_view policy, const char *name)
{
    return zd_view_get(zd_view_get(zd_view_get(policy, "parameters"), name), "value");
}

static bool parameter_is(zd_view policy, const char *name, const char *word)
{
    return zd_span_is(zd_view_text(parameter(policy, name)), word);
}

static zd_limit_days days(zd_view policy, const char *name)
{
    zd_view entry = zd_view_get(zd_view_get(policy, "parameters"), name);
    zd_view value = zd_view_get(entry, "value");
    return (zd_limit_days){.count = zd_view_kind(value) == ZD_J_INT ? zd_view_int(value) : -1, .working = zd_span_is(zd_view_text(zd_view_get(entry, "unit")), "working")};
}

void zd_limit_do_policy_publish(zd_limit_act *act)
{
    zd_limits *limits = act->limits;
    zd_view policy = zd_view_get(act->body, zd_field_name(ZD_F_POLICY));
    zd_limit_policy row = {
        .number = zd_limit_int(act, ZD_F_NUMBER),
        .cap_fen = {zd_view_int(parameter(policy, "cap_enterprise_fen")), zd_view_int(parameter(policy, "cap_entrepreneur_fen"))},
        .ratio_bp = zd_view_int(parameter(policy, "ratio_bp")),
        .tier_up_to_fen = zd_view_int(parameter(policy, "tier_up_to_fen")),
        .tier_ratio_bp = zd_view_int(parameter(policy, "tier_ratio_bp")),
        .by_group = parameter_is(policy, "quota_scope", "group"),
        .covers_full = parameter_is(policy, "invoice_covers", "full"),
        .checker_releases = zd_view_bool(parameter(policy, "checker_may_release")) || zd_view_int(parameter(policy, "checker_may_release")) != 0,
        .notice = days(policy, "notice_days"),
        .cooling = days(policy, "account_cooling_days"),
        .cooling_return = days(policy, "account_cooling_return_days"),
        .grace = days(policy, "paid_grace_days"),
        .silence = days(policy, "answer_silence_days"),
        .minimum_fen = zd_view_int(parameter(policy, "minimum_payout_fen")),
        .consent_cap_fen = zd_view_int(parameter(policy, "attested_consent_cap_fen")),
    };
    const zd_limit_policy *last = limits->policy_count > 0 ? &limits->policies[limits->policy_count - 1] : NULL;
    bool dated = zd_date_parse(&row.effective_day, zd_limit_text(act, ZD_F_EFFECTIVE));
    bool follows = dated && row.number == (last != NULL ? last->number + 1 : 1) && (last == NULL || row.effective_day > last->effective_day);
    if (!follows) {
        zd_found *found = zd_limit_find(act, ZD_V_POLICY_FORCE, zd_span_of(NULL, 0));
        zd_buf_addf(&found->recorded, "policy %lld published", (long long)row.number);
        zd_buf_add_text(&found->recomputed, "the next number, effective after the last one");
        return;
    }
    limits->policies = zd_grow(limits->policies, &limits->policy_capacity, limits->policy_count, sizeof *limits->policies);
    limits->policies[limits->policy_count++] = row;
    zd_limit_days_publish(limits, policy);
}

const zd_limit_policy *zd_limit_policy_at(const zd_limits *limits, int64_t day)
{
    for (size_t i = limits->policy_count; i-- > 0;) {
        if (limits->policies[i].effective_day <= day) {
            return &limits->policies[i];
        }
    }
    return NULL;
}

const zd_limit_policy *zd_limit_policy_of(const zd_limits *limits, int64_t number)
{
    for (size_t i = 0; i < limits->policy_count; i++) {
        if (limits->policies[i].number == number) {
            return &limits->policies[i];
        }
    }
    return NULL;
}

const zd_limit_policy *zd_limit_policy_check(const zd_limit_act *act, int64_t expected_number)
{
    const zd_limit_policy *policy = zd_limit_policy_of(act->limits, expected_number);
    if (act->lines[0].policy != expected_number || policy == NULL) {
        zd_found *found = zd_limit_find(act, ZD_V_POLICY_FORCE, zd_span_of(NULL, 0));
        zd_buf_addf(&found->recorded, "decided by policy %lld", (long long)act->lines[0].policy);
        zd_buf_addf(&found->recomputed, "policy %lld", (long long)expected_number);
    }
    return policy;
}

int64_t zd_limit_share_of(int64_t base_fen, int64_t bp)
{
    return base_fen <= 0 || bp <= 0 ? 0 : (int64_t)((__int128)base_fen * bp / 10000);
}

/* The subsidy on a whole base: up to the tier's end by its ratio, above it by the plain one. */
static int64_t subsidy_on(const zd_limit_policy *policy, int64_t total_fen)
{
    int64_t low_fen = total_fen < policy->tier_up_to_fen ? total_fen : policy->tier_up_to_fen;
    return zd_limit_share_of(low_fen, policy->tier_ratio_bp) + zd_limit_share_of(total_fen - low_fen, policy->ratio_bp);
}

int64_t zd_limit_allowed(const zd_limit_policy *policy, int64_t before_fen, int64_t base_fen)
{
    if (base_fen <= 0) {
        return 0;
    }
    if (policy->tier_up_to_fen == 0) {
        return zd_limit_share_of(base_fen, policy->ratio_bp);
    }
    return subsidy_on(policy, zd_limit_sum(before_fen, base_fen)) - subsidy_on(policy, before_fen);
}

/* --- keys --- */

void zd_limit_do_genesis(zd_limit_act *act)
{
    zd_limits *limits = act->limits;
    zd_view items = zd_view_get(act->body, zd_field_name(ZD_F_ITEMS));
    if (act->seq != 0 || !zd_span_copy(limits->roster.origin, sizeof limits->roster.origin, zd_view_text(zd_view_get(act->body, "ledger")))) {
        zd_limit_unknown(act, "genesis", zd_view_text(zd_view_get(act->body, "ledger")));
        return;
    }
    limits->threshold = zd_limit_int(act, ZD_F_THRESHOLD);
    for (size_t i = 0; i < zd_view_count(items); i++) {
        zd_roster_grant(&limits->roster, zd_view_at(items, i), act->seq, NULL);
    }
}

void zd_limit_do_key_grant(zd_limit_act *act)
{
    if (act->signer == NULL) {
        return;
    }
    zd_span role = zd_limit_text(act, ZD_F_ROLE);
    if (zd_span_is(role, "log") || zd_span_is(role, "git")) {
        zd_found *found = zd_limit_find(act, ZD_V_DUTIES_SECOND, zd_limit_text(act, ZD_F_KEY_NAME));
        zd_buf_addf(&found->recorded, "granted by %s alone", act->signer->person);
        zd_buf_add_text(&found->recomputed, "the threshold of root keys (key.rotate-root)");
    }
    zd_roster_grant(&act->limits->roster, act->body, act->seq, act->signer);
}

void zd_limit_do_key_revoke(zd_limit_act *act)
{
    zd_roster_revoke(&act->limits->roster, act->body, act->seq);
}

void zd_limit_do_key_rotate(zd_limit_act *act)
{
    if (act->signer != NULL) {
        zd_roster_rotate(&act->limits->roster, act->body, act->seq, act->signer);
    }
}

void zd_limit_do_root_rotate(zd_limit_act *act)
{
    zd_roster_rotate_root(&act->limits->roster, act->body, act->seq);
}
