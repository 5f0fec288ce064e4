/*
 * The short way through plain JSON: what signed requests nearly always are. One pass over the bytes, one allocation, no tree; a member is a name and a text, a whole
 * number or a boolean, and one level of arrays of such objects is allowed (the items of a batch).
 *
 * It is an optimisation of zd_json_parse and never a second opinion: whatever is not plain (escapes, nesting, null, real numbers, negative numbers, tabs, a name that
 * stands twice, invalid UTF-8, control characters, syntax errors) gives NULL, and the caller asks zd_json_parse, which alone judges and names errors. What is given
 * back is what zd_json_parse would have given (tests/test_json_flat.c compares them on valid and mutated texts).
 */
#ifndef ZD_JSON_FLAT_H
#define ZD_JSON_FLAT_H

#include "ledger/json/json.h"

typedef struct zd_flat_member {
    uint32_t name_at; /* offsets into the text */
    uint32_t text_at;
    uint16_t name_size;
    uint16_t text_size;
    uint16_t kind;    /* zd_jkind: STRING, INT, BOOL or ARRAY */
    int64_t number;   /* INT; BOOL 0 or 1; ARRAY: how many objects it has */
    uint32_t first;   /* ARRAY: index of its first object */
} zd_flat_member;

typedef struct zd_flat_object {
    uint32_t first; /* its members are members[first] to members[first + count - 1], in document order */
    uint32_t count;
} zd_flat_object;

typedef struct zd_flat {
    zd_flat_member *members;
    zd_flat_object *objects; /* [0] is the outermost */
    size_t member_count;
    size_t member_capacity;
    size_t object_count;
    size_t object_capacity;
    zd_json *document; /* owned; see zd_flat_document */
    size_t size;
    uint8_t text[]; /* a copy, so that nothing borrows from the caller; NUL behind it */
} zd_flat;

#define ZD_FLAT_TEXT_MAX 65535 /* longer texts are not plain */

zd_flat *zd_flat_parse(zd_span text); /* NULL: not plain. The caller frees. */
void zd_flat_free(zd_flat *flat);     /* NULL is fine */
/* The same text as a tree, read when first asked for: for the one who must name an error. Owned by flat. Errors: those of zd_json_parse. */
zd_status zd_flat_document(const zd_json **out, zd_flat *flat, zd_error *err);

static inline zd_span zd_flat_name(const zd_flat *flat, const zd_flat_member *member) { return zd_span_of(flat->text + member->name_at, member->name_size); }
static inline zd_span zd_flat_text(const zd_flat *flat, const zd_flat_member *member) { return zd_span_of(flat->text + member->text_at, member->text_size); }

#endif
