/*
 * Opening and closing the SQLite store. A handle exists only when the file is ours, of our schema version, with exactly our
 * tables and triggers, and with a head that agrees with the leaves. Whoever opens for writing takes a new epoch in the file,
 * which ends every earlier writer. Must not lock the directory: that is the engine's.
 */
#include "ledger/store/sqlite_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* As in schema/0001-ledger.sql: "ZDLG". */
#define APPLICATION_ID 1514425415

static zd_status corrupt(const char *path, const char *why, zd_error *err)
{
    zd_status status = zd_fail(err, ZD_E_LEDGER_CORRUPT, "%s", why);
    zd_error_subject(err, zd_span_text(path));
    return status;
}

static zd_status create_file(const char *path, zd_error *err)
{
    zd_buf draft = {0};
    sqlite3 *db = NULL;
    struct stat info;
    if (stat(path, &info) == 0) {
        errno = EEXIST;
        return zd_fail_errno(err, ZD_E_LEDGER_EXISTS, path);
    }
    zd_status status = zd_sqlite_draft(&draft, path, err);
    if (status != ZD_OK) {
        goto cleanup;
    }
    status = zd_sqlite_connect(&db, zd_buf_text(&draft), true, err);
    if (status == ZD_OK) {
        status = zd_sqlite_schema_run(db, 0, path, err);
    }
    (void)sqlite3_close(db);
    if (status == ZD_OK) {
        status = zd_sqlite_publish_draft(zd_buf_text(&draft), path, ZD_E_LEDGER_EXISTS, err);
    }
    if (status != ZD_OK) {
        zd_sqlite_discard_draft(zd_buf_text(&draft));
    }
cleanup:
    zd_buf_free(&draft);
    return status;
}

/* *version: of its schema, at most ours. */
static zd_status is_ours(long *version, zd_sqlite *self, zd_error *err)
{
    char answer[32] = "";
    zd_status status = zd_sqlite_pragma(self->db, ZD_SQL_APPLICATION_ID, answer, sizeof answer, self->path, err);
    if (status != ZD_OK) {
        return status;
    }
    if (strtol(answer, NULL, 10) != APPLICATION_ID) {
        return corrupt(self->path, "this SQLite file is not a ledger", err);
    }
    status = zd_sqlite_pragma(self->db, ZD_SQL_USER_VERSION, answer, sizeof answer, self->path, err);
    if (status != ZD_OK) {
        return status;
    }
    *version = strtol(answer, NULL, 10);
    if (*version > ZD_SQL_SCHEMA_VERSION) {
        status = zd_fail(err, ZD_E_LEDGER_NEWER, "schema %ld, this program knows %d", *version, ZD_SQL_SCHEMA_VERSION);
        zd_error_subject(err, zd_span_text(self->path));
        return status;
    }
    return *version >= 1 ? ZD_OK : corrupt(self->path, "this schema was never released", err);
}

/* An older file is brought up to ours by who may write. Others can read it when it has no leaves, since only what is made of leaves has changed. */
static zd_status bring_up(zd_sqlite *self, long version, zd_error *err)
{
    zd_store_head head = {0};
    if (version == ZD_SQL_SCHEMA_VERSION) {
        return ZD_OK;
    }
    if (self->writable) {
        return zd_sqlite_schema_run(self->db, (int)version, self->path, err);
    }
    zd_status status = zd_sqlite_head_read(self, &head, err);
    if (status == ZD_OK && head.size > 0) {
        status = zd_fail(err, ZD_E_LEDGER_OLDER, "schema %ld, this program reads %d", version, ZD_SQL_SCHEMA_VERSION);
        zd_error_subject(err, zd_span_text(self->path));
    }
    return status;
}

/* A backup is in rollback mode, so that it can be read from anywhere; as a ledger that is written it needs the WAL. */
static zd_status use_wal(zd_sqlite *self, zd_error *err)
{
    char answer[32] = "";
    zd_error why = {0};
    zd_status status = zd_sqlite_pragma(self->db, ZD_SQL_JOURNAL_WAL, answer, sizeof answer, self->path, &why);
    if (status == ZD_OK && zd_span_is(zd_span_text(answer), "wal")) {
        zd_sqlite_watch_wal(self);
        return ZD_OK;
    }
    status = zd_fail(err, status == ZD_OK ? ZD_E_STORE_FAILED : why.code, "no write-ahead log: %s",
                     status == ZD_OK ? answer : why.detail);
    zd_error_subject(err, zd_span_text(self->path));
    return status;
}

static zd_status take_epoch(zd_sqlite *self, zd_error *err)
{
    int64_t epoch = 0;
    zd_status status = zd_sqlite_run(self, ZD_SQL_BEGIN_WRITE, err);
    if (status != ZD_OK) {
        return status;
    }
    status = zd_sqlite_ask(self, ZD_SQL_HEAD_EPOCH_TAKE, &epoch, err);
    if (status != ZD_OK) {
        zd_sqlite_rollback(self);
        return status;
    }
    self->epoch = (uint64_t)epoch;
    return zd_sqlite_commit(self, err);
}

