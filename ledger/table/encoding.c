/*
 * UTF-8 or GB18030, recognised by the bytes: a byte order mark or bytes that are UTF-8 throughout are UTF-8, anything else must be GB18030 throughout. A short GB18030
 * text that happens to be valid UTF-8 does not occur in practice (it would need Chinese characters whose bytes pair up as UTF-8 in every place). Nothing is
 * ever replaced: a character that cannot be read or written is an error with its place.
 */
#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <string.h>

#include "ledger/table/table_int.h"

/* Line (1-based) and byte within the line (1-based) of an offset. */
static void set_place(zd_error *err, zd_span bytes, size_t offset)
{
    int64_t line = 1;
    size_t start = 0;
    for (size_t i = 0; i < offset && i < bytes.size; i++) {
        if (bytes.data[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    zd_error_at(err, line, (int64_t)(offset - start) + 1);
}

/* Converts all of `in`; *stopped is the offset of the first byte that has no meaning, in.size when all have one. */
static zd_status convert(zd_buf *out, size_t *stopped, const char *to, const char *from, zd_span in, zd_error *err)
{
    iconv_t converter = iconv_open(to, from);
    if (converter == (iconv_t)(intptr_t)-1) {
        return zd_fail_errno(err, ZD_E_FILE_IO, "GB18030");
    }
    zd_buf copy = {0}; /* iconv only reads its input, but its type does not say so */
    zd_buf_add_span(&copy, in);
    char *read = (char *)copy.data;
    size_t left = in.size;
    bool good = true;
    while (left > 0 && good) {
        size_t room = left * 2 + 16;
        char *write = (char *)zd_buf_reserve(out, room);
        size_t before = room;
        size_t result = iconv(converter, &read, &left, &write, &room);
        out->size += before - room;
        good = result != (size_t)-1 || errno == E2BIG;
    }
    *stopped = in.size - left;
    (void)iconv_close(converter);
    zd_buf_free(&copy);
    zd_buf_add(out, "", 0);
    return ZD_OK;
}

static zd_status not_an_encoding(zd_error *err, zd_span bytes, size_t offset, const char *detail)
{
    char shown[24];
    uint8_t bad = offset < bytes.size ? bytes.data[offset] : 0;
    zd_status status = zd_fail(err, ZD_E_TABLE_ENCODING, "%s", detail);
    zd_format(shown, sizeof shown, "0x%02x", bad);
    zd_error_field(err, "byte", zd_span_text(shown));
    set_place(err, bytes, offset);
    return status;
}

/* The first offset at which the bytes stop being UTF-8; their number when they never do. */
static size_t utf8_end(zd_span bytes)
{
    if (zd_span_is_utf8(bytes)) {
        return bytes.size;
    }
    size_t at = 0;
    for (;;) {
        uint8_t lead = bytes.data[at];
        size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
        if (length > bytes.size - at || !zd_span_is_utf8(zd_span_of(bytes.data + at, length))) {
            return at;
        }
        at += length;
    }
}

zd_status zd_sheet_to_utf8(zd_buf *out, zd_sheet_encoding *encoding, zd_span bytes, zd_error *err)
{
    static const uint8_t mark[] = {0xef, 0xbb, 0xbf};
    bool wide = bytes.size >= 2 && ((bytes.data[0] == 0xff && bytes.data[1] == 0xfe) || (bytes.data[0] == 0xfe && bytes.data[1] == 0xff));
    if (wide) {
        return not_an_encoding(err, bytes, 0, "UTF-16; save it as CSV UTF-8 / 文件为 UTF-16，请另存为 CSV UTF-8");
    }
    bool marked = bytes.size >= sizeof mark && memcmp(bytes.data, mark, sizeof mark) == 0;
    size_t end = utf8_end(bytes);
    if (end == bytes.size) {
        *encoding = marked ? ZD_SHEET_UTF8_BOM : ZD_SHEET_UTF8;
        size_t skip = marked ? sizeof mark : 0;
        zd_buf_add(out, bytes.data + skip, bytes.size - skip);
        return ZD_OK;
    }
    if (marked) {
        return not_an_encoding(err, bytes, end, "marked as UTF-8, but not UTF-8 here / 标记为 UTF-8，但此处不是 UTF-8");
    }
    size_t stopped = 0;
    *encoding = ZD_SHEET_GB18030;
    zd_status status = convert(out, &stopped, "UTF-8", "GB18030", bytes, err);
    if (status == ZD_OK && stopped < bytes.size) {
        /* The reading that got further is the one that was meant. */
        bool meant_utf8 = end > stopped;
        status = not_an_encoding(err, bytes, meant_utf8 ? end : stopped,
                                 meant_utf8 ? "UTF-8 up to here / 此前为 UTF-8" : "GB18030 up to here / 此前为 GB18030");
    }
    return status;
}

zd_status zd_sheet_to_gb18030(zd_buf *out, zd_span utf8, zd_error *err)
{
    size_t stopped = 0;
    zd_status status = convert(out, &stopped, "GB18030", "UTF-8", utf8, err);
    if (status == ZD_OK && stopped < utf8.size) {
        status = not_an_encoding(err, utf8, stopped, "this text cannot be written in GB18030 / 无法以 GB18030 表示");
    }
    return status;
}
