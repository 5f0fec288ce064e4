/*
 * Deterministic JSON writer; see json.h.
 *
 * Invariants: the same calls give the same bytes, on every machine; what comes out is valid JSON that
 * json_read.c accepts, unless a string holds control characters, which the reader refuses by design.
 * Must not: sort, pretty-print, or format through the locale.
 */
#include <string.h>

#include "ledger/json/json.h"

/* Stands in closer[0] after a root value that was no object or array, so that a second root value is noticed. */
#define SCALAR_ROOT '.'

zd_jw zd_jw_begin(zd_buf *out)
{
    return (zd_jw){.out = out};
}

/* Length of the run at the start of text that needs no escape. */
static size_t plain_length(zd_span text)
{
    size_t i = 0;
    while (i < text.size && text.data[i] >= 0x20 && text.data[i] != '"' && text.data[i] != '\\') {
        i++;
    }
    return i;
}

static void add_escaped(zd_buf *out, zd_span text)
{
    static const char hex[] = "0123456789abcdef";
    while (text.size > 0) {
        size_t plain = plain_length(text);
        zd_buf_add(out, text.data, plain);
        text = zd_span_of(text.data + plain, text.size - plain);
        if (text.size == 0) {
            break;
        }
        uint8_t byte = text.data[0];
        if (byte >= 0x20) {
            uint8_t pair[2] = {'\\', byte};
            zd_buf_add(out, pair, sizeof pair);
        } else {
            char unit[6] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
            zd_buf_add(out, unit, sizeof unit);
        }
        text = zd_span_of(text.data + 1, text.size - 1);
    }
}

/* Names of files and pieces of refused input may hold any bytes: each that is not UTF-8 becomes U+FFFD, so that
 * the answer about them stays readable. */
static void add_replaced(zd_buf *out, zd_span text)
{
    while (text.size > 0) {
        size_t length = text.size < 4 ? text.size : 4;
        while (length > 0 && !zd_span_is_utf8(zd_span_of(text.data, length))) {
            length--;
        }
        if (length == 0) {
            zd_buf_add_text(out, "\xef\xbf\xbd");
            length = 1;
        } else {
            add_escaped(out, zd_span_of(text.data, length));
        }
        text = zd_span_of(text.data + length, text.size - length);
    }
}

/* ASCII without anything that needs an escape: nearly every name and value. */
static bool is_plain(zd_span text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < 0x20 || text.data[i] >= 0x80 || text.data[i] == '"' || text.data[i] == '\\') {
            return false;
        }
    }
    return true;
}

static void add_string(zd_buf *out, zd_span text)
{
    if (is_plain(text)) {
        uint8_t *to = zd_buf_reserve(out, text.size + 2);
        to[0] = '"';
        if (text.size > 0) {
            memcpy(to + 1, text.data, text.size);
        }
        to[text.size + 1] = '"';
        to[text.size + 2] = 0;
        out->size += text.size + 2;
        return;
    }
    zd_buf_add_byte(out, '"');
    if (zd_span_is_utf8(text)) {
        add_escaped(out, text);
    } else {
        add_replaced(out, text);
    }
    zd_buf_add_byte(out, '"');
}

/* Comma and name; what every value begins with. */
static void begin_value(zd_jw *w, const char *name)
{
    if (w->depth == 0) {
        ZD_ASSERT(name == NULL && w->closer[0] == '\0');
        w->closer[0] = SCALAR_ROOT;
        return;
    }
    ZD_ASSERT((name != NULL) == (w->closer[w->depth - 1] == '}'));
    if (w->comma[w->depth - 1]) {
        zd_buf_add_byte(w->out, ',');
    }
    w->comma[w->depth - 1] = true;
    if (name != NULL) {
        add_string(w->out, zd_span_text(name));
        zd_buf_add_byte(w->out, ':');
    }
}

static void open_value(zd_jw *w, const char *name, char opener, char closer)
{
    ZD_ASSERT(w->depth < ZD_JSON_DEPTH);
    begin_value(w, name);
    zd_buf_add_byte(w->out, (uint8_t)opener);
    w->closer[w->depth] = closer;
    w->comma[w->depth] = false;
    w->depth++;
}

void zd_jw_object(zd_jw *w, const char *name)
{
    open_value(w, name, '{', '}');
}

void zd_jw_array(zd_jw *w, const char *name)
{
    open_value(w, name, '[', ']');
}

void zd_jw_close(zd_jw *w)
{
    ZD_ASSERT(w->depth > 0);
    w->depth--;
    zd_buf_add_byte(w->out, (uint8_t)w->closer[w->depth]);
}

void zd_jw_text(zd_jw *w, const char *name, zd_span value)
{
    begin_value(w, name);
    add_string(w->out, value);
}

void zd_jw_cstr(zd_jw *w, const char *name, const char *value)
{
    zd_jw_text(w, name, zd_span_text(value));
}

void zd_jw_int(zd_jw *w, const char *name, int64_t value)
{
    ZD_ASSERT(value >= -ZD_JSON_INT_MAX && value <= ZD_JSON_INT_MAX);
    begin_value(w, name);
    char digits[20];
    size_t start = sizeof digits;
    int64_t left = value < 0 ? -value : value;
    do {
        digits[--start] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0) {
        digits[--start] = '-';
    }
    zd_buf_add(w->out, digits + start, sizeof digits - start);
}

void zd_jw_bool(zd_jw *w, const char *name, bool value)
{
    begin_value(w, name);
    zd_buf_add_text(w->out, value ? "true" : "false");
}

void zd_jw_null(zd_jw *w, const char *name)
{
    begin_value(w, name);
    zd_buf_add_text(w->out, "null");
}

void zd_jw_raw(zd_jw *w, const char *name, zd_span json)
{
    ZD_ASSERT(json.size > 0);
    begin_value(w, name);
    zd_buf_add_span(w->out, json);
}
