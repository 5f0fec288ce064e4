/* Reading tables: encodings, quoting, line ends, ragged lines, limits; each fault with its line and column. */
#include "tests/support/support.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/table/table.h"

static zd_sheet *parse(const char *bytes)
{
    zd_sheet *table = NULL;
    assert_ok(zd_sheet_parse(&table, zd_span_text(bytes), err));
    return table;
}

static void assert_cell(const zd_sheet *table, size_t row, size_t column, const char *expected)
{
    char text[256];
    assert_true(zd_span_copy(text, sizeof text, zd_sheet_cell(table, row, column)));
    assert_string_equal(text, expected);
}

static void assert_header(const zd_sheet *table, size_t column, const char *expected)
{
    assert_true(zd_span_is(zd_sheet_header(table, column), expected));
}

static void assert_fault(zd_span bytes, zd_code code, int64_t line, int64_t column)
{
    zd_sheet *table = NULL;
    zd_error err = {0};
    assert_int_equal(zd_sheet_parse(&table, bytes, &err), zd_code_status(code));
    assert_string_equal(zd_code_name(err.code), zd_code_name(code));
    assert_int_equal(err.line, line);
    assert_int_equal(err.column, column);
    assert_null(table);
}

#define FAULT(text, code, line, column) assert_fault(zd_span_of(text, sizeof(text) - 1), code, line, column)

static void plain_file__lf_and_crlf_mixed_gives_rows_with_their_lines(void **state)
{
    (void)state;
    zd_sheet *table = parse("name,amount\r\na,1\nb,2\r\n");
    assert_int_equal(zd_sheet_columns(table), 2);
    assert_int_equal(zd_sheet_rows(table), 2);
    assert_int_equal(zd_sheet_encoding_of(table), ZD_SHEET_UTF8);
    assert_header(table, 1, "amount");
    assert_cell(table, 0, 0, "a");
    assert_cell(table, 1, 1, "2");
    assert_int_equal(zd_sheet_line(table, 0), 2);
    assert_int_equal(zd_sheet_line(table, 1), 3);
    zd_sheet_free(table);
}

static void last_line__without_end_is_a_row_all_the_same(void **state)
{
    (void)state;
    zd_sheet *table = parse("a,b\n1,2");
    assert_int_equal(zd_sheet_rows(table), 1);
    assert_cell(table, 0, 1, "2");
    zd_sheet_free(table);
}

static void quoted_cells__commas_feeds_and_doubled_marks_are_content(void **state)
{
    (void)state;
    zd_sheet *table = parse("a,b,c\n\"1,5\",\"x\ny\",\"say \"\"hi\"\"\"\nlast,,\"\"\n");
    assert_cell(table, 0, 0, "1,5");
    assert_cell(table, 0, 1, "x\ny");
    assert_cell(table, 0, 2, "say \"hi\"");
    /* The feed inside a cell counts as a line of the file. */
    assert_int_equal(zd_sheet_line(table, 1), 4);
    assert_cell(table, 1, 0, "last");
    assert_cell(table, 1, 2, "");
    zd_sheet_free(table);
}

static void byte_order_mark__is_not_part_of_the_first_header(void **state)
{
    (void)state;
    zd_sheet *table = parse("\xef\xbb\xbf\xe7\xbc\x96\xe5\x8f\xb7\nA\n");
    assert_int_equal(zd_sheet_encoding_of(table), ZD_SHEET_UTF8_BOM);
    assert_header(table, 0, "\xe7\xbc\x96\xe5\x8f\xb7");
    zd_sheet_free(table);
}

static void gb18030_file__is_recognised_and_kept_as_utf8(void **state)
{
    (void)state;
    /* "编号,金额" and "甲" in GB18030; then a four-byte character (㐀, U+3400: 81 39 EE 39). */
    zd_sheet *table = parse("\xb1\xe0\xba\xc5,\xbd\xf0\xb6\xee\r\n\xbc\xd7\x81\x39\xee\x39,12\r\n");
    assert_int_equal(zd_sheet_encoding_of(table), ZD_SHEET_GB18030);
    assert_header(table, 0, "编号");
    assert_header(table, 1, "金额");
    assert_cell(table, 0, 0, "甲\xe3\x90\x80");
    zd_sheet_free(table);
}

