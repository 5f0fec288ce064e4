/*
 * The sweep at the seal over small sets of items: each pattern with the nearest set that is none, and the promise that the order of the items does not matter.
 */
#include "tests/support/support.h"

#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/durable.h"
#include "ledger/rules/decide.h"
#include "ledger/rules/seal_sweep.h"

#define A "91330602X000000271"
#define B "91330681X0000006XN"
#define LAB "12330600X00000086C"

static zd_policy policy;

static int64_t today(void)
{
    return zd_day_from(2026, 5, 20);
}

static zd_seal_item service(const char *holder, const char *provider, const char *purpose, int64_t done_day)
{
    return (zd_seal_item){.item = purpose, .holder = holder, .holder_code = holder, .provider = provider, .purpose = purpose, .amount_fen = 100000,
                          .base_fen = 200000, .done_day = done_day, .invoice_checked = ZD_INV_OK, .invoice_checked_day = today(), .today_day = today()};
}

static void sweep(zd_seal_item *items, size_t count)
{
    zd_rules_seal_sweep(items, count, &policy);
}

static bool has(const zd_seal_item *item, zd_check check)
{
    return (item->flags >> check & 1U) != 0;
}

static void item__alone_and_in_order_gets_nothing(void **state)
{
    (void)state;
    zd_seal_item items[] = {service(A, LAB, "alloy", today())};
    sweep(items, 1);
    assert_int_equal(items[0].flags, 0);
    assert_int_equal(items[0].gates, 0);
    sweep(items, 0);
}

static zd_seal_item use(const char *provider, const char *instrument, int64_t from_ms, int64_t to_ms)
{
    zd_seal_item item = service(A, provider, "alloy", today());
    item.instrument = instrument;
    item.slot_from_ms = from_ms;
    item.slot_to_ms = to_ms;
    return item;
}

static void instrument__used_twice_at_a_time_is_flagged_on_both(void **state)
{
    (void)state;
    zd_seal_item items[] = {use(LAB, "I-1", 1000, 2000), use(LAB, "I-1", 1999, 3000), use(LAB, "I-1", 3000, 4000), use(LAB, "I-2", 1000, 9000),
                            use(B, "I-1", 1000, 9000), use(LAB, "", 1000, 9000), use(LAB, "", 1000, 9000), use(LAB, "I-1", 1500, 1500)};
    sweep(items, ZD_COUNT(items));
    assert_true(has(&items[0], ZD_CHECK_R19));
    assert_true(has(&items[1], ZD_CHECK_R19));
    for (size_t i = 2; i < ZD_COUNT(items); i++) {
        assert_false(has(&items[i], ZD_CHECK_R19)); /* next slot, other instrument, other provider, none, no slot */
    }
}

/* A long use that covers two short ones which do not touch each other: all three are flagged. */
static void instrument__covered_by_a_long_use_is_flagged_throughout(void **state)
{
    (void)state;
    zd_seal_item items[] = {use(LAB, "I-1", 1000, 9000), use(LAB, "I-1", 2000, 3000), use(LAB, "I-1", 8999, 9001), use(LAB, "I-1", 9001, 9002)};
    sweep(items, ZD_COUNT(items));
    assert_true(has(&items[0], ZD_CHECK_R19));
    assert_true(has(&items[1], ZD_CHECK_R19));
    assert_true(has(&items[2], ZD_CHECK_R19));
    assert_false(has(&items[3], ZD_CHECK_R19));
    zd_seal_item other[] = {use(LAB, "I-1", 1000, 9000), use(LAB, "I-2", 1000, 2000), use(LAB, "I-2", 1500, 2500)};
    sweep(other, ZD_COUNT(other)); /* a long use of one instrument hides nothing of the next one */
    assert_false(has(&other[0], ZD_CHECK_R19));
    assert_true(has(&other[1], ZD_CHECK_R19));
    assert_true(has(&other[2], ZD_CHECK_R19));
}

