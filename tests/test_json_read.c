/*
 * The strict JSON reader: what it takes, what it refuses with which code and where, and that damaged text of any kind
 * ends in an answer. Every text is parsed from a copy of exactly its size, so that a read behind the end is seen.
 */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/json/json.h"

static zd_status parse_copy(zd_json **out, zd_span text, bool object_only, zd_error *err)
{
    uint8_t *copy = malloc(text.size > 0 ? text.size : 1);
    assert_non_null(copy);
    if (text.size > 0) {
        memcpy(copy, text.data, text.size);
    }
    zd_status status = zd_json_parse(out, zd_span_of(copy, text.size), object_only, err);
    free(copy); /* the document must not borrow from it */
    return status;
}

static zd_json *must_parse(const char *text)
{
    zd_json *json = NULL;
    assert_ok(parse_copy(&json, zd_span_text(text), true, err));
    return json;
}

static void parse__every_kind_gives_its_value(void **state)
{
    (void)state;
    zd_json *json = must_parse("{\"o\":{},\"a\":[1,\"二\",null],\"s\":\"\xe7\x9b\xb4\\u5151\\\"\\\\\\/\",\"i\":-42,\"t\":true,"
                               "\"f\":false,\"n\":null,\"e\":\"\"}");
    zd_jval root = zd_json_root(json);
    assert_int_equal(zd_jval_kind(root), ZD_J_OBJECT);
    assert_int_equal(zd_jval_count(root), 8);
    assert_int_equal(zd_jval_kind(zd_jval_get(root, "o")), ZD_J_OBJECT);
    zd_jval array = zd_jval_get(root, "a");
    assert_int_equal(zd_jval_kind(array), ZD_J_ARRAY);
    assert_int_equal(zd_jval_count(array), 3);
    assert_int_equal(zd_jval_int(zd_jval_at(array, 0)), 1);
    assert_true(zd_span_is(zd_jval_text(zd_jval_at(array, 1)), "二"));
    assert_int_equal(zd_jval_kind(zd_jval_at(array, 2)), ZD_J_NULL);
    assert_int_equal(zd_jval_kind(zd_jval_at(array, 3)), ZD_J_ABSENT);
    assert_true(zd_span_is(zd_jval_text(zd_jval_get(root, "s")), "直兑\"\\/"));
    assert_int_equal(zd_jval_int(zd_jval_get(root, "i")), -42);
    assert_true(zd_jval_bool(zd_jval_get(root, "t")));
    assert_int_equal(zd_jval_kind(zd_jval_get(root, "f")), ZD_J_BOOL);
    assert_false(zd_jval_bool(zd_jval_get(root, "f")));
    assert_int_equal(zd_jval_kind(zd_jval_get(root, "n")), ZD_J_NULL);
    assert_int_equal(zd_jval_kind(zd_jval_get(root, "e")), ZD_J_STRING);
    assert_int_equal(zd_jval_kind(zd_jval_get(root, "absent")), ZD_J_ABSENT);
    zd_json_free(json);
}

static void parse__value_of_another_kind_reads_as_empty(void **state)
{
    (void)state;
    zd_json *json = must_parse("{\"s\":\"5\",\"i\":1}");
    zd_jval text = zd_jval_get(zd_json_root(json), "s");
    zd_jval number = zd_jval_get(zd_json_root(json), "i");
    assert_int_equal(zd_jval_int(text), 0);
    assert_false(zd_jval_bool(number));
    assert_int_equal(zd_jval_text(number).size, 0);
    assert_int_equal(zd_jval_count(text), 0);
    assert_int_equal(zd_jval_kind(zd_jval_get(text, "s")), ZD_J_ABSENT);
    assert_int_equal(zd_jval_kind(zd_jval_at(text, 0)), ZD_J_ABSENT);
    zd_jval absent = {NULL};
    assert_int_equal(zd_jval_int(absent), 0);
    assert_int_equal(zd_jval_text(absent).size, 0);
    assert_int_equal(zd_jval_count(absent), 0);
    zd_json_free(json);
    zd_json_free(NULL);
}

