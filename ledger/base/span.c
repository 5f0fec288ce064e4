/* Byte views and growing buffers; see span.h. */
#include "ledger/base/span.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

void zd_check_failed(const char *file, int line, const char *condition)
{
    (void)fprintf(stderr, "zhidui: broken invariant at %s:%d: %s\n", file, line, condition);
    abort();
}

void *zd_alloc(size_t size)
{
    void *memory = malloc(size > 0 ? size : 1);
    ZD_ASSERT(memory != NULL);
    return memory;
}

void *zd_alloc_large(size_t size)
{
    if (size < ZD_HUGE_PAGE) {
        return zd_alloc(size);
    }
    size_t whole = (size + ZD_HUGE_PAGE - 1) / ZD_HUGE_PAGE * ZD_HUGE_PAGE;
    void *memory = aligned_alloc(ZD_HUGE_PAGE, whole);
    ZD_ASSERT(memory != NULL);
    (void)madvise(memory, whole, MADV_HUGEPAGE); /* a wish */
    return memory;
}

void *zd_alloc_zero(size_t count, size_t size)
{
    void *memory = calloc(count > 0 ? count : 1, size > 0 ? size : 1);
    ZD_ASSERT(memory != NULL);
    return memory;
}

void *zd_realloc(void *old, size_t size)
{
    void *memory = realloc(old, size > 0 ? size : 1);
    ZD_ASSERT(memory != NULL);
    return memory;
}

char *zd_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(zd_alloc(size), text, size);
}

zd_span zd_span_cut(zd_span *head, zd_span whole, char separator)
{
    const uint8_t *at = whole.size > 0 ? memchr(whole.data, separator, whole.size) : NULL;
    if (at == NULL) {
        *head = whole;
        return zd_span_of(NULL, 0);
    }
    size_t before = (size_t)(at - whole.data);
    *head = zd_span_of(whole.data, before);
    return zd_span_of(at + 1, whole.size - before - 1);
}

bool zd_span_copy(char *out, size_t out_size, zd_span text)
{
    ZD_ASSERT(out_size > 0);
    out[0] = '\0';
    if (text.size >= out_size || (text.size > 0 && memchr(text.data, 0, text.size) != NULL)) {
        return false;
    }
    if (text.size > 0) {
        memcpy(out, text.data, text.size);
    }
    out[text.size] = '\0';
    return true;
}

/* Length of one valid sequence at the start of text, 0 when there is none (Unicode 15, table 3-7). */
static size_t sequence_length(const uint8_t *s, size_t left)
{
    uint8_t first = s[0];
    size_t length = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3
                                                                       : first >= 0xf0 && first < 0xf5   ? 4
                                                                                                         : 0;
    if (length == 0 || length > left) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    if ((first == 0xe0 && s[1] < 0xa0) || (first == 0xed && s[1] > 0x9f) || (first == 0xf0 && s[1] < 0x90) ||
        (first == 0xf4 && s[1] > 0x8f)) {
        return 0;
    }
    return length;
}

bool zd_span_is_utf8(zd_span text)
{
    for (size_t i = 0; i < text.size;) {
        uint64_t word = 0;
        if (text.size - i >= sizeof word) {
            memcpy(&word, text.data + i, sizeof word);
            if ((word & UINT64_C(0x8080808080808080)) == 0) { /* eight of ASCII */
                i += sizeof word;
                continue;
            }
        }
        size_t length = sequence_length(text.data + i, text.size - i);
        if (length == 0) {
            return false;
        }
        i += length;
    }
    return true;
}

void zd_buf_grow(zd_buf *buf, size_t size)
{
    ZD_ASSERT(size < SIZE_MAX / 4 && buf->size < SIZE_MAX / 4);
    size_t needed = buf->size + size + 1;
    size_t capacity = buf->capacity < 64 ? 64 : buf->capacity;
    while (capacity < needed) {
        capacity *= 2;
    }
    buf->data = zd_realloc(buf->data, capacity);
    buf->capacity = capacity;
}

void zd_buf_addf(zd_buf *buf, const char *format, ...)
{
    va_list args;
    va_list again;
    va_start(args, format);
    va_copy(again, args);
    uint8_t *to = zd_buf_reserve(buf, 63);
    size_t room = buf->capacity - buf->size;
    size_t length = zd_vformat((char *)to, room, format, args);
    va_end(args);
    if (length >= room) {
        to = zd_buf_reserve(buf, length);
        (void)zd_vformat((char *)to, length + 1, format, again);
    }
    va_end(again);
    buf->size += length;
}

const char *zd_buf_text(const zd_buf *buf)
{
    return buf->data != NULL ? (const char *)buf->data : "";
}

void zd_buf_clear(zd_buf *buf)
{
    buf->size = 0;
    if (buf->data != NULL) {
        buf->data[0] = 0;
    }
}

void zd_buf_free(zd_buf *buf)
{
    free(buf->data);
    *buf = (zd_buf){0};
}
