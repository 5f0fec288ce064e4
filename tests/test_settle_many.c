/*
 * Batches of 0, 1, 2 and 20,000 lines: nothing to pay is refused, the rest is written in every form, validated by xmllint and counted by grep, which nobody here wrote.
 */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "audit/package/pack.h"
#include "ledger/base/durable.h"
#include "tests/support/settlement_case.h"

#define MANY 20000
#define MEGABYTE (1U << 20)

typedef struct many {
    zd_settlement_case base;
    zd_pay_line *lines; /* owned */
    char (*texts)[3][40];
} many;

/* Lines of 1, 2, 3 … fen, each with a payee of its own. */
static void many_make(many *out, size_t count)
{
    zd_case_three_lines(&out->base);
    out->lines = zd_alloc_zero(count + 1, sizeof *out->lines);
    out->texts = zd_alloc_zero(count + 1, sizeof *out->texts);
    int64_t total_fen = 0;
    for (size_t i = 0; i < count; i++) {
        zd_pay_line *line = &out->lines[i];
        *line = out->base.lines[0];
        zd_format(out->texts[i][0], sizeof out->texts[i][0], "SB20260305-0001-P%05zu", i + 1);
        zd_format(out->texts[i][1], sizeof out->texts[i][1], "1211012%012zu", i + 1);
        zd_format(out->texts[i][2], sizeof out->texts[i][2], "P%017zu", i + 1);
        line->number = (int64_t)i + 1;
        line->end_to_end = out->texts[i][0];
        line->account = out->texts[i][1];
        line->provider = out->texts[i][2];
        line->gross_fen = line->net_fen = (int64_t)i + 1;
        line->offset_fen = 0;
        total_fen += line->net_fen;
    }
    zd_settlement *settlement = &out->base.settlement;
    settlement->lines = out->lines;
    settlement->line_count = count;
    settlement->total_fen = total_fen;
    settlement->notice_count = 0;
    settlement->waiting_count = 0;
}

static void many_free(many *made)
{
    free(made->lines);
    free(made->texts);
}

static void assert_valid(const char *dir, const char *version, const zd_buf *xml, size_t count)
{
    zd_buf path = {0};
    zd_buf out = {0};
    char name[40];
    char wanted[40];
    zd_format(name, sizeof name, "%s.xml", version);
    assert_ok(zd_file_write(zd_path_join(&path, dir, name), zd_buf_span(xml), 0600, err));
    if (zd_path_exists("../shared/xsd")) {
        int status = zd_test_shell(&out, "xmllint --noout --nonet --huge --schema ../shared/xsd/%s.xsd '%s' 2>&1", version, zd_buf_text(&path));
        if (status != 0) {
            print_error("%.500s\n", zd_buf_text(&out));
        }
        assert_int_equal(status, 0);
    } else {
        print_message("SKIPPED: no schema at ../shared/xsd, %s was not validated\n", version);
    }
    zd_buf_clear(&out);
    assert_int_equal(zd_test_shell(&out, "grep -c '<EndToEndId>' '%s'", zd_buf_text(&path)), 0);
    zd_format(wanted, sizeof wanted, "%zu\n", count);
    assert_string_equal(zd_buf_text(&out), wanted);
    zd_buf_free(&out);
    zd_buf_free(&path);
}

/* Our own other reader finds the same payments and nothing to object to. */
static void assert_read_again(const char *version, const zd_buf *xml, const many *made)
{
    zd_pack_payments payments = {0};
    assert_ok(zd_pack_payments_pain(&payments, zd_buf_span(xml), version, err));
    assert_int_equal(payments.troubles, 0);
    assert_int_equal(payments.count, made->base.settlement.line_count);
    for (size_t i = 0; i < payments.count; i++) {
        assert_int_equal(payments.list[i].amount_fen, made->lines[i].net_fen);
        assert_string_equal(payments.list[i].serial, made->lines[i].end_to_end);
        assert_string_equal(payments.list[i].account, made->lines[i].account);
    }
    zd_pack_payments_free(&payments);
}

