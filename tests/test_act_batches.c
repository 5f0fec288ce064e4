/* Batches after the seal: who may approve and release, objections, withdrawal, and every answer of the bank. */
#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/settling.h"

static void seal_hex(zd_scene *scene, const char *batch, char hex[ZD_HASH_HEX])
{
    zd_hash_hex(hex, &zd_settling_batch(scene, batch)->seal_sha256);
}

static zd_scene *sealed(int64_t amount_fen)
{
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", amount_fen);
    zd_settling_wait(scene);
    zd_settling_seal(scene, "B-1", POOL_E, "");
    return scene;
}

/* Scenario 6, and the seal's hash. */
static void approval__needs_another_person_of_that_jurisdiction_and_the_sealed_text(void **state)
{
    (void)state;
    zd_scene *scene = sealed(100000);
    char hex[ZD_HASH_HEX];
    seal_hex(scene, "B-1", hex);
    scene_refused(scene, "checker-81", "batch.approve", "R46", "\"batch\":\"B-1\",\"seal_sha256\":\"%s\"", hex);
    scene_refused(scene, "checker", "batch.approve", "A07", "\"batch\":\"B-1\",\"seal_sha256\":\"%064d\"", 1);
    scene_refused(scene, "checker", "batch.approve", "A03", "\"batch\":\"B-9\",\"seal_sha256\":\"%s\"", hex);
    assert_code(zd_scene_submit(scene, "maker", "batch.approve", err, "\"batch\":\"B-1\",\"seal_sha256\":\"%s\"", hex), ZD_E_KEY_ROLE);
    /* The maker's person with a checker's key is still the maker. */
    scene_accepted(scene, "finance-root", "key.grant",
                   "\"key_name\":\"maker-as-checker\",\"public\":\"%064d\",\"person\":\"p-maker\",\"unit\":\"finance\",\"role\":\"checker\",\"jurisdictions\":\"all\"", 77);
    scene_refused(scene, "maker-as-checker", "batch.approve", "R46", "\"batch\":\"B-1\",\"seal_sha256\":\"%s\"", hex);
    scene_accepted(scene, "checker", "batch.approve", "\"batch\":\"B-1\",\"seal_sha256\":\"%s\"", hex);
    scene_refused(scene, "checker", "batch.approve", "A04", "\"batch\":\"B-1\",\"seal_sha256\":\"%s\"", hex);
    zd_scene_free(scene);
}

#define RELEASE_FIELDS \
    "\"batch\":\"B-1\",\"count\":%d,\"total_fen\":%d"

static void release__needs_a_third_person_an_approval_and_the_typed_totals(void **state)
{
    (void)state;
    zd_scene *scene = sealed(100000);
    scene_refused(scene, "releaser", "batch.release", "A04", RELEASE_FIELDS, 1, 100000);
    zd_settling_approve(scene, "B-1");
    scene_refused(scene, "checker", "batch.release", "R46", RELEASE_FIELDS, 1, 100000);
    scene_refused(scene, "releaser", "batch.release", "R48", RELEASE_FIELDS, 2, 100000);
    scene_refused(scene, "releaser", "batch.release", "R48", RELEASE_FIELDS, 1, 100001);
    scene_accepted(scene, "releaser", "batch.release", RELEASE_FIELDS, 1, 100000);
    scene_refused(scene, "releaser", "batch.release", "A04", RELEASE_FIELDS, 1, 100000);
    assert_int_equal(zd_settling_batch(scene, "B-1")->state, ZD_B_RELEASED);
    zd_scene_free(scene);
}

static void release__by_the_checker_is_a_two_officer_countys_policy(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_policy(scene, 2, "checker_may_release", "true");
    zd_settling_capture(scene, "R-1", 100000);
    zd_settling_wait(scene);
    zd_settling_seal(scene, "B-1", POOL_E, "");
    zd_settling_approve(scene, "B-1");
    scene_accepted(scene, "checker", "batch.release", "\"batch\":\"B-1\",\"count\":1,\"total_fen\":100000");
    zd_scene_free(scene);
}

