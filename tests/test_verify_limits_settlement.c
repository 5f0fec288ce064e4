/* The limits of settlement: completeness of seals, sums of lines, persons, releases, payments, each exceeded once. See test_verify_limits.c. */
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/limit_world.h"

#define put zd_leaf_stream_put

/* --- settlement --- */

/* Seals both items with one line; what is 0 is derived. */
typedef struct seal_values {
    const char *batch;
    bool leave_out;   /* the second item is nowhere */
    bool wait;        /* the second item is on the waiting list */
    long long net_fen;
    const char *key;
} seal_values;

static void seal(zd_leaf_stream *s, seal_values v)
{
    char request[200];
    char head[300];
    char line[700];
    char waiting[120];
    bool both = !v.leave_out && !v.wait;
    long long sum_fen = both ? 300000 : 100000;
    long long net_fen = v.net_fen != 0 ? v.net_fen : sum_fen;
    (void)snprintf(request, sizeof request, "\"type\":\"batch.seal\",\"batch\":\"%s\",\"pool\":\"" POOL "\",\"cutoff\":%llu,\"execution\":\"2026-03-09\"", v.batch, (unsigned long long)s->seq);
    (void)snprintf(head, sizeof head, ",\"policy\":1,|\"batch\":\"%s\",\"pool\":\"" POOL "\",\"lines\":1,\"count\":1,\"total_fen\":%lld", v.batch, net_fen);
    (void)snprintf(line, sizeof line,
                   ",\"line\":1,\"part\":1,\"provider\":\"" P1 "\",\"gross_fen\":%lld,\"offset_fen\":0,\"returned_fen\":0,\"net_fen\":%lld,\"items\":[[\"I-1\",0,100000,0,0]%s],"
                   "\"postings\":[[\"3000/" P1 "/" POOL "\",\"3100/%s/" P1 "/" POOL "\",%lld]]",
                   net_fen, net_fen, both ? ",[\"I-2\",0,200000,0,0]" : "", v.batch, net_fen);
    (void)snprintf(waiting, sizeof waiting, ",\"part\":1,\"waiting\":[[\"I-2\",\"R40\",200000]]");
    const char *const effects[] = {P1, line, v.wait ? "waiting" : NULL, waiting, NULL};
    put(s, v.key != NULL ? v.key : "maker", request, head, effects);
}

static void approve(zd_leaf_stream *s, const char *key, const char *batch, const char *seal_text)
{
    char request[240];
    (void)snprintf(request, sizeof request, "\"type\":\"batch.approve\",\"batch\":\"%s\",\"seal_sha256\":\"%s\"", batch, seal_text);
    put(s, key, request, "", NULL);
}

static void release(zd_leaf_stream *s, const char *key, const char *batch, int count, long long total_fen)
{
    char request[200];
    (void)snprintf(request, sizeof request, "\"type\":\"batch.release\",\"batch\":\"%s\",\"count\":%d,\"total_fen\":%lld", batch, count, total_fen);
    put(s, key, request, "", NULL);
}

static void answer(zd_leaf_stream *s, const char *batch, const char *word, const char *debit, const char *credit, long long amount_fen)
{
    char request[200];
    char line[200];
    (void)snprintf(request, sizeof request, "\"type\":\"line.answer\",\"batch\":\"%s\",\"provider\":\"" P1 "\",\"answer\":\"%s\"", batch, word);
    (void)snprintf(line, sizeof line, ",\"postings\":[[\"%s\",\"%s\",%lld]]", debit, credit, amount_fen);
    put(s, "maker", request, line, NULL);
}

#define DEBITED "3100/B-1/" P1 "/" POOL, "1000/" POOL
#define RETURNED "1000/" POOL, "3200/" P1 "/" POOL

static void seal_and_approve(zd_leaf_stream *s)
{
    char text[ZD_HASH_HEX];
    seal(s, (seal_values){.batch = "B-1"});
    zd_format(text, sizeof text, "%s", s->last_text);
    approve(s, "checker", "B-1", text);
}

static zd_leaf_stream *released(void **state)
{
    zd_leaf_stream *s = *state;
    seal_and_approve(s);
    release(s, "releaser", "B-1", 1, 300000);
    return s;
}

