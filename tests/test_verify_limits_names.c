/*
 * Things that are there, twice or not at all, and acts on things in the wrong state: accepted lines about them are found whatever they post. Also what must give no
 * finding: refusals, and what was refused and comes again. See test_verify_limits.c.
 */
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/limit_world.h"

#define put zd_leaf_stream_put
#define second zd_leaf_stream_second

#define SERVICE "\"done\":\"2026-03-01\",\"invoice\":\"26000000000000000009\",\"invoice_fen\":200,\"invoice_part_fen\":200"
#define REDEEMS ",\"policy\":1,\"subsidy_fen\":100,|\"base_fen\":200,\"postings\":[[\"2200/O-3/" POOL "\",\"3000/" P1 "/" POOL "\",100]]"

typedef struct row {
    const char *what;
    const char *key;
    const char *request;
    const char *line;
    zd_verify_check check;
} row;

/* Each on its own after the captured world, with an open order O-3 of 100. Lines post nothing unless the finding is about a posting. */
static const row rows[] = {
    {"allotment to nobody", "issuer-1", "\"type\":\"voucher.allot\",\"voucher\":\"V-9\",\"holder\":\"H-NINE\",\"year\":2026,\"amount_fen\":1", ",\"policy\":1", ZD_V_NAME_UNKNOWN},
    {"a voucher's id again", "issuer-1", "\"type\":\"voucher.allot\",\"voucher\":\"V-1\",\"holder\":\"" H1 "\",\"year\":2026,\"amount_fen\":1", ",\"policy\":1", ZD_V_NAME_TWICE},
    {"a holder again", "issuer-1", "\"type\":\"holder.register\",\"holder\":\"" H1 "\",\"class\":\"enterprise\"", "", ZD_V_NAME_TWICE},
    {"a pool again", "maker", "\"type\":\"pool.open\",\"pool\":\"" POOL "\"", "", ZD_V_NAME_TWICE},
    {"issue of what is issued", "issuer-1", "\"type\":\"voucher.issue\",\"voucher\":\"V-1\"", ",\"policy\":1", ZD_V_NAME_UNKNOWN},
    {"issue of nothing", "issuer-1", "\"type\":\"voucher.issue\",\"voucher\":\"V-9\"", ",\"policy\":1", ZD_V_NAME_UNKNOWN},
    {"order on no voucher", "p1", "\"type\":\"redemption.order\",\"order\":\"O-9\",\"voucher\":\"V-9\",\"holder\":\"" H1 "\",\"provider\":\"" P1 "\",\"amount_fen\":1", ",\"policy\":1",
     ZD_V_NAME_UNKNOWN},
    {"capture on no order", "p1", "\"type\":\"redemption.capture\",\"item\":\"I-9\",\"order\":\"O-9\",\"amount_fen\":1,\"own_share_fen\":1,\"final\":false," SERVICE, ",\"policy\":1",
     ZD_V_NAME_UNKNOWN},
    {"capture on an order that ended", "p1", "\"type\":\"redemption.capture\",\"item\":\"I-9\",\"order\":\"O-1\",\"amount_fen\":1,\"own_share_fen\":1,\"final\":false," SERVICE,
     ",\"policy\":1", ZD_V_NAME_UNKNOWN},
    {"an item's id again", "p1", "\"type\":\"redemption.capture\",\"item\":\"I-1\",\"order\":\"O-3\",\"amount_fen\":100,\"own_share_fen\":100,\"final\":false," SERVICE, REDEEMS,
     ZD_V_NAME_TWICE},
    {"void of an order that ended", "p1", "\"type\":\"redemption.void\",\"order\":\"O-1\"", "", ZD_V_NAME_UNKNOWN},
    {"void of no item", "p1", "\"type\":\"redemption.void\",\"order\":\"O-1\",\"item\":\"I-9\"", "", ZD_V_NAME_UNKNOWN},
    {"refund of no item", "p1", "\"type\":\"redemption.refund\",\"note\":\"N-9\",\"item\":\"I-9\",\"amount_fen\":1", "", ZD_V_NAME_UNKNOWN},
    {"approval of no batch", "checker", "\"type\":\"batch.approve\",\"batch\":\"B-9\",\"seal_sha256\":\"00\"", "", ZD_V_NAME_UNKNOWN},
    {"release of no batch", "releaser", "\"type\":\"batch.release\",\"batch\":\"B-9\",\"count\":0,\"total_fen\":0", "", ZD_V_NAME_UNKNOWN},
    {"objection to no batch", "reviewer", "\"type\":\"batch.object\",\"batch\":\"B-9\",\"provider\":\"" P1 "\"", "", ZD_V_NAME_UNKNOWN},
    {"withdrawal of no batch", "maker", "\"type\":\"batch.withdraw\",\"batch\":\"B-9\"", "", ZD_V_NAME_UNKNOWN},
    {"answer for no batch", "maker", "\"type\":\"line.answer\",\"batch\":\"B-9\",\"provider\":\"" P1 "\",\"answer\":\"debited\"", "", ZD_V_NAME_UNKNOWN},
    {"a type that there is not", "maker", "\"type\":\"pool.gift\",\"pool\":\"" POOL "\"", "", ZD_V_LEAF_FORM},
    {"a batch without its effects", "issuer-1", "\"type\":\"batch\",\"of\":\"holder.ban\",\"items\":[{\"id\":\"x-1\",\"holder\":\"" H2 "\"}]", "", ZD_V_LEAF_FORM},
    {"a subsidy unlike the capture", "p1", "\"type\":\"redemption.capture\",\"item\":\"I-9\",\"order\":\"O-3\",\"amount_fen\":100,\"own_share_fen\":100,\"final\":false," SERVICE,
     ",\"policy\":1,\"subsidy_fen\":99,|\"base_fen\":200,\"postings\":[[\"2200/O-3/" POOL "\",\"3000/" P1 "/" POOL "\",100]]", ZD_V_AMOUNT_SIGNED},
    {"held but payable", "p1", "\"type\":\"redemption.capture\",\"item\":\"I-9\",\"order\":\"O-3\",\"amount_fen\":100,\"own_share_fen\":100,\"final\":false," SERVICE,
     "outcome:held,\"policy\":1,\"holds\":[\"R21\"],\"subsidy_fen\":100,|\"base_fen\":200,\"postings\":[[\"2200/O-3/" POOL "\",\"3000/" P1 "/" POOL "\",100]]", ZD_V_AMOUNT_SIGNED},
    {"numbers of two invoices", "p1",
     "\"type\":\"redemption.capture\",\"item\":\"I-9\",\"order\":\"O-3\",\"amount_fen\":100,\"own_share_fen\":100,\"final\":false,\"done\":\"2026-03-01\","
     "\"invoice\":\"26000000000000000001,26000000000000000002\",\"invoice_fen\":400000,\"invoice_part_fen\":0",
     ",\"policy\":1,\"subsidy_fen\":100,|\"postings\":[[\"2200/O-3/" POOL "\",\"3000/" P1 "/" POOL "\",100]]", ZD_V_NAME_UNKNOWN},
};

