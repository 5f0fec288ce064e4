/* A released batch between finance and the bank: handed over, taken, refused as a whole, never sent. The answers to single lines are in test_act_batches.c. */
#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/clock.h"
#include "tests/support/settling.h"

#define EVIDENCE "\"evidence_sha256\":\"0000000000000000000000000000000000000000000000000000000000000007\""
#define SUBMIT "\"batch\":\"B-1\",\"count\":%d,\"total_fen\":%d," EVIDENCE
#define B1 "\"batch\":\"B-1\"," EVIDENCE
#define NEVER_SENT B1 ",\"reason\":\"mistake\""

static const zd_settling_part by_p2 = {"V-1", H1, P2, H1};

/* Two lines: 100,000 for P1 and 50,000 for P2. */
static zd_scene *released(void)
{
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 100000);
    zd_settling_capture_for(scene, by_p2, "R-2", 50000);
    zd_settling_wait(scene);
    zd_settling_seal(scene, "B-1", POOL_E, "");
    zd_settling_approve(scene, "B-1");
    zd_settling_release(scene, "B-1");
    return scene;
}

static void submission__is_typed_and_happens_once(void **state)
{
    (void)state;
    zd_scene *scene = released();
    assert_code(zd_scene_submit(scene, "checker", "batch.submit", err, SUBMIT, 2, 150000), ZD_E_KEY_ROLE);
    scene_refused(scene, "maker", "batch.submit", "R48", SUBMIT, 1, 150000);
    scene_refused(scene, "maker", "batch.submit", "R48", SUBMIT, 2, 150001);
    scene_refused(scene, "maker-81", "batch.submit", "R46", SUBMIT, 2, 150000);
    scene_accepted(scene, "maker", "batch.submit", SUBMIT, 2, 150000);
    assert_int_equal(zd_settling_batch(scene, "B-1")->state, ZD_B_SUBMITTED);
    scene_refused(scene, "maker", "batch.submit", "A04", SUBMIT, 2, 150000);
    scene_accepted(scene, "attester", "batch.ack", B1);
    assert_int_equal(zd_settling_batch(scene, "B-1")->state, ZD_B_ACKED);
    /* That the bank took the file proves no line. */
    assert_int_equal(zd_settling_line(scene, "B-1", P1)->state, ZD_L_PENDING);
    assert_int_equal(zd_scene_balance(scene, "3100/B-1/" P1 "/" POOL_E), 100000);
    zd_settling_answer(scene, "B-1", P1, "debited");
    assert_int_equal(zd_settling_batch(scene, "B-1")->state, ZD_B_SETTLING);
    scene_refused(scene, "attester", "batch.ack", "A04", B1);
    zd_scene_free(scene);
}

static void submission__after_the_execution_day_is_refused_and_a_void_leaves_expired(void **state)
{
    (void)state;
    zd_scene *scene = released();
    zd_scene_days(scene, 5);
    scene_refused(scene, "maker", "batch.submit", "A04", SUBMIT, 2, 150000);
    scene_two(scene, "checker", "releaser", "batch.void", NEVER_SENT);
    assert_int_equal(zd_settling_batch(scene, "B-1")->state, ZD_B_EXPIRED);
    zd_settling_check(scene);
    zd_scene_free(scene);
}

static void rejection__fails_every_line_that_nobody_answered(void **state)
{
    (void)state;
    zd_scene *scene = released();
    scene_accepted(scene, "maker", "batch.submit", SUBMIT, 2, 150000);
    zd_settling_answer(scene, "B-1", P2, "unknown");
    scene_accepted(scene, "attester", "batch.reject", B1 ",\"bank_code\":\"AM04\"");
    assert_int_equal(zd_settling_batch(scene, "B-1")->state, ZD_B_REJECTED);
    assert_int_equal(zd_settling_line(scene, "B-1", P1)->state, ZD_L_FAILED);
    assert_int_equal(zd_settling_line(scene, "B-1", P2)->state, ZD_L_FAILED);
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/" POOL_E), 100000);
    assert_int_equal(zd_scene_balance(scene, "1000/" POOL_E), 100000000);
    zd_settling_check(scene);
    scene_refused(scene, "attester", "batch.reject", "A04", B1);
    scene_refused(scene, "maker", "line.answer", "A04", "\"batch\":\"B-1\",\"provider\":\"" P1 "\",\"answer\":\"debited\"," EVIDENCE);
    zd_settling_pay(scene, "B-2", POOL_E); /* under a new number */
    assert_int_equal(zd_settling_batch(scene, "B-2")->total_fen, 150000);
    zd_scene_free(scene);
}

