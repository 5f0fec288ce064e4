/*
 * The short way through plain requests against the reader that judges: the same verdict, the same error in every part, the same values, for every request type, on
 * valid texts and on mutated ones.
 */
#include "tests/support/support.h"

#include <string.h>

#include "ledger/record/request.h"

typedef struct dice {
    uint64_t state;
} dice;

static size_t roll(dice *d, size_t sides)
{
    d->state = d->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(d->state >> 33) % sides;
}

/* A value that the field takes, mostly. */
static void add_value(zd_buf *out, dice *d, zd_field field)
{
    static const char *const labels[] = {"\"one label\"", "\"样例标签\"", "\"caf\xc3\xa9\""};
    size_t least = (size_t)zd_field_minimum(field);
    switch (zd_field_kind_of(field)) {
    case ZD_KIND_FEN:
        zd_buf_addf(out, "%zu", roll(d, 2000000));
        return;
    case ZD_KIND_INT:
        zd_buf_addf(out, "%zu", least + roll(d, 9));
        return;
    case ZD_KIND_BOOL:
        zd_buf_add_text(out, roll(d, 2) == 0 ? "true" : "false");
        return;
    case ZD_KIND_DATE:
        zd_buf_addf(out, "\"2026-%02zu-%02zu\"", 1 + roll(d, 12), 1 + roll(d, 28));
        return;
    case ZD_KIND_TIME:
        zd_buf_addf(out, "\"2026-03-%02zuT0%zu:11:12Z\"", 1 + roll(d, 28), roll(d, 9));
        return;
    case ZD_KIND_HASH:
        for (int i = 0; i < 8; i++) {
            zd_buf_addf(out, "%s%08zx", i == 0 ? "\"" : "", roll(d, 0x7fffffff));
        }
        zd_buf_add_byte(out, '"');
        return;
    case ZD_KIND_WORD:
        zd_buf_addf(out, "\"%s\"", zd_word_text(field, 0));
        return;
    case ZD_KIND_LABEL:
        zd_buf_add_text(out, labels[roll(d, ZD_COUNT(labels))]);
        return;
    case ZD_KIND_POLICY:
        zd_buf_add_text(out, "{\"a\":[1,{\"b\":null}]}");
        return;
    case ZD_KIND_ITEMS:
        zd_buf_add_text(out, "[]");
        return;
    case ZD_KIND_ID:
    case ZD_KIND_SERIAL:
    case ZD_KIND_KEYNAME:
    case ZD_KIND_SUBJECT:
    case ZD_KIND_TAGS:
        break;
    }
    zd_buf_addf(out, "\"A%zu%.*s\"", roll(d, 10), least > 2 ? (int)least - 2 : 0, "1234567890123456789");
}

static void add_separator(zd_buf *out, dice *d, const char *bytes)
{
    zd_buf_add_text(out, bytes);
    if (roll(d, 20) == 0) {
        zd_buf_add_text(out, " ");
    }
}

static void add_fields(zd_buf *out, dice *d, zd_request_type type, zd_request_type of)
{
    for (int i = 0; i < ZD_F__COUNT; i++) {
        bool required = false;
        zd_field field = (zd_field)i;
        if (!zd_request_has(type, field, &required) || (!required && roll(d, 3) != 0)) {
            continue;
        }
        add_separator(out, d, ",");
        zd_buf_addf(out, "\"%s\"", zd_field_name(field));
        add_separator(out, d, ":");
        if (field == ZD_F_OF) {
            zd_buf_addf(out, "\"%s\"", zd_request_name(of));
        } else if (field == ZD_F_ITEMS) {
            size_t count = 1 + roll(d, 4);
            for (size_t n = 0; n < count; n++) {
                zd_buf_addf(out, "%s{\"id\":\"i-%zu\"", n == 0 ? "[" : ",", n);
                add_fields(out, d, of, of);
                zd_buf_add_byte(out, '}');
            }
            zd_buf_add_byte(out, ']');
        } else {
            add_value(out, d, field);
        }
    }
}

static void add_request(zd_buf *out, dice *d)
{
    zd_request_type type = (zd_request_type)roll(d, ZD_REQ__COUNT);
    zd_request_type of = ZD_REQ_KEY_GRANT;
    while (type == ZD_REQ_BATCH_OF && (zd_request_flags(of = (zd_request_type)roll(d, ZD_REQ__COUNT)) & ZD_REQUEST_BATCHABLE) == 0) {
    }
    zd_buf_clear(out);
    zd_buf_addf(out, "{\"type\":\"%s\",\"v\":1,\"ledger\":\"voucher.sx.example\",\"id\":\"r-%zu\",\"expires\":\"2026-04-04T00:00:00Z\"", zd_request_name(type), roll(d, 1000));
    add_fields(out, d, type, of);
    zd_buf_add_text(out, "}\n");
}