static int setup_open(void **state)
{
    (void)zd_world_setup_captured(state);
    zd_world_order(*state, "O-3", 100);
    return 0;
}

static void accepted_lines__about_the_wrong_things_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < ZD_COUNT(rows); i++) {
        void *world = NULL;
        (void)setup_open(&world);
        zd_leaf_stream *s = world;
        put(s, rows[i].key, rows[i].request, rows[i].line, NULL);
        if (s->report->by_check[rows[i].check] == 0) {
            print_error("missed: %s\n", rows[i].what);
        }
        assert_true(s->report->by_check[rows[i].check] > 0);
        (void)zd_world_teardown(&world);
    }
}

/* The same requests, refused, are nobody's finding, and leave no trace. */
static void refused_lines__about_the_wrong_things_are_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < ZD_COUNT(rows); i++) {
        void *world = NULL;
        (void)setup_open(&world);
        zd_leaf_stream *s = world;
        put(s, rows[i].key, rows[i].request, "outcome:refused,\"code\":\"A03\"", NULL);
        if (rows[i].check != ZD_V_LEAF_FORM) {
            zd_leaf_stream_clean(s);
        }
        (void)zd_world_teardown(&world);
    }
}

static void refused_order__leaves_its_id_free(void **state)
{
    zd_leaf_stream *s = *state;
    put(s, "p1", "\"type\":\"redemption.order\",\"order\":\"O-4\",\"voucher\":\"V-1\",\"holder\":\"" H1 "\",\"provider\":\"" P1 "\",\"amount_fen\":900000", "outcome:refused,\"code\":\"R14\"", NULL);
    zd_world_order(s, "O-4", 100);
    zd_leaf_stream_clean(s);
}

