/* Tables of answers: the treasury's results as a workbook, bank tables by profile, return notices; and workbooks that are attacks. */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "audit/package/pack.h"
#include "ledger/base/clock.h"
#include "tests/support/answer_files.h"

static zd_answer_profiles *profiles;

static zd_answers *read_bytes(zd_span bytes)
{
    zd_answers *answers = NULL;
    assert_ok(zd_answers_read(&answers, bytes, profiles, NULL, err));
    return answers;
}

static void refused(const char *text, zd_code code)
{
    zd_answers *answers = NULL;
    assert_code(zd_answers_read(&answers, zd_span_text(text), profiles, NULL, err), code);
    assert_null(answers);
}

static void refused_bytes(zd_span bytes, zd_code code)
{
    zd_answers *answers = NULL;
    assert_code(zd_answers_read(&answers, bytes, profiles, NULL, err), code);
    assert_null(answers);
}

#define S(ref, text) "<c r=\"" ref "\" t=\"inlineStr\"><is><t>" text "</t></is></c>"

/* A title above the header, shared and inline strings, rich text, numbers with binary noise, a spreadsheet's date, gaps between cells, a total below. */
static void results__the_treasurys_workbook_is_read_by_serial(void **state)
{
    (void)state;
    zd_buf book = {0};
    zd_answer_workbook(&book,
        "<row r=\"1\">" S("A1", "样例市财政局支付结果") "</row>"
        "<row r=\"3\"><c r=\"A3\" t=\"s\"><v>0</v></c><c r=\"B3\" t=\"s\"><v>1</v></c>" S("C3", "金额(元)") S("D3", "支付日期") S("F3", "失败原因") S("G3", "银行流水号") "</row>"
        "<row r=\"4\">" S("A4", "SB-1-P0001") "<c r=\"B4\" t=\"s\"><v>2</v></c><c r=\"C4\"><v>1234.5599999999999</v></c><c r=\"D4\"><v>46112</v></c>" S("G4", "T-1") "</row>"
        "<row r=\"5\">" S("A5", " SB-1-P0002 ") S("B5", "支付失败") "<c r=\"C5\"><v>1.5E3</v></c>" S("D5", "20260331") S("F5", "账号户名不符") "</row>"
        "<row r=\"6\">" S("A6", "SB-1-P0003") S("B6", "退票") S("C6", "¥2,000.00") S("D6", "2026年4月2日") "</row>"
        "<row r=\"7\">" S("A7", "SB-1-P0004") S("B7", "再议") S("C7", "1") "</row>"
        "<row r=\"8\">" S("A8", "合计") "<c r=\"C8\"><f>SUM(C4:C7)</f><v>9</v></c></row>",
        "<si><t>业务流水号</t></si><si><r><t>支付</t></r><r><t>状态</t></r><rPh sb=\"0\" eb=\"1\"><t>zhifu</t></rPh></si><si><t xml:space=\"preserve\">支付成功</t></si>");
    zd_answers *a = read_bytes(zd_buf_span(&book));
    assert_int_equal(zd_answers_form(a), ZD_FORM_RESULT);
    assert_string_equal(zd_answers_message(a), "treasury-result");
    assert_int_equal(zd_answers_count(a), 4);
    const zd_bank_fact *paid = zd_answers_at(a, 0);
    assert_string_equal(paid->end_to_end, "SB-1-P0001");
    assert_int_equal(paid->word, ZD_STS_DEBITED);
    assert_int_equal(paid->amount, 123456);
    assert_int_equal(paid->day, zd_day_from(2026, 3, 31));
    assert_string_equal(paid->bank_ref, "T-1");
    const zd_bank_fact *failed = zd_answers_at(a, 1);
    assert_string_equal(failed->end_to_end, "SB-1-P0002");
    assert_int_equal(failed->word, ZD_STS_REJECTED);
    assert_int_equal(failed->amount, 150000);
    assert_string_equal(failed->reason, "账号户名不符");
    const zd_bank_fact *returned = zd_answers_at(a, 2);
    assert_int_equal(returned->kind, ZD_BANK_BOOKING);
    assert_true(returned->is_return);
    assert_int_equal(returned->amount, 200000);
    assert_int_equal(returned->day, zd_day_from(2026, 4, 2));
    assert_int_equal(zd_answers_at(a, 3)->word, ZD_STS_UNKNOWN);
    assert_string_equal(zd_answers_oddity(a, 0)->word, "status-unknown");
    zd_answers_free(a);
    zd_buf_free(&book);
}

