/*
 * Fills the facts of a redemption from the book. One place decides which record answers which question; the rules never see the book. Reads only, so that
 * a dry run is exactly the run without its postings. A fact counts from its valid-from day on.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/act/links.h"
#include "ledger/act/redeem_int.h"
#include "ledger/base/clock.h"
#include "ledger/base/money.h"

static void gather_claim_of_request(zd_claim *claim, const zd_request *request)
{
    claim->holder = zd_req_text(request, ZD_F_HOLDER);
    claim->provider = zd_req_text(request, ZD_F_PROVIDER);
    claim->other_funding_fen = zd_req_int(request, ZD_F_OTHER_FUNDING);
    claim->category = zd_req_text(request, ZD_F_CATEGORY);
    claim->purpose = zd_req_text(request, ZD_F_PURPOSE);
    claim->statutory = zd_req_int(request, ZD_F_STATUTORY) != 0;
    claim->affiliation = zd_req_int(request, ZD_F_AFFILIATION);
    claim->contract = zd_req_text(request, ZD_F_CONTRACT);
    claim->contract_fen = zd_req_int(request, ZD_F_CONTRACT_FEN);
    claim->contract_day = zd_req_int(request, ZD_F_CONTRACT_DATE);
    claim->instrument = zd_req_text(request, ZD_F_INSTRUMENT);
}

static void gather_claim_of_order(zd_claim *claim, const zd_rec_order *order, const zd_request *request)
{
    claim->holder = zd_span_text(order->holder);
    claim->provider = zd_span_text(order->provider);
    claim->other_funding_fen = order->other_funding_fen;
    claim->category = zd_span_text(order->category);
    claim->purpose = zd_span_text(order->purpose);
    claim->statutory = false; /* no statutory test was ever reserved */
    claim->affiliation = order->affiliation;
    claim->contract = zd_span_text(order->contract);
    claim->contract_fen = order->contract_fen;
    claim->contract_day = order->contract_day;
    bool own = zd_req_has(request, ZD_F_INSTRUMENT);
    claim->instrument = own ? zd_req_text(request, ZD_F_INSTRUMENT) : zd_span_text(order->instrument);
}

static void gather_claim_of_service(zd_claim *claim, const zd_request *request)
{
    claim->amount_fen = zd_req_int(request, ZD_F_AMOUNT);
    claim->own_share_fen = zd_req_int(request, ZD_F_OWN_SHARE);
    claim->done_day = zd_req_int(request, ZD_F_DONE);
    claim->quantity = zd_req_int(request, ZD_F_QUANTITY);
    claim->result = *zd_req_hash(request, ZD_F_RESULT);
    claim->invoice = zd_req_text(request, ZD_F_INVOICE);
    claim->invoice_fen = zd_req_int(request, ZD_F_INVOICE_FEN);
    claim->invoice_part_fen = zd_req_int(request, ZD_F_INVOICE_PART);
    claim->invoice_day = zd_req_int(request, ZD_F_INVOICE_DATE);
    claim->seller = zd_req_text(request, ZD_F_SELLER);
    claim->buyer = zd_req_text(request, ZD_F_BUYER);
}

/* A span of a claim as a C string for a key; at most the longest field that a key may hold. */
#define CLAIM_TEXT 161
static const char *text_of(char out[CLAIM_TEXT], zd_span span)
{
    zd_act_set_text(out, CLAIM_TEXT, span);
    return out;
}

static void set_fact(zd_place *at, zd_act *act, int64_t fact, const char *subject)
{
    zd_place_set(at, act->book, ZD_R_FACT, "%s/%s", zd_word_text(ZD_F_FACT, fact), subject);
}

/* A word of an attester that is valid today; NULL when there is none. */
static const zd_rec_fact *fact_at(zd_act *act, zd_place *at)
{
    const zd_rec_fact *found = zd_place_find(at);
    return found != NULL && found->valid_from_day <= act->today_day ? found : NULL;
}

static const zd_rec_fact *fact_of(zd_act *act, int64_t fact, const char *subject)
{
    zd_place at;
    set_fact(&at, act, fact, subject);
    return fact_at(act, &at);
}

