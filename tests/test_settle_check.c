/* The check before any payment file: one row of the table damages one value of a sound batch and names the one answer. */
#include "tests/support/support.h"

#include <string.h>

#include "ledger/settle/settle_int.h"
#include "tests/support/settlement_case.h"

/* Everything reported, as "line/field/code" lines. */
static void note_problem(void *context, const zd_error *problem)
{
    zd_buf_addf(context, "%lld/%s/%s\n", (long long)problem->line, problem->field, zd_code_name(problem->code));
}

static zd_code check(zd_buf *reported, const zd_settlement *settlement)
{
    zd_error err = {0};
    (void)zd_settle_check(settlement, ZD_CASE_CALENDAR, note_problem, reported, &err);
    return err.code;
}

typedef struct damage {
    bool of_line;      /* of line 2, else of the batch */
    const char *field; /* name in the table of values */
    const char *text;  /* NULL is a value that is missing */
    const char *reported;
} damage;

#define A10 "AAAAAAAAAA"
#define YUE10 "越越越越越越越越越越"
static const damage texts[] = {
    /* ids */
    {true, "end_to_end", "SB20260305-0001-P0001", "2/end_to_end/export-duplicate\n"},
    {true, "end_to_end", A10 A10 A10 "AAAAAA", "2/end_to_end/text-too-long\n"},
    {true, "end_to_end", A10 A10 A10 "AAAAA", ""},
    {true, "end_to_end", "SB20260305_0001", "2/end_to_end/export-id\n"},
    {true, "end_to_end", "SB20260305/0001", "2/end_to_end/export-id\n"},
    {true, "end_to_end", "-SB1", "2/end_to_end/export-id\n"},
    {true, "end_to_end", "批次1", "2/end_to_end/export-id\n"},
    {true, "end_to_end", NULL, "2/end_to_end/export-empty\n"},
    {true, "provider", "12330600X00000086C", "2/provider/export-duplicate\n"},
    {false, "batch", A10 A10 A10 "AAA", ""},
    {false, "batch", A10 A10 A10 "AAAA", "0/batch/text-too-long\n"}, /* PmtInfId would have 36 */
    {false, "batch", "", "0/batch/export-empty\n"},
    /* names */
    {true, "account_name", NULL, "2/account_name/export-empty\n"},
    {true, "account_name", YUE10 YUE10 YUE10 YUE10 YUE10 YUE10, ""},                               /* 120 bytes of GB18030, 180 of UTF-8 */
    {true, "account_name", YUE10 YUE10 YUE10 YUE10 YUE10 YUE10 "A", "2/account_name/text-too-long\n"},
    {true, "account_name", "名\x80", "2/account_name/text-not-utf8\n"},
    {true, "account_name", "名\n称", "2/account_name/text-control-character\n"},
    {true, "account_name", "名\x7f", "2/account_name/text-control-character\n"},
    {true, "account_name", "名\xe2\x80\x8b称", "2/account_name/text-control-character\n"},              /* U+200B zero width space */
    {true, "account_name", "\xe2\x80\xae称名", "2/account_name/text-control-character\n"},         /* U+202E turns the direction */
    {true, "account_name", "\xef\xbb\xbf名", "2/account_name/text-control-character\n"},           /* U+FEFF */
    {true, "account_name", "名\xc2\xa0称", "2/account_name/text-control-character\n"},             /* U+00A0 no-break space */
    {true, "account_name", "邉\xf3\xa0\x84\x80", "2/account_name/text-control-character\n"},       /* U+E0100 variation selector */
    {true, "account_name", "\xee\x9e\x8d", "2/account_name/export-charset\n"},                     /* U+E78D, no place in GB18030 */
    {true, "account_name", "\xef\xbf\xbd", "2/account_name/export-charset\n"},                     /* U+FFFD, damaged before */
    {true, "account_name", "䶮𠮷", ""},
    {true, "account_name", "公司　分部 (甲)", ""}, /* ideographic and plain space are ordinary text */
    /* formulas */
    {true, "account_name", "=1+1", "2/account_name/export-formula\n"},
    {true, "account_name", "+86", "2/account_name/export-formula\n"},
    {true, "account_name", "-甲", "2/account_name/export-formula\n"},
    {true, "account_name", "@甲", "2/account_name/export-formula\n"},
    {true, "account_name", "＝甲", "2/account_name/export-formula\n"},
    {true, "account_name", "＋甲", "2/account_name/export-formula\n"},
    {true, "account_name", "－甲", "2/account_name/export-formula\n"},
    {true, "account_name", "＠甲", "2/account_name/export-formula\n"},
    {true, "account_name", " =1", "2/account_name/export-formula\n"},
    {true, "account_name", "\t甲", "2/account_name/text-control-character\n2/account_name/export-formula\n"},
    {true, "account_name", "\r甲", "2/account_name/text-control-character\n2/account_name/export-formula\n"},
    {true, "account_name", "甲=乙", ""},
    {true, "bank_name", "@分行", "2/bank_name/export-formula\n"},
    {false, "purpose", "=A1", "0/purpose/export-formula\n"},
    {false, "document", "-12号", "0/document/export-formula\n"},
    {false, "settle_mode", "", "0/settle_mode/export-empty\n"},
    {false, "payer_name", NULL, "0/payer_name/export-empty\n"},
    {false, "payer_code", "11330600", "0/payer_code/field-invalid\n"},
    {false, "contact", NULL, "0/contact/export-empty\n"},
    {false, "maker", "a\x01", "0/maker/text-control-character\n"},
    {false, "releaser", NULL, ""},
    /* accounts and banks */
    {true, "account", "1234567", "2/account/export-account\n"},
    {true, "account", "12345678", ""},
    {true, "account", "12345678901234567890123456789012", ""},
    {true, "account", "123456789012345678901234567890123", "2/account/export-account\n"},
    {true, "account", "6217 0000 0000", "2/account/export-account\n"},
    {true, "account", "6.217E+18", "2/account/export-account\n"},
    {true, "account", "６２１７００００", "2/account/export-account\n"},
    {true, "account", NULL, "2/account/export-account\n"},
    {true, "bank_code", "402331000008", "2/bank_code/export-bank-code\n"},
    {true, "bank_code", "40233100000", "2/bank_code/export-bank-code\n"},
    {true, "bank_code", NULL, "2/bank_code/export-bank-code\n"},
    {false, "payer_account", "1", "0/payer_account/export-account\n"},
    {false, "payer_bank_code", "304521041447", "0/payer_bank_code/export-bank-code\n"},
    /* the day */
    {false, "execution_date", "2026-03-05", ""}, /* the day of the seal */
    {false, "execution_date", "2026-03-04", "0/execution_date/export-date\n"},
    {false, "execution_date", "2026-10-01", "0/execution_date/export-date\n"},
    {false, "execution_date", "2026-10-08", ""},
    {false, "execution_date", "2026-10-10", ""}, /* a working Saturday */
    {false, "execution_date", "2026-10-11", "0/execution_date/export-date\n"},
    {false, "execution_date", "2027-03-01", "0/execution_date/calendar-missing\n"},
    {false, "execution_date", "16.03.2026", "0/execution_date/date-malformed\n"},
    {false, "execution_date", NULL, "0/execution_date/date-malformed\n"},
};

