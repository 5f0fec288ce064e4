/* The report layer over a real repository, under sanitizers: what the journal and the tables say is what the book holds. */
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/durable.h"
#include "ledger/report/journal.h"
#include "ledger/report/tidy.h"
#include "tests/support/scene.h"

static zd_scene *published(zd_buf *repository, const char *box)
{
    zd_buf dir = {0};
    zd_scene *scene = zd_scene_ready_on(zd_path_join(&dir, box, "ledger"));
    zd_scene_publish(scene);
    zd_scene_order(scene, "O-1", 190000);
    zd_scene_capture(scene, "C-1", "O-1", 190000, true);
    zd_scene_publish(scene);
    (void)zd_path_join(repository, zd_buf_text(&dir), "audit.git");
    zd_buf_free(&dir);
    return scene;
}

/* Copies the figure of the last balance that is asserted for an account; "" when there is none. */
static void last_assertion(char out[64], const char *journal, const char *account)
{
    char needle[200];
    zd_format(needle, sizeof needle, "    %s  0.00 CNY = ", account);
    out[0] = '\0';
    for (const char *at = strstr(journal, needle); at != NULL; at = strstr(at + 1, needle)) {
        size_t size = strcspn(at + strlen(needle), "\n");
        assert_true(size < 64);
        memcpy(out, at + strlen(needle), size);
        out[size] = '\0';
    }
}

static void journal__of_a_ledger_ends_with_the_balances_of_the_book(void **state)
{
    (void)state;
    const char *box = zd_test_dir("report");
    zd_buf repository = {0};
    zd_scene *scene = published(&repository, box);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    zd_journal_counts counts;
    assert_ok(zd_journal_write(out, &counts, zd_buf_text(&repository), ZD_JOURNAL_HLEDGER, err));
    assert_int_equal(fclose(out), 0);
    char figure[64];
    char expected[64];
    char yuan[ZD_ACCOUNT_NAME_MAX];
    int64_t payable_fen = zd_scene_balance(scene, "3000/" P1 "/330602-2026-E") + zd_scene_balance(scene, "3050/" P1 "/330602-2026-E");
    assert_int_equal(payable_fen, 190000);
    zd_format(yuan, sizeof yuan, "Liabilities:3000:" P1 ":330602-2026-E");
    last_assertion(figure, text, yuan);
    zd_format(expected, sizeof expected, "-1900.00 CNY");
    assert_string_equal(figure, expected);
    assert_int_equal(counts.entries, zd_ledger_size(scene->ledger));
    free(text);
    zd_buf_free(&repository);
    zd_scene_free(scene);
    zd_test_dir_remove(box);
}

typedef struct seen {
    const zd_tidy_table *table;
    size_t items, balances;
    int64_t debit_less_credit_fen;
} seen;

static zd_status see_table(void *context, const zd_tidy_table *table, zd_error *err)
{
    (void)err;
    ((seen *)context)->table = table;
    for (size_t i = 0; i < table->column_count; i++) {
        assert_true(table->columns[i].english[0] != '\0' && table->columns[i].chinese[0] != '\0');
    }
    return ZD_OK;
}

static zd_status see_row(void *context, const zd_tidy_row *row, zd_error *err)
{
    (void)err;
    seen *s = context;
    assert_int_equal(row->count, s->table->column_count);
    if (strcmp(s->table->name, "redemptions") == 0) {
        s->items++;
        assert_true(zd_span_is(row->cells[0].text, "C-1"));
    } else if (strcmp(s->table->name, "balances") == 0) {
        s->balances++;
        s->debit_less_credit_fen += row->cells[4].number == 1 ? row->cells[5].number : -row->cells[5].number;
    }
    return ZD_OK;
}

static void tables__of_a_ledger_have_its_capture_and_balances_that_cancel(void **state)
{
    (void)state;
    const char *box = zd_test_dir("report");
    zd_buf repository = {0};
    zd_scene *scene = published(&repository, box);
    seen s = {.items = 0};
    zd_tidy_sink sink = {.table = see_table, .row = see_row, .context = &s};
    zd_tidy_counts counts;
    assert_ok(zd_tidy_stream(&counts, zd_buf_text(&repository), &sink, err));
    assert_int_equal(s.items, 1);
    assert_true(s.balances > 8);
    assert_int_equal(s.debit_less_credit_fen, 0);
    assert_int_equal(counts.entries, zd_ledger_size(scene->ledger));
    zd_buf_free(&repository);
    zd_scene_free(scene);
    zd_test_dir_remove(box);
}

static void export__into_a_directory_that_exists_is_refused(void **state)
{
    (void)state;
    const char *box = zd_test_dir("report");
    assert_code(zd_tidy_export(NULL, box, box, err), ZD_E_FILE_EXISTS);
    zd_test_dir_remove(box);
}

int main(void)
{
    zd_test_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(journal__of_a_ledger_ends_with_the_balances_of_the_book),
        cmocka_unit_test(tables__of_a_ledger_have_its_capture_and_balances_that_cancel),
        cmocka_unit_test(export__into_a_directory_that_exists_is_refused),
    };
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
