/*
 * Pools and policies: what finance received is what is free, nothing leaves that is not free, places and limits bind, and a policy cannot surprise anybody.
 */
#include "tests/support/scene.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/durable.h"

#define E02 "330602-2026-E"
#define E81 "330681-2026-E"
#define DOCUMENT "\"document\":\"样例财教〔2026〕2号\""
#define AMOUNT(pool, fen) "\"pool\":\"" pool "\",\"amount_fen\":" fen "," DOCUMENT
#define DESCRIPTION                                                                                                                                  \
    DOCUMENT ",\"fund_nature\":\"一般公共预算\",\"budget_unit\":\"样例市科学技术局\",\"project\":\"创新券兑付\",\"function_code\":\"2060404\","    \
             "\"gov_economic\":\"50799\",\"dept_economic\":\"31299\",\"settle_mode\":\"转账\""
#define OPEN(pool, jurisdiction, year, rank)                                                                                                         \
    "\"pool\":\"" pool "\",\"jurisdiction\":\"" jurisdiction "\",\"year\":" year ",\"class\":\"enterprise\",\"rank\":" rank "," DESCRIPTION

static void pool__money_comes_and_goes_on_both_sides(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "maker", "pool.appropriate", AMOUNT(E02, "500"));
    assert_int_equal(zd_scene_balance(scene, "1000/" E02), 100000500);
    assert_int_equal(zd_scene_balance(scene, "2000/" E02), 100000500);
    scene_accepted(scene, "maker", "pool.cut", AMOUNT(E02, "100000500"));
    assert_int_equal(zd_scene_balance(scene, "1000/" E02), 0);
    assert_int_equal(zd_scene_balance(scene, "2000/" E02), 0);
    scene_refused(scene, "maker", "pool.cut", "R27", AMOUNT(E02, "1"));
    scene_refused(scene, "maker", "pool.appropriate", "A13", AMOUNT(E02, "0"));
    scene_refused(scene, "maker", "pool.appropriate", "A03", AMOUNT("nowhere", "1"));
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static void pool__reserved_money_cannot_be_cut(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "R-1", 1000000);
    scene_refused(scene, "maker", "pool.cut", "R27", AMOUNT(E02, "99000001"));
    scene_accepted(scene, "maker", "pool.cut", AMOUNT(E02, "99000000"));
    assert_int_equal(zd_scene_balance(scene, "2200/R-1/" E02), 1000000);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static void pool__move_stays_within_year_and_places(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "maker", "pool.open", OPEN("330602-2027-E", "330602", "2027", "1"));
    scene_accepted(scene, "maker", "pool.move", AMOUNT(E02, "40000000") ",\"to_pool\":\"" E81 "\"");
    assert_int_equal(zd_scene_balance(scene, "1000/" E02), 60000000);
    assert_int_equal(zd_scene_balance(scene, "2000/" E02), 60000000);
    assert_int_equal(zd_scene_balance(scene, "1000/" E81), 90000000);
    assert_int_equal(zd_scene_balance(scene, "2000/" E81), 90000000);
    scene_refused(scene, "maker", "pool.move", "R27", AMOUNT(E02, "60000001") ",\"to_pool\":\"" E81 "\"");
    scene_refused(scene, "maker", "pool.move", "A12", AMOUNT(E02, "1") ",\"to_pool\":\"330602-2027-E\"");
    scene_refused(scene, "maker", "pool.move", "A07", AMOUNT(E02, "1") ",\"to_pool\":\"" E02 "\"");
    scene_refused(scene, "maker-81", "pool.move", "R46", AMOUNT(E81, "1") ",\"to_pool\":\"" E02 "\"");
    scene_refused(scene, "maker-81", "pool.appropriate", "R46", AMOUNT(E02, "1"));
    scene_accepted(scene, "maker-81", "pool.appropriate", AMOUNT(E81, "1"));
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static void pool__opening_needs_its_own_id_rank_year_and_place(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_refused(scene, "maker", "pool.open", "A02", OPEN(E02, "330602", "2026", "2"));
    scene_refused(scene, "maker", "pool.open", "A07", OPEN("x", "330602", "2026", "1"));
    scene_refused(scene, "maker", "pool.open", "A07", OPEN("x", "330682", "2026", "1")); /* withdrawn in 2013 */
    scene_refused(scene, "maker", "pool.open", "A12", OPEN("x", "330602", "2029", "1"));
    scene_refused(scene, "maker-81", "pool.open", "R46", OPEN("x", "330602", "2026", "2"));
    scene_accepted(scene, "maker", "pool.open", OPEN("x", "330602", "2026", "2"));
    assert_int_equal(zd_scene_balance(scene, "2000/x"), 0);
    zd_scene_free(scene);
}