static void release__after_the_execution_day_is_refused_and_withdrawing_reopens(void **state)
{
    (void)state;
    zd_scene *scene = sealed(100000);
    zd_settling_approve(scene, "B-1");
    zd_scene_days(scene, 4);
    scene_refused(scene, "releaser", "batch.release", "A04", "\"batch\":\"B-1\",\"count\":1,\"total_fen\":100000");
    scene_accepted(scene, "maker", "batch.withdraw", "\"batch\":\"B-1\",\"reason\":\"mistake\"");
    assert_int_equal(zd_settling_line(scene, "B-1", P1)->state, ZD_L_WITHDRAWN);
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/" POOL_E), 100000);
    zd_settling_check(scene);
    zd_settling_pay(scene, "B-2", POOL_E);
    zd_scene_free(scene);
}

static const zd_settling_part by_p2 = {"V-1", H1, P2, H1};

/* Scenario 11 needs three providers; the third is admitted here. */
#define P3 "12330600470000003W"
static void admit_third(zd_scene *scene)
{
    scene_two(scene, "issuer-1", "issuer-2", "exception.list", "\"code\":\"" P3 "\",\"decision\":\"样例决〔2026〕1号\"");
    scene_accepted(scene, "issuer-1", "provider.admit",
                   "\"provider\":\"" P3 "\",\"label\":\"样例第三所\",\"categories\":\"testing\",\"eligible_from\":\"2026-01-01\",\"eligible_to\":\"2026-12-31\"");
    scene_accepted(scene, "issuer-1", "key.grant",
                   "\"key_name\":\"provider/" P3 "\",\"public\":\"%064d\",\"person\":\"p-p3\",\"unit\":\"p3\",\"role\":\"provider\",\"party\":\"" P3
                   "\",\"jurisdictions\":\"all\"", 78);
    scene_two(scene, "provider/" P3, "issuer-1", "provider.account", "\"provider\":\"" P3 "\",\"commitment\":\"%064d\"", 3);
}

static void objection__takes_its_line_out_of_what_is_typed_and_paid(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    admit_third(scene);
    zd_settling_capture(scene, "R-1", 100000);
    zd_settling_capture_for(scene, by_p2, "R-2", 300000);
    zd_settling_capture_for(scene, (zd_settling_part){"V-1", H1, P3, H1}, "R-3", 200000);
    zd_settling_wait(scene);
    zd_settling_seal(scene, "B-1", POOL_E, "");
    zd_settling_approve(scene, "B-1");
    scene_accepted(scene, "reviewer-1", "batch.object", "\"batch\":\"B-1\",\"provider\":\"" P3 "\",\"reason\":\"dispute\"");
    assert_int_equal(zd_settling_line(scene, "B-1", P3)->state, ZD_L_HELD);
    assert_int_equal(zd_scene_balance(scene, "3050/" P3 "/" POOL_E), 200000);
    zd_settling_check(scene);
    scene_refused(scene, "reviewer-1", "batch.object", "A04", "\"batch\":\"B-1\",\"provider\":\"" P3 "\",\"reason\":\"dispute\"");
    scene_refused(scene, "releaser", "batch.release", "R48", "\"batch\":\"B-1\",\"count\":3,\"total_fen\":600000");
    scene_accepted(scene, "releaser", "batch.release", "\"batch\":\"B-1\",\"count\":2,\"total_fen\":400000");
    scene_refused(scene, "reviewer-1", "batch.object", "A04", "\"batch\":\"B-1\",\"provider\":\"" P1 "\",\"reason\":\"dispute\"");
    scene_refused(scene, "maker", "line.answer", "A16", "\"batch\":\"B-1\",\"provider\":\"" P3 "\",\"answer\":\"debited\",\"evidence_sha256\":\"%064d\"", 9);
    zd_settling_answer(scene, "B-1", P1, "debited");
    zd_settling_answer(scene, "B-1", P1, "paid");
    zd_settling_answer(scene, "B-1", P2, "failed");
    assert_int_equal(zd_settling_batch(scene, "B-1")->state, ZD_B_CLOSED); /* the held line does not keep it open */
    /* On the next waiting list as an objection; once released it is paid. */
    zd_settling_seal(scene, "B-2", POOL_E, "");
    zd_settling_waits(scene, 0, "c-R-3", "objection");
    scene_accepted(scene, "reviewer-1", "review.release", "\"item\":\"c-R-3\",\"reason\":\"cleared\"");
    zd_settling_pay(scene, "B-3", POOL_E);
    assert_int_equal(zd_settling_batch(scene, "B-3")->total_fen, 200000);
    zd_scene_free(scene);
}

