/* The code registry and the error value; see error.h. */
#include "ledger/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct code_row {
    const char *name;
    zd_status status;
    const char *english;
    const char *chinese;
} code_row;

static const code_row codes[ZD_CODE__COUNT] = {
    [ZD_CODE_NONE] = {"none", ZD_OK, "Nothing is wrong.", "无错误。"},
#define ZD_CODE(id, name, status, english, chinese) [ZD_E_##id] = {name, status, english, chinese},
#include "ledger/base/codes.def"
#undef ZD_CODE
};

const char *zd_code_name(zd_code code)
{
    ZD_ASSERT(code < ZD_CODE__COUNT);
    return codes[code].name;
}

zd_status zd_code_status(zd_code code)
{
    ZD_ASSERT(code < ZD_CODE__COUNT);
    return codes[code].status;
}

const char *zd_code_english(zd_code code)
{
    ZD_ASSERT(code < ZD_CODE__COUNT);
    return codes[code].english;
}

const char *zd_code_chinese(zd_code code)
{
    ZD_ASSERT(code < ZD_CODE__COUNT);
    return codes[code].chinese;
}

zd_code zd_code_find(zd_span name)
{
    for (int code = 1; code < ZD_CODE__COUNT; code++) {
        if (zd_span_is(name, codes[code].name)) {
            return (zd_code)code;
        }
    }
    return ZD_CODE_NONE;
}

zd_status zd_fail(zd_error *err, zd_code code, const char *format, ...)
{
    if (err != NULL && err->code == ZD_CODE_NONE) {
        err->code = code;
        va_list args;
        va_start(args, format);
        (void)vsnprintf(err->detail, sizeof err->detail, format, args);
        va_end(args);
    }
    return zd_code_status(code);
}

zd_status zd_fail_errno(zd_error *err, zd_code code, const char *subject)
{
    int saved = errno;
    zd_status status = zd_fail(err, code, "%s", strerror(saved));
    if (err != NULL && err->code == code && err->system_errno == 0) {
        err->system_errno = saved;
        zd_error_subject(err, zd_span_text(subject));
    }
    return status;
}

/* Copies for display: cut at a whole UTF-8 sequence, control bytes shown as '?'. */
static void copy_shown(char *out, size_t out_size, zd_span text)
{
    size_t n = text.size < out_size - 1 ? text.size : out_size - 1;
    while (n > 0 && n < text.size && (text.data[n] & 0xc0) == 0x80) {
        n--;
    }
    for (size_t i = 0; i < n; i++) {
        out[i] = text.data[i] < 0x20 || text.data[i] == 0x7f ? '?' : (char)text.data[i];
    }
    out[n] = '\0';
}

void zd_error_subject(zd_error *err, zd_span subject)
{
    if (err != NULL && err->subject[0] == '\0') {
        copy_shown(err->subject, sizeof err->subject, subject);
    }
}

void zd_error_field(zd_error *err, const char *field, zd_span value)
{
    if (err != NULL && err->field[0] == '\0') {
        copy_shown(err->field, sizeof err->field, zd_span_text(field));
        copy_shown(err->value, sizeof err->value, value);
    }
}

void zd_error_at(zd_error *err, int64_t line, int64_t column)
{
    if (err != NULL && err->line == 0) {
        err->line = line;
        err->column = column;
    }
}

void zd_error_clear(zd_error *err)
{
    if (err != NULL) {
        *err = (zd_error){0};
    }
}

void zd_error_print(zd_buf *out, const zd_error *err, bool chinese)
{
    zd_buf_addf(out, "%s: ", zd_code_name(err->code));
    if (err->subject[0] != '\0') {
        zd_buf_add_text(out, err->subject);
        if (err->line > 0) {
            zd_buf_addf(out, ":%lld", (long long)err->line);
        }
        if (err->column > 0) {
            zd_buf_addf(out, ":%lld", (long long)err->column);
        }
        zd_buf_add_text(out, ": ");
    } else if (err->line > 0) {
        zd_buf_addf(out, "%s %lld: ", chinese ? "行" : "line", (long long)err->line);
    }
    if (err->field[0] != '\0') {
        zd_buf_addf(out, "%s=\"%s\": ", err->field, err->value);
    }
    zd_buf_add_text(out, chinese ? zd_code_chinese(err->code) : zd_code_english(err->code));
    if (err->detail[0] != '\0') {
        zd_buf_addf(out, " (%s)", err->detail);
    }
}
