/*
 * JSON as the verifier reads it: one pass over plain text into one array of nodes, each followed by its members. What is not plain (escapes, white space, real or odd numbers,
 * names that stand twice, deep nesting, syntax errors) is asked of the strict reader (ledger/json/json.h), which alone judges, and its answer is put into the same form:
 * what is given back is what zd_json_parse gives (tests/test_verify_view.c compares them). Not shared with the code that reads requests for the acts.
 */
#ifndef ZD_VERIFY_VIEW_H
#define ZD_VERIFY_VIEW_H

#include "ledger/json/json.h"

typedef struct zd_view_node {
    zd_span name;     /* of a member of an object */
    zd_span text;     /* STRING */
    int64_t number;   /* INT; BOOL: 0 or 1 */
    uint32_t skip;    /* nodes from this one to what follows all its members */
    uint32_t count;   /* members */
    zd_jkind kind;
} zd_view_node;

typedef struct zd_view {
    const zd_view_node *node; /* borrowed; NULL = absent */
} zd_view;

typedef struct zd_view_document {
    zd_view_node *nodes; /* owned */
    zd_buf text;         /* owned; texts and names borrow from it or from what was parsed */
} zd_view_document;

/* One object. The text must live as long as the document. Errors as zd_json_parse. Free in both cases. */
zd_status zd_view_parse(zd_view_document *out, zd_span text, zd_error *err);
void zd_view_free(zd_view_document *document);
zd_view zd_view_root(const zd_view_document *document);

/* As the zd_jval functions of the same names. */
zd_jkind zd_view_kind(zd_view value);
zd_view zd_view_get(zd_view object, const char *name);
size_t zd_view_count(zd_view array_or_object);
zd_view zd_view_at(zd_view array, size_t index); /* walks from the first */
zd_span zd_view_text(zd_view string);
int64_t zd_view_int(zd_view integer);
bool zd_view_bool(zd_view boolean);
/* The first member, and the one behind a member; absent at the end. */
zd_view zd_view_first(zd_view array_or_object);
zd_view zd_view_next(zd_view array_or_object, zd_view member);
zd_span zd_view_name(zd_view member);

#endif