static void statements__debit_and_credit_columns_give_bookings(void **state)
{
    (void)state;
    zd_answers *a = read_bytes(zd_span_text("账户交易明细,,,,,,\n交易日期,交易流水号,借方发生额,贷方发生额,对方账号,客户方流水号,摘要\n"
                                            "2026-03-31,L1,\"1,000.00\",,6200000000000000012,SB-1-P0001,创新券兑付\n2026-04-01,L2,12.50,,,,手续费\n"
                                            "2026-04-03,L3,,1000.00,6200000000000000012,SB-1-P0001,退汇 账号不符\n2026-04-04,,,5,,,利息\n合计,,1012.50,1005.00,,,\n"));
    assert_string_equal(zd_answers_message(a), "bank-statement");
    assert_int_equal(zd_answers_count(a), 5);
    assert_int_equal(zd_answers_at(a, 1)->side, ZD_SIDE_DEBIT);
    assert_int_equal(zd_answers_at(a, 1)->amount, 100000);
    assert_true(zd_answers_at(a, 2)->is_fee);
    assert_true(zd_answers_at(a, 3)->is_return && !zd_answers_at(a, 4)->is_return);
    assert_string_equal(zd_answers_oddity(a, 0)->word, "entry-without-reference");
    zd_answers_free(a);
    /* The same bank's other form: one amount in fen and a flag. */
    a = read_bytes(zd_span_text("记账日期,借贷标志,交易金额(分),回单号,业务流水号\n20260331,借,100000,H1,SB-1-P0001\n"));
    assert_int_equal(zd_answers_at(a, 1)->amount, 100000);
    assert_int_equal(zd_answers_at(a, 1)->side, ZD_SIDE_DEBIT);
    zd_answers_free(a);
}

static void tables__a_cell_that_cannot_be_read_is_named(void **state)
{
    (void)state;
    zd_answers *answers = NULL;
    zd_error why = {0};
    assert_int_equal(zd_answers_read(&answers, zd_span_text("业务流水号,支付状态,金额(元)\nA,支付成功,1.00\nB,支付成功,12.345\n"), profiles, NULL, &why), ZD_MALFORMED);
    assert_int_equal(why.code, ZD_E_ANSWER_CELL);
    assert_int_equal(why.line, 3);
    assert_int_equal(why.column, 3);
    assert_string_equal(why.value, "12.345");
    refused("业务流水号,支付状态,金额(元)\nA,支付成功,-1.00\n", ZD_E_ANSWER_CELL);
    refused("业务流水号,支付状态,金额(元)\nA,支付成功,1E999\n", ZD_E_ANSWER_CELL);
    refused("交易日期,借方发生额,贷方发生额\n2026-03-31,1,1\n", ZD_E_ANSWER_CELL);
    refused("交易日期,借方发生额,贷方发生额\n2026-02-30,1,\n", ZD_E_ANSWER_CELL);
    refused("记账日期,借贷标志,交易金额(分)\n20260331,?,1\n", ZD_E_ANSWER_CELL);
    refused("记账日期,借贷标志,交易金额(分)\n20260331,借,1.5\n", ZD_E_ANSWER_CELL);
    refused("姓名,金额\n甲,1\n", ZD_E_ANSWER_PROFILE);
    assert_code(zd_answers_read(&answers, zd_span_text("业务流水号,支付状态,金额(元)\nA,支付成功,1\n"), profiles, "bank-statement", err), ZD_E_ANSWER_PROFILE);
}