void zd_redeem_start(zd_redemption *out, zd_act *act)
{
    memset(out, 0, offsetof(zd_redemption, at));
    for (size_t i = 0; i < ZD_AT__COUNT; i++) {
        zd_place_clear(&out->at[i]);
    }
    zd_place_set(&out->at[ZD_AT_ORDER], act->book, ZD_R_ORDER, "%s", zd_act_text(act, ZD_F_ORDER));
    if (zd_req_has(act->request, ZD_F_ITEM)) {
        zd_place_set(&out->at[ZD_AT_ITEM], act->book, ZD_R_ITEM, "%s", zd_act_text(act, ZD_F_ITEM));
    }
}

static void set_voucher_accounts(zd_redemption *out, zd_act *act, const char *voucher, int64_t year)
{
    zd_place_set(&out->at[ZD_AT_ALLOTTED], act->book, ZD_R_ACCT, "6200/%s/%lld", voucher, (long long)year);
    zd_place_set(&out->at[ZD_AT_RESERVED], act->book, ZD_R_ACCT, "6300/%s/%lld", voucher, (long long)year);
}

/* Names the records of a claim. order, voucher: ids. */
static void set_places(zd_redemption *out, zd_act *act, const char *order, const char *voucher, int64_t tier_day)
{
    const zd_claim *claim = &out->facts.claim;
    zd_book *book = act->book;
    zd_place *at = out->at;
    char holder[CLAIM_TEXT];
    char provider[CLAIM_TEXT];
    char part[CLAIM_TEXT];
    text_of(holder, claim->holder);
    text_of(provider, claim->provider);
    zd_place_set(&at[ZD_AT_HOLDER], book, ZD_R_HOLDER, "%s", holder);
    zd_place_set(&at[ZD_AT_PROVIDER], book, ZD_R_PROVIDER, "%s", provider);
    zd_place_set(&at[ZD_AT_VOUCHER], book, ZD_R_VOUCHER, "%s", voucher);
    if (claim->instrument.size > 0) { /* a service without one has none to look up */
        zd_place_set(&at[ZD_AT_INSTRUMENT], book, ZD_R_INSTR, "%s/%s", provider, text_of(part, claim->instrument));
    }
    zd_place_set(&at[ZD_AT_CONTRACT], book, ZD_R_CONTRACT, "%s/%s/%s", provider, holder, text_of(part, claim->contract));
    zd_place_set(&at[ZD_AT_TIER], book, ZD_R_TIER, "%s/%s/%s/%d", holder, provider, text_of(part, claim->purpose), zd_day_year(tier_day));
    zd_place_set(&at[ZD_AT_AFFILIATION], book, ZD_R_FACT, "%s/%s/%s", zd_word_text(ZD_F_FACT, ZD_FACT(AFFILIATED)), holder, provider);
    zd_place_set(&at[ZD_AT_PROVIDER_LISTED], book, ZD_R_EXC, "%s", provider);
    if (out->facts.act != ZD_ON_CAPTURE) {
        set_fact(&at[ZD_AT_CONSENT], act, ZD_FACT(CONSENT), order);
        set_voucher_accounts(out, act, voucher, zd_day_year(act->today_day));
    }
    if (zd_req_has(act->request, ZD_F_MANDATE)) {
        zd_place_set(&at[ZD_AT_MANDATE], book, ZD_R_MANDATE, "%s/%s", holder, text_of(part, zd_req_text(act->request, ZD_F_MANDATE)));
    }
    if (out->facts.act != ZD_ON_ORDER) {
        zd_span first;
        (void)zd_span_cut(&first, claim->invoice, ',');
        set_fact(&at[ZD_AT_OWN_SHARE], act, ZD_FACT(OWN_SHARE), order);
        set_fact(&at[ZD_AT_OTHER_PLAN], act, ZD_FACT(OTHER_PLAN), order);
        zd_place_set(&at[ZD_AT_INVOICE], book, ZD_R_INVOICE, "%s", text_of(part, first)); /* the record of the first number, mostly; see gather_invoice */
    }
    zd_places_fetch(at, ZD_AT__COUNT);
}

/* Whether the service was done during any suspension of its provider, over or not. */
static bool done_suspended(zd_act *act, const zd_rec_provider *provider, int64_t done_day)
{
    bool found = false;
    if (provider == NULL || provider->suspended_from_day == 0) {
        return false;
    }
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_PSUSP, "%s/", provider->id);
    while (!found && zd_book_next(&cursor)) {
        const zd_rec_psusp *interval = cursor.record;
        int64_t from_day = strtoll(strrchr(cursor.key, '/') + 1, NULL, 10);
        found = done_day >= from_day && done_day <= interval->until_day;
    }
    return found;
}