static void order__on_the_voucher_of_another_is_found(void **state)
{
    zd_world_order_with(*state, "O-4", 100, (zd_world_order_values){.holder = H2});
    zd_leaf_stream_found(*state, ZD_V_NAME_UNKNOWN);
}

static void refused_second__does_not_complete(void **state)
{
    zd_leaf_stream *s = *state;
    char text[ZD_HASH_HEX];
    put(s, "issuer-1", "\"type\":\"exception.list\",\"code\":\"X\"", "outcome:proposed", NULL);
    zd_format(text, sizeof text, "%s", s->last_text);
    second(s, "issuer-1b", "outcome:refused,\"code\":\"R46\"", NULL);
    zd_format(s->last_text, sizeof s->last_text, "%s", text);
    second(s, "issuer-2", "", NULL);
    zd_leaf_stream_clean(s);
    zd_format(s->last_text, sizeof s->last_text, "%s", text);
    second(s, "issuer-2", "", NULL); /* done already */
    zd_leaf_stream_found(s, ZD_V_NAME_UNKNOWN);
}

static void policy__out_of_its_order_is_found(void **state)
{
    zd_world_publish(*state, 3, "2026-09-01", &zd_world_plain);
    zd_leaf_stream_found(*state, ZD_V_POLICY_FORCE);
}

static void policy__effective_before_the_last_is_found(void **state)
{
    zd_world_publish(*state, 2, "2025-12-31", &zd_world_plain);
    zd_leaf_stream_found(*state, ZD_V_POLICY_FORCE);
}

static void allotment__before_any_policy_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    s->date = "2025-12-31";
    zd_world_allot(s, "V-2", H2, H2, 100, 0);
    assert_int_equal(s->report->by_check[ZD_V_POLICY_FORCE], 1);
}

static void opening_quota__of_nobody_is_found(void **state)
{
    put(*state, "issuer-1", "\"type\":\"opening.quota\",\"holder\":\"H-NINE\",\"year\":2026,\"amount_fen\":1", "outcome:proposed", NULL);
    second(*state, "issuer-2", ",\"policy\":1", NULL);
    zd_leaf_stream_found(*state, ZD_V_NAME_UNKNOWN);
}

static void open_balance(zd_leaf_stream *s, const char *item, const char *posting)
{
    char request[240];
    (void)snprintf(request, sizeof request, "\"type\":\"opening.balance\",\"account\":\"3000\",\"pool\":\"" POOL "\",\"provider\":\"" P1 "\",\"item\":\"%s\",\"amount_fen\":700", item);
    put(s, "issuer-1", request, "outcome:proposed", NULL);
    second(s, "issuer-2", posting, NULL);
}

static void opening_item__twice_is_found(void **state)
{
    open_balance(*state, "OLD-1", ",\"postings\":[[\"1000/" POOL "\",\"3000/" P1 "/" POOL "\",700]]");
    zd_leaf_stream_clean(*state);
    open_balance(*state, "OLD-1", ",\"postings\":[[\"1000/" POOL "\",\"3000/" P1 "/" POOL "\",700]]");
    zd_leaf_stream_found(*state, ZD_V_NAME_TWICE);
}

