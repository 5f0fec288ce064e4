/*
 * Checks of the parties: R01 R02 R03 R04 R05 R06 R08. Codes are judged by their form and by the signed exception list only; whether such a body exists
 * is the registration's affair. Must not look at money beyond what a consent covers.
 */
#include <string.h>

#include "ledger/record/identifiers.h"
#include "ledger/rules/checks_int.h"

void zd_check_R01(zd_finding *finding, const zd_facts *facts)
{
    const zd_rec_holder *holder = facts->holder;
    if (holder == NULL) {
        finding->verdict = ZD_NOT_APPLICABLE; /* R05 refuses */
        return;
    }
    zd_span code = zd_span_text(holder->code);
    bool person = holder->holder_class == ZD_CLASS(ENTREPRENEUR);
    zd_see_text(finding, "code", code);
    zd_see_int(finding, "listed", facts->holder_code_listed ? 1 : 0);
    if (code.size == 0) {
        if (!person) {
            zd_find_that(finding, ZD_REFUSE, "no-code");
        }
    } else if (!zd_uscc_is_valid(code) && !facts->holder_code_listed) {
        zd_find_that(finding, ZD_REFUSE, "check-digit");
    } else if (!person && !zd_uscc_is_enterprise(code) && !facts->holder_code_listed) {
        zd_find_that(finding, ZD_REFUSE, "no-enterprise");
    }
}

void zd_check_R02(zd_finding *finding, const zd_facts *facts)
{
    zd_see_text(finding, "code", facts->claim.provider);
    zd_see_int(finding, "listed", facts->provider_code_listed ? 1 : 0);
    if (!zd_uscc_is_valid(facts->claim.provider) && !facts->provider_code_listed) {
        zd_find_that(finding, ZD_REFUSE, "check-digit");
    }
}

void zd_check_R03(zd_finding *finding, const zd_facts *facts)
{
    bool same_code = facts->holder != NULL && facts->holder->code[0] != '\0' && zd_span_is(facts->claim.provider, facts->holder->code);
    if (same_code || zd_span_equal(facts->claim.holder, facts->claim.provider)) {
        zd_see_text(finding, "provider", facts->claim.provider);
        zd_find_that(finding, ZD_REFUSE, "same-party");
    }
}

void zd_check_R04(zd_finding *finding, const zd_facts *facts)
{
    const zd_rec_provider *provider = facts->provider;
    if (provider == NULL) {
        zd_find_that(finding, ZD_REFUSE, "not-admitted");
        return;
    }
    /* Admission counts on the day of the service, which an order does not know yet; suspensions and bans stop every act while they last. */
    int64_t day = facts->act == ZD_ON_ORDER ? facts->today_day : facts->claim.done_day;
    zd_see_int(finding, "day", day);
    zd_see_int(finding, "admitted_from_day", provider->admitted_from_day);
    zd_see_int(finding, "admitted_to_day", provider->admitted_to_day);
    if (day < provider->admitted_from_day || day > provider->admitted_to_day) {
        zd_find_that(finding, ZD_REFUSE, "outside-admission");
    } else if (provider->removed_day != 0 && day >= provider->removed_day) {
        zd_see_int(finding, "removed_day", provider->removed_day);
        zd_find_that(finding, ZD_REFUSE, "removed");
    } else if (provider->suspended_until_day != 0 && facts->today_day <= provider->suspended_until_day) {
        zd_see_int(finding, "suspended_until_day", provider->suspended_until_day);
        zd_find_that(finding, ZD_REFUSE, "suspended");
    } else if (facts->done_suspended) {
        zd_find_that(finding, ZD_REFUSE, "suspended-then");
    } else if (provider->banned_until_day != 0 && facts->today_day <= provider->banned_until_day) {
        zd_see_int(finding, "banned_until_day", provider->banned_until_day);
        zd_find_that(finding, ZD_REFUSE, "banned");
    }
}

void zd_check_R05(zd_finding *finding, const zd_facts *facts)
{
    const zd_rec_holder *holder = facts->holder;
    if (holder == NULL) {
        zd_find_that(finding, ZD_REFUSE, "not-registered");
        return;
    }
    zd_see_int(finding, "today_day", facts->today_day);
    zd_see_int(finding, "eligible_from_day", holder->eligible_from_day);
    zd_see_int(finding, "eligible_to_day", holder->eligible_to_day);
    if (facts->today_day < holder->eligible_from_day || facts->today_day > holder->eligible_to_day) {
        zd_find_that(finding, ZD_REFUSE, "not-eligible");
    } else if (holder->banned_until_day != 0 && facts->today_day <= holder->banned_until_day) {
        zd_see_int(finding, "banned_until_day", holder->banned_until_day);
        zd_find_that(finding, ZD_REFUSE, "banned");
    }
}

/* A named mandate that can cover nothing at all, NULL when it is in order. One with too little left is in order: the order waits for another consent. */
static const char *mandate_fault(const zd_facts *facts)
{
    const zd_rec_mandate *mandate = facts->mandate;
    if (mandate == NULL || !zd_span_is(facts->claim.holder, mandate->holder)) {
        return "no-such-mandate";
    }
    if (mandate->withdrawn != 0) {
        return "mandate-withdrawn";
    }
    if (facts->today_day > mandate->until_day) {
        return "mandate-ended";
    }
    if (!zd_tags_has(zd_span_text(mandate->providers), facts->claim.provider)) {
        return "mandate-other-provider";
    }
    return NULL;
}

static bool attested(const zd_facts *facts)
{
    const zd_rec_fact *word = facts->consent_word;
    return word != NULL && word->used == 0 && facts->claim.amount_fen <= zd_policy_int(facts->policy, ZD_P_ATTESTED_CONSENT_CAP);
}

int64_t zd_rules_consent(const zd_facts *facts)
{
    if (facts->signer_is_holder) {
        return ZD_CONSENT(KEY);
    }
    if (facts->mandate_named && mandate_fault(facts) == NULL &&
        facts->claim.amount_fen <= facts->mandate->amount_fen - facts->mandate->used_fen) {
        return ZD_CONSENT(MANDATE);
    }
    return attested(facts) ? ZD_CONSENT(ATTESTED) : ZD_CONSENT(MISSING);
}

void zd_check_R06(zd_finding *finding, const zd_facts *facts)
{
    int64_t consent = zd_rules_consent(facts);
    zd_see_text(finding, "consent", zd_span_text(zd_word_text(ZD_F_CONSENT, consent)));
    if (consent != ZD_CONSENT(MISSING)) {
        return;
    }
    zd_see_int(finding, "amount_fen", facts->claim.amount_fen);
    const char *fault = facts->mandate_named ? mandate_fault(facts) : NULL;
    if (fault != NULL) {
        zd_find_that(finding, ZD_REFUSE, fault);
    } else if (facts->consent_word != NULL && facts->consent_word->used != 0) {
        zd_find_that(finding, ZD_REFUSE, "attestation-used");
    } else if (facts->mandate_named) {
        zd_see_int(finding, "mandate_left_fen", facts->mandate->amount_fen - facts->mandate->used_fen);
        zd_find_that(finding, ZD_GATE, "mandate-too-small");
    } else {
        zd_find_that(finding, ZD_GATE, facts->consent_word != NULL ? "above-attested-cap" : "missing");
    }
}

void zd_check_R08(zd_finding *finding, const zd_facts *facts)
{
    if (facts->group_declared && !zd_policy_is(facts->policy, ZD_P_QUOTA_SCOPE, "group")) {
        zd_find_that(finding, ZD_FLAG, "group-declared");
    }
}
