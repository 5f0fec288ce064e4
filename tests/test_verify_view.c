/*
 * The verifier's reader of JSON gives what the strict reader gives: for plain texts, for texts that it hands on, and for every text that differs from those in one byte.
 * White space in front makes a text not plain, so the same text behind a space is read by the strict reader.
 */
#include "tests/support/support.h"

#include <string.h>

#include "audit/verify/view.h"

static const char *const texts[] = {
    "{}",
    "{\"seq\":0,\"at\":\"2026-03-02T02:00:00Z\",\"outcome\":\"accepted\",\"policy\":1,\"holds\":[\"R32\",\"R06\"],\"subsidy_fen\":500000,\"saw\":{\"base_fen\":-17},"
    "\"postings\":[[\"2200/O-1/330602-2026-E\",\"3000/P/330602-2026-E\",500000],[\"a\",\"b\",1]]}",
    "{\"type\":\"batch\",\"v\":1,\"items\":[{\"id\":\"i-1\",\"final\":true,\"statutory\":false},{},{\"id\":\"\",\"x\":null}],\"empty\":[],\"last\":{\"a\":{\"b\":[[[0]]]}}}",
    "{\"label\":\"样例大学\",\"amount_fen\":999999999999999,\"more\":9007199254740991,\"minus\":-0,\"zero\":0}",
    "{\"a\\u0062c\":\"x\\\"y\\\\z\\/\",\"n\":[1,2,{\"k\":\"\\u6837\"}]}",
};

static void assert_same(zd_span text)
{
    zd_buf spaced = {0};
    zd_view_document one;
    zd_view_document two;
    zd_error err_one = {0};
    zd_error err_two = {0};
    zd_buf_add_byte(&spaced, ' ');
    zd_buf_add_span(&spaced, text);
    zd_status status = zd_view_parse(&one, text, &err_one);
    assert_int_equal(status, zd_view_parse(&two, zd_buf_span(&spaced), &err_two));
    assert_int_equal(err_one.code, err_two.code);
    for (size_t i = 0; status == ZD_OK && i < one.nodes[0].skip; i++) {
        const zd_view_node *a = &one.nodes[i];
        const zd_view_node *b = &two.nodes[i];
        assert_true(a->kind == b->kind && a->number == b->number && a->skip == b->skip && a->count == b->count);
        assert_true(zd_span_equal(a->name, b->name) && zd_span_equal(a->text, b->text));
    }
    zd_view_free(&one);
    zd_view_free(&two);
    zd_buf_free(&spaced);
}

static void text__as_it_is_and_changed_in_one_byte__reads_as_strictly(void **state)
{
    (void)state;
    static const char other[] = "\"{}[]:,-019.eEtfn\\ \n\t\x01\x7f\xc2\x85\xe6\xffzu";
    for (size_t t = 0; t < ZD_COUNT(texts); t++) {
        zd_buf text = {0};
        zd_buf_add_text(&text, texts[t]);
        assert_same(zd_buf_span(&text));
        for (size_t i = 0; i < text.size; i++) {
            uint8_t kept = text.data[i];
            for (size_t c = 0; c < sizeof other; c++) { /* with the NUL at its end */
                text.data[i] = (uint8_t)other[c];
                assert_same(zd_buf_span(&text));
            }
            text.data[i] = kept;
            assert_same(zd_span_of(text.data, i));                            /* cut */
            assert_same(zd_span_of(text.data + i, text.size - i));            /* its end only */
        }
        zd_buf_free(&text);
    }
}

static void text__with_a_name_twice__is_refused_as_strictly(void **state)
{
    (void)state;
    zd_view_document document;
    zd_error err = {0};
    assert_int_equal(zd_view_parse(&document, zd_span_text("{\"a\":1,\"b\":{\"a\":2,\"a\":3}}"), &err), ZD_MALFORMED);
    assert_int_equal(err.code, ZD_E_JSON_DUPLICATE);
    zd_view_free(&document);
}

static void text__handed_on_to_the_strict_reader__is_all_there(void **state)
{
    (void)state;
    zd_view_document document;
    zd_error err = {0};
    assert_int_equal(zd_view_parse(&document, zd_span_text(texts[4]), &err), ZD_OK);
    zd_view root = zd_view_root(&document);
    assert_true(zd_span_is(zd_view_text(zd_view_get(root, "abc")), "x\"y\\z/"));
    zd_view n = zd_view_get(root, "n");
    assert_int_equal(zd_view_count(n), 3);
    assert_int_equal(zd_view_int(zd_view_at(n, 1)), 2);
    assert_true(zd_span_is(zd_view_text(zd_view_get(zd_view_at(n, 2), "k")), "样"));
    assert_int_equal(zd_view_kind(zd_view_at(n, 3)), ZD_J_ABSENT);
    assert_int_equal(zd_view_kind(zd_view_get(n, "k")), ZD_J_ABSENT);
    zd_view_free(&document);
}

/* More members than are compared pairwise, and deeper than is allowed. */
static void text__wide_or_deep__reads_as_strictly(void **state)
{
    (void)state;
    for (size_t size = 1; size < 120; size += 7) {
        zd_buf wide = {0};
        zd_buf deep = {0};
        zd_buf_add_byte(&wide, '{');
        for (size_t i = 0; i < size; i++) {
            zd_buf_addf(&wide, "%s\"m%zu\":[%zu]", i > 0 ? "," : "", i, i);
        }
        zd_buf_add_byte(&wide, '}');
        assert_same(zd_buf_span(&wide));
        zd_buf_add_text(&deep, "{\"a\":");
        for (size_t i = 0; i < size / 7; i++) {
            zd_buf_add_byte(&deep, '[');
        }
        for (size_t i = 0; i < size / 7; i++) {
            zd_buf_add_byte(&deep, ']');
        }
        zd_buf_add_byte(&deep, '}');
        assert_same(zd_buf_span(&deep));
        zd_buf_free(&wide);
        zd_buf_free(&deep);
    }
}

int main(void)
{
    zd_test_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text__as_it_is_and_changed_in_one_byte__reads_as_strictly),
        cmocka_unit_test(text__with_a_name_twice__is_refused_as_strictly),
        cmocka_unit_test(text__handed_on_to_the_strict_reader__is_all_there),
        cmocka_unit_test(text__wide_or_deep__reads_as_strictly),
    };
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
