/*
 * Transactions and checkpoints of the write-ahead log. The difference that matters: a commit that certainly did not happen
 * (the caller may repeat) and one of which nobody can tell before the file is opened again. After the second the handle
 * answers nothing more, because what it remembers may not be what the disk holds. Must not know tables except the head.
 */
#include "ledger/store/sqlite_int.h"

#include <errno.h>
#include <sqlite3.h>

/* 8 KiB pages: about 64 MiB of WAL between checkpoints, so that hot record pages are copied once for many commits. */
#define CHECKPOINT_PAGES 8000

zd_status zd_sqlite_readable(const zd_sqlite *self, zd_error *err)
{
    if (self->stopped == ZD_E_STORE_UNKNOWN) {
        zd_status status = zd_fail(err, ZD_E_STORE_UNKNOWN, "an earlier commit has an unclear outcome");
        zd_error_subject(err, zd_span_text(self->path));
        return status;
    }
    return ZD_OK;
}

/* A restore that replaces the file under a running writer must not let it go on writing into the unlinked one. */
static zd_status still_there(zd_sqlite *self, zd_error *err)
{
    int moved = 0;
    int rc = sqlite3_file_control(self->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    if (rc == SQLITE_OK && moved == 0) {
        return ZD_OK;
    }
    self->stopped = ZD_E_STORE_FAILED;
    zd_status status = zd_fail(err, ZD_E_STORE_FAILED, "the file was moved, removed or replaced while it was open");
    zd_error_subject(err, zd_span_text(self->path));
    return status;
}

static zd_status writable(zd_sqlite *self, zd_error *err)
{
    zd_status status = zd_sqlite_readable(self, err);
    if (status != ZD_OK) {
        return status;
    }
    if (!self->writable) {
        status = zd_fail(err, ZD_E_LEDGER_READ_ONLY, "the ledger was opened for reading");
    } else if (self->stopped != ZD_CODE_NONE) {
        status = zd_fail(err, self->stopped, "writing stopped at an earlier error");
    } else {
        return still_there(self, err);
    }
    zd_error_subject(err, zd_span_text(self->path));
    return status;
}

bool zd_sqlite_may_linger(const zd_sqlite *self)
{
    return self->writable || (self->follows && !self->fleeting);
}

void zd_sqlite_moment(zd_store *store, bool stays)
{
    zd_sqlite *self = (zd_sqlite *)store;
    ZD_ASSERT(self->follows);
    zd_sqlite_linger_end(self);
    self->fleeting = !stays;
}

zd_status zd_sqlite_linger(zd_sqlite *self, zd_error *err)
{
    zd_status status = self->lingers ? zd_sqlite_readable(self, err) : zd_sqlite_read_begin(self, err);
    self->lingers = status == ZD_OK && !self->pinned;
    return status;
}

void zd_sqlite_linger_end(zd_sqlite *self)
{
    if (self->lingers) {
        zd_sqlite_rollback(self);
    }
}

zd_status zd_sqlite_read_begin(zd_sqlite *self, zd_error *err)
{
    zd_sqlite_linger_end(self);
    zd_status status = zd_sqlite_readable(self, err);
    return status == ZD_OK && !self->pinned ? zd_sqlite_run(self, ZD_SQL_BEGIN_READ, err) : status;
}

void zd_sqlite_read_end(zd_sqlite *self)
{
    if (!self->pinned) {
        zd_sqlite_rollback(self);
    }
}

zd_status zd_sqlite_pin(zd_store *store, zd_error *err)
{
    zd_sqlite *self = (zd_sqlite *)store;
    ZD_ASSERT(!self->writable);
    zd_store_head head;
    zd_status status = zd_sqlite_read_begin(self, err);
    if (status == ZD_OK && !self->pinned) {
        status = zd_sqlite_head_read(self, &head, err); /* a snapshot begins with the first read */
        self->pinned = status == ZD_OK;
        zd_sqlite_read_end(self);
    }
    return status;
}

zd_status zd_sqlite_write_begin(zd_sqlite *self, zd_store_head *stored, zd_error *err)
{
    zd_sqlite_linger_end(self);
    zd_status status = writable(self, err);
    if (status == ZD_OK) {
        status = zd_sqlite_run(self, ZD_SQL_BEGIN_WRITE, err);
    }
    if (status != ZD_OK) {
        return status;
    }
    status = zd_sqlite_head_read(self, stored, err);
    if (status == ZD_OK && stored->epoch != self->epoch) {
        self->stopped = ZD_E_STORE_CONFLICT;
        status = zd_fail(err, ZD_E_STORE_CONFLICT, "writer %llu was superseded by writer %llu", (unsigned long long)self->epoch,
                         (unsigned long long)stored->epoch);
    }
    if (status != ZD_OK) {
        zd_sqlite_rollback(self);
    }
    return status;
}

void zd_sqlite_rollback(zd_sqlite *self)
{
    self->lingers = false;
    if (sqlite3_get_autocommit(self->db) != 0) {
        return; /* SQLite has already rolled back, as it does after I/O errors */
    }
    zd_status status = zd_sqlite_run(self, ZD_SQL_ROLLBACK, NULL);
    if (status != ZD_OK && sqlite3_get_autocommit(self->db) == 0) {
        self->stopped = ZD_E_STORE_UNKNOWN;
    }
}

/*
 * Whether a failed COMMIT certainly left nothing on the disk that recovery could take for a commit. The frame that carries
 * the commit mark is the last one written before the sync; so when a write ran out of room, that frame is not complete.
 * Any other I/O error, above all a failed sync, leaves it open.
 */
static bool surely_not_committed(int rc, int system_errno)
{
    switch (rc & 0xff) {
    case SQLITE_FULL:
    case SQLITE_BUSY:
    case SQLITE_CONSTRAINT:
    case SQLITE_READONLY:
        return true;
    default:
        return rc == SQLITE_IOERR_WRITE && (system_errno == ENOSPC || system_errno == EDQUOT || system_errno == EFBIG);
    }
}

zd_status zd_sqlite_commit(zd_sqlite *self, zd_error *err)
{
    zd_error why = {0};
    zd_status status = zd_sqlite_run(self, ZD_SQL_COMMIT, &why);
    if (status == ZD_OK) {
        if (!self->checkpoints_held && self->wal_pages >= self->checkpoint_at) {
            /* The commit stands whatever becomes of the checkpoint: what it could not copy stays in the WAL. */
            (void)zd_sqlite_checkpoint(&self->base, NULL);
        }
        return ZD_OK;
    }
    int rc = sqlite3_extended_errcode(self->db);
    bool clear = surely_not_committed(rc, why.system_errno);
    zd_sqlite_rollback(self);
    if (!clear) {
        self->stopped = ZD_E_STORE_UNKNOWN;
        status = zd_fail(err, ZD_E_STORE_UNKNOWN, "%s", why.detail);
        zd_error_subject(err, zd_span_text(self->path));
    } else if (err != NULL && err->code == ZD_CODE_NONE) {
        *err = why;
    }
    return status;
}

static int count_pages(void *context, sqlite3 *db, const char *name, int pages)
{
    (void)db;
    (void)name;
    zd_sqlite *self = context;
    self->wal_pages = pages;
    return SQLITE_OK;
}

void zd_sqlite_watch_wal(zd_sqlite *self)
{
    self->checkpoint_at = CHECKPOINT_PAGES;
    (void)sqlite3_wal_hook(self->db, count_pages, self);
}

void zd_sqlite_hold_checkpoints(zd_store *store, bool held)
{
    ((zd_sqlite *)store)->checkpoints_held = held;
}

bool zd_sqlite_checkpoint_due(zd_store *store)
{
    const zd_sqlite *self = (const zd_sqlite *)store;
    return self->wal_pages >= self->checkpoint_at;
}

zd_status zd_sqlite_checkpoint(zd_store *store, zd_error *err)
{
    zd_sqlite *self = (zd_sqlite *)store;
    zd_store_head head;
    int pages = 0;
    int copied = 0;
    zd_sqlite_linger_end(self);
    zd_status status = zd_sqlite_readable(self, err);
    if (status == ZD_OK) {
        status = zd_sqlite_head_read(self, &head, err);
    }
    if (status == ZD_OK && head.epoch != self->epoch) {
        status = zd_fail(err, ZD_E_STORE_CONFLICT, "a superseded writer does not checkpoint"); /* two connections that do are what must never be */
    }
    if (status != ZD_OK) {
        return status;
    }
    int rc = sqlite3_wal_checkpoint_v2(self->db, "main", SQLITE_CHECKPOINT_PASSIVE, &pages, &copied);
    /* A reader that holds an old snapshot keeps the WAL from being emptied: try again only after as much has come again. */
    self->checkpoint_at = rc == SQLITE_OK && pages == copied ? CHECKPOINT_PAGES : self->wal_pages + CHECKPOINT_PAGES;
    if (rc == SQLITE_OK) {
        return ZD_OK;
    }
    status = zd_sqlite_error(self->db, rc, self->path, err);
    if (status == ZD_INTEGRITY) {
        self->stopped = ZD_E_LEDGER_CORRUPT;
    }
    return status;
}

void zd_sqlite_checkpoint_last(zd_sqlite *self)
{
    zd_store_head head;
    zd_sqlite_linger_end(self);
    if (self->stopped != ZD_CODE_NONE || zd_sqlite_head_read(self, &head, NULL) != ZD_OK || head.epoch != self->epoch) {
        return; /* not ours any more: two connections that checkpoint are what must never be */
    }
    /* Nothing is lost when this fails: the WAL stays beside the file and the next writer finds it. */
    (void)sqlite3_wal_checkpoint_v2(self->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}
