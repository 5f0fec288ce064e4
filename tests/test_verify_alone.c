/*
 * Each check of the verifier alone: an honest history with one thing changed, after which exactly this check fails and no other, so that a check cannot hide behind another
 * one. Where two always fail together, because two arithmetics look at the same thing, both are named. tests/cli/findings.sh counts that no check of findings.def is left out.
 */
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/verify/leaves.h"
#include "ledger/base/clock.h"
#include "tests/support/audit_story.h"
#include "tests/support/forgery.h"
#include "tests/support/seen.h"
#include "tests/support/settling.h"

#define DAY_S INT64_C(86400)

typedef void forge(zd_forgery *forgery);

/* The story ends with a capture that was refused: whatever is changed there, nothing follows from it. */
static size_t last_leaf(const zd_forgery *forgery)
{
    size_t leaf = zd_forgery_find(forgery, 0, "\"code\":\"R23\"", "c-O-9");
    assert_int_equal(leaf, forgery->leaf_count - 1);
    return leaf;
}

static zd_forged_commit *last_commit(const zd_forgery *forgery)
{
    return &forgery->commits[forgery->commit_count - 1];
}

static char *place_of(const zd_forgery *forgery, size_t leaf, const char *text)
{
    char *at = memmem(forgery->leaves[leaf].data, forgery->leaves[leaf].size, text, strlen(text));
    assert_non_null(at);
    return at;
}

/* Its time, moved. */
static void move_time(zd_forgery *forgery, int64_t by_ms)
{
    char old_text[ZD_TIME_TEXT];
    char new_text[ZD_TIME_TEXT];
    int64_t at_unix_ms = 0;
    size_t leaf = last_leaf(forgery);
    zd_format(old_text, sizeof old_text, "%.24s", place_of(forgery, leaf, "\"at\":\"") + 6);
    assert_true(zd_time_parse(&at_unix_ms, zd_span_text(old_text)));
    zd_time_text(new_text, at_unix_ms + by_ms);
    zd_forgery_edit(forgery, leaf, old_text, new_text);
}

static void date_back_by_a_millisecond(zd_forgery *forgery)
{
    move_time(forgery, -1);
}

static void decide_after_it_expired(zd_forgery *forgery)
{
    move_time(forgery, 3 * DAY_S * 1000);
    last_commit(forgery)->time_unix_s += 4 * DAY_S;
}

static void tell_other_reasons(zd_forgery *forgery)
{
    char *digit = place_of(forgery, last_leaf(forgery), "\"allowed_fen\":") + strlen("\"allowed_fen\":");
    *digit = *digit == '1' ? '2' : '1';
}

static void spoil_signature(zd_forgery *forgery)
{
    char *sign = place_of(forgery, last_leaf(forgery), "\n\xe2\x80\x94 ");
    sign = strchr(sign + 5, ' ') + 40;
    *sign = *sign == 'A' ? 'B' : 'A';
}

/* The same text under the same name, signed by somebody whom the roster never heard of. */
static void sign_as_a_stranger(zd_forgery *forgery)
{
    zd_buf note = {0};
    zd_buf forged = {0};
    size_t leaf = last_leaf(forgery);
    zd_buf *old = &forgery->leaves[leaf];
    char *line_end = memchr(old->data, '\n', old->size);
    char *text_end = memmem(line_end, old->size - (size_t)(line_end - (char *)old->data), "\n\n", 2);
    char name[160];
    const char *sign = text_end + 2 + strlen("\xe2\x80\x94 ");
    zd_format(name, sizeof name, "%.*s", (int)(strchr(sign, ' ') - sign), sign);
    zd_signer *signer = zd_scene_signer("a stranger");
    assert_ok(zd_signer_note(&note, signer, name, zd_span_of((const uint8_t *)line_end + 1, (size_t)(text_end - line_end)), err));
    zd_buf_add(&forged, old->data, (size_t)(line_end + 1 - (char *)old->data));
    zd_buf_add_span(&forged, zd_buf_span(&note));
    zd_buf_free(old);
    *old = forged;
    zd_signer_close(signer);
    zd_buf_free(&note);
}

/* A request that says that effects follow, and none do. */
static void end_in_a_group(zd_forgery *forgery)
{
    zd_forgery_append_request(forgery, "{\"type\":\"sweep\",\"v\":1,\"ledger\":\"voucher.sx.example\",\"id\":\"x-1\",\"expires\":\"2027-01-01T00:00:00Z\",\"up_to\":\"2026-12-30T00:00:00Z\"}\n", "service", 1);
    zd_forgery_edit(forgery, forgery->leaf_count - 1, "\"outcome\":\"refused\",\"code\":\"A03\"", "\"outcome\":\"accepted\",\"effects\":2");
    last_commit(forgery)->time_unix_s += 365 * DAY_S;
}