static void opening_item__above_what_was_signed_is_found(void **state)
{
    open_balance(*state, "OLD-1", ",\"postings\":[[\"1000/" POOL "\",\"3000/" P1 "/" POOL "\",701]]");
    zd_leaf_stream_found(*state, ZD_V_AMOUNT_SIGNED);
}

static void revocation__of_a_voucher_that_is_not_there_is_found(void **state)
{
    put(*state, "issuer-1", "\"type\":\"voucher.revoke\",\"voucher\":\"V-9\"", ",\"postings\":[[\"6200/V-9/2026\",\"6100/" H1 "/2026\",1]]", NULL);
    assert_int_equal(((zd_leaf_stream *)*state)->report->by_check[ZD_V_NAME_UNKNOWN], 1);
}

static void sweep__of_an_order_that_ended_is_found(void **state)
{
    const char *const effects[] = {"O-1", ",\"due\":\"order\",\"rest_fen\":0", NULL};
    put(*state, "service", "\"type\":\"sweep\",\"up_to\":\"2026-03-01T00:00:00Z\"", ",|\"expired\":1,\"lapsed\":0", effects);
    zd_leaf_stream_found(*state, ZD_V_NAME_UNKNOWN);
}

static void sweep__that_keeps_a_part_of_the_rest_is_found(void **state)
{
    const char *const effects[] = {"O-3",
                                   ",\"due\":\"order\",\"postings\":[[\"2200/O-3/" POOL "\",\"2000/" POOL "\",99],[\"6300/V-1/2026\",\"6200/V-1/2026\",99]]", NULL};
    put(*state, "service", "\"type\":\"sweep\",\"up_to\":\"2026-03-01T00:00:00Z\"", ",|\"expired\":1,\"lapsed\":0", effects);
    zd_leaf_stream_found(*state, ZD_V_AMOUNT_SIGNED);
}

static void write_off__of_another_amount_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    put(s, "issuer-1", "\"type\":\"opening.balance\",\"account\":\"1100\",\"pool\":\"" POOL "\",\"provider\":\"" P1 "\",\"note\":\"N-1\",\"amount_fen\":700", "outcome:proposed", NULL);
    second(s, "issuer-2", ",\"postings\":[[\"1100/" P1 "/" POOL "\",\"2160/N-1/" POOL "\",700]]", NULL);
    zd_leaf_stream_clean(s);
    put(s, "reviewer", "\"type\":\"review.write-off\",\"note\":\"N-1\",\"amount_fen\":500", "outcome:proposed", NULL);
    second(s, "reviewer-2", ",\"postings\":[[\"2160/N-1/" POOL "\",\"1100/" P1 "/" POOL "\",700]]", NULL);
    zd_leaf_stream_found(s, ZD_V_AMOUNT_SIGNED);
}

static void facts__are_counted_by_who_attested_them(void **state)
{
    zd_leaf_stream *s = *state;
    zd_span unit;
    uint64_t count = 0;
    put(s, "tax", "\"type\":\"fact.attest\",\"fact\":\"invoice-check\",\"subject\":\"26000000000000000001\",\"value\":\"ok\"", "", NULL);
    put(s, "tax", "\"type\":\"fact.attest\",\"fact\":\"invoice-check\",\"subject\":\"26000000000000000002\",\"value\":\"ok\"", "", NULL);
    assert_true(zd_limits_attester(&unit, &count, s->limits, 0));
    assert_true(zd_span_is(unit, "u-tax"));
    assert_int_equal(count, 2);
    assert_false(zd_limits_attester(&unit, &count, s->limits, 1));
    assert_int_equal(s->report->counts.attested, 2);
}

/* --- a carry to the next year --- */

