/* Balances recomputed from recorded postings, and the reading of decision lines that they rest on: sound lines pass, each broken invariant is named. */
#include "tests/support/support.h"

#include <string.h>

#include "audit/verify/balances.h"
#include "audit/verify/line.h"
#include "tests/support/seen.h"

typedef struct fixture {
    zd_report *report;
    zd_balances *balances;
    uint64_t seq;
} fixture;

static fixture open_fixture(void)
{
    zd_report *report = zd_report_new();
    return (fixture){.report = report, .balances = zd_balances_new(report)};
}

static void close_fixture(fixture *f)
{
    zd_seen(f->report);
    zd_balances_free(f->balances);
    zd_report_free(f->report);
}

/* One entry with these postings (JSON). */
static void post(fixture *f, const char *outcome, const char *postings)
{
    zd_buf text = {0};
    zd_line line;
    zd_buf_addf(&text, "{\"seq\":%llu,\"at\":\"2026-03-02T04:00:00.000Z\",\"outcome\":\"%s\"%s,\"postings\":%s}\n", (unsigned long long)f->seq++, outcome,
                strcmp(outcome, "refused") == 0 ? ",\"code\":\"R14\"" : "", postings);
    assert_true(zd_line_parse(&line, zd_buf_span(&text), NULL));
    zd_balances_add(f->balances, &line);
    zd_line_free(&line);
    zd_buf_free(&text);
}

static int64_t balance(const fixture *f, const char *account)
{
    return zd_balances_of(f->balances, zd_span_text(account));
}

static void sound_entries__give_their_balances(void **state)
{
    (void)state;
    fixture f = open_fixture();
    post(&f, "accepted", "[[\"1000/P\",\"2000/P\",1000]]");
    post(&f, "accepted", "[[\"6000/2026\",\"6100/H/2026\",900],[\"6100/H/2026\",\"6200/V/2026\",600]]");
    post(&f, "held", "[[\"2000/P\",\"2200/O/P\",400],[\"2200/O/P\",\"3000/S/P\",400],[\"3000/S/P\",\"3050/S/P\",400],[\"6200/V/2026\",\"6300/V/2026\",400]]");
    post(&f, "accepted", "[[\"2000/P\",\"2000/Q\",100],[\"1000/Q\",\"1000/P\",100]]");
    assert_int_equal(f.report->total, 0);
    assert_int_equal(balance(&f, "1000/P"), 900);
    assert_int_equal(balance(&f, "2000/P"), 500);
    assert_int_equal(balance(&f, "3000/S/P"), 0);
    assert_int_equal(balance(&f, "3050/S/P"), 400);
    assert_int_equal(balance(&f, "6000/2026"), 900);
    assert_int_equal(balance(&f, "6300/V/2026"), 400);
    assert_int_equal(balance(&f, "3000/never/used"), 0);
    assert_int_equal(f.report->counts.postings, 9);
    close_fixture(&f);
}

static void account__over_its_side_is_found_with_its_owner(void **state)
{
    (void)state;
    fixture f = open_fixture();
    post(&f, "accepted", "[[\"1000/P\",\"2000/P\",1000],[\"2000/P\",\"2200/O/P\",1000]]");
    post(&f, "accepted", "[[\"2200/O/P\",\"3000/S/P\",1001]]");
    assert_int_equal(f.report->total, 1);
    assert_int_equal(f.report->by_check[ZD_V_POSTING_SIDE], 1);
    assert_int_equal(f.report->found[0].entry, 1);
    assert_string_equal(zd_buf_text(&f.report->found[0].gains), "S");
    assert_non_null(strstr(zd_buf_text(&f.report->found[0].recomputed), "-1"));
    close_fixture(&f);
}