/* Changes a few bytes: another byte, one taken out, one put in, a piece doubled, a token that JSON knows and plain texts do not. */
static void mutate(zd_buf *text, dice *d)
{
    static const char *const tokens[] = {"\\u0041", "\\n", "null", "-1", "1.5", "1e3", "\t", "\xc2\x85", "\xff", "\"", ",", "}", "[", "]", "{", "01", "9007199254740992", "9007199254740991", "\"id\":\"x\",", "true", "\x7f", "样"};
    zd_buf out = {0};
    for (size_t changes = 1 + roll(d, 2); changes > 0; changes--) {
        size_t at = roll(d, text->size);
        size_t skip = 0;
        zd_buf_clear(&out);
        zd_buf_add(&out, text->data, at);
        switch (roll(d, 5)) {
        case 0:
            zd_buf_add_byte(&out, (uint8_t)roll(d, 256));
            skip = 1;
            break;
        case 1:
            skip = 1;
            break;
        case 2:
            zd_buf_add_byte(&out, (uint8_t)(' ' + roll(d, 95)));
            break;
        case 3:
            zd_buf_add(&out, text->data + at, roll(d, text->size - at));
            break;
        default:
            zd_buf_add_text(&out, tokens[roll(d, ZD_COUNT(tokens))]);
            skip = roll(d, 2);
            break;
        }
        skip = skip < text->size - at ? skip : text->size - at;
        zd_buf_add(&out, text->data + at + skip, text->size - at - skip);
        zd_buf_clear(text);
        zd_buf_add_span(text, zd_buf_span(&out));
    }
    zd_buf_free(&out);
}

static void same_error(const zd_error *a, const zd_error *b)
{
    assert_string_equal(zd_code_name(a->code), zd_code_name(b->code));
    assert_string_equal(a->subject, b->subject);
    assert_string_equal(a->field, b->field);
    assert_string_equal(a->value, b->value);
    assert_string_equal(a->detail, b->detail);
    assert_int_equal(a->line, b->line);
    assert_int_equal(a->column, b->column);
}

static void same_request(const zd_request *a, const zd_request *b)
{
    assert_int_equal(a->type, b->type);
    assert_true(zd_span_equal(a->ledger, b->ledger));
    assert_true(zd_span_equal(a->id, b->id));
    assert_int_equal(a->expires_unix_ms, b->expires_unix_ms);
    assert_memory_equal(&a->text_sha256, &b->text_sha256, sizeof a->text_sha256);
    assert_int_equal(a->item_count, b->item_count);
    for (int i = 0; i < ZD_F__COUNT; i++) {
        zd_field field = (zd_field)i;
        assert_int_equal(zd_req_has(a, field), zd_req_has(b, field));
        assert_int_equal(zd_req_int(a, field), zd_req_int(b, field));
        assert_true(zd_span_equal(zd_req_text(a, field), zd_req_text(b, field)));
        assert_memory_equal(zd_req_hash(a, field), zd_req_hash(b, field), sizeof(zd_hash));
    }
}

typedef struct tally {
    size_t accepted;
    size_t refused;
    size_t short_way;
    size_t items;
} tally;

/* Both ways; what they say is the same. */
static void compare(zd_span text, tally *seen)
{
    zd_request fast;
    zd_request tree;
    zd_error fast_error = {0};
    zd_error tree_error = {0};
    zd_status status = zd_request_parse(&fast, text, &fast_error);
    assert_int_equal(status, zd_request_parse_tree(&tree, text, &tree_error));
    same_error(&fast_error, &tree_error);
    seen->accepted += status == ZD_OK ? 1 : 0;
    seen->refused += status == ZD_OK ? 0 : 1;
    if (status != ZD_OK) {
        return;
    }
    seen->short_way += fast.flat != NULL ? 1 : 0;
    same_request(&fast, &tree);
    for (size_t i = 0; i < fast.item_count; i++) {
        zd_request fast_item;
        zd_request tree_item;
        zd_error a = {0};
        zd_error b = {0};
        zd_status item = zd_request_item(&fast_item, &fast, i, &a);
        assert_int_equal(item, zd_request_item(&tree_item, &tree, i, &b));
        same_error(&a, &b);
        if (item == ZD_OK) {
            same_request(&fast_item, &tree_item);
            seen->items++;
        }
    }
    zd_request_free(&fast);
    zd_request_free(&tree);
}

static void requests__valid_of_every_type__read_alike_on_both_ways(void **state)
{
    (void)state;
    dice d = {.state = 20260305};
    tally seen = {0};
    zd_buf text = {0};
    for (int i = 0; i < 3000; i++) {
        add_request(&text, &d);
        compare(zd_buf_span(&text), &seen);
    }
    /* Otherwise the comparison would be of errors only, or of one reader with itself. */
    assert_true(seen.accepted > 1500 && seen.short_way > 1400 && seen.items > 50);
    zd_buf_free(&text);
}

static void requests__mutated__get_the_same_verdict_and_error(void **state)
{
    (void)state;
    dice d = {.state = 20221013};
    tally seen = {0};
    zd_buf text = {0};
    for (int i = 0; i < 20000; i++) {
        add_request(&text, &d);
        mutate(&text, &d);
        if (text.size > 0) {
            text.data[text.size - 1] = roll(&d, 50) == 0 ? text.data[text.size - 1] : '\n';
        }
        compare(zd_buf_span(&text), &seen);
    }
    assert_true(seen.refused > 10000 && seen.accepted > 1000 && seen.short_way > 500);
    zd_buf_free(&text);
}

/* The two arrays of a request have room for every type. */
static void requests__any_type__has_room_for_all_its_fields(void **state)
{
    (void)state;
    for (int type = 0; type < ZD_REQ__COUNT; type++) {
        size_t count = 0;
        size_t needed = 0;
        for (int i = 0; i < ZD_F__COUNT; i++) {
            bool required = false;
            count += zd_request_has((zd_request_type)type, (zd_field)i, &required) ? 1 : 0;
            needed += required ? 1 : 0;
        }
        assert_true(count < ZD_REQUEST_VALUES);
        assert_int_equal(needed, zd_request_required((zd_request_type)type));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests__valid_of_every_type__read_alike_on_both_ways),
        cmocka_unit_test(requests__mutated__get_the_same_verdict_and_error),
        cmocka_unit_test(requests__any_type__has_room_for_all_its_fields),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