static void pool__limit_of_the_key_binds(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "finance-root", "key.grant",
                   "\"key_name\":\"maker-small\",\"public\":\"%064d\",\"person\":\"p-small\",\"unit\":\"finance\",\"role\":\"maker\",\"limit_fen\":1000", 77);
    scene_accepted(scene, "maker-small", "pool.appropriate", AMOUNT(E02, "1000"));
    scene_refused(scene, "maker-small", "pool.appropriate", "R47", AMOUNT(E02, "1001"));
    zd_scene_free(scene);
}

static void batch__refused_line_does_not_stop_the_others(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "maker", "batch", "\"of\":\"pool.appropriate\",\"items\":[{\"id\":\"l1\"," AMOUNT(E02, "10") "},{\"id\":\"l2\"," AMOUNT("nowhere", "10") "},{\"id\":\"l3\"," AMOUNT(E81, "10") "}]");
    assert_int_equal(scene->last.count, 4);
    assert_int_equal(scene->last.decisions[2].code, ZD_E_A_ABSENT);
    assert_int_equal(zd_scene_balance(scene, "2000/" E02), 100000010);
    assert_int_equal(zd_scene_balance(scene, "2000/" E81), 50000010);
    zd_scene_free(scene);
}

/* --- policies --- */

static char *policy_text(void)
{
    zd_buf file = {0};
    assert_ok(zd_file_read(&file, "ledger/policy/shaoxing-2026.json", 65536, err));
    for (size_t i = 0; i < file.size; i++) {
        file.data[i] = file.data[i] == '\n' ? ' ' : file.data[i];
    }
    char *text = zd_strdup(zd_buf_text(&file));
    zd_buf_free(&file);
    return text;
}

#define PUBLISH "\"number\":%d,\"effective\":\"%s\",\"policy\":%s"

static void policy__takes_effect_only_after_notice_and_in_order(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready(); /* number 1 in force, today 2026-03-02 */
    char *text = policy_text();
    scene_refused(scene, "issuer-1", "policy.publish", "A06", PUBLISH, 3, "2026-12-01", text);
    scene_refused(scene, "issuer-1", "policy.publish", "A06", PUBLISH, 1, "2026-12-01", text);
    scene_refused(scene, "issuer-1", "policy.publish", "A06", PUBLISH, 2, "2026-03-02", text);
    scene_refused(scene, "issuer-1", "policy.publish", "A06", PUBLISH, 2, "2026-12-01", "{\"profile\":\"x\",\"edition\":1,\"zone\":\"Asia/Shanghai\",\"parameters\":{}}");
    scene_two(scene, "issuer-1", "issuer-2", "policy.publish", PUBLISH, 2, "2026-12-01", text);
    const zd_rec_ledger *ledger = zd_book_find(scene->book, ZD_R_LEDGER, "%s", "");
    assert_int_equal(ledger->policy_last, 2);
    scene_refused(scene, "issuer-1", "policy.publish", "A06", PUBLISH, 3, "2026-12-01", text);
    const zd_rec_policy *record = zd_book_find(scene->book, ZD_R_POLICY, "%06d", 2);
    zd_hash expected = zd_sha256(zd_span_text(record->text));
    assert_true(zd_hash_equal(&expected, &record->sha256));
    free(text);
    zd_scene_free(scene);
}

static void policy__one_officer_only_proposes(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    char *text = policy_text();
    assert_ok(zd_scene_submit(scene, "issuer-1", "policy.publish", err, PUBLISH, 2, "2026-12-01", text));
    assert_int_equal(zd_scene_outcome(scene), ZD_PROPOSED);
    assert_null(zd_book_find(scene->book, ZD_R_POLICY, "%06d", 2));
    assert_ok(zd_scene_second(scene, "issuer-1", err));
    assert_string_equal(zd_scene_code(scene), "R46");
    assert_null(zd_book_find(scene->book, ZD_R_POLICY, "%06d", 2));
    free(text);
    zd_scene_free(scene);
}