static void parse__integers_up_to_2_53_are_exact(void **state)
{
    (void)state;
    zd_json *json = must_parse("{\"max\":9007199254740991,\"min\":-9007199254740991,\"zero\":0}");
    assert_true(zd_jval_int(zd_jval_get(zd_json_root(json), "max")) == ZD_JSON_INT_MAX);
    assert_true(zd_jval_int(zd_jval_get(zd_json_root(json), "min")) == -ZD_JSON_INT_MAX);
    zd_json_free(json);
}

typedef struct bad_text {
    const char *text;
    size_t size; /* 0: strlen */
    zd_code code;
    int64_t column;
} bad_text;

static const bad_text bad_texts[] = {
    {"{\"a\":1.5}", 0, ZD_E_JSON_REAL, 6},
    {"{\"a\":1.0}", 0, ZD_E_JSON_REAL, 6},
    {"{\"a\":1e3}", 0, ZD_E_JSON_REAL, 6},
    {"{\"a\":[0,-2E0]}", 0, ZD_E_JSON_REAL, 9},
    {"{\"a\":9007199254740992}", 0, ZD_E_JSON_RANGE, 6},
    {"{\"a\":-9007199254740992}", 0, ZD_E_JSON_RANGE, 6},
    {"{\"a\":9223372036854775808}", 0, ZD_E_JSON_RANGE, 6},
    {"{\"a\":18446744073709551617}", 0, ZD_E_JSON_RANGE, 6},
    {"{\"a\":99999999999999999999999999999999999999999999}", 0, ZD_E_JSON_RANGE, 6},
    {"{\"a\":\"x\ty\"}", 0, ZD_E_TEXT_CONTROL, 8},
    {"{\"a\":\"x\ny\"}", 0, ZD_E_TEXT_CONTROL, 8},
    {"{\"a\":\"x\0y\"}", 11, ZD_E_TEXT_CONTROL, 8},
    {"{\"a\":\"\x7f\"}", 0, ZD_E_TEXT_CONTROL, 7},
    {"{\"a\":\"\xc2\x85\"}", 0, ZD_E_TEXT_CONTROL, 7},
    {"{\"a\":\"\\n\"}", 0, ZD_E_TEXT_CONTROL, 7},
    {"{\"a\":\"\\t\"}", 0, ZD_E_TEXT_CONTROL, 7},
    {"{\"a\":\"\\u0000\"}", 0, ZD_E_TEXT_CONTROL, 7},
    {"{\"a\":\"\\u001F\"}", 0, ZD_E_TEXT_CONTROL, 7},
    {"{\"a\":\"\\u007f\"}", 0, ZD_E_TEXT_CONTROL, 7},
    {"{\"a\":\"\\u009F\"}", 0, ZD_E_TEXT_CONTROL, 7},
    {"{\"a\\u0001\":1}", 0, ZD_E_TEXT_CONTROL, 4},
    {"{\"a\":1,\"a\":1}", 0, ZD_E_JSON_DUPLICATE, 10},
    {"{\"a\":1,\"b\":{\"c\":1,\"\\u0063\":2}}", 0, ZD_E_JSON_DUPLICATE, 26},
    {"{\"a\":\"\xff\"}", 0, ZD_E_TEXT_NOT_UTF8, 0},
    {"{\"a\":\"\xc0\xaf\"}", 0, ZD_E_TEXT_NOT_UTF8, 0},
    {"{\"a\":\"\xed\xa0\x80\"}", 0, ZD_E_TEXT_NOT_UTF8, 0},
    {"{\"a\":\"\xf4\x90\x80\x80\"}", 0, ZD_E_TEXT_NOT_UTF8, 0},
    {"{\"a\":\"\xe7\x9b\"}", 0, ZD_E_TEXT_NOT_UTF8, 0},
    {"{\"a\":1}x", 0, ZD_E_JSON_SYNTAX, 8},
    {"{\"a\":1}{}", 0, ZD_E_JSON_SYNTAX, 8},
    {"{\"a\":1}\0", 8, ZD_E_TEXT_CONTROL, 8},
    {"{\"a\":12\0}", 9, ZD_E_TEXT_CONTROL, 8},
    {"{\"a\":12\f}", 0, ZD_E_TEXT_CONTROL, 8},
    {"{\"a\":01}", 0, ZD_E_JSON_SYNTAX, 0},
    {"{\"a\":+1}", 0, ZD_E_JSON_SYNTAX, 0},
    {"{\"a\":-}", 0, ZD_E_JSON_SYNTAX, 0},
    {"{\"a\":1,}", 0, ZD_E_JSON_SYNTAX, 0},
    {"{a:1}", 0, ZD_E_JSON_SYNTAX, 0},
    {"{'a':1}", 0, ZD_E_JSON_SYNTAX, 0},
    {"{\"a\":NaN}", 0, ZD_E_JSON_SYNTAX, 0},
    {"{\"a\":tru}", 0, ZD_E_JSON_SYNTAX, 0},
    {"{\"a\":\"\\x\"}", 0, ZD_E_JSON_SYNTAX, 0},
    {"{\"a\":\"\\ud800\"}", 0, ZD_E_JSON_SYNTAX, 0},
    {"{\"a\":\"\\u00\"}", 0, ZD_E_JSON_SYNTAX, 0},
    {"/* c */{}", 0, ZD_E_JSON_SYNTAX, 1},
    {"\xef\xbb\xbf{}", 0, ZD_E_JSON_SYNTAX, 0},
    {"[]", 0, ZD_E_JSON_SYNTAX, 1},
    {"5", 0, ZD_E_JSON_SYNTAX, 1},
    {"null", 0, ZD_E_JSON_SYNTAX, 0},
    {"{", 0, ZD_E_JSON_SYNTAX, 2},
    {"{\"a", 0, ZD_E_JSON_SYNTAX, 4},
    {"{\"a\\", 0, ZD_E_JSON_SYNTAX, 0},
    {" ", 0, ZD_E_JSON_SYNTAX, 0},
};