static void rejection__of_what_was_debited_is_refused(void **state)
{
    (void)state;
    zd_scene *scene = released();
    zd_settling_answer(scene, "B-1", P1, "debited");
    scene_refused(scene, "attester", "batch.reject", "A04", B1);
    assert_int_equal(zd_settling_line(scene, "B-1", P2)->state, ZD_L_PENDING);
    zd_settling_answer(scene, "B-1", P1, "returned");
    scene_refused(scene, "attester", "batch.reject", "A04", B1); /* it went out and came back: that is a return */
    zd_scene_free(scene);
}

static void void__needs_two_officers_and_a_batch_that_nobody_sent(void **state)
{
    (void)state;
    zd_scene *scene = released();
    assert_ok(zd_scene_submit(scene, "checker", "batch.void", err, NEVER_SENT));
    assert_int_equal(zd_scene_outcome(scene), ZD_PROPOSED);
    assert_int_equal(zd_settling_batch(scene, "B-1")->state, ZD_B_RELEASED); /* one officer alone changes nothing */
    assert_ok(zd_scene_second(scene, "checker", err));
    assert_string_equal(zd_scene_code(scene), "R46");
    assert_ok(zd_scene_submit(scene, "checker", "batch.void", err, NEVER_SENT));
    assert_ok(zd_scene_second(scene, "releaser", err));
    assert_string_equal(zd_scene_code(scene), "");
    assert_int_equal(zd_settling_batch(scene, "B-1")->state, ZD_B_VOIDED);
    assert_int_equal(zd_settling_line(scene, "B-1", P1)->state, ZD_L_WITHDRAWN);
    zd_settling_check(scene);
    scene_refused(scene, "maker", "line.answer", "A04", "\"batch\":\"B-1\",\"provider\":\"" P1 "\",\"answer\":\"debited\"," EVIDENCE);
    zd_settling_pay(scene, "B-2", POOL_E);
    zd_scene_free(scene);
}

static void void__once_handed_over_or_answered_is_the_banks_to_say(void **state)
{
    (void)state;
    zd_scene *scene = released();
    scene_accepted(scene, "maker", "batch.submit", SUBMIT, 2, 150000);
    scene_refused(scene, "checker", "batch.void", "A04", NEVER_SENT);
    zd_scene_free(scene);
    scene = released();
    zd_settling_answer(scene, "B-1", P1, "unknown");
    scene_refused(scene, "checker", "batch.void", "A04", NEVER_SENT);
    zd_scene_free(scene);
}

static void void__puts_what_the_bank_had_returned_back_where_it_was(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 100000);
    zd_settling_wait(scene);
    zd_settling_pay(scene, "B-0", POOL_E);
    zd_settling_answer(scene, "B-0", P1, "returned");
    zd_settling_seal(scene, "B-1", POOL_E, "");
    zd_settling_approve(scene, "B-1");
    zd_settling_release(scene, "B-1");
    scene_two(scene, "checker", "releaser", "batch.void", NEVER_SENT);
    assert_int_equal(zd_scene_balance(scene, "3200/" P1 "/" POOL_E), 100000);
    zd_settling_check(scene);
    zd_scene_free(scene);
}

static int64_t cools_for(zd_scene *scene)
{
    const zd_rec_provider *provider = zd_book_find(scene->book, ZD_R_PROVIDER, "%s", P1);
    return provider->account_cooling_day - zd_day_of(scene->now_unix_ms, ZD_ZONE_SHANGHAI_MS);
}

#define CHANGE(n, more) "\"provider\":\"" P1 "\",\"commitment\":\"%064d\"" more, n

