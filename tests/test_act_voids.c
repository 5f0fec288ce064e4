/* Voids: where an order's rest and a capture's amount go back to, and what may not be voided. */
#include "tests/support/support.h"

#include <string.h>

#include "tests/support/settling.h"

static const zd_rec_order *order_of(zd_scene *scene, const char *id)
{
    const zd_rec_order *order = zd_book_find(scene->book, ZD_R_ORDER, "%s", id);
    assert_non_null(order);
    return order;
}

static size_t due_count(zd_scene *scene)
{
    size_t count = 0;
    zd_book_cursor cursor = zd_book_scan(scene->book, ZD_R_DUE, "%s", "");
    while (zd_book_next(&cursor)) {
        count++;
    }
    return count;
}

static void order__voided_untouched_gives_everything_back_once(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    size_t due = due_count(scene);
    zd_scene_order(scene, "R-1", 300000);
    assert_int_equal(zd_scene_balance(scene, "2000/" POOL_E), 99700000);
    assert_int_equal(zd_scene_balance(scene, "6300/V-1/2026"), 300000);
    assert_int_equal(due_count(scene), due + 1);
    scene_accepted(scene, "provider/" P1, "redemption.void", "\"order\":\"R-1\"");
    assert_int_equal(zd_scene_balance(scene, "2000/" POOL_E), 100000000);
    assert_int_equal(zd_scene_balance(scene, "6200/V-1/2026"), 20000000);
    assert_int_equal(zd_scene_balance(scene, "2200/R-1/" POOL_E), 0);
    assert_int_equal(due_count(scene), due);
    assert_int_equal(order_of(scene, "R-1")->state, ZD_O_VOIDED);
    scene_refused(scene, "provider/" P1, "redemption.void", "A04", "\"order\":\"R-1\"");
    scene_refused(scene, "provider/" P1, "redemption.void", "R09", "\"order\":\"R-9\"");
    zd_settling_check(scene);
    zd_scene_free(scene);
}

static void order__of_another_provider_or_unit_is_not_voided(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "R-1", 300000);
    scene_refused(scene, "provider/" P2, "redemption.void", "A05", "\"order\":\"R-1\"");
    scene_refused(scene, "provider/" P1 "/lab-3", "redemption.void", "A05", "\"order\":\"R-1\"");
    assert_int_equal(zd_scene_balance(scene, "2200/R-1/" POOL_E), 300000);
    zd_scene_free(scene);
}

static void order__voided_after_a_partial_capture_keeps_the_capture(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "R-1", 300000);
    zd_scene_capture(scene, "C-1", "R-1", 180000, false);
    scene_accepted(scene, "provider/" P1, "redemption.void", "\"order\":\"R-1\"");
    assert_int_equal(order_of(scene, "R-1")->state, ZD_O_CAPTURED);
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/" POOL_E), 180000);
    assert_int_equal(zd_scene_balance(scene, "2000/" POOL_E), 100000000 - 180000);
    assert_int_equal(zd_scene_balance(scene, "6300/V-1/2026"), 180000);
    zd_settling_check(scene);
    zd_scene_free(scene);
}

#define CAPTURE_2                                                                                                      \
    "\"item\":\"%s\",\"order\":\"%s\",\"amount_fen\":190000,\"own_share_fen\":190000,\"final\":true,\"done\":\"2026-03-02\",\"result_sha256\":\"%064d\"," \
    "\"invoice\":\"26330000000000000777\",\"invoice_fen\":380000,\"invoice_part_fen\":380000,\"invoice_date\":\"2026-03-02\",\"seller\":\"" P1 "\",\"buyer\":\"" H1 "\""

