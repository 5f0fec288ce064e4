/*
 * Acts on bank answers: a file is read once and holds what it said; an entry is one fact and is judged by the act, not by who reads it; what clears, what needs two officers.
 * The kinds on the real commands are in tests/cli/reconcile.sh.
 */
#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/settling.h"

#define FILE_1 "\"evidence_sha256\":\"00000000000000000000000000000000000000000000000000000000000000f1\""
#define FILE_2 "\"evidence_sha256\":\"00000000000000000000000000000000000000000000000000000000000000f2\""
#define SAYS FILE_1 ",\"form\":\"%s\",\"count\":%d,\"debit_fen\":%d,\"credit_fen\":%d"
#define ENTRY "\"entry_sha256\":\"%064d\",\"side\":\"%s\",\"amount_fen\":%d,\"currency\":\"CNY\""
#define LINE_1 ",\"batch\":\"B-1\",\"provider\":\"" P1 "\""

static const zd_settling_part by_p2 = {"V-1", H1, P2, H1};

/* 100,000 for P1 and 50,000 for P2, and a statement that says two debits of 150,000 and three credits. */
static zd_scene *sent(void)
{
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 100000);
    zd_settling_capture_for(scene, by_p2, "R-2", 50000);
    zd_settling_wait(scene);
    zd_settling_seal(scene, "B-1", POOL_E, "");
    zd_settling_approve(scene, "B-1");
    zd_settling_release(scene, "B-1");
    scene_accepted(scene, "maker", "bank.file", SAYS, "statement", 5, 250000, 300000);
    return scene;
}

static const zd_rec_bexc *case_of(zd_scene *scene, int entry)
{
    char hex[65];
    (void)snprintf(hex, sizeof hex, "%064d", entry);
    return zd_book_find(scene->book, ZD_R_BEXC, "XE-%.24s", hex);
}

static void entry(zd_scene *scene, int number, const char *side, int amount_fen, const char *more, int64_t kind)
{
    scene_accepted(scene, "maker", "bank.entry", FILE_1 "," ENTRY "%s", number, side, amount_fen, more);
    char hex[65];
    (void)snprintf(hex, sizeof hex, "%064d", number);
    const zd_rec_bexc *found = zd_book_find(scene->book, ZD_R_BEXC, "XE-%.24s", hex);
    if (kind < 0) {
        assert_null(found);
    } else {
        assert_non_null(found);
        assert_int_equal(found->kind, kind);
        assert_int_equal(found->amount_fen, amount_fen);
        assert_string_equal(found->owner, "maker");
    }
}

static void files__are_read_once_and_hold_no_more_than_they_said(void **state)
{
    (void)state;
    zd_scene *scene = sent();
    scene_refused(scene, "maker", "bank.file", "A02", SAYS, "statement", 5, 250000, 300000);
    scene_refused(scene, "attester", "bank.file", "A02", SAYS, "status", 0, 0, 0);
    scene_refused(scene, "maker", "bank.entry", "A03", FILE_2 "," ENTRY, 1, "debit", 1);
    scene_refused(scene, "maker", "bank.entry", "A07", FILE_1 "," ENTRY, 1, "debit", 250001);
    entry(scene, 1000000000, "debit", 100000, LINE_1, -1);
    scene_refused(scene, "maker", "bank.entry", "A07", FILE_1 "," ENTRY, 2, "fee", 150001);
    assert_code(zd_scene_submit(scene, "checker", "bank.entry", err, FILE_1 "," ENTRY, 3, "debit", 1), ZD_E_KEY_ROLE);
    scene_refused(scene, "maker-81", "bank.entry", "R46", FILE_1 "," ENTRY LINE_1, 4, "debit", 100000);
    const zd_rec_bfile *file = zd_book_find(scene->book, ZD_R_BFILE, "%s", "00000000000000000000000000000000000000000000000000000000000000f1");
    assert_int_equal(file->seen, 1);
    assert_int_equal(file->seen_debit_fen, 100000);
    /* Nor more entries than it said, however small. */
    scene_accepted(scene, "maker", "bank.file", FILE_2 ",\"form\":\"notification\",\"count\":1,\"debit_fen\":1000,\"credit_fen\":0");
    scene_accepted(scene, "maker", "bank.entry", FILE_2 "," ENTRY, 5, "fee", 1);
    scene_refused(scene, "maker", "bank.entry", "A07", FILE_2 "," ENTRY, 6, "fee", 1);
    zd_scene_free(scene);
}

static void entries__are_one_fact_however_many_files_tell(void **state)
{
    (void)state;
    zd_scene *scene = sent();
    entry(scene, 1, "debit", 100000, LINE_1, -1);
    scene_accepted(scene, "maker", "bank.file", FILE_2 ",\"form\":\"notification\",\"count\":1,\"debit_fen\":100000,\"credit_fen\":0");
    scene_accepted(scene, "maker", "bank.entry", FILE_2 "," ENTRY LINE_1, 1, "debit", 100000);
    const zd_rec_bentry *record = zd_book_find(scene->book, ZD_R_BENTRY, "%064d", 1);
    assert_int_equal(record->mentions, 2);
    const zd_rec_bline *line = zd_book_find(scene->book, ZD_R_BLINE, "B-1/" P1);
    assert_int_equal(line->debits, 1);
    assert_null(case_of(scene, 1));
    zd_scene_free(scene);
}