static void pool__out_of_balance_is_found_for_both_pools(void **state)
{
    (void)state;
    fixture f = open_fixture();
    post(&f, "accepted", "[[\"1000/P\",\"2000/P\",1000]]");
    post(&f, "accepted", "[[\"2000/P\",\"2000/Q\",100]]"); /* the cash stayed behind */
    assert_int_equal(f.report->by_check[ZD_V_POOL_IDENTITY], 2);
    assert_int_equal(f.report->total, 2);
    post(&f, "accepted", "[[\"1000/P\",\"2000/P\",1]]"); /* said once */
    assert_int_equal(f.report->total, 2);
    close_fixture(&f);
}

static void quota__out_of_balance_is_found(void **state)
{
    (void)state;
    fixture f = open_fixture();
    post(&f, "accepted", "[[\"6000/2026\",\"6100/H/2026\",900]]");
    post(&f, "accepted", "[[\"6100/H/2026\",\"6200/V/2027\",100]]");
    assert_int_equal(f.report->by_check[ZD_V_QUOTA_IDENTITY], 2);
    close_fixture(&f);
}

static void malformed_postings__are_found(void **state)
{
    (void)state;
    static const char *const postings[] = {
        "[[\"1000/P\",\"6100/H/2026\",1]]", /* crosses the two ledgers */
        "[[\"1000/P\",\"2001/P\",1]]",      /* no such account */
        "[[\"1000/P\",\"2000\",1]]",        /* a dimension is missing */
        "[[\"1000/P\",\"2000/P/Q\",1]]",    /* one too many */
        "[[\"1000/P\",\"2000/P/\",1]]",
        "[[\"1000/P\",\"1000/P\",1]]",      /* to itself */
        "[[\"1000/P\",\"2000/P\",0]]",
        "[[\"1000/P\",\"2000/P\",-1]]",
        "[[\"1000/P\",\"2000/P\",1000000000000000]]", /* more than money is */
        "[[\"1000/P\",\"2000/P\"]]",
        "[[\"1000/P\",2000,1]]",
        "[\"1000/P\"]",
    };
    for (size_t i = 0; i < ZD_COUNT(postings); i++) {
        fixture f = open_fixture();
        post(&f, "accepted", postings[i]);
        if (f.report->by_check[ZD_V_POSTING_FORM] != 1 || f.report->total != 1) {
            print_error("%s\n", postings[i]);
        }
        assert_int_equal(f.report->by_check[ZD_V_POSTING_FORM], 1);
        assert_int_equal(f.report->total, 1);
        close_fixture(&f);
    }
}

static void refused_act__that_posts_is_found(void **state)
{
    (void)state;
    fixture f = open_fixture();
    post(&f, "refused", "[[\"1000/P\",\"2000/P\",1]]");
    assert_int_equal(f.report->by_check[ZD_V_POSTING_FORM], 1);
    close_fixture(&f);
}

static void sums__beyond_the_range_are_found_and_do_not_wrap(void **state)
{
    (void)state;
    fixture f = open_fixture();
    for (int i = 0; i < 9300; i++) {
        post(&f, "accepted", "[[\"1000/P\",\"2000/P\",999999999999999]]");
    }
    assert_true(f.report->by_check[ZD_V_POSTING_FORM] > 0);
    assert_int_equal(f.report->by_check[ZD_V_POSTING_SIDE], 0);
    assert_int_equal(f.report->kept, f.report->total < ZD_FOUND_KEPT ? f.report->total : ZD_FOUND_KEPT);
    close_fixture(&f);
}

/* --- decision lines --- */

#define HEAD "{\"seq\":7,\"at\":\"2026-03-02T04:00:00.000Z\""
#define HASH "0000000000000000000000000000000000000000000000000000000000000001"

static bool reads(const char *text)
{
    zd_line line;
    bool good = zd_line_parse(&line, zd_span_text(text), NULL);
    zd_line_free(&line);
    return good;
}