static void gb18030_file__reads_the_same_under_any_locale(void **state)
{
    (void)state;
    const char *before = setlocale(LC_ALL, NULL);
    char *kept = zd_strdup(before);
    (void)setlocale(LC_ALL, "C");
    zd_sheet *table = parse("\xb1\xe0\xba\xc5\n\xbc\xd7\n");
    assert_cell(table, 0, 0, "甲");
    zd_sheet_free(table);
    (void)setlocale(LC_ALL, kept);
    free(kept);
}

static void gb18030_file__second_bytes_that_look_like_separators_stay_letters(void **state)
{
    (void)state;
    /* 乗 is 81 5C: its second byte is a backslash; 丟 81 47... none may cut a cell. */
    zd_sheet *table = parse("a,b\n\x81\x5c,\x81\x7c\n");
    assert_int_equal(zd_sheet_cells(table, 0), 2);
    zd_sheet_free(table);
}

static void bytes_of_no_encoding__are_refused_with_line_and_byte(void **state)
{
    (void)state;
    FAULT("ab,c\nx,\xff\xff\n", ZD_E_TABLE_ENCODING, 2, 3);
    FAULT("\xef\xbb\xbf" "a\nb\n\xb1\xe0\n", ZD_E_TABLE_ENCODING, 3, 1);
    FAULT("\xff\xfe" "a\0", ZD_E_TABLE_ENCODING, 1, 1);
}

static void truncated_gb18030_character__is_an_encoding_fault(void **state)
{
    (void)state;
    FAULT("\xb1\xe0\xba\xc5\n\xbc", ZD_E_TABLE_ENCODING, 2, 1);
}

static void stray_quotation_marks__are_refused_with_their_cell(void **state)
{
    (void)state;
    FAULT("a,b\n1,x\"y\n", ZD_E_TABLE_QUOTE, 2, 2);
    FAULT("a,b\n\"1\"x,2\n", ZD_E_TABLE_QUOTE, 2, 1);
    FAULT("a,b\n1,2\n3,\"open\n4,5\n", ZD_E_TABLE_QUOTE, 3, 2);
    FAULT("a,b\r1,2\r", ZD_E_TABLE_QUOTE, 1, 2);
}

static void control_characters__are_refused_with_their_cell(void **state)
{
    (void)state;
    FAULT("a,b\n1,\x07\n", ZD_E_TEXT_CONTROL, 2, 2);
    FAULT("a,b\n\"x\0y\",1\n", ZD_E_TEXT_CONTROL, 2, 1);
}

static void ragged_lines__keep_their_own_number_of_cells(void **state)
{
    (void)state;
    zd_sheet *table = parse("a,b\n1\n1,2,3\n1,2\n");
    assert_int_equal(zd_sheet_cells(table, 0), 1);
    assert_int_equal(zd_sheet_cells(table, 1), 3);
    assert_int_equal(zd_sheet_cells(table, 2), 2);
    assert_cell(table, 0, 1, "");
    zd_sheet_free(table);
}

static void lines_without_content__are_no_rows_but_count_as_lines(void **state)
{
    (void)state;
    zd_sheet *table = parse("\n,,\na,b\n\n,\n1,2\n,,,\n");
    assert_header(table, 0, "a");
    assert_int_equal(zd_sheet_rows(table), 1);
    assert_int_equal(zd_sheet_line(table, 0), 6);
    zd_sheet_free(table);
}

static void empty_file__has_no_header(void **state)
{
    (void)state;
    FAULT("", ZD_E_TABLE_SHAPE, 1, 1);
    FAULT("\n,,\r\n", ZD_E_TABLE_SHAPE, 1, 1);
}

static void tabs_in_the_header__make_it_a_tsv_in_which_commas_are_content(void **state)
{
    (void)state;
    zd_sheet *table = parse("name\tamount\nx,y\t12,345.60\n");
    assert_int_equal(zd_sheet_columns(table), 2);
    assert_cell(table, 0, 0, "x,y");
    assert_cell(table, 0, 1, "12,345.60");
    zd_sheet_free(table);
    /* A tab inside quotation marks does not. */
    table = parse("\"na\tme\",b\n1,2\n");
    assert_int_equal(zd_sheet_columns(table), 2);
    zd_sheet_free(table);
}

