/*
 * What the SQLite store answers when the disk misbehaves. A file layer under SQLite spoils the k-th write or sync of one
 * append, for every k; right after the answer the files are copied as a crash leaves them, all that was written
 * included. The answer must hold on that copy: OK means all is there, FAILED means nothing is, and only UNKNOWN leaves it open.
 */
#include "tests/support/support.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/store_rows.h"

typedef enum spoil_kind {
    SPOIL_SYNC,        /* a sync fails; what was written may be there */
    SPOIL_WRITE,       /* nothing of the write is done; EIO */
    SPOIL_WRITE_DONE,  /* the write is done, and reported as EIO */
    SPOIL_WRITE_FULL,  /* half of the write is done; no space left */
    SPOIL_WRITE_QUOTA, /* nothing is done; EDQUOT, which SQLite takes for an I/O error */
    SPOIL__COUNT
} spoil_kind;

/* The layer is found by SQLite through a global registration, so its controls are global too. */
static struct {
    spoil_kind what;
    unsigned at; /* 1-based; 0 = never */
    unsigned seen;
    bool hit;
    int last_errno;
} control;

static sqlite3_vfs *real;

typedef struct layer_file {
    sqlite3_file base;
    sqlite3_file *inner; /* lies right behind this struct */
} layer_file;

static sqlite3_file *inner_of(sqlite3_file *file)
{
    return ((layer_file *)file)->inner;
}

static bool spoils_now(bool sync)
{
    if ((control.what == SPOIL_SYNC) != sync || control.at == 0) {
        return false;
    }
    control.seen++;
    bool now = control.seen == control.at;
    control.hit = control.hit || now;
    return now;
}

static int layer_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
    sqlite3_file *inner = inner_of(file);
    if (!spoils_now(false)) {
        return inner->pMethods->xWrite(inner, data, size, offset);
    }
    switch (control.what) {
    case SPOIL_WRITE_DONE:
        (void)inner->pMethods->xWrite(inner, data, size, offset);
        control.last_errno = EIO;
        return SQLITE_IOERR_WRITE;
    case SPOIL_WRITE_FULL:
        (void)inner->pMethods->xWrite(inner, data, size / 2, offset);
        control.last_errno = ENOSPC;
        return SQLITE_FULL;
    case SPOIL_WRITE_QUOTA:
        control.last_errno = EDQUOT;
        return SQLITE_IOERR_WRITE;
    case SPOIL_SYNC:
    case SPOIL_WRITE:
    case SPOIL__COUNT:
    default:
        control.last_errno = EIO;
        return SQLITE_IOERR_WRITE;
    }
}

static int layer_sync(sqlite3_file *file, int flags)
{
    sqlite3_file *inner = inner_of(file);
    if (spoils_now(true)) {
        control.last_errno = EIO;
        return SQLITE_IOERR_FSYNC;
    }
    return inner->pMethods->xSync(inner, flags);
}

static int layer_close(sqlite3_file *file)
{
    return inner_of(file)->pMethods->xClose(inner_of(file));
}

static int layer_read(sqlite3_file *file, void *data, int size, sqlite3_int64 offset)
{
    return inner_of(file)->pMethods->xRead(inner_of(file), data, size, offset);
}

static int layer_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return inner_of(file)->pMethods->xTruncate(inner_of(file), size);
}

static int layer_file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return inner_of(file)->pMethods->xFileSize(inner_of(file), size);
}

static int layer_lock(sqlite3_file *file, int level)
{
    return inner_of(file)->pMethods->xLock(inner_of(file), level);
}

static int layer_unlock(sqlite3_file *file, int level)
{
    return inner_of(file)->pMethods->xUnlock(inner_of(file), level);
}

static int layer_check_lock(sqlite3_file *file, int *out)
{
    return inner_of(file)->pMethods->xCheckReservedLock(inner_of(file), out);
}

static int layer_control(sqlite3_file *file, int op, void *arg)
{
    if (op == SQLITE_FCNTL_LAST_ERRNO) {
        *(int *)arg = control.last_errno;
        return SQLITE_OK;
    }
    return inner_of(file)->pMethods->xFileControl(inner_of(file), op, arg);
}

static int layer_sector(sqlite3_file *file)
{
    return inner_of(file)->pMethods->xSectorSize(inner_of(file));
}

static int layer_device(sqlite3_file *file)
{
    return inner_of(file)->pMethods->xDeviceCharacteristics(inner_of(file));
}

static int layer_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
    return inner_of(file)->pMethods->xShmMap(inner_of(file), page, size, extend, out);
}