static void parse__bad_text_gets_its_code_and_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < ZD_COUNT(bad_texts); i++) {
        const bad_text *bad = &bad_texts[i];
        zd_json *json = NULL;
        zd_error err = {0};
        size_t size = bad->size > 0 ? bad->size : strlen(bad->text);
        zd_status status = parse_copy(&json, zd_span_of(bad->text, size), true, &err);
        if (err.code != bad->code || (bad->column > 0 && err.column != bad->column)) {
            print_error("%s: %s at %lld\n", bad->text, zd_code_name(err.code), (long long)err.column);
        }
        assert_string_equal(zd_code_name(err.code), zd_code_name(bad->code));
        assert_int_equal(status, ZD_MALFORMED);
        assert_null(json);
        assert_true(err.column >= 1 && err.column <= (int64_t)size + 1);
        if (bad->column > 0) {
            assert_int_equal(err.column, bad->column);
        }
    }
    zd_json *json = NULL;
    assert_code(parse_copy(&json, zd_span_of(NULL, 0), true, err), ZD_E_JSON_SYNTAX);
}

static void parse__duplicate_names_the_field(void **state)
{
    (void)state;
    zd_json *json = NULL;
    zd_error err = {0};
    (void)parse_copy(&json, zd_span_text("{\"pool\":1,\n\"amount_fen\":1,\"amount_fen\":2}"), true, &err);
    assert_string_equal(err.value, "amount_fen");
    assert_non_null(strstr(err.detail, "line 2"));
}

