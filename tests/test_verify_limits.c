/*
 * Limits recomputed without rules, acts or book: a sound programme of hand-made entries gives no finding, and each way of exceeding one limit gives exactly that
 * one. The lines say "accepted" whatever they hold: this is what a wrong predicate in the shared rules would write.
 */
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/limit_world.h"

#define put zd_leaf_stream_put
#define second zd_leaf_stream_second

/* --- caps --- */

static void allotments__within_the_cap_are_sound(void **state)
{
    zd_world_allot(*state, "V-2", H1, H1, 400000, 0);
    zd_leaf_stream_clean(*state);
}

static void allotment__one_fen_over_the_cap_is_found(void **state)
{
    zd_world_allot(*state, "V-2", H1, H1, 400001, 0);
    const zd_report *report = ((zd_leaf_stream *)*state)->report;
    /* The balances say the same with arithmetic of their own: 6100 of the holder is below zero. */
    assert_int_equal(report->by_check[ZD_V_CAP], 1);
    assert_int_equal(report->by_check[ZD_V_POSTING_SIDE], 1);
    assert_int_equal(report->total, 2);
    assert_true(zd_span_is(zd_buf_span(&report->found[1].gains), H1));
}

static void allotment__after_a_revocation_uses_what_came_back(void **state)
{
    zd_leaf_stream *s = *state;
    put(s, "issuer-1", "\"type\":\"voucher.revoke\",\"voucher\":\"V-1\"", ",\"postings\":[[\"6200/V-1/2026\",\"6100/" H1 "/2026\",600000]]", NULL);
    zd_world_allot(s, "V-2", H1, H1, 1000000, 0);
    zd_leaf_stream_clean(s);
}

static void allotment__from_the_quota_of_another_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    zd_world_allot(s, "V-2", H2, H2, 1, 1000000);
    put(s, "issuer-1", "\"type\":\"voucher.allot\",\"voucher\":\"V-3\",\"holder\":\"" H1 "\",\"year\":2026,\"amount_fen\":300000",
        ",\"policy\":1,|\"postings\":[[\"6100/" H2 "/2026\",\"6200/V-3/2026\",300000]]", NULL);
    zd_leaf_stream_found(s, ZD_V_QUOTA_SUBJECT);
}

static void return__to_the_quota_of_another_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    zd_world_allot(s, "V-2", H2, H2, 1, 1000000);
    put(s, "issuer-1", "\"type\":\"voucher.revoke\",\"voucher\":\"V-1\"", ",\"postings\":[[\"6200/V-1/2026\",\"6100/" H2 "/2026\",600000]]", NULL);
    zd_leaf_stream_found(s, ZD_V_QUOTA_SUBJECT);
}

static void quota__opened_wider_than_the_cap_is_found(void **state)
{
    zd_world_allot(*state, "V-2", H2, H2, 1, 1000001);
    zd_leaf_stream_found(*state, ZD_V_AMOUNT_SIGNED);
}

static int setup_group(void **state)
{
    zd_world_policy grouped = zd_world_plain;
    grouped.scope = "group";
    (void)zd_world_setup_with(state, &grouped);
    put(*state, "tax", "\"type\":\"fact.attest\",\"fact\":\"controller\",\"subject\":\"" H2 "\",\"value\":\"G-1\"", "", NULL);
    return 0;
}

static void group__shares_one_cap_where_the_policy_says_so(void **state)
{
    zd_world_allot(*state, "V-2", H2, "G-1", 1000000, 1000000);
    zd_leaf_stream_clean(*state);
}

static void group__is_not_the_single_holder(void **state)
{
    zd_world_allot(*state, "V-2", H2, H2, 1, 1000000);
    assert_true(((zd_leaf_stream *)*state)->report->by_check[ZD_V_QUOTA_SUBJECT] == 1);
}

