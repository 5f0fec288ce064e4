/*
 * Checks of the invoice: R29 R30 R31 R32 R33 R34. An invoice is a record with all its numbers; captures allocate parts of it, so that one service
 * can be billed once and paid in several parts, never more.
 */
#include "ledger/base/clock.h"
#include "ledger/base/money.h"
#include "ledger/record/identifiers.h"
#include "ledger/rules/checks_int.h"

/* The next number of the list, false at its end. */
static bool next_number(zd_span *number, zd_span *rest)
{
    if (rest->size == 0) {
        return false;
    }
    *rest = zd_span_cut(number, *rest, ',');
    return true;
}

void zd_check_R29(zd_finding *finding, const zd_facts *facts)
{
    zd_span rest = facts->claim.invoice;
    zd_span number;
    zd_invoice_number parsed;
    if (rest.size == 0) {
        zd_find_that(finding, ZD_REFUSE, "no-number");
    }
    while (next_number(&number, &rest)) {
        if (!zd_invoice_number_parse(&parsed, number)) {
            zd_see_text(finding, "number", number);
            zd_find_that(finding, ZD_REFUSE, "form");
            return;
        }
    }
}

void zd_check_R30(zd_finding *finding, const zd_facts *facts)
{
    const zd_rec_holder *holder = facts->holder;
    zd_span buyer = facts->claim.buyer;
    zd_see_text(finding, "seller", facts->claim.seller);
    zd_see_text(finding, "buyer", buyer);
    if (!zd_span_equal(facts->claim.seller, facts->claim.provider)) {
        zd_find_that(finding, ZD_REFUSE, "seller");
        return;
    }
    if (holder == NULL) {
        return;
    }
    /* An entrepreneur buys as a natural person, or with the code of the firm that it has become. */
    bool person = holder->holder_class == ZD_CLASS(ENTREPRENEUR) && zd_span_is(buyer, "person");
    bool firm = holder->code[0] != '\0' && zd_span_is(buyer, holder->code);
    if (!person && !firm) {
        zd_find_that(finding, ZD_REFUSE, "buyer");
    }
}

void zd_check_R31(zd_finding *finding, const zd_facts *facts)
{
    zd_span rest = facts->claim.invoice;
    zd_span number;
    zd_invoice_number parsed;
    int64_t year = zd_day_year(facts->claim.invoice_day);
    zd_see_int(finding, "invoice_day", facts->claim.invoice_day);
    zd_see_int(finding, "invoice_year", year);
    while (next_number(&number, &rest)) {
        if (!zd_invoice_number_parse(&parsed, number)) {
            continue; /* R29 refuses */
        }
        /* The digital form carries the year of issue; the codes of the older forms that of printing, which may lie before. */
        bool fits = parsed.form == ZD_INVOICE_DIGITAL ? parsed.year == year : parsed.year <= year;
        if (!fits) {
            zd_see_int(finding, "number_year", parsed.year);
            zd_find_that(finding, ZD_REFUSE, "year-in-number");
            return;
        }
    }
    if (facts->claim.invoice_day > facts->today_day) {
        zd_see_int(finding, "today_day", facts->today_day);
        zd_find_that(finding, ZD_REFUSE, "date-ahead");
    } else if (facts->voucher != NULL && year < facts->voucher->year) {
        zd_see_int(finding, "voucher_year", facts->voucher->year);
        zd_find_that(finding, ZD_REFUSE, "before-quota-year");
    }
}

static int64_t remaining_fen(const zd_facts *facts)
{
    const zd_rec_invoice *invoice = facts->invoice;
    int64_t known_fen = invoice != NULL ? invoice->gross_fen - invoice->used_fen - invoice->red_fen : facts->claim.invoice_fen;
    return known_fen - facts->invoice_red_fen;
}

void zd_check_R32(zd_finding *finding, const zd_facts *facts)
{
    const zd_rec_invoice *invoice = facts->invoice;
    zd_see_int(finding, "part_fen", facts->claim.invoice_part_fen);
    zd_see_int(finding, "remaining_fen", remaining_fen(facts));
    if (facts->invoice_tangled) {
        zd_find_that(finding, ZD_REFUSE, "numbers-of-several-invoices");
    } else if (facts->invoice_other_plan) {
        zd_find_that(finding, ZD_REFUSE, "other-plan");
    } else if (facts->claim.invoice_part_fen > remaining_fen(facts)) {
        zd_find_that(finding, ZD_REFUSE, "used-up");
    } else if (invoice != NULL && (!zd_span_is(facts->claim.holder, invoice->holder) || !zd_span_is(facts->claim.provider, invoice->provider))) {
        zd_see_text(finding, "claimed_by_holder", zd_span_text(invoice->holder));
        zd_see_text(finding, "claimed_by_provider", zd_span_text(invoice->provider));
        zd_find_that(finding, ZD_HOLD, "another-pair");
    }
}

void zd_check_R33(zd_finding *finding, const zd_facts *facts)
{
    zd_see_int(finding, "word", facts->invoice_word);
    if (facts->invoice_word != ZD_INV_OK) {
        zd_find_that(finding, ZD_GATE, facts->invoice_word == ZD_INV_VOID ? "void" : "no-word");
        return;
    }
    if (facts->act == ZD_ON_SEAL) {
        zd_see_int(finding, "word_day", facts->word_day);
        if (facts->today_day > facts->word_day + zd_policy_int(facts->policy, ZD_P_RECHECK_DAYS)) {
            zd_find_that(finding, ZD_FLAG, "word-is-old");
        }
    }
}

void zd_check_R34(zd_finding *finding, const zd_facts *facts)
{
    const zd_claim *claim = &facts->claim;
    int64_t must_cover_fen = claim->own_share_fen;
    if (zd_policy_is(facts->policy, ZD_P_INVOICE_COVERS, "full") && !zd_fen_add(&must_cover_fen, must_cover_fen, claim->amount_fen)) {
        must_cover_fen = ZD_FEN_MAX;
    }
    zd_see_int(finding, "part_fen", claim->invoice_part_fen);
    zd_see_int(finding, "must_cover_fen", must_cover_fen);
    if (claim->invoice_part_fen < must_cover_fen) {
        zd_find_that(finding, ZD_REFUSE, "part-too-small");
    } else if (facts->invoice != NULL && facts->invoice->gross_fen != claim->invoice_fen) {
        zd_see_int(finding, "recorded_fen", facts->invoice->gross_fen);
        zd_find_that(finding, ZD_REFUSE, "gross-differs");
    }
}
