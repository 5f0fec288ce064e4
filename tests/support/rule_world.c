/* The world in which no check fires, and its changes by name; see rule_world.h. */
#include "tests/support/rule_world.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"

#define HOLDER_CODE "91330602X000000271"
#define PROVIDER_CODE "12330600X00000086C"

static int64_t day(const char *date)
{
    int64_t out = 0;
    assert_true(zd_date_parse(&out, zd_span_text(date)));
    return out;
}

zd_rule_act zd_rule_act_of(char letter)
{
    static const char letters[] = "OCDEIU";
    const char *found = strchr(letters, letter);
    assert_non_null(found);
    return (zd_rule_act)(found - letters);
}

static void set_claim(zd_rule_world *w)
{
    zd_claim *claim = &w->facts.claim;
    claim->holder = zd_span_text(HOLDER_CODE);
    claim->provider = zd_span_text(PROVIDER_CODE);
    claim->amount_fen = 190000;
    claim->own_share_fen = 190000;
    claim->category = zd_span_text("testing");
    claim->purpose = zd_span_text("material");
    claim->contract_fen = 380000;
    claim->contract_day = day("2026-04-30");
    claim->done_day = day("2026-05-18");
    claim->invoice = zd_span_text("26330000000000000001");
    claim->invoice_fen = 380000;
    claim->invoice_part_fen = 380000;
    claim->invoice_day = day("2026-05-19");
    claim->seller = zd_span_text(PROVIDER_CODE);
    claim->buyer = zd_span_text(HOLDER_CODE);
    w->result = 1;
}

static void set_parties(zd_rule_world *w)
{
    w->holder.holder_class = ZD_CLASS(ENTERPRISE);
    zd_format(w->holder.id, sizeof w->holder.id, "%s", HOLDER_CODE);
    zd_format(w->holder.code, sizeof w->holder.code, "%s", HOLDER_CODE);
    w->holder.eligible_from_day = day("2026-01-01");
    w->holder.eligible_to_day = day("2026-12-31");
    zd_format(w->provider.id, sizeof w->provider.id, "%s", PROVIDER_CODE);
    zd_format(w->provider.categories, sizeof w->provider.categories, "instrument,testing");
    w->provider.admitted_from_day = day("2026-01-01");
    w->provider.admitted_to_day = day("2026-12-31");
    zd_format(w->instr.provider, sizeof w->instr.provider, "%s", PROVIDER_CODE);
    zd_format(w->instr.categories, sizeof w->instr.categories, "instrument,testing");
    w->instr.shared = 1;
    w->instr.usable = 1;
    w->instr.price_fen = 380000;
}

static void set_voucher(zd_rule_world *w)
{
    zd_format(w->voucher.holder, sizeof w->voucher.holder, "%s", HOLDER_CODE);
    zd_format(w->voucher.categories, sizeof w->voucher.categories, "instrument,testing");
    w->voucher.year = 2026;
    w->voucher.state = ZD_V_ACTIVE;
    w->voucher.use_by_day = day("2026-12-31");
    w->order.amount_fen = 190000;
    w->order.rest_fen = 190000;
    w->order.order_day = day("2026-05-01");
    w->order.deadline_day = day("2026-07-30");
    zd_format(w->mandate.holder, sizeof w->mandate.holder, "%s", HOLDER_CODE);
    zd_format(w->mandate.providers, sizeof w->mandate.providers, "%s", PROVIDER_CODE);
    w->mandate.amount_fen = 190000;
    w->mandate.until_day = day("2026-12-31");
    zd_format(w->invoice.holder, sizeof w->invoice.holder, "%s", HOLDER_CODE);
    zd_format(w->invoice.provider, sizeof w->invoice.provider, "%s", PROVIDER_CODE);
    w->invoice.gross_fen = 380000;
}

void zd_rule_world_begin(zd_rule_world *w, const zd_policy *policy, zd_rule_act act)
{
    memset(w, 0, sizeof *w);
    w->policy = *policy;
    set_claim(w);
    set_parties(w);
    set_voucher(w);
    zd_facts *facts = &w->facts;
    facts->act = act;
    facts->policy = &w->policy;
    facts->today_day = day("2026-05-20");
    facts->holder = &w->holder;
    facts->provider = &w->provider;
    facts->voucher = &w->voucher;
    facts->order = act == ZD_ON_CAPTURE ? &w->order : NULL;
    facts->signer_is_holder = true;
    facts->voucher_left_fen = 20000000;
    facts->quota_left_fen = 20000000;
    facts->own_attested_fen = 190000;
    facts->pool_free_fen = 100000000;
    facts->invoice_word = ZD_INV_OK;
    facts->word_day = day("2026-05-19");
    facts->services = 1;
    facts->contact_holders = 1;
    facts->account_version = 1;
    facts->act_fen = 190000;
    facts->person = zd_span_text("p-now");
    facts->maker = zd_span_text("p-maker");
    facts->jurisdiction_fits = true;
    facts->typed_count = 2;
    facts->sealed_count = 2;
    facts->typed_fen = 400000;
    facts->sealed_fen = 400000;
}

