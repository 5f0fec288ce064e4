/*
 * Strict JSON in, deterministic JSON out. The only module that includes jansson.
 *
 * Reading refuses duplicate fields, real numbers, integers outside int64 magnitude 2^53-1, control characters
 * and NUL in strings, invalid UTF-8, nesting deeper than ZD_JSON_DEPTH and anything after the one value.
 * Unverified bytes never reach this module: a note's signature is checked first (ledger/seal/note.h).
 * Writing is by hand, in the order of the calls; nothing that was read is ever re-serialised to be hashed.
 */
#ifndef ZD_JSON_JSON_H
#define ZD_JSON_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/base/error.h"

#define ZD_JSON_DEPTH 16
#define ZD_JSON_INT_MAX INT64_C(9007199254740991) /* 2^53 - 1 */

typedef struct zd_json zd_json; /* owns a parsed document */
typedef struct zd_jval {
    const void *node; /* borrowed from its zd_json; NULL = absent */
} zd_jval;
typedef enum zd_jkind { ZD_J_ABSENT, ZD_J_OBJECT, ZD_J_ARRAY, ZD_J_STRING, ZD_J_INT, ZD_J_BOOL, ZD_J_NULL } zd_jkind;

/* Parses one value; object_only refuses all but an object. Errors: TEXT_NOT_UTF8, TEXT_CONTROL, JSON_*; the error's
 * column is the byte offset + 1. */
zd_status zd_json_parse(zd_json **out, zd_span text, bool object_only, zd_error *err);
void zd_json_free(zd_json *json); /* NULL is fine */
zd_jval zd_json_root(const zd_json *json);

zd_jkind zd_jval_kind(zd_jval value);
zd_jval zd_jval_get(zd_jval object, const char *name); /* absent when not an object or no such field */
size_t zd_jval_count(zd_jval array_or_object);         /* 0 for other kinds */
zd_jval zd_jval_at(zd_jval array, size_t index);
zd_span zd_jval_text(zd_jval string); /* borrowed; empty for other kinds */
int64_t zd_jval_int(zd_jval integer); /* 0 for other kinds */
bool zd_jval_bool(zd_jval boolean);
/* Calls each field in document order; stops at the first status other than ZD_OK and returns it. */
zd_status zd_jval_each(zd_jval object, zd_status (*visit)(void *context, zd_span name, zd_jval value), void *context);

/* Typed readers that set JSON_MISSING / JSON_TYPE / JSON_RANGE with the field's name. */
zd_status zd_jval_need_int(int64_t *out, zd_jval object, const char *name, int64_t min, int64_t max, zd_error *err);
zd_status zd_jval_need_text(zd_span *out, zd_jval object, const char *name, zd_error *err);
zd_status zd_jval_need_array(zd_jval *out, zd_jval object, const char *name, zd_error *err);

/*
 * Writer: compact, no spaces, fields in call order, strings escaped minimally (\" \\ and \u00XX below 0x20),
 * UTF-8 as it is (bytes that are not UTF-8 become U+FFFD each). Commas are its own affair. Mis-nesting, a second root
 * value and an integer beyond ZD_JSON_INT_MAX are assertions.
 */
typedef struct zd_jw {
    zd_buf *out; /* borrowed; bytes are appended */
    unsigned depth;
    bool comma[ZD_JSON_DEPTH];
    char closer[ZD_JSON_DEPTH];
} zd_jw;

zd_jw zd_jw_begin(zd_buf *out);
void zd_jw_object(zd_jw *w, const char *name); /* name NULL inside arrays and at the root */
void zd_jw_array(zd_jw *w, const char *name);
void zd_jw_close(zd_jw *w); /* closes the innermost object or array */
void zd_jw_text(zd_jw *w, const char *name, zd_span value);
void zd_jw_cstr(zd_jw *w, const char *name, const char *value);
void zd_jw_int(zd_jw *w, const char *name, int64_t value);
void zd_jw_bool(zd_jw *w, const char *name, bool value);
void zd_jw_null(zd_jw *w, const char *name);
void zd_jw_raw(zd_jw *w, const char *name, zd_span json); /* a value that is already JSON */

#endif
