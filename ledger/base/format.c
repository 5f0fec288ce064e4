/*
 * Text from a format: the few conversions that keys, accounts and numbers need, read without the C library's machinery (a key is formatted some thirty times an
 * order). Whatever else a format holds is left to vsnprintf, so that the result is always that of the standard function. Must not know what is formatted.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/span.h"

typedef struct target {
    char *out;
    size_t room; /* including the NUL */
    size_t length; /* that the whole text has, whether or not it fits */
} target;

static void put(target *to, const char *bytes, size_t size)
{
    if (to->length < to->room) {
        size_t left = to->room - to->length;
        memcpy(to->out + to->length, bytes, size < left ? size : left);
    }
    to->length += size;
}

static void put_byte(target *to, char byte)
{
    if (to->length < to->room) {
        to->out[to->length] = byte;
    }
    to->length++;
}

/* zeros: least number of places, filled with zeros behind the sign. */
static void put_number(target *to, uint64_t magnitude, bool negative, size_t zeros)
{
    char digits[24];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + magnitude % 10);
        magnitude /= 10;
    } while (magnitude > 0);
    size_t places = zeros < sizeof digits ? zeros : sizeof digits - 1;
    while (sizeof digits - at + (negative ? 1 : 0) < places) {
        digits[--at] = '0';
    }
    if (negative) {
        digits[--at] = '-';
    }
    put(to, digits + at, sizeof digits - at);
}

static void put_signed(target *to, int64_t value, size_t zeros)
{
    put_number(to, value < 0 ? UINT64_C(0) - (uint64_t)value : (uint64_t)value, value < 0, zeros);
}

/* One number behind its percent sign: %d %zu %lld %llu, also as %0Nx. Gives what follows it, NULL for any other. */
static const char *convert(target *to, const char *at, va_list *args)
{
    size_t zeros = 0;
    if (at[0] == '0' && at[1] >= '1' && at[1] <= '9') {
        for (at++; *at >= '0' && *at <= '9' && zeros < 100; at++) {
            zeros = zeros * 10 + (size_t)(*at - '0');
        }
        if (zeros > 20) {
            return NULL;
        }
    }
    if (at[0] == 'd') {
        put_signed(to, va_arg(*args, int), zeros);
        return at + 1;
    }
    if (at[0] == 'l' && at[1] == 'l' && at[2] == 'd') {
        put_signed(to, va_arg(*args, long long), zeros);
        return at + 3;
    }
    if (at[0] == 'l' && at[1] == 'l' && at[2] == 'u') {
        put_number(to, va_arg(*args, unsigned long long), false, zeros);
        return at + 3;
    }
    if (at[0] == 'z' && at[1] == 'u') {
        put_number(to, va_arg(*args, size_t), false, zeros);
        return at + 2;
    }
    return NULL;
}

size_t zd_vformat(char *out, size_t out_size, const char *format, va_list args)
{
    target to = {.out = out, .room = out_size};
    va_list again;
    va_list now;
    va_copy(again, args);
    va_copy(now, args);
    const char *at = format;
    while (at != NULL && *at != '\0') {
        if (at[0] == '%' && at[1] == 's') { /* most of all */
            const char *text = va_arg(now, const char *);
            put(&to, text, strlen(text));
            at += 2;
        } else if (at[0] == '%') {
            at = convert(&to, at + 1, &now);
        } else {
            put_byte(&to, *at++);
        }
    }
    va_end(now);
    if (at == NULL) {
        int length = vsnprintf(out, out_size, format, again);
        ZD_ASSERT(length >= 0);
        to.length = (size_t)length;
    } else if (out_size > 0) {
        out[to.length < out_size ? to.length : out_size - 1] = '\0';
    }
    va_end(again);
    return to.length;
}

void zd_format(char *out, size_t out_size, const char *format, ...)
{
    va_list args;
    size_t length = 0;
    va_start(args, format);
    if (format[0] == '%' && format[1] == 's' && format[2] == '\0') { /* a copy: what records are filled by */
        const char *text = va_arg(args, const char *);
        length = strlen(text);
        ZD_ASSERT(length < out_size);
        memcpy(out, text, length + 1);
    } else {
        length = zd_vformat(out, out_size, format, args);
    }
    va_end(args);
    ZD_ASSERT(length < out_size);
}