static void number_wrongly(zd_forgery *forgery)
{
    char old_number[40];
    char new_number[40];
    size_t leaf = last_leaf(forgery);
    zd_format(old_number, sizeof old_number, "{\"seq\":%zu,", leaf);
    zd_format(new_number, sizeof new_number, "{\"seq\":%zu,", leaf + 1);
    zd_forgery_edit(forgery, leaf, old_number, new_number);
}

static void sign_another_root(zd_forgery *forgery)
{
    last_commit(forgery)->wrong_root = true;
}

typedef struct alone_case {
    const char *name;
    forge *change;
    zd_verify_check check;
    zd_verify_check with; /* that cannot be without it; ZD_V__COUNT = none */
} alone_case;

static const alone_case cases[] = {
    {"an entry one millisecond before the one before it", date_back_by_a_millisecond, ZD_V_ENTRY_TIME, ZD_V__COUNT},
    {"a request decided after it had expired", decide_after_it_expired, ZD_V_ADMISSION, ZD_V__COUNT},
    {"a refusal that tells other reasons", tell_other_reasons, ZD_V_DECISION, ZD_V__COUNT},
    {"a signature with one character changed", spoil_signature, ZD_V_REQUEST_SIGNATURE, ZD_V__COUNT},
    {"a request signed by a stranger in another's name", sign_as_a_stranger, ZD_V_REQUEST_KEY, ZD_V_ADMISSION},
    {"a history that ends within a group", end_in_a_group, ZD_V_GROUP_CUT, ZD_V__COUNT},
    {"an entry under another number", number_wrongly, ZD_V_ENTRY_NUMBER, ZD_V_DECISION},
    {"a signed root that the entries do not give", sign_another_root, ZD_V_CHECKPOINT_ROOT, ZD_V__COUNT},
};

static bool only(const zd_report *report, zd_verify_check check, zd_verify_check with)
{
    uint64_t together = with != ZD_V__COUNT ? report->by_check[with] : 0;
    return report->by_check[check] > 0 && (with == ZD_V__COUNT || together > 0) && report->total == report->by_check[check] + together;
}

static void each_check__fails_alone(void **state)
{
    const zd_audit_story *s = *state;
    size_t missed = 0;
    for (size_t i = 0; i < ZD_COUNT(cases); i++) {
        zd_forgery forgery;
        zd_verdict verdict;
        char path[ZD_STORY_PATH];
        zd_format(path, sizeof path, "%s/alone-%zu.git", s->dir, i);
        zd_forgery_read(&forgery, s->audit, "log", "git");
        zd_signer *later = zd_scene_signer("git-2");
        forgery.commits[3].git_key = later;
        forgery.commits[4].git_key = later;
        cases[i].change(&forgery);
        zd_forgery_write(&forgery, path);
        zd_forgery_free(&forgery);
        zd_signer_close(later);
        int result = zd_story_verify(&verdict, path, (zd_verify_options){.has_genesis = true, .genesis = s->genesis});
        if (result != ZD_AUDIT_FINDING || !only(verdict.report, cases[i].check, cases[i].with)) {
            print_error("not alone: %s (exit %d)\n", cases[i].name, result);
            zd_story_show(&verdict);
            missed++;
        }
        zd_verdict_free(&verdict);
    }
    assert_int_equal(missed, 0);
}

/* --- what git can hold --- */

/* Copies the story's repository to `name`, runs commands in it, verifies it. */
static void tamper(const zd_audit_story *s, const char *name, const char *commands, zd_verify_check check)
{
    zd_verdict verdict;
    char path[ZD_STORY_PATH];
    zd_format(path, sizeof path, "%s/%s.git", s->dir, name);
    assert_int_equal(zd_test_shell(NULL, "git clone -q --bare --no-hardlinks '%s' '%s' && cd '%s' && mkdir old && mv objects/pack/* old/ && chmod -R u+w old && "
                                         "for p in old/*.pack; do git unpack-objects -q < $p; done && { %s ; }",
                                   s->audit, path, path, commands), 0);
    int result = zd_story_verify(&verdict, path, (zd_verify_options){.has_genesis = true, .genesis = s->genesis});
    if (!only(verdict.report, check, ZD_V__COUNT)) {
        zd_story_show(&verdict);
    }
    assert_int_equal(result, ZD_AUDIT_FINDING);
    assert_true(only(verdict.report, check, ZD_V__COUNT));
    zd_verdict_free(&verdict);
}

