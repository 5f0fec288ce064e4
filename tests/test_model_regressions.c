/* What the model test found: one named case for each difference that was the engine's fault. See test_model_random.c. */
#include "tests/support/support.h"

#include "ledger/base/clock.h"
#include "tests/support/settling.h"

/* An invoice may have two numbers, and one may be attested before the other: a red letter counts once, whichever number it is reported under. */
static void red_letter__under_the_invoices_other_number_counts_once(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
#define RED "\"fact\":\"red-letter\",\"subject\":\"%s\",\"value\":\"26330000000000009999\",\"amount_fen\":1000"
    scene_accepted(scene, "attester", "fact.attest", RED, "26330000000000000001");
    scene_refused(scene, "attester", "fact.attest", "A02", RED, "033062600111:00000005");
    scene_refused(scene, "attester", "fact.attest", "A02", RED, "26330000000000000001");
    zd_scene_free(scene);
}

/* Else a provider could name its own note first, and the tax office's red letter of that number would be refused as known. */
static void refund__cannot_take_the_id_of_a_red_letters_note(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 200000);
    scene_refused(scene, "provider/" P1, "redemption.refund", "A07", "\"note\":\"red-26330000000000009999\",\"item\":\"c-R-1\",\"amount_fen\":1");
    zd_scene_free(scene);
}

/* Paid 200,000, of which 120,000 were refunded; then the bank returns the payment. The refund stands as the provider's debt. */
static void returned_after_refund(zd_scene *scene)
{
    zd_settling_capture(scene, "R-1", 200000);
    zd_settling_wait(scene);
    zd_settling_pay(scene, "B-1", POOL_E);
    scene_accepted(scene, "provider/" P1, "redemption.refund", "\"note\":\"N-1\",\"item\":\"c-R-1\",\"amount_fen\":120000");
    zd_settling_answer(scene, "B-1", P1, "returned");
    assert_int_equal(zd_scene_balance(scene, "3200/" P1 "/" POOL_E), 200000);
}

/* Rejecting gave back the refunded part a second time, and the process stopped at the broken invariant. */
static void reject__of_a_returned_payment_leaves_what_was_refunded(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    returned_after_refund(scene);
    scene_refused(scene, "reviewer-1", "review.reject", "A04", "\"item\":\"c-R-1\",\"reason\":\"fraud\"");
    zd_settling_seal(scene, "B-2", POOL_E, "");
    scene_accepted(scene, "reviewer-1", "batch.object", "\"batch\":\"B-2\",\"provider\":\"" P1 "\",\"reason\":\"dispute\"");
    scene_accepted(scene, "reviewer-1", "review.reject", "\"item\":\"c-R-1\",\"reason\":\"fraud\"");
    assert_int_equal(zd_scene_balance(scene, "3050/" P1 "/" POOL_E), 120000);
    assert_int_equal(zd_scene_balance(scene, "1100/" P1 "/" POOL_E), 120000);
    scene_refused(scene, "reviewer-1", "review.reject", "A13", "\"item\":\"c-R-1\",\"reason\":\"fraud\"");
    zd_settling_check(scene);
    zd_scene_free(scene);
}

/* The same by a void, once the second payment failed and everything looks as if it had never been sealed. */
static void void__of_an_item_with_a_refunded_payment_is_refused(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    returned_after_refund(scene);
    zd_settling_seal(scene, "B-2", POOL_E, "");
    zd_settling_approve(scene, "B-2");
    zd_settling_release(scene, "B-2");
    zd_settling_answer(scene, "B-2", P1, "failed");
    assert_int_equal(zd_settling_item(scene, "c-R-1")->open_fen[0], 200000);
    scene_refused(scene, "provider/" P1, "redemption.void", "A04", "\"order\":\"R-1\",\"item\":\"c-R-1\"");
    zd_settling_check(scene);
    zd_scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(red_letter__under_the_invoices_other_number_counts_once),
        cmocka_unit_test(refund__cannot_take_the_id_of_a_red_letters_note),
        cmocka_unit_test(reject__of_a_returned_payment_leaves_what_was_refunded),
        cmocka_unit_test(void__of_an_item_with_a_refunded_payment_is_refused),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
