/*
 * Checks of the money, R23 R24 R25 R26 R27 R28, and the arithmetic behind them: base, ratio with its cumulative tier, budget year.
 * Everything is integer fen, floored once; sums that would leave the range of money count as its end.
 */
#include "ledger/base/clock.h"
#include "ledger/base/money.h"
#include "ledger/rules/checks_int.h"

enum { MMDD_MONTH = 100 };

static int64_t sum_fen(int64_t a_fen, int64_t b_fen)
{
    int64_t sum = 0;
    return zd_fen_add(&sum, a_fen, b_fen) ? sum : ZD_FEN_MAX;
}

int64_t zd_rules_base(const zd_facts *facts)
{
    const zd_claim *claim = &facts->claim;
    int64_t base_fen = zd_fen_min(claim->contract_fen, sum_fen(claim->own_share_fen, claim->amount_fen));
    if (facts->act != ZD_ON_CAPTURE && facts->act != ZD_ON_DIRECT) {
        return base_fen;
    }
    int64_t invoice_fen = claim->invoice_part_fen;
    if (!zd_policy_is(facts->policy, ZD_P_INVOICE_COVERS, "full")) {
        invoice_fen = sum_fen(invoice_fen, claim->amount_fen);
    }
    return zd_fen_min(base_fen, invoice_fen);
}

/* The subsidy on a total base: the tier's ratio up to its end, the plain ratio above. */
static int64_t subsidy_on(const zd_policy *policy, int64_t total_fen)
{
    int64_t low_fen = zd_fen_min(total_fen, zd_policy_int(policy, ZD_P_TIER_UP_TO));
    return zd_fen_share(low_fen, zd_policy_int(policy, ZD_P_TIER_RATIO)) + zd_fen_share(total_fen - low_fen, zd_policy_int(policy, ZD_P_RATIO));
}

int64_t zd_rules_allowed(const zd_policy *policy, int64_t before_fen, int64_t base_fen)
{
    if (base_fen <= 0) {
        return 0;
    }
    if (zd_policy_int(policy, ZD_P_TIER_UP_TO) == 0) {
        return zd_fen_share(base_fen, zd_policy_int(policy, ZD_P_RATIO)); /* a flat ratio floors each service on its own */
    }
    return subsidy_on(policy, sum_fen(before_fen, base_fen)) - subsidy_on(policy, before_fen);
}

int64_t zd_rules_budget_year(const zd_policy *policy, int64_t voucher_year, int64_t today_day)
{
    int64_t mmdd = zd_policy_int(policy, ZD_P_REDEEM_BY);
    int64_t last_day = zd_day_from((int)voucher_year, (int)(mmdd / MMDD_MONTH), (int)(mmdd % MMDD_MONTH));
    return today_day <= last_day ? voucher_year : voucher_year + 1;
}

void zd_check_R23(zd_finding *finding, const zd_facts *facts)
{
    int64_t base_fen = zd_rules_base(facts);
    int64_t allowed_fen = zd_rules_allowed(facts->policy, facts->tier_base_fen, base_fen);
    zd_see_int(finding, "amount_fen", facts->claim.amount_fen);
    zd_see_int(finding, "base_fen", base_fen);
    zd_see_int(finding, "allowed_fen", allowed_fen);
    if (zd_policy_int(facts->policy, ZD_P_TIER_UP_TO) > 0) {
        zd_see_int(finding, "base_before_fen", facts->tier_base_fen);
    }
    if (facts->claim.amount_fen > allowed_fen) {
        zd_find_that(finding, ZD_REFUSE, "above-ratio");
    }
}

