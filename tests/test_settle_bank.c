/*
 * Upload forms of banks: those that ship against tests/golden/settle, a form that only this test knows (nothing in C knows its name), what a form refuses, and splitting.
 * ZD_GOLDEN_WRITE=1 writes the golden files anew; read them before they are kept.
 */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/durable.h"
#include "ledger/settle/settle_int.h"
#include "tests/support/settlement_case.h"

#define MEGABYTE (1U << 20)

static zd_bank_profile *shipped(const char *id)
{
    zd_buf path = {0};
    zd_buf json = {0};
    zd_bank_profile *profile = NULL;
    zd_buf_addf(&path, "ledger/settle/data/bank/%s.json", id);
    assert_ok(zd_file_read(&json, zd_buf_text(&path), MEGABYTE, err));
    assert_ok(zd_bank_profile_read(&profile, zd_buf_span(&json), err));
    assert_string_equal(zd_bank_profile_id(profile), id);
    zd_buf_free(&json);
    zd_buf_free(&path);
    return profile;
}

static zd_bank_profile *parsed(const char *json)
{
    zd_bank_profile *profile = NULL;
    assert_ok(zd_bank_profile_read(&profile, zd_span_text(json), err));
    return profile;
}

static void assert_golden(const char *name, const zd_buf *made)
{
    zd_buf path = {0};
    zd_buf golden = {0};
    zd_buf_addf(&path, "tests/golden/settle/%s", name);
    if (getenv("ZD_GOLDEN_WRITE") != NULL) {
        assert_ok(zd_file_write(zd_buf_text(&path), zd_buf_span(made), 0644, err));
    }
    assert_ok(zd_file_read(&golden, zd_buf_text(&path), MEGABYTE, err));
    if (!zd_span_equal(zd_buf_span(made), zd_buf_span(&golden))) {
        print_error("differs from %s\n", zd_buf_text(&path));
    }
    assert_true(zd_span_equal(zd_buf_span(made), zd_buf_span(&golden)));
    zd_buf_free(&golden);
    zd_buf_free(&path);
}

/* The second payee of the case has quotation marks, ampersand and angle brackets in its names, which no shipped form takes. */
static void plain_case(zd_settlement_case *out)
{
    zd_case_three_lines(out);
    out->lines[1].account_name = "镜湖实验室有限合伙";
    out->lines[1].bank_name = "某农村信用合作联社城西分社";
    out->lines[2].account_name = "龑氏仪器共享中心(普通合伙)"; /* the other character is in GB18030 only */
}

static void shipped__forms_match_the_golden_files(void **state)
{
    (void)state;
    static const struct {
        const char *id, *file, *golden;
    } forms[] = {{"icbc-like", "SB20260305-0001-1.bxt", "three-lines/icbc-like.bxt"},
                 {"ccb-like", "SB20260305-0001-1.txt", "three-lines/ccb-like.txt"},
                 {"abc-like", "SB20260305-0001-1.txt", "three-lines/abc-like.txt"}};
    zd_settlement_case batch;
    plain_case(&batch);
    batch.lines[1].bank_code = "103100000018"; /* one payee at a bank of the third form */
    for (size_t i = 0; i < ZD_COUNT(forms); i++) {
        zd_bank_profile *profile = shipped(forms[i].id);
        zd_buf content = {0};
        zd_buf name = {0};
        zd_error problem = {0};
        if (zd_settle_bank_check(&batch.settlement, profile, NULL, NULL, &problem) != ZD_OK) {
            print_error("%s: %s %s\n", forms[i].id, zd_code_name(problem.code), problem.detail);
        }
        assert_int_equal(zd_settle_bank_parts(&batch.settlement, profile), 1);
        assert_ok(zd_settle_bank_file(&content, &name, &batch.settlement, profile, 0, err));
        assert_string_equal(zd_buf_text(&name), forms[i].file);
        assert_golden(forms[i].golden, &content);
        zd_buf_free(&name);
        zd_buf_free(&content);
        zd_bank_profile_free(profile);
    }
}

