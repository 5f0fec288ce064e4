/* Seals: what is in a batch, what waits and why, what is netted, and that nothing is left out. */
#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/settling.h"

static const zd_settling_part for_81 = {"V-81", H81, P1, H81};
static const zd_settling_part for_e = {"V-E", "E-0001", P1, "person"};

/* A line's answer after release, all in one. */
static void finish(zd_scene *scene, const char *batch, const char *answer, const char *then)
{
    zd_settling_approve(scene, batch);
    zd_settling_release(scene, batch);
    zd_settling_answer(scene, batch, P1, answer);
    if (then != NULL) {
        zd_settling_answer(scene, batch, P1, then);
    }
}

/* The worked example: partial capture, payment, refund, netting to zero, failure, return, re-issue. */
static void cycle__from_reserve_to_reissue_ends_with_what_was_captured_less_refunded(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    const char *cash = "1000/" POOL_E;
    zd_scene_order(scene, "R-1", 300000);
    zd_scene_capture(scene, "C-1", "R-1", 180000, true);
    zd_scene_clear_gates(scene, "C-1");
    assert_int_equal(zd_scene_balance(scene, "2200/R-1/" POOL_E), 0); /* 120,000 are back */
    assert_int_equal(zd_scene_balance(scene, "6200/V-1/2026"), 20000000 - 180000);
    zd_settling_wait(scene);
    zd_settling_pay(scene, "B-1", POOL_E);
    scene_accepted(scene, "provider/" P1, "redemption.refund", "\"note\":\"N-1\",\"item\":\"C-1\",\"amount_fen\":50000");
    zd_settling_capture(scene, "R-2", 30000);
    zd_settling_wait(scene);
    zd_settling_seal(scene, "B-2", POOL_E, "");
    assert_int_equal(zd_settling_line(scene, "B-2", P1)->state, ZD_L_ZERO);
    assert_int_equal(zd_settling_batch(scene, "B-2")->state, ZD_B_CLOSED);
    assert_int_equal(zd_scene_balance(scene, "1100/" P1 "/" POOL_E), 20000);
    assert_int_equal(zd_scene_balance(scene, "6200/V-1/2026"), 20000000 - 180000 - 30000 + 30000);
    zd_settling_capture(scene, "R-3", 100000);
    zd_settling_wait(scene);
    zd_settling_seal(scene, "B-3", POOL_E, "");
    assert_int_equal(zd_settling_line(scene, "B-3", P1)->net_fen, 80000);
    assert_int_equal(zd_settling_line(scene, "B-3", P1)->offset_fen, 20000);
    finish(scene, "B-3", "failed", NULL);
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/" POOL_E), 80000); /* the offset stays */
    assert_int_equal(zd_scene_balance(scene, "1100/" P1 "/" POOL_E), 0);
    zd_settling_seal(scene, "B-4", POOL_E, "");
    finish(scene, "B-4", "debited", "returned");
    assert_int_equal(zd_scene_balance(scene, "3200/" P1 "/" POOL_E), 80000);
    zd_settling_seal(scene, "B-5", POOL_E, "");
    assert_int_equal(zd_settling_line(scene, "B-5", P1)->returned_fen, 80000);
    assert_string_not_equal(zd_settling_line(scene, "B-5", P1)->end_to_end, zd_settling_line(scene, "B-4", P1)->end_to_end);
    finish(scene, "B-5", "debited", "paid");
    assert_int_equal(zd_scene_balance(scene, cash), 100000000 - 260000);
    assert_int_equal(zd_scene_balance(scene, "6300/V-1/2026"), 260000);
    zd_settling_check(scene);
    zd_scene_free(scene);
}

/* Scenario 5. */
static void netting__of_one_pool_leaves_another_pools_payable_whole(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 300000);
    zd_settling_wait(scene);
    zd_settling_pay(scene, "B-1", POOL_E);
    scene_accepted(scene, "provider/" P1, "redemption.refund", "\"note\":\"N-1\",\"item\":\"c-R-1\",\"amount_fen\":200000");
    zd_settling_capture_for(scene, for_81, "R-81", 500000);
    zd_settling_wait(scene);
    zd_settling_seal(scene, "B-81", POOL_81, "");
    assert_int_equal(zd_settling_line(scene, "B-81", P1)->net_fen, 500000);
    assert_int_equal(zd_settling_line(scene, "B-81", P1)->offset_fen, 0);
    assert_int_equal(zd_scene_balance(scene, "1100/" P1 "/" POOL_E), 200000);
    zd_scene_free(scene);
}

