/* Sweeps: exactly what is due comes back, once, whatever became of it meanwhile. */
#include "tests/support/support.h"

#include <string.h>

#include "ledger/base/clock.h"
#include "tests/support/settling.h"

static const zd_rec_order *order_of(zd_scene *scene, const char *id)
{
    const zd_rec_order *order = zd_book_find(scene->book, ZD_R_ORDER, "%s", id);
    assert_non_null(order);
    return order;
}

static zd_status sweep_at(zd_scene *scene, int64_t up_to_ms, zd_error *err)
{
    char text[ZD_TIME_TEXT];
    zd_time_text(text, up_to_ms);
    return zd_scene_submit(scene, "service", "sweep", err, "\"up_to\":\"%s\"", text);
}

/* First instant of the day after the order's deadline. */
static int64_t due_ms(zd_scene *scene, const char *order)
{
    return zd_day_start(order_of(scene, order)->deadline_day + 1, ZD_ZONE_SHANGHAI_MS);
}

static void order__expires_on_the_day_after_its_deadline_and_not_before(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "R-1", 300000);
    int64_t due = due_ms(scene, "R-1");
    scene->now_unix_ms = due + 1000;
    assert_ok(sweep_at(scene, due - 1, err));
    assert_string_equal(zd_scene_code(scene), "");
    assert_int_equal(order_of(scene, "R-1")->state, ZD_O_RESERVED);
    assert_int_equal(scene->last.count, 1);
    assert_ok(sweep_at(scene, due, err));
    assert_int_equal(scene->last.count, 2);
    assert_string_equal(scene->last.decisions[1].item, "R-1");
    assert_int_equal(order_of(scene, "R-1")->state, ZD_O_EXPIRED);
    assert_int_equal(zd_scene_balance(scene, "2000/" POOL_E), 100000000);
    assert_int_equal(zd_scene_balance(scene, "6200/V-1/2026"), 20000000);
    assert_ok(sweep_at(scene, due + 1000, err));
    assert_int_equal(scene->last.count, 1); /* once only */
    scene_refused(scene, "provider/" P1, "redemption.void", "A04", "\"order\":\"R-1\"");
    zd_settling_check(scene);
    zd_scene_free(scene);
}

static void order__partly_captured_keeps_the_capture_and_is_captured(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "R-1", 300000);
    zd_scene_capture(scene, "C-1", "R-1", 180000, false);
    scene->now_unix_ms = due_ms(scene, "R-1");
    zd_settling_sweep(scene);
    assert_int_equal(order_of(scene, "R-1")->state, ZD_O_CAPTURED);
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/" POOL_E), 180000);
    assert_int_equal(zd_scene_balance(scene, "2200/R-1/" POOL_E), 0);
    zd_scene_free(scene);
}

static void order__extended_or_ended_leaves_the_sweep_alone(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "R-1", 300000);
    zd_scene_order(scene, "R-2", 200000);
    zd_scene_order(scene, "R-3", 100000);
    int64_t due = due_ms(scene, "R-1");
    scene_accepted(scene, "provider/" P1, "redemption.extend", "\"order\":\"R-1\"");
    scene_accepted(scene, "provider/" P1, "redemption.void", "\"order\":\"R-2\"");
    zd_scene_capture(scene, "C-3", "R-3", 100000, true);
    scene->now_unix_ms = due;
    zd_settling_sweep(scene);
    assert_int_equal(scene->last.count, 1);
    assert_int_equal(order_of(scene, "R-1")->state, ZD_O_RESERVED);
    scene->now_unix_ms = due_ms(scene, "R-1");
    zd_settling_sweep(scene);
    assert_int_equal(order_of(scene, "R-1")->state, ZD_O_EXPIRED);
    zd_scene_free(scene);
}

static void voucher__lapses_after_its_last_day_and_returns_what_was_not_reserved(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    int64_t left_fen = zd_scene_balance(scene, "6100/" H1 "/2026");
    const zd_rec_voucher *voucher = zd_book_find(scene->book, ZD_R_VOUCHER, "V-1");
    scene->now_unix_ms = zd_day_start(voucher->use_by_day - 30, ZD_ZONE_SHANGHAI_MS);
    zd_scene_order(scene, "R-1", 300000);
    zd_scene_days(scene, 30);
    assert_ok(sweep_at(scene, scene->now_unix_ms, err));
    assert_int_equal(voucher->state, ZD_V_ACTIVE);
    zd_scene_days(scene, 1);
    zd_settling_sweep(scene);
    assert_int_equal(voucher->state, ZD_V_LAPSED);
    assert_int_equal(zd_scene_balance(scene, "6200/V-1/2026"), 0);
    assert_int_equal(zd_scene_balance(scene, "6100/" H1 "/2026"), left_fen + 19700000);
    /* The order lives until its own deadline; then its rest passes through the lapsed voucher to the holder's quota and the pool. */
    assert_int_equal(zd_scene_balance(scene, "2200/R-1/" POOL_E), 300000);
    scene->now_unix_ms = due_ms(scene, "R-1");
    zd_settling_sweep(scene);
    assert_int_equal(zd_scene_balance(scene, "6100/" H1 "/2026"), left_fen + 20000000);
    assert_int_equal(zd_scene_balance(scene, "2000/" POOL_E), 100000000);
    zd_scene_free(scene);
}