static void set_value(zd_settlement_case *batch, const damage *row)
{
    size_t count = 0;
    const zd_settle_value *values = zd_settle_values(&count);
    for (size_t i = 0; i < count; i++) {
        if (values[i].of_line == row->of_line && strcmp(values[i].name, row->field) == 0) {
            char *base = row->of_line ? (char *)&batch->lines[1] : (char *)&batch->settlement;
            memcpy(base + values[i].offset, &row->text, sizeof row->text);
            return;
        }
    }
    fail_msg("no value %s", row->field);
}

static void check__each_damaged_text_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < ZD_COUNT(texts); i++) {
        zd_settlement_case batch;
        zd_buf reported = {0};
        zd_case_three_lines(&batch);
        set_value(&batch, &texts[i]);
        zd_code code = check(&reported, &batch.settlement);
        if (strcmp(zd_buf_text(&reported), texts[i].reported) != 0) {
            print_error("row %zu, %s: %s\n", i, texts[i].field, zd_buf_text(&reported));
        }
        assert_string_equal(zd_buf_text(&reported), texts[i].reported);
        assert_int_equal(code, reported.size == 0 ? ZD_CODE_NONE : ZD_E_EXPORT_REFUSED);
        zd_buf_free(&reported);
    }
}

typedef struct amount_damage {
    int64_t gross, offset, net, total_change, number;
    const char *reported;
} amount_damage;

/* Line 2 is 12,345.60 of 202,445.65 yuan. */
static const amount_damage amounts[] = {
    {1234560, 0, 1234560, 0, 2, ""},
    {1234560, 0, 1234560, 1, 2, "0/total/export-sum\n"},
    {1234560, 0, 1234560, -1, 2, "0/total/export-sum\n"},
    {1234561, 0, 1234561, 0, 2, "0/total/export-sum\n"},
    {1234561, 0, 1234561, 1, 2, ""},
    {1234561, 0, 1234560, 0, 2, "2/net/export-amount\n"},
    {1234570, 10, 1234560, 0, 2, ""},
    {1234560, -10, 1234570, 10, 2, "2/net/export-amount\n"},
    {0, 0, 0, -1234560, 2, "2/net/export-amount\n"},
    {-5, 0, -5, -1234565, 2, "2/net/export-amount\n"},
    {INT64_C(1) << 62, 0, INT64_C(1) << 62, 0, 2, "2/total/export-sum\n2/net/export-amount\n"},
    {1234560, 0, 1234560, 0, 1, "1/number/export-sum\n"},
    {1234560, 0, 1234560, 0, 0, "0/number/export-sum\n"},
    {1234560, 0, 1234560, 0, 3, "3/number/export-sum\n"},
};