static int layer_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return inner_of(file)->pMethods->xShmLock(inner_of(file), offset, count, flags);
}

static void layer_shm_barrier(sqlite3_file *file)
{
    inner_of(file)->pMethods->xShmBarrier(inner_of(file));
}

static int layer_shm_unmap(sqlite3_file *file, int remove)
{
    return inner_of(file)->pMethods->xShmUnmap(inner_of(file), remove);
}

static const sqlite3_io_methods layer_methods = {
    .iVersion = 2,
    .xClose = layer_close,
    .xRead = layer_read,
    .xWrite = layer_write,
    .xTruncate = layer_truncate,
    .xSync = layer_sync,
    .xFileSize = layer_file_size,
    .xLock = layer_lock,
    .xUnlock = layer_unlock,
    .xCheckReservedLock = layer_check_lock,
    .xFileControl = layer_control,
    .xSectorSize = layer_sector,
    .xDeviceCharacteristics = layer_device,
    .xShmMap = layer_shm_map,
    .xShmLock = layer_shm_lock,
    .xShmBarrier = layer_shm_barrier,
    .xShmUnmap = layer_shm_unmap,
};

static int layer_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
    (void)vfs;
    layer_file *self = (layer_file *)file;
    self->inner = (sqlite3_file *)(void *)(self + 1);
    int rc = real->xOpen(real, name, self->inner, flags, out_flags);
    self->base.pMethods = self->inner->pMethods != NULL ? &layer_methods : NULL;
    return rc;
}

static int layer_last_error(sqlite3_vfs *vfs, int size, char *text)
{
    (void)vfs;
    (void)size;
    (void)text;
    return control.last_errno;
}

static sqlite3_vfs layer;

static void layer_on(void)
{
    real = sqlite3_vfs_find(NULL);
    layer = *real;
    layer.zName = "spoiling";
    layer.pNext = NULL;
    layer.szOsFile = real->szOsFile + (int)sizeof(layer_file);
    layer.xOpen = layer_open;
    layer.xGetLastError = layer_last_error;
    assert_int_equal(sqlite3_vfs_register(&layer, 1), SQLITE_OK);
}

typedef struct tally {
    unsigned ok;
    unsigned failed;
    unsigned unknown;
    unsigned unknown_done; /* UNKNOWN, and the copy had it */
} tally;

static uint64_t size_of(const char *path, zd_store_mode mode)
{
    zd_store *store = NULL;
    zd_store_head head;
    assert_ok(zd_store_open_sqlite(&store, path, mode, err));
    assert_ok(zd_store_head_get(store, &head, err));
    zd_rows_assert(store, head.size); /* all of the append or nothing */
    assert_ok(zd_store_check(store, err));
    zd_store_close(store);
    return head.size;
}

/* After UNKNOWN the handle must say nothing that might be wrong. */
static void assert_stopped(zd_store *store)
{
    zd_store_head head;
    zd_store_stats stats;
    zd_error answer = {0};
    assert_code(zd_store_head_get(store, &head, err), ZD_E_STORE_UNKNOWN);
    assert_code(zd_store_stats_get(store, &stats, err), ZD_E_STORE_UNKNOWN);
    assert_code(zd_store_blob_put(store, zd_span_text("a"), zd_span_text("b"), err), ZD_E_STORE_UNKNOWN);
    assert_int_equal(zd_rows_append(store, 1, &answer), ZD_APPEND_FAILED);
    assert_int_equal(answer.code, ZD_E_STORE_UNKNOWN);
}

static void spoil_once(const char *dir, spoil_kind what, unsigned at, tally *counts)
{
    char path[600];
    char image[600];
    zd_store *store = NULL;
    zd_error answer = {0};
    zd_format(path, sizeof path, "%s/%d-%u.db", dir, (int)what, at);
    zd_format(image, sizeof image, "%s/%d-%u-image.db", dir, (int)what, at);
    assert_int_equal(zd_store_open_sqlite(&store, path, ZD_STORE_CREATE, &answer), ZD_OK);
    assert_int_equal(zd_rows_append(store, 2, &answer), ZD_APPEND_OK);

    control.what = what;
    control.at = at;
    control.seen = 0;
    control.hit = false;
    zd_append result = zd_rows_append(store, 5, &answer);
    control.at = 0;
    assert_int_equal(zd_test_shell(NULL, "cp '%s' '%s' && cp '%s-wal' '%s-wal'", path, image, path, image), 0);
    uint64_t crashed = size_of(image, ZD_STORE_WRITE);
    if (result == ZD_APPEND_OK) {
        counts->ok++;
        assert_false(control.hit);
        assert_int_equal(crashed, 7);
    } else if (result == ZD_APPEND_FAILED) {
        counts->failed++;
        assert_int_equal(answer.code, what == SPOIL_WRITE_FULL || what == SPOIL_WRITE_QUOTA ? ZD_E_DISK_FULL : ZD_E_STORE_FAILED);
        assert_int_equal(crashed, 2);
        zd_rows_assert(store, 2);
        zd_error_clear(&answer);
        assert_int_equal(zd_rows_append(store, 5, &answer), ZD_APPEND_OK); /* the disk is well again: the handle goes on */
        zd_rows_assert(store, 7);
    } else {
        counts->unknown++;
        counts->unknown_done += crashed == 7;
        assert_int_equal(result, ZD_APPEND_UNKNOWN);
        assert_int_equal(answer.code, ZD_E_STORE_UNKNOWN);
        assert_stopped(store);
    }
    zd_store_close(store);
    assert_int_equal(size_of(path, ZD_STORE_WRITE), result == ZD_APPEND_UNKNOWN ? crashed : 7);
}