static void opening_quota__counts_against_the_cap(void **state)
{
    zd_leaf_stream *s = *state;
    put(s, "issuer-1", "\"type\":\"opening.quota\",\"holder\":\"" H1 "\",\"year\":2026,\"amount_fen\":400001", "outcome:proposed", NULL);
    second(s, "issuer-2", ",\"policy\":1,|\"postings\":[[\"6100/" H1 "/2026\",\"6300/opening-" H1 "/2026\",400001]]", NULL);
    assert_true(s->report->by_check[ZD_V_CAP] == 1);
}

static void issue__of_more_than_was_claimed_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    put(s, "p1", "\"type\":\"voucher.claim\",\"voucher\":\"V-2\",\"holder\":\"" H1 "\",\"year\":2026,\"amount_fen\":100000", ",\"policy\":1", NULL);
    put(s, "issuer-1", "\"type\":\"voucher.issue\",\"voucher\":\"V-2\",\"amount_fen\":100001", ",\"policy\":1,|\"postings\":[[\"6100/" H1 "/2026\",\"6200/V-2/2026\",100001]]", NULL);
    zd_leaf_stream_found(s, ZD_V_AMOUNT_SIGNED);
}

/* --- vouchers, orders, ratio --- */

static void orders__over_the_voucher_are_found(void **state)
{
    zd_leaf_stream *s = *state;
    zd_world_allot(s, "V-2", H1, H1, 400000, 0);
    zd_world_order(s, "O-1", 600000);
    zd_leaf_stream_clean(s);
    zd_world_order(s, "O-2", 1);
    /* The balance of 6200/V-1 says the same with arithmetic of its own. */
    assert_int_equal(s->report->by_check[ZD_V_VOUCHER_AMOUNT], 1);
    assert_int_equal(s->report->by_check[ZD_V_POSTING_SIDE], 1);
    assert_int_equal(s->report->total, 2);
}

static void order__that_reserves_more_than_was_signed_is_found(void **state)
{
    put(*state, "p1", "\"type\":\"redemption.order\",\"order\":\"O-1\",\"voucher\":\"V-1\",\"holder\":\"" H1 "\",\"provider\":\"" P1 "\",\"purpose\":\"m\",\"amount_fen\":100,\"contract_fen\":200",
        ",\"policy\":1,|\"postings\":[[\"6200/V-1/2026\",\"6300/V-1/2026\",100],[\"2000/" POOL "\",\"2200/O-1/" POOL "\",900]]", NULL);
    const zd_report *report = ((zd_leaf_stream *)*state)->report;
    assert_true(report->by_check[ZD_V_AMOUNT_SIGNED] > 0);
    assert_int_equal(report->total, report->by_check[ZD_V_AMOUNT_SIGNED]);
}

static void order__under_a_policy_not_in_force_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    zd_world_publish(s, 2, "2026-09-01", &zd_world_plain);
    zd_world_order_with(s, "O-1", 100, (zd_world_order_values){.purpose = "m", .contract_fen = 200, .policy = 2});
    zd_leaf_stream_found(s, ZD_V_POLICY_FORCE);
}

static void order__of_an_id_that_is_there_is_found(void **state)
{
    zd_world_order(*state, "O-1", 100);
    zd_world_order(*state, "O-1", 100);
    zd_leaf_stream_found(*state, ZD_V_NAME_TWICE);
}

static void capture__at_the_ratio_is_sound_one_fen_more_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    zd_world_order(s, "O-1", 190000);
    zd_world_order(s, "O-2", 190001);
    zd_world_capture(s, "I-1", "O-1", 190000, (zd_world_capture_values){.invoice = "26000000000000000001", .own_fen = 190001, .base_fen = 380000});
    zd_leaf_stream_clean(s);
    zd_world_capture(s, "I-2", "O-2", 190001, (zd_world_capture_values){.invoice = "26000000000000000002", .own_fen = 190000, .base_fen = 380001});
    zd_leaf_stream_found(s, ZD_V_RATIO);
    assert_true(zd_span_is(zd_buf_span(&s->report->found[0].gains), P1));
}