static void object__that_is_missing_is_found(void **state)
{
    tamper(*state, "missing", "id=$(git rev-parse main:keys/roster.json) && rm -f objects/$(echo $id | cut -c 1-2)/$(echo $id | cut -c 3-)", ZD_V_GIT_OBJECT);
}

static void commit__in_another_form_is_found(void **state)
{
    tamper(*state, "form", "git update-ref refs/heads/main $(git cat-file commit main | sed 's/^committer /encoding UTF-8\\ncommitter /' | git hash-object -t commit -w --stdin --literally)",
           ZD_V_GIT_HISTORY);
}

/* The last letter of the armour's fourth line: within the signature itself, so that the form stays right. */
static void commit__with_a_spoilt_signature_is_found(void **state)
{
    tamper(*state, "signature",
           "git cat-file commit main > c && n=$(grep -n 'END SSH' c | cut -d: -f1) && sed \"$((n - 2))s/.$/$(sed -n \"$((n - 2))p\" c | grep -q 'A$' && echo B || echo A)/\" c > d && "
           "git update-ref refs/heads/main $(git hash-object -t commit -w --literally d)",
           ZD_V_COMMIT_SIGNATURE);
}

/* --- balances against the book --- */

/* The decisions come out the same and yet the book holds another balance: this would be a bug of the shared book, which the verifier's own sums must notice. */
static void balance__of_a_wrong_book_is_found(void **state)
{
    const zd_audit_story *s = *state;
    zd_forgery honest;
    zd_report *report = zd_report_new();
    zd_leaves *leaves = zd_leaves_new(report, 0, 1);
    zd_forgery_read(&honest, s->audit, "log", "git");
    for (size_t i = 0; i < honest.leaf_count; i++) {
        zd_span leaf = zd_buf_span(&honest.leaves[i]);
        zd_piece piece;
        zd_pieces_make(&piece, &leaf, 1, 0, zd_leaves_roster_shared(leaves));
        zd_leaves_add(leaves, &piece, 1);
        zd_piece_free(&piece);
    }
    assert_int_equal(zd_leaves_end(leaves), ZD_OK);
    assert_int_equal(report->total, 0);
    zd_book *book = zd_leaves_book(leaves);
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_ACCT, "%s", "1000/");
    assert_true(zd_book_next(&cursor));
    zd_book_begin(book);
    zd_rec_acct *account = zd_book_edit(book, ZD_R_ACCT, "%s", cursor.key + strlen("ACCT/"));
    account->balance_fen++;
    zd_book_commit(book);
    assert_int_equal(zd_leaves_end(leaves), ZD_OK);
    zd_seen(report);
    assert_true(only(report, ZD_V_BALANCE, ZD_V__COUNT));
    zd_leaves_free(leaves);
    zd_report_free(report);
    zd_forgery_free(&honest);
}

/* --- openings --- */

static void opening__of_nothing_that_was_committed_is_found(void **state)
{
    const zd_audit_story *s = *state;
    zd_verdict verdict;
    char line[400];
    zd_verify_options options = {.has_genesis = true, .genesis = s->genesis, .repository = s->audit};
    zd_format(line, sizeof line, "{\"subject\":\"provider/" P1 "\",\"domain\":\"zhidui-account-v1\",\"salt\":\"%064d\",\"parts\":[\"a\",\"1\",\"b\",\"2\"]}\n", 3);
    assert_int_equal(zd_story_verify(&verdict, s->audit, options), ZD_AUDIT_VERIFIED);
    assert_ok(zd_verdict_openings(&verdict, &options, zd_span_text(line), err));
    zd_seen(verdict.report);
    assert_true(only(verdict.report, ZD_V_OPENING, ZD_V__COUNT));
    assert_int_equal(zd_verdict_exit(&verdict), ZD_AUDIT_FINDING);
    assert_int_equal(verdict.openings.lines, 1);
    assert_int_equal(verdict.openings.fit, 0);
    assert_true(verdict.openings.held >= 3); /* two accounts, one person */
    zd_verdict_free(&verdict);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_check__fails_alone),
        cmocka_unit_test(object__that_is_missing_is_found),
        cmocka_unit_test(commit__in_another_form_is_found),
        cmocka_unit_test(commit__with_a_spoilt_signature_is_found),
        cmocka_unit_test(balance__of_a_wrong_book_is_found),
        cmocka_unit_test(opening__of_nothing_that_was_committed_is_found),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, zd_audit_story_setup, zd_audit_story_teardown));
}
