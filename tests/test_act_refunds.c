/* Refunds, recoveries, write-offs and clawbacks: each fen of an item stays in exactly one bucket on every path. */
#include "tests/support/support.h"

#include <string.h>

#include "tests/support/settling.h"

#define REFUND "\"note\":\"%s\",\"item\":\"%s\",\"amount_fen\":%d"

static void refund__of_an_open_part_goes_straight_back(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 200000);
    const zd_rec_tier *tier = zd_book_find(scene->book, ZD_R_TIER, H1 "/" P1 "/material-R-1/2026");
    scene_accepted(scene, "provider/" P1, "redemption.refund", REFUND, "N-1", "c-R-1", 50000);
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/" POOL_E), 150000);
    assert_int_equal(zd_scene_balance(scene, "2000/" POOL_E), 100000000 - 150000);
    assert_int_equal(zd_scene_balance(scene, "6200/V-1/2026"), 20000000 - 150000);
    assert_int_equal(zd_scene_balance(scene, "1100/" P1 "/" POOL_E), 0);
    assert_int_equal(tier->base_fen, 300000);
    assert_int_equal(tier->subsidy_fen, 150000);
    zd_settling_check(scene);
    scene_accepted(scene, "provider/" P1, "redemption.refund", REFUND, "N-2", "c-R-1", 50000);
    assert_int_equal(tier->base_fen, 200000); /* the base follows what is left, refund by refund */
    assert_int_equal(zd_settling_item(scene, "c-R-1")->own_share_fen, 100000);
    scene_accepted(scene, "provider/" P1, "redemption.refund", REFUND, "N-3", "c-R-1", 100000);
    assert_int_equal(tier->base_fen, 0);
    assert_int_equal(zd_settling_item(scene, "c-R-1")->base_fen, 0);
    zd_settling_check(scene);
    zd_scene_free(scene);
}

static void refund__twice_under_one_note_or_beyond_the_item_is_refused(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 200000);
    scene_accepted(scene, "provider/" P1, "redemption.refund", REFUND, "N-1", "c-R-1", 150000);
    scene_refused(scene, "provider/" P1, "redemption.refund", "A02", REFUND, "N-1", "c-R-1", 10000);
    scene_refused(scene, "provider/" P1, "redemption.refund", "R14", REFUND, "N-2", "c-R-1", 50001);
    scene_refused(scene, "provider/" P1, "redemption.refund", "R14", REFUND, "N-2", "c-R-1", 0);
    scene_refused(scene, "provider/" P2, "redemption.refund", "A05", REFUND, "N-2", "c-R-1", 1);
    scene_refused(scene, "provider/" P1, "redemption.refund", "A03", REFUND, "N-2", "c-R-9", 1);
    scene_refused(scene, "provider/" P1, "redemption.refund", "A03", REFUND, "N-2", "N-1", 1); /* a refund is no item */
    scene_accepted(scene, "provider/" P1, "redemption.refund", REFUND, "N-2", "c-R-1", 50000);
    assert_int_equal(zd_scene_balance(scene, "2000/" POOL_E), 100000000);
    zd_settling_check(scene);
    zd_scene_free(scene);
}

static void refund__while_in_a_batch_asks_to_retry_and_does_nothing(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 200000);
    zd_settling_wait(scene);
    zd_settling_seal(scene, "B-1", POOL_E, "");
    scene_refused(scene, "provider/" P1, "redemption.refund", "A11", REFUND, "N-1", "c-R-1", 50000);
    assert_null(zd_book_find(scene->book, ZD_R_NOTE, "N-1/" POOL_E));
    zd_settling_approve(scene, "B-1");
    zd_settling_release(scene, "B-1");
    scene_refused(scene, "provider/" P1, "redemption.refund", "A11", REFUND, "N-2", "c-R-1", 50000);
    zd_settling_answer(scene, "B-1", P1, "debited");
    scene_accepted(scene, "provider/" P1, "redemption.refund", REFUND, "N-1", "c-R-1", 50000);
    assert_int_equal(zd_scene_balance(scene, "1100/" P1 "/" POOL_E), 50000);
    assert_int_equal(zd_scene_balance(scene, "2160/N-1/" POOL_E), 50000);
    assert_int_equal(zd_scene_balance(scene, "6300/V-1/2026"), 200000); /* quota waits for the recovery */
    zd_settling_check(scene);
    zd_scene_free(scene);
}