static void capture__on_a_base_above_the_contract_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    zd_world_order_with(s, "O-1", 100000, (zd_world_order_values){.purpose = "m", .contract_fen = 150000});
    zd_world_capture(s, "I-1", "O-1", 75000, (zd_world_capture_values){.invoice = "26000000000000000001", .own_fen = 200000, .base_fen = 275000});
    zd_leaf_stream_found(s, ZD_V_BASE);
}

static void capture__above_its_order_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    zd_world_order(s, "O-1", 100000);
    zd_world_order(s, "O-2", 100000);
    zd_world_order_with(s, "O-3", 100000, (zd_world_order_values){.purpose = "m", .contract_fen = 300000});
    zd_world_capture(s, "I-1", "O-3", 100001, (zd_world_capture_values){.invoice = "26000000000000000001"});
    assert_int_equal(s->report->by_check[ZD_V_ORDER_AMOUNT], 1);
}

static void final_capture__that_keeps_the_rest_reserved_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    zd_world_order(s, "O-1", 100000);
    zd_world_capture(s, "I-1", "O-1", 60000, (zd_world_capture_values){.invoice = "26000000000000000001", .rest_fen = 40000});
    zd_leaf_stream_clean(s);
    zd_world_order(s, "O-2", 100000);
    zd_world_capture(s, "I-2", "O-2", 60000, (zd_world_capture_values){.invoice = "26000000000000000002", .rest_fen = 39999});
    zd_leaf_stream_found(s, ZD_V_AMOUNT_SIGNED);
}

static int setup_tier(void **state)
{
    zd_world_policy tiered = zd_world_plain;
    tiered.tier_up_to_fen = 100000;
    tiered.tier_ratio_bp = 10000;
    return zd_world_setup_with(state, &tiered);
}

/* 100 % of the first 100,000, then half: the first service of a pair and purpose may be paid whole, the second only by half. */
static void tier__is_cumulative_for_pair_and_purpose(void **state)
{
    zd_leaf_stream *s = *state;
    zd_world_order_with(s, "O-1", 100000, (zd_world_order_values){.purpose = "m", .contract_fen = 100000});
    zd_world_order_with(s, "O-2", 50000, (zd_world_order_values){.purpose = "m", .contract_fen = 100000});
    zd_world_order_with(s, "O-3", 50001, (zd_world_order_values){.purpose = "other", .contract_fen = 60000});
    zd_world_order_with(s, "O-4", 50001, (zd_world_order_values){.purpose = "m", .contract_fen = 100000});
    zd_world_capture(s, "I-1", "O-1", 100000, (zd_world_capture_values){.invoice = "26000000000000000001", .own_fen = 1, .base_fen = 100000});
    zd_world_capture(s, "I-2", "O-2", 50000, (zd_world_capture_values){.invoice = "26000000000000000002"});
    zd_world_capture(s, "I-3", "O-3", 50001, (zd_world_capture_values){.invoice = "26000000000000000003", .own_fen = 9999});
    zd_leaf_stream_clean(s);
    zd_world_capture(s, "I-4", "O-4", 50001, (zd_world_capture_values){.invoice = "26000000000000000004", .own_fen = 49999});
    zd_leaf_stream_found(s, ZD_V_RATIO);
}

/* --- pools --- */

static void pool__overcommitted_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    put(s, "maker", "\"type\":\"pool.cut\",\"pool\":\"" POOL "\",\"amount_fen\":1900000", ",\"postings\":[[\"2000/" POOL "\",\"1000/" POOL "\",1900000]]", NULL);
    zd_world_order(s, "O-1", 100000);
    zd_leaf_stream_clean(s);
    zd_world_order(s, "O-2", 1);
    assert_int_equal(s->report->by_check[ZD_V_POOL_TOTAL], 1);
}

