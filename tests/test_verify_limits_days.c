/*
 * Days in the limits, counted by the verifier's own calendar: the end of the public notice, the grace after a debit, the silence of a bank. 2 March 2026 is a Monday; by this
 * policy the 5th is a holiday and Sunday the 8th is worked, so that counting weekdays, or calendar days, gives another day each time.
 */
#include "tests/support/support.h"

#include <stdio.h>

#include "tests/support/limit_world.h"

#define put zd_leaf_stream_put

static int setup(void **state)
{
    zd_world_policy policy = zd_world_plain;
    policy.days = true;
    (void)zd_world_setup_with(state, &policy);
    zd_world_order(*state, "O-1", 100000);
    return 0;
}

static void capture(zd_leaf_stream *s, const char *notice_until)
{
    zd_world_capture(s, "I-1", "O-1", 100000, (zd_world_capture_values){.invoice = "26000000000000000001", .notice_until = notice_until});
}

static void notice__ends_when_the_working_days_do(void **state)
{
    capture(*state, "2026-03-06"); /* 3, 4, not 5, 6 */
    zd_leaf_stream_clean(*state);
}

static void notice__of_other_days_is_found(void **state)
{
    capture(*state, "2026-03-05");
    zd_leaf_stream_found(*state, ZD_V_DAYS);
}

static void notice__that_is_not_said_is_found(void **state)
{
    capture(*state, NULL);
    zd_leaf_stream_found(*state, ZD_V_DAYS);
}

static void notice__into_a_year_without_calendar_is_found(void **state)
{
    zd_leaf_stream *s = *state;
    s->date = "2026-12-30";
    capture(s, "2027-01-04");
    zd_leaf_stream_found(s, ZD_V_DAYS);
}

/* Sealed and released on 3 March with the execution on the 4th. */
static zd_leaf_stream *released(void **state)
{
    zd_leaf_stream *s = *state;
    char request[240];
    capture(s, "2026-03-06");
    s->date = "2026-03-03";
    (void)snprintf(request, sizeof request, "\"type\":\"batch.seal\",\"batch\":\"B-1\",\"pool\":\"" POOL "\",\"cutoff\":%llu,\"execution\":\"2026-03-04\"", (unsigned long long)s->seq);
    const char *const effects[] = {
        P1,
        ",\"line\":1,\"part\":1,\"provider\":\"" P1 "\",\"gross_fen\":100000,\"offset_fen\":0,\"returned_fen\":0,\"net_fen\":100000,\"items\":[[\"I-1\",0,100000,0,0]],"
        "\"postings\":[[\"3000/" P1 "/" POOL "\",\"3100/B-1/" P1 "/" POOL "\",100000]]",
        NULL};
    put(s, "maker", request, ",\"policy\":1,|\"batch\":\"B-1\",\"pool\":\"" POOL "\",\"lines\":1,\"count\":1,\"total_fen\":100000", effects);
    (void)snprintf(request, sizeof request, "\"type\":\"batch.approve\",\"batch\":\"B-1\",\"seal_sha256\":\"%s\"", s->last_text);
    put(s, "checker", request, "", NULL);
    put(s, "releaser", "\"type\":\"batch.release\",\"batch\":\"B-1\",\"count\":1,\"total_fen\":100000", "", NULL);
    put(s, "maker", "\"type\":\"batch.submit\",\"batch\":\"B-1\",\"count\":1,\"total_fen\":100000", "", NULL);
    zd_leaf_stream_clean(s);
    return s;
}

static void debited(zd_leaf_stream *s)
{
    put(s, "maker", "\"type\":\"line.answer\",\"batch\":\"B-1\",\"provider\":\"" P1 "\",\"answer\":\"debited\"",
        ",\"postings\":[[\"3100/B-1/" P1 "/" POOL "\",\"1000/" POOL "\",100000]]", NULL);
}

static void sweep(zd_leaf_stream *s, const char *date, const char *due)
{
    char request[120];
    char line[120];
    s->date = date;
    (void)snprintf(request, sizeof request, "\"type\":\"sweep\",\"up_to\":\"%sT02:00:00Z\"", date);
    (void)snprintf(line, sizeof line, ",|\"due\":\"%s\",\"batch\":\"B-1\",\"net_fen\":100000", due);
    const char *const effects[] = {P1, line, NULL};
    put(s, "service", request, "", effects);
}

static void grace__that_is_over_is_sound(void **state)
{
    zd_leaf_stream *s = released(state);
    s->date = "2026-03-06";
    debited(s);
    sweep(s, "2026-03-10", "paid"); /* the 8th and the 9th: over when the 10th begins */
    zd_leaf_stream_clean(s);
}

static void grace__cut_short_is_found(void **state)
{
    zd_leaf_stream *s = released(state);
    s->date = "2026-03-06";
    debited(s);
    sweep(s, "2026-03-09", "paid");
    zd_leaf_stream_found(s, ZD_V_DAYS);
}

static void grace__of_a_line_that_nobody_debited_is_found(void **state)
{
    zd_leaf_stream *s = released(state);
    sweep(s, "2026-03-20", "paid");
    zd_leaf_stream_found(s, ZD_V_RELEASE_STATE);
}

static void grace__twice_is_found(void **state)
{
    zd_leaf_stream *s = released(state);
    debited(s);
    sweep(s, "2026-03-20", "paid");
    sweep(s, "2026-03-21", "paid");
    zd_leaf_stream_found(s, ZD_V_RELEASE_STATE);
}

static void silence__that_is_over_is_sound(void **state)
{
    sweep(released(state), "2026-03-09", "unknown"); /* from the 4th on: the 6th and the 8th */
    zd_leaf_stream_clean(*state);
}

static void silence__cut_short_is_found(void **state)
{
    sweep(released(state), "2026-03-08", "unknown");
    zd_leaf_stream_found(*state, ZD_V_DAYS);
}

static void silence__after_an_answer_is_found(void **state)
{
    zd_leaf_stream *s = released(state);
    debited(s);
    sweep(s, "2026-03-20", "unknown");
    zd_leaf_stream_found(s, ZD_V_RELEASE_STATE);
}

static void silence__counts_from_the_last_word(void **state)
{
    zd_leaf_stream *s = released(state);
    s->date = "2026-03-08";
    put(s, "maker", "\"type\":\"line.answer\",\"batch\":\"B-1\",\"provider\":\"" P1 "\",\"answer\":\"accepted\"", "", NULL);
    sweep(s, "2026-03-10", "unknown");
    zd_leaf_stream_found(s, ZD_V_DAYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, zd_world_teardown)
        CASE(notice__ends_when_the_working_days_do),
        CASE(notice__of_other_days_is_found),
        CASE(notice__that_is_not_said_is_found),
        CASE(notice__into_a_year_without_calendar_is_found),
        CASE(grace__that_is_over_is_sound),
        CASE(grace__cut_short_is_found),
        CASE(grace__of_a_line_that_nobody_debited_is_found),
        CASE(grace__twice_is_found),
        CASE(silence__that_is_over_is_sound),
        CASE(silence__cut_short_is_found),
        CASE(silence__after_an_answer_is_found),
        CASE(silence__counts_from_the_last_word),
#undef CASE
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
