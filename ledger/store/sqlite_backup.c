/*
 * Copies, checks and counts. A backup is made inside this process from one snapshot and is a single file in rollback mode:
 * it needs nothing beside it and opens on a medium that cannot be written. Must not change the ledger.
 */
#include "ledger/store/sqlite_int.h"

#include <errno.h>
#include <sqlite3.h>

#include "ledger/base/durable.h"

static zd_status copy_pages(zd_sqlite *self, sqlite3 *to, zd_error *err)
{
    sqlite3_backup *copy = sqlite3_backup_init(to, "main", self->db, "main");
    if (copy == NULL) {
        return zd_sqlite_error(to, sqlite3_extended_errcode(to), self->path, err);
    }
    int step = sqlite3_backup_step(copy, -1);
    int rc = sqlite3_backup_finish(copy);
    if (step == SQLITE_DONE && rc == SQLITE_OK) {
        return ZD_OK;
    }
    return zd_sqlite_error(to, rc != SQLITE_OK ? rc : step, self->path, err);
}

/* The copy's header says "WAL" as its source's did; a connection of its own turns that off. */
static zd_status leave_wal(const char *path, zd_error *err)
{
    char answer[32] = "";
    sqlite3 *db = NULL;
    zd_status status = zd_sqlite_connect(&db, path, true, err);
    if (status == ZD_OK) {
        status = zd_sqlite_pragma(db, ZD_SQL_JOURNAL_DELETE, answer, sizeof answer, path, err);
    }
    if (status == ZD_OK && !zd_span_is(zd_span_text(answer), "delete")) {
        status = zd_fail(err, ZD_E_STORE_FAILED, "the copy stays in journal mode %s", answer);
    }
    (void)sqlite3_close(db);
    return status;
}

zd_status zd_sqlite_backup(zd_store *store, const char *path, zd_error *err)
{
    zd_sqlite *self = (zd_sqlite *)store;
    zd_buf draft = {0};
    sqlite3 *to = NULL;
    zd_status status = zd_sqlite_readable(self, err);
    if (status != ZD_OK) {
        return status;
    }
    if (zd_path_exists(path)) {
        errno = EEXIST;
        return zd_fail_errno(err, ZD_E_FILE_EXISTS, path);
    }
    status = zd_sqlite_draft(&draft, path, err);
    if (status != ZD_OK) {
        goto cleanup;
    }
    status = zd_sqlite_connect(&to, zd_buf_text(&draft), true, err);
    if (status == ZD_OK) {
        status = copy_pages(self, to, err);
    }
    (void)sqlite3_close(to);
    if (status == ZD_OK) {
        status = leave_wal(zd_buf_text(&draft), err);
    }
    if (status == ZD_OK) {
        status = zd_sqlite_publish_draft(zd_buf_text(&draft), path, ZD_E_FILE_EXISTS, err);
    }
    if (status != ZD_OK) {
        zd_sqlite_discard_draft(zd_buf_text(&draft));
    }
cleanup:
    zd_buf_free(&draft);
    return status;
}

static zd_status contradiction(zd_sqlite *self, zd_span what, zd_error *err)
{
    self->stopped = ZD_E_LEDGER_CORRUPT;
    int shown = what.size < 200 ? (int)what.size : 200;
    zd_status status = zd_fail(err, ZD_E_LEDGER_CORRUPT, "%.*s", shown, (const char *)what.data);
    zd_error_subject(err, zd_span_text(self->path));
    return status;
}

static zd_status pages_are_sound(zd_sqlite *self, zd_error *err)
{
    bool row = false;
    zd_status status = zd_sqlite_step(self, ZD_SQL_INTEGRITY_CHECK, &row, err);
    if (status != ZD_OK) {
        return status;
    }
    zd_span answer = row ? zd_sqlite_bytes(self, ZD_SQL_INTEGRITY_CHECK, 0) : zd_span_text("the check gave no answer");
    if (!zd_span_is(answer, "ok")) {
        status = contradiction(self, answer, err);
    }
    zd_sqlite_reset(self, ZD_SQL_INTEGRITY_CHECK);
    return status;
}

static zd_status leaves_are_all_there(zd_sqlite *self, zd_error *err)
{
    zd_store_head head;
    int64_t next = 0;
    int64_t count = 0;
    zd_status status = zd_sqlite_head_read(self, &head, err);
    if (status == ZD_OK) {
        status = zd_sqlite_ask(self, ZD_SQL_LEAF_NEXT, &next, err);
    }
    if (status == ZD_OK) {
        status = zd_sqlite_ask(self, ZD_SQL_LEAF_COUNT, &count, err);
    }
    if (status == ZD_OK && ((uint64_t)next != head.size || (uint64_t)count != head.size)) {
        status = contradiction(self, zd_span_text("the head does not name the leaves that are there"), err);
    }
    return status;
}

zd_status zd_sqlite_check(zd_store *store, zd_error *err)
{
    zd_sqlite *self = (zd_sqlite *)store;
    zd_status status = zd_sqlite_read_begin(self, err);
    if (status != ZD_OK) {
        return status;
    }
    status = pages_are_sound(self, err);
    if (status == ZD_OK) {
        status = leaves_are_all_there(self, err);
    }
    if (status == ZD_OK) {
        status = zd_sqlite_schema_compare(self->db, self->path, err);
    }
    zd_sqlite_read_end(self);
    /* Commits do not report a checkpoint that failed, since they stand without it; here it comes to light. */
    if (status == ZD_OK && self->writable && self->stopped == ZD_CODE_NONE) {
        status = zd_sqlite_checkpoint(&self->base, err);
    }
    return status;
}

zd_status zd_sqlite_stats_get(zd_store *store, zd_store_stats *out, zd_error *err)
{
    zd_sqlite *self = (zd_sqlite *)store;
    zd_store_head head;
    int64_t records = 0;
    int64_t bytes = 0;
    zd_status status = zd_sqlite_read_begin(self, err);
    if (status != ZD_OK) {
        return status;
    }
    status = zd_sqlite_head_read(self, &head, err);
    if (status == ZD_OK) {
        status = zd_sqlite_ask(self, ZD_SQL_RECORD_COUNT, &records, err);
    }
    if (status == ZD_OK) {
        status = zd_sqlite_ask(self, ZD_SQL_DATABASE_BYTES, &bytes, err);
    }
    zd_sqlite_read_end(self);
    if (status == ZD_OK) {
        *out = (zd_store_stats){.leaves = head.size, .records = (uint64_t)records, .bytes = (uint64_t)bytes};
    }
    return status;
}