static void appropriation__posted_above_the_document_is_found(void **state)
{
    put(*state, "maker", "\"type\":\"pool.appropriate\",\"pool\":\"" POOL "\",\"amount_fen\":500", ",\"postings\":[[\"1000/" POOL "\",\"2000/" POOL "\",501]]", NULL);
    zd_leaf_stream_found(*state, ZD_V_AMOUNT_SIGNED);
}

static void posting__that_such_an_act_never_makes_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    zd_world_pool(s, "330681-E", 500);
    put(s, "issuer-1", "\"type\":\"holder.ban\",\"holder\":\"" H1 "\"", ",\"postings\":[[\"1000/" POOL "\",\"3000/" P1 "/" POOL "\",500]]", NULL);
    zd_leaf_stream_found(s, ZD_V_POSTING_KIND);
    assert_true(zd_span_is(zd_buf_span(&s->report->found[0].gains), P1));
}

/* --- invoices --- */

static void invoice__parts_within_its_gross_are_sound_beyond_are_found(void **state)
{
    zd_leaf_stream *s = *state;
    zd_world_order(s, "O-1", 300000);
    zd_world_capture(s, "I-1", "O-1", 100000, (zd_world_capture_values){.invoice = "26000000000000000001,033002600111:00000007", .gross_fen = 400000});
    zd_world_capture(s, "I-2", "O-1", 100000, (zd_world_capture_values){.invoice = "033002600111:00000007", .gross_fen = 400000});
    zd_leaf_stream_clean(s);
    zd_world_capture(s, "I-3", "O-1", 1, (zd_world_capture_values){.invoice = "26000000000000000001", .own_fen = 1, .part_fen = 2, .gross_fen = 400000});
    zd_leaf_stream_found(s, ZD_V_INVOICE_TOTAL);
}

static void invoice__of_another_pair_is_held_or_found(void **state)
{
    zd_leaf_stream *s = *state;
    zd_world_allot(s, "V-2", H2, H2, 400000, 1000000);
    zd_world_order(s, "O-1", 100000);
    zd_world_order_with(s, "O-2", 100000, (zd_world_order_values){.voucher = "V-2", .holder = H2, .purpose = "m", .contract_fen = 200000});
    zd_world_order_with(s, "O-3", 100000, (zd_world_order_values){.voucher = "V-2", .holder = H2, .purpose = "m", .contract_fen = 200000});
    zd_world_capture(s, "I-1", "O-1", 100000, (zd_world_capture_values){.invoice = "26000000000000000001", .gross_fen = 900000});
    zd_world_capture(s, "I-2", "O-2", 100000, (zd_world_capture_values){.invoice = "26000000000000000001", .gross_fen = 900000, .holds = "R32"});
    zd_leaf_stream_clean(s);
    zd_world_capture(s, "I-3", "O-3", 100000, (zd_world_capture_values){.invoice = "26000000000000000001", .gross_fen = 900000});
    zd_leaf_stream_found(s, ZD_V_INVOICE_PAIR);
}

static void invoice__with_a_red_letter_is_worth_less(void **state)
{
    zd_leaf_stream *s = *state;
    put(s, "tax", "\"type\":\"fact.attest\",\"fact\":\"red-letter\",\"subject\":\"26000000000000000001\",\"value\":\"R-1\",\"amount_fen\":50000", "", NULL);
    zd_world_order(s, "O-1", 100000);
    zd_world_capture(s, "I-1", "O-1", 100000, (zd_world_capture_values){.invoice = "26000000000000000001", .gross_fen = 200000});
    zd_leaf_stream_found(s, ZD_V_INVOICE_TOTAL);
}

static void invoice__paid_on_the_old_platform_is_used_up(void **state)
{
    zd_leaf_stream *s = *state;
    put(s, "issuer-1", "\"type\":\"opening.invoice\",\"invoice\":\"26000000000000000001\",\"provider\":\"" P1 "\",\"holder\":\"" H1 "\"", "outcome:proposed", NULL);
    second(s, "issuer-2", "", NULL);
    zd_world_order(s, "O-1", 100000);
    zd_world_capture(s, "I-1", "O-1", 100000, (zd_world_capture_values){.invoice = "26000000000000000001"});
    zd_leaf_stream_found(s, ZD_V_INVOICE_TOTAL);
}

