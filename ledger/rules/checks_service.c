/*
 * Checks of the service: R16 R17 R18 R19 R20 R21 R22. What was done, on which instrument, when, at what price. Doubts that a person can settle
 * are holds; what the policy forbids is refused.
 */
#include "ledger/base/money.h"
#include "ledger/rules/checks_int.h"

void zd_check_R16(zd_finding *finding, const zd_facts *facts)
{
    zd_span category = facts->claim.category;
    zd_see_text(finding, "category", category);
    if (!zd_tags_has(zd_policy_text(facts->policy, ZD_P_CATEGORIES), category)) {
        zd_find_that(finding, ZD_REFUSE, "policy");
    }
    if (facts->voucher != NULL && !zd_tags_has(zd_span_text(facts->voucher->categories), category)) {
        zd_find_that(finding, ZD_REFUSE, "voucher");
    }
    if (facts->provider != NULL && !zd_tags_has(zd_span_text(facts->provider->categories), category)) {
        zd_find_that(finding, ZD_REFUSE, "provider");
    }
}

void zd_check_R17(zd_finding *finding, const zd_facts *facts)
{
    zd_see_text(finding, "purpose", facts->claim.purpose);
    if (facts->claim.statutory) {
        zd_find_that(finding, ZD_REFUSE, "statutory");
    } else if (zd_tags_has(zd_policy_text(facts->policy, ZD_P_EXCLUDED), facts->claim.purpose)) {
        zd_find_that(finding, ZD_REFUSE, "excluded");
    }
}

void zd_check_R18(zd_finding *finding, const zd_facts *facts)
{
    bool needed = zd_tags_has(zd_policy_text(facts->policy, ZD_P_INSTRUMENT_CATEGORIES), facts->claim.category);
    const zd_rec_instr *instrument = facts->instrument;
    if (facts->claim.instrument.size == 0) {
        finding->verdict = ZD_NOT_APPLICABLE;
        if (needed) {
            zd_find_that(finding, ZD_REFUSE, "instrument-missing");
        }
        return;
    }
    zd_see_text(finding, "instrument", facts->claim.instrument);
    if (instrument == NULL || !zd_span_is(facts->claim.provider, instrument->provider)) {
        zd_find_that(finding, ZD_REFUSE, "not-the-providers");
    } else if (!zd_tags_has(zd_span_text(instrument->categories), facts->claim.category)) {
        zd_find_that(finding, ZD_REFUSE, "other-category");
    } else if (instrument->shared == 0) {
        zd_find_that(finding, ZD_REFUSE, "not-shared");
    } else if (instrument->usable == 0) {
        zd_find_that(finding, ZD_REFUSE, "not-usable");
    } else if (instrument->customs != 0) {
        zd_find_that(finding, ZD_HOLD, "customs-supervision");
    }
}

void zd_check_R19(zd_finding *finding, const zd_facts *facts)
{
    if (facts->overlapping > 0) {
        zd_find_that(finding, ZD_FLAG, "same-time");
    }
}

void zd_check_R20(zd_finding *finding, const zd_facts *facts)
{
    const zd_claim *claim = &facts->claim;
    zd_see_int(finding, "contract_day", claim->contract_day);
    zd_see_int(finding, "done_day", claim->done_day);
    zd_see_int(finding, "invoice_day", claim->invoice_day);
    zd_see_int(finding, "today_day", facts->today_day);
    if (claim->done_day < claim->contract_day) {
        zd_find_that(finding, ZD_HOLD, "service-before-contract");
    } else if (claim->invoice_day < claim->contract_day) {
        zd_find_that(finding, ZD_HOLD, "invoice-before-contract");
    } else if (claim->done_day > facts->today_day) {
        zd_find_that(finding, ZD_HOLD, "service-ahead");
    } else if (facts->order != NULL && claim->done_day < facts->order->order_day) {
        zd_see_int(finding, "order_day", facts->order->order_day);
        zd_find_that(finding, ZD_HOLD, "service-before-order");
    }
}

/* What was asked for the service: the invoice's part, and the voucher's too where the invoice covers the own share only. */
static int64_t asked_fen(const zd_facts *facts)
{
    int64_t asked = facts->claim.invoice_part_fen;
    if (!zd_policy_is(facts->policy, ZD_P_INVOICE_COVERS, "full") && !zd_fen_add(&asked, asked, facts->claim.amount_fen)) {
        return ZD_FEN_MAX;
    }
    return asked;
}

/* price × quantity × tolerance, floored; anything beyond the range of money counts as the end of that range. */
static int64_t tolerated_fen(int64_t price_fen, int64_t quantity, int64_t tolerance_bp)
{
    int64_t whole = tolerance_bp / ZD_BP_ONE;
    int64_t total = 0;
    if (price_fen > ZD_FEN_MAX / quantity) {
        return ZD_FEN_MAX;
    }
    int64_t list_fen = price_fen * quantity;
    if (whole > 0 && list_fen > ZD_FEN_MAX / whole) {
        return ZD_FEN_MAX;
    }
    return zd_fen_add(&total, list_fen * whole, zd_fen_share(list_fen, tolerance_bp % ZD_BP_ONE)) ? total : ZD_FEN_MAX;
}

void zd_check_R21(zd_finding *finding, const zd_facts *facts)
{
    /* An order names no quantity, so that there is no price to compare yet; a capture that states none is one unit. */
    if (facts->instrument == NULL || facts->instrument->price_fen == 0 || facts->act == ZD_ON_ORDER) {
        finding->verdict = ZD_NOT_APPLICABLE;
        return;
    }
    int64_t quantity = facts->claim.quantity > 0 ? facts->claim.quantity : 1;
    int64_t limit_fen = tolerated_fen(facts->instrument->price_fen, quantity, zd_policy_int(facts->policy, ZD_P_PRICE_TOLERANCE));
    zd_see_int(finding, "asked_fen", asked_fen(facts));
    zd_see_int(finding, "price_fen", facts->instrument->price_fen);
    zd_see_int(finding, "quantity", quantity);
    zd_see_int(finding, "limit_fen", limit_fen);
    if (asked_fen(facts) > limit_fen) {
        zd_find_that(finding, ZD_HOLD, "above-published-price");
    }
}

void zd_check_R22(zd_finding *finding, const zd_facts *facts)
{
    const zd_hash none = {{0}};
    if (zd_hash_equal(&facts->claim.result, &none)) {
        zd_find_that(finding, ZD_REFUSE, "no-result");
    }
}
