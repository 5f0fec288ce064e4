/*
 * Reading office files into requests, without a ledger: how each form of cell reads, what is refused, how rows get their ids, invoices, subjects and content hashes.
 * What happens to a ledger is in tests/cli/import.sh.
 */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "cli/import.h"
#include "ledger/base/durable.h"

/* --- cells --- */

typedef struct cell_case {
    zd_cell_form form;
    zd_field field;
    const char *cell;
    const char *json;  /* NULL: refused */
    zd_code code;
} cell_case;

static const zd_cell_word words[] = {{"检验检测", "testing"}, {"设计", "design"}, {"企业", "enterprise"}, {NULL, NULL}};

static const cell_case cells[] = {
    {ZD_CELL_YUAN, ZD_F_AMOUNT, "12,345.60", "{\"amount_fen\":1234560}", ZD_CODE_NONE},
    {ZD_CELL_YUAN, ZD_F_AMOUNT, "¥12345.6", "{\"amount_fen\":1234560}", ZD_CODE_NONE},
    {ZD_CELL_YUAN, ZD_F_AMOUNT, "0", "{\"amount_fen\":0}", ZD_CODE_NONE},
    {ZD_CELL_YUAN, ZD_F_AMOUNT, "１２．３４", NULL, ZD_E_AMOUNT_MALFORMED},
    {ZD_CELL_YUAN, ZD_F_AMOUNT, "12345.605", NULL, ZD_E_AMOUNT_MALFORMED},
    {ZD_CELL_YUAN, ZD_F_AMOUNT, "6.217E+18", NULL, ZD_E_AMOUNT_MALFORMED},
    {ZD_CELL_YUAN, ZD_F_AMOUNT, "-1", NULL, ZD_E_AMOUNT_MALFORMED},
    {ZD_CELL_YUAN, ZD_F_AMOUNT, "1,23", NULL, ZD_E_AMOUNT_MALFORMED},
    {ZD_CELL_DATE, ZD_F_DONE, "2026-03-05", "{\"done\":\"2026-03-05\"}", ZD_CODE_NONE},
    {ZD_CELL_DATE, ZD_F_DONE, "2026/3/5", "{\"done\":\"2026-03-05\"}", ZD_CODE_NONE},
    {ZD_CELL_DATE, ZD_F_DONE, "2026年3月5日", "{\"done\":\"2026-03-05\"}", ZD_CODE_NONE},
    {ZD_CELL_DATE, ZD_F_DONE, "2026-02-29", NULL, ZD_E_DATE_MALFORMED},
    {ZD_CELL_DATE, ZD_F_DONE, "5/3/2026", NULL, ZD_E_DATE_MALFORMED},
    {ZD_CELL_DATE, ZD_F_DONE, "46086", NULL, ZD_E_DATE_MALFORMED},
    {ZD_CELL_DATE, ZD_F_DONE, "2026-03/05", NULL, ZD_E_DATE_MALFORMED},
    {ZD_CELL_TIME, ZD_F_SLOT_FROM, "2026-03-05 09:30", "{\"slot_from\":\"2026-03-05T01:30:00.000Z\"}", ZD_CODE_NONE},
    {ZD_CELL_TIME, ZD_F_SLOT_FROM, "2026年3月5日 9:30", "{\"slot_from\":\"2026-03-05T01:30:00.000Z\"}", ZD_CODE_NONE},
    {ZD_CELL_TIME, ZD_F_SLOT_FROM, "2026-03-05 24:00", NULL, ZD_E_DATE_MALFORMED},
    {ZD_CELL_BOOL, ZD_F_FINAL, "是", "{\"final\":true}", ZD_CODE_NONE},
    {ZD_CELL_BOOL, ZD_F_FINAL, "0", "{\"final\":false}", ZD_CODE_NONE},
    {ZD_CELL_BOOL, ZD_F_FINAL, "是的", NULL, ZD_E_CELL_INVALID},
    {ZD_CELL_INT, ZD_F_YEAR, "2026", "{\"year\":2026}", ZD_CODE_NONE},
    {ZD_CELL_INT, ZD_F_YEAR, "1999", NULL, ZD_E_JSON_RANGE},
    {ZD_CELL_INT, ZD_F_YEAR, "２０２６", NULL, ZD_E_CELL_INVALID},
    {ZD_CELL_INT, ZD_F_QUANTITY, "1e3", NULL, ZD_E_CELL_INVALID},
    {ZD_CELL_WORD, ZD_F_CLASS, "企业", "{\"class\":\"enterprise\"}", ZD_CODE_NONE},
    {ZD_CELL_WORD, ZD_F_CLASS, "enterprise", "{\"class\":\"enterprise\"}", ZD_CODE_NONE},
    {ZD_CELL_WORD, ZD_F_CLASS, "个体", NULL, ZD_E_FIELD_INVALID},
    {ZD_CELL_TAGS, ZD_F_CATEGORIES, "检验检测、设计", "{\"categories\":\"design,testing\"}", ZD_CODE_NONE},
    {ZD_CELL_TAGS, ZD_F_CATEGORIES, "testing; 设计；检验检测,b", "{\"categories\":\"b,design,testing\"}", ZD_CODE_NONE},
    {ZD_CELL_TAGS, ZD_F_CATEGORIES, "设计、、检验检测", NULL, ZD_E_CELL_INVALID},
    {ZD_CELL_TAGS, ZD_F_CATEGORIES, "食品", NULL, ZD_E_FIELD_INVALID},
    {ZD_CELL_PLACE, ZD_F_JURISDICTION, "诸暨市", "{\"jurisdiction\":\"330681\"}", ZD_CODE_NONE},
    {ZD_CELL_PLACE, ZD_F_JURISDICTION, "330602", "{\"jurisdiction\":\"330602\"}", ZD_CODE_NONE},
    {ZD_CELL_PLACE, ZD_F_JURISDICTION, "杭州", NULL, ZD_E_FIELD_INVALID},
    {ZD_CELL_TEXT, ZD_F_LABEL, "样例公司", "{\"label\":\"样例公司\"}", ZD_CODE_NONE},
    {ZD_CELL_TEXT, ZD_F_HOLDER, "E 1", NULL, ZD_E_FIELD_INVALID},
};

