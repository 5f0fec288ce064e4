/* The committed fixtures are what their generator gives, stay small, and plan a fault for every check of the rule book. */
#include "tests/support/support.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/durable.h"
#include "ledger/table/table.h"

#define FOLDER "fixtures/shaoxing-2026"

static const char *program; /* beside this one */

static void generator__run_again_gives_the_committed_bytes(void **state)
{
    (void)state;
    zd_buf out = {0};
    const char *dir = zd_test_dir("fixtures");
    int status = zd_test_shell(&out, "'%s' '%s/again' && diff -rq '%s' '%s/again'", program, dir, FOLDER, dir);
    if (status != 0) {
        print_error("%s\n", zd_buf_text(&out));
    }
    assert_int_equal(status, 0);
    zd_buf_free(&out);
    zd_test_dir_remove(dir);
}

static void committed_files__stay_below_six_megabytes(void **state)
{
    (void)state;
    zd_buf out = {0};
    assert_int_equal(zd_test_shell(&out, "du -sb '%s' | cut -f1", FOLDER), 0);
    assert_true(strtol(zd_buf_text(&out), NULL, 10) < 6000000);
    zd_buf_free(&out);
}

static bool is_planned(const zd_sheet *sheet, const char *check)
{
    for (size_t i = 0; i < zd_sheet_rows(sheet); i++) {
        if (zd_span_is(zd_sheet_cell(sheet, i, 0), check)) {
            return true;
        }
    }
    return false;
}

static void planned_faults__name_every_check(void **state)
{
    (void)state;
    static const char *const checks[] = {
#define ZD_CHECK(id, name, acts, consequence, parameter, clause) #id,
#include "ledger/rules/checks.def"
#undef ZD_CHECK
    };
    zd_sheet *sheet = NULL;
    assert_ok(zd_sheet_read(&sheet, FOLDER "/expected-catches.tsv", err));
    assert_int_equal(zd_sheet_columns(sheet), 4);
    for (size_t i = 0; i < ZD_COUNT(checks); i++) {
        bool own_act = strcmp(checks[i], "R46") == 0 || strcmp(checks[i], "R48") == 0; /* of the demo itself */
        if (!own_act && !is_planned(sheet, checks[i])) {
            fail_msg("no line of the fixtures plans a fault for %s", checks[i]);
        }
    }
    zd_sheet_free(sheet);
}

static void every_file__is_gb18030_with_as_many_cells_as_its_header(void **state)
{
    (void)state;
    zd_buf names = {0};
    assert_int_equal(zd_test_shell(&names, "ls '%s'/*.csv", FOLDER), 0);
    zd_span rest = zd_buf_span(&names);
    size_t files = 0;
    while (rest.size > 0) {
        zd_span head;
        char path[256];
        zd_sheet *sheet = NULL;
        rest = zd_span_cut(&head, rest, '\n');
        assert_true(zd_span_copy(path, sizeof path, head));
        assert_ok(zd_sheet_read(&sheet, path, err));
        assert_int_equal(zd_sheet_encoding_of(sheet), ZD_SHEET_GB18030);
        assert_true(zd_sheet_rows(sheet) > 0);
        for (size_t i = 0; i < zd_sheet_rows(sheet); i++) {
            assert_int_equal(zd_sheet_cells(sheet, i), zd_sheet_columns(sheet));
        }
        zd_sheet_free(sheet);
        files++;
    }
    assert_int_equal(files, 29);
    zd_buf_free(&names);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generator__run_again_gives_the_committed_bytes),
        cmocka_unit_test(committed_files__stay_below_six_megabytes),
        cmocka_unit_test(planned_faults__name_every_check),
        cmocka_unit_test(every_file__is_gb18030_with_as_many_cells_as_its_header),
    };
    zd_buf path = {0};
    char *own = zd_strdup(argc > 0 ? argv[0] : "./test_fixtures");
    zd_test_start();
    program = zd_path_join(&path, dirname(own), "zd_fixtures");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    zd_buf_free(&path);
    free(own);
    return zd_test_run(failed);
}