static void batch__on_its_whole_way_is_sound(void **state)
{
    zd_leaf_stream *s = released(state);
    answer(s, "B-1", "debited", DEBITED, 300000);
    answer(s, "B-1", "returned", RETURNED, 300000);
    zd_leaf_stream_clean(s);
    int64_t count = 0;
    int64_t total_fen = 0;
    assert_true(zd_limits_released(&count, &total_fen, s->limits, zd_span_text("B-1")));
    assert_int_equal(count, 1);
    assert_int_equal(total_fen, 300000);
}

static void seal__that_leaves_an_item_out_is_found(void **state)
{
    seal(*state, (seal_values){.batch = "B-1", .leave_out = true});
    zd_leaf_stream_found(*state, ZD_V_SEAL_COMPLETE);
}

static void seal__with_the_item_on_the_waiting_list_is_sound(void **state)
{
    seal(*state, (seal_values){.batch = "B-1", .wait = true});
    zd_leaf_stream_clean(*state);
}

static void seal__line_above_its_items_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    zd_world_order(s, "O-3", 100);
    zd_world_capture(s, "I-3", "O-3", 100, (zd_world_capture_values){.invoice = "26000000000000000003"});
    seal(s, (seal_values){.batch = "B-1", .net_fen = 300100});
    assert_int_equal(s->report->by_check[ZD_V_LINE_SUM], 1);
    assert_int_equal(s->report->by_check[ZD_V_SEAL_COMPLETE], 1); /* I-3 paid for, but in no line */
    assert_int_equal(s->report->total, 2);
}

static void seal__of_what_another_batch_holds_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    zd_world_order(s, "O-3", 300000);
    zd_world_capture(s, "I-3", "O-3", 300000, (zd_world_capture_values){.invoice = "26000000000000000003"});
    seal(s, (seal_values){.batch = "B-1"});
    seal(s, (seal_values){.batch = "B-2"});
    assert_int_equal(s->report->by_check[ZD_V_LEG_TWICE], 2); /* both items again */
}

static void seal__by_a_checker_is_found(void **state)
{
    seal(*state, (seal_values){.batch = "B-1", .key = "checker"});
    zd_leaf_stream_found(*state, ZD_V_DUTIES_BATCH);
}

static void approval__by_the_makers_person_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    char text[ZD_HASH_HEX];
    seal(s, (seal_values){.batch = "B-1"});
    zd_format(text, sizeof text, "%s", s->last_text);
    approve(s, "makers-checker", "B-1", text);
    zd_leaf_stream_found(s, ZD_V_DUTIES_BATCH);
}

static void approval__of_another_seal_is_found(void **state)
{
    seal(*state, (seal_values){.batch = "B-1"});
    approve(*state, "checker", "B-1", zd_world_hex("another seal"));
    zd_leaf_stream_found(*state, ZD_V_RELEASE_STATE);
}

static void release__by_the_checkers_person_is_found(void **state)
{
    seal_and_approve(*state);
    release(*state, "checkers-releaser", "B-1", 1, 300000);
    zd_leaf_stream_found(*state, ZD_V_DUTIES_BATCH);
}

static void release__with_another_count_or_total_is_found(void **state)
{
    seal_and_approve(*state);
    release(*state, "releaser", "B-1", 1, 299999);
    zd_leaf_stream_found(*state, ZD_V_RELEASE_TOTAL);
}

static void release__without_approval_is_found(void **state)
{
    seal(*state, (seal_values){.batch = "B-1"});
    release(*state, "releaser", "B-1", 1, 300000);
    zd_leaf_stream_found(*state, ZD_V_RELEASE_STATE);
}

static void release__twice_is_found(void **state)
{
    seal_and_approve(*state);
    release(*state, "releaser", "B-1", 1, 300000);
    release(*state, "releaser", "B-1", 1, 300000);
    zd_leaf_stream_found(*state, ZD_V_RELEASE_STATE);
}

static void payment__before_release_is_found(void **state)
{
    seal_and_approve(*state);
    answer(*state, "B-1", "debited", DEBITED, 300000);
    zd_leaf_stream_found(*state, ZD_V_RELEASE_STATE);
}