static void notices__json_and_csv_say_the_same(void **state)
{
    (void)state;
    char hash[] = "00000000000000000000000000000000000000000000000000000000000000ab";
    zd_buf text = {0};
    zd_buf_addf(&text, "{\"format\":\"zhidui-return-notice\",\"v\":1,\"notice\":\"T-2026-7\",\"date\":\"2026-04-03\",\"end_to_end\":\"SB-1-P0001\",\"amount_fen\":100000,"
                       "\"account\":\"6200000000000000012\",\"name\":\"样例大学\",\"reason\":\"AC04\",\"evidence_sha256\":\"%s\"}", hash);
    zd_answers *json = read_bytes(zd_buf_span(&text));
    zd_buf_clear(&text);
    zd_buf_addf(&text, "通知书编号,业务流水号,退回金额(元),退回日期,收款账号,收款人全称,退回原因,扫描件哈希\nT-2026-7,SB-1-P0001,1000.00,2026-04-03,6200000000000000012,样例大学,AC04,%s\n", hash);
    zd_answers *csv = read_bytes(zd_buf_span(&text));
    const zd_bank_fact *facts[] = {zd_answers_at(json, 0), zd_answers_at(csv, 0)};
    for (size_t i = 0; i < 2; i++) {
        assert_true(facts[i]->is_return && facts[i]->side == ZD_SIDE_CREDIT && facts[i]->booked == ZD_BOOKED);
        assert_string_equal(facts[i]->bank_ref, "T-2026-7");
        assert_string_equal(facts[i]->end_to_end, "SB-1-P0001");
        assert_int_equal(facts[i]->amount, 100000);
        assert_int_equal(facts[i]->evidence.bytes[31], 0xab);
    }
    zd_answers_free(json);
    zd_answers_free(csv);
    zd_buf_free(&text);
    refused("{\"format\":\"zhidui-return-notice\",\"v\":1,\"notice\":\"T\",\"oops\":1}", ZD_E_JSON_UNKNOWN);
    refused("{\"format\":\"zhidui-return-notice\",\"v\":1,\"notice\":\"T\"}", ZD_E_JSON_MISSING);
    refused("{\"format\":\"x\",\"v\":1}", ZD_E_ANSWER_CELL);
}

/* Another program may show the member that ours does not read: what a person sees and what was checked must be one thing. Spreadsheets take names without regard to case. */
static void workbooks__of_two_members_with_one_name__are_refused(void **state)
{
    (void)state;
    static const char *const twins[] = {"xl/Workbook.xml", "XL/WORKBOOK.XML", "xl/workbook.xmk"};
    static const char strings[] = "<sst><si><t>x</t></si></sst>";
    static const char sheet[] = "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row></sheetData></worksheet>";
    static const char *const sheets[] = {"xl/Worksheets/Sheet1.xml", "xl/worksheets/sheet2.xml", "xl/worksheets/sheet1.xmk", "xl/other.xml"};
    for (size_t i = 0; i < ZD_COUNT(twins); i++) {
        zd_buf book = {0};
        zd_zip_member members[] = {{"xl/workbook.xml", zd_span_text("<workbook/>")}, {twins[i], zd_span_text("<workbook/>")}};
        zd_answer_zip(&book, members, 2);
        for (size_t k = 0; k + 4 <= book.size; k++) {
            book.data[k + 3] = memcmp(book.data + k, ".xmk", 4) == 0 ? 'l' : book.data[k + 3]; /* the library writes no name twice */
        }
        refused_bytes(zd_buf_span(&book), ZD_E_ANSWER_ZIP);
        zd_buf_free(&book);
    }
    for (size_t i = 0; i <= ZD_COUNT(sheets); i++) {
        zd_buf book = {0};
        zd_pack_cells cells = {0};
        zd_error why = {0};
        zd_zip_member members[] = {{"xl/sharedStrings.xml", zd_span_text(strings)}, {"xl/worksheets/sheet1.xml", zd_span_text(sheet)},
                                   {i < ZD_COUNT(sheets) ? sheets[i] : "", zd_span_text(sheet)}};
        zd_answer_zip(&book, members, i < ZD_COUNT(sheets) ? 3 : 2);
        for (size_t k = 0; k + 4 <= book.size; k++) {
            book.data[k + 3] = memcmp(book.data + k, ".xmk", 4) == 0 ? 'l' : book.data[k + 3];
        }
        zd_status status = zd_pack_cells_workbook(&cells, zd_buf_span(&book), &why);
        assert_int_equal(why.code, i < ZD_COUNT(sheets) ? ZD_E_PACKAGE_MALFORMED : ZD_CODE_NONE);
        assert_int_equal(status == ZD_OK, i == ZD_COUNT(sheets));
        zd_pack_cells_free(&cells);
        zd_buf_free(&book);
    }
}