static void parse__scalar_root_is_taken_only_when_allowed(void **state)
{
    (void)state;
    static const char *const roots[] = {"5", "\"x\"", "null", "true", "[1]", " {} \n"};
    for (size_t i = 0; i < ZD_COUNT(roots); i++) {
        zd_json *json = NULL;
        assert_ok(parse_copy(&json, zd_span_text(roots[i]), false, err));
        zd_json_free(json);
    }
}

static void fill_nested(zd_buf *out, size_t depth)
{
    zd_buf_clear(out);
    for (size_t i = 0; i < depth; i++) {
        zd_buf_add_text(out, i % 2 == 0 ? "{\"a\":" : "[");
    }
    zd_buf_add_text(out, "1");
    for (size_t i = depth; i-- > 0;) {
        zd_buf_add_text(out, i % 2 == 0 ? "}" : "]");
    }
}

static void parse__depth_is_bounded(void **state)
{
    (void)state;
    zd_buf text = {0};
    zd_json *json = NULL;
    fill_nested(&text, ZD_JSON_DEPTH);
    assert_ok(parse_copy(&json, zd_buf_span(&text), true, err));
    zd_json_free(json);
    static const size_t depths[] = {ZD_JSON_DEPTH + 1, 100000};
    for (size_t i = 0; i < ZD_COUNT(depths); i++) {
        fill_nested(&text, depths[i]);
        zd_error err = {0};
        json = NULL;
        (void)parse_copy(&json, zd_buf_span(&text), true, &err);
        assert_int_equal(err.code, ZD_E_JSON_SYNTAX);
        assert_non_null(strstr(err.detail, "16 levels"));
    }
    /* Siblings are not depth. */
    zd_buf_clear(&text);
    zd_buf_add_text(&text, "{\"a\":[");
    for (int i = 0; i < 100; i++) {
        zd_buf_add_text(&text, "[],{},\"[[[[{{{{\",");
    }
    zd_buf_add_text(&text, "0]}");
    assert_ok(parse_copy(&json, zd_buf_span(&text), true, err));
    zd_json_free(json);
    zd_buf_free(&text);
}

static zd_status note_names(void *context, zd_span name, zd_jval value)
{
    zd_buf *out = context;
    zd_buf_add_span(out, name);
    zd_buf_addf(out, "=%lld;", (long long)zd_jval_int(value));
    return zd_span_is(name, "stop") ? ZD_REFUSED : ZD_OK;
}

static void each__visits_in_document_order_and_stops(void **state)
{
    (void)state;
    zd_buf seen = {0};
    zd_json *json = must_parse("{\"z\":1,\"b\":2,\"y\":3,\"a\":4,\"x\":5,\"c\":6,\"w\":7,\"d\":8,\"v\":9,\"e\":10}");
    assert_int_equal(zd_jval_each(zd_json_root(json), note_names, &seen), ZD_OK);
    assert_string_equal(zd_buf_text(&seen), "z=1;b=2;y=3;a=4;x=5;c=6;w=7;d=8;v=9;e=10;");
    zd_json_free(json);
    zd_buf_clear(&seen);
    json = must_parse("{\"a\":1,\"stop\":2,\"b\":3}");
    assert_int_equal(zd_jval_each(zd_json_root(json), note_names, &seen), ZD_REFUSED);
    assert_string_equal(zd_buf_text(&seen), "a=1;stop=2;");
    assert_int_equal(zd_jval_each(zd_jval_get(zd_json_root(json), "a"), note_names, &seen), ZD_OK);
    zd_json_free(json);
    zd_buf_free(&seen);
}

