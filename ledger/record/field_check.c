/*
 * The form of single values, by field kind. The same checks serve signed requests, imported cells and forms; what a value *means* is
 * for the rules.
 */
#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/money.h"
#include "ledger/record/identifiers.h"
#include "ledger/record/request.h"

static zd_status invalid(zd_error *err, zd_field field, zd_span text, const char *expected)
{
    zd_status status = zd_fail(err, ZD_E_FIELD_INVALID, "%s", expected);
    zd_error_field(err, zd_field_name(field), text);
    return status;
}

/* Which words it takes: "none | affiliated | undeclared". */
static zd_status no_such_word(zd_error *err, zd_field field, zd_span text)
{
    zd_buf words = {0};
    for (int64_t i = 0; zd_word_text(field, i) != NULL; i++) {
        zd_buf_addf(&words, "%s%s", i > 0 ? " | " : "", zd_word_text(field, i));
    }
    zd_status status = invalid(err, field, text, zd_buf_text(&words));
    zd_buf_free(&words);
    return status;
}

static bool id_byte(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == ':' || c == '-';
}

static bool is_id(zd_span text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (!id_byte(text.data[i])) {
            return false;
        }
    }
    return text.size > 0;
}

/* What goes into payment files as an identifier: banks take no more than this. */
static bool is_serial(zd_span text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (!id_byte(text.data[i]) || text.data[i] == '.' || text.data[i] == '_' || text.data[i] == ':') {
            return false;
        }
    }
    return text.size > 0;
}

/* Ids joined by '/', none empty. */
static bool is_path(zd_span text)
{
    for (;;) {
        zd_span head;
        zd_span rest = zd_span_cut(&head, text, '/');
        if (!is_id(head)) {
            return false;
        }
        if (rest.data == NULL) {
            return true;
        }
        text = rest;
    }
}

static int span_compare(zd_span a, zd_span b)
{
    size_t n = a.size < b.size ? a.size : b.size;
    int order = n > 0 ? memcmp(a.data, b.data, n) : 0;
    return order != 0 ? order : a.size < b.size ? -1 : a.size > b.size;
}

static bool is_tags(zd_span text)
{
    zd_span previous = zd_span_of(NULL, 0);
    for (;;) {
        zd_span head;
        zd_span rest = zd_span_cut(&head, text, ',');
        if (!is_id(head) || (previous.size > 0 && span_compare(previous, head) >= 0)) {
            return false;
        }
        if (rest.data == NULL) {
            return true;
        }
        previous = head;
        text = rest;
    }
}

/* A label is a name or number that people read: no control or invisible characters, no blank at either end. UTF-8 was checked before. */
static bool is_label(zd_span text)
{
    if (text.size == 0 || text.data[0] == ' ' || text.data[text.size - 1] == ' ') {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        const uint8_t *s = text.data + i;
        size_t left = text.size - i;
        if (s[0] < 0x20 || s[0] == 0x7f || (s[0] == 0xc2 && left > 1 && s[1] < 0xa0)) {
            return false;
        }
        bool zero_width = left > 2 && s[0] == 0xe2 && s[1] == 0x80 && (s[2] >= 0x8b && s[2] <= 0x8f);
        bool separators = left > 2 && s[0] == 0xe2 && s[1] == 0x80 && (s[2] >= 0xa8 && s[2] <= 0xae);
        bool invisible = left > 2 && s[0] == 0xe2 && s[1] == 0x81 && s[2] >= 0xa0 && s[2] <= 0xaf;
        bool mark = left > 2 && s[0] == 0xef && s[1] == 0xbb && s[2] == 0xbf;
        if (zero_width || separators || invisible || mark) {
            return false;
        }
    }
    return true;
}

static bool length_fits(zd_field field, zd_span text)
{
    return (int64_t)text.size >= zd_field_minimum(field) && (int64_t)text.size <= zd_field_maximum(field);
}

/* Births up to the end of what dates can say: forms are judged without a clock. */
#define PERSONAL_UP_TO_DAY (INT64_C(366) * 230)

