/*
 * The settlement files byte by byte against tests/golden/settle, and read a second time with other programs: iconv, xmllint,
 * unzip. ZD_GOLDEN_WRITE=1 writes the golden files anew; read them before they are kept.
 */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/durable.h"
#include "ledger/base/money.h"
#include "ledger/settle/settle_int.h"
#include "tests/support/settlement_case.h"

#define XSD_OF(version) "../shared/xsd/pain.001.001." version ".xsd"
#define XSD XSD_OF("09")
#define MEGABYTE (1U << 20)

static zd_buf template_text(void)
{
    zd_buf text = {0};
    assert_ok(zd_file_read(&text, ZD_CASE_TEMPLATE, MEGABYTE, err));
    return text;
}

static void assert_golden(const char *name, const zd_buf *made)
{
    zd_buf path = {0};
    zd_buf golden = {0};
    zd_buf_addf(&path, "tests/golden/settle/%s", name);
    if (getenv("ZD_GOLDEN_WRITE") != NULL) {
        assert_ok(zd_dir_make_parents(zd_buf_text(&path), err));
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

/* All files of a case that are text, each written twice. */
static void assert_case(const char *folder, const zd_settlement *settlement)
{
    zd_buf template = template_text();
    static const char *const names[] = {"treasury.csv", "pain.001.001.09.xml", "approval.html", "notice.csv", "statement-1.csv", "VERIFY.txt", "pain.001.001.03.xml", "statement-1.html"};
    for (size_t i = 0; i < ZD_COUNT(names); i++) {
        zd_buf made[2] = {{0}, {0}};
        for (size_t k = 0; k < 2; k++) {
            switch (i) {
            case 0:
                assert_ok(zd_settle_treasury_csv(&made[k], settlement, zd_buf_span(&template), err));
                break;
            case 1:
                assert_ok(zd_settle_pain001(&made[k], settlement, ZD_PAIN_09, err));
                break;
            case 2:
                assert_ok(zd_settle_approval(&made[k], settlement, zd_buf_span(&template), err));
                break;
            case 3:
                assert_ok(zd_settle_notice(&made[k], settlement, err));
                break;
            case 4:
                assert_ok(zd_settle_statement(&made[k], settlement, 0, err));
                break;
            case 5:
                zd_settle_verify_text(&made[k], settlement);
                break;
            case 6:
                assert_ok(zd_settle_pain001(&made[k], settlement, ZD_PAIN_03, err));
                break;
            default:
                assert_ok(zd_settle_statement_html(&made[k], settlement, 0, err));
            }
        }
        char name[80];
        zd_format(name, sizeof name, "%s/%s", folder, names[i]);
        assert_true(zd_span_equal(zd_buf_span(&made[0]), zd_buf_span(&made[1])));
        assert_golden(name, &made[0]);
        zd_buf_free(&made[0]);
        zd_buf_free(&made[1]);
    }
    zd_buf_free(&template);
}

static void files__three_lines_match_the_golden_folder(void **state)
{
    (void)state;
    zd_settlement_case batch;
    zd_case_three_lines(&batch);
    assert_case("three-lines", &batch.settlement);
}

/* The third statement is that of the provider who is paid nothing; no payment file knows it. */
static void files__wholly_offset_line_matches_the_golden_folder_and_is_paid_nowhere(void **state)
{
    (void)state;
    zd_settlement_case batch;
    zd_buf made[5] = {{0}, {0}, {0}, {0}, {0}};
    zd_case_with_offset(&batch);
    const zd_settlement *settlement = &batch.settlement;
    assert_case("with-offset", settlement);
    assert_ok(zd_settle_statement(&made[0], settlement, 2, err));
    assert_golden("with-offset/statement-3.csv", &made[0]);
    assert_ok(zd_settle_statement_html(&made[1], settlement, 2, err));
    assert_golden("with-offset/statement-3.html", &made[1]);
    assert_ok(zd_settle_statement_xlsx(&made[2], settlement, 2, err));
    zd_settle_manifest(&made[3], settlement, NULL, 0);
    assert_golden("with-offset/MANIFEST", &made[3]);
    static const char *const paying[] = {"treasury.csv", "pain.001.001.09.xml", "pain.001.001.03.xml"};
    for (size_t i = 0; i < ZD_COUNT(paying); i++) {
        zd_buf path = {0};
        zd_buf_clear(&made[4]);
        zd_buf_addf(&path, "tests/golden/settle/with-offset/%s", paying[i]);
        assert_ok(zd_file_read(&made[4], zd_buf_text(&path), MEGABYTE, err));
        assert_null(strstr(zd_buf_text(&made[4]), "SB20260305-0001-P0002"));
        assert_null(strstr(zd_buf_text(&made[4]), ">0.00<"));
        zd_buf_free(&path);
    }
    for (size_t i = 0; i < ZD_COUNT(made); i++) {
        zd_buf_free(&made[i]);
    }
}

static void files__one_fen_match_the_golden_folder(void **state)
{
    (void)state;
    zd_settlement_case batch;
    zd_case_one_fen(&batch);
    assert_case("one-fen", &batch.settlement);
}

static void assert_shell(const char *expected, const char *command)
{
    zd_buf out = {0};
    int status = zd_test_shell(&out, "%s", command);
    if (status != 0 || strcmp(zd_buf_text(&out), expected) != 0) {
        print_error("%s\ngave %d:\n%s\n", command, status, zd_buf_text(&out));
    }
    assert_int_equal(status, 0);
    assert_string_equal(zd_buf_text(&out), expected);
    zd_buf_free(&out);
}

static void pain001__schema_accepts_both_cases(void **state)
{
    (void)state;
    if (!zd_path_exists(XSD)) {
        print_message("SKIPPED: no schema at " XSD ", pain.001 was not validated\n");
        skip();
    }
    assert_shell("tests/golden/settle/three-lines/pain.001.001.09.xml validates\n",
                 "xmllint --noout --nonet --schema " XSD " tests/golden/settle/three-lines/pain.001.001.09.xml");
    assert_shell("tests/golden/settle/one-fen/pain.001.001.09.xml validates\n",
                 "xmllint --noout --nonet --schema " XSD " tests/golden/settle/one-fen/pain.001.001.09.xml");
    assert_shell("tests/golden/settle/three-lines/pain.001.001.03.xml validates\n",
                 "xmllint --noout --nonet --schema " XSD_OF("03") " tests/golden/settle/three-lines/pain.001.001.03.xml");
    assert_shell("tests/golden/settle/one-fen/pain.001.001.03.xml validates\n",
                 "xmllint --noout --nonet --schema " XSD_OF("03") " tests/golden/settle/one-fen/pain.001.001.03.xml");
}

/* xmllint adds and counts what we wrote: the figures of the test are typed here, not taken from the writer. */
static void pain001__second_reading_gives_counts_sums_and_payees(void **state)
{
    (void)state;
#define PAIN "xmllint --nonet --xpath '%s' tests/golden/settle/three-lines/pain.001.001.09.xml"
    static const struct {
        const char *xpath, *expected;
    } rows[] = {
        {"count(//*[local-name()=\"CdtTrfTxInf\"])", "3\n"},
        {"string(//*[local-name()=\"GrpHdr\"]/*[local-name()=\"NbOfTxs\"])", "3\n"},
        {"string(//*[local-name()=\"PmtInf\"]/*[local-name()=\"NbOfTxs\"])", "3\n"},
        {"string(//*[local-name()=\"GrpHdr\"]/*[local-name()=\"CtrlSum\"])", "202445.65\n"},
        {"string(//*[local-name()=\"PmtInf\"]/*[local-name()=\"CtrlSum\"])", "202445.65\n"},
        {"round(sum(//*[local-name()=\"InstdAmt\"]) * 100) = 20244565", "true\n"},
        {"string(//*[local-name()=\"CreDtTm\"])", "2026-03-05T10:11:12+08:00\n"},
        {"string(//*[local-name()=\"ReqdExctnDt\"]/*)", "2026-03-16\n"},
        {"string(//*[local-name()=\"InitgPty\"]//*[local-name()=\"Othr\"]/*[local-name()=\"Id\"])", "11330600X000000190\n"},
        {"string(//*[local-name()=\"CdtTrfTxInf\"][2]/*[local-name()=\"Cdtr\"]/*[local-name()=\"Nm\"])", "镜湖 \"A&B\" 实验室, 有限合伙\n"},
        {"string(//*[local-name()=\"CdtTrfTxInf\"][3]/*[local-name()=\"Cdtr\"]/*[local-name()=\"Nm\"])", "龑𠮷仪器共享中心(普通合伙)\n"},
        {"string(//*[local-name()=\"CdtTrfTxInf\"][1]//*[local-name()=\"CdtrAcct\"]//*[local-name()=\"Id\"]/*[local-name()=\"Othr\"]/*[local-name()=\"Id\"])",
         "1211012009200012345\n"},
        {"string(//*[local-name()=\"CdtTrfTxInf\"][2]//*[local-name()=\"MmbId\"])", "402331000007\n"},
        {"string(//*[local-name()=\"CdtTrfTxInf\"][3]//*[local-name()=\"EndToEndId\"])", "SB20260305-0001-P0003\n"},
        {"string(//*[local-name()=\"ClrSysId\"]/*)", "CNAPS\n"},
        {"count(//*[local-name()=\"InstdAmt\"][@Ccy=\"CNY\"])", "3\n"},
    };
    for (size_t i = 0; i < ZD_COUNT(rows); i++) {
        zd_buf command = {0};
        zd_buf_addf(&command, PAIN, rows[i].xpath);
        assert_shell(rows[i].expected, zd_buf_text(&command));
        zd_buf_free(&command);
    }
}

/* The day of the seal is the day in Shanghai, and a unit that pays from its own account is not named twice. */
static void pain001__seal_before_eight_in_the_morning_keeps_the_local_date(void **state)
{
    (void)state;
    assert_shell("2026-10-01T00:00:00+08:00\n", "xmllint --nonet --xpath 'string(//*[local-name()=\"CreDtTm\"])' tests/golden/settle/one-fen/pain.001.001.09.xml");
    assert_shell("0.01\n", "xmllint --nonet --xpath 'string(//*[local-name()=\"InstdAmt\"])' tests/golden/settle/one-fen/pain.001.001.09.xml");
    assert_shell("0\n", "xmllint --nonet --xpath 'count(//*[local-name()=\"UltmtDbtr\"])' tests/golden/settle/one-fen/pain.001.001.09.xml");
    assert_shell("1\n", "xmllint --nonet --xpath 'count(//*[local-name()=\"UltmtDbtr\"])' tests/golden/settle/three-lines/pain.001.001.09.xml");
}

static void treasury_csv__iconv_reads_it_as_gb18030_with_crlf(void **state)
{
    (void)state;
    assert_shell("序号,指标文号,预算单位,项目,功能分类,政府经济分类,部门经济分类,资金性质,结算方式,收款人全称,账号,开户行,行号,金额(元),用途,业务流水号\r\n"
                 "1,越财教〔2026〕12号,越州市科学技术局,科技创新券,2060404,50799,31299,一般公共预算资金,转账,越州市检验检测研究院（国家纺织中心）,1211012009200012345,"
                 "某商业银行股份有限公司越州分行营业部,313337009004,190000.00,科技创新券兑付2026年第1批,SB20260305-0001-P0001\r\n"
                 "2,越财教〔2026〕12号,越州市科学技术局,科技创新券,2060404,50799,31299,一般公共预算资金,转账,\"镜湖 \"\"A&B\"\" 实验室, 有限合伙\",6217000000000000004,"
                 "某农村信用合作联社<城西>分社,402331000007,12345.60,科技创新券兑付2026年第1批,SB20260305-0001-P0002\r\n"
                 "3,越财教〔2026〕12号,越州市科学技术局,科技创新券,2060404,50799,31299,一般公共预算资金,转账,龑𠮷仪器共享中心(普通合伙),80110120,"
                 "某银行越州支行,102100099996,100.05,科技创新券兑付2026年第1批,SB20260305-0001-P0003\r\n",
                 "iconv -f GB18030 -t UTF-8 tests/golden/settle/three-lines/treasury.csv");
}

static void template__reordered_columns_change_the_file_without_code(void **state)
{
    (void)state;
    static const char reordered[] =
        "{\"format\":\"zhidui-treasury-template\",\"v\":1,\"name\":\"付款\",\"columns\":["
        "{\"header\":\"流水\",\"value\":\"line.end_to_end\"},{\"header\":\"元\",\"value\":\"line.net_yuan\"},{\"header\":\"支付方式\",\"text\":\"授权\"},"
        "{\"header\":\"行号\",\"value\":\"line.bank_code\"},{\"header\":\"开户行\",\"value\":\"line.bank_name\"},"
        "{\"header\":\"账号\",\"value\":\"line.account\"},{\"header\":\"户名\",\"value\":\"line.account_name\"}]}";
    zd_settlement_case batch;
    zd_case_one_fen(&batch);
    zd_buf csv = {0};
    zd_buf expected = {0};
    assert_ok(zd_settle_treasury_csv(&csv, &batch.settlement, zd_span_text(reordered), err));
    assert_ok(zd_gb18030_add(&expected,
                             zd_span_text("流水,元,支付方式,行号,开户行,账号,户名\r\n"
                                          "SB20261008-0002-P0001,0.01,授权,102100099996,某银行越州支行,80110120,龑𠮷仪器共享中心(普通合伙)\r\n"),
                             err));
    assert_true(zd_span_equal(zd_buf_span(&csv), zd_buf_span(&expected)));
    zd_buf_free(&expected);
    zd_buf_free(&csv);
}

/* A payment form that cannot pay anybody, or that would run a formula, is not a template. */
static void template__unsound_files_are_refused(void **state)
{
    (void)state;
#define REST                                                                                                                     \
    "{\"header\":\"a\",\"value\":\"line.end_to_end\"},{\"header\":\"b\",\"value\":\"line.net_yuan\"},"                             \
    "{\"header\":\"c\",\"value\":\"line.bank_code\"},{\"header\":\"d\",\"value\":\"line.bank_name\"},{\"header\":\"e\",\"value\":\"line.account\"}"
#define NAME "{\"header\":\"f\",\"value\":\"line.account_name\"}"
#define HEAD "{\"format\":\"zhidui-treasury-template\",\"v\":1,\"name\":\"x\",\"columns\":["
    static const struct {
        const char *text;
        zd_code code;
    } rows[] = {
        {HEAD REST "," NAME "]}", ZD_CODE_NONE},
        {HEAD REST "]}", ZD_E_TEMPLATE_INVALID},
        {HEAD "]}", ZD_E_TEMPLATE_INVALID},
        {HEAD REST "," NAME "," NAME "]}", ZD_E_TEMPLATE_INVALID},
        {HEAD REST "," NAME ",{\"header\":\"g\",\"value\":\"line.unknown\"}]}", ZD_E_TEMPLATE_INVALID},
        {HEAD REST "," NAME ",{\"header\":\"g\",\"value\":\"batch.account\"}]}", ZD_E_TEMPLATE_INVALID},
        {HEAD REST "," NAME ",{\"header\":\"g\",\"text\":\"=1+1\"}]}", ZD_E_TEMPLATE_INVALID},
        {HEAD REST "," NAME ",{\"header\":\"＝g\",\"text\":\"1\"}]}", ZD_E_TEMPLATE_INVALID},
        {HEAD REST "," NAME ",{\"header\":\"g\",\"text\":\"1\",\"value\":\"line.number\"}]}", ZD_E_TEMPLATE_INVALID},
        {HEAD REST "," NAME ",{\"header\":\"g\",\"text\":\"1\",\"widht\":3}]}", ZD_E_JSON_UNKNOWN},
        {HEAD REST "," NAME ",{\"header\":\"g\",\"text\":\"1\",\"width\":0}]}", ZD_E_JSON_RANGE},
        {"{\"format\":\"other\",\"v\":1,\"name\":\"x\",\"columns\":[" REST "," NAME "]}", ZD_E_TEMPLATE_INVALID},
        {"[]", ZD_E_JSON_SYNTAX},
    };
    for (size_t i = 0; i < ZD_COUNT(rows); i++) {
        zd_treasury_template template;
        zd_error err = {0};
        (void)zd_treasury_template_read(&template, zd_span_text(rows[i].text), &err);
        if (err.code != rows[i].code) {
            print_error("row %zu: %s\n", i, zd_code_name(err.code));
        }
        assert_int_equal(err.code, rows[i].code);
    }
}

static zd_buf workbook(void)
{
    zd_settlement_case batch;
    zd_case_three_lines(&batch);
    zd_buf template = template_text();
    zd_buf out = {0};
    assert_ok(zd_settle_treasury_xlsx(&out, &batch.settlement, zd_buf_span(&template), err));
    zd_buf_free(&template);
    return out;
}

/* The library could read the clock or the zone; the bytes must not show either. */
static void treasury_xlsx__two_exports_in_different_zones_are_identical(void **state)
{
    (void)state;
    zd_buf first = workbook();
    assert_int_equal(setenv("TZ", "America/New_York", 1), 0);
    zd_buf second = workbook();
    assert_int_equal(unsetenv("TZ"), 0);
    assert_true(first.size > 4000);
    assert_true(zd_span_equal(zd_buf_span(&first), zd_buf_span(&second)));
    zd_buf_free(&first);
    zd_buf_free(&second);
}

static void treasury_xlsx__unzip_reads_text_cells_and_the_seal_time(void **state)
{
    (void)state;
    const char *dir = zd_test_dir("xlsx");
    zd_buf book = workbook();
    zd_buf path = {0};
    zd_buf found = {0};
    assert_ok(zd_file_write(zd_path_join(&path, dir, "a.xlsx"), zd_buf_span(&book), 0600, err));
    assert_int_equal(zd_test_shell(&found, "unzip -tqq %s", zd_buf_text(&path)), 0);
    assert_int_equal(zd_test_shell(&found, "unzip -p %s docProps/core.xml | grep -o '2026-03-05T02:11:12Z' | sort | uniq -c | tr -d ' '", zd_buf_text(&path)), 0);
    /* sixteen columns, four rows, every cell a shared string: no number that a spreadsheet could round */
    assert_int_equal(zd_test_shell(&found, "unzip -p %s xl/worksheets/sheet1.xml | grep -o '<c [^>]*>' | wc -l", zd_buf_text(&path)), 0);
    assert_int_equal(zd_test_shell(&found, "unzip -p %s xl/worksheets/sheet1.xml | grep -o '<c [^>]* t=\"s\"' | wc -l", zd_buf_text(&path)), 0);
    assert_int_equal(zd_test_shell(&found, "unzip -p %s xl/sharedStrings.xml | grep -o '>1211012009200012345<\\|>190000.00<\\|>313337009004<\\|>12345.60<'", zd_buf_text(&path)), 0);
    assert_int_equal(zd_test_shell(&found, "zipinfo -T %s | grep -c ' 19800101.000000 '", zd_buf_text(&path)), 0);
    assert_int_equal(zd_test_shell(&found, "unzip -Z1 %s | wc -l", zd_buf_text(&path)), 0);
    assert_string_equal(zd_buf_text(&found), "22026-03-05T02:11:12Z\n64\n64\n>1211012009200012345<\n>313337009004<\n>190000.00<\n>12345.60<\n10\n10\n");
    zd_buf_free(&found);
    zd_buf_free(&path);
    zd_buf_free(&book);
    zd_test_dir_remove(dir);
}

/* The strings of the sheet in the order of the cells are the cells of the CSV. */
static void treasury_xlsx__holds_the_same_cells_as_the_csv(void **state)
{
    (void)state;
    const char *dir = zd_test_dir("xlsx");
    zd_buf book = workbook();
    zd_buf path = {0};
    zd_buf found = {0};
    assert_ok(zd_file_write(zd_path_join(&path, dir, "a.xlsx"), zd_buf_span(&book), 0600, err));
    assert_int_equal(zd_test_shell(&found, "unzip -p %s xl/sharedStrings.xml | xmllint --xpath '//*[local-name()=\"t\"]/text()' -", zd_buf_text(&path)), 0);
    assert_golden("three-lines/xlsx-strings.txt", &found);
    zd_buf_free(&found);
    zd_buf_free(&path);
    zd_buf_free(&book);
    zd_test_dir_remove(dir);
}

static zd_buf approval(const zd_settlement *settlement)
{
    zd_buf template = template_text();
    zd_buf page = {0};
    assert_ok(zd_settle_approval(&page, settlement, zd_buf_span(&template), err));
    zd_buf_free(&template);
    return page;
}

static void approval__check_code_is_that_of_the_treasury_file(void **state)
{
    (void)state;
    zd_settlement_case batch;
    zd_case_three_lines(&batch);
    zd_buf page = approval(&batch.settlement);
    zd_buf sum = {0};
    assert_int_equal(zd_test_shell(&sum, "sha256sum tests/golden/settle/three-lines/treasury.csv"), 0);
    char shown[64];
    zd_format(shown, sizeof shown, ">%.4s-%.4s</td>", zd_buf_text(&sum), zd_buf_text(&sum) + 4);
    assert_non_null(strstr(zd_buf_text(&page), shown));
    zd_buf_free(&sum);
    zd_buf_free(&page);
}

static void approval__markup_in_names_is_text_and_old_accounts_are_masked(void **state)
{
    (void)state;
    zd_settlement_case batch;
    zd_case_three_lines(&batch);
    batch.lines[1].provider_name = "<script>alert(1)</script>";
    zd_buf page = approval(&batch.settlement);
    const char *text = zd_buf_text(&page);
    assert_null(strstr(text, "<script"));
    assert_non_null(strstr(text, "&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert_non_null(strstr(text, "某农村信用合作联社&lt;城西&gt;分社"));
    assert_non_null(strstr(text, "1211012009200012345")); /* first payment: to be compared in full */
    assert_null(strstr(text, "80110120"));                /* paid before */
    assert_non_null(strstr(text, "账户变更后首次付款"));
    assert_non_null(strstr(text, "人民币贰拾万贰仟肆佰肆拾伍元陆角伍分"));
    assert_non_null(strstr(text, "R25 自付部分尚未确认到账。"));
    assert_non_null(strstr(text, "<b>放行</b>"));
    zd_buf_free(&page);
}

/* Who opens the public list in a spreadsheet runs no formula of a clever company name; no account is on it. */
static void notice__formula_names_are_defused_and_accounts_absent(void **state)
{
    (void)state;
    zd_settlement_case batch;
    zd_case_three_lines(&batch);
    zd_buf notice = {0};
    assert_ok(zd_settle_notice(&notice, &batch.settlement, err));
    const char *text = zd_buf_text(&notice);
    assert_non_null(strstr(text, ",\"'=HYPERLINK(\"\"x\"\")科技有限公司\","));
    for (size_t i = 0; i < batch.settlement.line_count; i++) {
        assert_null(strstr(text, batch.lines[i].account));
    }
    assert_non_null(strstr(text, "异议联系方式,越州市科学技术局 0575-00000000\r\n"));
    assert_non_null(strstr(text, "合计,,,,,207445.65,\r\n"));
    zd_buf_free(&notice);
}

static void statement__shows_its_own_items_and_no_full_account(void **state)
{
    (void)state;
    zd_settlement_case batch;
    zd_case_three_lines(&batch);
    zd_buf statement = {0};
    assert_ok(zd_settle_statement(&statement, &batch.settlement, 1, err));
    const char *text = zd_buf_text(&statement);
    assert_null(strstr(text, "6217000000000000004"));
    assert_non_null(strstr(text, "收款账号,***************0004\r\n"));
    assert_non_null(strstr(text, "P94-2026-000002"));
    assert_null(strstr(text, "P12-2026"));
    assert_non_null(strstr(text, "列示笔数/本批核销笔数,1 of 1\r\n"));
    zd_buf_free(&statement);
}

/* Every writer repeats the check: a batch that does not add up gives no file at all. */
static void writers__wrong_sum_gives_no_file(void **state)
{
    (void)state;
    zd_settlement_case batch;
    zd_case_three_lines(&batch);
    batch.settlement.total_fen++;
    zd_buf template = template_text();
    zd_buf out = {0};
    assert_code(zd_settle_treasury_csv(&out, &batch.settlement, zd_buf_span(&template), err), ZD_E_EXPORT_SUM);
    assert_code(zd_settle_treasury_xlsx(&out, &batch.settlement, zd_buf_span(&template), err), ZD_E_EXPORT_SUM);
    assert_code(zd_settle_pain001(&out, &batch.settlement, ZD_PAIN_09, err), ZD_E_EXPORT_SUM);
    assert_code(zd_settle_approval(&out, &batch.settlement, zd_buf_span(&template), err), ZD_E_EXPORT_SUM);
    assert_code(zd_settle_statement(&out, &batch.settlement, 0, err), ZD_E_EXPORT_SUM);
    assert_int_equal(out.size, 0);
    zd_buf_free(&out);
    zd_buf_free(&template);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files__three_lines_match_the_golden_folder),
        cmocka_unit_test(files__wholly_offset_line_matches_the_golden_folder_and_is_paid_nowhere),
        cmocka_unit_test(files__one_fen_match_the_golden_folder),
        cmocka_unit_test(pain001__schema_accepts_both_cases),
        cmocka_unit_test(pain001__second_reading_gives_counts_sums_and_payees),
        cmocka_unit_test(pain001__seal_before_eight_in_the_morning_keeps_the_local_date),
        cmocka_unit_test(treasury_csv__iconv_reads_it_as_gb18030_with_crlf),
        cmocka_unit_test(template__reordered_columns_change_the_file_without_code),
        cmocka_unit_test(template__unsound_files_are_refused),
        cmocka_unit_test(treasury_xlsx__two_exports_in_different_zones_are_identical),
        cmocka_unit_test(treasury_xlsx__unzip_reads_text_cells_and_the_seal_time),
        cmocka_unit_test(treasury_xlsx__holds_the_same_cells_as_the_csv),
        cmocka_unit_test(approval__check_code_is_that_of_the_treasury_file),
        cmocka_unit_test(approval__markup_in_names_is_text_and_old_accounts_are_masked),
        cmocka_unit_test(notice__formula_names_are_defused_and_accounts_absent),
        cmocka_unit_test(statement__shows_its_own_items_and_no_full_account),
        cmocka_unit_test(writers__wrong_sum_gives_no_file),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