static void payment__twice_is_found(void **state)
{
    zd_leaf_stream *s = released(state);
    answer(s, "B-1", "debited", DEBITED, 300000);
    zd_leaf_stream_clean(s);
    answer(s, "B-1", "debited", DEBITED, 300000);
    assert_int_equal(s->report->by_check[ZD_V_RELEASE_STATE], 1);
    assert_true(s->report->by_check[ZD_V_POSTING_SIDE] > 0); /* 3100 goes below zero: the balances see it too */
}

static void payment__of_another_amount_is_found(void **state)
{
    zd_leaf_stream *s = released(state);
    answer(s, "B-1", "debited", DEBITED, 299999);
    zd_leaf_stream_found(s, ZD_V_AMOUNT_SIGNED);
}

static int setup_county(void **state)
{
    zd_world_policy county = zd_world_plain;
    county.checker_may = "true";
    (void)zd_world_setup_with(state, &county);
    zd_world_captures(*state);
    return 0;
}

static void county_of_two__lets_the_checker_release(void **state)
{
    seal_and_approve(*state);
    release(*state, "checker", "B-1", 1, 300000);
    zd_leaf_stream_clean(*state);
}

static void seal__under_a_batch_id_that_is_there_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    seal(s, (seal_values){.batch = "B-1"});
    put(s, "maker", "\"type\":\"batch.seal\",\"batch\":\"B-1\",\"pool\":\"" POOL "\",\"cutoff\":1", ",\"policy\":1", NULL);
    zd_leaf_stream_found(s, ZD_V_NAME_TWICE);
}

/* Seals with exactly these effects. */
static void seal_raw(zd_leaf_stream *s, const char *totals, const char *const *effects)
{
    char request[160];
    char line[120];
    (void)snprintf(request, sizeof request, "\"type\":\"batch.seal\",\"batch\":\"B-1\",\"pool\":\"" POOL "\",\"cutoff\":%llu", (unsigned long long)s->seq);
    (void)snprintf(line, sizeof line, ",\"policy\":1,|%s", totals);
    put(s, "maker", request, line, effects);
}

#define WHOLE                                                                                                                                                     \
    ",\"line\":1,\"provider\":\"" P1 "\",\"gross_fen\":300000,\"offset_fen\":0,\"net_fen\":300000,\"items\":[[\"I-1\",0,100000,0,0],[\"I-2\",0,200000,0,0]]," \
    "\"postings\":[[\"3000/" P1 "/" POOL "\",\"3100/B-1/" P1 "/" POOL "\",300000]]"
#define EMPTY_LINE ",\"line\":2,\"provider\":\"" P1 "\",\"gross_fen\":0,\"offset_fen\":0,\"net_fen\":0"

static void seal__with_other_totals_than_its_lines_is_found(void **state)
{
    const char *const effects[] = {P1, WHOLE, NULL};
    seal_raw(*state, "\"lines\":1,\"count\":1,\"total_fen\":300001", effects);
    zd_leaf_stream_found(*state, ZD_V_LINE_SUM);
}

static void seal__with_two_lines_of_one_provider_is_found(void **state)
{
    const char *const effects[] = {P1, WHOLE, P1, EMPTY_LINE, NULL};
    seal_raw(*state, "\"lines\":2,\"count\":1,\"total_fen\":300000", effects);
    zd_leaf_stream_found(*state, ZD_V_NAME_UNKNOWN);
}

static void seal__that_pays_another_provider_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    const char *const effects[] = {"P-X",
                                   ",\"line\":1,\"provider\":\"P-X\",\"gross_fen\":100000,\"offset_fen\":0,\"net_fen\":100000,\"items\":[[\"I-1\",0,100000,0,0]],"
                                   "\"postings\":[[\"3000/" P1 "/" POOL "\",\"3100/B-1/P-X/" POOL "\",100000]]",
                                   "waiting", ",\"part\":1,\"waiting\":[[\"I-2\",\"R40\",200000]]", NULL};
    seal_raw(s, "\"lines\":1,\"count\":1,\"total_fen\":100000", effects);
    assert_int_equal(s->report->by_check[ZD_V_NAME_UNKNOWN], 1); /* the share is not this provider's */
    assert_int_equal(s->report->by_check[ZD_V_LINE_SUM], 1);     /* and so the line is not the sum of its items */
}