/* Scenario 2, second half: after payment and refund the invoice stays used. */
static void refund__after_payment_does_not_free_the_invoice(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 190000);
    char invoice[41];
    memcpy(invoice, zd_settling_item(scene, "c-R-1")->invoice, sizeof invoice);
    zd_settling_wait(scene);
    zd_settling_pay(scene, "B-1", POOL_E);
    scene_accepted(scene, "provider/" P1, "redemption.refund", REFUND, "N-1", "c-R-1", 190000);
    zd_scene_order(scene, "R-2", 190000);
    scene_refused(scene, "provider/" P1, "redemption.capture", "R32",
                  "\"item\":\"C-2\",\"order\":\"R-2\",\"amount_fen\":190000,\"own_share_fen\":190000,\"final\":true,\"done\":\"2026-03-10\",\"result_sha256\":\"%064d\","
                  "\"invoice\":\"%s\",\"invoice_fen\":380000,\"invoice_part_fen\":380000,\"invoice_date\":\"2026-03-02\",\"seller\":\"" P1 "\",\"buyer\":\"" H1 "\"",
                  5, invoice);
    zd_settling_check(scene);
    zd_scene_free(scene);
}

/* Scenario 10. */
static void red_letter__after_payment_makes_a_receivable_of_its_share(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 200000);
    char invoice[41];
    memcpy(invoice, zd_settling_item(scene, "c-R-1")->invoice, sizeof invoice);
    zd_settling_wait(scene);
    zd_settling_pay(scene, "B-1", POOL_E);
    scene_accepted(scene, "attester", "fact.attest", "\"fact\":\"red-letter\",\"subject\":\"%s\",\"value\":\"26330000000000009999\",\"amount_fen\":100000", invoice);
    assert_int_equal(zd_scene_balance(scene, "1100/" P1 "/" POOL_E), 50000);
    zd_settling_check(scene);
    zd_scene_free(scene);
}

static void refund__of_a_returned_part_comes_off_the_returned_money(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 200000);
    zd_settling_wait(scene);
    zd_settling_pay(scene, "B-1", POOL_E);
    scene_accepted(scene, "provider/" P1, "redemption.refund", REFUND, "N-1", "c-R-1", 50000); /* settled: a receivable */
    zd_settling_answer(scene, "B-1", P1, "returned");
    assert_int_equal(zd_scene_balance(scene, "3200/" P1 "/" POOL_E), 200000);
    scene_refused(scene, "provider/" P1, "redemption.refund", "R14", REFUND, "N-2", "c-R-1", 150001);
    scene_accepted(scene, "provider/" P1, "redemption.refund", REFUND, "N-2", "c-R-1", 150000);
    assert_int_equal(zd_scene_balance(scene, "3200/" P1 "/" POOL_E), 50000);
    assert_int_equal(zd_scene_balance(scene, "1100/" P1 "/" POOL_E), 50000);
    assert_int_equal(zd_scene_balance(scene, "6300/V-1/2026"), 50000);
    zd_settling_check(scene);
    zd_scene_free(scene);
}