static void cells__each_form_reads_or_refuses_as_listed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ZD_COUNT(cells); i++) {
        const cell_case *c = &cells[i];
        zd_import_column column = {.form = c->form, .field = c->field, .words = words};
        zd_buf out = {0};
        zd_error err = {0};
        zd_jw w = zd_jw_begin(&out);
        zd_jw_object(&w, NULL);
        zd_status status = zd_import_cell(&w, &column, zd_span_text(c->cell), &err);
        zd_jw_close(&w);
        if ((status == ZD_OK) != (c->json != NULL) || err.code != c->code || (c->json != NULL && strcmp(zd_buf_text(&out), c->json) != 0)) {
            fail_msg("'%s': %s, %s", c->cell, zd_buf_text(&out), zd_code_name(err.code));
        }
        zd_buf_free(&out);
    }
}

/* --- files --- */

static zd_import *read_file(const char *dir, const char *kind, const char *text)
{
    zd_buf path = {0};
    zd_import *import = NULL;
    char *kept = zd_strdup(zd_path_join(&path, dir, "file.csv"));
    assert_ok(zd_file_write(kept, zd_span_text(text), 0644, err));
    assert_ok(zd_import_read(&import, zd_import_kind_find(kind), kept, NULL, err));
    for (size_t i = 0; i < import->problem_count; i++) {
        print_message("%lld:%lld %s %s\n", (long long)import->problems[i].error.line, (long long)import->problems[i].error.column,
                      zd_code_name(import->problems[i].error.code), import->problems[i].error.detail);
    }
    import->path = ""; /* the text goes away */
    free(kept);
    zd_buf_free(&path);
    return import;
}

static void assert_item(const zd_import *import, size_t row, const char *expected)
{
    char text[1024];
    assert_true(zd_span_copy(text, sizeof text, zd_import_item(import, row)));
    assert_string_equal(text, expected);
}