void zd_check_R24(zd_finding *finding, const zd_facts *facts)
{
    zd_see_int(finding, "contract_fen", facts->claim.contract_fen);
    zd_see_int(finding, "paid_fen", sum_fen(facts->claim.own_share_fen, facts->claim.amount_fen));
    if (facts->act != ZD_ON_ORDER) {
        zd_see_int(finding, "invoice_part_fen", facts->claim.invoice_part_fen);
    }
    if (zd_rules_base(facts) <= 0) {
        zd_find_that(finding, ZD_REFUSE, "no-base");
    } else if (facts->contract != NULL && facts->contract->reserved_base_fen > 0 && facts->contract->contract_fen != facts->claim.contract_fen) {
        /* The same contract can not have two sums once money was drawn on it; an amendment has a number of its own. */
        zd_see_int(finding, "recorded_contract_fen", facts->contract->contract_fen);
        zd_find_that(finding, ZD_REFUSE, "contract-differs");
    }
}

void zd_check_R25(zd_finding *finding, const zd_facts *facts)
{
    int64_t declared_fen = sum_fen(facts->own_used_fen, facts->claim.own_share_fen);
    zd_see_int(finding, "declared_fen", declared_fen);
    zd_see_int(finding, "attested_fen", facts->own_attested_fen);
    if (declared_fen > facts->own_attested_fen) {
        zd_find_that(finding, ZD_GATE, "not-attested");
    }
}

/* A capture carries its share of the other public money that was declared for the whole order. */
static int64_t other_part_fen(const zd_facts *facts)
{
    enum { THIS, REST, PARTS };
    int64_t other_fen = facts->claim.other_funding_fen;
    int64_t parts[PARTS] = {other_fen, 0};
    if (facts->act == ZD_ON_CAPTURE && facts->order != NULL) {
        int64_t weights[PARTS] = {facts->claim.amount_fen, zd_fen_max(facts->order->amount_fen - facts->claim.amount_fen, 0)};
        zd_fen_split(parts, weights, PARTS, other_fen);
    }
    return parts[THIS];
}

void zd_check_R26(zd_finding *finding, const zd_facts *facts)
{
    int64_t base_fen = zd_rules_base(facts);
    if (facts->claim.amount_fen <= 0 || base_fen <= 0) {
        finding->verdict = ZD_NOT_APPLICABLE; /* R14 and R24 refuse */
        return;
    }
    int64_t limit_fen = zd_fen_share(base_fen, zd_policy_int(facts->policy, ZD_P_PUBLIC_MAX));
    int64_t public_fen = sum_fen(facts->claim.amount_fen, other_part_fen(facts));
    zd_see_int(finding, "public_fen", public_fen);
    zd_see_int(finding, "limit_fen", limit_fen);
    if (public_fen > limit_fen) {
        zd_find_that(finding, ZD_REFUSE, "above-limit");
    }
}

void zd_check_R27(zd_finding *finding, const zd_facts *facts)
{
    bool at_issue = zd_policy_is(facts->policy, ZD_P_FUNDING_POINT, "issue");
    bool issuing = facts->act == ZD_ON_ISSUE;
    if ((issuing && !at_issue) || (!issuing && facts->voucher == NULL)) {
        finding->verdict = ZD_NOT_APPLICABLE; /* funded at the order; no voucher: R09 refuses */
        return;
    }
    zd_see_int(finding, "amount_fen", facts->claim.amount_fen);
    zd_see_int(finding, "free_fen", facts->pool_free_fen);
    if (facts->claim.amount_fen > facts->pool_free_fen) {
        zd_find_that(finding, ZD_REFUSE, "pool");
    }
}

void zd_check_R28(zd_finding *finding, const zd_facts *facts)
{
    int64_t used_fen = facts->contract != NULL ? facts->contract->reserved_base_fen : 0;
    int64_t sum = sum_fen(used_fen, zd_fen_max(zd_rules_base(facts), 0));
    zd_see_int(finding, "sum_fen", sum);
    zd_see_int(finding, "contract_fen", facts->claim.contract_fen);
    if (sum > facts->claim.contract_fen) {
        zd_find_that(finding, ZD_REFUSE, "contract-used-up");
    }
}
