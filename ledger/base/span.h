/*
 * Byte views and growing buffers. A span borrows; a buffer owns. Neither knows encodings.
 * Running out of memory aborts: a ledger process without memory cannot continue honestly, and every
 * durable step is a transaction that a restart completes or forgets.
 */
#ifndef ZD_BASE_SPAN_H
#define ZD_BASE_SPAN_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ledger/base/check.h"

typedef struct zd_span {
    const uint8_t *data; /* borrowed; may be NULL only when size is 0 */
    size_t size;
} zd_span;

typedef struct zd_buf {
    uint8_t *data; /* owned; always followed by a NUL byte once anything was added */
    size_t size;
    size_t capacity;
} zd_buf;

/* What is called for each field of each request stands here, so that a text written in the code has its length at compile time. */
static inline zd_span zd_span_of(const void *data, size_t size)
{
    return (zd_span){.data = (const uint8_t *)data, .size = size};
}

/* Without the NUL; NULL gives an empty span. */
static inline zd_span zd_span_text(const char *text)
{
    return zd_span_of(text, text != NULL ? strlen(text) : 0);
}

static inline bool zd_span_equal(zd_span a, zd_span b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline bool zd_span_is(zd_span a, const char *text)
{
    return zd_span_equal(a, zd_span_text(text));
}

static inline bool zd_span_starts(zd_span a, const char *prefix)
{
    size_t size = strlen(prefix);
    return a.size >= size && memcmp(a.data, prefix, size) == 0;
}

/* Cuts at the first separator byte: *head before it, the result after it; no separator: all is head. */
zd_span zd_span_cut(zd_span *head, zd_span whole, char separator);
/* Copies as a C string; false (and an empty string) when it does not fit or holds a NUL. */
ZD_MUST_USE bool zd_span_copy(char *out, size_t out_size, zd_span text);
/* Strict UTF-8 (no surrogates, no overlong forms, at most U+10FFFF). */
bool zd_span_is_utf8(zd_span text);

void zd_buf_grow(zd_buf *buf, size_t size); /* the slow half of zd_buf_reserve */

/* Makes room for size more bytes and returns where they go; size itself does not move. */
static inline uint8_t *zd_buf_reserve(zd_buf *buf, size_t size)
{
    if (size >= buf->capacity - buf->size) { /* a NUL stands behind */
        zd_buf_grow(buf, size);
    }
    return buf->data + buf->size;
}

static inline void zd_buf_add(zd_buf *buf, const void *data, size_t size)
{
    uint8_t *to = zd_buf_reserve(buf, size);
    if (size > 0) {
        memcpy(to, data, size);
    }
    buf->size += size;
    to[size] = 0;
}

static inline void zd_buf_add_span(zd_buf *buf, zd_span span)
{
    zd_buf_add(buf, span.data, span.size);
}

static inline void zd_buf_add_text(zd_buf *buf, const char *text)
{
    zd_buf_add(buf, text, strlen(text));
}

static inline void zd_buf_add_byte(zd_buf *buf, uint8_t byte)
{
    zd_buf_add(buf, &byte, 1);
}

static inline zd_span zd_buf_span(const zd_buf *buf)
{
    return zd_span_of(buf->data, buf->size);
}

void zd_buf_addf(zd_buf *buf, const char *format, ...) ZD_PRINTF(2, 3);
const char *zd_buf_text(const zd_buf *buf); /* never NULL; valid until the next change */
void zd_buf_clear(zd_buf *buf);             /* keeps the memory */
void zd_buf_free(zd_buf *buf);

/* malloc family that aborts when there is no memory. Free with free(). */
void *zd_alloc(size_t size);
/* For what is large and used in no order: from ZD_HUGE_PAGE on its memory lies in huge pages, where the system gives them. Not cleared. */
#define ZD_HUGE_PAGE ((size_t)2 << 20)
void *zd_alloc_large(size_t size);
void *zd_alloc_zero(size_t count, size_t size);
void *zd_realloc(void *old, size_t size);
char *zd_strdup(const char *text);
/* snprintf that must fit: a cut text is a bug, hence an assertion. */
void zd_format(char *out, size_t out_size, const char *format, ...) ZD_PRINTF(3, 4);
/* vsnprintf, faster for plain %s and whole numbers: the length of the whole text, which does not fit when it is out_size or more. */
size_t zd_vformat(char *out, size_t out_size, const char *format, va_list args) ZD_PRINTF(3, 0);

#endif