/* Shaoxing: 15 days for a changed account, 5 when the bank returned a payment and the name is the same. */
static void account__corrected_after_a_return_cools_shorter_when_the_name_is_the_same(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 100000);
    zd_settling_wait(scene);
    scene_two(scene, "provider/" P1, "issuer-1", "provider.account", CHANGE(21, ",\"same_name\":true"));
    assert_int_equal(cools_for(scene), 15); /* nothing came back yet: saying so does not help */
    zd_scene_days(scene, 16);
    zd_settling_sweep(scene);
    zd_settling_pay(scene, "B-1", POOL_E);
    zd_settling_answer(scene, "B-1", P1, "returned");
    scene_two(scene, "provider/" P1, "issuer-1", "provider.account", CHANGE(22, ",\"same_name\":true"));
    assert_int_equal(cools_for(scene), 5);
    scene_two(scene, "provider/" P1, "issuer-1", "provider.account", CHANGE(23, ",\"same_name\":true"));
    assert_int_equal(cools_for(scene), 15); /* that return was answered already */
    zd_scene_free(scene);
}

/* --- what time does: the policy grants five working days to both --- */

static int64_t day(int year, int month, int day_of_month)
{
    return zd_day_from(year, month, day_of_month);
}

/* Noon of that day. */
static void go_to(zd_scene *scene, int64_t to_day)
{
    scene->now_unix_ms = zd_day_start(to_day, ZD_ZONE_SHANGHAI_MS) + ZD_DAY_MS / 2;
}

static zd_line_state state_of(zd_scene *scene, const char *provider)
{
    return (zd_line_state)zd_settling_line(scene, "B-1", provider)->state;
}

/* Debited on Thursday, 30 April: the holiday of 1 to 5 May and the worked Saturday of 9 May lie between. */
static void grace__is_over_after_working_days_and_not_before(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    go_to(scene, day(2026, 4, 20));
    zd_settling_capture(scene, "R-1", 100000);
    zd_settling_capture_for(scene, by_p2, "R-2", 50000);
    go_to(scene, day(2026, 4, 28));
    zd_settling_sweep(scene);
    zd_settling_seal(scene, "B-1", POOL_E, "");
    zd_settling_approve(scene, "B-1");
    zd_settling_release(scene, "B-1");
    go_to(scene, day(2026, 4, 30));
    zd_settling_answer(scene, "B-1", P1, "debited");
    go_to(scene, day(2026, 5, 11)); /* working days since: 6, 7, 8, 9 May, and today is the fifth */
    zd_settling_sweep(scene);
    assert_int_equal(state_of(scene, P1), ZD_L_DEBITED);
    go_to(scene, day(2026, 5, 12));
    zd_settling_sweep(scene);
    assert_int_equal(state_of(scene, P1), ZD_L_PAID);
    assert_int_equal(zd_settling_batch(scene, "B-1")->state, ZD_B_SETTLING); /* P2's line is silent */
    zd_settling_answer(scene, "B-1", P1, "returned"); /* later than ever expected, and taken */
    assert_int_equal(zd_scene_balance(scene, "3200/" P1 "/" POOL_E), 100000);
    zd_scene_free(scene);
}

static const zd_rec_bexc *silence_of(zd_scene *scene, const char *provider)
{
    const zd_rec_bexc *found = NULL;
    zd_book_cursor cursor = zd_book_scan(scene->book, ZD_R_BEXC, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_bexc *bexc = cursor.record;
        if (bexc->kind == ZD_BANK_EXCEPTION(NO_ANSWER) && strcmp(bexc->provider, provider) == 0) {
            assert_null(found); /* one case about one silence */
            found = bexc;
        }
    }
    return found;
}

