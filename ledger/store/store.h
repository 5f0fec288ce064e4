/*
 * Persistence behind one narrow interface: leaves (append-only), records (ordered key -> value), the head, publications and
 * blobs. Nothing here knows vouchers. Implementations: SQLite, and `fault`, which wraps another one and fails, or commits
 * but answers UNKNOWN, at a chosen call. One conformance suite runs on all (tests/test_store_conformance.c).
 *
 * Spans handed to callbacks are borrowed until the callback returns. One thread uses a store at a time; a follower is a handle of its own, for another thread.
 */
#ifndef ZD_STORE_STORE_H
#define ZD_STORE_STORE_H

#include "ledger/base/error.h"

typedef struct zd_store zd_store;

#define ZD_STORE_HASH 32
#define ZD_STORE_FRONTIER_MAX 64

/* The head of the log as committed. frontier: one hash per set bit of size, largest subtree first. The root of a new,
 * empty ledger is SHA-256 of nothing (RFC 6962, 2.1). */
typedef struct zd_store_head {
    uint64_t size;  /* leaves */
    uint64_t epoch; /* grows with every writer that opens the ledger: an old writer's append is a CONFLICT */
    uint64_t mark;  /* records are current up to this leaf count (<= size) */
    int64_t last_at_unix_ms; /* "at" of the last leaf; 0 when empty */
    uint8_t root[ZD_STORE_HASH];
    size_t frontier_count;
    uint8_t frontier[ZD_STORE_FRONTIER_MAX][ZD_STORE_HASH];
} zd_store_head;

typedef struct zd_store_leaf {
    zd_span bytes; /* decision line and note, at most 65,535 bytes */
    uint8_t hash[ZD_STORE_HASH]; /* RFC 6962 leaf hash, computed once by the caller */
} zd_store_leaf;

typedef struct zd_store_record {
    zd_span key;   /* 1..255 bytes, memcmp order */
    zd_span value; /* data NULL = delete */
} zd_store_record;

typedef enum zd_append {
    ZD_APPEND_OK,
    ZD_APPEND_CONFLICT, /* size, root or epoch are not the expected ones; nothing changed */
    ZD_APPEND_UNKNOWN,  /* may or may not be durable: reopen, compare size and root */
    ZD_APPEND_FAILED    /* err says why; nothing changed */
} zd_append;

typedef struct zd_publication { /* one signed checkpoint; the latest has the largest size */
    uint64_t size;
    int64_t time_unix_s; /* commit time, strictly growing */
    zd_span note;        /* the exact checkpoint bytes */
    zd_span commit_hex;  /* 40 hex digits once the git commit exists, else empty */
    zd_span parent_hex;
    zd_span commit_signature; /* SSHSIG armour of the git commit, kept so that a rebuild needs no key */
    zd_span extra;            /* further committed files (policy, settlement manifests), encoded by the engine */
} zd_publication;

typedef zd_status zd_store_record_visit(void *context, zd_span key, zd_span value);
typedef zd_status zd_store_leaf_visit(void *context, uint64_t index, zd_span bytes, const uint8_t hash[ZD_STORE_HASH]);
typedef zd_status zd_store_publication_visit(void *context, const zd_publication *publication);

/* create: the file must not exist (LEDGER_EXISTS). writable takes a new epoch. Errors: LEDGER_MISSING, LEDGER_NEWER, LEDGER_OLDER (reading),
 * LEDGER_CORRUPT, LEDGER_READ_ONLY, STORE_FAILED. */
typedef enum zd_store_mode { ZD_STORE_READ, ZD_STORE_WRITE, ZD_STORE_CREATE } zd_store_mode;
zd_status zd_store_open_sqlite(zd_store **out, const char *path, zd_store_mode mode, zd_error *err);

/* Fault wrapper: takes inner over (closes it). The fail_at-th (1-based) call of append, flush, publication_put or blob_put
 * counted together fails: ZD_FAULT_BEFORE does nothing and answers an error; ZD_FAULT_AFTER does it and answers UNKNOWN /
 * STORE_UNKNOWN; ZD_FAULT_LOST does nothing and answers the same, as a machine that lost power in between. 0 never fails. */
