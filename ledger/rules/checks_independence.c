/*
 * Checks of independence: R35 R36 and, at the seal, R37 R38 R39 R40. What is known of an affiliation refuses; patterns only steer the sample.
 */
#include "ledger/rules/checks_int.h"
#include "ledger/rules/seal_sweep.h"

void zd_check_R35(zd_finding *finding, const zd_facts *facts)
{
    const zd_rec_fact *word = facts->affiliation_word;
    const char *declared = zd_word_text(ZD_F_AFFILIATION, facts->claim.affiliation);
    zd_see_text(finding, "declared", zd_span_text(declared));
    if (word != NULL) {
        zd_see_text(finding, "attested", zd_span_text(word->value));
    }
    bool attested_none = word != NULL && zd_span_is(zd_span_text(word->value), "none");
    if (word != NULL && !attested_none) {
        zd_find_that(finding, ZD_REFUSE, "attested");
    } else if (facts->claim.affiliation == ZD_AFFILIATION(AFFILIATED)) {
        zd_find_that(finding, ZD_REFUSE, "declared");
    } else if (facts->claim.affiliation == ZD_AFFILIATION(UNDECLARED) && !attested_none) {
        zd_find_that(finding, ZD_FLAG, "undeclared");
    }
}

void zd_check_R36(zd_finding *finding, const zd_facts *facts)
{
    if (facts->service_other_plan || facts->invoice_other_plan) {
        zd_find_that(finding, ZD_REFUSE, facts->service_other_plan ? "service" : "invoice");
    }
}

void zd_check_R37(zd_finding *finding, const zd_facts *facts)
{
    if (facts->opposite > 0) {
        zd_find_that(finding, ZD_FLAG, "opposite");
    }
}

void zd_check_R38(zd_finding *finding, const zd_facts *facts)
{
    zd_see_int(finding, "services", facts->services);
    zd_see_int(finding, "services_near_threshold", facts->services_near);
    if (facts->services >= zd_policy_int(facts->policy, ZD_P_SPLIT_COUNT)) {
        zd_find_that(finding, ZD_FLAG, "many");
    } else if (facts->services_near > 1) {
        zd_find_that(finding, ZD_FLAG, "near-threshold");
    }
}

void zd_check_R39(zd_finding *finding, const zd_facts *facts)
{
    zd_see_int(finding, "holders", facts->contact_holders);
    if (facts->contact_holders >= zd_policy_int(facts->policy, ZD_P_CONTACT_COUNT)) {
        zd_find_that(finding, ZD_FLAG, "shared");
    }
}

bool zd_rules_account_cools(int64_t account_version, int64_t account_cooling_day, int64_t today_day)
{
    return account_version == 0 || today_day < account_cooling_day;
}

void zd_check_R40(zd_finding *finding, const zd_facts *facts)
{
    zd_see_int(finding, "account_version", facts->account_version);
    zd_see_int(finding, "payable_from_day", facts->account_cooling_day);
    if (zd_rules_account_cools(facts->account_version, facts->account_cooling_day, facts->today_day)) {
        zd_find_that(finding, ZD_GATE, facts->account_version == 0 ? "no-account" : "cooling");
    }
}
