/*
 * A store in a temporary directory, of each kind that the conformance tests run on, and what a visit of records saw, as
 * text that a test can spell out. Also the short spellings of bytes and records.
 */
#ifndef ZD_TESTS_STORE_BOX_H
#define ZD_TESTS_STORE_BOX_H

#include <sys/types.h>

#include "tests/support/store_rows.h"

typedef struct zd_store_kind {
    const char *name;
    bool wrapped; /* in the fault store, with no fault */
} zd_store_kind;

/* A new implementation is one more row here and one more line in EACH. */
extern zd_store_kind zd_store_kinds[2];

typedef struct zd_box {
    const zd_store_kind *kind;
    const char *dir;
    char path[600]; /* dir/ledger.db */
    zd_store *store;
} zd_box;

int zd_box_set_up(void **state);       /* *state: a zd_store_kind, or NULL for SQLite; a new store is open */
int zd_box_set_up_empty(void **state); /* the directory alone */
int zd_box_tear_down(void **state);
zd_store *zd_box_open(const zd_box *box, const char *path, zd_store_mode mode);
void zd_box_reopen(zd_box *box, zd_store_mode mode);

/* SQLite ledgers by path: one opened; one of that size made and closed; the size of the file "path" + ending, -1 = none. */
zd_store *zd_store_box_open(const char *path, zd_store_mode mode);
void zd_ledger_make(const char *path, size_t size);
off_t zd_ledger_file_size(const char *path, const char *ending);

/* "key=value;" for each record visited; bytes that are not printable as %xx. */
typedef struct zd_seen {
    zd_buf text;
    size_t stop_after; /* the visit that answers ZD_MALFORMED; 0 = never */
    size_t visits;
} zd_seen;

zd_status zd_see_record(void *context, zd_span key, zd_span value);
void zd_show_bytes(zd_buf *out, zd_span bytes);
void zd_assert_range(zd_store *store, zd_span prefix, zd_span from, size_t limit, const char *expected);
void zd_flush_ok(zd_store *store, const zd_store_record *records, size_t count); /* the mark stays */

/* A literal as bytes, without its NUL; a record to put; a record to delete. */
#define S(text) zd_span_of("" text, sizeof(text) - 1)
#define R(key_text, value_text)                                                                                        \
    (zd_store_record)                                                                                                  \
    {                                                                                                                  \
        {(const uint8_t *)(key_text), sizeof(key_text) - 1}, {(const uint8_t *)(value_text), sizeof(value_text) - 1}   \
    }
#define GONE(key_text)                                                                                                 \
    (zd_store_record)                                                                                                  \
    {                                                                                                                  \
        {(const uint8_t *)(key_text), sizeof(key_text) - 1}, {NULL, 0}                                                 \
    }

/* One case on every kind. */
#define EACH(test)                                                                                                     \
    {"sqlite: " #test, test, zd_box_set_up, zd_box_tear_down, &zd_store_kinds[0]},                                     \
    {                                                                                                                  \
        "fault: " #test, test, zd_box_set_up, zd_box_tear_down, &zd_store_kinds[1]                                     \
    }

#endif
