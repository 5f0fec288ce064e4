/* Money: capitals of the bill rules, yuan as people write it, and splitting without losing a fen. */
#include "tests/support/support.h"

#include <string.h>

#include "ledger/base/money.h"

typedef struct capitals_case {
    int64_t fen;
    const char *text;
} capitals_case;

/* The rules' own examples and the boundaries of each section of four digits. */
static const capitals_case capitals[] = {
    {0, "零元整"},
    {1, "壹分"},
    {10, "壹角"},
    {11, "壹角壹分"},
    {100, "壹元整"},
    {105, "壹元零伍分"},
    {110, "壹元壹角"},
    {1000, "壹拾元整"},
    {1010, "壹拾元壹角"},
    {10000, "壹佰元整"},
    {32504, "叁佰贰拾伍元零肆分"},
    {140950, "壹仟肆佰零玖元伍角"},
    {168032, "壹仟陆佰捌拾元叁角贰分"},
    {600714, "陆仟零柒元壹角肆分"},
    {1000000, "壹万元整"},
    {1000001, "壹万元零壹分"},
    {1000100, "壹万零壹元整"},
    {1640902, "壹万陆仟肆佰零玖元零贰分"},
    {2000000, "贰万元整"},
    {10000000, "壹拾万元整"},
    {10000500, "壹拾万零伍元整"},
    {10700053, "壹拾万柒仟元伍角叁分"},
    {20000000, "贰拾万元整"},
    {20000005, "贰拾万元零伍分"},
    {50000000, "伍拾万元整"},
    {100000000, "壹佰万元整"},
    {1000000000, "壹仟万元整"},
    {10000000000, "壹亿元整"},
    {10000100000, "壹亿零壹仟元整"},
    {10010000000, "壹亿零壹拾万元整"},
    {50000000000, "伍亿元整"},
    {72000000000, "柒亿贰仟万元整"},
    {100000000000, "壹拾亿元整"},
    {123456789012, "壹拾贰亿叁仟肆佰伍拾陆万柒仟捌佰玖拾元壹角贰分"},
    {10000000010000, "壹仟亿零壹佰元整"},
    {100000000000000, "壹万亿元整"},
    {123456789012345, "壹万贰仟叁佰肆拾伍亿陆仟柒佰捌拾玖万零壹佰贰拾叁元肆角伍分"},
    {100050000000000, "壹万零伍亿元整"},
    {100000001000000, "壹万亿零壹万元整"},
    {999999999999999, "玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"},
};

static void capitals__rules_examples_and_boundaries_match(void **state)
{
    (void)state;
    for (size_t i = 0; i < ZD_COUNT(capitals); i++) {
        zd_buf text = {0};
        zd_fen_capitals(&text, capitals[i].fen);
        if (strcmp(zd_buf_text(&text), capitals[i].text) != 0) {
            print_error("%lld fen\n", (long long)capitals[i].fen);
        }
        assert_string_equal(zd_buf_text(&text), capitals[i].text);
        zd_buf_free(&text);
    }
}

typedef struct parse_case {
    const char *text;
    int64_t fen; /* -1: refused */
} parse_case;

static const parse_case parses[] = {
    {"0", 0},
    {"0.01", 1},
    {"12345.6", 1234560},
    {"12,345.60", 1234560},
    {"1,234,567.89", 123456789},
    {"¥12345", 1234500},
    {"￥ 12345", 1234500},
    {"  7.50\t", 750},
    {"9999999999999.99", 999999999999999},
    {"9,999,999,999,999.99", 999999999999999},
    {"10000000000000", -1},
    {"99999999999999999999999999", -1},
    {"", -1},
    {" ", -1},
    {"¥", -1},
    {".5", -1},
    {"5.", -1},
    {"12345.605", -1},
    {"1.2.3", -1},
    {"1,23", -1},
    {"1,2345", -1},
    {"1234,567", -1},
    {",123", -1},
    {"1,,234", -1},
    {"123,", -1},
    {"-5", -1},
    {"+5", -1},
    {"1e3", -1},
    {"0x10", -1},
    {"1 000", -1},
    {"12元", -1},
    {"１２．３４", -1},
    {"1，234", -1},
    {"¥¥5", -1},
    {"5.-1", -1},
};

static void yuan_text__each_form_is_read_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ZD_COUNT(parses); i++) {
        int64_t fen = -1;
        zd_error err = {0};
        zd_status status = zd_fen_parse(&fen, zd_span_text(parses[i].text), &err);
        if ((status == ZD_OK) != (parses[i].fen >= 0) || fen != parses[i].fen) {
            print_error("\"%s\" gave %d, %lld\n", parses[i].text, (int)status, (long long)fen);
        }
        assert_int_equal(fen, parses[i].fen);
        assert_int_equal(err.code, parses[i].fen >= 0 ? ZD_CODE_NONE : ZD_E_AMOUNT_MALFORMED);
    }
}

static void yuan_text__written_then_read_gives_the_same_fen(void **state)
{
    (void)state;
    for (size_t i = 0; i < ZD_COUNT(capitals); i++) {
        char plain[ZD_FEN_TEXT];
        char grouped[ZD_FEN_TEXT];
        int64_t from_plain = -1;
        int64_t from_grouped = -1;
        zd_fen_yuan(plain, capitals[i].fen);
        zd_fen_yuan_grouped(grouped, capitals[i].fen);
        assert_ok(zd_fen_parse(&from_plain, zd_span_text(plain), err));
        assert_ok(zd_fen_parse(&from_grouped, zd_span_text(grouped), err));
        assert_int_equal(from_plain, capitals[i].fen);
        assert_int_equal(from_grouped, capitals[i].fen);
    }
}