/* What a row says of the batch is compared by name and value, not by how a text ends. */
static void applications__that_contradict_themselves_about_the_batch__are_told(void **state)
{
    (void)state;
    static const char form[] = "{\"kind\":\"csv\",\"delimiter\":\",\",\"quoting\":\"rfc4180\",\"amount\":\"yuan\",\"header_row\":false,\"header\":[],\"footer\":[],"
                               "\"columns\":[{\"header\":\"a\",\"value\":\"batch.document\"},{\"header\":\"b\",\"value\":\"batch.project\"}]}";
    static const struct {
        const char *rows;
        size_t troubles;
        const char *values;
    } cases[] = {
        {"D,P\r\nD,P\r\n", 0, "document=D\nproject=P\n"},
        {"project=P,P\r\nproject=P,P\r\n", 0, "document=project=P\nproject=P\n"}, /* was not stored: it had been seen as the end of the document */
        {"D,P\r\nD,Q\r\n", 1, "document=D\nproject=P\n"},
        {"xD,P\r\nD,P\r\n", 1, "document=xD\nproject=P\n"},
        {"\"D\nproject=P\",P\r\n", 1, "project=P\n"},
    };
    for (size_t i = 0; i < ZD_COUNT(cases); i++) {
        zd_pack_payments payments = {0};
        assert_ok(zd_pack_payments_form(&payments, zd_span_text(cases[i].rows), zd_span_text(form), err));
        assert_int_equal(payments.troubles, cases[i].troubles);
        assert_string_equal(zd_buf_text(&payments.batch_values), cases[i].values);
        zd_pack_payments_free(&payments);
    }
}

