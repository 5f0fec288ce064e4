/*
 * Vouchers: the annual cap in one step with the allotment, what a claim may ask, earmarking at issue, and where the rest goes when a voucher ends.
 */
#include "tests/support/scene.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/durable.h"

#define CATEGORIES "\"categories\":\"instrument,testing\""
#define GRANT(voucher, holder, fen) "\"voucher\":\"" voucher "\",\"holder\":\"" holder "\",\"year\":2026,\"amount_fen\":" fen "," CATEGORIES
#define NEW_HOLDER "91330600X000000199"

static const zd_rec_voucher *voucher(zd_scene *scene, const char *id)
{
    return zd_book_find(scene->book, ZD_R_VOUCHER, "%s", id);
}

/* A ready scene with one more holder that has its own key and no voucher yet. */
static zd_scene *with_new_holder(void)
{
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "issuer-2", "holder.register",
                   "\"holder\":\"" NEW_HOLDER "\",\"class\":\"enterprise\",\"jurisdiction\":\"330602\",\"code\":\"" NEW_HOLDER
                   "\",\"label\":\"样例丙公司\",\"eligible_from\":\"2026-01-01\",\"eligible_to\":\"2026-12-31\"");
    scene_accepted(scene, "issuer-1", "key.grant",
                   "\"key_name\":\"holder/" NEW_HOLDER "\",\"public\":\"%064d\",\"person\":\"p-n\",\"unit\":\"n\",\"role\":\"holder\",\"party\":\"" NEW_HOLDER "\"", 81);
    return scene;
}

/* Publishes the profile as policy 2 with `before` replaced by `after`, and goes to the day on which it takes effect. */
static void change_policy(zd_scene *scene, const char *before, const char *after)
{
    zd_buf file = {0};
    zd_buf text = {0};
    assert_ok(zd_file_read(&file, "ledger/policy/shaoxing-2026.json", 65536, err));
    for (size_t i = 0; i < file.size; i++) {
        file.data[i] = file.data[i] == '\n' ? ' ' : file.data[i];
    }
    const char *whole = zd_buf_text(&file);
    const char *at = strstr(whole, before);
    assert_non_null(at);
    zd_buf_add(&text, whole, (size_t)(at - whole));
    zd_buf_addf(&text, "%s%s", after, at + strlen(before));
    scene_two(scene, "issuer-1", "issuer-2", "policy.publish", "\"number\":2,\"effective\":\"2026-05-01\",\"policy\":%s", zd_buf_text(&text));
    scene->now_unix_ms = zd_day_start(zd_day_from(2026, 5, 1), ZD_ZONE_SHANGHAI_MS) + 36000000;
    zd_buf_free(&file);
    zd_buf_free(&text);
}

