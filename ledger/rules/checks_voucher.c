/*
 * Checks of the voucher and its order: R09 R10 R11 R12 R13 R14 R15. Deadlines are compared with today here, whether or not a sweep has run:
 * a day named as a deadline is the last good day.
 */
#include "ledger/base/clock.h"
#include "ledger/rules/checks_int.h"

void zd_check_R09(zd_finding *finding, const zd_facts *facts)
{
    if (facts->act == ZD_ON_CAPTURE && facts->order == NULL) {
        zd_find_that(finding, ZD_REFUSE, "no-such-order");
    } else if (facts->voucher == NULL || facts->voucher->state == ZD_V_CLAIMED) {
        zd_find_that(finding, ZD_REFUSE, facts->voucher == NULL ? "no-such-voucher" : "not-issued");
    }
}

void zd_check_R10(zd_finding *finding, const zd_facts *facts)
{
    if (facts->voucher == NULL) {
        finding->verdict = ZD_NOT_APPLICABLE; /* R09 refuses */
    } else if (!zd_span_is(facts->claim.holder, facts->voucher->holder)) {
        zd_see_text(finding, "holder", facts->claim.holder);
        zd_find_that(finding, ZD_REFUSE, "another-holder");
    }
}

/* What was ordered while the voucher was active is honoured when it lapses; when it is suspended, the policy says; never when it was revoked. */
static bool may_capture(const zd_facts *facts)
{
    int64_t state = facts->voucher->state;
    return state == ZD_V_LAPSED || (state == ZD_V_SUSPENDED && zd_policy_int(facts->policy, ZD_P_SUSPENDED_CAPTURE) != 0);
}

void zd_check_R11(zd_finding *finding, const zd_facts *facts)
{
    if (facts->voucher == NULL) {
        finding->verdict = ZD_NOT_APPLICABLE;
        return;
    }
    zd_see_int(finding, "state", facts->voucher->state);
    bool honoured = facts->act == ZD_ON_CAPTURE && may_capture(facts);
    if (facts->voucher->state != ZD_V_ACTIVE && !honoured) {
        zd_find_that(finding, ZD_REFUSE, "not-active");
    }
}

void zd_check_R12(zd_finding *finding, const zd_facts *facts)
{
    zd_see_int(finding, "today_day", facts->today_day);
    if (facts->act == ZD_ON_CAPTURE) {
        if (facts->order != NULL) {
            zd_see_int(finding, "deadline_day", facts->order->deadline_day);
            if (facts->today_day > facts->order->deadline_day) {
                zd_find_that(finding, ZD_REFUSE, "order-deadline");
            }
        }
        return;
    }
    if (facts->voucher != NULL) {
        zd_see_int(finding, "use_by_day", facts->voucher->use_by_day);
        if (facts->today_day > facts->voucher->use_by_day) {
            zd_find_that(finding, ZD_REFUSE, "use-by");
        }
    }
    if (facts->act == ZD_ON_DIRECT) {
        /* Without an order the deadline runs from the service: what an order made on that day would have had. */
        int64_t deadline_day = facts->claim.done_day + zd_policy_int(facts->policy, ZD_P_ORDER_DAYS);
        zd_see_int(finding, "deadline_day", deadline_day);
        if (facts->today_day > deadline_day) {
            zd_find_that(finding, ZD_REFUSE, "service-too-old");
        }
    }
}

void zd_check_R13(zd_finding *finding, const zd_facts *facts)
{
    if (facts->voucher == NULL) {
        finding->verdict = ZD_NOT_APPLICABLE;
        return;
    }
    int64_t year = zd_day_year(facts->claim.done_day);
    zd_see_int(finding, "service_year", year);
    zd_see_int(finding, "voucher_year", facts->voucher->year);
    if (year != facts->voucher->year) {
        zd_find_that(finding, ZD_REFUSE, "other-year");
    }
}

void zd_check_R14(zd_finding *finding, const zd_facts *facts)
{
    bool capture = facts->act == ZD_ON_CAPTURE;
    int64_t left_fen = facts->voucher_left_fen;
    if (capture) {
        left_fen = facts->order != NULL ? facts->order->rest_fen : 0;
    }
    zd_see_int(finding, "amount_fen", facts->claim.amount_fen);
    zd_see_int(finding, "left_fen", left_fen);
    if (facts->claim.amount_fen <= 0) {
        zd_find_that(finding, ZD_REFUSE, "zero");
    } else if (facts->claim.amount_fen > left_fen) {
        zd_find_that(finding, ZD_REFUSE, capture ? "above-order" : "above-voucher");
    }
}

void zd_check_R15(zd_finding *finding, const zd_facts *facts)
{
    zd_see_int(finding, "amount_fen", facts->claim.amount_fen);
    zd_see_int(finding, "quota_left_fen", facts->quota_left_fen);
    if (facts->claim.amount_fen > facts->quota_left_fen) {
        zd_find_that(finding, ZD_REFUSE, "annual-cap");
    }
}
