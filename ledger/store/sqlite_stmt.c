/*
 * Prepared statements by name, and SQLite's results as our codes. Must not begin or end transactions.
 */
#include "ledger/store/sqlite_int.h"

#include <errno.h>
#include <sqlite3.h>

static bool no_room(int system_errno)
{
    return system_errno == ENOSPC || system_errno == EDQUOT || system_errno == EFBIG;
}

static zd_code code_of(int rc, int system_errno)
{
    switch (rc & 0xff) {
    case SQLITE_FULL:
        return ZD_E_DISK_FULL;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return ZD_E_LEDGER_READ_ONLY;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ZD_E_STORE_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ZD_E_LEDGER_CORRUPT;
    case SQLITE_CANTOPEN:
        if (system_errno == EACCES || system_errno == EROFS || system_errno == EPERM) {
            return ZD_E_LEDGER_READ_ONLY; /* the WAL or its index cannot be made in this directory */
        }
        return no_room(system_errno) ? ZD_E_DISK_FULL : ZD_E_STORE_FAILED;
    case SQLITE_IOERR:
        return no_room(system_errno) ? ZD_E_DISK_FULL : ZD_E_STORE_FAILED;
    default:
        return ZD_E_STORE_FAILED;
    }
}

/*
 * errno behind a result. SQLite does not keep it for a COMMIT, so after a failed write the journal's or WAL's own file is
 * asked: it alone tells a quota or a size limit, where the disk is just full, from a broken disk.
 */
static int errno_of(sqlite3 *db, int rc)
{
    sqlite3_file *journal = NULL;
    int system_errno = 0;
    if (rc == SQLITE_IOERR_WRITE &&
        sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, (void *)&journal) == SQLITE_OK && journal != NULL &&
        journal->pMethods != NULL) {
        (void)journal->pMethods->xFileControl(journal, SQLITE_FCNTL_LAST_ERRNO, &system_errno);
    }
    return system_errno != 0 ? system_errno : sqlite3_system_errno(db);
}

zd_status zd_sqlite_error(struct sqlite3 *db, int rc, const char *path, zd_error *err)
{
    int system_errno = db != NULL ? errno_of(db, rc) : 0;
    zd_code code = code_of(rc, system_errno);
    bool io = (rc & 0xff) == SQLITE_IOERR || (rc & 0xff) == SQLITE_CANTOPEN || (rc & 0xff) == SQLITE_FULL;
    zd_status status = zd_fail(err, code, "SQLite %d: %s", rc, db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
    if (err != NULL && err->code == code) {
        zd_error_subject(err, zd_span_text(path));
        if (io && err->system_errno == 0) {
            err->system_errno = system_errno;
        }
    }
    return status;
}

static zd_status fail(zd_sqlite *self, int rc, zd_error *err)
{
    zd_status status = zd_sqlite_error(self->db, rc, self->path, err);
    if (status == ZD_INTEGRITY && self->stopped == ZD_CODE_NONE) {
        self->stopped = ZD_E_LEDGER_CORRUPT;
    }
    return status;
}

zd_status zd_sqlite_prepare_all(zd_sqlite *self, zd_error *err)
{
    for (int id = 0; id < ZD_SQL__COUNT; id++) {
        int rc = sqlite3_prepare_v3(self->db, zd_sql_texts[id], -1, SQLITE_PREPARE_PERSISTENT, &self->statements[id], NULL);
        if (rc != SQLITE_OK) {
            return fail(self, rc, err);
        }
    }
    return ZD_OK;
}

void zd_sqlite_finalize_all(zd_sqlite *self)
{
    for (int id = 0; id < ZD_SQL__COUNT; id++) {
        (void)sqlite3_finalize(self->statements[id]);
        self->statements[id] = NULL;
    }
}

void zd_sqlite_bind_int(zd_sqlite *self, zd_sql id, int position, int64_t value)
{
    int rc = sqlite3_bind_int64(self->statements[id], position, value);
    ZD_ASSERT(rc == SQLITE_OK);
}

/* SQLite takes a NULL pointer for the SQL value NULL, which an empty byte string is not. */
static const void *not_null(zd_span value)
{
    return value.data != NULL ? (const void *)value.data : "";
}

void zd_sqlite_bind_blob(zd_sqlite *self, zd_sql id, int position, zd_span value)
{
    int rc = sqlite3_bind_blob64(self->statements[id], position, not_null(value), value.size, SQLITE_STATIC);
    ZD_ASSERT(rc == SQLITE_OK);
}

void zd_sqlite_bind_text(zd_sqlite *self, zd_sql id, int position, zd_span value)
{
    int rc = sqlite3_bind_text64(self->statements[id], position, not_null(value), value.size, SQLITE_STATIC, SQLITE_UTF8);
    ZD_ASSERT(rc == SQLITE_OK);
}

int64_t zd_sqlite_int(zd_sqlite *self, zd_sql id, int column)
{
    return sqlite3_column_int64(self->statements[id], column);
}

zd_span zd_sqlite_bytes(zd_sqlite *self, zd_sql id, int column)
{
    const void *data = sqlite3_column_blob(self->statements[id], column);
    int size = sqlite3_column_bytes(self->statements[id], column);
    return zd_span_of(data != NULL ? data : "", data != NULL ? (size_t)size : 0);
}

zd_status zd_sqlite_step(zd_sqlite *self, zd_sql id, bool *row, zd_error *err)
{
    sqlite3_stmt *statement = self->statements[id];
    int rc = sqlite3_step(statement);
    *row = rc == SQLITE_ROW;
    if (rc == SQLITE_ROW) {
        return ZD_OK;
    }
    zd_status status = rc == SQLITE_DONE ? ZD_OK : fail(self, rc, err);
    (void)sqlite3_reset(statement);
    return status;
}

void zd_sqlite_reset(zd_sqlite *self, zd_sql id)
{
    /* The result repeats the last step's error, which was answered when it happened. */
    (void)sqlite3_reset(self->statements[id]);
}

zd_status zd_sqlite_run(zd_sqlite *self, zd_sql id, zd_error *err)
{
    bool row = false;
    zd_status status = zd_sqlite_step(self, id, &row, err);
    ZD_ASSERT(!row);
    return status;
}

zd_status zd_sqlite_ask(zd_sqlite *self, zd_sql id, int64_t *out, zd_error *err)
{
    bool row = false;
    zd_status status = zd_sqlite_step(self, id, &row, err);
    if (status == ZD_OK && !row) {
        return fail(self, SQLITE_CORRUPT, err);
    }
    if (status == ZD_OK) {
        *out = zd_sqlite_int(self, id, 0);
        zd_sqlite_reset(self, id);
    }
    return status;
}