static tally sweep(spoil_kind what)
{
    const char *dir = zd_test_dir("vfs");
    tally counts = {0};
    for (unsigned at = 1; counts.ok == 0; at++) {
        assert_true(at < 200);
        spoil_once(dir, what, at, &counts);
    }
    zd_test_dir_remove(dir);
    return counts;
}

static void append__failed_sync_is_unknown_and_may_be_there(void **state)
{
    (void)state;
    tally counts = sweep(SPOIL_SYNC);
    assert_int_equal(counts.failed, 0);
    assert_true(counts.unknown_done >= 1);
}

static void append__failed_write_keeps_its_word(void **state)
{
    (void)state;
    tally counts = sweep(SPOIL_WRITE);
    assert_true(counts.failed + counts.unknown >= 4);
    assert_int_equal(counts.unknown_done, 0);
}

static void append__write_done_but_reported_failed_is_never_failed_and_there(void **state)
{
    (void)state;
    tally counts = sweep(SPOIL_WRITE_DONE);
    assert_true(counts.unknown_done >= 1); /* the last frame carries the commit */
}

static void append__full_disk_at_any_write_is_disk_full_and_nothing_changed(void **state)
{
    (void)state;
    tally full = sweep(SPOIL_WRITE_FULL);
    assert_true(full.failed >= 4);
    assert_int_equal(full.unknown, 0);
    tally quota = sweep(SPOIL_WRITE_QUOTA);
    assert_int_equal(quota.failed, full.failed);
    assert_int_equal(quota.unknown, 0);
}

static void create__spoiled_at_any_write_leaves_no_ledger(void **state)
{
    (void)state;
    const char *dir = zd_test_dir("vfs");
    unsigned refused = 0;
    for (unsigned at = 1;; at++) {
        char path[600];
        zd_store *store = NULL;
        zd_error answer = {0};
        zd_format(path, sizeof path, "%s/%u.db", dir, at);
        control.what = SPOIL_WRITE_FULL;
        control.at = at;
        control.seen = 0;
        control.hit = false;
        zd_status status = zd_store_open_sqlite(&store, path, ZD_STORE_CREATE, &answer);
        bool hit = control.hit;
        control.at = 0;
        if (status == ZD_OK) {
            zd_store_close(store);
            if (!hit) {
                break;
            }
            continue; /* a checkpoint, which a commit does not need */
        }
        refused++;
        assert_int_equal(answer.code, ZD_E_DISK_FULL);
        /* Either no file of that name, or a whole ledger that only its first writer could not be noted in. */
        if (zd_store_open_sqlite(&store, path, ZD_STORE_WRITE, NULL) == ZD_OK) {
            zd_rows_assert(store, 0);
            zd_store_close(store);
        } else {
            assert_code(zd_store_open_sqlite(&store, path, ZD_STORE_READ, err), ZD_E_LEDGER_MISSING);
        }
        assert_int_equal(zd_test_shell(NULL, "ls '%s' | grep -q new-", dir), 1);
    }
    assert_true(refused >= 5);
    zd_test_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(append__failed_sync_is_unknown_and_may_be_there),
        cmocka_unit_test(append__failed_write_keeps_its_word),
        cmocka_unit_test(append__write_done_but_reported_failed_is_never_failed_and_there),
        cmocka_unit_test(append__full_disk_at_any_write_is_disk_full_and_nothing_changed),
        cmocka_unit_test(create__spoiled_at_any_write_leaves_no_ledger),
    };
    zd_test_start();
    layer_on();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