static void note__recovered_in_cash_gives_quota_and_pool_back(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 200000);
    zd_settling_wait(scene);
    zd_settling_pay(scene, "B-1", POOL_E);
    scene_accepted(scene, "provider/" P1, "redemption.refund", REFUND, "N-1", "c-R-1", 80000);
    scene_refused(scene, "maker", "review.recover", "R14", "\"amount_fen\":80001,\"evidence_sha256\":\"%064d\",\"note\":\"N-1\"", 3);
    scene_refused(scene, "maker-81", "review.recover", "R46", "\"amount_fen\":1,\"evidence_sha256\":\"%064d\",\"note\":\"N-1\"", 3);
    scene_refused(scene, "maker", "review.recover", "A07", "\"amount_fen\":1,\"evidence_sha256\":\"%064d\"", 3);
    scene_accepted(scene, "maker", "review.recover", "\"amount_fen\":60000,\"evidence_sha256\":\"%064d\",\"note\":\"N-1\"", 3);
    assert_int_equal(zd_scene_balance(scene, "1100/" P1 "/" POOL_E), 20000);
    assert_int_equal(zd_scene_balance(scene, "6300/V-1/2026"), 140000);
    assert_int_equal(zd_scene_balance(scene, "1000/" POOL_E), 100000000 - 200000 + 60000);
    zd_settling_check(scene);
    /* The rest is given up: the spend stands, quota stays used. */
    scene_two(scene, "reviewer-1", "reviewer-2", "review.write-off", "\"amount_fen\":20000,\"decision\":\"样例决〔2026〕2号\",\"note\":\"N-1\"");
    assert_int_equal(zd_scene_balance(scene, "1100/" P1 "/" POOL_E), 0);
    assert_int_equal(zd_scene_balance(scene, "2160/N-1/" POOL_E), 0);
    assert_int_equal(zd_scene_balance(scene, "6300/V-1/2026"), 140000);
    scene_refused(scene, "maker", "review.recover", "A03", "\"amount_fen\":1,\"evidence_sha256\":\"%064d\",\"note\":\"N-1\"", 3);
    zd_settling_check(scene);
    zd_scene_free(scene);
}

#define CLAWBACK_FIELDS \
    "\"case\":\"%s\",\"holder\":\"%s\",\"item\":\"c-R-1\",\"amount_fen\":%d,\"decision\":\"样例决〔2026〕3号\""

static void clawback__never_exceeds_what_was_settled_and_not_refunded(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 200000);
    scene_refused(scene, "reviewer-1", "review.clawback", "R14", CLAWBACK_FIELDS, "K-1", H1, 1); /* nothing was paid yet */
    zd_settling_wait(scene);
    zd_settling_pay(scene, "B-1", POOL_E);
    scene_accepted(scene, "provider/" P1, "redemption.refund", REFUND, "N-1", "c-R-1", 50000);
    scene_refused(scene, "reviewer-1", "review.clawback", "R14", CLAWBACK_FIELDS, "K-1", H1, 150001);
    scene_refused(scene, "reviewer-1", "review.clawback", "A07", CLAWBACK_FIELDS, "K-1", H81, 1);
    scene_two(scene, "reviewer-1", "reviewer-2", "review.clawback", CLAWBACK_FIELDS, "K-1", H1, 100000);
    assert_int_equal(zd_scene_balance(scene, "1200/" H1 "/" POOL_E), 100000);
    assert_int_equal(zd_scene_balance(scene, "2170/K-1/" POOL_E), 100000);
    scene_refused(scene, "reviewer-1", "review.clawback", "A02", CLAWBACK_FIELDS, "K-1", H1, 1);
    scene_refused(scene, "reviewer-1", "review.clawback", "R14", CLAWBACK_FIELDS, "K-2", H1, 50001);
    scene_accepted(scene, "maker", "review.recover", "\"amount_fen\":40000,\"evidence_sha256\":\"%064d\",\"case\":\"K-1\"", 3);
    assert_int_equal(zd_scene_balance(scene, "1200/" H1 "/" POOL_E), 60000);
    assert_int_equal(zd_scene_balance(scene, "2000/" POOL_E), 100000000 - 200000 + 40000);
    scene_two(scene, "reviewer-2", "reviewer-1", "review.write-off", "\"amount_fen\":60000,\"decision\":\"样例决〔2026〕4号\",\"case\":\"K-1\"");
    assert_int_equal(zd_scene_balance(scene, "2170/K-1/" POOL_E), 0);
    assert_int_equal(zd_scene_balance(scene, "6300/V-1/2026"), 200000);
    zd_settling_check(scene);
    zd_scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refund__of_an_open_part_goes_straight_back),
        cmocka_unit_test(refund__twice_under_one_note_or_beyond_the_item_is_refused),
        cmocka_unit_test(refund__while_in_a_batch_asks_to_retry_and_does_nothing),
        cmocka_unit_test(refund__after_payment_does_not_free_the_invoice),
        cmocka_unit_test(red_letter__after_payment_makes_a_receivable_of_its_share),
        cmocka_unit_test(refund__of_a_returned_part_comes_off_the_returned_money),
        cmocka_unit_test(note__recovered_in_cash_gives_quota_and_pool_back),
        cmocka_unit_test(clawback__never_exceeds_what_was_settled_and_not_refunded),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