/* What a row may change, by name: where it lies in the world and how it is written. */
typedef enum slot_kind { NUMBER, FLAG, SPAN, TEXT } slot_kind;
typedef struct slot {
    const char *name;
    slot_kind kind;
    size_t offset;
    size_t size;
} slot;
#define NUMBER_AT(name, member) {name, NUMBER, offsetof(zd_rule_world, member), 0}
#define FLAG_AT(name, member) {name, FLAG, offsetof(zd_rule_world, member), 0}
#define SPAN_AT(name, member) {name, SPAN, offsetof(zd_rule_world, member), 0}
#define TEXT_AT(name, member) {name, TEXT, offsetof(zd_rule_world, member), sizeof ((zd_rule_world *)0)->member}

static const slot slots[] = {
    NUMBER_AT("amount", facts.claim.amount_fen), NUMBER_AT("own", facts.claim.own_share_fen), NUMBER_AT("other", facts.claim.other_funding_fen),
    NUMBER_AT("contract", facts.claim.contract_fen), NUMBER_AT("done", facts.claim.done_day), NUMBER_AT("quantity", facts.claim.quantity),
    NUMBER_AT("invoice_fen", facts.claim.invoice_fen), NUMBER_AT("part", facts.claim.invoice_part_fen), NUMBER_AT("invoice_day", facts.claim.invoice_day),
    NUMBER_AT("affiliation", facts.claim.affiliation), NUMBER_AT("voucher_left", facts.voucher_left_fen), NUMBER_AT("quota_left", facts.quota_left_fen),
    NUMBER_AT("tier_base", facts.tier_base_fen), NUMBER_AT("own_used", facts.own_used_fen), NUMBER_AT("own_attested", facts.own_attested_fen),
    NUMBER_AT("pool_free", facts.pool_free_fen), NUMBER_AT("word", facts.invoice_word), NUMBER_AT("word_day", facts.word_day),
    NUMBER_AT("invoice_red", facts.invoice_red_fen), NUMBER_AT("overlapping", facts.overlapping), NUMBER_AT("opposite", facts.opposite),
    NUMBER_AT("services", facts.services), NUMBER_AT("services_near", facts.services_near), NUMBER_AT("contact_holders", facts.contact_holders),
    NUMBER_AT("account_version", facts.account_version), NUMBER_AT("account_cooling", facts.account_cooling_day),
    NUMBER_AT("key_limit", facts.key_limit_fen), NUMBER_AT("typed_count", facts.typed_count), NUMBER_AT("typed_fen", facts.typed_fen),
    NUMBER_AT("result", result), NUMBER_AT("holder.class", holder.holder_class), NUMBER_AT("holder.eligible_from", holder.eligible_from_day),
    NUMBER_AT("holder.eligible_to", holder.eligible_to_day), NUMBER_AT("holder.banned_until", holder.banned_until_day),
    NUMBER_AT("provider.admitted_from", provider.admitted_from_day), NUMBER_AT("provider.admitted_to", provider.admitted_to_day),
    NUMBER_AT("provider.removed", provider.removed_day), NUMBER_AT("provider.suspended_until", provider.suspended_until_day),
    NUMBER_AT("provider.banned_until", provider.banned_until_day), NUMBER_AT("voucher.state", voucher.state), NUMBER_AT("voucher.use_by", voucher.use_by_day),
    NUMBER_AT("order.rest", order.rest_fen), NUMBER_AT("order.amount", order.amount_fen), NUMBER_AT("order.deadline", order.deadline_day),
    NUMBER_AT("mandate.used", mandate.used_fen), NUMBER_AT("mandate.until", mandate.until_day), NUMBER_AT("mandate.withdrawn", mandate.withdrawn),
    NUMBER_AT("consent_word.used", consent.used), NUMBER_AT("instr.shared", instr.shared), NUMBER_AT("instr.usable", instr.usable),
    NUMBER_AT("instr.customs", instr.customs), NUMBER_AT("instr.price", instr.price_fen), NUMBER_AT("contract_record.sum", contract.contract_fen),
    NUMBER_AT("contract_record.used", contract.reserved_base_fen), NUMBER_AT("invoice_record.used", invoice.used_fen),
    NUMBER_AT("invoice_record.red", invoice.red_fen), NUMBER_AT("invoice_record.gross", invoice.gross_fen),
    FLAG_AT("statutory", facts.claim.statutory), FLAG_AT("holder_listed", facts.holder_code_listed), FLAG_AT("provider_listed", facts.provider_code_listed), FLAG_AT("done_suspended", facts.done_suspended),
    FLAG_AT("signer_is_holder", facts.signer_is_holder), FLAG_AT("mandate_named", facts.mandate_named), FLAG_AT("group", facts.group_declared),
    FLAG_AT("invoice_tangled", facts.invoice_tangled), FLAG_AT("invoice_other_plan", facts.invoice_other_plan),
    FLAG_AT("service_other_plan", facts.service_other_plan), FLAG_AT("key_limited", facts.key_limited), FLAG_AT("releasing", facts.releasing),
    FLAG_AT("jurisdiction_fits", facts.jurisdiction_fits),
    SPAN_AT("holder", facts.claim.holder), SPAN_AT("provider", facts.claim.provider), SPAN_AT("seller", facts.claim.seller), SPAN_AT("buyer", facts.claim.buyer),
    SPAN_AT("category", facts.claim.category), SPAN_AT("purpose", facts.claim.purpose), SPAN_AT("instrument", facts.claim.instrument),
    SPAN_AT("invoice", facts.claim.invoice), SPAN_AT("person", facts.person), SPAN_AT("checker", facts.checker),
    TEXT_AT("holder.code", holder.code), TEXT_AT("provider.categories", provider.categories), TEXT_AT("voucher.holder", voucher.holder),
    TEXT_AT("voucher.categories", voucher.categories), TEXT_AT("mandate.providers", mandate.providers), TEXT_AT("mandate.holder", mandate.holder),
    TEXT_AT("instr.provider", instr.provider), TEXT_AT("instr.categories", instr.categories), TEXT_AT("invoice_record.holder", invoice.holder),
    TEXT_AT("invoice_record.provider", invoice.provider), TEXT_AT("affiliation_word.value", affiliation.value),
};