static void carry(zd_leaf_stream *s, const char *to)
{
    char request[200];
    const char *const effects[] = {POOL, ",\"account\":2000,\"postings\":[[\"2000/" POOL "\",\"2000/NEXT\",1699900],[\"1000/NEXT\",\"1000/" POOL "\",1699900]]",
                                   "O-3", ",\"account\":2200,\"postings\":[[\"2200/O-3/" POOL "\",\"2200/O-3/NEXT\",100],[\"1000/NEXT\",\"1000/" POOL "\",100]]",
                                   P1, ",\"account\":3000,\"postings\":[[\"3000/" P1 "/" POOL "\",\"3000/" P1 "/NEXT\",300000],[\"1000/NEXT\",\"1000/" POOL "\",300000]]", NULL};
    const char *const none[] = {NULL};
    (void)snprintf(request, sizeof request, "\"type\":\"pool.carry\",\"pool\":\"" POOL "\",\"to_pool\":\"%s\",\"document\":\"d\"", to);
    put(s, "maker", request, "outcome:proposed", NULL);
    second(s, "maker-2", "", strcmp(to, "NEXT") == 0 ? effects : none);
}

static void carry__takes_orders_items_and_commitments_along(void **state)
{
    zd_leaf_stream *s = *state;
    zd_world_pool(s, "NEXT", 0);
    carry(s, "NEXT");
    zd_leaf_stream_clean(s);
    /* The order's capture now draws on the new pool. */
    put(s, "p1", "\"type\":\"redemption.capture\",\"item\":\"I-3\",\"order\":\"O-3\",\"amount_fen\":100,\"own_share_fen\":100,\"final\":false," SERVICE,
        ",\"policy\":1,\"subsidy_fen\":100,|\"base_fen\":200,\"postings\":[[\"2200/O-3/NEXT\",\"3000/" P1 "/NEXT\",100]]", NULL);
    /* And the items are sealed in it, not in the old one. */
    char request[160];
    (void)snprintf(request, sizeof request, "\"type\":\"batch.seal\",\"batch\":\"B-1\",\"pool\":\"NEXT\",\"cutoff\":%llu", (unsigned long long)s->seq);
    const char *const effects[] = {P1,
                                   ",\"line\":1,\"provider\":\"" P1 "\",\"gross_fen\":300100,\"offset_fen\":0,\"net_fen\":300100,\"items\":[[\"I-1\",0,100000,0,0],[\"I-2\",0,200000,0,0],"
                                   "[\"I-3\",0,100,0,0]],\"postings\":[[\"3000/" P1 "/NEXT\",\"3100/B-1/" P1 "/NEXT\",300100]]",
                                   NULL};
    put(s, "maker", request, ",\"policy\":1,|\"lines\":1,\"count\":1,\"total_fen\":300100", effects);
    zd_leaf_stream_clean(s);
}

static void carry__to_itself_is_found(void **state)
{
    carry(*state, POOL);
    zd_leaf_stream_found(*state, ZD_V_NAME_UNKNOWN);
}

#define open_test(name) cmocka_unit_test_setup_teardown(name, setup_open, zd_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepted_lines__about_the_wrong_things_are_found),
        cmocka_unit_test(refused_lines__about_the_wrong_things_are_not),
        open_test(refused_order__leaves_its_id_free),
        open_test(order__on_the_voucher_of_another_is_found),
        open_test(refused_second__does_not_complete),
        open_test(policy__out_of_its_order_is_found),
        open_test(policy__effective_before_the_last_is_found),
        open_test(allotment__before_any_policy_is_found),
        open_test(opening_quota__of_nobody_is_found),
        open_test(opening_item__twice_is_found),
        open_test(opening_item__above_what_was_signed_is_found),
        open_test(revocation__of_a_voucher_that_is_not_there_is_found),
        open_test(sweep__of_an_order_that_ended_is_found),
        open_test(sweep__that_keeps_a_part_of_the_rest_is_found),
        open_test(write_off__of_another_amount_is_found),
        open_test(facts__are_counted_by_who_attested_them),
        open_test(carry__takes_orders_items_and_commitments_along),
        open_test(carry__to_itself_is_found),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
