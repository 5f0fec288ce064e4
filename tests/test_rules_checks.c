/*
 * Every check on pure facts, driven by tests/tables/checks.tsv: a case in which nothing fires, changed by the row, must give the row's verdict, and the full run
 * the row's answer ("-" = no refusal). Acts: O order, C capture, D direct, E seal, I issue, U duty. Each check needs, for each of its acts, a row that
 * fires and one that does not.
 */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/durable.h"
#include "ledger/rules/decide.h"

#define HOLDER_CODE "91330602X000000271"
#define PROVIDER_CODE "12330600X00000086C"

typedef struct world {
    zd_policy policy;
    zd_facts facts;
    zd_rec_holder holder;
    zd_rec_provider provider;
    zd_rec_voucher voucher;
    zd_rec_order order;
    zd_rec_instr instr;
    zd_rec_mandate mandate;
    zd_rec_contract contract;
    zd_rec_invoice invoice;
    zd_rec_fact consent;
    zd_rec_fact affiliation;
    int64_t result;
    char text[16][64]; /* what spans of the row point to */
    size_t texts;
} world;

static zd_policy base_policy;

static int64_t day(const char *date)
{
    int64_t out = 0;
    assert_true(zd_date_parse(&out, zd_span_text(date)));
    return out;
}

static zd_rule_act act_of(char letter)
{
    static const char letters[] = "OCDEIU";
    const char *found = strchr(letters, letter);
    assert_non_null(found);
    return (zd_rule_act)(found - letters);
}

static void set_claim(world *w)
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

static void set_parties(world *w)
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

static void set_voucher(world *w)
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