static void need__reads_or_says_which_field_and_why(void **state)
{
    (void)state;
    zd_json *json = must_parse("{\"amount_fen\":100,\"id\":\"P12\",\"items\":[1]}");
    zd_jval root = zd_json_root(json);
    int64_t number = -1;
    zd_span text = {0};
    zd_jval array = {NULL};
    assert_ok(zd_jval_need_int(&number, root, "amount_fen", 1, 100, err));
    assert_int_equal(number, 100);
    assert_ok(zd_jval_need_text(&text, root, "id", err));
    assert_true(zd_span_is(text, "P12"));
    assert_ok(zd_jval_need_array(&array, root, "items", err));
    assert_int_equal(zd_jval_count(array), 1);
    number = -1;
    assert_code(zd_jval_need_int(&number, root, "absent", 0, 1, err), ZD_E_JSON_MISSING);
    assert_code(zd_jval_need_int(&number, root, "id", 0, 1, err), ZD_E_JSON_TYPE);
    assert_code(zd_jval_need_int(&number, root, "amount_fen", 101, 200, err), ZD_E_JSON_RANGE);
    assert_code(zd_jval_need_int(&number, root, "amount_fen", 0, 99, err), ZD_E_JSON_RANGE);
    assert_int_equal(number, -1);
    assert_code(zd_jval_need_text(&text, root, "amount_fen", err), ZD_E_JSON_TYPE);
    assert_code(zd_jval_need_array(&array, root, "id", err), ZD_E_JSON_TYPE);
    assert_code(zd_jval_need_array(&array, root, "none", err), ZD_E_JSON_MISSING);
    zd_error err = {0};
    (void)zd_jval_need_int(&number, root, "amount_fen", 0, 99, &err);
    assert_string_equal(err.field, "amount_fen");
    assert_string_equal(err.value, "100");
    zd_json_free(json);
}

static const char valid_request[] =
    "{\"type\":\"redemption.capture\",\"v\":1,\"id\":\"P12-2026-000123\",\"note\":\"\xe7\x9b\xb4\\u5151 \\\"q\\\"\","
    "\"items\":[{\"n\":-7,\"ok\":true},[null,false,9007199254740991]],\"amount_fen\":1234500}";

static void parse__every_prefix_is_refused(void **state)
{
    (void)state;
    for (size_t size = 0; size < sizeof valid_request - 1; size++) {
        zd_json *json = NULL;
        zd_error err = {0};
        assert_int_equal(parse_copy(&json, zd_span_of(valid_request, size), true, &err), ZD_MALFORMED);
        assert_null(json);
    }
}

static void parse__every_changed_byte_ends_in_an_answer(void **state)
{
    (void)state;
    uint8_t text[sizeof valid_request - 1];
    size_t refused = 0;
    for (size_t i = 0; i < sizeof text; i++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            memcpy(text, valid_request, sizeof text);
            text[i] = (uint8_t)byte;
            zd_json *json = NULL;
            zd_error err = {0};
            zd_status status = parse_copy(&json, zd_span_of(text, sizeof text), true, &err);
            assert_true(status == ZD_OK || status == ZD_MALFORMED);
            assert_true((status == ZD_OK) == (json != NULL));
            /* A byte that no JSON text of ours may hold anywhere is never let through. */
            if (byte == 0 || byte == 0x7f || byte == 0xff || (byte < 0x20 && byte != '\n' && byte != '\t' && byte != '\r')) {
                assert_int_equal(status, ZD_MALFORMED);
            }
            refused += status != ZD_OK ? 1 : 0;
            zd_json_free(json);
        }
    }
    assert_true(refused > sizeof text * 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse__every_kind_gives_its_value),
        cmocka_unit_test(parse__value_of_another_kind_reads_as_empty),
        cmocka_unit_test(parse__integers_up_to_2_53_are_exact),
        cmocka_unit_test(parse__bad_text_gets_its_code_and_place),
        cmocka_unit_test(parse__duplicate_names_the_field),
        cmocka_unit_test(parse__scalar_root_is_taken_only_when_allowed),
        cmocka_unit_test(parse__depth_is_bounded),
        cmocka_unit_test(each__visits_in_document_order_and_stops),
        cmocka_unit_test(need__reads_or_says_which_field_and_why),
        cmocka_unit_test(parse__every_prefix_is_refused),
        cmocka_unit_test(parse__every_changed_byte_ends_in_an_answer),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
