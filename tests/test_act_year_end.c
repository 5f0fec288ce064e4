/* Year end: what is carried, what is handed back, and that nothing of a closed year is paid from the wrong budget. */
#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/clock.h"
#include "tests/support/settling.h"

#define POOL_27 "330602-2027-E"
#define CARRY "\"pool\":\"" POOL_E "\",\"to_pool\":\"" POOL_27 "\",\"document\":\"样例财教〔2027〕1号\""
#define CLOSE "\"pool\":\"" POOL_E "\",\"document\":\"样例财教〔2027〕2号\""

static void open_pool(zd_scene *scene, const char *pool, const char *jurisdiction, int year, int64_t amount_fen)
{
    scene_accepted(scene, "maker", "pool.open",
                   "\"pool\":\"%s\",\"jurisdiction\":\"%s\",\"year\":%d,\"class\":\"enterprise\",\"rank\":1,\"document\":\"样例财教〔2027〕1号\",\"fund_nature\":\"一般公共预算\","
                   "\"budget_unit\":\"样例市科学技术局\",\"project\":\"创新券兑付\",\"function_code\":\"2060404\",\"gov_economic\":\"50799\",\"dept_economic\":\"31299\","
                   "\"settle_mode\":\"转账\",\"amount_fen\":%lld",
                   pool, jurisdiction, year, (long long)amount_fen);
}

static void on_day(zd_scene *scene, int year, int month, int day)
{
    scene->now_unix_ms = zd_day_start(zd_day_from(year, month, day), ZD_ZONE_SHANGHAI_MS) + 36000000;
}

static void carry_now(zd_scene *scene)
{
    scene_two(scene, "maker", "maker-2", "pool.carry", CARRY);
    zd_settling_check(scene);
}

/* Scenario 4. */
static void return__after_year_end_is_paid_again_only_once_carried(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    on_day(scene, 2026, 12, 10);
    zd_settling_capture(scene, "R-1", 500000);
    zd_settling_wait(scene);
    on_day(scene, 2026, 12, 25);
    zd_settling_pay(scene, "B-1", POOL_E);
    on_day(scene, 2027, 1, 4);
    zd_settling_sweep(scene);
    scene_two(scene, "maker", "maker-2", "pool.close-year", CLOSE);
    on_day(scene, 2027, 1, 6);
    zd_settling_answer(scene, "B-1", P1, "returned"); /* posts at once, closed or not */
    assert_int_equal(zd_scene_balance(scene, "3200/" P1 "/" POOL_E), 500000);
    zd_settling_seal_refused(scene, "maker", "B-2", POOL_E, "A12");
    open_pool(scene, POOL_27, "330602", 2027, 0);
    zd_settling_seal_refused(scene, "maker", "B-2", POOL_27, "A13");
    carry_now(scene);
    assert_int_equal(zd_scene_balance(scene, "3200/" P1 "/" POOL_27), 500000);
    assert_int_equal(zd_scene_balance(scene, "1000/" POOL_E), 0);
    zd_settling_pay(scene, "B-2", POOL_27);
    assert_int_equal(zd_scene_balance(scene, "1000/" POOL_27), 0);
    zd_scene_free(scene);
}

