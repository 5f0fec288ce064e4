/*
 * The auditor's own file: when it saves work, and that a damaged one is never half believed. What it must not hide is asked of every forgery in
 * test_verify_forgeries.c; the program with its files in tests/cli/since.sh.
 */
#include "tests/support/support.h"

#include "ledger/base/durable.h"
#include "tests/support/audit_story.h"

static uint64_t resting_of(const zd_audit_story *s, const zd_kept *head, zd_status expected)
{
    zd_verdict verdict;
    zd_error err = {0};
    zd_verify_options options = {.repository = s->audit, .has_since = true, .since = head->checkpoint, .since_head = head};
    assert_int_equal(zd_verify_run(&verdict, &options, &err), expected);
    assert_int_equal(err.code, expected == ZD_OK ? ZD_CODE_NONE : ZD_E_KEPT_HEAD);
    uint64_t resting = verdict.report->counts.resting;
    assert_true(expected != ZD_OK || zd_verdict_exit(&verdict) == ZD_AUDIT_VERIFIED);
    zd_verdict_free(&verdict);
    return resting;
}

static void kept_head__saves_work_only_by_this_edition_and_under_this_genesis(void **state)
{
    const zd_audit_story *s = *state;
    zd_kept head = zd_story_kept(s, 3);
    assert_true(resting_of(s, &head, ZD_OK) > 0);
    head.edition++;
    assert_int_equal(resting_of(s, &head, ZD_OK), 0);
    head.edition--;
    head.own = false;
    assert_int_equal(resting_of(s, &head, ZD_OK), 0);
    head.own = true;
    head.genesis.bytes[0] ^= 1;
    (void)resting_of(s, &head, ZD_MALFORMED);
}

/* Every byte of the lines counts: a file that is cut or changed anywhere in them is refused, never half believed. */
static void kept_file__cut_or_changed_in_its_lines_is_refused(void **state)
{
    const zd_audit_story *s = *state;
    zd_buf path = {0};
    zd_buf file = {0};
    zd_kept kept;
    const char *name = zd_path_join(&path, s->dir, "kept");
    assert_ok(zd_kept_write(name, true, &s->genesis, 1780000000123, zd_buf_span(&s->middle), err));
    assert_ok(zd_kept_read(&kept, name, err));
    assert_true(kept.own && kept.finished && kept.edition == ZD_VERIFY_EDITION && zd_hash_equal(&kept.genesis, &s->genesis));
    assert_string_equal(kept.at, "2026-05-28T20:26:40.123Z");
    assert_ok(zd_file_read(&file, name, 65536, err));
    size_t lines = file.size - s->middle.size;
    for (size_t i = 0; i < lines; i++) {
        zd_error why = {0};
        assert_int_equal(zd_kept_parse(&kept, zd_span_of(file.data, i), &why), ZD_MALFORMED);
        char *byte = (char *)file.data + i;
        char was = *byte;
        *byte = '\n';
        bool same = was == '\n';
        why = (zd_error){0};
        assert_int_equal(zd_kept_parse(&kept, zd_buf_span(&file), &why), same ? ZD_OK : ZD_MALFORMED);
        *byte = was;
    }
    zd_buf_free(&file);
    zd_buf_free(&path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_head__saves_work_only_by_this_edition_and_under_this_genesis),
        cmocka_unit_test(kept_file__cut_or_changed_in_its_lines_is_refused),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, zd_audit_story_setup, zd_audit_story_teardown));
}