static void fact_rows__subject_is_made_of_its_columns(void **state)
{
    (void)state;
    const char *dir = zd_test_dir("import-facts");
    zd_import *import = read_file(dir, "fact-invoice", "编号,发票代码,发票号码,查验结果\nF-1,033062600111,12345678,正常\nF-2,,26332000000000000001,作废\n");
    assert_int_equal(import->problem_count, 0);
    assert_item(import, 0, "{\"value\":\"ok\",\"id\":\"inv-F-1\",\"subject\":\"033062600111:12345678\",\"fact\":\"invoice-check\"}");
    assert_item(import, 1, "{\"value\":\"void\",\"id\":\"inv-F-2\",\"subject\":\"26332000000000000001\",\"fact\":\"invoice-check\"}");
    zd_import_free(import);
    import = read_file(dir, "fact-affiliation", "编号,持券人编号,服务机构代码,关联关系\nG-1,E-1,12330600X00000086C,关联\n");
    assert_item(import, 0, "{\"value\":\"affiliated\",\"id\":\"aff-G-1\",\"subject\":\"E-1/12330600X00000086C\",\"fact\":\"affiliation\"}");
    zd_import_free(import);
    zd_test_dir_remove(dir);
}

static void invoice_columns__two_numbers_are_one_sorted_list_and_code_joins_number(void **state)
{
    (void)state;
    const char *dir = zd_test_dir("import-invoice");
    static const char header[] = "核销编号,预约编号,用券金额,自付金额,是否末次,完成日期,成果哈希,发票代码,发票号码,发票另一号码,发票金额,本次使用金额,开票日期,销方代码,购方代码\n";
    static const char *const rows[][2] = {{"033062600111,12345678,26332000000000000001", "\"invoice\":\"033062600111:12345678,26332000000000000001\"}"},
                                          {",26332000000000000001,033062600111:12345678", "\"invoice\":\"033062600111:12345678,26332000000000000001\"}"},
                                          {",26332000000000000001,26332000000000000001", "\"invoice\":\"26332000000000000001\"}"},
                                          {",26332000000000000001,", "\"invoice\":\"26332000000000000001\"}"}};
    for (size_t i = 0; i < ZD_COUNT(rows); i++) {
        zd_buf text = {0};
        zd_buf_addf(&text, "%sC-1,O-1,1,1,是,2026-03-05,%064d,%s,2,2,2026-03-05,12330600X00000086C,个人\n", header, 1, rows[i][0]);
        zd_import *import = read_file(dir, "capture", zd_buf_text(&text));
        char item[1024];
        assert_int_equal(import->problem_count, 0);
        assert_true(zd_span_copy(item, sizeof item, zd_import_item(import, 0)));
        assert_non_null(strstr(item, rows[i][1]));
        assert_non_null(strstr(item, "\"buyer\":\"person\""));
        zd_import_free(import);
        zd_buf_free(&text);
    }
    zd_test_dir_remove(dir);
}

static void request_id__comes_from_the_business_number_and_an_own_one_wins(void **state)
{
    (void)state;
    const char *dir = zd_test_dir("import-id");
    zd_import *a = read_file(dir, "void", "编号,预约编号\nX-1,O-1\n");
    zd_import *b = read_file(dir, "void", "序号,预约编号,备注,编号,申请编号,办理日期\n\n7,O-1,别字,X-9,X-1,2026/3/5\n");
    assert_string_equal(a->rows[0].id, "void-X-1");
    assert_string_equal(b->rows[0].id, "void-X-1");
    /* Order of columns, remarks, and the place in the file are no part of the content. */
    assert_true(zd_hash_equal(&a->rows[0].content, &b->rows[0].content));
    assert_int_equal(a->rows[0].entered_day, 0);
    assert_int_equal(b->rows[0].entered_day, zd_day_from(2026, 3, 5));
    zd_import_free(a);
    zd_import_free(b);
    b = read_file(dir, "void", "编号,预约编号\nX-1,O-2\n");
    assert_string_equal(b->rows[0].id, "void-X-1");
    zd_import_free(b);
    b = read_file(dir, "void", "编号,预约编号\nX-1234567890123456789012345678901234567890,O-2\n");
    assert_int_equal(b->problem_count, 1);
    assert_int_equal(b->problems[0].error.column, 1);
    zd_import_free(b);
    zd_test_dir_remove(dir);
}

