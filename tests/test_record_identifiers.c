/*
 * Identifiers against published numbers and computed ones. The important vectors stand here; ../shared/vectors/identifiers.json, when it lies beside the
 * checkout, is read as well, so that the two cannot drift apart unseen.
 */
#include "tests/support/support.h"

#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/durable.h"
#include "ledger/json/json.h"
#include "ledger/record/identifiers.h"

#define T(text) zd_span_text(text)

static void uscc__published_and_synthetic_codes_are_valid(void **state)
{
    (void)state;
    static const char *const valid[] = {
        "91350100M000100Y43", "91350200776049653A", "91350500798359476R", "91350503MA31DKY80A", "91350200MA31E12PXF", "91440101MA5CJQ4N59",
        "913502000728319549", "123502001549897397", "91350503MA31DNG762", "913502115628130384", "9135021359498494XQ", "91350203MA31NDF85F",
        "91350206MA31LUJ437", "91350213678251743X", "914403003429409755", "914403006990676707", "91440300L83341734R", "91110000802100433B",
        "91330100799655058B", "91330600X000000199", "91330602X000000271", "91330603X00000035A", "91330604X00000043K", "91330624X00000051D",
        "91330681X0000006XN", "91330683X00000078K", "12330600X00000086C", "52330600X000000943", "92330602X00000107H",
    };
    for (size_t i = 0; i < ZD_COUNT(valid); i++) {
        if (!zd_uscc_is_valid(T(valid[i]))) {
            fail_msg("%s should be valid", valid[i]);
        }
    }
}

static void uscc__each_kind_of_fault_has_its_verdict(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        zd_uscc_verdict verdict;
    } cases[] = {
        {"91330600X000000198", ZD_USCC_OUTER},    /* last character */
        {"91350203M0001QAY9B", ZD_USCC_OUTER},    /* printed so by its registrar: the reason for the exception list */
        {"9133O600X000000199", ZD_USCC_ALPHABET}, /* letter O */
        {"91330600x000000199", ZD_USCC_ALPHABET}, /* lower case is not folded */
        {"913306A0X000000199", ZD_USCC_ALPHABET}, /* a letter in the registrar's region */
        {"91330600X00000019", ZD_USCC_LENGTH},
        {"91330600X0000001990", ZD_USCC_LENGTH},
        {"", ZD_USCC_LENGTH},
        {"91330600X000000299", ZD_USCC_INNER},
    };
    for (size_t i = 0; i < ZD_COUNT(cases); i++) {
        if (zd_uscc_check(T(cases[i].code)) != cases[i].verdict) {
            fail_msg("%s: %d", cases[i].code, (int)zd_uscc_check(T(cases[i].code)));
        }
    }
    assert_true(zd_uscc_is_shaped(T("91350203M0001QAY9B")));
    assert_false(zd_uscc_is_shaped(T("91350203M0001QAY9b")));
}

static void uscc__every_single_substitution_is_found(void **state)
{
    (void)state;
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    const char *good = "91330681X0000006XN";
    for (size_t at = 0; at < 18; at++) {
        for (size_t c = 0; c < sizeof alphabet - 1; c++) {
            char code[19];
            memcpy(code, good, sizeof code);
            code[at] = alphabet[c];
            assert_int_equal(zd_uscc_is_valid(T(code)), alphabet[c] == good[at]);
        }
    }
}

static void uscc__first_two_characters_tell_the_kind(void **state)
{
    (void)state;
    assert_true(zd_uscc_is_enterprise(T("91330600X000000199")));
    assert_false(zd_uscc_is_enterprise(T("92330602X00000107H")));
    assert_false(zd_uscc_is_enterprise(T("12330600X00000086C")));
}

static void cnaps__check_digit_is_iso_7064(void **state)
{
    (void)state;
    static const char *const valid[] = {"313337009004", "402331000007", "102100099996", "103100000026", "104100000004", "105100000017", "301290000007",
                                        "302100011000", "308584000013", "313345010019", "403100000004", "304521041448"};
    static const char *const invalid[] = {"313337009005", "313337090004", "31333700900", "3133370090041", "31333700900A", ""};
    for (size_t i = 0; i < ZD_COUNT(valid); i++) {
        assert_true(zd_cnaps_is_valid(T(valid[i])));
    }
    for (size_t i = 0; i < ZD_COUNT(invalid); i++) {
        assert_false(zd_cnaps_is_valid(T(invalid[i])));
    }
}

static void accounts__cards_have_luhn_and_corporate_accounts_only_a_shape(void **state)
{
    (void)state;
    assert_true(zd_card_is_valid(T("6225768888888888")));
    assert_true(zd_card_is_valid(T("6217000000000000004")));
    assert_false(zd_card_is_valid(T("6217000000000000005")));
    assert_false(zd_card_is_valid(T("622576888888888"))); /* 15 */
    assert_true(zd_account_number_is_shaped(T("12345678")));
    assert_false(zd_account_number_is_shaped(T("1234567")));
    assert_false(zd_account_number_is_shaped(T("6.217E+18")));
}

static void resident_id__checksum_date_and_today_matter(void **state)
{
    (void)state;
    int64_t today = zd_day_from(2026, 3, 5);
    static const char *const valid[] = {"11010519491231002X", "440524188001010014", "330602188001010016", "330602188001010104"};
    for (size_t i = 0; i < ZD_COUNT(valid); i++) {
        assert_true(zd_resident_id_is_valid(T(valid[i]), today));
    }
    assert_false(zd_resident_id_is_valid(T("110105194912310029"), today));
    assert_false(zd_resident_id_is_valid(T("11010519491231002x"), today));
    assert_false(zd_resident_id_is_valid(T("11010519490231002X"), today)); /* 31 February */
    assert_false(zd_resident_id_is_valid(T("11010519491231002X"), zd_day_from(1949, 12, 30)));
    assert_false(zd_resident_id_is_valid(T("91330600X000000199"), today));
}