static void seal__with_a_wrong_waiting_amount_is_found(void **state)
{
    const char *const effects[] = {"waiting", ",\"part\":1,\"waiting\":[[\"I-1\",\"R40\",100000],[\"I-2\",\"R40\",199999]]", NULL};
    seal_raw(*state, "\"lines\":0,\"count\":0,\"total_fen\":0", effects);
    zd_leaf_stream_found(*state, ZD_V_SEAL_COMPLETE);
}

/* What was refunded after payment is offset in the next line: the item's own amount goes into offset, not into cash. */
static void seal__that_offsets_a_credit_note_is_sound(void **state)
{
    zd_leaf_stream *s = released(state);
    answer(s, "B-1", "debited", DEBITED, 300000);
    put(s, "p1", "\"type\":\"redemption.refund\",\"note\":\"N-1\",\"item\":\"I-1\",\"amount_fen\":40000", ",\"postings\":[[\"1100/" P1 "/" POOL "\",\"2160/N-1/" POOL "\",40000]]", NULL);
    zd_world_order(s, "O-3", 60000);
    zd_world_capture(s, "I-3", "O-3", 60000, (zd_world_capture_values){.invoice = "26000000000000000003"});
    char request[160];
    (void)snprintf(request, sizeof request, "\"type\":\"batch.seal\",\"batch\":\"B-2\",\"pool\":\"" POOL "\",\"cutoff\":%llu", (unsigned long long)s->seq);
    const char *const effects[] = {P1,
                                   ",\"line\":1,\"provider\":\"" P1 "\",\"gross_fen\":60000,\"offset_fen\":40000,\"net_fen\":20000,\"items\":[[\"I-3\",0,20000,40000,0]],"
                                   "\"postings\":[[\"3000/" P1 "/" POOL "\",\"3100/B-2/" P1 "/" POOL "\",20000],[\"3000/" P1 "/" POOL "\",\"1100/" P1 "/" POOL "\",40000],"
                                   "[\"2160/N-1/" POOL "\",\"2000/" POOL "\",40000],[\"6300/V-1/2026\",\"6200/V-1/2026\",40000]]",
                                   NULL};
    put(s, "maker", request, ",\"policy\":1,|\"lines\":1,\"count\":1,\"total_fen\":20000", effects);
    zd_leaf_stream_clean(s);
}

static void refund__of_what_is_in_a_batch_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    seal(s, (seal_values){.batch = "B-1"});
    put(s, "p1", "\"type\":\"redemption.refund\",\"note\":\"N-1\",\"item\":\"I-1\",\"amount_fen\":1", "", NULL);
    zd_leaf_stream_found(s, ZD_V_REFUND_TOTAL);
}

static void void__of_what_was_sealed_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    seal(s, (seal_values){.batch = "B-1"});
    put(s, "p1", "\"type\":\"redemption.void\",\"order\":\"O-1\",\"item\":\"I-1\"", "", NULL);
    zd_leaf_stream_found(s, ZD_V_REFUND_TOTAL);
}

#define OBJECTION "\"type\":\"batch.object\",\"batch\":\"B-1\",\"provider\":\"" P1 "\""
#define HELD ",\"postings\":[[\"3100/B-1/" P1 "/" POOL "\",\"3050/" P1 "/" POOL "\",300000]]"

static void objection__takes_the_line_out_of_the_release(void **state)
{
    zd_leaf_stream *s = *state;
    seal_and_approve(s);
    put(s, "reviewer", OBJECTION, HELD, NULL);
    release(s, "releaser", "B-1", 0, 0);
    zd_leaf_stream_clean(s);
    answer(s, "B-1", "debited", DEBITED, 300000);
    assert_int_equal(s->report->by_check[ZD_V_RELEASE_STATE], 1);
}

static void objection__after_the_release_is_found(void **state)
{
    zd_leaf_stream *s = released(state);
    put(s, "reviewer", OBJECTION, HELD, NULL);
    zd_leaf_stream_found(s, ZD_V_RELEASE_STATE);
}