/* Scenarios 12 and 18: one provider, two indicators; the person behind the entrepreneur's id is nowhere in the book. */
static void classes__of_one_provider_are_paid_from_their_own_pools(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 400000);
    zd_settling_capture_for(scene, for_e, "R-E", 100000);
    zd_settling_wait(scene);
    zd_settling_pay(scene, "B-E", POOL_E);
    zd_settling_pay(scene, "B-P", POOL_P);
    assert_int_equal(zd_settling_line(scene, "B-E", P1)->net_fen, 400000);
    assert_int_equal(zd_settling_line(scene, "B-P", P1)->net_fen, 100000);
    assert_int_equal(zd_scene_balance(scene, "1000/" POOL_E), 100000000 - 400000);
    assert_int_equal(zd_scene_balance(scene, "1000/" POOL_P), 100000000 - 100000);
    zd_scene_free(scene);
}

static void capture_raw(zd_scene *scene, const char *item, const char *order, int64_t amount_fen)
{
    zd_scene_order(scene, order, amount_fen);
    zd_scene_capture(scene, item, order, amount_fen, true);
}

static void seal__lists_what_waits_with_every_reason(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    capture_raw(scene, "C-gated", "R-1", 100000);
    zd_settling_capture(scene, "R-2", 110000);
    zd_settling_wait(scene);
    zd_settling_capture(scene, "R-3", 120000); /* its notice runs */
    zd_settling_seal(scene, "B-1", POOL_E, "");
    assert_int_equal(zd_settling_batch(scene, "B-1")->total_fen, 110000);
    zd_settling_waits(scene, 0, "C-gated", "R06,R25,R33");
    zd_settling_waits(scene, 1, "c-R-3", "notice");
    zd_settling_waits(scene, 2, "", "");
    /* What was captured after the cut-off is in neither list. */
    long long cutoff = (long long)scene->seq;
    zd_settling_capture(scene, "R-4", 130000);
    zd_settling_wait(scene);
    scene_accepted(scene, "maker", "batch.seal", "\"batch\":\"B-2\",\"pool\":\"" POOL_E "\",\"cutoff\":%lld,\"execution\":\"2026-04-01\"", cutoff);
    assert_int_equal(zd_settling_batch(scene, "B-2")->total_fen, 120000);
    zd_settling_waits(scene, 0, "C-gated", "R06,R25,R33");
    zd_settling_waits(scene, 1, "", "");
    zd_settling_check(scene);
    zd_scene_free(scene);
}

static void seal__leaves_little_amounts_open_unless_forced(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 9999);
    zd_settling_wait(scene);
    zd_settling_seal_refused(scene, "maker", "B-1", POOL_E, "A13");
    zd_settling_capture_for(scene, (zd_settling_part){"V-1", H1, P2, H1}, "R-2", 20000);
    zd_settling_wait(scene);
    zd_settling_seal(scene, "B-1", POOL_E, "");
    assert_int_equal(zd_settling_batch(scene, "B-1")->total_fen, 20000);
    zd_settling_waits(scene, 0, "c-R-1", "minimum");
    zd_settling_seal(scene, "B-2", POOL_E, ",\"forced\":true");
    assert_int_equal(zd_settling_batch(scene, "B-2")->total_fen, 9999);
    zd_settling_check(scene);
    zd_scene_free(scene);
}

static void seal__never_asks_for_a_negative_amount(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 200000);
    zd_settling_capture(scene, "R-2", 100000);
    zd_settling_wait(scene);
    zd_settling_pay(scene, "B-1", POOL_E);
    scene_accepted(scene, "provider/" P1, "redemption.refund", "\"note\":\"N-1\",\"item\":\"c-R-1\",\"amount_fen\":200000");
    scene_accepted(scene, "provider/" P1, "redemption.refund", "\"note\":\"N-2\",\"item\":\"c-R-2\",\"amount_fen\":100000");
    zd_settling_capture(scene, "R-3", 250000);
    zd_settling_wait(scene);
    zd_settling_seal(scene, "B-2", POOL_E, "");
    assert_int_equal(zd_settling_line(scene, "B-2", P1)->net_fen, 0);
    const zd_rec_note *older = zd_book_find(scene->book, ZD_R_NOTE, "N-1/" POOL_E);
    const zd_rec_note *newer = zd_book_find(scene->book, ZD_R_NOTE, "N-2/" POOL_E);
    assert_int_equal(older->remaining_fen, 0); /* oldest first */
    assert_int_equal(newer->remaining_fen, 50000);
    assert_int_equal(zd_scene_balance(scene, "6300/V-1/2026"), 300000); /* 550,000 used, 250,000 recovered */
    zd_scene_free(scene);
}