/* Scenario 2, first half. */
static void capture__voided_before_the_seal_frees_its_invoice(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "R-1", 190000);
    scene_accepted(scene, "provider/" P1, "redemption.capture", CAPTURE_2, "C-1", "R-1", 5);
    zd_scene_order(scene, "R-2", 190000);
    scene_refused(scene, "provider/" P1, "redemption.capture", "R32", CAPTURE_2, "C-2", "R-2", 5);
    scene_accepted(scene, "provider/" P1, "redemption.void", "\"order\":\"R-1\",\"item\":\"C-1\"");
    assert_int_equal(zd_settling_item(scene, "C-1")->state, ZD_I_VOIDED);
    assert_int_equal(order_of(scene, "R-1")->rest_fen, 0); /* the order does not revive */
    scene_refused(scene, "provider/" P1, "redemption.capture", "A04", CAPTURE_2, "C-3", "R-1", 5);
    scene_accepted(scene, "provider/" P1, "redemption.capture", CAPTURE_2, "C-2", "R-2", 5);
    assert_int_equal(zd_scene_balance(scene, "6300/V-1/2026"), 190000);
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/" POOL_E), 190000);
    const zd_rec_invoice *invoice = zd_book_find(scene->book, ZD_R_INVOICE, "26330000000000000777");
    assert_int_equal(invoice->used_fen, 380000);
    assert_int_equal(invoice->captures, 1);
    assert_string_equal(invoice->last_item, "C-2");
    zd_settling_check(scene);
    zd_scene_free(scene);
}

static void capture__voided_takes_its_base_out_of_contract_and_tier(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "R-1", 300000);
    zd_scene_capture(scene, "C-1", "R-1", 100000, false);
    zd_scene_capture(scene, "C-2", "R-1", 80000, false);
    const zd_rec_contract *contract = zd_book_find(scene->book, ZD_R_CONTRACT, P1 "/" H1 "/HT-R-1");
    const zd_rec_tier *tier = zd_book_find(scene->book, ZD_R_TIER, H1 "/" P1 "/material-R-1/2026");
    assert_int_equal(contract->reserved_base_fen, 360000);
    assert_int_equal(tier->base_fen, 360000);
    scene_accepted(scene, "provider/" P1, "redemption.void", "\"order\":\"R-1\",\"item\":\"C-1\"");
    assert_int_equal(contract->reserved_base_fen, 160000);
    assert_int_equal(tier->base_fen, 160000);
    assert_int_equal(tier->subsidy_fen, 80000);
    assert_int_equal(order_of(scene, "R-1")->own_used_fen, 80000);
    assert_null(zd_book_find(scene->book, ZD_R_OITEM, "R-1/C-1"));
    scene_refused(scene, "provider/" P1, "redemption.void", "A04", "\"order\":\"R-1\",\"item\":\"C-1\"");
    zd_settling_check(scene);
    zd_scene_free(scene);
}

static void capture__of_another_order_is_not_voided(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "R-1", 300000);
    zd_scene_order(scene, "R-2", 300000);
    zd_scene_capture(scene, "C-1", "R-1", 100000, false);
    scene_refused(scene, "provider/" P1, "redemption.void", "A07", "\"order\":\"R-2\",\"item\":\"C-1\"");
    scene_refused(scene, "provider/" P1, "redemption.void", "A03", "\"order\":\"R-1\",\"item\":\"C-9\"");
    zd_scene_free(scene);
}

static void capture__sealed_is_voided_only_after_the_batch_is_withdrawn(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 300000);
    zd_settling_wait(scene);
    zd_settling_seal(scene, "B-1", POOL_E, "");
    scene_refused(scene, "provider/" P1, "redemption.void", "A04", "\"order\":\"R-1\",\"item\":\"c-R-1\"");
    scene_accepted(scene, "maker", "batch.withdraw", "\"batch\":\"B-1\",\"reason\":\"mistake\"");
    scene_accepted(scene, "provider/" P1, "redemption.void", "\"order\":\"R-1\",\"item\":\"c-R-1\"");
    assert_int_equal(zd_scene_balance(scene, "2000/" POOL_E), 100000000);
    assert_int_equal(zd_scene_balance(scene, "6300/V-1/2026"), 0);
    zd_settling_check(scene);
    zd_scene_free(scene);
}

static void capture__voided_after_the_voucher_lapsed_goes_to_pool_and_holder(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    int64_t left_fen = zd_scene_balance(scene, "6100/" H1 "/2026");
    zd_scene_order(scene, "R-1", 300000);
    zd_scene_capture(scene, "C-1", "R-1", 300000, true);
    zd_scene_days(scene, 320); /* 2027-01-16: the voucher's use-by day is over */
    zd_settling_sweep(scene);
    const zd_rec_voucher *voucher = zd_book_find(scene->book, ZD_R_VOUCHER, "V-1");
    assert_int_equal(voucher->state, ZD_V_LAPSED);
    scene_accepted(scene, "provider/" P1, "redemption.void", "\"order\":\"R-1\",\"item\":\"C-1\"");
    assert_int_equal(zd_scene_balance(scene, "2000/" POOL_E), 100000000);
    assert_int_equal(zd_scene_balance(scene, "6200/V-1/2026"), 0);
    assert_int_equal(zd_scene_balance(scene, "6300/V-1/2026"), 0);
    assert_int_equal(zd_scene_balance(scene, "6100/" H1 "/2026"), left_fen + 20000000);
    zd_settling_check(scene);
    zd_scene_free(scene);
}

