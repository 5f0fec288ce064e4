/*
 * Shared by the sqlite*.c files and by nobody else: the handle, statements by name, transactions, and the mapping of SQLite's
 * results to our codes. sqlite3.h itself stays out of headers, so its types are named by their tags.
 *
 * Invariants: every statement is reset before a function returns; a transaction never outlives the function that began it.
 */
#ifndef ZD_STORE_SQLITE_INT_H
#define ZD_STORE_SQLITE_INT_H

#include "ledger/store/store_int.h"
#include "ledger/store/store_sql.h"

struct sqlite3;
struct sqlite3_stmt;

typedef struct zd_sqlite {
    zd_store base;
    struct sqlite3 *db;
    struct sqlite3_stmt *statements[ZD_SQL__COUNT];
    char *path;
    bool writable;
    uint64_t epoch; /* taken when opened for writing */
    /* NONE; STORE_UNKNOWN after a commit of unclear outcome (nothing is answered any more); STORE_CONFLICT once superseded,
     * LEDGER_CORRUPT and STORE_FAILED (reading goes on, writing does not). */
    zd_code stopped;
    int wal_pages;     /* pages in the WAL after the last commit */
    int checkpoint_at; /* pages at which the next checkpoint is tried */
    zd_buf held;       /* bytes behind the spans of publication_last */
    /* The only writer may keep its snapshot from one load to the next: nobody else can change the file. Every other transaction ends it first. */
    bool lingers;
    bool pinned; /* a reader: its one snapshot stays until it is closed */
    bool follows; /* a reader beside this process's own writer: its snapshot may linger like that one's, unless it is fleeting */
    bool fleeting;
    bool checkpoints_held;
} zd_sqlite;

/* --- sqlite_stmt.c --- */

/* The code for SQLite's result rc, with its message and the file's name. */
zd_status zd_sqlite_error(struct sqlite3 *db, int rc, const char *path, zd_error *err);
zd_status zd_sqlite_prepare_all(zd_sqlite *self, zd_error *err);
void zd_sqlite_finalize_all(zd_sqlite *self);
/* Bound bytes are borrowed until the statement is reset. Positions count from 1. */
void zd_sqlite_bind_int(zd_sqlite *self, zd_sql id, int position, int64_t value);
void zd_sqlite_bind_blob(zd_sqlite *self, zd_sql id, int position, zd_span value);
void zd_sqlite_bind_text(zd_sqlite *self, zd_sql id, int position, zd_span value);
/* Columns count from 0; bytes are borrowed until the next step or reset. */
int64_t zd_sqlite_int(zd_sqlite *self, zd_sql id, int column);
zd_span zd_sqlite_bytes(zd_sqlite *self, zd_sql id, int column);
/* To the next row. At the end (*row false) and on errors the statement is reset. */
zd_status zd_sqlite_step(zd_sqlite *self, zd_sql id, bool *row, zd_error *err);
void zd_sqlite_reset(zd_sqlite *self, zd_sql id);
/* A statement without rows, run to its end. */
zd_status zd_sqlite_run(zd_sqlite *self, zd_sql id, zd_error *err);
/* A statement with one row of one integer. */
zd_status zd_sqlite_ask(zd_sqlite *self, zd_sql id, int64_t *out, zd_error *err);

/* --- sqlite_commit.c --- */

zd_status zd_sqlite_read_begin(zd_sqlite *self, zd_error *err); /* one snapshot until read_end */
void zd_sqlite_read_end(zd_sqlite *self);
bool zd_sqlite_may_linger(const zd_sqlite *self);
/* For loads of a writer and of its follower: a snapshot that stays open until the next transaction of another kind, which spares two file locks per load. */
zd_status zd_sqlite_linger(zd_sqlite *self, zd_error *err);
void zd_sqlite_linger_end(zd_sqlite *self);
zd_status zd_sqlite_readable(const zd_sqlite *self, zd_error *err); /* STORE_UNKNOWN once an outcome is unclear */
/* Takes the write lock and reads the head. STORE_CONFLICT when a newer writer has taken the ledger over. */
zd_status zd_sqlite_write_begin(zd_sqlite *self, zd_store_head *stored, zd_error *err);
/* Ends the transaction in every case. STORE_UNKNOWN: the outcome is unclear and the handle stops. */
zd_status zd_sqlite_commit(zd_sqlite *self, zd_error *err);
void zd_sqlite_rollback(zd_sqlite *self);
/* Counts the pages of the WAL from now on, to know when a checkpoint is due. */
void zd_sqlite_watch_wal(zd_sqlite *self);
zd_status zd_sqlite_checkpoint(zd_store *store, zd_error *err);
void zd_sqlite_checkpoint_last(zd_sqlite *self); /* empties the WAL; for close */