static void account__changed_keeps_the_provider_out_until_it_cooled(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 100000);
    zd_settling_capture_for(scene, (zd_settling_part){"V-1", H1, P2, H1}, "R-2", 200000);
    zd_settling_wait(scene);
    assert_ok(zd_scene_submit(scene, "provider/" P1, "provider.account", err, "\"provider\":\"" P1 "\",\"commitment\":\"%064d\"", 8));
    zd_settling_seal(scene, "B-1", POOL_E, ""); /* proposed, not confirmed */
    zd_settling_waits(scene, 0, "c-R-1", "R40");
    assert_int_equal(zd_settling_batch(scene, "B-1")->total_fen, 200000);
    scene_two(scene, "provider/" P1, "issuer-1", "provider.account", "\"provider\":\"" P1 "\",\"commitment\":\"%064d\"", 8);
    zd_scene_days(scene, 14);
    zd_settling_sweep(scene);
    zd_settling_seal_refused(scene, "maker", "B-2", POOL_E, "A13");
    zd_scene_days(scene, 1);
    zd_settling_sweep(scene);
    zd_settling_seal(scene, "B-2", POOL_E, "");
    assert_int_equal(zd_settling_line(scene, "B-2", P1)->account_version, 2);
    assert_int_equal(zd_settling_line(scene, "B-2", P1)->first_payment, 1);
    zd_scene_free(scene);
}

static void seal__stands_against_absent_closed_unswept_and_repeated(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_seal_refused(scene, "maker", "B-1", POOL_E, "A13"); /* nothing there */
    zd_settling_capture(scene, "R-1", 100000);
    zd_scene_order(scene, "R-2", 100000);
    zd_settling_wait(scene);
    zd_settling_seal_refused(scene, "maker", "B-1", "330602-2099-X", "A03");
    zd_settling_seal_refused(scene, "maker-81", "B-1", POOL_E, "R46");
    scene_refused(scene, "maker", "batch.seal", "A07", "\"batch\":\"B-1\",\"pool\":\"" POOL_E "\",\"cutoff\":%llu,\"execution\":\"2026-04-01\"",
                  (unsigned long long)scene->seq + 1);
    scene_refused(scene, "maker", "batch.seal", "A07", "\"batch\":\"B-1\",\"pool\":\"" POOL_E "\",\"cutoff\":1,\"execution\":\"2026-03-09\"");
    assert_code(zd_scene_submit(scene, "maker", "batch.seal", err, "\"batch\":\"B-123456789012345678901234567\",\"pool\":\"" POOL_E "\",\"cutoff\":1,\"execution\":\"2026-04-01\""),
                ZD_E_FIELD_INVALID);
    zd_scene_days(scene, 90); /* R-2 is past its deadline */
    zd_settling_seal_refused(scene, "maker", "B-1", POOL_E, "A10");
    zd_settling_sweep(scene);
    zd_settling_seal(scene, "B-1", POOL_E, "");
    zd_settling_seal_refused(scene, "maker", "B-1", POOL_E, "A02");
    assert_int_equal(zd_scene_balance(scene, "3100/B-1/" P1 "/" POOL_E), 100000);
    zd_scene_free(scene);
}

static void invoice__voided_by_the_tax_office_after_its_gate_was_cleared_stays_out(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 100000);
    zd_settling_capture(scene, "R-2", 200000);
    scene_accepted(scene, "attester", "fact.attest", "\"fact\":\"invoice-check\",\"subject\":\"%s\",\"value\":\"void\"", zd_settling_item(scene, "c-R-1")->invoice);
    zd_settling_wait(scene);
    zd_settling_seal(scene, "B-1", POOL_E, "");
    assert_int_equal(zd_settling_batch(scene, "B-1")->total_fen, 200000);
    zd_settling_waits(scene, 0, "c-R-1", "R33");
    zd_scene_free(scene);
}

#define CONTACT_FIELDS \
    "\"fact\":\"contact\",\"subject\":\"%s\",\"value\":\"k-0001\""

static void sweep__flags_services_that_an_earlier_batch_makes_suspicious(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "gateway", "fact.attest", CONTACT_FIELDS, H1);
    scene_accepted(scene, "gateway", "fact.attest", CONTACT_FIELDS, H81);
    scene_accepted(scene, "gateway", "fact.attest", CONTACT_FIELDS, "E-0001");
    zd_settling_capture(scene, "R-1", 100000);
    zd_settling_wait(scene);
    zd_settling_pay(scene, "B-1", POOL_E);
    assert_int_equal(zd_settling_item(scene, "c-R-1")->flags, 0); /* one holder alone shares nothing */
    zd_settling_capture_for(scene, for_81, "R-81", 100000);
    zd_settling_wait(scene);
    zd_settling_pay(scene, "B-81", POOL_81);
    zd_settling_capture_for(scene, for_e, "R-E", 100000);
    zd_settling_wait(scene);
    zd_settling_pay(scene, "B-P", POOL_P); /* flagged, and paid all the same */
    unsigned bit = 0;
    while (strcmp(zd_acts_check_name(bit), "R39") != 0) {
        bit++;
    }
    assert_int_equal((zd_settling_item(scene, "c-R-E")->flags >> bit) & 1, 1);
    zd_scene_free(scene);
}