static void objection__upheld_gives_the_amount_back_and_a_void_empties_the_queue(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 100000);
    zd_settling_capture(scene, "R-2", 200000);
    zd_settling_wait(scene);
    zd_settling_seal(scene, "B-1", POOL_E, "");
    scene_accepted(scene, "reviewer-1", "batch.object", "\"batch\":\"B-1\",\"provider\":\"" P1 "\",\"reason\":\"dispute\"");
    zd_settling_check(scene);
    scene_accepted(scene, "reviewer-1", "review.reject", "\"item\":\"c-R-1\",\"reason\":\"fraud\"");
    assert_int_equal(zd_settling_item(scene, "c-R-1")->state, ZD_I_REJECTED);
    scene_refused(scene, "reviewer-1", "review.release", "A04", "\"item\":\"c-R-1\",\"reason\":\"cleared\"");
    scene_accepted(scene, "provider/" P1, "redemption.void", "\"order\":\"R-2\",\"item\":\"c-R-2\"");
    assert_int_equal(zd_scene_balance(scene, "2000/" POOL_E), 100000000);
    assert_int_equal(zd_scene_balance(scene, "6300/V-1/2026"), 0);
    assert_int_equal(zd_settling_item(scene, "c-R-1")->held, 0);
    zd_book_cursor queue = zd_book_scan(scene->book, ZD_R_HOLDQ, "%s", "");
    assert_false(zd_book_next(&queue)); /* nothing is left for anybody to decide */
    zd_settling_check(scene);
    zd_scene_free(scene);
}

static zd_status answer(zd_scene *scene, const char *word, zd_error *err)
{
    return zd_scene_submit(scene, "attester", "line.answer", err, "\"batch\":\"B-1\",\"provider\":\"" P1 "\",\"answer\":\"%s\",\"evidence_sha256\":\"%064d\"", word, 4);
}

/* Every state of a line against every answer. */
static void line__takes_only_the_answers_of_its_state(void **state)
{
    (void)state;
    static const char *const words[] = {"accepted", "debited", "failed", "returned", "paid", "unknown"};
    static const struct {
        const char *path[3];
        const char *taken; /* one letter a word, in the order above: y = taken */
    } rows[] = {
        {{NULL}, "yyynny"},
        {{"accepted", NULL}, "nyynny"},
        {{"unknown", NULL}, "yyynnn"},
        {{"debited", NULL}, "nnnyyn"},
        {{"debited", "paid", NULL}, "nnnynn"},
        {{"debited", "returned", NULL}, "nnnnnn"},
        {{"failed", NULL}, "nnnnnn"},
    };
    for (size_t row = 0; row < ZD_COUNT(rows); row++) {
        for (size_t word = 0; word < ZD_COUNT(words); word++) {
            zd_scene *scene = sealed(100000);
            zd_settling_approve(scene, "B-1");
            zd_settling_release(scene, "B-1");
            for (size_t i = 0; i < 3 && rows[row].path[i] != NULL; i++) {
                zd_settling_answer(scene, "B-1", P1, rows[row].path[i]);
            }
            assert_ok(answer(scene, words[word], err));
            assert_string_equal(zd_scene_code(scene), rows[row].taken[word] == 'y' ? "" : "A04");
            zd_settling_check(scene);
            zd_scene_free(scene);
        }
    }
}