/* The execution day, Friday 13 March, and five working days: unknown from the 20th on. */
static void silence__makes_a_sent_line_unknown_without_any_file(void **state)
{
    (void)state;
    zd_scene *scene = released();
    scene_accepted(scene, "maker", "batch.submit", SUBMIT, 2, 150000);
    int64_t execution_day = zd_settling_batch(scene, "B-1")->execution_day;
    assert_int_equal(execution_day, day(2026, 3, 13));
    zd_settling_answer(scene, "B-1", P2, "accepted"); /* and then no more: its days begin with that word */
    go_to(scene, day(2026, 3, 20));
    zd_settling_sweep(scene);
    assert_int_equal(state_of(scene, P1), ZD_L_PENDING);
    go_to(scene, day(2026, 3, 21));
    zd_settling_sweep(scene);
    assert_int_equal(state_of(scene, P1), ZD_L_UNKNOWN);
    assert_int_equal(state_of(scene, P2), ZD_L_UNKNOWN);
    const zd_rec_bexc *open = silence_of(scene, P1);
    assert_non_null(open);
    assert_int_equal(open->amount_fen, 100000);
    assert_string_equal(open->owner, zd_settling_batch(scene, "B-1")->maker);
    /* Never payable again by itself: not by another seal, not by withdrawing, voiding or rejecting a line that nobody knows of. */
    zd_settling_wait(scene);
    zd_settling_seal_refused(scene, "maker", "B-2", POOL_E, "A13");
    scene_refused(scene, "checker", "batch.void", "A04", NEVER_SENT);
    assert_int_equal(zd_scene_balance(scene, "3100/B-1/" P1 "/" POOL_E), 100000);
    /* An answer ends it, and the case with it. */
    zd_settling_answer(scene, "B-1", P1, "debited");
    scene_accepted(scene, "maker", "bank.clear", "\"case\":\"%s\"", open->id);
    assert_int_equal(silence_of(scene, P1)->state, 2);
    zd_scene_free(scene);
}

/* A file that finance still has cannot have been answered: it is late, not silent. */
static void silence__is_nothing_that_an_unsent_batch_can_show(void **state)
{
    (void)state;
    zd_scene *scene = released();
    zd_scene_days(scene, 40);
    zd_settling_sweep(scene);
    assert_int_equal(state_of(scene, P1), ZD_L_PENDING);
    assert_null(silence_of(scene, P1));
    scene_two(scene, "checker", "releaser", "batch.void", NEVER_SENT);
    assert_int_equal(zd_settling_batch(scene, "B-1")->state, ZD_B_EXPIRED);
    zd_scene_free(scene);
}

/* Into a year that no policy brought, nothing is counted: not even as if every weekday were worked. */
static void days__into_a_year_without_calendar_are_refused(void **state)
{
    (void)state;
    zd_scene *scene = released();
    scene_accepted(scene, "maker", "batch.submit", SUBMIT, 2, 150000);
    go_to(scene, day(2036, 12, 30));
    zd_settling_answer(scene, "B-1", P1, "debited");
    zd_settling_answer(scene, "B-1", P2, "debited");
    go_to(scene, day(2037, 1, 20));
    scene_refused(scene, "service", "sweep", "A17", "\"up_to\":\"2037-01-19T00:00:00Z\"");
    assert_non_null(strstr(zd_buf_text(&scene->last.decisions[0].saw), "2037"));
    assert_int_equal(state_of(scene, P1), ZD_L_DEBITED);
    zd_scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grace__is_over_after_working_days_and_not_before),
        cmocka_unit_test(silence__makes_a_sent_line_unknown_without_any_file),
        cmocka_unit_test(silence__is_nothing_that_an_unsent_batch_can_show),
        cmocka_unit_test(days__into_a_year_without_calendar_are_refused),
        cmocka_unit_test(submission__is_typed_and_happens_once),
        cmocka_unit_test(submission__after_the_execution_day_is_refused_and_a_void_leaves_expired),
        cmocka_unit_test(rejection__fails_every_line_that_nobody_answered),
        cmocka_unit_test(rejection__of_what_was_debited_is_refused),
        cmocka_unit_test(void__needs_two_officers_and_a_batch_that_nobody_sent),
        cmocka_unit_test(void__once_handed_over_or_answered_is_the_banks_to_say),
        cmocka_unit_test(void__puts_what_the_bank_had_returned_back_where_it_was),
        cmocka_unit_test(account__corrected_after_a_return_cools_shorter_when_the_name_is_the_same),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