static void pain001__of_one_two_and_twenty_thousand_lines_validates(void **state)
{
    (void)state;
    static const size_t counts[] = {1, 2, MANY};
    const char *dir = zd_test_dir("many");
    for (size_t i = 0; i < ZD_COUNT(counts); i++) {
        many made;
        zd_buf xml[2] = {{0}, {0}};
        many_make(&made, counts[i]);
        assert_ok(zd_settle_pain001(&xml[0], &made.base.settlement, ZD_PAIN_09, err));
        assert_ok(zd_settle_pain001(&xml[1], &made.base.settlement, ZD_PAIN_03, err));
        assert_valid(dir, "pain.001.001.09", &xml[0], counts[i]);
        assert_valid(dir, "pain.001.001.03", &xml[1], counts[i]);
        assert_read_again("pain.001.001.09", &xml[0], &made);
        assert_read_again("pain.001.001.03", &xml[1], &made);
        zd_buf_free(&xml[0]);
        zd_buf_free(&xml[1]);
        many_free(&made);
    }
    zd_test_dir_remove(dir);
}

static void pain001__of_no_line_is_refused_by_every_form(void **state)
{
    (void)state;
    many made;
    zd_buf out = {0};
    zd_buf template = {0};
    zd_error why = {0};
    many_make(&made, 0);
    assert_ok(zd_file_read(&template, ZD_CASE_TEMPLATE, MEGABYTE, err));
    assert_int_equal(zd_settle_pain001(&out, &made.base.settlement, ZD_PAIN_09, &why), ZD_MALFORMED);
    assert_int_equal(why.code, ZD_E_EXPORT_SUM);
    assert_int_equal(zd_settle_pain001(&out, &made.base.settlement, ZD_PAIN_03, NULL), ZD_MALFORMED);
    assert_int_equal(zd_settle_treasury_csv(&out, &made.base.settlement, zd_buf_span(&template), NULL), ZD_MALFORMED);
    assert_int_equal(zd_settle_treasury_xlsx(&out, &made.base.settlement, zd_buf_span(&template), NULL), ZD_MALFORMED);
    assert_int_equal(zd_settle_approval(&out, &made.base.settlement, zd_buf_span(&template), NULL), ZD_MALFORMED);
    assert_int_equal(out.size, 0);
    zd_buf_free(&template);
    many_free(&made);
}

/* The application of twenty thousand payees, read again from both of its forms. */
static void treasury__of_twenty_thousand_lines_reads_again(void **state)
{
    (void)state;
    many made;
    zd_buf template = {0};
    many_make(&made, MANY);
    assert_ok(zd_file_read(&template, ZD_CASE_TEMPLATE, MEGABYTE, err));
    for (size_t workbook = 0; workbook < 2; workbook++) {
        zd_buf bytes = {0};
        zd_pack_payments payments = {0};
        if (workbook == 0) {
            assert_ok(zd_settle_treasury_csv(&bytes, &made.base.settlement, zd_buf_span(&template), err));
        } else {
            assert_ok(zd_settle_treasury_xlsx(&bytes, &made.base.settlement, zd_buf_span(&template), err));
        }
        assert_ok(zd_pack_payments_application(&payments, zd_buf_span(&bytes), workbook == 1, zd_buf_span(&template), err));
        assert_int_equal(payments.count, MANY);
        assert_int_equal(payments.troubles, 0);
        assert_int_equal(payments.list[MANY - 1].amount_fen, MANY);
        assert_string_equal(payments.list[MANY - 1].account, made.lines[MANY - 1].account);
        zd_pack_payments_free(&payments);
        zd_buf_free(&bytes);
    }
    zd_buf_free(&template);
    many_free(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pain001__of_one_two_and_twenty_thousand_lines_validates),
        cmocka_unit_test(pain001__of_no_line_is_refused_by_every_form),
        cmocka_unit_test(treasury__of_twenty_thousand_lines_reads_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