static void objection__to_no_line_is_found(void **state)
{
    seal(*state, (seal_values){.batch = "B-1"});
    put(*state, "reviewer", "\"type\":\"batch.object\",\"batch\":\"B-1\",\"provider\":\"P-X\"", "", NULL);
    zd_leaf_stream_found(*state, ZD_V_NAME_UNKNOWN);
}

static void answer__for_no_line_is_found(void **state)
{
    put(released(state), "maker", "\"type\":\"line.answer\",\"batch\":\"B-1\",\"provider\":\"P-X\",\"answer\":\"debited\"", "", NULL);
    zd_leaf_stream_found(*state, ZD_V_NAME_UNKNOWN);
}

static void answer__that_only_reports_moves_nothing(void **state)
{
    zd_leaf_stream *s = released(state);
    put(s, "maker", "\"type\":\"line.answer\",\"batch\":\"B-1\",\"provider\":\"" P1 "\",\"answer\":\"accepted\"", "", NULL);
    zd_leaf_stream_clean(s);
    answer(s, "B-1", "accepted", DEBITED, 300000);
    zd_leaf_stream_found(s, ZD_V_AMOUNT_SIGNED);
}

static void withdrawal__opens_the_items_again_after_the_release_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    const char *const effects[] = {P1, ",\"net_fen\":300000,\"postings\":[[\"3100/B-1/" P1 "/" POOL "\",\"3000/" P1 "/" POOL "\",300000]]", NULL};
    seal(s, (seal_values){.batch = "B-1"});
    put(s, "maker", "\"type\":\"batch.withdraw\",\"batch\":\"B-1\"", "", effects);
    seal(s, (seal_values){.batch = "B-2"});
    zd_leaf_stream_clean(s);
    approve(s, "checker", "B-2", s->last_text);
    release(s, "releaser", "B-2", 1, 300000);
    put(s, "maker", "\"type\":\"batch.withdraw\",\"batch\":\"B-2\"", "", NULL);
    zd_leaf_stream_found(s, ZD_V_RELEASE_STATE);
}

#define GIVEN_BACK ",\"net_fen\":300000,\"postings\":[[\"3100/B-1/" P1 "/" POOL "\",\"3000/" P1 "/" POOL "\",300000]]"
static const char *const given_back[] = {P1, GIVEN_BACK, NULL};
#define B1(type) "\"type\":\"" type "\",\"batch\":\"B-1\""
#define SUBMITTED(total) B1("batch.submit") ",\"count\":1,\"total_fen\":" #total

static void submission__of_a_released_batch_is_sound_once(void **state)
{
    zd_leaf_stream *s = released(state);
    put(s, "maker", SUBMITTED(300000), "", NULL);
    put(s, "maker", B1("batch.ack"), "", NULL);
    put(s, "maker", B1("batch.reject"), "", given_back);
    zd_leaf_stream_clean(s);
    int64_t count = 0;
    int64_t total_fen = 0;
    assert_true(zd_limits_released(&count, &total_fen, s->limits, zd_span_text("B-1"))); /* it was released, whatever the bank said */
    put(s, "maker", SUBMITTED(300000), "", NULL);
    zd_leaf_stream_found(s, ZD_V_RELEASE_STATE);
}

static void submission__with_another_total_is_found(void **state)
{
    put(released(state), "maker", SUBMITTED(300001), "", NULL);
    zd_leaf_stream_found(*state, ZD_V_RELEASE_TOTAL);
}

static void acknowledgement__of_what_was_not_released_is_found(void **state)
{
    seal_and_approve(*state);
    put(*state, "maker", B1("batch.ack"), "", NULL);
    zd_leaf_stream_found(*state, ZD_V_RELEASE_STATE);
}

static void rejection__of_a_debited_line_is_found(void **state)
{
    zd_leaf_stream *s = released(state);
    answer(s, "B-1", "debited", DEBITED, 300000);
    zd_leaf_stream_clean(s);
    put(s, "maker", B1("batch.reject"), "", NULL);
    zd_leaf_stream_found(s, ZD_V_RELEASE_STATE);
}

