/*
 * Checks of duties: R46 R47 R48. Who may act together, up to which amount, and what a releaser must type again. Admission has judged the key itself.
 */
#include "ledger/rules/checks_int.h"

void zd_check_R46(zd_finding *finding, const zd_facts *facts)
{
    bool was_maker = facts->maker.size > 0 && zd_span_equal(facts->person, facts->maker);
    bool was_checker = facts->checker.size > 0 && zd_span_equal(facts->person, facts->checker);
    bool checker_may = facts->releasing && zd_policy_int(facts->policy, ZD_P_CHECKER_RELEASES) != 0;
    if (!facts->jurisdiction_fits) {
        zd_find_that(finding, ZD_REFUSE, "jurisdiction");
    } else if (was_maker) {
        zd_find_that(finding, ZD_REFUSE, "maker");
    } else if (was_checker && !checker_may) {
        zd_find_that(finding, ZD_REFUSE, "checker");
    }
}

void zd_check_R47(zd_finding *finding, const zd_facts *facts)
{
    if (!facts->key_limited) {
        finding->verdict = ZD_NOT_APPLICABLE;
        return;
    }
    zd_see_int(finding, "amount_fen", facts->act_fen);
    zd_see_int(finding, "limit_fen", facts->key_limit_fen);
    if (facts->act_fen > facts->key_limit_fen) {
        zd_find_that(finding, ZD_REFUSE, "key-limit");
    }
}

void zd_check_R48(zd_finding *finding, const zd_facts *facts)
{
    if (!facts->releasing) {
        finding->verdict = ZD_NOT_APPLICABLE;
        return;
    }
    zd_see_int(finding, "typed_count", facts->typed_count);
    zd_see_int(finding, "sealed_count", facts->sealed_count);
    zd_see_int(finding, "typed_fen", facts->typed_fen);
    zd_see_int(finding, "sealed_fen", facts->sealed_fen);
    if (facts->typed_count != facts->sealed_count || facts->typed_fen != facts->sealed_fen) {
        zd_find_that(finding, ZD_REFUSE, "differs");
    }
}