/* Every cell is text, the account keeps its nineteen digits: read with unzip, which nobody here wrote. */
static void shipped__workbook_holds_text_cells_only(void **state)
{
    (void)state;
    zd_settlement_case batch;
    plain_case(&batch);
    zd_bank_profile *profile = shipped("ccb-xlsx-like");
    zd_buf content[2] = {{0}, {0}};
    zd_buf name[2] = {{0}, {0}};
    zd_buf out = {0};
    const char *dir = zd_test_dir("bank-xlsx");
    for (size_t i = 0; i < 2; i++) {
        assert_ok(zd_settle_bank_file(&content[i], &name[i], &batch.settlement, profile, 0, err));
    }
    assert_true(zd_span_equal(zd_buf_span(&content[0]), zd_buf_span(&content[1])));
    zd_buf path = {0};
    assert_ok(zd_file_write(zd_path_join(&path, dir, "form.xlsx"), zd_buf_span(&content[0]), 0600, err));
    assert_int_equal(zd_test_shell(&out, "cd '%s' && unzip -p form.xlsx xl/sharedStrings.xml | grep -o '<t[^>]*>[^<]*' | sed 's/<t[^>]*>//' && "
                                         "unzip -p form.xlsx xl/worksheets/sheet1.xml | grep -o '<c [^>]*>' | grep -vc 't=\"s\"'", dir), 1); /* grep -vc finds none: status 1 */
    assert_golden("three-lines/ccb-xlsx-like-strings.txt", &out);
    zd_buf_free(&path);
    for (size_t i = 0; i < 2; i++) {
        zd_buf_free(&content[i]);
        zd_buf_free(&name[i]);
    }
    zd_buf_free(&out);
    zd_bank_profile_free(profile);
    zd_test_dir_remove(dir);
}

/* --- a form that only this test knows --- */

#define HEAD "{\"format\":\"zhidui-bank-profile\",\"v\":1,\"id\":\"test-only\",\"name\":\"t\",\"source\":\"invented\",\"confirm\":\"never used\","
#define FORM "\"kind\":\"text\",\"encoding\":\"UTF-8\",\"line_end\":\"LF\",\"delimiter\":\";\",\"quoting\":\"rfc4180\",\"amount\":\"fen\","
#define COLUMNS "\"columns\":[{\"header\":\"a\",\"value\":\"line.account\"},{\"header\":\"n\",\"value\":\"line.account_name\"},{\"header\":\"m\",\"value\":\"line.amount\"}," \
                "{\"header\":\"e\",\"value\":\"line.end_to_end\"},{\"header\":\"k\",\"own\":\"O\",\"other\":\"X\"},{\"header\":\"t\",\"text\":\"fix\"}]}"

static void form__is_data_alone(void **state)
{
    (void)state;
    zd_settlement_case batch;
    plain_case(&batch);
    batch.lines[0].account_name = "甲;乙大学";
    batch.lines[2].bank_code = "304521041448";
    zd_bank_profile *profile = parsed(HEAD FORM "\"own_bank\":\"304\",\"header_row\":true,\"max_rows\":2,\"over\":\"split\",\"file\":\"x-{batch.date8}-{file.part}.csv\","
                                           "\"header\":[\"{file.part}/{file.parts} {file.count} {file.total} {batch.purpose}\"],\"footer\":[\"end\"]," COLUMNS);
    const zd_pay_line *l = batch.lines;
    zd_buf wanted[2] = {{0}, {0}};
    batch.lines[1].bank_code = "103100000018";
    zd_buf_addf(&wanted[0],
                "1/2 2 20234560 科技创新券兑付2026年第1批\na;n;m;e;k;t\n%s;\"甲;乙大学\";19000000;%s;X;fix\n%s;%s;1234560;%s;X;fix\nend\n", l[0].account, l[0].end_to_end, l[1].account, l[1].account_name, l[1].end_to_end);
    zd_buf_addf(&wanted[1], "2/2 1 10005 科技创新券兑付2026年第1批\na;n;m;e;k;t\n%s;%s;10005;%s;O;fix\nend\n", l[2].account, l[2].account_name, l[2].end_to_end);
    assert_int_equal(zd_settle_bank_parts(&batch.settlement, profile), 2);
    for (size_t part = 0; part < 2; part++) {
        zd_buf content = {0};
        zd_buf name = {0};
        assert_ok(zd_settle_bank_file(&content, &name, &batch.settlement, profile, part, err));
        assert_string_equal(zd_buf_text(&name), part == 0 ? "x-20260316-1.csv" : "x-20260316-2.csv");
        assert_string_equal(zd_buf_text(&content), zd_buf_text(&wanted[part]));
        zd_buf_free(&content);
        zd_buf_free(&name);
        zd_buf_free(&wanted[part]);
    }
    zd_bank_profile_free(profile);
}