static void account_rows__log_only_a_commitment_and_refuse_what_a_spreadsheet_spoiled(void **state)
{
    (void)state;
    const char *dir = zd_test_dir("import-account");
    static const uint8_t seed[ZD_HASH_SIZE] = {1};
    zd_buf path = {0};
    zd_import *import = NULL;
    zd_import *random = NULL;
    static const char text[] = "编号,服务机构代码,户名,账号,开户银行,行号\n"
                               "A-1,12330600X00000086C,样例大学,1211012009200012345,样例银行,313337009004\n"
                               "A-2,12330600X00000086C,样例大学,6.217E+18,样例银行,313337009004\n"
                               "A-3,12330600X00000086C,样例大学,12110120,样例银行,313337009005\n";
    char *kept = zd_strdup(zd_path_join(&path, dir, "accounts.csv"));
    assert_ok(zd_file_write(kept, zd_span_text(text), 0644, err));
    assert_ok(zd_import_read(&import, zd_import_kind_find("account"), kept, seed, err));
    assert_ok(zd_import_read(&random, zd_import_kind_find("account"), kept, NULL, err));
    assert_int_equal(import->problem_count, 2);
    assert_int_equal(import->problems[0].error.line, 3);
    assert_int_equal(import->problems[0].error.column, 4);
    assert_int_equal(import->problems[1].error.line, 4);
    assert_int_equal(import->problems[1].error.column, 6);
    zd_hash commitment = zd_account_commitment(&import->accounts[0]);
    char hex[ZD_HASH_HEX];
    char written[ZD_HASH_HEX];
    zd_hash_hex(hex, &commitment);
    zd_import_text(written, sizeof written, import, 0, ZD_F_COMMITMENT);
    assert_string_equal(hex, written);
    assert_null(strstr(zd_buf_text(&import->items), "1211012009200012345"));
    /* Drawn salts differ each time: the same account gives no pattern. */
    assert_false(zd_hash_equal(&random->accounts[0].salt, &import->accounts[0].salt));
    zd_import_free(import);
    zd_import_free(random);
    free(kept);
    zd_buf_free(&path);
    zd_test_dir_remove(dir);
}

/* Every column of every kind leads somewhere: to a field of its request, or to one of the forms that are put together. */
static void kinds__required_fields_have_a_required_column(void **state)
{
    (void)state;
    size_t count = 0;
    const zd_import_kind *kinds = zd_import_kinds(&count);
    for (size_t k = 0; k < count; k++) {
        for (int f = 0; f < ZD_F__COUNT; f++) {
            bool required = false;
            bool found = f == ZD_F_FACT && kinds[k].fact != NULL;
            found = found || (f == ZD_F_COMMITMENT && kinds[k].type == ZD_REQ_PROVIDER_ACCOUNT);
            for (size_t c = 0; c < kinds[k].column_count; c++) {
                const zd_import_column *column = &kinds[k].columns[c];
                if ((int)column->field == f) {
                    assert_true(zd_request_has(kinds[k].type, (zd_field)f, &required));
                    found = found || column->required;
                }
            }
            required = false;
            if (zd_request_has(kinds[k].type, (zd_field)f, &required) && required && !found) {
                fail_msg("%s: no required column for %s", kinds[k].name, zd_field_name((zd_field)f));
            }
        }
        assert_true((zd_request_flags(kinds[k].type) & ZD_REQUEST_BATCHABLE) != 0);
        assert_ptr_equal(zd_import_kind_find(kinds[k].name), &kinds[k]);
        for (size_t other = 0; other < k; other++) {
            assert_string_not_equal(kinds[k].prefix, kinds[other].prefix);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells__each_form_reads_or_refuses_as_listed),
        cmocka_unit_test(fact_rows__subject_is_made_of_its_columns),
        cmocka_unit_test(invoice_columns__two_numbers_are_one_sorted_list_and_code_joins_number),
        cmocka_unit_test(request_id__comes_from_the_business_number_and_an_own_one_wins),
        cmocka_unit_test(account_rows__log_only_a_commitment_and_refuse_what_a_spreadsheet_spoiled),
        cmocka_unit_test(kinds__required_fields_have_a_required_column),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
