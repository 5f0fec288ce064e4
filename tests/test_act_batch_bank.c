/* A released batch between finance and the bank: handed over, taken, refused as a whole, never sent. The answers to single lines are in test_act_batches.c. */
#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/clock.h"
#include "tests/support/settling.h"

#define EVIDENCE "\"evidence_sha256\":\"0000000000000000000000000000000000000000000000000000000000000007\""
#define SUBMIT "\"batch\":\"B-1\",\"count\":%d,\"total_fen\":%d," EVIDENCE
#define B1 "\"batch\":\"B-1\"," EVIDENCE
#define NEVER_SENT B1 ",\"reason\":\"mistake\""

static const zd_settling_part by_p2 = {"V-1", H1, P2, H1};

/* Two lines: 100,000 for P1 and 50,000 for P2. */
static zd_scene *released(void)
{
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 100000);
    zd_settling_capture_for(scene, by_p2, "R-2", 50000);
    zd_settling_wait(scene);
    zd_settling_seal(scene, "B-1", POOL_E, "");
    zd_settling_approve(scene, "B-1");
    zd_settling_release(scene, "B-1");
    return scene;
}

static void submission__is_typed_and_happens_once(void **state)
{
    (void)state;
    zd_scene *scene = released();
    assert_code(zd_scene_submit(scene, "checker", "batch.submit", err, SUBMIT, 2, 150000), ZD_E_KEY_ROLE);
    scene_refused(scene, "maker", "batch.submit", "R48", SUBMIT, 1, 150000);
    scene_refused(scene, "maker", "batch.submit", "R48", SUBMIT, 2, 150001);
    scene_refused(scene, "maker-81", "batch.submit", "R46", SUBMIT, 2, 150000);
    scene_accepted(scene, "maker", "batch.submit", SUBMIT, 2, 150000);
    assert_int_equal(zd_settling_batch(scene, "B-1")->state, ZD_B_SUBMITTED);
    scene_refused(scene, "maker", "batch.submit", "A04", SUBMIT, 2, 150000);
    scene_accepted(scene, "attester", "batch.ack", B1);
    assert_int_equal(zd_settling_batch(scene, "B-1")->state, ZD_B_ACKED);
    /* That the bank took the file proves no line. */
    assert_int_equal(zd_settling_line(scene, "B-1", P1)->state, ZD_L_PENDING);
    assert_int_equal(zd_scene_balance(scene, "3100/B-1/" P1 "/" POOL_E), 100000);
    zd_settling_answer(scene, "B-1", P1, "debited");
    assert_int_equal(zd_settling_batch(scene, "B-1")->state, ZD_B_SETTLING);
    scene_refused(scene, "attester", "batch.ack", "A04", B1);
    zd_scene_free(scene);
}

static void submission__after_the_execution_day_is_refused_and_a_void_leaves_expired(void **state)
{
    (void)state;
    zd_scene *scene = released();
    zd_scene_days(scene, 5);
    scene_refused(scene, "maker", "batch.submit", "A04", SUBMIT, 2, 150000);
    scene_two(scene, "checker", "releaser", "batch.void", NEVER_SENT);
    assert_int_equal(zd_settling_batch(scene, "B-1")->state, ZD_B_EXPIRED);
    zd_settling_check(scene);
    zd_scene_free(scene);
}

static void rejection__fails_every_line_that_nobody_answered(void **state)
{
    (void)state;
    zd_scene *scene = released();
    scene_accepted(scene, "maker", "batch.submit", SUBMIT, 2, 150000);
    zd_settling_answer(scene, "B-1", P2, "unknown");
    scene_accepted(scene, "attester", "batch.reject", B1 ",\"bank_code\":\"AM04\"");
    assert_int_equal(zd_settling_batch(scene, "B-1")->state, ZD_B_REJECTED);
    assert_int_equal(zd_settling_line(scene, "B-1", P1)->state, ZD_L_FAILED);
    assert_int_equal(zd_settling_line(scene, "B-1", P2)->state, ZD_L_FAILED);
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/" POOL_E), 100000);
    assert_int_equal(zd_scene_balance(scene, "1000/" POOL_E), 100000000);
    zd_settling_check(scene);
    scene_refused(scene, "attester", "batch.reject", "A04", B1);
    scene_refused(scene, "maker", "line.answer", "A04", "\"batch\":\"B-1\",\"provider\":\"" P1 "\",\"answer\":\"debited\"," EVIDENCE);
    zd_settling_pay(scene, "B-2", POOL_E); /* under a new number */
    assert_int_equal(zd_settling_batch(scene, "B-2")->total_fen, 150000);
    zd_scene_free(scene);
}

static void rejection__of_what_was_debited_is_refused(void **state)
{
    (void)state;
    zd_scene *scene = released();
    zd_settling_answer(scene, "B-1", P1, "debited");
    scene_refused(scene, "attester", "batch.reject", "A04", B1);
    assert_int_equal(zd_settling_line(scene, "B-1", P2)->state, ZD_L_PENDING);
    zd_settling_answer(scene, "B-1", P1, "returned");
    scene_refused(scene, "attester", "batch.reject", "A04", B1); /* it went out and came back: that is a return */
    zd_scene_free(scene);
}