/* --- what a form refuses --- */

typedef struct seen {
    zd_buf text;
} seen;

static void note(void *context, const zd_error *problem)
{
    zd_buf_addf(&((seen *)context)->text, "%lld/%s/%s\n", (long long)problem->line, problem->field, zd_code_name(problem->code));
}

#define PLAIN "\"kind\":\"text\",\"encoding\":\"GBK\",\"line_end\":\"CRLF\",\"delimiter\":\"|\",\"quoting\":\"none\",\"amount\":\"yuan\",\"forbid\":\"#（\",\"max_amount_fen\":19000000,"
#define PLAIN_END "\"max_rows\":3,\"over\":\"refuse\",\"file\":\"x.txt\",\"columns\":[{\"header\":\"a\",\"value\":\"line.account\"}," \
                  "{\"header\":\"n\",\"value\":\"line.account_name\",\"max_bytes\":20},{\"header\":\"m\",\"value\":\"line.amount\"},{\"header\":\"e\",\"value\":\"line.end_to_end\"}]}"

static void form__refuses_what_it_cannot_carry(void **state)
{
    (void)state;
    static const struct {
        const char *account_name, *problems;
    } rows[] = {{"样例大学", ""},
                {"样例|大学", "2/n/export-forbidden\n"},
                {"样例\"大学", "2/n/export-forbidden\n"},
                {"样例#大学", "2/n/export-forbidden\n"},
                {"样例（大学", "2/n/export-forbidden\n"},
                {"样例大学一二三四五六", ""},                              /* 20 bytes of GBK */
                {"样例大学一二三四五六x", "2/n/text-too-long\n"},
                {"样例䶮大学", "2/n/export-charset\n"},                     /* GB18030 has it, GBK has not */
                {"样例·大学", ""}};
    for (size_t i = 0; i < ZD_COUNT(rows); i++) {
        zd_settlement_case batch;
        seen found = {{0}};
        zd_error why = {0};
        zd_case_three_lines(&batch);
        batch.lines[0].account_name = "甲";
        batch.lines[2].account_name = "丙";
        batch.lines[1].account_name = rows[i].account_name;
        zd_bank_profile *profile = parsed(HEAD PLAIN PLAIN_END);
        zd_status status = zd_settle_bank_check(&batch.settlement, profile, note, &found, &why);
        assert_string_equal(zd_buf_text(&found.text), rows[i].problems);
        assert_int_equal(status, rows[i].problems[0] == '\0' ? ZD_OK : ZD_MALFORMED);
        zd_buf content = {0};
        zd_buf name = {0};
        status = zd_settle_bank_file(&content, &name, &batch.settlement, profile, 0, NULL);
        assert_int_equal(status, rows[i].problems[0] == '\0' ? ZD_OK : ZD_MALFORMED);
        assert_int_equal(content.size > 0, rows[i].problems[0] == '\0');
        zd_buf_free(&content);
        zd_buf_free(&name);
        zd_buf_free(&found.text);
        zd_bank_profile_free(profile);
    }
}

static void form__refuses_too_many_rows_and_too_large_payments(void **state)
{
    (void)state;
    zd_settlement_case batch;
    seen found = {{0}};
    zd_error why = {0};
    zd_case_three_lines(&batch);
    zd_bank_profile *profile = parsed(HEAD FORM "\"max_rows\":2,\"over\":\"refuse\",\"max_amount_fen\":18999999,\"file\":\"x.txt\"," COLUMNS);
    assert_int_equal(zd_settle_bank_check(&batch.settlement, profile, note, &found, &why), ZD_MALFORMED);
    assert_string_equal(zd_buf_text(&found.text), "0/lines/export-rows\n1/net/export-amount\n");
    zd_buf_free(&found.text);
    zd_bank_profile_free(profile);
}

