/* Money that leaves twice: an item that is sealed again after it was paid, up to the second payment. See test_verify_limits_settlement.c. */
#include "tests/support/support.h"

#include <stdio.h>

#include "tests/support/limit_world.h"

#define put zd_leaf_stream_put

/* One line of the provider with item I-1 alone; what waits is listed. */
static void seal(zd_leaf_stream *s, const char *batch, const char *waiting)
{
    char request[160];
    char line[500];
    char list[160];
    (void)snprintf(request, sizeof request, "\"type\":\"batch.seal\",\"batch\":\"%s\",\"pool\":\"" POOL "\",\"cutoff\":%llu", batch, (unsigned long long)s->seq);
    (void)snprintf(line, sizeof line,
                   ",\"line\":1,\"part\":1,\"provider\":\"" P1 "\",\"gross_fen\":100000,\"offset_fen\":0,\"net_fen\":100000,\"items\":[[\"I-1\",0,100000,0,0]],"
                   "\"postings\":[[\"3000/" P1 "/" POOL "\",\"3100/%s/" P1 "/" POOL "\",100000]]", batch);
    (void)snprintf(list, sizeof list, ",\"part\":1,\"waiting\":[%s]", waiting);
    const char *const effects[] = {P1, line, "waiting", list, NULL};
    put(s, "maker", request, ",\"policy\":1,|\"lines\":1,\"count\":1,\"total_fen\":100000", effects);
}

static void pay(zd_leaf_stream *s, const char *batch)
{
    char request[240];
    char line[160];
    (void)snprintf(request, sizeof request, "\"type\":\"batch.approve\",\"batch\":\"%s\",\"seal_sha256\":\"%s\"", batch, s->last_text);
    put(s, "checker", request, "", NULL);
    (void)snprintf(request, sizeof request, "\"type\":\"batch.release\",\"batch\":\"%s\",\"count\":1,\"total_fen\":100000", batch);
    put(s, "releaser", request, "", NULL);
    (void)snprintf(request, sizeof request, "\"type\":\"line.answer\",\"batch\":\"%s\",\"provider\":\"" P1 "\",\"answer\":\"debited\"", batch);
    (void)snprintf(line, sizeof line, ",\"postings\":[[\"3100/%s/" P1 "/" POOL "\",\"1000/" POOL "\",100000]]", batch);
    put(s, "maker", request, line, NULL);
}

#define WAITS "[\"I-2\",\"R40\",200000]"

/* The seal is found; when the bank has paid, the payment as well, because then the money is gone. */
static void payment__of_what_was_paid_already_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    seal(s, "B-1", WAITS);
    pay(s, "B-1");
    zd_leaf_stream_clean(s);
    seal(s, "B-2", WAITS);
    zd_leaf_stream_found(s, ZD_V_LEG_TWICE);
    pay(s, "B-2");
    assert_int_equal(s->report->by_check[ZD_V_LEG_TWICE], 1);
    assert_int_equal(s->report->by_check[ZD_V_PAID_OVER], 1);
    assert_int_equal(s->report->total, 2);
}

static void seal__of_what_another_batch_holds_is_found_alone(void **state)
{
    zd_leaf_stream *s = *state;
    seal(s, "B-1", WAITS);
    seal(s, "B-2", WAITS);
    zd_leaf_stream_found(s, ZD_V_LEG_TWICE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(payment__of_what_was_paid_already_is_found, zd_world_setup_captured, zd_world_teardown),
        cmocka_unit_test_setup_teardown(seal__of_what_another_batch_holds_is_found_alone, zd_world_setup_captured, zd_world_teardown),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