static void answer__before_release_or_with_another_amount_is_refused(void **state)
{
    (void)state;
    zd_scene *scene = sealed(100000);
    assert_ok(answer(scene, "debited", err));
    assert_string_equal(zd_scene_code(scene), "A04");
    zd_settling_approve(scene, "B-1");
    zd_settling_release(scene, "B-1");
    scene_refused(scene, "maker-81", "line.answer", "R46", "\"batch\":\"B-1\",\"provider\":\"" P1 "\",\"answer\":\"debited\",\"evidence_sha256\":\"%064d\"", 9);
    scene_refused(scene, "maker", "line.answer", "A07",
                  "\"batch\":\"B-1\",\"provider\":\"" P1 "\",\"answer\":\"debited\",\"evidence_sha256\":\"%064d\",\"amount_fen\":99999", 9);
    assert_int_equal(zd_scene_balance(scene, "1000/" POOL_E), 100000000);
    scene_refused(scene, "maker", "batch.withdraw", "A04", "\"batch\":\"B-1\",\"reason\":\"mistake\"");
    zd_scene_free(scene);
}

static void unknown__keeps_the_batch_open_and_the_amount_in_settlement(void **state)
{
    (void)state;
    zd_scene *scene = sealed(100000);
    zd_settling_approve(scene, "B-1");
    zd_settling_release(scene, "B-1");
    zd_settling_answer(scene, "B-1", P1, "unknown");
    assert_int_equal(zd_settling_batch(scene, "B-1")->state, ZD_B_SETTLING);
    zd_settling_seal_refused(scene, "maker", "B-2", POOL_E, "A13"); /* never issued again on a guess */
    zd_settling_answer(scene, "B-1", P1, "debited");
    assert_int_equal(zd_scene_balance(scene, "3100/B-1/" P1 "/" POOL_E), 0);
    zd_scene_free(scene);
}

static void return__after_the_batch_closed_reopens_the_line_only(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 100000);
    zd_settling_wait(scene);
    zd_settling_pay(scene, "B-1", POOL_E);
    const zd_rec_provider *provider = zd_book_find(scene->book, ZD_R_PROVIDER, "%s", P1);
    assert_int_equal(provider->paid_version, provider->account_version);
    zd_settling_answer(scene, "B-1", P1, "returned");
    assert_int_equal(zd_settling_batch(scene, "B-1")->state, ZD_B_CLOSED);
    assert_int_equal(zd_settling_line(scene, "B-1", P1)->state, ZD_L_RETURNED);
    assert_int_equal(zd_scene_balance(scene, "1000/" POOL_E), 100000000);
    zd_settling_seal(scene, "B-2", POOL_E, "");
    assert_int_equal(zd_settling_line(scene, "B-2", P1)->first_payment, 1);
    scene_accepted(scene, "maker", "batch.withdraw", "\"batch\":\"B-2\",\"reason\":\"mistake\"");
    assert_int_equal(zd_scene_balance(scene, "3200/" P1 "/" POOL_E), 100000); /* back where it was */
    zd_settling_check(scene);
    zd_scene_free(scene);
}

static void reject__of_a_gated_item_gives_it_back_and_of_a_clean_one_is_refused(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "R-1", 100000);
    zd_scene_capture(scene, "C-1", "R-1", 100000, true);
    scene_accepted(scene, "reviewer-1", "review.reject", "\"item\":\"C-1\",\"reason\":\"fraud\"");
    assert_int_equal(zd_scene_balance(scene, "2000/" POOL_E), 100000000);
    zd_settling_capture(scene, "R-2", 100000);
    scene_refused(scene, "reviewer-1", "review.reject", "A04", "\"item\":\"c-R-2\",\"reason\":\"fraud\"");
    scene_refused(scene, "reviewer-1", "review.release", "A04", "\"item\":\"c-R-2\",\"reason\":\"cleared\"");
    zd_settling_check(scene);
    zd_scene_free(scene);
}