/* Found before the fuzzer: entities inside an attribute unfold while the parser still reads ahead of whoever would refuse the DOCTYPE. 337 bytes took half a minute. */
static void package_files__entities_in_an_attribute__are_refused_before_they_unfold(void **state)
{
    (void)state;
    zd_buf xml = {0};
    zd_buf wide = {0};
    zd_pack_payments payments = {0};
    zd_pack_cells cells = {0};
    zd_buf book = {0};
    zd_buf_add_text(&xml, "<!DOCTYPE x [<!ENTITY a \"aaaaaaaa\">");
    for (char name = 'b'; name <= 'j'; name++) {
        zd_buf_addf(&xml, "<!ENTITY %c \"", name);
        for (int i = 0; i < 6; i++) {
            zd_buf_addf(&xml, "&%c;", name - 1);
        }
        zd_buf_add_text(&xml, "\">");
    }
    zd_buf_add_text(&xml, "]><x y=\"&j;\"/>");
    assert_false(zd_pack_xml_is_plain(zd_buf_span(&xml)));
    assert_code(zd_pack_payments_pain(&payments, zd_buf_span(&xml), "pain.001.001.09", err), ZD_E_PACKAGE_MALFORMED);
    for (size_t i = 0; i < xml.size; i++) { /* the same in UTF-16 */
        zd_buf_add_byte(&wide, 0);
        zd_buf_add_byte(&wide, xml.data[i]);
    }
    assert_false(zd_pack_xml_is_plain(zd_buf_span(&wide)));
    assert_code(zd_pack_payments_pain(&payments, zd_buf_span(&wide), "pain.001.001.09", err), ZD_E_PACKAGE_MALFORMED);
    for (int in_sheet = 0; in_sheet < 2; in_sheet++) {
        zd_span laughs = zd_buf_span(&xml);
        zd_zip_member members[] = {{"xl/sharedStrings.xml", in_sheet ? zd_span_text("<sst/>") : laughs}, {"xl/worksheets/sheet1.xml", in_sheet ? laughs : zd_span_text("<worksheet/>")}};
        zd_buf_clear(&book);
        zd_answer_zip(&book, members, 2);
        assert_code(zd_pack_cells_workbook(&cells, zd_buf_span(&book), err), ZD_E_PACKAGE_MALFORMED);
        zd_pack_cells_free(&cells);
    }
    zd_pack_payments_free(&payments);
    zd_buf_free(&book);
    zd_buf_free(&wide);
    zd_buf_free(&xml);
}

static void workbooks__attacks_are_refused(void **state)
{
    (void)state;
    zd_buf book = {0};
    uint8_t *zeros = zd_alloc_zero(1, 32U << 20);
    zd_zip_member bomb[] = {{"xl/workbook.xml", zd_span_text("<workbook/>")}, {"xl/worksheets/sheet1.xml", zd_span_of(zeros, 32U << 20)}};
    zd_answer_zip(&book, bomb, 2);
    assert_true(book.size < 65536);
    refused_bytes(zd_buf_span(&book), ZD_E_ANSWER_ZIP);
    free(zeros);
    zd_zip_member plain[] = {{"readme.txt", zd_span_text("hello")}};
    zd_buf_clear(&book);
    zd_answer_zip(&book, plain, 1);
    refused_bytes(zd_buf_span(&book), ZD_E_ANSWER_KIND);
    zd_zip_member doctype[] = {{"xl/workbook.xml", zd_span_text("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><workbook>&e;</workbook>")}};
    zd_buf_clear(&book);
    zd_answer_zip(&book, doctype, 1);
    refused_bytes(zd_buf_span(&book), ZD_E_ANSWER_DOCTYPE);
    zd_buf_clear(&book);
    zd_answer_workbook(&book, "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>7</v></c></row>", "<si><t>x</t></si>");
    refused_bytes(zd_buf_span(&book), ZD_E_ANSWER_ZIP);
    zd_buf_clear(&book);
    zd_answer_workbook(&book, "<row r=\"1\">" S("B1", "x") S("A1", "y") "</row>", NULL);
    refused_bytes(zd_buf_span(&book), ZD_E_ANSWER_ZIP);
    /* Cut off anywhere, and with any byte turned, it is never read as a shorter table. */
    zd_buf_clear(&book);
    zd_answer_workbook(&book, "<row r=\"1\">" S("A1", "业务流水号") S("B1", "支付状态") S("C1", "金额(元)") "</row><row r=\"2\">" S("A2", "A") S("B2", "支付成功") S("C2", "1") "</row>", NULL);
    for (size_t size = 4; size < book.size; size += 7) {
        zd_answers *answers = NULL;
        zd_error err = {0};
        assert_int_not_equal(zd_answers_read(&answers, zd_span_of(book.data, size), profiles, NULL, &err), ZD_OK);
    }
    zd_buf_free(&book);
}