static void decision_line__in_its_form_is_read(void **state)
{
    (void)state;
    zd_line line;
    assert_true(zd_line_parse(&line,
                              zd_span_text(HEAD ",\"of\":5,\"note_sha256\":\"" HASH "\",\"item\":\"X\",\"outcome\":\"held\",\"policy\":3,\"gates\":[\"R06\"],\"holds\":[\"R32\"],\"subsidy_fen\":9,"
                                           "\"saw\":{},\"base_fen\":18,\"postings\":[[\"a\",\"b\",1]]}\n"),
                              NULL));
    assert_int_equal(line.seq, 7);
    assert_int_equal(line.of_seq, 5);
    assert_true(line.is_effect && zd_span_is(line.item, "X") && line.note_sha256.bytes[31] == 1);
    assert_true(zd_line_executed(&line) && zd_line_holds(&line, "R32") && !zd_line_holds(&line, "R06"));
    assert_int_equal(line.policy, 3);
    assert_int_equal(line.subsidy_fen, 9);
    assert_int_equal(zd_line_int(&line, "base_fen"), 18);
    zd_line_free(&line);
}

static void decision_line__in_another_form_is_refused(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "",
        "{}\n",
        HEAD ",\"outcome\":\"accepted\"}",                             /* no newline */
        HEAD "}\n",                                                    /* no outcome */
        HEAD ",\"outcome\":\"allowed\"}\n",
        HEAD ",\"outcome\":\"refused\"}\n",                            /* no code */
        HEAD ",\"outcome\":\"accepted\",\"code\":\"R14\"}\n",          /* a code without refusal */
        HEAD ",\"policy\":3,\"outcome\":\"accepted\"}\n",              /* out of order */
        HEAD ",\"outcome\":\"accepted\",\"x\":1,\"policy\":3}\n",
        HEAD ",\"outcome\":\"accepted\",\"postings\":[[\"a\",\"b\",1]],\"x\":1}\n",
        HEAD ",\"outcome\":\"accepted\",\"postings\":[]}\n",
        HEAD ",\"outcome\":\"accepted\",\"policy\":\"3\"}\n",
        HEAD ",\"outcome\":\"accepted\",\"policy\":1,\"policy\":1}\n", /* twice */
        HEAD ",\"of\":5,\"outcome\":\"accepted\"}\n",                  /* an effect without its note */
        HEAD ",\"of\":7,\"note_sha256\":\"" HASH "\",\"item\":\"X\",\"outcome\":\"accepted\"}\n", /* of itself */
        HEAD ",\"item\":\"X\",\"outcome\":\"accepted\"}\n",
        "{\"at\":\"2026-03-02T04:00:00.000Z\",\"seq\":7,\"outcome\":\"accepted\"}\n",
        "{\"seq\":-1,\"at\":\"2026-03-02T04:00:00.000Z\",\"outcome\":\"accepted\"}\n",
        "{\"seq\":7,\"at\":\"2026-03-02T04:00:00Z\",\"outcome\":\"accepted\"}\n", /* not as this ledger writes times */
        "{\"seq\":7,\"at\":\"2026-02-30T04:00:00.000Z\",\"outcome\":\"accepted\"}\n",
    };
    for (size_t i = 0; i < ZD_COUNT(lines); i++) {
        if (reads(lines[i])) {
            print_error("read: %s\n", lines[i]);
        }
        assert_false(reads(lines[i]));
    }
    assert_true(reads(HEAD ",\"outcome\":\"accepted\"}\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_entries__give_their_balances),
        cmocka_unit_test(account__over_its_side_is_found_with_its_owner),
        cmocka_unit_test(pool__out_of_balance_is_found_for_both_pools),
        cmocka_unit_test(quota__out_of_balance_is_found),
        cmocka_unit_test(malformed_postings__are_found),
        cmocka_unit_test(refused_act__that_posts_is_found),
        cmocka_unit_test(sums__beyond_the_range_are_found_and_do_not_wrap),
        cmocka_unit_test(decision_line__in_its_form_is_read),
        cmocka_unit_test(decision_line__in_another_form_is_refused),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