/* Scene: a capture of 100,000 that draws 30,000 on the first pool and 70,000 on the second, its parts paid and objected to. */
static zd_scene *two_pools(void)
{
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "maker", "pool.cut", "\"pool\":\"" POOL_E "\",\"amount_fen\":99970000,\"document\":\"d\"");
    scene_accepted(scene, "maker", "pool.open",
                   "\"pool\":\"330602-2026-E2\",\"jurisdiction\":\"330602\",\"year\":2026,\"class\":\"enterprise\",\"rank\":2,\"document\":\"d\",\"fund_nature\":\"n\","
                   "\"budget_unit\":\"u\",\"project\":\"p\",\"function_code\":\"1\",\"gov_economic\":\"2\",\"dept_economic\":\"3\",\"settle_mode\":\"m\","
                   "\"amount_fen\":1000000");
    zd_settling_capture(scene, "R-1", 100000);
    assert_int_equal(zd_settling_item(scene, "c-R-1")->leg_fen[0], 30000);
    assert_int_equal(zd_settling_item(scene, "c-R-1")->leg_fen[1], 70000);
    zd_settling_wait(scene);
    return scene;
}

static void legs__of_one_item_settle_refund_and_reject_each_in_their_pool(void **state)
{
    (void)state;
    zd_scene *scene = two_pools();
    zd_settling_pay(scene, "B-1", POOL_E);
    zd_settling_seal(scene, "B-2", "330602-2026-E2", "");
    scene_refused(scene, "provider/" P1, "redemption.refund", "A11", "\"note\":\"N-1\",\"item\":\"c-R-1\",\"amount_fen\":10000");
    zd_settling_answer(scene, "B-1", P1, "returned");
    scene_accepted(scene, "reviewer-1", "batch.object", "\"batch\":\"B-2\",\"provider\":\"" P1 "\",\"reason\":\"dispute\"");
    zd_settling_check(scene);
    assert_int_equal(zd_scene_balance(scene, "3050/" P1 "/330602-2026-E2"), 70000);
    zd_settling_seal_refused(scene, "maker", "B-3", POOL_E, "A13"); /* the returned leg waits with the hold */
    scene_accepted(scene, "provider/" P1, "redemption.refund", "\"note\":\"N-1\",\"item\":\"c-R-1\",\"amount_fen\":10000");
    assert_int_equal(zd_scene_balance(scene, "3200/" P1 "/" POOL_E), 27000); /* 3,000 of 10,000 */
    assert_int_equal(zd_scene_balance(scene, "3050/" P1 "/330602-2026-E2"), 63000);
    zd_settling_check(scene);
    scene_accepted(scene, "reviewer-1", "review.reject", "\"item\":\"c-R-1\",\"reason\":\"fraud\"");
    assert_int_equal(zd_scene_balance(scene, "2000/" POOL_E), 30000);
    assert_int_equal(zd_scene_balance(scene, "2000/330602-2026-E2"), 1000000);
    assert_int_equal(zd_scene_balance(scene, "6300/V-1/2026"), 0);
    zd_settling_check(scene);
    zd_scene_free(scene);
}