/* A resident's number never enters the log, wherever somebody types it. A credit code can look like one by chance and is none. */
static bool is_personal(zd_span text)
{
    return text.size == 18 && zd_resident_id_is_valid(text, PERSONAL_UP_TO_DAY) && !zd_uscc_is_valid(text);
}

static zd_status check_path(zd_field field, zd_span text, bool form, const char *expected, zd_error *err)
{
    zd_span rest = text;
    while (rest.size > 0) {
        zd_span head;
        rest = zd_span_cut(&head, rest, '/');
        if (is_personal(head)) {
            return invalid(err, field, zd_span_text("(personal)"), "a resident id number must not enter the log / 居民身份证号不得写入账本");
        }
    }
    return form && length_fits(field, text) ? ZD_OK : invalid(err, field, text, expected);
}

zd_status zd_field_check_text(zd_value *out, zd_field field, zd_span text, zd_error *err)
{
    *out = (zd_value){.present = true, .text = text};
    switch (zd_field_kind_of(field)) {
    case ZD_KIND_ID:
        return check_path(field, text, is_id(text), "an identifier: A-Z a-z 0-9 . _ : - / 标识符", err);
    case ZD_KIND_SERIAL:
        return is_serial(text) && length_fits(field, text) ? ZD_OK : invalid(err, field, text, "letters, digits and - only / 只能用字母、数字和 -");
    case ZD_KIND_KEYNAME:
    case ZD_KIND_SUBJECT:
        return check_path(field, text, is_path(text), "identifiers joined by slashes / 以斜杠连接的标识符", err);
    case ZD_KIND_TAGS:
        return is_tags(text) && length_fits(field, text) ? ZD_OK
                                                         : invalid(err, field, text, "identifiers joined by commas, ascending, none twice / 逗号分隔、升序、不重复");
    case ZD_KIND_LABEL:
        return is_label(text) && length_fits(field, text) ? ZD_OK : invalid(err, field, text, "short text without control characters / 不含控制字符的短文本");
    case ZD_KIND_DATE:
        return zd_date_parse(&out->number, text) ? ZD_OK : invalid(err, field, text, "a date like 2026-03-05 / 日期如 2026-03-05");
    case ZD_KIND_TIME:
        return zd_time_parse(&out->number, text) ? ZD_OK : invalid(err, field, text, "a time like 2026-03-05T02:11:12Z / 时间如 2026-03-05T02:11:12Z");
    case ZD_KIND_HASH:
        return zd_hash_from_hex(&out->hash, text) ? ZD_OK : invalid(err, field, text, "64 lower-case hex digits / 64 位小写十六进制");
    case ZD_KIND_WORD:
        return zd_word_find(&out->number, field, text) ? ZD_OK : no_such_word(err, field, text);
    case ZD_KIND_FEN:
    case ZD_KIND_INT:
    case ZD_KIND_BOOL:
    case ZD_KIND_POLICY:
    case ZD_KIND_ITEMS:
        break;
    }
    zd_status status = zd_fail(err, ZD_E_JSON_TYPE, "not a text");
    zd_error_field(err, zd_field_name(field), text);
    return status;
}

zd_status zd_field_check_int(zd_value *out, zd_field field, int64_t number, zd_error *err)
{
    int64_t low = zd_field_minimum(field);
    int64_t high = zd_field_maximum(field);
    if (zd_field_kind_of(field) == ZD_KIND_FEN) {
        low = 0;
        high = ZD_FEN_MAX;
    } else if (high == 0) {
        high = ZD_JSON_INT_MAX;
    }
    *out = (zd_value){.present = true, .number = number};
    if (number < low || number > high) {
        char shown[24];
        zd_format(shown, sizeof shown, "%lld", (long long)number);
        zd_status status = zd_fail(err, ZD_E_JSON_RANGE, "%lld to %lld", (long long)low, (long long)high);
        zd_error_field(err, zd_field_name(field), zd_span_text(shown));
        return status;
    }
    return ZD_OK;
}