static int64_t number_of(zd_span value)
{
    int64_t out = 0;
    char text[32];
    if (zd_date_parse(&out, value)) {
        return out;
    }
    assert_true(zd_span_copy(text, sizeof text, value));
    char *end = NULL;
    out = strtoll(text, &end, 10);
    assert_true(value.size > 0 && *end == '\0');
    return out;
}

static void change_policy(zd_rule_world *w, zd_span name, zd_span value)
{
    for (unsigned p = 0; p < ZD_P__COUNT; p++) {
        if (zd_span_is(name, zd_param_name((zd_param)p))) {
            if (zd_param_is_text((zd_param)p)) {
                assert_true(zd_span_copy(w->policy.text[p], sizeof w->policy.text[p], value));
            } else {
                w->policy.value[p] = number_of(value);
            }
            return;
        }
    }
    fail_msg("no parameter %.*s", (int)name.size, (const char *)name.data);
}

static void point(zd_rule_world *w, zd_span name, bool have)
{
    zd_facts *facts = &w->facts;
    if (zd_span_is(name, "holder")) {
        facts->holder = NULL;
    } else if (zd_span_is(name, "provider")) {
        facts->provider = NULL;
    } else if (zd_span_is(name, "voucher")) {
        facts->voucher = NULL;
    } else if (zd_span_is(name, "order")) {
        facts->order = NULL;
    } else if (zd_span_is(name, "mandate")) {
        facts->mandate = &w->mandate;
        facts->mandate_named = true;
    } else if (zd_span_is(name, "consent_word")) {
        facts->consent_word = &w->consent;
    } else if (zd_span_is(name, "affiliation_word")) {
        facts->affiliation_word = &w->affiliation;
    } else if (zd_span_is(name, "instr")) {
        facts->instrument = &w->instr;
    } else if (zd_span_is(name, "contract")) {
        facts->contract = &w->contract;
    } else if (zd_span_is(name, "invoice")) {
        facts->invoice = &w->invoice;
    } else {
        fail_msg("nothing to %s: %.*s", have ? "have" : "drop", (int)name.size, (const char *)name.data);
    }
}

static void change(zd_rule_world *w, zd_span name, zd_span value)
{
    if (zd_span_starts(name, "policy.")) {
        change_policy(w, zd_span_of(name.data + 7, name.size - 7), value);
        return;
    }
    if (zd_span_is(name, "have") || zd_span_is(name, "drop")) {
        point(w, value, zd_span_is(name, "have"));
        return;
    }
    for (size_t i = 0; i < ZD_COUNT(slots); i++) {
        char *at = (char *)w + slots[i].offset;
        if (!zd_span_is(name, slots[i].name)) {
            continue;
        }
        switch (slots[i].kind) {
        case NUMBER:
            *(int64_t *)(void *)at = number_of(value);
            return;
        case FLAG:
            *(bool *)at = number_of(value) != 0;
            return;
        case SPAN:
            assert_true(zd_span_copy(w->text[w->texts], sizeof w->text[0], value));
            *(zd_span *)(void *)at = zd_span_text(w->text[w->texts++]);
            return;
        case TEXT:
            assert_true(zd_span_copy(at, slots[i].size, value));
            return;
        }
    }
    fail_msg("no such fact: %.*s", (int)name.size, (const char *)name.data);
}

void zd_rule_world_change(zd_rule_world *w, zd_span changes)
{
    while (changes.size > 0) {
        zd_span one;
        zd_span name;
        changes = zd_span_cut(&one, changes, ';');
        if (one.size > 0) {
            zd_span value = zd_span_cut(&name, one, '=');
            change(w, name, value);
        }
    }
    w->facts.claim.result.bytes[0] = (uint8_t)w->result;
}
