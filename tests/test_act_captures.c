/*
 * Captures and direct redemptions through the one door: partial and final captures, what they write, gates and what clears them, holds, contracts and
 * cumulative tiers. Scenarios 1 and 8 of the acceptance list; invoices are in test_act_invoices.c.
 */
#include "tests/support/services.h"

#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/durable.h"
#include "ledger/rules/decide.h"

#define PROVIDER "provider/" P1
#define LAB "provider/" P1 "/lab-3"
#define HOLDER "holder/" H1
#define POOL "330602-2026-E"

static void capture__of_a_part_and_then_the_last_gives_the_rest_back(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "O-1", 1000000);
    assert_string_equal(CAPTURE(.item = "C-1", .order = "O-1", .amount_fen = 600000), "");
    assert_int_equal(zd_service_order(scene, "O-1")->state, ZD_O_PARTIAL);
    assert_int_equal(zd_service_order(scene, "O-1")->rest_fen, 400000);
    assert_int_equal(scene->last.decisions[0].subsidy_fen, 600000);
    assert_string_equal(CAPTURE(.item = "C-1", .order = "O-1", .amount_fen = 100000), "A02");
    assert_string_equal(CAPTURE(.item = "C-2", .order = "O-1", .amount_fen = 400001), "R14");
    assert_string_equal(CAPTURE(.item = "C-2", .order = "O-1", .amount_fen = 100000, .final = true), "");
    const zd_rec_order *order = zd_service_order(scene, "O-1");
    assert_int_equal(order->state, ZD_O_CAPTURED);
    assert_null(zd_book_find(scene->book, ZD_R_DUE, "%06lld/O/O-1", (long long)order->deadline_day));
    assert_int_equal(zd_scene_balance(scene, "2200/O-1/" POOL), 0);
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/" POOL), 700000);
    assert_int_equal(zd_scene_balance(scene, "2000/" POOL), 100000000 - 700000);
    assert_int_equal(zd_scene_balance(scene, "6300/V-1/2026"), 700000);
    assert_string_equal(CAPTURE(.item = "C-3", .order = "O-1", .amount_fen = 1), "A04");
    assert_string_equal(CAPTURE(.item = "C-1", .order = "O-1", .amount_fen = 1), "A04");
    assert_string_equal(CAPTURE(.item = "C-3", .order = "O-9", .amount_fen = 1), "R09");
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* Taking all that is left ends the order, whether or not the request calls itself final. */
static void capture__of_the_whole_rest_ends_the_order(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "O-1", 190000);
    assert_string_equal(CAPTURE(.item = "C-1", .order = "O-1", .amount_fen = 190000), "");
    assert_int_equal(zd_service_order(scene, "O-1")->state, ZD_O_CAPTURED);
    assert_null(zd_book_find(scene->book, ZD_R_DUE, "%06lld/O/O-1", (long long)zd_service_order(scene, "O-1")->deadline_day));
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* What later acts and the seal read of an item. */
static void capture__writes_what_later_acts_read(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    int64_t today = zd_day_of(scene->now_unix_ms, ZD_ZONE_SHANGHAI_MS);
    scene_accepted(scene, HOLDER, "redemption.order",
                   "\"order\":\"O-1\",\"voucher\":\"V-1\",\"holder\":\"" H1 "\",\"provider\":\"" P1 "\",\"category\":\"instrument\",\"purpose\":\"alloy\",\"amount_fen\":100000,"
                   "\"own_share_fen\":100000,\"contract\":\"HT-1\",\"contract_fen\":200000,\"contract_date\":\"2026-03-01\",\"affiliation\":\"undeclared\",\"statutory\":false,"
                   "\"other_funding_fen\":0,\"instrument\":\"I-1\",\"unit\":\"lab-3\"");
    assert_string_equal(CAPTURE(.item = "C-1", .order = "O-1", .amount_fen = 100000,
                                .more = ",\"slot_from\":\"2026-03-02T01:00:00Z\",\"slot_to\":\"2026-03-02T02:00:00Z\""), "");
    const zd_rec_item *item = zd_service_item(scene, "C-1");
    assert_string_equal(item->voucher, "V-1");
    assert_string_equal(item->unit, "lab-3");
    assert_string_equal(item->category, "instrument");
    assert_string_equal(item->instrument, "I-1");
    assert_int_equal(item->policy, 1);
    assert_int_equal(item->day, today);
    assert_int_equal(item->at_ms, scene->now_unix_ms);
    assert_int_equal(item->notice_until_day, today + 7);
    assert_int_equal(item->slot_to_ms - item->slot_from_ms, 3600000);
    assert_int_equal(item->flags, ZD_CHECK_BIT(R35));
    assert_non_null(zd_book_find(scene->book, ZD_R_OPEN, POOL "/" P1 "/%012lld/C-1", (long long)item->seq));
    assert_string_equal(zd_buf_text(&scene->last.decisions[0].extra), "\"base_fen\":200000,\"notice_until\":\"2026-03-09\"");
    const zd_rec_tier *tier = zd_book_find(scene->book, ZD_R_TIER, H1 "/" P1 "/alloy/2026");
    assert_int_equal(tier->base_fen, 200000);
    assert_int_equal(tier->subsidy_fen, 100000);
    const zd_rec_invoice *invoice = zd_book_find(scene->book, ZD_R_INVOICE, "%s", zd_service_invoice("C-1"));
    assert_string_equal(invoice->last_item, "C-1");
    assert_int_equal(invoice->checked, ZD_INV_UNCHECKED);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* Scenario 1, as one direct redemption each. */
static void direct__of_one_fen_above_half_the_base_is_refused(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    assert_string_equal(DIRECT(.item = "C-1", .amount_fen = 190001, .own_fen = 190000), "R23");
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/" POOL), 0);
    assert_null(zd_book_find(scene->book, ZD_R_ORDER, "o-C-1"));
    assert_string_equal(DIRECT(.item = "C-2", .amount_fen = 190000, .own_fen = 190001), "");
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/" POOL), 190000);
    assert_int_equal(zd_service_order(scene, "o-C-2")->state, ZD_O_CAPTURED);
    assert_int_equal(zd_service_item(scene, "C-2")->base_fen, 380001);
    assert_string_equal(DIRECT(.item = "C-2", .amount_fen = 1), "A02");
    zd_scene_order(scene, "o-C-9", 100);
    assert_string_equal(DIRECT(.item = "C-9", .amount_fen = 1), "A02"); /* the item is new, its order's id is not */
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* Scenario 8: the laboratory's key has a limit, its own unit, and no say over the account. */
static void capture__of_a_laboratory_stays_within_its_limit_and_unit(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, PROVIDER, "redemption.order",
                   "\"order\":\"O-1\",\"voucher\":\"V-1\",\"holder\":\"" H1 "\",\"provider\":\"" P1 "\",\"category\":\"testing\",\"purpose\":\"alloy\",\"amount_fen\":3000000,\"own_share_fen\":3000000,"
                   "\"contract\":\"HT-1\",\"contract_fen\":6000000,\"contract_date\":\"2026-03-01\",\"affiliation\":\"none\",\"statutory\":false,\"other_funding_fen\":0,\"unit\":\"lab-3\"");
    zd_scene_order(scene, "O-2", 1000);
    assert_string_equal(zd_service_capture(scene, LAB, (zd_service){.item = "C-1", .order = "O-1", .amount_fen = 1000000}), "");
    assert_string_equal(zd_service_capture(scene, LAB, (zd_service){.item = "C-2", .order = "O-1", .amount_fen = 1000001}), "R47");
    assert_string_equal(zd_service_capture(scene, LAB, (zd_service){.item = "C-3", .order = "O-2", .amount_fen = 1}), "A05");
    assert_code(zd_scene_submit(scene, LAB, "provider.account", err, "\"provider\":\"" P1 "\",\"commitment\":\"%064d\"", 9), ZD_E_KEY_ROLE);
    assert_string_equal(zd_service_capture(scene, "provider/" P2, (zd_service){.item = "C-4", .order = "O-1", .amount_fen = 1}), "A05");
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static zd_check_set gates(zd_scene *scene, const char *item)
{
    return (zd_check_set)zd_service_item(scene, item)->gates;
}

/* What is attested covers the earliest captures first; a gate goes when its data comes. */
static void own_share__attested_in_parts_clears_the_captures_in_their_order(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "O-1", 1000000);
    assert_string_equal(CAPTURE(.item = "C-2", .order = "O-1", .amount_fen = 300000), "");
    assert_string_equal(CAPTURE(.item = "C-1", .order = "O-1", .amount_fen = 200000), "");
    assert_int_equal(gates(scene, "C-2"), ZD_CHECK_BIT(R06) | ZD_CHECK_BIT(R25) | ZD_CHECK_BIT(R33));
    scene_accepted(scene, "gateway", "fact.attest", "\"fact\":\"own-share\",\"subject\":\"O-1\",\"value\":\"paid\",\"amount_fen\":%d", 299999);
    assert_int_equal(gates(scene, "C-2") & ZD_CHECK_BIT(R25), ZD_CHECK_BIT(R25));
    scene_accepted(scene, "gateway", "fact.attest", "\"fact\":\"own-share\",\"subject\":\"O-1\",\"value\":\"paid\",\"amount_fen\":%d", 499999);
    assert_int_equal(gates(scene, "C-2") & ZD_CHECK_BIT(R25), 0);
    assert_int_equal(zd_service_order(scene, "O-1")->own_paid_fen, 499999);
    assert_int_equal(gates(scene, "C-1") & ZD_CHECK_BIT(R25), ZD_CHECK_BIT(R25));
    scene_accepted(scene, "gateway", "fact.attest", "\"fact\":\"own-share\",\"subject\":\"O-1\",\"value\":\"paid\",\"amount_fen\":%d", 500000);
    assert_int_equal(gates(scene, "C-1") & ZD_CHECK_BIT(R25), 0);
    /* A further capture is beyond what was paid. */
    assert_string_equal(CAPTURE(.item = "C-3", .order = "O-1", .amount_fen = 1), "");
    assert_int_equal(gates(scene, "C-3") & ZD_CHECK_BIT(R25), ZD_CHECK_BIT(R25));
    zd_scene_clear_gates(scene, "C-3");
    assert_int_equal(gates(scene, "C-3"), 0);
    assert_int_equal(gates(scene, "C-2"), ZD_CHECK_BIT(R33));
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* The order's deadline ends captures by itself; the sweep only gives the money back. */
static void capture__after_the_deadline_is_refused_before_and_after_the_sweep(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "O-1", 190000);
    zd_scene_days(scene, 90);
    assert_string_equal(CAPTURE(.item = "C-1", .order = "O-1", .amount_fen = 1), "");
    zd_scene_days(scene, 1);
    assert_string_equal(CAPTURE(.item = "C-2", .order = "O-1", .amount_fen = 1), "R12");
    zd_scene_order(scene, "O-2", 100);
    zd_scene_days(scene, 91);
    assert_string_equal(CAPTURE(.item = "C-3", .order = "O-2", .amount_fen = 1), "R12");
    scene_accepted(scene, "service", "sweep", "\"up_to\":\"2026-08-31T00:00:00Z\"");
    assert_int_equal(zd_service_order(scene, "O-2")->state, ZD_O_EXPIRED);
    assert_string_equal(CAPTURE(.item = "C-4", .order = "O-2", .amount_fen = 1), "R12");
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* Several captures of one contract never exceed it, whichever order they belong to. */
static void contract__of_two_orders_is_captured_once(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    const char *same = ",\"unit\":\"u-1\"";
    for (int i = 1; i <= 2; i++) {
        scene_accepted(scene, HOLDER, "redemption.order",
                       "\"order\":\"O-%d\",\"voucher\":\"V-1\",\"holder\":\"" H1 "\",\"provider\":\"" P1 "\",\"category\":\"testing\",\"purpose\":\"alloy\",\"amount_fen\":100000,"
                       "\"own_share_fen\":100000,\"contract\":\"HT-1\",\"contract_fen\":200000,\"contract_date\":\"2026-03-01\",\"affiliation\":\"none\",\"statutory\":false,"
                       "\"other_funding_fen\":0%s", i, same);
    }
    assert_string_equal(CAPTURE(.item = "C-1", .order = "O-1", .amount_fen = 99999), "");
    assert_string_equal(CAPTURE(.item = "C-2", .order = "O-2", .amount_fen = 2), "R28");
    assert_string_equal(CAPTURE(.item = "C-3", .order = "O-2", .amount_fen = 1), "");
    /* Once money was drawn on it, the contract can not grow. */
    assert_string_equal(DIRECT(.item = "C-4", .amount_fen = 1, .contract_fen = 2), "");
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static void publish_tier(zd_scene *scene)
{
    zd_buf file = {0};
    assert_ok(zd_file_read(&file, "tests/data/policy-yuhuan.json", 65536, err));
    for (size_t i = 0; i < file.size; i++) {
        file.data[i] = file.data[i] == '\n' ? ' ' : file.data[i];
    }
    scene_two(scene, "issuer-1", "issuer-2", "policy.publish", "\"number\":2,\"effective\":\"2026-04-15\",\"policy\":%s", zd_buf_text(&file));
    zd_buf_free(&file);
}

/* 100 % up to 10,000 yuan, then 50 %: five services of one purpose earn no more than one of the same size. The order's policy decides, not the day's. */
static void tier__is_cumulative_for_the_pair_purpose_and_year(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    publish_tier(scene);
    zd_scene_order(scene, "O-old", 190000);
    zd_scene_days(scene, 44); /* 2026-04-15 */
    assert_string_equal(DIRECT(.item = "C-1", .amount_fen = 600000, .own_fen = 1, .done = "2026-04-10"), "");
    assert_string_equal(DIRECT(.item = "C-2", .amount_fen = 600000, .own_fen = 1, .done = "2026-04-10"), "R23");
    /* 400,000 - 1 of the tier is left, then a half: 399,999 + floor(200,002 / 2). */
    assert_string_equal(DIRECT(.item = "C-3", .amount_fen = 500001, .own_fen = 100000, .done = "2026-04-10"), "R23");
    assert_string_equal(DIRECT(.item = "C-4", .amount_fen = 500000, .own_fen = 100001, .done = "2026-04-10"), "");
    assert_string_equal(DIRECT(.item = "C-5", .amount_fen = 100, .own_fen = 99, .done = "2026-04-10"), "R23");
    assert_string_equal(DIRECT(.item = "C-6", .amount_fen = 100, .own_fen = 100, .done = "2026-04-10"), "");
    assert_string_equal(DIRECT(.item = "C-7", .amount_fen = 600000, .own_fen = 1, .done = "2026-04-10", .purpose = "paint"), "");
    /* A void takes its base out again. */
    scene_accepted(scene, PROVIDER, "redemption.void", "\"order\":\"o-C-1\",\"item\":\"C-1\"");
    assert_string_equal(DIRECT(.item = "C-8", .amount_fen = 300000, .own_fen = 1, .done = "2026-04-10"), "");
    /* Ordered under the first policy: half, and no more. */
    assert_string_equal(CAPTURE(.item = "C-9", .order = "O-old", .amount_fen = 190000, .own_fen = 189999, .part_fen = 380000), "R23");
    assert_int_equal(scene->last.decisions[0].policy, 1);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* Contract day and other public money were declared with the order and hold for its captures. */
static void capture__is_judged_by_what_its_order_declared(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, HOLDER, "redemption.order",
                   "\"order\":\"O-1\",\"voucher\":\"V-1\",\"holder\":\"" H1 "\",\"provider\":\"" P1 "\",\"category\":\"testing\",\"purpose\":\"alloy\",\"amount_fen\":200000,"
                   "\"own_share_fen\":200000,\"contract\":\"HT-1\",\"contract_fen\":400000,\"contract_date\":\"2026-03-05\",\"affiliation\":\"none\",\"statutory\":false,"
                   "\"other_funding_fen\":160000");
    zd_scene_days(scene, 4); /* 2026-03-06 */
    /* Half of it brings half of the other money: 100,000 + 80,000 of 200,000 is 90 %, and passes; the ratio still binds. */
    assert_string_equal(CAPTURE(.item = "C-1", .order = "O-1", .amount_fen = 100001, .own_fen = 100000, .done = "2026-03-05"), "R23");
    assert_string_equal(CAPTURE(.item = "C-2", .order = "O-1", .amount_fen = 100000, .done = "2026-03-04"), "");
    assert_int_equal(scene->last.decisions[0].holds, ZD_CHECK_BIT(R20)); /* the contract came a day later */
    zd_scene_free(scene);
    scene = zd_scene_ready();
    scene_accepted(scene, HOLDER, "redemption.order",
                   "\"order\":\"O-2\",\"voucher\":\"V-1\",\"holder\":\"" H1 "\",\"provider\":\"" P1 "\",\"category\":\"testing\",\"purpose\":\"alloy\",\"amount_fen\":200000,"
                   "\"own_share_fen\":200010,\"contract\":\"HT-1\",\"contract_fen\":400010,\"contract_date\":\"2026-03-01\",\"affiliation\":\"none\",\"statutory\":false,"
                   "\"other_funding_fen\":160009");
    assert_string_equal(CAPTURE(.item = "C-3", .order = "O-2", .amount_fen = 100000), "R26"); /* 100,000 + 80,005 of 200,000 */
    assert_string_equal(CAPTURE(.item = "C-4", .order = "O-2", .amount_fen = 100000, .own_fen = 100006), ""); /* of 200,006: 180,005 */
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* Instrument, price and customs: what only a person can settle is held, and a hold found at the order comes with each capture. */
static void hold__found_at_the_order_is_inherited(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "issuer-1", "instrument.register",
                   "\"instrument\":\"I-2\",\"provider\":\"" P1 "\",\"categories\":\"instrument\",\"price_fen\":0,\"shared\":true,\"customs\":true,\"usable\":true");
    const char *form = "\"order\":\"O-1\",\"voucher\":\"V-1\",\"holder\":\"" H1 "\",\"provider\":\"" P1 "\",\"category\":\"instrument\",\"purpose\":\"alloy\",\"amount_fen\":100000,"
                       "\"own_share_fen\":100000,\"contract\":\"HT-1\",\"contract_fen\":200000,\"contract_date\":\"2026-03-01\",\"affiliation\":\"none\",\"statutory\":false,"
                       "\"other_funding_fen\":0,\"instrument\":\"I-2\"";
    assert_ok(zd_scene_submit(scene, HOLDER, "redemption.order", err, "%s", form));
    assert_int_equal(zd_scene_outcome(scene), ZD_HELD);
    assert_int_equal(zd_scene_balance(scene, "2200/O-1/" POOL), 100000);
    /* Captured on another instrument of the same provider: the order's doubt stays. */
    assert_string_equal(CAPTURE(.item = "C-1", .order = "O-1", .amount_fen = 100000, .more = ",\"instrument\":\"I-1\""), "");
    assert_int_equal(zd_scene_outcome(scene), ZD_HELD);
    assert_int_equal(zd_service_item(scene, "C-1")->holds, ZD_CHECK_BIT(R18));
    assert_int_equal(zd_scene_balance(scene, "3050/" P1 "/" POOL), 100000);
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/" POOL), 0);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static void price__above_120_percent_of_the_list_is_held(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready(); /* I-1 costs 400,000 a unit */
    assert_string_equal(DIRECT(.item = "C-1", .amount_fen = 240000, .more = ",\"instrument\":\"I-1\""), "");
    assert_int_equal(zd_scene_outcome(scene), ZD_ACCEPTED);
    assert_string_equal(DIRECT(.item = "C-2", .amount_fen = 240000, .own_fen = 240001, .more = ",\"instrument\":\"I-1\""), "");
    assert_int_equal(zd_scene_outcome(scene), ZD_HELD);
    assert_int_equal(scene->last.decisions[0].holds, ZD_CHECK_BIT(R21));
    assert_string_equal(DIRECT(.item = "C-3", .amount_fen = 240000, .own_fen = 240001, .more = ",\"instrument\":\"I-1\",\"quantity\":2"), "");
    assert_int_equal(zd_scene_outcome(scene), ZD_ACCEPTED);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* A refused capture leaves nothing behind but its leaf; the same text again answers the same. */
static void refusal__leaves_no_trace_in_the_book(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "O-1", 190000);
    assert_string_equal(CAPTURE(.item = "C-1", .order = "O-1", .amount_fen = 190000, .own_fen = 189999), "R23");
    assert_int_equal(scene->last.decisions[0].posting_count, 0);
    assert_null(zd_book_find(scene->book, ZD_R_ITEM, "C-1"));
    assert_null(zd_book_find(scene->book, ZD_R_INVOICE, "%s", zd_service_invoice("C-1")));
    assert_int_equal(zd_service_order(scene, "O-1")->rest_fen, 190000);
    assert_string_equal(CAPTURE(.item = "C-1", .order = "O-1", .amount_fen = 190000), "");
    zd_scene_check(scene);
    zd_scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capture__of_a_part_and_then_the_last_gives_the_rest_back),
        cmocka_unit_test(capture__of_the_whole_rest_ends_the_order),
        cmocka_unit_test(capture__writes_what_later_acts_read),
        cmocka_unit_test(direct__of_one_fen_above_half_the_base_is_refused),
        cmocka_unit_test(capture__of_a_laboratory_stays_within_its_limit_and_unit),
        cmocka_unit_test(own_share__attested_in_parts_clears_the_captures_in_their_order),
        cmocka_unit_test(capture__after_the_deadline_is_refused_before_and_after_the_sweep),
        cmocka_unit_test(contract__of_two_orders_is_captured_once),
        cmocka_unit_test(tier__is_cumulative_for_the_pair_purpose_and_year),
        cmocka_unit_test(capture__is_judged_by_what_its_order_declared),
        cmocka_unit_test(hold__found_at_the_order_is_inherited),
        cmocka_unit_test(price__above_120_percent_of_the_list_is_held),
        cmocka_unit_test(refusal__leaves_no_trace_in_the_book),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
