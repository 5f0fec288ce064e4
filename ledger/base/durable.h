/*
 * Files that survive a power cut: temporary name, write, fsync, rename, fsync of the directory. Also whole-file
 * reads with a size cap and the one-writer lock. Knows nothing of what the files mean.
 */
#ifndef ZD_BASE_DURABLE_H
#define ZD_BASE_DURABLE_H

#include "ledger/base/error.h"

/* Appends the whole file to out; refuses files over max_size. Errors: FILE_MISSING, FILE_IO, FILE_TOO_LARGE. */
zd_status zd_file_read(zd_buf *out, const char *path, size_t max_size, zd_error *err);
/* Replaces path atomically with content, mode as given (e.g. 0644). Errors: FILE_IO, DISK_FULL. */
zd_status zd_file_write(const char *path, zd_span content, unsigned mode, zd_error *err);
/* Creates path with O_EXCL; FILE_EXISTS when there is one. For keys. */
zd_status zd_file_create(const char *path, zd_span content, unsigned mode, zd_error *err);
/* mkdir -p, mode 0755 (or as given for the last one). */
zd_status zd_dir_make(const char *path, unsigned mode, zd_error *err);
/* mkdir -p of the folder that path lies in. */
zd_status zd_dir_make_parents(const char *path, zd_error *err);
zd_status zd_dir_sync(const char *path, zd_error *err);
/* The same for the folder that path lies in: makes a new or removed name durable. */
zd_status zd_dir_sync_parent(const char *path, zd_error *err);
bool zd_path_exists(const char *path);
/* "dir/name" into out (cleared first); returns its text, valid until out changes. */
const char *zd_path_join(zd_buf *out, const char *dir, const char *name);

/* flock(2) on a file of that name inside dir: held until zd_lock_release. LEDGER_LOCKED when another holds it, LEDGER_READ_ONLY when it may not be written. */
typedef struct zd_lock zd_lock;
zd_status zd_lock_take(zd_lock **out, const char *dir, const char *name, zd_error *err);
void zd_lock_release(zd_lock *lock); /* NULL is fine */

#endif