static void policy__notice_counts_from_the_second_officer(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    char *text = policy_text();
    zd_json *json = NULL;
    assert_ok(zd_json_parse(&json, zd_span_text(text), true, err));
    zd_policy policy;
    assert_ok(zd_policy_parse(&policy, zd_json_root(json), err));
    zd_json_free(json);
    int64_t notice = zd_policy_int(&policy, ZD_P_POLICY_NOTICE);
    assert_true(notice > 0);
    char effective[ZD_DATE_TEXT];
    zd_date_text(effective, zd_day_of(scene->now_unix_ms, ZD_ZONE_SHANGHAI_MS) + notice);
    assert_ok(zd_scene_submit(scene, "issuer-1", "policy.publish", err, "\"number\":2,\"effective\":\"%s\",\"policy\":%s", effective, text));
    assert_int_equal(zd_scene_outcome(scene), ZD_PROPOSED);
    scene->now_unix_ms += 15 * INT64_C(3600000); /* past midnight, before the note expires */
    assert_ok(zd_scene_second(scene, "issuer-2", err));
    assert_string_equal(zd_scene_code(scene), "A06");
    free(text);
    zd_scene_free(scene);
}

static void exception__lists_only_a_code_that_fails_the_rule(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    const char *printed = "91350203M0001QAY9B"; /* fails the outer rule although its registrar printed it */
#define HOLDER_FIELDS "\"holder\":\"h-x\",\"class\":\"enterprise\",\"jurisdiction\":\"330602\",\"code\":\"%s\",\"label\":\"样例丁公司\",\"eligible_from\":\"2026-01-01\",\"eligible_to\":\"2026-12-31\""
    scene_refused(scene, "issuer-2", "holder.register", "R01", HOLDER_FIELDS, printed);
    scene_refused(scene, "issuer-1", "exception.list", "A13", "\"code\":\"" H1 "\",\"decision\":\"d\"");
    scene_refused(scene, "issuer-1", "exception.list", "A07", "\"code\":\"91350203m0001qay9b\",\"decision\":\"d\"");
    scene_two(scene, "issuer-1", "issuer-2", "exception.list", "\"code\":\"%s\",\"decision\":\"样例科〔2026〕3号\"", printed);
    scene_refused(scene, "issuer-1", "exception.list", "A02", "\"code\":\"%s\",\"decision\":\"d\"", printed);
    scene_accepted(scene, "issuer-2", "holder.register", HOLDER_FIELDS, printed);
    zd_scene_free(scene);
}

static void erratum__takes_back_what_was_too_much_with_two_officers(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "R-1", 200000);
    zd_scene_capture(scene, "C-1", "R-1", 200000, true);
#define ERRATUM "\"item\":\"%s\",\"decision\":\"样例审〔2026〕1号\",\"reason\":\"mistake\""
    scene_refused(scene, "reviewer-1", "erratum", "A03", ERRATUM, "C-9");
    scene_refused(scene, "reviewer-1", "erratum", "R14", ERRATUM ",\"amount_fen\":200001", "C-1");
    scene_two(scene, "reviewer-1", "reviewer-2", "erratum", ERRATUM ",\"amount_fen\":50000", "C-1");
    const zd_rec_item *item = zd_book_find(scene->book, ZD_R_ITEM, "C-1");
    assert_int_equal(item->refunded_open_fen[0], 50000);
    assert_int_equal(item->open_fen[0], 150000);
    scene_two(scene, "reviewer-1", "reviewer-2", "erratum", ERRATUM, "C-1");
    assert_int_equal(item->open_fen[0], 150000);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pool__money_comes_and_goes_on_both_sides),
        cmocka_unit_test(pool__reserved_money_cannot_be_cut),
        cmocka_unit_test(pool__move_stays_within_year_and_places),
        cmocka_unit_test(pool__opening_needs_its_own_id_rank_year_and_place),
        cmocka_unit_test(pool__limit_of_the_key_binds),
        cmocka_unit_test(batch__refused_line_does_not_stop_the_others),
        cmocka_unit_test(policy__takes_effect_only_after_notice_and_in_order),
        cmocka_unit_test(policy__one_officer_only_proposes),
        cmocka_unit_test(policy__notice_counts_from_the_second_officer),
        cmocka_unit_test(exception__lists_only_a_code_that_fails_the_rule),
        cmocka_unit_test(erratum__takes_back_what_was_too_much_with_two_officers),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