static void opposite__services_within_the_window_are_flagged(void **state)
{
    (void)state;
    int64_t window = zd_policy_int(&policy, ZD_P_OPPOSITE_DAYS);
    zd_seal_item near[] = {service(A, B, "alloy", today() - window), service(B, A, "paint", today())};
    sweep(near, 2);
    assert_true(has(&near[0], ZD_CHECK_R37));
    assert_true(has(&near[1], ZD_CHECK_R37));
    zd_seal_item far[] = {service(A, B, "alloy", today() - window - 1), service(B, A, "paint", today())};
    sweep(far, 2);
    assert_false(has(&far[0], ZD_CHECK_R37));
    assert_false(has(&far[1], ZD_CHECK_R37));
    zd_seal_item same[] = {service(A, B, "alloy", today()), service(A, B, "paint", today())};
    sweep(same, 2);
    assert_false(has(&same[0], ZD_CHECK_R37));
    zd_seal_item pairs[] = {service(LAB, A, "alloy", today()), service(B, LAB, "paint", today())};
    sweep(pairs, 2); /* two pairs that share one party */
    assert_false(has(&pairs[0], ZD_CHECK_R37));
    assert_false(has(&pairs[1], ZD_CHECK_R37));
}

static void split__services_of_a_purpose_are_counted_around_each_one(void **state)
{
    (void)state;
    enum { MANY = 7 };
    int64_t window = zd_policy_int(&policy, ZD_P_SPLIT_DAYS);
    zd_seal_item items[MANY];
    for (size_t i = 0; i < MANY; i++) {
        items[i] = service(A, LAB, "alloy", today() - (int64_t)i);
    }
    items[MANY - 1].purpose = "paint"; /* six of one purpose, one of another */
    sweep(items, MANY);
    for (size_t i = 0; i + 1 < MANY; i++) {
        assert_true(has(&items[i], ZD_CHECK_R38));
        assert_int_equal(items[i].services, 6);
    }
    assert_false(has(&items[MANY - 1], ZD_CHECK_R38));
    items[5].done_day = items[0].done_day - window - 1; /* out of reach of the first only */
    sweep(items, MANY);
    assert_false(has(&items[0], ZD_CHECK_R38));
    assert_true(has(&items[1], ZD_CHECK_R38));
    assert_false(has(&items[5], ZD_CHECK_R38));
    items[5].done_day = items[0].done_day - window;
    sweep(items, MANY);
    assert_true(has(&items[0], ZD_CHECK_R38));
    assert_true(has(&items[5], ZD_CHECK_R38));
}

/* Two providers in turn, day by day: each is counted by itself, and neither is lost in the other. */
static void split__services_of_two_providers_in_turn_are_counted_apart(void **state)
{
    (void)state;
    enum { DAYS = 6 };
    zd_seal_item items[DAYS + DAYS];
    for (size_t i = 0; i < DAYS + DAYS; i++) {
        items[i] = service(A, i % 2 == 0 ? LAB : B, "alloy", today() - (int64_t)i);
    }
    items[1].purpose = "paint";
    sweep(items, DAYS + DAYS);
    for (size_t i = 0; i < DAYS + DAYS; i++) {
        assert_int_equal(has(&items[i], ZD_CHECK_R38), i % 2 == 0); /* six of the one, five of the other */
    }
}

static void split__two_just_below_the_tier_are_flagged(void **state)
{
    (void)state;
    zd_policy tiered = policy;
    tiered.value[ZD_P_TIER_UP_TO] = 1000000;
    int64_t distance = zd_policy_int(&policy, ZD_P_SPLIT_DISTANCE);
    zd_seal_item items[] = {service(A, LAB, "alloy", today()), service(A, LAB, "alloy", today()), service(A, LAB, "alloy", today())};
    items[0].base_fen = 1000000;
    items[1].base_fen = 1000000 - distance;
    zd_rules_seal_sweep(items, 3, &tiered);
    assert_true(has(&items[0], ZD_CHECK_R38));
    assert_true(has(&items[1], ZD_CHECK_R38));
    assert_false(has(&items[2], ZD_CHECK_R38)); /* far below: not one of them */
    items[1].base_fen -= 1;
    zd_rules_seal_sweep(items, 3, &tiered);
    assert_false(has(&items[0], ZD_CHECK_R38));
    items[1].base_fen = 1000001;
    zd_rules_seal_sweep(items, 3, &tiered);
    assert_false(has(&items[0], ZD_CHECK_R38));
}

static void contact__of_three_holders_is_flagged_of_two_not(void **state)
{
    (void)state;
    zd_seal_item items[] = {service("H-1", LAB, "a", today()), service("H-2", LAB, "b", today()), service("H-1", LAB, "c", today()), service("H-3", LAB, "d", today())};
    for (size_t i = 0; i < ZD_COUNT(items); i++) {
        items[i].contact = "k-77";
    }
    sweep(items, 3);
    assert_false(has(&items[0], ZD_CHECK_R39)); /* two holders, three items */
    sweep(items, 4);
    for (size_t i = 0; i < ZD_COUNT(items); i++) {
        assert_true(has(&items[i], ZD_CHECK_R39));
        items[i].contact = "";
    }
    sweep(items, 4);
    assert_false(has(&items[0], ZD_CHECK_R39)); /* an unknown contact is not a shared one */
}