static void entries__are_judged_by_the_act(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 100000);
    zd_settling_wait(scene);
    zd_settling_seal(scene, "B-1", POOL_E, "");
    zd_settling_approve(scene, "B-1");
    scene_accepted(scene, "maker", "bank.file", SAYS, "statement", 50, 90000000, 90000000);
    /* Nothing was sent yet: whatever the bank debits under this id is not justified by a sealed batch. */
    scene_accepted(scene, "maker", "bank.entry", FILE_1 ",\"entry_sha256\":\"a1%062d\",\"side\":\"debit\",\"amount_fen\":100000,\"currency\":\"CNY\"" LINE_1, 0);
    const zd_rec_bexc *early = zd_book_find(scene->book, ZD_R_BEXC, "XE-a1%022d", 0);
    assert_int_equal(early->kind, ZD_BANK_EXCEPTION(UNJUSTIFIED_DEBIT));
    zd_settling_release(scene, "B-1");
    static const struct {
        const char *key, *side, *currency, *more;
        int amount_fen;
        int64_t kind;
    } rows[] = {
        {"b1", "debit", "USD", LINE_1, 100000, ZD_BANK_EXCEPTION(CURRENCY)},
        {"b2", "debit", "CNY", LINE_1, 99999, ZD_BANK_EXCEPTION(AMOUNT)},
        {"b3", "debit", "CNY", LINE_1 ",\"same_account\":false", 100000, ZD_BANK_EXCEPTION(WRONG_ACCOUNT)},
        {"b4", "return", "CNY", LINE_1, 100000, ZD_BANK_EXCEPTION(NOT_BOOKED)},
        {"b5", "debit", "CNY", LINE_1, 100000, -1},
        {"b6", "debit", "CNY", LINE_1, 100000, ZD_BANK_EXCEPTION(DUPLICATE_DEBIT)},
        {"b7", "return", "CNY", LINE_1, 100000, ZD_BANK_EXCEPTION(RETURN_UNKNOWN)}, /* of which of the two? */
        {"b8", "return", "CNY", LINE_1, 100000, ZD_BANK_EXCEPTION(RETURN_TWICE)},   /* b4 was the first */
        {"b9", "return", "CNY", "", 5, ZD_BANK_EXCEPTION(RETURN_UNKNOWN)},
        {"c1", "fee", "CNY", "", 5, ZD_BANK_EXCEPTION(BANK_FEE)},
        {"c2", "credit", "CNY", "", 5, -1},
    };
    for (size_t i = 0; i < ZD_COUNT(rows); i++) {
        scene_accepted(scene, "maker", "bank.entry", FILE_1 ",\"entry_sha256\":\"%s%062d\",\"side\":\"%s\",\"amount_fen\":%d,\"currency\":\"%s\"%s", rows[i].key, 0, rows[i].side,
                       rows[i].amount_fen, rows[i].currency, rows[i].more);
        const zd_rec_bexc *found = zd_book_find(scene->book, ZD_R_BEXC, "XE-%s%022d", rows[i].key, 0);
        assert_int_equal(found != NULL ? found->kind : -1, rows[i].kind);
    }
    /* None of it moved money. */
    assert_int_equal(zd_scene_balance(scene, "3100/B-1/" P1 "/" POOL_E), 100000);
    zd_settling_check(scene);
    zd_scene_free(scene);
}

static void exceptions__about_silence_must_be_true_and_clear_when_it_ends(void **state)
{
    (void)state;
#define SILENT "\"case\":\"X-%d\",\"exception\":\"%s\"," FILE_1 LINE_1
    zd_scene *scene = sent();
    scene_refused(scene, "maker", "bank.exception", "A04", SILENT, 1, "NO_ANSWER"); /* the execution day is not over */
    zd_scene_days(scene, 5);
    scene_refused(scene, "maker", "bank.exception", "A03", "\"case\":\"X-2\",\"exception\":\"NO_ANSWER\"," FILE_1); /* about which line? */
    scene_refused(scene, "maker", "bank.exception", "A04", SILENT, 3, "UNJUSTIFIED_DEBIT"); /* only an entry says that */
    scene_accepted(scene, "maker", "bank.exception", SILENT, 4, "NO_ANSWER");
    scene_refused(scene, "maker", "bank.exception", "A02", SILENT, 5, "NO_ANSWER");
    scene_refused(scene, "maker", "bank.clear", "A04", "\"case\":\"X-4\"");
    zd_settling_answer(scene, "B-1", P1, "debited");
    scene_refused(scene, "maker", "bank.exception", "A04", SILENT, 6, "MISSING_DEBIT"); /* it is there */
    scene_accepted(scene, "maker", "bank.clear", "\"case\":\"X-4\"");
    scene_refused(scene, "maker", "bank.clear", "A04", "\"case\":\"X-4\"");
    zd_scene_free(scene);
}

