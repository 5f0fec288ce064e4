/* Reasons on a seal's waiting list: each is sound while it is true, and found once what it waits for is there. Nothing here is decided by rules or acts. */
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/limit_world.h"

#define put zd_leaf_stream_put
#define HEX64 "00000000000000000000000000000000000000000000000000000000000000"

/* A seal that puts all items on the waiting list: I-1 and I-2, and I-3 with the reasons given when it is not NULL. */
static void seal_waiting(zd_leaf_stream *s, const char *batch, const char *one, const char *two, const char *three, bool forced)
{
    char request[220];
    char head[220];
    char rows[300];
    char third[80] = "";
    (void)snprintf(request, sizeof request, "\"type\":\"batch.seal\",\"batch\":\"%s\",\"pool\":\"" POOL "\",\"cutoff\":%llu,\"forced\":%s", batch, (unsigned long long)s->seq, forced ? "true" : "false");
    (void)snprintf(head, sizeof head, ",\"policy\":1,|\"batch\":\"%s\",\"pool\":\"" POOL "\",\"lines\":0,\"count\":0,\"total_fen\":0", batch);
    if (three != NULL) {
        (void)snprintf(third, sizeof third, ",[\"I-3\",\"%s\",300000]", three);
    }
    (void)snprintf(rows, sizeof rows, ",\"part\":1,\"waiting\":[[\"I-1\",\"%s\",100000],[\"I-2\",\"%s\",200000]%s]", one, two, third);
    const char *const effects[] = {"waiting", rows, NULL};
    put(s, "maker", request, head, effects);
}

/* The operator keeps back what could be paid, and says why. R40 is true as long as the provider has no account. */
static void reason__that_is_not_true_is_found(void **state)
{
    static const char *const reasons[] = {"R06", "R25", "R33", "notice", "objection", "R32", "R36", "R18", "minimum", "", "weather", "R40,R25"};
    zd_leaf_stream *s = *state;
    for (size_t i = 0; i < ZD_COUNT(reasons); i++) {
        char batch[20];
        (void)snprintf(batch, sizeof batch, "B-%zu", i);
        seal_waiting(s, batch, "R40", reasons[i], NULL, false);
        if (s->report->by_check[ZD_V_SEAL_REASON] != i + 1) {
            print_error("\"%s\" was believed\n", reasons[i]);
        }
        assert_int_equal(s->report->by_check[ZD_V_SEAL_REASON], i + 1);
    }
    assert_int_equal(s->report->total, ZD_COUNT(reasons));
}

static void capture_gated(zd_leaf_stream *s)
{
    zd_world_order(s, "O-3", 300000);
    zd_world_capture(s, "I-3", "O-3", 300000, (zd_world_capture_values){.invoice = "26000000000000000003", .gates = "\"R06\",\"R25\",\"R33\""});
}

static void gate__is_true_until_its_word_came(void **state)
{
    static const struct { const char *key, *request, *reason; bool then_false; } words[] = {
        {"attester", "\"type\":\"fact.attest\",\"fact\":\"own-share\",\"subject\":\"O-3\",\"value\":\"paid\",\"amount_fen\":299999", "R25", false},
        {"attester", "\"type\":\"fact.attest\",\"fact\":\"own-share\",\"subject\":\"O-3\",\"value\":\"paid\",\"amount_fen\":300000", "R25", true},
        {"attester", "\"type\":\"fact.attest\",\"fact\":\"consent\",\"subject\":\"O-3\",\"value\":\"gateway\"", "R06", false}, /* above what may be attested */
        {"h1", "\"type\":\"redemption.confirm\",\"order\":\"O-3\"", "R06", true},
        {"attester", "\"type\":\"fact.attest\",\"fact\":\"invoice-check\",\"subject\":\"26000000000000000003\",\"value\":\"ok\"", "R33", true},
        {"attester", "\"type\":\"fact.attest\",\"fact\":\"invoice-check\",\"subject\":\"26000000000000000003\",\"value\":\"void\"", "R33", false},
    };
    zd_leaf_stream *s = *state;
    uint64_t found = 0;
    capture_gated(s);
    seal_waiting(s, "B-1", "R40", "R40", "R06,R25,R33", false);
    zd_leaf_stream_clean(s);
    for (size_t i = 0; i < ZD_COUNT(words); i++) {
        char batch[20];
        (void)snprintf(batch, sizeof batch, "C-%zu", i);
        put(s, words[i].key, words[i].request, "", NULL);
        seal_waiting(s, batch, "R40", "R40", words[i].reason, false);
        found += words[i].then_false ? 1 : 0;
        if (s->report->by_check[ZD_V_SEAL_REASON] != found) {
            print_error("after %s\n", words[i].request);
        }
        assert_int_equal(s->report->by_check[ZD_V_SEAL_REASON], found);
    }
}

static void account(zd_leaf_stream *s, int number, bool completed)
{
    char request[200];
    (void)snprintf(request, sizeof request, "\"type\":\"provider.account\",\"provider\":\"" P1 "\",\"commitment\":\"" HEX64 "%02d\"", number);
    put(s, "issuer-1", request, "outcome:proposed", NULL);
    if (completed) {
        zd_leaf_stream_second(s, "issuer-2", "", NULL);
    }
}

static void account__stops_payment_only_while_it_is_open(void **state)
{
    zd_leaf_stream *s = *state;
    account(s, 1, true);
    zd_leaf_stream_clean(s);
    seal_waiting(s, "B-1", "R40", "R40", NULL, false);
    assert_int_equal(s->report->by_check[ZD_V_SEAL_REASON], 2);
    account(s, 2, false);
    seal_waiting(s, "B-2", "R40", "R40", NULL, false);
    assert_int_equal(s->report->by_check[ZD_V_SEAL_REASON], 2);
}

static void hold__is_true_until_a_reviewer_ends_it(void **state)
{
    zd_leaf_stream *s = *state;
    zd_world_order(s, "O-3", 300000);
    zd_world_capture(s, "I-3", "O-3", 300000, (zd_world_capture_values){.invoice = "26000000000000000003", .holds = "R21"});
    seal_waiting(s, "B-1", "R40", "R40", "R21", false);
    zd_leaf_stream_clean(s);
    put(s, "reviewer", "\"type\":\"review.release\",\"item\":\"I-3\",\"reason\":\"cleared\"", ",|\"postings\":[[\"3050/" P1 "/" POOL "\",\"3000/" P1 "/" POOL "\",300000]]", NULL);
    seal_waiting(s, "B-2", "R40", "R40", "R21", false);
    zd_leaf_stream_found(s, ZD_V_SEAL_REASON);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reason__that_is_not_true_is_found, zd_world_setup_captured, zd_world_teardown),
        cmocka_unit_test_setup_teardown(gate__is_true_until_its_word_came, zd_world_setup_captured, zd_world_teardown),
        cmocka_unit_test_setup_teardown(account__stops_payment_only_while_it_is_open, zd_world_setup_captured, zd_world_teardown),
        cmocka_unit_test_setup_teardown(hold__is_true_until_a_reviewer_ends_it, zd_world_setup_captured, zd_world_teardown),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