static void withdrawal__while_another_pools_objection_holds_the_item_keeps_it_held(void **state)
{
    (void)state;
    zd_scene *scene = two_pools();
    zd_settling_seal(scene, "B-1", POOL_E, ",\"forced\":true");
    zd_settling_seal(scene, "B-2", "330602-2026-E2", "");
    scene_accepted(scene, "reviewer-1", "batch.object", "\"batch\":\"B-2\",\"provider\":\"" P1 "\",\"reason\":\"dispute\"");
    scene_refused(scene, "reviewer-1", "review.reject", "A11", "\"item\":\"c-R-1\",\"reason\":\"fraud\"");
    scene_accepted(scene, "maker", "batch.withdraw", "\"batch\":\"B-1\",\"reason\":\"mistake\"");
    zd_settling_check(scene);
    assert_int_equal(zd_scene_balance(scene, "3050/" P1 "/" POOL_E), 30000);
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/" POOL_E), 0);
    scene_accepted(scene, "reviewer-1", "review.release", "\"item\":\"c-R-1\",\"reason\":\"cleared\"");
    zd_settling_pay(scene, "B-3", POOL_E);
    zd_settling_pay(scene, "B-4", "330602-2026-E2");
    zd_settling_check(scene);
    zd_scene_free(scene);
}

/* What was netted is settled: a rejection takes only the rest. */
static void reject__of_a_partly_netted_item_leaves_the_netted_part(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 100000);
    zd_settling_wait(scene);
    zd_settling_pay(scene, "B-1", POOL_E);
    scene_accepted(scene, "provider/" P1, "redemption.refund", "\"note\":\"N-1\",\"item\":\"c-R-1\",\"amount_fen\":20000");
    zd_settling_capture(scene, "R-2", 100000);
    zd_settling_wait(scene);
    zd_settling_seal(scene, "B-2", POOL_E, "");
    scene_accepted(scene, "reviewer-1", "batch.object", "\"batch\":\"B-2\",\"provider\":\"" P1 "\",\"reason\":\"dispute\"");
    scene_accepted(scene, "reviewer-1", "review.reject", "\"item\":\"c-R-2\",\"reason\":\"fraud\"");
    assert_int_equal(zd_settling_item(scene, "c-R-2")->state, ZD_I_CAPTURED);
    assert_int_equal(zd_settling_item(scene, "c-R-2")->offset_fen[0], 20000);
    assert_int_equal(zd_settling_item(scene, "c-R-2")->base_fen, 40000);
    assert_int_equal(zd_scene_balance(scene, "3050/" P1 "/" POOL_E), 0);
    assert_int_equal(zd_scene_balance(scene, "6300/V-1/2026"), 100000); /* 80,000 of the first, 20,000 of the second */
    zd_settling_check(scene);
    /* The netted part can still be refunded, as a receivable. */
    scene_accepted(scene, "provider/" P1, "redemption.refund", "\"note\":\"N-2\",\"item\":\"c-R-2\",\"amount_fen\":20000");
    assert_int_equal(zd_scene_balance(scene, "1100/" P1 "/" POOL_E), 20000);
    zd_settling_check(scene);
    zd_scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(approval__needs_another_person_of_that_jurisdiction_and_the_sealed_text),
        cmocka_unit_test(release__needs_a_third_person_an_approval_and_the_typed_totals),
        cmocka_unit_test(release__by_the_checker_is_a_two_officer_countys_policy),
        cmocka_unit_test(release__after_the_execution_day_is_refused_and_withdrawing_reopens),
        cmocka_unit_test(objection__takes_its_line_out_of_what_is_typed_and_paid),
        cmocka_unit_test(objection__upheld_gives_the_amount_back_and_a_void_empties_the_queue),
        cmocka_unit_test(line__takes_only_the_answers_of_its_state),
        cmocka_unit_test(answer__before_release_or_with_another_amount_is_refused),
        cmocka_unit_test(unknown__keeps_the_batch_open_and_the_amount_in_settlement),
        cmocka_unit_test(return__after_the_batch_closed_reopens_the_line_only),
        cmocka_unit_test(legs__of_one_item_settle_refund_and_reject_each_in_their_pool),
        cmocka_unit_test(withdrawal__while_another_pools_objection_holds_the_item_keeps_it_held),
        cmocka_unit_test(reject__of_a_partly_netted_item_leaves_the_netted_part),
        cmocka_unit_test(reject__of_a_gated_item_gives_it_back_and_of_a_clean_one_is_refused),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
