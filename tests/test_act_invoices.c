/*
 * The invoice as a record: parts, several numbers, a void before the seal, two pairs on one invoice, and what the tax office said before anybody captured.
 * Scenarios 2 (before the seal), 14 and 15 of the acceptance list.
 */
#include "tests/support/services.h"

#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/rules/decide.h"

#define PROVIDER "provider/" P1
#define POOL "330602-2026-E"
#define OTHER_INVOICE "26330000000000099999"

static zd_check_set gates(zd_scene *scene, const char *item)
{
    return (zd_check_set)zd_service_item(scene, item)->gates;
}

/* Scenario 2, before the seal: a void frees the invoice, so that the same one serves the recapture; without the void it is used up. */
static void invoice__of_a_voided_capture_serves_again(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "O-1", 190000);
    assert_string_equal(CAPTURE(.item = "C-1", .order = "O-1", .amount_fen = 190000, .invoice = OTHER_INVOICE, .final = true), "");
    assert_string_equal(DIRECT(.item = "C-2", .amount_fen = 190000, .invoice = OTHER_INVOICE), "R32");
    scene_accepted(scene, PROVIDER, "redemption.void", "\"order\":\"O-1\",\"item\":\"C-1\"");
    assert_string_equal(DIRECT(.item = "C-3", .amount_fen = 190000, .invoice = OTHER_INVOICE), "");
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/" POOL), 190000);
    const zd_rec_invoice *invoice = zd_book_find(scene->book, ZD_R_INVOICE, OTHER_INVOICE);
    assert_int_equal(invoice->used_fen, 380000);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* Two parts of one invoice may come to its gross and not one fen further. */