static void invoice__three_forms_carry_their_year(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        zd_invoice_form form;
        int year;
        int region;
        bool known;
    } cases[] = {
        {"24952000000110579895", ZD_INVOICE_DIGITAL, 2024, 95, true},   {"26332000000123456789", ZD_INVOICE_DIGITAL, 2026, 33, true},
        {"26992000000123456789", ZD_INVOICE_DIGITAL, 2026, 99, false},  {"011001800604:12345678", ZD_INVOICE_CODE_12, 2018, 11, true},
        {"065122100313:00000001", ZD_INVOICE_CODE_12, 2021, 65, true},  {"144031809110:12345678", ZD_INVOICE_CODE_12, 2018, 44, true},
        {"3100203130:12345678", ZD_INVOICE_CODE_10, 2020, 31, true},    {"1100172320:12345678", ZD_INVOICE_CODE_10, 2017, 11, true},
    };
    for (size_t i = 0; i < ZD_COUNT(cases); i++) {
        zd_invoice_number number;
        assert_true(zd_invoice_number_parse(&number, T(cases[i].text)));
        assert_int_equal(number.form, cases[i].form);
        assert_int_equal(number.year, cases[i].year);
        assert_int_equal(number.region, cases[i].region);
        assert_int_equal(number.region_known, cases[i].known);
    }
}

static void invoice__anything_else_is_refused(void **state)
{
    (void)state;
    static const char *const invalid[] = {"",         "2633200000012345678",   "263320000001234567890", "2633200000012345678A",  "011001800604",
                                          "12345678", "211001800604:12345678", "011001800604:1234567",  "011001800604:123456789", "31002031300:12345678",
                                          ":12345678", "3100203130:1234:678"};
    for (size_t i = 0; i < ZD_COUNT(invalid); i++) {
        zd_invoice_number number;
        if (zd_invoice_number_parse(&number, T(invalid[i]))) {
            fail_msg("%s should not be an invoice number", invalid[i]);
        }
    }
    assert_true(zd_invoice_numbers_are_valid(T("011001800604:12345678,26332000000123456789")));
    assert_false(zd_invoice_numbers_are_valid(T("011001800604:12345678,2633200000012345678")));
    assert_false(zd_invoice_numbers_are_valid(T("")));
}

static void region__withdrawn_codes_of_shaoxing_cannot_pay(void **state)
{
    (void)state;
    int64_t today = zd_day_from(2026, 3, 5);
    static const char *const usable[] = {"330600", "330602", "330603", "330604", "330624", "330681", "330683", "330200"};
    static const char *const not_usable[] = {"330621", "330622", "330623", "330625", "330682", "330699", "003306", "33060", "33060A", "990000"};
    for (size_t i = 0; i < ZD_COUNT(usable); i++) {
        assert_true(zd_region_is_usable(T(usable[i]), today));
    }
    for (size_t i = 0; i < ZD_COUNT(not_usable); i++) {
        assert_false(zd_region_is_usable(T(not_usable[i]), today));
    }
    assert_true(zd_region_is_usable(T("330682"), zd_day_from(2010, 1, 1)));
    assert_string_equal(zd_region_name(T("330682")), "上虞市");
    assert_null(zd_region_name(T("330200")));
}

static void check_all(zd_jval list, bool (*is_valid)(zd_span), bool expected)
{
    assert_true(zd_jval_count(list) > 0);
    for (size_t i = 0; i < zd_jval_count(list); i++) {
        assert_int_equal(is_valid(zd_jval_text(zd_jval_at(list, i))), expected);
    }
}

static bool resident_id_today(zd_span id)
{
    return zd_resident_id_is_valid(id, zd_day_from(2026, 3, 5));
}

static void vectors__shared_file_agrees(void **state)
{
    (void)state;
    zd_buf text = {0};
    if (zd_file_read(&text, "../shared/vectors/identifiers.json", 1 << 20, NULL) != ZD_OK) {
        print_message("SKIPPED: ../shared/vectors/identifiers.json is not beside the checkout\n");
        skip();
    }
    zd_json *json = NULL;
    assert_ok(zd_json_parse(&json, zd_buf_span(&text), true, err));
    zd_jval root = zd_json_root(json);
    check_all(zd_jval_get(root, "uscc_synth"), zd_uscc_is_valid, true);
    check_all(zd_jval_get(root, "rid"), resident_id_today, true);
    check_all(zd_jval_get(root, "cnaps_bad"), zd_cnaps_is_valid, false);
    check_all(zd_jval_get(root, "luhn"), zd_card_is_valid, true);
    zd_json_free(json);
    zd_buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uscc__published_and_synthetic_codes_are_valid),
        cmocka_unit_test(uscc__each_kind_of_fault_has_its_verdict),
        cmocka_unit_test(uscc__every_single_substitution_is_found),
        cmocka_unit_test(uscc__first_two_characters_tell_the_kind),
        cmocka_unit_test(cnaps__check_digit_is_iso_7064),
        cmocka_unit_test(accounts__cards_have_luhn_and_corporate_accounts_only_a_shape),
        cmocka_unit_test(resident_id__checksum_date_and_today_matter),
        cmocka_unit_test(invoice__three_forms_carry_their_year),
        cmocka_unit_test(invoice__anything_else_is_refused),
        cmocka_unit_test(region__withdrawn_codes_of_shaoxing_cannot_pay),
        cmocka_unit_test(vectors__shared_file_agrees),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