static void void__needs_two_officers_and_a_batch_that_nobody_sent(void **state)
{
    (void)state;
    zd_scene *scene = released();
    assert_ok(zd_scene_submit(scene, "checker", "batch.void", err, NEVER_SENT));
    assert_int_equal(zd_scene_outcome(scene), ZD_PROPOSED);
    assert_int_equal(zd_settling_batch(scene, "B-1")->state, ZD_B_RELEASED); /* one officer alone changes nothing */
    assert_ok(zd_scene_second(scene, "checker", err));
    assert_string_equal(zd_scene_code(scene), "R46");
    assert_ok(zd_scene_submit(scene, "checker", "batch.void", err, NEVER_SENT));
    assert_ok(zd_scene_second(scene, "releaser", err));
    assert_string_equal(zd_scene_code(scene), "");
    assert_int_equal(zd_settling_batch(scene, "B-1")->state, ZD_B_VOIDED);
    assert_int_equal(zd_settling_line(scene, "B-1", P1)->state, ZD_L_WITHDRAWN);
    zd_settling_check(scene);
    scene_refused(scene, "maker", "line.answer", "A04", "\"batch\":\"B-1\",\"provider\":\"" P1 "\",\"answer\":\"debited\"," EVIDENCE);
    zd_settling_pay(scene, "B-2", POOL_E);
    zd_scene_free(scene);
}

static void void__once_handed_over_or_answered_is_the_banks_to_say(void **state)
{
    (void)state;
    zd_scene *scene = released();
    scene_accepted(scene, "maker", "batch.submit", SUBMIT, 2, 150000);
    scene_refused(scene, "checker", "batch.void", "A04", NEVER_SENT);
    zd_scene_free(scene);
    scene = released();
    zd_settling_answer(scene, "B-1", P1, "unknown");
    scene_refused(scene, "checker", "batch.void", "A04", NEVER_SENT);
    zd_scene_free(scene);
}

static void void__puts_what_the_bank_had_returned_back_where_it_was(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 100000);
    zd_settling_wait(scene);
    zd_settling_pay(scene, "B-0", POOL_E);
    zd_settling_answer(scene, "B-0", P1, "returned");
    zd_settling_seal(scene, "B-1", POOL_E, "");
    zd_settling_approve(scene, "B-1");
    zd_settling_release(scene, "B-1");
    scene_two(scene, "checker", "releaser", "batch.void", NEVER_SENT);
    assert_int_equal(zd_scene_balance(scene, "3200/" P1 "/" POOL_E), 100000);
    zd_settling_check(scene);
    zd_scene_free(scene);
}

static int64_t cools_for(zd_scene *scene)
{
    const zd_rec_provider *provider = zd_book_find(scene->book, ZD_R_PROVIDER, "%s", P1);
    return provider->account_cooling_day - zd_day_of(scene->now_unix_ms, ZD_ZONE_SHANGHAI_MS);
}

#define CHANGE(n, more) "\"provider\":\"" P1 "\",\"commitment\":\"%064d\"" more, n

/* Shaoxing: 15 days for a changed account, 5 when the bank returned a payment and the name is the same. */
static void account__corrected_after_a_return_cools_shorter_when_the_name_is_the_same(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 100000);
    zd_settling_wait(scene);
    scene_two(scene, "provider/" P1, "issuer-1", "provider.account", CHANGE(21, ",\"same_name\":true"));
    assert_int_equal(cools_for(scene), 15); /* nothing came back yet: saying so does not help */
    zd_scene_days(scene, 16);
    zd_settling_sweep(scene);
    zd_settling_pay(scene, "B-1", POOL_E);
    zd_settling_answer(scene, "B-1", P1, "returned");
    scene_two(scene, "provider/" P1, "issuer-1", "provider.account", CHANGE(22, ",\"same_name\":true"));
    assert_int_equal(cools_for(scene), 5);
    scene_two(scene, "provider/" P1, "issuer-1", "provider.account", CHANGE(23, ",\"same_name\":true"));
    assert_int_equal(cools_for(scene), 15); /* that return was answered already */
    zd_scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(submission__is_typed_and_happens_once),
        cmocka_unit_test(submission__after_the_execution_day_is_refused_and_a_void_leaves_expired),
        cmocka_unit_test(rejection__fails_every_line_that_nobody_answered),
        cmocka_unit_test(rejection__of_what_was_debited_is_refused),
        cmocka_unit_test(void__needs_two_officers_and_a_batch_that_nobody_sent),
        cmocka_unit_test(void__once_handed_over_or_answered_is_the_banks_to_say),
        cmocka_unit_test(void__puts_what_the_bank_had_returned_back_where_it_was),
        cmocka_unit_test(account__corrected_after_a_return_cools_shorter_when_the_name_is_the_same),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