static void invoice__in_parts_serves_up_to_its_gross(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    assert_string_equal(DIRECT(.item = "C-1", .amount_fen = 100000, .gross_fen = 380000, .invoice = OTHER_INVOICE), "");
    assert_string_equal(DIRECT(.item = "C-2", .amount_fen = 90000, .own_fen = 90001, .gross_fen = 380000, .invoice = OTHER_INVOICE), "R32");
    assert_string_equal(DIRECT(.item = "C-3", .amount_fen = 90000, .gross_fen = 380001, .invoice = OTHER_INVOICE), "R34");
    assert_string_equal(DIRECT(.item = "C-4", .amount_fen = 90000, .gross_fen = 380000, .invoice = OTHER_INVOICE), "");
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* Scenario 14: what is used up under one number is used up under the other. */
static void invoice__with_two_numbers_is_one(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    assert_string_equal(DIRECT(.item = "C-1", .amount_fen = 190000, .invoice = "033062600111:00000001," OTHER_INVOICE), "");
    assert_string_equal(DIRECT(.item = "C-2", .amount_fen = 190000, .invoice = OTHER_INVOICE), "R32");
    assert_string_equal(DIRECT(.item = "C-3", .amount_fen = 190000, .invoice = "033062600111:00000001"), "R32");
    assert_string_equal(DIRECT(.item = "C-4", .amount_fen = 190000, .invoice = "033062600111:00000002"), "");
    /* Two records can not turn out to be one invoice. */
    assert_string_equal(DIRECT(.item = "C-5", .amount_fen = 1, .invoice = "033062600111:00000002," OTHER_INVOICE), "R32");
    assert_non_null(strstr(zd_buf_text(&scene->last.decisions[0].saw), "numbers-of-several-invoices"));
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* A number that joins later belongs to the record from then on. */
static void invoice__gaining_a_number_is_found_under_it(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    assert_string_equal(DIRECT(.item = "C-1", .amount_fen = 100000, .gross_fen = 380000, .invoice = OTHER_INVOICE), "");
    assert_string_equal(DIRECT(.item = "C-2", .amount_fen = 90000, .gross_fen = 380000, .invoice = "033062600111:00000001," OTHER_INVOICE), "");
    assert_string_equal(DIRECT(.item = "C-3", .amount_fen = 1, .gross_fen = 380000, .invoice = "033062600111:00000001"), "R32");
    const zd_rec_invoice *invoice = zd_book_find(scene->book, ZD_R_INVOICE, OTHER_INVOICE);
    assert_string_equal(invoice->numbers, "033062600111:00000001," OTHER_INVOICE);
    assert_int_equal(invoice->captures, 2);
    zd_scene_free(scene);
}

/* Scenario 15: the same pair on the same day with different invoices. */
static void captures__of_one_day_with_different_invoices_are_both_accepted(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    assert_string_equal(DIRECT(.item = "C-1", .amount_fen = 190000), "");
    assert_string_equal(DIRECT(.item = "C-2", .amount_fen = 190000), "");
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/" POOL), 380000);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* Another pair claims an invoice: the new capture is held, and the earlier one with it. */
static void invoice__claimed_by_another_pair_holds_both(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    assert_string_equal(DIRECT(.item = "C-1", .amount_fen = 100000, .gross_fen = 380000, .invoice = OTHER_INVOICE), "");
    assert_string_equal(zd_service_direct_for(scene, "V-E", "E-0001", "person", (zd_service){.item = "C-2", .amount_fen = 90000, .gross_fen = 380000, .invoice = OTHER_INVOICE}), "");
    assert_int_equal(zd_scene_outcome(scene), ZD_HELD);
    assert_int_equal(scene->last.decisions[0].holds, ZD_CHECK_BIT(R32));
    assert_int_equal(zd_service_item(scene, "C-1")->held, 1);
    assert_int_equal(zd_service_item(scene, "C-2")->held, 1);
    assert_int_equal(zd_scene_balance(scene, "3050/" P1 "/" POOL), 100000);
    assert_int_equal(zd_scene_balance(scene, "3050/" P1 "/330602-2026-P"), 90000);
    assert_non_null(zd_book_find(scene->book, ZD_R_OPEN, POOL "/" P1 "/%012lld/C-1", (long long)zd_service_item(scene, "C-1")->seq)); /* held, and unpaid all the same */
    scene_accepted(scene, "reviewer-1", "review.release", "\"item\":\"C-1\",\"reason\":\"cleared\"");
    assert_int_equal(zd_scene_balance(scene, "3050/" P1 "/" POOL), 0);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* The tax office's word may come first; it counts for every number of the invoice. */
static void tax_word__before_the_capture_leaves_no_gate_and_a_void_one_does(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "attester", "fact.attest", "\"fact\":\"invoice-check\",\"subject\":\"033062600111:00000001\",\"value\":\"ok\"");
    scene_accepted(scene, "attester", "fact.attest", "\"fact\":\"invoice-check\",\"subject\":\"033062600111:00000002\",\"value\":\"void\"");
    assert_string_equal(DIRECT(.item = "C-1", .amount_fen = 100, .invoice = "033062600111:00000001," OTHER_INVOICE), "");
    assert_int_equal(gates(scene, "C-1") & ZD_CHECK_BIT(R33), 0);
    /* The seal asks the record, so the word is in it, with its day. */
    const zd_rec_invoice *confirmed = zd_book_find(scene->book, ZD_R_INVOICE, "033062600111:00000001");
    assert_int_equal(confirmed->checked, ZD_INV_OK);
    assert_int_equal(confirmed->checked_day, zd_day_of(scene->now_unix_ms, ZD_ZONE_SHANGHAI_MS));
    assert_int_equal(confirmed->red_fen, 0);
    assert_string_equal(DIRECT(.item = "C-2", .amount_fen = 100, .invoice = "033062600111:00000002"), "");
    assert_int_equal(gates(scene, "C-2") & ZD_CHECK_BIT(R33), ZD_CHECK_BIT(R33));
    scene_accepted(scene, "attester", "fact.attest", "\"fact\":\"other-plan\",\"subject\":\"033062600111:00000003\",\"value\":\"award\"");
    assert_string_equal(DIRECT(.item = "C-3", .amount_fen = 100, .invoice = "033062600111:00000003"), "R32");
    scene_accepted(scene, "attester", "fact.attest", "\"fact\":\"other-plan\",\"subject\":\"o-C-4\",\"value\":\"award\"");
    assert_string_equal(DIRECT(.item = "C-4", .amount_fen = 100), "R36");
    scene_accepted(scene, "attester", "fact.attest", "\"fact\":\"red-letter\",\"subject\":\"033062600111:00000005\",\"value\":\"r-5\",\"amount_fen\":1");
    assert_string_equal(DIRECT(.item = "C-5", .amount_fen = 100, .invoice = "033062600111:00000005"), "R32");
    assert_string_equal(DIRECT(.item = "C-6", .amount_fen = 100, .gross_fen = 201, .invoice = "033062600111:00000005"), "");
    assert_int_equal(((const zd_rec_invoice *)zd_book_find(scene->book, ZD_R_INVOICE, "033062600111:00000005"))->red_fen, 1);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* What the record knows counts under each of its numbers; a void under any of them wins over an ok under another. */
static void tax_word__under_one_number_counts_for_all_of_them(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    const char *both = "033062600111:00000001," OTHER_INVOICE;
    assert_string_equal(DIRECT(.item = "C-1", .amount_fen = 100, .gross_fen = 2000, .invoice = both), "");
    scene_accepted(scene, "attester", "fact.attest", "\"fact\":\"invoice-check\",\"subject\":\"033062600111:00000001\",\"value\":\"ok\"");
    assert_int_equal(gates(scene, "C-1") & ZD_CHECK_BIT(R33), 0);
    assert_string_equal(DIRECT(.item = "C-2", .amount_fen = 100, .gross_fen = 2000, .invoice = OTHER_INVOICE), "");
    assert_int_equal(gates(scene, "C-2") & ZD_CHECK_BIT(R33), 0);
    scene_accepted(scene, "attester", "fact.attest", "\"fact\":\"invoice-check\",\"subject\":\"" OTHER_INVOICE "\",\"value\":\"void\"");
    assert_string_equal(DIRECT(.item = "C-3", .amount_fen = 100, .gross_fen = 2000, .invoice = "033062600111:00000001"), "");
    assert_int_equal(gates(scene, "C-3") & ZD_CHECK_BIT(R33), ZD_CHECK_BIT(R33));
    zd_scene_check(scene);
    zd_scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(invoice__of_a_voided_capture_serves_again),
        cmocka_unit_test(invoice__in_parts_serves_up_to_its_gross),
        cmocka_unit_test(invoice__with_two_numbers_is_one),
        cmocka_unit_test(invoice__gaining_a_number_is_found_under_it),
        cmocka_unit_test(captures__of_one_day_with_different_invoices_are_both_accepted),
        cmocka_unit_test(invoice__claimed_by_another_pair_holds_both),
        cmocka_unit_test(tax_word__before_the_capture_leaves_no_gate_and_a_void_one_does),
        cmocka_unit_test(tax_word__under_one_number_counts_for_all_of_them),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