static void allot__several_until_the_cap_and_one_fen_more_is_refused(void **state)
{
    (void)state;
    zd_scene *scene = with_new_holder();
    scene_refused(scene, "issuer-1", "voucher.allot", "R15", GRANT("N-1", NEW_HOLDER, "20000001"));
    assert_null(zd_book_find(scene->book, ZD_R_QUOTA, "%s/2026", NEW_HOLDER)); /* a refusal opens nothing */
    scene_accepted(scene, "issuer-1", "voucher.allot", GRANT("N-1", NEW_HOLDER, "15000000"));
    scene_accepted(scene, "issuer-1", "voucher.allot", GRANT("N-2", NEW_HOLDER, "5000000"));
    scene_refused(scene, "issuer-1", "voucher.allot", "R15", GRANT("N-3", NEW_HOLDER, "1"));
    assert_int_equal(zd_scene_balance(scene, "6100/" NEW_HOLDER "/2026"), 0);
    assert_int_equal(zd_scene_balance(scene, "6200/N-1/2026"), 15000000);
    assert_int_equal(voucher(scene, "N-1")->use_by_day, zd_day_from(2026, 12, 31));
    assert_int_equal(voucher(scene, "N-1")->policy, 1);
    assert_string_equal(voucher(scene, "N-1")->subject, NEW_HOLDER);
    assert_non_null(zd_book_find(scene->book, ZD_R_DUE, "%06lld/V/N-1", (long long)zd_day_from(2026, 12, 31)));
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static void allot__every_check_has_its_code(void **state)
{
    (void)state;
    zd_scene *scene = with_new_holder();
    scene_refused(scene, "issuer-1", "voucher.allot", "A03", GRANT("N-1", "nobody", "1"));
    scene_refused(scene, "issuer-1", "voucher.allot", "A02", GRANT("V-1", NEW_HOLDER, "1"));
    scene_refused(scene, "issuer-1", "voucher.allot", "R14", GRANT("N-1", NEW_HOLDER, "0"));
    scene_refused(scene, "issuer-1", "voucher.allot", "A07", GRANT("opening-x", NEW_HOLDER, "1"));
    scene_refused(scene, "issuer-1", "voucher.allot", "A07", GRANT("N-1", NEW_HOLDER, "1") ",\"until\":\"2026-03-01\"");
    scene_refused(scene, "issuer-1", "voucher.allot", "R16", "\"voucher\":\"N-1\",\"holder\":\"" NEW_HOLDER "\",\"year\":2026,\"amount_fen\":1,\"categories\":\"advertising\"");
    scene_refused(scene, "issuer-1", "voucher.allot", "A12", "\"voucher\":\"N-1\",\"holder\":\"" NEW_HOLDER "\",\"year\":2025,\"amount_fen\":1," CATEGORIES);
    scene_accepted(scene, "root-1", "key.grant",
                   "\"key_name\":\"issuer-81\",\"public\":\"%064d\",\"person\":\"p81\",\"unit\":\"b81\",\"role\":\"issuer\",\"jurisdictions\":\"330681\",\"limit_fen\":100", 78);
    scene_refused(scene, "issuer-81", "voucher.allot", "R46", GRANT("N-1", NEW_HOLDER, "1"));
    scene_refused(scene, "issuer-81", "voucher.allot", "R47", GRANT("N-1", H81, "101"));
    scene_accepted(scene, "issuer-1", "voucher.allot", GRANT("N-1", NEW_HOLDER, "1") ",\"until\":\"2026-06-30\"");
    assert_int_equal(voucher(scene, "N-1")->use_by_day, zd_day_from(2026, 6, 30));
    scene->now_unix_ms = zd_day_start(zd_day_from(2027, 1, 1), ZD_ZONE_SHANGHAI_MS);
    scene_refused(scene, "issuer-1", "voucher.allot", "R05", "\"voucher\":\"N-2\",\"holder\":\"" NEW_HOLDER "\",\"year\":2027,\"amount_fen\":1," CATEGORIES);
    zd_scene_free(scene);
}

static void claim__waits_for_the_issuer_and_stands_alone(void **state)
{
    (void)state;
    zd_scene *scene = with_new_holder();
    const char *own = "holder/" NEW_HOLDER;
    scene_refused(scene, "holder/" H1, "voucher.claim", "A05", GRANT("N-1", NEW_HOLDER, "1000"));
    scene_refused(scene, own, "voucher.claim", "R15", GRANT("N-1", NEW_HOLDER, "20000001"));
    scene_accepted(scene, own, "voucher.claim", GRANT("N-1", NEW_HOLDER, "10000000"));
    assert_int_equal(voucher(scene, "N-1")->state, ZD_V_CLAIMED);
    assert_int_equal(zd_scene_balance(scene, "6200/N-1/2026"), 0); /* a claim takes nothing yet */
    scene_refused(scene, own, "voucher.claim", "A09", GRANT("N-2", NEW_HOLDER, "1"));
    scene_refused(scene, "issuer-1", "voucher.issue", "R14", "\"voucher\":\"N-1\",\"amount_fen\":10000001");
    scene_refused(scene, "issuer-1", "voucher.issue", "R09", "\"voucher\":\"N-9\"");
    scene_accepted(scene, "issuer-1", "voucher.issue", "\"voucher\":\"N-1\",\"amount_fen\":8000000");
    assert_int_equal(voucher(scene, "N-1")->state, ZD_V_ACTIVE);
    assert_int_equal(voucher(scene, "N-1")->amount_fen, 8000000);
    assert_int_equal(zd_scene_balance(scene, "6200/N-1/2026"), 8000000);
    assert_int_equal(zd_scene_balance(scene, "6100/" NEW_HOLDER "/2026"), 12000000);
    scene_refused(scene, "issuer-1", "voucher.issue", "A04", "\"voucher\":\"N-1\"");
    scene_refused(scene, own, "voucher.claim", "A09", GRANT("N-2", NEW_HOLDER, "1"));
    scene_accepted(scene, "issuer-1", "voucher.revoke", "\"voucher\":\"N-1\",\"reason\":\"mistake\"");
    scene_accepted(scene, own, "voucher.claim", GRANT("N-2", NEW_HOLDER, "20000000"));
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static void claim__cap_is_held_again_at_the_issue(void **state)
{
    (void)state;
    zd_scene *scene = with_new_holder();
    scene_accepted(scene, "holder/" NEW_HOLDER, "voucher.claim", GRANT("N-1", NEW_HOLDER, "20000000"));
    scene_accepted(scene, "issuer-1", "voucher.allot", GRANT("N-2", NEW_HOLDER, "1"));
    scene_refused(scene, "issuer-1", "voucher.issue", "R15", "\"voucher\":\"N-1\"");
    scene_accepted(scene, "issuer-1", "voucher.issue", "\"voucher\":\"N-1\",\"amount_fen\":19999999");
    zd_scene_free(scene);
}

static void states__suspend_resume_revoke(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "R-1", 1000000);
    scene_refused(scene, "issuer-1", "voucher.resume", "A04", "\"voucher\":\"V-1\",\"reason\":\"cleared\"");
    scene_accepted(scene, "issuer-1", "voucher.suspend", "\"voucher\":\"V-1\",\"reason\":\"dispute\"");
    scene_refused(scene, "issuer-1", "voucher.suspend", "A04", "\"voucher\":\"V-1\",\"reason\":\"dispute\"");
    scene_accepted(scene, "issuer-1", "voucher.resume", "\"voucher\":\"V-1\",\"reason\":\"cleared\"");
    scene_accepted(scene, "issuer-1", "voucher.revoke", "\"voucher\":\"V-1\",\"reason\":\"fraud\"");
    assert_int_equal(voucher(scene, "V-1")->state, ZD_V_REVOKED);
    assert_int_equal(zd_scene_balance(scene, "6200/V-1/2026"), 0);
    assert_int_equal(zd_scene_balance(scene, "6300/V-1/2026"), 1000000); /* what is reserved goes on */
    assert_int_equal(zd_scene_balance(scene, "6100/" H1 "/2026"), 19000000);
    assert_null(zd_book_find(scene->book, ZD_R_DUE, "%06lld/V/V-1", (long long)voucher(scene, "V-1")->use_by_day));
    scene_refused(scene, "issuer-1", "voucher.revoke", "A04", "\"voucher\":\"V-1\",\"reason\":\"fraud\"");
    scene_accepted(scene, "provider/" P1, "redemption.void", "\"order\":\"R-1\"");
    assert_int_equal(zd_scene_balance(scene, "6100/" H1 "/2026"), 20000000);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static void funding_at_issue__earmarks_over_pools_in_their_order(void **state)
{
    (void)state;
    zd_scene *scene = with_new_holder();
    scene_accepted(scene, "maker", "pool.cut", "\"pool\":\"330602-2026-E\",\"amount_fen\":95000000,\"document\":\"d\"");
    scene_accepted(scene, "maker", "pool.open",
                   "\"pool\":\"second\",\"jurisdiction\":\"330602\",\"year\":2026,\"class\":\"enterprise\",\"rank\":2,\"document\":\"d\",\"fund_nature\":\"n\",\"budget_unit\":\"b\","
                   "\"project\":\"p\",\"function_code\":\"f\",\"gov_economic\":\"g\",\"dept_economic\":\"d\",\"settle_mode\":\"s\",\"amount_fen\":4000000");
    change_policy(scene, "\"funding_point\":{\"value\":\"order\"", "\"funding_point\":{\"value\":\"issue\"");
    scene_refused(scene, "issuer-1", "voucher.allot", "R27", GRANT("N-1", NEW_HOLDER, "9000001"));
    scene_accepted(scene, "issuer-1", "voucher.allot", GRANT("N-1", NEW_HOLDER, "6000000"));
    assert_int_equal(zd_scene_balance(scene, "2000/330602-2026-E"), 0);
    assert_int_equal(zd_scene_balance(scene, "2100/N-1/330602-2026-E"), 5000000);
    assert_int_equal(zd_scene_balance(scene, "2100/N-1/second"), 1000000);
    assert_int_equal(voucher(scene, "N-1")->funding_issue, 1);
    assert_string_equal(voucher(scene, "N-1")->leg_pool[1], "second");
    scene_accepted(scene, "issuer-1", "voucher.revoke", "\"voucher\":\"N-1\",\"reason\":\"mistake\"");
    assert_int_equal(zd_scene_balance(scene, "2000/330602-2026-E"), 5000000);
    assert_int_equal(zd_scene_balance(scene, "2000/second"), 4000000);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static void eligibility_list__is_asked_where_the_policy_demands_it(void **state)
{
    (void)state;
    zd_scene *scene = with_new_holder();
    change_policy(scene, "\"eligibility_list_required\":{\"value\":false", "\"eligibility_list_required\":{\"value\":true");
    scene_refused(scene, "issuer-1", "voucher.allot", "A08", GRANT("N-1", NEW_HOLDER, "1"));
    scene_accepted(scene, "issuer-1", "fact.attest", "\"fact\":\"eligible\",\"subject\":\"" NEW_HOLDER "/2026\",\"value\":\"list-1\",\"valid_from\":\"2026-05-02\"");
    scene_refused(scene, "issuer-1", "voucher.allot", "A08", GRANT("N-1", NEW_HOLDER, "1"));
    zd_scene_days(scene, 1);
    scene_accepted(scene, "issuer-1", "voucher.allot", GRANT("N-1", NEW_HOLDER, "1"));
    scene_accepted(scene, "issuer-1", "fact.attest", "\"fact\":\"eligible\",\"subject\":\"" NEW_HOLDER "/2026\",\"value\":\"no\"");
    scene_refused(scene, "issuer-1", "voucher.allot", "A08", GRANT("N-2", NEW_HOLDER, "1"));
    zd_scene_free(scene);
}

static void group__shares_one_cap_and_old_vouchers_return_where_they_came_from(void **state)
{
    (void)state;
    zd_scene *scene = with_new_holder();
    scene_accepted(scene, "issuer-1", "voucher.allot", GRANT("N-1", NEW_HOLDER, "5000000"));
    change_policy(scene, "\"quota_scope\":{\"value\":\"person\"", "\"quota_scope\":{\"value\":\"group\"");
    scene_accepted(scene, "issuer-1", "fact.attest", "\"fact\":\"controller\",\"subject\":\"" NEW_HOLDER "\",\"value\":\"G-7\"");
    scene_accepted(scene, "issuer-1", "fact.attest", "\"fact\":\"controller\",\"subject\":\"" H81 "\",\"value\":\"G-7\"");
    scene_accepted(scene, "issuer-1", "voucher.allot", GRANT("N-2", NEW_HOLDER, "15000000"));
    scene_refused(scene, "issuer-1", "voucher.allot", "R15", GRANT("M-1", H81, "5000001"));
    scene_accepted(scene, "issuer-1", "voucher.allot", GRANT("M-1", H81, "5000000"));
    assert_int_equal(zd_scene_balance(scene, "6100/G-7/2026"), 0);
    scene_accepted(scene, "issuer-1", "voucher.revoke", "\"voucher\":\"N-1\",\"reason\":\"mistake\"");
    assert_int_equal(zd_scene_balance(scene, "6100/G-7/2026"), 0);
    assert_int_equal(zd_scene_balance(scene, "6100/" NEW_HOLDER "/2026"), 20000000);
    scene_accepted(scene, "issuer-1", "voucher.revoke", "\"voucher\":\"N-2\",\"reason\":\"mistake\"");
    assert_int_equal(zd_scene_balance(scene, "6100/G-7/2026"), 15000000);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static void mandate__is_the_holders_own_word(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    const char *own = "holder/" H1;
#define MANDATE(holder) "\"mandate\":\"M-1\",\"holder\":\"" holder "\",\"providers\":\"all\",\"amount_fen\":1000000,\"until\":\"2026-12-31\""
    scene_refused(scene, own, "mandate.grant", "A05", MANDATE(H81));
    scene_refused(scene, own, "mandate.grant", "A07", "\"mandate\":\"M-1\",\"holder\":\"" H1 "\",\"providers\":\"all\",\"amount_fen\":1,\"until\":\"2026-03-01\"");
    scene_accepted(scene, own, "mandate.grant", MANDATE(H1));
    scene_refused(scene, own, "mandate.grant", "A02", MANDATE(H1));
    scene_refused(scene, "holder/E-0001", "mandate.withdraw", "A05", "\"mandate\":\"M-1\",\"holder\":\"" H1 "\"");
    scene_refused(scene, own, "mandate.withdraw", "A03", "\"mandate\":\"M-2\",\"holder\":\"" H1 "\"");
    scene_accepted(scene, own, "mandate.withdraw", "\"mandate\":\"M-1\",\"holder\":\"" H1 "\"");
    scene_refused(scene, own, "mandate.withdraw", "A04", "\"mandate\":\"M-1\",\"holder\":\"" H1 "\"");
    zd_scene_free(scene);
}

/* Scenario 19, first half: allotting full quotas locks no budget. */
static void allot__thousand_full_quotas_from_a_pool_of_two(void **state)
{
    (void)state;
    enum { HOLDERS = 1000, BATCH = 100 };
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "maker", "pool.cut", "\"pool\":\"330602-2026-P\",\"amount_fen\":80000000,\"document\":\"d\"");
    for (int first = 0; first < HOLDERS; first += BATCH) {
        zd_buf people = {0};
        zd_buf allots = {0};
        for (int n = first; n < first + BATCH; n++) {
            const char *comma = n > first ? "," : "";
            zd_buf_addf(&people, "%s{\"id\":\"h%d\",\"holder\":\"E%d\",\"class\":\"entrepreneur\",\"jurisdiction\":\"330602\",\"commitment\":\"%064d\","
                                 "\"eligible_from\":\"2026-01-01\",\"eligible_to\":\"2026-12-31\"}", comma, n, n, n);
            zd_buf_addf(&allots, "%s{\"id\":\"a%d\",\"voucher\":\"A%d\",\"holder\":\"E%d\",\"year\":2026,\"amount_fen\":10000000,\"categories\":\"all\"}", comma, n, n, n);
        }
        scene_accepted(scene, "issuer-2", "batch", "\"of\":\"holder.register\",\"items\":[%s]", zd_buf_text(&people));
        scene_accepted(scene, "issuer-1", "batch", "\"of\":\"voucher.allot\",\"items\":[%s]", zd_buf_text(&allots));
        for (size_t i = 0; i < scene->last.count; i++) {
            assert_int_equal(scene->last.decisions[i].outcome, ZD_ACCEPTED);
        }
        zd_buf_free(&people);
        zd_buf_free(&allots);
    }
    assert_int_equal(zd_scene_balance(scene, "2000/330602-2026-P"), 20000000);
    assert_int_equal(zd_scene_balance(scene, "6200/A999/2026"), 10000000);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allot__several_until_the_cap_and_one_fen_more_is_refused),
        cmocka_unit_test(allot__every_check_has_its_code),
        cmocka_unit_test(claim__waits_for_the_issuer_and_stands_alone),
        cmocka_unit_test(claim__cap_is_held_again_at_the_issue),
        cmocka_unit_test(states__suspend_resume_revoke),
        cmocka_unit_test(funding_at_issue__earmarks_over_pools_in_their_order),
        cmocka_unit_test(eligibility_list__is_asked_where_the_policy_demands_it),
        cmocka_unit_test(group__shares_one_cap_and_old_vouchers_return_where_they_came_from),
        cmocka_unit_test(mandate__is_the_holders_own_word),
        cmocka_unit_test(allot__thousand_full_quotas_from_a_pool_of_two),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
