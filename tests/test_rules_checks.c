/*
 * Every check on pure facts, driven by tests/tables/checks.tsv: a case in which nothing fires, changed by the row, must give the row's verdict, and the full run
 * the row's answer ("-" = no refusal); `saw` is something that the check must have noted. Acts: O order, C capture, D direct, E seal, I issue, U duty. Each check needs, for each of its acts, a row that
 * fires and one that does not.
 */
#include "tests/support/rule_world.h"

#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/durable.h"
#include "ledger/rules/decide.h"

static zd_policy base_policy;

typedef struct row {
    zd_span check, acts, verdict, answer, changes, note, saw;
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
    line = zd_span_cut(&out->changes, line, '\t');
    out->saw = zd_span_cut(&out->note, line, '\t');
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

/* "name=value" is among what the check saw. */
static bool was_seen(const zd_finding *finding, zd_span expected)
{
    zd_span name;
    zd_span value = zd_span_cut(&name, expected, '=');
    for (size_t i = 0; i < finding->count; i++) {
        const zd_sight *sight = &finding->saw[i];
        char number[32];
        zd_format(number, sizeof number, "%lld", (long long)sight->number);
        if (zd_span_is(name, sight->name)) {
            return zd_span_equal(value, sight->text.data != NULL ? sight->text : zd_span_text(number));
        }
    }
    return expected.size == 0;
}

static void run_row(const row *r, char letter)
{
    static zd_rule_world w;
    zd_finding finding;
    zd_ruling ruling;
    zd_rule_world_begin(&w, &base_policy, zd_rule_act_of(letter));
    zd_rule_world_change(&w, r->changes);
    zd_rules_check(&finding, r->number, &w.facts);
    zd_rules_run(&ruling, &w.facts);
    const char *answer = ruling.code == ZD_CODE_NONE ? "-" : zd_code_name(ruling.code);
    bool right = zd_span_is(r->verdict, zd_verdict_name(finding.verdict)) && zd_span_is(r->answer, answer) && was_seen(&finding, r->saw);
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
            zd_rule_act act = zd_rule_act_of((char)r.acts.data[i]);
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
        static zd_rule_world w;
        zd_ruling ruling;
        zd_rule_world_begin(&w, &base_policy, (zd_rule_act)a);
        zd_rule_world_change(&w, zd_span_text(""));
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
    static zd_rule_world w;
    zd_ruling ruling;
    zd_decision decision = {0};
    zd_rule_world_begin(&w, &base_policy, ZD_ON_ORDER);
    zd_rule_world_change(&w, zd_span_text("signer_is_holder=0;purpose=training;pool_free=189999;affiliation=2"));
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
    static zd_rule_world w;
    zd_ruling ruling;
    zd_decision decision = {0};
    zd_rule_world_begin(&w, &base_policy, ZD_ON_CAPTURE);
    zd_rule_world_change(&w, zd_span_text("word=0"));
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
    static zd_rule_world w;
    zd_ruling ruling;
    zd_buf out = {0};
    zd_rule_world_begin(&w, &base_policy, ZD_ON_ORDER);
    zd_rule_world_change(&w, zd_span_text("amount=190001;own=190000;contract=380001"));
    zd_rules_run(&ruling, &w.facts);
    zd_jw writer = zd_jw_begin(&out);
    zd_jw_object(&writer, NULL);
    zd_rules_explain(&writer, &ruling, &w.facts);
    zd_jw_close(&writer);
    zd_json *json = NULL;
    assert_ok(zd_json_parse(&json, zd_buf_span(&out), true, err));
    zd_jval root = zd_json_root(json);
    assert_int_equal(zd_rules_outcome(&ruling), ZD_REFUSED_BY_RULE);
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
    assert_int_equal(zd_rules_budget_year(&base_policy, 2026, zd_day_from(2026, 12, 15)), 2026);
    assert_int_equal(zd_rules_budget_year(&base_policy, 2026, zd_day_from(2026, 12, 16)), 2027);
    assert_int_equal(zd_rules_budget_year(&base_policy, 2026, zd_day_from(2027, 1, 2)), 2027);
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