/* Other providers, other pools: the contact alone leads to the others, as long as their services lie within the window. */
static void sweep__finds_a_contact_whoever_served_it(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    unsigned bit = 0;
    scene_accepted(scene, "gateway", "fact.attest", CONTACT_FIELDS, H1);
    scene_accepted(scene, "gateway", "fact.attest", CONTACT_FIELDS, H81);
    scene_accepted(scene, "gateway", "fact.attest", CONTACT_FIELDS, "E-0001");
    zd_settling_capture(scene, "R-1", 100000);
    zd_settling_capture_for(scene, for_81, "R-81", 100000);
    zd_settling_wait(scene);
    zd_settling_pay(scene, "B-1", POOL_E);
    zd_settling_pay(scene, "B-81", POOL_81);
    zd_settling_capture_for(scene, (zd_settling_part){"V-E", "E-0001", P2, "person"}, "R-E", 100000);
    zd_settling_wait(scene);
    zd_settling_pay(scene, "B-P", POOL_P);
    while (strcmp(zd_acts_check_name(bit), "R39") != 0) {
        bit++;
    }
    assert_int_equal((zd_settling_item(scene, "c-R-E")->flags >> bit) & 1, 1);
    zd_scene_free(scene);
}

/* A line of several hundred items needs several leaves, each within the limit, and each share stands exactly once. */
static void seal__of_many_items_is_cut_into_leaves(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "gateway", "fact.attest", "\"fact\":\"consent\",\"subject\":\"R-1\",\"value\":\"gateway\"");
    scene_accepted(scene, "gateway", "fact.attest", "\"fact\":\"own-share\",\"subject\":\"R-1\",\"value\":\"paid\",\"amount_fen\":4999000");
    zd_settling_capture_for(scene, (zd_settling_part){"V-1", H1, P2, H1}, "R-2", 100000);
    zd_settling_wait(scene);
    zd_scene_order(scene, "R-1", 4999000);
    for (unsigned i = 0; i <= 1000; i++) {
        char item[41];
        (void)snprintf(item, sizeof item, "C-with-a-rather-long-name-of-item-%04u", i % 10000);
        scene_accepted(scene, "attester", "fact.attest", "\"fact\":\"invoice-check\",\"subject\":\"%s\",\"value\":\"ok\"", zd_scene_invoice(scene->next_id + 1));
        zd_scene_capture(scene, item, "R-1", 4000, i == 1000);
    }
    zd_settling_seal(scene, "B-0", POOL_E, ",\"chunk\":2000");
    assert_int_equal(scene->last.count, 4); /* the request, P2's line, the rest on two waiting leaves */
    zd_settling_waits(scene, 1000, "C-with-a-rather-long-name-of-item-1000", "notice");
    zd_settling_waits(scene, 1001, "", "");
    zd_settling_wait(scene);
    zd_settling_seal(scene, "B-1", POOL_E, "");
    assert_int_equal(zd_settling_line(scene, "B-1", P1)->net_fen, 1001 * 4000);
    assert_true(scene->last.count > 3);
    size_t shares = 0;
    zd_buf line = {0};
    for (size_t i = 0; i < scene->last.count; i++) {
        zd_buf_clear(&line);
        zd_decision_encode(&line, &scene->last.decisions[i], zd_acts_check_name);
        assert_true(line.size < 60000);
        for (const char *at = strstr(zd_buf_text(&line), "[\"C-"); at != NULL; at = strstr(at + 1, "[\"C-")) {
            const char *flagged = strstr(zd_buf_text(&line), "\"flagged\"");
            shares += flagged == NULL || at < flagged ? 1 : 0;
        }
    }
    assert_int_equal(shares, 1001);
    zd_buf_free(&line);
    zd_scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cycle__from_reserve_to_reissue_ends_with_what_was_captured_less_refunded),
        cmocka_unit_test(netting__of_one_pool_leaves_another_pools_payable_whole),
        cmocka_unit_test(classes__of_one_provider_are_paid_from_their_own_pools),
        cmocka_unit_test(seal__lists_what_waits_with_every_reason),
        cmocka_unit_test(seal__leaves_little_amounts_open_unless_forced),
        cmocka_unit_test(seal__never_asks_for_a_negative_amount),
        cmocka_unit_test(account__changed_keeps_the_provider_out_until_it_cooled),
        cmocka_unit_test(seal__stands_against_absent_closed_unswept_and_repeated),
        cmocka_unit_test(invoice__voided_by_the_tax_office_after_its_gate_was_cleared_stays_out),
        cmocka_unit_test(sweep__flags_services_that_an_earlier_batch_makes_suspicious),
        cmocka_unit_test(sweep__finds_a_contact_whoever_served_it),
        cmocka_unit_test(seal__of_many_items_is_cut_into_leaves),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