static void gather_parties(zd_redemption *out, zd_act *act)
{
    zd_facts *facts = &out->facts;
    facts->holder = zd_place_find(&out->at[ZD_AT_HOLDER]);
    facts->provider = zd_place_find(&out->at[ZD_AT_PROVIDER]);
    facts->holder_code_listed = facts->holder != NULL && facts->holder->code[0] != '\0' && zd_book_find(act->book, ZD_R_EXC, "%s", facts->holder->code) != NULL;
    facts->provider_code_listed = zd_place_find(&out->at[ZD_AT_PROVIDER_LISTED]) != NULL;
    facts->done_suspended = done_suspended(act, facts->provider, facts->claim.done_day);
    facts->affiliation_word = fact_at(act, &out->at[ZD_AT_AFFILIATION]);
}

/* What was captured so far under the same contract, and in the tier's period. */
static void gather_sums(zd_redemption *out)
{
    zd_facts *facts = &out->facts;
    const zd_rec_tier *tier = zd_place_find(&out->at[ZD_AT_TIER]);
    facts->instrument = zd_place_find(&out->at[ZD_AT_INSTRUMENT]);
    facts->contract = zd_place_find(&out->at[ZD_AT_CONTRACT]);
    facts->tier_base_fen = tier != NULL ? tier->base_fen : 0;
}

static void gather_consent(zd_redemption *out, zd_act *act)
{
    zd_facts *facts = &out->facts;
    facts->signer_is_holder = act->signer != NULL && act->signer->role == ZD_ROLE(HOLDER) && zd_span_is(facts->claim.holder, act->signer->party);
    facts->mandate_named = zd_req_has(act->request, ZD_F_MANDATE);
    facts->mandate = zd_place_find(&out->at[ZD_AT_MANDATE]);
    facts->consent_word = fact_at(act, &out->at[ZD_AT_CONSENT]);
}

/* Takes from the next leg's account, which is set, what it can give; false when no further pool may join. */
static bool draw(zd_redemption *out, size_t *legs, int64_t *rest_fen, const char *pool)
{
    int64_t balance_fen = zd_account_balance(&out->leg_account[*legs]);
    if (balance_fen <= 0) {
        return true;
    }
    int64_t take_fen = zd_fen_min(balance_fen, *rest_fen);
    if (take_fen > 0) {
        zd_format(out->leg_pool[*legs], sizeof out->leg_pool[*legs], "%s", pool);
        out->leg_fen[*legs] = take_fen;
    }
    *rest_fen -= take_fen;
    if (!zd_fen_add(&out->facts.pool_free_fen, out->facts.pool_free_fen, balance_fen)) {
        out->facts.pool_free_fen = ZD_FEN_MAX;
    }
    return ++*legs < ZD_LEGS;
}

/* A carry can bring two legs of a voucher into one pool; their earmark is one account and is drawn on once. */
static bool drawn_before(const zd_rec_voucher *voucher, size_t leg)
{
    for (size_t i = 0; i < leg; i++) {
        if (strcmp(voucher->leg_pool[i], voucher->leg_pool[leg]) == 0) {
            return true;
        }
    }
    return false;
}

/* Where the amount comes from: the voucher's earmarks when it was funded at issue, else the pools of its jurisdiction in their order. */
static void gather_funding(zd_redemption *out, zd_act *act)
{
    const zd_rec_voucher *voucher = out->facts.voucher;
    int64_t rest_fen = zd_fen_max(out->facts.claim.amount_fen, 0);
    size_t legs = 0;
    bool more = true;
    if (voucher == NULL) {
        return;
    }
    if (voucher->funding_issue != 0) {
        for (size_t i = 0; more && i < ZD_LEGS; i++) {
            if (!drawn_before(voucher, i)) {
                zd_place_set(&out->leg_account[legs], act->book, ZD_R_ACCT, "2100/%s/%s", voucher->id, voucher->leg_pool[i]);
                more = draw(out, &legs, &rest_fen, voucher->leg_pool[i]);
            }
        }
        return;
    }
    int64_t year = zd_rules_budget_year(out->facts.policy, voucher->year, act->today_day);
    zd_book_cursor cursor =
        zd_book_scan(act->book, ZD_R_POOLS, "%s/%lld/%lld/", voucher->jurisdiction, (long long)year, (long long)voucher->holder_class);
    while (more && zd_book_next(&cursor)) {
        const zd_rec_pools *entry = cursor.record;
        const zd_rec_pool *pool = zd_book_find(act->book, ZD_R_POOL, "%s", entry->target);
        if (pool != NULL && pool->closed == 0) {
            zd_place_set(&out->leg_account[legs], act->book, ZD_R_ACCT, "2000/%s", pool->id);
            more = draw(out, &legs, &rest_fen, pool->id);
        }
    }
}