/* Scenario 19, second half: orders stop at the pool and go on after a void. */
static void pool__used_up_by_orders_is_free_again_after_a_void(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "maker", "pool.cut", "\"pool\":\"" POOL_E "\",\"amount_fen\":85000000,\"document\":\"样例财教〔2026〕9号\"");
    zd_scene_order(scene, "R-1", 10000000);
    zd_scene_order(scene, "R-2", 5000000);
    scene_refused(scene, "provider/" P1, "redemption.order", "R27",
                  "\"order\":\"R-3\",\"voucher\":\"V-1\",\"holder\":\"" H1 "\",\"provider\":\"" P1 "\",\"category\":\"testing\",\"purpose\":\"material\",\"amount_fen\":100,"
                  "\"own_share_fen\":100,\"contract\":\"HT-3\",\"contract_fen\":200,\"contract_date\":\"2026-03-02\",\"affiliation\":\"none\",\"statutory\":false,"
                  "\"other_funding_fen\":0");
    scene_accepted(scene, "provider/" P1, "redemption.void", "\"order\":\"R-2\"");
    zd_scene_order(scene, "R-4", 5000000);
    assert_int_equal(zd_scene_balance(scene, "2000/" POOL_E), 0);
    zd_settling_check(scene);
    zd_scene_free(scene);
}

#define ORDER_FIELDS \
    "\"order\":\"%s\",\"voucher\":\"V-1\",\"holder\":\"" H1 "\",\"provider\":\"" P1 "\",\"category\":\"testing\",\"purpose\":\"material\",\"amount_fen\":600000," \
    "\"own_share_fen\":600000,\"contract\":\"HT-%s\",\"contract_fen\":1200000,\"contract_date\":\"2026-03-02\",\"affiliation\":\"none\",\"statutory\":false," \
    "\"other_funding_fen\":0,\"mandate\":\"M-1\""

static void mandate__of_a_voided_order_may_be_used_again(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "holder/" H1, "mandate.grant", "\"mandate\":\"M-1\",\"holder\":\"" H1 "\",\"providers\":\"all\",\"amount_fen\":1000000,\"until\":\"2026-12-31\"");
    scene_accepted(scene, "provider/" P1, "redemption.order", ORDER_FIELDS, "R-1", "1");
    const zd_rec_mandate *mandate = zd_book_find(scene->book, ZD_R_MANDATE, H1 "/M-1");
    assert_int_equal(mandate->used_fen, 600000);
    scene_accepted(scene, "provider/" P1, "redemption.void", "\"order\":\"R-1\"");
    assert_int_equal(mandate->used_fen, 0);
    scene_accepted(scene, "provider/" P1, "redemption.order", ORDER_FIELDS, "R-2", "2");
    assert_int_equal(order_of(scene, "R-2")->gates, 0);
    zd_scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order__voided_untouched_gives_everything_back_once),
        cmocka_unit_test(order__of_another_provider_or_unit_is_not_voided),
        cmocka_unit_test(order__voided_after_a_partial_capture_keeps_the_capture),
        cmocka_unit_test(capture__voided_before_the_seal_frees_its_invoice),
        cmocka_unit_test(capture__voided_takes_its_base_out_of_contract_and_tier),
        cmocka_unit_test(capture__of_another_order_is_not_voided),
        cmocka_unit_test(capture__sealed_is_voided_only_after_the_batch_is_withdrawn),
        cmocka_unit_test(capture__voided_after_the_voucher_lapsed_goes_to_pool_and_holder),
        cmocka_unit_test(pool__used_up_by_orders_is_free_again_after_a_void),
        cmocka_unit_test(mandate__of_a_voided_order_may_be_used_again),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