/* --- profiles that are not sound --- */

static void profile__each_fault_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *json, *field;
        zd_code code;
    } rows[] = {
        {"{}", "format", ZD_E_BANK_PROFILE_INVALID},
        {"[", "", ZD_E_JSON_SYNTAX},
        {HEAD "\"extra\":1," FORM "\"file\":\"x\"," COLUMNS, "field", ZD_E_BANK_PROFILE_INVALID},
        {HEAD FORM "\"file\":\"../x\"," COLUMNS, "file", ZD_E_BANK_PROFILE_INVALID},
        {HEAD FORM "\"file\":\".x\"," COLUMNS, "file", ZD_E_BANK_PROFILE_INVALID},
        {HEAD FORM "\"file\":\"{line.account}\"," COLUMNS, "file", ZD_E_BANK_PROFILE_INVALID},
        {HEAD FORM "\"file\":\"x\",\"over\":\"split\"," COLUMNS, "file", ZD_E_BANK_PROFILE_INVALID},
        {HEAD FORM "\"file\":\"x\",\"header\":[\"{batch.nothing}\"]," COLUMNS, "header", ZD_E_BANK_PROFILE_INVALID},
        {HEAD FORM "\"file\":\"x\",\"header\":[\"{batch.purpose\"]," COLUMNS, "header", ZD_E_BANK_PROFILE_INVALID},
        {HEAD FORM "\"file\":\"x\",\"header\":[\"a}\"]," COLUMNS, "header", ZD_E_BANK_PROFILE_INVALID},
        {HEAD "\"kind\":\"text\",\"encoding\":\"GB2312\",\"line_end\":\"LF\",\"delimiter\":\";\",\"quoting\":\"none\",\"amount\":\"fen\",\"file\":\"x\"," COLUMNS, "encoding",
         ZD_E_BANK_PROFILE_INVALID},
        {HEAD "\"kind\":\"text\",\"encoding\":\"GBK\",\"line_end\":\"LF\",\"delimiter\":\"||\",\"quoting\":\"none\",\"amount\":\"fen\",\"file\":\"x\"," COLUMNS, "delimiter",
         ZD_E_BANK_PROFILE_INVALID},
        {HEAD FORM "\"file\":\"x\",\"columns\":[{\"header\":\"a\",\"value\":\"line.account\"}]}", "columns", ZD_E_BANK_PROFILE_INVALID},
        {HEAD FORM "\"file\":\"x\",\"columns\":[{\"header\":\"a\",\"value\":\"file.total\"}]}", "value", ZD_E_BANK_PROFILE_INVALID},
        {HEAD FORM "\"file\":\"x\",\"columns\":[{\"header\":\"a\",\"value\":\"line.account\",\"text\":\"b\"}]}", "header", ZD_E_BANK_PROFILE_INVALID},
    };
    for (size_t i = 0; i < ZD_COUNT(rows); i++) {
        zd_bank_profile *profile = NULL;
        zd_error why = {0};
        zd_status status = zd_bank_profile_read(&profile, zd_span_text(rows[i].json), &why);
        if (status == ZD_OK || why.code != rows[i].code || strcmp(why.field, rows[i].field) != 0) {
            print_error("row %zu: %s %s %s\n", i, zd_code_name(why.code), why.field, why.detail);
        }
        assert_int_equal(status, ZD_MALFORMED);
        assert_int_equal(why.code, rows[i].code);
        assert_string_equal(why.field, rows[i].field);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped__forms_match_the_golden_files),
        cmocka_unit_test(shipped__workbook_holds_text_cells_only),
        cmocka_unit_test(form__is_data_alone),
        cmocka_unit_test(form__refuses_what_it_cannot_carry),
        cmocka_unit_test(form__refuses_too_many_rows_and_too_large_payments),
        cmocka_unit_test(profile__each_fault_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
