/* The limits of a seal that is written in parts: each part answers for its providers, the parts join, one person writes them. See test_verify_limits_settlement.c. */
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/limit_world.h"

#define put zd_leaf_stream_put

#define P0 "P-000" /* before P1 */

/* The last part of B-1, behind `after`, with both items of P1 in its line. */
static void last_part(zd_leaf_stream *s, const char *key, int part, const char *after, long long sealed_fen)
{
    char request[120];
    char head[300];
    (void)snprintf(request, sizeof request, "\"type\":\"batch.continue\",\"batch\":\"B-1\",\"part\":%d", part);
    (void)snprintf(head, sizeof head,
                   ",\"policy\":1,|\"batch\":\"B-1\",\"pool\":\"" POOL "\",\"part\":%d,\"after\":\"%s\",\"lines\":1,\"count\":1,\"total_fen\":300000,"
                   "\"sealed_lines\":1,\"sealed_count\":1,\"sealed_fen\":%lld",
                   part, after, sealed_fen);
    static const char *const effects[] = {
        P1,
        ",\"line\":1,\"part\":1,\"provider\":\"" P1 "\",\"gross_fen\":300000,\"offset_fen\":0,\"returned_fen\":0,\"net_fen\":300000,"
        "\"items\":[[\"I-1\",0,100000,0,0],[\"I-2\",0,200000,0,0]],\"postings\":[[\"3000/" P1 "/" POOL "\",\"3100/B-1/" P1 "/" POOL "\",300000]]",
        NULL};
    put(s, key, request, head, effects);
}

/* A first part that has looked at nobody behind `upto`. */
static void first_part(zd_leaf_stream *s, const char *upto)
{
    char request[200];
    char head[200];
    (void)snprintf(request, sizeof request, "\"type\":\"batch.seal\",\"batch\":\"B-1\",\"pool\":\"" POOL "\",\"cutoff\":%llu,\"execution\":\"2026-03-09\"", (unsigned long long)s->seq);
    (void)snprintf(head, sizeof head, ",\"policy\":1,|\"batch\":\"B-1\",\"pool\":\"" POOL "\",\"part\":1,\"after\":\"\",\"upto\":\"%s\",\"lines\":0,\"count\":0,\"total_fen\":0", upto);
    put(s, "maker", request, head, NULL);
}

static void parts__that_join_are_sound(void **state)
{
    first_part(*state, P0);
    last_part(*state, "maker", 2, P0, 300000);
    zd_leaf_stream_clean(*state);
}

/* The first part says that it went past P1, and names nothing of it. */
static void part__that_leaves_its_providers_items_out_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    first_part(s, P1);
    assert_int_equal(s->report->by_check[ZD_V_SEAL_COMPLETE], 2); /* I-1 and I-2 */
    assert_int_equal(s->report->total, 2);
}

static void part__missing_between_two_is_found(void **state)
{
    first_part(*state, P0);
    last_part(*state, "maker", 3, "P-009", 300000);
    zd_leaf_stream_found(*state, ZD_V_SEAL_COMPLETE);
}

static void part__that_begins_elsewhere_is_found(void **state)
{
    first_part(*state, P0);
    last_part(*state, "maker", 2, "P-009", 300000);
    zd_leaf_stream_found(*state, ZD_V_SEAL_COMPLETE);
}

static void part__by_another_person_is_found(void **state)
{
    first_part(*state, P0);
    last_part(*state, "makers-checker", 2, P0, 300000);
    zd_leaf_stream_found(*state, ZD_V_DUTIES_BATCH);
}

static void parts__with_another_sum_of_the_whole_are_found(void **state)
{
    first_part(*state, P0);
    last_part(*state, "maker", 2, P0, 300001);
    zd_leaf_stream_found(*state, ZD_V_LINE_SUM);
}

static void part__of_no_draft_is_found(void **state)
{
    first_part(*state, P0);
    last_part(*state, "maker", 2, P0, 300000);
    zd_leaf_stream_clean(*state);
    last_part(*state, "maker", 2, P0, 300000);
    assert_int_equal(((zd_leaf_stream *)*state)->report->by_check[ZD_V_NAME_UNKNOWN], 1);
}

static void approval__of_a_draft_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    char text[ZD_HASH_HEX];
    first_part(s, P0);
    zd_format(text, sizeof text, "%s", s->last_text);
    char request[240];
    (void)snprintf(request, sizeof request, "\"type\":\"batch.approve\",\"batch\":\"B-1\",\"seal_sha256\":\"%s\"", text);
    put(s, "checker", request, "", NULL);
    zd_leaf_stream_found(s, ZD_V_RELEASE_STATE);
}

#define captured_test(name) cmocka_unit_test_setup_teardown(name, zd_world_setup_captured, zd_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        captured_test(parts__that_join_are_sound),
        captured_test(part__that_leaves_its_providers_items_out_is_found),
        captured_test(part__missing_between_two_is_found),
        captured_test(part__that_begins_elsewhere_is_found),
        captured_test(part__by_another_person_is_found),
        captured_test(parts__with_another_sum_of_the_whole_are_found),
        captured_test(part__of_no_draft_is_found),
        captured_test(approval__of_a_draft_is_found),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