static void exceptions__unjustified_ones_need_two_persons(void **state)
{
    (void)state;
#define RESOLVE "\"case\":\"XE-d1%022d\",\"decision\":\"No. 7\""
    zd_scene *scene = sent();
    scene_accepted(scene, "maker", "bank.entry", FILE_1 ",\"entry_sha256\":\"d1%062d\",\"side\":\"debit\",\"amount_fen\":100000,\"currency\":\"CNY\"", 0);
    scene_refused(scene, "maker", "bank.clear", "A04", "\"case\":\"XE-d1%022d\"", 0);
    assert_ok(zd_scene_submit(scene, "maker", "bank.resolve", err, RESOLVE, 0));
    assert_int_equal(zd_scene_outcome(scene), ZD_PROPOSED);
    assert_int_equal(((const zd_rec_bexc *)zd_book_find(scene->book, ZD_R_BEXC, "XE-d1%022d", 0))->state, 1);
    assert_ok(zd_scene_second(scene, "maker", err));
    assert_string_equal(zd_scene_code(scene), "R46"); /* the same person is not two */
    /* With the line that it is: then the line's own debit would be a second one. */
    scene_two(scene, "checker", "releaser", "bank.resolve", RESOLVE LINE_1, 0);
    assert_int_equal(((const zd_rec_bexc *)zd_book_find(scene->book, ZD_R_BEXC, "XE-d1%022d", 0))->state, 3);
    scene_accepted(scene, "maker", "bank.entry", FILE_1 ",\"entry_sha256\":\"d2%062d\",\"side\":\"debit\",\"amount_fen\":100000,\"currency\":\"CNY\"" LINE_1, 0);
    assert_int_equal(((const zd_rec_bexc *)zd_book_find(scene->book, ZD_R_BEXC, "XE-d2%022d", 0))->kind, ZD_BANK_EXCEPTION(DUPLICATE_DEBIT));
    zd_scene_free(scene);
}

static void statements__gaps_in_numbers_and_balances(void **state)
{
    (void)state;
#define STATEMENT FILE_1 ",\"account_tail\":\"9999\",\"year\":%d,\"statement\":%d,\"opening_fen\":%d,\"closing_fen\":%d,\"debit_fen\":%d,\"credit_fen\":%d"
    zd_scene *scene = sent();
    scene_accepted(scene, "maker", "bank.statement", STATEMENT, 2026, 7, -500, 500, 0, 1000); /* the first one has no predecessor */
    scene_refused(scene, "maker", "bank.statement", "A02", STATEMENT, 2026, 7, -500, 500, 0, 1000);
    scene_accepted(scene, "maker", "bank.statement", STATEMENT, 2026, 8, 500, 400, 100, 0);
    zd_book_cursor none = zd_book_scan(scene->book, ZD_R_BEXC, "%s", "");
    assert_false(zd_book_next(&none));
    scene_accepted(scene, "maker", "bank.statement", STATEMENT, 2026, 10, 400, 300, 100, 0);
    zd_book_cursor one = zd_book_scan(scene->book, ZD_R_BEXC, "%s", "");
    assert_true(zd_book_next(&one));
    const zd_rec_bexc *gap = one.record;
    assert_int_equal(gap->kind, ZD_BANK_EXCEPTION(STATEMENT_GAP));
    char id[ZD_ID_SIZE];
    (void)snprintf(id, sizeof id, "%s", gap->id);
    scene_refused(scene, "maker", "bank.clear", "A04", "\"case\":\"%s\"", id);
    /* Number 9 comes late: it fits its neighbours, or the difference is found whichever side it is on. */
    scene_accepted(scene, "maker", "bank.statement", STATEMENT, 2026, 9, 400, 401, 0, 1);
    scene_accepted(scene, "maker", "bank.clear", "\"case\":\"%s\"", id);
    size_t balances = 0;
    zd_book_cursor all = zd_book_scan(scene->book, ZD_R_BEXC, "%s", "");
    while (zd_book_next(&all)) {
        const zd_rec_bexc *found = all.record;
        balances += found->kind == ZD_BANK_EXCEPTION(BALANCE_GAP) ? 1 : 0;
        assert_true(found->kind != ZD_BANK_EXCEPTION(BALANCE_GAP) || found->amount_fen == 1);
    }
    assert_int_equal(balances, 1);
    /* Numbers begin anew with the year. */
    scene_accepted(scene, "maker", "bank.statement", STATEMENT, 2027, 1, 300, 300, 0, 0);
    zd_scene_free(scene);
}

int main(void)
{
    zd_test_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files__are_read_once_and_hold_no_more_than_they_said),
        cmocka_unit_test(entries__are_one_fact_however_many_files_tell),
        cmocka_unit_test(entries__are_judged_by_the_act),
        cmocka_unit_test(exceptions__about_silence_must_be_true_and_clear_when_it_ends),
        cmocka_unit_test(exceptions__unjustified_ones_need_two_persons),
        cmocka_unit_test(statements__gaps_in_numbers_and_balances),
    };
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