static void check__each_wrong_amount_or_number_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < ZD_COUNT(amounts); i++) {
        zd_settlement_case batch;
        zd_buf reported = {0};
        zd_case_three_lines(&batch);
        batch.lines[1].gross_fen = amounts[i].gross;
        batch.lines[1].offset_fen = amounts[i].offset;
        batch.lines[1].net_fen = amounts[i].net;
        batch.lines[1].number = amounts[i].number;
        batch.settlement.total_fen += amounts[i].total_change;
        zd_code code = check(&reported, &batch.settlement);
        if (strcmp(zd_buf_text(&reported), amounts[i].reported) != 0) {
            print_error("row %zu: %s\n", i, zd_buf_text(&reported));
        }
        assert_string_equal(zd_buf_text(&reported), amounts[i].reported);
        assert_int_equal(code, reported.size == 0 ? ZD_CODE_NONE : ZD_E_EXPORT_REFUSED);
        zd_buf_free(&reported);
    }
}

/* A line number left out after an objection is no fault; the remaining numbers keep their order. */
static void check__gap_in_the_numbers_is_sound(void **state)
{
    (void)state;
    zd_settlement_case batch;
    zd_buf reported = {0};
    zd_case_three_lines(&batch);
    batch.lines[1] = batch.lines[2];
    batch.settlement.line_count = 2;
    batch.settlement.total_fen -= 1234560;
    assert_int_equal(check(&reported, &batch.settlement), ZD_CODE_NONE);
    assert_int_equal(reported.size, 0);
    zd_buf_free(&reported);
}

/* A line that is not wholly offset must not hide among those that pay nothing; one that is must not be paid. */
static void check__offset_lines_that_do_not_add_up_are_named(void **state)
{
    (void)state;
    static const struct {
        int64_t gross, offset, net, total;
        const char *reported;
    } rows[] = {{1234560, 1234560, 0, 1234560, ""},
                {1234560, 1234559, 1, 1234559, "2/offset/export-amount\n"},
                {1234560, 1234559, 0, 1234559, "2/offset/export-amount\n"},
                {0, 0, 0, 0, "2/offset/export-amount\n"},
                {-1, -1, 0, -1, "2/offset/export-amount\n"},
                {1234560, 1234560, 0, 1234561, "0/offset_total/export-sum\n"}};
    for (size_t i = 0; i < ZD_COUNT(rows); i++) {
        zd_settlement_case batch;
        zd_buf reported = {0};
        zd_case_with_offset(&batch);
        batch.offsets[0].gross_fen = rows[i].gross;
        batch.offsets[0].offset_fen = rows[i].offset;
        batch.offsets[0].net_fen = rows[i].net;
        batch.settlement.offset_total_fen = rows[i].total;
        zd_code code = check(&reported, &batch.settlement);
        assert_string_equal(zd_buf_text(&reported), rows[i].reported);
        assert_int_equal(code, reported.size == 0 ? ZD_CODE_NONE : ZD_E_EXPORT_REFUSED);
        zd_buf_free(&reported);
    }
    zd_settlement_case batch;
    zd_buf reported = {0};
    zd_case_with_offset(&batch);
    batch.lines[1] = batch.offsets[0];
    batch.lines[1].account = "80110120";
    batch.lines[1].account_name = batch.lines[1].bank_name = "x";
    batch.lines[1].bank_code = "102100099996";
    batch.settlement.total_fen = batch.lines[0].net_fen;
    assert_int_equal(check(&reported, &batch.settlement), ZD_E_EXPORT_REFUSED);
    assert_string_equal(zd_buf_text(&reported), "2/net/export-amount\n");
    zd_buf_free(&reported);
}

static void check__empty_batch_is_refused(void **state)
{
    (void)state;
    zd_settlement_case batch;
    zd_buf reported = {0};
    zd_case_three_lines(&batch);
    batch.settlement.line_count = 0;
    batch.settlement.total_fen = 0;
    assert_int_equal(check(&reported, &batch.settlement), ZD_E_EXPORT_REFUSED);
    assert_string_equal(zd_buf_text(&reported), "0/lines/export-sum\n");
    zd_buf_free(&reported);
}