typedef enum zd_fault_kind { ZD_FAULT_BEFORE, ZD_FAULT_AFTER, ZD_FAULT_LOST } zd_fault_kind;
zd_store *zd_store_fault(zd_store *inner, zd_fault_kind kind, unsigned fail_at);
unsigned zd_store_fault_calls(const zd_store *fault); /* countable calls so far */
/* Sees each countable append before it is made and when it is done, on the thread that makes it; may wait there for what other threads do. */
typedef void zd_store_fault_watch(void *context, unsigned call, bool done);
void zd_store_fault_set_watch(zd_store *fault, zd_store_fault_watch *watch, void *context);

zd_status zd_store_head_get(zd_store *store, zd_store_head *out, zd_error *err);
/* For a handle that only reads: from now on every call sees one and the same moment, until it is closed. Meanwhile the write-ahead log cannot be emptied, so not
 * for long lives. */
zd_status zd_store_pin(zd_store *store, zd_error *err);
/*
 * A second handle on what a writing store has open, for loads while another thread appends through the first one; *out is closed before it. It sees one moment, which begins
 * with its first load and stays until zd_store_moment, so that its cache stays warm. STORE_CONFLICT when the file is another writer's by now.
 */
zd_status zd_store_follow(zd_store *store, zd_store **out, zd_error *err);
/* Ends a follower's moment: the next load sees what is durable then. stays: that begins one that stays again; false: every load has its own, so that a checkpoint of the
 * first handle finds nobody in an old one. */
void zd_store_moment(zd_store *follower, bool stays);
/* While a follower is in a moment that stays, checkpoints come to nothing: held back, commits leave them to zd_store_checkpoint. */
void zd_store_hold_checkpoints(zd_store *store, bool held);
bool zd_store_checkpoint_due(zd_store *store);
/* A failure loses nothing: what could not be copied stays in the write-ahead log. */
zd_status zd_store_checkpoint(zd_store *store, zd_error *err);
/* Loads records by key, in key order and each once; missing keys are not visited. */
zd_status zd_store_load(zd_store *store, const zd_span *keys, size_t count, zd_store_record_visit *visit, void *context,
                        zd_error *err);
/* Records whose key starts with prefix and is >= from (from empty = all), ascending, at most limit (0 = no limit). */
zd_status zd_store_range(zd_store *store, zd_span prefix, zd_span from, size_t limit, zd_store_record_visit *visit,
                         void *context, zd_error *err);
/* One durable transaction: leaves after expected->size, records, and next as the new head. */
zd_append zd_store_append(zd_store *store, const zd_store_head *expected, const zd_store_head *next, const zd_store_leaf *leaves,
                          size_t leaf_count, const zd_store_record *records, size_t record_count, zd_error *err);
/* Records alone, with the mark up to which they are current (mark <= size). */
zd_status zd_store_flush(zd_store *store, const zd_store_record *records, size_t count, uint64_t mark, zd_error *err);
/* Leaves [from, to). */
zd_status zd_store_leaves(zd_store *store, uint64_t from, uint64_t to, zd_store_leaf_visit *visit, void *context, zd_error *err);

/* Monotone by size and by time; the same size again may only add commit_hex, parent_hex and commit_signature where they were
 * empty. Anything else is STORE_CONFLICT. */
zd_status zd_store_publication_put(zd_store *store, const zd_publication *publication, zd_error *err);
/* Publications with size >= from, ascending. */
zd_status zd_store_publications(zd_store *store, uint64_t from, zd_store_publication_visit *visit, void *context, zd_error *err);
/* Latest one; *found false when none. The spans live until the next call on this store. */
zd_status zd_store_publication_last(zd_store *store, zd_publication *out, bool *found, zd_error *err);

/* Named byte strings that are not part of the history (settings, witness state). data NULL deletes. */
zd_status zd_store_blob_put(zd_store *store, zd_span name, zd_span data, zd_error *err);
zd_status zd_store_blob_get(zd_store *store, zd_span name, zd_buf *out, bool *found, zd_error *err);

zd_status zd_store_backup(zd_store *store, const char *path, zd_error *err); /* consistent copy, fsynced; path must not exist */
zd_status zd_store_check(zd_store *store, zd_error *err); /* the engine's own integrity check; LEDGER_CORRUPT */
typedef struct zd_store_stats {
    uint64_t leaves;
    uint64_t records;
    uint64_t bytes; /* of the database file */
} zd_store_stats;
zd_status zd_store_stats_get(zd_store *store, zd_store_stats *out, zd_error *err);
void zd_store_close(zd_store *store); /* NULL is fine */

#endif