static void oversized_cells_and_lines__are_refused(void **state)
{
    (void)state;
    zd_buf text = {0};
    zd_sheet *table = NULL;
    zd_buf_add_text(&text, "a\n");
    for (size_t i = 0; i < ZD_SHEET_CELL_MAX; i++) {
        zd_buf_add_byte(&text, 'x');
    }
    assert_ok(zd_sheet_parse(&table, zd_buf_span(&text), err));
    zd_sheet_free(table);
    zd_buf_add_byte(&text, 'x');
    assert_fault(zd_buf_span(&text), ZD_E_TABLE_LIMIT, 2, 1);
    zd_buf_clear(&text);
    for (size_t i = 0; i < ZD_SHEET_COLUMNS_MAX; i++) {
        zd_buf_add_text(&text, i == 0 ? "x" : ",x");
    }
    assert_ok(zd_sheet_parse(&table, zd_buf_span(&text), err));
    zd_sheet_free(table);
    zd_buf_add_text(&text, ",x");
    assert_fault(zd_buf_span(&text), ZD_E_TABLE_LIMIT, 1, (int64_t)ZD_SHEET_COLUMNS_MAX + 1);
    zd_buf_free(&text);
}

static void written_rows__give_back_header_and_lines_in_the_files_own_bytes(void **state)
{
    (void)state;
    zd_sheet *table = parse("\xb1\xe0\xba\xc5,x\r\n\xbc\xd7,1\r\n\xd2\xd2,\"2,5\"\r\n\xb1\xfb,3");
    const size_t rows[] = {1, 2};
    zd_buf out = {0};
    assert_ok(zd_sheet_write_rows(&out, table, rows, ZD_COUNT(rows), err));
    assert_string_equal(zd_buf_text(&out), "\xb1\xe0\xba\xc5,x\r\n\xd2\xd2,\"2,5\"\r\n\xb1\xfb,3\r\n");
    zd_buf_free(&out);
    zd_sheet_free(table);
    table = parse("\xef\xbb\xbf" "a\nb\n");
    assert_ok(zd_sheet_write_rows(&out, table, rows, 0, err));
    assert_string_equal(zd_buf_text(&out), "\xef\xbb\xbf" "a\n");
    zd_buf_free(&out);
    zd_sheet_free(table);
}

static void missing_file__is_named(void **state)
{
    (void)state;
    zd_sheet *table = NULL;
    zd_error err = {0};
    assert_int_equal(zd_sheet_read(&table, "/nonexistent/x.csv", &err), ZD_FAULT);
    assert_int_equal(err.code, ZD_E_FILE_MISSING);
    assert_non_null(strstr(err.subject, "x.csv"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_file__lf_and_crlf_mixed_gives_rows_with_their_lines),
        cmocka_unit_test(last_line__without_end_is_a_row_all_the_same),
        cmocka_unit_test(quoted_cells__commas_feeds_and_doubled_marks_are_content),
        cmocka_unit_test(byte_order_mark__is_not_part_of_the_first_header),
        cmocka_unit_test(gb18030_file__is_recognised_and_kept_as_utf8),
        cmocka_unit_test(gb18030_file__reads_the_same_under_any_locale),
        cmocka_unit_test(gb18030_file__second_bytes_that_look_like_separators_stay_letters),
        cmocka_unit_test(bytes_of_no_encoding__are_refused_with_line_and_byte),
        cmocka_unit_test(truncated_gb18030_character__is_an_encoding_fault),
        cmocka_unit_test(stray_quotation_marks__are_refused_with_their_cell),
        cmocka_unit_test(control_characters__are_refused_with_their_cell),
        cmocka_unit_test(ragged_lines__keep_their_own_number_of_cells),
        cmocka_unit_test(lines_without_content__are_no_rows_but_count_as_lines),
        cmocka_unit_test(empty_file__has_no_header),
        cmocka_unit_test(tabs_in_the_header__make_it_a_tsv_in_which_commas_are_content),
        cmocka_unit_test(oversized_cells_and_lines__are_refused),
        cmocka_unit_test(written_rows__give_back_header_and_lines_in_the_files_own_bytes),
        cmocka_unit_test(missing_file__is_named),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