static void invoice__of_a_voided_capture_is_free_again(void **state)
{
    zd_leaf_stream *s = *state;
    zd_world_order(s, "O-1", 100000);
    zd_world_order(s, "O-2", 100000);
    zd_world_capture(s, "I-1", "O-1", 100000, (zd_world_capture_values){.invoice = "26000000000000000001"});
    put(s, "p1", "\"type\":\"redemption.void\",\"order\":\"O-1\",\"item\":\"I-1\"",
        ",\"postings\":[[\"3000/" P1 "/" POOL "\",\"2000/" POOL "\",100000],[\"6300/V-1/2026\",\"6200/V-1/2026\",100000]]", NULL);
    zd_world_capture(s, "I-2", "O-2", 100000, (zd_world_capture_values){.invoice = "26000000000000000001"});
    zd_leaf_stream_clean(s);
}

/* --- refunds --- */

static void refund(zd_leaf_stream *s, const char *note, long long signed_fen, long long posted_fen)
{
    char request[200];
    char line[300];
    (void)snprintf(request, sizeof request, "\"type\":\"redemption.refund\",\"note\":\"%s\",\"item\":\"I-1\",\"amount_fen\":%lld", note, signed_fen);
    (void)snprintf(line, sizeof line, ",\"postings\":[[\"3000/" P1 "/" POOL "\",\"2000/" POOL "\",%lld],[\"6300/V-1/2026\",\"6200/V-1/2026\",%lld]]", posted_fen, posted_fen);
    put(s, "p1", request, line, NULL);
}

static void refund__up_to_the_capture_is_sound_beyond_is_found(void **state)
{
    refund(*state, "N-1", 60000, 60000);
    refund(*state, "N-2", 40000, 40000);
    zd_leaf_stream_clean(*state);
    refund(*state, "N-3", 1, 1);
    zd_leaf_stream_found(*state, ZD_V_REFUND_TOTAL);
}

static void refund__posted_below_what_was_signed_is_found(void **state)
{
    refund(*state, "N-1", 60000, 59999);
    zd_leaf_stream_found(*state, ZD_V_REFUND_TOTAL);
}

/* --- persons --- */

static void second__by_the_proposer_with_another_key_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    put(s, "issuer-1", "\"type\":\"exception.list\",\"code\":\"X\"", "outcome:proposed", NULL);
    second(s, "issuer-1b", "", NULL);
    zd_leaf_stream_found(s, ZD_V_DUTIES_SECOND);
}

static void second__of_another_office_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    put(s, "issuer-1", "\"type\":\"exception.list\",\"code\":\"X\"", "outcome:proposed", NULL);
    second(s, "maker", "", NULL);
    zd_leaf_stream_found(s, ZD_V_DUTIES_SECOND);
}

static void act_of_two__accepted_from_one_is_found(void **state)
{
    put(*state, "issuer-1", "\"type\":\"exception.list\",\"code\":\"X\"", "", NULL);
    zd_leaf_stream_found(*state, ZD_V_DUTIES_SECOND);
}

static void log_key__granted_by_one_root_alone_is_found(void **state)
{
    put(*state, "root-1", "\"type\":\"key.grant\",\"key_name\":\"log-2\",\"public\":\"0000000000000000000000000000000000000000000000000000000000000007\",\"person\":\"p-machine\",\"unit\":\"ledger\",\"role\":\"log\"", "", NULL);
    zd_leaf_stream_found(*state, ZD_V_DUTIES_SECOND);
}

static void holder__registered_and_endowed_by_one_person_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    put(s, "issuer-1", "\"type\":\"holder.register\",\"holder\":\"H-GHOST\",\"class\":\"enterprise\"", "", NULL);
    zd_world_allot(s, "V-9", "H-GHOST", "H-GHOST", 1, 1000000);
    zd_leaf_stream_found(s, ZD_V_DUTIES_SECOND);
}