static void invoice__voided_since_is_gated_and_an_old_word_flagged(void **state)
{
    (void)state;
    zd_seal_item items[] = {service(A, LAB, "a", today()), service(A, LAB, "b", today()), service(A, LAB, "c", today()), service(A, LAB, "d", today())};
    int64_t days = zd_policy_int(&policy, ZD_P_RECHECK_DAYS);
    items[0].invoice_checked = ZD_INV_VOID;
    items[1].invoice_checked_day = today() - days - 1;
    items[2].invoice_checked_day = today() - days;
    items[3].group = "G-1";
    sweep(items, 4);
    assert_int_equal(items[0].gates, ZD_CHECK_BIT(R33));
    assert_int_equal(items[1].gates, 0);
    assert_int_equal(items[1].flags, ZD_CHECK_BIT(R33));
    assert_int_equal(items[2].flags, 0);
    assert_int_equal(items[3].flags, ZD_CHECK_BIT(R08));
}

/* The same items in another order get the same answers, and come back in the order in which they went in. */
static void sweep__of_shuffled_items_gives_the_same_answers(void **state)
{
    (void)state;
    enum { COUNT = 60 };
    static const char *const holders[] = {A, B, LAB};
    static char names[COUNT][16];
    zd_seal_item first[COUNT];
    zd_seal_item second[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        zd_format(names[i], sizeof names[i], "item-%02zu", i);
        first[i] = service(holders[i % 3], holders[(i / 3) % 3], i % 2 == 0 ? "alloy" : "paint", today() - (int64_t)(i * 7 % 40));
        first[i].item = names[i];
        first[i].seq = (int64_t)i;
        first[i].instrument = i % 4 == 0 ? "I-1" : "I-2";
        first[i].slot_from_ms = (int64_t)(i * 37 % 50) * 100;
        first[i].slot_to_ms = first[i].slot_from_ms + 150;
        first[i].contact = i % 5 == 0 ? "k-1" : "";
        second[(i * 17 + 5) % COUNT] = first[i];
    }
    sweep(first, COUNT);
    sweep(second, COUNT);
    size_t flagged = 0;
    for (size_t i = 0; i < COUNT; i++) {
        const zd_seal_item *twin = &second[(i * 17 + 5) % COUNT];
        assert_string_equal(first[i].item, names[i]);
        assert_string_equal(twin->item, names[i]);
        assert_int_equal(twin->flags, first[i].flags);
        assert_int_equal(twin->gates, first[i].gates);
        flagged += first[i].flags != 0 ? 1 : 0;
    }
    assert_true(flagged > 0);
    assert_int_equal(zd_rules_seal_window(&policy), 60);
}

static int load(void **state)
{
    (void)state;
    zd_buf file = {0};
    zd_json *json = NULL;
    zd_error err = {0};
    bool fine = zd_file_read(&file, "ledger/policy/shaoxing-2026.json", 65536, &err) == ZD_OK && zd_json_parse(&json, zd_buf_span(&file), true, &err) == ZD_OK &&
                zd_policy_parse(&policy, zd_json_root(json), &err) == ZD_OK;
    zd_json_free(json);
    zd_buf_free(&file);
    return fine ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(item__alone_and_in_order_gets_nothing),
        cmocka_unit_test(instrument__used_twice_at_a_time_is_flagged_on_both),
        cmocka_unit_test(instrument__covered_by_a_long_use_is_flagged_throughout),
        cmocka_unit_test(opposite__services_within_the_window_are_flagged),
        cmocka_unit_test(split__services_of_a_purpose_are_counted_around_each_one),
        cmocka_unit_test(split__services_of_two_providers_in_turn_are_counted_apart),
        cmocka_unit_test(split__two_just_below_the_tier_are_flagged),
        cmocka_unit_test(contact__of_three_holders_is_flagged_of_two_not),
        cmocka_unit_test(invoice__voided_since_is_gated_and_an_old_word_flagged),
        cmocka_unit_test(sweep__of_shuffled_items_gives_the_same_answers),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, load, NULL));
}