/* The case in which no check of any act fires. */
static void begin(world *w, zd_rule_act act)
{
    memset(w, 0, sizeof *w);
    w->policy = base_policy;
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
#define NUMBER_AT(name, member) {name, NUMBER, offsetof(world, member), 0}
#define FLAG_AT(name, member) {name, FLAG, offsetof(world, member), 0}
#define SPAN_AT(name, member) {name, SPAN, offsetof(world, member), 0}
#define TEXT_AT(name, member) {name, TEXT, offsetof(world, member), sizeof ((world *)0)->member}

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
    FLAG_AT("statutory", facts.claim.statutory), FLAG_AT("holder_listed", facts.holder_code_listed), FLAG_AT("provider_listed", facts.provider_code_listed),
    FLAG_AT("signer_is_holder", facts.signer_is_holder), FLAG_AT("mandate_named", facts.mandate_named), FLAG_AT("group", facts.group_declared),
    FLAG_AT("invoice_tangled", facts.invoice_tangled), FLAG_AT("invoice_other_plan", facts.invoice_other_plan),
    FLAG_AT("service_other_plan", facts.service_other_plan), FLAG_AT("key_limited", facts.key_limited), FLAG_AT("releasing", facts.releasing),
    FLAG_AT("jurisdiction_fits", facts.jurisdiction_fits),
    SPAN_AT("provider", facts.claim.provider), SPAN_AT("seller", facts.claim.seller), SPAN_AT("buyer", facts.claim.buyer),
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

static void change_policy(world *w, zd_span name, zd_span value)
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

static void point(world *w, zd_span name, bool have)
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

static void change(world *w, zd_span name, zd_span value)
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

static void change_all(world *w, zd_span changes)
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

typedef struct row {
    zd_span check, acts, verdict, answer, changes, note;
    zd_check number;
} row;

static zd_buf table;

static bool next_row(row *out, zd_span *rest)
{
    zd_span line;
    if (rest->size == 0) {
        return false;
    }
    *rest = zd_span_cut(&line, *rest, '\n');
    line = zd_span_cut(&out->check, line, '\t');
    line = zd_span_cut(&out->acts, line, '\t');
    line = zd_span_cut(&out->verdict, line, '\t');
    line = zd_span_cut(&out->answer, line, '\t');
    out->note = zd_span_cut(&out->changes, line, '\t');
    for (unsigned i = 0; i < ZD_CHECK__COUNT; i++) {
        if (zd_span_is(out->check, zd_check_code_name(i))) {
            out->number = (zd_check)i;
            return true;
        }
    }
    fail_msg("no check %.*s", (int)out->check.size, (const char *)out->check.data);
    return false;
}

static zd_span rows_of_table(void)
{
    zd_span header;
    return zd_span_cut(&header, zd_buf_span(&table), '\n');
}

static void run_row(const row *r, char letter)
{
    static world w;
    zd_finding finding;
    zd_ruling ruling;
    begin(&w, act_of(letter));
    change_all(&w, r->changes);
    zd_rules_check(&finding, r->number, &w.facts);
    zd_rules_run(&ruling, &w.facts);
    const char *answer = ruling.code == ZD_CODE_NONE ? "-" : zd_code_name(ruling.code);
    bool right = zd_span_is(r->verdict, zd_verdict_name(finding.verdict)) && zd_span_is(r->answer, answer);
    if (!right) {
        print_error("%.*s on %c with %.*s (%.*s): got %s, answer %s\n", (int)r->check.size, (const char *)r->check.data, letter, (int)r->changes.size,
                    (const char *)r->changes.data, (int)r->note.size, (const char *)r->note.data, zd_verdict_name(finding.verdict), answer);
    }
    assert_true(right);
    zd_check_set bit = (zd_check_set)1 << r->number;
    assert_int_equal((ruling.gates & bit) != 0, finding.verdict == ZD_GATE);
    assert_int_equal((ruling.holds & bit) != 0, finding.verdict == ZD_HOLD);
    assert_int_equal((ruling.flags & bit) != 0, finding.verdict == ZD_FLAG);
}

static void every_row__on_changed_facts_gives_its_verdict(void **state)
{
    (void)state;
    zd_span rest = rows_of_table();
    row r;
    size_t cases = 0;
    while (next_row(&r, &rest)) {
        for (size_t i = 0; i < r.acts.size; i++, cases++) {
            run_row(&r, (char)r.acts.data[i]);
        }
    }
    assert_true(cases > 300);
}

static void every_check__for_each_of_its_acts_has_a_firing_and_a_quiet_row(void **state)
{
    (void)state;
    static bool fires[ZD_CHECK__COUNT][ZD_ON__COUNT];
    static bool quiet[ZD_CHECK__COUNT][ZD_ON__COUNT];
    zd_span rest = rows_of_table();
    row r;
    while (next_row(&r, &rest)) {
        bool still = zd_span_is(r.verdict, "pass") || zd_span_is(r.verdict, "not-applicable");
        for (size_t i = 0; i < r.acts.size; i++) {
            zd_rule_act act = act_of((char)r.acts.data[i]);
            assert_true(zd_check_on(r.number, act)); /* a row on a foreign act would prove nothing */
            fires[r.number][act] = fires[r.number][act] || !still;
            quiet[r.number][act] = quiet[r.number][act] || still;
        }
    }
    for (unsigned c = 0; c < ZD_CHECK__COUNT; c++) {
        for (unsigned a = 0; a < ZD_ON__COUNT; a++) {
            bool on = zd_check_on((zd_check)c, (zd_rule_act)a);
            bool never = c == ZD_CHECK_R21 && a == ZD_ON_ORDER; /* an order names no quantity */
            if (on && !((fires[c][a] || never) && quiet[c][a])) {
                fail_msg("%s lacks a row for act %u", zd_check_code_name(c), a);
            }
        }
    }
}

static void clean_facts__on_any_act_fire_nothing(void **state)
{
    (void)state;
    for (unsigned a = 0; a < ZD_ON__COUNT; a++) {
        static world w;
        zd_ruling ruling;
        begin(&w, (zd_rule_act)a);
        change_all(&w, zd_span_text(""));
        zd_rules_run(&ruling, &w.facts);
        assert_int_equal(ruling.code, ZD_CODE_NONE);
        assert_int_equal(ruling.gates | ruling.holds | ruling.flags, 0);
    }
}

/* Every pointer NULL, every number 0: a dry run of nonsense must end in a verdict for each check. */
static void empty_facts__on_any_act_are_survived(void **state)
{
    (void)state;
    for (unsigned a = 0; a < ZD_ON__COUNT; a++) {
        zd_facts facts = {.act = (zd_rule_act)a, .policy = &base_policy};
        zd_ruling ruling;
        zd_rules_run(&ruling, &facts);
    }
    zd_facts facts = {.act = ZD_ON_ORDER, .policy = &base_policy};
    zd_ruling ruling;
    zd_rules_run(&ruling, &facts);
    assert_string_equal(zd_code_name(ruling.code), "R02");
}

static void ruling__with_two_refusals_answers_with_the_first_and_shows_both(void **state)
{
    (void)state;
    static world w;
    zd_ruling ruling;
    zd_decision decision = {0};
    begin(&w, ZD_ON_ORDER);
    change_all(&w, zd_span_text("signer_is_holder=0;purpose=training;pool_free=189999;affiliation=2"));
    zd_rules_decide(&ruling, &decision, &w.facts);
    assert_int_equal(decision.outcome, ZD_REFUSED_BY_RULE);
    assert_string_equal(zd_code_name(decision.code), "R17");
    assert_int_equal(decision.gates, ZD_CHECK_BIT(R06));
    assert_int_equal(decision.flags, ZD_CHECK_BIT(R35));
    assert_string_equal(zd_buf_text(&decision.saw),
                        "{\"R06\":{\"consent\":\"missing\",\"amount_fen\":190000,\"why\":\"missing\"},\"R17\":{\"purpose\":\"training\",\"why\":\"excluded\"},"
                        "\"R27\":{\"amount_fen\":190000,\"free_fen\":189999,\"why\":\"pool\"},\"R35\":{\"declared\":\"undeclared\",\"why\":\"undeclared\"}}");
    zd_decision_free(&decision);
}

static void ruling__inherited_gates_and_holds_stay(void **state)
{
    (void)state;
    static world w;
    zd_ruling ruling;
    zd_decision decision = {0};
    begin(&w, ZD_ON_CAPTURE);
    change_all(&w, zd_span_text("word=0"));
    w.facts.inherited_gates = ZD_CHECK_BIT(R06);
    w.facts.inherited_holds = ZD_CHECK_BIT(R18);
    w.facts.inherited_flags = ZD_CHECK_BIT(R35);
    zd_rules_decide(&ruling, &decision, &w.facts);
    assert_int_equal(decision.outcome, ZD_HELD);
    assert_int_equal(decision.gates, ZD_CHECK_BIT(R06) | ZD_CHECK_BIT(R33));
    assert_int_equal(decision.holds, ZD_CHECK_BIT(R18));
    assert_int_equal(decision.flags, ZD_CHECK_BIT(R35));
    zd_decision_free(&decision);
}

static void explanation__of_a_refusal_names_every_check_with_value_and_sight(void **state)
{
    (void)state;
    static world w;
    zd_ruling ruling;
    zd_buf out = {0};
    begin(&w, ZD_ON_ORDER);
    change_all(&w, zd_span_text("amount=190001;own=190000;contract=380001"));
    zd_rules_run(&ruling, &w.facts);
    zd_jw writer = zd_jw_begin(&out);
    zd_jw_object(&writer, NULL);
    zd_rules_explain(&writer, &ruling, &w.facts);
    zd_jw_close(&writer);
    zd_json *json = NULL;
    assert_ok(zd_json_parse(&json, zd_buf_span(&out), true, err));
    zd_jval root = zd_json_root(json);
    assert_true(zd_span_is(zd_jval_text(zd_jval_get(root, "code")), "R23"));
    zd_jval list = zd_jval_get(root, "checks");
    size_t on_order = 0;
    for (unsigned c = 0; c < ZD_CHECK__COUNT; c++) {
        on_order += zd_check_on((zd_check)c, ZD_ON_ORDER) ? 1 : 0;
    }
    assert_int_equal(zd_jval_count(list), on_order);
    bool found = false;
    for (size_t i = 0; i < zd_jval_count(list); i++) {
        zd_jval one = zd_jval_at(list, i);
        if (zd_span_is(zd_jval_text(zd_jval_get(one, "check")), "R23")) {
            found = true;
            assert_true(zd_span_is(zd_jval_text(zd_jval_get(one, "verdict")), "refuse"));
            assert_true(zd_span_is(zd_jval_text(zd_jval_get(one, "parameter")), "ratio_bp"));
            assert_int_equal(zd_jval_int(zd_jval_get(one, "value")), 5000);
            assert_int_equal(zd_jval_int(zd_jval_get(zd_jval_get(one, "saw"), "allowed_fen")), 190000);
        }
    }
    assert_true(found);
    zd_json_free(json);
    zd_buf_free(&out);
}

/* Tier vectors of the domain study, in fen, from nothing. */
static void allowed__under_the_tier_follows_the_published_vectors(void **state)
{
    (void)state;
    static const int64_t vectors[][2] = {{999999, 999999}, {1000000, 1000000}, {1000001, 1000000}, {1000003, 1000001},
                                         {1234567, 1117283}, {5000000, 3000000}, {19000000, 10000000}};
    zd_policy policy = base_policy;
    policy.value[ZD_P_TIER_UP_TO] = 1000000;
    policy.value[ZD_P_TIER_RATIO] = 10000;
    for (size_t i = 0; i < ZD_COUNT(vectors); i++) {
        assert_int_equal(zd_rules_allowed(&policy, 0, vectors[i][0]), vectors[i][1]);
    }
}

/* However a service is cut, the tier gives no more than it gives for the whole. */
static void allowed__under_the_tier_gains_nothing_by_splitting(void **state)
{
    (void)state;
    zd_policy policy = base_policy;
    policy.value[ZD_P_TIER_UP_TO] = 1000000;
    policy.value[ZD_P_TIER_RATIO] = 10000;
    for (int64_t first = 0; first <= 5000000; first += 333333) {
        int64_t second = 5000000 - first;
        int64_t sum = zd_rules_allowed(&policy, 0, first) + zd_rules_allowed(&policy, first, second);
        assert_int_equal(sum, 3000000);
    }
}

static void budget_year__after_the_redeem_by_day_is_the_next(void **state)
{
    (void)state;
    assert_int_equal(zd_rules_budget_year(&base_policy, 2026, day("2026-12-15")), 2026);
    assert_int_equal(zd_rules_budget_year(&base_policy, 2026, day("2026-12-16")), 2027);
    assert_int_equal(zd_rules_budget_year(&base_policy, 2026, day("2027-01-02")), 2027);
}

static int load(void **state)
{
    (void)state;
    zd_buf file = {0};
    zd_json *json = NULL;
    zd_error err = {0};
    bool fine = zd_file_read(&file, "ledger/policy/shaoxing-2026.json", 65536, &err) == ZD_OK && zd_json_parse(&json, zd_buf_span(&file), true, &err) == ZD_OK &&
                zd_policy_parse(&base_policy, zd_json_root(json), &err) == ZD_OK && zd_file_read(&table, "tests/tables/checks.tsv", 1048576, &err) == ZD_OK;
    if (!fine) {
        zd_test_show(&err);
    }
    zd_json_free(json);
    zd_buf_free(&file);
    return fine ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    zd_buf_free(&table);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row__on_changed_facts_gives_its_verdict),
        cmocka_unit_test(every_check__for_each_of_its_acts_has_a_firing_and_a_quiet_row),
        cmocka_unit_test(clean_facts__on_any_act_fire_nothing),
        cmocka_unit_test(empty_facts__on_any_act_are_survived),
        cmocka_unit_test(ruling__with_two_refusals_answers_with_the_first_and_shows_both),
        cmocka_unit_test(ruling__inherited_gates_and_holds_stay),
        cmocka_unit_test(explanation__of_a_refusal_names_every_check_with_value_and_sight),
        cmocka_unit_test(allowed__under_the_tier_follows_the_published_vectors),
        cmocka_unit_test(allowed__under_the_tier_gains_nothing_by_splitting),
        cmocka_unit_test(budget_year__after_the_redeem_by_day_is_the_next),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, load, unload));
}
