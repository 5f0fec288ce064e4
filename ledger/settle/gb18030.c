/*
 * UTF-8 to the encodings of banks through the C library's iconv, the only user of it. Nothing is ever replaced, transliterated or dropped:
 * a name that changes on its way to the bank comes back as a returned payment, so a character without a place is an error.
 */
#include "ledger/settle/settle_int.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

static int64_t character_at(zd_span utf8, size_t offset)
{
    int64_t column = 1;
    for (size_t i = 0; i < offset; i++) {
        column += (utf8.data[i] & 0xc0) != 0x80;
    }
    return column;
}

/* The C library loads an encoding's tables at the first converter and drops them with the last: one that stays open spares that for every text of a batch. */
struct zd_encoding_hold {
    iconv_t converter;
};

zd_encoding_hold *zd_encoding_hold_take(const char *encoding)
{
    zd_encoding_hold *hold = zd_alloc(sizeof *hold);
    hold->converter = iconv_open(encoding, "UTF-8");
    return hold;
}

void zd_encoding_hold_release(zd_encoding_hold *hold)
{
    if (hold->converter != (iconv_t)(intptr_t)-1) {
        (void)iconv_close(hold->converter);
    }
    free(hold);
}

/* The same bytes in every encoding that banks use. */
static bool is_ascii(zd_span text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

zd_status zd_encoded_add(zd_buf *out, const char *encoding, zd_span utf8, zd_error *err)
{
    if (is_ascii(utf8)) {
        zd_buf_add_span(out, utf8);
        return ZD_OK;
    }
    iconv_t converter = iconv_open(encoding, "UTF-8");
    if (converter == (iconv_t)(intptr_t)-1) {
        return zd_fail_errno(err, ZD_E_FILE_IO, encoding);
    }
    zd_status status = ZD_OK;
    /* iconv takes a pointer to non-const text but only reads it; the copy spares a cast that hides const. */
    zd_buf copy = {0};
    zd_buf_add_span(&copy, utf8);
    char *from = (char *)copy.data;
    size_t left = copy.size;
    while (left > 0 && status == ZD_OK) {
        size_t room = left * 4 + 16;
        char *to = (char *)zd_buf_reserve(out, room);
        size_t before = room;
        size_t result = iconv(converter, &from, &left, &to, &room);
        out->size += before - room;
        if (result == (size_t)-1 && errno != E2BIG) {
            size_t shown = 1;
            while (shown < left && ((uint8_t)from[shown] & 0xc0) == 0x80) {
                shown++;
            }
            status = zd_fail(err, ZD_E_EXPORT_CHARSET, "%s has no place for it; use the registered spelling / %s 无法表示该字符", encoding, encoding);
            zd_error_field(err, "character", zd_span_of(from, shown));
            zd_error_at(err, 0, character_at(utf8, utf8.size - left));
        }
    }
    (void)zd_buf_reserve(out, 1);
    out->data[out->size] = 0;
    (void)iconv_close(converter);
    zd_buf_free(&copy);
    return status;
}

zd_status zd_gb18030_add(zd_buf *out, zd_span utf8, zd_error *err)
{
    return zd_encoded_add(out, "GB18030", utf8, err);
}