static zd_status head_agrees(zd_sqlite *self, zd_error *err)
{
    zd_store_head head;
    int64_t next = 0;
    zd_status status = zd_sqlite_read_begin(self, err);
    if (status != ZD_OK) {
        return status;
    }
    status = zd_sqlite_head_read(self, &head, err);
    if (status == ZD_OK) {
        status = zd_sqlite_ask(self, ZD_SQL_LEAF_NEXT, &next, err);
    }
    if (status == ZD_OK && (uint64_t)next != head.size) {
        status = corrupt(self->path, "the head does not name the leaves that are there", err);
    }
    zd_sqlite_read_end(self);
    return status;
}

static zd_status open_file(zd_sqlite *self, zd_error *err)
{
    long version = 0;
    zd_status status = zd_sqlite_connect(&self->db, self->path, self->writable, err);
    if (status == ZD_OK) {
        status = is_ours(&version, self, err);
    }
    if (status == ZD_OK && self->writable) {
        status = use_wal(self, err);
    }
    if (status == ZD_OK) {
        status = zd_sqlite_schema_compare(self->db, self->path, err);
    }
    if (status == ZD_OK) {
        status = zd_sqlite_prepare_all(self, err);
    }
    if (status == ZD_OK) {
        status = bring_up(self, version, err);
    }
    if (status == ZD_OK) {
        status = head_agrees(self, err);
    }
    return status == ZD_OK && self->writable ? take_epoch(self, err) : status;
}

static void sqlite_close(zd_store *store)
{
    zd_sqlite *self = (zd_sqlite *)store;
    if (self->epoch != 0) {
        zd_sqlite_checkpoint_last(self);
    }
    zd_sqlite_finalize_all(self);
    int rc = sqlite3_close(self->db);
    ZD_ASSERT(rc == SQLITE_OK);
    zd_buf_free(&self->held);
    free(self->path);
    free(self);
}

static zd_status sqlite_follow(zd_store *store, zd_store **out, zd_error *err);

static const zd_store_ops sqlite_ops = {
    .head_get = zd_sqlite_head_get,
    .pin = zd_sqlite_pin,
    .follow = sqlite_follow,
    .moment = zd_sqlite_moment,
    .hold_checkpoints = zd_sqlite_hold_checkpoints,
    .checkpoint_due = zd_sqlite_checkpoint_due,
    .checkpoint = zd_sqlite_checkpoint,
    .load = zd_sqlite_load,
    .range = zd_sqlite_range,
    .append = zd_sqlite_append,
    .flush = zd_sqlite_flush,
    .leaves = zd_sqlite_leaves,
    .publication_put = zd_sqlite_publication_put,
    .publications = zd_sqlite_publications,
    .publication_last = zd_sqlite_publication_last,
    .blob_put = zd_sqlite_blob_put,
    .blob_get = zd_sqlite_blob_get,
    .backup = zd_sqlite_backup,
    .check = zd_sqlite_check,
    .stats_get = zd_sqlite_stats_get,
    .close = sqlite_close,
};

/* The writer has compared the schema. Whether this is still the file that it has open, its epoch tells: no other file holds it, and a later writer raises it. */
static zd_status sqlite_follow(zd_store *store, zd_store **out, zd_error *err)
{
    const zd_sqlite *writer = (const zd_sqlite *)store;
    ZD_ASSERT(writer->writable);
    zd_store_head head;
    zd_sqlite *self = zd_alloc_zero(1, sizeof *self);
    self->base.ops = &sqlite_ops;
    self->path = zd_strdup(writer->path);
    self->follows = true;
    zd_status status = zd_sqlite_connect(&self->db, self->path, false, err);
    if (status == ZD_OK) {
        status = zd_sqlite_prepare_all(self, err);
    }
    if (status == ZD_OK) {
        status = zd_sqlite_head_read(self, &head, err);
    }
    if (status == ZD_OK && head.epoch != writer->epoch) {
        status = zd_fail(err, ZD_E_STORE_CONFLICT, "writer %llu was superseded by writer %llu", (unsigned long long)writer->epoch, (unsigned long long)head.epoch);
    }
    if (status != ZD_OK) {
        sqlite_close(&self->base);
        return status;
    }
    *out = &self->base;
    return ZD_OK;
}

/* What the file system says before SQLite, whose "unable to open" does not tell missing from forbidden. */
static zd_status reachable(const char *path, bool write, zd_error *err)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        return zd_fail_errno(err, errno == ENOENT ? ZD_E_LEDGER_MISSING : ZD_E_FILE_IO, path);
    }
    if (faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) != 0) {
        return zd_fail_errno(err, ZD_E_FILE_IO, path);
    }
    if (write && faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) != 0) {
        return zd_fail_errno(err, ZD_E_LEDGER_READ_ONLY, path);
    }
    return ZD_OK;
}

zd_status zd_store_open_sqlite(zd_store **out, const char *path, zd_store_mode mode, zd_error *err)
{
    *out = NULL;
    bool write = mode != ZD_STORE_READ;
    /* Nobody reads SQLite's memory statistics, which take a lock at every allocation. Refused, and without harm, once the library is in use. */
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    zd_status status = mode == ZD_STORE_CREATE ? create_file(path, err) : reachable(path, write, err);
    if (status != ZD_OK) {
        return status;
    }
    zd_sqlite *self = zd_alloc_zero(1, sizeof *self);
    self->base.ops = &sqlite_ops;
    self->path = zd_strdup(path);
    self->writable = write;
    status = open_file(self, err);
    if (status != ZD_OK) {
        sqlite_close(&self->base);
        return status;
    }
    *out = &self->base;
    return ZD_OK;
}