/* One line of every kind is carried: free, reserved, payable, on hold, returned, owed by provider and holder; what is in settlement stays. */
static void carry__moves_every_line_and_leaves_what_is_in_settlement(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    on_day(scene, 2026, 11, 2);
    zd_settling_capture(scene, "R-paid", 100000);
    zd_settling_capture_for(scene, (zd_settling_part){"V-1", H1, P2, H1}, "R-back", 200000);
    zd_settling_wait(scene);
    zd_settling_pay(scene, "B-1", POOL_E);
    zd_settling_answer(scene, "B-1", P2, "returned");
    scene_accepted(scene, "provider/" P1, "redemption.refund", "\"note\":\"N-1\",\"item\":\"c-R-paid\",\"amount_fen\":40000");
    scene_two(scene, "reviewer-1", "reviewer-2", "review.clawback",
              "\"case\":\"K-1\",\"holder\":\"" H1 "\",\"item\":\"c-R-paid\",\"amount_fen\":25000,\"decision\":\"样例决〔2026〕3号\"");
    zd_settling_capture(scene, "R-batch", 300000);
    zd_settling_wait(scene);
    zd_settling_seal(scene, "B-2", POOL_E, "");
    scene_accepted(scene, "reviewer-1", "batch.object", "\"batch\":\"B-2\",\"provider\":\"" P2 "\",\"reason\":\"dispute\"");
    zd_settling_capture(scene, "R-open", 60000);
    on_day(scene, 2026, 12, 14);
    zd_scene_order(scene, "R-booked", 70000);
    on_day(scene, 2027, 1, 5);
    open_pool(scene, POOL_27, "330602", 2027, 1000000);
    scene_refused(scene, "maker", "pool.carry", "A10", CARRY);
    zd_settling_sweep(scene);
    scene_refused(scene, "maker", "pool.close-year", "A04", CLOSE);
    carry_now(scene);
    assert_int_equal(zd_scene_balance(scene, "2000/" POOL_E), 0);
    assert_int_equal(zd_scene_balance(scene, "2200/R-booked/" POOL_27), 70000);
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/" POOL_27), 60000);
    assert_int_equal(zd_scene_balance(scene, "3050/" P2 "/" POOL_27), 200000);
    assert_int_equal(zd_scene_balance(scene, "1200/" H1 "/" POOL_27), 25000);
    assert_int_equal(zd_scene_balance(scene, "2170/K-1/" POOL_27), 25000);
    int64_t in_settlement_fen = zd_settling_line(scene, "B-2", P1)->net_fen;
    assert_int_equal(in_settlement_fen, 260000); /* 40,000 were netted */
    assert_int_equal(zd_scene_balance(scene, "1000/" POOL_E), in_settlement_fen);
    scene_two(scene, "maker", "maker-2", "pool.close-year", CLOSE);
    /* The old batch was never released: withdrawn, its line waits in the closed pool for a second carry and is paid from the new one. */
    scene_accepted(scene, "maker", "batch.withdraw", "\"batch\":\"B-2\",\"reason\":\"mistake\"");
    zd_settling_seal_refused(scene, "maker", "B-3", POOL_E, "A12");
    carry_now(scene);
    assert_int_equal(zd_scene_balance(scene, "1000/" POOL_E), 0);
    zd_settling_pay(scene, "B-3", POOL_27);
    assert_int_equal(zd_settling_line(scene, "B-3", P1)->net_fen, 260000 + 60000);
    assert_int_equal(zd_scene_balance(scene, "3050/" P2 "/" POOL_27), 200000);
    zd_scene_free(scene);
}

static void carry__of_notes_keeps_receivable_and_clearing_together(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    on_day(scene, 2026, 11, 2);
    zd_settling_capture(scene, "R-1", 100000);
    zd_settling_wait(scene);
    zd_settling_pay(scene, "B-1", POOL_E);
    scene_accepted(scene, "provider/" P1, "redemption.refund", "\"note\":\"N-1\",\"item\":\"c-R-1\",\"amount_fen\":40000");
    on_day(scene, 2027, 1, 5);
    zd_settling_sweep(scene);
    open_pool(scene, POOL_27, "330602", 2027, 0);
    carry_now(scene);
    assert_int_equal(zd_scene_balance(scene, "1100/" P1 "/" POOL_27), 40000);
    assert_int_equal(zd_scene_balance(scene, "2160/N-1/" POOL_27), 40000);
    assert_int_equal(zd_scene_balance(scene, "1100/" P1 "/" POOL_E), 0);
    scene_refused(scene, "provider/" P1, "redemption.refund", "A02", "\"note\":\"N-1\",\"item\":\"c-R-1\",\"amount_fen\":1");
    scene_accepted(scene, "maker", "review.recover", "\"amount_fen\":40000,\"evidence_sha256\":\"%064d\",\"note\":\"N-1\"", 3);
    zd_settling_check(scene);
    /* A late refund of the paid part still lands in the old pool; a second carry brings it over. */
    scene_accepted(scene, "provider/" P1, "redemption.refund", "\"note\":\"N-2\",\"item\":\"c-R-1\",\"amount_fen\":10000");
    assert_int_equal(zd_scene_balance(scene, "2160/N-2/" POOL_E), 10000);
    carry_now(scene);
    assert_int_equal(zd_scene_balance(scene, "2160/N-2/" POOL_27), 10000);
    scene_refused(scene, "maker", "pool.carry", "A13", CARRY); /* nothing is left */
    zd_scene_free(scene);
}

static void order__carried_is_captured_and_paid_from_the_new_pool(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    on_day(scene, 2026, 12, 14);
    zd_scene_order(scene, "R-1", 100000);
    zd_scene_capture(scene, "C-1", "R-1", 40000, false);
    on_day(scene, 2027, 1, 5);
    zd_settling_sweep(scene);
    open_pool(scene, POOL_27, "330602", 2027, 0);
    carry_now(scene);
    scene_accepted(scene, "provider/" P1, "redemption.void", "\"order\":\"R-1\"");
    assert_int_equal(zd_scene_balance(scene, "2200/R-1/" POOL_27), 0);
    assert_int_equal(zd_scene_balance(scene, "2000/" POOL_27), 100000000 - 40000);
    zd_scene_clear_gates(scene, "C-1");
    zd_settling_pay(scene, "B-1", POOL_27);
    assert_int_equal(zd_settling_batch(scene, "B-1")->total_fen, 40000);
    zd_scene_free(scene);
}