static void second__of_nothing_is_found(void **state)
{
    put(*state, "issuer-1", "\"type\":\"second\",\"of_sha256\":\"0000\"", "", NULL);
    zd_leaf_stream_found(*state, ZD_V_NAME_UNKNOWN);
}

static void request_id__of_one_party_twice_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    put(s, "issuer-1", "\"id\":\"X-1\",\"type\":\"holder.ban\",\"holder\":\"" H1 "\"", "", NULL);
    put(s, "maker", "\"id\":\"X-1\",\"type\":\"holder.ban\",\"holder\":\"" H1 "\"", "outcome:refused,\"code\":\"A05\"", NULL); /* another unit's */
    zd_leaf_stream_clean(s);
    const char *const item[] = {"X-1", "outcome:refused,\"code\":\"A03\"", NULL};
    put(s, "issuer-1b", "\"type\":\"batch\",\"of\":\"holder.ban\",\"items\":[{\"id\":\"X-1\",\"holder\":\"" H2 "\"}]", "", item);
    zd_leaf_stream_found(s, ZD_V_REQUEST_TWICE);
}

#define limit_test(name) cmocka_unit_test_setup_teardown(name, zd_world_setup, zd_world_teardown)
#define captured_test(name) cmocka_unit_test_setup_teardown(name, zd_world_setup_captured, zd_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        limit_test(allotments__within_the_cap_are_sound),
        limit_test(allotment__one_fen_over_the_cap_is_found),
        limit_test(allotment__after_a_revocation_uses_what_came_back),
        limit_test(allotment__from_the_quota_of_another_is_found),
        limit_test(return__to_the_quota_of_another_is_found),
        limit_test(quota__opened_wider_than_the_cap_is_found),
        cmocka_unit_test_setup_teardown(group__shares_one_cap_where_the_policy_says_so, setup_group, zd_world_teardown),
        cmocka_unit_test_setup_teardown(group__is_not_the_single_holder, setup_group, zd_world_teardown),
        limit_test(opening_quota__counts_against_the_cap),
        limit_test(issue__of_more_than_was_claimed_is_found),
        limit_test(orders__over_the_voucher_are_found),
        limit_test(order__that_reserves_more_than_was_signed_is_found),
        limit_test(order__under_a_policy_not_in_force_is_found),
        limit_test(order__of_an_id_that_is_there_is_found),
        limit_test(capture__at_the_ratio_is_sound_one_fen_more_is_found),
        limit_test(capture__on_a_base_above_the_contract_is_found),
        limit_test(capture__above_its_order_is_found),
        limit_test(final_capture__that_keeps_the_rest_reserved_is_found),
        cmocka_unit_test_setup_teardown(tier__is_cumulative_for_pair_and_purpose, setup_tier, zd_world_teardown),
        limit_test(pool__overcommitted_is_found),
        limit_test(appropriation__posted_above_the_document_is_found),
        limit_test(posting__that_such_an_act_never_makes_is_found),
        limit_test(invoice__parts_within_its_gross_are_sound_beyond_are_found),
        limit_test(invoice__of_another_pair_is_held_or_found),
        limit_test(invoice__with_a_red_letter_is_worth_less),
        limit_test(invoice__paid_on_the_old_platform_is_used_up),
        limit_test(invoice__of_a_voided_capture_is_free_again),
        captured_test(refund__up_to_the_capture_is_sound_beyond_is_found),
        captured_test(refund__posted_below_what_was_signed_is_found),
        limit_test(second__by_the_proposer_with_another_key_is_found),
        limit_test(second__of_another_office_is_found),
        limit_test(act_of_two__accepted_from_one_is_found),
        limit_test(log_key__granted_by_one_root_alone_is_found),
        limit_test(holder__registered_and_endowed_by_one_person_is_found),
        limit_test(second__of_nothing_is_found),
        limit_test(request_id__of_one_party_twice_is_found),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
