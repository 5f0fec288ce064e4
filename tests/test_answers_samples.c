/*
 * Public sample files of banks, read one by one against tests/tables/bank_samples.tsv, which was made by another reader (tests/outside/read_samples.py) and looked
 * through by hand. The files are not ours to ship: they are looked for in ../shared/samples beside the checkout, or where ZD_SAMPLES says; without them the test is
 * skipped, loudly. Every file is also read cut off at many places, and with a byte turned: that must never crash and never change the number of facts silently.
 */
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/durable.h"
#include "ledger/settle/answers/answers.h"

static zd_buf table;

static const char *folder(void)
{
    const char *said = getenv("ZD_SAMPLES");
    return said != NULL ? said : "../shared/samples";
}

static bool there_are_samples(void)
{
    if (!zd_path_exists(folder())) {
        (void)fprintf(stderr, "SKIPPED: no sample files at %s\n", folder());
        return false;
    }
    return true;
}

static void add_oddities(zd_buf *out, const zd_answers *answers)
{
    size_t shown = 0;
    for (size_t i = 0; i < zd_answers_oddities(answers); i++) {
        const char *word = zd_answers_oddity(answers, i)->word;
        bool before = false;
        for (size_t k = 0; k < i; k++) {
            before = before || strcmp(word, zd_answers_oddity(answers, k)->word) == 0;
        }
        if (!before) {
            zd_buf_addf(out, "%s%s", shown++ > 0 ? "," : "", word);
        }
    }
}

/* The row of a file as this reader sees it, in the table's columns. */
static void describe(zd_buf *out, const char *file, zd_span bytes)
{
    zd_answers *answers = NULL;
    zd_error err = {0};
    long long count[ZD_BANK_DETAIL + 1] = {0};
    long long debit = 0;
    long long credit = 0;
    long long returns = 0;
    const char *first = "";
    if (zd_answers_read(&answers, bytes, NULL, NULL, &err) != ZD_OK) {
        zd_buf_addf(out, "%s\t%s", file, zd_code_name(err.code));
        return;
    }
    for (size_t i = 0; i < zd_answers_count(answers); i++) {
        const zd_bank_fact *fact = zd_answers_at(answers, i);
        count[fact->kind]++;
        if (fact->kind == ZD_BANK_BOOKING) {
            debit += fact->side == ZD_SIDE_DEBIT ? (long long)fact->amount : 0;
            credit += fact->side == ZD_SIDE_CREDIT ? (long long)fact->amount : 0;
            returns += fact->is_return ? 1 : 0;
        }
        first = first[0] == '\0' ? fact->end_to_end : first;
    }
    if (first[0] == '\0' && count[ZD_BANK_STATUS] > 0) {
        first = zd_answers_at(answers, 0)->message;
    }
    zd_buf_addf(out, "%s\tread\t%s\t%lld\t%lld\t%lld\t%lld\t%lld\t%lld\t%lld\t%s\t", file, zd_answers_message(answers), count[ZD_BANK_STATEMENT], count[ZD_BANK_BOOKING],
                count[ZD_BANK_DETAIL], count[ZD_BANK_STATUS], debit, credit, returns, first);
    add_oddities(out, answers);
    zd_answers_free(answers);
}

static bool next_line(zd_span *line, zd_span *rest)
{
    do {
        *rest = rest->size > 0 ? zd_span_cut(line, *rest, '\n') : *rest;
        if (rest->size == 0 && line->size == 0) {
            return false;
        }
    } while (line->size > 0 && line->data[0] == '#');
    return line->size > 0;
}

static void load(zd_buf *out, char name[256], zd_span line)
{
    zd_span file;
    zd_buf path = {0};
    (void)zd_span_cut(&file, line, '\t');
    assert_true(zd_span_copy(name, 256, file));
    zd_buf_clear(out);
    assert_ok(zd_file_read(out, zd_path_join(&path, folder(), name), ZD_ANSWER_FILE_MAX, err));
    zd_buf_free(&path);
}

static void samples__each_file_gives_the_facts_of_the_table(void **state)
{
    (void)state;
    zd_span line = {0};
    zd_span rest = zd_buf_span(&table);
    zd_buf bytes = {0};
    zd_buf row = {0};
    size_t files = 0;
    size_t wrong = 0;
    if (!there_are_samples()) {
        skip();
    }
    while (next_line(&line, &rest)) {
        char name[256];
        load(&bytes, name, line);
        zd_buf_clear(&row);
        describe(&row, name, zd_buf_span(&bytes));
        files++;
        if (!zd_span_equal(zd_buf_span(&row), line)) {
            wrong++;
            (void)fprintf(stderr, "table: %.*s\nread:  %s\n", (int)line.size, (const char *)line.data, zd_buf_text(&row));
        }
        line = (zd_span){0};
    }
    zd_buf_free(&bytes);
    zd_buf_free(&row);
    assert_true(files >= 50);
    assert_int_equal(wrong, 0);
}

/* Cut off anywhere, a file is refused: half a statement is no statement. */
static void samples__cut_off_is_refused_and_a_turned_byte_never_crashes(void **state)
{
    (void)state;
    zd_span line = {0};
    zd_span rest = zd_buf_span(&table);
    zd_buf bytes = {0};
    if (!there_are_samples()) {
        skip();
    }
    while (next_line(&line, &rest)) {
        char name[256];
        zd_answers *answers = NULL;
        load(&bytes, name, line);
        size_t end = bytes.size;
        while (end > 0 && bytes.data[end - 1] != '>') {
            end--;
        }
        for (size_t part = 1; part < 12; part++) {
            zd_error err = {0};
            assert_int_not_equal(zd_answers_read(&answers, zd_span_of(bytes.data, (end - 1) * part / 12), NULL, NULL, &err), ZD_OK);
            size_t at = bytes.size * part / 12;
            uint8_t kept = bytes.data[at];
            bytes.data[at] ^= 0x15;
            if (zd_answers_read(&answers, zd_buf_span(&bytes), NULL, NULL, &err) == ZD_OK) {
                zd_answers_free(answers);
            }
            bytes.data[at] = kept;
        }
        line = (zd_span){0};
    }
    zd_buf_free(&bytes);
}

int main(void)
{
    zd_test_start();
    assert_ok(zd_file_read(&table, "tests/tables/bank_samples.tsv", 1 << 20, err));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples__each_file_gives_the_facts_of_the_table),
        cmocka_unit_test(samples__cut_off_is_refused_and_a_turned_byte_never_crashes),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    zd_buf_free(&table);
    return zd_test_run(failed);
}