static void voucher__funded_at_issue_finds_its_earmark_in_the_new_pool(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "issuer-1", "voucher.revoke", "\"voucher\":\"V-1\",\"reason\":\"mistake\"");
    zd_settling_policy(scene, 2, "funding_point", "\"issue\"");
    scene_accepted(scene, "issuer-1", "voucher.allot",
                   "\"voucher\":\"V-2\",\"holder\":\"" H1 "\",\"year\":2026,\"amount_fen\":500000,\"categories\":\"testing\"");
    on_day(scene, 2026, 12, 10);
    zd_settling_sweep(scene);
    zd_settling_capture_for(scene, (zd_settling_part){"V-2", H1, P1, H1}, "R-1", 500000); /* the earmark is empty when it is carried */
    on_day(scene, 2026, 12, 30);
    open_pool(scene, POOL_27, "330602", 2027, 0);
    carry_now(scene);
    scene_accepted(scene, "provider/" P1, "redemption.void", "\"order\":\"R-1\",\"item\":\"c-R-1\"");
    assert_int_equal(zd_scene_balance(scene, "2100/V-2/" POOL_27), 500000);
    on_day(scene, 2027, 1, 2);
    zd_settling_sweep(scene);
    assert_int_equal(zd_scene_balance(scene, "2100/V-2/" POOL_27), 0);
    assert_int_equal(zd_scene_balance(scene, "2000/" POOL_27), 100000000);
    zd_settling_check(scene);
    zd_scene_free(scene);
}

#define CARRY_FIELDS \
    "\"pool\":\"%s\",\"to_pool\":\"%s\",\"document\":\"样例财教〔2027〕1号\""

static void carry__goes_to_next_years_pool_of_the_same_kind_by_two_officers(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    on_day(scene, 2027, 1, 5);
    zd_settling_sweep(scene);
    open_pool(scene, POOL_27, "330602", 2027, 0);
    open_pool(scene, "330602-2028-E", "330602", 2028, 0);
    open_pool(scene, "330681-2027-E", "330681", 2027, 0);
    scene_refused(scene, "maker", "pool.carry", "A03", CARRY_FIELDS, POOL_E, "330602-2099-E");
    scene_refused(scene, "maker", "pool.carry", "A12", CARRY_FIELDS, POOL_E, "330602-2028-E");
    scene_refused(scene, "maker", "pool.carry", "A12", CARRY_FIELDS, POOL_E, POOL_E);
    scene_refused(scene, "maker", "pool.carry", "A07", CARRY_FIELDS, POOL_E, "330681-2027-E");
    scene_refused(scene, "maker", "pool.carry", "A07", CARRY_FIELDS, POOL_P, POOL_27);
    scene_refused(scene, "maker-81", "pool.carry", "R46", CARRY_FIELDS, POOL_E, POOL_27);
    assert_ok(zd_scene_submit(scene, "maker", "pool.carry", err, CARRY_FIELDS, POOL_E, POOL_27));
    assert_int_equal(zd_scene_outcome(scene), ZD_PROPOSED);
    assert_int_equal(zd_scene_balance(scene, "2000/" POOL_27), 0); /* rehearsed, not done */
    assert_ok(zd_scene_second(scene, "maker-81", err));
    assert_string_equal(zd_scene_code(scene), "R46");
    zd_scene_free(scene);
}

static void close__hands_back_what_is_free_once(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 100000);
    zd_settling_wait(scene);
    zd_settling_seal(scene, "B-1", POOL_E, "");
    zd_settling_approve(scene, "B-1");
    zd_settling_release(scene, "B-1");
    scene_two(scene, "maker", "maker-2", "pool.close-year", CLOSE);
    assert_int_equal(zd_scene_balance(scene, "2000/" POOL_E), 0);
    assert_int_equal(zd_scene_balance(scene, "1000/" POOL_E), 100000); /* the cash of what is in settlement */
    zd_settling_answer(scene, "B-1", P1, "debited");
    assert_int_equal(zd_scene_balance(scene, "1000/" POOL_E), 0);
    scene_refused(scene, "maker", "pool.close-year", "A04", CLOSE);
    zd_settling_check(scene);
    zd_scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(return__after_year_end_is_paid_again_only_once_carried),
        cmocka_unit_test(carry__moves_every_line_and_leaves_what_is_in_settlement),
        cmocka_unit_test(carry__of_notes_keeps_receivable_and_clearing_together),
        cmocka_unit_test(order__carried_is_captured_and_paid_from_the_new_pool),
        cmocka_unit_test(voucher__funded_at_issue_finds_its_earmark_in_the_new_pool),
        cmocka_unit_test(carry__goes_to_next_years_pool_of_the_same_kind_by_two_officers),
        cmocka_unit_test(close__hands_back_what_is_free_once),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
