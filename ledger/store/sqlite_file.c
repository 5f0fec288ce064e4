/*
 * Files, connections and the schema. A new database, empty or a copy, is built under a draft name and gets its own name
 * when it is complete and synced, so that a file of that name is never half made.
 *
 * Must not open and close a database file by itself while SQLite may have it open: closing any descriptor of a file drops all
 * the POSIX locks that this process holds on it. A draft is nobody else's, hence safe.
 */
#include "ledger/store/sqlite_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "ledger/base/durable.h"

#define BUSY_WAIT_MS 1000

static zd_status system_failure(const char *path, zd_error *err)
{
    switch (errno) {
    case ENOSPC:
    case EDQUOT:
        return zd_fail_errno(err, ZD_E_DISK_FULL, path);
    case EACCES:
    case EPERM:
    case EROFS:
        return zd_fail_errno(err, ZD_E_LEDGER_READ_ONLY, path);
    default:
        return zd_fail_errno(err, ZD_E_FILE_IO, path);
    }
}

zd_status zd_sqlite_draft(zd_buf *out, const char *path, zd_error *err)
{
    zd_buf_clear(out);
    zd_buf_addf(out, "%s%s.new-%ld", path[0] == '/' ? "" : "./", path, (long)getpid());
    const char *name = zd_buf_text(out);
    zd_sqlite_discard_draft(name); /* left by a process of the same number that was killed */
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd < 0) {
        return system_failure(path, err);
    }
    (void)close(fd);
    return ZD_OK;
}

zd_status zd_sqlite_publish_draft(const char *draft, const char *path, zd_code exists, zd_error *err)
{
    int fd = open(draft, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return system_failure(path, err);
    }
    int synced = fsync(fd);
    int sync_errno = errno;
    (void)close(fd);
    if (synced != 0) {
        errno = sync_errno;
        return system_failure(path, err);
    }
    /* Unlike rename, link never replaces a file that came into being meanwhile. */
    if (link(draft, path) != 0) {
        return errno == EEXIST ? zd_fail_errno(err, exists, path) : system_failure(path, err);
    }
    zd_sqlite_discard_draft(draft);
    return zd_dir_sync_parent(path, err);
}

void zd_sqlite_discard_draft(const char *draft)
{
    static const char *const endings[] = {"", "-journal", "-wal", "-shm"};
    zd_buf name = {0};
    for (size_t i = 0; i < ZD_COUNT(endings); i++) {
        zd_buf_clear(&name);
        zd_buf_addf(&name, "%s%s", draft, endings[i]);
        (void)unlink(zd_buf_text(&name));
    }
    zd_buf_free(&name);
}

static int configure(sqlite3 *db)
{
    static const int settings[][2] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0}, {SQLITE_DBCONFIG_DQS_DML, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},        {SQLITE_DBCONFIG_ENABLE_FKEY, 1},    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 1},
        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
    };
    int rc = sqlite3_extended_result_codes(db, 1);
    for (size_t i = 0; i < ZD_COUNT(settings) && rc == SQLITE_OK; i++) {
        rc = sqlite3_db_config(db, settings[i][0], settings[i][1], (int *)NULL);
    }
    /*
     * Readers never checkpoint. Writers do it themselves, so that one with an unclear commit closes without another write.
     * It also keeps the emptied WAL, without which a reader that may not write into the directory could not open the ledger.
     */
    if (rc == SQLITE_OK) {
        rc = sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    }
    if (rc == SQLITE_OK) {
        rc = sqlite3_busy_timeout(db, BUSY_WAIT_MS);
    }
    return rc == SQLITE_OK ? sqlite3_exec(db, zd_sql_connection, NULL, NULL, NULL) : rc;
}

zd_status zd_sqlite_connect(struct sqlite3 **out, const char *path, bool write, zd_error *err)
{
    /* "./" keeps SQLite from reading a relative name as a URI or as ":memory:". */
    zd_buf name = {0};
    zd_buf_addf(&name, "%s%s", path[0] == '/' ? "" : "./", path);
    int flags = (write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX;
    int rc = sqlite3_open_v2(zd_buf_text(&name), out, flags, NULL);
    zd_buf_free(&name);
    if (rc == SQLITE_OK) {
        rc = configure(*out);
    }
    if (rc != SQLITE_OK) {
        return zd_sqlite_error(*out, rc, path, err);
    }
    /* SQLite falls back to read-only silently when the file is not writable. */
    if (write && sqlite3_db_readonly(*out, "main") != 0) {
        zd_status status = zd_fail(err, ZD_E_LEDGER_READ_ONLY, "the file may not be written");
        zd_error_subject(err, zd_span_text(path));
        return status;
    }
    return ZD_OK;
}

zd_status zd_sqlite_schema_run(struct sqlite3 *db, int from, const char *path, zd_error *err)
{
    for (int version = from; version < ZD_SQL_SCHEMA_VERSION; version++) {
        int rc = sqlite3_exec(db, zd_sql_schema[version], NULL, NULL, NULL);
        if (rc != SQLITE_OK) {
            return zd_sqlite_error(db, rc, path, err);
        }
    }
    return ZD_OK;
}

static zd_status schema_text(zd_buf *out, sqlite3 *db, const char *path, zd_error *err)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(db, zd_sql_texts[ZD_SQL_SCHEMA_LIST], -1, &statement, NULL);
    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        rc = sqlite3_step(statement);
        if (rc == SQLITE_ROW) {
            zd_buf_add(out, sqlite3_column_blob(statement, 0), (size_t)sqlite3_column_bytes(statement, 0));
            zd_buf_add_byte(out, '\n');
        }
    }
    zd_status status = rc == SQLITE_DONE ? ZD_OK : zd_sqlite_error(db, rc, path, err);
    (void)sqlite3_finalize(statement);
    return status;
}

zd_status zd_sqlite_schema_compare(struct sqlite3 *db, const char *path, zd_error *err)
{
    zd_buf ours = {0};
    zd_buf theirs = {0};
    sqlite3 *model = NULL;
    int rc = sqlite3_open_v2(":memory:", &model, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    zd_status status = rc == SQLITE_OK ? ZD_OK : zd_sqlite_error(model, rc, path, err);
    if (status == ZD_OK) {
        status = zd_sqlite_schema_run(model, 0, path, err);
    }
    if (status == ZD_OK) {
        status = schema_text(&ours, model, path, err);
    }
    if (status == ZD_OK) {
        status = schema_text(&theirs, db, path, err);
    }
    if (status == ZD_OK && !zd_span_equal(zd_buf_span(&ours), zd_buf_span(&theirs))) {
        status = zd_fail(err, ZD_E_LEDGER_CORRUPT, "tables or triggers are not those of schema %d", ZD_SQL_SCHEMA_VERSION);
        zd_error_subject(err, zd_span_text(path));
    }
    (void)sqlite3_close(model);
    zd_buf_free(&ours);
    zd_buf_free(&theirs);
    return status;
}

zd_status zd_sqlite_pragma(struct sqlite3 *db, zd_sql id, char *out, size_t out_size, const char *path, zd_error *err)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(db, zd_sql_texts[id], -1, &statement, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(statement);
    }
    zd_status status = ZD_OK;
    if (rc == SQLITE_ROW) {
        zd_span answer = zd_span_of(sqlite3_column_blob(statement, 0), (size_t)sqlite3_column_bytes(statement, 0));
        bool fits = zd_span_copy(out, out_size, answer);
        ZD_ASSERT(fits);
    } else {
        status = zd_sqlite_error(db, rc, path, err);
    }
    (void)sqlite3_finalize(statement);
    return status;
}