static void rejection__that_returns_less_is_found(void **state)
{
    zd_leaf_stream *s = released(state);
    put(s, "maker", B1("batch.reject"), "", NULL);
    zd_leaf_stream_found(s, ZD_V_AMOUNT_SIGNED);
}

static void void__with_two_officers_is_sound_and_opens_the_items(void **state)
{
    zd_leaf_stream *s = released(state);
    put(s, "checker", B1("batch.void"), "outcome:proposed", NULL);
    zd_leaf_stream_second(s, "releaser", "", given_back);
    seal(s, (seal_values){.batch = "B-2"});
    zd_leaf_stream_clean(s);
}

static void void__of_what_was_handed_over_is_found(void **state)
{
    zd_leaf_stream *s = released(state);
    put(s, "maker", SUBMITTED(300000), "", NULL);
    put(s, "checker", B1("batch.void"), "outcome:proposed", NULL);
    zd_leaf_stream_second(s, "releaser", "", given_back);
    zd_leaf_stream_found(s, ZD_V_RELEASE_STATE);
}

static void void__by_one_officer_is_found(void **state)
{
    zd_leaf_stream *s = released(state);
    put(s, "checker", B1("batch.void"), "", given_back);
    zd_leaf_stream_found(s, ZD_V_DUTIES_SECOND);
}

static void unreleased_batch__has_no_released_totals(void **state)
{
    zd_leaf_stream *s = *state;
    int64_t count = 0;
    int64_t total_fen = 0;
    seal_and_approve(s);
    assert_false(zd_limits_released(&count, &total_fen, s->limits, zd_span_text("B-1")));
    assert_false(zd_limits_released(&count, &total_fen, s->limits, zd_span_text("B-9")));
}

#define captured_test(name) cmocka_unit_test_setup_teardown(name, zd_world_setup_captured, zd_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        captured_test(batch__on_its_whole_way_is_sound),
        captured_test(seal__that_leaves_an_item_out_is_found),
        captured_test(seal__with_the_item_on_the_waiting_list_is_sound),
        captured_test(seal__line_above_its_items_is_found),
        captured_test(seal__of_what_another_batch_holds_is_found),
        captured_test(seal__by_a_checker_is_found),
        captured_test(approval__by_the_makers_person_is_found),
        captured_test(approval__of_another_seal_is_found),
        captured_test(release__by_the_checkers_person_is_found),
        captured_test(release__with_another_count_or_total_is_found),
        captured_test(release__without_approval_is_found),
        captured_test(release__twice_is_found),
        captured_test(payment__before_release_is_found),
        captured_test(payment__twice_is_found),
        captured_test(payment__of_another_amount_is_found),
        captured_test(seal__under_a_batch_id_that_is_there_is_found),
        captured_test(seal__with_other_totals_than_its_lines_is_found),
        captured_test(seal__with_two_lines_of_one_provider_is_found),
        captured_test(seal__that_pays_another_provider_is_found),
        captured_test(seal__with_a_wrong_waiting_amount_is_found),
        captured_test(seal__that_offsets_a_credit_note_is_sound),
        captured_test(refund__of_what_is_in_a_batch_is_found),
        captured_test(void__of_what_was_sealed_is_found),
        captured_test(objection__takes_the_line_out_of_the_release),
        captured_test(objection__after_the_release_is_found),
        captured_test(objection__to_no_line_is_found),
        captured_test(answer__for_no_line_is_found),
        captured_test(answer__that_only_reports_moves_nothing),
        captured_test(withdrawal__opens_the_items_again_after_the_release_is_found),
        captured_test(submission__of_a_released_batch_is_sound_once),
        captured_test(submission__with_another_total_is_found),
        captured_test(acknowledgement__of_what_was_not_released_is_found),
        captured_test(rejection__of_a_debited_line_is_found),
        captured_test(rejection__that_returns_less_is_found),
        captured_test(void__with_two_officers_is_sound_and_opens_the_items),
        captured_test(void__of_what_was_handed_over_is_found),
        captured_test(void__by_one_officer_is_found),
        captured_test(unreleased_batch__has_no_released_totals),
        cmocka_unit_test_setup_teardown(county_of_two__lets_the_checker_release, setup_county, zd_world_teardown),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
