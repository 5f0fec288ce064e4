/*
 * Statuses, codes and the caller-owned error value.
 *
 * Three classes never mix: a *refusal* is a decision of a rule and is data, recorded in the log; *malformed*
 * input and admission errors are answered and not recorded; a *fault* lost nothing and may be retried;
 * an *integrity* error means that the ledger contradicts itself, and writing stops. A bug is an assertion.
 * Every code, with its class and its English and Chinese sentence, stands in codes.def and nowhere else.
 */
#ifndef ZD_BASE_ERROR_H
#define ZD_BASE_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/base/span.h"

/* The values are the exit statuses of zhidui. */
typedef enum zd_status {
    ZD_OK = 0,
    ZD_REFUSED = 1,
    ZD_USAGE = 2,
    ZD_MALFORMED = 3,
    ZD_FAULT = 4,
    ZD_INTEGRITY = 5
} zd_status;

typedef enum zd_code {
    ZD_CODE_NONE = 0,
#define ZD_CODE(id, name, status, english, chinese) ZD_E_##id,
#include "ledger/base/codes.def"
#undef ZD_CODE
    ZD_CODE__COUNT
} zd_code;

/* What went wrong and where. Fixed size, copied freely; the first error set wins. */
typedef struct zd_error {
    zd_code code;
    char subject[160]; /* file, request id, account: what it is about; "" when nothing */
    char field[48];
    char value[120]; /* the offending value, shortened for display */
    int64_t line;    /* 1-based; 0 = none */
    int64_t column;  /* 1-based; 0 = none */
    char detail[240]; /* what was expected, or what to do; plain text */
    int system_errno; /* 0 = none */
} zd_error;

const char *zd_code_name(zd_code code);    /* stable, lower-case, e.g. "note-malformed", "R23" */
zd_status zd_code_status(zd_code code);
const char *zd_code_english(zd_code code); /* a sentence with what to do */
const char *zd_code_chinese(zd_code code);
zd_code zd_code_find(zd_span name);        /* ZD_CODE_NONE when unknown */

/* Sets code and detail unless an error is already there; returns the code's status. err may be NULL. */
zd_status zd_fail(zd_error *err, zd_code code, const char *format, ...) ZD_PRINTF(3, 4);
/* The same with errno of the failed call and the path or name it was about. */
zd_status zd_fail_errno(zd_error *err, zd_code code, const char *subject);
/* Add context to an error that is already set; the first value wins. err may be NULL. */
void zd_error_subject(zd_error *err, zd_span subject);
void zd_error_field(zd_error *err, const char *field, zd_span value);
void zd_error_at(zd_error *err, int64_t line, int64_t column);
void zd_error_clear(zd_error *err);
/* One line in the chosen language: "code: subject:line:column: field=value: sentence (detail)". */
void zd_error_print(zd_buf *out, const zd_error *err, bool chinese);

#endif