static void profiles__one_that_contradicts_itself_is_refused(void **state)
{
    (void)state;
    const char *dir = zd_test_dir("profiles");
    static const char *const wrong[] = {
        "{\"format\":\"zhidui-answer-profile\",\"v\":1,\"name\":\"a\",\"form\":\"result\",\"amount_unit\":\"yuan\",\"columns\":[{\"header\":\"h\",\"value\":\"end_to_end\"}]}",
        "{\"format\":\"zhidui-answer-profile\",\"v\":1,\"name\":\"a\",\"form\":\"dance\",\"amount_unit\":\"yuan\",\"columns\":[]}",
        "{\"format\":\"zhidui-answer-profile\",\"v\":1,\"name\":\"a\",\"form\":\"result\",\"amount_unit\":\"yuan\",\"columns\":[{\"header\":\"a\",\"value\":\"end_to_end\"},"
        "{\"header\":\"b\",\"value\":\"status\"},{\"header\":\"c\",\"value\":\"amount\"}],\"statuses\":{\"好\":\"GOOD\"}}",
        "{\"format\":\"zhidui-answer-profile\",\"v\":1,\"name\":\"a\",\"form\":\"result\",\"amount_unit\":\"yuan\",\"columns\":[{\"header\":\"a\",\"value\":\"end_to_end\"},"
        "{\"header\":\"a\",\"value\":\"status\"}]}"};
    for (size_t i = 0; i < ZD_COUNT(wrong); i++) {
        zd_answer_profiles *loaded = NULL;
        assert_int_equal(zd_test_shell(NULL, "printf '%%s' '%s' > %s/a.json", wrong[i], dir), 0);
        assert_code(zd_answer_profiles_load(&loaded, dir, err), ZD_E_TEMPLATE_INVALID);
    }
    zd_test_dir_remove(dir);
}

/* Bars between cells and at the end of each line, as some banks write them; a comma in a cell is then content. */
static void results__with_bars_between_cells_are_read_like_others(void **state)
{
    (void)state;
    zd_answers *a = read_bytes(zd_span_text("客户方流水号|处理结果|金额|失败原因|\r\nSB-1-P0001|成功|1,234.56||\r\nSB-1-P0002|失败|20.00|账号不存在, 请核对|\r\n合计|2|1,254.56||\r\n"));
    assert_string_equal(zd_answers_message(a), "bank-batch-result");
    assert_int_equal(zd_answers_count(a), 2);
    assert_string_equal(zd_answers_at(a, 0)->end_to_end, "SB-1-P0001");
    assert_int_equal(zd_answers_at(a, 0)->word, ZD_STS_DEBITED);
    assert_int_equal(zd_answers_at(a, 0)->amount, 123456);
    assert_int_equal(zd_answers_at(a, 1)->word, ZD_STS_REJECTED);
    assert_int_equal(zd_answers_at(a, 1)->amount, 2000);
    zd_answers_free(a);
}

int main(void)
{
    zd_test_start();
    assert_ok(zd_answer_profiles_load(&profiles, "ledger/settle/data/answers", err));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results__with_bars_between_cells_are_read_like_others),
        cmocka_unit_test(results__the_treasurys_workbook_is_read_by_serial),
        cmocka_unit_test(statements__debit_and_credit_columns_give_bookings),
        cmocka_unit_test(tables__a_cell_that_cannot_be_read_is_named),
        cmocka_unit_test(notices__json_and_csv_say_the_same),
        cmocka_unit_test(workbooks__attacks_are_refused),
        cmocka_unit_test(workbooks__of_two_members_with_one_name__are_refused),
        cmocka_unit_test(applications__that_contradict_themselves_about_the_batch__are_told),
        cmocka_unit_test(package_files__entities_in_an_attribute__are_refused_before_they_unfold),
        cmocka_unit_test(profiles__one_that_contradicts_itself_is_refused),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    zd_answer_profiles_free(profiles);
    return zd_test_run(failed);
}