/* --- sqlite_file.c --- */

/* "path.new-PID" in out: created empty, and nobody else's. */
zd_status zd_sqlite_draft(zd_buf *out, const char *path, zd_error *err);
/* Gives a finished, synced draft its name, never over an existing one (code exists), and makes the name durable. */
zd_status zd_sqlite_publish_draft(const char *draft, const char *path, zd_code exists, zd_error *err);
void zd_sqlite_discard_draft(const char *draft); /* with what SQLite may have left beside it */
/* Opens a connection with our settings; write false: read-only, and it never checkpoints. *out is to be closed in any case. */
zd_status zd_sqlite_connect(struct sqlite3 **out, const char *path, bool write, zd_error *err);
zd_status zd_sqlite_schema_run(struct sqlite3 *db, int from, const char *path, zd_error *err); /* from: the version that it has; 0 = nothing */
/* LEDGER_CORRUPT unless tables and triggers are, word for word, those of our schema. */
zd_status zd_sqlite_schema_compare(struct sqlite3 *db, const char *path, zd_error *err);
/* Runs one named pragma on a bare connection and copies its answer. */
zd_status zd_sqlite_pragma(struct sqlite3 *db, zd_sql id, char *out, size_t out_size, const char *path, zd_error *err);

/* --- the operations --- */

zd_status zd_sqlite_head_read(zd_sqlite *self, zd_store_head *out, zd_error *err); /* inside or outside a transaction */
zd_status zd_sqlite_head_get(zd_store *store, zd_store_head *out, zd_error *err);
zd_status zd_sqlite_pin(zd_store *store, zd_error *err);
void zd_sqlite_moment(zd_store *store, bool stays);
void zd_sqlite_hold_checkpoints(zd_store *store, bool held);
bool zd_sqlite_checkpoint_due(zd_store *store);
zd_append zd_sqlite_append(zd_store *store, const zd_store_change *change, zd_error *err);
zd_status zd_sqlite_flush(zd_store *store, const zd_store_record *records, size_t count, uint64_t mark, zd_error *err);
zd_status zd_sqlite_leaves(zd_store *store, uint64_t from, uint64_t to, zd_store_leaf_visit *visit, void *context,
                           zd_error *err);

zd_status zd_sqlite_records_write(zd_sqlite *self, const zd_store_record *records, size_t count, zd_error *err);
zd_status zd_sqlite_load(zd_store *store, const zd_span *keys, size_t count, zd_store_record_visit *visit, void *context,
                         zd_error *err);
zd_status zd_sqlite_range(zd_store *store, const zd_store_slice *slice, zd_store_record_visit *visit, void *context,
                          zd_error *err);

zd_status zd_sqlite_publication_put(zd_store *store, const zd_publication *publication, zd_error *err);
zd_status zd_sqlite_publications(zd_store *store, uint64_t from, zd_store_publication_visit *visit, void *context,
                                 zd_error *err);
zd_status zd_sqlite_publication_last(zd_store *store, zd_publication *out, bool *found, zd_error *err);
zd_status zd_sqlite_blob_put(zd_store *store, zd_span name, zd_span data, zd_error *err);
zd_status zd_sqlite_blob_get(zd_store *store, zd_span name, zd_buf *out, bool *found, zd_error *err);

zd_status zd_sqlite_backup(zd_store *store, const char *path, zd_error *err);
zd_status zd_sqlite_check(zd_store *store, zd_error *err);
zd_status zd_sqlite_stats_get(zd_store *store, zd_store_stats *out, zd_error *err);

#endif