static void voucher__lapsing_where_the_policy_keeps_quota_stays_used(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "issuer-1", "voucher.revoke", "\"voucher\":\"V-1\",\"reason\":\"mistake\"");
    zd_settling_policy(scene, 2, "lapse_restores_quota", "false");
    scene_accepted(scene, "issuer-1", "voucher.allot",
                   "\"voucher\":\"V-2\",\"holder\":\"" H1 "\",\"year\":2026,\"amount_fen\":500000,\"categories\":\"testing\"");
    int64_t left_fen = zd_scene_balance(scene, "6100/" H1 "/2026");
    zd_settling_capture_for(scene, (zd_settling_part){"V-2", H1, P1, H1}, "R-1", 100000);
    zd_scene_days(scene, 320);
    zd_settling_sweep(scene);
    assert_int_equal(zd_scene_balance(scene, "6300/V-2/2026"), 500000);
    assert_int_equal(zd_scene_balance(scene, "6100/" H1 "/2026"), left_fen);
    /* A late void of the capture gives money to the pool, and no quota either. */
    scene_accepted(scene, "provider/" P1, "redemption.void", "\"order\":\"R-1\",\"item\":\"c-R-1\"");
    assert_int_equal(zd_scene_balance(scene, "6300/V-2/2026"), 500000);
    assert_int_equal(zd_scene_balance(scene, "2000/" POOL_E), 100000000);
    zd_settling_check(scene);
    zd_scene_free(scene);
}

static void voucher__funded_at_issue_gives_its_earmark_back(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "issuer-1", "voucher.revoke", "\"voucher\":\"V-1\",\"reason\":\"mistake\"");
    zd_settling_policy(scene, 2, "funding_point", "\"issue\"");
    scene_accepted(scene, "issuer-1", "voucher.allot",
                   "\"voucher\":\"V-2\",\"holder\":\"" H1 "\",\"year\":2026,\"amount_fen\":500000,\"categories\":\"testing\"");
    assert_int_equal(zd_scene_balance(scene, "2100/V-2/" POOL_E), 500000);
    zd_settling_capture_for(scene, (zd_settling_part){"V-2", H1, P1, H1}, "R-1", 100000);
    zd_settling_capture_for(scene, (zd_settling_part){"V-2", H1, P1, H1}, "R-2", 50000);
    scene_accepted(scene, "provider/" P1, "redemption.void", "\"order\":\"R-2\",\"item\":\"c-R-2\"");
    assert_int_equal(zd_scene_balance(scene, "2100/V-2/" POOL_E), 400000); /* alive: back to its own earmark */
    zd_scene_days(scene, 320);
    zd_settling_sweep(scene);
    assert_int_equal(zd_scene_balance(scene, "2100/V-2/" POOL_E), 0);
    assert_int_equal(zd_scene_balance(scene, "2000/" POOL_E), 100000000 - 100000);
    scene_accepted(scene, "provider/" P1, "redemption.refund", "\"note\":\"N-1\",\"item\":\"c-R-1\",\"amount_fen\":100000");
    assert_int_equal(zd_scene_balance(scene, "2000/" POOL_E), 100000000); /* lapsed: on to the pool */
    zd_settling_check(scene);
    zd_scene_free(scene);
}

static void sweep__of_a_wrong_instant_is_refused(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_sweep(scene);
    assert_ok(sweep_at(scene, scene->now_unix_ms, err));
    assert_string_equal(zd_scene_code(scene), "A07"); /* that far it was swept */
    assert_ok(sweep_at(scene, scene->now_unix_ms + 1, err));
    assert_string_equal(zd_scene_code(scene), "A07"); /* the future */
    assert_code(zd_scene_submit(scene, "maker", "sweep", err, "\"up_to\":\"2026-03-02T02:00:00Z\""), ZD_E_KEY_ROLE);
    zd_scene_free(scene);
}

static void sweep__has_one_effect_for_each_expiry_in_index_order(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "R-2", 100);
    zd_scene_order(scene, "R-1", 200);
    zd_scene_days(scene, 1);
    zd_scene_order(scene, "R-0", 300);
    scene->now_unix_ms = due_ms(scene, "R-0");
    zd_settling_sweep(scene);
    assert_int_equal(scene->last.count, 4);
    assert_string_equal(scene->last.decisions[1].item, "R-1");
    assert_string_equal(scene->last.decisions[2].item, "R-2");
    assert_string_equal(scene->last.decisions[3].item, "R-0");
    assert_int_equal(scene->last.decisions[1].posting_count, 2);
    zd_scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order__expires_on_the_day_after_its_deadline_and_not_before),
        cmocka_unit_test(order__partly_captured_keeps_the_capture_and_is_captured),
        cmocka_unit_test(order__extended_or_ended_leaves_the_sweep_alone),
        cmocka_unit_test(voucher__lapses_after_its_last_day_and_returns_what_was_not_reserved),
        cmocka_unit_test(voucher__lapsing_where_the_policy_keeps_quota_stays_used),
        cmocka_unit_test(voucher__funded_at_issue_gives_its_earmark_back),
        cmocka_unit_test(sweep__of_a_wrong_instant_is_refused),
        cmocka_unit_test(sweep__has_one_effect_for_each_expiry_in_index_order),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