static void yuan_text__groups_and_sign_stand_where_people_expect(void **state)
{
    (void)state;
    static const struct {
        int64_t fen;
        const char *plain, *grouped;
    } rows[] = {{0, "0.00", "0.00"},
                {5, "0.05", "0.05"},
                {99999, "999.99", "999.99"},
                {100000, "1000.00", "1,000.00"},
                {123456789, "1234567.89", "1,234,567.89"},
                {-123405, "-1234.05", "-1,234.05"},
                {-12345, "-123.45", "-123.45"},
                {-1, "-0.01", "-0.01"},
                {ZD_FEN_MAX, "9999999999999.99", "9,999,999,999,999.99"}};
    for (size_t i = 0; i < ZD_COUNT(rows); i++) {
        char text[ZD_FEN_TEXT];
        zd_fen_yuan(text, rows[i].fen);
        assert_string_equal(text, rows[i].plain);
        zd_fen_yuan_grouped(text, rows[i].fen);
        assert_string_equal(text, rows[i].grouped);
    }
}

typedef struct split_case {
    size_t count;
    int64_t weights[4];
    int64_t amount;
    int64_t parts[4];
} split_case;

static const split_case splits[] = {
    {1, {7}, 5, {5}},
    {2, {1, 1}, 1, {1, 0}},                 /* a tie goes to the first */
    {3, {1, 1, 1}, 100, {34, 33, 33}},
    {3, {1, 1, 1}, 101, {34, 34, 33}},
    {3, {0, 3, 7}, 10, {0, 3, 7}},          /* exact: no remainder */
    {3, {0, 3, 7}, 1, {0, 0, 1}},           /* the largest remainder, never a weight of nothing */
    {4, {50, 30, 20, 0}, 99, {49, 30, 20, 0}},
    {2, {ZD_FEN_MAX, ZD_FEN_MAX}, ZD_FEN_MAX, {500000000000000, 499999999999999}},
    {2, {0, 0}, 0, {0, 0}},
    {3, {5, 5, 5}, 0, {0, 0, 0}},
};

static void split__table_of_weights_gives_the_parts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ZD_COUNT(splits); i++) {
        int64_t parts[4] = {-1, -1, -1, -1};
        zd_fen_split(parts, splits[i].weights, splits[i].count, splits[i].amount);
        for (size_t k = 0; k < splits[i].count; k++) {
            assert_int_equal(parts[k], splits[i].parts[k]);
        }
    }
}

static void split__any_weights_lose_nothing_and_stay_below_their_weight(void **state)
{
    (void)state;
    uint64_t random = 42;
    for (int round = 0; round < 2000; round++) {
        int64_t weights[9];
        int64_t parts[9];
        int64_t total = 0;
        for (size_t k = 0; k < ZD_COUNT(weights); k++) {
            random = random * 6364136223846793005U + 1442695040888963407U;
            weights[k] = (int64_t)(random >> 33) % 1000;
            total += weights[k];
        }
        random = random * 6364136223846793005U + 1442695040888963407U;
        int64_t amount = (int64_t)(random >> 33) % (total + 1);
        zd_fen_split(parts, weights, ZD_COUNT(weights), amount);
        int64_t sum = 0;
        for (size_t k = 0; k < ZD_COUNT(weights); k++) {
            assert_in_range(parts[k], 0, (uintmax_t)weights[k]);
            sum += parts[k];
        }
        assert_int_equal(sum, amount);
    }
}

static void arithmetic__leaving_the_range_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    int64_t out = 77;
    assert_true(zd_fen_add(&out, ZD_FEN_MAX - 1, 1));
    assert_int_equal(out, ZD_FEN_MAX);
    assert_false(zd_fen_add(&out, ZD_FEN_MAX, 1));
    assert_false(zd_fen_add(&out, INT64_MAX, 1));
    assert_false(zd_fen_sub(&out, -ZD_FEN_MAX, 1));
    assert_false(zd_fen_sub(&out, INT64_MIN, 1));
    assert_int_equal(out, ZD_FEN_MAX);
    assert_true(zd_fen_sub(&out, 5, 7));
    assert_int_equal(out, -2);
}

static void share__rounds_down_and_is_exact_at_the_largest_amount(void **state)
{
    (void)state;
    assert_int_equal(zd_fen_share(380001, 5000), 190000);
    assert_int_equal(zd_fen_share(1, 9999), 0);
    assert_int_equal(zd_fen_share(ZD_FEN_MAX, ZD_BP_ONE), ZD_FEN_MAX);
    assert_int_equal(zd_fen_share(ZD_FEN_MAX, 1), 99999999999);
    assert_int_equal(zd_fen_share(0, 5000), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capitals__rules_examples_and_boundaries_match),
        cmocka_unit_test(yuan_text__each_form_is_read_or_refused),
        cmocka_unit_test(yuan_text__written_then_read_gives_the_same_fen),
        cmocka_unit_test(yuan_text__groups_and_sign_stand_where_people_expect),
        cmocka_unit_test(split__table_of_weights_gives_the_parts),
        cmocka_unit_test(split__any_weights_lose_nothing_and_stay_below_their_weight),
        cmocka_unit_test(arithmetic__leaving_the_range_is_refused_and_changes_nothing),
        cmocka_unit_test(share__rounds_down_and_is_exact_at_the_largest_amount),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