/* Joins the claimed numbers to the known ones, ascending and each once; false when they do not fit. */
static bool merge_numbers(char out[121], zd_span known, zd_span claimed)
{
    zd_buf merged = {0};
    while (known.size > 0 || claimed.size > 0) {
        zd_span a;
        zd_span b;
        zd_span a_rest = zd_span_cut(&a, known, ',');
        zd_span b_rest = zd_span_cut(&b, claimed, ',');
        size_t shorter = a.size < b.size ? a.size : b.size;
        int order = shorter > 0 ? memcmp(a.data, b.data, shorter) : 0;
        order = order != 0 ? order : (a.size > b.size) - (a.size < b.size);
        bool take_known = b.size == 0 || (a.size > 0 && order <= 0);
        if (merged.size > 0) {
            zd_buf_add_byte(&merged, ',');
        }
        zd_buf_add_span(&merged, take_known ? a : b);
        claimed = take_known && order != 0 ? claimed : b_rest;
        known = take_known ? a_rest : known;
    }
    bool fits = zd_span_copy(out, 121, zd_buf_span(&merged));
    zd_buf_free(&merged);
    return fits;
}

/* What attesters have said about one number of the invoice. A void anywhere wins over an ok. */
static void gather_number(zd_redemption *out, zd_act *act, const char *number)
{
    zd_facts *facts = &out->facts;
    const zd_rec_fact *word = fact_of(act, ZD_FACT(INVOICE_CHECK), number);
    if (word != NULL) {
        bool ok = strcmp(word->value, "ok") == 0;
        if (!ok || facts->invoice_word == ZD_INV_UNCHECKED) {
            facts->invoice_word = ok ? ZD_INV_OK : ZD_INV_VOID;
            out->invoice_word_day = word->valid_from_day != 0 ? word->valid_from_day : act->today_day;
        }
    }
    facts->invoice_other_plan = facts->invoice_other_plan || fact_of(act, ZD_FACT(OTHER_PLAN), number) != NULL;
}

/* Red letters that came before any capture named this number: a record that knows it has counted them. */
static void gather_red(zd_redemption *out, zd_act *act, const char *number)
{
    const zd_rec_fact *red = fact_of(act, ZD_FACT(RED_LETTER), number);
    if (red != NULL && !zd_fen_add(&out->facts.invoice_red_fen, out->facts.invoice_red_fen, red->amount_fen)) {
        out->facts.invoice_red_fen = ZD_FEN_MAX;
    }
}

static void gather_invoice(zd_redemption *out, zd_act *act)
{
    zd_facts *facts = &out->facts;
    zd_span rest = facts->claim.invoice;
    char number[CLAIM_TEXT];
    while (rest.size > 0) {
        zd_span head;
        rest = zd_span_cut(&head, rest, ',');
        text_of(number, head);
        gather_number(out, act, number);
        const zd_rec_invoice *found = zd_invoice_of(act, number);
        if (found != NULL) {
            facts->invoice_tangled = facts->invoice_tangled || (facts->invoice != NULL && found != facts->invoice);
            facts->invoice = found;
        } else {
            gather_red(out, act, number);
        }
    }
    const zd_rec_invoice *known = facts->invoice;
    if (known == NULL) {
        zd_span first;
        (void)zd_span_cut(&first, facts->claim.invoice, ',');
        bool fits = zd_span_copy(out->invoice_id, sizeof out->invoice_id, first) &&
                    zd_span_copy(out->invoice_numbers, sizeof out->invoice_numbers, facts->claim.invoice);
        facts->invoice_tangled = facts->invoice_tangled || !fits;
        return;
    }
    zd_format(out->invoice_id, sizeof out->invoice_id, "%s", known->id);
    zd_place_set(&out->at[ZD_AT_INVOICE], act->book, ZD_R_INVOICE, "%s", known->id);
    bool fits = merge_numbers(out->invoice_numbers, zd_span_text(known->numbers), facts->claim.invoice);
    facts->invoice_tangled = facts->invoice_tangled || !fits;
    facts->invoice_other_plan = facts->invoice_other_plan || known->other_plan != 0;
    if (known->checked == ZD_INV_VOID || (known->checked == ZD_INV_OK && facts->invoice_word == ZD_INV_UNCHECKED)) {
        facts->invoice_word = known->checked;
        out->invoice_word_day = known->checked_day;
    }
}