static void check__seal_outside_the_log_and_bad_hashes_are_named(void **state)
{
    (void)state;
    zd_settlement_case batch;
    zd_buf reported = {0};
    zd_case_three_lines(&batch);
    batch.settlement.seal_seq = 2048;
    batch.settlement.seal_sha256 = "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08";
    batch.settlement.log_root = NULL;
    assert_int_equal(check(&reported, &batch.settlement), ZD_E_EXPORT_REFUSED);
    assert_string_equal(zd_buf_text(&reported), "0/seal_sha256/field-invalid\n0/log_root/field-invalid\n0/seal_seq/export-sum\n");
    zd_buf_free(&reported);
}

static void check__damaged_rows_of_the_lists_are_named(void **state)
{
    (void)state;
    zd_settlement_case batch;
    zd_buf reported = {0};
    zd_case_three_lines(&batch);
    batch.waiting[1].reasons = "";
    batch.waiting[2].amount_fen = 0;
    batch.notices[0].holder = "a\nb";
    batch.notices[1].amount_fen = -1;
    batch.notices[2].done_date = NULL;
    assert_int_equal(check(&reported, &batch.settlement), ZD_E_EXPORT_REFUSED);
    assert_string_equal(zd_buf_text(&reported), "0/waiting.reasons/export-empty\n0/waiting.amount/export-amount\n0/notice.holder/text-control-character\n"
                                                "0/notice.amount/export-amount\n0/notice.done_date/export-empty\n");
    zd_buf_free(&reported);
}

/* One run names everything, so that an officer corrects a batch once. */
static void check__many_faults_are_all_reported_at_once(void **state)
{
    (void)state;
    zd_settlement_case batch;
    zd_buf reported = {0};
    zd_error err = {0};
    zd_case_three_lines(&batch);
    batch.lines[0].account = "12";
    batch.lines[1].bank_code = "402331000008";
    batch.lines[2].account_name = "=x";
    batch.lines[2].end_to_end = "SB20260305-0001-P0001";
    batch.settlement.execution_date = "2026-10-01";
    batch.settlement.total_fen = 1;
    assert_int_equal(zd_settle_check(&batch.settlement, ZD_CASE_CALENDAR, note_problem, &reported, &err), ZD_MALFORMED);
    assert_string_equal(zd_buf_text(&reported), "0/total/export-sum\n1/account/export-account\n2/bank_code/export-bank-code\n3/account_name/export-formula\n"
                                                "3/end_to_end/export-duplicate\n0/execution_date/export-date\n");
    assert_int_equal(err.code, ZD_E_EXPORT_REFUSED);
    assert_non_null(strstr(err.detail, "6 problems"));
    assert_string_equal(err.subject, "SB20260305-0001");
    zd_buf_free(&reported);
}

/* An unreadable disk is no fault of the batch. */
static void check__unreadable_calendar_is_a_fault_not_a_refusal(void **state)
{
    (void)state;
    zd_settlement_case batch;
    zd_case_three_lines(&batch);
    const char *dir = zd_test_dir("calendar");
    assert_int_equal(zd_test_shell(NULL, "mkdir '%s/2026.json'", dir), 0);
    assert_code(zd_settle_check(&batch.settlement, dir, NULL, NULL, err), ZD_E_FILE_IO);
    zd_test_dir_remove(dir);
}

/* The second line of defence: what the table of characters does not know, the conversion does. */
static void gb18030__character_without_a_place_is_refused_with_its_column(void **state)
{
    (void)state;
    zd_buf out = {0};
    zd_error err = {0};
    assert_int_equal(zd_gb18030_add(&out, zd_span_text("甲乙\xee\x9e\x8d丙"), &err), ZD_MALFORMED);
    assert_int_equal(err.code, ZD_E_EXPORT_CHARSET);
    assert_int_equal(err.column, 3);
    assert_string_equal(err.value, "\xee\x9e\x8d");
    zd_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check__each_damaged_text_is_named),
        cmocka_unit_test(check__each_wrong_amount_or_number_is_named),
        cmocka_unit_test(check__gap_in_the_numbers_is_sound),
        cmocka_unit_test(check__offset_lines_that_do_not_add_up_are_named),
        cmocka_unit_test(check__empty_batch_is_refused),
        cmocka_unit_test(check__seal_outside_the_log_and_bad_hashes_are_named),
        cmocka_unit_test(check__damaged_rows_of_the_lists_are_named),
        cmocka_unit_test(check__many_faults_are_all_reported_at_once),
        cmocka_unit_test(check__unreadable_calendar_is_a_fault_not_a_refusal),
        cmocka_unit_test(gb18030__character_without_a_place_is_refused_with_its_column),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