/* What belongs to the order of a capture or direct redemption: its attested own share, and another plan's claim on the service. */
static void gather_order_facts(zd_redemption *out, zd_act *act)
{
    const zd_rec_fact *own = fact_at(act, &out->at[ZD_AT_OWN_SHARE]);
    out->facts.own_attested_fen = own != NULL ? own->amount_fen : 0;
    out->facts.service_other_plan = fact_at(act, &out->at[ZD_AT_OTHER_PLAN]) != NULL;
}

static void gather_signer(zd_redemption *out, zd_act *act)
{
    out->facts.key_limited = act->signer != NULL && act->signer->has_limit != 0;
    out->facts.key_limit_fen = act->signer != NULL ? act->signer->limit_fen : 0;
    out->facts.act_fen = out->facts.claim.amount_fen;
}

static void gather_voucher_left(zd_redemption *out, zd_act *act)
{
    const zd_rec_voucher *voucher = out->facts.voucher;
    if (voucher == NULL) {
        return;
    }
    if (voucher->year != zd_day_year(act->today_day)) {
        set_voucher_accounts(out, act, voucher->id, voucher->year);
    }
    out->facts.voucher_left_fen = zd_account_balance(&out->at[ZD_AT_ALLOTTED]);
}

bool zd_redeem_gather_order(zd_redemption *out, zd_act *act, zd_rule_act kind)
{
    ZD_ASSERT(kind == ZD_ON_ORDER || kind == ZD_ON_DIRECT);
    zd_facts *facts = &out->facts;
    facts->act = kind;
    facts->policy = zd_act_policy_now(act);
    facts->today_day = act->today_day;
    if (facts->policy == NULL) {
        return false;
    }
    gather_claim_of_request(&facts->claim, act->request);
    gather_claim_of_service(&facts->claim, act->request);
    int64_t tier_day = kind == ZD_ON_ORDER ? act->today_day : facts->claim.done_day;
    set_places(out, act, zd_act_text(act, ZD_F_ORDER), zd_act_text(act, ZD_F_VOUCHER), tier_day);
    gather_parties(out, act);
    gather_consent(out, act);
    gather_sums(out);
    facts->voucher = zd_place_find(&out->at[ZD_AT_VOUCHER]);
    gather_voucher_left(out, act);
    gather_funding(out, act);
    if (kind == ZD_ON_DIRECT) {
        gather_order_facts(out, act);
        gather_invoice(out, act);
    }
    gather_signer(out, act);
    return true;
}

bool zd_redeem_gather_capture(zd_redemption *out, zd_act *act, const zd_rec_order *order)
{
    zd_facts *facts = &out->facts;
    facts->act = ZD_ON_CAPTURE;
    facts->policy = zd_act_policy(act, order->policy);
    facts->today_day = act->today_day;
    if (facts->policy == NULL) {
        return false;
    }
    facts->order = order;
    gather_claim_of_order(&facts->claim, order, act->request);
    gather_claim_of_service(&facts->claim, act->request);
    set_places(out, act, order->id, order->voucher, facts->claim.done_day);
    gather_parties(out, act);
    gather_sums(out);
    facts->voucher = zd_place_find(&out->at[ZD_AT_VOUCHER]);
    facts->own_used_fen = order->own_used_fen;
    facts->inherited_gates = (zd_check_set)order->gates;
    facts->inherited_holds = (zd_check_set)order->holds;
    facts->inherited_flags = (zd_check_set)order->flags;
    gather_order_facts(out, act);
    gather_invoice(out, act);
    gather_signer(out, act);
    return true;
}
